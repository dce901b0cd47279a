-- Writes that fire no trigger, or other ones: figures are right all the same.
SET client_min_messages = error;
SET datestyle = ISO;
SELECT salesperf.setup() \g /dev/null
CREATE SCHEMA fol;
CREATE TABLE fol.sale (id int PRIMARY KEY, day date DEFAULT '2020-02-02', rep text, net numeric);
CREATE TABLE fol.other (id int PRIMARY KEY, day date DEFAULT '2020-02-02', net numeric);
SELECT salesperf.attach_source('fol', lines => 'fol.sale', document => 'l.id', sold_on => 'l.day', seller => 'l.rep', net => 'l.net') \g /dev/null
SELECT salesperf.attach_source('folo', lines => 'fol.other', document => 'l.id', sold_on => 'l.day', net => 'l.net') \g /dev/null
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sources)
VALUES ('fol', 'net', '2020-01-01', '2020-12-31', 1, '{fol}'), ('folo', 'net', '2020-01-01', '2020-12-31', 1, '{folo}');
INSERT INTO fol.sale VALUES (1, DEFAULT, 'a', 10);
INSERT INTO fol.other VALUES (1, DEFAULT, 1000);
CALL salesperf.refresh_measures();
CREATE FUNCTION fol.look(step text) RETURNS TABLE (after text, figure numeric, is_right bool, state text, of_other text) LANGUAGE sql AS $$
    SELECT step, p.actual, p.actual = (SELECT sum(s.net) FROM fol.sale s), m.state,
        (SELECT o.state FROM salesperf.measure_state o JOIN salesperf.target t USING (target_id) WHERE t.name = 'folo')
    FROM salesperf.target_performance p JOIN salesperf.measure_state m USING (target_id) WHERE p.name = 'fol' $$;
\pset tuples_only on
SELECT * FROM fol.look('built');

-- An ALTER TABLE that leaves the triggers alone changes nothing.
ALTER TABLE fol.sale ADD COLUMN note text;
SELECT * FROM fol.look('a column more');

-- session_replication_role = replica does not silence ours, and rows noted by
-- both kinds of triggers count once.
SET session_replication_role = replica;
INSERT INTO fol.sale VALUES (2, DEFAULT, 'a', 20), (3, DEFAULT, 'b', 5);
UPDATE fol.sale SET net = net + 1, id = id + 10 WHERE id = 3;
DELETE FROM fol.sale WHERE id = 1;
RESET session_replication_role;
SELECT * FROM fol.look('replica role');
SELECT count(*) AS differing FROM salesperf.verify_totals();

-- Disabled triggers: live while it lasts, and not built; live after it, until
-- it is built again.  Another source's measures stay as they are.
ALTER TABLE fol.sale DISABLE TRIGGER salesperf_fol_insert;
SELECT * FROM fol.look('disabled');
INSERT INTO fol.sale VALUES (4, DEFAULT, 'a', 40);
SELECT * FROM fol.look('an order unseen');
SELECT severity, object, finding FROM salesperf.health WHERE object LIKE 'source fol%' ORDER BY 3;
CALL salesperf.refresh_measures();
SELECT * FROM fol.look('refresh');
ALTER TABLE fol.sale ENABLE ALWAYS TRIGGER salesperf_fol_insert;
SELECT * FROM fol.look('enabled');
CALL salesperf.refresh_measures();
SELECT * FROM fol.look('refresh');

-- ENABLE TRIGGER ALL, as pg_restore --disable-triggers ends with, forgets
-- ALWAYS.  setup() restores it.
ALTER TABLE fol.sale ENABLE TRIGGER ALL;
SET session_replication_role = replica;
INSERT INTO fol.sale VALUES (5, DEFAULT, 'a', 50);
RESET session_replication_role;
SELECT * FROM fol.look('all enabled');
SELECT salesperf.setup() \g /dev/null
CALL salesperf.refresh_measures();
SELECT * FROM fol.look('setup, refresh');

-- A dropped trigger.
DROP TRIGGER salesperf_fol_update ON fol.sale;
UPDATE fol.sale SET net = net * 2;
SELECT * FROM fol.look('dropped');
SELECT salesperf.setup() \g /dev/null
SELECT * FROM fol.look('setup');
CALL salesperf.refresh_measures();
SELECT * FROM fol.look('refresh');

-- A partition for a while: its parent's writes fire no trigger of it.
CREATE TABLE fol.root (LIKE fol.sale) PARTITION BY LIST (rep);
ALTER TABLE fol.root ATTACH PARTITION fol.sale DEFAULT;
INSERT INTO fol.root VALUES (6, '2020-03-03', 'c', 60);
SELECT * FROM fol.look('partition');
CALL salesperf.refresh_measures();
ALTER TABLE fol.root DETACH PARTITION fol.sale;
SELECT * FROM fol.look('detached');
CALL salesperf.refresh_measures();
INSERT INTO fol.sale VALUES (7, DEFAULT, 'c', 70);
SELECT * FROM fol.look('refresh, an order');
SELECT count(*) AS differing FROM salesperf.verify_totals();
\pset tuples_only off

SELECT salesperf.detach_source('fol') \g /dev/null
SELECT salesperf.detach_source('folo') \g /dev/null
SELECT count(*) AS triggers_left FROM pg_trigger WHERE tgrelid = 'fol.sale'::regclass AND NOT tgisinternal;
DELETE FROM salesperf.target;
CALL salesperf.refresh_measures();
DROP SCHEMA fol CASCADE;
