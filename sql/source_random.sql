-- Random writes to six sources at once: look-ups, currencies, splits in tables
-- of their own and in order_split, parts, and the starter tables.  After each
-- step, before its commit and after it, every figure is compared with plain SQL
-- over the tables, with views sale and credit, and with its recomputation.
SET client_min_messages = warning;
CREATE SCHEMA rnd;

-- A flat table with a look-up and currencies.
CREATE TABLE rnd.customer (id integer PRIMARY KEY, name text, seller text, active boolean);
CREATE TABLE rnd.flat (id integer PRIMARY KEY, document integer, customer integer, seller text, currency text,
    day date, quantity numeric, net numeric, cost numeric);
CREATE INDEX ON rnd.flat (document);
CREATE INDEX ON rnd.flat (customer);
-- Documents apart from lines, split by a table that is joined as the lines are; and refunds.
CREATE TABLE rnd.head (id integer PRIMARY KEY, name text UNIQUE, customer text, seller text, day date, sold boolean);
CREATE TABLE rnd.line (id integer PRIMARY KEY, head integer, product text, quantity numeric, net numeric, cost numeric);
CREATE TABLE rnd.team (id integer PRIMARY KEY, head integer, kind text, seller text, percent numeric);
CREATE TABLE rnd.refund (id integer PRIMARY KEY, document text, seller text, day date, net numeric);
CREATE INDEX ON rnd.line (head);
CREATE INDEX ON rnd.team (head);
CREATE INDEX ON rnd.refund (document);
-- The same, joined by another column of the header.
CREATE TABLE rnd.deal (id integer PRIMARY KEY, code text, seller text, day date);
CREATE TABLE rnd.deal_line (id integer PRIMARY KEY, deal integer REFERENCES rnd.deal ON UPDATE CASCADE ON DELETE CASCADE, product text, net numeric);
CREATE TABLE rnd.deal_team (id integer PRIMARY KEY, code text, seller text, percent numeric);
CREATE INDEX ON rnd.deal (code);
CREATE INDEX ON rnd.deal_line (deal);
CREATE INDEX ON rnd.deal_team (code);
-- A flat table split by fixed amounts, or equally.
CREATE TABLE rnd.service (id integer PRIMARY KEY, document text, seller text, day date, net numeric);
CREATE TABLE rnd.commission (id integer PRIMARY KEY, document text, seller text, amount numeric);
CREATE INDEX ON rnd.service (document);
CREATE INDEX ON rnd.commission (document);

SELECT salesperf.attach_source('rnd_a', lines => 'rnd.flat', joins => ARRAY['rnd.customer c ON c.id = l.customer'],
    document => 'l.document', line => 'l.id', sold_on => 'l.day', customer => 'c.name', seller => 'coalesce(l.seller, c.seller)',
    quantity => 'l.quantity', net => 'l.net', gross => 'l.net + 1', cost => 'l.cost', currency => 'l.currency', counts => 'c.active'),
  salesperf.attach_source('rnd_b', lines => 'rnd.line', header => 'rnd.head', join_on => 'l.head = h.id',
    document => 'h.name', line => 'l.id', sold_on => 'h.day', customer => 'h.customer', seller => 'h.seller', product => 'l.product',
    quantity => 'l.quantity', net => 'l.net', cost => 'l.cost', counts => 'h.sold',
    splits => 'rnd.team', split_on => $$s.head = h.id AND s.kind = 'x'$$, split_seller => 's.seller', split_percent => 's.percent'),
  salesperf.attach_source('rnd_c', lines => 'rnd.deal_line', header => 'rnd.deal', join_on => 'l.deal = h.id',
    document => 'h.id', line => 'l.id', sold_on => 'h.day', seller => 'h.seller', product => 'l.product', net => 'l.net',
    splits => 'rnd.deal_team', split_on => 's.code = h.code', split_seller => 's.seller', split_percent => 's.percent'),
  salesperf.attach_source('rnd_d', lines => 'rnd.refund', document => 'l.document', line => $$'R' || l.id::text$$, sold_on => 'l.day',
    seller => 'l.seller', quantity => '0', net => '-l.net', part_of => 'rnd_b'),
  salesperf.attach_source('rnd_f', lines => 'rnd.service', document => 'l.document', line => 'l.id', sold_on => 'l.day',
    seller => 'l.seller', net => 'l.net',
    splits => 'rnd.commission', split_on => 's.document = l.document', split_seller => 's.seller', split_amount => 's.amount') \g /dev/null
