-- A session keeps what it has read of totals: thousands of builds, in one
-- session and in its transactions, and every figure equals plain SQL.
SET client_min_messages = error;
SELECT salesperf.setup() \g /dev/null
CREATE SCHEMA kept;
CREATE TABLE kept.sale (id int PRIMARY KEY, day date DEFAULT '2021-03-03', seller text, customer text, net numeric);
CREATE INDEX ON kept.sale (seller);
CREATE INDEX ON kept.sale (customer);
INSERT INTO salesperf.customer (code, name, region) VALUES ('kept-1', 'one', 'kept-north'), ('kept-2', 'two', 'kept-south');
SELECT salesperf.attach_source('kept', 'kept.sale', document => 'l.id', sold_on => 'l.day', seller => 'l.seller', customer => 'l.customer', net => 'l.net') \g /dev/null
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers, regions, sources) VALUES
    ('kept all', 'net', '2021-01-01', '2021-12-31', 1, NULL, NULL, '{kept}'),
    ('kept north', 'net', '2021-01-01', '2021-12-31', 1, NULL, '{kept-north}', '{kept}'),
    ('kept documents', 'documents', '2021-01-01', '2021-12-31', 1, NULL, NULL, '{kept}');
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers)
SELECT 'kept ' || n, 'net', '2021-01-01', '2021-12-31', 1, ARRAY['kept-' || n] FROM generate_series(1, 4000) n;
INSERT INTO kept.sale SELECT n, date '2021-01-15' + n % 7 * 40, 'kept-' || n % 5000, 'kept-' || n % 3, n FROM generate_series(1, 6000) n;
CREATE VIEW kept.counted AS SELECT * FROM kept.sale WHERE day BETWEEN '2021-01-01' AND '2021-12-31';
CREATE VIEW kept.plain AS
SELECT t.target_id, t.name, m.scope,
    CASE WHEN t.sellers IS NOT NULL THEN (SELECT coalesce(sum(s.net), 0) FROM kept.counted s WHERE s.seller = t.sellers[1])
         WHEN t.regions IS NOT NULL THEN (SELECT coalesce(sum(s.net), 0) FROM kept.counted s JOIN salesperf.customer c ON c.code = s.customer WHERE c.region = ANY (t.regions))
         WHEN t.metric = 'documents' THEN (SELECT count(*) FROM kept.counted s)
         ELSE (SELECT coalesce(sum(s.net), 0) FROM kept.counted s) END AS actual
FROM salesperf.target t JOIN salesperf.target_measure m USING (target_id)
WHERE t.name LIKE 'kept%';
CREATE FUNCTION kept.look(step text) RETURNS TABLE (after text, wrong bigint, months_wrong bigint, total numeric)
LANGUAGE sql AS $$
    SELECT step, count(*) FILTER (WHERE f.figure IS DISTINCT FROM p.actual),
        count(*) FILTER (WHERE (SELECT coalesce(sum(m.actual), 0) FROM salesperf.measure_months(p.scope) m) IS DISTINCT FROM p.actual),
        max(f.figure) FILTER (WHERE p.name = 'kept all')
    FROM kept.plain p, LATERAL (SELECT salesperf.measure_figure(p.scope) AS figure OFFSET 0) f $$;
CREATE FUNCTION kept.built() RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM salesperf.measure_state s JOIN kept.plain p USING (target_id) WHERE s.state = 'built' $$;
\pset tuples_only on
SET datestyle = iso;
SELECT * FROM kept.look('live');
CALL salesperf.refresh_measures();
SELECT kept.built();
SELECT * FROM kept.look('built');
UPDATE kept.sale SET net = net + 1 WHERE id <= 10;
SELECT * FROM kept.look('pending');
CALL salesperf.fold();
SELECT * FROM kept.look('folded');

-- Months, and what is pending in between them.
INSERT INTO kept.sale VALUES (7001, '2021-02-02', 'kept-1', NULL, 5), (7002, '2021-12-12', 'kept-1', NULL, -5), (7003, '2021-01-15', 'kept-7', NULL, -7);
SELECT p.name, m.* FROM kept.plain p, salesperf.measure_months(p.scope) m WHERE p.name IN ('kept 1', 'kept 7') ORDER BY 1, 2;
CALL salesperf.fold();
SELECT p.name, m.* FROM kept.plain p, salesperf.measure_months(p.scope) m WHERE p.name IN ('kept 1', 'kept 7') ORDER BY 1, 2;

-- Changes of its own: of few sellers, of all, and taken back.
BEGIN;
INSERT INTO kept.sale VALUES (8001, DEFAULT, 'kept-1', 'kept-1', 1000);
SELECT * FROM kept.look('own');
SAVEPOINT a;
UPDATE kept.sale SET seller = 'kept-3', net = net * 2 WHERE seller = 'kept-2';
SELECT * FROM kept.look('own more');
ROLLBACK TO a;
SELECT * FROM kept.look('own undone');
UPDATE kept.sale SET day = day + 31, net = net + 0.5;
SELECT * FROM kept.look('own all');
DELETE FROM kept.sale WHERE id > 3000;
SELECT * FROM kept.look('own less');
ROLLBACK;
SELECT * FROM kept.look('rolled back');
BEGIN;
INSERT INTO kept.sale VALUES (8002, DEFAULT, 'kept-1', 'kept-1', 1000);
SELECT * FROM kept.look('own again');
COMMIT;
SELECT * FROM kept.look('committed');

