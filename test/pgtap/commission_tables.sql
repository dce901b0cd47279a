-- Tables of commissions: columns, keys, and what readers find in them.
BEGIN;
SELECT plan(16);

SELECT columns_are('salesperf', 'commission_period', '{starts_on,ends_on,state,calculated_at}'::name[]);
SELECT columns_are('salesperf', 'kpi',
    '{kpi,metric,months,scale,sellers,units,customers,sectors,regions,segments,products,brands,families,branches,sale_types,sources,exclude_customers,exclude_products,exclude_brands,exclude_families,exclude_branches}'::name[]);
SELECT columns_are('salesperf', 'commission_rule',
    '{rule_id,component,payee,priority,valid_from,valid_to,every,base,positive_only,tiers,tier_by,kpi,kpi_of,cap,floor,min_amount,max_amount,credit,sellers,units,customers,sectors,regions,segments,products,brands,families,branches,sale_types,sources,exclude_customers,exclude_products,exclude_brands,exclude_families,exclude_branches,partner_types,company_flags,exclude_company_flags,condition,note}'::name[]);
SELECT columns_are('salesperf', 'contract_term', '{source,document,component,payee,base,tiers,cap,floor,note}'::name[]);
SELECT columns_are('salesperf', 'commission_item',
    '{item_id,period_start,period_end,kind,payee_kind,payee,seller,outlet,office,company,source,document,line,component,rule_id,bonus_id,base,tier_value,level,rate,amount,status,of_period,note}'::name[]);
SELECT columns_are('salesperf', 'commission_exception', '{exception_id,period_start,source,document,line,seller,component,payee_kind,payee,rule_id,reason}'::name[]);
SELECT columns_are('salesperf', 'commission_progress', '{run_id,starts_on,ends_on,state,phase,rows_done,started_at,finished_at,sales,items,written,removed,exceptions}'::name[]);
SELECT col_is_pk('salesperf', 'commission_rule', 'rule_id', 'a rule is known by its id');
SELECT col_is_pk('salesperf', 'contract_term', '{source,document,component,payee}'::name[], 'a document has one term for a component and payee');
SELECT col_is_pk('salesperf', 'commission_item', 'item_id', 'an item is known by its id');
SELECT fk_ok('salesperf', 'commission_rule', 'kpi', 'salesperf', 'kpi', 'kpi');
SELECT is_empty(
    $$SELECT c.relname FROM pg_class c JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
      WHERE c.relname IN ('commission_period', 'kpi', 'commission_rule', 'contract_term', 'commission_item')$$,
    'what is entered, and what was paid, is no part of the extension: it is dumped');
SELECT set_eq(
    $$SELECT c.relname::text FROM pg_class c JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
      WHERE c.relname LIKE 'commission%' AND c.relkind = 'r'$$,
    $$VALUES ('commission_run'), ('commission_exception'), ('commission_rule_use')$$,
    'what the next run computes again belongs to the extension');
SELECT is_empty(
    $$SELECT a.attrelid::regclass, a.attname FROM pg_attribute a
      WHERE a.attrelid IN ('salesperf.commission_period'::regclass, 'salesperf.kpi'::regclass, 'salesperf.commission_rule'::regclass, 'salesperf.contract_term'::regclass,
          'salesperf.commission_item'::regclass) AND a.attnum > 0 AND NOT a.attisdropped AND col_description(a.attrelid, a.attnum) IS NULL$$,
    'every column says what it is');
SELECT is_empty(
    $$SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'salesperf.commission_item'::regclass AND attnum > 0 AND NOT attisdropped
      AND format_type(atttypid, atttypmod) NOT IN ('bigint', 'date', 'text', 'integer', 'numeric(24,4)', 'numeric(12,6)', 'numeric(20,2)')$$,
    'items have plain types');
SELECT col_default_is('salesperf', 'unit', 'past_commissions', 'stay', 'past commissions stay with the company of the day');

SELECT * FROM finish();
ROLLBACK;
