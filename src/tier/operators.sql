CREATE OPERATOR salesperf.= (
    LEFTARG = salesperf.tiers, RIGHTARG = salesperf.tiers, FUNCTION = salesperf.tiers_eq,
    COMMUTATOR = OPERATOR(salesperf.=), NEGATOR = OPERATOR(salesperf.<>),
    RESTRICT = pg_catalog.eqsel, JOIN = pg_catalog.eqjoinsel, HASHES
);
COMMENT ON OPERATOR salesperf.= (salesperf.tiers, salesperf.tiers) IS 'same schedule';

CREATE OPERATOR salesperf.<> (
    LEFTARG = salesperf.tiers, RIGHTARG = salesperf.tiers, FUNCTION = salesperf.tiers_ne,
    COMMUTATOR = OPERATOR(salesperf.<>), NEGATOR = OPERATOR(salesperf.=),
    RESTRICT = pg_catalog.neqsel, JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR salesperf.<> (salesperf.tiers, salesperf.tiers) IS 'different schedules';

CREATE OPERATOR CLASS salesperf.tiers_hash_ops
DEFAULT FOR TYPE salesperf.tiers USING hash AS
    OPERATOR 1 salesperf.= (salesperf.tiers, salesperf.tiers),
    FUNCTION 1 salesperf.tiers_hash(salesperf.tiers),
    FUNCTION 2 salesperf.tiers_hash_extended(salesperf.tiers, bigint);
COMMENT ON OPERATOR FAMILY salesperf.tiers_hash_ops USING hash IS 'hashing of schedules';
COMMENT ON OPERATOR CLASS salesperf.tiers_hash_ops USING hash IS 'hashing of schedules';

CREATE CAST (salesperf.tiers AS jsonb) WITH FUNCTION salesperf.tiers_to_jsonb(salesperf.tiers);
COMMENT ON CAST (salesperf.tiers AS jsonb) IS 'schedule as an object';

CREATE CAST (jsonb AS salesperf.tiers) WITH FUNCTION salesperf.tiers_from_jsonb(jsonb);
COMMENT ON CAST (jsonb AS salesperf.tiers) IS 'schedule from an object';
