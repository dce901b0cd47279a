-- Makes the company's orders a source and enters its targets and agreements.
\set ON_ERROR_STOP on

SET client_min_messages = warning;
CREATE EXTENSION salesperf CASCADE;
RESET client_min_messages;
SELECT salesperf.setup(currency => 'USD', time_zone => 'America/Los_Angeles') \g /dev/null

-- Status 5 is shipped, 6 is cancelled.
SELECT salesperf.attach_source('aw',
    lines => 'aw.salesorderheader',
    document => 'l.salesorderid',
    sold_on => 'l.orderdate',
    customer => 'l.customerid',
    seller => 'l.salespersonid',
    branch => 'l.territoryid',
    net => 'l.subtotal',
    counts => 'l.status = 5') \g /dev/null

-- Their lines are a second source: of 2011, and of online orders.
SELECT salesperf.attach_source('aw_line',
    lines => 'aw.salesorderdetail',
    header => 'aw.salesorderheader',
    join_on => 'l.salesorderid = h.salesorderid',
    document => 'h.salesorderid',
    line => 'l.salesorderdetailid',
    sold_on => 'h.orderdate',
    customer => 'h.customerid',
    seller => 'h.salespersonid',
    product => 'l.productid',
    quantity => 'l.orderqty',
    net => 'l.orderqty * l.unitprice * (1 - l.unitpricediscount)',
    counts => 'h.status = 5') \g /dev/null

-- Names, teams, and the company's bicycles.
INSERT INTO salesperf.customer (code, name) SELECT customerid, name FROM aw.customer_name;
INSERT INTO salesperf.seller (code, name) SELECT businessentityid, firstname || ' ' || lastname FROM aw.person;
INSERT INTO salesperf.unit (code, kind, name)
SELECT DISTINCT "group", 'team', "group" FROM aw.salesterritory
UNION ALL SELECT 'company', 'company', 'AdventureWorks';
INSERT INTO salesperf.unit_parent (unit, parent, valid_from) SELECT DISTINCT "group", 'company', date '2011-01-01' FROM aw.salesterritory;
INSERT INTO salesperf.seller_unit (seller, unit, valid_from)
SELECT p.businessentityid, coalesce(t."group", 'company'), '2011-01-01' FROM aw.salesperson p LEFT JOIN aw.salesterritory t USING (territoryid);
INSERT INTO salesperf.product (code, brand, family)
SELECT i, split_part(m.model, '-', 1), m.model
FROM (VALUES ('Road-150', 749, 753), ('Road-450', 754, 758), ('Road-650', 759, 770), ('Mountain-100', 771, 778), ('Mountain-200', 779, 784),
             ('Mountain-300', 785, 788), ('Road-250', 789, 796), ('Road-550', 797, 801)) m (model, first, last)
CROSS JOIN LATERAL generate_series(m.first, m.last) i;
INSERT INTO salesperf.product_family (code, parent) SELECT DISTINCT family, 'bicycle' FROM salesperf.product;

INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers, sources)
SELECT p.firstname || ' ' || p.lastname, 'net', q.starts_on, q.ends_on, q.salesquota, ARRAY[q.businessentityid::text], '{aw}'
FROM aw.quota q
JOIN aw.person p USING (businessentityid)
ORDER BY q.starts_on, q.businessentityid;

-- A team's target is what its sellers' quotas add up to.
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, units, sources)
SELECT 'Team ' || u.unit, 'net', '2014-03-01', '2014-06-30', sum(q.salesquota), ARRAY[u.unit], '{aw}'
FROM aw.quota q
JOIN salesperf.seller_unit u ON u.seller = q.businessentityid::text
WHERE q.starts_on = '2014-03-01' AND u.unit <> 'company'
GROUP BY u.unit
ORDER BY u.unit;

INSERT INTO salesperf.agreement (description, metric, base, starts_on, ends_on, tiers, pooled, state, brands, families, sources)
VALUES ('Westside Plaza', 'net', NULL, '2013-07-01', '2014-06-30', '0: 1%, 250000: 2%, 375000: 3%, 500000: 4%', true, 'active', NULL, NULL, '{aw}'),
       ('Three stores together', 'net', NULL, '2013-07-01', '2014-06-30', 'graduated; 0: 1%, 500000: 1.5%, 1000000: 2%, 1200000: 3%', true, 'active', NULL, NULL, '{aw}'),
       ('Mountain bicycles', 'net', NULL, '2011-05-01', '2011-12-31', '0: 1%, 100000: 1.5%, 250000: 2%', true, 'active', '{Mountain}', NULL, '{aw_line}'),
       ('Bicycles, each its own', 'quantity', 'net', '2011-05-01', '2011-12-31', '50: 1%, 90: 1.5%, 150: 2%', false, 'active', NULL, '{bicycle}', '{aw_line}'),
       ('Road bicycles', 'net', NULL, '2014-07-01', '2015-06-30', '0: 2%, 50000: 1.5%, 90000000: 5%', true, 'draft', '{Raod}', NULL, '{aw_line}');
INSERT INTO salesperf.agreement_customer
SELECT a.agreement_id, c.customer
FROM salesperf.agreement a
JOIN (VALUES ('Westside Plaza', '{29641}'::text[]),
             ('Three stores together', '{29629,29923,29736}'),
             ('Mountain bicycles', '{29624,29861,29562}'),
             ('Bicycles, each its own', '{29624,29861,29562}'),
             ('Road bicycles', '{29624}')) v (description, customers) USING (description)
CROSS JOIN LATERAL unnest(v.customers) c (customer);

CALL salesperf.refresh_measures();