INSERT INTO salesperf.sale_status VALUES ('rnd', true), ('rnd_not', false);

INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sellers, customers, products, sources)
SELECT 950600 + row_number() OVER (), 'rnd', t.metric, '2031-01-01', t.ends_on::date, 1, t.sellers::text[], t.customers::text[], t.products::text[], t.sources::text[]
FROM (VALUES
    ('net', '2031-12-31', '{s1}', NULL, NULL, NULL), ('net', '2031-12-31', '{s2}', NULL, NULL, NULL),
    ('net', '2031-12-31', '{s3}', NULL, NULL, NULL), ('margin', '2031-06-30', '{s4}', NULL, NULL, NULL),
    ('net', '2031-06-30', '{s1,s2}', NULL, NULL, NULL), ('gross', '2031-12-31', '{s1,s3}', NULL, NULL, NULL),
    ('margin', '2031-12-31', '{s2,s3,s4}', NULL, NULL, NULL), ('quantity', '2031-12-31', '{s1,s2,s3,s4}', NULL, NULL, NULL),
    ('net', '2031-12-31', NULL, '{c1,c2}', NULL, NULL), ('margin', '2031-12-31', '{s1}', '{c1}', NULL, NULL),
    ('quantity', '2031-12-31', NULL, NULL, '{p1,p2}', NULL), ('net', '2031-12-31', '{s2}', NULL, '{p1}', NULL),
    ('net', '2031-12-31', NULL, NULL, NULL, '{rnd_a}'), ('gross', '2031-12-31', NULL, NULL, NULL, '{rnd_b}'),
    ('net', '2031-12-31', '{s1}', NULL, NULL, '{rnd_b}'), ('net', '2031-12-31', NULL, NULL, NULL, '{rnd_c,order}'),
    ('net', '2031-12-31', '{s3}', NULL, NULL, '{rnd_c}'), ('net', '2031-12-31', '{s2}', NULL, NULL, '{rnd_f}'),
    ('gross', '2031-12-31', '{s3}', NULL, NULL, '{rnd_f}'), ('net', '2031-12-31', '{s4}', NULL, NULL, '{order}'),
    ('margin', '2031-12-31', NULL, NULL, NULL, NULL), ('net', '2031-12-31', NULL, NULL, NULL, NULL))
    AS t (metric, ends_on, sellers, customers, products, sources);

-- What was sold, by plain SQL.
CREATE VIEW rnd.sold AS
SELECT 'rnd_a' AS source, f.document::text, f.day, c.name AS customer, coalesce(f.seller, c.seller) AS seller, NULL AS product,
    coalesce(f.quantity, 0) AS quantity, coalesce(f.net + 1, 0) * r.rate AS gross, coalesce(f.net, 0) * r.rate AS net, f.cost * r.rate AS cost
FROM rnd.flat f
JOIN rnd.customer c ON c.id = f.customer AND c.active,
LATERAL (SELECT CASE WHEN f.currency IS NULL OR f.currency = 'EUR' THEN 1 ELSE (
    SELECT x.rate FROM salesperf.exchange_rate x WHERE x.currency = f.currency AND x.valid_from <= f.day ORDER BY x.valid_from DESC LIMIT 1) END) AS r (rate)
WHERE r.rate IS NOT NULL AND f.document IS NOT NULL AND f.day IS NOT NULL
UNION ALL
SELECT 'rnd_b', h.name, h.day, h.customer, h.seller, l.product, coalesce(l.quantity, 0), coalesce(l.net, 0), coalesce(l.net, 0), l.cost
FROM rnd.line l JOIN rnd.head h ON h.id = l.head
WHERE h.sold AND h.name IS NOT NULL AND h.day IS NOT NULL
UNION ALL
SELECT 'rnd_c', h.id::text, h.day, NULL, h.seller, l.product, 1, coalesce(l.net, 0), coalesce(l.net, 0), NULL
FROM rnd.deal_line l JOIN rnd.deal h ON h.id = l.deal
WHERE h.day IS NOT NULL
UNION ALL
SELECT 'rnd_b', r.document, r.day, NULL, r.seller, NULL, 0, -coalesce(r.net, 0), -coalesce(r.net, 0), NULL
FROM rnd.refund r
WHERE r.document IS NOT NULL AND r.day IS NOT NULL
UNION ALL
SELECT 'rnd_f', s.document, s.day, NULL, s.seller, NULL, 1, coalesce(s.net, 0), coalesce(s.net, 0), NULL
FROM rnd.service s
WHERE s.document IS NOT NULL AND s.day IS NOT NULL
UNION ALL
SELECT 'order', h.order_no, h.ordered_on, h.customer, h.seller, l.product, coalesce(l.quantity, 1),
    coalesce(l.gross, l.net, 0) * r.rate, coalesce(l.net, 0) * r.rate, l.cost * r.rate
