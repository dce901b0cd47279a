CREATE FUNCTION salesperf.tier_level(tiers salesperf.tiers, value numeric) RETURNS integer
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'spm_tier_level';
COMMENT ON FUNCTION salesperf.tier_level(salesperf.tiers, numeric) IS
    'number of the tier that a value reaches, from 1; 0 below the first; a return has the level of its magnitude unless the first threshold is negative; NULL for NULL; error 22023 for NaN and infinity';

CREATE FUNCTION salesperf.tier_rate(tiers salesperf.tiers, value numeric) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'spm_tier_rate';
COMMENT ON FUNCTION salesperf.tier_rate(salesperf.tiers, numeric) IS
    'rate that the base is paid at, as a fraction (0.08 for 8%): the reached tier''s, interpolated, or for graduated the blended one (at 0 the first); 0 below the first threshold; NULL where an amount is reached, and for NULL; error 22023 for NaN and infinity';

CREATE FUNCTION salesperf.tier_payout(tiers salesperf.tiers, value numeric) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'spm_tier_payout';
COMMENT ON FUNCTION salesperf.tier_payout(salesperf.tiers, numeric) IS
    'payout on a value that is its own base, in its unit and not rounded; as with three arguments';

CREATE FUNCTION salesperf.tier_payout(tiers salesperf.tiers, value numeric, base numeric) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'spm_tier_payout';
COMMENT ON FUNCTION salesperf.tier_payout(salesperf.tiers, numeric, numeric) IS
    'payout on a base by the tier of a value, in the base''s unit and not rounded (quotients to at least 20 decimals): slab percent × base or amount; graduated sum of percent × part of base inside each tier, plus amounts reached; interpolated percent × base or amount, linear between points; excess percent × base × (value − first) / value; 0 below the first threshold; returns mirrored; NULL for NULL; error 22023 for NaN and infinity';

CREATE FUNCTION salesperf.tier_explain(
    tiers salesperf.tiers, value numeric,
    OUT level integer, OUT threshold numeric, OUT rate numeric, OUT part_of_base numeric, OUT amount numeric
) RETURNS SETOF record
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 3 AS 'MODULE_PATHNAME', 'spm_tier_explain';
COMMENT ON FUNCTION salesperf.tier_explain(salesperf.tiers, numeric) IS
    'payout on a value that is its own base, taken apart; as with three arguments';

CREATE FUNCTION salesperf.tier_explain(
    tiers salesperf.tiers, value numeric, base numeric,
    OUT level integer, OUT threshold numeric, OUT rate numeric, OUT part_of_base numeric, OUT amount numeric
) RETURNS SETOF record
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 3 AS 'MODULE_PATHNAME', 'spm_tier_explain';
COMMENT ON FUNCTION salesperf.tier_explain(salesperf.tiers, numeric, numeric) IS
    'payout taken apart: graduated a row for each tier reached, else one for the tier reached; amounts sum to tier_payout exactly; rate NULL for an amount; one row of level 0 and amount 0 below the first threshold; no rows for NULL';

CREATE FUNCTION salesperf.tier_next_threshold(tiers salesperf.tiers, value numeric) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'spm_tier_next_threshold';
COMMENT ON FUNCTION salesperf.tier_next_threshold(salesperf.tiers, numeric) IS
    'lowest threshold that a value has not reached; not mirrored; NULL past the last, and for NULL; error 22023 for NaN and infinity';

CREATE FUNCTION salesperf.tier_gap(tiers salesperf.tiers, value numeric) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'spm_tier_gap';
COMMENT ON FUNCTION salesperf.tier_gap(salesperf.tiers, numeric) IS
    'next threshold − value; NULL past the last, and for NULL; error 22023 for NaN and infinity';

CREATE FUNCTION salesperf.tier_progress(tiers salesperf.tiers, value numeric) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'spm_tier_progress';
COMMENT ON FUNCTION salesperf.tier_progress(salesperf.tiers, numeric) IS
    'way made to the next threshold, 0 to 1: (value − reached) / (next − reached), below the first value / first, not under 0; 1 past the last; NULL for NULL; error 22023 for NaN and infinity';

CREATE FUNCTION salesperf.tier_highest_threshold(tiers salesperf.tiers) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'spm_tier_highest_threshold';
COMMENT ON FUNCTION salesperf.tier_highest_threshold(salesperf.tiers) IS
    'threshold of the last tier; NULL for NULL';

CREATE FUNCTION salesperf.tiers_eq(a salesperf.tiers, b salesperf.tiers) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'spm_tiers_eq';
COMMENT ON FUNCTION salesperf.tiers_eq(salesperf.tiers, salesperf.tiers) IS
    'whether two schedules have the same mode and tiers';

CREATE FUNCTION salesperf.tiers_ne(a salesperf.tiers, b salesperf.tiers) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'spm_tiers_ne';
COMMENT ON FUNCTION salesperf.tiers_ne(salesperf.tiers, salesperf.tiers) IS
    'whether two schedules differ in mode or tiers';

CREATE FUNCTION salesperf.tiers_hash(tiers salesperf.tiers) RETURNS integer
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'spm_tiers_hash';
COMMENT ON FUNCTION salesperf.tiers_hash(salesperf.tiers) IS 'hash of a schedule';

CREATE FUNCTION salesperf.tiers_hash_extended(tiers salesperf.tiers, seed bigint) RETURNS bigint
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'spm_tiers_hash_extended';
COMMENT ON FUNCTION salesperf.tiers_hash_extended(salesperf.tiers, bigint) IS 'seeded hash of a schedule';

CREATE FUNCTION salesperf.tiers_to_jsonb(tiers salesperf.tiers) RETURNS jsonb
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'spm_tiers_to_jsonb';
COMMENT ON FUNCTION salesperf.tiers_to_jsonb(salesperf.tiers) IS
    'schedule as {"mode": …, "tiers": [{"threshold": …, "above": …, "percent" or "amount": …}, …]}';

CREATE FUNCTION salesperf.tiers_from_jsonb(schedule jsonb) RETURNS salesperf.tiers
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'spm_tiers_from_jsonb';
COMMENT ON FUNCTION salesperf.tiers_from_jsonb(jsonb) IS
    'schedule from the form of tiers_to_jsonb; mode and above may be left out; error 22023 names the place of what is wrong';
