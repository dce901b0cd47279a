-- Tryton's tables as sources: sales by line, whose amounts are computed, sales
-- by header, whose amounts are caches, and commissions by their origin.  After
-- each step every figure equals plain SQL.
\getenv abs_srcdir PG_ABS_SRCDIR
\set erp :abs_srcdir '/test/erp/tryton.sql'
\set compare :abs_srcdir '/test/erp/compare.sql'
SET client_min_messages = warning;
SET datestyle = ISO;
\set ECHO none
\i :erp
\set ECHO all

-- Agents and employees are numbered apart: the key says which of both it is.
SELECT salesperf.attach_source('tryton', lines => 'tryton.sale_line', header => 'tryton.sale_sale', join_on => 'h.id = l.sale',
    document => 'h.id', line => 'l.id', sold_on => 'h.sale_date', customer => 'h.party',
    seller => $$coalesce('agent ' || h.agent::text, 'employee ' || h.confirmed_by::text)$$, product => 'l.product',
    quantity => 'l.quantity', gross => 'round(l.quantity::numeric * coalesce(l.base_price, l.unit_price), 2)', net => 'round(l.quantity::numeric * l.unit_price, 2)',
    counts => $$h.state IN ('confirmed', 'processing', 'done') AND l.type = 'line'$$) \g /dev/null
SELECT salesperf.attach_source('tryton_sale', lines => 'tryton.sale_sale', document => 'l.id', sold_on => 'l.sale_date', customer => 'l.party',
    seller => $$'agent ' || l.agent::text$$, gross => 'l.total_amount_cache', net => 'l.untaxed_amount_cache',
    counts => $$l.state IN ('confirmed', 'processing', 'done')$$) \g /dev/null
-- A reference to any table is text: its name and the key.
SELECT salesperf.attach_source('tryton_commission', lines => 'tryton.commission', document => $$split_part(l.origin, ',', 2)$$, line => 'l.id',
    sold_on => 'l.date', seller => $$'agent ' || l.agent::text$$, net => 'l.amount', counts => $$split_part(l.origin, ',', 1) = 'account.invoice.line'$$) \g /dev/null

CREATE VIEW plain_line AS
SELECT 'tryton' AS source, h.id::text AS document, l.id::text AS line, h.sale_date AS sold_on, h.party::text AS customer,
    CASE WHEN h.agent IS NOT NULL THEN 'agent ' || h.agent WHEN h.confirmed_by IS NOT NULL THEN 'employee ' || h.confirmed_by END AS seller,
    l.product::text AS product, NULL AS branch, NULL AS sale_type, coalesce(l.quantity::numeric, 0) AS quantity,
    coalesce(round(CASE WHEN l.base_price IS NULL THEN l.unit_price ELSE l.base_price END * l.quantity::numeric, 2), 0) AS gross,
    coalesce(round(l.unit_price * l.quantity::numeric, 2), 0) AS net, NULL::numeric AS cost
FROM sale_sale h JOIN sale_line l ON l.sale = h.id
WHERE h.state IN ('confirmed', 'processing', 'done') AND l.type = 'line' AND h.sale_date IS NOT NULL AND l.quantity IS DISTINCT FROM 'NaN';
CREATE VIEW plain AS
SELECT * FROM plain_line
UNION ALL
SELECT 'tryton_sale', h.id::text, NULL, h.sale_date, h.party::text, CASE WHEN h.agent IS NOT NULL THEN 'agent ' || h.agent END, NULL, NULL, NULL,
    1, coalesce(h.total_amount_cache, 0), coalesce(h.untaxed_amount_cache, 0), NULL
FROM sale_sale h
WHERE h.state IN ('confirmed', 'processing', 'done') AND h.sale_date IS NOT NULL
UNION ALL
SELECT 'tryton_commission', substr(c.origin, length('account.invoice.line,') + 1), c.id::text, c.date, NULL, 'agent ' || c.agent, NULL, NULL, NULL,
    1, c.amount, c.amount, NULL
FROM commission c
WHERE c.origin LIKE 'account.invoice.line,%' AND c.date IS NOT NULL;
\set ECHO none
\i :compare
\set ECHO all

INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sources, sellers, customers, products) VALUES
    ('lines', 'net', '2026-01-01', '2026-12-31', 1, '{tryton}', NULL, NULL, NULL),
    ('headers', 'net', '2026-01-01', '2026-12-31', 1, '{tryton_sale}', NULL, NULL, NULL),
    ('taxed', 'gross', '2026-01-01', '2026-12-31', 1, '{tryton_sale}', NULL, NULL, NULL),
    ('listed', 'gross', '2026-01-01', '2026-12-31', 1, '{tryton}', NULL, NULL, NULL),
    ('agent', 'net', '2026-01-01', '2026-02-28', 1, '{tryton}', '{agent 1}', NULL, NULL),
    ('employee', 'net', '2026-01-01', '2026-02-28', 1, '{tryton}', '{employee 1}', NULL, NULL),
    ('nails', 'quantity', '2026-01-01', '2026-12-31', 1, NULL, NULL, NULL, '{8}'),
    ('Cust', 'net', '2026-01-01', '2026-12-31', 1, '{tryton,tryton_sale}', NULL, '{2}', NULL),
    ('commissions', 'net', '2026-01-01', '2026-12-31', 1, '{tryton_commission}', NULL, NULL, NULL);

