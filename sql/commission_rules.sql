-- Commission rules, indicators, terms and periods: what is refused when entered.
SET client_min_messages = warning;
SET datestyle = ISO;
\set SHOW_CONTEXT never
INSERT INTO salesperf.kpi (kpi, metric) VALUES ('crl', 'net');
INSERT INTO salesperf.commission_rule (rule_id, component, valid_from, tiers) VALUES (970001, 'crl', '2036-01-01', '0: 5%');
-- Messages once.
INSERT INTO salesperf.commission_rule (rule_id, component, valid_from, tiers) VALUES (970002, 'crl', '2036-06-01', '0: 6%');
INSERT INTO salesperf.commission_rule (rule_id, component, payee, valid_from, tiers) VALUES (970002, 'crl', 'shop', '2036-01-01', '0: 5%');
INSERT INTO salesperf.contract_term (source, document, payee, tiers) VALUES ('order', 'crl', 'manager:shop', '0: 5%');
INSERT INTO salesperf.commission_rule (rule_id, component, valid_from, tiers) VALUES (970002, 'crl', '2036-01-01', '5%');
INSERT INTO salesperf.commission_rule (rule_id, component, valid_from, tiers, condition) VALUES (970002, 'crl', '2036-01-01', '0: 5%', '$.net >');

