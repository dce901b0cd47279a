-- Every way in which rows of a header/line pair, and of a partitioned table,
-- come and go.  After each step every figure is what plain SQL says, and the
-- total is kept, or the measure is live; what can't be followed is refused.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE SCHEMA scen;
CREATE TABLE scen.country (id int PRIMARY KEY);
CREATE TABLE scen.client (id int PRIMARY KEY, country int REFERENCES scen.country ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE scen.head (
    id int PRIMARY KEY,
    client int REFERENCES scen.client ON DELETE CASCADE ON UPDATE CASCADE,
    seller text,
    day date DEFAULT '2020-05-05',
    sold bool DEFAULT true,
    note varchar(20));
CREATE TABLE scen.line (
    id int PRIMARY KEY,
    head int REFERENCES scen.head ON DELETE CASCADE ON UPDATE CASCADE,
    country int REFERENCES scen.country ON DELETE SET NULL,
    net numeric,
    spare int);
CREATE INDEX ON scen.line (head);
CREATE INDEX ON scen.head (client);
CREATE TABLE scen.part (id int, seller text, net numeric, day date DEFAULT '2020-05-05', PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE scen.part_1 PARTITION OF scen.part FOR VALUES FROM ('2020-01-01') TO ('2020-07-01');
CREATE TABLE scen.part_2 PARTITION OF scen.part FOR VALUES FROM ('2020-07-01') TO ('2021-01-01');
DO $$
BEGIN
    PERFORM salesperf.attach_source('scen', lines => 'scen.line', header => 'scen.head', join_on => 'l.head = h.id', document => 'h.id',
        line => 'l.id', sold_on => 'h.day', customer => 'h.client', seller => 'h.seller', net => 'l.net', counts => 'h.sold');
    PERFORM salesperf.attach_source('scen_part', lines => 'scen.part', document => 'l.id', sold_on => 'l.day', seller => 'l.seller', net => 'l.net');
END $$;
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sources, sellers)
SELECT 950800 + row_number() OVER (ORDER BY m.metric, s.source, s.sellers), 'scen ' || m.metric, m.metric, '2020-01-01', '2020-12-31', 1, ARRAY[s.source], s.sellers
FROM (VALUES ('net'), ('documents')) m (metric), (VALUES ('scen', NULL::text[]), ('scen', '{a}'), ('scen_part', NULL), ('scen_part', '{a}')) s (source, sellers);

-- The parts of the figures that plain SQL says, and whether salesperf agrees.
CREATE VIEW scen.sold AS
SELECT 'scen' AS source, h.id::text AS document, h.seller, coalesce(l.net, 0) AS net
FROM scen.line l JOIN scen.head h ON h.id = l.head
WHERE h.sold AND h.day BETWEEN '2020-01-01' AND '2020-12-31' AND (l.net IS NULL OR abs(l.net) < 'Infinity')
UNION ALL
SELECT 'scen_part', id::text, seller, coalesce(net, 0) FROM scen.part WHERE day BETWEEN '2020-01-01' AND '2020-12-31';
CREATE FUNCTION scen.look(step text) RETURNS TABLE (after text, figures text, wrong text, states text, differing bigint) LANGUAGE sql AS $$
    SELECT step, string_agg(trim_scale(figure)::text, ' ' ORDER BY target_id),
        string_agg(format('%s: %s, not %s', target_id, figure, plain), ', ' ORDER BY target_id) FILTER (WHERE figure IS DISTINCT FROM plain),
        string_agg(DISTINCT sources[1] || ' ' || state, ', '), (SELECT count(*) FROM salesperf.verify_totals())
    FROM (
        SELECT t.target_id, t.sources, m.state, salesperf.measure_actual(m.measure_id) AS figure, (
            SELECT CASE t.metric WHEN 'net' THEN coalesce(sum(s.net), 0) ELSE count(DISTINCT s.document) END
            FROM scen.sold s WHERE s.source = ANY (t.sources) AND (t.sellers IS NULL OR s.seller = ANY (t.sellers))) AS plain
        FROM salesperf.target t JOIN salesperf.measure_state m USING (target_id) WHERE t.name LIKE 'scen %'
    ) x $$;
CREATE FUNCTION scen.start() RETURNS void LANGUAGE sql AS $$
    DELETE FROM scen.line;
    DELETE FROM scen.head;
    DELETE FROM scen.client;
    DELETE FROM scen.country;
    DELETE FROM scen.part;
    INSERT INTO scen.country VALUES (1), (2);
    INSERT INTO scen.client VALUES (1, 1), (2, 2);
    INSERT INTO scen.head (id, client, seller) VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 1, 'a');
    INSERT INTO scen.line VALUES (10, 1, 1, 10), (11, 1, 2, 20), (20, 2, 1, 40), (30, 3, NULL, 80);
    INSERT INTO scen.part VALUES (1, 'a', 1, '2020-05-05'), (2, 'b', 2, '2020-05-05'), (3, 'a', 4, '2020-08-08') $$;
