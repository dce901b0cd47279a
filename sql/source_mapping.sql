-- What rows become: keys, missing and unusable values, types.
SET client_min_messages = warning;
SET datestyle = ISO;
CREATE SCHEMA "Src map";
CREATE DOMAIN "Src map".money AS numeric(12,3) CHECK (VALUE > -1e6);
CREATE DOMAIN "Src map".code AS varchar(8);
CREATE TYPE "Src map".mood AS ENUM ('good', 'bad');

-- Keys of every type; names with capitals, spaces, quotes and of keywords.
CREATE TABLE "Src map"."Order ""lines""" (
    "select" numeric NOT NULL, "Order no" bigint, "user" char(6), "group" uuid, "from" varchar(10), "table" numeric(10,4),
    "Ünïcode %I $1" "Src map".code, "where" "Src map".mood, day date, "end" float8, "limit" real,
    net numeric GENERATED ALWAYS AS ("select" * 2 + 0.00001) STORED);
CREATE INDEX ON "Src map"."Order ""lines""" ("select");
CREATE INDEX ON "Src map"."Order ""lines""" ("Order no");
CREATE INDEX ON "Src map"."Order ""lines""" ("user");
CREATE INDEX ON "Src map"."Order ""lines""" ("group");
CREATE INDEX ON "Src map"."Order ""lines""" ("from");
CREATE INDEX ON "Src map"."Order ""lines""" ("Ünïcode %I $1");
CREATE INDEX ON "Src map"."Order ""lines""" (lower("from"));
INSERT INTO "Src map"."Order ""lines""" VALUES
    (10.00, 9007199254740993, 'ab', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', 'X y ', 1.5000, 'ü''1', 'good', '2021-05-01', 0.1, 0.1),
    (100, -1, '', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12', '', 0.0001, '', 'bad', '2021-05-02', 1e14, 2.5),
    (0.10, 0, NULL, NULL, NULL, NULL, NULL, NULL, '2021-05-03', NULL, NULL);
SELECT salesperf.attach_source('map', '"Src map"."Order ""lines"""', document => 'l."select"', line => 'l."Order no"',
    sold_on => 'l.day', customer => 'l."user"', seller => 'l."group"', product => 'l."from"', branch => 'l."table"',
    unit => 'l."Ünïcode %I $1"', sale_type => 'CASE l."where" WHEN ''good'' THEN ''fine'' WHEN ''bad'' THEN ''poor'' END', quantity => 'l."end"', gross => 'l."limit"', net => 'l.net');
SELECT document, line, '[' || customer || ']' AS char, seller AS uuid, '[' || product || ']' AS varchar, branch AS numeric, unit AS domain, sale_type
FROM salesperf.sale WHERE source = 'map' ORDER BY sold_on;
SELECT quantity AS float8, gross AS float4, net AS generated FROM salesperf.sale WHERE source = 'map' ORDER BY sold_on;

-- Filters name keys in that form: 2 × 10 + 2 × 0.00001 and so on.
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sources, customers, sellers, products, branches) VALUES
    (920001, 'map all', 'net', '2021-01-01', '2021-12-31', 1, '{map}', NULL, NULL, NULL, NULL),
    (920002, 'map char', 'net', '2021-01-01', '2021-12-31', 1, '{map}', '{ab}', NULL, NULL, NULL),
    (920003, 'map char empty', 'net', '2021-01-01', '2021-12-31', 1, '{map}', '{""}', NULL, NULL, NULL),
    (920004, 'map uuid', 'net', '2021-01-01', '2021-12-31', 1, '{map}', NULL, '{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}', NULL, NULL),
    (920005, 'map uuid capitals', 'net', '2021-01-01', '2021-12-31', 1, '{map}', NULL, '{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}', NULL, NULL),
    (920006, 'map varchar', 'net', '2021-01-01', '2021-12-31', 1, '{map}', NULL, NULL, '{"X y "}', NULL),
    (920007, 'map numeric', 'net', '2021-01-01', '2021-12-31', 1, '{map}', NULL, NULL, NULL, '{1.5,0.0001}');
CREATE VIEW "Src map".figure AS
SELECT p.target_id, salesperf.measure_figure(p.scope) AS figure, s.state
FROM salesperf.target_measure p JOIN salesperf.measure_state s USING (target_id)
WHERE p.target_id BETWEEN 920001 AND 920020;
SELECT * FROM "Src map".figure ORDER BY 1;

-- A document's key in each type is followed: three rows more, one less.
CREATE PROCEDURE "Src map".try(document text)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM salesperf.attach_source('map', '"Src map"."Order ""lines"""', document => document, sold_on => 'l.day', net => 'l.net',
        customer => 'l."user"', seller => 'l."group"', product => 'l."from"', branch => 'l."table"');
    COMMIT;
    CALL salesperf.refresh_measures();
    INSERT INTO "Src map"."Order ""lines"""
    SELECT "select", "Order no", "user", "group", "from", "table", "Ünïcode %I $1", "where", day + 7
    FROM "Src map"."Order ""lines""" WHERE day = '2021-05-01';
    COMMIT;
    UPDATE "Src map"."Order ""lines""" SET "select" = 1.000 WHERE day = '2021-05-08';
    COMMIT;
END
$$;
CREATE VIEW "Src map".result AS
SELECT count(*) FILTER (WHERE s.counts) AS counting, sum(s.net) FILTER (WHERE s.counts) AS net,
    (SELECT figure FROM "Src map".figure WHERE target_id = 920001) AS figure,
    (SELECT min(state) FROM "Src map".figure) AS state, (SELECT count(*) FROM salesperf.verify_totals()) AS wrong
FROM salesperf.sale s WHERE s.source = 'map';
CALL "Src map".try('l."select"'); SELECT * FROM "Src map".result;
CALL "Src map".try('l."Order no"'); SELECT * FROM "Src map".result;
CALL "Src map".try('l."user"'); SELECT * FROM "Src map".result;
CALL "Src map".try('l."group"'); SELECT * FROM "Src map".result;
CALL "Src map".try('l."from"'); SELECT * FROM "Src map".result;
CALL "Src map".try('lower(l."from")'); SELECT * FROM "Src map".result;
CALL "Src map".try('l."Ünïcode %I $1"'); SELECT * FROM "Src map".result;
SELECT document, count(*) FROM salesperf.sale WHERE source = 'map' GROUP BY document ORDER BY document COLLATE "C";
SELECT * FROM "Src map".figure ORDER BY 1;
DELETE FROM salesperf.target WHERE target_id BETWEEN 920002 AND 920020;
SELECT salesperf.detach_source('map');

-- A type with an equality of its own, and columns with collations of their own.
CREATE EXTENSION citext SCHEMA "Src map";
CREATE TABLE "Src map".c (ci "Src map".citext, c text COLLATE "C", posix varchar COLLATE "POSIX", n name, f float8, day date DEFAULT '2021-02-03', net numeric);
CREATE INDEX ON "Src map".c (ci);
CREATE INDEX ON "Src map".c (c);
CREATE INDEX ON "Src map".c (posix);
CREATE INDEX ON "Src map".c (n);
CREATE INDEX ON "Src map".c (f);
CREATE PROCEDURE "Src map".try_collated(document text)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM salesperf.attach_source('map', '"Src map".c', document => document, sold_on => 'l.day', net => 'l.net', customer => 'l.posix', product => 'l.c');
    COMMIT;
    CALL salesperf.refresh_measures();
    INSERT INTO "Src map".c VALUES ('Ab', 'Ab', 'Ab', 'Ab', 'NaN', DEFAULT, 1), ('aB', 'aB', 'aB', 'aB', '-0', DEFAULT, 10), ('AB', 'AB', 'AB', 'AB', '0', DEFAULT, 100);
    COMMIT;
    UPDATE "Src map".c SET net = net + 1000 WHERE c = 'aB';
    COMMIT;
END
$$;
CALL "Src map".try_collated('l.ci'); SELECT * FROM "Src map".result;
CALL "Src map".try_collated('l.c'); SELECT * FROM "Src map".result;
CALL "Src map".try_collated('l.posix'); SELECT * FROM "Src map".result;
CALL "Src map".try_collated('l.n'); SELECT * FROM "Src map".result;
CALL "Src map".try_collated('l.f'); SELECT * FROM "Src map".result;
SELECT salesperf.detach_source('map');
DELETE FROM salesperf.target WHERE target_id = 920001;

-- Missing and unusable values.
CREATE TABLE "Src map".v (doc integer, ts timestamp, quantity numeric, gross float8, net numeric, cost "Src map".money, paid real, ok boolean);
CREATE INDEX ON "Src map".v (doc);
SELECT salesperf.attach_source('map', '"Src map".v', document => 'l.doc', sold_on => 'l.ts', quantity => 'l.quantity',
    gross => 'l.gross', net => 'l.net', cost => 'l.cost', revenue => 'l.paid', counts => 'l.ok');
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sources)
SELECT 920000 + n, 'map ' || metric, metric, '2021-01-01', '2021-12-31', 1, '{map}'
FROM unnest('{quantity,gross,net,margin}'::text[]) WITH ORDINALITY AS m (metric, n);
CALL salesperf.refresh_measures();
INSERT INTO "Src map".v VALUES
    (1, '2021-01-01', 1, 10, 9, 4, 1, true),                     -- margin 5
    (2, '2021-12-31 23:59:59.999999', 1, 10, 9, NULL, NULL, true),  -- the last day; margin not known
    (3, '2021-01-02', NULL, NULL, NULL, 1, NULL, true),          -- 0, 0, 0; margin -1
    (4, '2021-01-02', -1, -10, -9, -4, -1, true),                -- a return: margin -5
    (5, '2021-01-02', 0, 0, 999999999999999.9999, 0, 0, true),   -- as much as counts
    (6, '2021-01-02', 0, 0, -999999999999999.9999, 0, 0, true);
