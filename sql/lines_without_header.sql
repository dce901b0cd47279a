-- Who creates a document need not look for other lines of it where all lines of
-- the source have a header.  Once one has not, whoever left or entered it, they
-- look again: figures equal plain SQL when a header comes later.
SET client_min_messages = error;
SELECT salesperf.setup() \g /dev/null
CREATE SCHEMA lwh;
CREATE TABLE lwh.head (id int PRIMARY KEY, sold bool DEFAULT true);
CREATE TABLE lwh.line (id int GENERATED ALWAYS AS IDENTITY, head int, net numeric);
CREATE INDEX ON lwh.line (head);
CREATE TABLE lwh.flat (id int PRIMARY KEY, net numeric);
CREATE FUNCTION lwh.attach() RETURNS void LANGUAGE sql AS $$
SELECT salesperf.attach_source('lwh', lines => 'lwh.line', header => 'lwh.head', join_on => 'l.head = h.id', document => 'h.id',
    sold_on => 'date ''2020-02-02''', net => 'l.net', counts => 'h.sold');
SELECT salesperf.attach_source('lwh_flat', lines => 'lwh.flat', document => 'l.id', sold_on => 'date ''2020-02-02''', net => 'l.net')
$$;
SELECT lwh.attach() \g /dev/null
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount) VALUES ('lwh', 'net', '2020-01-01', '2020-12-31', 1);
INSERT INTO lwh.head SELECT i FROM generate_series(1, 9) i;
INSERT INTO lwh.line (head, net) SELECT i, i FROM generate_series(1, 9) i UNION ALL SELECT NULL, 1000;
-- Another measure: a refresh looks at sources that it has builds to make of.
CREATE PROCEDURE lwh.target(name text) LANGUAGE sql AS $$
    INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount)
    SELECT $1, 'net', '2020-01-01', date '2020-01-01' + count(*)::int, 1 FROM salesperf.target $$;
CREATE FUNCTION lwh.look(step text) RETURNS TABLE (after text, actual numeric, is_right bool, kept bool, verified bool, known text, met text)
LANGUAGE sql AS $$
    SELECT step, trim_scale(p.actual), p.actual = (SELECT coalesce(sum(l.net), 0) FROM lwh.line l JOIN lwh.head h ON h.id = l.head WHERE h.sold),
        s.state = 'built', NOT EXISTS (SELECT FROM salesperf.verify_totals()),
        (SELECT string_agg(v.change::regclass::text, ',') FROM salesperf.org_version v WHERE v.part = 3 AND v.change::regclass::text ~ 'lwh'),
        (SELECT string_agg(CASE v.change WHEN 0 THEN 'all' ELSE v.change::regclass::text END, ',') FROM salesperf.org_version v WHERE v.part = 4)
    FROM salesperf.target_performance p JOIN salesperf.measure_state s USING (target_id) WHERE p.name = 'lwh' $$;
\pset tuples_only on
CALL salesperf.refresh_measures();
SELECT * FROM lwh.look('all have a header, but for one that never can');
BEGIN;
INSERT INTO lwh.head VALUES (10);
INSERT INTO lwh.line (head, net) VALUES (10, 10), (10, 20);
COMMIT;
BEGIN;
INSERT INTO lwh.line (head, net) VALUES (11, 11);
INSERT INTO lwh.head VALUES (11);
COMMIT;
SELECT * FROM lwh.look('documents created');
DELETE FROM lwh.line WHERE head = 9;
DELETE FROM lwh.head WHERE id = 9;
WITH gone AS (DELETE FROM lwh.head WHERE id = 8 RETURNING id) DELETE FROM lwh.line l USING gone WHERE l.head = gone.id;
UPDATE lwh.line SET net = net + 1;
UPDATE lwh.line SET head = 1 WHERE head = 2;
BEGIN;
SAVEPOINT a;
INSERT INTO lwh.line (head, net) VALUES (12, 12);
ROLLBACK TO a;
INSERT INTO lwh.line (head, net) VALUES (13, 13);
DELETE FROM lwh.line WHERE head = 13;
COMMIT;
SELECT * FROM lwh.look('documents deleted, lines moved and taken back');

