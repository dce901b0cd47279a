-- Targets: every column by hand, filters, what turns a target live.
SET client_min_messages = warning;
SET datestyle = ISO;
CREATE SCHEMA tgt;
CREATE TABLE tgt.sale (doc text, line integer, day date, cust text, rep text, item text, shop text, kind text,
    qty numeric, gross numeric, net numeric, cost numeric, PRIMARY KEY (doc, line));
SELECT salesperf.attach_source('tgt', 'tgt.sale', document => 'l.doc', line => 'l.line', sold_on => 'l.day', customer => 'l.cust',
    seller => 'l.rep', product => 'l.item', branch => 'l.shop', sale_type => 'l.kind', quantity => 'l.qty', gross => 'l.gross', net => 'l.net', cost => 'l.cost');
INSERT INTO tgt.sale VALUES
    ('A', 1, '2021-01-01', 'c1', 'r1', 'p1', 's1', 'new',     1, 110, 100, 60),
    ('A', 2, '2021-01-01', 'c1', 'r1', 'p2', 's1', 'new',     2, 220, 200, NULL),
    ('B', 1, '2021-06-30', 'c2', 'r2', 'p1', 's2', 'renewal', 4, 440, 400, 300),
    ('C', 1, '2021-12-31', 'c3', NULL, 'p3', NULL, NULL,      8, 880, 800, 900),
    ('D', 1, '2022-01-01', 'c1', 'r1', 'p1', 's1', 'new',     16, 1760, 1600, 0),
    ('R', 1, '2021-07-01', 'c2', 'r2', 'p1', 's2', 'renewal', -1, -11, -10.00005, -6);
-- 2021: quantity 14, gross 1639, net 1489.99995, margin 40 + 100 - 100 - 4.00005

-- Expired: nothing is expected any more, the projection is the actual.
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount) VALUES
    (930001, 'quantity', 'quantity', '2021-01-01', '2021-12-31', 10),
    (930002, 'gross', 'gross', '2021-01-01', '2021-12-31', 3278),
    (930003, 'net', 'net', '2021-01-01', '2021-12-31', 1489.99995),
    (930004, 'net, a bit more', 'net', '2021-01-01', '2021-12-31', 1489.99996),
    (930005, 'margin', 'margin', '2021-01-01', '2021-12-31', 50),
    (930006, 'nothing to reach', 'net', '2021-01-01', '2021-12-31', 0),
    (930007, 'one day', 'net', '2021-12-31', '2021-12-31', 1000),
    (930008, 'a return', 'net', '2021-07-01', '2021-07-31', 100),
    (930009, 'below zero', 'net', '2021-07-01', '2021-07-31', -20),
    (930010, 'no sales', 'net', '2020-01-01', '2020-12-31', 300),
    (930011, 'upcoming', 'net', '3000-01-01', '3000-12-31', 5000),
    (930012, 'upcoming, below zero', 'net', '3000-01-01', '3000-12-31', -5000);
\x on
SELECT * FROM salesperf.target_performance WHERE target_id BETWEEN 930001 AND 930012 ORDER BY target_id;
\x off

-- Active, whatever day it is, by plain SQL; 930022 is exactly on its line.
BEGIN;
INSERT INTO tgt.sale SELECT 'now ' || i, 1, salesperf.today() - 1, 'now', 'r' || i, 'p', 's', 'k', 1, 1, i * 100, 0 FROM generate_series(1, 3) AS i;
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, customers)
SELECT 930020 + n, 'active', 'net', salesperf.today() - s, salesperf.today() + e, a, '{now}'
FROM (VALUES (1, 1, 0, 1000), (2, 1, 1, 900), (3, 9, 20, 1500), (4, 300, 65, 600), (5, 1, 10000, 3e14), (6, 0, 0, 5), (7, 0, 30, 5)) AS v (n, s, e, a);
WITH plain AS (
    SELECT t.target_id, t.amount, d.passed, t.ends_on - t.starts_on + 1 AS days, CASE WHEN d.passed = 1 THEN 0 ELSE 600.0 END AS actual
    FROM salesperf.target t, LATERAL (SELECT salesperf.today() - t.starts_on + 1 AS passed) d
    WHERE t.target_id BETWEEN 930021 AND 930027
)
SELECT p.target_id, p.status, p.actual = w.actual AS actual, p.attainment = round(w.actual / w.amount, 6) AS attainment,
    p.expected_to_date = round(w.amount * w.passed / w.days, 4) AS expected, p.on_track = (w.actual * w.days >= w.amount * w.passed) AS on_track,
    p.indicator, p.projected = round(w.actual * w.days / w.passed, 4) AS projected, p.gap = w.amount - w.actual AS gap, p.progress
