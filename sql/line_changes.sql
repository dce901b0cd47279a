-- Booking from the lines that a transaction added and took off, and by the
-- indexes of its tables: after each step every kept figure is what plain SQL
-- says.
SET client_min_messages = warning;
SELECT salesperf.setup() \g /dev/null

CREATE SCHEMA changes;
CREATE TABLE changes.place (code integer PRIMARY KEY, branch text);
CREATE TABLE changes.header (
    company integer, number integer, seller text, place integer, sold_on date DEFAULT '2020-05-05', total numeric, note text,
    PRIMARY KEY (company, number));
CREATE TABLE changes.line (
    id integer PRIMARY KEY, company integer, number integer, product text, net numeric, note text);
CREATE INDEX ON changes.line (number);
CREATE INDEX ON changes.header (place);
SELECT salesperf.attach_source('changes', lines => 'changes.line', header => 'changes.header',
    join_on => 'l.company = h.company AND l.number = h.number',
    joins => ARRAY['changes.place p ON p.code = h.place AND p.code > 0'],
    document => $$h.company::text || '/' || h.number::text$$, line => 'l.id', sold_on => 'h.sold_on',
    seller => 'h.seller', product => 'l.product', branch => 'p.branch', net => 'l.net') \g /dev/null
INSERT INTO salesperf.product (code, brand) VALUES ('desk', 'oak'), ('lamp', 'sun');
INSERT INTO changes.place VALUES (1, 'north'), (2, 'south'), (-1, 'nowhere');
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers, branches, brands, sources) VALUES
    ('changes all', 'net', '2020-01-01', '2020-12-31', 1, NULL, NULL, NULL, '{changes}'),
    ('changes a', 'net', '2020-01-01', '2020-12-31', 1, '{a}', NULL, NULL, '{changes}'),
    ('changes north', 'net', '2020-01-01', '2020-12-31', 1, NULL, '{north}', NULL, '{changes}'),
    ('changes oak', 'net', '2020-01-01', '2020-12-31', 1, NULL, NULL, '{oak}', '{changes}'),
    ('changes a north', 'quantity', '2020-05-01', '2020-05-31', 1, '{a,c}', '{north,south}', '{oak,sun}', '{changes}');
CALL salesperf.refresh_measures();

CREATE VIEW changes.sales AS
SELECT h.seller, h.sold_on, p.branch, b.brand, l.net
FROM changes.line l
JOIN changes.header h ON h.company = l.company AND h.number = l.number
LEFT JOIN changes.place p ON p.code = h.place AND p.code > 0
LEFT JOIN salesperf.product b ON b.code = l.product;
CREATE VIEW changes.plain AS
SELECT 'changes all' AS name, coalesce(sum(net), 0) AS actual FROM changes.sales
UNION ALL SELECT 'changes a', coalesce(sum(net), 0) FROM changes.sales WHERE seller = 'a'
UNION ALL SELECT 'changes north', coalesce(sum(net), 0) FROM changes.sales WHERE branch = 'north'
UNION ALL SELECT 'changes oak', coalesce(sum(net), 0) FROM changes.sales WHERE brand = 'oak'
UNION ALL SELECT 'changes a north', count(*) FROM changes.sales
WHERE seller IN ('a', 'c') AND branch IN ('north', 'south') AND brand IN ('oak', 'sun') AND sold_on BETWEEN '2020-05-01' AND '2020-05-31';
CREATE VIEW changes.checked AS
SELECT count(*) FILTER (WHERE m.state = 'built' AND p.actual = t.actual) AS right,
       count(*) FILTER (WHERE p.actual <> t.actual) AS wrong,
       (SELECT count(*) FROM salesperf.verify_totals()) AS differ,
       string_agg(t.actual::float8::text, ' ' ORDER BY t.name) AS actuals
FROM changes.plain p
JOIN salesperf.target_performance t USING (name)
JOIN salesperf.measure_state m USING (target_id);

-- New documents, then lines alone: added, changed, moved and taken off.
INSERT INTO changes.header (company, number, seller, place) VALUES (1, 1, 'a', 1), (1, 2, 'b', 2), (2, 1, 'c', -1), (2, 2, 'a', NULL);
INSERT INTO changes.line VALUES (1, 1, 1, 'desk', 10), (2, 1, 2, 'lamp', 20), (3, 2, 1, 'desk', 40), (4, 2, 2, 'none', 80), (5, 9, 9, 'desk', 7);
TABLE changes.checked;
BEGIN;
INSERT INTO changes.line VALUES (6, 1, 1, 'lamp', 100), (7, 1, 2, 'desk', NULL);
UPDATE changes.line SET net = net + 1 WHERE number = 1;
UPDATE changes.line SET company = 2, number = 2 WHERE id = 1;
DELETE FROM changes.line WHERE id IN (2, 4);
TABLE changes.checked;
COMMIT;
TABLE changes.checked;

-- What a savepoint takes back counts neither for nor against.
BEGIN;
INSERT INTO changes.line VALUES (10, 1, 1, 'desk', 1000);
SAVEPOINT s;
INSERT INTO changes.line VALUES (11, 1, 1, 'desk', 2000);
UPDATE changes.line SET net = 1001 WHERE id = 10;
ROLLBACK TO s;
INSERT INTO changes.line VALUES (12, 1, 1, 'desk', 4000);
COMMIT;
TABLE changes.checked;
BEGIN;
SAVEPOINT s;
INSERT INTO changes.line VALUES (13, 1, 1, 'lamp', 8000);
RELEASE s;
DELETE FROM changes.line WHERE id IN (10, 12);
COMMIT;
TABLE changes.checked;

