-- Odoo's tables as sources: orders by header and line, by line alone, and
-- invoices with refunds; then with look-ups, rates, and refunds as parts of
-- their orders.  After each step every figure equals plain SQL.
\getenv abs_srcdir PG_ABS_SRCDIR
\set erp :abs_srcdir '/test/erp/odoo.sql'
\set compare :abs_srcdir '/test/erp/compare.sql'
SET client_min_messages = warning;
SET datestyle = ISO;
\set ECHO none
\i :erp
\set ECHO all

-- Lines with their orders.  Amounts are divided by the order's rate; the
-- quantity is in the line's unit: dozens are twelve.
SELECT salesperf.attach_source('odoo', lines => 'odoo.sale_order_line', header => 'odoo.sale_order', join_on => 'l.order_id = h.id',
    document => 'h.name', line => 'l.id', sold_on => $$(h.date_order AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Brussels')::date$$,
    customer => 'h.partner_id', seller => 'h.user_id', product => 'l.product_id', branch => 'h.company_id', sale_type => 'h.team_id',
    quantity => 'l.product_uom_qty * CASE l.product_uom WHEN 2 THEN 12 ELSE 1 END', gross => 'l.product_uom_qty * l.price_unit / h.currency_rate',
    net => 'l.price_subtotal / h.currency_rate', counts => $$h.state IN ('sale', 'done') AND l.display_type IS NULL$$) \g /dev/null

-- Lines alone, with the copies that Odoo keeps on them; gross is with tax, a
-- float.
SELECT salesperf.attach_source('odoo_line', lines => 'odoo.sale_order_line', document => 'l.order_id', line => 'l.id',
    sold_on => $$(l.create_date AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Brussels')::date$$, customer => 'l.order_partner_id', seller => 'l.salesman_id',
    product => 'l.product_id', gross => 'l.price_subtotal + l.price_tax', net => 'l.price_subtotal',
    counts => $$l.state IN ('sale', 'done') AND l.display_type IS NULL$$) \g /dev/null

-- Lines of invoices.  Draft ones have no name of their own: the id is the key.
SELECT salesperf.attach_source('odoo_invoice', lines => 'odoo.account_move_line', header => 'odoo.account_move', join_on => 'l.move_id = h.id',
    document => 'h.id', line => 'l.id', sold_on => 'h.invoice_date', customer => 'h.partner_id', seller => 'h.invoice_user_id', product => 'l.product_id',
    quantity => $$CASE h.move_type WHEN 'out_refund' THEN -l.quantity ELSE l.quantity END$$,
    net => $$CASE h.move_type WHEN 'out_refund' THEN -l.price_subtotal ELSE l.price_subtotal END$$,
    counts => $$h.state = 'posted' AND h.move_type IN ('out_invoice', 'out_refund') AND l.display_type = 'product'$$) \g /dev/null

-- Invoices alone, in the company's currency and with their sign.
SELECT salesperf.attach_source('odoo_move', lines => 'odoo.account_move', document => 'l.id', sold_on => 'l.invoice_date', customer => 'l.partner_id',
    seller => 'l.invoice_user_id', net => 'l.amount_untaxed_signed', counts => $$l.state = 'posted' AND l.move_type IN ('out_invoice', 'out_refund')$$) \g /dev/null

-- Brussels is one hour ahead of UTC, in summer two.
CREATE FUNCTION brussels(at timestamp) RETURNS date LANGUAGE sql AS $$
    SELECT (at + CASE WHEN at >= '2026-03-29 01:00' AND at < '2026-10-25 01:00' THEN interval '2 hours' ELSE interval '1 hour' END)::date $$;
CREATE VIEW plain_order AS
SELECT 'odoo' AS source, h.name::text AS document, l.id::text AS line, brussels(h.date_order) AS sold_on,
    h.partner_id::text AS customer, h.user_id::text AS seller, l.product_id::text AS product, h.company_id::text AS branch, h.team_id::text AS sale_type,
    l.product_uom_qty * CASE WHEN l.product_uom = 2 THEN 12 ELSE 1 END AS quantity, coalesce(l.product_uom_qty * l.price_unit / h.currency_rate, 0) AS gross,
    coalesce(l.price_subtotal / h.currency_rate, 0) AS net, NULL::numeric AS cost
FROM sale_order_line l JOIN sale_order h ON h.id = l.order_id
WHERE h.state IN ('sale', 'done') AND l.display_type IS NULL;
CREATE VIEW plain_refund AS
SELECT source, document, line, sold_on, customer, seller, product, branch, sale_type, quantity, gross, net, cost FROM plain_order WHERE false;
CREATE VIEW plain AS
SELECT * FROM plain_order
UNION ALL
SELECT * FROM plain_refund
UNION ALL
SELECT 'odoo_line', l.order_id::text, l.id::text, brussels(l.create_date), l.order_partner_id::text, l.salesman_id::text, l.product_id::text, NULL, NULL,
    1, coalesce((l.price_subtotal::float8 + l.price_tax)::numeric, 0), coalesce(l.price_subtotal, 0), NULL
FROM sale_order_line l
WHERE l.state IN ('sale', 'done') AND l.display_type IS NULL AND coalesce(l.price_tax, 0) NOT IN ('NaN', 'Infinity', '-Infinity')
UNION ALL
SELECT 'odoo_invoice', h.id::text, l.id::text, h.invoice_date, h.partner_id::text, h.invoice_user_id::text, l.product_id::text, NULL, NULL,
    s.sign * l.quantity, s.sign * l.price_subtotal, s.sign * l.price_subtotal, NULL
FROM account_move_line l JOIN account_move h ON h.id = l.move_id, LATERAL (SELECT CASE WHEN h.move_type LIKE '%refund' THEN -1 ELSE 1 END AS sign) s
WHERE h.state = 'posted' AND h.move_type LIKE 'out%' AND h.invoice_date IS NOT NULL AND l.display_type = 'product'
UNION ALL
SELECT 'odoo_move', h.id::text, NULL, h.invoice_date, h.partner_id::text, h.invoice_user_id::text, NULL, NULL, NULL,
    1, h.amount_untaxed_signed, h.amount_untaxed_signed, NULL
FROM account_move h
WHERE h.state = 'posted' AND h.move_type LIKE 'out%' AND h.invoice_date IS NOT NULL;
\set ECHO none
\i :compare
\set ECHO all

INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sources, sellers, customers, products) VALUES
    ('Q1', 'net', '2026-01-01', '2026-03-31', 1, '{odoo}', NULL, NULL, NULL),
    ('Q2', 'net', '2026-04-01', '2026-06-30', 1, '{odoo}', NULL, NULL, NULL),
    ('year', 'net', '2026-01-01', '2026-12-31', 1, '{odoo}', NULL, NULL, NULL),
    ('gross', 'gross', '2026-01-01', '2027-12-31', 1, '{odoo}', NULL, NULL, NULL),
    ('pieces', 'quantity', '2026-01-01', '2027-12-31', 1, '{odoo}', NULL, NULL, NULL),
    ('ann', 'net', '2026-01-01', '2027-12-31', 1, '{odoo}', '{2}', NULL, NULL),
    ('bob, Cust', 'net', '2026-01-01', '2027-12-31', 1, '{odoo}', '{5}', '{10}', NULL),
    ('ann by line', 'net', '2026-01-01', '2027-12-31', 1, '{odoo_line}', '{2}', NULL, NULL),
    ('taxed', 'gross', '2026-01-01', '2027-12-31', 1, '{odoo_line}', NULL, NULL, NULL),
    ('desks', 'quantity', '2026-01-01', '2027-12-31', 1, '{odoo,odoo_line}', NULL, NULL, '{1}'),
    ('invoiced', 'net', '2026-01-01', '2027-12-31', 1, '{odoo_invoice}', NULL, NULL, NULL),
    ('moves', 'net', '2026-01-01', '2027-12-31', 1, '{odoo_move}', NULL, NULL, NULL),
    ('invoiced in March', 'net', '2026-03-01', '2026-03-31', 1, '{odoo_invoice,odoo_move}', NULL, NULL, NULL);

\pset tuples_only on
SELECT * FROM look('live');
CALL salesperf.refresh_measures();
SELECT * FROM look('built');

-- A datetime is UTC: 22:30 of 31 March is 1 April in Brussels, 21:59:59 is not.
SELECT document, sold_on FROM salesperf.sale WHERE document IN ('S00001', 'S00004', 'S00005', 'S00008') AND counts ORDER BY line;
UPDATE sale_order SET date_order = '2026-03-31 21:59:59' WHERE id = 1;
SELECT * FROM look('one day and one quarter earlier');
UPDATE sale_order SET date_order = '2026-03-31 22:00:00' WHERE id = 1;
SELECT * FROM look('and back');

-- Confirmed: state and date in one UPDATE, the lines in a later one.
UPDATE sale_order SET state = 'sale', date_order = '2026-04-02 09:00:00' WHERE id = 2;
SELECT * FROM look('confirmed, header');
UPDATE sale_order_line SET state = 'sale' WHERE order_id = 2;
SELECT * FROM look('confirmed, lines');

-- The same in one transaction, an order entered and confirmed.
BEGIN;
INSERT INTO sale_order VALUES (20, 'S00020', 1, 10, 'draft', '2026-05-01 08:00:00', 1, 1, 5, 1, 0);
INSERT INTO sale_order_line VALUES (20, 20, 10, 5, 'draft', NULL, false, 1, 'Desk', 3, 1, 100, 0, 300, 63, '2026-05-01 08:00:00');
INSERT INTO sale_order_line VALUES (21, 20, 10, 5, 'draft', NULL, false, 2, 'Chairs', 1, 2, 480, 0, 480, 100.8, '2026-05-01 08:00:00');
UPDATE sale_order SET amount_untaxed = 780 WHERE id = 20;
UPDATE sale_order SET state = 'sale', date_order = '2026-05-02 08:00:00' WHERE id = 20;
SELECT * FROM look('entered, confirmed in the header, uncommitted');
UPDATE sale_order_line SET state = 'sale' WHERE order_id = 20;
SELECT * FROM look('and in the lines, uncommitted');
COMMIT;
SELECT * FROM look('committed');

-- Back to draft, confirmed again on another day; cancelled.
UPDATE sale_order SET state = 'cancel' WHERE id = 20;
UPDATE sale_order_line SET state = 'cancel' WHERE order_id = 20;
UPDATE sale_order SET state = 'draft' WHERE id = 20;
UPDATE sale_order_line SET state = 'draft' WHERE order_id = 20;
SELECT * FROM look('back to draft');
UPDATE sale_order SET state = 'sale', date_order = '2026-07-01 08:00:00' WHERE id = 20;
UPDATE sale_order_line SET state = 'sale' WHERE order_id = 20;
SELECT * FROM look('confirmed again, another quarter');
UPDATE sale_order SET state = 'cancel' WHERE id = 6;
UPDATE sale_order_line SET state = 'cancel' WHERE order_id = 6;
SELECT * FROM look('cancelled');
UPDATE sale_order SET state = NULL WHERE id = 8;
SELECT * FROM look('a state that is not known');
UPDATE sale_order SET state = 'sale' WHERE id = 8;

-- Another seller: the header first, its lines in a later statement.
UPDATE sale_order SET user_id = 2 WHERE id = 20;
SELECT * FROM look('seller of the header');
UPDATE sale_order_line SET salesman_id = 2 WHERE order_id = 20;
SELECT * FROM look('seller of the lines');

-- An archived user keeps what was sold; so does a deactivated customer.
UPDATE res_users SET active = false WHERE id = 2;
UPDATE res_partner SET active = false WHERE id = 10;
SELECT * FROM look('archived');

-- A note has no amount, whatever is left on it; a line becomes a note and back.
UPDATE sale_order_line SET price_subtotal = 50 WHERE display_type IS NOT NULL;
SELECT * FROM look('notes and sections');
UPDATE sale_order_line SET display_type = 'line_note' WHERE id = 20;
SELECT * FROM look('a line less');
UPDATE sale_order_line SET display_type = NULL WHERE id = 20;

-- Tax is a float: every line is cast, so that the sum depends on no order.
UPDATE sale_order_line SET price_tax = 0.1 + 0.2::float8;
SELECT * FROM look('floats');
UPDATE sale_order_line SET price_tax = CASE id WHEN 1 THEN 'NaN' WHEN 3 THEN 'Infinity' ELSE 1e-7 END;
SELECT * FROM look('two floats that are no number: their lines do not count');
UPDATE sale_order_line SET price_tax = round((price_subtotal * 0.21)::numeric, 2);
SELECT * FROM look('round again');

-- Quantities are in the unit of the line.
UPDATE sale_order_line SET product_uom = 2, product_uom_qty = product_uom_qty / 12 WHERE id = 20;
SELECT * FROM look('a quarter of a dozen');

-- A down payment is invoiced first and taken off the final invoice; refunds
-- are positive.
SELECT document, line, sold_on, product, quantity, net FROM salesperf.sale WHERE source = 'odoo_invoice' AND counts ORDER BY line::int;
UPDATE account_move SET state = 'posted', name = 'RINV/2026/00002', invoice_date = '2026-04-30' WHERE id = 4;
SELECT * FROM look('refund posted');
UPDATE account_move SET state = 'posted', name = 'INV/2026/00003', invoice_date = '2026-04-22' WHERE id = 5;
SELECT * FROM look('invoice posted');
UPDATE account_move SET state = 'draft' WHERE id = 4;
SELECT * FROM look('refund reset to draft');

-- Another rate of the order; a rate that is missing, and one of 0, which
-- fails: the order is saved, the figures are not known until it is corrected.
UPDATE sale_order SET state = 'sale', currency_rate = 1.1625 WHERE id = 6;
SELECT * FROM look('rate');
UPDATE sale_order SET currency_rate = NULL WHERE id = 6;
SELECT * FROM look('no rate');
SET client_min_messages = error;
UPDATE sale_order SET currency_rate = 0 WHERE id = 6;
SELECT name, actual FROM salesperf.target_performance WHERE name IN ('Q2', 'ann by line') ORDER BY 1;
SET client_min_messages = warning;
UPDATE sale_order SET currency_rate = 1.08 WHERE id = 6;
SELECT * FROM look('rate corrected');
CALL salesperf.refresh_measures();
SELECT * FROM look('built again');

-- What Odoo writes all the time changes nothing; drafts are deleted.
UPDATE sale_order SET write_date = '2026-08-01', amount_untaxed = amount_untaxed + 1;
SELECT * FROM look('write_date');
DELETE FROM sale_order WHERE state IN ('draft', 'sent') OR id = 8;
SELECT * FROM look('deleted, with their lines');
CALL salesperf.fold();
SELECT * FROM look('folded');
\pset tuples_only off

-- Looked up: the zone of the order's company, what one of the line's units is,
-- the product's cost in that company, which is in no order's currency, out of
-- jsonb, and the currency's name.  The rate is the order's.
\set odoo 'lines => ''odoo.sale_order_line'', header => ''odoo.sale_order'', join_on => ''l.order_id = h.id'', document => ''h.name'', line => ''l.id'', sold_on => ''(h.date_order AT TIME ZONE ''''UTC'''' AT TIME ZONE coalesce(p.tz, ''''UTC''''))::date'', customer => ''h.partner_id'', seller => ''h.user_id'', product => ''l.product_id'', branch => ''h.company_id'', sale_type => ''h.team_id'', counts => ''h.state IN (''''sale'''', ''''done'''') AND l.display_type IS NULL'''
SELECT salesperf.attach_source('odoo', :odoo,
    joins => ARRAY['odoo.res_company c ON c.id = h.company_id', 'odoo.res_partner p ON p.id = c.partner_id', 'odoo.uom_uom u ON u.id = l.product_uom',
        'odoo.product_product pp ON l.product_id = pp.id', 'odoo.res_currency m ON m.id = h.currency_id'],
    quantity => 'round(l.product_uom_qty / u.factor, 2)', gross => 'l.product_uom_qty * l.price_unit', net => 'l.price_subtotal',
    cost => '(pp.standard_price ->> h.company_id::text)::numeric * round(l.product_uom_qty / u.factor, 2) * h.currency_rate',
    currency => 'm.name', rate => '1 / h.currency_rate') \g /dev/null

-- New York is four hours behind UTC in summer, else five.
CREATE FUNCTION new_york(at timestamp) RETURNS date LANGUAGE sql AS $$
    SELECT (at - CASE WHEN at >= '2026-03-08 07:00' AND at < '2026-11-01 06:00' THEN interval '4 hours' ELSE interval '5 hours' END)::date $$;
CREATE OR REPLACE VIEW plain_order AS
SELECT 'odoo' AS source, h.name::text AS document, l.id::text AS line,
    d.day AS sold_on, h.partner_id::text AS customer, h.user_id::text AS seller, l.product_id::text AS product, h.company_id::text AS branch, h.team_id::text AS sale_type,
    coalesce(q.pieces, 0) AS quantity, coalesce(l.product_uom_qty * l.price_unit * r.factor, 0) AS gross, coalesce(l.price_subtotal * r.factor, 0) AS net,
    (pp.standard_price ->> h.company_id::text)::numeric * q.pieces * h.currency_rate * r.factor AS cost
FROM sale_order h
JOIN sale_order_line l ON l.order_id = h.id
JOIN res_company c ON c.id = h.company_id
JOIN res_partner p ON p.id = c.partner_id
LEFT JOIN uom_uom u ON u.id = l.product_uom
LEFT JOIN product_product pp ON pp.id = l.product_id
LEFT JOIN res_currency m ON m.id = h.currency_id
CROSS JOIN LATERAL (SELECT round(l.product_uom_qty / u.factor, 2) AS pieces) q
CROSS JOIN LATERAL (
    SELECT CASE p.tz WHEN 'Europe/Brussels' THEN brussels(h.date_order) WHEN 'America/New_York' THEN new_york(h.date_order) ELSE h.date_order::date END AS day) d
CROSS JOIN LATERAL (
    SELECT CASE WHEN h.currency_rate > 0 THEN 1 / h.currency_rate WHEN h.currency_rate IS NOT NULL THEN NULL WHEN m.name IS NULL OR m.name = 'EUR' THEN 1
        ELSE (SELECT x.rate FROM salesperf.exchange_rate x WHERE x.currency = m.name AND x.valid_from <= d.day ORDER BY x.valid_from DESC LIMIT 1) END AS factor) r
WHERE h.state IN ('sale', 'done') AND l.display_type IS NULL AND r.factor IS NOT NULL;
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sources)
VALUES ('margin', 'margin', '2026-01-01', '2027-12-31', 1, '{odoo}'), ('New York in March', 'net', '2026-03-01', '2026-03-31', 1, '{odoo}');
UPDATE salesperf.target SET branches = '{2}' WHERE name = 'New York in March';