-- Entered before its header.
INSERT INTO lwh.line (head, net) VALUES (20, 20);
SELECT * FROM lwh.look('a line without a header');
INSERT INTO lwh.line (head, net) VALUES (21, 21);
BEGIN;
INSERT INTO lwh.head VALUES (20), (21);
INSERT INTO lwh.line (head, net) VALUES (21, 2.1);
COMMIT;
SELECT * FROM lwh.look('their headers');
CALL salesperf.refresh_measures();
SELECT * FROM lwh.look('nothing was to be built');
CALL lwh.target('more 1');
CALL salesperf.refresh_measures();
SELECT * FROM lwh.look('looked again');

-- Left behind: by a header that goes, by its key, and by the line's.
DELETE FROM lwh.head WHERE id = 3;
SELECT * FROM lwh.look('header deleted');
CALL lwh.target('more 2');
CALL salesperf.refresh_measures();
SELECT * FROM lwh.look('looked, and there is one');
INSERT INTO lwh.head VALUES (3);
SELECT * FROM lwh.look('header again');
CALL lwh.target('more 3');
CALL salesperf.refresh_measures();
UPDATE lwh.head SET id = 30 WHERE id = 4;
SELECT * FROM lwh.look('header moved');
INSERT INTO lwh.head VALUES (4);
SELECT * FROM lwh.look('header in its place');
CALL lwh.target('more 4');
CALL salesperf.refresh_measures();
UPDATE lwh.line SET head = 40 WHERE head = 5;
SELECT * FROM lwh.look('line moved');
INSERT INTO lwh.head VALUES (40);
SELECT * FROM lwh.look('header where it went');

-- In a transaction that reads, in which the header comes after a report.
CALL lwh.target('more 5');
CALL salesperf.refresh_measures();
BEGIN;
INSERT INTO lwh.line (head, net) VALUES (50, 50);
SELECT is_right FROM lwh.look('');
INSERT INTO lwh.head VALUES (50);
COMMIT;
SELECT * FROM lwh.look('header after a report');

-- Unseen: triggers disabled, TRUNCATE, no measure, not attached.
ALTER TABLE lwh.line DISABLE TRIGGER USER;
INSERT INTO lwh.line (head, net) VALUES (60, 60);
ALTER TABLE lwh.line ENABLE ALWAYS TRIGGER salesperf_lwh_insert;
ALTER TABLE lwh.line ENABLE ALWAYS TRIGGER salesperf_lwh_update;
ALTER TABLE lwh.line ENABLE ALWAYS TRIGGER salesperf_lwh_delete;
ALTER TABLE lwh.line ENABLE ALWAYS TRIGGER salesperf_lwh_truncate;
ALTER TABLE lwh.line ENABLE REPLICA TRIGGER salesperf_lwh_row;
SELECT * FROM lwh.look('triggers disabled');
CALL salesperf.refresh_measures();
SELECT * FROM lwh.look('looked after that');
INSERT INTO lwh.head VALUES (60);
SELECT * FROM lwh.look('header');
TRUNCATE lwh.head;
CALL salesperf.refresh_measures();
SELECT * FROM lwh.look('headers gone');
INSERT INTO lwh.head SELECT DISTINCT head FROM lwh.line WHERE head IS NOT NULL;
CALL lwh.target('more 6');
CALL salesperf.refresh_measures();
SELECT * FROM lwh.look('headers back');
BEGIN;
CREATE TABLE lwh.target_kept AS SELECT * FROM salesperf.target;
DELETE FROM salesperf.target;
COMMIT;
CALL salesperf.refresh_measures();
INSERT INTO lwh.line (head, net) VALUES (70, 70);
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount)
SELECT name, metric, starts_on, ends_on, amount FROM lwh.target_kept;
CALL salesperf.refresh_measures();
SELECT * FROM lwh.look('a line that nobody counted');
INSERT INTO lwh.head VALUES (70);
SELECT * FROM lwh.look('and its header');
CALL lwh.target('more 7');
CALL salesperf.refresh_measures();
SELECT * FROM lwh.look('all have one');
SELECT salesperf.detach_source('lwh'), salesperf.detach_source('lwh_flat');
INSERT INTO lwh.line (head, net) VALUES (80, 80);
SELECT lwh.attach() \g /dev/null
SELECT * FROM lwh.look('attached anew');
CALL salesperf.refresh_measures();
SELECT * FROM lwh.look('looked after that');
INSERT INTO lwh.head VALUES (80);
SELECT * FROM lwh.look('header');
CALL lwh.target('more 8');
CALL salesperf.refresh_measures();
SELECT * FROM lwh.look('all have one');

