-- Documents beside split ones are read by the indexes of their tables, and
-- those that have rows in order_split by queries: after each step every kept
-- figure is what plain SQL says.
SET client_min_messages = warning;
SELECT salesperf.setup() \g /dev/null

-- A flat table, where 1 and 1.0 are one document; and a header that names it by a look-up's column.
CREATE SCHEMA beside;
CREATE TABLE beside.receipt (id integer PRIMARY KEY, number numeric, seller text, net numeric);
CREATE INDEX ON beside.receipt (number);
CREATE TABLE beside.shop (code integer PRIMARY KEY, prefix text);
CREATE TABLE beside.bill (number integer PRIMARY KEY, shop integer, seller text);
CREATE TABLE beside.item (id integer PRIMARY KEY, number integer, net numeric);
CREATE INDEX ON beside.bill (shop);
CREATE INDEX ON beside.item (number);
SELECT salesperf.attach_source('beside', lines => 'beside.receipt', document => 'l.number', line => 'l.id',
    sold_on => $$date '2020-05-05'$$, seller => 'l.seller', net => 'l.net'),
  salesperf.attach_source('beside_bill', lines => 'beside.item', header => 'beside.bill', join_on => 'l.number = h.number',
    joins => ARRAY['beside.shop p ON p.code = h.shop'], document => $$p.prefix || h.number::text$$, line => 'l.id',
    sold_on => $$date '2020-05-05'$$, seller => 'h.seller', net => 'l.net') \g /dev/null
INSERT INTO beside.shop VALUES (1, 'n'), (2, 's');
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers, sources)
SELECT format('beside %s %s', source, seller), 'net', '2020-01-01', '2020-12-31', 1, ARRAY[seller], ARRAY[source]
FROM unnest(ARRAY['order', 'beside', 'beside_bill']) source, unnest(ARRAY['a', 'b', 'c']) seller;
CALL salesperf.refresh_measures();

CREATE VIEW beside.line AS
SELECT 'order' AS source, l.order_no AS document, h.seller, l.net FROM salesperf.order_line l JOIN salesperf.sales_order h USING (order_no)
UNION ALL SELECT 'beside', trim_scale(number)::text, seller, net FROM beside.receipt
UNION ALL SELECT 'beside_bill', p.prefix || h.number, h.seller, l.net FROM beside.item l JOIN beside.bill h USING (number) LEFT JOIN beside.shop p ON p.code = h.shop
WHERE p.prefix IS NOT NULL;
-- Splits here are percents of different sellers, who are not the document's own.
CREATE VIEW beside.share AS
SELECT l.source, s.seller, l.net * s.percent / 100 AS net FROM beside.line l JOIN salesperf.order_split s USING (source, document)
UNION ALL
SELECT l.source, l.seller, l.net * (100 - coalesce((SELECT sum(s.percent) FROM salesperf.order_split s WHERE s.source = l.source AND s.document = l.document), 0)) / 100
FROM beside.line l;
CREATE VIEW beside.wrong AS
SELECT t.name, t.actual, p.net
FROM salesperf.target g JOIN salesperf.target_performance t USING (target_id) JOIN salesperf.measure_state m USING (target_id),
LATERAL (SELECT coalesce(sum(s.net), 0) AS net FROM beside.share s WHERE s.source = g.sources[1] AND s.seller = g.sellers[1]) p
WHERE g.name LIKE 'beside%' AND (t.actual <> round(p.net, 4) OR m.state <> 'built');
-- Plans of this session that read documents.
CREATE VIEW beside.checked AS
SELECT (SELECT count(*) FROM beside.wrong) AS wrong, (SELECT count(*) FROM salesperf.verify_totals()) AS differ,
    EXISTS (SELECT FROM pg_backend_memory_contexts WHERE name = 'CachedPlanSource' AND ident LIKE 'SELECT s.sold_on%ANY ($1)%') AS queried,
    (SELECT string_agg(actual::float8::text, ' ' ORDER BY name) FROM salesperf.target_performance WHERE name LIKE 'beside%') AS actuals;

