-- Agreements: every column by hand, customers, drafts.
SET client_min_messages = warning;
SET datestyle = ISO;
CREATE SCHEMA agr;
CREATE TABLE agr.sale (doc text PRIMARY KEY, day date, cust text, rep text, item text, net numeric, cost numeric);
SELECT salesperf.attach_source('agr', 'agr.sale', document => 'l.doc', sold_on => 'l.day', customer => 'l.cust', seller => 'l.rep',
    product => 'l.item', net => 'l.net', cost => 'l.cost');
INSERT INTO agr.sale VALUES
    ('A', '2021-02-01', 'c1', 'r1', 'p1', 4000, 1000), ('B', '2021-03-01', 'c2', 'r2', 'p2', 2500.55, NULL),
    ('C', '2021-04-01', 'c3', 'r1', 'p1', 9000, 1), ('D', '2021-12-31', 'c1', 'r2', 'p2', -500.05, -100), ('E', '2022-01-01', 'c1', 'r1', 'p1', 7777, 0);
-- In 2021 c1 3499.95, c2 2500.55, c3 9000: c1 and c2 together 6000.50.

INSERT INTO salesperf.agreement (agreement_id, description, metric, starts_on, ends_on, tiers, objective, products, exclude_products, sellers) VALUES
    (940001, 'slab', 'net', '2021-01-01', '2021-12-31', '0: 5%, 5000: 8%, 10000: 12%', NULL, NULL, NULL, NULL),
    (940002, 'graduated', 'net', '2021-01-01', '2021-12-31', 'graduated; 0: 1%, 1000: 2%, 6000: 30%', 6000, NULL, NULL, NULL),
    (940003, 'amounts', 'net', '2021-01-01', '2021-12-31', '6000.50: 100, 7000: 200', NULL, NULL, NULL, NULL),
    (940004, 'just below', 'net', '2021-01-01', '2021-12-31', '>6000.50: 100', NULL, NULL, NULL, NULL),
    (940005, 'last tier', 'net', '2021-01-01', '2021-12-31', '0: 1%, 6000: 2.5%', 6000.51, NULL, NULL, NULL),
    (940006, 'no customers', 'net', '2021-01-01', '2021-12-31', '0: 5%, 5000: 8%', NULL, NULL, NULL, NULL),
    (940007, 'a return', 'net', '2021-12-01', '2021-12-31', '0: 5%, 400: 10%, 1000: 20%', NULL, NULL, NULL, NULL),
    (940008, 'upcoming', 'net', '3000-01-01', '3000-12-31', '0: 5%, 5000: 8%', NULL, NULL, NULL, NULL),
    (940009, 'filtered', 'net', '2021-01-01', '2021-12-31', '0: 5%, 5000: 8%', 5000, '{p1,p2}', '{p2}', '{r1}'),
    (940010, 'margin', 'margin', '2021-01-01', '2021-12-31', 'interpolated; 0: 0%, 4000: 10%', NULL, NULL, NULL, NULL),
    (940011, 'quantity', 'quantity', '2021-01-01', '2021-12-31', '1: 5, 3: 9', NULL, NULL, NULL, NULL),
    (940012, 'excess', 'net', '2021-01-01', '2021-12-31', 'excess; 5000: 10%', 0, NULL, NULL, NULL);
INSERT INTO salesperf.agreement (agreement_id, description, metric, starts_on, ends_on, tiers, state) VALUES
    (940013, 'draft', 'net', '2021-01-01', '2021-12-31', '0: 5%, 5000: 8%', 'draft');
INSERT INTO salesperf.agreement_customer
SELECT agreement_id, customer FROM salesperf.agreement, unnest('{c2,c1}'::text[]) AS customer WHERE agreement_id BETWEEN 940001 AND 940013 AND agreement_id <> 940006;

