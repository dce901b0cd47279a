-- A network that sells an operator's contracts: two companies of partners, one
-- of them a VIP, and a test company; outlets, an office, sellers; three months
-- of contracts with returns; what each earned, and why.
\set ON_ERROR_STOP on
\pset footer off
\pset null ''
SET search_path = salesperf, pg_catalog;

INSERT INTO unit (code, kind, name, partner_type) VALUES
    ('north', 'company', 'North Telecom', 'franchise'), ('south', 'company', 'South Phones', 'franchise'), ('lab', 'company', 'Laboratory', 'own'),
    ('harbour', 'outlet', 'Harbour', 'franchise'), ('station', 'outlet', 'Station', 'franchise'), ('market', 'outlet', 'Market Square', 'franchise'),
    ('b2b', 'office', 'Business customers', 'franchise'), ('bench', 'outlet', 'Test bench', 'own');
-- The outlet at the station moves to the other company in mid-February.
INSERT INTO unit_parent VALUES ('harbour', 'north', '2025-01-01', NULL), ('station', 'north', '2025-01-01', '2026-02-14'), ('station', 'south', '2026-02-15', NULL),
    ('market', 'south', '2025-01-01', NULL), ('b2b', 'north', '2025-01-01', NULL), ('bench', 'lab', '2025-01-01', NULL);
INSERT INTO unit_flag VALUES ('south', 'vip', '2026-02-01', NULL), ('lab', 'test', '2025-01-01', NULL);
INSERT INTO seller (code, name, partner_type) VALUES ('ann', 'Ann', 'employee'), ('bob', 'Bob', 'employee'), ('cleo', 'Cleo', 'employee'), ('dan', 'Dan', 'adviser'),
    ('eve', 'Eve', 'employee'), ('tim', 'Tim', 'employee');
INSERT INTO seller_unit VALUES ('ann', 'harbour', '2025-01-01', NULL), ('bob', 'station', '2025-01-01', NULL), ('cleo', 'market', '2025-01-01', NULL),
    ('dan', 'b2b', '2025-01-01', NULL), ('eve', 'market', '2025-01-01', NULL), ('tim', 'bench', '2025-01-01', NULL);
INSERT INTO unit_manager VALUES ('market', 'cleo', '2025-01-01', NULL);
INSERT INTO product (code, name, family) VALUES ('mobile', 'Mobile contract', 'mobile'), ('fibre', 'Fibre line', 'fixed'), ('case', 'Case', 'accessory');

SELECT setseed(0.5) \g /dev/null
INSERT INTO contract (contract_no, signed_on, customer, seller, sale_type, attributes)
SELECT 'K-' || 1000 + i, date '2026-01-01' + i * 89 / 240, 'customer ' || 1 + floor(random() * 90), (ARRAY['ann', 'bob', 'cleo', 'dan', 'eve', 'tim'])[1 + i % 6],
    (ARRAY['new', 'existing', 'renewal'])[1 + floor(random() * 3)], jsonb_build_object('months', 12 * (1 + i % 2))
FROM generate_series(1, 240) i;
INSERT INTO contract_line (contract_no, line_no, product, quantity, net, cost, revenue)
SELECT contract_no, 1, (ARRAY['mobile', 'fibre'])[1 + floor(random() * 2)], 1, round((200 + random() * 500)::numeric, 2), 150, round((30 + random() * 60)::numeric, 2) FROM contract WHERE contract_no ~ '^K-';
INSERT INTO contract_line (contract_no, line_no, product, quantity, net, cost) SELECT contract_no, 2, 'case', 1, 19.90, 8 FROM contract WHERE contract_no ~ '^K-.*[05]$';
-- Every twentieth is given back.
INSERT INTO contract SELECT 'R' || substr(c.contract_no, 2), least(c.signed_on + 20, '2026-03-31'), c.customer, c.seller, c.unit, c.sale_type, c.status, c.currency, c.attributes
FROM contract c WHERE c.contract_no ~ '^K-' AND substr(c.contract_no, 3)::integer % 20 = 7;
INSERT INTO contract_line (contract_no, line_no, product, quantity, net, cost, revenue)
SELECT 'R' || substr(l.contract_no, 2), l.line_no, l.product, -l.quantity, -l.net, -l.cost, -l.revenue FROM contract_line l
WHERE l.contract_no ~ '^K-' AND substr(l.contract_no, 3)::integer % 20 = 7;
-- Two sellers share one.
INSERT INTO order_split (source, document, seller, percent) VALUES ('contract', 'K-1032', 'ann', 40);

