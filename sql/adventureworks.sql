-- A company's real orders as a source, its sellers' quotas as targets: after
-- every kind of write all figures equal plain SQL over the tables.
\getenv abs_srcdir PG_ABS_SRCDIR
\set data :abs_srcdir '/demo/data'
\set load :abs_srcdir '/demo/load.sql'
SET client_min_messages = warning;
\set ECHO none
\i :load
\set ECHO all
\set ON_ERROR_STOP off

SELECT salesperf.attach_source('aw', lines => 'aw.salesorderheader',
    document => 'l.salesorderid', sold_on => 'l.orderdate',
    customer => 'l.customerid', seller => 'l.salespersonid',
    net => 'l.subtotal', counts => 'l.status = 5');

-- A target for each of the 163 quotas, one for each seller's year to date, and
-- three without a seller.
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers)
SELECT 'aw quota', 'net', starts_on, ends_on, salesquota, ARRAY[businessentityid::text]
FROM aw.quota
UNION ALL
SELECT 'aw year to date', 'net', date '2013-05-01', date '2014-12-31', salesytd, ARRAY[businessentityid::text]
FROM aw.salesperson
UNION ALL
SELECT 'aw all', metric, date '2011-01-01', date '2014-12-31', 100e6, NULL
FROM unnest('{quantity,gross,net}'::text[]) AS metric;
SELECT name, count(*) FROM salesperf.target WHERE name LIKE 'aw %' GROUP BY name ORDER BY name;

-- What plain SQL says about each target.
CREATE VIEW aw.truth AS
SELECT t.target_id, t.sellers[1] AS seller, t.starts_on, coalesce(sum(h.subtotal), 0) AS actual
FROM salesperf.target t
LEFT JOIN aw.salesorderheader h
    ON h.salespersonid = t.sellers[1]::integer AND h.orderdate BETWEEN t.starts_on AND t.ends_on AND h.status = 5
WHERE t.name IN ('aw quota', 'aw year to date')
GROUP BY t.target_id
UNION ALL
SELECT t.target_id, 'all', t.starts_on, CASE t.metric WHEN 'quantity' THEN s.orders ELSE s.subtotal END
FROM salesperf.target t, (SELECT count(*) AS orders, coalesce(sum(subtotal), 0) AS subtotal
    FROM aw.salesorderheader WHERE status = 5 AND orderdate BETWEEN '2011-01-01' AND '2014-12-31') s
WHERE t.name = 'aw all';

-- The rows that differ, of totals kept and of figures; none, ever.
CREATE VIEW aw.difference AS
SELECT f.seller, f.starts_on, f.actual, p.actual AS shown, m.figure
FROM aw.truth f
LEFT JOIN salesperf.target_performance p USING (target_id)
LEFT JOIN (
    SELECT target_id, salesperf.measure_figure(scope) AS figure FROM salesperf.target_measure
) m USING (target_id)
WHERE p.actual IS DISTINCT FROM round(f.actual, 4) OR m.figure IS DISTINCT FROM f.actual
UNION ALL
SELECT 'kept ' || v.measure_id, NULL, v.recomputed, v.kept, NULL FROM salesperf.verify_totals() v;
CREATE VIEW aw.state AS
SELECT state, count(*) AS measures
FROM salesperf.measure_state s JOIN aw.truth USING (target_id)
GROUP BY state;

SELECT * FROM aw.state ORDER BY state;
SELECT * FROM aw.difference ORDER BY 1, 2;

-- Year to date: the sums that came with the data, made by somebody else.
CREATE VIEW aw.year_to_date AS
SELECT count(*) AS sellers, count(*) FILTER (WHERE p.actual = p.target) AS equal, min(p.attainment), max(p.attainment), sum(p.gap) AS gap
FROM salesperf.target_performance p WHERE p.name = 'aw year to date';
SELECT * FROM aw.year_to_date;

CALL salesperf.refresh_measures();
SELECT * FROM aw.state ORDER BY state;
SELECT * FROM aw.difference ORDER BY 1, 2;
SELECT * FROM aw.year_to_date;

-- The sales behind a figure sum to it.
SELECT count(*) AS quotas, count(*) FILTER (WHERE s.amount <> p.actual) AS different, sum(s.orders) AS orders
FROM salesperf.target_performance p,
    LATERAL (SELECT coalesce(sum(amount), 0) AS amount, count(*) AS orders FROM salesperf.target_sales(p.target_id)) s
