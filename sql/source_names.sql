-- A header/line pair with names that need quoting, a key of four columns of
-- different types and no primary key anywhere; both tables are renamed and
-- their columns too.  After each step every figure equals plain SQL.
\getenv abs_srcdir PG_ABS_SRCDIR
\set compare :abs_srcdir '/test/erp/compare.sql'
SET client_min_messages = warning;
SET datestyle = ISO;
CREATE SCHEMA "Group by";
SET search_path = "Group by";

CREATE TABLE "order" ("from" char(3), "select" numeric(6,2), "user's ""no""" bigint, "Ünï code" date, "where" date, "table" text, "limit" boolean);
CREATE TABLE "it's a ""line""" ("from" char(3), "group" numeric(6,2), "user's ""no""" bigint, "l" date, "h" text, "end" numeric, "check" text, "%s %I" numeric);
SELECT salesperf.attach_source('names', lines => '"Group by"."it''s a ""line"""', header => '"Group by"."order"',
    join_on => 'h."from" = l."from" AND l."group" = h."select" AND h."user''s ""no""" = l."user''s ""no""" AND l.l = h."Ünï code"',
    document => 'h."from" || ''/'' || h."user''s ""no"""::text', sold_on => 'h."where"', net => 'l."%s %I"');
CREATE INDEX ON "it's a ""line""" ("user's ""no""");
CREATE INDEX ON "order" ("Ünï code", "from");
SELECT salesperf.attach_source('names', lines => '"Group by"."it''s a ""line"""', header => '"Group by"."order"',
    join_on => 'h."from" = l."from" AND l."group" = h."select" AND h."user''s ""no""" = l."user''s ""no""" AND l.l = h."Ünï code"',
    document => 'h."from" || ''/'' || h."user''s ""no"""::text', line => 'l.h', sold_on => 'h."where"', seller => 'h."table"', product => 'l."check"',
    quantity => 'l."end"', net => 'l."%s %I" * /* a comment */ 1 -- and another', counts => 'h."limit"') \g /dev/null

CREATE VIEW plain AS
SELECT 'names' AS source, rtrim(h."from"::text) || '/' || h."user's ""no""" AS document, l.h AS line, h."where" AS sold_on, NULL AS customer, h."table" AS seller,
    l."check" AS product, NULL AS branch, NULL AS sale_type, coalesce(l."end", 0) AS quantity, coalesce(l."%s %I", 0) AS gross, coalesce(l."%s %I", 0) AS net, NULL::numeric AS cost
FROM "it's a ""line""" l JOIN "order" h ON (l."from", l."group", l."user's ""no""", l.l) = (h."from", h."select", h."user's ""no""", h."Ünï code")
WHERE h."limit" AND h."where" IS NOT NULL AND h."from" IS NOT NULL;
\set ECHO none
\i :compare
\set ECHO all
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers, products) VALUES
    ('all', 'net', '2020-01-01', '2020-12-31', 1, NULL, NULL),
    ('seller', 'net', '2020-01-01', '2020-12-31', 1, ARRAY['it''s, "me"'], NULL),
    ('product', 'quantity', '2020-01-01', '2020-12-31', 1, NULL, ARRAY['{}', 'NULL', '']);

\pset tuples_only on
CALL salesperf.refresh_measures();
INSERT INTO "it's a ""line""" VALUES ('a', 1.5, 7, '2020-01-01', '1', 1, '{}', 10), ('a', 1.5, 7, '2020-01-01', '2', 2, 'NULL', 20.5), ('ab', 1.50, 7, '2020-01-01', NULL, 4, NULL, 40),
    (NULL, 1.5, 7, '2020-01-01', '1', 8, '', 80);
SELECT * FROM look('lines');
INSERT INTO "order" VALUES ('a  ', 1.50, 7, '2020-01-01', '2020-05-05', 'it''s, "me"', true), ('ab', 1.5, 7, '2020-01-01', '2020-05-05', NULL, true),
    (NULL, 1.5, 7, '2020-01-01', '2020-05-05', 'nobody', true);
SELECT * FROM look('headers');

