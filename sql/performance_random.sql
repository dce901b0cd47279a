-- Every figure of the views against plain SQL over the tables, after random
-- changes of sales, splits and dimensions: live and built, today and as of a
-- day, for orders of the starter tables and of an attached one.
SET client_min_messages = warning;
SET datestyle = ISO;
SET jit = off;
CREATE SCHEMA prn;
CREATE TABLE prn.head (doc text PRIMARY KEY, day date, cust text, rep text, shop text, kind text, ok boolean);
CREATE TABLE prn.line (doc text, no integer, item text, qty numeric, gross numeric, net numeric, cost numeric, PRIMARY KEY (doc, no));
CREATE INDEX ON prn.head (cust);
CREATE INDEX ON prn.head (rep);
CREATE INDEX ON prn.head (shop);
CREATE INDEX ON prn.line (item);
SELECT salesperf.attach_source('prn', lines => 'prn.line', header => 'prn.head', join_on => 'l.doc = h.doc', document => 'h.doc', line => 'l.no', sold_on => 'h.day', customer => 'h.cust',
    seller => 'h.rep', branch => 'h.shop', sale_type => 'h.kind', product => 'l.item', quantity => 'l.qty', gross => 'l.gross', net => 'l.net', cost => 'l.cost', counts => 'h.ok');
SELECT setseed(0.42);
CREATE FUNCTION prn.pick(prefix text, n integer) RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT prefix || (1 + floor(random() * n))::integer $$;
CREATE FUNCTION prn.some(prefix text, n integer, often numeric) RETURNS text[] LANGUAGE sql VOLATILE AS $$
    SELECT CASE WHEN random() < often THEN ARRAY(SELECT DISTINCT prn.pick(prefix, n) FROM generate_series(1, 1 + floor(random() * 3)::integer)) END
$$;
CREATE FUNCTION prn.day() RETURNS date LANGUAGE sql VOLATILE AS $$ SELECT date '2023-01-01' + floor(random() * 400)::integer $$;
INSERT INTO salesperf.customer SELECT 'prc' || i, NULL, prn.pick('sector', 2), prn.pick('region', 3), prn.pick('segment', 2) FROM generate_series(1, 8) i;
INSERT INTO salesperf.product SELECT 'pri' || i, NULL, prn.pick('brand', 3), prn.pick('fam', 5) FROM generate_series(1, 8) i;
INSERT INTO salesperf.product_family VALUES ('fam1', 'fam4'), ('fam2', 'fam4'), ('fam4', 'fam5'), ('fam3', NULL);
INSERT INTO salesperf.unit (code, kind) SELECT 'pru' || i, 'team' FROM generate_series(1, 4) i;
INSERT INTO salesperf.unit_parent VALUES ('pru1', 'pru3', '2023-01-01', '2023-06-30'), ('pru1', 'pru4', '2023-07-01', NULL), ('pru2', 'pru4', '2023-01-01', NULL);
INSERT INTO salesperf.seller_unit SELECT 'prs' || i, prn.pick('pru', 3), '2023-01-01', '2023-05-31' FROM generate_series(1, 5) i;
INSERT INTO salesperf.seller_unit SELECT 'prs' || i, prn.pick('pru', 3), '2023-06-01', NULL FROM generate_series(1, 4) i;

CREATE PROCEDURE prn.add(source text, first integer, last integer) LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN first .. last LOOP
        IF source = 'prn' THEN
            INSERT INTO prn.head VALUES ('D' || i, prn.day(), prn.pick('prc', 9), CASE WHEN random() < 0.9 THEN prn.pick('prs', 6) END, prn.pick('shop', 2), prn.pick('kind', 2), random() < 0.9);
            INSERT INTO prn.line SELECT 'D' || i, n, prn.pick('pri', 9), floor(random() * 10), floor(random() * 2000), floor(random() * 20000 - 2000) / 10, CASE WHEN random() < 0.8 THEN floor(random() * 1000) END
            FROM generate_series(1, 1 + floor(random() * 3)::integer) n;
        ELSE
            INSERT INTO salesperf.sales_order (order_no, ordered_on, customer, seller, branch, sale_type, status)
            VALUES ('prn' || i, prn.day(), prn.pick('prc', 9), prn.pick('prs', 6), prn.pick('shop', 2), prn.pick('kind', 2), CASE WHEN random() < 0.9 THEN 'done' ELSE 'draft' END);
            INSERT INTO salesperf.order_line SELECT 'prn' || i, n, prn.pick('pri', 9), floor(random() * 10), floor(random() * 2000), floor(random() * 20000 - 2000) / 10, CASE WHEN random() < 0.8 THEN floor(random() * 1000) END
            FROM generate_series(1, 1 + floor(random() * 3)::integer) n;
        END IF;
        IF random() < 0.3 THEN
            INSERT INTO salesperf.order_split (source, document, seller, percent)
            SELECT add.source, CASE source WHEN 'prn' THEN 'D' ELSE 'prn' END || i, prn.pick('prs', 6), p FROM unnest('{40,25}'::numeric[]) p;
        END IF;
    END LOOP;
