-- Functions of a mapping run with the rights of the table's owner, view
-- measure_reader with those of its own: neither gains anybody anything.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE ROLE regress_spm_erp;
CREATE SCHEMA rgm AUTHORIZATION regress_spm_erp;
SET ROLE regress_spm_erp;
CREATE TABLE rgm.sale (id integer PRIMARY KEY, day date DEFAULT '2021-05-01', net numeric);
CREATE TABLE rgm.run (at text, who name, reached boolean);
CREATE FUNCTION rgm.amount(numeric) RETURNS numeric LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $1; END';
CREATE FUNCTION rgm.number(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $1; END';
CREATE INDEX ON rgm.sale (rgm.number(id));
RESET ROLE;
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sources) VALUES
    (950101, 'rgm kept', 'net', '2021-01-01', '2021-12-31', 100, '{rgm}');
SELECT salesperf.attach_source('rgm', 'rgm.sale', document => 'rgm.number(l.id)', sold_on => 'l.day', net => 'rgm.amount(l.net)');
CALL salesperf.refresh_measures();
SELECT viewowner <> 'regress_spm_erp' AS view_is_not_the_erps FROM pg_views WHERE viewname = 'source_rgm';

-- The owner changes what they do: note who runs them, and try to rise.
SET ROLE regress_spm_erp;
CREATE FUNCTION rgm.try(at text) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    reached boolean := true;
BEGIN
    BEGIN
        ALTER ROLE regress_spm_erp SUPERUSER;
    EXCEPTION WHEN insufficient_privilege THEN
        reached := false;
    END;
    INSERT INTO rgm.run VALUES (at, current_user, reached);
END
$$;
CREATE OR REPLACE FUNCTION rgm.amount(numeric) RETURNS numeric LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    PERFORM rgm.try(current_setting('rgm.at') || ', amount');
    RETURN $1;
END
$$;
-- The index runs it too, as PostgreSQL does: what a trigger runs is meant.
CREATE OR REPLACE FUNCTION rgm.number(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF pg_trigger_depth() > 0 THEN
        PERFORM rgm.try(current_setting('rgm.at') || ', document');
    END IF;
    RETURN $1;
END
$$;
SET rgm.at = 'own insert';
INSERT INTO rgm.sale VALUES (1, DEFAULT, 10);
RESET ROLE;
SET rgm.at = 'insert by a superuser';
INSERT INTO rgm.sale VALUES (2, DEFAULT, 20);
UPDATE rgm.sale SET net = 25 WHERE id = 2;
SET rgm.at = 'figure of an own change';
BEGIN;
INSERT INTO rgm.sale VALUES (3, DEFAULT, 30);
SELECT actual FROM salesperf.target_performance WHERE target_id = 950101;
COMMIT;
-- A target of nothing else is not kept yet.
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sources) VALUES
    (950102, 'rgm live', 'gross', '2021-01-01', '2021-12-31', 100, '{rgm}');
SET rgm.at = 'live figure';
SELECT actual FROM salesperf.target_performance WHERE target_id = 950102;
SET rgm.at = 'verify';
SELECT * FROM salesperf.verify_totals();
SET rgm.at = 'build';
CALL salesperf.refresh_measures();
SELECT at, who, reached, count(*) > 0 AS runs FROM rgm.run GROUP BY 1, 2, 3 ORDER BY 1, 2;
SELECT rolsuper FROM pg_roles WHERE rolname = 'regress_spm_erp';
SELECT p.target_id, p.actual, s.state FROM salesperf.target_performance p JOIN salesperf.measure_state s USING (target_id)
WHERE p.name LIKE 'rgm %' ORDER BY 1;

-- A table that changes hands: its new owner, whose rights they are then.
CREATE ROLE regress_spm_heir;
ALTER TABLE rgm.sale OWNER TO regress_spm_heir;
TRUNCATE rgm.run;
GRANT USAGE ON SCHEMA rgm TO regress_spm_heir;
GRANT INSERT ON rgm.run TO regress_spm_heir;
SET rgm.at = 'insert';
INSERT INTO rgm.sale VALUES (4, DEFAULT, 40);
SELECT DISTINCT at, who, reached FROM rgm.run ORDER BY 1, 2;
SELECT reason FROM salesperf.invalidation WHERE source = 'rgm';
SELECT target_id, actual FROM salesperf.target_performance WHERE name LIKE 'rgm %' ORDER BY 1;
TRUNCATE rgm.run;
SELECT salesperf.attach_source('rgm', 'rgm.sale', document => 'rgm.number(l.id)', sold_on => 'l.day', net => 'rgm.amount(l.net)');
CALL salesperf.refresh_measures();
INSERT INTO rgm.sale VALUES (5, DEFAULT, 50);
SELECT DISTINCT at, who, reached FROM rgm.run ORDER BY 1, 2;
SELECT p.target_id, p.actual, s.state FROM salesperf.target_performance p JOIN salesperf.measure_state s USING (target_id)
WHERE p.name LIKE 'rgm %' ORDER BY 1;

SELECT salesperf.detach_source('rgm');
DELETE FROM salesperf.target WHERE name LIKE 'rgm %';
RESET rgm.at;
DROP SCHEMA rgm CASCADE;
DROP OWNED BY regress_spm_erp, regress_spm_heir;
DROP ROLE regress_spm_erp, regress_spm_heir;
CALL salesperf.refresh_measures();
