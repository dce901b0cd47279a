-- ERPNext's tables as sources: orders by item, the shares of their sales team
-- as lines, and as splits of the orders.  After each step every figure equals
-- plain SQL.
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
CREATE VIEW plain_return AS
SELECT source, document, line, sold_on, customer, seller, product, branch, sale_type, quantity, gross, net, cost FROM plain_order WHERE false;
CREATE VIEW plain AS
SELECT * FROM plain_order
UNION ALL
SELECT * FROM plain_return
UNION ALL
SELECT 'erpnext_team', o.name, t.name, o.transaction_date, o.customer, t.sales_person, NULL, NULL, NULL, 1,
    coalesce(o.base_net_total * t.allocated_percentage / 100, 0), coalesce(o.base_net_total * t.allocated_percentage / 100, 0), NULL
FROM "tabSales Team" t, "tabSales Order" o
WHERE (t.parenttype, t.parent) = ('Sales Order', o.name) AND o.docstatus = 1 AND o.transaction_date IS NOT NULL
  AND coalesce(t.allocated_percentage, 0) <> 'NaN';
-- Who has which part of a document: all is each line's own seller's, for now.
CREATE VIEW share AS
SELECT name::text AS document, '(own)' AS seller, 1::numeric AS part, 1::numeric AS whole FROM "tabSales Order";
CREATE VIEW credited AS
SELECT p.source, p.document, p.line, p.sold_on, p.customer, CASE s.seller WHEN '(own)' THEN p.seller ELSE s.seller END AS seller, p.product, p.branch, p.sale_type,
    p.quantity::numeric(60,30) * s.part / s.whole AS quantity,
    p.gross::numeric(60,30) * s.part / s.whole AS gross, p.net::numeric(60,30) * s.part / s.whole AS net, p.cost::numeric(60,30) * s.part / s.whole AS cost
FROM plain p JOIN share s USING (document)
WHERE p.source = 'erpnext'
UNION ALL
SELECT * FROM plain WHERE source <> 'erpnext';
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

-- The sales team's percentages split the order; what they leave over is the
-- partner's, or nobody's.  Amounts are in the order's currency, with its rate.
ALTER TABLE "tabSales Order" RENAME COLUMN "exchange rate" TO conversion_rate;
ALTER TABLE "tabSales Team" RENAME COLUMN "contribution %" TO allocated_percentage;
\set order 'lines => ''erpnext."tabSales Order Item"'', header => ''erpnext."tabSales Order"'', join_on => ''l.parent = h.name'', document => ''h.name'', line => ''l.idx'', sold_on => ''h.transaction_date'', customer => ''h.customer'', seller => ''h.sales_partner'', product => ''l.item_code'', branch => ''h.territory'', quantity => ''l.qty'', gross => ''l.amount'', net => ''l.net_amount'', currency => ''h.currency'', rate => ''h.conversion_rate'', counts => ''h.docstatus = 1 AND h.status IS DISTINCT FROM ''''Closed'''' AND l.parenttype = ''''Sales Order'''''', splits => ''erpnext."tabSales Team"'', split_on => ''s.parent = h.name AND s.parenttype = ''''Sales Order'''''', split_seller => ''s.sales_person'''
SELECT salesperf.attach_source('erpnext', :order, split_percent => 's.allocated_percentage') \g /dev/null

