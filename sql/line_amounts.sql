-- Amounts of lines, changed alone and with what they are matched by, in
-- documents of several lines: after each step every kept figure is what plain
-- SQL says.
SET client_min_messages = warning;
SELECT salesperf.setup() \g /dev/null

CREATE SCHEMA amounts;
CREATE TABLE amounts.header (id integer PRIMARY KEY, seller text, customer text, sold_on date);
CREATE TABLE amounts.line (
    id integer PRIMARY KEY, header integer, product text, pieces smallint, price bigint, rebate numeric, cost numeric, state text);
CREATE INDEX ON amounts.line (header);
SELECT salesperf.attach_source('amounts', lines => 'amounts.line', header => 'amounts.header', join_on => 'l.header = h.id',
    document => 'h.id', line => 'l.id', sold_on => 'h.sold_on', seller => 'h.seller', customer => 'h.customer', product => 'l.product',
    quantity => 'l.pieces', gross => 'l.price::numeric * l.pieces::numeric', net => 'l.price::numeric * l.pieces::numeric - l.rebate',
    cost => 'l.cost', counts => $$l.state IS DISTINCT FROM 'no'$$) \g /dev/null
INSERT INTO salesperf.product_family (code, parent) VALUES ('wood', NULL), ('oak', 'wood'), ('light', NULL);
INSERT INTO salesperf.product (code, brand, family) VALUES
    ('desk', 'x', 'oak'), ('shelf', 'y', 'wood'), ('lamp', 'x', 'light'), ('bare', NULL, NULL);
INSERT INTO salesperf.customer (code, sector) VALUES ('c1', 's1'), ('c2', 's2');
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers, customers, sectors, products, brands, families, exclude_families, sources)
SELECT format('amounts %s %s', f.name, m), m, '2020-01-01', f.ends_on::date, 1, f.sellers::text[], f.customers::text[], f.sectors::text[],
    f.products::text[], f.brands::text[], f.families::text[], f.no_families::text[], '{amounts}'
