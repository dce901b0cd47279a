-- An order is saved, whatever becomes of the figures.  What can't be followed
-- turns measures live, health names the source, and figures are right or NULL.
SET client_min_messages = warning;
SELECT salesperf.setup() \g /dev/null

CREATE SCHEMA spm_errors;
CREATE TABLE spm_errors.good (id integer PRIMARY KEY, net numeric, sold_on date DEFAULT '2020-03-03');
CREATE TABLE spm_errors.bad (
    id integer PRIMARY KEY,
    document integer,
    divisor integer DEFAULT 1,
    net numeric,
    note text,
    sold_on date DEFAULT '2020-03-03');
CREATE INDEX ON spm_errors.bad (document);
SELECT salesperf.attach_source('errors_good', lines => 'spm_errors.good', document => 'l.id',
    sold_on => 'l.sold_on', net => 'l.net') \g /dev/null
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sources) VALUES
    ('errors good', 'net', '2020-01-01', '2020-12-31', 1000, '{errors_good}'),
    ('errors bad', 'net', '2020-01-01', '2020-12-31', 1000, '{errors_bad}'),
    ('errors both', 'net', '2020-01-01', '2020-12-31', 1000, '{errors_good,errors_bad}');
INSERT INTO spm_errors.good VALUES (1, 1000);
INSERT INTO spm_errors.bad VALUES (1, 1, 1, 10), (2, 1, 1, 20), (3, 2, 1, 30);

CREATE VIEW spm_errors.figure AS
SELECT p.name, p.actual, s.state
FROM salesperf.target_performance p
JOIN salesperf.measure_state s ON s.target_id = p.target_id
WHERE p.name LIKE 'errors %'
ORDER BY p.name;
CREATE VIEW spm_errors.finding AS
SELECT severity, finding FROM salesperf.health WHERE object = 'source errors_bad' ORDER BY finding;
\set figures 'SELECT * FROM spm_errors.figure; SELECT * FROM spm_errors.finding; SELECT * FROM salesperf.verify_totals();'

-- The condition fails for a row.
SELECT salesperf.attach_source('errors_bad', lines => 'spm_errors.bad', document => 'l.document',
    sold_on => 'l.sold_on', net => 'l.net', counts => '1 / l.divisor > 0') \g /dev/null
CALL salesperf.refresh_measures();
:figures
INSERT INTO spm_errors.good VALUES (2, 1000);
INSERT INTO spm_errors.bad VALUES (4, 2, 0, 40);
:figures
-- A build leaves out what it can't read.
CALL salesperf.refresh_measures();
:figures
UPDATE spm_errors.bad SET divisor = 1 WHERE id = 4;
:figures
CALL salesperf.refresh_measures();
:figures
-- The same inside the transaction, before the commit.
BEGIN;
UPDATE spm_errors.bad SET divisor = 0 WHERE id = 1;
SELECT * FROM spm_errors.figure;
UPDATE spm_errors.bad SET divisor = 1 WHERE id = 1;
SELECT * FROM spm_errors.figure;
COMMIT;
:figures
-- One that fails and is rolled back leaves nothing behind.
BEGIN;
SAVEPOINT s;
UPDATE spm_errors.bad SET divisor = 0 WHERE id = 1;
ROLLBACK TO s;
UPDATE spm_errors.bad SET net = net + 1 WHERE id = 1;
COMMIT;
:figures
-- Prepared, too.
BEGIN;
INSERT INTO spm_errors.bad VALUES (5, 2, 0, 50);
PREPARE TRANSACTION 'spm_errors';
SELECT * FROM spm_errors.figure;
COMMIT PREPARED 'spm_errors';
:figures
DELETE FROM spm_errors.bad WHERE id = 5;
CALL salesperf.refresh_measures();
:figures

-- The amount fails.
SELECT salesperf.attach_source('errors_bad', lines => 'spm_errors.bad', document => 'l.document',
    sold_on => 'l.sold_on', net => 'l.net / l.divisor') \g /dev/null
CALL salesperf.refresh_measures();
INSERT INTO spm_errors.bad VALUES (6, 3, 0, 60);
:figures
DELETE FROM spm_errors.bad WHERE divisor = 0;
CALL salesperf.refresh_measures();
:figures

-- The key fails.
CREATE INDEX bad_key ON spm_errors.bad ((document / divisor));
SELECT salesperf.attach_source('errors_bad', lines => 'spm_errors.bad', document => 'l.document / l.divisor',
    sold_on => 'l.sold_on', net => 'l.net') \g /dev/null
