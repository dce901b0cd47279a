-- Partitioned tables as a source: whichever of them a statement names, kept
-- figures are what plain SQL says.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET jit = off;
CREATE ROLE regress_spm_tree;
CREATE SCHEMA tree AUTHORIZATION regress_spm_tree;
SET ROLE regress_spm_tree;
CREATE TABLE tree.head (id integer, day date NOT NULL, rep text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE tree.line (id integer, head integer, day date NOT NULL, region text NOT NULL, net numeric) PARTITION BY LIST (region);
CREATE TABLE tree.share (head integer, rep text, percent numeric) PARTITION BY HASH (head);
CREATE TABLE tree.head_2020 PARTITION OF tree.head FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE tree.head_2021 PARTITION OF tree.head FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
CREATE TABLE tree.share_0 PARTITION OF tree.share FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE tree.share_1 PARTITION OF tree.share FOR VALUES WITH (MODULUS 2, REMAINDER 1);
-- Columns in another order, after dropped ones; a partition with partitions.
CREATE TABLE tree.line_north (net numeric, gone text, region text NOT NULL, head integer, also_gone integer, id integer, day date NOT NULL);
ALTER TABLE tree.line_north DROP COLUMN gone, DROP COLUMN also_gone;
ALTER TABLE tree.line ATTACH PARTITION tree.line_north FOR VALUES IN ('north');
CREATE TABLE tree.line_south (day date NOT NULL, gone text, net numeric, id integer, region text NOT NULL, head integer) PARTITION BY RANGE (id);
ALTER TABLE tree.line_south DROP COLUMN gone;
ALTER TABLE tree.line ATTACH PARTITION tree.line_south FOR VALUES IN ('south');
CREATE TABLE tree.line_south_1 PARTITION OF tree.line_south FOR VALUES FROM (0) TO (100);
CREATE TABLE tree.line_south_2 (head integer, net numeric, region text NOT NULL, id integer, day date NOT NULL);
ALTER TABLE tree.line_south ATTACH PARTITION tree.line_south_2 FOR VALUES FROM (100) TO (200);

RESET ROLE;
CREATE FUNCTION tree.attach(lines text DEFAULT 'tree.line', header text DEFAULT 'tree.head', splits text DEFAULT 'tree.share') RETURNS void LANGUAGE sql AS $$
    SELECT salesperf.attach_source('tree', lines => lines, header => header, join_on => 'l.head = h.id', document => 'h.id', line => 'l.id',
        sold_on => 'h.day', seller => 'h.rep', net => 'l.net', splits => splits, split_on => 's.head = h.id', split_seller => 's.rep', split_percent => 's.percent') $$;
-- Indexes are asked for on the root; those of some partitions are not enough.
CREATE INDEX ON tree.line_north (head);
SELECT tree.attach();
CREATE INDEX line_head ON ONLY tree.line (head);
SELECT tree.attach();
DROP INDEX tree.line_head;
CREATE INDEX ON tree.line (head);
SELECT tree.attach();
CREATE INDEX ON tree.share (head);
SELECT tree.attach();

INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sources, sellers) VALUES
    (950501, 'tree net', 'net', '2020-01-01', '2021-12-31', 100, '{tree}', NULL),
    (950502, 'tree lines', 'quantity', '2020-01-01', '2021-12-31', 100, '{tree}', NULL),
    (950503, 'tree ann', 'net', '2020-01-01', '2021-12-31', 100, '{tree}', '{ann}');
CREATE VIEW tree.figure AS
SELECT t.target_id, salesperf.measure_figure(m.scope) AS figure,
    (SELECT coalesce(sum(CASE
        WHEN t.metric = 'quantity' THEN 1
        WHEN t.sellers IS NULL THEN l.net
        ELSE l.net * (coalesce(p.ann, 0) + CASE WHEN h.rep = 'ann' THEN 100 - coalesce(p.of_all, 0) ELSE 0 END) / 100 END), 0)
     FROM tree.line l JOIN tree.head h ON h.id = l.head
     LEFT JOIN (SELECT s.head, sum(s.percent) AS of_all, sum(s.percent) FILTER (WHERE s.rep = 'ann') AS ann FROM tree.share s GROUP BY 1) p ON p.head = h.id
     WHERE h.day BETWEEN t.starts_on AND t.ends_on) AS plain,
    s.state