SELECT scen.start();
CALL salesperf.refresh_measures();
\pset tuples_only on
\pset format unaligned
SELECT * FROM scen.look('start');

-- No row at all.
INSERT INTO scen.head SELECT * FROM scen.head WHERE false;
INSERT INTO scen.line SELECT * FROM scen.line WHERE false;
UPDATE scen.head SET seller = 'z' WHERE false;
UPDATE scen.line SET net = 0 WHERE false;
DELETE FROM scen.head WHERE false;
DELETE FROM scen.line WHERE false;
UPDATE scen.part SET net = 0 WHERE false;
SELECT * FROM scen.look('no rows');
COPY scen.head (id, client, seller) FROM stdin;
4	1	b
5	2	a
\.
COPY scen.line (id, head, net) FROM stdin;
40	4	1
50	5	2
51	5	3
\.
SELECT * FROM scen.look('COPY');
INSERT INTO scen.head (id, seller) VALUES (1, 'b'), (6, 'a') ON CONFLICT (id) DO UPDATE SET seller = excluded.seller;
INSERT INTO scen.line VALUES (10, 6, 1, 100), (60, 6, 1, 200) ON CONFLICT (id) DO UPDATE SET head = excluded.head, net = excluded.net;
SELECT * FROM scen.look('ON CONFLICT DO UPDATE');
INSERT INTO scen.head (id, seller) VALUES (1, 'x'), (2, 'x') ON CONFLICT DO NOTHING;
INSERT INTO scen.line VALUES (10, 1, 1, 1), (61, 6, 1, 7) ON CONFLICT DO NOTHING;
SELECT * FROM scen.look('ON CONFLICT DO NOTHING');
MERGE INTO scen.head h USING (VALUES (1, 'a'), (2, NULL), (7, 'a')) v (id, seller) ON h.id = v.id
WHEN MATCHED AND v.seller IS NULL THEN DELETE
WHEN MATCHED THEN UPDATE SET seller = v.seller
WHEN NOT MATCHED THEN INSERT (id, seller) VALUES (v.id, v.seller);
MERGE INTO scen.line l USING (VALUES (10, 1.5), (11, NULL), (70, 9)) v (id, net) ON l.id = v.id
WHEN MATCHED AND v.net IS NULL THEN DELETE
WHEN MATCHED THEN UPDATE SET net = v.net, head = 7
WHEN NOT MATCHED THEN INSERT VALUES (v.id, 7, NULL, v.net);
SELECT * FROM scen.look('MERGE');
MERGE INTO scen.part p USING (VALUES (9, 'a', 1024, date '2020-09-09'), (1, 'b', 16, '2020-05-05'), (2, 'a', NULL, '2020-05-05')) v (id, seller, net, day) ON p.id = v.id
WHEN MATCHED AND v.net IS NULL THEN DELETE
WHEN MATCHED THEN UPDATE SET seller = v.seller, net = v.net, day = '2020-11-11'
WHEN NOT MATCHED THEN INSERT VALUES (v.id, v.seller, v.net, v.day);
SELECT * FROM scen.look('MERGE, partitioned, INSERT before UPDATE');
WITH h AS (INSERT INTO scen.head (id, seller) VALUES (8, 'a') RETURNING id),
    l AS (INSERT INTO scen.line SELECT 80, 3, NULL, 5 RETURNING id),
    m AS (INSERT INTO scen.line SELECT 81, 3, NULL, 6 RETURNING id),
    u AS (UPDATE scen.head SET seller = 'b' WHERE id = 3 RETURNING id)
DELETE FROM scen.line WHERE id = 30;
SELECT * FROM scen.look('writable CTEs');
SELECT scen.start();

