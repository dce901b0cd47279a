-- Tables of sales: columns, keys, comments, rights.
BEGIN;
SELECT plan(66);

CREATE TEMP TABLE sale_table (name text);
INSERT INTO sale_table VALUES ('sales_order'), ('order_line'), ('contract'), ('contract_line'), ('order_split'), ('sale_status');

SELECT columns_are('salesperf', 'sales_order', '{order_no,ordered_on,customer,seller,unit,branch,sale_type,status,currency,attributes}'::name[]);
SELECT columns_are('salesperf', 'order_line', '{order_no,line_no,product,quantity,gross,net,cost}'::name[]);
SELECT columns_are('salesperf', 'contract', '{contract_no,signed_on,customer,seller,unit,sale_type,status,currency,attributes}'::name[]);
SELECT columns_are('salesperf', 'contract_line', '{contract_no,line_no,product,quantity,gross,net,cost,revenue,attributes}'::name[]);
SELECT columns_are('salesperf', 'order_split', '{split_id,source,document,seller,percent,amount,overlay}'::name[]);
SELECT columns_are('salesperf', 'sale_status', '{status,counts}'::name[]);
SELECT is(
    (SELECT string_agg(DISTINCT format_type(atttypid, atttypmod), ', ' ORDER BY format_type(atttypid, atttypmod))
     FROM sale_table t JOIN pg_attribute a ON a.attrelid = ('salesperf.' || t.name)::regclass AND a.attnum > 0 AND NOT a.attisdropped
     WHERE attname IN ('quantity', 'gross', 'net', 'cost', 'revenue', 'percent', 'amount')),
    'numeric', 'figures are unconstrained numerics: nothing is rounded');
SELECT is(
    (SELECT string_agg(format('%s.%s', t.name, attname), ' ' ORDER BY t.name, attnum)
     FROM sale_table t JOIN pg_attribute a ON a.attrelid = ('salesperf.' || t.name)::regclass AND a.attnum > 0 AND a.attnotnull),
    'contract.contract_no contract.status contract_line.contract_no contract_line.line_no order_line.order_no order_line.line_no '
    'order_split.split_id order_split.source order_split.document order_split.seller order_split.overlay '
    'sale_status.status sale_status.counts sales_order.order_no sales_order.status',
    'nothing else must be entered');

SELECT is_empty(
    $$SELECT name, attname FROM sale_table t
      JOIN pg_attribute a ON a.attrelid = ('salesperf.' || t.name)::regclass AND a.attnum > 0 AND NOT a.attisdropped
      WHERE col_description(a.attrelid, a.attnum) IS NULL$$,
    'every column has a comment');
SELECT is_empty(
    $$SELECT name FROM sale_table WHERE obj_description(('salesperf.' || name)::regclass, 'pg_class') IS NULL$$,
    'every table has a comment');
SELECT is_empty(
    $$SELECT name FROM sale_table t
      JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = ('salesperf.' || t.name)::regclass AND d.deptype = 'e'$$,
    'none of them is a member of the extension');

-- Keys, checks, indexes.
SELECT col_is_pk('salesperf', 'sales_order', 'order_no', 'an order is known by its number');
SELECT col_is_pk('salesperf', 'order_line', ARRAY['order_no', 'line_no'], 'a line by its order and number');
SELECT col_is_pk('salesperf', 'contract', 'contract_no', 'a contract is known by its number');
SELECT col_is_pk('salesperf', 'contract_line', ARRAY['contract_no', 'line_no'], 'a line by its contract and number');
SELECT col_is_pk('salesperf', 'order_split', 'split_id', 'a split has a key of its own');
SELECT col_is_pk('salesperf', 'sale_status', 'status', 'a state is there once');
SELECT is(
    (SELECT string_agg(pg_get_constraintdef(c.oid), E'\n' ORDER BY conrelid::regclass::text)
     FROM sale_table t JOIN pg_constraint c ON c.conrelid = ('salesperf.' || t.name)::regclass AND c.contype = 'f'),
    'FOREIGN KEY (contract_no) REFERENCES salesperf.contract(contract_no) ON UPDATE CASCADE ON DELETE CASCADE DEFERRABLE' || E'\n' ||
    'FOREIGN KEY (order_no) REFERENCES salesperf.sales_order(order_no) ON UPDATE CASCADE ON DELETE CASCADE DEFERRABLE',
    'lines go with their headers, and there is no other foreign key');
