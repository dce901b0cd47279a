-- A real company's invoice lines, without any key: equal rows, cancellations,
-- rows without customer.  After each step every figure equals plain SQL.
\getenv abs_srcdir PG_ABS_SRCDIR
\set data :abs_srcdir '/demo/data'
\set load :abs_srcdir '/test/erp/online_retail.sql'
\set compare :abs_srcdir '/test/erp/compare.sql'
SET client_min_messages = warning;
SET datestyle = ISO;
\set ECHO none
\i :load
\set ECHO all

-- The sample is what the README says.
SELECT count(*) AS rows, count(DISTINCT invoiceno) AS invoices, count(DISTINCT invoiceno) FILTER (WHERE invoiceno LIKE 'C%') AS cancellations,
    count(*) FILTER (WHERE customerid IS NULL) AS without_customer, count(*) FILTER (WHERE customerid LIKE '%.0') AS with_customer,
    count(*) FILTER (WHERE stockcode !~ '^[0-9]' AND invoiceno NOT LIKE 'A%') AS no_goods, count(*) FILTER (WHERE unitprice = 0) AS free,
    min(invoicedate)::date AS first, max(invoicedate)::date AS last, sum(quantity * unitprice) AS net
FROM line;
SELECT count(*) - (SELECT count(*) FROM (SELECT DISTINCT * FROM line) d) AS copies FROM line;
SELECT count(*) AS negative_and_no_cancellation, count(customerid) AS with_customer, max(unitprice) AS price
FROM line WHERE quantity < 0 AND invoiceno NOT LIKE 'C%';
SELECT count(*) FILTER (WHERE quantity > 0) AS cancellations_that_add FROM line WHERE invoiceno LIKE 'C%';
SELECT invoiceno, quantity, unitprice, customerid FROM line WHERE invoiceno LIKE 'A%' ORDER BY 1;
SELECT count(*) AS invoices_with_two_times FROM (SELECT FROM line GROUP BY invoiceno HAVING count(DISTINCT invoicedate) > 1) i;
SELECT count(*) AS rows_of_others FROM line
WHERE invoiceno NOT LIKE 'A%' AND coalesce(customerid::numeric, ltrim(invoiceno, 'C')::numeric) % 197 <> 146;

-- All lines, and those of goods that cost something.
SELECT salesperf.attach_source('retail', lines => 'retail.line', document => 'l.invoiceno', sold_on => 'l.invoicedate::date',
    customer => $$regexp_replace(l.customerid, '\.0$', '')$$, product => 'l.stockcode', branch => 'l.country',
    sale_type => $$CASE left(l.invoiceno, 1) WHEN 'C' THEN 'cancellation' WHEN 'A' THEN 'adjustment' ELSE 'sale' END$$,
    quantity => 'l.quantity', net => 'l.quantity * l.unitprice') \g /dev/null
SELECT salesperf.attach_source('retail_goods', lines => 'retail.line', document => 'l.invoiceno', sold_on => 'l.invoicedate',
    customer => 'l.customerid::numeric', product => 'l.stockcode', quantity => 'l.quantity', net => 'l.quantity * l.unitprice',
    counts => $$l.stockcode ~ '^[0-9]' AND l.unitprice > 0$$) \g /dev/null

CREATE VIEW plain AS
WITH said AS (
    SELECT *, split_part(customerid, '.', 1) AS customer, quantity * unitprice AS net FROM line
)
SELECT 'retail' AS source, invoiceno AS document, NULL AS line, invoicedate::date AS sold_on, customer, NULL AS seller, stockcode AS product, country AS branch,
    CASE WHEN invoiceno ^@ 'C' THEN 'cancellation' WHEN invoiceno ^@ 'A' THEN 'adjustment' ELSE 'sale' END AS sale_type,
    quantity::numeric AS quantity, net AS gross, net, NULL::numeric AS cost
FROM said
UNION ALL
SELECT 'retail_goods', invoiceno, NULL, invoicedate::date, customer, NULL, stockcode, NULL, NULL, quantity, net, net, NULL
FROM said
WHERE left(stockcode, 1) BETWEEN '0' AND '9' AND unitprice > 0;
\set ECHO none
\i :compare
\set ECHO all

INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sources, sale_types, branches)
VALUES ('all', 'net', '2010-12-01', '2011-12-31', 1, '{retail}', NULL, NULL),
    ('pieces', 'quantity', '2010-12-01', '2011-12-31', 1, '{retail}', NULL, NULL),
    ('goods', 'net', '2010-12-01', '2011-12-31', 1, '{retail_goods}', NULL, NULL),
    ('cancelled', 'net', '2010-12-01', '2011-12-31', 1, NULL, '{cancellation}', NULL),
    ('adjusted', 'net', '2010-12-01', '2011-12-31', 1, NULL, '{adjustment}', NULL),
    ('abroad', 'net', '2010-12-01', '2011-12-31', 1, NULL, NULL, '{EIRE,France,Japan,Italy,Austria}');