FROM salesperf.order_line l
JOIN salesperf.sales_order h USING (order_no)
JOIN salesperf.sale_status t ON t.status = h.status AND t.counts,
LATERAL (SELECT CASE WHEN h.currency IS NULL OR h.currency = 'EUR' THEN 1 ELSE (
    SELECT x.rate FROM salesperf.exchange_rate x WHERE x.currency = h.currency AND x.valid_from <= h.ordered_on ORDER BY x.valid_from DESC LIMIT 1) END) AS r (rate)
WHERE r.rate IS NOT NULL AND h.ordered_on IS NOT NULL;

-- The splits of each document: order_split, or else the table of its source.
CREATE VIEW rnd.split AS
SELECT o.source, o.document, o.seller, o.percent, o.amount, o.overlay FROM salesperf.order_split o
UNION ALL
SELECT c.source, c.document, c.seller, c.percent, c.amount, false
FROM (
    SELECT 'rnd_b' AS source, h.name AS document, t.seller, t.percent, NULL::numeric AS amount
    FROM rnd.team t JOIN rnd.head h ON h.id = t.head
    WHERE t.kind = 'x' AND EXISTS (SELECT FROM rnd.line l WHERE l.head = h.id)
    UNION ALL
    SELECT 'rnd_c', h.id::text, t.seller, t.percent, NULL
    FROM rnd.deal_team t JOIN rnd.deal h ON h.code = t.code
    UNION ALL
    SELECT 'rnd_f', m.document, m.seller, NULL, m.amount
    FROM rnd.commission m) AS c
WHERE NOT EXISTS (SELECT FROM salesperf.order_split o WHERE o.source = c.source AND o.document = c.document);