FROM salesperf.target_measure m JOIN salesperf.target t USING (target_id) JOIN salesperf.measure_state s USING (target_id)
WHERE t.name LIKE 'tree %';
-- All three figures, whether they are right, kept, and kept = recomputed.
CREATE FUNCTION tree.look(step text) RETURNS TABLE (after text, figures text, is_right boolean, states text, differing bigint) LANGUAGE sql AS $$
    SELECT step, string_agg(trim_scale(figure)::text, ' ' ORDER BY target_id), bool_and(figure = plain), string_agg(DISTINCT state, ' '),
        (SELECT count(*) FROM salesperf.verify_totals())
    FROM tree.figure $$;
CREATE FUNCTION tree.reasons() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT finding FROM salesperf.health WHERE object = 'source tree' ORDER BY 1 $$;
CALL salesperf.refresh_measures();
\pset tuples_only on
SELECT * FROM tree.look('built');

-- Through the roots.
INSERT INTO tree.head VALUES (1, '2020-05-05', 'ann'), (2, '2021-05-05', 'bob'), (3, '2020-12-31', 'ann');
INSERT INTO tree.line VALUES (1, 1, '2020-05-05', 'north', 10), (2, 1, '2020-05-05', 'south', 20), (102, 2, '2021-05-05', 'south', 40), (4, 3, '2020-12-31', 'north', 80);
INSERT INTO tree.share VALUES (2, 'ann', 25), (2, 'cid', 25);
SELECT * FROM tree.look('insert');
UPDATE tree.line SET net = net + 1;
DELETE FROM tree.line WHERE id = 4;
SELECT * FROM tree.look('update, delete');

-- Through a partition, which fires its own triggers alone.
INSERT INTO tree.line_north (id, head, day, region, net) VALUES (5, 2, '2021-05-05', 'north', 160);
INSERT INTO tree.line_south (id, head, day, region, net) VALUES (6, 2, '2021-05-05', 'south', 320), (106, 1, '2020-05-05', 'south', 640);
INSERT INTO tree.line_south_2 (id, head, day, region, net) VALUES (107, 2, '2021-05-05', 'south', 1280);
SELECT * FROM tree.look('insert into partitions');
UPDATE tree.line_north SET net = net + 1, head = 2 WHERE id = 1;
UPDATE tree.head_2021 SET rep = 'ann';
UPDATE tree.share_0 SET percent = percent + 1;
UPDATE tree.share_1 SET percent = percent + 1;
DELETE FROM tree.line_south_1 WHERE id = 6;
SELECT * FROM tree.look('update, delete in partitions');

-- A row that moves, from the root and within a partition with partitions.
UPDATE tree.line SET region = 'south', net = net + 1 WHERE id = 5;
UPDATE tree.line SET region = 'north', head = 1 WHERE id = 107;
UPDATE tree.line_south SET id = 108 - id WHERE id IN (2, 106);
UPDATE tree.head SET day = '2020-07-07' WHERE id = 2;
SELECT * FROM tree.look('moved');

