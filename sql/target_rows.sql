-- Every column of target_performance against its formula in plain SQL: random
-- targets before, in and after their period, with months, closed days, regions
-- and a source that cannot be read; and figures of all sizes.
SET client_min_messages = error;
SET datestyle = ISO;
SET jit = off;
CREATE SCHEMA tro;
CREATE TABLE tro.sale (doc integer PRIMARY KEY, day date, cust text, rep text, qty numeric, net numeric, zero integer DEFAULT 1);
SELECT salesperf.attach_source(s, lines => 'tro.sale', document => 'l.doc', line => 'l.doc', sold_on => 'l.day', customer => 'l.cust', seller => 'l.rep', quantity => 'l.qty',
    net => n, counts => c)
FROM (VALUES ('tro', 'l.net', 'l.zero = 1'), ('tro_bad', 'l.net / l.zero', 'l.zero = 0')) AS v (s, n, c);
SELECT setseed(0.61);
CREATE FUNCTION tro.pick(prefix text, n integer) RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT prefix || (1 + floor(random() * n))::integer $$;
-- With few decimals or many, of all sizes, also 0 and below.
CREATE FUNCTION tro.figure() RETURNS numeric LANGUAGE sql VOLATILE AS $$
    SELECT (ARRAY[1, 1, 1, -1, 0])[1 + floor(random() * 5)::integer] * round((random() * 10 ^ floor(random() * 9))::numeric, (ARRAY[0, 2, 4, 5, 9])[1 + floor(random() * 5)::integer])
$$;
INSERT INTO salesperf.customer (code, region) SELECT 'troc' || i, 'tror' || i % 3 FROM generate_series(1, 9) i;
INSERT INTO tro.sale SELECT i, salesperf.today() - 500 + floor(random() * 600)::integer, tro.pick('troc', 9), tro.pick('tros', 4), floor(random() * 9), tro.figure() FROM generate_series(1, 400) i;
INSERT INTO tro.sale VALUES (1001, salesperf.today(), 'troc1', 'tros1', 1, 5, 0);
INSERT INTO salesperf.closed_day (closed_on, region)
SELECT salesperf.today() + d, r FROM generate_series(-300, 300) d, unnest('{"",tror1,tror2}'::text[]) r WHERE random() < CASE WHEN d % 7 = 0 THEN 0.6 WHEN r = '' THEN 0.1 ELSE 0.05 END;
INSERT INTO salesperf.closed_day (closed_on, region) SELECT salesperf.today() + d, '' FROM generate_series(300, 309) d ON CONFLICT DO NOTHING;
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sellers, regions, sources)
SELECT 996000 + n, 'tro', (ARRAY['net', 'net', 'quantity', 'documents'])[1 + n % 4], salesperf.today() + s, salesperf.today() + s + floor(random() * (ARRAY[5, 40, 400])[1 + n % 3])::integer,
    CASE n % 7 WHEN 0 THEN tro.figure() ELSE abs(tro.figure()) END,
    CASE WHEN random() < 0.5 THEN ARRAY[tro.pick('tros', 4)] END,
    CASE WHEN n % 3 = 0 THEN ARRAY[tro.pick('tror', 3)] WHEN n % 10 = 0 THEN '{tror1,tror2}' END,
    CASE WHEN n % 20 = 0 THEN NULL WHEN n % 20 = 1 THEN '{tro_bad}' ELSE ARRAY['tro'] END
FROM (SELECT n, 10 - floor(random() * 420)::integer AS s FROM generate_series(1, 400) n) x;
-- Days that all are closed, and amounts at the edges.
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sources)
SELECT 996500 + n, 'tro', 'net', salesperf.today() + s, salesperf.today() + e, a, '{tro}'
FROM (VALUES (1, 300, 309, 5), (2, 0, 0, 1e-300), (3, -9, 0, 999999999999999.99999), (4, -9, 9, -999999999999999), (5, -9, 9, 0.00005), (6, -9, 9, 123456789012.34565)) v (n, s, e, a);
-- Filters that differ little.
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sources, sellers, regions)
SELECT 996600 + row_number() OVER (), 'tro', 'net', salesperf.today() - 300, salesperf.today() - 1, 1000, '{tro}', v.sellers, v.regions
FROM (VALUES (NULL::text[], NULL::text[]), ('{}', NULL), (NULL, '{}'), ('{tros1}', NULL), (NULL, '{tror1}'), ('{tros1,tros2}', NULL), ('{tros2,tros1}', NULL), ('{tros1tros2}', NULL)) v (sellers, regions);
INSERT INTO salesperf.target_month (target_id, month, share)
SELECT t.target_id, m.month, (salesperf.split_by_weight(1, m.weights, 6))[m.n]
FROM salesperf.target t
CROSS JOIN LATERAL (
    SELECT g.month::date AS month, row_number() OVER (ORDER BY g.month)::integer AS n, array_agg((1 + t.target_id * extract(month FROM g.month) % 7)::numeric) OVER () AS weights
    FROM generate_series(date_trunc('month', t.starts_on), t.ends_on, '1 month') g (month)
) m
WHERE t.target_id BETWEEN 996001 AND 996400 AND t.target_id % 5 = 0;