END
$$;
CALL prn.add('prn', 1, 100);
CALL prn.add('order', 1, 100);

-- Sales and credits in plain SQL.
CREATE VIEW prn.sale AS
SELECT 'prn' AS source, h.doc, h.day, h.cust, h.rep, h.shop, h.kind, l.item, l.qty AS quantity, l.gross, l.net, l.net - l.cost AS margin FROM prn.head h JOIN prn.line l USING (doc) WHERE h.ok
UNION ALL
SELECT 'order', o.order_no, o.ordered_on, o.customer, o.seller, o.branch, o.sale_type, l.product, l.quantity, l.gross, l.net, l.net - l.cost
FROM salesperf.sales_order o JOIN salesperf.order_line l USING (order_no) WHERE o.order_no LIKE 'prn%' AND o.status = 'done';
CREATE VIEW prn.credit AS
SELECT s.*, false AS credited, NULL::text AS seller, 1 AS share FROM prn.sale s
UNION ALL
SELECT s.*, true, p.seller, p.percent / 100 FROM prn.sale s JOIN salesperf.order_split p ON p.source = s.source AND p.document = s.doc
UNION ALL
SELECT s.*, true, s.rep, 1 - coalesce((SELECT sum(p.percent) FROM salesperf.order_split p WHERE p.source = s.source AND p.document = s.doc), 0) / 100 FROM prn.sale s WHERE s.rep IS NOT NULL;
CREATE FUNCTION prn.units(seller text, day date) RETURNS text[] LANGUAGE sql STABLE AS $$
    WITH RECURSIVE up AS (
        SELECT u.unit FROM salesperf.seller_unit u WHERE u.seller = $1 AND $2 BETWEEN u.valid_from AND coalesce(u.valid_to, 'infinity')
        UNION ALL
        SELECT p.parent FROM up JOIN salesperf.unit_parent p ON p.unit = up.unit AND $2 BETWEEN p.valid_from AND coalesce(p.valid_to, 'infinity'))
    SELECT array_agg(unit) FROM up
$$;
CREATE FUNCTION prn.families(family text) RETURNS text[] LANGUAGE sql STABLE AS $$
    WITH RECURSIVE up AS (SELECT $1 AS code UNION ALL SELECT f.parent FROM up JOIN salesperf.product_family f ON f.code = up.code WHERE f.parent IS NOT NULL)
    SELECT array_agg(code) FROM up
$$;
CREATE TABLE prn.expanded AS
SELECT c.*, k.sector, k.region, k.segment, i.brand, '{}'::text[] AS units, '{}'::text[] AS families
FROM prn.credit c LEFT JOIN salesperf.customer k ON k.code = c.cust LEFT JOIN salesperf.product i ON i.code = c.item WHERE false;
CREATE PROCEDURE prn.expand() LANGUAGE sql AS $$
    TRUNCATE prn.expanded;
    INSERT INTO prn.expanded
    SELECT c.*, k.sector, k.region, k.segment, i.brand, coalesce(prn.units(c.seller, c.day), '{}'), coalesce(prn.families(i.family), '{}')
    FROM prn.credit c LEFT JOIN salesperf.customer k ON k.code = c.cust LEFT JOIN salesperf.product i ON i.code = c.item;
