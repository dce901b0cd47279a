-- The same shop with salesperf: its tables are sources, and its targets are
-- entered with the scopes written out.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
CREATE EXTENSION salesperf CASCADE;
SELECT salesperf.setup() \g /dev/null
SELECT salesperf.attach_source('shop', lines => 'public.sale_order_line', header => 'public.sale_order', join_on => 'l.order_id = h.id',
    document => 'h.id', line => 'l.line_no', sold_on => 'h.sold_on', customer => 'h.customer', seller => 'h.seller', product => 'l.product',
    quantity => 'l.quantity', gross => 'l.gross', net => 'l.net', cost => 'l.cost') \g /dev/null
SELECT salesperf.attach_source('till', lines => 'public.receipt', document => 'l.id', line => 'l.id', sold_on => 'l.sold_on',
    customer => 'l.customer', seller => 'l.seller', product => 'l.product', quantity => 'l.quantity', gross => 'l.gross', net => 'l.net', cost => 'l.cost') \g /dev/null
INSERT INTO salesperf.unit (code, kind)
SELECT DISTINCT scope::text, CASE WHEN scope = 1 THEN 'company' WHEN scope < 100 THEN 'region' ELSE 'outlet' END
FROM seller_scope WHERE scope < 1000;
INSERT INTO salesperf.unit_parent (unit, parent, valid_from)
SELECT scope::text, 1::text, '2020-01-01' FROM (SELECT DISTINCT scope FROM seller_scope WHERE scope BETWEEN 11 AND 15) r
UNION ALL
SELECT DISTINCT o.scope::text, r.scope::text, date '2020-01-01'
FROM seller_scope o JOIN seller_scope r USING (seller) WHERE o.scope BETWEEN 101 AND 140 AND r.scope BETWEEN 11 AND 15;
INSERT INTO salesperf.seller (code) SELECT DISTINCT seller::text FROM seller_scope;
INSERT INTO salesperf.seller_unit (seller, unit, valid_from)
SELECT seller::text, scope::text, '2020-01-01' FROM seller_scope WHERE scope BETWEEN 101 AND 140;
INSERT INTO salesperf.product_family (code) SELECT DISTINCT family::text FROM product;
INSERT INTO salesperf.product (code, family) SELECT product::text, family::text FROM product;
INSERT INTO salesperf.customer (code) SELECT customer::text FROM customer_scope;
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers, units, customers, families)
SELECT name, metric, starts_on, ends_on, amount, CASE WHEN scope BETWEEN 1001 AND 5000 THEN ARRAY[scope::text] END,
    CASE WHEN scope BETWEEN 2 AND 1000 THEN ARRAY[scope::text] END,
    CASE WHEN scope > 5000 THEN (SELECT array_agg(c.customer::text) FROM customer_scope c WHERE c.scope = t.scope) END,
    CASE WHEN family IS NOT NULL THEN ARRAY[family::text] END
FROM target t ORDER BY target_id;
