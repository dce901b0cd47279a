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