$$;
-- The figure of a row of target or agreement; its columns are the filters.
CREATE FUNCTION prn.has(filter jsonb, VARIADIC codes text[]) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT jsonb_typeof(filter) = 'array' AND filter ?| array_remove(codes, NULL) $$;
CREATE FUNCTION prn.fits(filter jsonb, VARIADIC codes text[]) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce(filter, 'null') = 'null' OR prn.has(filter, VARIADIC codes) $$;
CREATE FUNCTION prn.plain(r jsonb, metric text, as_of date) RETURNS numeric LANGUAGE sql STABLE AS $$
    SELECT CASE metric WHEN 'documents' THEN count(DISTINCT (c.source, c.doc)) FILTER (WHERE c.share > 0) ELSE
        coalesce(sum(c.share * CASE metric WHEN 'quantity' THEN c.quantity WHEN 'gross' THEN c.gross WHEN 'net' THEN c.net ELSE c.margin END), 0) END
    FROM prn.expanded c
    WHERE c.day BETWEEN (r ->> 'starts_on')::date AND least((r ->> 'ends_on')::date, as_of)
      AND c.credited = (coalesce(r -> 'sellers', 'null') <> 'null' OR coalesce(r -> 'units', 'null') <> 'null')
      AND prn.fits(r -> 'sellers', c.seller) AND prn.fits(r -> 'units', VARIADIC c.units) AND prn.fits(r -> 'customers', c.cust)
      AND prn.fits(r -> 'sectors', c.sector) AND prn.fits(r -> 'regions', c.region) AND prn.fits(r -> 'segments', c.segment)
      AND prn.fits(r -> 'products', c.item) AND prn.fits(r -> 'brands', c.brand) AND prn.fits(r -> 'families', VARIADIC c.families)
      AND prn.fits(r -> 'branches', c.shop) AND prn.fits(r -> 'sale_types', c.kind) AND prn.fits(r -> 'sources', c.source)
      AND NOT prn.has(r -> 'exclude_customers', c.cust) AND NOT prn.has(r -> 'exclude_products', c.item) AND NOT prn.has(r -> 'exclude_brands', c.brand)
      AND NOT prn.has(r -> 'exclude_families', VARIADIC c.families) AND NOT prn.has(r -> 'exclude_branches', c.shop)
$$;

INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sellers, units, customers, sectors, regions, segments, products, brands, families, branches, sale_types, sources,
    exclude_customers, exclude_products, exclude_brands, exclude_families, exclude_branches)
SELECT 995000 + i, 'random', ('{quantity,gross,net,margin,documents}'::text[])[1 + i % 5], date '2023-01-01' + floor(random() * 60)::integer, date '2023-06-01' + floor(random() * 200)::integer, floor(random() * 5000) + 1,
    prn.some('prs', 6, 0.3), prn.some('pru', 4, 0.3), prn.some('prc', 9, 0.2), prn.some('sector', 2, 0.2), prn.some('region', 3, 0.2), prn.some('segment', 2, 0.2), prn.some('pri', 9, 0.2), prn.some('brand', 3, 0.2), prn.some('fam', 5, 0.3),
    prn.some('shop', 2, 0.1), prn.some('kind', 2, 0.1), CASE WHEN i % 4 = 0 THEN '{prn}'::text[] ELSE '{prn,order}' END,
    prn.some('prc', 9, 0.2), prn.some('pri', 9, 0.2), prn.some('brand', 3, 0.1), prn.some('fam', 5, 0.1), prn.some('shop', 2, 0.1)
