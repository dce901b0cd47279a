-- Documents in other currencies are read by the indexes of their tables: after
-- each step every kept figure is what plain SQL says, and no document was read
-- by a query.
SET client_min_messages = warning;
SELECT salesperf.setup() \g /dev/null

CREATE SCHEMA money;
CREATE TABLE money.receipt (id integer PRIMARY KEY, number integer, day date, seller text, currency varchar(3), rate numeric, net numeric, cost numeric);
CREATE INDEX ON money.receipt (number);
-- Currency and rate of each line; a currency without table exchange_rate's help; a rate alone.
SELECT salesperf.attach_source('money_line', lines => 'money.receipt', document => 'l.number', line => 'l.id', sold_on => 'l.day',
    seller => 'l.seller', net => 'l.net', cost => 'l.cost', currency => 'l.currency', rate => 'l.rate') \g /dev/null
CREATE TABLE money.invoice (number integer PRIMARY KEY, day date, seller text, factor numeric, total numeric);
CREATE TABLE money.item (id integer PRIMARY KEY, invoice integer, net numeric);
CREATE INDEX ON money.item (invoice);
SELECT salesperf.attach_source('money_rate', lines => 'money.item', header => 'money.invoice', join_on => 'l.invoice = h.number',
    document => 'h.number', line => 'l.id', sold_on => 'h.day', seller => 'h.seller', net => 'l.net', rate => '1 / nullif(h.factor, 0)') \g /dev/null
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers, products, sources) VALUES
    ('money order net', 'net', '2020-01-01', '2020-12-31', 1, NULL, NULL, '{order}'),
    ('money order gross', 'gross', '2020-01-01', '2020-12-31', 1, '{a,b}', NULL, '{order}'),
    ('money order margin', 'margin', '2020-01-01', '2020-12-31', 1, '{b}', '{p1,p2}', '{order}'),
    ('money order count', 'quantity', '2020-03-01', '2020-12-31', 1, '{a,b}', NULL, '{order}'),
    ('money contract', 'net', '2020-01-01', '2020-12-31', 1, NULL, NULL, '{contract}'),
    ('money line', 'net', '2020-01-01', '2020-12-31', 1, NULL, NULL, '{money_line}'),
    ('money line margin', 'margin', '2020-01-01', '2020-12-31', 1, '{a,b}', NULL, '{money_line}'),
    ('money rate', 'net', '2020-01-01', '2020-12-31', 1, NULL, NULL, '{money_rate}');
CALL salesperf.refresh_measures();

CREATE FUNCTION money.factor(currency text, day date) RETURNS numeric LANGUAGE sql AS $$
    SELECT CASE WHEN currency IS NULL OR currency = 'EUR' THEN 1
        ELSE (SELECT x.rate FROM salesperf.exchange_rate x WHERE x.currency = factor.currency AND x.valid_from <= day ORDER BY x.valid_from DESC LIMIT 1) END
$$;
CREATE VIEW money.sold AS
SELECT 'order' AS source, h.ordered_on AS day, h.seller, l.product, coalesce(l.quantity, 1) AS quantity,
    coalesce(l.gross, l.net, 0) * f AS gross, coalesce(l.net, 0) * f AS net, (coalesce(l.net, 0) - l.cost) * f AS margin
FROM salesperf.sales_order h JOIN salesperf.order_line l USING (order_no), money.factor(h.currency, h.ordered_on) f WHERE f IS NOT NULL AND h.status = 'confirmed'
UNION ALL
SELECT 'contract', h.signed_on, h.seller, NULL, 0, 0, coalesce(l.net, 0) * f, 0
FROM salesperf.contract h JOIN salesperf.contract_line l USING (contract_no), money.factor(h.currency, h.signed_on) f WHERE f IS NOT NULL AND h.status = 'confirmed'
UNION ALL
SELECT 'money_line', day, seller, NULL, 0, 0, coalesce(net, 0) * f, (coalesce(net, 0) - cost) * f
FROM money.receipt r, LATERAL (SELECT CASE WHEN r.rate > 0 AND r.rate < 'Infinity' THEN r.rate WHEN r.rate IS NULL THEN money.factor(r.currency, r.day) END) x (f)
WHERE f IS NOT NULL
UNION ALL
SELECT 'money_rate', h.day, h.seller, NULL, 0, 0, l.net * f, 0
FROM money.invoice h JOIN money.item l ON l.invoice = h.number, LATERAL (SELECT coalesce(1 / nullif(h.factor, 0), 1)) x (f) WHERE f > 0;
CREATE VIEW money.wrong AS
SELECT t.name, t.actual, p.actual AS plain, m.state
FROM salesperf.target g
JOIN salesperf.target_performance t USING (target_id)
JOIN salesperf.measure_state m USING (target_id),
LATERAL (
    SELECT coalesce(sum(CASE g.metric WHEN 'net' THEN s.net WHEN 'gross' THEN s.gross WHEN 'margin' THEN s.margin ELSE s.quantity END), 0) AS actual
    FROM money.sold s
    WHERE s.source = ANY (g.sources) AND s.day BETWEEN g.starts_on AND g.ends_on
      AND (g.sellers IS NULL OR s.seller = ANY (g.sellers)) AND (g.products IS NULL OR s.product = ANY (g.products))) p