-- Cascades: over one and two levels, of each kind, and over two ways.
BEGIN;
DELETE FROM scen.head WHERE id = 1;
SELECT * FROM scen.look('header deleted, lines with it');
ROLLBACK;
SELECT * FROM scen.look('rolled back');
BEGIN;
UPDATE scen.head SET id = 9, seller = 'b' WHERE id = 1;
SELECT * FROM scen.look('key of a header');
COMMIT;
SELECT * FROM scen.look('committed');
UPDATE scen.client SET id = 3 WHERE id = 1;
SELECT * FROM scen.look('key over two levels');
DELETE FROM scen.country WHERE id = 2;
SELECT * FROM scen.look('three levels, and SET NULL');
DELETE FROM scen.client;
SELECT * FROM scen.look('two levels');
SELECT scen.start();
ALTER TABLE scen.line DROP CONSTRAINT line_head_fkey, ADD FOREIGN KEY (head) REFERENCES scen.head ON DELETE SET NULL ON UPDATE SET NULL;
UPDATE scen.head SET id = 9 WHERE id = 1;
SELECT * FROM scen.look('lines without header');
ALTER TABLE scen.line ALTER head SET DEFAULT 9, DROP CONSTRAINT line_head_fkey, ADD FOREIGN KEY (head) REFERENCES scen.head ON DELETE SET DEFAULT ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED;
BEGIN;
DELETE FROM scen.head WHERE id = 2;
UPDATE scen.line SET head = 77 WHERE id = 30;
INSERT INTO scen.head (id, seller) VALUES (77, 'b');
COMMIT;
SELECT * FROM scen.look('SET DEFAULT, checked at the end');

-- Savepoints and two phases.
BEGIN;
INSERT INTO scen.line VALUES (90, 3, NULL, 1000);
SAVEPOINT s;
UPDATE scen.head SET seller = 'b';
DELETE FROM scen.line WHERE id = 90;
INSERT INTO scen.head (id, seller) VALUES (90, 'a');
ROLLBACK TO s;
INSERT INTO scen.head (id, seller) VALUES (90, 'b');
INSERT INTO scen.line VALUES (91, 90, NULL, 2000);
SELECT * FROM scen.look('savepoint');
COMMIT;
SELECT * FROM scen.look('committed');
BEGIN;
UPDATE scen.head SET seller = 'a';
INSERT INTO scen.line VALUES (92, 90, NULL, 4000);
PREPARE TRANSACTION 'scen';
SELECT * FROM scen.look('prepared');
COMMIT PREPARED 'scen';
SELECT * FROM scen.look('COMMIT PREPARED');
BEGIN;
DELETE FROM scen.line;
PREPARE TRANSACTION 'scen';
ROLLBACK PREPARED 'scen';
SELECT * FROM scen.look('ROLLBACK PREPARED');
SET session_replication_role = replica;
INSERT INTO scen.head (id, seller) VALUES (93, 'a');
INSERT INTO scen.line VALUES (93, 93, NULL, 8000);
RESET session_replication_role;
SELECT * FROM scen.look('replica role');

-- Amounts that are no numbers do not count.
INSERT INTO scen.line VALUES (94, 93, NULL, 'NaN'), (95, 93, NULL, 'Infinity'), (96, 93, NULL, '-Infinity');
SELECT salesperf.measure_actual(measure_id), state FROM salesperf.measure_state JOIN salesperf.target USING (target_id) WHERE name = 'scen net' AND sources = '{scen}' AND sellers = '{a}';
SELECT count(*) FROM salesperf.verify_totals();
UPDATE scen.line SET net = 1 WHERE id = 94;
DELETE FROM scen.line WHERE id IN (95, 96);
SELECT * FROM scen.look('numbers again');

-- Columns: renamed, of another type, dropped and added.
ALTER TABLE scen.line RENAME net TO amount;
ALTER TABLE scen.line RENAME amount TO net;
INSERT INTO scen.line VALUES (97, 93, NULL, 3);
SELECT * FROM scen.look('renamed');
ALTER TABLE scen.line ALTER net TYPE numeric(12,0);
ALTER TABLE scen.head ALTER seller TYPE varchar(10);
SELECT * FROM scen.look('another type is refused');
ALTER TABLE scen.line ALTER spare TYPE text;
ALTER TABLE scen.head ALTER note TYPE varchar(40), ADD extra int DEFAULT 5;
INSERT INTO scen.line VALUES (98, 93, NULL, 4, 'x');
SELECT * FROM scen.look('columns that nobody maps');
CALL salesperf.refresh_measures();
ALTER TABLE scen.line DROP spare;
INSERT INTO scen.line VALUES (99, 93, NULL, 5);
UPDATE scen.head SET seller = 'b' WHERE id = 93;
SELECT * FROM scen.look('column dropped');

