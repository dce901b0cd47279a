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