WHERE g.name LIKE 'money%' AND (t.actual IS DISTINCT FROM round(p.actual, 4) OR m.state <> 'built');
-- Plans of this session that read documents.
CREATE VIEW money.read_by_query AS
SELECT count(*) AS plans FROM pg_backend_memory_contexts
WHERE name = 'CachedPlanSource' AND ident LIKE 'SELECT s.sold_on%ANY ($1)%' AND ident NOT LIKE '%k.sellers%';
CREATE VIEW money.checked AS
SELECT (SELECT count(*) FROM money.wrong) AS wrong, (SELECT count(*) FROM salesperf.verify_totals()) AS differ,
    (SELECT plans FROM money.read_by_query) AS plans,
    (SELECT string_agg(actual::float8::text, ' ' ORDER BY name) FROM salesperf.target_performance WHERE name LIKE 'money%') AS actuals;

-- Without a currency, in the reporting one, in one that has no rate yet, and in one that has.
INSERT INTO salesperf.exchange_rate VALUES ('USD', '2020-02-01', 0.5), ('USD', '2020-03-01', 0.25), ('JPY', '2020-02-01', 0.0081734);
INSERT INTO salesperf.sales_order (order_no, ordered_on, seller, currency) VALUES
    ('o1', '2020-03-05', 'a', NULL), ('o2', '2020-03-05', 'b', 'EUR'), ('o3', '2020-01-31', 'a', 'USD'), ('o4', '2020-02-29', 'b', 'USD'),
    ('o5', '2020-03-01', 'a', 'USD'), ('o6', NULL, 'a', 'USD'), ('o7', '2020-03-05', 'c', 'CHF'), ('o8', '2020-12-31', 'b', 'JPY');
INSERT INTO salesperf.order_line (order_no, line_no, product, quantity, gross, net, cost)
SELECT 'o' || i, j, 'p' || j, CASE WHEN j > 1 THEN j END, CASE WHEN j < 3 THEN 1000 * i + j END, 100 * i + j, CASE WHEN j <> 2 THEN 10 * i END
FROM generate_series(1, 8) i, generate_series(1, 3) j;
INSERT INTO salesperf.contract (contract_no, signed_on, currency) VALUES ('k1', '2020-02-01', 'USD');
INSERT INTO salesperf.contract_line (contract_no, line_no, net) VALUES ('k1', 1, 7), ('k1', 2, NULL);
TABLE money.checked;
INSERT INTO money.receipt VALUES
    (1, 1, '2020-03-05', 'a', NULL, NULL, 1, 1), (2, 1, '2020-03-05', 'a', 'EUR', NULL, 10, 2), (3, 1, '2020-01-05', 'b', 'USD', NULL, 100, 3),
    (4, 1, '2020-02-05', 'b', 'USD', NULL, 1000, 4), (5, 1, '2020-03-05', 'b', 'USD', 3, 10000, 5), (6, 1, '2020-03-05', 'b', NULL, 7, 100000, NULL),
    (7, 2, '2020-03-05', 'a', 'EUR', 0, 5, 1), (8, 2, '2020-03-05', 'a', 'EUR', 'NaN', 5, 1), (9, 2, '2020-03-05', 'a', NULL, 'Infinity', 5, 1),
    (10, 2, '2020-03-05', 'a', NULL, -1, 5, 1), (11, 3, 'infinity', 'a', 'USD', NULL, 5, 1), (12, 3, '-infinity', 'a', 'USD', NULL, 5, 1);
INSERT INTO money.invoice VALUES (1, '2020-01-01', 'a', 3, 5), (2, '2020-01-01', 'a', NULL, 5), (3, '2020-01-01', 'a', 0, 5), (4, '2020-01-01', 'a', -4, 5);
INSERT INTO money.item SELECT i, 1 + i % 4, 10 * i FROM generate_series(1, 9) i;
TABLE money.checked;