\pset tuples_only on
SELECT * FROM look('live');
CALL salesperf.refresh_measures();
SELECT * FROM look('built');

-- No amount is stored: rounded line by line it is what the header's cache says;
-- rounded once it would be something else.
SELECT l.document, sum(l.net) AS net, sum(l.net) = h.net AS is_header
FROM salesperf.sale l JOIN salesperf.sale h ON h.source = 'tryton_sale' AND h.document = l.document
WHERE l.source = 'tryton' AND l.counts GROUP BY l.document, h.net ORDER BY 1;
SELECT round(sum(quantity::numeric * unit_price), 2) AS rounded_once FROM sale_line WHERE sale = 3 AND type = 'line';

-- The quantity is a float.
UPDATE sale_line SET quantity = 0.1 + 0.2::float8 WHERE id = 6;
SELECT * FROM look('a sum of floats');
UPDATE sale_line SET quantity = 1.0 / 3 WHERE id = 6;
SELECT * FROM look('a third');
UPDATE sale_line SET quantity = 'NaN' WHERE id = 6;
SELECT * FROM look('no number: the line does not count');
UPDATE sale_line SET quantity = 0.3 WHERE id = 6;
SELECT * FROM look('one again');

-- A draft has neither number nor date; both come with the quotation, the caches
-- when it is confirmed.
UPDATE sale_sale SET state = 'quotation', number = '2026-0006', sale_date = '2026-02-28' WHERE id = 2;
SELECT * FROM look('quotation');
UPDATE sale_sale SET state = 'confirmed', confirmed_by = 1 WHERE id = 2;
SELECT * FROM look('confirmed, cache empty');
UPDATE sale_sale SET untaxed_amount_cache = 100, total_amount_cache = 121 WHERE id = 2;
SELECT * FROM look('cache filled');
UPDATE sale_sale SET state = 'confirmed', sale_date = NULL WHERE id = 4;
SELECT * FROM look('confirmed without a date');
UPDATE sale_sale SET sale_date = '2026-03-01', untaxed_amount_cache = 30, total_amount_cache = 36.30 WHERE id = 4;
SELECT * FROM look('dated');

-- Done, processing again, with another line, and done.
UPDATE sale_sale SET state = 'done' WHERE id = 1;
SELECT * FROM look('done');
UPDATE sale_sale SET state = 'processing' WHERE id = 1;
INSERT INTO sale_line (id, sale, sequence, type, quantity, unit_price, product) VALUES (12, 1, 4, 'line', 1.005, 1, 9);
SELECT * FROM look('processing again');
UPDATE sale_sale SET untaxed_amount_cache = 251.01, state = 'done' WHERE id = 1;
SELECT * FROM look('done again');

-- Cancelled, draft again, which empties the caches, and sold after all.
UPDATE sale_sale SET state = 'cancelled' WHERE id = 4;
SELECT * FROM look('cancelled');
UPDATE sale_sale SET state = 'draft', untaxed_amount_cache = NULL, total_amount_cache = NULL WHERE id IN (4, 6);
SELECT * FROM look('draft again');
UPDATE sale_sale SET state = 'processing', untaxed_amount_cache = 70, total_amount_cache = 84.70, sale_date = '2026-03-02' WHERE id = 6;
SELECT * FROM look('sold after all');

-- A return is a sale with a negative quantity.
BEGIN;
INSERT INTO sale_sale VALUES (20, 1, '2026-0020', '2026-03-03', 2, 1, 'draft', NULL, NULL, 1, NULL);
INSERT INTO sale_line (id, sale, type, quantity, unit_price, base_price, product) VALUES (20, 20, 'line', -2.5, 100, 110, 7), (21, 20, 'line', 1, 95, 110, 7);
UPDATE sale_sale SET state = 'processing', untaxed_amount_cache = -155, total_amount_cache = -187.55 WHERE id = 20;
SELECT * FROM look('returned and replaced, uncommitted');
COMMIT;
SELECT * FROM look('committed');

-- Sold by an agent, then by nobody but who confirmed it.
UPDATE sale_sale SET agent = NULL WHERE id = 1;
SELECT * FROM look('no agent');

-- Titles, subtotals and comments have no amounts; a line becomes a comment.
UPDATE sale_line SET type = 'comment' WHERE id = 21;
SELECT * FROM look('a comment');
UPDATE sale_line SET type = 'line' WHERE type <> 'line';
SELECT * FROM look('all lines');

