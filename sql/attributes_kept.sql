-- Attributes of products that a session keeps: what a statement that failed, or
-- was rolled back, had changed is not among them, whoever read it meanwhile.
SET client_min_messages = warning;
SELECT salesperf.setup() \g /dev/null
RESET client_min_messages;
CREATE SCHEMA atr;
CREATE TABLE atr.head (id integer PRIMARY KEY, seller text, day date);
CREATE TABLE atr.line (head integer, product text, net numeric);
CREATE INDEX ON atr.line (head);
CREATE INDEX ON atr.line (product);
SELECT salesperf.attach_source('atr', lines => 'atr.line', header => 'atr.head', join_on => 'l.head = h.id', document => 'h.id',
    sold_on => 'h.day', seller => 'h.seller', product => 'l.product', net => 'l.net') \g /dev/null
INSERT INTO salesperf.product (code, brand) SELECT 'atr p' || i, 'atr oak' FROM generate_series(1, 4) i;
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, brands) VALUES
    (960001, 'atr oak', 'net', '2020-01-01', '2020-12-31', 1, '{atr oak}'),
    (960002, 'atr sun', 'net', '2020-01-01', '2020-12-31', 1, '{atr sun}');
INSERT INTO atr.head VALUES (1, 'a', '2020-02-02');
CALL salesperf.refresh_measures();
-- Reads figures while the statement is under way, and refuses what they are.
CREATE FUNCTION atr.limited(brand text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sum(actual) > 0 FROM salesperf.target_performance WHERE name LIKE 'atr %') THEN
        RAISE EXCEPTION 'too much';
    END IF;
    RETURN brand;
END
$$;
CREATE FUNCTION atr.read_figures() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM sum(actual) FROM salesperf.target_performance WHERE name LIKE 'atr %';
    RETURN NULL;
END
$$;
CREATE VIEW atr.differing AS
SELECT name, actual, coalesce(sum, 0) AS plain
FROM salesperf.target_performance
LEFT JOIN (SELECT brand, sum(net) FROM atr.line JOIN salesperf.product ON product.code = line.product GROUP BY brand) s ON s.brand = name
WHERE name LIKE 'atr %'
ORDER BY 1;

-- A statement that fails.
BEGIN;
INSERT INTO atr.line VALUES (1, 'atr p1', 1);
UPDATE salesperf.product SET brand = 'atr sun' WHERE code = 'atr p1' RETURNING atr.limited(brand);
ROLLBACK;
INSERT INTO atr.line VALUES (1, 'atr p1', 1000);
SELECT * FROM atr.differing;
-- One that is rolled back to a savepoint, and a whole transaction.
CREATE TRIGGER read_figures AFTER UPDATE OR DELETE ON salesperf.product FOR EACH ROW EXECUTE FUNCTION atr.read_figures();
BEGIN;
INSERT INTO atr.line VALUES (1, 'atr p2', 1);
SAVEPOINT s;
UPDATE salesperf.product SET brand = 'atr sun' WHERE code = 'atr p2';
ROLLBACK TO s;
INSERT INTO atr.line VALUES (1, 'atr p2', 20);
COMMIT;
SELECT * FROM atr.differing;
BEGIN;
INSERT INTO atr.line VALUES (1, 'atr p3', 1);
DELETE FROM salesperf.product WHERE code = 'atr p3';
ROLLBACK;
INSERT INTO atr.line VALUES (1, 'atr p3', 300);
SELECT * FROM atr.differing;
-- And one that stays.
BEGIN;
INSERT INTO atr.line VALUES (1, 'atr p4', 4);
UPDATE salesperf.product SET brand = 'atr sun' WHERE code = 'atr p4';
INSERT INTO atr.line VALUES (1, 'atr p4', 40);
COMMIT;
SELECT * FROM atr.differing;
SELECT * FROM salesperf.verify_totals();

DELETE FROM salesperf.target WHERE target_id IN (960001, 960002);
SELECT salesperf.detach_source('atr') \g /dev/null
DROP TRIGGER read_figures ON salesperf.product;
DELETE FROM salesperf.product WHERE code LIKE 'atr %';
SET client_min_messages = warning;
DROP SCHEMA atr CASCADE;