-- Currency, day, rate and amounts change; lines alone come, change and go.
UPDATE salesperf.sales_order SET currency = 'USD' WHERE order_no IN ('o1', 'o2');
UPDATE salesperf.sales_order SET ordered_on = '2020-02-02' WHERE order_no IN ('o1', 'o3');
TABLE money.checked;
UPDATE salesperf.sales_order SET currency = NULL WHERE order_no IN ('o1', 'o7');
UPDATE salesperf.order_line SET net = net + 1 WHERE line_no = 1;
DELETE FROM salesperf.order_line WHERE line_no = 3 AND order_no > 'o4';
INSERT INTO salesperf.order_line (order_no, line_no, product, net) VALUES ('o4', 4, 'p1', 4000), ('o3', 4, 'p2', 3000), ('o6', 4, 'p1', 1);
TABLE money.checked;
UPDATE money.receipt SET currency = 'JPY', net = net * 2 WHERE id IN (1, 3);
UPDATE money.receipt SET rate = NULL WHERE id IN (5, 7);
UPDATE money.invoice SET factor = 5 WHERE number = 4;
DELETE FROM money.item WHERE id > 7;
DELETE FROM salesperf.sales_order WHERE order_no = 'o8';
TABLE money.checked;
-- Columns that no expression uses are no change, those that lead to the rate are.
BEGIN;
UPDATE money.invoice SET total = 6;
UPDATE salesperf.sales_order SET branch = branch;
PREPARE TRANSACTION 'money';
SELECT count(*) AS booked FROM pg_locks WHERE relation = 'salesperf.writer'::regclass;
ROLLBACK PREPARED 'money';
BEGIN;
UPDATE money.receipt SET currency = 'JPY' WHERE id = 4;
PREPARE TRANSACTION 'money';
SELECT count(*) AS booked FROM pg_locks WHERE relation = 'salesperf.writer'::regclass;
COMMIT PREPARED 'money';
TABLE money.checked;

-- Rates and orders in one transaction, before and after the first rate.
BEGIN;
INSERT INTO salesperf.sales_order (order_no, ordered_on, seller, currency) VALUES ('r1', '2020-05-05', 'a', 'SEK'), ('r2', '2020-05-05', 'a', 'USD');
INSERT INTO salesperf.order_line (order_no, line_no, net) VALUES ('r1', 1, 50), ('r2', 1, 60);
TABLE money.checked;
INSERT INTO salesperf.exchange_rate VALUES ('SEK', '2020-05-05', 0.1), ('USD', '2020-05-01', 2);
INSERT INTO salesperf.order_line (order_no, line_no, net) VALUES ('r1', 2, 70), ('r2', 2, 80);
TABLE money.checked;
COMMIT;
TABLE money.checked;
BEGIN;
DELETE FROM salesperf.exchange_rate WHERE currency IN ('SEK', 'JPY');
UPDATE salesperf.exchange_rate SET valid_from = '2020-01-01' WHERE currency = 'USD' AND valid_from = '2020-03-01';
UPDATE salesperf.order_line SET net = net + 0.5 WHERE order_no LIKE 'r%';
COMMIT;
TABLE money.checked;

-- What savepoints take back.
BEGIN;
INSERT INTO salesperf.order_line (order_no, line_no, net) VALUES ('o1', 10, 1), ('o4', 10, 2);
SAVEPOINT s;
INSERT INTO salesperf.exchange_rate VALUES ('SEK', '2020-01-01', 100);
UPDATE salesperf.sales_order SET currency = 'SEK';
UPDATE salesperf.order_line SET net = 1;
ROLLBACK TO s;
INSERT INTO salesperf.order_line (order_no, line_no, net) VALUES ('o5', 10, 4);
SAVEPOINT s;
INSERT INTO salesperf.order_line (order_no, line_no, net) VALUES ('r2', 10, 8);
RELEASE s;
COMMIT;
TABLE money.checked;
SELECT count(*) FROM money.wrong;

-- At random, each transaction compared.
CREATE TABLE money.result (wrong integer);
CREATE PROCEDURE money.run(steps integer) LANGUAGE plpgsql AS $$
DECLARE
    i integer; k integer; c text; d date; a numeric;
    wrong integer := 0;