-- COPY, MERGE, cascades of commands in one statement.
COPY tree.line (id, head, day, region, net) FROM stdin;
7	3	2020-12-31	north	2560
120	3	2020-12-31	south	5120
\.
COPY tree.line_south_2 (id, net, head, day, region) FROM stdin;
121	10240	1	2020-05-05	south
\.
SELECT * FROM tree.look('copy');
MERGE INTO tree.line l USING (VALUES (7, 'south', 1), (8, 'north', 2), (120, 'north', 3)) AS n (id, region, net) ON n.id = l.id
WHEN MATCHED AND n.net = 3 THEN DELETE
WHEN MATCHED THEN UPDATE SET region = n.region, net = l.net + n.net
WHEN NOT MATCHED THEN INSERT VALUES (n.id, 1, '2020-05-05', n.region, n.net);
SELECT * FROM tree.look('merge');
WITH d AS (DELETE FROM tree.line_north WHERE head = 1 RETURNING *), i AS (INSERT INTO tree.line SELECT id + 30, head, day, 'south', net FROM d RETURNING *)
SELECT count(*) FROM i;
SELECT * FROM tree.look('nested commands');
BEGIN;
INSERT INTO tree.line_north (id, head, day, region, net) VALUES (9, 3, '2020-12-31', 'north', 3);
SAVEPOINT s;
UPDATE tree.line SET net = 0;
SELECT * FROM tree.look('in a transaction');
ROLLBACK TO s;
SELECT * FROM tree.look('a savepoint back');
COMMIT;
SELECT * FROM tree.look('committed');
-- Rows that arrive by replication are noted where they are stored.
SET session_replication_role = replica;
INSERT INTO tree.line VALUES (10, 3, '2020-12-31', 'north', 5), (110, 3, '2020-12-31', 'south', 7);
UPDATE tree.line SET region = 'north' WHERE id = 110;
DELETE FROM tree.line_north WHERE id = 10;
RESET session_replication_role;
SELECT * FROM tree.look('replica role');

-- Each statement calls the function once, not once for each partition.
SET track_functions = 'all';
BEGIN;
UPDATE tree.line SET net = net + 1;
SELECT pg_stat_get_xact_function_calls('salesperf.collect_changes()'::regprocedure);
UPDATE tree.line_south SET net = net + 1;
SELECT pg_stat_get_xact_function_calls('salesperf.collect_changes()'::regprocedure);
UPDATE tree.line_south_2 SET id = id + 1;
SELECT pg_stat_get_xact_function_calls('salesperf.collect_changes()'::regprocedure);
COMMIT;
RESET track_functions;
SELECT * FROM tree.look('calls');
SELECT c.relname, count(*), string_agg(t.tgenabled::text, '' ORDER BY t.tgname)
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = 'tree'::regnamespace GROUP BY 1 ORDER BY 1;

-- A new partition, by who may create one, is empty: what is kept stays kept.
SET ROLE regress_spm_tree;
CREATE TABLE tree.head_2019 PARTITION OF tree.head FOR VALUES FROM ('2019-01-01') TO ('2020-01-01');
CREATE TABLE tree.line_south_3 PARTITION OF tree.line_south FOR VALUES FROM (200) TO (300);
CREATE TABLE tree.line_east PARTITION OF tree.line FOR VALUES IN ('east') PARTITION BY RANGE (id);
RESET ROLE;
CREATE SCHEMA AUTHORIZATION regress_spm_tree
    CREATE TABLE line_east_1 PARTITION OF tree.line_east FOR VALUES FROM (0) TO (100);
SELECT * FROM tree.look('new partitions');
SELECT * FROM tree.reasons();
INSERT INTO tree.line VALUES (201, 1, '2020-05-05', 'south', 1), (40, 2, '2021-05-05', 'east', 2);
INSERT INTO regress_spm_tree.line_east_1 VALUES (41, 1, '2020-05-05', 'east', 4);
UPDATE tree.line_south_3 SET net = 8;
UPDATE tree.line_east SET id = id + 1;
SELECT * FROM tree.look('rows in them');
-- In one transaction with the rows, rolled back, and committed.
BEGIN;
CREATE TABLE tree.line_west PARTITION OF tree.line FOR VALUES IN ('west');
INSERT INTO tree.line_west VALUES (50, 1, '2020-05-05', 'west', 16);
UPDATE tree.line SET region = 'west' WHERE id = 201;
SELECT * FROM tree.look('created in this transaction');
ROLLBACK;
SELECT * FROM tree.look('rolled back');
BEGIN;
CREATE TABLE tree.line_west PARTITION OF tree.line FOR VALUES IN ('west');
INSERT INTO tree.line VALUES (50, 1, '2020-05-05', 'west', 16);
UPDATE tree.line SET region = 'west' WHERE id = 201;
COMMIT;
SELECT * FROM tree.look('committed');
-- Event triggers fire under this setting too.
SET session_replication_role = replica;
CREATE TABLE tree.line_rest PARTITION OF tree.line DEFAULT;
RESET session_replication_role;
INSERT INTO tree.line VALUES (60, 1, '2020-05-05', 'nowhere', 32);
SELECT * FROM tree.look('default');

