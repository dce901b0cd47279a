CREATE FUNCTION salesperf.measure_scope(
    metric text,
    starts_on date,
    ends_on date,
    sellers text[] DEFAULT NULL,
    units text[] DEFAULT NULL,
    customers text[] DEFAULT NULL,
    sectors text[] DEFAULT NULL,
    regions text[] DEFAULT NULL,
    segments text[] DEFAULT NULL,
    products text[] DEFAULT NULL,
    brands text[] DEFAULT NULL,
    families text[] DEFAULT NULL,
    branches text[] DEFAULT NULL,
    sale_types text[] DEFAULT NULL,
    sources text[] DEFAULT NULL,
    exclude_customers text[] DEFAULT NULL,
    exclude_products text[] DEFAULT NULL,
    exclude_brands text[] DEFAULT NULL,
    exclude_families text[] DEFAULT NULL,
    exclude_branches text[] DEFAULT NULL)
RETURNS jsonb
LANGUAGE C IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'spm_measure_scope';
COMMENT ON FUNCTION salesperf.measure_scope(text, date, date, text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[]) IS
'canonical form of metric, period (both days included) and filters, of which NULL means any; NULL for a NULL metric or period; 22023 for a metric that does not exist';

CREATE FUNCTION salesperf.measure_id(scope jsonb)
RETURNS bigint
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'spm_measure_id';
COMMENT ON FUNCTION salesperf.measure_id(jsonb) IS
'id of the measure with a scope, a hash of it below 2^53: equal scopes share one measure';

-- Parallel unsafe: it works in subtransactions, and this transaction's own
-- changes are known to the leader alone.
CREATE FUNCTION salesperf.measure_figure(scope jsonb)
RETURNS numeric
LANGUAGE C STABLE STRICT PARALLEL UNSAFE COST 100
AS 'MODULE_PATHNAME', 'spm_measure_figure';
COMMENT ON FUNCTION salesperf.measure_figure(jsonb) IS
'actual of a scope under the caller''s snapshot, its own changes included, unrounded, over all sales whoever asks; 0 without sales, NULL while a source cannot be read';
REVOKE ALL ON FUNCTION salesperf.measure_figure(jsonb) FROM PUBLIC;

CREATE FUNCTION salesperf.measure_figures(scopes jsonb[])
RETURNS TABLE (scope jsonb, actual numeric)
LANGUAGE C STABLE STRICT PARALLEL UNSAFE ROWS 1000 COST 1000
AS 'MODULE_PATHNAME', 'spm_measure_figures';
COMMENT ON FUNCTION salesperf.measure_figures(jsonb[]) IS
'actuals of scopes, as measure_figure(), those that are not kept in one pass over the sources';
REVOKE ALL ON FUNCTION salesperf.measure_figures(jsonb[]) FROM PUBLIC;

CREATE FUNCTION salesperf.measure_months(scope jsonb)
RETURNS TABLE (month date, actual numeric)
LANGUAGE C STABLE STRICT PARALLEL UNSAFE ROWS 12 COST 100
AS 'MODULE_PATHNAME', 'spm_measure_months';
COMMENT ON FUNCTION salesperf.measure_months(jsonb) IS
'actual of a scope by calendar month, its first day, unrounded; only months with sales, none while a source cannot be read; a document is of the month of its first sale';
REVOKE ALL ON FUNCTION salesperf.measure_months(jsonb) FROM PUBLIC;

CREATE FUNCTION salesperf.scope_keys(scope jsonb)
RETURNS TABLE (filter_column smallint, key text)
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'spm_scope_keys';
COMMENT ON FUNCTION salesperf.scope_keys(jsonb) IS
'keys that table build_key lists a scope under: those of the filter that leaves the fewest sales, or -1 and an empty key where no filter includes anything';
REVOKE ALL ON FUNCTION salesperf.scope_keys(jsonb) FROM PUBLIC;

CREATE FUNCTION salesperf.scope_form(scope jsonb)
RETURNS bytea
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'spm_scope_form_of';
COMMENT ON FUNCTION salesperf.scope_form(jsonb) IS
'a scope as bytes that writers read faster than jsonb; of this machine''s byte order, so for derived tables alone';
REVOKE ALL ON FUNCTION salesperf.scope_form(jsonb) FROM PUBLIC;

CREATE FUNCTION salesperf.build_entry(build_id integer, scope jsonb)
RETURNS bytea
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'spm_build_entry';
COMMENT ON FUNCTION salesperf.build_entry(integer, jsonb) IS
'a build as table build_key lists it under its keys: its number and scope_form() without the keys, or the number alone where many units or families are named';
REVOKE ALL ON FUNCTION salesperf.build_entry(integer, jsonb) FROM PUBLIC;