FROM salesperf.target_performance p JOIN plain w USING (target_id) ORDER BY 1;
ROLLBACK;

-- What does not fit a column is NULL in it, and no error.
INSERT INTO tgt.sale VALUES ('E', 1, '2015-01-01', 'big', 'x', 'x', 'x', 'x', 1, 1, 9999999.999996, 0);
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, customers) VALUES
    (930031, 'rounds up to 1000000', 'net', '2015-01-01', '2015-12-31', 10, '{big}'),
    (930032, 'huge attainment', 'net', '2015-01-01', '2015-12-31', 1e-300, '{big}'),
    (930033, 'largest amount', 'net', '2015-01-01', '2015-12-31', 999999999999999.99999, '{big}'),
    (930034, 'lowest amount', 'net', '2015-01-01', '2015-12-31', -999999999999999.99999, '{big}');
SELECT target_id, target, actual, attainment, expected_to_date, projected, gap, progress
FROM salesperf.target_performance WHERE target_id BETWEEN 930031 AND 930034 ORDER BY 1;
SELECT salesperf.shown(v, 6)::numeric(12,6) AS ratio, salesperf.shown(v * 1e14, 20)::numeric(24,4) AS measure, salesperf.shown(v * 1e12, 18)::numeric(20,2) AS money
FROM unnest('{999999,-999999,999999.99999999999999999,-999999.99999999999999999,1000000,1e10,-1e10,NaN,Infinity,0,NULL}'::numeric[]) WITH ORDINALITY AS u (v, n) ORDER BY n;

-- Filters, each alone, combined, excluding, empty, of another kind of NULL.
CREATE FUNCTION tgt.figure(sellers text[] = NULL, customers text[] = NULL, products text[] = NULL, branches text[] = NULL, sale_types text[] = NULL,
    sources text[] = NULL, exclude_customers text[] = NULL, exclude_products text[] = NULL, exclude_branches text[] = NULL)
RETURNS numeric LANGUAGE sql AS $$
    SELECT salesperf.measure_figure(salesperf.measure_scope('quantity', '2021-01-01', '2021-12-31', sellers => sellers, customers => customers,
        products => products, branches => branches, sale_types => sale_types, sources => sources, exclude_customers => exclude_customers,
        exclude_products => exclude_products, exclude_branches => exclude_branches))
$$;
SELECT tgt.figure(sellers => '{r1}') AS r1, tgt.figure(sellers => '{r1,r2}') AS both, tgt.figure(customers => '{c2,c3}') AS c2_c3,
    tgt.figure(products => '{p1}') AS p1, tgt.figure(branches => '{s2}') AS s2, tgt.figure(sale_types => '{new}') AS new,
    tgt.figure(sources => '{tgt}') AS tgt, tgt.figure(sources => '{other}') AS other;
SELECT tgt.figure(exclude_customers => '{c1}') AS not_c1, tgt.figure(exclude_products => '{p1}') AS not_p1, tgt.figure(exclude_branches => '{s1}') AS not_s1,
    tgt.figure(exclude_customers => '{}') AS all_1, tgt.figure(exclude_customers => '{unheard}') AS all_2, tgt.figure(sellers => '{}') AS nobody,
    tgt.figure(sellers => '{R1}') AS capital, tgt.figure(sellers => '{r}') AS part, tgt.figure(sellers => '{""}') AS empty;
SELECT tgt.figure('{r1}', '{c1}', '{p2}', '{s1}', '{new}', '{tgt}') AS all_six, tgt.figure('{r1}', '{c2}') AS none,
    tgt.figure('{r1,r2}', products => '{p1}', exclude_customers => '{c2}') AS mixed, tgt.figure(products => '{p1,p2}', exclude_products => '{p1}') AS both_ways;
-- The same of every combination of two filters, against plain SQL, built.
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sellers, customers, products, exclude_branches, exclude_customers)
SELECT 931000 + row_number() OVER (), 'filter', m, '2021-01-01', '2021-12-31', 1, s, c, p, xb, xc
FROM unnest('{quantity,net,margin}'::text[]) AS m, (VALUES (NULL::text[]), ('{r1}'), ('{r2,r1}'), ('{}')) AS s (s), (VALUES (NULL::text[]), ('{c1,c3}')) AS c (c),
    (VALUES (NULL::text[]), ('{p1}'), ('{p3,p2,p9}')) AS p (p), (VALUES (NULL::text[]), ('{s1}')) AS xb (xb), (VALUES (NULL::text[]), ('{c3}')) AS xc (xc);
