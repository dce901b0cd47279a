-- What cannot be a source, an expression of one, or a name, and how it is said.
SET client_min_messages = warning;
CREATE SCHEMA src_err;
CREATE TABLE src_err.t (id integer PRIMARY KEY, day date, ts timestamp, tz timestamptz,
    who text, amount numeric, ok boolean, doc json, place point, days date[]);
CREATE FUNCTION src_err.attach(document text DEFAULT 'l.id', sold_on text DEFAULT 'l.day', net text DEFAULT 'l.amount',
    customer text DEFAULT NULL, counts text DEFAULT NULL, attributes text DEFAULT NULL,
    lines text DEFAULT 'src_err.t', name text DEFAULT 'bad')
RETURNS void LANGUAGE sql AS $$
    SELECT salesperf.attach_source(name, lines => lines, document => document, sold_on => sold_on, net => net,
        customer => customer, counts => counts, attributes => attributes)
$$;
\set VERBOSITY default
\set SHOW_CONTEXT never

-- Required arguments.
SELECT salesperf.attach_source(NULL, 'src_err.t', document => 'l.id', sold_on => 'l.day', net => 'l.amount');
\echo :LAST_ERROR_SQLSTATE
SELECT salesperf.attach_source('bad', NULL, document => 'l.id', sold_on => 'l.day', net => 'l.amount');
SELECT salesperf.attach_source('bad', 'src_err.t', sold_on => 'l.day', net => 'l.amount');
SELECT salesperf.attach_source('bad', 'src_err.t', document => 'l.id', net => 'l.amount');
SELECT salesperf.attach_source('bad', 'src_err.t', document => 'l.id', sold_on => 'l.day');

-- Names.
SELECT src_err.attach(name => 'Bad');
\echo :LAST_ERROR_SQLSTATE
SELECT src_err.attach(name => '');
SELECT src_err.attach(name => 'a b');
SELECT src_err.attach(name => '1st');
SELECT src_err.attach(name => E'a\nb');
SELECT src_err.attach(name => repeat('n', 41));
SELECT src_err.attach(name => repeat('n', 40));
SELECT salesperf.detach_source(repeat('n', 40));