BEGIN
    FOR step IN 1 .. steps LOOP
        FOR op IN 1 .. 1 + floor(random() * 3) LOOP
            i := 1 + floor(random() * 8);
            k := 1 + floor(random() * 4);
            c := (ARRAY['EUR', 'USD', 'SEK', NULL])[1 + floor(random() * 4)];
            d := date '2020-01-01' + floor(random() * 366)::integer;
            a := round((random() * 1000)::numeric, 3);
            CASE floor(random() * 13)
                WHEN 0 THEN INSERT INTO salesperf.sales_order (order_no, ordered_on, seller, currency) VALUES ('o' || i, d, 'a', c) ON CONFLICT (order_no) DO UPDATE SET currency = c;
                WHEN 1 THEN UPDATE salesperf.sales_order SET ordered_on = d, currency = c WHERE order_no = 'o' || i;
                WHEN 2 THEN INSERT INTO salesperf.order_line (order_no, line_no, product, net, cost) VALUES ('o' || i, k, 'p' || k, a, a / 3) ON CONFLICT (order_no, line_no) DO UPDATE SET net = a;
                WHEN 3 THEN UPDATE salesperf.order_line SET net = net - a, gross = a WHERE order_no = 'o' || i;
                WHEN 4 THEN DELETE FROM salesperf.order_line WHERE line_no = k AND order_no < 'o' || i;
                WHEN 5 THEN INSERT INTO salesperf.exchange_rate VALUES (coalesce(nullif(c, 'EUR'), 'SEK'), d, 1 + a) ON CONFLICT (currency, valid_from) DO UPDATE SET rate = excluded.rate;
                WHEN 6 THEN UPDATE salesperf.exchange_rate SET valid_from = d WHERE currency = c AND rate < a AND valid_from = (SELECT min(x.valid_from) FROM salesperf.exchange_rate x WHERE x.currency = c)
                    AND NOT EXISTS (SELECT FROM salesperf.exchange_rate x WHERE x.valid_from = d);
                WHEN 7 THEN DELETE FROM salesperf.exchange_rate WHERE currency = c AND valid_from > d;
                WHEN 8 THEN INSERT INTO money.receipt SELECT 100 * i + g, k, d, 'b', c, CASE WHEN a < 200 THEN a END, a, 1 FROM generate_series(1, k) g ON CONFLICT (id) DO UPDATE SET currency = c, rate = NULL;
                WHEN 9 THEN UPDATE money.receipt SET number = k, day = d, net = a WHERE number = i;
                WHEN 10 THEN DELETE FROM money.receipt WHERE id % 7 = k;
                WHEN 11 THEN UPDATE money.invoice SET factor = a, seller = CASE WHEN a < 500 THEN 'a' ELSE 'c' END WHERE number = k;
                ELSE
                    BEGIN
                        UPDATE salesperf.order_line SET net = a + 1 WHERE line_no = k;
                        INSERT INTO money.item VALUES (i, k, a);
                    EXCEPTION WHEN unique_violation THEN NULL;
                    END;
            END CASE;
        END LOOP;
        COMMIT;
        wrong := wrong + (SELECT count(*) FROM money.wrong) + (SELECT count(*) FROM salesperf.verify_totals());
    END LOOP;
    INSERT INTO money.result VALUES (wrong);
END
$$;
SELECT setseed(0.37) \g /dev/null
CALL money.run(200);
SELECT r.wrong, count(*) FILTER (WHERE o.currency IS NULL) > 0 AS without, count(*) FILTER (WHERE o.currency = 'EUR') > 0 AS own,
    count(*) FILTER (WHERE o.currency IN ('USD', 'SEK')) > 2 AS others, (SELECT count(*) > 5 FROM salesperf.exchange_rate) AS rates
FROM money.result r, salesperf.sales_order o GROUP BY r.wrong;
TABLE money.read_by_query;

-- Where a rate can't be read without a query, it is read by one.
ALTER TABLE salesperf.exchange_rate ENABLE ROW LEVEL SECURITY;
INSERT INTO salesperf.order_line (order_no, line_no, net) VALUES ('o1', 20, 4);
TABLE money.read_by_query;
SELECT count(*) FROM money.wrong;
ALTER TABLE salesperf.exchange_rate DISABLE ROW LEVEL SECURITY;
INSERT INTO salesperf.order_line (order_no, line_no, net) VALUES ('o1', 21, 4);
SELECT count(*) FROM money.wrong;

-- No reporting currency, and one that is entered: not one that some total knows.
DELETE FROM salesperf.setting WHERE name = 'currency';
CALL salesperf.refresh_measures();
INSERT INTO salesperf.order_line (order_no, line_no, net) VALUES ('o2', 22, 4);
SELECT count(*) FROM salesperf.verify_totals();
INSERT INTO salesperf.setting (name, value) VALUES ('currency', 'USD');
SELECT count(*) FROM salesperf.verify_totals();
CALL salesperf.refresh_measures();
UPDATE salesperf.setting SET value = 'EUR' WHERE name = 'currency';
CALL salesperf.refresh_measures();
INSERT INTO salesperf.order_line (order_no, line_no, net) VALUES ('o2', 23, 4);
SELECT count(*) FROM money.wrong;

DELETE FROM salesperf.target WHERE name LIKE 'money%';
DELETE FROM salesperf.sales_order;
DELETE FROM salesperf.order_line;
DELETE FROM salesperf.contract;
DELETE FROM salesperf.contract_line;
DELETE FROM salesperf.exchange_rate;
SELECT salesperf.detach_source('money_line'), salesperf.detach_source('money_rate') \g /dev/null
DROP SCHEMA money CASCADE;
