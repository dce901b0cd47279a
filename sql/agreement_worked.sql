-- Agreements by hand: pools, customers of their own, bases, percents of an
-- objective, modes, returns, filters by attribute, splits.
SET client_min_messages = warning;
SET datestyle = ISO;
CREATE SCHEMA awk;
CREATE TABLE awk.sale (doc text, line integer, day date, cust text, rep text, item text, qty numeric, net numeric, cost numeric, PRIMARY KEY (doc, line));
CREATE INDEX ON awk.sale (cust);
CREATE INDEX ON awk.sale (rep);
CREATE INDEX ON awk.sale (item);
SELECT salesperf.attach_source('awk', 'awk.sale', document => 'l.doc', line => 'l.line', sold_on => 'l.day', customer => 'l.cust',
    seller => 'l.rep', product => 'l.item', quantity => 'l.qty', net => 'l.net', cost => 'l.cost');
INSERT INTO salesperf.customer VALUES ('awk1', 'First', 'food', 'north', 'A'), ('awk2', 'Second', 'food', 'south', 'B'), ('awk3', NULL, 'steel', 'north', 'A');
INSERT INTO salesperf.product VALUES ('i1', NULL, 'acme', 'drill'), ('i2', NULL, 'acme', 'saw'), ('i3', NULL, 'bolt', 'hammer');
INSERT INTO salesperf.product_family VALUES ('drill', 'power'), ('saw', 'power'), ('power', 'tool'), ('tool', NULL), ('hammer', 'tool');
INSERT INTO awk.sale VALUES
    ('D1', 1, '2021-01-10', 'awk1', 'r1', 'i1', 10, 4000, 3000), ('D1', 2, '2021-01-10', 'awk1', 'r1', 'i3', 5, 1000, 400),
    ('D2', 1, '2021-04-01', 'awk2', 'r2', 'i2', 20, 3000, 2500), ('D3', 1, '2021-10-01', 'awk2', 'r1', 'i3', 1, 500.01, 100.01),
    ('D4', 1, '2021-12-31', 'awk1', 'r1', 'i1', -1, -400, -300);
-- Whole year: awk1 net 4600, margin 1500, quantity 14, documents 2 (D1, D4);
-- awk2 net 3500.01, margin 900, quantity 21, documents 2; awk3 nothing.
-- Together net 8100.01, margin 2400, quantity 35, documents 4.

CREATE FUNCTION awk.enter(id bigint, description text, tiers text, metric text DEFAULT 'net', base text DEFAULT NULL, tier_on text DEFAULT 'amount',
    objective numeric DEFAULT NULL, pooled boolean DEFAULT true, customers text[] DEFAULT '{awk1,awk2,awk3}')
RETURNS void LANGUAGE sql AS $$
    INSERT INTO salesperf.agreement (agreement_id, description, metric, starts_on, ends_on, tiers, base, tier_on, objective, pooled)
    VALUES (id, description, metric, '2021-01-01', '2021-12-31', tiers, base, tier_on, objective, pooled);
    INSERT INTO salesperf.agreement_customer SELECT id, unnest(customers);