CREATE VIEW tgt.filtered AS
SELECT t.target_id, salesperf.measure_figure(m.scope) AS figure, (
    SELECT coalesce(sum(CASE t.metric WHEN 'quantity' THEN s.qty WHEN 'net' THEN s.net ELSE s.net - s.cost END), 0)
    FROM tgt.sale s WHERE s.day BETWEEN t.starts_on AND t.ends_on AND (t.sellers IS NULL OR s.rep = ANY (t.sellers))
      AND (t.customers IS NULL OR s.cust = ANY (t.customers)) AND (t.products IS NULL OR s.item = ANY (t.products))
      AND (t.exclude_branches IS NULL OR (s.shop = ANY (t.exclude_branches)) IS NOT TRUE)
      AND (t.exclude_customers IS NULL OR (s.cust = ANY (t.exclude_customers)) IS NOT TRUE)) AS plain
FROM salesperf.target t JOIN salesperf.target_measure m USING (target_id) WHERE t.name = 'filter';
SELECT count(*), count(*) FILTER (WHERE figure <> plain) AS wrong, count(DISTINCT figure) AS figures FROM tgt.filtered;
CALL salesperf.refresh_measures();
UPDATE tgt.sale SET net = net + 1, rep = CASE rep WHEN 'r1' THEN 'r2' ELSE 'r1' END WHERE doc IN ('A', 'B');
UPDATE tgt.sale SET shop = NULL, cust = 'c3' WHERE doc = 'R';
SELECT count(*), count(*) FILTER (WHERE figure <> plain) AS wrong, count(DISTINCT figure) AS figures FROM tgt.filtered;
SELECT * FROM salesperf.verify_totals();

DELETE FROM salesperf.target WHERE target_id BETWEEN 930001 AND 931999;

CALL salesperf.refresh_measures();

-- What turns a target live, and what does not.
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sellers) VALUES
    (930001, 'one', 'quantity', '2021-01-01', '2021-12-31', 10, '{r1,r2}'), (930002, 'two', 'quantity', '2021-01-01', '2021-12-31', 20, '{r2,r1,r2}');
CREATE VIEW tgt.state AS
SELECT p.target_id, p.name, p.target, p.actual, s.state, s.metric, s.agreement_id IS NULL AS no_agreement, s.pending, s.built_at IS NOT NULL AS since,
    dense_rank() OVER (ORDER BY s.measure_id) AS measure
FROM salesperf.target_performance p JOIN salesperf.measure_state s USING (target_id);
SELECT * FROM tgt.state ORDER BY 1;
SELECT severity, object, hint FROM salesperf.health ORDER BY 1, 2, 3;
CALL salesperf.refresh_measures();
SELECT * FROM salesperf.health;
SELECT count(*) AS measures FROM salesperf.measure m JOIN salesperf.target_measure t USING (measure_id) WHERE t.target_id = 930002;
UPDATE salesperf.target SET amount = 30, name = 'renamed' WHERE target_id = 930001;
UPDATE tgt.sale SET qty = qty + 100 WHERE doc = 'B';
SELECT * FROM tgt.state ORDER BY 1;
UPDATE salesperf.target SET sellers = '{r2}' WHERE target_id = 930001;
SELECT * FROM tgt.state ORDER BY 1;
UPDATE salesperf.target SET sellers = '{r1,r2}' WHERE target_id = 930001;
SELECT * FROM tgt.state ORDER BY 1;
SELECT t.target_id, salesperf.measure_actual(m.measure_id) = p.actual AS by_id, salesperf.measure_actual(m.measure_id + 1) IS NULL AS of_another
FROM salesperf.target t JOIN salesperf.target_measure m USING (target_id) JOIN salesperf.target_performance p USING (target_id) ORDER BY 1;

-- The sales behind it, in order, sum to it.
SELECT document, line, sold_on, customer, seller, product, branch, sale_type, quantity, gross, net, margin, amount FROM salesperf.target_sales(930001);
SELECT sum(amount) FROM salesperf.target_sales(930002);
SELECT count(*) FROM salesperf.target_sales(-1);

DELETE FROM salesperf.target WHERE target_id BETWEEN 930001 AND 931999;
SELECT salesperf.detach_source('tgt');
DROP SCHEMA tgt CASCADE;
CALL salesperf.refresh_measures();
