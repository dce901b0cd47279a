-- Whoever writes an order needs no right on salesperf, and nobody can bend a
-- figure by what their search_path finds.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE SCHEMA rgt;
CREATE TABLE rgt.sale (id integer PRIMARY KEY, day date, rep text, net numeric);
CREATE FUNCTION rgt.twice(numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT 2 * $1';
REVOKE ALL ON FUNCTION rgt.twice(numeric) FROM PUBLIC;
SELECT salesperf.attach_source('rgt', 'rgt.sale', document => 'l.id', sold_on => 'l.day', seller => 'lower(l.rep)', net => 'rgt.twice(l.net)');
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sellers) VALUES
    (950001, 'rgt one', 'net', '2021-01-01', '2021-12-31', 100, '{a}'), (950002, 'rgt all', 'net', '2021-01-01', '2021-12-31', 100, NULL);
CALL salesperf.refresh_measures();
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sources) VALUES
    (950003, 'rgt live', 'net', '2021-01-01', '2021-12-31', 100, '{rgt}');
CREATE ROLE regress_spm_clerk;
CREATE ROLE regress_spm_reader IN ROLE salesperf_reader;
CREATE ROLE regress_spm_outsider;
CREATE ROLE regress_spm_admin IN ROLE salesperf_admin;
GRANT USAGE ON SCHEMA rgt TO regress_spm_clerk, regress_spm_outsider;
GRANT INSERT ON rgt.sale TO regress_spm_clerk;

-- A clerk who may insert, and nothing else, not even call the mapping's function.
SET ROLE regress_spm_clerk;
INSERT INTO rgt.sale VALUES (1, '2021-05-01', 'A', 10), (2, '2021-05-02', 'b', 1);
BEGIN;
INSERT INTO rgt.sale VALUES (3, '2021-05-03', 'a', 0.5);
SAVEPOINT s;
INSERT INTO rgt.sale VALUES (4, '2021-05-04', 'a', 1000);
ROLLBACK TO s;
COMMIT;
INSERT INTO rgt.sale SELECT 10 + n, '2021-06-01', 'c', n FROM generate_series(1, 4) AS n ON CONFLICT DO NOTHING;
SELECT net FROM rgt.sale;
SELECT rgt.twice(1);
SELECT actual FROM salesperf.target_performance;
SELECT amount FROM salesperf.pending;
RESET ROLE;
-- 2 × (10 + 0.5) and 2 × (10 + 1 + 0.5 + 10)
SELECT p.target_id, p.actual, s.state FROM salesperf.target_performance p JOIN salesperf.measure_state s USING (target_id) WHERE p.name LIKE 'rgt %' ORDER BY 1;
SELECT * FROM salesperf.verify_totals();

-- A reader sees all figures without a right on the ERP's table; its rows need one.
SET ROLE regress_spm_reader;
SELECT target_id, actual FROM salesperf.target_performance WHERE name LIKE 'rgt %' ORDER BY 1;
SELECT salesperf.measure_actual(measure_id) FROM salesperf.target_measure WHERE target_id = 950001;
SELECT count(*) FROM salesperf.verify_totals();
SELECT document FROM salesperf.target_sales(950001);
SELECT document FROM salesperf.sale;
RESET ROLE;
GRANT USAGE ON SCHEMA rgt TO regress_spm_reader;
GRANT SELECT ON rgt.sale TO regress_spm_reader;
GRANT EXECUTE ON FUNCTION rgt.twice(numeric) TO regress_spm_reader;
SET ROLE regress_spm_reader;
SELECT document, amount FROM salesperf.target_sales(950001);
SELECT count(*), sum(net) FROM salesperf.sale WHERE source = 'rgt';
CALL salesperf.refresh_measures();
CALL salesperf.fold();
UPDATE salesperf.total SET actual = 0;
DELETE FROM salesperf.pending_1;
RESET ROLE;

-- An administrator builds and folds without owning anything.
SET ROLE regress_spm_admin;
CALL salesperf.fold();
CALL salesperf.refresh_measures();
UPDATE salesperf.total SET actual = 0;
RESET ROLE;
SELECT p.target_id, p.actual, s.state, s.pending FROM salesperf.target_performance p JOIN salesperf.measure_state s USING (target_id) WHERE p.name LIKE 'rgt %' ORDER BY 1;