-- Parts of a whole, of each order.  What is entered in order_split wins.
CREATE OR REPLACE VIEW share AS
WITH team AS (
    SELECT document, seller, overlay, percent, count(percent) OVER w AS given, count(*) OVER w AS rows, sum(percent) OVER w AS total
    FROM (
        SELECT parent::text AS document, sales_person::text AS seller, false AS overlay, allocated_percentage AS percent
        FROM "tabSales Team" t
        WHERE parenttype = 'Sales Order' AND NOT EXISTS (SELECT FROM salesperf.order_split o WHERE o.source = 'erpnext' AND o.document = t.parent)
        UNION ALL
        SELECT document, seller, overlay, percent FROM salesperf.order_split WHERE source = 'erpnext') t
    WHERE seller IS NOT NULL AND (percent IS NULL OR percent BETWEEN 0 AND 1000)
    WINDOW w AS (PARTITION BY document, overlay)
), part AS (
    SELECT document, seller, overlay, CASE given WHEN 0 THEN 1 ELSE coalesce(percent, 0) END AS part,
        CASE WHEN given = 0 THEN rows WHEN overlay THEN 100 ELSE greatest(total, 100) END AS whole
    FROM team
)
SELECT document, seller, part, whole FROM part
UNION ALL
SELECT o.name::text, '(own)', coalesce(whole, 100) - coalesce(parts, 0), coalesce(whole, 100)
FROM "tabSales Order" o
LEFT JOIN (SELECT document, sum(part) AS parts, max(whole) AS whole FROM part WHERE NOT overlay GROUP BY document) p ON p.document = o.name;
CREATE OR REPLACE VIEW plain_order AS
SELECT 'erpnext' AS source, i.parent::text AS document, i.idx::text AS line, o.transaction_date AS sold_on, o.customer::text AS customer,
    o.sales_partner::text AS seller, i.item_code::text AS product, o.territory::text AS branch, NULL AS sale_type, coalesce(i.qty, 0) AS quantity,
    coalesce(i.amount * r.rate, 0) AS gross, coalesce(i.net_amount * r.rate, 0) AS net, NULL::numeric AS cost
FROM "tabSales Order Item" i
JOIN "tabSales Order" o ON o.name = i.parent
CROSS JOIN LATERAL (
    SELECT CASE WHEN o.conversion_rate IS NOT NULL THEN o.conversion_rate WHEN coalesce(o.currency, 'EUR') = 'EUR' THEN 1
        ELSE (SELECT x.rate FROM salesperf.exchange_rate x WHERE x.currency = o.currency AND x.valid_from <= o.transaction_date ORDER BY x.valid_from DESC LIMIT 1) END AS rate) r
WHERE i.parenttype = 'Sales Order' AND o.docstatus = 1 AND coalesce(o.status, '') <> 'Closed' AND o.transaction_date IS NOT NULL AND r.rate > 0;
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sources, sellers) VALUES
    ('Ann''s share', 'net', '2026-01-01', '2026-12-31', 1, '{erpnext}', '{Ann}'),
    ('Bob''s pieces', 'quantity', '2026-01-01', '2026-12-31', 1, '{erpnext}', '{Bob}'),
    ('Ann and Partner', 'net', '2026-01-01', '2026-12-31', 1, '{erpnext}', '{Ann,Partner}'),
    ('Zoe', 'gross', '2026-02-01', '2026-02-28', 1, '{erpnext}', '{Zoe}');

\pset tuples_only on
SELECT * FROM look('split, live');
CALL salesperf.refresh_measures();
SELECT * FROM look('split, built');

-- 60 and 40; 90, whose rest is nobody's; 80 and 40, scaled to 100.
SELECT document, line, seller, round(share, 6), net, overlay FROM salesperf.credit
WHERE source = 'erpnext' AND counts AND document IN ('SAL-ORD-2026-00001', 'SAL-ORD-2026-00003', 'SAL-ORD-2026-00006') ORDER BY document, line, seller;
SELECT severity, object, finding FROM salesperf.health ORDER BY 1, 2, 3;

-- The order's total times its rate is the total in the company's currency.
SELECT s.document, sum(s.net), o.base_net_total FROM salesperf.sale s JOIN "tabSales Order" o ON o.name = s.document
WHERE s.source = 'erpnext' AND s.counts GROUP BY s.document, o.base_net_total, o.net_total, o.conversion_rate
HAVING round(o.net_total * o.conversion_rate, 4) <> sum(s.net) ORDER BY 1;

