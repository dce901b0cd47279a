-- Tables of the organisation: constraints, rights, triggers.
BEGIN;
SELECT plan(29);

CREATE TEMP TABLE org_table (name text);
INSERT INTO org_table VALUES ('customer'), ('product'), ('product_family'), ('branch'), ('unit_kind'), ('unit'), ('unit_flag'),
    ('unit_parent'), ('seller'), ('seller_unit'), ('unit_partner_type'), ('seller_partner_type'), ('unit_manager'), ('currency'), ('exchange_rate'), ('closed_day');

SELECT is_empty(
    $$SELECT name FROM org_table WHERE to_regclass('salesperf.' || name) IS NULL$$,
    'setup() creates all tables of the organisation');
SELECT is_empty(
    $$SELECT name, attname FROM org_table t
      JOIN pg_attribute a ON a.attrelid = ('salesperf.' || t.name)::regclass AND a.attnum > 0 AND NOT a.attisdropped
      WHERE col_description(a.attrelid, a.attnum) IS NULL$$,
    'every column has a comment');
SELECT is_empty(
    $$SELECT name FROM org_table t
      JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = ('salesperf.' || t.name)::regclass AND d.deptype = 'e'$$,
    'none of them is a member of the extension');
SELECT col_is_pk('salesperf', 'unit_parent', ARRAY['unit', 'valid_from'], 'unit_parent has one row for a unit and first day');
SELECT col_is_pk('salesperf', 'seller_unit', ARRAY['seller', 'valid_from'], 'seller_unit has one row for a seller and first day');
SELECT col_is_pk('salesperf', 'exchange_rate', ARRAY['currency', 'valid_from'], 'exchange_rate has one row for a currency and first day');

-- Exclusion constraints.
SELECT is(
    (SELECT string_agg(format('%s: %s', c.conname, pg_get_constraintdef(c.oid)), E'\n' ORDER BY c.conname COLLATE "C")
     FROM pg_constraint c WHERE c.connamespace = 'salesperf'::regnamespace AND c.contype = 'x'),
    $$commission_period_overlap: EXCLUDE USING gist (daterange(starts_on, ends_on, '[]'::text) WITH &&) DEFERRABLE
seller_partner_type_overlap: EXCLUDE USING gist (seller WITH =, daterange(valid_from, valid_to, '[]'::text) WITH &&)
seller_unit_overlap: EXCLUDE USING gist (seller WITH =, daterange(valid_from, valid_to, '[]'::text) WITH &&)
unit_flag_overlap: EXCLUDE USING gist (unit WITH =, flag WITH =, daterange(valid_from, valid_to, '[]'::text) WITH &&)
unit_manager_overlap: EXCLUDE USING gist (unit WITH =, seller WITH =, daterange(valid_from, valid_to, '[]'::text) WITH &&)
unit_parent_overlap: EXCLUDE USING gist (unit WITH =, daterange(valid_from, valid_to, '[]'::text) WITH &&)
unit_partner_type_overlap: EXCLUDE USING gist (unit WITH =, daterange(valid_from, valid_to, '[]'::text) WITH &&)$$,
    'periods are kept apart by exclusion constraints');
INSERT INTO salesperf.unit_parent VALUES ('u', 'c', '2026-01-01', '2026-01-31');
INSERT INTO salesperf.seller_unit VALUES ('s', 'u', '2026-01-01', NULL);
INSERT INTO salesperf.unit_flag VALUES ('u', 'vip', '2026-01-01', '2026-01-31');
SELECT throws_ok($$INSERT INTO salesperf.unit_parent VALUES ('u', 'd', '2026-01-31', NULL)$$, '23P01', NULL, 'a unit has one parent a day');
SELECT lives_ok($$INSERT INTO salesperf.unit_parent VALUES ('u', 'd', '2026-02-01', NULL)$$, 'a parent follows the other on the next day');
SELECT throws_ok($$INSERT INTO salesperf.seller_unit VALUES ('s', 'v', '2099-01-01', NULL)$$, '23P01', NULL, 'a seller has one unit a day');
SELECT throws_ok($$INSERT INTO salesperf.unit_flag VALUES ('u', 'vip', '2026-01-31', NULL)$$, '23P01', NULL, 'a flag does not overlap with itself');
SELECT lives_ok($$INSERT INTO salesperf.unit_flag VALUES ('u', 'test', '2026-01-31', NULL)$$, 'two flags may overlap');

