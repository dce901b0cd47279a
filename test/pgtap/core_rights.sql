-- What each role may do, and that it may do nothing else.
BEGIN;
SELECT plan(55);

-- Grants on tables and views, but for the views of single sources.
CREATE TEMP VIEW granted AS
SELECT pg_get_userbyid(a.grantee)::text AS grantee, c.relname::text AS relation,
    string_agg(a.privilege_type, ' ' ORDER BY a.privilege_type) AS privileges, bool_or(a.is_grantable) AS grantable
FROM pg_class c, aclexplode(c.relacl) a
WHERE c.relnamespace = 'salesperf'::regnamespace AND a.grantee <> c.relowner AND c.relname !~ '^source_'
GROUP BY 1, 2;
SELECT is_empty(
    $$SELECT c.relname FROM pg_class c, aclexplode(c.relacl) a WHERE c.relnamespace = 'salesperf'::regnamespace AND a.grantee = 0$$,
    'nothing is granted to everybody');
SELECT is_empty('SELECT grantee, relation FROM granted WHERE grantable', 'no right may be passed on');
SELECT set_eq(
    $$SELECT grantee, relation, privileges FROM granted WHERE privileges <> 'SELECT'$$,
    $$VALUES ('salesperf_manager', 'target', 'DELETE INSERT UPDATE'), ('salesperf_manager', 'agreement', 'DELETE INSERT UPDATE'),
        ('salesperf_manager', 'agreement_customer', 'DELETE INSERT UPDATE'), ('salesperf_manager', 'target_month', 'DELETE INSERT UPDATE'), ('salesperf_admin', 'setting', 'DELETE INSERT UPDATE'),
        ('salesperf_admin', 'customer', 'DELETE INSERT UPDATE'), ('salesperf_admin', 'product', 'DELETE INSERT UPDATE'),
        ('salesperf_admin', 'product_family', 'DELETE INSERT UPDATE'), ('salesperf_admin', 'branch', 'DELETE INSERT UPDATE'),
        ('salesperf_admin', 'unit_kind', 'DELETE INSERT UPDATE'), ('salesperf_admin', 'unit', 'DELETE INSERT UPDATE'),
        ('salesperf_admin', 'unit_flag', 'DELETE INSERT UPDATE'), ('salesperf_admin', 'unit_parent', 'DELETE INSERT UPDATE'),
        ('salesperf_admin', 'seller', 'DELETE INSERT UPDATE'), ('salesperf_admin', 'seller_unit', 'DELETE INSERT UPDATE'),
        ('salesperf_admin', 'unit_manager', 'DELETE INSERT UPDATE'), ('salesperf_admin', 'currency', 'DELETE INSERT UPDATE'),
        ('salesperf_admin', 'exchange_rate', 'DELETE INSERT UPDATE'), ('salesperf_admin', 'closed_day', 'DELETE INSERT UPDATE'), ('salesperf_manager', 'order_split', 'DELETE INSERT UPDATE'),
        ('salesperf_admin', 'sales_order', 'DELETE INSERT UPDATE'), ('salesperf_admin', 'order_line', 'DELETE INSERT UPDATE'),
        ('salesperf_admin', 'contract', 'DELETE INSERT UPDATE'), ('salesperf_admin', 'contract_line', 'DELETE INSERT UPDATE'),
        ('salesperf_admin', 'sale_status', 'DELETE INSERT UPDATE'), ('salesperf_manager', 'kpi', 'DELETE INSERT UPDATE'),
        ('salesperf_manager', 'commission_rule', 'DELETE INSERT UPDATE'), ('salesperf_manager', 'contract_term', 'DELETE INSERT UPDATE'),
        ('salesperf_admin', 'commission_period', 'DELETE INSERT UPDATE'), ('salesperf_admin', 'unit_partner_type', 'DELETE INSERT UPDATE'),
        ('salesperf_admin', 'seller_partner_type', 'DELETE INSERT UPDATE')$$,
    'managers write targets, agreements, splits and commission rules, administrators settings, the organisation and orders, nobody anything else');
SELECT set_eq(
    $$SELECT grantee, relation FROM granted WHERE privileges = 'SELECT' AND grantee <> 'salesperf_reader'$$,
    $$VALUES ('salesperf_rep', 'setting')$$,
    'sellers read settings only; managers and administrators read as readers');