-- Triggers out of service.
ALTER TABLE scen.line DISABLE TRIGGER USER;
INSERT INTO scen.line VALUES (100, 93, NULL, 6);
SELECT * FROM scen.look('DISABLE TRIGGER USER');
ALTER TABLE scen.line ENABLE TRIGGER USER;
SELECT salesperf.setup();
CALL salesperf.refresh_measures();
SELECT * FROM scen.look('enabled, set up, built');
DELETE FROM scen.line WHERE id = 100;
SELECT * FROM scen.look('followed');

-- TRUNCATE, also over a foreign key, and rolled back.
BEGIN;
TRUNCATE scen.country CASCADE;
INSERT INTO scen.head (id, seller) VALUES (1, 'a');
INSERT INTO scen.line VALUES (10, 1, NULL, 7);
SELECT * FROM scen.look('TRUNCATE CASCADE');
ROLLBACK;
SELECT * FROM scen.look('rolled back');
TRUNCATE scen.country CASCADE;
SELECT * FROM scen.look('TRUNCATE CASCADE');
INSERT INTO scen.head (id, seller) VALUES (1, 'a');
INSERT INTO scen.line VALUES (10, 1, NULL, 7);
CALL salesperf.refresh_measures();
SELECT * FROM scen.look('built');
INSERT INTO scen.line VALUES (11, 1, NULL, 8);
SELECT * FROM scen.look('followed');

-- Partitions: written directly, new, attached, detached, dropped, truncated.
INSERT INTO scen.part_1 VALUES (11, 'a', 100);
UPDATE scen.part_2 SET net = net * 2;
DELETE FROM scen.part_1 WHERE id = 2;
SELECT * FROM scen.look('partitions directly');
CREATE TABLE scen.part_3 PARTITION OF scen.part FOR VALUES FROM ('2019-01-01') TO ('2020-01-01');
INSERT INTO scen.part_3 VALUES (12, 'a', 7, '2019-05-05');
UPDATE scen.part SET day = '2020-05-05' WHERE id = 12;
SELECT * FROM scen.look('new partition');
CREATE TABLE scen.part_4 (LIKE scen.part INCLUDING DEFAULTS);
INSERT INTO scen.part_4 VALUES (13, 'a', 9, '2021-05-05'), (14, 'b', 9, '2021-05-05');
ALTER TABLE scen.part ATTACH PARTITION scen.part_4 FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
SELECT * FROM scen.look('attached');
CALL salesperf.refresh_measures();
UPDATE scen.part SET day = '2020-12-31' WHERE id = 13;
SELECT * FROM scen.look('attached, written');
ALTER TABLE scen.part DETACH PARTITION scen.part_2;
SELECT * FROM scen.look('detached');
CALL salesperf.refresh_measures();
INSERT INTO scen.part_2 VALUES (15, 'a', 1000000, '2020-08-08');
SELECT * FROM scen.look('detached, written');
DROP TABLE scen.part_1;
SELECT * FROM scen.look('dropped');
CREATE TABLE scen.part_1 PARTITION OF scen.part FOR VALUES FROM ('2020-01-01') TO ('2020-07-01');
CALL salesperf.refresh_measures();
INSERT INTO scen.part VALUES (16, 'a', 11), (17, 'b', 12);
SELECT * FROM scen.look('built, written');
TRUNCATE scen.part_1;
SELECT * FROM scen.look('a partition truncated');

-- Children by inheritance.
CREATE TABLE scen.child () INHERITS (scen.line);
INSERT INTO scen.child VALUES (200, 1, NULL, 500000);
SELECT count(*) FROM salesperf.sale WHERE source = 'scen' AND net = 500000;
SELECT state FROM salesperf.measure_state JOIN salesperf.target USING (target_id) WHERE name = 'scen net' AND sources = '{scen}' AND sellers = '{a}';
SELECT count(*) FROM salesperf.verify_totals();
DROP TABLE scen.child;

DELETE FROM salesperf.target WHERE name LIKE 'scen %';
SELECT salesperf.detach_source('scen'), salesperf.detach_source('scen_part');
DROP SCHEMA scen CASCADE;