$$;
SELECT FROM awk.enter(960001, 'pooled slab', '0: 5%, 5000: 8%, 10000: 12%');
SELECT FROM awk.enter(960002, 'own slab', '0: 5%, 4000: 8%, 10000: 12%', pooled => false);
SELECT FROM awk.enter(960003, 'pooled, margin is the base', '0: 1%, 8000: 10%', base => 'margin');
SELECT FROM awk.enter(960004, 'own, margin is the base', '0: 1%, 4000: 10%', base => 'margin', pooled => false);
SELECT FROM awk.enter(960005, 'pooled, percent of the objective', '80: 2%, 100: 5%', tier_on => 'objective_percent', objective => 10000);
SELECT FROM awk.enter(960006, 'own, percent of the objective', '80: 2%, 100: 5%', tier_on => 'objective_percent', objective => 4000, pooled => false);
SELECT FROM awk.enter(960007, 'pooled graduated', 'graduated; 0: 1%, 5000: 2%, 8000: 10%');
SELECT FROM awk.enter(960008, 'own graduated', 'graduated; 0: 1%, 4000: 2%', pooled => false);
SELECT FROM awk.enter(960009, 'interpolated', 'interpolated; 0: 0%, 16200.02: 10%');
SELECT FROM awk.enter(960010, 'excess', 'excess; 8000: 50%');
SELECT FROM awk.enter(960011, 'amounts', '0: 0, 8000: 100');
SELECT FROM awk.enter(960012, 'own amounts', '0: 10, 4000: 100', pooled => false);
SELECT FROM awk.enter(960013, 'quantity, net is the base', '10: 1%, 30: 2%', metric => 'quantity', base => 'net');
SELECT FROM awk.enter(960014, 'documents, amounts', '2: 50, 4: 120', metric => 'documents');
SELECT FROM awk.enter(960015, 'own documents, net is the base', '2: 1%', metric => 'documents', base => 'net', pooled => false);
SELECT FROM awk.enter(960016, 'nobody, own', '0: 5%, 100: 6%', pooled => false, customers => '{}');
SELECT FROM awk.enter(960017, 'nobody, pooled', '0: 5%, 100: 6%', customers => '{}');
SELECT FROM awk.enter(960018, 'one without sales', '0: 5%, 100: 6%', customers => '{awk3}');
SELECT FROM awk.enter(960019, 'family tool of segment A', '0: 10%', customers => '{awk1,awk2,awk3}');
SELECT FROM awk.enter(960020, 'family power, not of brand bolt', '0: 10%');
SELECT FROM awk.enter(960021, 'brand bolt in the south', '0: 10%');
SELECT FROM awk.enter(960022, 'returns alone', '0: 5%, 300: 10%');
SELECT FROM awk.enter(960023, 'draft', '0: 5%, 5000: 8%', pooled => false);
SELECT FROM awk.enter(960024, 'sector food, seller r1', '0: 1%');
UPDATE salesperf.agreement SET families = '{tool}', segments = '{A}' WHERE agreement_id = 960019;
UPDATE salesperf.agreement SET families = '{power}', exclude_brands = '{bolt}' WHERE agreement_id = 960020;
UPDATE salesperf.agreement SET brands = '{bolt}', regions = '{south}' WHERE agreement_id = 960021;
UPDATE salesperf.agreement SET starts_on = '2021-12-01' WHERE agreement_id = 960022;
UPDATE salesperf.agreement SET state = 'draft' WHERE agreement_id = 960023;
UPDATE salesperf.agreement SET sectors = '{food}', sellers = '{r1}', exclude_families = '{hammer}' WHERE agreement_id = 960024;

--  1  8100.01 × 8 % = 648.0008; parts by 4600 : 3500.01 : 0 are 367.9988 and 280.0012, so 368.00 + 280.00.  Next 10000.
--  2  awk1 4600 × 8 % = 368; awk2 3500.01 × 5 % = 175.0005, so 175.00; objective 10000 each
--  3  the pool of 8100.01 is in tier 2: 10 % of margin 2400 is 240, by 1500 : 900 : 0
--  4  awk1 10 % × 1500, awk2 1 % × 900
--  5  81.0001 %: 2 % × 8100.01 = 162.0002, so 162.00; next 100 % is 10000; parts 91.9998 and 70.0002
--  6  awk1 115 %: 5 % × 4600 = 230; awk2 87.50025 %: 2 % × 3500.01 = 70.0002; awk3 0 %, level 0
--  7  50 + 60 + 10 % × 100.01 = 120.001, so 120.00; blended 120.001 / 8100.01; parts 68.148… and 51.851…
--  8  awk1 40 + 2 % × 600 = 52; awk2 35.0001
--  9  8100.01 is half way: 5 % × 8100.01 = 405.0005, so 405.00; parts 229.99… and 175.00…
-- 10  50 % × 100.01 = 50.005, so 50.01; parts 28.4 and 21.61: 28.3998…, 21.6102…
-- 11  100, by 4600 : 3500.01: 56.79 and 43.21
-- 12  awk1 100, awk2 10, awk3 10: without sales it is on tier 1, at 0
-- 13  35 pieces: 2 % × 8100.01 = 162.00
-- 14  4 documents: 120, by documents 2 : 2 : 0
-- 15  awk1 and awk2 2 documents each: 1 % of net, 46.00 and 35.00
-- 19  awk1 alone is of segment A and has sales: all its items are tools, 4600: 460
-- 20  i1 and i2: awk1 3600, awk2 3000: 660
-- 21  awk2's i3: 500.01 × 10 % = 50.00
-- 22  -400: 10 % mirrored, -40; rate 10 %
-- 23  as 2 with other tiers, but no indicator: awk1 230, awk2 175
-- 24  r1's sales to sector food without hammers: 4000 - 400
SELECT agreement_id - 960000 AS id, status, customers AS c, objective, actual, on_track AS ok, indicator AS i, level, bonus_rate, bonus, next_threshold, to_next, progress
FROM salesperf.agreement_performance WHERE agreement_id BETWEEN 960001 AND 960024 ORDER BY 1;
SELECT agreement_id - 960000 AS id, customer, objective, actual, on_track AS ok, level, bonus_rate, bonus, next_threshold, to_next, progress
FROM salesperf.agreement_customer_performance WHERE agreement_id BETWEEN 960001 AND 960024 ORDER BY 1, customer COLLATE "C";
SELECT DISTINCT customer, customer_name FROM salesperf.agreement_customer_performance WHERE agreement_id = 960001 ORDER BY 1;

