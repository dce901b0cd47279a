-- iDempiere's tables as sources: orders of two tenants out of one table, and
-- invoices with credit memos and reversals.  After each step every figure
-- equals plain SQL.
\getenv abs_srcdir PG_ABS_SRCDIR
\set erp :abs_srcdir '/test/erp/idempiere.sql'
\set compare :abs_srcdir '/test/erp/compare.sql'
SET client_min_messages = warning;
SET datestyle = ISO;
\set ECHO none
\i :erp
\set ECHO all

-- One mapping, attached for each tenant: sales alone, no offers; a price that
-- includes tax is taken apart.
\set mapping 'lines => ''adempiere.c_orderline'', header => ''adempiere.c_order'', join_on => ''l.c_order_id = h.c_order_id'', document => ''h.c_order_id'', line => ''l.c_orderline_id'', sold_on => ''h.dateordered::date'', customer => ''h.c_bpartner_id'', seller => ''h.salesrep_id'', product => ''l.m_product_id'', branch => ''h.ad_org_id'', sale_type => ''h.paymentrule'', quantity => ''l.qtyordered'', gross => ''l.qtyordered * l.pricelist'', cost => ''l.pricecost * l.qtyordered'''
\set net 'net => $$CASE h.istaxincluded WHEN ''Y'' THEN round(l.linenetamt * 100 / CASE l.c_tax_id WHEN 105 THEN 121 WHEN 106 THEN 106 ELSE 100 END, 2) ELSE l.linenetamt END$$'
\set sold '''h.issotrx = ''''Y'''' AND h.docstatus IN (''''CO'''', ''''CL'''') AND h.c_doctypetarget_id NOT IN (127, 128) AND l.isdescription = ''''N'''' AND h.ad_client_id = '''
SELECT salesperf.attach_source('idempiere_11', :mapping, :net, counts => :sold || '11') \g /dev/null
SELECT salesperf.attach_source('idempiere_12', :mapping, :net, counts => :sold || '12') \g /dev/null
-- A credit memo has positive amounts: its type of document turns them round.
SELECT salesperf.attach_source('idempiere_invoice', lines => 'adempiere.c_invoice', document => 'l.c_invoice_id', sold_on => 'l.dateinvoiced',
    customer => 'l.c_bpartner_id', seller => 'l.salesrep_id', gross => 'CASE l.c_doctype_id WHEN 118 THEN -l.grandtotal ELSE l.grandtotal END',
    net => 'CASE l.c_doctype_id WHEN 118 THEN -l.totallines ELSE l.totallines END', counts => $$l.issotrx = 'Y' AND l.docstatus IN ('CO', 'CL')$$) \g /dev/null

CREATE VIEW plain AS
SELECT CASE h.ad_client_id WHEN 11 THEN 'idempiere_11' ELSE 'idempiere_12' END AS source, h.c_order_id::text AS document, l.c_orderline_id::text AS line,
    date_trunc('day', h.dateordered)::date AS sold_on, h.c_bpartner_id::text AS customer, h.salesrep_id::text AS seller, l.m_product_id::text AS product,
    h.ad_org_id::text AS branch, rtrim(h.paymentrule::text) AS sale_type, l.qtyordered AS quantity, l.qtyordered * l.pricelist AS gross,
    CASE WHEN h.istaxincluded = 'Y' THEN round(l.linenetamt / (1 + coalesce(t.rate, 0) / 100), 2) ELSE l.linenetamt END AS net, l.qtyordered * l.pricecost AS cost
FROM c_order h
JOIN c_orderline l USING (c_order_id)
JOIN c_doctype d ON d.c_doctype_id = h.c_doctypetarget_id
LEFT JOIN c_tax t USING (c_tax_id)
WHERE h.issotrx = 'Y' AND h.docstatus IN ('CO', 'CL') AND d.docbasetype = 'SOO' AND d.docsubtypeso NOT IN ('OB', 'ON') AND l.isdescription = 'N'
UNION ALL
SELECT 'idempiere_invoice', i.c_invoice_id::text, NULL, i.dateinvoiced::date, i.c_bpartner_id::text, i.salesrep_id::text, NULL, NULL, NULL,
    1, s.sign * i.grandtotal, s.sign * i.totallines, NULL