CREATE FUNCTION salesperf.directory_of_keys()
RETURNS TABLE (first_slot integer, slot_count integer, last_build integer, slots bytea)
LANGUAGE C VOLATILE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'spm_directory_of_keys';
COMMENT ON FUNCTION salesperf.directory_of_keys() IS
'rows of table key_directory for the rows that table build_key has now; of this machine''s byte order, so for derived tables alone';
REVOKE ALL ON FUNCTION salesperf.directory_of_keys() FROM PUBLIC;

CREATE FUNCTION salesperf.scope_uses(scope jsonb)
RETURNS integer
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'spm_scope_uses_of';
COMMENT ON FUNCTION salesperf.scope_uses(jsonb) IS
'bits of what a scope uses of sales: columns that it filters by, the one that it is listed by, and whether it counts documents';
REVOKE ALL ON FUNCTION salesperf.scope_uses(jsonb) FROM PUBLIC;

CREATE FUNCTION salesperf.measure_flow(scope jsonb, starts_on date, ends_on date, as_of date)
RETURNS float8
LANGUAGE C STABLE STRICT PARALLEL UNSAFE COST 100
AS 'MODULE_PATHNAME', 'spm_measure_flow';
COMMENT ON FUNCTION salesperf.measure_flow(jsonb, date, date, date) IS
'relative variance of what a period brings in, by how much its whole calendar months up to a day differ from each other; NULL if fewer than three have passed or a source cannot be read';
REVOKE ALL ON FUNCTION salesperf.measure_flow(jsonb, date, date, date) FROM PUBLIC;

CREATE FUNCTION salesperf.forecast_months(scopes jsonb[], known jsonb[], horizon integer, method text, level float8)
RETURNS TABLE (month date, forecast float8, lower float8, upper float8)
LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE ROWS 12 COST 100000
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    series numeric[];
    last_month date;
BEGIN
    WITH own AS (
        SELECT DISTINCT o.scope - 'starts_on' - 'ends_on' AS filters FROM unnest(scopes) o (scope)
    ), part AS (
        SELECT DISTINCT o.filters, k.scope, (k.scope ->> 'starts_on')::date AS starts_on,
            least((k.scope ->> 'ends_on')::date, date_trunc('month', salesperf.today())::date - 1) AS ends_on
        FROM own o
        JOIN unnest(scopes || known) k (scope) ON k.scope - 'starts_on' - 'ends_on' = o.filters
    ), figure AS (
        -- A month counts where a scope has all of it; without sales it is 0.
        SELECT DISTINCT ON (p.filters, g.month) p.filters, g.month::date AS month, coalesce(m.actual, 0) AS actual
        FROM part p
        CROSS JOIN LATERAL generate_series(date_trunc('month', p.starts_on + interval '1 month' - interval '1 day'),
            p.ends_on + interval '1 day' - interval '1 month', '1 month') g (month)
        LEFT JOIN LATERAL salesperf.measure_months(p.scope) m ON m.month = g.month::date
        ORDER BY p.filters, g.month, p.starts_on
    ), total AS (
        SELECT f.month, sum(f.actual) AS actual
        FROM figure f
        GROUP BY f.month
        HAVING count(*) = (SELECT count(*) FROM own)
    ), span AS (
        SELECT min(t.month) AS first_month, max(t.month) AS last_month FROM total t
    )
    SELECT array_agg(t.actual ORDER BY g.month), min(s.last_month)
    INTO series, last_month
    FROM span s
    CROSS JOIN LATERAL generate_series(s.first_month::timestamp, s.last_month, '1 month') g (month)
    LEFT JOIN total t ON t.month = g.month::date;

    RETURN QUERY
    SELECT (last_month + f.step * interval '1 month')::date, f.forecast, f.lower, f.upper
    FROM salesperf.forecast(coalesce(series, '{}'), horizon, 12, method, level) f
    ORDER BY f.step;
END
$function$;
COMMENT ON FUNCTION salesperf.forecast_months(jsonb[], jsonb[], integer, text, float8) IS
'forecast() of the sum of scopes by month, from their own whole months before the current one and those of known scopes that differ by their period alone; the first step is the month after the last of these; no rows without any';
REVOKE ALL ON FUNCTION salesperf.forecast_months(jsonb[], jsonb[], integer, text, float8) FROM PUBLIC;