-- Customers' figures add up to their agreement's, whatever it is.
CREATE VIEW awk.sums AS
SELECT a.agreement_id, a.actual AS "all", sum(c.actual) AS actual, a.bonus = sum(c.bonus) AS bonus, a.projected_bonus = sum(c.projected_bonus) AS projected
FROM salesperf.agreement_performance a JOIN salesperf.agreement_customer_performance c USING (agreement_id)
WHERE a.agreement_id BETWEEN 960001 AND 960024 GROUP BY a.agreement_id, a.actual, a.bonus, a.projected_bonus;
SELECT count(*) AS agreements, count(*) FILTER (WHERE "all" = actual) AS actuals, count(*) FILTER (WHERE bonus) AS bonuses, count(*) FILTER (WHERE projected) AS projected FROM awk.sums;

-- Measures: the pool's where there is one, each customer's, the base's where
-- it is another metric; one customer alone is its pool.
SELECT agreement_id - 960000 AS id, customer, role, metric, scope ->> 'metric' AS counts,
    measure_id = salesperf.measure_id(salesperf.measure_scope(metric, '2021-01-01', '2021-12-31', customers => CASE WHEN customer IS NULL THEN '{awk1,awk2,awk3}' ELSE ARRAY[customer] END)) AS is_it
FROM salesperf.agreement_measure WHERE agreement_id IN (960001, 960003, 960004) ORDER BY 1, 2 NULLS FIRST, 3;
SELECT count(*) AS rows, count(DISTINCT measure_id) AS measures FROM salesperf.agreement_measure WHERE agreement_id = 960018;
SELECT count(*) AS readers FROM salesperf.measure_reader WHERE agreement_id = 960018;
SELECT count(*) AS readers_of_the_draft FROM salesperf.measure_reader WHERE agreement_id = 960023;

-- As of a day: 100 of 365 days passed on 2021-04-10, awk1 5000 (margin 1600),
-- awk2 3000 (margin 500).
--  1  8000 × 8 % = 640, 400 + 240; projected 29200 × 12 % = 3504, 2190 + 1314
--  2  400 and 150; projected 18250 × 12 % and 10950 × 12 %
--  3  8000 reaches tier 2: 210, 160 + 50;  6  125 % and 75 %
SELECT agreement_id - 960000 AS id, status, objective, actual, expected_to_date AS expected, indicator AS i, projected, level, bonus, to_next, projected_level AS p_level, projected_bonus AS p_bonus
FROM salesperf.agreement_performance('2021-04-10') WHERE agreement_id IN (960001, 960002, 960003, 960006, 960016, 960017) ORDER BY 1;
SELECT agreement_id - 960000 AS id, customer, actual, expected_to_date AS expected, indicator AS i, projected, level, bonus, to_next, projected_level AS p_level, projected_bonus AS p_bonus
FROM salesperf.agreement_customer_performance('2021-04-10') WHERE agreement_id IN (960001, 960002, 960003, 960006) ORDER BY 1, 2;
-- Before the period nothing has been sold; on its last day, and after, all is.
SELECT agreement_id - 960000 AS id, status, actual, expected_to_date AS expected, on_track, indicator, projected, bonus, projected_bonus AS p_bonus
FROM salesperf.agreement_performance('2020-12-31') WHERE agreement_id IN (960001, 960002, 960016, 960023) ORDER BY 1;
SELECT count(*) AS different FROM (
    SELECT * FROM salesperf.agreement_performance WHERE agreement_id BETWEEN 960001 AND 960024
    EXCEPT ALL SELECT * FROM salesperf.agreement_performance('2022-06-30')) d;