SELECT is_empty(
    $$SELECT t.name, a.attname FROM sale_table t
      JOIN pg_attribute a ON a.attrelid = ('salesperf.' || t.name)::regclass AND a.attnum > 0 AND a.atttypid IN ('numeric'::regtype, 'date'::regtype)
      WHERE NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conrelid = a.attrelid AND c.contype = 'c' AND c.conkey = ARRAY[a.attnum]
          AND c.conname = format('%s_%s_check', t.name, a.attname))$$,
    'every figure and date has a check of that name');
SELECT has_index('salesperf', 'sales_order', 'sales_order_customer_idx', 'customer'::name);
SELECT has_index('salesperf', 'sales_order', 'sales_order_seller_idx', 'seller'::name);
SELECT has_index('salesperf', 'sales_order', 'sales_order_ordered_on_idx', 'ordered_on'::name);
SELECT has_index('salesperf', 'sales_order', 'sales_order_status_idx', 'status'::name);
SELECT has_index('salesperf', 'order_line', 'order_line_product_idx', 'product'::name);
SELECT has_index('salesperf', 'contract', 'contract_customer_idx', 'customer'::name);
SELECT has_index('salesperf', 'contract', 'contract_seller_idx', 'seller'::name);
SELECT has_index('salesperf', 'contract', 'contract_signed_on_idx', 'signed_on'::name);
SELECT has_index('salesperf', 'contract', 'contract_status_idx', 'status'::name);
SELECT has_index('salesperf', 'contract_line', 'contract_line_product_idx', 'product'::name);
SELECT has_index('salesperf', 'order_split', 'order_split_document_idx', ARRAY['source', 'document']::name[]);
SELECT has_index('salesperf', 'order_split', 'order_split_seller_idx', 'seller'::name);
SELECT is(
    (SELECT format('%s %s %s', c.conname, c.condeferrable, c.condeferred)
     FROM pg_constraint c WHERE c.conrelid = 'salesperf.order_split'::regclass AND c.contype = 't'),
    'order_split_percents t t', 'percents are checked at commit');

-- States that count, entered once: a change of one's own stays.
SELECT results_eq(
    $$SELECT status, counts FROM salesperf.sale_status ORDER BY counts, status$$,
    $$VALUES ('cancelled', false), ('draft', false), ('quotation', false), ('confirmed', true), ('done', true), ('invoiced', true)$$,
    'setup() enters the usual states');
DELETE FROM salesperf.sale_status WHERE status = 'done';
UPDATE salesperf.sale_status SET counts = true WHERE status = 'quotation';
SELECT salesperf.setup() \g /dev/null
SELECT results_eq(
    $$SELECT status, counts FROM salesperf.sale_status ORDER BY counts, status$$,
    $$VALUES ('cancelled', false), ('draft', false), ('confirmed', true), ('invoiced', true), ('quotation', true)$$,
    'setup() leaves states alone that somebody has changed');

