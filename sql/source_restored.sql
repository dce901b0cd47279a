-- Tables and columns that are renamed while others take their names: a source
-- follows what was attached, and setup() lets no total stay that it changes.
SET client_min_messages = warning;
CREATE SCHEMA again;
CREATE TABLE again.customer (id integer PRIMARY KEY, seller text);
CREATE TABLE again.sale (id integer PRIMARY KEY, customer integer, day date DEFAULT '2021-05-01', net numeric);
CREATE INDEX ON again.sale (customer);
INSERT INTO again.customer VALUES (1, 'a'), (2, 'b');
INSERT INTO again.sale VALUES (1, 1, DEFAULT, 10), (2, 2, DEFAULT, 20);
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sellers)
SELECT 950500 + n, 'again ' || s, 'net', '2021-01-01', '2021-12-31', 1, ARRAY[s]
FROM unnest('{a,b,c}'::text[]) WITH ORDINALITY AS u (s, n);
\set figures 'SELECT p.name, p.actual, s.state FROM salesperf.target_performance p JOIN salesperf.measure_state s USING (target_id) WHERE p.name LIKE $$again %$$ ORDER BY 1; SELECT kept, recomputed FROM salesperf.verify_totals();'
SELECT salesperf.attach_source('again', lines => 'again.sale', joins => ARRAY['again.customer c ON c.id = l.customer'],
    document => 'l.id', sold_on => 'l.day', seller => 'c.seller', net => 'l.net');
CALL salesperf.refresh_measures();

-- Rows of a table that inherits fire no trigger of ours: they are not looked up.
CREATE TABLE again.child () INHERITS (again.customer);
INSERT INTO again.child VALUES (1, 'c'), (3, 'c');
INSERT INTO again.sale VALUES (3, 3, DEFAULT, 40);
:figures
DROP TABLE again.child;

-- Another table with the name of the one that is looked up.
ALTER TABLE again.customer RENAME TO former;
CREATE TABLE again.customer (id integer PRIMARY KEY, seller text);
INSERT INTO again.customer VALUES (1, 'c'), (2, 'c');
SELECT salesperf.setup();
UPDATE again.former SET seller = 'b' WHERE id = 1;
UPDATE again.customer SET seller = 'b';
:figures
DROP TABLE again.customer;
ALTER TABLE again.former RENAME TO customer;
SELECT salesperf.setup();
:figures

-- Another column with the name of the one that the mapping uses.
ALTER TABLE again.sale RENAME net TO net_before;
ALTER TABLE again.sale ADD net numeric DEFAULT 5;
:figures
SELECT salesperf.setup();
:figures
CALL salesperf.refresh_measures();
SELECT salesperf.setup();
:figures

-- Names of 40 letters; what is no column; the table of splits is dropped.
\set name 'abcdefghijklmnopqrstuvwxyzabcdefghijklmn'
CREATE TABLE again.team (sale integer, seller text);
CREATE INDEX ON again.team (sale);
INSERT INTO again.team VALUES (1, 'c');
\set VERBOSITY terse
SELECT salesperf.attach_source(:'name', lines => 'again.sale', joins => ARRAY['again.sale c ON c = l'],
    document => 'l.id', sold_on => 'l.day', net => 'l.net');
SELECT salesperf.attach_source(:'name', lines => 'again.sale', joins => ARRAY['again.customer c ON c.id = l.customer'],
    document => 'l.id', sold_on => 'l.day', seller => 'c.seller', net => 'l.net',
    splits => 'again.team', split_on => 's.sale = l.id', split_seller => 's.seller') \g /dev/null
SELECT salesperf.detach_source('again') \g /dev/null
CALL salesperf.refresh_measures();
SELECT salesperf.setup() \g /dev/null
:figures
DROP TABLE again.team CASCADE;
:figures
SELECT salesperf.setup() \g /dev/null
SELECT severity, finding FROM salesperf.health WHERE object LIKE '%' || :'name' ORDER BY finding;
SELECT salesperf.detach_source(:'name') \g /dev/null
SELECT tgname FROM pg_trigger WHERE tgrelid IN ('again.sale'::regclass, 'again.customer'::regclass) ORDER BY 1;
\set VERBOSITY default
DELETE FROM salesperf.target WHERE name LIKE 'again %';
DROP SCHEMA again CASCADE;
CALL salesperf.refresh_measures();
