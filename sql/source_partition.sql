-- An attached table that becomes a partition: what is written through its
-- parent fires no trigger of it, and figures are right all the same.  Then the
-- parent is attached in its place.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE SCHEMA part;
CREATE TABLE part.sale (id integer NOT NULL, year integer NOT NULL, day date DEFAULT '2021-05-01', net numeric, PRIMARY KEY (id, year));
CREATE TABLE part.whole (LIKE part.sale INCLUDING DEFAULTS) PARTITION BY LIST (year);
CREATE TABLE part.rest PARTITION OF part.whole DEFAULT;
SELECT salesperf.attach_source('part', 'part.sale', document => 'l.id', sold_on => 'l.day', net => 'l.net');
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sources) VALUES
    (950401, 'part net', 'net', '2021-01-01', '2021-12-31', 100, '{part}'),
    (950402, 'part quantity', 'quantity', '2021-01-01', '2021-12-31', 100, '{part}');
CREATE VIEW part.figure AS
SELECT m.target_id, salesperf.measure_figure(m.scope) AS figure,
    (SELECT coalesce(CASE t.metric WHEN 'net' THEN sum(s.net) ELSE count(*) END, 0)
     FROM part.sale s WHERE s.day BETWEEN t.starts_on AND t.ends_on) AS plain
FROM salesperf.target_measure m JOIN salesperf.target t USING (target_id)
WHERE t.name LIKE 'part %'
ORDER BY 1;
INSERT INTO part.sale VALUES (1, 2021, DEFAULT, 10), (2, 2021, DEFAULT, 20);
CALL salesperf.refresh_measures();
SELECT target_id, state FROM salesperf.measure_state WHERE target_id IN (950401, 950402) ORDER BY 1;
SELECT * FROM part.figure;

ALTER TABLE part.whole ATTACH PARTITION part.sale FOR VALUES IN (2021);
SELECT * FROM part.figure;
INSERT INTO part.whole VALUES (3, 2021, DEFAULT, 100), (4, 2022, DEFAULT, 1000);
SELECT * FROM part.figure;
UPDATE part.whole SET net = net + 1 WHERE id = 1;
-- Into the partition and out of it.
UPDATE part.whole SET year = 2021 WHERE id = 4;
SELECT * FROM part.figure;
UPDATE part.whole SET year = 2022 WHERE id IN (2, 4);
SELECT * FROM part.figure;
DELETE FROM part.whole WHERE id = 3;
INSERT INTO part.sale VALUES (5, 2021, DEFAULT, 5);
SELECT * FROM part.figure;
SELECT * FROM salesperf.verify_totals();
BEGIN;
INSERT INTO part.whole VALUES (6, 2021, DEFAULT, 6);
SELECT * FROM part.figure;
INSERT INTO part.sale VALUES (7, 2021, DEFAULT, 7);
SELECT * FROM part.figure;
ROLLBACK;
-- Built or not, it is the source that is read.
CALL salesperf.refresh_measures();
INSERT INTO part.whole VALUES (8, 2021, DEFAULT, 8);
CALL salesperf.fold();
SELECT * FROM part.figure;
SELECT salesperf.setup();
INSERT INTO part.whole VALUES (9, 2021, DEFAULT, 9);
SELECT * FROM part.figure;
-- It can't be attached as it is, but the table that it is a partition of can.
SELECT salesperf.attach_source('part', 'part.sale', document => 'l.id', sold_on => 'l.day', net => 'l.net');
CREATE INDEX ON part.whole (id);
SELECT salesperf.attach_source('part', 'part.whole', document => 'l.id', sold_on => 'l.day', net => 'l.net');
CREATE OR REPLACE VIEW part.figure AS
SELECT m.target_id, salesperf.measure_figure(m.scope) AS figure,
    (SELECT coalesce(CASE t.metric WHEN 'net' THEN sum(s.net) ELSE count(*) END, 0)
     FROM part.whole s WHERE s.day BETWEEN t.starts_on AND t.ends_on) AS plain
FROM salesperf.target_measure m JOIN salesperf.target t USING (target_id)
WHERE t.name LIKE 'part %'
ORDER BY 1;
SELECT * FROM part.figure;
CALL salesperf.refresh_measures();
INSERT INTO part.whole VALUES (31, 2021, DEFAULT, 31), (32, 2022, DEFAULT, 32);
INSERT INTO part.sale VALUES (33, 2021, DEFAULT, 33);
UPDATE part.rest SET net = net + 1;
SELECT * FROM part.figure;
SELECT target_id, state FROM salesperf.measure_state WHERE target_id IN (950401, 950402) ORDER BY 1;
SELECT * FROM salesperf.verify_totals();

-- On its own again, and attached again.
ALTER TABLE part.whole DETACH PARTITION part.sale;
INSERT INTO part.sale VALUES (10, 2021, DEFAULT, 10);
SELECT * FROM part.figure;
SELECT salesperf.attach_source('part', 'part.sale', document => 'l.id', sold_on => 'l.day', net => 'l.net');
SELECT t.tgrelid::regclass, count(*) FROM pg_trigger t WHERE t.tgrelid IN ('part.whole'::regclass, 'part.sale'::regclass, 'part.rest'::regclass) GROUP BY 1;
CREATE OR REPLACE VIEW part.figure AS
SELECT m.target_id, salesperf.measure_figure(m.scope) AS figure,
    (SELECT coalesce(CASE t.metric WHEN 'net' THEN sum(s.net) ELSE count(*) END, 0)
     FROM part.sale s WHERE s.day BETWEEN t.starts_on AND t.ends_on) AS plain
FROM salesperf.target_measure m JOIN salesperf.target t USING (target_id)
WHERE t.name LIKE 'part %'
ORDER BY 1;
SELECT * FROM part.figure;
CALL salesperf.refresh_measures();
INSERT INTO part.sale VALUES (11, 2021, DEFAULT, 11);
SELECT * FROM part.figure;
SELECT target_id, state FROM salesperf.measure_state WHERE target_id IN (950401, 950402) ORDER BY 1;
SELECT * FROM salesperf.verify_totals();

SELECT salesperf.detach_source('part');
DELETE FROM salesperf.target WHERE name LIKE 'part %';
DROP SCHEMA part CASCADE;
CALL salesperf.refresh_measures();
