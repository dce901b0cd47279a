-- The demo's data is whole: other tests and the demo rest on these facts.
\getenv abs_srcdir PG_ABS_SRCDIR
\set data :abs_srcdir '/demo/data'
\set load :abs_srcdir '/demo/load.sql'
SET client_min_messages = warning;
SET datestyle = ISO;
\set ECHO none
\i :load
\set ECHO all
\set ON_ERROR_STOP off

SELECT (SELECT count(*) FROM aw.salesorderheader) AS orders,
       (SELECT count(*) FROM aw.salesorderheader WHERE salespersonid IS NOT NULL) AS orders_of_sellers,
       (SELECT count(*) FROM aw.salesperson) AS sellers,
       (SELECT count(*) FROM aw.salespersonquotahistory) AS quotas,
       (SELECT count(*) FROM aw.customer_name) AS stores;

SELECT min(orderdate) AS first, max(orderdate) AS last, sum(subtotal) AS sold
FROM aw.salesorderheader;

-- The year-to-date figure that came with the data is the sum of the orders.
SELECT count(*) AS sellers_with_another_sum
FROM aw.salesperson p
WHERE p.salesytd IS DISTINCT FROM (
    SELECT sum(h.subtotal)
    FROM aw.salesorderheader h
    WHERE h.salespersonid = p.businessentityid AND h.orderdate >= '2013-05-01');

-- Quotas leave no gap: a seller's days are as many as from the first to the last.
SELECT count(*) AS sellers, bool_and(days = last - first + 1) AS no_gap, max(last) AS ends_on
FROM (
    SELECT min(starts_on) AS first, max(ends_on) AS last, sum(ends_on - starts_on + 1) AS days
    FROM aw.quota
    GROUP BY businessentityid) q;

-- Every order of a seller is of a store that has a name.
SELECT count(*) AS orders_without_name
FROM aw.salesorderheader h
LEFT JOIN aw.customer_name c USING (customerid)
WHERE h.salespersonid IS NOT NULL AND c.name IS NULL;

-- Orders before their seller's first quota.
SELECT count(*) AS orders, count(DISTINCT h.salespersonid) AS sellers
FROM aw.salesorderheader h
WHERE h.salespersonid IS NOT NULL
  AND NOT EXISTS (
    SELECT FROM aw.quota q
    WHERE q.businessentityid = h.salespersonid AND h.orderdate BETWEEN q.starts_on AND q.ends_on);

DROP SCHEMA aw CASCADE;
