-- Targets by hand: by month, joint, of a team whose seller moved, by family and
-- brand, documents with splits, as of a day.
SET client_min_messages = warning;
SET datestyle = ISO;
CREATE SCHEMA twk;
CREATE TABLE twk.sale (doc text, line integer, day date, cust text, rep text, item text, net numeric, PRIMARY KEY (doc, line));
CREATE INDEX ON twk.sale (rep);
CREATE INDEX ON twk.sale (item);
SELECT salesperf.attach_source('twk', 'twk.sale', document => 'l.doc', line => 'l.line', sold_on => 'l.day', customer => 'l.cust', seller => 'l.rep', product => 'l.item', net => 'l.net');
INSERT INTO salesperf.unit (code, kind) VALUES ('twk all', 'company'), ('twk east', 'team'), ('twk west', 'team');
INSERT INTO salesperf.unit_parent VALUES ('twk east', 'twk all', '2021-01-01', NULL), ('twk west', 'twk all', '2021-01-01', NULL);
-- t1 moves from east to west on 1 July.
INSERT INTO salesperf.seller_unit VALUES ('t1', 'twk east', '2021-01-01', '2021-06-30'), ('t1', 'twk west', '2021-07-01', NULL), ('t2', 'twk west', '2021-01-01', NULL);
INSERT INTO salesperf.product VALUES ('twk1', NULL, 'acme', 'twk drill'), ('twk2', NULL, 'bolt', 'twk saw');
INSERT INTO salesperf.product_family VALUES ('twk drill', 'twk tool'), ('twk saw', 'twk tool'), ('twk tool', NULL);
INSERT INTO twk.sale VALUES
    ('A', 1, '2021-01-20', 'c', 't1', 'twk1', 100), ('A', 2, '2021-01-20', 'c', 't1', 'twk2', 20), ('B', 1, '2021-06-30', 'c', 't1', 'twk1', 300),
    ('C', 1, '2021-07-01', 'c', 't1', 'twk2', 500), ('D', 1, '2021-07-15', 'c', 't2', 'twk1', 700), ('E', 1, '2021-12-31', 'c', 't2', 'twk2', -50);
-- A is shared: t2 has a quarter.
INSERT INTO salesperf.order_split (source, document, seller, percent) VALUES ('twk', 'A', 't2', 25);
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sellers, units, families, brands, exclude_brands, exclude_families) VALUES
    (990001, 't1', 'net', '2021-01-01', '2021-12-31', 1000, '{t1}', NULL, NULL, NULL, NULL, NULL),
    (990002, 'joint', 'net', '2021-01-01', '2021-12-31', 2000, '{t1,t2}', NULL, NULL, NULL, NULL, NULL),
    (990003, 'east', 'net', '2021-01-01', '2021-12-31', 500, NULL, '{twk east}', NULL, NULL, NULL, NULL),
    (990004, 'west', 'net', '2021-01-01', '2021-12-31', 1000, NULL, '{twk west}', NULL, NULL, NULL, NULL),
    (990005, 'all', 'net', '2021-01-01', '2021-12-31', 1570, NULL, '{twk all}', NULL, NULL, NULL, NULL),
    (990006, 'documents of t2', 'documents', '2021-01-01', '2021-12-31', 4, '{t2}', NULL, NULL, NULL, NULL, NULL),
    (990007, 'documents of all', 'documents', '2021-01-01', '2021-12-31', 10, NULL, '{twk all}', NULL, NULL, NULL, NULL),
    (990008, 'tools', 'net', '2021-01-01', '2021-12-31', 1570, NULL, NULL, '{twk tool}', NULL, NULL, NULL),
    (990009, 'tools but bolt', 'net', '2021-01-01', '2021-12-31', 1000, NULL, NULL, '{twk tool}', NULL, '{bolt}', NULL),
    (990010, 'acme of the west', 'net', '2021-01-01', '2021-12-31', 700, NULL, '{twk west}', NULL, '{acme}', NULL, NULL),
    (990011, 'tools but drills', 'net', '2021-01-01', '2021-12-31', 470, NULL, NULL, '{twk tool}', NULL, NULL, '{twk drill}'),
    (990012, 'by month', 'net', '2021-01-11', '2021-03-20', 900, '{t1}', NULL, NULL, NULL, NULL, NULL),
    (990013, 'days alone', 'net', '2021-01-11', '2021-03-20', 900, '{t1}', NULL, NULL, NULL, NULL, NULL),
    (990014, 'below zero by month', 'net', '2021-01-01', '2021-03-31', -90, '{t1}', NULL, NULL, NULL, NULL, NULL);
