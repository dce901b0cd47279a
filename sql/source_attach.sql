-- Attaching, attaching again, detaching: what counts follows at once.
SET client_min_messages = warning;
SET datestyle = ISO;
CREATE SCHEMA src_att;
CREATE TABLE src_att.sales (id integer PRIMARY KEY, no text UNIQUE, day date, day2 date, cust integer, cust2 text,
    rep text, team text, item text, shop text, kind text, qty integer, gross numeric, net numeric, net2 numeric,
    cost numeric, paid numeric, ok boolean, extra jsonb);
INSERT INTO src_att.sales
SELECT n, 'D' || n, date '2021-03-01' + n, date '2022-03-01' + n, n % 3, 'c' || n % 2, 'r' || n % 4, 'team' || n % 2,
    'i' || n % 5, 's' || n % 2, CASE n % 2 WHEN 0 THEN 'new' ELSE 'renewal' END, n, 2 * n, n + 0.5, 100 * n, n / 2.0, n / 10.0,
    n % 5 > 0, jsonb_build_object('n', n)
FROM generate_series(1, 20) AS n;
CREATE TABLE src_att.old_sales (LIKE src_att.sales INCLUDING INDEXES);
INSERT INTO src_att.old_sales (id, no, day, net) SELECT n, 'O' || n, date '2021-03-01' + n, 1000 FROM generate_series(1, 5) AS n;

-- Every argument.
SELECT salesperf.attach_source(
    name => 'att', lines => 'src_att.sales', document => 'l.no', line => 'l.id', sold_on => 'l.day',
    customer => 'l.cust', seller => 'l.rep', unit => 'l.team', product => 'l.item', branch => 'l.shop',
    sale_type => 'l.kind', quantity => 'l.qty', gross => 'l.gross', net => 'l.net', cost => 'l.cost',
    revenue => 'l.paid', counts => 'l.ok', attributes => 'l.extra');
\x on
SELECT * FROM salesperf.sale WHERE source = 'att' AND document = 'D7';
SELECT * FROM salesperf.source WHERE name = 'att';
\x off
SELECT count(*) AS sales, count(*) FILTER (WHERE counts) AS counting FROM salesperf.sale WHERE source = 'att';

-- The required ones alone: quantity 1, gross = net, all else NULL, all count.
SELECT salesperf.attach_source('att_min', 'src_att.sales', document => 'l.id', sold_on => 'l.day', net => 'l.net');
\x on
SELECT * FROM salesperf.sale WHERE source = 'att_min' AND document = '7';
\x off

-- Columns of view sale: as documented, and plain to read.
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
WHERE attrelid = 'salesperf.sale'::regclass AND attnum > 0 ORDER BY attnum;

-- Two sources on one table count twice, each on its own when asked for.
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sources) VALUES
    (910001, 'att both', 'net', '2021-01-01', '2021-12-31', 1, '{att,att_min}'),
    (910002, 'att one', 'net', '2021-01-01', '2021-12-31', 1, '{att}'),
    (910003, 'att min', 'net', '2021-01-01', '2021-12-31', 1, '{att_min}'),
    (910004, 'att next', 'net', '2022-01-01', '2022-12-31', 1, '{att}'),
    (910005, 'att cust', 'quantity', '2021-01-01', '2022-12-31', 1, '{att}');
UPDATE salesperf.target SET customers = '{1,c1}' WHERE target_id = 910005;
-- Kept or computed, a figure is what plain SQL over view sale says.
CREATE VIEW src_att.figure AS
SELECT t.target_id, p.actual, p.actual = (
    SELECT coalesce(sum(CASE t.metric WHEN 'quantity' THEN s.quantity ELSE s.net END), 0)
    FROM salesperf.sale s
    WHERE s.counts AND s.source = ANY (t.sources) AND s.sold_on BETWEEN t.starts_on AND t.ends_on
      AND (t.customers IS NULL OR s.customer = ANY (t.customers))) AS right, m.state
FROM salesperf.target t
JOIN salesperf.target_performance p USING (target_id)
JOIN salesperf.measure_state m USING (target_id)
WHERE t.target_id BETWEEN 910001 AND 910005;
-- Days 2 to 21 of March: 210 + 20 × 0.5 = 220 of all; without 5, 10, 15 and 20
-- 160 + 16 × 0.5 = 168; customer 1 has 1, 4, 7, 13, 16, 19 = 60.
SELECT * FROM src_att.figure ORDER BY 1;
CALL salesperf.refresh_measures();
SELECT * FROM src_att.figure ORDER BY 1;

-- Another column: the mapping changes in place, and the figures with it.
SELECT salesperf.attach_source('att', 'src_att.sales', document => 'l.no', sold_on => 'l.day2', customer => 'l.cust2',
    quantity => 'l.qty', net => 'l.net2', counts => 'l.ok');
SELECT count(*) AS sources FROM salesperf.source WHERE name LIKE 'att%';
SELECT * FROM src_att.figure ORDER BY 1;
CALL salesperf.refresh_measures();
UPDATE src_att.sales SET net2 = net2 + 1, net = net + 1 WHERE id = 1;
SELECT * FROM src_att.figure ORDER BY 1;
SELECT * FROM salesperf.verify_totals();