SELECT count(*) AS different FROM (
    SELECT * FROM salesperf.agreement_customer_performance WHERE agreement_id BETWEEN 960001 AND 960024
    EXCEPT ALL SELECT * FROM salesperf.agreement_customer_performance('2022-06-30')) d;
SELECT status, count(*) FROM salesperf.agreement_performance('2021-12-31') WHERE agreement_id BETWEEN 960001 AND 960024 GROUP BY 1 ORDER BY 1;
SELECT count(*) FROM salesperf.agreement_performance(NULL);
SELECT status, count(*) FROM salesperf.agreement_performance('infinity') WHERE agreement_id BETWEEN 960001 AND 960024 GROUP BY 1 ORDER BY 1;

-- Built, they are the same.
CREATE TABLE awk.live AS SELECT * FROM salesperf.agreement_customer_performance;
CALL salesperf.refresh_measures();
SELECT count(*) AS different FROM (TABLE awk.live EXCEPT ALL SELECT * FROM salesperf.agreement_customer_performance) d;
SELECT state, count(*) > 0 AS some FROM salesperf.measure_state WHERE agreement_id BETWEEN 960001 AND 960024 GROUP BY 1 ORDER BY 1;

-- Months; that of several customers' own is no single measure.
SELECT agreement_id - 960000 AS id, measure_id IS NOT NULL AS one, metric, month, actual FROM salesperf.measure_month
WHERE agreement_id IN (960001, 960002, 960014, 960023) ORDER BY 1, month;

-- Sales behind a figure, and behind a customer's.
SELECT document, line, amount FROM salesperf.agreement_sales(960002);
SELECT document, line, amount FROM salesperf.agreement_sales(960002, 'awk2');
SELECT document, line, amount FROM salesperf.agreement_sales(960001, 'awk1');
SELECT count(*) AS of_none FROM salesperf.agreement_sales(960001, 'other');
SELECT count(*) FILTER (WHERE p.actual = coalesce(s.sum, 0)) AS equal, count(*) AS agreements
FROM salesperf.agreement_performance p LEFT JOIN LATERAL (SELECT sum(amount) FROM salesperf.agreement_sales(p.agreement_id)) s ON true
WHERE agreement_id BETWEEN 960001 AND 960024;

-- A split moves credit between sellers, not between customers; documents are
-- counted once however many share them.
INSERT INTO salesperf.order_split (source, document, seller, percent) VALUES ('awk', 'D1', 'r9', 25);
-- 24: 3000 of D1 stay with r1, and the return
SELECT agreement_id - 960000 AS id, actual, bonus FROM salesperf.agreement_performance WHERE agreement_id IN (960001, 960014, 960024) ORDER BY 1;
SELECT * FROM salesperf.verify_totals();

-- Bonuses are rounded to the reporting currency, half away from zero.
BEGIN;
UPDATE salesperf.setting SET value = 'JPY' WHERE name = 'currency';
-- 1: 648.0008 → 648 = 368 + 280; 2: 368 + 175; 10: 50.005 → 50 = 28 + 22
SELECT agreement_id - 960000 AS id, customer, bonus FROM salesperf.agreement_customer_performance WHERE agreement_id IN (960001, 960002, 960010) ORDER BY 1, 2;
UPDATE salesperf.setting SET value = 'TND' WHERE name = 'currency';
SELECT agreement_id - 960000 AS id, bonus FROM salesperf.agreement_performance WHERE agreement_id IN (960001, 960010) ORDER BY 1;
UPDATE salesperf.setting SET value = 'ABC' WHERE name = 'currency';
SELECT agreement_id - 960000 AS id, bonus FROM salesperf.agreement_performance WHERE agreement_id IN (960001, 960010) ORDER BY 1;
ROLLBACK;

DELETE FROM salesperf.agreement WHERE agreement_id BETWEEN 960001 AND 960099;
DELETE FROM salesperf.order_split WHERE source = 'awk';
DELETE FROM salesperf.product_family WHERE code IN ('drill', 'saw', 'power', 'tool', 'hammer');
DELETE FROM salesperf.product WHERE code IN ('i1', 'i2', 'i3');
DELETE FROM salesperf.customer WHERE code LIKE 'awk%';
SELECT salesperf.detach_source('awk');
DROP SCHEMA awk CASCADE;
CALL salesperf.refresh_measures();