FROM c_invoice i JOIN c_doctype d USING (c_doctype_id), LATERAL (SELECT CASE d.docbasetype WHEN 'ARC' THEN -1 ELSE 1 END AS sign) s
WHERE d.docbasetype LIKE 'AR%' AND i.docstatus IN ('CO', 'CL');
\set ECHO none
\i :compare
\set ECHO all

INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sources, sellers, customers, branches, sale_types) VALUES
    ('tenant 11', 'net', '2026-01-01', '2026-12-31', 1, '{idempiere_11}', NULL, NULL, NULL, NULL),
    ('tenant 12', 'net', '2026-01-01', '2026-12-31', 1, '{idempiere_12}', NULL, NULL, NULL, NULL),
    ('pieces', 'quantity', '2026-01-01', '2026-12-31', 1, '{idempiere_11}', NULL, NULL, NULL, NULL),
    ('margin', 'margin', '2026-01-01', '2026-12-31', 1, '{idempiere_11}', NULL, NULL, NULL, NULL),
    ('January 101', 'net', '2026-01-01', '2026-01-31', 1, '{idempiere_11}', '{101}', NULL, NULL, NULL),
    ('January 102', 'net', '2026-01-01', '2026-01-31', 1, '{idempiere_11}', '{102}', NULL, NULL, NULL),
    ('customer 112', 'gross', '2026-01-01', '2026-12-31', 1, '{idempiere_11,idempiere_12}', NULL, '{112}', NULL, NULL),
    ('org 12', 'net', '2026-01-01', '2026-12-31', 1, NULL, NULL, NULL, '{12}', NULL),
    ('by rule B', 'net', '2026-01-01', '2026-12-31', 1, NULL, NULL, NULL, NULL, '{B}'),
    ('invoiced', 'net', '2026-01-01', '2026-12-31', 1, '{idempiere_invoice}', NULL, NULL, NULL, NULL),
    ('invoiced 101', 'gross', '2026-02-01', '2026-02-28', 1, '{idempiere_invoice}', '{101}', NULL, NULL, NULL);

\pset tuples_only on
SELECT * FROM look('live');
CALL salesperf.refresh_measures();
SELECT * FROM look('built');

-- Numeric keys and char(2) are plain text: no decimals, no blanks.
SELECT document, line, sold_on, customer, seller, product, branch, '[' || sale_type || ']' FROM salesperf.sale WHERE source = 'idempiere_11' AND counts ORDER BY line::int;
UPDATE c_order SET docstatus = 'CO', paymentrule = 'B', dateordered = '2026-01-31 23:59:59.999' WHERE c_order_id = 1000010;
SELECT * FROM look('completed, without seller');
UPDATE c_order SET salesrep_id = 102 WHERE c_order_id = 1000010;
SELECT * FROM look('its seller');

-- Sales and purchases share the table, and all tenants do, with the same
-- numbers of documents.
UPDATE c_order SET issotrx = 'Y', c_doctypetarget_id = 132 WHERE c_order_id = 1000003;
SELECT * FROM look('a purchase that was a sale');
UPDATE c_order SET issotrx = 'N', c_doctypetarget_id = 126 WHERE c_order_id = 1000003;
UPDATE c_order SET docstatus = 'CO' WHERE c_order_id = 1000004;
SELECT * FROM look('the other tenant');
UPDATE c_order SET ad_client_id = 12 WHERE c_order_id = 1000010;
SELECT * FROM look('from one tenant to the other');
UPDATE c_order SET ad_client_id = 11 WHERE c_order_id = 1000010;

-- An offer is an order of another type, until it is made one.
UPDATE c_order SET c_doctypetarget_id = 132 WHERE c_order_id = 1000007;
SELECT * FROM look('offer accepted');

