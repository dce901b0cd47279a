-- Lines of many documents that one statement of a new session changes: headers
-- are read in runs of consecutive numbers, with gaps and without.  After each
-- step every kept figure is what plain SQL says.
SET client_min_messages = warning;
SELECT salesperf.setup() \g /dev/null
CREATE SCHEMA run;
CREATE TABLE run.header (number bigint PRIMARY KEY, seller text, sold_on date DEFAULT '2020-05-05');
CREATE TABLE run.line (id integer PRIMARY KEY, number bigint, product text, net numeric);
CREATE INDEX ON run.line (number);
SELECT salesperf.attach_source('run', lines => 'run.line', header => 'run.header', join_on => 'l.number = h.number',
    document => 'h.number', line => 'l.id', sold_on => 'h.sold_on', seller => 'h.seller', product => 'l.product',
    net => 'l.net') \g /dev/null
INSERT INTO salesperf.unit (code, kind, name) SELECT 'run unit ' || i, 'team', 'team' FROM generate_series(0, 9) i;
INSERT INTO salesperf.unit_parent (unit, parent, valid_from)
SELECT 'run unit ' || i, 'run unit 0', '2020-01-01' FROM generate_series(1, 9) i;
INSERT INTO salesperf.seller (code, name) SELECT 'run seller ' || i, 'seller' FROM generate_series(0, 99) i;
INSERT INTO salesperf.seller_unit (seller, unit, valid_from, valid_to)
SELECT 'run seller ' || i, 'run unit ' || i % 10, '2020-01-01', '2020-06-30' FROM generate_series(0, 99) i;
-- Brands of all lengths, and some without one.
INSERT INTO salesperf.product (code, brand, family)
SELECT repeat('p', i) || i, CASE WHEN i % 7 > 0 THEN rpad('brand ' || i % 5, 8 + i % 5 * 40, '.') END,
    CASE WHEN i % 3 > 0 THEN rpad('family ' || i % 4, 9 + i % 4) END
FROM generate_series(0, 199) i;
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers, units, brands, families, sources)
SELECT 'run ' || kind || ' ' || i, (ARRAY['net', 'quantity'])[1 + i % 2], '2020-01-01', '2020-12-31', 1,
    CASE kind WHEN 'seller' THEN ARRAY['run seller ' || i] END,
    CASE kind WHEN 'unit' THEN ARRAY['run unit ' || i] END,
    CASE kind WHEN 'brand' THEN ARRAY[rpad('brand ' || i % 5, 8 + i % 5 * 40, '.')] END,
    CASE kind WHEN 'family' THEN ARRAY[rpad('family ' || i % 4, 9 + i % 4)] END,
    '{run}'
FROM generate_series(0, 9) i, unnest('{seller,unit,brand,family}'::text[]) kind;

CREATE VIEW run.sales AS
SELECT h.seller, a.unit, p.brand, p.family, l.net, h.sold_on
FROM run.line l
JOIN run.header h USING (number)
LEFT JOIN salesperf.seller_unit a ON a.seller = h.seller AND h.sold_on BETWEEN a.valid_from AND a.valid_to
LEFT JOIN salesperf.product p ON p.code = l.product;
CREATE VIEW run.checked AS
SELECT count(*) AS targets, count(*) FILTER (WHERE m.state <> 'built') AS not_built,
    count(*) FILTER (WHERE t.actual IS DISTINCT FROM plain.actual) AS wrong,
    (SELECT count(*) FROM salesperf.verify_totals()) AS differing,
    (SELECT coalesce(sum(net), 0) FROM run.sales) AS net
FROM salesperf.target g
JOIN salesperf.target_performance t USING (target_id)
JOIN salesperf.measure_state m USING (target_id)
CROSS JOIN LATERAL (
    SELECT CASE g.metric WHEN 'net' THEN coalesce(sum(s.net), 0) ELSE count(*) END AS actual
    FROM run.sales s
    WHERE s.sold_on BETWEEN g.starts_on AND g.ends_on AND
        (g.sellers IS NULL OR s.seller = ANY (g.sellers)) AND
        (g.brands IS NULL OR s.brand = ANY (g.brands)) AND (g.families IS NULL OR s.family = ANY (g.families)) AND
        (g.units IS NULL OR s.unit = ANY (g.units) OR 'run unit 0' = ANY (g.units) AND s.unit IS NOT NULL)) plain
WHERE g.name LIKE 'run %';

