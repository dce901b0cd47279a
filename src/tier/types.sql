CREATE TYPE salesperf.tiers;

CREATE FUNCTION salesperf.tiers_in(input pg_catalog.cstring) RETURNS salesperf.tiers
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'spm_tiers_in';
COMMENT ON FUNCTION salesperf.tiers_in(pg_catalog.cstring) IS 'I/O';

CREATE FUNCTION salesperf.tiers_out(tiers salesperf.tiers) RETURNS pg_catalog.cstring
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'spm_tiers_out';
COMMENT ON FUNCTION salesperf.tiers_out(salesperf.tiers) IS 'I/O';

CREATE FUNCTION salesperf.tiers_recv(message pg_catalog.internal) RETURNS salesperf.tiers
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'spm_tiers_recv';
COMMENT ON FUNCTION salesperf.tiers_recv(pg_catalog.internal) IS 'I/O';

CREATE FUNCTION salesperf.tiers_send(tiers salesperf.tiers) RETURNS pg_catalog.bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'spm_tiers_send';
COMMENT ON FUNCTION salesperf.tiers_send(salesperf.tiers) IS 'I/O';

CREATE TYPE salesperf.tiers (
    INPUT = salesperf.tiers_in,
    OUTPUT = salesperf.tiers_out,
    RECEIVE = salesperf.tiers_recv,
    SEND = salesperf.tiers_send,
    STORAGE = extended
);
COMMENT ON TYPE salesperf.tiers IS
    'tier schedule: [mode;] threshold: rate, …, mode slab (default), graduated, interpolated or excess';
