-- Lines are of one document if the type of its key says that they are equal,
-- however differently equal keys are written: 1 and 1.0, or -0 and 0.
SET client_min_messages = warning;
SELECT salesperf.setup() \g /dev/null
CREATE SCHEMA same;
CREATE EXTENSION citext SCHEMA same;
CREATE COLLATION same.no_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE same.head (company text, no numeric, name text, seller text, day date DEFAULT '2022-05-01', PRIMARY KEY (company, no));
CREATE TABLE same.line (id integer PRIMARY KEY, company text, head numeric, net numeric DEFAULT 10);
CREATE INDEX ON same.line (head);
CREATE TABLE same.one (id numeric PRIMARY KEY, name text, seller text, day date DEFAULT '2022-05-01');
CREATE TABLE same.flat (id integer GENERATED ALWAYS AS IDENTITY, n numeric, f float8, ci same.citext, t text COLLATE same.no_case, b bpchar, plain text,
    big bigint, seller text DEFAULT 'a', day date DEFAULT '2022-05-01', net numeric DEFAULT 10);
CREATE INDEX ON same.flat (n);
CREATE INDEX ON same.flat (f);
CREATE INDEX ON same.flat (ci);
CREATE INDEX ON same.flat (t);
CREATE INDEX ON same.flat (b);
CREATE INDEX ON same.flat (plain);
CREATE INDEX ON same.flat (big);

-- Each written in a way of its own, and others in between.
CREATE FUNCTION same.sell(first integer, last integer) RETURNS void LANGUAGE sql AS $$
INSERT INTO same.flat (n, f, ci, t, b, plain, big)
SELECT (k % 4 + 1 || CASE WHEN k % 3 = 0 THEN '' ELSE rpad('.', k % 3 + 1, '0') END)::numeric,
    CASE k % 4 WHEN 0 THEN '0' WHEN 1 THEN '-0' ELSE (k % 4)::text END::float8,
    CASE k % 3 WHEN 0 THEN 'doc' WHEN 1 THEN 'DOC' ELSE 'Doc' END || k % 4,
    CASE k % 3 WHEN 0 THEN 'doc' WHEN 1 THEN 'DOC' ELSE 'Doc' END || k % 4,
    'b' || k % 4 || repeat(' ', k % 3), CASE k % 3 WHEN 0 THEN 'doc' ELSE 'DOC' END || k % 4, k % 4
FROM generate_series(first, last) k ORDER BY (k * 7) % 12, k;
INSERT INTO same.line (id, company, head)
SELECT k, CASE WHEN k % 2 = 0 THEN 'B' ELSE 'A' END, (k % 3 + 1 || CASE WHEN k % 5 < 3 THEN '' ELSE '.00' END)::numeric
FROM generate_series(first, last) k ORDER BY (k * 7) % 12, k
$$;
INSERT INTO same.head SELECT c, n, c || n, lower(c) FROM unnest('{A,B}'::text[]) c, generate_series(1, 3) n;
INSERT INTO same.one SELECT n, n, 'a' FROM generate_series(1, 3) n;
SELECT same.sell(1, 36);
SELECT salesperf.attach_source('same_' || k, 'same.flat', document => 'l.' || k, sold_on => 'l.day', seller => 'l.seller', net => 'l.net')
FROM unnest('{n,f,ci,t,b,plain,big}'::text[]) k \g /dev/null
SELECT salesperf.attach_source('same_one', 'same.line', header => 'same.one', join_on => 'l.head = h.id', document => 'l.head',
    sold_on => 'h.day', seller => 'h.seller', net => 'l.net') \g /dev/null
SELECT salesperf.attach_source('same_two', 'same.line', header => 'same.head', join_on => 'l.company = h.company AND l.head = h.no', document => 'h.name',
    sold_on => 'h.day', seller => 'h.seller', net => 'l.net') \g /dev/null
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sources)
SELECT 950700 + n, s, 'documents', '2022-01-01', '2022-12-31', 1, ARRAY[s]
FROM unnest('{same_n,same_f,same_ci,same_t,same_b,same_plain,same_big,same_one,same_two}'::text[]) WITH ORDINALITY AS u (s, n);

-- The figure, what is listed behind it, and what the type itself says.
CREATE VIEW same.figure AS
WITH plain AS (
    SELECT 'same_n' AS source, count(DISTINCT n) AS documents FROM same.flat UNION ALL SELECT 'same_f', count(DISTINCT f) FROM same.flat
    UNION ALL SELECT 'same_ci', count(DISTINCT ci) FROM same.flat UNION ALL SELECT 'same_t', count(DISTINCT t) FROM same.flat
    UNION ALL SELECT 'same_b', count(DISTINCT b) FROM same.flat
    UNION ALL SELECT 'same_plain', count(DISTINCT plain) FROM same.flat UNION ALL SELECT 'same_big', count(DISTINCT big) FROM same.flat
    UNION ALL SELECT 'same_one', count(DISTINCT l.head) FROM same.line l JOIN same.one h ON h.id = l.head
    UNION ALL SELECT 'same_two', count(DISTINCT (l.company, l.head)) FROM same.line l JOIN same.head h ON h.company = l.company AND h.no = l.head)
SELECT p.source, p.documents, salesperf.measure_figure(m.scope) AS figure,
    (SELECT sum(l.amount) FROM salesperf.measure_sales(m.scope) l) AS listed, s.state,
    (SELECT count(DISTINCT v.document) FROM salesperf.sale v WHERE v.source = p.source AND v.counts) AS names
FROM plain p JOIN salesperf.target t ON t.name = p.source JOIN salesperf.target_measure m USING (target_id) JOIN salesperf.measure_state s USING (target_id)
ORDER BY t.target_id;
\set figures 'SELECT * FROM same.figure; SELECT kept, recomputed FROM salesperf.verify_totals();'
:figures
CALL salesperf.refresh_measures();
:figures

