-- A function in a mapping that reads a figure, or writes the attached table,
-- while the source is being read: its source can't be read, and no more.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE SCHEMA nest;
CREATE TABLE nest.sale (id integer PRIMARY KEY, day date DEFAULT '2021-05-01', net numeric);
CREATE TABLE nest.other (id integer PRIMARY KEY, day date DEFAULT '2021-05-01', net numeric);
CREATE TABLE nest.server AS SELECT pg_backend_pid() AS pid;
CREATE FUNCTION nest.amount(numeric) RETURNS numeric LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $1; END';
CREATE FUNCTION nest.number(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $1; END';
CREATE INDEX ON nest.sale (nest.number(id));
SELECT salesperf.attach_source('nest', 'nest.sale', document => 'nest.number(l.id)', sold_on => 'l.day', net => 'nest.amount(l.net)');
SELECT salesperf.attach_source('nest_other', 'nest.other', document => 'l.id', sold_on => 'l.day', net => 'l.net');
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sources) VALUES
    (950301, 'nest', 'net', '2021-01-01', '2021-12-31', 100, '{nest}'),
    (950302, 'nest other', 'net', '2021-01-01', '2021-12-31', 100, '{nest_other}'),
    (950303, 'nest both', 'net', '2021-01-01', '2021-12-31', 100, '{nest,nest_other}');
CREATE VIEW nest.figure AS
SELECT t.target_id, p.actual, s.state
FROM salesperf.target t JOIN salesperf.target_performance p USING (target_id) JOIN salesperf.measure_state s USING (target_id)
WHERE t.name LIKE 'nest%'
ORDER BY 1;
CREATE VIEW nest.finding AS SELECT severity, finding FROM salesperf.health WHERE object = 'source nest' ORDER BY finding;
\set figures 'SELECT * FROM nest.figure; SELECT * FROM nest.finding;'
CREATE PROCEDURE nest.change(name text, type text, body text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE OR REPLACE FUNCTION nest.%I(%s) RETURNS %2$s LANGUAGE plpgsql IMMUTABLE AS %L', name, type,
        format('DECLARE figure numeric; BEGIN %s RETURN $1; END', body));
END
$$;
\set read_kept 'SELECT salesperf.measure_figure(m.scope) INTO figure FROM salesperf.target_measure m WHERE m.target_id = 950301;'
\set read_other 'SELECT salesperf.measure_figure(m.scope) INTO figure FROM salesperf.target_measure m WHERE m.target_id = 950302;'
\set read_all 'SELECT sum(p.actual) INTO figure FROM salesperf.target_performance p;'
\set read_list 'SELECT sum(s.amount) INTO figure FROM salesperf.target_sales(950302) s;'
\set swallowed 'BEGIN ' :read_kept ' RETURN figure; EXCEPTION WHEN feature_not_supported THEN NULL; END;'
\set in_trigger 'IF pg_trigger_depth() > 0 THEN ' :read_kept ' END IF;'
INSERT INTO nest.sale VALUES (1, DEFAULT, 10);
INSERT INTO nest.other VALUES (1, DEFAULT, 1000);
CALL salesperf.refresh_measures();
:figures

-- At a commit.
CALL nest.change('amount', 'numeric', :'read_kept');
INSERT INTO nest.sale VALUES (2, DEFAULT, 20);
INSERT INTO nest.other VALUES (2, DEFAULT, 2000);
:figures
SELECT * FROM salesperf.verify_totals();
-- In a build.
CALL salesperf.refresh_measures();
:figures
-- In the transaction itself, with a figure read before.
CALL nest.change('amount', 'numeric', '');
CALL salesperf.refresh_measures();
:figures
BEGIN;
SELECT actual FROM nest.figure;
CALL nest.change('amount', 'numeric', :'read_other');
UPDATE nest.sale SET net = 21 WHERE id = 2;
SELECT actual FROM nest.figure;
CALL nest.change('amount', 'numeric', '');
SELECT actual FROM nest.figure;
COMMIT;
:figures
-- All figures, and the rows behind another one.
CALL salesperf.refresh_measures();
CALL nest.change('amount', 'numeric', :'read_all');
UPDATE nest.sale SET net = 22 WHERE id = 2;
:figures
CALL nest.change('amount', 'numeric', :'read_list');
SELECT target_id, actual FROM salesperf.target_performance WHERE target_id = 950301;
CALL nest.change('amount', 'numeric', '');
CALL salesperf.refresh_measures();
CALL nest.change('amount', 'numeric', :'read_list');
UPDATE nest.sale SET net = 22.5 WHERE id = 2;
:figures
-- One that swallows the error sees no figure either.
CALL nest.change('amount', 'numeric', :'swallowed');
CALL salesperf.refresh_measures();
UPDATE nest.sale SET net = 23 WHERE id = 2;
:figures
SELECT * FROM salesperf.verify_totals();

-- The key, in the trigger.
CALL nest.change('amount', 'numeric', '');
CALL nest.change('number', 'integer', :'in_trigger');
CALL salesperf.refresh_measures();
INSERT INTO nest.sale VALUES (3, DEFAULT, 30);
INSERT INTO nest.other VALUES (3, DEFAULT, 3000);
:figures
CALL nest.change('number', 'integer', '');
CALL salesperf.refresh_measures();
UPDATE nest.sale SET net = 31 WHERE id = 3;
:figures

-- One that writes the attached table.
CREATE FUNCTION nest.write() RETURNS void LANGUAGE sql VOLATILE AS 'UPDATE nest.sale SET net = net WHERE id = 1';
CALL nest.change('amount', 'numeric', 'PERFORM nest.write();');
INSERT INTO nest.sale VALUES (4, DEFAULT, 40);
INSERT INTO nest.other VALUES (4, DEFAULT, 4000);
SELECT target_id, state FROM salesperf.measure_state WHERE target_id IN (950301, 950302, 950303) ORDER BY 1;
CALL nest.change('amount', 'numeric', '');
:figures
SELECT id, net FROM nest.sale ORDER BY 1;
CALL salesperf.refresh_measures();
UPDATE nest.sale SET net = net + 1;
:figures
-- One that writes another attached table.
CREATE OR REPLACE FUNCTION nest.write() RETURNS void LANGUAGE sql VOLATILE AS 'UPDATE nest.other SET net = 7 WHERE id = 1';
CALL nest.change('amount', 'numeric', 'IF $1 = 51 THEN PERFORM nest.write(); END IF;');
INSERT INTO nest.sale VALUES (5, DEFAULT, 51);
CALL nest.change('amount', 'numeric', '');
:figures
SELECT sum(net) FROM nest.other;

SELECT pid = pg_backend_pid() AS same_server FROM nest.server;
SELECT salesperf.detach_source('nest'), salesperf.detach_source('nest_other') \g /dev/null
DELETE FROM salesperf.target WHERE name LIKE 'nest%';
DROP SCHEMA nest CASCADE;
CALL salesperf.refresh_measures();
