-- A document that a transaction creates is looked at once, any other twice.
-- Whatever comes first in a statement or a transaction, figures equal plain SQL.
SET client_min_messages = error;
SELECT salesperf.setup() \g /dev/null
CREATE SCHEMA cre;
CREATE TABLE cre.sale (id int PRIMARY KEY, net numeric);
CREATE TABLE cre.later (id int UNIQUE DEFERRABLE INITIALLY DEFERRED, net numeric);
CREATE TABLE cre.part (id int, net numeric);
CREATE INDEX ON cre.later (id);
CREATE INDEX ON cre.part (id);
CREATE UNIQUE INDEX ON cre.part (id) WHERE net > 100;
CREATE TABLE cre.head (id int PRIMARY KEY, sold bool);
CREATE TABLE cre.line (head int, net numeric);
CREATE INDEX ON cre.line (head);
SELECT salesperf.attach_source('cre_' || t, lines => 'cre.' || t, document => 'l.id', sold_on => $$date '2020-02-02'$$, net => 'l.net')
FROM unnest('{sale,later,part}'::text[]) t \g /dev/null
SELECT salesperf.attach_source('cre_line', lines => 'cre.line', header => 'cre.head', join_on => 'l.head = h.id', document => 'h.id',
    sold_on => $$date '2020-02-02'$$, net => 'l.net', counts => 'h.sold') \g /dev/null
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sources)
SELECT t, 'net', '2020-01-01', '2020-12-31', 1, ARRAY[t] FROM unnest('{cre_sale,cre_later,cre_part,cre_line}'::text[]) t;
INSERT INTO cre.sale SELECT i, i FROM generate_series(1, 9) i;
INSERT INTO cre.later SELECT i, i FROM generate_series(1, 9) i;
INSERT INTO cre.part SELECT i, i FROM generate_series(1, 9) i;
INSERT INTO cre.head SELECT i, true FROM generate_series(1, 9) i;
INSERT INTO cre.line SELECT i, i FROM generate_series(1, 9) i;
CALL salesperf.refresh_measures();
CREATE FUNCTION cre.look(step text) RETURNS TABLE (after text, sale numeric, later numeric, part numeric, line numeric, wrong bigint, built bigint)
LANGUAGE sql AS $$
    WITH plain (name, net) AS (
        SELECT 'cre_sale', (SELECT coalesce(sum(net), 0) FROM cre.sale) UNION ALL
        SELECT 'cre_later', (SELECT coalesce(sum(net), 0) FROM cre.later) UNION ALL
        SELECT 'cre_part', (SELECT coalesce(sum(net), 0) FROM cre.part) UNION ALL
        SELECT 'cre_line', (SELECT coalesce(sum(l.net), 0) FROM cre.line l JOIN cre.head h ON h.id = l.head WHERE h.sold)
    ), figure AS (
        SELECT p.name, trim_scale(p.actual) AS actual, plain.net FROM salesperf.target_performance p JOIN plain USING (name)
    )
    SELECT step, max(actual) FILTER (WHERE name = 'cre_sale'), max(actual) FILTER (WHERE name = 'cre_later'),
        max(actual) FILTER (WHERE name = 'cre_part'), max(actual) FILTER (WHERE name = 'cre_line'),
        count(*) FILTER (WHERE actual <> net), (SELECT count(*) FROM salesperf.measure_state WHERE state = 'built')
    FROM figure $$;
\pset tuples_only on
SELECT * FROM cre.look('built');
INSERT INTO cre.sale VALUES (10, 10), (11, 11);
SELECT * FROM cre.look('new documents');

-- One statement that makes room for the key it inserts: triggers fire for the
-- INSERT first.
MERGE INTO cre.sale s USING (VALUES (1, 1000), (-1, 0)) v (id, net) ON s.id = v.id
WHEN MATCHED THEN UPDATE SET id = 100
WHEN NOT MATCHED THEN INSERT VALUES (1, 50);
SELECT * FROM cre.look('MERGE, key moved away');
WITH gone AS (DELETE FROM cre.sale WHERE id = 2 RETURNING id) INSERT INTO cre.sale SELECT id, 500 FROM gone;
SELECT * FROM cre.look('DELETE and INSERT in one');
WITH moved AS (UPDATE cre.sale SET id = 103 WHERE id = 3 RETURNING 3 AS id) INSERT INTO cre.sale SELECT id, 700 FROM moved;
SELECT * FROM cre.look('UPDATE and INSERT in one');

BEGIN;
DELETE FROM cre.sale WHERE id = 4;
INSERT INTO cre.sale VALUES (4, 44);
UPDATE cre.sale SET id = 104 WHERE id = 4;
INSERT INTO cre.sale VALUES (4, 45), (200, 1);
DELETE FROM cre.sale WHERE id = 200;
INSERT INTO cre.sale VALUES (200, 2) ON CONFLICT (id) DO UPDATE SET net = 3;
INSERT INTO cre.sale VALUES (200, 2), (5, 2) ON CONFLICT (id) DO UPDATE SET net = 3;
SELECT * FROM cre.look('there and back, uncommitted');
COMMIT;
SELECT * FROM cre.look('committed');
BEGIN;
SAVEPOINT s;
INSERT INTO cre.sale VALUES (300, 300);
ROLLBACK TO s;
UPDATE cre.sale SET id = 300 WHERE id = 6;
DELETE FROM cre.sale WHERE id = 300;
COMMIT;
SELECT * FROM cre.look('key of a savepoint rolled back');

