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

INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers)
SELECT p.firstname || ' ' || p.lastname, 'net', q.starts_on, q.ends_on, q.salesquota, ARRAY[q.businessentityid::text]
FROM aw.quota q
JOIN aw.person p USING (businessentityid)
ORDER BY q.starts_on, q.businessentityid;

INSERT INTO salesperf.agreement (description, metric, starts_on, ends_on, tiers)
VALUES ('Westside Plaza', 'net', '2013-07-01', '2014-06-30', '0: 1%, 250000: 2%, 375000: 3%, 500000: 4%'),
       ('Three stores together', 'net', '2013-07-01', '2014-06-30', 'graduated; 0: 1%, 500000: 1.5%, 1000000: 2%, 1200000: 3%');
INSERT INTO salesperf.agreement_customer
SELECT a.agreement_id, c.customer
FROM salesperf.agreement a
JOIN (VALUES ('Westside Plaza', '29641'),
             ('Three stores together', '29629'),
             ('Three stores together', '29923'),
             ('Three stores together', '29736')) c (description, customer) USING (description);

CALL salesperf.refresh_measures();
