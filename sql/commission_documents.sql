-- Documents of several sources, of several periods, without a seller; another
-- currency; periods that are no months.
SET client_min_messages = warning;
SET datestyle = ISO;
CREATE SCHEMA cdo;
CREATE TABLE cdo.sale (doc text, line integer, day date, rep text, unit text, net numeric, PRIMARY KEY (doc, line));
CREATE TABLE cdo.refund (doc text, line integer, day date, rep text, net numeric, PRIMARY KEY (doc, line));
CREATE INDEX ON cdo.sale (rep);
CREATE INDEX ON cdo.refund (rep);
SELECT salesperf.attach_source('cdo', 'cdo.sale', document => 'l.doc', line => 'l.line', sold_on => 'l.day', seller => 'l.rep', unit => 'l.unit', net => 'l.net');
SELECT salesperf.attach_source('cdo_refund', 'cdo.refund', document => 'l.doc', line => 'l.line', sold_on => 'l.day', seller => 'l.rep', net => '-l.net', part_of => 'cdo');
INSERT INTO salesperf.unit (code, kind) VALUES ('cdo o', 'outlet');
INSERT INTO salesperf.commission_rule (rule_id, component, payee, valid_from, tiers, tier_by, sources) VALUES
    (970301, 'cdo', 'seller', '2036-01-01', '0: 1%, 1000: 2%', 'document', '{cdo,cdo_refund}'),
    (970302, 'cdo outlet', 'outlet', '2036-01-01', '0: 1%', 'sale', '{cdo}'),
    (970303, 'cdo period', 'seller', '2036-01-01', 'graduated; 0: 1%, 1000: 2%', 'period', '{cdo,cdo_refund}');
-- 1200 - 300 = 900 together: 1 %; of a document without a refund 2 %; a
-- refund of the next month stands alone in it.
INSERT INTO cdo.sale VALUES ('D1', 1, '2036-01-10', 'r', NULL, 1200), ('D2', 1, '2036-01-11', 'r', NULL, 1200), ('D3', 1, '2036-01-12', 's', NULL, 1200),
    ('D4', 1, '2036-01-13', NULL, 'cdo o', 149), ('D5', 1, '2036-01-14', NULL, NULL, 100);
INSERT INTO cdo.refund VALUES ('D1', 1, '2036-01-20', 'r', 300), ('D3', 1, '2036-02-20', 's', 300);
CALL salesperf.calculate_commissions('2036-01-01', '2036-02-29');
SELECT period_start, component, payee, seller, source, document, line, base, tier_value, amount FROM salesperf.commission_item WHERE component LIKE 'cdo%'
ORDER BY component, period_start, document, source;
-- A term of the document holds for what is part of it.
INSERT INTO salesperf.contract_term (source, document, component, tiers) VALUES ('cdo', 'D1', 'cdo', '0: 10%');
CALL salesperf.calculate_commissions('2036-01-01', '2036-01-31');
SELECT source, document, amount FROM salesperf.commission_item WHERE component = 'cdo' AND document = 'D1' ORDER BY 1;
SELECT item_source, line, rule_id, matched, reason, amount FROM salesperf.commission_explain('cdo', 'D1') WHERE component = 'cdo' ORDER BY 1, 3 NULLS FIRST;
-- In yen: whole units, and what a document is paid adds up in them.
BEGIN;
UPDATE salesperf.setting SET value = 'JPY' WHERE name = 'currency';
CALL salesperf.calculate_commissions('2036-01-01', '2036-01-31');
SELECT component, document, source, amount FROM salesperf.commission_item WHERE component LIKE 'cdo%' AND document IN ('D1', 'D4') ORDER BY 1, 2, 3;
ROLLBACK;
-- Periods of four and five weeks; by period stays by calendar month.
DELETE FROM salesperf.commission_period;
INSERT INTO salesperf.commission_period VALUES ('2036-01-07', '2036-02-03'), ('2036-02-04', '2036-03-09');
CALL salesperf.calculate_commissions('2036-01-10', '2036-02-20');
SELECT period_start, period_end, component, document, source, amount FROM salesperf.commission_item WHERE component IN ('cdo', 'cdo period') ORDER BY 1, 3, 4, 5;
-- A closed period stays as it is.
UPDATE salesperf.commission_period SET state = 'closed' WHERE starts_on = '2036-01-07';
UPDATE cdo.sale SET net = net * 2;
UPDATE cdo.refund SET net = net * 2;
CALL salesperf.calculate_commissions('2036-01-10', '2036-02-20');
SELECT period_start, component, document, source, amount FROM salesperf.commission_item WHERE component = 'cdo' ORDER BY 1, 3, 4;
CALL salesperf.calculate_commissions('2036-01-10', '2036-01-20');

DELETE FROM salesperf.commission_item WHERE component LIKE 'cdo%';
DELETE FROM salesperf.commission_rule WHERE component LIKE 'cdo%';
DELETE FROM salesperf.contract_term WHERE source = 'cdo';
DELETE FROM salesperf.unit WHERE code = 'cdo o';
SELECT salesperf.detach_source('cdo_refund');
SELECT salesperf.detach_source('cdo');
DROP SCHEMA cdo CASCADE;
UPDATE salesperf.commission_period SET state = 'open';
CALL salesperf.calculate_commissions('2036-01-10', '2036-02-20');
DELETE FROM salesperf.commission_period;
CALL salesperf.refresh_measures();