-- One statement in both directions, and a line changed twice.
INSERT INTO changes.line VALUES (13, 1, 1, 'lamp', 1), (14, 1, 2, 'lamp', 2)
ON CONFLICT (id) DO UPDATE SET net = changes.line.net + excluded.net;
WITH gone AS (DELETE FROM changes.line WHERE id = 14 RETURNING *)
INSERT INTO changes.line SELECT 15, company, number, product, net, note FROM gone;
MERGE INTO changes.line l USING (VALUES (15, 5), (16, 6)) AS v (id, net) ON l.id = v.id
WHEN MATCHED THEN UPDATE SET net = v.net WHEN NOT MATCHED THEN INSERT VALUES (v.id, 2, 1, 'desk', v.net);
TABLE changes.checked;

-- Columns that no expression uses are no change: nothing is booked.
SELECT sum(pending) AS pending FROM salesperf.measure_state \gset before_
UPDATE changes.header SET total = 5, note = 'paid';
UPDATE changes.line SET note = 'checked';
SELECT sum(pending) - :before_pending AS booked FROM salesperf.measure_state;
-- Lines that come in the transaction in which their header's total does.
BEGIN;
INSERT INTO changes.header (company, number, seller, place) VALUES (3, 1, 'c', 1);
INSERT INTO changes.line VALUES (20, 3, 1, 'desk', 3);
UPDATE changes.header SET total = 3 WHERE company = 3;
INSERT INTO changes.line VALUES (21, 3, 1, 'lamp', 4);
UPDATE changes.header SET seller = 'a' WHERE company = 3;
COMMIT;
TABLE changes.checked;

-- Header and lines in one transaction, lines before their header.
BEGIN;
INSERT INTO changes.line VALUES (22, 4, 1, 'desk', 5);
INSERT INTO changes.header (company, number, seller, place) VALUES (4, 1, 'a', 1);
COMMIT;
INSERT INTO changes.header (company, number, seller) VALUES (9, 9, 'a');
DELETE FROM changes.header WHERE company = 2 AND number = 1;
TABLE changes.checked;

-- Many documents in one transaction: each has its own header, or none.
INSERT INTO changes.header (company, number, seller, place) SELECT 5, 500 + i, 'b', 2 FROM generate_series(1, 50) i;
BEGIN;
INSERT INTO changes.header (company, number, seller, place) SELECT 6, 600 + i, 'a', 1 FROM generate_series(1, 50) i;
INSERT INTO changes.line SELECT 100 + 50 * c + i, c, 100 * c + i, 'lamp', c FROM generate_series(5, 7) c, generate_series(1, 50) i;
COMMIT;
TABLE changes.checked;
DELETE FROM changes.line WHERE company IN (5, 6, 7) AND id > 100;
TABLE changes.checked;

-- What is looked up changes: in place, elsewhere in the table, gone, and back.
UPDATE salesperf.product SET brand = 'sun' WHERE code = 'desk';
INSERT INTO changes.line VALUES (30, 1, 1, 'desk', 1);
TABLE changes.checked;
DELETE FROM salesperf.product WHERE code = 'desk';
INSERT INTO changes.line VALUES (31, 1, 1, 'desk', 1);
INSERT INTO salesperf.product (code, brand) SELECT 'p' || i, 'b' FROM generate_series(1, 2000) i;
INSERT INTO salesperf.product (code, brand) VALUES ('desk', 'oak');
INSERT INTO changes.line VALUES (32, 1, 1, 'desk', 1);
DELETE FROM salesperf.product WHERE code LIKE 'p%' OR code = 'desk';
VACUUM salesperf.product;
INSERT INTO changes.line VALUES (33, 1, 1, 'desk', 1);
UPDATE changes.place SET branch = 'north' WHERE code = 2;
BEGIN;
UPDATE changes.place SET branch = 'south' WHERE code = 1;
INSERT INTO changes.line VALUES (34, 1, 1, 'lamp', 1);
COMMIT;
TABLE changes.checked;

-- A column that is added, one that is dropped, and another index.
BEGIN;
INSERT INTO changes.line VALUES (40, 1, 1, 'lamp', 1);
ALTER TABLE changes.line ADD COLUMN colour text;
INSERT INTO changes.line (id, company, number, product, net, colour) VALUES (41, 1, 1, 'lamp', 1, 'red');
COMMIT;
ALTER TABLE changes.line DROP COLUMN note;
CREATE INDEX line_document ON changes.line (company, number);
DROP INDEX changes.line_number_idx;
INSERT INTO changes.line (id, company, number, product, net) VALUES (42, 1, 2, 'lamp', 1);
TABLE changes.checked;

-- A measure that is built later is booked by sessions that have met others.
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers, sources)
VALUES ('changes b', 'net', '2020-01-01', '2020-12-31', 1, '{b}', '{changes}');
CALL salesperf.refresh_measures();
INSERT INTO changes.line (id, company, number, product, net) VALUES (43, 1, 2, 'lamp', 2);
SELECT t.actual = (SELECT sum(net) FROM changes.sales WHERE seller = 'b') AS right, m.state
FROM salesperf.target_performance t JOIN salesperf.measure_state m USING (target_id) WHERE name = 'changes b';
-- Many lines at once, more than are kept.
INSERT INTO changes.line (id, company, number, product, net) SELECT 1000 + i, 1, 1 + i % 2, 'lamp', 1 FROM generate_series(1, 251000) i;
TABLE changes.checked;
DELETE FROM changes.line WHERE id > 1000;
TABLE changes.checked;

DELETE FROM salesperf.target WHERE name LIKE 'changes%';
DELETE FROM salesperf.product;
SELECT salesperf.detach_source('changes') \g /dev/null
DROP SCHEMA changes CASCADE;
