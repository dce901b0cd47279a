-- The company's order lines with their headers as a second source: what a
-- line adds depends on its header's seller, date and status.
\getenv abs_srcdir PG_ABS_SRCDIR
\set data :abs_srcdir '/demo/data'
\set load :abs_srcdir '/demo/load.sql'
SET client_min_messages = warning;
\set ECHO none
\i :load
\set ECHO all
\set ON_ERROR_STOP off
SELECT salesperf.attach_source('aw_line', lines => 'aw.salesorderdetail', header => 'aw.salesorderheader',
    join_on => 'l.salesorderid = h.salesorderid', document => 'h.salesorderid', line => 'l.salesorderdetailid', sold_on => 'h.orderdate',
    customer => 'h.customerid', seller => 'h.salespersonid', product => 'l.productid', quantity => 'l.orderqty',
    gross => 'l.orderqty * l.unitprice', net => 'l.orderqty * l.unitprice * (1 - l.unitpricediscount)', counts => 'h.status = 5') \g /dev/null

-- A target for each seller, each of the 20 products that sold best, and all.
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers, products)
SELECT 'awl seller', 'net', date '2011-01-01', date '2014-12-31', 1, ARRAY[businessentityid::text], NULL FROM aw.salesperson
UNION ALL
(SELECT 'awl product', (ARRAY['net', 'gross', 'quantity'])[1 + productid % 3], date '2011-07-01', date '2014-03-31', 1, NULL, ARRAY[productid::text]
 FROM aw.salesorderdetail GROUP BY productid ORDER BY sum(orderqty * unitprice) DESC, productid LIMIT 20)
UNION ALL
SELECT 'awl all', m, date '2011-01-01', date '2014-12-31', 1, NULL, NULL FROM unnest('{net,gross,quantity}'::text[]) m;

CREATE VIEW aw.differing AS
WITH line AS MATERIALIZED (
    SELECT h.salespersonid::text AS seller, l.productid::text AS product, h.orderdate, sum(l.orderqty)::numeric AS quantity,
        sum(l.orderqty * l.unitprice) AS gross, sum(l.orderqty * l.unitprice * (1 - l.unitpricediscount)) AS net
    FROM aw.salesorderdetail l JOIN aw.salesorderheader h USING (salesorderid) WHERE h.status = 5
    GROUP BY 1, 2, 3
)
SELECT t.target_id, t.name, salesperf.measure_figure(m.scope) AS actual, s.truth
FROM salesperf.target t
JOIN salesperf.target_measure m USING (target_id)
CROSS JOIN LATERAL (
    SELECT coalesce(sum(CASE t.metric WHEN 'net' THEN l.net WHEN 'gross' THEN l.gross ELSE l.quantity END), 0) AS truth
    FROM line l
    WHERE l.orderdate BETWEEN t.starts_on AND t.ends_on AND (t.sellers IS NULL OR l.seller = t.sellers[1])
      AND (t.products IS NULL OR l.product = t.products[1])) s
WHERE salesperf.measure_figure(m.scope) IS DISTINCT FROM s.truth;
CREATE FUNCTION aw.look(step text) RETURNS TABLE (after text, targets bigint, built bigint, net_of_all numeric, differing bigint, verified bigint) LANGUAGE sql AS $$
    SELECT step, count(*), (SELECT count(*) FROM salesperf.measure_state WHERE state = 'built'),
        max(p.actual) FILTER (WHERE p.name = 'awl all' AND p.metric = 'net'),
        (SELECT count(*) FROM aw.differing), (SELECT count(*) FROM salesperf.verify_totals())
    FROM salesperf.target_performance p $$;

\pset tuples_only on
SELECT * FROM aw.look('live');
CALL salesperf.refresh_measures();
SELECT * FROM aw.look('built');
UPDATE aw.salesorderheader SET status = 6 WHERE salesorderid % 7 = 0;
SELECT * FROM aw.look('cancelled');
UPDATE aw.salesorderheader SET status = 5 WHERE salesorderid % 14 = 0;
SELECT * FROM aw.look('half of them back');
UPDATE aw.salesorderheader SET salespersonid = CASE WHEN salesorderid % 2 = 0 THEN 275 + salesorderid % 15 END WHERE salespersonid IS NOT NULL;
SELECT * FROM aw.look('sellers changed, to none too');
UPDATE aw.salesorderheader SET orderdate = orderdate + 200 WHERE salesorderid % 5 = 0;
SELECT * FROM aw.look('dates');
UPDATE aw.salesorderheader SET salesorderid = salesorderid + 1000000 WHERE salesorderid % 11 = 0;
SELECT * FROM aw.look('keys, cascading to lines');
UPDATE aw.salesorderdetail SET orderqty = orderqty + 1, unitpricediscount = 0.1 WHERE productid % 3 = 0;
SELECT * FROM aw.look('lines');
DELETE FROM aw.salesorderheader WHERE salesorderid % 13 = 0;
SELECT * FROM aw.look('orders deleted with their lines');
BEGIN;
INSERT INTO aw.salesorderheader SELECT 2000000 + i, date '2013-01-01' + i, 5, false, 1, 280, NULL, 0 FROM generate_series(1, 300) i;
INSERT INTO aw.salesorderdetail SELECT 2000000 + i, n, n, 776 + n, 10.5 * n, 0 FROM generate_series(1, 300) i, generate_series(1, 4) n;
COMMIT;
SELECT * FROM aw.look('new orders');
\pset tuples_only off

SELECT count(*) AS lines, round(sum(s.amount), 4) = (SELECT actual FROM salesperf.target_performance WHERE name = 'awl all' AND metric = 'net') AS is_the_figure
FROM salesperf.target t, salesperf.target_sales(t.target_id) s WHERE t.name = 'awl all' AND t.metric = 'net';
SELECT salesperf.detach_source('aw_line') \g /dev/null
DELETE FROM salesperf.target WHERE name LIKE 'awl %';
CALL salesperf.refresh_measures();
DROP SCHEMA aw CASCADE;