-- Rights.
CREATE TEMP VIEW held AS
SELECT r.rolname, p.privilege, t.name
FROM sale_table t
CROSS JOIN (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE'), ('REFERENCES'), ('TRIGGER')) p (privilege)
JOIN pg_roles r ON r.rolname LIKE 'salesperf\_%' AND has_table_privilege(r.rolname, 'salesperf.' || t.name, p.privilege);
CREATE FUNCTION pg_temp.holds(role_name text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(privilege || ' ' || n, ', ' ORDER BY privilege)
    FROM (SELECT privilege, count(*) AS n FROM held WHERE rolname = role_name GROUP BY privilege) h
$$;
SELECT is(pg_temp.holds('salesperf_reader'), 'SELECT 6', 'a reader reads all tables and writes none');
SELECT is(pg_temp.holds('salesperf_manager'), 'DELETE 1, INSERT 1, SELECT 6, UPDATE 1', 'a manager reads all tables and writes one');
SELECT is(pg_temp.holds('salesperf_admin'), 'DELETE 6, INSERT 6, SELECT 6, UPDATE 6', 'an admin writes all tables');
SELECT is(pg_temp.holds('salesperf_rep'), NULL, 'a rep has no right');
SELECT is_empty(
    $$SELECT name FROM sale_table WHERE has_table_privilege('public', 'salesperf.' || name, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')$$,
    'PUBLIC has no right on any table');
SELECT ok(NOT has_function_privilege('public', 'salesperf.check_order_split()', 'EXECUTE'), 'PUBLIC may not execute the check');

-- Tried out.
CREATE ROLE regress_spm_outsider;
CREATE FUNCTION pg_temp.try(role_name name, statement text)
RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', role_name);
    EXECUTE statement;
    SET CONSTRAINTS ALL IMMEDIATE;
    RAISE EXCEPTION USING ERRCODE = '0A001';
EXCEPTION WHEN OTHERS THEN
    RETURN CASE sqlstate WHEN '0A001' THEN 'ok' ELSE sqlstate END;
END
$$;
CREATE TEMP TABLE attempt (n integer GENERATED ALWAYS AS IDENTITY, statement text, outsider text, rep text, reader text, manager text, admin text);
INSERT INTO attempt (statement, outsider, rep, reader, manager, admin) VALUES
    ('SELECT * FROM salesperf.order_split', '42501', '42501', 'ok', 'ok', 'ok'),
    ('SELECT * FROM salesperf.sales_order JOIN salesperf.order_line USING (order_no)', '42501', '42501', 'ok', 'ok', 'ok'),
    ($$INSERT INTO salesperf.order_split (source, document, seller, percent) VALUES ('order', 'S1', 'ann', 50)$$, '42501', '42501', '42501', 'ok', 'ok'),
    ($$INSERT INTO salesperf.order_split (source, document, seller, percent) VALUES ('order', 'S1', 'ann', 150)$$, '42501', '42501', '42501', '23514', '23514'),
    ('UPDATE salesperf.order_split SET percent = 1', '42501', '42501', '42501', 'ok', 'ok'),
    ('DELETE FROM salesperf.order_split', '42501', '42501', '42501', 'ok', 'ok'),
    ($$INSERT INTO salesperf.sales_order (order_no) VALUES ('S1')$$, '42501', '42501', '42501', '42501', 'ok'),
    ($$INSERT INTO salesperf.contract (contract_no) VALUES ('C1')$$, '42501', '42501', '42501', '42501', 'ok'),
    ('DELETE FROM salesperf.order_line', '42501', '42501', '42501', '42501', 'ok'),
    ('DELETE FROM salesperf.contract_line', '42501', '42501', '42501', '42501', 'ok'),
    ('UPDATE salesperf.sale_status SET counts = false', '42501', '42501', '42501', '42501', 'ok'),
    ('TRUNCATE salesperf.order_split', '42501', '42501', '42501', '42501', '42501');
SELECT is(pg_temp.try(r.role_name, a.statement), r.outcome, format('%s: %s', r.role_name, a.statement))
FROM attempt a
CROSS JOIN LATERAL (VALUES ('regress_spm_outsider'::name, outsider), ('salesperf_reader', reader)) r (role_name, outcome)
ORDER BY n, role_name;
SELECT is(
    (SELECT string_agg(format('%s %s: %s', n, r.role_name, pg_temp.try(r.role_name, a.statement)), E'\n' ORDER BY n, r.role_name)
     FROM attempt a CROSS JOIN LATERAL (VALUES ('salesperf_rep'::name), ('salesperf_manager'), ('salesperf_admin')) r (role_name)),
    (SELECT string_agg(format('%s %s: %s', n, r.role_name, r.outcome), E'\n' ORDER BY n, r.role_name)
     FROM attempt a CROSS JOIN LATERAL (VALUES ('salesperf_rep'::name, rep), ('salesperf_manager', manager), ('salesperf_admin', admin)) r (role_name, outcome)),
    'a rep, a manager and an admin may do what they should');

-- The check needs no right on what it reads, and sees rows that a policy hides.
ALTER TABLE salesperf.order_split ENABLE ROW LEVEL SECURITY;
CREATE POLICY enter ON salesperf.order_split FOR INSERT TO salesperf_manager WITH CHECK (true);
INSERT INTO salesperf.order_split (source, document, seller, percent) VALUES ('order', 'S1', 'ann', 60);
SELECT is(
    pg_temp.try('salesperf_manager', $$INSERT INTO salesperf.order_split (source, document, seller, percent) VALUES ('order', 'S1', 'bob', 60)$$),
    '23514', 'rows that a policy hides are added up too');

SELECT * FROM finish();
ROLLBACK;