-- Each is refused: the constraint, or the code.
CREATE FUNCTION pg_temp.try(tab text, given jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    constraint_name text;
BEGIN
    EXECUTE format('INSERT INTO salesperf.%1$I (%2$s) SELECT %2$s FROM jsonb_populate_record(NULL::salesperf.%1$I, $1)', tab,
        (SELECT string_agg(quote_ident(k), ', ') FROM jsonb_object_keys(given) k)) USING given;
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS constraint_name = CONSTRAINT_NAME;
    RETURN coalesce(nullif(constraint_name, ''), sqlstate);
END
$$;
CREATE TEMP TABLE attempt (n integer GENERATED ALWAYS AS IDENTITY, tab text, given jsonb);
INSERT INTO attempt (tab, given) SELECT 'commission_rule', '{"component": "crl 2", "valid_from": "2036-01-01", "tiers": "0: 1%"}'::jsonb || g FROM unnest(ARRAY[
    '{"valid_to": "2035-12-31"}', '{"valid_from": "infinity"}', '{"component": ""}', '{"every": "week"}', '{"base": "profit"}', '{"tier_by": "seller"}',
    '{"tier_by": "kpi"}', '{"kpi": "crl"}', '{"tier_by": "kpi", "kpi": "none"}', '{"tier_by": "kpi", "kpi": "crl", "kpi_of": "shop"}',
    '{"cap": -1}', '{"floor": -1}', '{"floor": 5, "cap": 4}', '{"min_amount": 2, "max_amount": 1}', '{"cap": "NaN"}', '{"credit": "all"}',
    '{"sellers": []}', '{"units": [null]}', '{"products": ["a"], "exclude_products": ["b", "a"]}', '{"brands": ["a", "c"], "exclude_brands": ["a"]}',
    '{"company_flags": ["vip"], "exclude_company_flags": ["vip"]}', '{"partner_types": []}', '{"payee": "manager:"}']::jsonb[]) g;
INSERT INTO attempt (tab, given) SELECT 'kpi', '{"kpi": "crl 2", "metric": "net"}'::jsonb || g FROM unnest(ARRAY[
    '{"metric": "profit"}', '{"months": 0}', '{"months": 37}', '{"scale": "percent"}', '{"metric": "margin_percent", "scale": "attainment"}', '{"sources": []}']::jsonb[]) g;
INSERT INTO attempt (tab, given) SELECT 'contract_term', '{"source": "order", "document": "crl", "tiers": "0: 1%"}'::jsonb || g FROM unnest(ARRAY[
    '{"base": "profit"}', '{"tiers": "x"}', '{"cap": -1}', '{"floor": 2, "cap": 1}', '{"payee": "team lead"}']::jsonb[]) g;
SELECT n, tab, given - 'component' - 'valid_from' - 'source' - 'document' - 'metric' AS given, pg_temp.try(tab, given) FROM attempt ORDER BY n;

-- Equal priority: what rules a common sale out, and what does not.
INSERT INTO salesperf.unit (code, kind) VALUES ('crl c', 'company'), ('crl o', 'outlet');
INSERT INTO salesperf.unit_parent VALUES ('crl o', 'crl c', '2020-01-01', '2020-12-31');
INSERT INTO salesperf.product_family VALUES ('crl f', 'crl g'), ('crl g', NULL);
CREATE FUNCTION pg_temp.both(a jsonb, b jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    answer := pg_temp.try('commission_rule', '{"component": "crl 3", "valid_from": "2036-01-01", "tiers": "0: 1%"}'::jsonb || a);
    IF answer = 'accepted' THEN
        answer := pg_temp.try('commission_rule', '{"component": "crl 3", "valid_from": "2036-01-01", "tiers": "0: 1%"}'::jsonb || b);
    END IF;
    DELETE FROM salesperf.commission_rule WHERE component = 'crl 3';
    RETURN answer;
END
$$;
SELECT a, b, pg_temp.both(a, b) FROM (VALUES
    (1, '{}'::jsonb, '{}'::jsonb), (2, '{}', '{"priority": 1}'), (3, '{}', '{"payee": "outlet"}'), (4, '{}', '{"condition": "$.net > 1"}'),
    (5, '{"valid_to": "2036-01-31"}', '{"valid_from": "2036-02-01"}'), (6, '{"valid_to": "2036-02-01"}', '{"valid_from": "2036-02-01"}'),
    (7, '{"sellers": ["a"]}', '{"sellers": ["b"]}'), (8, '{"sellers": ["a", "b"]}', '{"sellers": ["b"]}'), (9, '{"sellers": ["a"]}', '{"customers": ["b"]}'),
    (10, '{"units": ["crl c"]}', '{"units": ["crl o"]}'), (11, '{"units": ["crl c"]}', '{"units": ["crl x"]}'),
    (12, '{"families": ["crl f"]}', '{"families": ["crl g"]}'), (13, '{"families": ["crl f"]}', '{"exclude_families": ["crl g"]}'),
    (14, '{"products": ["a"]}', '{"exclude_products": ["a", "b"]}'), (15, '{"products": ["a", "c"]}', '{"exclude_products": ["a", "b"]}'),
    (16, '{"max_amount": 10}', '{"min_amount": 10.01}'), (17, '{"max_amount": 10}', '{"min_amount": 10}'), (18, '{"max_amount": 10}', '{"min_amount": 11, "base": "gross"}'),
    (19, '{"credit": "revenue"}', '{"credit": "overlay"}'), (20, '{"credit": "any"}', '{"credit": "overlay"}'),
    (21, '{"company_flags": ["vip"]}', '{"company_flags": ["test"]}'), (22, '{"company_flags": ["vip"]}', '{"exclude_company_flags": ["vip"]}'),
    (23, '{"partner_types": ["a"]}', '{"partner_types": ["b"]}')) p (n, a, b) ORDER BY n;
DELETE FROM salesperf.unit_parent WHERE unit = 'crl o';
DELETE FROM salesperf.unit WHERE code LIKE 'crl %';
DELETE FROM salesperf.product_family WHERE code LIKE 'crl %';

-- Periods: months, unless entered otherwise; no gap, no overlap.
INSERT INTO salesperf.commission_period VALUES ('2036-01-05', '2036-02-01');
INSERT INTO salesperf.commission_period VALUES ('2036-02-03', '2036-03-01');
SELECT pg_temp.try('commission_period', '{"starts_on": "2036-02-01", "ends_on": "2036-02-29", "state": "open"}');
SELECT pg_temp.try('commission_period', '{"starts_on": "2036-02-02", "ends_on": "2036-02-01", "state": "open"}');
SELECT pg_temp.try('commission_period', '{"starts_on": "2036-02-02", "ends_on": "2036-02-29", "state": "shut"}');
SELECT starts_on, ends_on, entered FROM salesperf.commission_periods('2035-12-20', '2036-03-10');
CALL salesperf.calculate_commissions('2036-04-15', '2036-04-15');
SELECT starts_on, ends_on, state, calculated_at IS NOT NULL AS calculated FROM salesperf.commission_period ORDER BY 1;
CALL salesperf.calculate_commissions('2035-12-31', '2035-12-31');
SELECT starts_on, ends_on, calculated_at IS NOT NULL AS calculated FROM salesperf.commission_period ORDER BY 1;
UPDATE salesperf.commission_period SET ends_on = ends_on - 1 WHERE starts_on = '2036-02-02';
-- Two at once
UPDATE salesperf.commission_period SET starts_on = CASE starts_on WHEN '2036-03-01' THEN date '2036-02-29' ELSE starts_on END,
    ends_on = CASE ends_on WHEN '2036-02-29' THEN date '2036-02-28' ELSE ends_on END;
SELECT starts_on, ends_on FROM salesperf.commission_period WHERE starts_on BETWEEN '2036-02-02' AND '2036-03-31' ORDER BY 1;
DELETE FROM salesperf.commission_period;

-- Days that cannot be computed
CALL salesperf.calculate_commissions('2036-02-01', '2036-01-01');
CALL salesperf.calculate_commissions('2036-02-01', NULL);
CALL salesperf.calculate_commissions('2036-02-01', 'infinity');
CALL salesperf.calculate_commissions('2026-01-01', '2036-12-31');

-- Findings: gaps between rules, rules that never pay.
INSERT INTO salesperf.commission_rule (rule_id, component, valid_from, valid_to, tiers) VALUES
    (970011, 'crl gap', '2036-01-01', '2036-01-31', '0: 1%'), (970012, 'crl gap', '2036-03-01', '2036-03-31', '0: 1%'), (970013, 'crl gap', '2036-05-01', NULL, '0: 1%');
INSERT INTO salesperf.sales_order (order_no, ordered_on, seller) VALUES ('crl', '2036-01-10', 'crl');
INSERT INTO salesperf.order_line (order_no, line_no, net) VALUES ('crl', 1, 100);
CALL salesperf.calculate_commissions('2036-01-01', '2036-03-31');
SELECT severity, object, finding FROM salesperf.health WHERE object LIKE 'commission rule 97%' OR object LIKE '%crl%' ORDER BY 2, 3;

DELETE FROM salesperf.sales_order WHERE order_no = 'crl';
DELETE FROM salesperf.order_line WHERE order_no = 'crl';
DELETE FROM salesperf.commission_rule WHERE component LIKE 'crl%';
DELETE FROM salesperf.kpi WHERE kpi LIKE 'crl%';
CALL salesperf.calculate_commissions('2036-01-01', '2036-03-31');
SELECT count(*) FROM salesperf.commission_item;
DELETE FROM salesperf.commission_period;