-- Void: lines to 0, then the header, in one transaction and in several.
BEGIN;
UPDATE c_orderline SET qtyordered = 0, linenetamt = 0 WHERE c_order_id = 1000007;
SELECT * FROM look('lines voided, uncommitted');
UPDATE c_order SET totallines = 0, grandtotal = 0 WHERE c_order_id = 1000007;
UPDATE c_order SET docstatus = 'VO' WHERE c_order_id = 1000007;
COMMIT;
SELECT * FROM look('void');
UPDATE c_orderline SET qtyordered = 0 WHERE c_orderline_id = 6;
SELECT * FROM look('quantity of one line');
UPDATE c_orderline SET linenetamt = 0 WHERE c_orderline_id = 6;
UPDATE c_orderline SET qtyordered = 0, linenetamt = 0 WHERE c_order_id = 1000006;
SELECT * FROM look('lines voided');
UPDATE c_order SET docstatus = 'VO', totallines = 0, grandtotal = 0 WHERE c_order_id = 1000006;
SELECT * FROM look('void too');
UPDATE c_orderline SET qtyordered = v.qty, linenetamt = v.amt FROM (VALUES (6, 2, 242), (7, 1, 53), (8, 1, 38)) v (id, qty, amt) WHERE c_orderline_id = v.id;
UPDATE c_order SET docstatus = 'CL', totallines = 333, grandtotal = 333 WHERE c_order_id = 1000006;
SELECT * FROM look('as it was');

-- Re-activated, changed, completed again.
UPDATE c_order SET docstatus = 'IP' WHERE c_order_id = 1000001;
SELECT * FROM look('re-activated');
UPDATE c_orderline SET qtyordered = 12, linenetamt = 1200 WHERE c_order_id = 1000001;
INSERT INTO c_orderline VALUES (20, 11, 1000001, 20, NULL, 100, 'N', 1, 10, NULL, 10, 105);
SELECT * FROM look('changed');
UPDATE c_order SET docstatus = 'CO', totallines = 1210, updated = '2026-03-01' WHERE c_order_id = 1000001;
SELECT * FROM look('completed again');
UPDATE c_order SET docstatus = 'CL' WHERE c_order_id = 1000001;
SELECT * FROM look('closed');

-- Tax included: the line's amount is with tax, each line has its rate.
SELECT line, net, cost, margin FROM salesperf.sale WHERE document = '1000006' AND counts ORDER BY 1;
UPDATE c_order SET istaxincluded = 'N' WHERE c_order_id = 1000006;
SELECT * FROM look('tax not included');
UPDATE c_orderline SET c_tax_id = 104 WHERE c_orderline_id = 7;
UPDATE c_order SET istaxincluded = 'Y' WHERE c_order_id IN (1000001, 1000006);
SELECT * FROM look('included everywhere');

-- Lines that only describe do not count, nor has a charge a product.
UPDATE c_orderline SET isdescription = CASE c_orderline_id WHEN 9 THEN 'N' ELSE 'Y' END WHERE c_orderline_id IN (8, 9);
SELECT * FROM look('descriptions');

-- Credit memos are positive; a reversal is a second document, and both are RE.
INSERT INTO c_invoice VALUES (2000005, 11, 'Y', '70004', 'DR', '2026-02-20', 101, 112, 1000001, 300, 363, 118, NULL);
UPDATE c_invoice SET docstatus = 'CO' WHERE c_invoice_id = 2000005;
SELECT * FROM look('credit memo');
BEGIN;
INSERT INTO c_invoice VALUES (2000006, 11, 'Y', '70001^', 'CO', '2026-02-25', 101, 112, 1000001, -1000, -1210, 116, 2000001);
SELECT * FROM look('reversal, uncommitted');
UPDATE c_invoice SET docstatus = 'RE', reversal_id = 2000006 WHERE c_invoice_id = 2000001;
UPDATE c_invoice SET docstatus = 'RE' WHERE c_invoice_id = 2000006;
COMMIT;
SELECT * FROM look('both reversed');

-- The application sets updated, and archives by isactive: nothing changes.
UPDATE c_order SET updated = '2026-04-01', isactive = 'N', freightamt = 99;
SELECT * FROM look('updated');
\pset tuples_only off

