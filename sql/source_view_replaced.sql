-- A source's view that somebody else has made can't be relied upon: its
-- figures are NULL, and who writes orders does not notice.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE SCHEMA svr;
CREATE TABLE svr.sale (id integer PRIMARY KEY, day date DEFAULT '2021-05-01', net numeric);
CREATE TABLE svr.other (id integer PRIMARY KEY, day date DEFAULT '2021-05-01', net numeric);
CREATE TABLE svr.rate (id integer PRIMARY KEY, factor numeric);
INSERT INTO svr.rate VALUES (1, 1), (2, 1), (3, 1);
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sources) VALUES
    (950701, 'svr', 'net', '2021-01-01', '2021-12-31', 100, '{svr}'),
    (950702, 'svr other', 'net', '2021-01-01', '2021-12-31', 100, '{svr_other}');
CREATE VIEW svr.figure AS
SELECT t.target_id, p.actual, s.state
FROM salesperf.target t JOIN salesperf.target_performance p USING (target_id) JOIN salesperf.measure_state s USING (target_id)
WHERE t.name LIKE 'svr%' ORDER BY 1;
CREATE PROCEDURE svr.attach() LANGUAGE plpgsql AS $$
BEGIN
    PERFORM salesperf.attach_source('svr', 'svr.sale', document => 'l.id', sold_on => 'l.day', net => 'l.net');
    COMMIT;
    CALL salesperf.refresh_measures();
END
$$;
-- The same columns from something else; s is what the view was.
CREATE PROCEDURE svr.replace(pattern text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'CREATE OR REPLACE VIEW salesperf.source_svr AS '
        || format(pattern, '(' || rtrim(pg_get_viewdef('salesperf.source_svr'::regclass), ';') || ') AS s');
END
$$;
SELECT salesperf.attach_source('svr_other', 'svr.other', document => 'l.id', sold_on => 'l.day', net => 'l.net');
INSERT INTO svr.sale VALUES (1, DEFAULT, 10);
INSERT INTO svr.other VALUES (1, DEFAULT, 1000);
CALL svr.attach();
SELECT * FROM svr.figure;

-- A join.
CALL svr.replace('SELECT s.* FROM %s JOIN svr.rate r ON r.id::text = s.document');
SELECT * FROM svr.figure;
INSERT INTO svr.sale VALUES (2, DEFAULT, 20);
INSERT INTO svr.other VALUES (2, DEFAULT, 2000);
SELECT * FROM svr.figure;
SELECT severity, finding FROM salesperf.health WHERE object = 'source svr' ORDER BY finding;
CALL salesperf.refresh_measures();
SELECT count(*) FROM salesperf.verify_totals();
BEGIN;
UPDATE svr.sale SET net = 21 WHERE id = 2;
SELECT target_id, actual FROM svr.figure;
COMMIT;
SELECT document FROM salesperf.target_sales(950701);
\echo :LAST_ERROR_SQLSTATE
CALL svr.attach();
SELECT * FROM svr.figure;

-- Two tables, several queries, other rows beside it, no table at all.
CREATE PROCEDURE svr.try(pattern text) LANGUAGE plpgsql AS $$
BEGIN
    CALL svr.attach();
    CALL svr.replace(pattern);
    COMMIT;
    UPDATE svr.sale SET net = net + 1 WHERE id = 1;
    COMMIT;
    RAISE WARNING 'figures %', (SELECT array_agg(coalesce(actual::text, 'unknown') || ' ' || state ORDER BY target_id) FROM svr.figure);
END
$$;
CALL svr.try('SELECT s.* FROM %s, svr.rate r WHERE r.id = 1');
CALL svr.try('SELECT s.* FROM %1$s UNION ALL SELECT s.* FROM %1$s WHERE false');
CALL svr.try('SELECT s.* FROM (VALUES (1)) AS v (id), LATERAL %s');
CREATE TABLE svr.column AS SELECT string_agg(format('NULL::%s AS %I', format_type(atttypid, atttypmod), attname), ', ' ORDER BY attnum) AS list
FROM pg_attribute WHERE attrelid = 'salesperf.source_svr'::regclass AND attnum > 0;
SELECT 'SELECT ' || replace(list, '%', '%%') AS nothing FROM svr.column \gset
CALL svr.try(:'nothing');

-- Attached again it is what it should be.
CALL svr.attach();
UPDATE svr.sale SET net = net + 1 WHERE id = 1;
SELECT * FROM svr.figure;
SELECT sum(net) FROM svr.sale;
SELECT * FROM salesperf.verify_totals();

SELECT salesperf.detach_source('svr'), salesperf.detach_source('svr_other') \g /dev/null
DELETE FROM salesperf.target WHERE name LIKE 'svr%';
DROP SCHEMA svr CASCADE;
CALL salesperf.refresh_measures();