UPDATE "tabSales Team" SET allocated_percentage = 50 WHERE name = 'x1';
SELECT * FROM look('90 percent, the rest is the partner''s');
UPDATE "tabSales Team" SET parenttype = 'Sales Order' WHERE name = 'x3';
SELECT * FROM look('190 percent');
UPDATE "tabSales Team" SET parenttype = 'Sales Invoice' WHERE name = 'x3';
INSERT INTO "tabSales Team" VALUES ('x40', 'SAL-ORD-2026-00001', 'Sales Order', 3, 'Ann', 7.333333333, 0);
SELECT * FROM look('a seller twice');
UPDATE "tabSales Team" SET allocated_percentage = CASE name WHEN 'x40' THEN -10 ELSE 'NaN'::numeric END WHERE name IN ('x2', 'x40');
SELECT * FROM look('shares that are none');
DELETE FROM "tabSales Team" WHERE name = 'x40';
UPDATE "tabSales Team" SET allocated_percentage = 40 WHERE name = 'x2';
UPDATE "tabSales Team" SET allocated_percentage = NULL WHERE parent = 'SAL-ORD-2026-00006';
SELECT * FROM look('no percentages: equal shares');
UPDATE "tabSales Team" SET sales_person = 'Zoe' WHERE name = 'x9';
SELECT * FROM look('another seller');
DELETE FROM "tabSales Team" WHERE parent = 'SAL-ORD-2026-00006';
SELECT * FROM look('no team: all is the partner''s');
UPDATE "tabSales Order" SET sales_partner = 'Zoe' WHERE name = 'SAL-ORD-2026-00006';
SELECT * FROM look('another partner');
UPDATE "tabSales Order" SET sales_partner = 'Ann' WHERE name IN ('SAL-ORD-2026-00001', 'SAL-ORD-2026-00006');
SELECT * FROM look('the partner is in the team');
BEGIN;
UPDATE "tabSales Team" SET allocated_percentage = 25 WHERE name = 'x1';
UPDATE "tabSales Order Item" SET net_amount = net_amount + 11 WHERE parent = 'SAL-ORD-2026-00001';
UPDATE "tabSales Order" SET sales_partner = 'Partner' WHERE name = 'SAL-ORD-2026-00001';
SELECT * FROM look('team, items and partner at once, uncommitted');
COMMIT;
SELECT * FROM look('committed');

-- What is entered in order_split wins over the team; an overlay is on top.
INSERT INTO salesperf.order_split (source, document, seller, percent) VALUES ('erpnext', 'SAL-ORD-2026-00001', 'Zoe', 30);
SELECT * FROM look('split by hand');
INSERT INTO salesperf.order_split (source, document, seller, percent, overlay) VALUES ('erpnext', 'SAL-ORD-2026-00001', 'Ann', 50, true), ('erpnext', 'SAL-ORD-2026-00003', 'Zoe', 12.5, true);
SELECT * FROM look('overlays');
UPDATE salesperf.order_split SET percent = 40 WHERE NOT overlay;
DELETE FROM "tabSales Team" WHERE parent = 'SAL-ORD-2026-00001' AND sales_person = 'Bob';
SELECT * FROM look('another percentage, and a team that does not count');
-- One commit with a document split by hand and one whose team has too much.
INSERT INTO "tabSales Team" VALUES ('x60', 'SAL-ORD-2026-00006', 'Sales Order', 1, 'Ann', 80, 0), ('x61', 'SAL-ORD-2026-00006', 'Sales Order', 2, 'Bob', 40, 0);
UPDATE "tabSales Order Item" SET net_amount = net_amount + 10 WHERE parent IN ('SAL-ORD-2026-00001', 'SAL-ORD-2026-00006');
SELECT * FROM look('a document of each kind');
DELETE FROM "tabSales Team" WHERE parent = 'SAL-ORD-2026-00006';
DELETE FROM salesperf.order_split WHERE source = 'erpnext';
SELECT * FROM look('the team again');