INSERT INTO run.header
SELECT i, 'run seller ' || i % 100, date '2020-02-01' + i % 300 FROM generate_series(1, 400) i WHERE i % 50 > 0 AND i NOT BETWEEN 205 AND 215;
INSERT INTO run.header
SELECT 9223372036854775807 - i, 'run seller ' || i, '2020-05-05' FROM generate_series(0, 99) i;
INSERT INTO run.header
SELECT i - 9223372036854775808, 'run seller ' || i, '2020-05-05' FROM generate_series(0, 9) i;
INSERT INTO run.line
SELECT i * 3 + n, i, repeat('p', (i + n) % 200) || (i + n) % 200, i + n FROM generate_series(1, 400) i, generate_series(0, 2) n;
INSERT INTO run.line
SELECT 10000 + row_number() OVER (), number, 'p1', 1 FROM run.header WHERE number NOT BETWEEN 1 AND 400;
CALL salesperf.refresh_measures();
TABLE run.checked;

-- As the first statement of a session: the index is not searched for each.
SELECT pg_stat_force_next_flush() \g /dev/null
SELECT pg_stat_get_numscans('run.header_pkey'::regclass) AS searches \gset
\c -
UPDATE run.line SET net = net + 1 WHERE number BETWEEN 1 AND 400;
SELECT pg_stat_force_next_flush() \g /dev/null
SELECT pg_stat_get_numscans('run.header_pkey'::regclass) - :searches BETWEEN 10 AND 60 AS searched_for_some;
TABLE run.checked;
-- From each end of what numbers there are, and downwards.
\c -
UPDATE run.line SET net = net + 1 WHERE number NOT BETWEEN 1 AND 400;
TABLE run.checked;
CREATE TABLE run.other AS SELECT * FROM run.line;
\c -
DELETE FROM run.line WHERE number BETWEEN 100 AND 300;
TABLE run.checked;
INSERT INTO run.line SELECT * FROM run.other WHERE number BETWEEN 100 AND 300 ORDER BY number DESC;
TABLE run.checked;
-- Every second, lines with others' products, and a header that is gone.
UPDATE run.line SET product = 'p1', net = -net WHERE number % 2 = 0;
UPDATE run.line SET net = net * 2 WHERE id % 2 = 0;
DELETE FROM run.header WHERE number IN (20, 21, 399);
UPDATE run.line SET net = net + 1;
TABLE run.checked;
-- Headers that the transaction changed, or made, among them.
BEGIN;
UPDATE run.header SET seller = 'run seller 3' WHERE number IN (5, 6, 64);
INSERT INTO run.header VALUES (20, 'run seller 1'), (50, 'run seller 2');
UPDATE run.line SET net = net + 1 WHERE number BETWEEN 1 AND 90;
TABLE run.checked;
COMMIT;
TABLE run.checked;
BEGIN ISOLATION LEVEL SERIALIZABLE;
UPDATE run.line SET net = net + 1 WHERE number BETWEEN 1 AND 90;
COMMIT;
TABLE run.checked;
-- By an index in the other order.
ALTER TABLE run.header DROP CONSTRAINT header_pkey;
CREATE UNIQUE INDEX ON run.header (number DESC);
\c -
UPDATE run.line SET net = net + 1 WHERE number BETWEEN 1 AND 90;
TABLE run.checked;
-- Among numbers that are integers.
SET client_min_messages = warning;
SELECT salesperf.detach_source('run') \g /dev/null
DELETE FROM run.line WHERE number NOT BETWEEN 1 AND 2000;
DELETE FROM run.header WHERE number NOT BETWEEN 1 AND 2000;
DROP INDEX run.header_number_idx;
DROP VIEW run.checked, run.sales;
ALTER TABLE run.line ALTER number TYPE integer;
ALTER TABLE run.header ALTER number TYPE integer, ADD PRIMARY KEY (number);
SELECT salesperf.attach_source('run', lines => 'run.line', header => 'run.header', join_on => 'l.number = h.number',
    document => 'h.number', line => 'l.id', sold_on => 'h.sold_on', seller => 'h.seller', product => 'l.product',
    net => 'l.net') \g /dev/null
CALL salesperf.refresh_measures();
\c -
UPDATE run.line SET net = net + 1;
SELECT sum(t.actual) = (SELECT sum(net) FROM run.line JOIN run.header USING (number) WHERE seller = 'run seller 4') AS right
FROM salesperf.target_performance t WHERE name = 'run seller 4';
SELECT count(*) FROM salesperf.verify_totals();

SET client_min_messages = warning;
DELETE FROM salesperf.target WHERE name LIKE 'run %';
SELECT salesperf.detach_source('run') \g /dev/null
DROP SCHEMA run CASCADE;
DELETE FROM salesperf.product;
DELETE FROM salesperf.seller_unit WHERE seller LIKE 'run %';
DELETE FROM salesperf.unit_parent WHERE unit LIKE 'run %';
DELETE FROM salesperf.seller WHERE code LIKE 'run %';
DELETE FROM salesperf.unit WHERE code LIKE 'run %';
CALL salesperf.refresh_measures();
