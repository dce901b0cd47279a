-- What a sales manager wants to see, and one order that changes it.
\set ON_ERROR_STOP on
\pset footer off
\pset null ''
SET search_path = salesperf, pg_catalog;

\echo
\echo '== Attainment by seller, last quota period (2014-03-01 to 2014-06-30)'
SELECT name AS seller, target::numeric(12,0) AS quota, actual::numeric(12,2), (100 * attainment)::numeric(6,1) AS "%",
       indicator AS " ", progress
FROM target_performance
WHERE starts_on = '2014-03-01'
ORDER BY attainment DESC;

\echo '== The quotas of three years that were met'
SELECT name AS seller, starts_on, ends_on, target::numeric(12,0) AS quota, actual::numeric(12,2), (100 * attainment)::numeric(6,1) AS "%",
       indicator AS " ", progress
FROM target_performance
WHERE on_track
ORDER BY starts_on;

\echo '== Agreements: level reached, bonus, and what is missing to the next level'
SELECT description, actual::numeric(12,2), level, bonus_rate::numeric(6,4) AS rate, bonus, next_threshold::numeric(12,0) AS next,
       to_next::numeric(12,2), progress
FROM agreement_performance
ORDER BY agreement_id;

\echo '== Is every kept total what the orders say?'
SELECT count(*) AS measures, count(*) FILTER (WHERE state = 'built') AS built, (SELECT count(*) FROM verify_totals()) AS differing
FROM measure_state;
SELECT count(*) AS sellers, count(*) FILTER (WHERE f.actual = p.salesytd) AS "sales equal the company's own figure"
FROM aw.salesperson p,
     LATERAL measure_figure(measure_scope('net', '2013-05-01', '2014-06-30', sellers => ARRAY[p.businessentityid::text])) f (actual);

\echo '== Westside Plaza orders: the company''s software writes its own table, and the figures follow'
SELECT p.firstname || ' ' || p.lastname AS seller, h.salespersonid AS seller_id
FROM aw.salesorderheader h
JOIN aw.person p ON p.businessentityid = h.salespersonid
WHERE h.customerid = 29641
ORDER BY h.orderdate DESC
LIMIT 1 \gset
CREATE TEMPORARY VIEW figures AS
SELECT t.name, lpad(to_char(t.actual, 'FM9999990.00'), 15) || lpad(to_char(a.actual, 'FM9999990.00'), 17)
           || lpad(a.level::text, 7) || lpad(a.bonus::text, 11) || lpad(to_char(a.to_next, 'FM9999990.00'), 12) AS figures
FROM target_performance t, agreement_performance a
WHERE t.starts_on = '2014-03-01' AND a.description = 'Westside Plaza';
\pset tuples_only on
\pset format unaligned
SELECT rpad('', 24) || lpad(:'seller', 15) || lpad('Westside Plaza', 17) || lpad('level', 7) || lpad('bonus', 11) || lpad('to next', 12);
SELECT rpad('before', 24) || figures FROM figures WHERE name = :'seller';
INSERT INTO aw.salesorderheader (salesorderid, orderdate, status, onlineorderflag, customerid, salespersonid, territoryid, subtotal)
VALUES (900001, '2014-06-30', 5, false, 29641, :seller_id, 4, 5000.00);
SELECT rpad('INSERT, 5000.00', 24) || figures FROM figures WHERE name = :'seller';
UPDATE aw.salesorderheader SET subtotal = 3000.00 WHERE salesorderid = 900001;
SELECT rpad('UPDATE to 3000.00', 24) || figures FROM figures WHERE name = :'seller';
BEGIN;
UPDATE aw.salesorderheader SET status = 6 WHERE salesorderid = 900001;
SELECT rpad('cancelled, uncommitted', 24) || figures FROM figures WHERE name = :'seller';
ROLLBACK;
SELECT rpad('ROLLBACK', 24) || figures FROM figures WHERE name = :'seller';
\pset format aligned
\pset tuples_only off
\echo

\echo '== Why?  The sales behind the agreement''s figure'
SELECT document, sold_on, seller, amount::numeric(12,2), sum(amount) OVER (ORDER BY sold_on, document)::numeric(12,2) AS running
FROM agreement_sales(1);

\echo '== And still?'
SELECT count(*) AS "totals that differ from their orders" FROM verify_totals();