-- slab: 6000.50 × 8 % = 480.04; next 10000, to go 3999.50, way made 1000.5 / 5000.
-- graduated: 10 + 5000 × 2 % + 0.5 × 30 % = 110.15, blended 110.15 / 6000.50.
-- amounts: reached at its value; just below: 6000.50 is not above it, 6000.5 / 6000.5.
-- last tier: 150.0125, so 150.01.  a return: -500.05 × 10 %, mirrored: -50.005, so -50.01.
-- filtered: c1 of r1 without p2: 4000.  margin: 3000 - 400.05 = 2599.95 (c2's is not known),
-- rate 6.499875 %, bonus 168.9935….  excess: 10 % × 1000.50.
SELECT agreement_id AS id, description, metric, starts_on, ends_on, status, customers, objective, actual, expected_to_date, on_track, indicator
FROM salesperf.agreement_performance WHERE agreement_id BETWEEN 940001 AND 940013 ORDER BY 1;
SELECT agreement_id AS id, level, bonus_rate, bonus, next_threshold, to_next, projected, projected_level, projected_bonus, progress
FROM salesperf.agreement_performance WHERE agreement_id BETWEEN 940001 AND 940013 ORDER BY 1;

-- The same, built; a draft is not.
CREATE TABLE agr.before AS SELECT * FROM salesperf.agreement_performance;
CALL salesperf.refresh_measures();
SELECT agreement_id AS id, state, target_id IS NULL AS no_target, count(*) AS measures FROM salesperf.measure_state WHERE agreement_id BETWEEN 940001 AND 940013 GROUP BY 1, 2, 3 ORDER BY 1;
SELECT count(*) AS different FROM (TABLE agr.before EXCEPT ALL SELECT * FROM salesperf.agreement_performance) d;

-- Another text of the same tiers, another description: still built.  Another
-- customer: another measure.
UPDATE salesperf.agreement SET tiers = '0: 6%', description = 'better', objective = 1, notes = 'x' WHERE agreement_id = 940001;
INSERT INTO salesperf.agreement_customer VALUES (940002, 'c3');
DELETE FROM salesperf.agreement_customer WHERE agreement_id = 940003 AND customer = 'c2';
SELECT p.agreement_id AS id, p.customers, p.actual, p.level, p.bonus, p.to_next, s.state
FROM salesperf.agreement_performance p JOIN salesperf.agreement_measure m USING (agreement_id) JOIN salesperf.measure_state s USING (agreement_id, measure_id)
WHERE p.agreement_id BETWEEN 940001 AND 940003 AND m.customer IS NULL ORDER BY 1;
CALL salesperf.refresh_measures();
INSERT INTO agr.sale VALUES ('F', '2021-05-05', 'c3', 'r3', 'p3', 0.01, 0);
UPDATE agr.sale SET cust = 'c1' WHERE doc = 'B';
SELECT agreement_id AS id, customers, actual, level, bonus FROM salesperf.agreement_performance WHERE agreement_id BETWEEN 940001 AND 940003 ORDER BY 1;
SELECT * FROM salesperf.verify_totals();

-- A draft becomes active; an agreement goes with its customers.
UPDATE salesperf.agreement SET state = 'active' WHERE agreement_id = 940013;
SELECT DISTINCT p.status, p.on_track, s.state FROM salesperf.agreement_performance p JOIN salesperf.measure_state s USING (agreement_id) WHERE p.agreement_id = 940013;
DELETE FROM salesperf.agreement WHERE agreement_id = 940013;
SELECT count(*) FROM salesperf.agreement_customer WHERE agreement_id = 940013;

-- A target of the same scope shares the measure.
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, customers) VALUES (940001, 'the same', 'net', '2021-01-01', '2021-12-31', 1, '{c2,c1}');
SELECT s.state, count(*) AS readers, count(DISTINCT s.measure_id) AS measures FROM salesperf.measure_state s
JOIN salesperf.target_measure t ON t.measure_id = s.measure_id AND t.target_id = 940001
WHERE s.target_id = 940001 OR s.agreement_id IN (940001, 940004) GROUP BY s.state;
DELETE FROM salesperf.target WHERE target_id = 940001;

-- The sales behind it, in order, sum to it.
SELECT document, sold_on, customer, seller, product, net, margin, amount FROM salesperf.agreement_sales(940001);
SELECT p.agreement_id AS id, p.actual = round(coalesce(sum(s.amount), 0), 4) AS sums FROM salesperf.agreement_performance p LEFT JOIN LATERAL salesperf.agreement_sales(p.agreement_id) s ON true
WHERE p.agreement_id BETWEEN 940001 AND 940012 GROUP BY 1, p.actual ORDER BY 1;

-- Active: projected from what was sold so far, and the bonus with it.
BEGIN;
INSERT INTO salesperf.agreement (agreement_id, description, metric, starts_on, ends_on, tiers)
SELECT 940014, 'active', 'net', salesperf.today() - 9, salesperf.today() + 20, '0: 5%, 500: 8%, 1200: 9%, 5000: 10%';
INSERT INTO salesperf.agreement_customer VALUES (940014, 'now');
INSERT INTO agr.sale VALUES ('now', salesperf.today(), 'now', 'r', 'p', 500, 0);
-- a third of the days: expected 5000 / 3, projected 1500, 9 % of it 135
SELECT status, objective, actual, expected_to_date, on_track, indicator, projected, level, bonus_rate, bonus, next_threshold, to_next, projected_level, projected_bonus, progress
FROM salesperf.agreement_performance WHERE agreement_id = 940014;
ROLLBACK;

-- What is too large for a column is NULL.
INSERT INTO salesperf.agreement (agreement_id, description, metric, starts_on, ends_on, tiers) VALUES
    (940015, 'large', 'net', '2021-01-01', '2021-12-31', '0: 999999999999999999999999%, 1000000000000000000000000000000: 1');
INSERT INTO salesperf.agreement_customer VALUES (940015, 'c1');
SELECT objective, actual, expected_to_date, on_track, level, bonus_rate, bonus, next_threshold, to_next, projected_bonus, progress
FROM salesperf.agreement_performance WHERE agreement_id = 940015;

DELETE FROM salesperf.agreement WHERE agreement_id BETWEEN 940001 AND 940099;
SELECT salesperf.detach_source('agr');
DROP SCHEMA agr CASCADE;
CALL salesperf.refresh_measures();
