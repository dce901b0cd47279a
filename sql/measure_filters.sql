-- Filters by unit, sector, region, segment, brand and family, and the metric
-- documents: what plain SQL says, kept and computed, whatever changes.
CREATE SCHEMA flt;
CREATE TABLE flt.sale (id int PRIMARY KEY, doc int, day date, cust text, rep text, team text, item text, net numeric);
CREATE INDEX ON flt.sale (doc);
CREATE INDEX ON flt.sale (cust);
SELECT salesperf.attach_source('flt', lines => 'flt.sale', document => 'l.doc', line => 'l.id', sold_on => 'l.day', customer => 'l.cust', seller => 'l.rep',
    unit => 'l.team', product => 'l.item', net => 'l.net');
INSERT INTO salesperf.customer (code, sector, region, segment) SELECT 'fc' || i, 'sec' || i % 2, 'reg' || i % 3, 'seg' || i % 2 FROM generate_series(0, 5) i;
INSERT INTO salesperf.product_family (code, parent) VALUES ('all', NULL), ('tools', 'all'), ('saws', 'tools'), ('toys', 'all');
INSERT INTO salesperf.product (code, brand, family) SELECT 'fp' || i, 'brand' || i % 2, (ARRAY['tools', 'saws', 'toys', NULL])[i % 4 + 1] FROM generate_series(0, 7) i;
INSERT INTO salesperf.unit (code, kind) VALUES ('hq', 'company'), ('north', 'region'), ('south', 'region'), ('t1', 'team'), ('t2', 'team'), ('t3', 'team');
INSERT INTO salesperf.unit_parent (unit, parent, valid_from) VALUES ('north', 'hq', '2021-01-01'), ('south', 'hq', '2021-01-01'), ('t1', 'north', '2021-01-01'), ('t2', 'north', '2021-01-01'), ('t3', 'south', '2021-01-01');
INSERT INTO salesperf.seller_unit (seller, unit, valid_from, valid_to) VALUES ('fr0', 't1', '2021-01-01', '2021-06-30'), ('fr0', 't3', '2021-07-01', NULL), ('fr1', 't1', '2021-01-01', NULL), ('fr2', 't2', '2021-01-01', NULL);
INSERT INTO flt.sale SELECT i, i / 3, date '2021-01-01' + i * 7 % 365, 'fc' || i % 7, nullif('fr' || i % 4, 'fr3'), CASE WHEN i % 11 = 0 THEN 't2' END, 'fp' || i % 9, i FROM generate_series(1, 400) i;
INSERT INTO salesperf.order_split (source, document, seller, percent, overlay) VALUES ('flt', '5', 'fr2', 30, false), ('flt', '5', 'fr0', 50, true), ('flt', '60', 'fr1', 100, false), ('flt', '61', 'fr0', 12.5, false), ('flt', '61', 'fr1', 12.5, false);

-- Scopes, and each as a query over what plain SQL makes of the tables.
CREATE TABLE flt.scope (no int PRIMARY KEY, scope jsonb, condition text);
CREATE FUNCTION flt.add(condition text, metric text, units text[] = NULL, sellers text[] = NULL, sectors text[] = NULL, regions text[] = NULL, segments text[] = NULL,
    brands text[] = NULL, families text[] = NULL, exclude_brands text[] = NULL, exclude_families text[] = NULL, starts_on date = '2021-01-01', ends_on date = '2021-12-31')
RETURNS void LANGUAGE sql AS $$
    INSERT INTO flt.scope SELECT (SELECT count(*) FROM flt.scope), salesperf.measure_scope(metric, starts_on, ends_on, units => units, sellers => sellers, sectors => sectors, regions => regions,
        segments => segments, brands => brands, families => families, exclude_brands => exclude_brands, exclude_families => exclude_families, sources => '{flt}'), condition
