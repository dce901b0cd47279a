-- Look-ups of paths: 10,000 units in five levels, 45,000 sellers that moved
-- once, 100,000 assignments in all.  Prints nanoseconds for each look-up in
-- SQL, the making of the array included; a call that does the same without a
-- look-up stands beside it.
--
-- In a database of its own, as superuser:
--   createdb bench && psql -X -d bench -f bench/org.sql
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET jit = off;
SET max_parallel_workers_per_gather = 0;
CREATE EXTENSION salesperf CASCADE;
SELECT salesperf.setup() \g /dev/null

\timing on
\echo entering 10,000 units
INSERT INTO salesperf.unit_parent
SELECT 'unit-' || i, 'unit-' || (i - 1) / 9, '2020-01-01' FROM generate_series(1, 9999) i;
\echo entering 45,000 sellers, two assignments each
INSERT INTO salesperf.seller_unit
SELECT 'seller-' || s, 'unit-' || 1111 + (s * 7919 + half * 17) % 8889,
    CASE half WHEN 0 THEN date '2020-01-01' ELSE date '2025-06-01' + s % 200 END,
    CASE half WHEN 0 THEN date '2025-05-31' + s % 200 END
FROM generate_series(1, 45000) s, generate_series(0, 1) half;
\timing off
CREATE UNLOGGED TABLE probe AS
SELECT 'seller-' || 1 + floor(random() * 45000)::int AS seller, 'unit-' || floor(random() * 10000)::int AS unit,
    date '2025-01-01' + floor(random() * 600)::int AS day
FROM generate_series(1, 1000000);
VACUUM ANALYZE;

CREATE TABLE measured (what text, run int, nanoseconds float8);
CREATE FUNCTION measure(what text, call text, run int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    started timestamptz := clock_timestamp();
BEGIN
    EXECUTE format('SELECT count(%s) FROM probe', call);
    INSERT INTO measured VALUES (what, run, extract(epoch FROM clock_timestamp() - started) * 1e9 / 1000000);
END $$;
-- The first run reads the assignments.
SELECT measure(what, call, run) FROM generate_series(0, 5) run, (VALUES
    ('no look-up: ARRAY of five texts', 'ARRAY[seller, unit, seller, unit, unit]'),
    ('the column alone', 'seller'),
    ('unit_path', 'salesperf.unit_path(unit, day)'),
    ('seller_path', 'salesperf.seller_path(seller, day)')) AS m (what, call) \g /dev/null
SELECT what, round(min(nanoseconds) FILTER (WHERE run = 0)) AS "first run, ns",
    round(percentile_cont(0.5) WITHIN GROUP (ORDER BY nanoseconds) FILTER (WHERE run > 0)) AS "median of 5, ns"
FROM measured GROUP BY what ORDER BY 3;
SELECT name, pg_size_pretty(total_bytes) AS kept FROM pg_backend_memory_contexts WHERE name = 'salesperf unit paths';
