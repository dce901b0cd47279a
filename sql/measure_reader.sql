-- View measure_reader may be changed by whoever owns it: it is read with that
-- role's rights, and whatever it shows nothing breaks.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE SCHEMA mrd;
CREATE TABLE mrd.sale (id integer PRIMARY KEY, day date DEFAULT '2021-05-01', net numeric);
CREATE TABLE mrd.run (who name);
CREATE TABLE mrd.reader AS SELECT viewowner, pg_get_viewdef('salesperf.measure_reader'::regclass) AS query
FROM pg_views WHERE schemaname = 'salesperf' AND viewname = 'measure_reader';
GRANT USAGE ON SCHEMA mrd TO PUBLIC;
GRANT INSERT ON mrd.run TO PUBLIC;
CREATE FUNCTION mrd.note(jsonb) RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    INSERT INTO mrd.run VALUES (current_user);
    RETURN $1;
END
$$;
CREATE PROCEDURE mrd.change_reader(scope text, more text)
LANGUAGE plpgsql AS $$
DECLARE
    query text;
BEGIN
    SELECT rtrim(r.query, ';') INTO query FROM mrd.reader r;
    EXECUTE format('CREATE OR REPLACE VIEW salesperf.measure_reader WITH (security_invoker = true) AS'
        ' SELECT r.measure_id, r.target_id, r.agreement_id, r.metric, %s AS scope FROM (%s) r %s', scope, query, more);
END
$$;
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sources) VALUES
    (950201, 'mrd one', 'net', '2021-01-01', '2021-12-31', 100, '{mrd}'),
    (950202, 'mrd two', 'gross', '2021-01-01', '2021-12-31', 100, '{mrd}');
CREATE VIEW mrd.figure AS
SELECT target_id, salesperf.measure_figure(scope) AS figure
FROM salesperf.target_measure WHERE target_id IN (950201, 950202);
SELECT salesperf.attach_source('mrd', 'mrd.sale', document => 'l.id', sold_on => 'l.day', net => 'l.net');
INSERT INTO mrd.sale VALUES (1, DEFAULT, 10);

-- Rows without a scope: a live figure, a build, a kept figure.
CALL mrd.change_reader('r.scope', 'UNION ALL SELECT NULL, NULL, NULL, NULL, NULL UNION ALL SELECT 1, 1, 1, ''net'', NULL');
SELECT count(*) FILTER (WHERE scope IS NULL) AS without FROM salesperf.measure_reader;
SELECT * FROM mrd.figure ORDER BY 1;
CALL salesperf.refresh_measures();
INSERT INTO mrd.sale VALUES (2, DEFAULT, 20);
SELECT * FROM mrd.figure ORDER BY 1;
SELECT target_id, state FROM salesperf.measure_state WHERE target_id IN (950201, 950202) ORDER BY 1;
-- No rows at all: nothing is kept, and the figure asked for is still one.
CALL mrd.change_reader('r.scope', 'WHERE false');
SELECT * FROM mrd.figure ORDER BY 1;
CALL salesperf.refresh_measures();
SELECT count(*) AS builds FROM salesperf.build;
INSERT INTO mrd.sale VALUES (3, DEFAULT, 30);
SELECT * FROM mrd.figure ORDER BY 1;
-- Scopes without a row: again nothing breaks.
CALL mrd.change_reader('NULL::jsonb', '');
SELECT * FROM mrd.figure ORDER BY 1;
CALL salesperf.refresh_measures();
SELECT salesperf.setup();
CALL salesperf.refresh_measures();
SELECT * FROM mrd.figure ORDER BY 1;

-- A function in it that reads a figure itself, under a later snapshot, while
-- the live ones of this are looked for.
CREATE FUNCTION mrd.look(scope jsonb) RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    INSERT INTO mrd.run VALUES (current_user);
    PERFORM salesperf.measure_figure(t.scope) FROM salesperf.target_measure t WHERE t.target_id = 950201;
    RETURN scope;
END
$$;
CALL mrd.change_reader('mrd.look(r.scope)', '');
SELECT salesperf.measure_figure(salesperf.measure_scope('net', '2021-01-01', '2021-06-30', sources => '{mrd}')),
    salesperf.measure_figure(salesperf.measure_scope('net', '2021-01-01', '2021-07-31', sources => '{mrd}'));
SELECT count(*) > 1 AS has_run FROM mrd.run;
TRUNCATE mrd.run;
SELECT salesperf.setup();

-- Its owner puts a function into it, which runs with no other's rights.
CREATE ROLE regress_spm_planner IN ROLE salesperf_reader;
GRANT CREATE ON SCHEMA salesperf TO regress_spm_planner;
GRANT SELECT ON mrd.reader TO regress_spm_planner;
ALTER VIEW salesperf.measure_reader OWNER TO regress_spm_planner;
SET ROLE regress_spm_planner;
CALL mrd.change_reader('mrd.note(r.scope)', '');
RESET ROLE;
-- A filter that nothing else reads makes a live figure.
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sources) VALUES
    (950203, 'mrd three', 'quantity', '2021-01-01', '2021-12-31', 100, '{mrd}');
SELECT target_id, actual FROM salesperf.target_performance WHERE name LIKE 'mrd %' ORDER BY 1;
SELECT DISTINCT who FROM mrd.run;
TRUNCATE mrd.run;
CALL salesperf.refresh_measures();
INSERT INTO mrd.sale VALUES (4, DEFAULT, 40);
SELECT target_id, actual FROM salesperf.target_performance WHERE name LIKE 'mrd %' ORDER BY 1;
SELECT * FROM salesperf.verify_totals();
SELECT DISTINCT who FROM mrd.run;
TRUNCATE mrd.run;

-- What such a role owns in schema salesperf is not taken over by setup().
SELECT salesperf.setup();
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY sqlstate
DO $$ BEGIN EXECUTE format('ALTER VIEW salesperf.measure_reader OWNER TO %I', (SELECT viewowner FROM mrd.reader)); END $$;
SET ROLE regress_spm_planner;
CREATE TABLE salesperf.regress_spm_planted (id integer);
RESET ROLE;
SELECT salesperf.setup();
DROP TABLE salesperf.regress_spm_planted;
SET ROLE regress_spm_planner;
CREATE SEQUENCE salesperf.regress_spm_planted;
RESET ROLE;
SELECT salesperf.setup();
-- Looked at, and taken from that role.
ALTER SEQUENCE salesperf.regress_spm_planted OWNER TO CURRENT_USER;
SELECT salesperf.setup();
DROP SEQUENCE salesperf.regress_spm_planted;
\set VERBOSITY default
SELECT count(*) AS changed FROM mrd.reader r JOIN pg_views v ON v.schemaname = 'salesperf' AND v.viewname = 'measure_reader'
WHERE v.viewowner <> r.viewowner OR pg_get_viewdef('salesperf.measure_reader'::regclass) <> r.query;

SELECT salesperf.detach_source('mrd');
DELETE FROM salesperf.target WHERE name LIKE 'mrd %';
DROP SCHEMA mrd CASCADE;
DROP OWNED BY regress_spm_planner;
DROP ROLE regress_spm_planner;
CALL salesperf.refresh_measures();