-- More lines of the same documents, in this transaction and in their own.
BEGIN;
SELECT same.sell(37, 48);
:figures
COMMIT;
:figures
INSERT INTO same.flat (n, f, ci, t, b, plain, big) VALUES ('1.000', '-0', 'dOC0', 'dOC0', 'b0    ', 'dOC0', 0), (9, 9, '9', '9', 'b9', '9', 9);
INSERT INTO same.line VALUES (49, 'A', 1.000), (50, 'B', 3.0000);
:figures
-- The other way of writing is all that is left, or all that comes.
DELETE FROM same.flat WHERE scale(n) = 0;
DELETE FROM same.line WHERE scale(head) = 0;
:figures
UPDATE same.flat SET n = trim_scale(n), f = -f WHERE f IN (0, 9);
UPDATE same.flat SET ci = upper(ci), t = upper(t), plain = upper(plain), b = b || ' ';
UPDATE same.line SET head = trim_scale(head) WHERE id % 2 = 0;
:figures
CALL salesperf.refresh_measures();
:figures

-- Lines of one document that have splits each by its own name, as it is
-- written: one document, and each line is shared as its splits say.
DELETE FROM same.flat;
INSERT INTO same.flat (ci, t, net) VALUES ('doc', 'doc', 100), ('DOC', 'DOC', 1000), ('doc', 'doc', 1), ('eco', 'eco', 10), ('DOC', 'DOC', 10000), ('ECO', 'ECO', 20);
INSERT INTO salesperf.order_split (source, document, seller, percent)
SELECT 'same_' || k, d, s, p FROM unnest('{ci,t}'::text[]) k, (VALUES ('doc', 'b', 10), ('DOC', 'b', 20), ('DOC', 'c', 30), ('eco', 'b', 50), ('ECO', 'b', 100)) v (d, s, p);
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sellers, sources)
SELECT 950720 + row_number() OVER (ORDER BY k, m DESC, s), concat_ws(' ', 'same', k, m, s), m, '2022-01-01', '2022-12-31', 1, ARRAY[s], ARRAY['same_' || k]
FROM unnest('{ci,t}'::text[]) k, unnest('{net,documents}'::text[]) m, unnest('{a,b,c}'::text[]) s;
CREATE VIEW same.credited AS
SELECT t.name, salesperf.measure_figure(m.scope) AS figure, s.state, (
    SELECT CASE t.metric WHEN 'net' THEN round(sum(c.net), 2) ELSE count(DISTINCT c.document COLLATE same.no_case) END
    FROM salesperf.credit c WHERE c.counts AND c.source = t.sources[1] AND c.seller = t.sellers[1]) AS credited, (
    SELECT sum(l.amount) FROM salesperf.measure_sales(m.scope) l) AS listed
FROM salesperf.target t JOIN salesperf.target_measure m USING (target_id) JOIN salesperf.measure_state s USING (target_id)
WHERE t.name LIKE 'same %' ORDER BY t.target_id;
\set credited 'SELECT * FROM same.credited; SELECT kept, recomputed FROM salesperf.verify_totals();'
:credited
CALL salesperf.refresh_measures();
:credited
INSERT INTO same.flat (ci, t, net) VALUES ('doc', 'doc', 2000), ('DOC', 'DOC', 200), ('eco', 'eco', 3), ('ECO', 'ECO', 4);
:credited
UPDATE same.flat SET ci = 'DOC', t = 'DOC' WHERE net = 2000;
UPDATE salesperf.order_split SET percent = percent / 2 WHERE document = 'DOC' AND source LIKE 'same%';
:credited

-- Lines of one document that a table of splits shares line by line.
CREATE INDEX ON same.flat (id);
CREATE TABLE same.share (line integer, seller text, percent numeric);
CREATE INDEX ON same.share (line);
SELECT salesperf.attach_source('same_ci', 'same.flat', document => 'l.ci', sold_on => 'l.day', seller => 'l.seller', net => 'l.net', splits => 'same.share',
    split_on => 's.line = l.id', split_seller => 's.seller', split_percent => 's.percent') \g /dev/null
DELETE FROM salesperf.order_split WHERE source = 'same_ci';
DELETE FROM salesperf.target WHERE name LIKE 'same t %';
INSERT INTO same.share SELECT id, s, id % 4 * p FROM same.flat, (VALUES ('b', 10), ('c', 20)) v (s, p);
:credited
CALL salesperf.refresh_measures();
:credited
UPDATE same.flat SET net = net * 3 WHERE id % 2 = 0;
UPDATE same.share SET percent = percent / 2 WHERE line % 3 = 0;
:credited

-- Keys that have no order can't be told apart as they are read.
CREATE TABLE same.unsorted (id integer PRIMARY KEY, x xid, day date, net numeric);
CREATE INDEX ON same.unsorted USING hash (x);
CREATE INDEX ON same.unsorted ((x::text));
SELECT salesperf.attach_source('same_x', 'same.unsorted', document => 'l.x', sold_on => 'l.day', net => 'l.net');
SELECT salesperf.attach_source('same_x', 'same.unsorted', document => 'l.x::text', sold_on => 'l.day', net => 'l.net') \g /dev/null

SELECT salesperf.detach_source('same_' || k) FROM unnest('{n,f,ci,t,b,plain,big,one,two,x}'::text[]) k \g /dev/null
DELETE FROM salesperf.order_split WHERE source LIKE 'same%';
DELETE FROM salesperf.target WHERE name LIKE 'same%';
DROP SCHEMA same CASCADE;
CALL salesperf.refresh_measures();
