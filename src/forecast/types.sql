CREATE TYPE salesperf.forecast_step AS (
    step integer,
    forecast float8,
    lower float8,
    upper float8);
COMMENT ON TYPE salesperf.forecast_step IS
'one step of a forecast with its limits, as forecast_series() returns an array of';