SELECT set_eq(
    $$SELECT grantee, relation FROM granted WHERE grantee = 'salesperf_reader'$$,
    $$SELECT 'salesperf_reader', c.relname::text FROM pg_class c
      WHERE c.relnamespace = 'salesperf'::regnamespace AND c.relkind IN ('r', 'v') AND c.relname NOT IN ('writer', 'org_version', 'kept_version') AND c.relname !~ '^source_'$$,
    'readers read every table and view, but for marks between sessions');
SELECT set_eq(
    $$SELECT pg_get_userbyid(a.grantee)::text, p.oid::regprocedure::text FROM pg_proc p, aclexplode(p.proacl) a
      WHERE p.pronamespace = 'salesperf'::regnamespace AND a.grantee NOT IN (0, p.proowner)$$,
    $$VALUES ('salesperf_reader', 'salesperf.measure_figure(jsonb)'), ('salesperf_reader', 'salesperf.measure_figures(jsonb[])'),
        ('salesperf_reader', 'salesperf.measure_months(jsonb)'), ('salesperf_reader', 'salesperf.source_findings()'), ('salesperf_reader', 'salesperf.measure_actual(bigint)'),
        ('salesperf_reader', 'salesperf.measure_sales(jsonb)'), ('salesperf_reader', 'salesperf.verify_totals()'), ('salesperf_reader', 'salesperf.refreshing_sessions()'),
        ('salesperf_reader', 'salesperf.target_sales(bigint)'), ('salesperf_reader', 'salesperf.agreement_sales(bigint,text)'),
        ('salesperf_reader', 'salesperf.target_scopes(date)'), ('salesperf_reader', 'salesperf.targets_computed(date)'), ('salesperf_reader', 'salesperf.target_row(bigint,text,text,date,date,numeric,text[],text[],text[],text[],text[],text[],text[],text[],text[],text[],text[],text[],text[],text[],text[],text[],text[],date[],numeric[],date,date)'),
        ('salesperf_reader', 'salesperf.target_rows(date)'), ('salesperf_reader', 'salesperf.target_performance(date)'), ('salesperf_reader', 'salesperf.agreement_scopes(date)'),
        ('salesperf_reader', 'salesperf.agreements_computed(date)'), ('salesperf_reader', 'salesperf.agreement_figures(date)'), ('salesperf_reader', 'salesperf.bonus_scale()'),
        ('salesperf_reader', 'salesperf.agreement_reached(date)'), ('salesperf_reader', 'salesperf.agreement_rows(date)'), ('salesperf_reader', 'salesperf.agreement_customer_rows(date)'),
        ('salesperf_reader', 'salesperf.agreement_performance(date)'), ('salesperf_reader', 'salesperf.agreement_customer_performance(date)'), ('salesperf_reader', 'salesperf.agreement_filters()'),
        ('salesperf_reader', 'salesperf.unknown_codes(bigint)'), ('salesperf_reader', 'salesperf.overlapping_agreements(bigint)'), ('salesperf_reader', 'salesperf.check_agreement(bigint)'),
        ('salesperf_reader', 'salesperf.source_is_followed(text)'), ('salesperf_reader', 'salesperf.unit_path(text,date)'), ('salesperf_reader', 'salesperf.seller_path(text,date)'),
        ('salesperf_reader', 'salesperf.open_share(date,date,date,text)'), ('salesperf_reader', 'salesperf.closed_days(text,date,date)'),
        ('salesperf_reader', 'salesperf.measure_flow(jsonb,date,date,date)'), ('salesperf_reader', 'salesperf.forecast_months(jsonb[],jsonb[],integer,text,double precision)'),
        ('salesperf_reader', 'salesperf.forecast_target(bigint,integer,text,double precision)'), ('salesperf_reader', 'salesperf.forecast_agreement(bigint,integer,text,double precision)'),
        ('salesperf_reader', 'salesperf.commission_periods(date,date)'), ('salesperf_reader', 'salesperf.commission_findings()'),
        ('salesperf_reader', 'salesperf.commission_explain(text,text)'), ('salesperf_reader', 'salesperf.commission_preview(jsonb)'),
        ('salesperf_reader', 'salesperf.commission_matches(date,date)'), ('salesperf_manager', 'salesperf.check_payee(text)'),
        ('salesperf_manager', 'salesperf.codes_below(text,jsonb)'), ('salesperf_manager', 'salesperf.commission_rules_overlap(jsonb,jsonb)'),
        ('salesperf_admin', 'salesperf.calculate_commissions(date,date)'), ('salesperf_admin', 'salesperf.fold()'), ('salesperf_admin', 'salesperf.refresh_measures(interval)')$$,
    'functions are granted as documented');
