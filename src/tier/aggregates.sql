CREATE FUNCTION salesperf.tier_payout_sum_add(state pg_catalog.internal, tiers salesperf.tiers, value numeric) RETURNS pg_catalog.internal
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'spm_tier_payout_sum_add';
COMMENT ON FUNCTION salesperf.tier_payout_sum_add(pg_catalog.internal, salesperf.tiers, numeric) IS 'transition of tier_payout_sum';

CREATE FUNCTION salesperf.tier_payout_sum_add(state pg_catalog.internal, tiers salesperf.tiers, value numeric, base numeric) RETURNS pg_catalog.internal
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'spm_tier_payout_sum_add';
COMMENT ON FUNCTION salesperf.tier_payout_sum_add(pg_catalog.internal, salesperf.tiers, numeric, numeric) IS 'transition of tier_payout_sum with a base';

CREATE FUNCTION salesperf.tier_payout_sum_remove(state pg_catalog.internal, tiers salesperf.tiers, value numeric) RETURNS pg_catalog.internal
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'spm_tier_payout_sum_remove';
COMMENT ON FUNCTION salesperf.tier_payout_sum_remove(pg_catalog.internal, salesperf.tiers, numeric) IS 'inverse transition of tier_payout_sum';

CREATE FUNCTION salesperf.tier_payout_sum_remove(state pg_catalog.internal, tiers salesperf.tiers, value numeric, base numeric) RETURNS pg_catalog.internal
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'spm_tier_payout_sum_remove';
COMMENT ON FUNCTION salesperf.tier_payout_sum_remove(pg_catalog.internal, salesperf.tiers, numeric, numeric) IS 'inverse transition of tier_payout_sum with a base';

CREATE FUNCTION salesperf.tier_payout_sum_merge(state pg_catalog.internal, other pg_catalog.internal) RETURNS pg_catalog.internal
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'spm_tier_payout_sum_merge';
COMMENT ON FUNCTION salesperf.tier_payout_sum_merge(pg_catalog.internal, pg_catalog.internal) IS 'combination of tier_payout_sum';

CREATE FUNCTION salesperf.tier_payout_sum_save(state pg_catalog.internal) RETURNS pg_catalog.bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'spm_tier_payout_sum_save';
COMMENT ON FUNCTION salesperf.tier_payout_sum_save(pg_catalog.internal) IS 'serialization of tier_payout_sum';

CREATE FUNCTION salesperf.tier_payout_sum_load(saved pg_catalog.bytea, unused pg_catalog.internal) RETURNS pg_catalog.internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'spm_tier_payout_sum_load';
COMMENT ON FUNCTION salesperf.tier_payout_sum_load(pg_catalog.bytea, pg_catalog.internal) IS 'deserialization of tier_payout_sum';

CREATE FUNCTION salesperf.tier_payout_sum_result(state pg_catalog.internal) RETURNS numeric
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'spm_tier_payout_sum_result';
COMMENT ON FUNCTION salesperf.tier_payout_sum_result(pg_catalog.internal) IS 'result of tier_payout_sum';

CREATE AGGREGATE salesperf.tier_payout_sum(tiers salesperf.tiers, value numeric) (
    SFUNC = salesperf.tier_payout_sum_add,
    STYPE = pg_catalog.internal,
    SSPACE = 1000,
    FINALFUNC = salesperf.tier_payout_sum_result,
    COMBINEFUNC = salesperf.tier_payout_sum_merge,
    SERIALFUNC = salesperf.tier_payout_sum_save,
    DESERIALFUNC = salesperf.tier_payout_sum_load,
    MSFUNC = salesperf.tier_payout_sum_add,
    MINVFUNC = salesperf.tier_payout_sum_remove,
    MSTYPE = pg_catalog.internal,
    MSSPACE = 1000,
    MFINALFUNC = salesperf.tier_payout_sum_result,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE salesperf.tier_payout_sum(salesperf.tiers, numeric) IS
    'sum of tier_payout(tiers, value), exact; rows with a NULL do not count; NULL without rows';

CREATE AGGREGATE salesperf.tier_payout_sum(tiers salesperf.tiers, value numeric, base numeric) (
    SFUNC = salesperf.tier_payout_sum_add,
    STYPE = pg_catalog.internal,
    SSPACE = 1000,
    FINALFUNC = salesperf.tier_payout_sum_result,
    COMBINEFUNC = salesperf.tier_payout_sum_merge,
    SERIALFUNC = salesperf.tier_payout_sum_save,
    DESERIALFUNC = salesperf.tier_payout_sum_load,
    MSFUNC = salesperf.tier_payout_sum_add,
    MINVFUNC = salesperf.tier_payout_sum_remove,
    MSTYPE = pg_catalog.internal,
    MSSPACE = 1000,
    MFINALFUNC = salesperf.tier_payout_sum_result,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE salesperf.tier_payout_sum(salesperf.tiers, numeric, numeric) IS
    'sum of tier_payout(tiers, value, base), exact; rows with a NULL do not count; NULL without rows';