CREATE FUNCTION tro.q(a numeric, b numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$ SELECT round(a, 320) / b $$;
CREATE FUNCTION tro.plain(as_of date) RETURNS SETOF salesperf.target_performance LANGUAGE sql STABLE AS $$
    WITH day AS MATERIALIZED (SELECT coalesce(as_of, salesperf.today()) AS day), figure AS MATERIALIZED (
        SELECT t.*, d.day, greatest(least(d.day, t.ends_on) - t.starts_on + 1, 0) AS passed, t.ends_on - t.starts_on + 1 AS days,
            CASE WHEN d.day < t.starts_on THEN 'upcoming' WHEN d.day > t.ends_on THEN 'expired' ELSE 'active' END AS status,
            CASE WHEN as_of < t.starts_on THEN 0 WHEN t.sources = '{tro}' THEN (
                SELECT coalesce(sum(CASE t.metric WHEN 'net' THEN s.net WHEN 'quantity' THEN s.qty ELSE 1 END), 0)
                FROM tro.sale s JOIN salesperf.customer c ON c.code = s.cust
                WHERE s.zero = 1 AND s.day BETWEEN t.starts_on AND least(t.ends_on, as_of)
                  AND (t.sellers IS NULL OR s.rep = ANY (t.sellers)) AND (t.regions IS NULL OR c.region = ANY (t.regions))) END AS actual,
            (SELECT count(DISTINCT c.closed_on) FROM salesperf.closed_day c
             WHERE c.closed_on BETWEEN t.starts_on AND t.ends_on AND (c.region = '' OR cardinality(t.regions) = 1 AND c.region = t.regions[1])) AS closed,
            (SELECT count(DISTINCT c.closed_on) FROM salesperf.closed_day c
             WHERE c.closed_on BETWEEN t.starts_on AND least(t.ends_on, d.day) AND (c.region = '' OR cardinality(t.regions) = 1 AND c.region = t.regions[1])) AS closed_passed,
            (SELECT sum(tro.q(p.share * greatest(least(d.day, p.last) - p.first + 1, 0), p.last - p.first + 1)) AS share
             FROM (SELECT m.share, greatest(m.month, t.starts_on) AS first, least((m.month + interval '1 month')::date - 1, t.ends_on) AS last
                   FROM salesperf.target_month m WHERE m.target_id = t.target_id) p) AS month_share
        FROM salesperf.target t, day d WHERE t.name = 'tro'
    ), compared AS MATERIALIZED (
        SELECT f.*, coalesce(f.amount * f.month_share, tro.q(f.amount * f.passed, f.days)) AS expected, f.actual / nullif(f.amount, 0) AS attainment,
            CASE WHEN f.status = 'expired' THEN 1 WHEN f.month_share IS NOT NULL THEN f.month_share
                 WHEN f.closed BETWEEN 1 AND f.days - 1 THEN (f.passed - f.closed_passed)::numeric / (f.days - f.closed) ELSE tro.q(f.passed, f.days) END AS share,
            CASE WHEN f.status = 'active' THEN (SELECT salesperf.measure_flow(s.scope, f.starts_on, f.ends_on, f.day) FROM salesperf.target_scopes(as_of) s WHERE s.target_id = f.target_id) END AS flow
        FROM figure f
    )
    SELECT c.target_id, c.name, c.metric, c.starts_on, c.ends_on, c.status, round(c.amount, 4), round(c.actual, 4),
        CASE WHEN abs(round(c.attainment, 2)) < 1000000 THEN round(c.attainment, 6) END, round(c.expected, 4),
        CASE WHEN c.status <> 'upcoming' THEN c.actual >= c.expected END,
        CASE WHEN c.status = 'upcoming' OR c.actual IS NULL THEN '' WHEN c.actual >= c.expected THEN '▲' ELSE '▼' END,
        round(CASE WHEN c.status <> 'upcoming' THEN tro.q(c.actual * c.days, c.passed) END, 4), round(c.amount - c.actual, 4),
        repeat('█', b.cells) || repeat('░', 10 - b.cells), round(j.lower::numeric, 4), round(j.upper::numeric, 4), round(j.probability::numeric, 6)
    FROM compared c
    CROSS JOIN LATERAL (SELECT CASE WHEN c.attainment IS NOT NULL THEN trunc(10 * least(greatest(c.attainment, 0), 1))::integer END AS cells) b
    LEFT JOIN LATERAL salesperf.project_share(c.actual, c.share, c.amount, c.amount, c.flow) j ON c.status <> 'upcoming'
$$;
CREATE FUNCTION tro.compared(as_of date) RETURNS TABLE (targets bigint, wrong bigint, upcoming boolean, active boolean, expired boolean, unknown boolean, without_ratio boolean) LANGUAGE sql STABLE AS $$
    WITH v AS MATERIALIZED (
        SELECT * FROM salesperf.target_performance WHERE as_of IS NULL UNION ALL SELECT * FROM salesperf.target_performance(as_of)
    ), p AS MATERIALIZED (SELECT * FROM tro.plain(as_of))
    SELECT count(*), count(*) FILTER (WHERE to_jsonb(v) IS DISTINCT FROM to_jsonb(p)), count(*) FILTER (WHERE v.status = 'upcoming') > 5, count(*) FILTER (WHERE v.status = 'active') > 50,
        count(*) FILTER (WHERE v.status = 'expired') > 50, count(*) FILTER (WHERE v.actual IS NULL) > 20, count(*) FILTER (WHERE v.attainment IS NULL AND v.actual IS NOT NULL) > 20
    FROM p LEFT JOIN v ON v.target_id = p.target_id
$$;
SELECT * FROM tro.compared(NULL);
SELECT * FROM tro.compared(salesperf.today() - 100);
SELECT * FROM tro.compared(salesperf.today() + 1000);
CALL salesperf.refresh_measures();
SELECT * FROM tro.compared(NULL);
-- Only the targets asked for are computed, and once.
BEGIN;
SET LOCAL track_functions = 'all';
SELECT count(*), count(actual) AS actuals, count(gap) AS gaps FROM salesperf.target_performance WHERE target_id BETWEEN 996002 AND 996004;
SELECT calls FROM pg_stat_xact_user_functions WHERE schemaname = 'salesperf' AND funcname = 'target_row';
COMMIT;

-- As a whole row, kept beyond the next one and what its name was stored in.
CREATE TABLE tro.name (name text);
ALTER TABLE tro.name ALTER COLUMN name SET STORAGE EXTERNAL;
INSERT INTO tro.name VALUES (repeat('tro', 10000));
CREATE TABLE tro.row AS
SELECT t.target_id, salesperf.target_row(t.target_id, n.name, t.metric, t.starts_on, t.ends_on, t.amount, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL, salesperf.today(), NULL) AS r
FROM salesperf.target t, tro.name n WHERE t.name = 'tro';
DROP TABLE tro.name;
SELECT count(*), count(*) FILTER (WHERE (r).target_id <> target_id OR (r).name <> repeat('tro', 10000) OR (r).gap IS DISTINCT FROM (r).target) AS wrong FROM tro.row;
SELECT count(*) AS lost FROM (SELECT r FROM tro.row EXCEPT ALL SELECT u FROM unnest((SELECT array_agg(r ORDER BY target_id DESC) FROM tro.row)) u) x;
DO $$
DECLARE
    first salesperf.target_row;
    other salesperf.target_row;
BEGIN
    FOR i IN 1..2 LOOP
        other := first;
        first := salesperf.target_row(i, 'x', 'net', '2025-01-01', '2025-01-10', i, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2025-01-03', NULL);
    END LOOP;
    ASSERT other.target_id = 1 AND first.target_id = 2 AND other.expected_to_date = 0.3 AND first.expected_to_date = 0.6;
END
$$;
-- More scopes than a session keeps.
CREATE VIEW tro.large AS
SELECT (salesperf.target_row(1, 'x', 'net', d.first, salesperf.today(), 1, NULL, NULL, c.codes, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{tro}', NULL, NULL, NULL, NULL, NULL,
        NULL, NULL, salesperf.today(), salesperf.today())).actual,
    (SELECT round(sum(s.net), 4) FROM tro.sale s WHERE s.zero = 1 AND s.day BETWEEN d.first AND salesperf.today()) AS plain
FROM (SELECT ARRAY(SELECT 'troc' || i FROM generate_series(1, 100000) i) AS codes) c,
    (SELECT salesperf.today() - 300 + n % 5 AS first FROM generate_series(1, 10) n) d;
SELECT count(*), count(*) FILTER (WHERE actual <> plain) AS wrong FROM tro.large;

-- Figures of all sizes: to float8 and back as casts do, and into their columns.
SELECT count(*) AS figures, count(*) FILTER (WHERE (salesperf.project_share(f, 1, NULL, NULL)).projected IS DISTINCT FROM CASE WHEN abs(f) < 1e150 THEN f::float8 END) AS wrong
FROM (SELECT (CASE WHEN n % 3 = 0 THEN -1 ELSE 1 END * trunc((random() * 1e17)::numeric * (1 + random()::numeric), n % 5)) / 10 ^ (n % 23)::numeric AS f FROM generate_series(1, 5000) n
      UNION ALL SELECT * FROM unnest('{0,9007199254740992,9007199254740993,900719925474.0993,-0.0001,99999999.99999999,1e15,1e-16,1e149,-1e200,1e400}'::numeric[])) x (f);
WITH figure AS (
    SELECT a, (salesperf.target_row(1, 'x', 'net', '2025-01-01', '2025-01-10', a, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        NULL, NULL, '2025-01-03', NULL)).*
    FROM (SELECT CASE WHEN n % 3 = 0 THEN -1 ELSE 1 END * (random() * 10 ^ (n % 32 - 10))::numeric FROM generate_series(1, 5000) n
          UNION ALL SELECT * FROM unnest('{0,1e20,99999999999999999999.994,99999999999999999999.995,9999999999999999.99995,1e16,1e15,0.00005,0.00004999,1e-300,1e300,NaN,Infinity,-Infinity}'::numeric[])) x (a)
)
SELECT count(*) AS figures, count(*) FILTER (WHERE target IS DISTINCT FROM salesperf.shown(a, 20)::numeric(24,4)) AS target,
    count(*) FILTER (WHERE expected_to_date IS DISTINCT FROM salesperf.shown(salesperf.expected_to_date(a, '2025-01-01', '2025-01-10', '2025-01-03'), 20)::numeric(24,4)) AS expected,
    count(*) FILTER (WHERE gap IS DISTINCT FROM salesperf.shown(a, 20)::numeric(24,4)) AS gap,
    count(*) FILTER (WHERE scale(target) <> 4 OR scale(expected_to_date) <> 4 OR scale(attainment) <> 6 OR scale(projected_low) <> 4 OR scale(figure.probability) <> 6) AS scale,
    count(*) FILTER (WHERE projected_low IS DISTINCT FROM salesperf.shown(j.lower::numeric, 20)::numeric(24,4)) AS low,
    count(*) FILTER (WHERE projected_high IS DISTINCT FROM salesperf.shown(j.upper::numeric, 20)::numeric(24,4)) AS high,
    count(*) FILTER (WHERE figure.probability IS DISTINCT FROM j.probability::numeric(12,6)) AS probability
FROM figure, salesperf.project_share(0, 0.3, a, a) j;
SELECT share, salesperf.progress_bar(share) FROM unnest('{-1,0,0.0999999,0.1,0.35,0.99999999999999999999,1,25,NaN,Infinity,-Infinity,NULL}'::numeric[]) WITH ORDINALITY u (share, n) ORDER BY n;
SELECT salesperf.target_row(1, 'x', 'net', '2025-01-01', '2025-01-10', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2025-01-03', NULL) IS NULL AS null_amount;
SELECT salesperf.target_row(1, 'x', 'nothing', '2025-01-01', '2025-01-10', 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2025-01-03', '2025-01-10');
SELECT salesperf.target_row(1, 'x', 'net', '2025-01-01', '2025-01-10', 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{infinity}', '{1}', '2025-01-03', NULL);
SELECT salesperf.target_row(1, 'x', 'net', '2025-01-11', '2025-01-10', 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2025-01-03', NULL);

DELETE FROM salesperf.target WHERE name = 'tro';
DELETE FROM salesperf.closed_day WHERE region IN ('', 'tror1', 'tror2');
DELETE FROM salesperf.customer WHERE code LIKE 'troc%';
SELECT salesperf.detach_source(s) FROM unnest('{tro,tro_bad}'::text[]) s;
DROP SCHEMA tro CASCADE;
CALL salesperf.refresh_measures();