-- Rows that come and go with a partition: live, until it is built again.
CREATE TABLE tree.line_up (LIKE tree.line);
INSERT INTO tree.line_up VALUES (70, 1, '2020-05-05', 'up', 64);
ALTER TABLE tree.line ATTACH PARTITION tree.line_up FOR VALUES IN ('up');
SELECT * FROM tree.look('attach');
SELECT * FROM tree.reasons();
CALL salesperf.refresh_measures();
INSERT INTO tree.line_up VALUES (71, 1, '2020-05-05', 'up', 128);
SELECT * FROM tree.look('refresh, a row');
ALTER TABLE tree.line DETACH PARTITION tree.line_rest;
ALTER TABLE tree.line DETACH PARTITION tree.line_up CONCURRENTLY;
INSERT INTO tree.line_up VALUES (72, 1, '2020-05-05', 'up', 256);
SELECT * FROM tree.look('detach');
SELECT count(*) FROM pg_trigger WHERE tgrelid = 'tree.line_up'::regclass;
CALL salesperf.refresh_measures();
INSERT INTO tree.line_up VALUES (73, 1, '2020-05-05', 'up', 512);
SELECT * FROM tree.look('refresh, a row elsewhere');
-- A partition with partitions, of which only the upper one is locked.
ALTER TABLE tree.line DETACH PARTITION tree.line_south;
SELECT * FROM tree.look('detach with partitions');
CALL salesperf.refresh_measures();
UPDATE tree.line_south_1 SET net = net + 1;
DELETE FROM tree.line_south WHERE id > 200;
SELECT * FROM tree.look('refresh, changes elsewhere');
ALTER TABLE tree.line ATTACH PARTITION tree.line_south FOR VALUES IN ('south');
SELECT * FROM tree.look('attach with partitions');
CALL salesperf.refresh_measures();
UPDATE tree.line_south_1 SET net = net + 1;
UPDATE tree.line_south SET net = net + 1;
UPDATE tree.line SET net = net + 1;
SELECT * FROM tree.look('refresh, changes');
DROP TABLE tree.line_west;
SELECT * FROM tree.look('drop');
SELECT * FROM tree.reasons();
CALL salesperf.refresh_measures();
SELECT * FROM tree.look('refresh');
DROP SCHEMA regress_spm_tree CASCADE;
SELECT * FROM tree.look('drop of a schema');
CALL salesperf.refresh_measures();
TRUNCATE tree.line_south_2;
SELECT * FROM tree.look('truncate of a partition');
SELECT * FROM tree.reasons();
CALL salesperf.refresh_measures();
BEGIN;
ALTER TABLE tree.line ADD COLUMN later timestamptz DEFAULT clock_timestamp();
UPDATE tree.line_north SET net = net + 1;
COMMIT;
SELECT * FROM tree.look('rewritten');
SELECT * FROM tree.reasons();
CALL salesperf.refresh_measures();
INSERT INTO tree.line_south_2 (id, head, day, region, net) VALUES (150, 1, '2020-05-05', 'south', 1024);
SELECT * FROM tree.look('refresh, a row');

-- A trigger of one partition, disabled and dropped.
ALTER TABLE tree.line_south_1 DISABLE TRIGGER salesperf_tree_update;
SELECT * FROM tree.look('disabled');
UPDATE tree.line_south_1 SET net = net + 1;
ALTER TABLE tree.line_south_1 ENABLE ALWAYS TRIGGER salesperf_tree_update;
SELECT * FROM tree.look('enabled');
CALL salesperf.refresh_measures();
DROP TRIGGER salesperf_tree_insert ON tree.line_north;
INSERT INTO tree.line_north (id, head, day, region, net) VALUES (80, 1, '2020-05-05', 'north', 2048);
SELECT * FROM tree.look('dropped');
SELECT salesperf.setup() \g /dev/null
CALL salesperf.refresh_measures();
INSERT INTO tree.line_north (id, head, day, region, net) VALUES (81, 1, '2020-05-05', 'north', 4096);
SELECT * FROM tree.look('setup, refresh, a row');
-- As pg_restore --disable-triggers ends.
ALTER TABLE tree.line_north ENABLE TRIGGER ALL;
SELECT * FROM tree.look('all enabled');
SELECT salesperf.setup() \g /dev/null
CALL salesperf.refresh_measures();
SELECT * FROM tree.look('setup, refresh');

