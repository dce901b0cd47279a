-- Forecasts can be used anywhere: in indexes, parallel plans, by anybody.
BEGIN;
SELECT plan(5);

CREATE TEMP VIEW function AS
SELECT p.oid, p.oid::regprocedure::text AS name, p.provolatile, p.proparallel
FROM pg_proc p
WHERE p.pronamespace = 'salesperf'::regnamespace
  AND p.proname IN ('forecast', 'forecast_series', 'forecast_svg', 'backtest', 'compare_methods', 'project_period', 'project_share');
SELECT is((SELECT count(*)::integer FROM function), 10, 'there are ten of them, counting the four aggregates');
SELECT is_empty(
    $$SELECT name FROM function WHERE provolatile <> 'i' OR proparallel <> 's'$$,
    'all of them are immutable and parallel safe');
SELECT is_empty(
    $$SELECT name FROM function WHERE NOT has_function_privilege('public', oid, 'EXECUTE')$$,
    'everybody may call them, as they read nothing');

-- A plan that is parallel for certain gives the same.
CREATE TABLE series AS
SELECT g, array_agg((100 + 10 * sin(i * g) + i)::numeric ORDER BY i) AS series FROM generate_series(1, 40) g, generate_series(1, 40) i GROUP BY g;
ALTER TABLE series SET (parallel_workers = 2);
CREATE TEMP TABLE alone AS
SELECT g, f.* FROM series, salesperf.forecast(series, 6) f;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
CREATE FUNCTION pg_temp.plan() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    lines text := '';
BEGIN
    FOR line IN EXPLAIN SELECT g, f.* FROM series, salesperf.forecast(series, 6) f LOOP
        lines := lines || line || E'\n';
    END LOOP;
    RETURN lines;
END
$$;
SELECT matches(pg_temp.plan(), 'Gather', 'a plan with forecasts may be parallel');
SELECT results_eq(
    'SELECT g, f.* FROM series, salesperf.forecast(series, 6) f ORDER BY 1, 2',
    'SELECT * FROM alone ORDER BY 1, 2',
    'and gives the same');

SELECT * FROM finish();
ROLLBACK;