FROM generate_series(1, 30) i;
INSERT INTO salesperf.target_month SELECT t.target_id, m, CASE WHEN m = date_trunc('month', t.starts_on)::date THEN 0.7 ELSE 0.3 END
FROM salesperf.target t, LATERAL (SELECT date_trunc('month', t.starts_on)::date UNION ALL SELECT '2023-05-01') v (m) WHERE t.target_id BETWEEN 995001 AND 995010;
INSERT INTO salesperf.agreement (agreement_id, description, metric, base, tier_on, objective, pooled, state, starts_on, ends_on, tiers, sellers, units, sectors, regions, products, brands, families, sources, exclude_brands, exclude_products)
SELECT 995000 + i, 'random', ('{quantity,gross,net,margin,documents}'::text[])[1 + i % 5], CASE WHEN i % 3 = 0 THEN 'net' END, CASE WHEN i % 4 = 0 THEN 'objective_percent' ELSE 'amount' END, CASE WHEN i % 4 = 0 THEN 300 END,
    i % 2 = 0, CASE WHEN i % 10 = 0 THEN 'draft' ELSE 'active' END, date '2023-01-01' + floor(random() * 60)::integer, date '2023-06-01' + floor(random() * 200)::integer,
    (ARRAY['0: 5%, 50: 8%, 1000: 12%', 'graduated; 0: 1%, 20: 2%, 500: 5%', '10: 100, 50: 200.55', 'interpolated; 0: 0%, 2000: 10%', 'excess; 10: 10%'])[1 + i % 5],
    prn.some('prs', 6, 0.2), prn.some('pru', 4, 0.2), prn.some('sector', 2, 0.1), prn.some('region', 3, 0.1), prn.some('pri', 9, 0.1), prn.some('brand', 3, 0.2), prn.some('fam', 5, 0.2),
    '{prn,order}', prn.some('brand', 3, 0.1), prn.some('pri', 9, 0.1)
FROM generate_series(1, 30) i;
INSERT INTO salesperf.agreement_customer SELECT DISTINCT 995000 + i, prn.pick('prc', 9) FROM generate_series(1, 30) i, generate_series(1, 3);