-- Tables.
SELECT src_err.attach(lines => 'src_err.missing');
\echo :LAST_ERROR_SQLSTATE
SELECT src_err.attach(lines => 't');
SELECT src_err.attach(lines => 'missing.t');
SELECT src_err.attach(lines => '');
SELECT src_err.attach(lines => 'src_err.t; DROP TABLE src_err.t');
CREATE VIEW src_err.v AS SELECT * FROM src_err.t;
CREATE MATERIALIZED VIEW src_err.m AS SELECT * FROM src_err.t;
CREATE TABLE src_err.p (LIKE src_err.t) PARTITION BY LIST (id);
CREATE TABLE src_err.p1 PARTITION OF src_err.p FOR VALUES IN (1);
CREATE TABLE src_err.parent (LIKE src_err.t INCLUDING INDEXES);
CREATE TABLE src_err.child () INHERITS (src_err.parent);
CREATE TEMP TABLE src_err_temp (LIKE src_err.t INCLUDING INDEXES);
CREATE FOREIGN DATA WRAPPER src_err_wrapper;
CREATE SERVER src_err_server FOREIGN DATA WRAPPER src_err_wrapper;
CREATE FOREIGN TABLE src_err.f (id integer, day date, amount numeric) SERVER src_err_server;
CREATE SEQUENCE src_err.s;
CREATE TABLE src_err.bare (LIKE src_err.t);
SELECT src_err.attach(lines => 'src_err.v');
\echo :LAST_ERROR_SQLSTATE
SELECT src_err.attach(lines => 'src_err.m');
SELECT src_err.attach(lines => 'src_err.p');
SELECT src_err.attach(lines => 'src_err.p1');
SELECT src_err.attach(lines => 'src_err.parent');
SELECT src_err.attach(lines => 'src_err.child');
SELECT src_err.attach(lines => 'pg_temp.src_err_temp');
SELECT src_err.attach(lines => 'src_err.f');
CREATE UNLOGGED TABLE src_err.u (LIKE src_err.t INCLUDING INDEXES);
SELECT src_err.attach(lines => 'src_err.u');
SELECT src_err.attach(lines => 'src_err.s');
SELECT src_err.attach(lines => 'pg_catalog.pg_class', document => 'l.oid', sold_on => '''2020-01-01''::date', net => '1');

-- Indexes: none, another column, partial, hash; then one that will do.
SELECT src_err.attach(lines => 'src_err.bare');
\echo :LAST_ERROR_SQLSTATE
CREATE INDEX ON src_err.bare (day, id);
CREATE INDEX ON src_err.bare (id) WHERE ok;
CREATE INDEX ON src_err.bare USING hash (id);
CREATE INDEX ON src_err.bare ((id + 1));
SELECT src_err.attach(lines => 'src_err.bare');
SELECT src_err.attach(lines => 'src_err.bare', document => 'l.id + 2');
CREATE INDEX ON src_err.bare (id, day);
SELECT src_err.attach(lines => 'src_err.bare');
SELECT src_err.attach(lines => 'src_err.bare', document => 'l.id + 1');
SELECT salesperf.detach_source('bad');

-- Columns and types.
SELECT src_err.attach(net => 'l.missing');
\echo :LAST_ERROR_SQLSTATE
SELECT src_err.attach(net => 'missing');
SELECT src_err.attach(net => 'h.amount');
SELECT src_err.attach(net => 'l');
SELECT src_err.attach(net => 'l.*');
SELECT src_err.attach(net => 'l.who');
SELECT src_err.attach(net => 'l.ok');
SELECT src_err.attach(net => '''12''');
SELECT src_err.attach(sold_on => 'l.who');
SELECT src_err.attach(sold_on => 'l.days');
SELECT src_err.attach(counts => 'l.id');
SELECT src_err.attach(counts => '''t''');
SELECT src_err.attach(attributes => 'l.who');
SELECT src_err.attach(document => 'l.place');
SELECT src_err.attach(document => 'l.doc');
SELECT src_err.attach(net => 'NULL');
SELECT src_err.attach(net => 'l.amount + l.day');
SELECT src_err.attach(net => '$1');

-- Not one expression over one row.
SELECT src_err.attach(net => '(SELECT 1)');
\echo :LAST_ERROR_SQLSTATE
SELECT src_err.attach(net => 'sum(l.amount)');
SELECT src_err.attach(net => 'row_number() OVER ()');
SELECT src_err.attach(net => 'generate_series(1, l.id)');
SELECT src_err.attach(customer => 'generate_series(1, 2)');
SELECT src_err.attach(customer => 'l.ctid::text');
SELECT src_err.attach(customer => 'l.xmin');
SELECT src_err.attach(net => '');
SELECT src_err.attach(net => '-- nothing');
SELECT src_err.attach(net => '1, 2');
SELECT src_err.attach(net => '1), (2');
SELECT src_err.attach(net => '1) + (2');
SELECT src_err.attach(net => '*');
SELECT src_err.attach(net => '1) FROM pg_class WHERE (true');
SELECT src_err.attach(net => '1 FROM pg_class');
SELECT src_err.attach(net => '1; DROP TABLE src_err.t');
SELECT src_err.attach(net => '1); DROP TABLE src_err.t; SELECT (1');
SELECT src_err.attach(net => '1) AS net, (2');
SELECT src_err.attach(net => '1 AS net');
SELECT src_err.attach(net => '1) UNION SELECT (2');
SELECT src_err.attach(net => 'DISTINCT 1');
SELECT src_err.attach(net => '1) LIMIT (1');
SELECT src_err.attach(net => '1 /* open');
SELECT src_err.attach(net => '''open');

-- Values that change while their row does not.
SELECT src_err.attach(sold_on => 'now()::date');
\echo :LAST_ERROR_SQLSTATE
SELECT src_err.attach(sold_on => 'l.tz');
SELECT src_err.attach(sold_on => 'l.tz::date');
SELECT src_err.attach(sold_on => 'l.who::date');
SELECT src_err.attach(sold_on => 'current_date');
SELECT src_err.attach(customer => 'current_user');
SELECT src_err.attach(customer => 'l.day');
SELECT src_err.attach(customer => 'l.tz');
SELECT src_err.attach(customer => 'lpad(l.who, 3, random()::text)');
SELECT src_err.attach(net => 'nextval(''src_err.s'')');
SELECT src_err.attach(counts => 'l.ts < now()');
SELECT src_err.attach(counts => 'current_setting(''work_mem'') = ''4MB''');
SELECT src_err.attach(attributes => 'to_jsonb(l.tz)');
-- Nor does the default of an argument hide it.
CREATE FUNCTION src_err.scaled(numeric, factor text DEFAULT current_setting('spm.factor', true))
RETURNS numeric LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $1; END';
CREATE FUNCTION src_err.day(date, days integer DEFAULT extract(day FROM now())::integer)
RETURNS date LANGUAGE sql IMMUTABLE AS 'SELECT $1 + $2';
SELECT src_err.attach(net => 'src_err.scaled(l.amount)');
SELECT src_err.attach(sold_on => 'src_err.day(l.day)');
SELECT src_err.attach(net => 'src_err.scaled(l.amount, ''2'')', sold_on => 'src_err.day(l.day, 0)');
SELECT salesperf.detach_source('bad');

-- An expression's comment ends with it.
SELECT src_err.attach(net => 'l.amount -- net', counts => 'true /* all */');
SELECT net, counts FROM salesperf.source WHERE name = 'bad';
SELECT salesperf.detach_source('bad');

-- Detaching what is not there.
SELECT salesperf.detach_source('bad');
\echo :LAST_ERROR_SQLSTATE
SELECT salesperf.detach_source(NULL) IS NULL AS nothing;

-- Nothing is left of all that.
SELECT count(*) FROM salesperf.source WHERE name = 'bad';
SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'salesperf\_bad%';
SELECT count(*) FROM pg_class WHERE relname = 'source_bad';
DROP TABLE pg_temp.src_err_temp;
DROP SCHEMA src_err CASCADE;
DROP FOREIGN DATA WRAPPER src_err_wrapper CASCADE;
