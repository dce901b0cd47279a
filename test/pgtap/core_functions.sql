-- Which functions anybody may call, and what they find by name.
BEGIN;
SELECT plan(10);

CREATE TEMP VIEW function AS
SELECT p.oid, p.oid::regprocedure::text AS name, p.prokind, p.provolatile, p.prosecdef, p.proconfig, p.prosqlbody IS NOT NULL AS parsed,
    l.lanname, p.prorettype = 'trigger'::regtype AS trigger
FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
WHERE p.pronamespace = 'salesperf'::regnamespace;

SELECT isnt_empty('SELECT name FROM function', 'there are functions');
SELECT is_empty(
    $$SELECT name FROM function WHERE provolatile = 'v' AND has_function_privilege('public', oid, 'EXECUTE')$$,
    'nothing that writes can be called by everybody');
SELECT results_eq(
    $$SELECT name FROM function WHERE provolatile = 's' AND has_function_privilege('public', oid, 'EXECUTE') ORDER BY name COLLATE "C"$$,
    $$VALUES ('salesperf.setting(text)'), ('salesperf.today()')$$,
    'of what reads tables everybody may call two, which need a right on the table');
SELECT is_empty('SELECT name FROM function WHERE prosecdef', 'no function runs with the rights of its owner');
SELECT is_empty(
    $$SELECT name FROM function WHERE lanname IN ('sql', 'plpgsql') AND NOT parsed AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (proconfig), false)
        AND name !~ '^salesperf\.((target|agreement)_(scopes|figures|rows|reached|customer_rows|filters)|open_share)\('$$,
    'text that is parsed when called is parsed with a fixed search_path, but for what is inlined into views');
-- Names that a caller has put first are not found.
CREATE SCHEMA planted;
CREATE TABLE planted.target (target_id text);
CREATE DOMAIN planted.date AS text CHECK (false);
CREATE FUNCTION planted.no(numeric, numeric) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'planted'; END $$;
CREATE OPERATOR planted.<> (FUNCTION = planted.no, LEFTARG = numeric, RIGHTARG = numeric);
CREATE OPERATOR planted.>= (FUNCTION = planted.no, LEFTARG = numeric, RIGHTARG = numeric);
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount) VALUES ('planted', 'net', '2021-01-01', '2021-12-31', 1);
INSERT INTO salesperf.agreement (description, metric, starts_on, ends_on, tiers, pooled) VALUES ('planted', 'net', '2021-01-01', '2021-12-31', '0: 1%', false), ('planted', 'net', '2021-01-01', '2021-12-31', '0: 1%', true);
INSERT INTO salesperf.agreement_customer SELECT agreement_id, 'planted' FROM salesperf.agreement;
SET LOCAL search_path = planted, public, pg_catalog;
SELECT lives_ok('TABLE salesperf.target_performance', 'targets find nothing that was planted');
SELECT lives_ok('SELECT * FROM salesperf.agreement_performance, salesperf.agreement_customer_performance, salesperf.measure_month', 'nor do agreements and months');
RESET search_path;
-- What is inlined names all it uses: nothing else is found with an empty path.
CREATE FUNCTION pg_temp.without_path(statement text) RETURNS text LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    EXECUTE statement;
    RETURN 'ok';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLERRM;
END
$$;
SELECT is(pg_temp.without_path('SELECT salesperf.target_rows(NULL), salesperf.agreement_rows(NULL)'), 'ok', 'what is inlined needs no search_path');
SELECT is(pg_temp.without_path('SELECT salesperf.agreement_customer_rows(NULL), salesperf.agreement_filters()'), 'ok', 'nor do customers'' rows');
SELECT is_empty(
    $$SELECT name FROM function WHERE trigger AND has_function_privilege('public', oid, 'EXECUTE')$$,
    'no trigger function can be put on a table by everybody');

SELECT * FROM finish();
ROLLBACK;