FROM unnest('{quantity,gross,net,margin}'::text[]) m, (VALUES
    ('all', '2020-12-31', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    ('a', '2020-05-31', '{a}', NULL, NULL, NULL, NULL, NULL, NULL),
    ('a desk', '2020-12-31', '{a,b}', NULL, NULL, '{desk,none}', NULL, NULL, NULL),
    ('c1', '2020-12-31', NULL, '{c1}', NULL, NULL, '{x}', NULL, NULL),
    ('s2', '2020-12-31', NULL, NULL, '{s2}', NULL, NULL, '{wood}', NULL),
    ('wood', '2020-05-31', NULL, NULL, NULL, NULL, NULL, '{wood}', NULL),
    ('no wood', '2020-12-31', '{a}', NULL, NULL, NULL, NULL, NULL, '{wood}')
) f (name, ends_on, sellers, customers, sectors, products, brands, families, no_families);
CALL salesperf.refresh_measures();

-- Amounts are what the mapping says of a line, if none is out of range; figures
-- are shown with four decimals.
CREATE VIEW amounts.sale AS
SELECT *
FROM (
    SELECT h.seller, h.customer, c.sector, h.sold_on, l.product, p.brand, f.families, l.pieces AS quantity, l.price::numeric * l.pieces AS gross,
        l.price::numeric * l.pieces - l.rebate AS net, l.cost
    FROM amounts.line l
    JOIN amounts.header h ON h.id = l.header
    LEFT JOIN salesperf.customer c ON c.code = h.customer
    LEFT JOIN salesperf.product p ON p.code = l.product
    LEFT JOIN LATERAL (
        WITH RECURSIVE above AS (
            SELECT p.family AS code
            UNION ALL SELECT x.parent FROM above a JOIN salesperf.product_family x ON x.code = a.code)
        SELECT array_agg(code) FILTER (WHERE code IS NOT NULL) AS families FROM above) f ON true
    WHERE l.state IS DISTINCT FROM 'no') s
WHERE coalesce(greatest(abs(quantity), abs(gross), abs(net), abs(cost)) <= 999999999999999.9999, true);
CREATE VIEW amounts.plain AS
SELECT t.target_id, round(coalesce(sum(CASE t.metric WHEN 'quantity' THEN s.quantity WHEN 'gross' THEN s.gross
    WHEN 'net' THEN s.net ELSE coalesce(s.net, 0) - s.cost END), 0), 4) AS actual
FROM salesperf.target t
LEFT JOIN amounts.sale s ON s.sold_on BETWEEN t.starts_on AND t.ends_on
    AND (t.sellers IS NULL OR s.seller = ANY (t.sellers)) AND (t.customers IS NULL OR s.customer = ANY (t.customers))
    AND (t.sectors IS NULL OR s.sector = ANY (t.sectors)) AND (t.products IS NULL OR s.product = ANY (t.products))
    AND (t.brands IS NULL OR s.brand = ANY (t.brands)) AND (t.families IS NULL OR s.families && t.families)
    AND (t.exclude_families IS NULL OR s.families && t.exclude_families IS NOT TRUE)
WHERE t.name LIKE 'amounts %'
GROUP BY t.target_id;
CREATE VIEW amounts.checked AS
SELECT count(*) FILTER (WHERE m.state = 'built' AND p.actual = t.actual) AS right,
       string_agg(t.name || ': ' || t.actual || ' <> ' || p.actual, ', ') FILTER (WHERE p.actual <> t.actual) AS wrong,
       (SELECT count(*) FROM salesperf.verify_totals()) AS differ,
       sum(t.actual) FILTER (WHERE t.name IN ('amounts all net', 'amounts a margin')) AS actuals
FROM amounts.plain p
JOIN salesperf.target_performance t USING (target_id)
JOIN salesperf.measure_state m USING (target_id);

INSERT INTO amounts.header VALUES
    (1, 'a', 'c1', '2020-05-05'), (2, 'b', 'c2', '2020-06-06'), (3, 'a', NULL, '2020-05-31'), (4, 'a', 'c2', '2021-01-01');
INSERT INTO amounts.line
SELECT 10 * h + n, h, (ARRAY['desk', 'shelf', 'lamp', 'bare', 'none', NULL])[n], n, 100 * h, n / 4.0, 7 FROM generate_series(1, 4) h, generate_series(1, 6) n;
TABLE amounts.checked;

-- Amounts alone, keys alone, and both in one statement.
UPDATE amounts.line SET price = price + 1, cost = cost / 2;
TABLE amounts.checked;
UPDATE amounts.line SET product = CASE product WHEN 'desk' THEN 'lamp' ELSE 'desk' END WHERE id % 2 = 0;
TABLE amounts.checked;
UPDATE amounts.line SET price = price * 3, product = CASE WHEN id % 3 = 0 THEN 'shelf' ELSE product END, header = CASE WHEN id % 5 = 0 THEN 1 ELSE header END;
TABLE amounts.checked;
-- What plays no part is no change: nothing is booked.
SELECT sum(pending) AS pending FROM salesperf.measure_state \gset before_
UPDATE amounts.line SET price = price + 1;
UPDATE amounts.line SET price = price - 1;
SELECT sum(pending) > :before_pending AS booked FROM salesperf.measure_state;
SELECT sum(pending) AS pending FROM salesperf.measure_state \gset before_
BEGIN;
UPDATE amounts.line SET price = price + 1;
UPDATE amounts.line SET price = price - 1;
COMMIT;
SELECT sum(pending) - :before_pending AS booked FROM salesperf.measure_state;

-- Several statements in one transaction, and savepoints.
BEGIN;
UPDATE amounts.line SET rebate = rebate + 0.01;
UPDATE amounts.line SET rebate = rebate * 2, product = 'desk' WHERE id < 20;
TABLE amounts.checked;
UPDATE amounts.line SET header = 2 WHERE id IN (12, 31);
DELETE FROM amounts.line WHERE id IN (11, 12, 33);
COMMIT;
TABLE amounts.checked;
BEGIN;
UPDATE amounts.line SET price = price + 5 WHERE header = 2;
SAVEPOINT s;
UPDATE amounts.line SET price = price + 7 WHERE header IN (2, 3);
UPDATE amounts.line SET product = 'bare' WHERE header = 3;
ROLLBACK TO s;
UPDATE amounts.line SET cost = cost + 1 WHERE header = 2;
COMMIT;
TABLE amounts.checked;
BEGIN;
SAVEPOINT s;
UPDATE amounts.line SET price = price + 11 WHERE header = 3;
RELEASE s;
UPDATE amounts.line SET price = price + 13 WHERE header = 3;
COMMIT;
TABLE amounts.checked;

-- Null amounts come and go; a margin is not known without its cost.
UPDATE amounts.line SET cost = NULL WHERE id % 2 = 0;
UPDATE amounts.line SET rebate = NULL, pieces = CASE WHEN id % 3 = 0 THEN NULL ELSE pieces END WHERE header = 2;
TABLE amounts.checked;
UPDATE amounts.line SET cost = 3, pieces = 2 WHERE id % 4 = 0;
UPDATE amounts.line SET rebate = 1, cost = 2 WHERE header = 2;
TABLE amounts.checked;

-- Lines that stop counting, and begin to, by their state or an amount.
UPDATE amounts.line SET state = 'no', price = price + 1 WHERE id % 2 = 0;
TABLE amounts.checked;
UPDATE amounts.line SET state = 'yes', price = price + 1;
UPDATE amounts.line SET state = CASE WHEN id % 3 = 0 THEN 'no' ELSE 'so' END;
TABLE amounts.checked;
UPDATE amounts.line SET price = 600000000000000 WHERE id IN (22, 32);
UPDATE amounts.line SET cost = 'NaN' WHERE id = 23;
UPDATE amounts.line SET cost = 1000000000000000 WHERE id = 24;
TABLE amounts.checked;
UPDATE amounts.line SET price = 1, cost = 999999999999999.9999, state = NULL;
TABLE amounts.checked;
UPDATE amounts.line SET cost = 0.00000000000000000000000001, rebate = 12345678901234.123456789012345678 WHERE id % 2 = 0;
TABLE amounts.checked;
UPDATE amounts.line SET price = 9223372036854775807, cost = 1;
UPDATE amounts.line SET price = 99999999999 * id, rebate = 1e-30;
TABLE amounts.checked;
UPDATE amounts.line SET price = id, rebate = 0, cost = 0.5;
TABLE amounts.checked;

-- Triggers of somebody else that change the row, and the line once more.
CREATE FUNCTION amounts.change_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.price := NEW.price + 1000;
    IF NEW.id % 3 = 0 THEN NEW.product := 'lamp'; END IF;
    IF NEW.id % 7 = 0 THEN RETURN NULL; END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION amounts.change_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN UPDATE amounts.line SET cost = cost + 1 WHERE header = NEW.header; END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER change_row BEFORE UPDATE ON amounts.line FOR EACH ROW EXECUTE FUNCTION amounts.change_row();
CREATE TRIGGER change_again AFTER UPDATE ON amounts.line FOR EACH ROW EXECUTE FUNCTION amounts.change_again();
UPDATE amounts.line SET rebate = 1 WHERE header <> 4;
TABLE amounts.checked;
DROP TRIGGER change_row ON amounts.line;
DROP TRIGGER change_again ON amounts.line;

-- So many lines that customers and products are kept while they are read, by
-- sessions that have met few measures or all.
INSERT INTO amounts.header SELECT 100 + i, CASE i % 3 WHEN 0 THEN 'a' WHEN 1 THEN 'b' END, 'c' || i % 4, date '2020-05-20' + i % 20
FROM generate_series(1, 60) i;
\c -
SET client_min_messages = warning;
INSERT INTO amounts.line
SELECT 1000 + 10 * h + n, 100 + h, (ARRAY['desk', 'shelf', 'lamp', 'bare', 'none', NULL])[1 + (h + n) % 6], n, h, 1, n
FROM generate_series(1, 60) h, generate_series(1, 5) n;
TABLE amounts.checked;
UPDATE salesperf.product SET brand = 'y' WHERE code = 'lamp';
INSERT INTO salesperf.product (code, brand, family) VALUES ('none', 'x', 'oak');
BEGIN;
UPDATE amounts.line SET price = price + 1, cost = cost + 1;
DELETE FROM salesperf.product WHERE code = 'bare';
UPDATE amounts.line SET product = 'lamp' WHERE id % 5 = 0;
COMMIT;
TABLE amounts.checked;
\c -
SET client_min_messages = warning;
UPDATE amounts.line SET price = price + 1 WHERE id BETWEEN 1000 AND 1300;
TABLE amounts.checked;
BEGIN ISOLATION LEVEL SERIALIZABLE;
UPDATE amounts.line SET price = price + 1, rebate = NULL;
COMMIT;
TABLE amounts.checked;
DELETE FROM amounts.line WHERE id > 1200;
DELETE FROM amounts.line WHERE id % 2 = 0;
TABLE amounts.checked;
DELETE FROM amounts.line;
TABLE amounts.checked;

SELECT salesperf.detach_source('amounts') \g /dev/null
DELETE FROM salesperf.target WHERE name LIKE 'amounts %';
DELETE FROM salesperf.product WHERE code IN ('desk', 'shelf', 'lamp', 'none');
DELETE FROM salesperf.product_family WHERE code IN ('oak', 'wood', 'light');
DELETE FROM salesperf.customer WHERE code IN ('c1', 'c2');
DROP SCHEMA amounts CASCADE;