-- The team comes first, then the items, then the document; it is renamed.
INSERT INTO "tabSales Team" VALUES ('x50', 'SAL-ORD-2026-00050', 'Sales Order', 1, 'Ann', 30, 0), ('x51', 'SAL-ORD-2026-00050', 'Sales Order', 1, 'Bob', 30, 0);
INSERT INTO "tabSales Order Item" VALUES ('i50', 'SAL-ORD-2026-00050', 'Sales Order', 1, 1, 'Desk', 5, 500, 500, 500, 5);
SELECT * FROM look('no document');
INSERT INTO "tabSales Order" VALUES ('SAL-ORD-2026-00050', NULL, NULL, 1, 'Cust', '2026-02-27', 'EUR', 1, 500, 500, 'To Bill', NULL, 'EU', 'Partner');
SELECT * FROM look('its document');
UPDATE "tabSales Order" SET name = 'SO-50' WHERE name = 'SAL-ORD-2026-00050';
UPDATE "tabSales Order Item" SET parent = 'SO-50' WHERE parent = 'SAL-ORD-2026-00050';
SELECT * FROM look('renamed, its team not yet');
UPDATE "tabSales Team" SET parent = 'SO-50' WHERE parent = 'SAL-ORD-2026-00050';
SELECT * FROM look('its team too');
UPDATE "tabSales Order" SET docstatus = 2 WHERE name = 'SO-50';
SELECT * FROM look('cancelled');
UPDATE "tabSales Order" SET docstatus = 1 WHERE name = 'SO-50';

-- A rate that is missing or 0: the order does not count, unless it is in euro.
UPDATE "tabSales Order" SET conversion_rate = NULL WHERE name IN ('SO-50', 'SAL-ORD-2026-00001');
SELECT * FROM look('no rate');
UPDATE "tabSales Order" SET conversion_rate = 0 WHERE name IN ('SO-50', 'SAL-ORD-2026-00001');
SELECT * FROM look('a rate of 0');
UPDATE "tabSales Order" SET conversion_rate = CASE name WHEN 'SO-50' THEN 1 ELSE 0.92 END WHERE name IN ('SO-50', 'SAL-ORD-2026-00001');
CALL salesperf.refresh_measures();
SELECT * FROM look('rates');

-- Credit notes have negative amounts.  They are part of the order that their
-- items name, whose team shares them, whether its own lines count or not.
SELECT salesperf.attach_source('erpnext_return', lines => 'erpnext."tabSales Invoice Item"', header => 'erpnext."tabSales Invoice"', join_on => 'l.parent = h.name',
    part_of => 'erpnext', document => 'l.sales_order', line => 'l.name', sold_on => 'h.posting_date', customer => 'h.customer', product => 'l.item_code',
    quantity => 'l.qty', net => 'l.base_net_amount', counts => 'h.docstatus = 1 AND h.is_return = 1') \g /dev/null
CREATE OR REPLACE VIEW plain_return AS
SELECT 'erpnext' AS source, i.sales_order::text AS document, i.name::text AS line, v.posting_date AS sold_on, v.customer::text AS customer, NULL AS seller,
    i.item_code::text AS product, NULL AS branch, NULL AS sale_type, coalesce(i.qty, 0) AS quantity, coalesce(i.base_net_amount, 0) AS gross,
    coalesce(i.base_net_amount, 0) AS net, NULL::numeric AS cost