-- Another type of key.
SELECT salesperf.attach_source('att', 'src_att.sales', document => 'l.id', sold_on => 'l.day2', customer => 'l.cust2',
    quantity => 'l.qty', net => 'l.net2', counts => 'l.ok');
CALL salesperf.refresh_measures();
DELETE FROM src_att.sales WHERE id = 20;
UPDATE src_att.sales SET ok = true WHERE id = 10;
SELECT * FROM src_att.figure ORDER BY 1;
SELECT * FROM salesperf.verify_totals();

-- Within one transaction: written under the old key, attached, written again.
BEGIN;
UPDATE src_att.sales SET net2 = 1 WHERE id = 2;
SELECT salesperf.attach_source('att', 'src_att.sales', document => 'l.no', sold_on => 'l.day2', customer => 'l.cust2',
    quantity => 'l.qty', net => 'l.net2', counts => 'l.ok');
UPDATE src_att.sales SET net2 = 3 WHERE id = 3;
SELECT * FROM src_att.figure ORDER BY 1;
COMMIT;
SELECT * FROM src_att.figure ORDER BY 1;

-- Attached and rolled back: nothing has changed.
BEGIN;
SELECT salesperf.attach_source('att', 'src_att.sales', document => 'l.no', sold_on => 'l.day', net => 'l.net');
ROLLBACK;
CALL salesperf.refresh_measures();
UPDATE src_att.sales SET net2 = 4 WHERE id = 4;
SELECT * FROM src_att.figure ORDER BY 1;
SELECT * FROM salesperf.verify_totals();

-- Another table: the triggers move.
SELECT salesperf.attach_source('att', 'src_att.old_sales', document => 'l.no', sold_on => 'l.day', net => 'l.net');
SELECT tgrelid::regclass AS table, count(*) FROM pg_trigger
WHERE tgname ~ '^salesperf_att' GROUP BY tgrelid::regclass::text, 1 ORDER BY tgrelid::regclass::text;
SELECT * FROM src_att.figure ORDER BY 1;
CALL salesperf.refresh_measures();
INSERT INTO src_att.old_sales (id, no, day, net) VALUES (6, 'O6', '2021-12-31', 0.0001);
INSERT INTO src_att.sales (id, no, day, day2, net2, ok) VALUES (21, 'D21', '2020-01-01', '2021-06-01', 999, true);
SELECT * FROM src_att.figure ORDER BY 1;
SELECT * FROM salesperf.verify_totals();

-- A renamed column and a renamed, moved table keep counting.
ALTER TABLE src_att.old_sales RENAME COLUMN net TO "Net amount";
ALTER TABLE src_att.old_sales RENAME COLUMN no TO "order";
ALTER TABLE src_att.sales RENAME COLUMN net TO amount;
UPDATE src_att.old_sales SET "Net amount" = 7 WHERE "order" = 'O1';
UPDATE src_att.sales SET amount = 0 WHERE id = 1;
SELECT * FROM src_att.figure ORDER BY 1;
SELECT * FROM salesperf.verify_totals();

ALTER TABLE src_att.old_sales RENAME TO "Old sales";
CREATE SCHEMA "src att";
ALTER TABLE src_att."Old sales" SET SCHEMA "src att";
UPDATE "src att"."Old sales" SET "Net amount" = 8 WHERE "order" = 'O2';
SELECT * FROM src_att.figure ORDER BY 1;
SELECT * FROM salesperf.verify_totals();

-- Then the text of a mapping does not fit its table: that is said, what is
-- there stays, and does not stand in the way of other sources.
SELECT salesperf.setup();
SELECT salesperf.attach_source('att_new', 'src_att.sales', document => 'l.id', sold_on => 'l.day', net => '1');
SELECT salesperf.detach_source('att_new');
DROP TRIGGER salesperf_att_update ON "src att"."Old sales";
SELECT salesperf.setup();
UPDATE "src att"."Old sales" SET "Net amount" = 9 WHERE "order" = 'O3';
SELECT * FROM src_att.figure ORDER BY 1;
CALL salesperf.refresh_measures();

-- Detaching takes the contribution out.
SELECT salesperf.detach_source('att');
SELECT * FROM src_att.figure ORDER BY 1;
CALL salesperf.refresh_measures();
INSERT INTO "src att"."Old sales" (id, "order", day, "Net amount") VALUES (7, 'O7', '2021-12-31', 5);
SELECT * FROM src_att.figure ORDER BY 1;
SELECT to_regclass('salesperf.source_att') AS view, count(*) AS triggers FROM pg_trigger WHERE tgname ~ '^salesperf_att_(insert|update|delete|truncate)$';
SELECT count(*) AS sales FROM salesperf.sale WHERE source LIKE 'att%';

-- A source whose table is gone is detached like any other.
DROP SCHEMA "src att" CASCADE;
DROP TABLE src_att.sales CASCADE;
SELECT salesperf.setup();
SELECT salesperf.detach_source('att_min');
SELECT count(*) AS sales FROM salesperf.sale WHERE source LIKE 'att%';
SELECT target_id, actual FROM salesperf.target_performance WHERE target_id BETWEEN 910001 AND 910005 ORDER BY 1;

DELETE FROM salesperf.target WHERE target_id BETWEEN 910001 AND 910005;
DROP SCHEMA src_att CASCADE;
CALL salesperf.refresh_measures();
