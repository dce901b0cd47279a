-- Everything that setup() makes says what it is.
BEGIN;
SELECT plan(6);

CREATE TABLE public.regress_spm_comment (id integer PRIMARY KEY, day date, net numeric);
SELECT salesperf.attach_source('comment', 'public.regress_spm_comment',
    document => 'l.id', sold_on => 'l.day', net => 'l.net') \g /dev/null

-- All of the schema that is not a member of the extension.
CREATE TEMP VIEW made AS
SELECT c.oid, c.relname, c.relkind
FROM pg_class c
WHERE c.relnamespace = 'salesperf'::regnamespace AND c.relkind IN ('r', 'v')
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e');

SELECT ok((SELECT count(*) FILTER (WHERE relkind = 'r') >= 5 AND count(*) FILTER (WHERE relkind = 'v') >= 8 FROM made),
    'setup() has made tables and views');
SELECT is_empty(
    $$SELECT relname FROM made WHERE obj_description(oid, 'pg_class') IS NULL$$,
    'every table and view has a comment');
SELECT is_empty(
    $$SELECT m.relname, a.attname FROM made m JOIN pg_attribute a ON a.attrelid = m.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE col_description(m.oid, a.attnum) IS NULL AND m.relname !~ '^source_'$$,
    'every column of them has a comment, but for the views of single sources');
SELECT is_empty(
    $$SELECT m.relname, t.tgname FROM made m JOIN pg_trigger t ON t.tgrelid = m.oid AND NOT t.tgisinternal
      WHERE obj_description(t.oid, 'pg_trigger') IS NULL$$,
    'every trigger on them has a comment');
SELECT is_empty(
    $$SELECT rolname FROM pg_roles WHERE rolname ~ '^salesperf_' AND shobj_description(oid, 'pg_authid') IS NULL$$,
    'every role has a comment');
SELECT is_empty(
    $$SELECT p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace = 'salesperf'::regnamespace
      AND (obj_description(p.oid, 'pg_proc') ~ '^[A-Z][a-z]' OR obj_description(p.oid, 'pg_proc') ~ '\.$')$$,
    'comments of functions are lower-case noun phrases');

SELECT * FROM finish();
ROLLBACK;