CALL salesperf.refresh_measures();
DROP INDEX spm_errors.bad_key;
INSERT INTO spm_errors.bad VALUES (7, 3, 0, 70);
:figures
DELETE FROM spm_errors.bad WHERE divisor = 0;
:figures
CALL salesperf.refresh_measures();
:figures

-- Amounts that are no numbers, or too large, do not count.
CREATE TABLE spm_errors.float (id integer PRIMARY KEY, net float8, cost numeric, sold_on date);
SELECT salesperf.attach_source('errors_bad', lines => 'spm_errors.float', document => 'l.id',
    sold_on => 'l.sold_on', net => 'l.net', cost => 'l.cost') \g /dev/null
SELECT tgrelid::regclass AS table_with_triggers FROM pg_trigger WHERE tgname LIKE 'salesperf\_errors\_bad\_%' GROUP BY 1;
CALL salesperf.refresh_measures();
INSERT INTO spm_errors.float VALUES
    (1, 'NaN', 1, '2020-03-03'), (2, 'Infinity', 1, '2020-03-03'), (3, '-Infinity', 1, '2020-03-03'),
    (4, 1e300, 1, '2020-03-03'), (5, 1e15, 1, '2020-03-03'), (6, 1, 'NaN', '2020-03-03'), (7, 1, 1e17, '2020-03-03'),
    (8, 100, NULL, '2020-03-03'), (9, 0.5, 1, '2020-03-03'), (10, 7, 1, 'infinity'), (11, 7, 1, '-infinity'),
    (12, NULL, 1, '2020-03-03'), (13, 7, 1, NULL), (14, 999999999999999, 1, '2020-03-03');
:figures
UPDATE spm_errors.float SET net = 'NaN' WHERE id = 14;
UPDATE spm_errors.float SET net = 3 WHERE id = 1;
:figures

-- The view is gone: only its source's figures are.
SELECT salesperf.attach_source('errors_bad', lines => 'spm_errors.bad', document => 'l.document',
    sold_on => 'l.sold_on', net => 'l.net', counts => 'l.note IS NULL') \g /dev/null
CALL salesperf.refresh_measures();
DROP VIEW salesperf.source_errors_bad CASCADE;
INSERT INTO spm_errors.bad VALUES (8, 4, 1, 80);
INSERT INTO spm_errors.good VALUES (3, 1000);
:figures
SELECT salesperf.setup() \g /dev/null
:figures
CALL salesperf.refresh_measures();
:figures

-- A renamed column changes nothing, one that is gone takes the view along.
ALTER TABLE spm_errors.bad RENAME net TO "Net amount";
INSERT INTO spm_errors.bad VALUES (9, 4, 1, 90);
:figures
SELECT salesperf.setup() \g /dev/null
ALTER TABLE spm_errors.bad DROP COLUMN note CASCADE;
INSERT INTO spm_errors.bad VALUES (10, 4, 1, 100);
INSERT INTO spm_errors.good VALUES (4, 1000);
:figures
-- What is broken keeps nobody from setting up or attaching something else.
SELECT salesperf.setup() \g /dev/null
SELECT salesperf.attach_source('errors_good', lines => 'spm_errors.good', document => 'l.id',
    sold_on => 'l.sold_on', net => 'l.net') \g /dev/null
SELECT source, sum(net) FROM salesperf.sale WHERE source LIKE 'errors\_%' GROUP BY 1;
SELECT salesperf.attach_source('errors_bad', lines => 'spm_errors.bad', document => 'l.document',
    sold_on => 'l.sold_on', net => 'l."Net amount"') \g /dev/null
CALL salesperf.refresh_measures();
:figures
ALTER TABLE spm_errors.bad RENAME "Net amount" TO net;
SELECT salesperf.detach_source('errors_bad') \g /dev/null
SELECT count(*) AS triggers FROM pg_trigger WHERE tgrelid = 'spm_errors.bad'::regclass AND NOT tgisinternal;
INSERT INTO spm_errors.bad VALUES (11, 4, 1, 110);
:figures

-- A table that is gone: the others go on.
SELECT salesperf.attach_source('errors_bad', lines => 'spm_errors.bad', document => 'l.document',
    sold_on => 'l.sold_on', net => 'l.net') \g /dev/null