$$;
CREATE VIEW flt.plain AS
WITH RECURSIVE family AS (
    SELECT code AS family, code AS above FROM salesperf.product_family UNION SELECT family, p.parent FROM family f JOIN salesperf.product_family p ON p.code = f.above WHERE p.parent IS NOT NULL
), line AS (
    SELECT s.*, c.sector, c.region, c.segment, p.brand,
        coalesce(ARRAY(SELECT f.above FROM family f WHERE f.family = p.family), '{}') || coalesce(ARRAY[p.family], '{}') AS families,
        (SELECT count(*) FROM salesperf.order_split o WHERE o.source = 'flt' AND o.document = s.doc::text) > 0 AS split,
        100 - coalesce((SELECT sum(o.percent) FROM salesperf.order_split o WHERE o.source = 'flt' AND o.document = s.doc::text AND NOT overlay), 0) AS rest
    FROM flt.sale s LEFT JOIN salesperf.customer c ON c.code = s.cust LEFT JOIN salesperf.product p ON p.code = s.item
), credit AS (
    SELECT l.*, l.rep AS seller, l.rest AS percent, false AS overlay FROM line l
    UNION ALL
    SELECT l.*, o.seller, o.percent, o.overlay FROM line l JOIN salesperf.order_split o ON o.source = 'flt' AND o.document = l.doc::text
), start AS (
    SELECT c.*, coalesce(c.team, (SELECT u.unit FROM salesperf.seller_unit u WHERE u.seller = c.seller AND c.day BETWEEN u.valid_from AND coalesce(u.valid_to, 'infinity'))) AS start
    FROM credit c
)
SELECT s.*, ARRAY(
    WITH RECURSIVE up AS (
        SELECT s.start AS unit UNION SELECT p.parent FROM up JOIN salesperf.unit_parent p ON p.unit = up.unit AND s.day BETWEEN p.valid_from AND coalesce(p.valid_to, 'infinity')
    ) SELECT unit FROM up WHERE unit IS NOT NULL) AS units
FROM start s;
CREATE TABLE flt.now AS TABLE flt.plain WITH NO DATA;
CREATE FUNCTION flt.plain_figure(scope jsonb, condition text) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    figure numeric;
BEGIN
    EXECUTE format(CASE WHEN scope ->> 'metric' = 'documents' THEN 'SELECT count(DISTINCT doc)' ELSE 'SELECT coalesce(sum(net * percent / 100), 0)' END
        || ' FROM flt.now WHERE percent > 0 AND day BETWEEN %L AND %L AND (%s)%s', scope ->> 'starts_on', scope ->> 'ends_on', condition,
        CASE WHEN NOT scope ? 'sellers' THEN ' AND NOT overlay' ELSE '' END) INTO figure;
    RETURN figure;
END
$$;
SELECT flt.add('true', 'net');
SELECT flt.add('units && ''{north}''', 'net', units => '{north}');
SELECT flt.add('units && ''{t1}''', 'net', units => '{t1}', starts_on => '2021-05-01', ends_on => '2021-08-31');
SELECT flt.add('units && ''{hq,north,t3}''', 'net', units => '{hq,north,t3}');
SELECT flt.add('units && ''{south}'' AND seller = ''fr0''', 'net', units => '{south}', sellers => '{fr0}');
SELECT flt.add('seller IN (''fr0'', ''fr2'')', 'net', sellers => '{fr0,fr2}');
SELECT flt.add('sector = ''sec1''', 'net', sectors => '{sec1}');
SELECT flt.add('region IN (''reg0'', ''reg2'') AND segment = ''seg0''', 'net', regions => '{reg0,reg2}', segments => '{seg0}');
SELECT flt.add('brand = ''brand1''', 'net', brands => '{brand1}');
SELECT flt.add('families && ''{tools}''', 'net', families => '{tools}');
SELECT flt.add('families && ''{all}'' AND NOT families && ''{saws}''', 'net', families => '{all}', exclude_families => '{saws}');
SELECT flt.add('brand IS DISTINCT FROM ''brand0''', 'net', exclude_brands => '{brand0}');
SELECT flt.add('true', 'documents');
SELECT flt.add('units && ''{north}''', 'documents', units => '{north}');
SELECT flt.add('seller IN (''fr0'', ''fr2'')', 'documents', sellers => '{fr0,fr2}');
SELECT flt.add('families && ''{toys}'' AND region = ''reg1''', 'documents', families => '{toys}', regions => '{reg1}', ends_on => '2021-06-30');
-- Whoever reads measures: these scopes too, until the test ends.
SELECT pg_get_viewdef('salesperf.measure_reader') AS reader \gset
CREATE OR REPLACE VIEW salesperf.measure_reader WITH (security_invoker = true) AS
SELECT salesperf.measure_id(s.scope) AS measure_id, s.no::bigint AS target_id, NULL::bigint AS agreement_id, s.scope ->> 'metric' AS metric, s.scope FROM flt.scope s;
CALL salesperf.refresh_measures();
\set check 'DELETE FROM flt.now; INSERT INTO flt.now TABLE flt.plain; SELECT count(*) FILTER (WHERE f.figure IS DISTINCT FROM f.plain) AS wrong, count(*) FILTER (WHERE s.state = \'built\') AS built, (SELECT count(*) FROM salesperf.verify_totals()) AS not_verified FROM (SELECT s.*, trim_scale(round(salesperf.measure_figure(s.scope), 10)) AS figure, trim_scale(round(flt.plain_figure(s.scope, s.condition), 10)) AS plain FROM flt.scope s) f JOIN salesperf.measure_state s ON s.target_id = f.no;'
:check
SELECT no, scope ->> 'metric' AS metric, trim_scale(round(salesperf.measure_figure(scope), 4)) AS figure, condition FROM flt.scope ORDER BY no;
-- By month.
SELECT count(*) FILTER (WHERE f.sum IS DISTINCT FROM salesperf.measure_figure(f.scope)) AS wrong, sum(f.months) AS months
FROM (SELECT s.scope, sum(m.actual), count(*) AS months FROM flt.scope s, salesperf.measure_months(s.scope) m GROUP BY 1) f;
-- What is listed adds up.
SELECT s.no, round(sum(l.amount) - salesperf.measure_figure(s.scope), 10) AS difference FROM flt.scope s, salesperf.measure_sales(s.scope) l
GROUP BY s.no, s.scope HAVING round(sum(l.amount), 10) <> round(salesperf.measure_figure(s.scope), 10);

