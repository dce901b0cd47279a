-- What a target cannot be, and what its months cannot.
\set VERBOSITY terse
SET client_min_messages = warning;
SET datestyle = ISO;
CREATE SCHEMA trl;
CREATE FUNCTION trl.try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    name text;
BEGIN
    EXECUTE statement;
    SET CONSTRAINTS ALL IMMEDIATE;
    SET CONSTRAINTS ALL DEFERRED;
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS name = CONSTRAINT_NAME;
    RETURN sqlstate || ' ' || coalesce(nullif(name, ''), sqlerrm);
END
$$;
-- A target with some columns changed.
CREATE FUNCTION trl.enter(change text) RETURNS text LANGUAGE sql AS $$
    SELECT trl.try('UPDATE salesperf.target SET ' || change || ' WHERE target_id = 980001')
$$;
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount) VALUES (980001, 'rules', 'documents', '2021-01-15', '2021-04-10', 1000);
SELECT change, trl.enter(change) FROM unnest(ARRAY['metric = ''sales''', 'metric = NULL', 'name = NULL', 'starts_on = ''2021-04-11''', 'starts_on = ''-infinity''', 'ends_on = ''infinity''', 'ends_on = NULL',
    'amount = ''NaN''', 'amount = ''Infinity''', 'amount = 1e15', 'amount = -1e15', 'amount = NULL', 'target_id = NULL', 'kpi = ''sales''', 'metric = ''margin''', 'amount = 0', 'amount = 999999999999999.9999', 'ends_on = starts_on', 'ends_on = ''2021-04-10''']) WITH ORDINALITY u (change, n) ORDER BY n;
-- Filters hold no NULL.  None of them is an own NULL: any.
SELECT filter, trl.enter(filter || ' = ''{a,NULL}''') AS with_null, trl.enter(filter || ' = ''{{a,b},{c,d}}''') AS of_two_dimensions, trl.enter(filter || ' = ''{}''') AS empty, trl.enter(filter || ' = NULL') AS none
FROM unnest('{sellers,units,customers,sectors,regions,segments,products,brands,families,branches,sale_types,sources,exclude_customers,exclude_products,exclude_brands,exclude_families,exclude_branches}'::text[]) WITH ORDINALITY u (filter, n) ORDER BY n;
SELECT name, metric, amount FROM salesperf.target WHERE target_id = 980001;

-- Months: their first day, shares from 0 to 1 that add up to 1, inside the
-- period, of a target that exists.
CREATE FUNCTION trl.months(months text) RETURNS text LANGUAGE sql AS $$
    SELECT trl.try('INSERT INTO salesperf.target_month VALUES ' || months)
$$;
SELECT months, trl.months(months) FROM unnest(ARRAY['(980001, ''2021-01-15'', 1)', '(980001, ''infinity'', 1)', '(980001, ''2021-01-01'', 1.1)', '(980001, ''2021-01-01'', -0.1)', '(980001, ''2021-01-01'', ''NaN'')',
    '(980001, ''2021-01-01'', NULL)', '(980001, NULL, 1)', '(NULL, ''2021-01-01'', 1)', '(980002, ''2021-01-01'', 1)', '(980001, ''2021-01-01'', 1), (980001, ''2021-01-01'', 0)', '(980001, ''2021-01-01'', 0.5)', '(980001, ''2021-01-01'', 0.3333), (980001, ''2021-02-01'', 0.3333), (980001, ''2021-03-01'', 0.3333)',
    '(980001, ''2020-12-01'', 1)', '(980001, ''2021-05-01'', 0), (980001, ''2021-04-01'', 1)', '(980001, ''2021-01-01'', 0.7), (980001, ''2021-04-01'', 0.3), (980001, ''2021-02-01'', 0)']) WITH ORDINALITY u (months, n) ORDER BY n;
-- The messages.
INSERT INTO salesperf.target_month VALUES (980001, '2021-03-01', 0.25);
\set VERBOSITY default
\set SHOW_CONTEXT never
INSERT INTO salesperf.target_month VALUES (980001, '2021-03-01', 0.25);
UPDATE salesperf.target SET ends_on = '2021-03-31' WHERE target_id = 980001;
\set VERBOSITY terse
-- At commit, so that shares may move in between; a change of any kind is seen.
SELECT trl.try('UPDATE salesperf.target_month SET share = share - 0.1 WHERE target_id = 980001 AND month = ''2021-01-01''') AS less,
    trl.try('DELETE FROM salesperf.target_month WHERE target_id = 980001 AND month = ''2021-04-01''') AS one_gone,
    trl.try('UPDATE salesperf.target_month SET month = ''2021-06-01'' WHERE target_id = 980001 AND month = ''2021-04-01''') AS moved,
    trl.try('UPDATE salesperf.target SET starts_on = ''2021-02-01'' WHERE target_id = 980001') AS later,
    trl.try('UPDATE salesperf.target SET starts_on = ''2021-01-31'', ends_on = ''2021-04-01'' WHERE target_id = 980001') AS shorter,
    trl.try('UPDATE salesperf.target SET ends_on = ''2021-03-31'' WHERE target_id = 980001') AS too_short;
BEGIN;
UPDATE salesperf.target_month SET share = 0.6 WHERE target_id = 980001 AND month = '2021-01-01';
UPDATE salesperf.target_month SET share = 0.1 WHERE target_id = 980001 AND month = '2021-02-01';
UPDATE salesperf.target SET ends_on = '2021-03-31' WHERE target_id = 980001;
DELETE FROM salesperf.target_month WHERE target_id = 980001 AND month = '2021-04-01';
INSERT INTO salesperf.target_month VALUES (980001, '2021-03-01', 0.3);
COMMIT;
BEGIN;
SAVEPOINT a;
DELETE FROM salesperf.target_month WHERE target_id = 980001 AND month = '2021-03-01';
ROLLBACK TO a;
SET CONSTRAINTS ALL IMMEDIATE;
DELETE FROM salesperf.target_month WHERE target_id = 980001 AND month = '2021-03-01';
ROLLBACK;
SELECT month, share FROM salesperf.target_month WHERE target_id = 980001 ORDER BY 1;
-- Shares of any weights that add up.
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount) VALUES (980002, 'a year', 'net', '2021-01-01', '2021-12-31', 1000);
INSERT INTO salesperf.target_month SELECT 980002, date '2021-01-01' + (n - 1) * interval '1 month', share
FROM unnest(salesperf.split_by_weight(1, array_fill(1, ARRAY[12]), 6)) WITH ORDINALITY u (share, n);
SELECT share, count(*) FROM salesperf.target_month WHERE target_id = 980002 GROUP BY 1 ORDER BY 1;
-- Another id takes its months along, and a target goes with them.
UPDATE salesperf.target SET target_id = 980003 WHERE target_id = 980002;
SELECT count(*) FROM salesperf.target_month WHERE target_id = 980003;
DELETE FROM salesperf.target WHERE target_id IN (980001, 980003);
SELECT count(*) FROM salesperf.target_month WHERE target_id BETWEEN 980001 AND 980003;
DROP SCHEMA trl CASCADE;