-- Looked up: the type of document says what is an order and what a credit
-- memo, the tax what a price includes.
\set net 'net => ''CASE h.istaxincluded WHEN ''''Y'''' THEN round(l.linenetamt / (1 + coalesce(t.rate, 0) / 100), 2) ELSE l.linenetamt END'''
\set joins 'joins => ARRAY[''adempiere.c_doctype d ON d.c_doctype_id = h.c_doctypetarget_id'', ''adempiere.c_tax t ON t.c_tax_id = l.c_tax_id'']'
\set sold '''d.docbasetype = ''''SOO'''' AND d.docsubtypeso NOT IN (''''OB'''', ''''ON'''') AND h.issotrx = ''''Y'''' AND h.docstatus IN (''''CO'''', ''''CL'''') AND l.isdescription = ''''N'''' AND h.ad_client_id = '''
SELECT salesperf.attach_source('idempiere_11', :mapping, :net, :joins, counts => :sold || '11') \g /dev/null
SELECT salesperf.attach_source('idempiere_12', :mapping, :net, :joins, counts => :sold || '12') \g /dev/null
SELECT salesperf.attach_source('idempiere_invoice', lines => 'adempiere.c_invoice', document => 'l.c_invoice_id', sold_on => 'l.dateinvoiced',
    joins => ARRAY['adempiere.c_doctype d ON d.c_doctype_id = l.c_doctype_id'], customer => 'l.c_bpartner_id', seller => 'l.salesrep_id',
    gross => $$CASE d.docbasetype WHEN 'ARC' THEN -l.grandtotal ELSE l.grandtotal END$$, net => $$CASE d.docbasetype WHEN 'ARC' THEN -l.totallines ELSE l.totallines END$$,
    counts => $$d.docbasetype IN ('ARI', 'ARC') AND l.docstatus IN ('CO', 'CL')$$) \g /dev/null

\pset tuples_only on
SELECT * FROM look('looked up, live');
CALL salesperf.refresh_measures();
SELECT * FROM look('looked up, built');
UPDATE c_tax SET rate = 20 WHERE c_tax_id = 105;
SELECT * FROM look('tax rate');
CALL salesperf.refresh_measures();
UPDATE c_orderline SET c_tax_id = 106 WHERE c_order_id = 1000001;
SELECT * FROM look('tax of lines');
UPDATE c_orderline SET c_tax_id = NULL WHERE c_orderline_id = 20;
SELECT * FROM look('no tax');
UPDATE c_order SET c_doctypetarget_id = 128 WHERE c_order_id = 1000001;
SELECT * FROM look('an offer again');
UPDATE c_doctype SET docsubtypeso = 'SO' WHERE c_doctype_id = 128;
SELECT * FROM look('offers are orders');
CALL salesperf.refresh_measures();
UPDATE c_doctype SET name = 'a ' || name;
UPDATE c_tax SET name = 'a ' || name;
SELECT * FROM look('names');

-- The row that is looked up comes after the one that names it, and goes.
UPDATE c_order SET c_doctypetarget_id = 999 WHERE c_order_id IN (1000005, 1000006);
SELECT * FROM look('a type that is missing');
INSERT INTO c_doctype VALUES (999, 'POS Order', 'SOO', 'WR');
SELECT * FROM look('here it is');
CALL salesperf.refresh_measures();
DELETE FROM c_doctype WHERE c_doctype_id = 999;
SELECT * FROM look('gone');
UPDATE c_doctype SET c_doctype_id = 999 WHERE c_doctype_id = 132;
SELECT * FROM look('another key');
UPDATE c_doctype SET c_doctype_id = 132 WHERE c_doctype_id = 999;
CALL salesperf.refresh_measures();
UPDATE c_doctype SET docbasetype = 'ARI' WHERE docbasetype = 'ARC';
SELECT * FROM look('credit memos are invoices');
BEGIN;
UPDATE c_doctype SET docbasetype = 'ARC' WHERE c_doctype_id = 118;
INSERT INTO c_invoice VALUES (2000010, 11, 'Y', '70010', 'CO', '2026-02-28', 101, 112, NULL, 30, 36, 118, NULL);
SELECT * FROM look('type and credit memo at once, uncommitted');
COMMIT;
SELECT * FROM look('committed');
\pset tuples_only off

SELECT salesperf.detach_source(name) FROM salesperf.source WHERE name LIKE 'idempiere%' \g /dev/null
DELETE FROM salesperf.target;
CALL salesperf.refresh_measures();
RESET search_path;
DROP SCHEMA adempiere CASCADE;