-- Nothing forbids a second header of the same key: the lines join both.
INSERT INTO "order" SELECT "from", "select", "user's ""no""", "Ünï code", '2020-06-06', 'other', true FROM "order" WHERE "from" = 'a';
SELECT * FROM look('two headers');
UPDATE "it's a ""line""" SET "%s %I" = "%s %I" + 1 WHERE h = '1';
SELECT * FROM look('a line of both');
DELETE FROM "order" WHERE "table" = 'other';
SELECT * FROM look('one header');

-- Each column of the key moves lines, or headers, to another document.
UPDATE "it's a ""line""" SET "group" = 1.6 WHERE h = '2';
SELECT * FROM look('no header');
INSERT INTO "order" VALUES ('a', 1.6, 7, '2020-01-01', '2020-05-06', 'two', true);
SELECT * FROM look('a header');
UPDATE "order" SET "Ünï code" = '2020-01-02' WHERE "table" = 'two';
SELECT * FROM look('lost');
UPDATE "it's a ""line""" SET l = '2020-01-02', "from" = 'a' WHERE h = '2' OR "from" IS NULL;
UPDATE "it's a ""line""" SET "group" = 1.6 WHERE l = '2020-01-02';
SELECT * FROM look('found, with one that had no key');
UPDATE "order" SET "user's ""no""" = NULL;
SELECT * FROM look('headers without number');
UPDATE "order" SET "user's ""no""" = 8;
UPDATE "it's a ""line""" SET "user's ""no""" = 8;
SELECT * FROM look('another number');

-- Columns of the key, of the mapping and the tables get other names.
ALTER TABLE "order" RENAME COLUMN "select" TO "as";
ALTER TABLE "order" RENAME COLUMN "where" TO "union";
ALTER TABLE "order" RENAME TO "all";
ALTER TABLE "it's a ""line""" RENAME COLUMN "user's ""no""" TO "h.number";
ALTER TABLE "it's a ""line""" RENAME COLUMN "%s %I" TO "$1";
ALTER TABLE "it's a ""line""" RENAME TO "l";
UPDATE "all" SET "union" = "union" + 1, "table" = 'it''s, "me"';
UPDATE "l" SET "$1" = "$1" * 2, "h.number" = 9 WHERE h = '1';
SELECT * FROM look('renamed');
UPDATE "all" SET "user's ""no""" = 9;
UPDATE "l" SET "h.number" = 9;
SELECT * FROM look('renamed, both numbers');
ALTER SCHEMA "Group by" RENAME TO "Order by";
SET search_path = "Order by";
UPDATE "all" SET "as" = 1.6;
SELECT * FROM look('schema renamed, another key');
ALTER TABLE "l" RENAME COLUMN l TO h2;
ALTER TABLE "l" ADD COLUMN l date;
UPDATE "l" SET "group" = 1.6, l = '2030-01-01';
SELECT * FROM look('another column of the old name');
\pset tuples_only off

-- The same of what is looked up, by two columns, and of shares.
CREATE TABLE "where's" ("from" text, "having" char(3), "limit" numeric, "and" text, UNIQUE ("having", "from"));
CREATE TABLE "by %s" ("of" bigint, "to" date, "who's" text, "how much?" numeric);
CREATE INDEX ON "by %s" ("of");
SELECT salesperf.attach_source('names', lines => '"Order by"."l"', header => '"Order by"."all"',
    join_on => 'h."from" = l."from" AND l."group" = h."as" AND h."user''s ""no""" = l."h.number" AND l.h2 = h."Ünï code"',
    joins => ARRAY['"Order by"."where''s" AS "select" ON "select"."from" = h."table" AND h."from" = "select"."having"'],
    document => 'h."from" || ''/'' || h."user''s ""no"""::text', line => 'l.h', sold_on => 'h."union"', seller => 'h."table"', product => 'coalesce("select"."and", l."check")',
    quantity => 'l."end"', net => 'l."$1" * coalesce("select"."limit", 1)', counts => 'h."limit"',
    splits => '"Order by"."by %s"', split_on => 'h."user''s ""no""" = s."of" AND s."to" = h."Ünï code"', split_seller => 's."who''s"', split_percent => 's."how much?"') \g /dev/null