-- Sales that come, change and go.
INSERT INTO flt.sale SELECT i, i / 2, date '2021-03-01' + i % 100, 'fc' || i % 7, 'fr' || i % 3, NULL, 'fp' || i % 9, i % 50 FROM generate_series(401, 440) i;
:check
UPDATE flt.sale SET doc = doc + 1, rep = CASE WHEN id % 5 = 0 THEN 'fr2' ELSE rep END WHERE id % 4 = 0;
:check
DELETE FROM flt.sale WHERE id % 6 = 0;
:check
-- Customers and products: known ones, new ones, others.
UPDATE salesperf.customer SET region = 'reg2', name = 'Sales of reg1' WHERE code = 'fc1';
:check
UPDATE salesperf.customer SET name = 'the same figures';
:check
INSERT INTO salesperf.customer (code, sector, region, segment) VALUES ('fc6', 'sec1', 'reg1', 'seg0'), ('fc99', 'sec1', 'reg1', 'seg0');
:check
DELETE FROM salesperf.customer WHERE code = 'fc2';
:check
UPDATE salesperf.product SET brand = 'brand1', family = 'saws' WHERE code IN ('fp0', 'fp2');
:check
UPDATE salesperf.product SET code = 'fp8' WHERE code = 'fp7';
:check
-- Who belongs to whom: with a past date; a split's seller too.
UPDATE salesperf.seller_unit SET valid_to = '2021-03-31' WHERE seller = 'fr0' AND unit = 't1';
:check
INSERT INTO salesperf.seller_unit VALUES ('fr3', 't2', '2021-01-01', NULL), ('fr0', 't2', '2021-04-01', '2021-06-30');
:check
DELETE FROM salesperf.seller_unit WHERE seller = 'fr2';
:check
-- Trees are moved: what filters by them is computed until it is built again.
UPDATE salesperf.unit_parent SET parent = 'south' WHERE unit = 't2';
:check
CALL salesperf.refresh_measures();
UPDATE salesperf.product_family SET parent = 'toys' WHERE code = 'saws';
:check
CALL salesperf.refresh_measures();
:check
-- Before they are committed.
BEGIN;
UPDATE salesperf.customer SET segment = 'seg0', sector = 'sec1';
UPDATE salesperf.unit_parent SET valid_from = '2021-04-01' WHERE unit = 't1';
INSERT INTO flt.sale VALUES (1000, 333, '2021-02-03', 'fc3', 'fr1', NULL, 'fp1', 1000);
:check
SAVEPOINT a;
DELETE FROM salesperf.seller_unit;
:check
ROLLBACK TO a;
COMMIT;
:check
CALL salesperf.refresh_measures();
TRUNCATE salesperf.customer, salesperf.seller_unit;
:check

CREATE OR REPLACE VIEW salesperf.measure_reader WITH (security_invoker = true) AS :reader
SELECT salesperf.detach_source('flt');
DELETE FROM salesperf.order_split;
DELETE FROM salesperf.product;
DELETE FROM salesperf.product_family;
DELETE FROM salesperf.unit_parent;
DELETE FROM salesperf.unit;
CALL salesperf.refresh_measures();
SET client_min_messages = warning;
DROP SCHEMA flt CASCADE;