-- With event triggers off, partitions come without triggers: not kept.
ALTER EVENT TRIGGER salesperf_table_altered DISABLE;
CREATE TABLE tree.line_down PARTITION OF tree.line FOR VALUES IN ('down');
INSERT INTO tree.line_down VALUES (90, 1, '2020-05-05', 'down', 8192);
SELECT * FROM tree.look('no event trigger');
CALL salesperf.refresh_measures();
SELECT * FROM tree.look('refresh');
ALTER EVENT TRIGGER salesperf_table_altered ENABLE ALWAYS;
CREATE TABLE tree.line_left PARTITION OF tree.line FOR VALUES IN ('left');
SELECT * FROM tree.look('event trigger');
SELECT salesperf.setup() \g /dev/null
CALL salesperf.refresh_measures();
INSERT INTO tree.line_down VALUES (91, 1, '2020-05-05', 'down', 16384);
SELECT * FROM tree.look('setup, refresh, a row');
-- Unlogged rows are lost in a crash.
CREATE UNLOGGED TABLE tree.line_right PARTITION OF tree.line FOR VALUES IN ('right');
SELECT * FROM tree.look('unlogged');
CALL salesperf.refresh_measures();
SELECT * FROM tree.look('refresh');
DROP TABLE tree.line_right;
CALL salesperf.refresh_measures();
SELECT * FROM tree.look('dropped, refresh');
\pset tuples_only off

-- What can't be.
CREATE FOREIGN DATA WRAPPER tree_wrapper;
CREATE SERVER tree_server FOREIGN DATA WRAPPER tree_wrapper;
CREATE FOREIGN TABLE tree.line_far PARTITION OF tree.line FOR VALUES IN ('far') SERVER tree_server;
CREATE FOREIGN TABLE tree.line_far (id integer, head integer, day date NOT NULL, region text NOT NULL, net numeric, later timestamptz) SERVER tree_server;
ALTER TABLE tree.line ATTACH PARTITION tree.line_far FOR VALUES IN ('far');
SELECT tree.attach(lines => 'tree.line_south');
SELECT tree.attach(lines => 'tree.line_south_1');
SELECT tree.attach(header => 'tree.head_2021');
SELECT salesperf.attach_source('other', lines => 'tree.line', document => 'l.head', sold_on => 'l.day', net => 'l.net',
    joins => ARRAY['tree.head h2 ON h2.id = l.head']);

-- Another mapping, and none.
SELECT salesperf.attach_source('tree', lines => 'tree.line', document => 'l.head', sold_on => 'l.day', net => 'l.net');
SELECT c.relname, count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = 'tree'::regnamespace GROUP BY 1 ORDER BY 1;
CALL salesperf.refresh_measures();
INSERT INTO tree.line_down VALUES (92, 1, '2020-05-05', 'down', 1);
SELECT count(*) FROM salesperf.verify_totals();
SELECT state FROM tree.figure WHERE target_id = 950501;
SELECT salesperf.detach_source('tree');
SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = 'tree'::regnamespace;
ALTER TABLE tree.line ATTACH PARTITION tree.line_far FOR VALUES IN ('far');
SELECT tree.attach();

DELETE FROM salesperf.target WHERE name LIKE 'tree %';
DROP FOREIGN DATA WRAPPER tree_wrapper CASCADE;
DROP SCHEMA tree CASCADE;
DROP OWNED BY regress_spm_tree;
DROP ROLE regress_spm_tree;
CALL salesperf.refresh_measures();
