-- What one document was paid and why, and what another would be.
SET client_min_messages = warning;
SET datestyle = ISO;
\set SHOW_CONTEXT never
INSERT INTO salesperf.unit (code, kind) VALUES ('cex c', 'company'), ('cex o', 'outlet');
INSERT INTO salesperf.unit_parent VALUES ('cex o', 'cex c', '2036-01-01', NULL);
INSERT INTO salesperf.seller_unit VALUES ('cex 1', 'cex o', '2036-01-01', NULL);
INSERT INTO salesperf.seller (code, partner_type) VALUES ('cex 1', 'employee');
INSERT INTO salesperf.product (code, brand) VALUES ('cex p', 'cex b');
INSERT INTO salesperf.kpi (kpi, metric, months, sources) VALUES ('cex', 'net', 3, '{contract}');
INSERT INTO salesperf.contract (contract_no, signed_on, seller, sale_type, attributes) VALUES
    ('cex 1', '2036-02-10', 'cex 1', 'new', '{"months": 12}'), ('cex 2', '2035-12-31', 'cex 1', 'new', NULL), ('cex 3', '2036-02-20', 'cex 2', 'new', '{}');
INSERT INTO salesperf.contract_line (contract_no, line_no, product, net, cost) VALUES ('cex 1', 1, 'cex p', 100, 60), ('cex 1', 2, NULL, 50, NULL), ('cex 2', 1, NULL, 900, NULL),
    ('cex 3', 1, NULL, 10, NULL);
INSERT INTO salesperf.order_split (source, document, seller, percent, overlay) VALUES ('contract', 'cex 1', 'cex 9', 10, true);
INSERT INTO salesperf.commission_rule (rule_id, component, priority, valid_from, valid_to, tiers, tier_by, kpi, payee, cap, base, products, sale_types, partner_types, company_flags,
    condition, min_amount, credit) VALUES
    (970101, 'cex', 1, '2036-01-01', NULL, '0: 5%', 'sale', NULL, 'seller', 4, 'net', NULL, NULL, NULL, NULL, NULL, NULL, 'revenue'),
    (970102, 'cex', 2, '2036-01-01', '2036-01-31', '0: 6%', 'sale', NULL, 'seller', NULL, 'net', NULL, NULL, NULL, NULL, NULL, NULL, 'revenue'),
    (970103, 'cex', 3, '2036-01-01', NULL, '0: 7%', 'sale', NULL, 'seller', NULL, 'net', '{cex p}', '{renewal}', NULL, NULL, NULL, NULL, 'revenue'),
    (970104, 'cex', 4, '2036-01-01', NULL, '0: 8%', 'sale', NULL, 'seller', NULL, 'net', '{cex p}', NULL, NULL, NULL, NULL, 151, 'revenue'),
    (970105, 'cex', 5, '2036-01-01', NULL, '0: 9%', 'sale', NULL, 'seller', NULL, 'net', NULL, NULL, '{adviser}', NULL, NULL, NULL, 'revenue'),
    (970106, 'cex', 6, '2036-01-01', NULL, '0: 9%', 'sale', NULL, 'seller', NULL, 'net', NULL, NULL, NULL, '{vip}', NULL, NULL, 'revenue'),
    (970107, 'cex', 7, '2036-01-01', NULL, '0: 9%', 'sale', NULL, 'seller', NULL, 'net', NULL, NULL, NULL, NULL, '$.attributes.months >= 24', NULL, 'revenue'),
    (970108, 'cex', 8, '2036-01-01', NULL, '0: 1%', 'sale', NULL, 'seller', NULL, 'net', NULL, NULL, NULL, NULL, NULL, NULL, 'overlay'),
    (970109, 'cex outlet', 0, '2036-01-01', NULL, '0: 1%, 1000: 2%', 'kpi', 'cex', 'outlet', NULL, 'net', NULL, NULL, NULL, NULL, NULL, NULL, 'revenue'),
    (970110, 'cex margin', 0, '2036-01-01', NULL, '0: 10%', 'sale', NULL, 'seller', NULL, 'margin', NULL, NULL, NULL, NULL, NULL, NULL, 'revenue');
