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

SELECT salesperf.detach_source('names') \g /dev/null
DELETE FROM salesperf.target;
CALL salesperf.refresh_measures();
RESET search_path;
DROP SCHEMA "Order by" CASCADE;