INSERT INTO "Src map".v VALUES
    (NULL, '2021-01-02', 100, 100, 100, 0, 0, true),             -- none of these counts
    (11, NULL, 100, 100, 100, 0, 0, true), (12, '2021-01-02', 100, 100, 100, 0, 0, NULL), (13, '2021-01-02', 100, 100, 100, 0, 0, false),
    (14, '2021-01-02', 'NaN', 100, 100, 0, 0, true), (15, '2021-01-02', 100, 'NaN', 100, 0, 0, true), (16, '2021-01-02', 100, 100, 'NaN', 0, 0, true),
    (17, '2021-01-02', 'Infinity', 100, 100, 0, 0, true), (18, '2021-01-02', 100, '-Infinity', 100, 0, 0, true), (19, '2021-01-02', 100, 100, '-Infinity', 0, 0, true),
    (20, '2021-01-02', 1e15, 100, 100, 0, 0, true), (21, '2021-01-02', 100, 1e300, 100, 0, 0, true), (22, '2021-01-02', 100, 100, -1e15, 0, 0, true),
    (23, '2021-01-02', 100, 100, 100, 'NaN', 0, true), (24, '2021-01-02', 100, 100, 100, 0, 'Infinity', true), (25, '2021-01-02', 100, 100, 1e100, 0, 0, true),
    (26, '2022-01-01', 100, 100, 100, 0, 0, true), (27, '2020-12-31 23:59:59', 100, 100, 100, 0, 0, true),
    (28, 'infinity', 100, 100, 100, 0, 0, true), (29, '-infinity', 100, 100, 100, 0, 0, true);
