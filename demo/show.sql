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
WHERE starts_on = '2014-03-01' AND name NOT LIKE 'Team %'
ORDER BY attainment DESC;

\echo '== The same by team: what its sellers sold while they belonged to it'
SELECT name AS team, target::numeric(12,0) AS quota, actual::numeric(12,2), (100 * attainment)::numeric(6,1) AS "%", indicator AS " ", progress
FROM target_performance
WHERE name LIKE 'Team %'
ORDER BY name;

\echo '== The quotas of three years that were met'
SELECT name AS seller, starts_on, ends_on, target::numeric(12,0) AS quota, actual::numeric(12,2), (100 * attainment)::numeric(6,1) AS "%",
       indicator AS " ", progress
FROM target_performance
WHERE on_track AND name NOT LIKE 'Team %'
ORDER BY starts_on;

\echo '== Agreements: level reached, bonus, and what is missing to the next level'
SELECT description, actual::numeric(12,2), level, bonus_rate::numeric(6,4) AS rate, bonus, next_threshold::numeric(12,0) AS next,
       to_next::numeric(12,2), progress
FROM agreement_performance
WHERE status <> 'draft'
ORDER BY agreement_id;

\echo '== Two of them by customer: a pool shares its bonus, in the other each reaches its own tier, in pieces'
SELECT description, customer_name, metric, actual::numeric(12,2), level, bonus_rate::numeric(6,4) AS rate, bonus, to_next::numeric(12,2), progress
FROM agreement_customer_performance
WHERE description IN ('Mountain bicycles', 'Bicycles, each its own')
ORDER BY agreement_id, customer_name;

\echo '== As of 30 September 2011'
SELECT description, actual::numeric(12,2), expected_to_date::numeric(12,2) AS expected, indicator AS " ", projected::numeric(12,2), bonus, projected_bonus
FROM agreement_performance('2011-09-30')
WHERE ends_on = '2011-12-31'
ORDER BY agreement_id;

\echo '== A draft, before it is activated'
SELECT severity, finding
FROM agreement_performance a, check_agreement(a.agreement_id)
WHERE a.status = 'draft'
ORDER BY severity DESC, finding;

\echo '== Is every kept total what the orders say?'
SELECT count(*) AS measures, count(*) FILTER (WHERE state = 'built') AS built, (SELECT count(*) FROM verify_totals()) AS differing
FROM measure_state;
SELECT count(*) AS sellers, count(*) FILTER (WHERE f.actual = p.salesytd) AS "sales equal the company's own figure"
FROM aw.salesperson p,
     LATERAL measure_figure(measure_scope('net', '2013-05-01', '2014-06-30', sellers => ARRAY[p.businessentityid::text], sources => '{aw}')) f (actual);

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

\echo '== Two sellers share that order: its credit moves, the team has it once, the agreement stays'
SELECT u.seller AS other_id, o.name AS other, u.unit AS team
FROM seller_unit u
JOIN seller_unit m ON m.unit = u.unit AND m.seller = :'seller_id'
JOIN seller o ON o.code = u.seller
WHERE u.seller <> :'seller_id' AND EXISTS (SELECT FROM target t WHERE t.sellers = ARRAY[u.seller] AND t.starts_on = '2014-03-01')
ORDER BY u.seller
LIMIT 1 \gset
CREATE TEMPORARY VIEW shared AS
SELECT name, actual::numeric(12,2) FROM target_performance WHERE starts_on = '2014-03-01'
UNION ALL SELECT description, actual::numeric(12,2) FROM agreement_performance;
CREATE TEMPORARY TABLE before_split AS TABLE shared;
INSERT INTO order_split (source, document, seller, percent) VALUES ('aw', '900001', :'other_id', 40);
SELECT s.name, b.actual AS before, s.actual AS after
FROM shared s
JOIN before_split b USING (name)
WHERE s.name IN (:'seller', :'other', 'Team ' || :'team', 'Westside Plaza')
ORDER BY s.name;

\echo '== Why?  The sales behind the agreement''s figure'
SELECT document, sold_on, seller, amount::numeric(12,2), sum(amount) OVER (ORDER BY sold_on, document)::numeric(12,2) AS running
FROM agreement_sales(1);

\echo '== And still?'
SELECT count(*) AS "totals that differ from their orders" FROM verify_totals();

\echo '== Anything to look at?  No rows: nothing'
SELECT severity, object, finding
FROM health
ORDER BY severity DESC, object, finding;