\pset tuples_only on
SELECT * FROM look('looked up, live');
CALL salesperf.refresh_measures();
SELECT * FROM look('looked up, built');
UPDATE res_partner SET tz = CASE id WHEN 2 THEN 'Europe/Brussels' ELSE 'America/New_York' END WHERE tz IS NOT NULL;
SELECT * FROM look('companies moved');
UPDATE res_company SET partner_id = 3 - partner_id;
SELECT * FROM look('and back, by their partners');
UPDATE product_product SET standard_price = standard_price || '{"1": 65}' WHERE id = 1;
UPDATE product_product SET standard_price = '{"1": 100, "2": 100}' WHERE id = 3;
SELECT * FROM look('costs');
UPDATE product_product SET default_code = 'X' || default_code;
UPDATE res_partner SET name = 'X' || name;
SELECT * FROM look('what is not looked up');
UPDATE uom_uom SET factor = 0.1 WHERE id = 2;
SELECT * FROM look('a unit');
UPDATE sale_order_line SET product_uom = 2, product_id = 2 WHERE order_id = 1;
SELECT * FROM look('unit and product of lines');
UPDATE sale_order_line SET product_uom = NULL, product_id = NULL WHERE order_id = 1;
SELECT * FROM look('none of either');
CALL salesperf.refresh_measures();
UPDATE sale_order SET company_id = 2, date_order = '2026-04-01 03:59:59' WHERE id = 1;
SELECT * FROM look('an order of the other company');
BEGIN;
INSERT INTO product_product VALUES (9, 'NEW', '{"1": 1.5}');
INSERT INTO sale_order VALUES (30, 'S00030', 1, 10, 'sale', '2026-06-01 08:00:00', 1, 1, 5, 1, 100);
INSERT INTO sale_order_line VALUES (30, 30, 10, 5, 'sale', NULL, false, 9, 'New', 10, 1, 10, 0, 100, 21, '2026-06-01 08:00:00');
UPDATE product_product SET standard_price = '{"1": 2.5}' WHERE id = 9;
SELECT * FROM look('product and order are new, uncommitted');
COMMIT;
SELECT * FROM look('committed');