WHERE p.name = 'aw quota' AND p.starts_on = '2013-05-30';

-- Status: a quarter of the orders stop counting, and some of them count again.
UPDATE aw.salesorderheader SET status = 6 WHERE salesorderid % 4 = 0;
SELECT * FROM aw.difference ORDER BY 1, 2;
UPDATE aw.salesorderheader SET status = 5 WHERE salesorderid % 8 = 0;
SELECT * FROM aw.difference ORDER BY 1, 2;

-- Seller: to another, to none, and from none; customers by the way.
UPDATE aw.salesorderheader SET salespersonid = 274 + (salespersonid + 1) % 10 WHERE salespersonid IS NOT NULL AND salesorderid % 3 = 0;
SELECT * FROM aw.difference ORDER BY 1, 2;
UPDATE aw.salesorderheader SET salespersonid = NULL, customerid = customerid + 1 WHERE salesorderid % 5 = 0;
UPDATE aw.salesorderheader SET salespersonid = 279 WHERE salespersonid IS NULL AND salesorderid % 7 = 0;
SELECT * FROM aw.difference ORDER BY 1, 2;

-- Date: over the borders of quotas, by one day and by a year.
UPDATE aw.salesorderheader SET orderdate = orderdate - 1 WHERE salesorderid % 2 = 0;
UPDATE aw.salesorderheader SET orderdate = orderdate + 365 WHERE salesorderid % 11 = 0;
SELECT * FROM aw.difference ORDER BY 1, 2;

-- Primary key: all of them shifted, past those of others.
UPDATE aw.salesorderheader SET salesorderid = -salesorderid;
UPDATE aw.salesorderheader SET salesorderid = 120000 + salesorderid;
SELECT * FROM aw.difference ORDER BY 1, 2;

-- Amount: more, less, a return, nothing.
UPDATE aw.salesorderheader SET subtotal = (salesorderid % 4 - 1) * subtotal + 0.0001 WHERE salesorderid % 2 = 1;
SELECT * FROM aw.difference ORDER BY 1, 2;
SELECT * FROM aw.state ORDER BY state;

-- Deletion, and all of it again: INSERT … SELECT within one transaction, COPY.
CREATE TABLE aw.deleted AS SELECT * FROM aw.salesorderheader WHERE salesorderid % 3 = 1;
DELETE FROM aw.salesorderheader h USING aw.deleted d WHERE h.salesorderid = d.salesorderid;
SELECT * FROM aw.difference ORDER BY 1, 2;
INSERT INTO aw.salesorderheader SELECT * FROM aw.deleted;
SELECT * FROM aw.difference ORDER BY 1, 2;
BEGIN;
DELETE FROM aw.salesorderheader WHERE salesorderid % 3 = 2;
SELECT * FROM aw.difference ORDER BY 1, 2;
SAVEPOINT gone;
INSERT INTO aw.salesorderheader SELECT * FROM aw.deleted ON CONFLICT (salesorderid) DO UPDATE SET subtotal = 2 * excluded.subtotal;
SELECT * FROM aw.difference ORDER BY 1, 2;
ROLLBACK TO gone;
SELECT * FROM aw.difference ORDER BY 1, 2;
COMMIT;
SELECT * FROM aw.difference ORDER BY 1, 2;
\cd :data
\set ECHO none
DELETE FROM aw.salesorderheader;
\copy aw.salesorderheader FROM PROGRAM 'gzip -dc salesorderheader.csv.gz' (FORMAT csv, HEADER match)
\set ECHO all
SELECT * FROM aw.difference ORDER BY 1, 2;
SELECT * FROM aw.year_to_date;
SELECT * FROM aw.state ORDER BY state;

-- Folding changes no figure.
CALL salesperf.fold();
SELECT sum(pending) AS pending FROM salesperf.measure_state;
SELECT * FROM aw.difference ORDER BY 1, 2;
SELECT * FROM aw.year_to_date;

-- TRUNCATE: all is 0, computed when asked for.
TRUNCATE aw.salesorderheader, aw.salesorderdetail;
SELECT count(*) AS targets, sum(abs(actual)) AS actual FROM salesperf.target_performance WHERE name LIKE 'aw %';
SELECT * FROM aw.state ORDER BY state;

SELECT salesperf.detach_source('aw');
DROP SCHEMA aw CASCADE;
DELETE FROM salesperf.target WHERE name LIKE 'aw %';
CALL salesperf.refresh_measures();