-- An outsider cannot forge sales with the trigger of another source.
SET ROLE regress_spm_outsider;
CREATE TEMP TABLE forged (id integer, day date, rep text, net numeric);
CREATE TRIGGER forged AFTER INSERT ON forged REFERENCING NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION salesperf.collect_changes('lines:rgt');
INSERT INTO forged VALUES (1, '2021-01-01', 'a', 1e6);
RESET ROLE;
-- Even the owner cannot: a trigger on another table notes nothing.
CREATE TABLE rgt.forged (LIKE rgt.sale);
CREATE TRIGGER forged AFTER INSERT ON rgt.forged REFERENCING NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION salesperf.collect_changes('lines:rgt');
INSERT INTO rgt.forged VALUES (1, '2021-01-01', 'a', 1e6);
CREATE TRIGGER row_trigger AFTER INSERT ON rgt.sale FOR EACH ROW EXECUTE FUNCTION salesperf.collect_changes('lines:rgt');
INSERT INTO rgt.sale VALUES (98, '1999-01-01', 'z', 1);
DROP TRIGGER row_trigger ON rgt.sale;
SELECT target_id, actual FROM salesperf.target_performance WHERE name LIKE 'rgt %' ORDER BY 1;
SELECT salesperf.collect_changes();

-- Nothing in front of pg_catalog changes a figure: operators, functions,
-- temporary tables with our names.
CREATE SCHEMA evil;
CREATE FUNCTION evil.never(text, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT false';
CREATE FUNCTION evil.never(numeric, numeric) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT false';
CREATE FUNCTION evil.never(integer, integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT false';
CREATE FUNCTION evil.never(date, date) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT false';
CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.never);
CREATE OPERATOR evil.= (LEFTARG = integer, RIGHTARG = integer, FUNCTION = evil.never);
CREATE OPERATOR evil.>= (LEFTARG = numeric, RIGHTARG = numeric, FUNCTION = evil.never);
CREATE OPERATOR evil.< (LEFTARG = numeric, RIGHTARG = numeric, FUNCTION = evil.never);
CREATE OPERATOR evil.> (LEFTARG = date, RIGHTARG = date, FUNCTION = evil.never);
CREATE FUNCTION evil.lower(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT 'a'::text$$;
CREATE FUNCTION evil.abs(numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT 1e30';
CREATE FUNCTION evil.round(numeric, integer) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT 1e30';
CREATE FUNCTION evil.repeat(text, integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT 'evil'::text$$;
CREATE FUNCTION evil.now() RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$SELECT '1900-01-01'::timestamptz$$;
CREATE TABLE evil.sale AS SELECT 1e9 AS net;
GRANT USAGE ON SCHEMA evil TO PUBLIC;
CREATE TEMP TABLE source_rgt (document_key integer, counts boolean, net numeric);
CREATE TEMP TABLE source (name text);
CREATE TEMP TABLE target (target_id bigint, amount numeric);
CREATE TEMP TABLE total (build_id integer, actual numeric);
CREATE TEMP TABLE build (build_id integer);
CREATE TEMP TABLE setting (name text, value text);
CREATE TEMP TABLE measure (measure_id bigint, scope jsonb);
CREATE TABLE rgt.before AS SELECT * FROM salesperf.target_performance WHERE name LIKE 'rgt %';
GRANT SELECT ON rgt.before TO PUBLIC;
SET search_path = pg_temp, evil, pg_catalog, salesperf;
INSERT INTO rgt.sale VALUES (20, '2021-07-01', 'x', 3);
UPDATE rgt.sale SET net = 4 WHERE id OPERATOR(pg_catalog.=) 20;
CALL salesperf.fold();
SELECT target_id, actual, progress, status, salesperf.today() > '2020-01-01' AS evil FROM salesperf.target_performance ORDER BY 1;
SELECT document, amount FROM salesperf.target_sales(950001);
CALL salesperf.refresh_measures();
SELECT * FROM salesperf.verify_totals();
DELETE FROM rgt.sale WHERE id OPERATOR(pg_catalog.=) 20;
SELECT count(*) AS different FROM (
    SELECT * FROM salesperf.target_performance EXCEPT ALL SELECT * FROM rgt.before) d;
RESET search_path;

DROP TABLE source_rgt, source, target, total, build, setting, measure;
DROP SCHEMA evil CASCADE;
DROP TABLE rgt.forged;
SELECT salesperf.detach_source('rgt');
DELETE FROM salesperf.target WHERE name LIKE 'rgt %';
SET ROLE regress_spm_outsider;
DROP TABLE forged;
RESET ROLE;
DROP SCHEMA rgt CASCADE;
DROP ROLE regress_spm_clerk, regress_spm_reader, regress_spm_outsider, regress_spm_admin;
CALL salesperf.refresh_measures();
