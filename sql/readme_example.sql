-- The example of README.md, to the letter.
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT salesperf.setup() \g /dev/null

CREATE TABLE shop_order (order_no int PRIMARY KEY, day date, client text, rep text, net numeric, state text);

SELECT salesperf.attach_source('shop', lines => 'public.shop_order', document => 'l.order_no', sold_on => 'l.day',
    customer => 'l.client', seller => 'l.rep', net => 'l.net', counts => $$l.state = 'sold'$$);

INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers)
VALUES ('Ann, Q1', 'net', '2026-01-01', '2026-03-31', 9000, '{ann}');
INSERT INTO salesperf.agreement (description, metric, starts_on, ends_on, tiers)
VALUES ('ACME bonus', 'net', '2026-01-01', '2026-03-31', '0: 5%, 5000: 8%, 10000: 12%');
INSERT INTO salesperf.agreement_customer SELECT agreement_id, 'acme' FROM salesperf.agreement;
CALL salesperf.refresh_measures();

INSERT INTO shop_order VALUES (1, '2026-01-15', 'acme', 'ann', 6000, 'sold'), (2, '2026-02-20', 'acme', 'bob', 3500, 'sold'),
    (3, '2026-03-31', 'zeta', 'ann', 2500, 'draft');
UPDATE shop_order SET state = 'sold' WHERE order_no = 3;

SELECT name, target, actual, attainment, indicator, gap, progress FROM salesperf.target_performance;
SELECT description, actual, level, bonus, next_threshold, to_next, progress FROM salesperf.agreement_performance;
SELECT document, sold_on, customer, amount FROM salesperf.target_sales((SELECT target_id FROM salesperf.target));
SELECT count(*) AS differing FROM salesperf.verify_totals();

SELECT salesperf.detach_source('shop');
DELETE FROM salesperf.target;
DELETE FROM salesperf.agreement;
DROP TABLE shop_order;
CALL salesperf.refresh_measures();