-- A document that is split, others, and none of these read by a query.
INSERT INTO salesperf.sales_order (order_no, ordered_on, seller) SELECT 'x' || i, '2020-05-05', 'a' FROM generate_series(1, 6) i;
INSERT INTO salesperf.order_line (order_no, line_no, net) SELECT 'x' || i, j, 100 * i + j FROM generate_series(1, 6) i, generate_series(1, 2) j;
INSERT INTO salesperf.order_split (source, document, seller, percent) VALUES ('order', 'x1', 'b', 50), ('order', 'x1', 'c', 20), ('beside', '1', 'c', 40), ('beside', 'x2', 'c', 40);
TABLE beside.checked;
\connect -
SET client_min_messages = warning;
INSERT INTO salesperf.order_line (order_no, line_no, net) VALUES ('x2', 3, 1), ('x3', 3, 2);
UPDATE salesperf.sales_order SET seller = 'c' WHERE order_no = 'x3';
INSERT INTO beside.receipt VALUES (1, 2, 'a', 10), (2, 2, 'b', 20), (3, 3, 'a', 30);
UPDATE beside.receipt SET net = net + 1 WHERE number = 2;
TABLE beside.checked;

-- Both kinds in one transaction: lines alone, new documents, and headers.
BEGIN;
INSERT INTO salesperf.order_line (order_no, line_no, net) VALUES ('x1', 4, 1000), ('x2', 4, 2000), ('x4', 4, 3000);
DELETE FROM salesperf.order_line WHERE line_no = 1 AND order_no IN ('x1', 'x4');
TABLE beside.checked;
COMMIT;
TABLE beside.checked;
BEGIN;
UPDATE salesperf.sales_order SET seller = 'd' WHERE order_no IN ('x1', 'x2');
INSERT INTO salesperf.order_line (order_no, line_no, net) VALUES ('x5', 5, 7);
COMMIT;
INSERT INTO beside.receipt VALUES (4, 1, 'a', 100), (5, 1.0, 'a', 200), (6, 3, 'b', 300);
TABLE beside.checked;
INSERT INTO beside.receipt VALUES (7, 1, 'b', 1000);
UPDATE beside.receipt SET number = 1.00 WHERE id IN (3, 4);
TABLE beside.checked;

-- Splits come, go and move in the transaction that writes the documents.
BEGIN;
INSERT INTO salesperf.order_line (order_no, line_no, net) VALUES ('x2', 6, 11), ('x3', 6, 13), ('x1', 6, 17);
INSERT INTO salesperf.order_split (source, document, seller, percent) VALUES ('order', 'x2', 'c', 25);
TABLE beside.checked;
DELETE FROM salesperf.order_split WHERE document = 'x1';
TABLE beside.checked;
UPDATE salesperf.order_split SET document = 'x3' WHERE source = 'order' AND document = 'x2';
TABLE beside.checked;
COMMIT;
TABLE beside.checked;
BEGIN;
INSERT INTO salesperf.sales_order (order_no, ordered_on, seller) VALUES ('y1', '2020-05-05', 'b'), ('y2', '2020-05-05', 'b');
INSERT INTO salesperf.order_line (order_no, line_no, net) VALUES ('y1', 1, 19), ('y2', 1, 23);
INSERT INTO salesperf.order_split (source, document, seller, percent) VALUES ('order', 'y2', 'a', 60);
SAVEPOINT s;
INSERT INTO salesperf.order_split (source, document, seller, percent) VALUES ('order', 'y1', 'a', 60);
DELETE FROM salesperf.order_split WHERE document = 'x3';
ROLLBACK TO s;
UPDATE salesperf.order_line SET net = net + 1 WHERE order_no IN ('x3', 'x4', 'y1');
COMMIT;
TABLE beside.checked;

-- Where a looked up row names the document.
INSERT INTO salesperf.order_split (source, document, seller, percent) VALUES ('beside_bill', 's1', 'c', 30), ('beside_bill', 'n2', 'a', 50);
INSERT INTO beside.bill VALUES (1, 1, 'a'), (2, 1, 'b'), (3, 3, 'b');
INSERT INTO beside.item SELECT i, 1 + i % 3, 10 ^ i FROM generate_series(1, 5) i;
TABLE beside.checked;
UPDATE beside.bill SET shop = 2;
INSERT INTO beside.item VALUES (6, 1, 5), (7, 3, 6);
TABLE beside.checked;

-- No row is left.
BEGIN;
DELETE FROM salesperf.order_split;
UPDATE salesperf.order_line SET net = net + 1 WHERE line_no = 6;
COMMIT;
TABLE beside.checked;
\connect -
SET client_min_messages = warning;
UPDATE salesperf.order_line SET net = net + 1 WHERE line_no = 6;
DELETE FROM beside.receipt WHERE number = 1;
TABLE beside.checked;

DELETE FROM salesperf.target WHERE name LIKE 'beside%';
DELETE FROM salesperf.sales_order;
DELETE FROM salesperf.order_line;
SELECT salesperf.detach_source('beside'), salesperf.detach_source('beside_bill') \g /dev/null
DROP SCHEMA beside CASCADE;