INSERT INTO kpi (kpi, metric, months, sources) VALUES ('outlet, three months', 'net', 3, '{contract}');
INSERT INTO commission_rule (rule_id, component, payee, priority, valid_from, tiers, tier_by, base, kpi, sale_types, partner_types, company_flags, exclude_company_flags, condition, cap, sources, note) VALUES
    (1, 'commission', 'seller', 0, '2026-01-01', '0: 3%', 'sale', 'net', NULL, NULL, NULL, NULL, '{test}', NULL, NULL, '{contract}', 'everybody but the test company'),
    (2, 'commission', 'seller', 10, '2026-01-01', '0: 5%, 500: 6%', 'sale', 'net', NULL, '{new}', NULL, NULL, '{test}', NULL, 40, '{contract}', 'new customers'),
    (3, 'commission', 'seller', 20, '2026-01-01', '0: 8%', 'sale', 'net', NULL, '{new}', '{adviser}', NULL, '{test}', NULL, NULL, '{contract}', 'advisers, new customers'),
    (4, 'commission', 'seller', 15, '2026-01-01', '0: 6%', 'sale', 'net', NULL, '{renewal}', NULL, NULL, '{test}', '$.attributes.months >= 24', NULL, '{contract}', 'renewals for two years'),
    (5, 'outlet commission', 'outlet', 0, '2026-01-01', '0: 1%, 10000: 1.5%, 20000: 2%', 'kpi', 'net', 'outlet, three months', NULL, NULL, NULL, '{test}', NULL, NULL, '{contract}', 'by what the outlet sold in three months'),
    (6, 'company commission', 'company', 0, '2026-01-01', 'graduated; 0: 20%, 1000: 25%', 'period', 'revenue', NULL, NULL, NULL, NULL, '{test}', NULL, NULL, '{contract}', 'of what the operator pays, by month'),
    (7, 'company commission', 'company', 10, '2026-01-01', 'graduated; 0: 25%, 1000: 30%', 'period', 'revenue', NULL, NULL, NULL, '{vip}', NULL, NULL, NULL, '{contract}', 'VIPs'),
    (8, 'team', 'manager:outlet', 0, '2026-01-01', '0: 0.5%', 'sale', 'net', NULL, NULL, NULL, NULL, '{test}', NULL, NULL, '{contract}', 'who runs an outlet');
INSERT INTO contract_term (source, document, tiers, note) VALUES ('contract', 'K-1018', '0: 10%', 'agreed when it was signed');
-- Of accessories the operator pays nothing.
UPDATE contract_line SET revenue = 0 WHERE revenue IS NULL AND contract_no <> 'K-1040';

\echo
\echo '== Commissions of three months: rules by sale and partner type, a VIP company, a test company, outlets by their last three months'
CALL calculate_commissions('2026-01-01', '2026-03-31');

\echo '== What each earned'
SELECT component, payee_kind AS kind, payee, sum(amount) FILTER (WHERE period_start = '2026-01-01') AS january, sum(amount) FILTER (WHERE period_start = '2026-02-01') AS february,
       sum(amount) FILTER (WHERE period_start = '2026-03-01') AS march, sum(amount) AS quarter
FROM commission_item
GROUP BY component, payee_kind, payee
ORDER BY component, payee;

\echo '== The outlet at the station moved on 15 February: its sales before stay with the old company'
SELECT company, min(period_start) AS from_period, count(DISTINCT document) AS contracts, sum(amount) AS "outlet commission"
FROM commission_item
WHERE outlet = 'station' AND component = 'outlet commission'
GROUP BY company
ORDER BY 2;

\echo '== What contract K-1032 paid, and why: two sellers share it'
SELECT line, seller, component, payee, rule_id AS rule, base::numeric(10,2), tier_value::numeric(12,2), kpi_from, rate::numeric(6,4), amount
FROM commission_explain('contract', 'K-1032')
WHERE matched
ORDER BY line, seller, component;
\echo '== ... and the rules that did not pay its seller'
SELECT DISTINCT rule_id AS rule, reason
FROM commission_explain('contract', 'K-1032')
WHERE NOT matched AND payee = 'cleo' AND component = 'commission'
ORDER BY 1;

\echo '== What could not be computed'
SELECT document, line, payee, component, reason FROM commission_exception ORDER BY 1, 2, 4;

\echo '== What a fibre line for 600 would pay Dan on the last of March'
SELECT component, payee, rule_id AS rule, tier_value::numeric(12,2), rate::numeric(6,4), amount
FROM commission_preview('{"sold_on": "2026-03-31", "seller": "dan", "sale_type": "new", "product": "fibre", "net": 600, "cost": 150, "revenue": 80}')
ORDER BY component;
