-- Every member of the extension says what it is.
BEGIN;
SELECT plan(8);

CREATE TEMP VIEW member AS
SELECT d.classid, d.objid, pg_describe_object(d.classid, d.objid, 0) AS name
FROM pg_depend d
JOIN pg_extension e ON e.oid = d.refobjid
WHERE e.extname = 'salesperf'
  AND d.refclassid = 'pg_extension'::regclass
  AND d.deptype = 'e'
  -- The sequence of an identity column is a part of its table.
  AND NOT EXISTS (
    SELECT FROM pg_depend i
    WHERE i.classid = d.classid AND i.objid = d.objid AND i.deptype = 'i'
      AND i.refclassid = 'pg_class'::regclass);

CREATE TEMP VIEW uncommented AS
SELECT m.classid, m.objid, m.name
FROM member m
JOIN pg_class c ON c.oid = m.classid
WHERE obj_description(m.objid, c.relname) IS NULL;

SELECT isnt_empty('SELECT name FROM member', 'the extension has members');

SELECT is_empty(
    $$SELECT u.name FROM uncommented u JOIN pg_proc p ON p.oid = u.objid
      WHERE u.classid = 'pg_proc'::regclass AND p.prokind <> 'a'$$,
    'every function and procedure has a comment');

SELECT is_empty(
    $$SELECT u.name FROM uncommented u JOIN pg_proc p ON p.oid = u.objid
      WHERE u.classid = 'pg_proc'::regclass AND p.prokind = 'a'$$,
    'every aggregate has a comment');

SELECT is_empty(
    $$SELECT u.name FROM uncommented u JOIN pg_class r ON r.oid = u.objid
      WHERE u.classid = 'pg_class'::regclass AND r.relkind IN ('r', 'p', 'S')$$,
    'every table and sequence has a comment');

SELECT is_empty(
    $$SELECT m.name, a.attname
      FROM member m
      JOIN pg_class r ON r.oid = m.objid AND r.relkind IN ('r', 'p')
      JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE m.classid = 'pg_class'::regclass AND col_description(r.oid, a.attnum) IS NULL$$,
    'every column of every table has a comment');

SELECT is_empty(
    $$SELECT u.name FROM uncommented u JOIN pg_class r ON r.oid = u.objid
      WHERE u.classid = 'pg_class'::regclass AND r.relkind IN ('v', 'm')$$,
    'every view has a comment');

SELECT is_empty(
    $$SELECT u.name FROM uncommented u JOIN pg_type t ON t.oid = u.objid
      -- From 17 on array and row types are members beside what they are of.
      WHERE u.classid = 'pg_type'::regclass AND t.typcategory <> 'A' AND t.typrelid = 0$$,
    'every type has a comment');

SELECT is_empty(
    $$SELECT name FROM uncommented WHERE classid = 'pg_operator'::regclass$$,
    'every operator has a comment');

SELECT * FROM finish();
ROLLBACK;
