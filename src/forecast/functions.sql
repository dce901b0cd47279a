CREATE FUNCTION salesperf.elapsed_share(starts_on date, ends_on date, as_of date)
RETURNS numeric
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'spm_elapsed_share';
COMMENT ON FUNCTION salesperf.elapsed_share(date, date, date) IS
'passed part of a period, as_of included: (as_of - starts_on + 1) / (ends_on - starts_on + 1), clamped to 0…1; NULL for a NULL; 22023 for a period that is infinite or ends before it starts';

CREATE FUNCTION salesperf.expected_to_date(amount numeric, starts_on date, ends_on date, as_of date)
RETURNS numeric
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'spm_expected_to_date';
COMMENT ON FUNCTION salesperf.expected_to_date(numeric, date, date, date) IS
'amount * elapsed_share(), multiplied out first: 0 before the period, all of it after';

CREATE FUNCTION salesperf.project(actual numeric, starts_on date, ends_on date, as_of date)
RETURNS numeric
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'spm_project';
COMMENT ON FUNCTION salesperf.project(numeric, date, date, date) IS
'run-rate projection to the end of the period: actual / elapsed_share(), unrounded; NULL before the period';

CREATE FUNCTION salesperf.period_status(starts_on date, ends_on date, as_of date)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN as_of < starts_on THEN 'upcoming' WHEN as_of > ends_on THEN 'expired' ELSE 'active' END;
COMMENT ON FUNCTION salesperf.period_status(date, date, date) IS
'upcoming, active or expired: where a day is before, in or after a period';

CREATE FUNCTION salesperf.forecast(
    series numeric[],
    horizon integer,
    season integer DEFAULT 12,
    method text DEFAULT 'auto',
    level float8 DEFAULT 0.95,
    missing text DEFAULT 'interpolate')
RETURNS TABLE (step integer, forecast float8, lower float8, upper float8)
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 12 COST 100000
AS 'MODULE_PATHNAME', 'spm_forecast_array';
COMMENT ON FUNCTION salesperf.forecast(numeric[], integer, integer, text, float8, text) IS
'forecast of equally spaced values, oldest first, for steps 1 … horizon (at most 1000) with limits that hold with probability level; season: values in a season, 1 for none; method: auto, fast, seasonal_naive, theta, ets, intermittent; a NULL value is a gap: missing interpolate or zero; no row without values; 22023 for an argument out of range or a value that is not finite';

CREATE FUNCTION salesperf.backtest(
    series numeric[],
    horizon integer,
    season integer DEFAULT 12,
    method text DEFAULT 'auto',
    origins integer DEFAULT 1,
    level float8 DEFAULT 0.95,
    missing text DEFAULT 'interpolate',
    OUT forecasts integer,
    OUT smape float8,
    OUT mase float8,
    OUT coverage float8,
    OUT msis float8)
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000000
AS 'MODULE_PATHNAME', 'spm_backtest';
COMMENT ON FUNCTION salesperf.backtest(numeric[], integer, integer, text, integer, float8, text) IS
'accuracy of forecast() from each of the last origins that leave horizon values to compare with, mean over origins: number of values compared; sMAPE in percent; MASE, errors over those of the value a season before; coverage, share of values inside the limits; MSIS, width of the limits with 2 / (1 - level) times what is outside, scaled as MASE; NULL where nothing can be scaled by; 22023 if the series has less than horizon + origins values';

CREATE FUNCTION salesperf.compare_methods(
    series numeric[],
    horizon integer,
    season integer DEFAULT 12,
    origins integer DEFAULT 1,
    level float8 DEFAULT 0.95,
    missing text DEFAULT 'interpolate')
RETURNS TABLE (method text, smape float8, mase float8, coverage float8, msis float8)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 6 COST 1000000
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT m.method, b.smape, b.mase, b.coverage, b.msis
    FROM unnest('{auto,fast,seasonal_naive,theta,ets,intermittent}'::text[]) WITH ORDINALITY m (method, n)
    CROSS JOIN LATERAL salesperf.backtest($1, $2, $3, m.method, $4, $5, $6) b
    ORDER BY b.mase, b.smape, m.n
$function$;
COMMENT ON FUNCTION salesperf.compare_methods(numeric[], integer, integer, integer, float8, text) IS
'backtest() of every method on one series, best MASE first';

CREATE FUNCTION salesperf.project_period(
    actual numeric,
    starts_on date,
    ends_on date,
    as_of date,
    prior numeric DEFAULT NULL,
    target numeric DEFAULT NULL,
    history numeric[] DEFAULT NULL,
    history_starts_on date DEFAULT NULL,
    closed_days date[] DEFAULT NULL,
    profile text DEFAULT 'profile',
    past_priors numeric[] DEFAULT NULL,
    prior_is_target boolean DEFAULT true,
    level float8 DEFAULT 0.95,
    OUT projected float8,
    OUT lower float8,
    OUT upper float8,
    OUT probability float8,
    OUT elapsed float8,
    OUT prior_used float8,
    OUT reliable boolean)
LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100000
AS 'MODULE_PATHNAME', 'spm_project_period';
COMMENT ON FUNCTION salesperf.project_period(numeric, date, date, date, numeric, numeric, numeric[], date, date[], text, numeric[], boolean, float8) IS
'total of a running period at its end, actual being what counts up to and including as_of: the run rate by the profile of days and the prior total, weighed by credibility; lower and upper hold with probability level; probability of reaching the target; elapsed share by the profile; history: sales by day from history_starts_on, NULL where closed or not known; closed_days: also to come; profile: profile (by history), business (open days), linear; prior NULL: forecast from the history, or the run rate alone; past_priors: of the periods before, newest last, teach how far priors are off; NULL for a NULL actual, day, profile or level; 22023 for an argument out of range';

CREATE FUNCTION salesperf.project_share(
    actual numeric,
    elapsed numeric,
    prior numeric,
    target numeric,
    flow_variance float8 DEFAULT NULL,
    level float8 DEFAULT 0.95,
    OUT projected float8,
    OUT lower float8,
    OUT upper float8,
    OUT probability float8)
LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10
AS 'MODULE_PATHNAME', 'spm_project_share';
COMMENT ON FUNCTION salesperf.project_share(numeric, numeric, numeric, numeric, float8, float8) IS
'project_period() without a history, by the elapsed share of the period alone; prior NULL: the run rate; target NULL: no probability; flow_variance: of the run rate, as measure_flow() has it, NULL: 0.001; NULL for a NULL actual, elapsed or level, and for a figure that is too large';

CREATE FUNCTION salesperf.forecast_svg(
    series numeric[],
    horizon integer,
    season integer DEFAULT 12,
    method text DEFAULT 'auto',
    level float8 DEFAULT 0.95,
    missing text DEFAULT 'interpolate',
    title text DEFAULT NULL,
    starts_on date DEFAULT NULL)
RETURNS text
LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100000
AS 'MODULE_PATHNAME', 'spm_forecast_svg';
COMMENT ON FUNCTION salesperf.forecast_svg(numeric[], integer, integer, text, float8, text, text, date) IS
'a series and its forecast() with the band between the limits, as an SVG picture; starts_on: day of the first value, for labels, values being months, quarters, weeks, years or days apart by their season of 12, 4, 52, 1 or another; the last 2000 values are drawn; NULL without values or for a NULL argument but title and starts_on; 22023 as forecast()';