-- A table that is altered may be read in another way.
ALTER TABLE lwh.head ADD note text;
SELECT * FROM lwh.look('altered');
CALL lwh.target('more 9');
CALL salesperf.refresh_measures();
ALTER TABLE lwh.line ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY all_lines ON lwh.line USING (true);
CALL lwh.target('more 10');
CALL salesperf.refresh_measures();
INSERT INTO lwh.line (head, net) VALUES (90, 90);
ALTER TABLE lwh.line DISABLE ROW LEVEL SECURITY;
INSERT INTO lwh.head VALUES (90);
SELECT * FROM lwh.look('read by a query meanwhile');

-- Rows of a table that inherits are no headers of the source's.
CREATE TABLE lwh.child () INHERITS (lwh.head);
INSERT INTO lwh.child VALUES (94);
INSERT INTO lwh.line (head, net) VALUES (94, 94);
CALL lwh.target('more 11');
CALL salesperf.refresh_measures();
DROP TABLE lwh.child;
ANALYZE lwh.head;
BEGIN;
INSERT INTO lwh.head VALUES (94);
INSERT INTO lwh.line (head, net) VALUES (94, 9.4);
COMMIT;
SELECT * FROM lwh.look('a header in a table that inherited');
-- Attached in the transaction that enters the line.
SELECT salesperf.detach_source('lwh'), salesperf.detach_source('lwh_flat');
BEGIN;
INSERT INTO lwh.line (head, net) VALUES (91, 91);
SELECT lwh.attach() \g /dev/null
INSERT INTO lwh.head VALUES (91);
COMMIT;
CALL salesperf.refresh_measures();
SELECT * FROM lwh.look('attached meanwhile');
-- More sources than are kept in mind: no more is noted of them each time.
SELECT salesperf.attach_source('lwh_' || i, lines => 'lwh.line', header => 'lwh.head', join_on => 'l.head = h.id', document => 'h.id',
    sold_on => 'date ''2020-02-02''', net => 'l.net', counts => 'l.head = 0') FROM generate_series(1, 9) i \g /dev/null
CREATE FUNCTION lwh.noted() RETURNS TABLE (known bigint, met bigint) LANGUAGE sql AS $$
    SELECT count(*) FILTER (WHERE part = 3), count(*) FILTER (WHERE part = 4) FROM salesperf.org_version $$;
CALL salesperf.refresh_measures();
CREATE TABLE lwh.noted_first AS SELECT * FROM lwh.noted();
CALL lwh.target('more 12');
CALL salesperf.refresh_measures();
SELECT f.known >= 8, n.known = f.known, n.met FROM lwh.noted_first f, lwh.noted() n;
INSERT INTO lwh.line (head, net) VALUES (97, 97);
INSERT INTO lwh.line (head, net) VALUES (98, 98);
UPDATE lwh.noted_first f SET met = n.met FROM lwh.noted() n;
INSERT INTO lwh.line (head, net) VALUES (98, 1);
SELECT f.met >= 8, n.met = f.met FROM lwh.noted_first f, lwh.noted() n;
INSERT INTO lwh.head VALUES (97), (98);
SELECT actual, is_right, kept, verified FROM lwh.look('');
SELECT salesperf.detach_source('lwh_' || i) FROM generate_series(1, 9) i \g /dev/null

SELECT salesperf.detach_source('lwh'), salesperf.detach_source('lwh_flat');
DELETE FROM salesperf.target;
CALL salesperf.refresh_measures();
DROP SCHEMA lwh CASCADE;