-- What is wrong, by view; shown is what the view or function shows.
CREATE FUNCTION prn.wrong(as_of date) RETURNS TABLE (what text, rows bigint, wrong bigint) LANGUAGE sql STABLE AS $$
    WITH target_plain AS (
        SELECT t.*, prn.plain(to_jsonb(t), t.metric, as_of) AS actual, greatest(0, least(1, (as_of - t.starts_on + 1)::numeric / (t.ends_on - t.starts_on + 1))) AS elapsed,
            (SELECT sum(t.amount * m.share * greatest(0, least(1, (as_of - greatest(m.month, t.starts_on) + 1)::numeric / (least((m.month + interval '1 month')::date - 1, t.ends_on) - greatest(m.month, t.starts_on) + 1))))
             FROM salesperf.target_month m WHERE m.target_id = t.target_id) AS by_month
        FROM salesperf.target t WHERE t.target_id BETWEEN 995001 AND 995040
    ), target_shown AS (
        SELECT * FROM salesperf.target_performance WHERE as_of = '2024-12-31' UNION ALL SELECT * FROM salesperf.target_performance(as_of) WHERE as_of <> '2024-12-31'
    ), reach AS (
        -- What reaches tiers: the pool, or each customer.
        SELECT a.*, c.customer, prn.plain(to_jsonb(a) || jsonb_build_object('customers', c.customers), a.metric, as_of) AS actual,
            prn.plain(to_jsonb(a) || jsonb_build_object('customers', c.customers), coalesce(a.base, a.metric), as_of) AS base_actual, (a.ends_on - a.starts_on + 1)::numeric AS days, (least(as_of, a.ends_on) - a.starts_on + 1)::numeric AS passed
        FROM salesperf.agreement a
        CROSS JOIN LATERAL (
            SELECT NULL AS customer, (SELECT jsonb_agg(customer) FROM salesperf.agreement_customer WHERE agreement_id = a.agreement_id) AS customers
            UNION ALL SELECT customer, jsonb_build_array(customer) FROM salesperf.agreement_customer WHERE agreement_id = a.agreement_id) c
        WHERE a.agreement_id BETWEEN 995001 AND 995040
    ), reached AS (
        SELECT r.*, CASE tier_on WHEN 'amount' THEN actual ELSE round(actual * 100 / objective, 30) END AS value,
            CASE tier_on WHEN 'amount' THEN round(actual * days, 30) / passed ELSE round(actual * days * 100, 30) / (objective * passed) END AS later
        FROM reach r
    ), paid AS (
        SELECT p.*, round(salesperf.tier_payout(tiers::salesperf.tiers, value, base_actual), 2) AS bonus, round(salesperf.tier_payout(tiers::salesperf.tiers, later, round(base_actual * days, 30) / passed), 2) AS later_bonus FROM reached p
    ), agreement_plain AS (
        SELECT a.agreement_id, sum(a.actual) AS actual, sum(a.bonus) AS bonus, sum(a.later_bonus) AS later_bonus, CASE WHEN a.pooled THEN max(salesperf.tier_level(a.tiers::salesperf.tiers, a.value)) END AS level
        FROM paid a WHERE (a.customer IS NULL) = a.pooled GROUP BY a.agreement_id, a.pooled
    ), agreement_shown AS (
        SELECT * FROM salesperf.agreement_performance WHERE as_of = '2024-12-31' UNION ALL SELECT * FROM salesperf.agreement_performance(as_of) WHERE as_of <> '2024-12-31'
    ), customer_shown AS (
        SELECT * FROM salesperf.agreement_customer_performance WHERE as_of = '2024-12-31' UNION ALL SELECT * FROM salesperf.agreement_customer_performance(as_of) WHERE as_of <> '2024-12-31'
    )
    SELECT 'targets', count(*), count(*) FILTER (WHERE s.target_id IS NULL OR s.actual <> round(p.actual, 4) OR s.gap <> round(p.amount - p.actual, 4) OR s.attainment <> round(p.actual / p.amount, 6)
        OR abs(s.expected_to_date - coalesce(p.by_month, p.amount * p.elapsed)) > 0.0001 OR abs(s.projected - p.actual / p.elapsed) > 0.0001 OR s.on_track <> (p.actual >= round(coalesce(p.by_month, p.amount * p.elapsed), 12)))
    FROM target_plain p LEFT JOIN target_shown s ON s.target_id = p.target_id
    UNION ALL
    SELECT 'agreements', count(*), count(*) FILTER (WHERE s.agreement_id IS NULL OR s.actual <> round(p.actual, 4) OR s.bonus <> p.bonus OR s.projected_bonus <> p.later_bonus OR s.level IS DISTINCT FROM p.level)
    FROM agreement_plain p LEFT JOIN agreement_shown s ON s.agreement_id = p.agreement_id
    UNION ALL
    SELECT 'customers', count(*), count(*) FILTER (WHERE s.customer IS NULL OR s.actual <> round(p.actual, 4) OR NOT p.pooled AND s.bonus <> p.bonus
        OR p.pooled AND s.bonus <> (salesperf.split_by_weight(pool.bonus, w.bases))[w.place] OR s.level <> salesperf.tier_level(p.tiers::salesperf.tiers, coalesce(pool.value, p.value)))
    FROM paid p
    LEFT JOIN paid pool ON pool.agreement_id = p.agreement_id AND pool.customer IS NULL AND pool.pooled
    CROSS JOIN LATERAL (SELECT array_agg(o.base_actual ORDER BY o.customer COLLATE "C") AS bases, count(*) FILTER (WHERE o.customer COLLATE "C" <= p.customer COLLATE "C")::integer AS place FROM paid o WHERE o.agreement_id = p.agreement_id AND o.customer IS NOT NULL) w
    LEFT JOIN customer_shown s ON s.agreement_id = p.agreement_id AND s.customer = p.customer
    WHERE p.customer IS NOT NULL
    UNION ALL
    SELECT 'months', count(DISTINCT coalesce(m.target_id, m.agreement_id)), count(*) FILTER (WHERE m.sum <> m.actual)
    FROM (SELECT m.target_id, m.agreement_id, sum(m.actual), coalesce((SELECT p.actual FROM salesperf.target_performance p WHERE p.target_id = m.target_id), (SELECT p.actual FROM salesperf.agreement_performance p WHERE p.agreement_id = m.agreement_id)) AS actual
          FROM salesperf.measure_month m WHERE coalesce(m.target_id, m.agreement_id) BETWEEN 995001 AND 995040 GROUP BY 1, 2) m
    UNION ALL
    SELECT 'totals', NULL, count(*) FROM salesperf.verify_totals()