-- Without a rate of its own an order in another currency has that of its day,
-- and does not count if there is none.
UPDATE sale_order SET currency_rate = NULL WHERE id IN (5, 6);
SELECT * FROM look('no rate');
SELECT severity, object, finding FROM salesperf.health ORDER BY 1, 2, 3;
INSERT INTO salesperf.exchange_rate VALUES ('USD', '2026-01-01', 0.95), ('USD', '2026-05-01', 0.97);
SELECT * FROM look('the rate of the day');
UPDATE salesperf.exchange_rate SET rate = 0.951 WHERE valid_from = '2026-01-01';
SELECT * FROM look('another one');
UPDATE sale_order SET currency_id = 1 WHERE id = 6;
SELECT * FROM look('in euro after all');
DELETE FROM salesperf.exchange_rate WHERE currency = 'USD';
UPDATE sale_order SET currency_id = 2, currency_rate = 1.08 WHERE id = 6;
SELECT * FROM look('its own rate');
CALL salesperf.refresh_measures();

-- Refunds are positive, and part of the order that they name.
CREATE INDEX ON account_move (invoice_origin);
SELECT salesperf.attach_source('odoo_refund', lines => 'odoo.account_move', part_of => 'odoo', document => 'l.invoice_origin', line => $$'refund ' || l.id::text$$,
    sold_on => 'l.invoice_date', customer => 'l.partner_id', seller => 'l.invoice_user_id', quantity => '0', net => '-l.amount_untaxed',
    counts => $$l.state = 'posted' AND l.move_type = 'out_refund'$$) \g /dev/null