CALL salesperf.refresh_measures();
CREATE TABLE spm_errors.kept AS SELECT * FROM spm_errors.bad;
DROP TABLE spm_errors.bad CASCADE;
INSERT INTO spm_errors.good VALUES (5, 1000);
SELECT name, actual, state FROM spm_errors.figure WHERE name = 'errors good';
SELECT salesperf.detach_source('errors_bad') \g /dev/null
:figures
CREATE TABLE spm_errors.bad (LIKE spm_errors.kept, PRIMARY KEY (id));
ALTER TABLE spm_errors.bad ALTER sold_on SET DEFAULT '2020-03-03';
INSERT INTO spm_errors.bad SELECT * FROM spm_errors.kept;
CREATE INDEX ON spm_errors.bad (document);

-- Rows of a table that inherits fire no trigger, and do not count.
SELECT salesperf.attach_source('errors_bad', lines => 'spm_errors.bad', document => 'l.document',
    sold_on => 'l.sold_on', net => 'l.net') \g /dev/null
CALL salesperf.refresh_measures();
CREATE TABLE spm_errors.child () INHERITS (spm_errors.bad);
INSERT INTO spm_errors.child (id, document, net) VALUES (20, 4, 5000);
UPDATE spm_errors.bad SET net = net + 1 WHERE document = 4;
:figures
SELECT sum(net) FROM ONLY spm_errors.bad;
UPDATE salesperf.source SET name = name WHERE name = 'errors_bad';
:figures
CALL salesperf.refresh_measures();
DROP TABLE spm_errors.child;
-- Such a table, and one that a crash empties, can't be attached.
CREATE TABLE spm_errors.child () INHERITS (spm_errors.bad);
\set VERBOSITY terse
SELECT salesperf.attach_source('errors_bad', lines => 'spm_errors.bad', document => 'l.document',
    sold_on => 'l.sold_on', net => 'l.net');
DROP TABLE spm_errors.child;
SELECT salesperf.attach_source('errors_bad', lines => 'spm_errors.bad', document => 'l.document',
    sold_on => 'l.sold_on', net => 'l.net') \g /dev/null
CREATE UNLOGGED TABLE spm_errors.unlogged (id integer PRIMARY KEY, net numeric, sold_on date);
SELECT salesperf.attach_source('errors_unlogged', lines => 'spm_errors.unlogged', document => 'l.id',
    sold_on => 'l.sold_on', net => 'l.net');
\set VERBOSITY default

-- A cancelled statement is cancelled.  The function is slow in a trigger only,
-- so that it is the look at the keys that takes too long.
CREATE FUNCTION spm_errors.slow(value integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $function$
BEGIN
    IF value = 666 AND pg_trigger_depth() > 0 THEN
        PERFORM pg_sleep(60);
    END IF;
    RETURN value;
END
$function$;
CREATE INDEX ON spm_errors.bad (spm_errors.slow(document));
SELECT salesperf.attach_source('errors_bad', lines => 'spm_errors.bad', document => 'spm_errors.slow(l.document)',
    sold_on => 'l.sold_on', net => 'l.net') \g /dev/null
CALL salesperf.refresh_measures();
SET statement_timeout = '200ms';
INSERT INTO spm_errors.bad (id, document, net) VALUES (666, 666, 666);
RESET statement_timeout;
SELECT count(*) FROM spm_errors.bad WHERE id = 666;
:figures

-- Who writes orders needs no right on anything of salesperf.
CREATE ROLE regress_spm_errors_clerk;
GRANT USAGE ON SCHEMA spm_errors TO regress_spm_errors_clerk;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON spm_errors.bad TO regress_spm_errors_clerk;
SET ROLE regress_spm_errors_clerk;
SET search_path = pg_temp;
INSERT INTO spm_errors.bad (id, document, net) VALUES (30, 30, 5);
UPDATE spm_errors.bad SET net = net + 1 WHERE id = 30;
RESET search_path;
RESET ROLE;
:figures
SET ROLE regress_spm_errors_clerk;
TRUNCATE spm_errors.bad;
RESET ROLE;
:figures

SELECT salesperf.detach_source('errors_good'), salesperf.detach_source('errors_bad') \g /dev/null
DELETE FROM salesperf.target WHERE name LIKE 'errors %';
DROP SCHEMA spm_errors CASCADE;
DROP ROLE regress_spm_errors_clerk;
CALL salesperf.refresh_measures();