$$;
CREATE VIEW prn.look AS
SELECT what, max(rows) AS rows, sum(wrong) AS wrong FROM (SELECT * FROM prn.wrong('2024-12-31') UNION ALL SELECT * FROM prn.wrong('2023-04-17')) w GROUP BY what ORDER BY what;
\echo live
CALL prn.expand();
SELECT what, rows > 20 AS many, wrong FROM prn.look;
SELECT count(*) > 15 AS many, count(DISTINCT actual) > 15 AS different FROM salesperf.target_performance WHERE target_id BETWEEN 995001 AND 995040 AND actual <> 0;
CALL salesperf.refresh_measures();
\echo built
CALL prn.expand();
SELECT what, wrong FROM prn.look;
-- Sales.
CALL prn.add('prn', 101, 130);
CALL prn.add('order', 101, 130);
UPDATE prn.line SET net = net + 7, item = prn.pick('pri', 9) WHERE doc LIKE 'D%3';
UPDATE prn.head SET cust = prn.pick('prc', 9), rep = prn.pick('prs', 6), day = prn.day(), ok = NOT ok WHERE doc LIKE 'D%5';
DELETE FROM prn.head WHERE doc LIKE 'D%7';
UPDATE salesperf.sales_order SET seller = prn.pick('prs', 6), customer = prn.pick('prc', 9), ordered_on = prn.day() WHERE order_no LIKE 'prn%3';
UPDATE salesperf.order_line SET quantity = quantity + 1, cost = NULL WHERE order_no LIKE 'prn%4';
DELETE FROM salesperf.order_line WHERE order_no LIKE 'prn%8';
UPDATE salesperf.order_split SET seller = prn.pick('prs', 6), percent = percent / 2 WHERE document LIKE '%1';
\echo sales
CALL prn.expand();
SELECT what, wrong FROM prn.look;
-- Dimensions.
UPDATE salesperf.product SET brand = prn.pick('brand', 3) WHERE code IN ('pri1', 'pri4');
DELETE FROM salesperf.product WHERE code = 'pri5';
UPDATE salesperf.customer SET region = prn.pick('region', 3), sector = NULL WHERE code IN ('prc2', 'prc3');
INSERT INTO salesperf.customer VALUES ('prc9', NULL, 'sector1', 'region1', 'segment1');
UPDATE salesperf.product_family SET parent = 'fam3' WHERE code = 'fam2';
UPDATE salesperf.seller_unit SET valid_to = '2023-03-31' WHERE seller = 'prs1' AND valid_to IS NOT NULL;
UPDATE salesperf.seller_unit SET unit = 'pru2' WHERE seller = 'prs2';
INSERT INTO salesperf.seller_unit VALUES ('prs6', 'pru1', '2023-02-01', NULL);
UPDATE salesperf.unit_parent SET parent = 'pru3' WHERE unit = 'pru2';
\echo dimensions
CALL prn.expand();
SELECT what, wrong FROM prn.look;
CALL salesperf.refresh_measures();
CALL salesperf.fold();
\echo built again
CALL prn.expand();
SELECT what, wrong FROM prn.look;
-- Targets and agreements themselves.
UPDATE salesperf.agreement SET pooled = NOT pooled WHERE agreement_id % 3 = 0 AND agreement_id BETWEEN 995001 AND 995040;
UPDATE salesperf.agreement SET base = 'gross', state = 'active' WHERE agreement_id % 5 = 0 AND agreement_id BETWEEN 995001 AND 995040;
DELETE FROM salesperf.agreement_customer WHERE agreement_id BETWEEN 995001 AND 995040 AND customer = 'prc4';
UPDATE salesperf.target SET units = '{pru3}', sellers = NULL WHERE target_id % 4 = 0 AND target_id BETWEEN 995001 AND 995040;
\echo entered anew
CALL prn.expand();
SELECT what, wrong FROM prn.look;

DELETE FROM salesperf.target WHERE target_id BETWEEN 995001 AND 995040;
DELETE FROM salesperf.agreement WHERE agreement_id BETWEEN 995001 AND 995040;
DELETE FROM salesperf.order_split WHERE source = 'prn' OR document LIKE 'prn%';
DELETE FROM salesperf.order_line WHERE order_no LIKE 'prn%';
DELETE FROM salesperf.sales_order WHERE order_no LIKE 'prn%';
DELETE FROM salesperf.seller_unit WHERE seller LIKE 'prs%';
DELETE FROM salesperf.unit_parent WHERE unit LIKE 'pru%';
DELETE FROM salesperf.unit WHERE code LIKE 'pru%';
DELETE FROM salesperf.product WHERE code LIKE 'pri%';
DELETE FROM salesperf.product_family WHERE code LIKE 'fam%';
DELETE FROM salesperf.customer WHERE code LIKE 'prc%';
SELECT salesperf.detach_source('prn');
DROP SCHEMA prn CASCADE;
CALL salesperf.refresh_measures();