CREATE FUNCTION salesperf.measure_actual(measure_id bigint)
RETURNS numeric
LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE COST 200
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN (SELECT salesperf.measure_figure(r.scope)
            FROM salesperf.measure_reader r
            WHERE r.measure_id = measure_actual.measure_id
            LIMIT 1);
END
$function$;
COMMENT ON FUNCTION salesperf.measure_actual(bigint) IS
'actual of a measure that a target or agreement reads, as measure_figure(); NULL for any other id';
REVOKE ALL ON FUNCTION salesperf.measure_actual(bigint) FROM PUBLIC;

CREATE FUNCTION salesperf.measure_sales(scope jsonb)
RETURNS TABLE (
    source text,
    document text,
    line text,
    sold_on date,
    customer text,
    seller text,
    product text,
    branch text,
    sale_type text,
    quantity numeric,
    gross numeric,
    net numeric,
    margin numeric,
    amount numeric)
LANGUAGE C STABLE STRICT PARALLEL UNSAFE ROWS 1000 COST 10000
AS 'MODULE_PATHNAME', 'spm_measure_sales';
COMMENT ON FUNCTION salesperf.measure_sales(jsonb) IS
'the sales that a scope counts with the amount each adds, unrounded; the caller needs SELECT on the sources'' tables, whose row security applies';
REVOKE ALL ON FUNCTION salesperf.measure_sales(jsonb) FROM PUBLIC;

CREATE FUNCTION salesperf.verify_totals()
RETURNS TABLE (measure_id bigint, kept numeric, recomputed numeric)
LANGUAGE C STABLE PARALLEL UNSAFE ROWS 1 COST 100000
AS 'MODULE_PATHNAME', 'spm_verify_totals';
COMMENT ON FUNCTION salesperf.verify_totals() IS
'built measures whose kept total is not what the sources say, both in one snapshot: none, ever; recomputed is NULL where a source cannot be read';
REVOKE ALL ON FUNCTION salesperf.verify_totals() FROM PUBLIC;

CREATE FUNCTION salesperf.pending_deltas(deltas bytea)
RETURNS TABLE (build_id integer, month date, amount numeric)
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 10
AS 'MODULE_PATHNAME', 'spm_pending_deltas';
COMMENT ON FUNCTION salesperf.pending_deltas(bytea) IS
'what a row of pending adds to each build in each month, its first day; 22P03 for bytes that are no such row';

-- Neither SET nor SECURITY DEFINER: it commits.  It acts as the extension's
-- owner inside each transaction.
CREATE PROCEDURE salesperf.fold()
LANGUAGE C
AS 'MODULE_PATHNAME', 'spm_fold_call';
COMMENT ON PROCEDURE salesperf.fold() IS
'add pending deltas to the totals; commits; one at a time, writers and readers do not wait; what a prepared transaction may still add to stays pending';
REVOKE ALL ON PROCEDURE salesperf.fold() FROM PUBLIC;

-- The same.
CREATE PROCEDURE salesperf.refresh_measures(writer_timeout interval DEFAULT '1 minute')
LANGUAGE C
AS 'MODULE_PATHNAME', 'spm_refresh_measures';
COMMENT ON PROCEDURE salesperf.refresh_measures(interval) IS
'build all live measures, so that their totals are kept; commits; waits at most writer_timeout for transactions that are just committing or prepared, 55P03 if they do not end';
REVOKE ALL ON PROCEDURE salesperf.refresh_measures(interval) FROM PUBLIC;

CREATE FUNCTION salesperf.refreshing_sessions()
RETURNS TABLE (pid integer, phase text, source text, sales_read bigint, builds integer, started_at timestamptz)
LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 1
AS 'MODULE_PATHNAME', 'spm_refreshing_sessions';
COMMENT ON FUNCTION salesperf.refreshing_sessions() IS
'how far each refresh_measures() in this database is; view refresh_progress shows it';
REVOKE ALL ON FUNCTION salesperf.refreshing_sessions() FROM PUBLIC;

CREATE FUNCTION salesperf.sources_changed()
RETURNS trigger
LANGUAGE C VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'spm_sources_changed';
COMMENT ON FUNCTION salesperf.sources_changed() IS
'trigger of table source: turn all measures live';
REVOKE ALL ON FUNCTION salesperf.sources_changed() FROM PUBLIC;

CREATE FUNCTION salesperf.table_altered()
RETURNS event_trigger
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'spm_table_altered';
COMMENT ON FUNCTION salesperf.table_altered() IS
'event trigger: follow new partitions, and turn measures live when an attached table was altered or a partition moved or dropped';
REVOKE ALL ON FUNCTION salesperf.table_altered() FROM PUBLIC;
