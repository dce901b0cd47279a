-- Workers read the sources; what is matched is the same.
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET min_parallel_index_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
CREATE SCHEMA par;
CREATE TABLE par.orders (id integer PRIMARY KEY, customer text, seller text, day date);
CREATE TABLE par.line (id integer PRIMARY KEY, order_id integer, product text, net numeric);
CREATE INDEX ON par.line (order_id);
INSERT INTO par.orders SELECT n, 'pc' || n % 7, 'ps' || n % 5, '2021-01-01'::date + n % 365 FROM generate_series(1, 2000) AS n;
INSERT INTO par.line SELECT n, 1 + n % 2000, 'pp' || n % 11, n % 100 + 0.25 FROM generate_series(1, 8000) AS n;
INSERT INTO salesperf.customer (code, region) SELECT 'pc' || n, 'par' || n % 2 FROM generate_series(0, 6) AS n;
INSERT INTO salesperf.product_family (code, parent) VALUES ('par', NULL), ('par0', 'par'), ('par1', 'par');
INSERT INTO salesperf.product (code, brand, family) SELECT 'pp' || n, 'parb' || n % 3, 'par' || n % 2 FROM generate_series(0, 9) AS n;
INSERT INTO salesperf.unit (code, kind) VALUES ('par team', 'team'), ('par region', 'region');
INSERT INTO salesperf.unit_parent (unit, parent, valid_from) VALUES ('par team', 'par region', '2000-01-01');
INSERT INTO salesperf.seller_unit (seller, unit, valid_from) VALUES ('ps1', 'par team', '2000-01-01'), ('ps2', 'par team', '2021-07-01');
SELECT salesperf.attach_source('par', lines => 'par.line', header => 'par.orders', join_on => 'l.order_id = h.id', document => 'h.id', sold_on => 'h.day',
    customer => 'h.customer', seller => 'h.seller', product => 'l.product', net => 'l.net');
ANALYZE par.orders, par.line;
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers, units, regions, families, brands) VALUES
    ('par all', 'net', '2021-01-01', '2021-12-31', 1, NULL, NULL, NULL, NULL, NULL),
    ('par seller', 'net', '2021-01-01', '2021-06-30', 1, '{ps1,ps3}', NULL, NULL, NULL, NULL),
    ('par unit', 'net', '2021-01-01', '2021-12-31', 1, NULL, '{par region}', NULL, NULL, NULL),
    ('par region', 'net', '2021-01-01', '2021-12-31', 1, NULL, NULL, '{par1}', NULL, NULL),
    ('par family', 'net', '2021-01-01', '2021-12-31', 1, NULL, NULL, NULL, '{par}', '{parb1}');

-- That workers do read them.
CREATE FUNCTION par.plan() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    FOR line IN EXPLAIN SELECT customer, net FROM salesperf.source_par WHERE counts LOOP
        IF line ~ 'Gather' THEN
            RETURN true;
        END IF;
    END LOOP;
    RETURN false;
END
$$;
SELECT par.plan() AS parallel;

CREATE VIEW par.checked AS
SELECT p.name, p.actual, round(x.plain, 4) AS plain
FROM salesperf.target_performance p
JOIN LATERAL (
    SELECT sum(l.net) AS plain FROM par.line l JOIN par.orders o ON o.id = l.order_id
    WHERE CASE p.name
        WHEN 'par all' THEN true
        WHEN 'par seller' THEN o.seller IN ('ps1', 'ps3') AND o.day <= '2021-06-30'
        WHEN 'par unit' THEN o.seller = 'ps1' OR (o.seller = 'ps2' AND o.day >= '2021-07-01')
        WHEN 'par region' THEN o.customer IN ('pc1', 'pc3', 'pc5')
        WHEN 'par family' THEN l.product IN ('pp1', 'pp4', 'pp7') END) AS x ON true
WHERE p.name LIKE 'par %';
SELECT *, actual = plain AS right FROM par.checked ORDER BY name;

-- This transaction's own changes, in a later snapshot and an older one.
BEGIN;
UPDATE par.orders SET seller = 'ps1' WHERE id % 10 = 0;
DELETE FROM par.line WHERE id % 9 = 0;
SELECT name, actual = plain AS right FROM par.checked ORDER BY name;
SAVEPOINT a;
UPDATE salesperf.seller_unit SET unit = 'par region' WHERE seller = 'ps2';
UPDATE par.line SET net = net * 2;
SELECT name, actual = plain AS right FROM par.checked ORDER BY name;
ROLLBACK TO a;
SELECT name, actual = plain AS right FROM par.checked ORDER BY name;
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT name, actual = plain AS right FROM par.checked ORDER BY name;
COMMIT;
CALL salesperf.refresh_measures();
SELECT name, actual = plain AS right FROM par.checked ORDER BY name;
SELECT * FROM salesperf.verify_totals();

-- An expression that reads figures is refused in a worker, too.
CREATE FUNCTION par.nested(net numeric) RETURNS numeric LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN net + salesperf.measure_figure(salesperf.measure_scope('net', '2021-01-01', '2021-12-31'));
END
$$;
SELECT salesperf.attach_source('par', lines => 'par.line', header => 'par.orders', join_on => 'l.order_id = h.id', document => 'h.id', sold_on => 'h.day',
    net => 'par.nested(l.net)');
SELECT count(*) AS targets, count(actual) AS figures FROM salesperf.target_performance WHERE name LIKE 'par %';

SELECT salesperf.detach_source('par');
DELETE FROM salesperf.target WHERE name LIKE 'par %';
DELETE FROM salesperf.seller_unit WHERE unit LIKE 'par %';
DELETE FROM salesperf.unit_parent WHERE unit LIKE 'par %';
DELETE FROM salesperf.unit WHERE code LIKE 'par %';
DELETE FROM salesperf.product WHERE code LIKE 'pp%';
DELETE FROM salesperf.product_family WHERE code LIKE 'par%';
DELETE FROM salesperf.customer WHERE code LIKE 'pc%';
DROP SCHEMA par CASCADE;
CALL salesperf.refresh_measures();