-- The origin names another table; a commission has no date until it is due.
UPDATE commission SET origin = 'sale.sale,12' WHERE id = 1;
SELECT * FROM look('another origin');
UPDATE commission SET date = '2026-03-31' WHERE id = 2;
SELECT * FROM look('due');
\pset tuples_only off

-- The currency is looked up, and its digits are what amounts are rounded to.
-- Sales have no rate: that of their day counts.
SELECT salesperf.attach_source('tryton', lines => 'tryton.sale_line', header => 'tryton.sale_sale', join_on => 'h.id = l.sale',
    joins => ARRAY['tryton.currency_currency c ON c.id = h.currency'], document => 'h.id', line => 'l.id', sold_on => 'h.sale_date', customer => 'h.party',
    seller => $$coalesce('agent ' || h.agent::text, 'employee ' || h.confirmed_by::text)$$, product => 'l.product', quantity => 'l.quantity',
    gross => 'round(l.quantity::numeric * coalesce(l.base_price, l.unit_price), c.digits)', net => 'round(l.quantity::numeric * l.unit_price, c.digits)',
    currency => 'c.code', counts => $$h.state IN ('confirmed', 'processing', 'done') AND l.type = 'line'$$) \g /dev/null
CREATE OR REPLACE VIEW plain_line AS
SELECT 'tryton' AS source, h.id::text AS document, l.id::text AS line, h.sale_date AS sold_on, h.party::text AS customer,
    CASE WHEN h.agent IS NOT NULL THEN 'agent ' || h.agent WHEN h.confirmed_by IS NOT NULL THEN 'employee ' || h.confirmed_by END AS seller,
    l.product::text AS product, NULL AS branch, NULL AS sale_type, coalesce(l.quantity::numeric, 0) AS quantity,
    coalesce(round(CASE WHEN l.base_price IS NULL THEN l.unit_price ELSE l.base_price END * l.quantity::numeric, c.digits) * r.rate, 0) AS gross,
    coalesce(round(l.unit_price * l.quantity::numeric, c.digits) * r.rate, 0) AS net, NULL::numeric AS cost
FROM sale_sale h
JOIN sale_line l ON l.sale = h.id
JOIN currency_currency c ON c.id = h.currency
CROSS JOIN LATERAL (
    SELECT 1 AS rate WHERE c.code = 'EUR'
    UNION ALL
    (SELECT x.rate FROM salesperf.exchange_rate x WHERE x.currency = c.code AND c.code <> 'EUR' AND x.valid_from <= h.sale_date ORDER BY x.valid_from DESC LIMIT 1)) r
WHERE h.state IN ('confirmed', 'processing', 'done') AND l.type = 'line' AND h.sale_date IS NOT NULL;

\pset tuples_only on
SELECT * FROM look('looked up, live');
CALL salesperf.refresh_measures();
SELECT * FROM look('looked up, built');
UPDATE sale_sale SET currency = 2 WHERE id IN (1, 5, 20);
SELECT * FROM look('dollars without a rate');
SELECT severity, object, finding FROM salesperf.health ORDER BY 1, 2, 3;
INSERT INTO salesperf.exchange_rate VALUES ('USD', '2026-02-11', 0.9);
SELECT * FROM look('a rate from the second day on');
INSERT INTO salesperf.exchange_rate VALUES ('USD', '2026-02-14', 0.95), ('USD', '2026-01-01', 0.8123456789);
SELECT * FROM look('each day has one');
CALL salesperf.refresh_measures();
SELECT * FROM look('built');
UPDATE sale_sale SET sale_date = '2026-02-13' WHERE id = 20;
SELECT * FROM look('another day');
UPDATE salesperf.exchange_rate SET rate = 0.91 WHERE valid_from = '2026-02-11';
SELECT * FROM look('a rate corrected');
DELETE FROM salesperf.exchange_rate WHERE valid_from = '2026-02-11';
SELECT * FROM look('a rate deleted');
CALL salesperf.refresh_measures();
UPDATE currency_currency SET digits = 0 WHERE id = 2;
SELECT * FROM look('a currency without cents');
UPDATE currency_currency SET code = CASE code WHEN 'EUR' THEN 'GBP' ELSE 'EUR' END;
SELECT * FROM look('other codes');
INSERT INTO sale_line (id, sale, type, quantity, unit_price, product) VALUES (30, 20, 'line', 1.5, 3, 7);
SELECT * FROM look('a line more');
DELETE FROM salesperf.exchange_rate WHERE currency = 'USD';
\pset tuples_only off

SELECT salesperf.detach_source(name) FROM salesperf.source WHERE name LIKE 'tryton%' \g /dev/null
DELETE FROM salesperf.target;
CALL salesperf.refresh_measures();
RESET search_path;
DROP SCHEMA tryton CASCADE;
