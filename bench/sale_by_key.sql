-- View sale by customer, product, seller and month: 1,000,000 orders with
-- 4,000,000 lines, 20,000 customers, 10,000 products, 200 sellers, three
-- years.  Prints milliseconds for each question put to the view, and their
-- ratio to the same question put to the ERP's tables by hand; "no index" is
-- the view's own comparison before the tables are a source.
--
-- In a database of its own, as superuser:
--   createdb bench && psql -X -d bench -f bench/sale_by_key.sql
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET jit = off;
SET max_parallel_workers_per_gather = 0;
SET timezone = 'UTC';
CREATE EXTENSION salesperf CASCADE;
SELECT salesperf.setup() \g /dev/null

\echo entering 1,000,000 orders
CREATE TABLE sale_order AS
SELECT n AS id, 'S' || n AS name, timestamp '2023-01-01' + n * interval '94 seconds' AS date_order, 1 + floor(random() * 20000)::int AS partner_id,
    1 + floor(random() * 200)::int AS user_id, CASE WHEN random() < 0.95 THEN 'sale' ELSE 'draft' END AS state
FROM generate_series(1, 1000000) n;
CREATE TABLE sale_order_line AS
SELECT n AS id, (n + 3) / 4 AS order_id, 1 + floor(random() * 10000)::int AS product_id, 1 + floor(random() * 9) AS quantity,
    round((random() * 1000)::numeric, 2) AS price_subtotal
FROM generate_series(1, 4000000) n;
ALTER TABLE sale_order ADD PRIMARY KEY (id);
ALTER TABLE sale_order_line ADD PRIMARY KEY (id);
CREATE INDEX ON sale_order (partner_id);
CREATE INDEX ON sale_order (user_id);
CREATE INDEX ON sale_order (date_order);
CREATE INDEX ON sale_order_line (order_id);
CREATE INDEX ON sale_order_line (product_id);
VACUUM ANALYZE;

CREATE TABLE question (number int, what text, of_view text, by_hand text);
INSERT INTO question VALUES
    (1, 'one customer', $$customer = '1234'$$, 'h.partner_id = 1234'),
    (2, 'ten customers', $$customer IN ('10', '20', '30', '40', '50', '60', '70', '80', '90', '100')$$,
        'h.partner_id IN (10, 20, 30, 40, 50, 60, 70, 80, 90, 100)'),
    (3, 'one product', $$product = '1234'$$, 'l.product_id = 1234'),
    (4, 'one seller', $$seller = '77'$$, 'h.user_id = 77'),
    (5, 'one day', $$sold_on = '2025-03-11'$$, $$h.date_order >= '2025-03-10 23:00' AND h.date_order < '2025-03-11 23:00'$$),
    (6, 'one month', $$sold_on BETWEEN '2025-03-01' AND '2025-03-31'$$,
        $$h.date_order >= '2025-02-28 23:00' AND h.date_order < '2025-03-31 22:00'$$),
    (7, 'one seller''s month', $$seller = '77' AND sold_on BETWEEN '2025-03-01' AND '2025-03-31'$$,
        $$h.user_id = 77 AND h.date_order >= '2025-02-28 23:00' AND h.date_order < '2025-03-31 22:00'$$);
CREATE TABLE measured (number int, way text, run int, ms numeric, lines bigint, net numeric);
CREATE FUNCTION measure(number int, way text, query text, run int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    started timestamptz := clock_timestamp();
    lines bigint;
    net numeric;
BEGIN
    EXECUTE 'SELECT count(*), sum(net) FROM ' || query INTO lines, net;
    INSERT INTO measured VALUES (number, way, run, extract(epoch FROM clock_timestamp() - started) * 1000, lines, net);
END $$;

-- What view sale will compare, of tables that are no source yet.
CREATE VIEW before AS
SELECT partner_id::text AS customer, user_id::text AS seller, product_id::text AS product, price_subtotal AS net,
    (date_order AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Brussels')::date AS sold_on, state = 'sale' AS counts
FROM sale_order_line l JOIN sale_order h ON l.order_id = h.id;
\echo measuring without indexes
SELECT measure(number, 'no index', 'before WHERE counts AND ' || of_view, run)
FROM generate_series(0, 3) run, question \g /dev/null
SELECT salesperf.attach_source('odoo', 'public.sale_order_line', 'public.sale_order', 'l.order_id = h.id', document => 'h.name', line => 'l.id',
    sold_on => $$(h.date_order AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Brussels')::date$$, customer => 'h.partner_id', seller => 'h.user_id',
    product => 'l.product_id', quantity => 'l.quantity', net => 'l.price_subtotal', counts => $$h.state = 'sale'$$) \g /dev/null
\echo measuring view sale and by hand
SELECT measure(number, 'view', 'salesperf.sale WHERE counts AND ' || of_view, run),
    measure(number, 'by hand', '(SELECT price_subtotal AS net FROM sale_order_line l JOIN sale_order h ON l.order_id = h.id'
        ' WHERE h.state = ''sale'' AND ' || by_hand || ') s', run)
FROM generate_series(0, 9) run, question \g /dev/null

-- The first run reads the tables.
WITH median AS (
    SELECT number, way, percentile_cont(0.5) WITHIN GROUP (ORDER BY ms)::numeric AS ms FROM measured WHERE run > 0 GROUP BY number, way
)
SELECT what, lines, answers = 1 AS "same answer", round(n.ms) AS "no index, ms", round(h.ms, 2) AS "by hand, ms", round(v.ms, 2) AS "view, ms",
    round(v.ms / h.ms, 2) AS "view / by hand"
FROM question
JOIN (SELECT number, max(lines) AS lines, count(DISTINCT (lines, net)) AS answers FROM measured GROUP BY number) a USING (number)
JOIN median n USING (number) JOIN median h USING (number) JOIN median v USING (number)
WHERE n.way = 'no index' AND h.way = 'by hand' AND v.way = 'view'
ORDER BY number;