SELECT set_eq(
    $$SELECT r.rolname::text AS role, m.rolname::text AS member FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.roleid JOIN pg_roles m ON m.oid = a.member
      WHERE r.rolname ~ '^salesperf_' AND m.rolname ~ '^salesperf_'$$,
    $$VALUES ('salesperf_reader', 'salesperf_manager'), ('salesperf_manager', 'salesperf_admin')$$,
    'an administrator is a manager, a manager a reader');
SELECT is_empty(
    $$SELECT rolname FROM pg_roles WHERE rolname ~ '^salesperf_' AND (rolsuper OR rolcanlogin OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication)$$,
    'the roles have no other power');

-- Tried out.
CREATE ROLE regress_spm_outsider;
CREATE ROLE regress_spm_rep IN ROLE salesperf_rep;
CREATE ROLE regress_spm_reader IN ROLE salesperf_reader;
CREATE ROLE regress_spm_manager IN ROLE salesperf_manager;
CREATE ROLE regress_spm_admin IN ROLE salesperf_admin;
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount) VALUES (960001, 'rights', 'net', '2021-01-01', '2021-12-31', 1);

-- What becomes of a statement of that role: ok, or the error's code.
CREATE FUNCTION pg_temp.try(role_name name, statement text)
RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', role_name);
    EXECUTE statement;
    RAISE 'done' USING ERRCODE = '0A001';
EXCEPTION WHEN OTHERS THEN
    RETURN CASE sqlstate WHEN '0A001' THEN 'ok' ELSE sqlstate END;