-- A customer who moves: totals of regions are not used, others are.
BEGIN;
UPDATE salesperf.customer SET region = 'kept-north' WHERE code = 'kept-2';
SELECT * FROM kept.look('moved');
INSERT INTO kept.sale VALUES (8003, DEFAULT, 'kept-4', 'kept-2', 10000);
SELECT * FROM kept.look('moved and sold');
ROLLBACK;
SELECT * FROM kept.look('not moved');
BEGIN;
UPDATE salesperf.customer SET region = 'kept-north' WHERE code = 'kept-2';
SELECT * FROM kept.look('moved again');
COMMIT;
SELECT * FROM kept.look('moved for good');

-- Amounts beyond 64 and 128 bits, and with many decimals.
INSERT INTO kept.sale VALUES (9001, DEFAULT, 'kept-5', NULL, 9e14), (9002, DEFAULT, 'kept-6', NULL, 9e14),
    (9003, DEFAULT, 'kept-6', NULL, 1e-18), (9004, DEFAULT, 'kept-8', NULL, 9e14), (9005, DEFAULT, 'kept-8', NULL, 1e-60);
SELECT p.name, salesperf.measure_figure(p.scope) = p.actual FROM kept.plain p WHERE p.name IN ('kept all', 'kept 5', 'kept 6', 'kept 8') ORDER BY 1;
CALL salesperf.fold();
SELECT p.name, salesperf.measure_figure(p.scope) = p.actual FROM kept.plain p WHERE p.name IN ('kept all', 'kept 5', 'kept 6', 'kept 8') ORDER BY 1;
SELECT p.name, m.* FROM kept.plain p, salesperf.measure_months(p.scope) m WHERE p.name IN ('kept 6', 'kept 8') AND m.month = '2021-03-01' ORDER BY 1;
DELETE FROM kept.sale WHERE id > 9000;
SELECT * FROM kept.look('large amounts gone');

-- Totals that are put out of use, some and all, and built again.
BEGIN;
ALTER TABLE kept.sale DISABLE TRIGGER USER;
SELECT * FROM kept.look('not followed');
UPDATE kept.sale SET net = net + 1;
SELECT * FROM kept.look('not followed and written');
ROLLBACK;
SELECT * FROM kept.look('followed');
SELECT kept.built();
ALTER TABLE kept.sale DISABLE TRIGGER USER;
UPDATE kept.sale SET net = net + 1;
SELECT * FROM kept.look('out of use');
SELECT salesperf.attach_source('kept', 'kept.sale', document => 'l.id', sold_on => 'l.day', seller => 'l.seller', customer => 'l.customer', net => 'l.net') \g /dev/null
SELECT kept.built();
SELECT * FROM kept.look('still out of use');
CALL salesperf.refresh_measures();
SELECT kept.built();
SELECT * FROM kept.look('built again');

-- Two scopes with the same id: one is built, no figure is taken for another's.
DELETE FROM salesperf.target WHERE name ~ '^kept \d';
INSERT INTO kept.sale VALUES (9101, '2026-03-03', '0005185258', NULL, 1), (9102, '2026-03-03', '0230806245', NULL, 20);
CREATE VIEW kept.twin AS
SELECT seller, salesperf.measure_scope('net', '2026-01-01', '2026-12-31', sellers => ARRAY[seller]) AS scope
FROM unnest('{0005185258,0230806245}'::text[]) WITH ORDINALITY s (seller, place) ORDER BY place;
SELECT count(DISTINCT salesperf.measure_id(scope)), count(DISTINCT scope) FROM kept.twin;
SELECT seller, salesperf.measure_figure(scope) FROM kept.twin;
SELECT seller, f.actual FROM kept.twin t JOIN (SELECT * FROM salesperf.measure_figures(ARRAY(SELECT scope FROM kept.twin))) f USING (scope);
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers)
SELECT 'kept twin ' || seller, 'net', '2026-01-01', '2026-12-31', 1, ARRAY[seller] FROM kept.twin;
SELECT seller, salesperf.measure_figure(scope) FROM kept.twin;
SELECT seller, salesperf.measure_figure(scope) FROM kept.twin ORDER BY seller DESC;
CALL salesperf.refresh_measures();
SELECT count(*) FROM salesperf.build b JOIN kept.twin t ON b.measure_id = salesperf.measure_id(t.scope);
SELECT seller, salesperf.measure_figure(scope) FROM kept.twin;
SELECT seller, m.* FROM kept.twin, salesperf.measure_months(scope) m;
INSERT INTO kept.sale VALUES (9103, '2026-04-04', '0005185258', NULL, 300), (9104, '2026-04-04', '0230806245', NULL, 4000);
SELECT seller, salesperf.measure_figure(scope) FROM kept.twin;
BEGIN;
INSERT INTO kept.sale VALUES (9105, '2026-05-05', '0005185258', NULL, 50000), (9106, '2026-05-05', '0230806245', NULL, 600000);
SELECT seller, salesperf.measure_figure(scope) FROM kept.twin ORDER BY seller DESC;
ROLLBACK;
CALL salesperf.fold();
SELECT seller, salesperf.measure_figure(scope) FROM kept.twin ORDER BY seller DESC;

SELECT count(*) FROM salesperf.verify_totals();
DELETE FROM salesperf.target WHERE name LIKE 'kept%';
DELETE FROM salesperf.customer WHERE code LIKE 'kept-%';
SELECT salesperf.detach_source('kept') \g /dev/null
DROP SCHEMA kept CASCADE;
CALL salesperf.refresh_measures();
