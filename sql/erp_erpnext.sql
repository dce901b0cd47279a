-- ERPNext's tables as sources: orders by item, and the shares of their sales
-- team.  After each step every figure equals plain SQL.
\getenv abs_srcdir PG_ABS_SRCDIR
\set erp :abs_srcdir '/test/erp/erpnext.sql'
\set compare :abs_srcdir '/test/erp/compare.sql'
SET client_min_messages = warning;
SET datestyle = ISO;
\set ECHO none
\i :erp
\set ECHO all

-- Items of orders; a closed one does not count here.
SELECT salesperf.attach_source('erpnext', lines => 'erpnext."tabSales Order Item"', header => 'erpnext."tabSales Order"', join_on => 'l.parent = h.name',
    document => 'h.name', line => 'l.idx', sold_on => 'h.transaction_date', customer => 'h.customer', seller => 'h.sales_partner', product => 'l.item_code',
    branch => 'h.territory', quantity => 'l.qty', gross => 'l.amount * h.conversion_rate', net => 'l.net_amount * h.conversion_rate', cost => 'l.valuation_rate * l.qty',
    counts => $$h.docstatus = 1 AND h.status IS DISTINCT FROM 'Closed' AND l.parenttype = 'Sales Order'$$) \g /dev/null
-- Shares of the sales team as lines of their own, each a part of the header's
-- total in the company's currency.
SELECT salesperf.attach_source('erpnext_team', lines => 'erpnext."tabSales Team"', header => 'erpnext."tabSales Order"', join_on => 'h.name = l.parent',
    document => 'l.parent', line => 'l.name', sold_on => 'h.transaction_date', customer => 'h.customer', seller => 'l.sales_person',
    net => 'h.base_net_total * l.allocated_percentage / 100', counts => $$h.docstatus = 1 AND l.parenttype = 'Sales Order'$$) \g /dev/null

CREATE VIEW plain_order AS
SELECT 'erpnext' AS source, i.parent::text AS document, i.idx::text AS line, o.transaction_date AS sold_on, o.customer::text AS customer,
    o.sales_partner::text AS seller, i.item_code::text AS product, o.territory::text AS branch, NULL AS sale_type, coalesce(i.qty, 0) AS quantity,
    coalesce(i.amount * o.conversion_rate, 0) AS gross, coalesce(i.net_amount * o.conversion_rate, 0) AS net, i.qty * i.valuation_rate AS cost
FROM "tabSales Order Item" i, "tabSales Order" o
WHERE (i.parenttype, i.parent) = ('Sales Order', o.name) AND o.docstatus = 1 AND coalesce(o.status, '') <> 'Closed' AND o.transaction_date IS NOT NULL;
CREATE VIEW plain AS
SELECT * FROM plain_order
UNION ALL
SELECT 'erpnext_team', o.name, t.name, o.transaction_date, o.customer, t.sales_person, NULL, NULL, NULL, 1,
    coalesce(o.base_net_total * t.allocated_percentage / 100, 0), coalesce(o.base_net_total * t.allocated_percentage / 100, 0), NULL
FROM "tabSales Team" t, "tabSales Order" o
WHERE (t.parenttype, t.parent) = ('Sales Order', o.name) AND o.docstatus = 1 AND o.transaction_date IS NOT NULL;
\set ECHO none
\i :compare
\set ECHO all

INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sources, sellers, customers, products, branches) VALUES
    ('orders', 'net', '2026-01-01', '2026-12-31', 1, '{erpnext}', NULL, NULL, NULL, NULL),
    ('February', 'net', '2026-02-01', '2026-02-28', 1, '{erpnext}', NULL, NULL, NULL, NULL),
    ('listed', 'gross', '2026-01-01', '2026-12-31', 1, '{erpnext}', NULL, NULL, NULL, NULL),
    ('margin', 'margin', '2026-01-01', '2026-12-31', 1, '{erpnext}', NULL, NULL, NULL, NULL),
    ('desks', 'quantity', '2026-01-01', '2026-12-31', 1, '{erpnext}', NULL, NULL, '{Desk}', NULL),
    ('EU', 'net', '2026-01-01', '2026-12-31', 1, '{erpnext}', NULL, NULL, NULL, '{EU}'),
    ('O''Neill', 'net', '2026-01-01', '2026-12-31', 1, '{erpnext}', NULL, ARRAY['O''Neill & "Sons"'], NULL, NULL),
    ('Partner', 'net', '2026-01-01', '2026-12-31', 1, NULL, '{Partner}', NULL, NULL, NULL),
    ('Ann', 'net', '2026-01-01', '2026-12-31', 1, '{erpnext_team}', '{Ann}', NULL, NULL, NULL),
    ('Bob', 'net', '2026-01-01', '2026-12-31', 1, '{erpnext_team}', '{Bob}', NULL, NULL, NULL),
    ('team', 'net', '2026-01-01', '2026-12-31', 1, '{erpnext_team}', NULL, NULL, NULL, NULL);

\pset tuples_only on
SELECT * FROM look('live');
CALL salesperf.refresh_measures();
SELECT * FROM look('built');

-- Submitted: the document and each child, one UPDATE after the other.
UPDATE "tabSales Order" SET docstatus = 1, status = 'To Bill', modified = '2026-03-01' WHERE name = 'SAL-ORD-2026-00004';
SELECT * FROM look('submitted');
UPDATE "tabSales Order Item" SET docstatus = 1 WHERE parent = 'SAL-ORD-2026-00004';
SELECT * FROM look('and its children');

-- A change after that is a cancellation and a new order, never an UPDATE.
BEGIN;
UPDATE "tabSales Order" SET docstatus = 2, status = 'Cancelled' WHERE name = 'SAL-ORD-2026-00004';
UPDATE "tabSales Order Item" SET docstatus = 2 WHERE parent = 'SAL-ORD-2026-00004';
COMMIT;
SELECT * FROM look('cancelled');
BEGIN;
INSERT INTO "tabSales Order" SELECT 'SAL-ORD-2026-00004-1', creation, modified, 0, customer, transaction_date, 'USD', 0.9, 67.5, 75, 'Draft', name, territory, sales_partner
FROM "tabSales Order" WHERE name = 'SAL-ORD-2026-00004';
INSERT INTO "tabSales Order Item" VALUES ('i20', 'SAL-ORD-2026-00004-1', 'Sales Order', 1, 0, 'Lamp', 1.5, 75, 75, 67.5, 41);
INSERT INTO "tabSales Team" VALUES ('x20', 'SAL-ORD-2026-00004-1', 'Sales Order', 1, 'Bob', 100, 67.5);
COMMIT;
SELECT * FROM look('amended, a draft');
UPDATE "tabSales Order" SET docstatus = 1, status = 'To Bill' WHERE name = 'SAL-ORD-2026-00004-1';
SELECT * FROM look('amended, submitted');
UPDATE "tabSales Order" SET docstatus = 2 WHERE amended_from IS NOT NULL;
SELECT * FROM look('amendments cancelled');
UPDATE "tabSales Order" SET docstatus = 1 WHERE amended_from IS NOT NULL;

-- Closed and opened again; a status that is missing is not 'Closed'.
UPDATE "tabSales Order" SET status = 'To Deliver' WHERE status = 'Closed';
SELECT * FROM look('opened');
UPDATE "tabSales Order" SET status = 'Closed' WHERE name IN ('SAL-ORD-2026-00005', 'SAL-ORD-2026-00006');
SELECT * FROM look('closed');
UPDATE "tabSales Order" SET status = NULL WHERE name = 'SAL-ORD-2026-00006';

-- The team's table serves other kinds of documents, some of the same name.
UPDATE "tabSales Team" SET parenttype = CASE name WHEN 'x3' THEN 'Sales Order' ELSE 'Delivery Note' END WHERE name IN ('x2', 'x3');
SELECT * FROM look('kind of parent');
UPDATE "tabSales Team" SET parenttype = CASE name WHEN 'x2' THEN 'Sales Order' ELSE 'Sales Invoice' END WHERE name IN ('x2', 'x3');
UPDATE "tabSales Order Item" SET parenttype = 'Quotation' WHERE name = 'i8';
SELECT * FROM look('items of another kind');
UPDATE "tabSales Order Item" SET parenttype = 'Sales Order' WHERE name = 'i8';

