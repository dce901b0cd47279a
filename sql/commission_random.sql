-- Random sales, filters and rules against plain SQL.
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT setseed(0.6) \g /dev/null
CREATE SCHEMA crd;
CREATE TABLE crd.sale (doc text, line integer, day date, cust text, rep text, item text, net numeric, PRIMARY KEY (doc, line));
CREATE INDEX ON crd.sale (cust);
CREATE INDEX ON crd.sale (rep);
CREATE INDEX ON crd.sale (item);
SELECT salesperf.attach_source('crd', 'crd.sale', document => 'l.doc', line => 'l.line', sold_on => 'l.day', customer => 'l.cust', seller => 'l.rep', product => 'l.item', net => 'l.net');
INSERT INTO salesperf.customer (code, region, segment) SELECT 'crd c' || i, 'crd r' || i % 4, 'crd s' || i % 3 FROM generate_series(1, 40) i;
INSERT INTO salesperf.product (code, brand, family) SELECT 'crd p' || i, 'crd b' || i % 6, 'crd f' || i % 8 FROM generate_series(1, 40) i;
INSERT INTO salesperf.product_family SELECT 'crd f' || i, 'crd g' || i % 3 FROM generate_series(0, 7) i;
INSERT INTO salesperf.unit (code, kind) SELECT 'crd u' || i, CASE WHEN i < 4 THEN 'company' ELSE 'outlet' END FROM generate_series(1, 12) i;
INSERT INTO salesperf.unit_parent SELECT 'crd u' || i, 'crd u' || 1 + i % 3, '2020-01-01', '2037-02-14' FROM generate_series(4, 12) i;
INSERT INTO salesperf.unit_parent SELECT 'crd u' || i, 'crd u' || 1 + i % 2, '2037-02-15', NULL FROM generate_series(4, 12) i;
INSERT INTO salesperf.seller_unit SELECT 'crd m' || i, 'crd u' || 4 + i % 9, '2020-01-01', NULL FROM generate_series(1, 20) i;
INSERT INTO crd.sale
SELECT 'D' || i, l, date '2037-01-01' + (i % 59), 'crd c' || 1 + floor(random() * 45), 'crd m' || 1 + floor(random() * 22), 'crd p' || 1 + floor(random() * 45),
    round((random() * 400 - 60)::numeric, 2)
FROM generate_series(1, 1500) i, generate_series(1, 1 + i % 3) l;
-- 120 rules, any mix of filters, each of a component of its own with a third of the others.
INSERT INTO salesperf.commission_rule (rule_id, component, payee, priority, valid_from, valid_to, tiers, tier_by, regions, segments, brands, families, sellers, units, exclude_products)
SELECT 980000 + i, 'crd ' || i % 4, CASE i % 4 WHEN 3 THEN 'outlet' ELSE 'seller' END, i, '2037-01-01', CASE WHEN random() < 0.2 THEN date '2037-01-20' END,
    format('0: %s%%, 200: %s%%', i % 9, 5 + i % 11), (ARRAY['sale', 'document', 'period', 'sale'])[1 + i % 4],
    CASE WHEN random() < 0.3 THEN ARRAY['crd r' || floor(random() * 4), 'crd r' || floor(random() * 4)] END,
    CASE WHEN random() < 0.3 THEN ARRAY['crd s' || floor(random() * 3)] END,
    CASE WHEN random() < 0.3 THEN ARRAY['crd b' || floor(random() * 6), 'crd b' || floor(random() * 6)] END,
    CASE WHEN random() < 0.3 THEN ARRAY[(ARRAY['crd f', 'crd g'])[1 + floor(random() * 2)] || floor(random() * 3)] END,
    CASE WHEN random() < 0.2 THEN ARRAY['crd m' || floor(random() * 22)] END,
    CASE WHEN random() < 0.3 THEN ARRAY['crd u' || 1 + floor(random() * 12)] END,
    CASE WHEN random() < 0.3 THEN ARRAY['crd p' || floor(random() * 40)] END
FROM generate_series(1, 120) i;

-- The rule that pays, by definition: the strongest of those that match.
CREATE TABLE crd.chosen AS
SELECT DISTINCT ON (r.component, s.doc, s.line) r.component, s.doc, s.line, s.day, s.net, r.rule_id, r.tier_by, r.tiers::salesperf.tiers AS tiers,
    CASE r.payee WHEN 'seller' THEN s.rep ELSE o.code END AS payee
FROM crd.sale s
LEFT JOIN salesperf.customer c ON c.code = s.cust
LEFT JOIN salesperf.product p ON p.code = s.item
CROSS JOIN LATERAL (SELECT salesperf.seller_path(s.rep, s.day) AS units) u
LEFT JOIN LATERAL (SELECT x.code FROM unnest(u.units) WITH ORDINALITY t (code, n) JOIN salesperf.unit x ON x.code = t.code AND x.kind = 'outlet' ORDER BY t.n LIMIT 1) o ON true
JOIN salesperf.commission_rule r ON r.component LIKE 'crd %' AND s.day >= r.valid_from AND s.day <= coalesce(r.valid_to, 'infinity')
    AND (r.regions IS NULL OR c.region = ANY (r.regions)) AND (r.segments IS NULL OR c.segment = ANY (r.segments)) AND (r.brands IS NULL OR p.brand = ANY (r.brands))
    AND (r.families IS NULL OR p.family = ANY (r.families) OR (SELECT f.parent FROM salesperf.product_family f WHERE f.code = p.family) = ANY (r.families))
    AND (r.sellers IS NULL OR s.rep = ANY (r.sellers)) AND (r.units IS NULL OR u.units && r.units)
    AND (r.exclude_products IS NULL OR s.item IS NULL OR s.item <> ALL (r.exclude_products))