-- One for each customer, each month and the twenty products sold most often.
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, customers)
SELECT '.customer', 'net', '2010-12-01', '2011-12-31', 1, ARRAY[c] FROM (SELECT DISTINCT customer AS c FROM plain WHERE customer IS NOT NULL) d;
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sources)
SELECT '.month', 'net', m, m + interval '1 month -1 day', 1, '{retail}' FROM generate_series(timestamp '2010-12-01', '2011-12-01', '1 month') m;
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sources, products)
SELECT '.product', 'quantity', '2010-12-01', '2011-12-31', 1, '{retail_goods}', ARRAY[stockcode]
FROM (SELECT stockcode FROM line GROUP BY stockcode ORDER BY count(*) DESC, stockcode LIMIT 20) s;
SELECT count(*) AS targets FROM salesperf.target;

\pset tuples_only on
SELECT * FROM look('live');
CALL salesperf.refresh_measures();
SELECT * FROM look('built');

-- Equal rows count twice; one of two is deleted, changed, entered again.
CREATE VIEW twice AS
SELECT min(ctid) AS one, max(ctid) AS other FROM line l GROUP BY l.* HAVING count(*) > 1;
DELETE FROM line WHERE ctid IN (SELECT one FROM twice);
SELECT * FROM look('one of each pair is gone');
INSERT INTO line SELECT * FROM line WHERE invoiceno IN (SELECT invoiceno FROM line ORDER BY unitprice DESC, invoiceno LIMIT 7);
SELECT * FROM look('pairs of others');
UPDATE line SET unitprice = unitprice * 2 WHERE ctid IN (SELECT one FROM twice UNION ALL SELECT other FROM twice);
SELECT * FROM look('both of each pair are changed');
UPDATE line SET quantity = quantity + 1 WHERE ctid IN (SELECT one FROM twice);
SELECT * FROM look('one of each pair is changed');

-- A cancellation takes off what an invoice added, at its own date, and is
-- withdrawn.
SELECT invoiceno, sum(quantity * unitprice) FROM line WHERE invoiceno NOT LIKE 'A%' GROUP BY 1 ORDER BY 2 DESC LIMIT 1;
SELECT invoiceno AS largest FROM line WHERE invoiceno NOT LIKE 'A%' GROUP BY 1 ORDER BY sum(quantity * unitprice) DESC LIMIT 1 \gset
INSERT INTO line SELECT 'C' || invoiceno, stockcode, description, -quantity, '2011-12-09 23:59:59', unitprice, customerid, country FROM line WHERE invoiceno = :'largest';
SELECT * FROM look('cancelled');
DELETE FROM line WHERE invoiceno = 'C' || :'largest' AND quantity = -1;
SELECT * FROM look('cancelled but for what was bought once');
DELETE FROM line WHERE invoiceno = 'C' || :'largest';
SELECT * FROM look('withdrawn');

-- A customer is found for an invoice that had none, with and without '.0'.
UPDATE line SET customerid = CASE WHEN stockcode < '22' THEN '14527.0' ELSE '14527' END WHERE customerid IS NULL;
SELECT * FROM look('all have a customer');

-- What does not count begins to, and the other way round.
UPDATE line SET unitprice = CASE unitprice WHEN 0 THEN 0.5 ELSE 0 END WHERE unitprice = 0 OR unitprice > 20;
SELECT * FROM look('free or not');
UPDATE line SET stockcode = CASE WHEN stockcode = 'POST' THEN '1POST' ELSE 'D' || stockcode END WHERE stockcode = 'POST' OR stockcode LIKE '84%';
SELECT * FROM look('goods or not');
UPDATE line SET unitprice = -unitprice WHERE invoiceno LIKE 'A%';
SELECT * FROM look('adjustments turned round');

-- Another number for an invoice; lines move to another invoice, and to a
-- cancellation.
UPDATE line SET invoiceno = '9' || invoiceno WHERE invoiceno LIKE '%5';
SELECT * FROM look('other numbers');
UPDATE line SET invoiceno = 'C999' WHERE stockcode LIKE '85%';
SELECT * FROM look('lines moved');

-- The file is loaded a second time; what is there twice then goes again.
\set ECHO none
\set here `pwd`
\cd :data
\copy line FROM PROGRAM 'gzip -dc online_retail.csv.gz' (FORMAT csv, HEADER)
\cd :here
\set ECHO all
SELECT * FROM look('loaded again');
DELETE FROM line a USING (SELECT min(ctid) AS kept, l FROM line l GROUP BY l) f WHERE a = f.l AND a.ctid <> f.kept;
SELECT * FROM look('every row once');
CALL salesperf.fold();
SELECT * FROM look('folded');
DELETE FROM line;
SELECT * FROM look('nothing left');
\pset tuples_only off

SELECT salesperf.detach_source(name) FROM salesperf.source WHERE name LIKE 'retail%' \g /dev/null
DELETE FROM salesperf.target;
CALL salesperf.refresh_measures();
RESET search_path;
DROP SCHEMA retail CASCADE;