FROM "tabSales Invoice Item" i JOIN "tabSales Invoice" v ON v.name = i.parent
WHERE v.docstatus = 1 AND v.is_return = 1 AND v.posting_date IS NOT NULL AND i.sales_order IS NOT NULL;
CALL salesperf.refresh_measures();
SELECT * FROM look('a draft');
UPDATE "tabSales Invoice" SET docstatus = 1 WHERE is_return = 1;
SELECT * FROM look('returned');
UPDATE "tabSales Team" SET allocated_percentage = 80 WHERE name = 'x1';
SELECT * FROM look('another percentage');
UPDATE "tabSales Order" SET docstatus = 2 WHERE name = 'SAL-ORD-2026-00001';
UPDATE "tabSales Team" SET allocated_percentage = 12.5 WHERE name = 'x1';
SELECT * FROM look('another one, of an order that is cancelled');
UPDATE "tabSales Order" SET docstatus = 1 WHERE name = 'SAL-ORD-2026-00001';
UPDATE "tabSales Invoice Item" SET sales_order = 'SO-50' WHERE name = 'v2';
SELECT * FROM look('of another order');
INSERT INTO salesperf.order_split (source, document, seller, percent) VALUES ('erpnext', 'SO-50', 'Zoe', 10);
SELECT * FROM look('split by hand');
DELETE FROM salesperf.order_split WHERE source = 'erpnext';
DELETE FROM "tabSales Team" WHERE parent = 'SO-50' AND sales_person = 'Ann';
SELECT * FROM look('a team of one');
INSERT INTO "tabSales Team" VALUES ('x50', 'SO-50', 'Sales Order', 1, 'Ann', 30, 0);
UPDATE "tabSales Team" SET allocated_percentage = 25 WHERE name = 'x1';
UPDATE "tabSales Invoice" SET docstatus = 2 WHERE is_return = 1;
SELECT * FROM look('return cancelled');
SELECT salesperf.detach_source('erpnext_return') \g /dev/null

-- Fixed amounts in the company's currency instead of percentages, capped by
-- what is left, in order of seller.
SELECT salesperf.attach_source('erpnext', :order, split_amount => 's.allocated_amount') \g /dev/null
CREATE OR REPLACE VIEW share AS
WITH net AS (
    SELECT document, abs(sum(net)) AS net FROM plain_order GROUP BY document
), team AS (
    SELECT parent::text AS document, sales_person::text AS seller, abs(allocated_amount) AS amount,
        coalesce(sum(abs(allocated_amount)) OVER (PARTITION BY parent ORDER BY sales_person COLLATE "C", name ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
    FROM "tabSales Team"
    WHERE parenttype = 'Sales Order'
), part AS (
    SELECT t.document, t.seller, CASE WHEN n.net > 0 THEN greatest(0, least(t.amount, n.net - t.before)) ELSE 0 END AS part
    FROM team t JOIN net n USING (document)
)
SELECT document, seller, part, coalesce(nullif(net, 0), 1) AS whole FROM part JOIN net USING (document)
UNION ALL
SELECT n.document, '(own)', coalesce(nullif(n.net, 0), 1) - coalesce((SELECT sum(p.part) FROM part p WHERE p.document = n.document), 0), coalesce(nullif(n.net, 0), 1)
FROM net n;
UPDATE "tabSales Team" SET allocated_amount = 1000 WHERE name = 'x6';
SELECT * FROM look('amounts, live');
CALL salesperf.refresh_measures();
SELECT * FROM look('amounts, built');
UPDATE "tabSales Team" SET allocated_amount = 100 WHERE parent = 'SO-50';
SELECT * FROM look('100 each of 500');
UPDATE "tabSales Order Item" SET net_amount = 150 WHERE name = 'i50';
SELECT * FROM look('of 150: the second has 50');
UPDATE "tabSales Order Item" SET net_amount = -150, amount = -150, qty = -1 WHERE name = 'i50';
SELECT * FROM look('returned');
UPDATE "tabSales Order Item" SET net_amount = 0 WHERE name = 'i50';
SELECT * FROM look('net 0: amounts have no share');
INSERT INTO "tabSales Order Item" VALUES ('i51', 'SO-50', 'Sales Order', 2, 1, 'Lamp', 4, 400, 400, 400, 5);
SELECT * FROM look('a line changes the shares of the other');
\pset tuples_only off

SELECT salesperf.detach_source(name) FROM salesperf.source WHERE name LIKE 'erpnext%' \g /dev/null
DELETE FROM salesperf.target;
CALL salesperf.refresh_measures();
RESET search_path;
DROP SCHEMA erpnext CASCADE;