WHERE r.payee = 'seller' OR o.code IS NOT NULL
ORDER BY r.component, s.doc, s.line, r.priority DESC;
-- What it pays on the value of its tier: of a line, a document, or a month, all lines at one rate.
CREATE TABLE crd.paid AS
SELECT component, doc, line, rule_id, payee,
    CASE tier_by WHEN 'sale' THEN round(salesperf.tier_payout(tiers, net), 2)
                 WHEN 'period' THEN round(net * salesperf.tier_rate(tiers, sum(net) OVER month), 2)
                 ELSE round(salesperf.tier_payout(tiers, sum(net) OVER document), 2) END AS amount,
    tier_by
FROM crd.chosen
WINDOW month AS (PARTITION BY rule_id, payee, date_trunc('month', day)), document AS (PARTITION BY rule_id, payee, doc);

CALL salesperf.calculate_commissions('2037-01-01', '2037-02-28');
SELECT count(*) > 5000 AS enough, count(DISTINCT rule_id) > 40 AS many FROM crd.paid;
-- By sale and by period line for line, by document as a sum: no rows
SELECT component, doc, line, p.rule_id, i.rule_id, p.payee, i.payee, p.amount, i.amount
FROM (SELECT * FROM crd.paid WHERE tier_by <> 'document') p
FULL JOIN (SELECT i.component, i.document AS doc, i.line::integer AS line, i.rule_id, i.payee, i.amount FROM salesperf.commission_item i
           JOIN salesperf.commission_rule r USING (rule_id) WHERE i.component LIKE 'crd%' AND r.tier_by <> 'document') i USING (component, doc, line)
WHERE (p.rule_id, p.payee, p.amount) IS DISTINCT FROM (i.rule_id, i.payee, i.amount) ORDER BY 1, 2, 3 LIMIT 5;
SELECT doc, p.rule_id, p.payee, p.amount, p.lines, i.amount, i.lines
FROM (SELECT doc, rule_id, payee, min(amount) AS amount, count(*) AS lines FROM crd.paid WHERE tier_by = 'document' GROUP BY 1, 2, 3) p
FULL JOIN (SELECT i.document AS doc, i.rule_id, i.payee, sum(i.amount) AS amount, count(*) AS lines FROM salesperf.commission_item i
           JOIN salesperf.commission_rule r USING (rule_id) WHERE i.component LIKE 'crd%' AND r.tier_by = 'document' GROUP BY 1, 2, 3) i USING (doc, rule_id, payee)
WHERE (p.amount, p.lines) IS DISTINCT FROM (i.amount, i.lines) ORDER BY 1, 2, 3 LIMIT 5;
-- Repeated with little memory: nothing changes.
SET work_mem = '64kB';
CREATE TEMP TABLE before AS SELECT max(item_id) AS last, count(*) AS items FROM salesperf.commission_item;
CALL salesperf.calculate_commissions('2037-01-01', '2037-02-28');
SELECT count(*) = min(items) AND max(item_id) = min(last) AS unchanged FROM salesperf.commission_item, before;
DELETE FROM salesperf.commission_item WHERE component LIKE 'crd%' AND item_id % 2 = 0;
UPDATE salesperf.commission_item SET amount = amount + 1 WHERE component LIKE 'crd%' AND item_id % 5 = 0;
CALL salesperf.calculate_commissions('2037-01-01', '2037-02-28');
SELECT count(*) AS differ FROM crd.paid p FULL JOIN salesperf.commission_item i ON i.component = p.component AND i.document = p.doc AND i.line = p.line::text
WHERE i.component LIKE 'crd%' AND (p.rule_id IS DISTINCT FROM i.rule_id OR (p.tier_by <> 'document' AND p.amount <> i.amount)) OR i.item_id IS NULL;
RESET work_mem;

DELETE FROM salesperf.commission_rule WHERE component LIKE 'crd%';
DELETE FROM salesperf.seller_unit WHERE unit LIKE 'crd %';
DELETE FROM salesperf.unit_parent WHERE unit LIKE 'crd %';
DELETE FROM salesperf.unit WHERE code LIKE 'crd %';
DELETE FROM salesperf.product_family WHERE code LIKE 'crd %';
DELETE FROM salesperf.product WHERE code LIKE 'crd %';
DELETE FROM salesperf.customer WHERE code LIKE 'crd %';
SELECT salesperf.detach_source('crd');
DROP SCHEMA crd CASCADE;
CALL salesperf.calculate_commissions('2037-01-01', '2037-02-28');
SELECT count(*) FROM salesperf.commission_item;
DELETE FROM salesperf.commission_period;
CALL salesperf.refresh_measures();