CREATE OR REPLACE VIEW plain AS
SELECT 'names' AS source, rtrim(h."from"::text) || '/' || h."user's ""no""" AS document, l.h AS line, h."union" AS sold_on, NULL AS customer, h."table" AS seller,
    coalesce(w."and", l."check") AS product, NULL AS branch, NULL AS sale_type, coalesce(l."end", 0) AS quantity,
    coalesce(l."$1" * coalesce(w."limit", 1), 0) AS gross, coalesce(l."$1" * coalesce(w."limit", 1), 0) AS net, NULL::numeric AS cost,
    h."user's ""no""" AS no, h."Ünï code" AS code
FROM "l" l
JOIN "all" h ON (l."from", l."group", l."h.number", l.h2) = (h."from", h."as", h."user's ""no""", h."Ünï code")
LEFT JOIN "where's" w ON (w."from", w."having") = (h."table", h."from")
WHERE h."limit" AND h."union" IS NOT NULL AND h."from" IS NOT NULL;
CREATE OR REPLACE VIEW credited AS
SELECT p.source, p.document, p.line, p.sold_on, p.customer, s.seller, p.product, p.branch, p.sale_type,
    p.quantity * s.percent * 0.01 AS quantity, p.gross * s.percent * 0.01 AS gross, p.net * s.percent * 0.01 AS net, p.cost
FROM plain p
CROSS JOIN LATERAL (
    SELECT b."who's" AS seller, b."how much?" AS percent FROM "by %s" b WHERE (b."of", b."to") = (p.no, p.code)
    UNION ALL
    SELECT p.seller, 100 - coalesce((SELECT sum(b."how much?") FROM "by %s" b WHERE (b."of", b."to") = (p.no, p.code)), 0)) s;
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers) VALUES ('share', 'net', '2020-01-01', '2020-12-31', 1, ARRAY['Ann "A"']);

\pset tuples_only on
SELECT * FROM look('live');
CALL salesperf.refresh_measures();
SELECT * FROM look('built');
INSERT INTO "where's" VALUES ('it''s, "me"', 'a', 2, 'NULL'), ('it''s, "me"', 'b', 7, '{}'), (NULL, 'a', 5, '');
SELECT * FROM look('found by two columns');
UPDATE "where's" SET "having" = CASE "having" WHEN 'a' THEN 'c' ELSE 'a' END WHERE "from" IS NOT NULL;
SELECT * FROM look('another is found');
UPDATE "where's" SET "limit" = 0.5, "and" = NULL;
SELECT * FROM look('its values');
UPDATE "all" SET "table" = 'nobody' WHERE "table" IS NOT NULL;
SELECT * FROM look('none is found');
UPDATE "all" SET "table" = 'it''s, "me"';
CALL salesperf.refresh_measures();
INSERT INTO "by %s" VALUES (9, '2020-01-01', 'Ann "A"', 50), (9, '2020-01-01', 'it''s, "me"', 25), (9, '2020-01-02', 'Ann "A"', 12.5), (8, '2020-01-02', 'Ann "A"', 100);
SELECT * FROM look('shares by two columns');
UPDATE "by %s" SET "to" = '2020-01-01' WHERE "of" = 9 AND "to" <> '2020-01-01';
SELECT * FROM look('all in one document');
UPDATE "all" SET "Ünï code" = '2020-01-05';
UPDATE "l" SET h2 = '2020-01-05';
UPDATE "by %s" SET "to" = '2020-01-05';
SELECT * FROM look('another key of header, lines and shares');

-- Columns and tables get other names.
ALTER TABLE "where's" RENAME COLUMN "limit" TO "x y";
ALTER TABLE "where's" RENAME COLUMN "from" TO "z";
ALTER TABLE "where's" RENAME TO "select";
ALTER TABLE "by %s" RENAME COLUMN "of" TO "or";
ALTER TABLE "by %s" RENAME COLUMN "who's" TO "s";
ALTER TABLE "by %s" RENAME TO "s";
UPDATE "select" SET "x y" = 4;
UPDATE "s" SET "s" = 'Ann "A"' WHERE "how much?" = 25;
SELECT * FROM look('renamed');
CALL salesperf.refresh_measures();
UPDATE "select" SET "z" = 'nobody' WHERE "z" IS NOT NULL;
DELETE FROM "s" WHERE "how much?" = 12.5;
SELECT * FROM look('less');
\pset tuples_only off

SELECT salesperf.detach_source('names') \g /dev/null
DELETE FROM salesperf.target;
CALL salesperf.refresh_measures();
RESET search_path;
DROP SCHEMA "Order by" CASCADE;
