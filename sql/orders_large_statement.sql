-- What a session has learnt from an almost empty table does not make a large
-- statement slow, or wrong.  With a plan that reads the table for each order
-- this would take minutes.
SET client_min_messages = warning;
SET statement_timeout = '20s';
CREATE SCHEMA large;
CREATE TABLE large.sale (id integer PRIMARY KEY, document integer, day date DEFAULT '2021-05-01', seller text, net numeric);
CREATE INDEX ON large.sale (document);
SELECT salesperf.attach_source('large', 'large.sale', document => 'l.document', sold_on => 'l.day', seller => 'l.seller', net => 'l.net');
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sources, sellers) VALUES
    (950601, 'large all', 'net', '2021-01-01', '2021-12-31', 1, '{large}', NULL),
    (950602, 'large 7', 'net', '2021-01-01', '2021-12-31', 1, '{large}', '{s7}');
CREATE VIEW large.figure AS
SELECT t.target_id, salesperf.measure_figure(m.scope) AS figure,
    (SELECT coalesce(sum(o.net), 0) FROM large.sale o WHERE o.seller = ANY (t.sellers) OR t.sellers IS NULL) AS plain,
    s.state
FROM salesperf.target t JOIN salesperf.target_measure m USING (target_id) JOIN salesperf.measure_state s USING (target_id)
WHERE t.name LIKE 'large %' ORDER BY 1;
CALL salesperf.refresh_measures();
INSERT INTO large.sale VALUES (0, 0, DEFAULT, 's0', 5);
ANALYZE large.sale;
-- Often enough for a plan that is kept.
INSERT INTO large.sale VALUES (-1, 0, DEFAULT, 's7', 5);
UPDATE large.sale SET net = net + 1;
UPDATE large.sale SET net = net + 1;
UPDATE large.sale SET net = net + 1;
UPDATE large.sale SET net = net + 1;
UPDATE large.sale SET net = net + 1;
DELETE FROM large.sale WHERE id = -1;
SELECT * FROM large.figure;
ANALYZE large.sale;

INSERT INTO large.sale SELECT n, n, date '2021-05-01', 's' || n % 10, n % 1000 FROM generate_series(1, 20000) AS n;
SELECT * FROM large.figure;
BEGIN;
UPDATE large.sale SET net = net + 1, document = document + 1, seller = 's' || (id + 1) % 10 WHERE id > 0;
SELECT * FROM large.figure;
COMMIT;
SELECT * FROM large.figure;
BEGIN;
DELETE FROM large.sale WHERE id > 10;
SELECT * FROM large.figure;
COMMIT;
SELECT * FROM large.figure;
CALL salesperf.fold();
SELECT * FROM large.figure;
SELECT * FROM salesperf.verify_totals();
SHOW enable_seqscan;

RESET statement_timeout;
SELECT salesperf.detach_source('large');
DELETE FROM salesperf.target WHERE name LIKE 'large %';
DROP SCHEMA large CASCADE;
CALL salesperf.refresh_measures();