CREATE OR REPLACE VIEW plain_refund AS
SELECT 'odoo' AS source, m.invoice_origin::text AS document, 'refund ' || m.id AS line, m.invoice_date AS sold_on, m.partner_id::text AS customer,
    m.invoice_user_id::text AS seller, NULL AS product, NULL AS branch, NULL AS sale_type, 0::numeric AS quantity,
    -m.amount_untaxed AS gross, -m.amount_untaxed AS net, NULL::numeric AS cost
FROM account_move m
WHERE m.state = 'posted' AND m.move_type = 'out_refund' AND m.invoice_date IS NOT NULL AND m.invoice_origin IS NOT NULL;
SELECT * FROM look('refunds of orders, live');
CALL salesperf.refresh_measures();
SELECT * FROM look('refunds of orders, built');
SELECT source, document, line, net FROM salesperf.sale WHERE document = 'S00004' AND counts ORDER BY line;
UPDATE account_move SET state = 'posted', invoice_date = '2026-05-05' WHERE id = 4;
SELECT * FROM look('another refund');
UPDATE account_move SET state = 'cancel' WHERE id = 3;
SELECT * FROM look('a refund cancelled');
UPDATE account_move SET invoice_origin = 'S00001' WHERE id = 4;
SELECT * FROM look('of another order');
UPDATE sale_order SET state = 'cancel' WHERE id = 1;
SELECT * FROM look('whose lines no longer count');
BEGIN;
UPDATE sale_order SET state = 'sale' WHERE id = 1;
INSERT INTO account_move VALUES (20, 'RINV/2026/00020', 'out_refund', 'posted', '2026-06-06', '2026-06-06', 10, 2, 'S00001', 12.34, -12.34, NULL);
COMMIT;
SELECT * FROM look('order and refund at once');
\pset tuples_only off

SELECT salesperf.detach_source(name) FROM salesperf.source WHERE name LIKE 'odoo%' ORDER BY name DESC \g /dev/null
DELETE FROM salesperf.target;
CALL salesperf.refresh_measures();
RESET search_path;
DROP SCHEMA odoo CASCADE;