CALL salesperf.calculate_commissions('2036-02-01', '2036-02-29');
SELECT line, seller, component, rule_id, matched, reason, base_kind, base, tier_by, kpi, kpi_from, kpi_to, tier_value, level, rate, cap, amount
FROM salesperf.commission_explain('contract', 'cex 1') ORDER BY line, seller, component, NOT matched, rule_id;
-- The same items, to the column
SELECT count(*) AS differ FROM (SELECT line, seller, component, rule_id, base, tier_value, level, rate, amount FROM salesperf.commission_explain('contract', 'cex 1') WHERE matched AND amount IS NOT NULL) e
FULL JOIN (SELECT * FROM salesperf.commission_item WHERE source = 'contract' AND document = 'cex 1') i USING (line, seller, component)
WHERE (e.rule_id, e.base, e.tier_value, e.level, e.rate, e.amount) IS DISTINCT FROM (i.rule_id, i.base, i.tier_value, i.level, i.rate, i.amount);
SELECT count(*) FROM salesperf.commission_explain('contract', 'no such');
SELECT count(*) FROM salesperf.commission_explain('order', 'cex 1');
SELECT count(*) FROM salesperf.commission_explain(NULL, 'cex 1');

-- Previews: one line; several; by an indicator that the document itself moves up; split.
SELECT line, seller, component, payee, rule_id, base, tier_value, level, rate, amount, reason
FROM salesperf.commission_preview('{"sold_on": "2036-02-25", "seller": "cex 1", "net": 40, "cost": 10}') ORDER BY component, line;
SELECT line, component, payee, outlet, company, rule_id, base, tier_value, amount
FROM salesperf.commission_preview('{"sold_on": "2036-02-25", "seller": "cex 1", "attributes": {"months": 36}, "lines": [{"net": 40, "cost": 10}, {"line": "b", "net": 400, "cost": 100}]}') ORDER BY component, line;
SELECT line, component, payee, seller, rule_id, base, amount
FROM salesperf.commission_preview('{"sold_on": "2036-02-25", "seller": "cex 2", "net": 100, "cost": 0, "splits": [{"seller": "cex 3", "percent": 25}, {"seller": "cex 4", "percent": 50, "overlay": true}]}') ORDER BY component, seller;
SELECT count(*) FROM salesperf.commission_item WHERE document = E'\x01';
SELECT * FROM salesperf.commission_preview('{"sold_on": "2036-02-25", "sellers": "cex 2"}');
SELECT * FROM salesperf.commission_preview('{"seller": "cex 2"}');
SELECT * FROM salesperf.commission_preview('{"sold_on": "2036-02-25", "source": "none"}');
SELECT * FROM salesperf.commission_preview('[]');
SELECT * FROM salesperf.commission_preview('{"sold_on": "2036-02-25", "net": "much"}');

-- How many credits the filters of each rule let pass.
SELECT * FROM salesperf.commission_matches('2036-02-01', '2036-02-29') ORDER BY 1;
SELECT * FROM salesperf.commission_matches('2036-02-29', '2036-02-01');

-- A run in a transaction that is rolled back leaves nothing; a term appears in the explanation.
BEGIN;
INSERT INTO salesperf.contract_term (source, document, component, tiers) VALUES ('contract', 'cex 1', 'cex', '0: 20%');
CALL salesperf.calculate_commissions('2036-02-01', '2036-02-29');
SELECT line, seller, rule_id, amount FROM salesperf.commission_item WHERE document = 'cex 1' AND component = 'cex' ORDER BY 1, 2;
SELECT line, rule_id, matched, reason, amount FROM salesperf.commission_explain('contract', 'cex 1') WHERE component = 'cex' AND line = '1' AND seller = 'cex 1' ORDER BY NOT matched, rule_id;
ROLLBACK;
SELECT line, seller, rule_id, amount FROM salesperf.commission_item WHERE document = 'cex 1' AND component = 'cex' ORDER BY 1, 2;

DELETE FROM salesperf.order_split WHERE document = 'cex 1';
DELETE FROM salesperf.contract_line WHERE contract_no LIKE 'cex%';
DELETE FROM salesperf.contract WHERE contract_no LIKE 'cex%';
DELETE FROM salesperf.commission_rule WHERE component LIKE 'cex%';
DELETE FROM salesperf.kpi WHERE kpi = 'cex';
DELETE FROM salesperf.product WHERE code = 'cex p';
DELETE FROM salesperf.seller_unit WHERE unit LIKE 'cex%';
DELETE FROM salesperf.seller WHERE code LIKE 'cex%';
DELETE FROM salesperf.unit_parent WHERE unit LIKE 'cex%';
DELETE FROM salesperf.unit WHERE code LIKE 'cex%';
CALL salesperf.calculate_commissions('2036-02-01', '2036-02-29');
SELECT count(*) FROM salesperf.commission_item;
DELETE FROM salesperf.commission_period;