END
$$;
CREATE TEMP TABLE attempt (n integer GENERATED ALWAYS AS IDENTITY, statement text, outsider text, rep text, reader text, manager text, admin text);
INSERT INTO attempt (statement, outsider, rep, reader, manager, admin) VALUES
    ('SELECT * FROM salesperf.target_performance', '42501', '42501', 'ok', 'ok', 'ok'),
    ('SELECT * FROM salesperf.agreement_performance', '42501', '42501', 'ok', 'ok', 'ok'),
    ('SELECT * FROM salesperf.sale', '42501', '42501', 'ok', 'ok', 'ok'),
    ('SELECT * FROM salesperf.measure_state', '42501', '42501', 'ok', 'ok', 'ok'),
    ('SELECT * FROM salesperf.health', '42501', '42501', 'ok', 'ok', 'ok'),
    ('SELECT * FROM salesperf.target', '42501', '42501', 'ok', 'ok', 'ok'),
    ('SELECT * FROM salesperf.pending', '42501', '42501', 'ok', 'ok', 'ok'),
    ('SELECT * FROM salesperf.setting', '42501', 'ok', 'ok', 'ok', 'ok'),
    ('SELECT salesperf.today()', '42501', 'ok', 'ok', 'ok', 'ok'),
    ('SELECT * FROM salesperf.target_sales(960001)', '42501', '42501', 'ok', 'ok', 'ok'),
    ('SELECT * FROM salesperf.verify_totals()', '42501', '42501', 'ok', 'ok', 'ok'),
    ($$SELECT salesperf.measure_figure('{"metric": "net", "starts_on": "2021-01-01", "ends_on": "2021-12-31"}')$$, '42501', '42501', 'ok', 'ok', 'ok'),
    ($$INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount) VALUES ('x', 'net', '2021-01-01', '2021-12-31', 1)$$, '42501', '42501', '42501', 'ok', 'ok'),
    ('UPDATE salesperf.target SET amount = 2 WHERE target_id = 960001', '42501', '42501', '42501', 'ok', 'ok'),
    ('DELETE FROM salesperf.target WHERE target_id = 960001', '42501', '42501', '42501', 'ok', 'ok'),
    ('TRUNCATE salesperf.target', '42501', '42501', '42501', '42501', '42501'),
    ($$INSERT INTO salesperf.agreement (description, metric, starts_on, ends_on, tiers) VALUES ('x', 'net', '2021-01-01', '2021-12-31', '0: 1%')$$, '42501', '42501', '42501', 'ok', 'ok'),
    ($$UPDATE salesperf.setting SET value = 'UTC' WHERE name = 'time_zone'$$, '42501', '42501', '42501', '42501', 'ok'),
    ($$INSERT INTO salesperf.source (name, lines, document, sold_on, net) VALUES ('x', 'x', 'x', 'x', 'x')$$, '42501', '42501', '42501', '42501', '42501'),
    ('DELETE FROM salesperf.source', '42501', '42501', '42501', '42501', '42501'),
    ('UPDATE salesperf.total SET actual = 0', '42501', '42501', '42501', '42501', '42501'),
    ('DELETE FROM salesperf.pending_1', '42501', '42501', '42501', '42501', '42501'),
    ('DELETE FROM salesperf.build', '42501', '42501', '42501', '42501', '42501'),
    ('DELETE FROM salesperf.invalidation', '42501', '42501', '42501', '42501', '42501'),
    ('INSERT INTO salesperf.writer DEFAULT VALUES', '42501', '42501', '42501', '42501', '42501'),
    ('CALL salesperf.fold()', '42501', '42501', '42501', '42501', '25001'),
    ('SELECT * FROM salesperf.commission_item', '42501', '42501', 'ok', 'ok', 'ok'),
    ('SELECT * FROM salesperf.commission_progress', '42501', '42501', 'ok', 'ok', 'ok'),
    ($$SELECT * FROM salesperf.commission_explain('order', 'x')$$, '42501', '42501', 'ok', 'ok', 'ok'),
    ($$SELECT * FROM salesperf.commission_preview('{"sold_on": "2021-01-01", "net": 1}')$$, '42501', '42501', 'ok', 'ok', 'ok'),
    ($$INSERT INTO salesperf.commission_rule (component, valid_from, tiers, families) VALUES ('rights', '2021-01-01', '0: 1%', '{x}')$$, '42501', '42501', '42501', 'ok', 'ok'),
    ($$INSERT INTO salesperf.contract_term (source, document, tiers) VALUES ('order', 'x', '0: 1%')$$, '42501', '42501', '42501', 'ok', 'ok'),
    ($$INSERT INTO salesperf.commission_period VALUES ('2021-01-01', '2021-01-31')$$, '42501', '42501', '42501', '42501', 'ok'),
    ('UPDATE salesperf.commission_item SET amount = 0', '42501', '42501', '42501', '42501', '42501'),
    ('DELETE FROM salesperf.commission_exception', '42501', '42501', '42501', '42501', '42501'),
    ($$CALL salesperf.calculate_commissions('2021-01-01', '2021-01-31')$$, '42501', '42501', '42501', '42501', 'ok'),
    -- 25001: allowed, but not inside a transaction block
    ('CALL salesperf.refresh_measures()', '42501', '42501', '42501', '42501', '25001'),
    ('SELECT salesperf.setup()', '42501', '42501', '42501', '42501', '42501'),
    ('SELECT salesperf.restore_sources()', '42501', '42501', '42501', '42501', '42501'),
    ('SELECT salesperf.describe_sale_views()', '42501', '42501', '42501', '42501', '42501'),
    ($$SELECT salesperf.ensure_constraint('salesperf.target', 'x', 'CHECK (true)')$$, '42501', '42501', '42501', '42501', '42501'),
    ($$SELECT salesperf.attach_source('x', 'pg_catalog.pg_class', document => 'l.oid', sold_on => 'l.oid', net => '1')$$, '42501', '42501', '42501', '42501', '42501'),
    ($$SELECT salesperf.detach_source('x')$$, '42501', '42501', '42501', '42501', '42501'),
    ($$DO 'BEGIN CREATE TEMP TABLE forged (id integer); CREATE TRIGGER t AFTER INSERT ON forged FOR EACH STATEMENT EXECUTE FUNCTION salesperf.collect_changes(''x''); END'$$,
        '42501', '42501', '42501', '42501', '42501'),
    ('CREATE TABLE salesperf.planted (id integer)', '42501', '42501', '42501', '42501', '42501'),
    ($$CREATE FUNCTION salesperf.planted() RETURNS integer LANGUAGE sql AS 'SELECT 1'$$, '42501', '42501', '42501', '42501', '42501'),
    ('DROP VIEW salesperf.target_performance', '42501', '42501', '42501', '42501', '42501');

SELECT is(concat_ws(' ', pg_temp.try('regress_spm_outsider', a.statement), pg_temp.try('regress_spm_rep', a.statement),
        pg_temp.try('regress_spm_reader', a.statement), pg_temp.try('regress_spm_manager', a.statement), pg_temp.try('regress_spm_admin', a.statement)),
    concat_ws(' ', a.outsider, a.rep, a.reader, a.manager, a.admin), 'outsider, rep, reader, manager, admin: ' || a.statement)
FROM attempt a ORDER BY a.n;

SELECT * FROM finish();
ROLLBACK;