-- Shares as docs/splits.md has them.
CREATE VIEW rnd.share AS
WITH valid AS (
    SELECT s.source, s.document, s.seller, s.percent, CASE WHEN s.percent IS NULL THEN abs(s.amount) END AS amount, s.overlay,
        abs((SELECT sum(d.net) FROM rnd.sold d WHERE d.source = s.source AND d.document = s.document)) AS net
    FROM rnd.split s
    WHERE s.seller IS NOT NULL AND (s.percent IS NULL OR (s.percent >= 0 AND s.percent < 'Infinity'))
      AND (s.amount IS NULL OR (s.amount > '-Infinity' AND s.amount < 'Infinity'))
), summed AS (
    SELECT v.*, count(*) OVER w AS number, count(v.percent) OVER w + count(v.amount) OVER w = 0 AS equal,
        CASE WHEN v.overlay THEN 100 ELSE greatest(100, sum(v.percent) OVER w) END AS base,
        coalesce(sum(v.percent) OVER w, 0) AS percents,
        coalesce(sum(v.amount) OVER (PARTITION BY v.source, v.document, v.overlay ORDER BY v.seller COLLATE "C"
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
    FROM valid v
    WINDOW w AS (PARTITION BY v.source, v.document, v.overlay)
)
SELECT s.source, s.document, s.seller, s.overlay, CASE
        WHEN s.equal THEN 1::numeric(30,25) / s.number
        WHEN s.percent IS NOT NULL THEN s.percent::numeric(40,25) / s.base
        WHEN s.amount IS NULL OR coalesce(s.net, 0) = 0 THEN 0
        WHEN s.overlay THEN least(s.amount, s.net)::numeric(40,25) / s.net
        ELSE greatest(0, least(s.amount, s.net * (1 - s.percents::numeric(40,25) / s.base) - s.before))::numeric(40,25) / s.net
    END AS part
FROM summed s;

CREATE VIEW rnd.expected AS
WITH sold AS MATERIALIZED (
    SELECT * FROM rnd.sold
), share AS MATERIALIZED (
    SELECT * FROM rnd.share
), credit AS MATERIALIZED (
    SELECT s.*, h.seller AS credited, h.part FROM sold s JOIN share h USING (source, document)
    UNION ALL
    SELECT s.*, s.seller,
        1 - coalesce((SELECT sum(h.part) FROM share h WHERE NOT h.overlay AND h.source = s.source AND h.document = s.document), 0)
    FROM sold s
)
SELECT t.target_id, coalesce(sum(CASE t.metric WHEN 'quantity' THEN c.quantity WHEN 'gross' THEN c.gross WHEN 'net' THEN c.net
    ELSE c.net - c.cost END * c.part), 0) AS actual
FROM salesperf.target t
LEFT JOIN (SELECT true AS credits, c.* FROM credit c UNION ALL SELECT false, s.*, s.seller, 1 FROM sold s) AS c
    ON c.credits = (t.sellers IS NOT NULL) AND c.day BETWEEN t.starts_on AND t.ends_on
    AND (t.sellers IS NULL OR c.credited = ANY (t.sellers)) AND (t.customers IS NULL OR c.customer = ANY (t.customers))
    AND (t.products IS NULL OR c.product = ANY (t.products)) AND (t.sources IS NULL OR c.source = ANY (t.sources))
WHERE t.name = 'rnd'
GROUP BY 1;

-- The same from the common views, whose amounts have four decimals.
CREATE VIEW rnd.shown AS
WITH shown AS MATERIALIZED (
    SELECT true AS credits, c.source, c.sold_on, c.customer, c.seller, c.product, c.quantity, c.gross, c.net, c.margin
    FROM salesperf.credit c WHERE c.counts AND c.sold_on >= '2031-01-01'
    UNION ALL
    SELECT false, s.source, s.sold_on, s.customer, s.seller, s.product, s.quantity, s.gross, s.net, s.margin
    FROM salesperf.sale s WHERE s.counts AND s.sold_on >= '2031-01-01'
)
SELECT t.target_id, coalesce(sum(CASE t.metric WHEN 'quantity' THEN c.quantity WHEN 'gross' THEN c.gross WHEN 'net' THEN c.net ELSE c.margin END), 0) AS actual
FROM salesperf.target t
LEFT JOIN shown c ON c.credits = (t.sellers IS NOT NULL) AND c.sold_on <= t.ends_on
    AND (t.sellers IS NULL OR c.seller = ANY (t.sellers)) AND (t.customers IS NULL OR c.customer = ANY (t.customers))
    AND (t.products IS NULL OR c.product = ANY (t.products)) AND (t.sources IS NULL OR c.source = ANY (t.sources))
WHERE t.name = 'rnd'
GROUP BY 1;

CREATE TABLE rnd.wrong (step integer, done text, read text, target_id bigint, figure numeric, expected numeric);
CREATE TABLE rnd.log (step integer, op integer, failed text);
CREATE TABLE rnd.state (built integer, live integer);

CREATE FUNCTION rnd.compare(step integer, done text, views boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rnd.wrong
    SELECT step, done, 'plain', e.target_id, salesperf.measure_figure(m.scope), e.actual
    FROM rnd.expected e JOIN salesperf.target_measure m USING (target_id)
    WHERE (abs(salesperf.measure_figure(m.scope) - e.actual) < 0.00000001) IS NOT TRUE;
    INSERT INTO rnd.wrong
    SELECT step, done, 'recomputed', v.measure_id, v.kept, v.recomputed FROM salesperf.verify_totals() v;
    IF views THEN
        INSERT INTO rnd.wrong
        SELECT step, done, 'shown', e.target_id, salesperf.measure_figure(m.scope), e.actual
        FROM rnd.shown e JOIN salesperf.target_measure m USING (target_id)
        WHERE (abs(salesperf.measure_figure(m.scope) - e.actual) < 0.01) IS NOT TRUE;
    END IF;
END
$$;

-- One write; every random draw is made before it, so that each step is the same in every run.
CREATE FUNCTION rnd.write(op integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    i integer := 1 + (random() * 5)::int;
    j integer := 1 + (random() * 5)::int;
    n integer := 1 + (random() * 19)::int;
    k text := 's' || 1 + (random() * 3)::int;
    own text := CASE WHEN random() < 0.8 THEN 's' || 1 + (random() * 3)::int END;
    a numeric := round((random() * 400 - 100)::numeric, 2);
    p numeric := (ARRAY[10, 20, 25, 33.33, 40, 50, 60, 100])[1 + (random() * 7)::int];
    d date := date '2031-01-01' + (random() * 364)::int;
    c text := (ARRAY['EUR', 'USD', 'SEK', NULL])[1 + (random() * 3)::int];
    g text := (ARRAY['rnd_a', 'rnd_b', 'rnd_b', 'rnd_c', 'rnd_f', 'order'])[1 + (random() * 5)::int];
    e text;
BEGIN
    e := CASE g WHEN 'rnd_a' THEN i::text WHEN 'rnd_b' THEN 'B' || i WHEN 'rnd_c' THEN i::text WHEN 'rnd_f' THEN 'F' || i ELSE 'R' || i END;
    CASE op
    WHEN 1 THEN INSERT INTO rnd.flat VALUES (n, i, j, own, c, d, 1, a, a / 2) ON CONFLICT (id) DO UPDATE SET net = excluded.net, document = excluded.document;
    WHEN 2 THEN UPDATE rnd.flat SET customer = i, seller = own, cost = CASE WHEN a > 0 THEN a END WHERE id BETWEEN n AND n + 2;
    WHEN 3 THEN DELETE FROM rnd.flat WHERE id = n OR document = i;
    WHEN 4 THEN UPDATE rnd.flat SET document = j, currency = c, day = d WHERE document = i;
    WHEN 5 THEN MERGE INTO rnd.flat f USING (SELECT g.g FROM generate_series(n, n + 3) g) v ON f.id = v.g
        WHEN MATCHED AND f.net > 200 THEN DELETE WHEN MATCHED THEN UPDATE SET net = f.net + a, quantity = 2
        WHEN NOT MATCHED THEN INSERT VALUES (v.g, i, j, own, c, d, 3, a, NULL);
    WHEN 6 THEN INSERT INTO rnd.customer VALUES (i, 'c' || j, own, a > -50) ON CONFLICT (id) DO UPDATE SET seller = excluded.seller, active = excluded.active;
    WHEN 7 THEN UPDATE rnd.customer SET name = 'c' || i, seller = k WHERE id <= j;
    WHEN 8 THEN UPDATE rnd.customer SET id = id + 1 WHERE id = i AND NOT EXISTS (SELECT FROM rnd.customer x WHERE x.id = i + 1);
    WHEN 9 THEN DELETE FROM rnd.customer WHERE id = i;
    WHEN 10 THEN INSERT INTO salesperf.exchange_rate VALUES (coalesce(nullif(c, 'EUR'), 'USD'), d, 0.5 + i / 7.0)
        ON CONFLICT (currency, valid_from) DO UPDATE SET rate = excluded.rate;
    WHEN 11 THEN UPDATE salesperf.exchange_rate SET valid_from = d WHERE currency = c AND valid_from < d AND rate > i / 6.0;
    WHEN 12 THEN DELETE FROM salesperf.exchange_rate WHERE valid_from > d;
    WHEN 13 THEN INSERT INTO rnd.head VALUES (i, 'B' || j, 'c' || j, own, d, true) ON CONFLICT DO NOTHING;
    WHEN 14 THEN INSERT INTO rnd.line SELECT n + g.g, i, 'p' || j, g.g, a + g.g, CASE WHEN a > 0 THEN a / 3 END FROM generate_series(0, j) g ON CONFLICT DO NOTHING;
    WHEN 15 THEN UPDATE rnd.head SET seller = own, sold = a > -80, day = d WHERE id = i;
    WHEN 16 THEN UPDATE rnd.head SET name = 'B' || 10 + n WHERE id = i;
    WHEN 17 THEN UPDATE rnd.head SET name = 'B' || i, id = 7 - id WHERE id IN (j, 7 - j) AND name <> 'B' || j;
    WHEN 18 THEN UPDATE rnd.line SET head = j, net = net + 1 WHERE head = i AND id % 2 = 0;
    WHEN 19 THEN DELETE FROM rnd.line WHERE id BETWEEN n AND n + j;
    WHEN 20 THEN DELETE FROM rnd.head WHERE id = i;
    WHEN 21 THEN INSERT INTO rnd.team VALUES (n, i, CASE WHEN a > -50 THEN 'x' ELSE 'y' END, own, CASE WHEN a > 0 THEN p END) ON CONFLICT (id) DO UPDATE SET percent = p;
    WHEN 22 THEN UPDATE rnd.team SET head = j, seller = k, kind = 'x' WHERE head = i;
    WHEN 23 THEN UPDATE rnd.team SET percent = (ARRAY['NaN', 'Infinity', '-5', '150', NULL, '10'])[i]::numeric WHERE id BETWEEN n AND n + 1;
    WHEN 24 THEN DELETE FROM rnd.team WHERE id BETWEEN n AND n + 4;
    WHEN 25 THEN INSERT INTO rnd.refund VALUES (n, 'B' || i, own, d, a / 4) ON CONFLICT (id) DO UPDATE SET document = 'B' || j, day = d;
    WHEN 26 THEN UPDATE rnd.refund SET net = net + 1, seller = k WHERE document = 'B' || i;
    WHEN 27 THEN DELETE FROM rnd.refund WHERE id BETWEEN n AND n + 3;
    WHEN 28 THEN INSERT INTO rnd.deal VALUES (i, 'k' || j, own, d) ON CONFLICT (id) DO UPDATE SET code = excluded.code;
    WHEN 29 THEN INSERT INTO rnd.deal_line SELECT n + g.g, i, 'p' || j, a * g.g FROM generate_series(1, j) g ON CONFLICT (id) DO UPDATE SET net = excluded.net;
    WHEN 30 THEN UPDATE rnd.deal SET id = j + 10 - id WHERE id = i;
    WHEN 31 THEN UPDATE rnd.deal SET seller = own, code = 'k' || j, day = d WHERE id = i OR code = 'k' || i;
    WHEN 32 THEN DELETE FROM rnd.deal WHERE id = i AND a < 100;
    WHEN 33 THEN INSERT INTO rnd.deal_team VALUES (n, 'k' || i, k, p) ON CONFLICT (id) DO UPDATE SET seller = excluded.seller, percent = excluded.percent;
    WHEN 34 THEN UPDATE rnd.deal_team SET code = 'k' || j WHERE code = 'k' || i;
    WHEN 35 THEN DELETE FROM rnd.deal_team WHERE id BETWEEN n AND n + 3;
    WHEN 36 THEN INSERT INTO rnd.service SELECT n + g.g, 'F' || i, own, d, a + 50 * g.g FROM generate_series(0, 2) g ON CONFLICT (id) DO UPDATE SET net = rnd.service.net - 7, document = 'F' || j;
    WHEN 37 THEN UPDATE rnd.service SET net = -net WHERE document = 'F' || i;
    WHEN 38 THEN DELETE FROM rnd.service WHERE id BETWEEN n AND n + i;
    WHEN 39 THEN INSERT INTO rnd.commission VALUES (n, 'F' || i, k, CASE WHEN a > -60 THEN a / 2 END) ON CONFLICT (id) DO UPDATE SET amount = NULL;
    WHEN 40 THEN UPDATE rnd.commission SET document = 'F' || j, amount = (ARRAY[amount, NULL, 30, 'NaN'])[1 + i / 2] WHERE document = 'F' || i;
    WHEN 41 THEN DELETE FROM rnd.commission WHERE id BETWEEN n AND n + 4;
    WHEN 42 THEN INSERT INTO salesperf.order_split (source, document, seller, percent, overlay) VALUES (g, e, k, p, a < -50);
    WHEN 43 THEN INSERT INTO salesperf.order_split (source, document, seller, amount, overlay) VALUES (g, e, k, abs(a) / 3, a < -50);
    WHEN 44 THEN UPDATE salesperf.order_split SET source = g, document = e WHERE split_id = (SELECT min(s.split_id) FROM salesperf.order_split s WHERE s.seller = k);
    WHEN 45 THEN UPDATE salesperf.order_split SET percent = p / 2, amount = NULL, seller = k WHERE source = g AND document = e;
    WHEN 46 THEN DELETE FROM salesperf.order_split WHERE document = e;
    WHEN 47 THEN DELETE FROM salesperf.order_split WHERE amount IS NOT NULL AND source = g;
    WHEN 48 THEN INSERT INTO salesperf.sales_order (order_no, ordered_on, customer, seller, status, currency)
        VALUES ('R' || i, d, 'c' || j, own, CASE WHEN a > -80 THEN 'rnd' ELSE 'rnd_not' END, c) ON CONFLICT (order_no) DO UPDATE SET seller = excluded.seller;
    WHEN 49 THEN INSERT INTO salesperf.order_line SELECT 'R' || i, g.g, 'p' || g.g, CASE WHEN a > 0 THEN 2 END, NULL, a + g.g, a / 5 FROM generate_series(1, j) g
        ON CONFLICT (order_no, line_no) DO UPDATE SET net = excluded.net, gross = excluded.net + 1;
    WHEN 50 THEN UPDATE salesperf.sales_order SET status = CASE WHEN a > 0 THEN 'rnd' ELSE 'rnd_not' END, order_no = 'R' || j, currency = c WHERE order_no = 'R' || i;
    WHEN 51 THEN DELETE FROM salesperf.sales_order WHERE order_no = 'R' || i;
    WHEN 52 THEN UPDATE salesperf.order_line SET order_no = 'R' || j, line_no = line_no + 10 WHERE order_no = 'R' || i AND line_no = 1;
    WHEN 53 THEN UPDATE salesperf.sale_status SET counts = NOT counts WHERE status LIKE 'rnd%' AND a < 50;
    END CASE;
END
$$;

-- Writes, most of which count while some are rolled back to a savepoint; each is read before and after the commit.
CREATE PROCEDURE rnd.run(steps integer) LANGUAGE plpgsql AS $$
DECLARE
    done text;
    op integer;
    undo boolean;
    fails text;
BEGIN
    FOR step IN 1 .. steps LOOP
        done := '';
        FOR i IN 1 .. 1 + (random() * 3)::int LOOP
            op := 1 + floor(random() * 53)::int;
            undo := random() < 0.15;
            fails := NULL;
            BEGIN
                PERFORM rnd.write(op);
                SET CONSTRAINTS ALL IMMEDIATE;
                IF undo THEN
                    RAISE SQLSTATE 'RND00';
                END IF;
            EXCEPTION WHEN check_violation OR unique_violation OR foreign_key_violation OR SQLSTATE 'RND00' THEN
                fails := SQLSTATE;
            END;
            SET CONSTRAINTS ALL DEFERRED;
            done := done || ' ' || op || coalesce('(' || fails || ')', '');
            INSERT INTO rnd.log VALUES (step, op, fails);
        END LOOP;
        IF step % 3 = 0 THEN
            PERFORM rnd.compare(step, done || ' not committed', false);
        END IF;
        COMMIT;
        PERFORM rnd.compare(step, done, step % 4 = 0);
        INSERT INTO rnd.state SELECT count(*) FILTER (WHERE s.state = 'built'), count(*) FILTER (WHERE s.state <> 'built')
        FROM salesperf.measure_state s JOIN salesperf.target t USING (target_id) WHERE t.name = 'rnd';
        COMMIT;
        IF step % 5 = 0 THEN
            CALL salesperf.refresh_measures();
        ELSIF step % 7 = 0 THEN
            CALL salesperf.fold();
        END IF;
        COMMIT;
    END LOOP;
END
$$;
CALL salesperf.refresh_measures();
SELECT setseed(0.4242) \g /dev/null
CALL rnd.run(300);

SELECT * FROM rnd.wrong ORDER BY step, done, read, target_id LIMIT 20;
SELECT sum(built) > 3 * sum(live) AS mostly_built, sum(live) > 0 AS sometimes_live FROM rnd.state;
SELECT count(DISTINCT op) AS kinds, count(*) FILTER (WHERE failed = 'RND00') > 20 AS undone, count(*) FILTER (WHERE failed IS NULL) > 400 AS done FROM rnd.log;
CALL salesperf.refresh_measures();
SELECT rnd.compare(0, 'end', true) \g /dev/null
SELECT count(*) FROM rnd.wrong WHERE step = 0;

SELECT salesperf.detach_source('rnd_d'), salesperf.detach_source('rnd_a'), salesperf.detach_source('rnd_b'),
    salesperf.detach_source('rnd_c'), salesperf.detach_source('rnd_f') \g /dev/null
DELETE FROM salesperf.target WHERE name = 'rnd';
DELETE FROM salesperf.order_split;
DELETE FROM salesperf.sales_order;
DELETE FROM salesperf.sale_status WHERE status LIKE 'rnd%';
DELETE FROM salesperf.exchange_rate;
DROP SCHEMA rnd CASCADE;
CALL salesperf.refresh_measures();