-- A unique constraint that is checked late, or not for all rows, is none here.
BEGIN;
INSERT INTO cre.later VALUES (1, 50);
DELETE FROM cre.later WHERE id = 1 AND net = 1;
COMMIT;
INSERT INTO cre.part VALUES (1, 60), (1, 70), (2, 200);
SELECT * FROM cre.look('deferred, partial');

-- Headers: lines that were there before, and new ones of an old header.
INSERT INTO cre.line VALUES (20, 20), (1, 30);
SELECT * FROM cre.look('lines');
BEGIN;
INSERT INTO cre.head VALUES (20, true), (21, true);
INSERT INTO cre.line VALUES (20, 5), (21, 21);
UPDATE cre.line SET net = net + 1 WHERE head IN (20, 21);
COMMIT;
SELECT * FROM cre.look('their header, and a new order');
WITH gone AS (DELETE FROM cre.head WHERE id = 7 RETURNING id) INSERT INTO cre.head SELECT id, false FROM gone;
SELECT * FROM cre.look('header replaced in one statement');

-- Header and lines, of which both triggers' rows are all that there is, or not.
BEGIN;
INSERT INTO cre.head VALUES (40, true), (41, true), (42, false);
INSERT INTO cre.line VALUES (40, 1), (40, 2), (41, 4), (42, 8);
SELECT * FROM cre.look('headers and lines, uncommitted');
COMMIT;
SELECT * FROM cre.look('headers and lines');
INSERT INTO cre.line VALUES (43, 16), (44, 32);
BEGIN;
INSERT INTO cre.head VALUES (43, true);
INSERT INTO cre.line VALUES (43, 64);
COMMIT;
INSERT INTO cre.head VALUES (44, true);
SELECT * FROM cre.look('lines that were there before');
INSERT INTO cre.line VALUES (45, 128);
DELETE FROM cre.line WHERE head = 45;
BEGIN;
INSERT INTO cre.head VALUES (45, true), (46, true), (47, true);
INSERT INTO cre.line VALUES (45, 1), (46, 2), (47, 4);
UPDATE cre.line SET net = net + 8 WHERE head = 46;
DELETE FROM cre.line WHERE head = 47;
UPDATE cre.line SET head = 45 WHERE head = 1;
UPDATE cre.line SET head = 2 WHERE head = 46;
COMMIT;
SELECT * FROM cre.look('lines changed, taken off and moved');
BEGIN;
INSERT INTO cre.line VALUES (48, 1);
INSERT INTO cre.head VALUES (48, true), (49, false), (50, true), (51, true);
INSERT INTO cre.line VALUES (49, 2), (50, 4), (51, 8);
UPDATE cre.head SET sold = NOT sold WHERE id IN (49, 50);
DELETE FROM cre.head WHERE id = 51;
INSERT INTO cre.head VALUES (51, true);
COMMIT;
SELECT * FROM cre.look('lines first, headers changed and made again');
BEGIN;
SAVEPOINT a;
INSERT INTO cre.head VALUES (52, true);
INSERT INTO cre.line VALUES (52, 100);
ROLLBACK TO a;
INSERT INTO cre.head VALUES (52, false), (53, true);
INSERT INTO cre.line VALUES (52, 1), (53, 2);
SAVEPOINT b;
INSERT INTO cre.line VALUES (53, 1000);
ROLLBACK TO b;
SAVEPOINT c;
INSERT INTO cre.head VALUES (54, true);
INSERT INTO cre.line VALUES (54, 4), (53, 8);
RELEASE c;
COMMIT;
SELECT * FROM cre.look('savepoints');

-- A table that is written anew in the same transaction has but its present rows:
-- enough for what is new, not for what was there.
BEGIN;
ALTER TABLE cre.head ADD COLUMN at timestamptz DEFAULT clock_timestamp();
ALTER TABLE cre.line ADD COLUMN at timestamptz DEFAULT clock_timestamp();
INSERT INTO cre.head VALUES (56, true);
INSERT INTO cre.line VALUES (56, 16), (53, 32);
SELECT wrong FROM cre.look('');
DELETE FROM cre.line WHERE head = 7;
COMMIT;
SELECT * FROM cre.look('written anew, new rows');
BEGIN;
ALTER TABLE cre.line DROP COLUMN at, ADD COLUMN at timestamptz DEFAULT clock_timestamp();
UPDATE cre.head SET sold = NOT sold WHERE id = 8;
COMMIT;
SELECT * FROM cre.look('written anew, old rows');
CALL salesperf.refresh_measures();
SELECT * FROM cre.look('built');
CREATE TABLE cre.child () INHERITS (cre.line);
BEGIN;
INSERT INTO cre.head VALUES (55, true);
INSERT INTO cre.line VALUES (55, 1);
INSERT INTO cre.child VALUES (55, 2);
UPDATE cre.line SET net = net + 4 WHERE head = 55;
COMMIT;
SELECT p.actual = (SELECT sum(l.net) FROM ONLY cre.line l JOIN cre.head h ON h.id = l.head WHERE h.sold) AS without_child
FROM salesperf.target_performance p WHERE p.name = 'cre_line';
SELECT count(*) AS not_verified FROM salesperf.verify_totals();
DROP TABLE cre.child;
\pset tuples_only off

SELECT salesperf.detach_source(name) FROM salesperf.source WHERE name LIKE 'cre\_%' \g /dev/null
DELETE FROM salesperf.target;
CALL salesperf.refresh_measures();
DROP SCHEMA cre CASCADE;