-- quantity 1+1-1 = 1, gross 10+10-10 = 10, net 9+9-9 = 9, margin 5-1-5 = -1
SELECT * FROM "Src map".figure ORDER BY 1;
SELECT document, sold_on, quantity, gross, net, cost, margin, revenue, counts FROM salesperf.sale WHERE source = 'map' ORDER BY document COLLATE "C", sold_on;
SELECT * FROM salesperf.verify_totals();

-- What did not count counts once it can, and the other way round.
UPDATE "Src map".v SET doc = 10 WHERE doc IS NULL;
UPDATE "Src map".v SET quantity = 2, net = 3, cost = 1 WHERE doc IN (14, 16, 19, 25);
UPDATE "Src map".v SET ok = NULL WHERE doc = 1;
UPDATE "Src map".v SET ts = NULL WHERE doc = 2;
-- quantity -1+100+4×2, gross -10+100+4×100, net -9+100+4×3, margin -6+100+4×2
SELECT * FROM "Src map".figure ORDER BY 1;
SELECT * FROM salesperf.verify_totals();
CALL salesperf.fold();
SELECT * FROM "Src map".figure ORDER BY 1;

-- An expression that fails for a row: the write is done, the figure not known,
-- and both are right again with the row.
SELECT salesperf.attach_source('map', '"Src map".v', document => 'l.doc', sold_on => 'l.ts', net => 'l.net / l.quantity', counts => 'l.ok AND l.net < 10');
UPDATE "Src map".v SET quantity = 1;
CALL salesperf.refresh_measures();
SELECT * FROM "Src map".figure ORDER BY 1;
INSERT INTO "Src map".v VALUES (30, '2021-01-02', 0, 1, 1, 1, 1, true);
SET client_min_messages = error;
SELECT target_id, actual, attainment, on_track, indicator, projected, gap, progress FROM salesperf.target_performance WHERE target_id = 920003;
RESET client_min_messages;
SET client_min_messages = warning;
SELECT severity, object, finding FROM salesperf.health WHERE object = 'source map';
UPDATE "Src map".v SET quantity = 1 WHERE doc = 30;
SELECT * FROM "Src map".figure ORDER BY 1;

SELECT salesperf.detach_source('map');
DELETE FROM salesperf.target WHERE target_id BETWEEN 920001 AND 920020;
DROP SCHEMA "Src map" CASCADE;
CALL salesperf.refresh_measures();
