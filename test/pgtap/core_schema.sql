-- Facts about the schema that queries, dashboards and dumps rest on.
BEGIN;
SELECT plan(26);

SELECT columns_are('salesperf', 'setting', '{name,value}'::name[]);
SELECT col_is_pk('salesperf', 'setting', 'name', 'a setting is known by its name');
SELECT col_is_pk('salesperf', 'source', 'name', 'a source is known by its name');
SELECT col_is_pk('salesperf', 'target', 'target_id', 'a target is known by its id');
SELECT col_is_pk('salesperf', 'agreement', 'agreement_id', 'an agreement is known by its id');
SELECT col_is_pk('salesperf', 'agreement_customer', '{agreement_id,customer}'::name[], 'a customer is in an agreement once');
SELECT fk_ok('salesperf', 'agreement_customer', 'agreement_id', 'salesperf', 'agreement', 'agreement_id');

SELECT is_empty(
    $$SELECT c.relname FROM pg_class c
      WHERE c.relnamespace = 'salesperf'::regnamespace AND c.relkind = 'r'
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
        AND NOT EXISTS (SELECT FROM pg_constraint p WHERE p.conrelid = c.oid AND p.contype = 'p')$$,
    'every table that people write to has a primary key');
SELECT is_empty(
    $$SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      JOIN pg_type t ON t.oid = a.atttypid JOIN pg_namespace n ON n.oid = t.typnamespace
      WHERE c.relnamespace = 'salesperf'::regnamespace AND c.relkind = 'r' AND n.nspname = 'salesperf'$$,
    'no table has a column of a type of the extension');
SELECT is_empty(
    $$SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE c.relnamespace = 'salesperf'::regnamespace AND c.relkind = 'r'
        AND a.atttypid IN ('oid'::regtype, 'regproc'::regtype, 'regprocedure'::regtype, 'regoper'::regtype, 'regoperator'::regtype, 'float8'::regtype, 'float4'::regtype, 'money'::regtype)$$,
    'no table holds oids or inexact numbers');

-- What a dashboard reads.
CREATE TEMP VIEW shown_column AS
SELECT c.relname::text COLLATE "default" AS view, a.attname::text COLLATE "default" AS name, format_type(a.atttypid, a.atttypmod) AS type
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relnamespace = 'salesperf'::regnamespace AND c.relkind = 'v'
  AND c.relname !~ '^(source|split)_' AND c.relname NOT IN ('target_measure', 'agreement_measure', 'measure_reader');
SELECT results_eq(
    $$SELECT view, name, type FROM shown_column
      WHERE type NOT IN ('text', 'boolean', 'integer', 'bigint', 'date', 'timestamp with time zone')
        AND type !~ '^numeric\(\d+,\d+\)$' ORDER BY 1$$,
    $$VALUES ('credit'::text, 'attributes'::text, 'jsonb'::text), ('sale', 'attributes', 'jsonb')$$,
    'views show text, boolean, integer, bigint, date, timestamptz and numeric with a precision; attributes alone is jsonb');
SELECT is_empty(
    $$SELECT view, name, type FROM shown_column WHERE type ~ '^numeric' AND type <>
        CASE WHEN name IN ('attainment', 'bonus_rate', 'share', 'probability') THEN 'numeric(12,6)'
             WHEN name IN ('bonus', 'projected_bonus', 'likely_bonus') THEN 'numeric(20,2)' ELSE 'numeric(24,4)' END$$,
    'measures have four decimals, money two, ratios six');
SELECT is_empty(
    $$SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'salesperf'::regnamespace AND c.relkind = 'v'
        AND NOT coalesce('security_invoker=true' = ANY (c.reloptions), false)$$,
    'every view is read with the rights of its reader');

SELECT columns_are('salesperf', 'target_performance',
    '{target_id,name,metric,starts_on,ends_on,status,target,actual,attainment,expected_to_date,on_track,indicator,projected,gap,progress,projected_low,projected_high,probability}'::name[]);
SELECT columns_are('salesperf', 'agreement_performance',
    '{agreement_id,description,metric,starts_on,ends_on,status,customers,objective,actual,expected_to_date,on_track,indicator,projected,level,bonus_rate,bonus,next_threshold,to_next,projected_level,projected_bonus,progress,likely_level,likely_bonus}'::name[]);
SELECT columns_are('salesperf', 'agreement_customer_performance',
    '{agreement_id,description,customer,customer_name,metric,starts_on,ends_on,status,objective,actual,expected_to_date,on_track,indicator,projected,level,bonus_rate,bonus,next_threshold,to_next,projected_level,projected_bonus,progress}'::name[]);
SELECT columns_are('salesperf', 'agreement_measure', '{agreement_id,customer,role,measure_id,metric,scope}'::name[]);
SELECT columns_are('salesperf', 'measure_month', '{measure_id,target_id,agreement_id,metric,month,actual}'::name[]);
SELECT results_eq(
    format($$SELECT p.proargnames[2:] FROM pg_proc p WHERE p.oid = 'salesperf.%s(date)'::regprocedure$$, v),
    format($$SELECT array_agg(attname::text ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'salesperf.%s'::regclass AND attnum > 0$$, v),
    format('function %s has the columns of the view, in order', v))
FROM unnest('{target_performance,agreement_performance,agreement_customer_performance}'::text[]) v;
SELECT col_is_pk('salesperf', 'target_month', '{target_id,month}'::name[], 'a month of a target has one share');
SELECT fk_ok('salesperf', 'target_month', 'target_id', 'salesperf', 'target', 'target_id');
SELECT columns_are('salesperf', 'target_month', '{target_id,month,share}'::name[]);
SELECT columns_are('salesperf', 'measure_state', '{measure_id,target_id,agreement_id,metric,state,built_at,pending}'::name[]);
SELECT columns_are('salesperf', 'health', '{severity,object,finding,hint}'::name[]);

SELECT * FROM finish();
ROLLBACK;
