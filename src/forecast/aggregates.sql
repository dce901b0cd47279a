CREATE FUNCTION salesperf.forecast_series_add(state pg_catalog.internal, value numeric, horizon integer) RETURNS pg_catalog.internal
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'spm_forecast_series_add';
COMMENT ON FUNCTION salesperf.forecast_series_add(pg_catalog.internal, numeric, integer) IS 'transition of forecast_series';

CREATE FUNCTION salesperf.forecast_series_add(state pg_catalog.internal, value numeric, horizon integer, season integer) RETURNS pg_catalog.internal
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'spm_forecast_series_add';
COMMENT ON FUNCTION salesperf.forecast_series_add(pg_catalog.internal, numeric, integer, integer) IS 'transition of forecast_series';

CREATE FUNCTION salesperf.forecast_series_add(state pg_catalog.internal, value numeric, horizon integer, season integer, method text) RETURNS pg_catalog.internal
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'spm_forecast_series_add';
COMMENT ON FUNCTION salesperf.forecast_series_add(pg_catalog.internal, numeric, integer, integer, text) IS 'transition of forecast_series';

CREATE FUNCTION salesperf.forecast_series_add(state pg_catalog.internal, value numeric, horizon integer, season integer, method text, level float8) RETURNS pg_catalog.internal
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'spm_forecast_series_add';
COMMENT ON FUNCTION salesperf.forecast_series_add(pg_catalog.internal, numeric, integer, integer, text, float8) IS 'transition of forecast_series';

CREATE FUNCTION salesperf.forecast_series_result(state pg_catalog.internal) RETURNS salesperf.forecast_step[]
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100000 AS 'MODULE_PATHNAME', 'spm_forecast_series_result';
COMMENT ON FUNCTION salesperf.forecast_series_result(pg_catalog.internal) IS 'result of forecast_series';

CREATE AGGREGATE salesperf.forecast_series(value numeric, horizon integer) (
    SFUNC = salesperf.forecast_series_add,
    STYPE = pg_catalog.internal,
    SSPACE = 1000,
    FINALFUNC = salesperf.forecast_series_result,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE salesperf.forecast_series(numeric, integer) IS
'forecast() of the values of a group, which ORDER BY in the call puts in order, as an array of steps; a NULL value is a gap and interpolated; NULL without values; the other arguments are those of the first row; season 12, method auto, level 0.95';

CREATE AGGREGATE salesperf.forecast_series(value numeric, horizon integer, season integer) (
    SFUNC = salesperf.forecast_series_add,
    STYPE = pg_catalog.internal,
    SSPACE = 1000,
    FINALFUNC = salesperf.forecast_series_result,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE salesperf.forecast_series(numeric, integer, integer) IS
'forecast() of the values of a group, which ORDER BY in the call puts in order, as an array of steps; a NULL value is a gap and interpolated; NULL without values; the other arguments are those of the first row; method auto, level 0.95';

CREATE AGGREGATE salesperf.forecast_series(value numeric, horizon integer, season integer, method text) (
    SFUNC = salesperf.forecast_series_add,
    STYPE = pg_catalog.internal,
    SSPACE = 1000,
    FINALFUNC = salesperf.forecast_series_result,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE salesperf.forecast_series(numeric, integer, integer, text) IS
'forecast() of the values of a group, which ORDER BY in the call puts in order, as an array of steps; a NULL value is a gap and interpolated; NULL without values; the other arguments are those of the first row; level 0.95';

CREATE AGGREGATE salesperf.forecast_series(value numeric, horizon integer, season integer, method text, level float8) (
    SFUNC = salesperf.forecast_series_add,
    STYPE = pg_catalog.internal,
    SSPACE = 1000,
    FINALFUNC = salesperf.forecast_series_result,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE salesperf.forecast_series(numeric, integer, integer, text, float8) IS
'forecast() of the values of a group, which ORDER BY in the call puts in order, as an array of steps; a NULL value is a gap and interpolated; NULL without values; the other arguments are those of the first row';