-- Rights.
CREATE TEMP VIEW held AS
SELECT r.rolname, p.privilege, t.name
FROM org_table t
CROSS JOIN (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE')) p (privilege)
JOIN pg_roles r ON r.rolname LIKE 'salesperf\_%' AND has_table_privilege(r.rolname, 'salesperf.' || t.name, p.privilege);
CREATE FUNCTION pg_temp.holds(role_name text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(privilege || ' ' || n, ', ' ORDER BY privilege)
    FROM (SELECT privilege, count(*) AS n FROM held WHERE rolname = role_name GROUP BY privilege) h
$$;
SELECT is(pg_temp.holds('salesperf_reader'), 'SELECT 16', 'a reader reads all tables and writes none');
SELECT is(pg_temp.holds('salesperf_manager'), 'SELECT 16', 'a manager reads all tables and writes none');
SELECT is(pg_temp.holds('salesperf_admin'), 'DELETE 16, INSERT 16, SELECT 16, UPDATE 16', 'an admin writes all tables');
SELECT is(pg_temp.holds('salesperf_rep'), NULL, 'a rep has no right');
SELECT is_empty(
    $$SELECT name FROM org_table WHERE has_table_privilege('public', 'salesperf.' || name, 'SELECT, INSERT, UPDATE, DELETE')$$,
    'PUBLIC has no right on any table');
SELECT ok(has_function_privilege('salesperf_reader', 'salesperf.unit_path(text, date)', 'EXECUTE'), 'a reader may ask for unit_path');
SELECT ok(has_function_privilege('salesperf_reader', 'salesperf.seller_path(text, date)', 'EXECUTE'), 'a reader may ask for seller_path');
SELECT is_empty(
    $$SELECT p.oid::regprocedure FROM pg_proc p
      WHERE p.pronamespace = 'salesperf'::regnamespace
        AND p.proname IN ('unit_path', 'seller_path', 'org_changed', 'check_unit_parent', 'check_product_family')
        AND has_function_privilege('public', p.oid, 'EXECUTE')$$,
    'PUBLIC may execute no function of the organisation');
SELECT is_empty(
    $$SELECT rolname FROM pg_roles WHERE NOT rolsuper AND has_table_privilege(rolname, 'salesperf.org_version', 'SELECT, INSERT, UPDATE, DELETE')
      AND rolname NOT IN ('pg_read_all_data', 'pg_write_all_data')$$,
    'nobody touches org_version');

-- An admin's change reaches the paths, and a reader needs no right on tables below the functions.
SET LOCAL ROLE salesperf_admin;
SELECT lives_ok($$UPDATE salesperf.seller_unit SET unit = 'w' WHERE seller = 's'$$, 'an admin moves a seller');
SET LOCAL ROLE salesperf_reader;
SELECT is(salesperf.seller_path('s', '2026-01-01'), ARRAY['w'], 'a reader sees the move');
SELECT throws_ok($$DELETE FROM salesperf.seller_unit$$, '42501', NULL, 'a reader moves nobody');
SET LOCAL ROLE salesperf_manager;
SELECT throws_ok($$INSERT INTO salesperf.unit (code, kind) VALUES ('x', 'team')$$, '42501', NULL, 'a manager enters no unit');
SET LOCAL ROLE salesperf_rep;
SELECT throws_ok($$SELECT salesperf.seller_path('s', '2026-01-01')$$, '42501', NULL, 'a rep may not ask for paths');
RESET ROLE;

-- Triggers: those that keep paths right also fire under replication.
SELECT is(
    (SELECT string_agg(DISTINCT format('%s %s', t.tgname, t.tgenabled), ', ' ORDER BY format('%s %s', t.tgname, t.tgenabled))
     FROM pg_trigger t WHERE t.tgrelid IN ('salesperf.unit_parent'::regclass, 'salesperf.seller_unit'::regclass) AND t.tgname LIKE 'org\_%'),
    'org_changed A, org_changes A, org_truncated A', 'triggers that follow changes always fire');
SELECT is(
    (SELECT string_agg(format('%s %s %s', c.conname, c.condeferrable, c.condeferred), ', ' ORDER BY c.conname COLLATE "C")
     FROM pg_constraint c WHERE c.connamespace = 'salesperf'::regnamespace AND c.contype = 't' AND c.conname LIKE '%\_no\_cycle'),
    'product_family_no_cycle t t, unit_parent_no_cycle t t', 'cycles are looked for at commit');
SELECT is(
    (SELECT string_agg(code, ' ' ORDER BY code) FROM salesperf.currency WHERE minor_unit = 3),
    'BHD IQD JOD KWD LYD OMR TND', 'setup() knows the currencies of three decimals');

SELECT * FROM finish();
ROLLBACK;