-- Percentages that do not add up to 100: 90 and 120 of them.
SELECT document, sum(net) AS shared, h.base_net_total AS net FROM salesperf.sale JOIN "tabSales Order" h ON h.name = document
WHERE source = 'erpnext_team' AND counts GROUP BY 1, 3 HAVING sum(net) <> h.base_net_total ORDER BY 1;

-- Nine decimals; a rate that is corrected.
UPDATE "tabSales Order Item" SET qty = 0.000000001, net_amount = 99999999.999999999 WHERE name = 'i5';
SELECT * FROM look('nine decimals');
UPDATE "tabSales Order" SET conversion_rate = 0.923456789, base_net_total = 923.456789 WHERE name = 'SAL-ORD-2026-00001';
SELECT * FROM look('rate');

-- Children come before their document, which has no foreign key.
INSERT INTO "tabSales Order Item" VALUES ('i30', 'SAL-ORD-2026-00030', 'Sales Order', 1, 1, 'Desk', 1, 10, 10, 10, 5);
INSERT INTO "tabSales Team" VALUES ('x30', 'SAL-ORD-2026-00030', 'Sales Order', 1, 'Bob', 50, 5);
SELECT * FROM look('children without a document');
INSERT INTO "tabSales Order" VALUES ('SAL-ORD-2026-00030', '2026-03-03', '2026-03-03', 1, 'Cust', '2026-03-03', 'EUR', 1, 10, 10, 'To Bill', NULL, 'EU', NULL);
SELECT * FROM look('their document');

-- A document gets another name: its own row, then those of its children.
UPDATE "tabSales Order" SET name = 'SO-30' WHERE name = 'SAL-ORD-2026-00030';
SELECT * FROM look('document renamed');
UPDATE "tabSales Order Item" SET parent = 'SO-30' WHERE parenttype = 'Sales Order' AND parent = 'SAL-ORD-2026-00030';
UPDATE "tabSales Team" SET parent = 'SO-30' WHERE parenttype = 'Sales Order' AND parent = 'SAL-ORD-2026-00030';
SELECT * FROM look('children too');

-- An UPDATE of a draft deletes rows that are gone and numbers the others anew.
UPDATE "tabSales Order" SET docstatus = 0 WHERE name = 'SAL-ORD-2026-00001';
BEGIN;
DELETE FROM "tabSales Order Item" WHERE name = 'i1';
UPDATE "tabSales Order Item" SET idx = 1, qty = 3 WHERE name = 'i2';
UPDATE "tabSales Order" SET docstatus = 1, net_total = 200, base_net_total = 184.6913578 WHERE name = 'SAL-ORD-2026-00001';
COMMIT;
SELECT * FROM look('saved and submitted');
DELETE FROM "tabSales Order" WHERE name = 'SO-30';
SELECT * FROM look('document deleted, children not yet');
DELETE FROM "tabSales Order Item" WHERE parent = 'SO-30';
DELETE FROM "tabSales Team" WHERE parent = 'SO-30';
SELECT * FROM look('deleted');

-- A field is renamed: the mapping goes on with it.
ALTER TABLE "tabSales Order" RENAME COLUMN conversion_rate TO "exchange rate";
ALTER TABLE "tabSales Team" RENAME COLUMN allocated_percentage TO "contribution %";
UPDATE "tabSales Order" SET "exchange rate" = 0.9 WHERE name = 'SAL-ORD-2026-00002-1';
UPDATE "tabSales Team" SET "contribution %" = 50 WHERE name = 'x5';
SELECT * FROM look('fields renamed');
CALL salesperf.fold();
SELECT * FROM look('folded');
\pset tuples_only off

SELECT salesperf.detach_source(name) FROM salesperf.source WHERE name LIKE 'erpnext%' \g /dev/null
DELETE FROM salesperf.target;
CALL salesperf.refresh_measures();
RESET search_path;
DROP SCHEMA erpnext CASCADE;
