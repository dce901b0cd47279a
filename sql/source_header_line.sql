-- A header/line pair: what a line adds depends on its header.  After each
-- step every figure equals plain SQL over the tables.
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT salesperf.setup() \g /dev/null

CREATE SCHEMA shop;
CREATE TABLE shop."Order Head" (
    company int, "No" varchar(20), rep numeric(10,0), client char(8), sold date, state text, PRIMARY KEY (company, "No"));
CREATE TABLE shop.order_line (
    company int, order_no varchar(20), pos int, item text, qty numeric, net numeric, cost numeric,
    FOREIGN KEY (company, order_no) REFERENCES shop."Order Head" ON DELETE CASCADE ON UPDATE CASCADE);

-- What it needs is named.
\set attach 'SELECT salesperf.attach_source(''shop'', lines => ''shop.order_line'', header => ''shop."Order Head"'', document => ''h.company::text || ''''/'''' || h."No"'', line => ''l.pos'', sold_on => ''h.sold'', customer => ''h.client'', seller => ''h.rep'', product => ''l.item'', quantity => ''l.qty'', net => ''l.net'', cost => ''l.cost'', counts => ''h.state = ''''sold'''''', join_on => '
:attach NULL);
:attach 'h."No" = l.order_no AND l.company = h.company');
:attach 'h."No" = l.order_no AND l.company > h.company');
:attach 'h."No" = l.order_no AND l.company = h.company + 0');
:attach 'h."No" = l.order_no AND l.company = l.pos');
:attach 'h."No" = l.order_no AND l.company = h.rep');
:attach 'h."No" = l.order_no OR l.company = h.company');
SELECT salesperf.attach_source('shop', lines => 'shop.order_line', join_on => 'true', document => 'l.order_no', sold_on => 'current_date', net => 'l.net');
SELECT salesperf.attach_source('shop', lines => 'shop.order_line', header => 'shop.order_line', join_on => 'l.pos = h.pos', document => 'l.order_no', sold_on => 'current_date', net => 'l.net');
CREATE INDEX ON shop.order_line (company, order_no);
:attach 'h."No" = l.order_no AND l.company = h.company') \g /dev/null

INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers, customers)
SELECT r || ' ' || m, m, date '2020-01-01', date '2020-06-30', 100, ARRAY[r], NULL::text[]
FROM unnest('{7,8}'::text[]) r, unnest('{net,margin,quantity}'::text[]) m
UNION ALL VALUES ('all', 'net', date '2020-01-01', date '2020-12-31', 100, NULL::text[], NULL::text[]),
                 ('client', 'net', '2020-01-01', '2020-12-31', 100, NULL, '{ab}');

CREATE VIEW shop.wrong AS
SELECT t.name, p.actual, s.plain
FROM salesperf.target t
JOIN salesperf.target_performance p USING (target_id)
CROSS JOIN LATERAL (
    SELECT coalesce(sum(CASE t.metric WHEN 'net' THEN l.net WHEN 'quantity' THEN l.qty ELSE l.net - l.cost END), 0) AS plain
    FROM shop.order_line l
    JOIN shop."Order Head" h ON h.company = l.company AND h."No" = l.order_no
    WHERE h.state = 'sold' AND h.sold BETWEEN t.starts_on AND t.ends_on
      AND (t.sellers IS NULL OR trim_scale(h.rep)::text = ANY (t.sellers))
      AND (t.customers IS NULL OR h.client::text = ANY (t.customers))) s
WHERE p.actual IS DISTINCT FROM s.plain;
CREATE FUNCTION shop.look(step text) RETURNS TABLE (after text, sum_of_all numeric, wrong bigint, differing bigint) LANGUAGE sql AS $$
    SELECT step, (SELECT actual FROM salesperf.target_performance WHERE name = 'all'),
        (SELECT count(*) FROM shop.wrong), (SELECT count(*) FROM salesperf.verify_totals()) $$;

\pset tuples_only on
SELECT * FROM shop.look('live, empty');
CALL salesperf.refresh_measures();
INSERT INTO shop."Order Head" VALUES (1, 'A', 7, 'ab', '2020-02-02', 'sold'), (1, 'B', 8, 'ab', '2020-02-03', 'draft'), (2, 'A', 7, 'cd', '2020-07-01', 'sold');
SELECT * FROM shop.look('headers without lines');
INSERT INTO shop.order_line VALUES (1, 'A', 1, 'x', 1, 10, 6), (1, 'A', 2, 'y', 2, 20.5, NULL), (1, 'B', 1, 'x', 3, 5, 1), (2, 'A', 1, 'x', 1, 7, 1);
SELECT * FROM shop.look('lines');
UPDATE shop."Order Head" SET state = 'sold' WHERE "No" = 'B';
SELECT * FROM shop.look('status');
UPDATE shop."Order Head" SET rep = CASE rep WHEN 7 THEN 8 END;
SELECT * FROM shop.look('seller to another and to none');
UPDATE shop."Order Head" SET rep = 7, sold = '2020-06-30';
SELECT * FROM shop.look('seller and date');
UPDATE shop."Order Head" SET company = company + 10;
SELECT * FROM shop.look('key, cascading to lines');
UPDATE shop.order_line SET order_no = 'A' WHERE company = 11 AND order_no = 'B';
SELECT * FROM shop.look('a line moves to another document');
WITH gone AS (DELETE FROM shop.order_line WHERE pos = 2 RETURNING *), new AS (
    INSERT INTO shop.order_line SELECT company, order_no, 9, item, qty, net * 2, cost FROM gone RETURNING 1)
UPDATE shop."Order Head" SET rep = 8 WHERE company = 11;
SELECT * FROM shop.look('three commands in one statement');
BEGIN;
UPDATE shop."Order Head" SET state = 'draft';
SAVEPOINT s;
DELETE FROM shop."Order Head";
SELECT * FROM shop.look('deleted, uncommitted');
ROLLBACK TO s;
UPDATE shop.order_line SET net = net + 1;
UPDATE shop."Order Head" SET state = 'sold' WHERE company = 12;
SELECT * FROM shop.look('after a savepoint, uncommitted');
COMMIT;
SELECT * FROM shop.look('committed');
DELETE FROM shop."Order Head" WHERE company = 12;
SELECT * FROM shop.look('deleted with its lines');

-- Without a foreign key lines may come before their header.
ALTER TABLE shop.order_line DROP CONSTRAINT order_line_company_order_no_fkey;
INSERT INTO shop.order_line VALUES (3, 'L', 1, 'x', 1, 100, 60);
SELECT * FROM shop.look('a line without header');
INSERT INTO shop."Order Head" VALUES (3, 'L', 7, 'ab', '2020-03-03', 'sold');
SELECT * FROM shop.look('its header');
DELETE FROM shop."Order Head" WHERE company = 3;
SELECT * FROM shop.look('the header alone goes');
TRUNCATE shop."Order Head";
SELECT * FROM shop.look('headers truncated, live');
\pset tuples_only off

SELECT document, line, sold_on, customer, seller, product, quantity, net, margin FROM salesperf.sale ORDER BY 1, 2;
SELECT salesperf.detach_source('shop') \g /dev/null
SELECT count(*) AS triggers_left FROM pg_trigger WHERE tgrelid IN ('shop.order_line'::regclass, 'shop."Order Head"'::regclass) AND NOT tgisinternal;
DELETE FROM salesperf.target;
CALL salesperf.refresh_measures();
DROP SCHEMA shop CASCADE;