INSERT INTO salesperf.target_month VALUES (990012, '2021-01-01', 0.5), (990012, '2021-03-01', 0.5), (990014, '2021-02-01', 1);
--  1  75 % of 120 + 300 + 500 = 890;  2  120 + 300 + 500 + 700 - 50 = 1570
--  3  east has t1's part of A and B: 90 + 300 = 390;  4  west: t2's part of A 30, C, D, E: 1180
--  5  the company counts each sale once: 1570;  6  A, D and E;  7  A to E
--  8  all are tools: 1570;  9  A's and B's drills and D: 1100;  10  a quarter of A's drill 25, D: 725
-- 11  saws: 20 + 500 - 50 = 470;  12, 13  75 % of A: 90
SELECT target_id - 990000 AS id, name, metric, target, actual, attainment, indicator, gap FROM salesperf.target_performance WHERE target_id BETWEEN 990001 AND 990014 ORDER BY 1;
CALL salesperf.refresh_measures();
SELECT target_id - 990000 AS id, actual FROM salesperf.target_performance('2021-12-31') WHERE target_id BETWEEN 990001 AND 990014 ORDER BY 1;

-- As of 30 June C, D and E are still to come; 181 of 365 days have passed.
SELECT target_id - 990000 AS id, status, actual, expected_to_date, on_track AS ok, indicator AS i, projected, gap FROM salesperf.target_performance('2021-06-30')
WHERE target_id BETWEEN 990001 AND 990011 ORDER BY 1;

-- Months: January has 21 days in the period (from the 11th), half of 900 for
-- them; February nothing; March 20 days.
--  10 Jan 0;  11 Jan 450 / 21;  20 Jan 450 × 10 / 21, A is in;  31 Jan, 28 Feb 450;  1 Mar + 450 / 20;  19 Mar 877.5;  20 Mar all
SELECT d.day::date, p.status, p.actual, p.expected_to_date, p.on_track AS ok, p.indicator AS i, p.projected
FROM unnest('{2021-01-10,2021-01-11,2021-01-20,2021-01-31,2021-02-28,2021-03-01,2021-03-19,2021-03-20,2021-03-21,infinity}'::date[]) d (day)
CROSS JOIN LATERAL salesperf.target_performance(d.day) p WHERE p.target_id = 990012 ORDER BY 1;
SELECT d.day::date, p.expected_to_date FROM unnest('{2021-01-31,2021-02-01,2021-02-14,2021-02-28,2021-03-01,2021-03-31}'::date[]) d (day)
CROSS JOIN LATERAL salesperf.target_performance(d.day) p WHERE p.target_id = 990014 ORDER BY 1;
-- Without months the same target is expected day by day.
SELECT d.day::date, p.expected_to_date = round(900 * (d.day - date '2021-01-10') / 69.0, 4) AS even FROM unnest('{2021-01-11,2021-02-14,2021-03-19}'::date[]) d (day)
CROSS JOIN LATERAL salesperf.target_performance(d.day) p WHERE p.target_id = 990013 ORDER BY 1;
-- On 20 January 0.21 × 900 × 10 / 21 are exactly the 90 that there are.
UPDATE salesperf.target_month SET share = CASE month WHEN '2021-01-01' THEN 0.21 ELSE 0.79 END WHERE target_id = 990012;
SELECT d.day::date, p.actual, p.expected_to_date, p.on_track FROM unnest('{2021-01-20,2021-01-21}'::date[]) d (day)
CROSS JOIN LATERAL salesperf.target_performance(d.day) p WHERE p.target_id = 990012 ORDER BY 1;
SELECT count(*) FROM salesperf.target_performance(NULL);

-- Figures by month; the sales behind a figure.
SELECT target_id - 990000 AS id, metric, month, actual FROM salesperf.measure_month WHERE target_id IN (990002, 990003, 990007) ORDER BY 1, month;
SELECT document, line, seller, amount FROM salesperf.target_sales(990004);
SELECT document, line, amount FROM salesperf.target_sales(990006);
SELECT count(*) FILTER (WHERE p.actual = (SELECT coalesce(sum(amount), 0) FROM salesperf.target_sales(p.target_id))) AS equal, count(*) AS targets
FROM salesperf.target_performance p WHERE target_id BETWEEN 990001 AND 990014;

-- The move is dated back to 1 June: B goes west.  A brand changes: C's and E's
-- products and A's second line are acme's.
UPDATE salesperf.seller_unit SET valid_to = '2021-05-31' WHERE seller = 't1' AND unit = 'twk east';
UPDATE salesperf.seller_unit SET valid_from = '2021-06-01' WHERE seller = 't1' AND unit = 'twk west';
UPDATE salesperf.product SET brand = 'acme' WHERE code = 'twk2';
-- 3: 90; 4: 1480; 9: 1570; 10: 1480
SELECT target_id - 990000 AS id, actual FROM salesperf.target_performance WHERE target_id IN (990003, 990004, 990005, 990009, 990010) ORDER BY 1;
SELECT * FROM salesperf.verify_totals();

DELETE FROM salesperf.target WHERE target_id BETWEEN 990001 AND 990099;
DELETE FROM salesperf.order_split WHERE source = 'twk';
DELETE FROM salesperf.seller_unit WHERE seller IN ('t1', 't2');
DELETE FROM salesperf.unit_parent WHERE unit LIKE 'twk%';
DELETE FROM salesperf.unit WHERE code LIKE 'twk%';
DELETE FROM salesperf.product WHERE code LIKE 'twk%';
DELETE FROM salesperf.product_family WHERE code LIKE 'twk%';
SELECT salesperf.detach_source('twk');
DROP SCHEMA twk CASCADE;
CALL salesperf.refresh_measures();
