-- Lines of one source that are part of another's documents are split as those
-- are: whatever changes the documents or their splits counts for them too.
SET client_min_messages = warning;
CREATE SCHEMA part;
CREATE TABLE part.head (id integer PRIMARY KEY, name text, seller text, day date DEFAULT '2021-05-01');
CREATE TABLE part.line (id integer PRIMARY KEY, head integer, net numeric);
CREATE TABLE part.split (head integer, seller text, percent numeric);
CREATE TABLE part.refund (id integer PRIMARY KEY, document text, seller text, day date DEFAULT '2021-06-01', net numeric);
CREATE INDEX ON part.line (head);
CREATE INDEX ON part.split (head);
CREATE INDEX ON part.refund (document);
INSERT INTO part.head VALUES (1, 'D1', 'a'), (2, 'D2', 'a');
INSERT INTO part.line VALUES (1, 1, 100), (2, 2, 200);
INSERT INTO part.refund VALUES (1, 'D1', 'd', DEFAULT, -10);
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sellers)
SELECT 950400 + n, 'part ' || s, 'net', '2021-01-01', '2021-12-31', 1, ARRAY[s]
FROM unnest('{a,b,c,d}'::text[]) WITH ORDINALITY AS u (s, n);

-- As view credit has it, whose amounts have four decimals.
CREATE VIEW part.figure AS
SELECT t.sellers[1] AS seller, round(salesperf.measure_figure(m.scope), 2) AS figure, s.state, (
    SELECT coalesce(round(sum(c.net), 2), 0) FROM salesperf.credit c
    WHERE c.counts AND c.source = 'part' AND c.seller = t.sellers[1]) AS credited
FROM salesperf.target t JOIN salesperf.target_measure m USING (target_id) JOIN salesperf.measure_state s USING (target_id)
WHERE t.name LIKE 'part %'
ORDER BY 1;
\set figures 'SELECT * FROM part.figure; SELECT kept, recomputed FROM salesperf.verify_totals();'
CREATE FUNCTION part.attach(splits text) RETURNS void LANGUAGE sql AS $$
SELECT salesperf.attach_source('part', lines => 'part.line', header => 'part.head', join_on => 'l.head = h.id', document => 'h.name',
    sold_on => 'h.day', seller => 'h.seller', net => 'l.net', splits => splits,
    split_on => CASE WHEN splits IS NOT NULL THEN 's.head = h.id' END,
    split_seller => CASE WHEN splits IS NOT NULL THEN 's.seller' END,
    split_percent => CASE WHEN splits IS NOT NULL THEN 's.percent' END)
$$;
SELECT part.attach(NULL);
SELECT salesperf.attach_source('part_refund', lines => 'part.refund', document => 'l.document', sold_on => 'l.day',
    seller => 'l.seller', net => 'l.net', part_of => 'part');
INSERT INTO salesperf.order_split (source, document, seller, percent) VALUES ('part', 'D2', 'c', 50);
CALL salesperf.refresh_measures();
:figures

-- This session has read the refunds; how they are split changes, and back.
SELECT part.attach('part.split');
INSERT INTO part.split VALUES (1, 'b', 30), (1, 'c', 50), (2, 'b', 100);
CALL salesperf.refresh_measures();
UPDATE part.refund SET net = -20;
:figures
SELECT part.attach(NULL);
CALL salesperf.refresh_measures();
UPDATE part.refund SET net = -10;
:figures
SELECT part.attach('part.split');
CALL salesperf.refresh_measures();

-- A split of the document, then its name, then its lines.
UPDATE part.split SET percent = 60 WHERE seller = 'c';
:figures
BEGIN;
UPDATE part.split SET head = 3 WHERE seller = 'c';
SAVEPOINT s;
UPDATE part.head SET id = 3 WHERE id = 1;
:figures
ROLLBACK TO s;
:figures
COMMIT;
:figures
UPDATE part.head SET name = 'D3' WHERE id = 1;
:figures
UPDATE part.refund SET document = 'D3';
:figures
DELETE FROM part.line WHERE head = 1;
:figures
INSERT INTO part.line VALUES (3, 1, 7);
:figures
DELETE FROM part.head WHERE id = 1;
:figures
INSERT INTO part.head VALUES (1, 'D2', 'a');
:figures
-- A row of order_split wins for all lines of a document.
INSERT INTO salesperf.order_split (source, document, seller, percent) VALUES ('part', 'D3', 'a', 100);
UPDATE part.head SET name = 'D3' WHERE id = 1;
:figures
DELETE FROM salesperf.order_split WHERE source = 'part';
:figures

-- A root stays as long as it has parts; a part that lost its table can go.
SELECT salesperf.detach_source('part');
DROP TABLE part.refund CASCADE;
SELECT salesperf.setup();
SELECT name, actual FROM salesperf.target_performance WHERE name LIKE 'part %' ORDER BY 1;
SELECT salesperf.detach_source('part_refund');
SELECT name, actual FROM salesperf.target_performance WHERE name LIKE 'part %' ORDER BY 1;
SELECT salesperf.detach_source('part') \g /dev/null
DELETE FROM salesperf.target WHERE name LIKE 'part %';
DROP SCHEMA part CASCADE;
CALL salesperf.refresh_measures();
