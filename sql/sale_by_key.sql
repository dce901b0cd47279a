-- View sale by key and by month: the ERP's indexes serve it, whatever type its
-- columns have, and the answer is that of the plain tables.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
CREATE SCHEMA sbk;
CREATE TABLE sbk.flat (id bigint PRIMARY KEY, s smallint, i integer, b bigint, n numeric(10,0), f numeric, u uuid, v varchar(20), c char(8),
    t text COLLATE "C", day date, ts timestamp, tz timestamptz, net numeric);
INSERT INTO sbk.flat
SELECT n, n % 500, n % 500, (n % 500 - 250) * 36893488147419103::bigint, n % 500, (n % 500) / 100.0, md5((n % 500)::text)::uuid, 'v' || n % 500, 'c' || n % 500,
    't' || n % 500, timestamp '2025-01-01' + n * interval '97 minutes', timestamp '2025-01-01' + n * interval '97 minutes',
    timestamptz '2025-01-01' + n * interval '97 minutes', n
FROM generate_series(1, 10000) AS n;
-- What a text may be taken for, at the ends of each type, and nothing.
INSERT INTO sbk.flat VALUES
    (20001, 32767, 2147483647, 9223372036854775807, 9999999999, 'NaN', NULL, '010', '010', ' 10', 'infinity', 'infinity', 'infinity', 1),
    (20002, -32768, -2147483648, -9223372036854775808, -9999999999, 'Infinity', NULL, '', '', '', '-infinity', '-infinity', '-infinity', 1),
    (20003, 0, 0, 0, 0, -0.50, NULL, '1.0', '1.0', '1.0', '2025-03-01', '2025-03-01 00:00', '2025-03-01 00:00Z', 1),
    (20004, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1),
    (20005, 0, 0, 0, 0, 0, NULL, '10', '10', '10', '2025-02-28', '2025-02-28 23:59:59.999999', '2025-02-28 23:59:59.999999Z', 1);
CREATE TABLE sbk.plain AS TABLE sbk.flat;
CREATE INDEX flat_s ON sbk.flat (s);
CREATE INDEX flat_i ON sbk.flat (i);
CREATE INDEX flat_b ON sbk.flat USING hash (b);
CREATE INDEX flat_n ON sbk.flat (n) WHERE n IS NOT NULL;
CREATE INDEX flat_f ON sbk.flat (f);
CREATE INDEX flat_u ON sbk.flat (u);
CREATE INDEX flat_v ON sbk.flat (v);
CREATE INDEX flat_c ON sbk.flat (c);
CREATE INDEX flat_t ON sbk.flat (t);
CREATE INDEX flat_day ON sbk.flat (day);
CREATE INDEX flat_ts ON sbk.flat (ts);
CREATE INDEX flat_tz ON sbk.flat (tz);
-- The same as headers with lines.
CREATE TABLE sbk.head (id integer PRIMARY KEY, partner integer, day timestamp);
CREATE INDEX head_partner ON sbk.head (partner);
CREATE INDEX head_day ON sbk.head (day);
CREATE TABLE sbk.line (id integer PRIMARY KEY, head integer, item bigint, net numeric);
CREATE INDEX line_head ON sbk.line (head);
CREATE INDEX line_item ON sbk.line (item);
INSERT INTO sbk.head SELECT n, n % 500, timestamp '2025-01-01' + n * interval '97 minutes' FROM generate_series(1, 10000) AS n;
INSERT INTO sbk.line SELECT n, n / 2, n % 700, n FROM generate_series(2, 20000) AS n;
CREATE TABLE sbk.plain_head AS TABLE sbk.head;
CREATE TABLE sbk.plain_line AS TABLE sbk.line;
ANALYZE;
SELECT salesperf.attach_source('sbk', 'sbk.flat', document => 'l.id', line => 'l.s', sold_on => 'l.ts', customer => 'l.i', seller => 'l.b', unit => 'l.f',
    product => 'l.n', branch => 'l.u', sale_type => 'l.c', net => 'l.net');
SELECT salesperf.attach_source('sbk_head', 'sbk.line', 'sbk.head', 'l.head = h.id', document => 'h.id', line => 'l.id', customer => 'h.partner',
    product => 'l.item', sold_on => $$(h.day AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Tokyo')::date$$, net => 'l.net');
CREATE VIEW sbk.expected AS
SELECT 'sbk' AS source, id::text AS document, s::text AS line, ts::date AS sold_on, i::text AS customer, b::text AS seller, trim_scale(f)::text AS unit,
    trim_scale(n)::text AS product, u::text AS branch, c::text AS sale_type, net
FROM sbk.plain
UNION ALL
SELECT 'sbk_head', h.id::text, l.id::text, (h.day AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Tokyo')::date, partner::text, NULL, NULL, item::text, NULL, NULL, net
FROM sbk.plain_line l JOIN sbk.plain_head h ON l.head = h.id;

-- Does the plan of a query name an index?
CREATE FUNCTION sbk.uses(query text, index text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        IF line ~ ('Index.* Scan.* ' || index || '( |$)') THEN
            RETURN true;
        END IF;
    END LOOP;
    RETURN false;
END $$;
CREATE FUNCTION sbk.try(INOUT condition text, index text, OUT sales bigint, OUT "right" boolean, OUT uses_index boolean) LANGUAGE plpgsql AS $$
DECLARE
    query text := 'SELECT count(*), sum(net) FROM %s WHERE source = ''' || split_part(index, '.', 1) || ''' AND ' || condition;
    net numeric;
    expected record;
BEGIN
    EXECUTE format(query, 'salesperf.sale') INTO sales, net;
    EXECUTE format(query, 'sbk.expected') INTO expected;
    "right" := (sales, net) IS NOT DISTINCT FROM expected;
    uses_index := sbk.uses(format(query, 'salesperf.sale'), split_part(index, '.', 2));
END $$;

-- Keys of each type.
SELECT t.* FROM (VALUES
    (1, 'sbk.flat_pkey', $$document = '10'$$), (2, 'sbk.flat_s', $$line = '10'$$), (3, 'sbk.flat_s', $$line = '-32768'$$), (4, 'sbk.flat_s', $$line = '32768'$$),
    (5, 'sbk.flat_i', $$customer = '10'$$), (6, 'sbk.flat_i', $$'10' = customer$$), (7, 'sbk.flat_i', $$customer = '0'$$), (8, 'sbk.flat_i', $$customer = '-2147483648'$$),
    (9, 'sbk.flat_i', $$customer = '2147483648'$$), (10, 'sbk.flat_b', $$seller = '9223372036854775807'$$), (11, 'sbk.flat_b', $$seller = '-9223372036854775808'$$),
    (12, 'sbk.flat_b', $$seller = '-368934881474191030'$$), (13, 'sbk.flat_n', $$product = '10'$$), (14, 'sbk.flat_n', $$product = '-9999999999'$$),
    (15, 'sbk.flat_f', $$unit = '0.1'$$), (16, 'sbk.flat_f', $$unit = '-0.5'$$), (17, 'sbk.flat_f', $$unit = 'NaN'$$), (18, 'sbk.flat_f', $$unit = 'Infinity'$$),
    (19, 'sbk.flat_f', $$unit = '0'$$), (20, 'sbk.flat_u', $$branch = 'd3d94468-02a4-4259-755d-38e6d163e820'$$), (21, 'sbk.flat_c', $$sale_type = 'c10'$$),
    (22, 'sbk.flat_c', $$sale_type = ''$$), (23, 'sbk.flat_c', $$sale_type = '010'$$), (24, 'sbk_head.head_partner', $$customer = '10'$$),
    (25, 'sbk_head.line_item', $$product = '10'$$), (26, 'sbk_head.head_pkey', $$document = '10'$$), (27, 'sbk_head.line_pkey', $$line = '10'$$)) AS v (n, index, condition),
    sbk.try(condition, index) AS t ORDER BY n;

-- What is the key of nothing, or of nothing in this form.
SELECT t.* FROM unnest('{010,abc,99999999999999999999,-9223372036854775809,"",1.0,1e1," 10","10 ",+10,-0,-,--1,10.,.5,１０,0x10,infinity}'::text[])
        WITH ORDINALITY AS k (key, n),
    (VALUES ('sbk.flat_i', 'customer = %L'), ('sbk.flat_n', 'product = %L'), ('sbk.flat_u', 'branch = %L')) AS v (index, condition),
    sbk.try(format(condition, key), index) AS t ORDER BY index, n;
SELECT t.* FROM (VALUES
    (1, 'sbk.flat_u', $$branch = 'D3D94468-02A4-4259-755D-38E6D163E820'$$), (2, 'sbk.flat_u', $$branch = '{d3d94468-02a4-4259-755d-38e6d163e820}'$$),
    (3, 'sbk.flat_u', $$branch = 'd3d9446802a44259755d38e6d163e820'$$), (4, 'sbk.flat_u', $$branch = 'g3d94468-02a4-4259-755d-38e6d163e820'$$),
    (5, 'sbk.flat_f', $$unit = '0.10'$$), (6, 'sbk.flat_f', $$unit = '.1'$$), (7, 'sbk.flat_f', $$unit = '00.1'$$), (8, 'sbk.flat_f', $$unit = 'nan'$$),
    (9, 'sbk.flat_f', $$unit = '1e1000000'$$), (10, 'sbk.flat_c', $$sale_type = 'c10 '$$)) AS v (n, index, condition),
    sbk.try(condition, index) AS t ORDER BY n;
SELECT count(*) AS none FROM salesperf.sale WHERE customer = NULL;
SELECT key_numeric = '1' || repeat('0', 131071) AS longest, salesperf.key_numeric('1' || repeat('0', 131072)) AS longer,
    salesperf.key_numeric('0.' || repeat('0', 16382) || '1') > 0 AS smallest, salesperf.key_numeric('0.' || repeat('0', 16383) || '1') AS smaller
FROM (SELECT salesperf.key_numeric('1' || repeat('0', 131071))::text) AS k;

-- Several keys.
SELECT t.* FROM (VALUES
    (1, 'sbk.flat_i', $$customer IN ('10', '11', 'abc', '011')$$), (2, 'sbk.flat_i', $$customer = ANY ('{10,NULL,12}')$$),
    (4, 'sbk.flat_i', $$customer = ANY ('{abc}')$$), (5, 'sbk.flat_i', $$customer = ANY ('{{10,11},{12,13}}')$$), (6, 'sbk.flat_n', $$product IN ('10', '11', '1.0')$$),
    (7, 'sbk.flat_u', $$branch IN ('d3d94468-02a4-4259-755d-38e6d163e820', 'x')$$), (8, 'sbk.flat_c', $$sale_type IN ('c10', 'c11', 'c12 ')$$),
    (9, 'sbk_head.head_partner', $$customer IN ('10', '11', 'abc')$$)) AS v (n, index, condition),
    sbk.try(condition, index) AS t ORDER BY n;
-- Not of one key, hence no index.
SELECT t.* FROM (VALUES (1, 'sbk.flat_i', $$customer <> '10'$$), (2, 'sbk.flat_i', $$customer || '' = '10'$$), (3, 'sbk.flat_i', $$customer <> ALL ('{10,11}')$$),
    (4, 'sbk.flat_i', $$customer LIKE '10_'$$)) AS v (n, index, condition), sbk.try(condition, index) AS t ORDER BY n;

-- Prepared, with plans that know no value.
SET plan_cache_mode = force_generic_plan;
PREPARE one(text) AS SELECT count(*), sum(net) FROM salesperf.sale WHERE source = 'sbk' AND customer = $1;
PREPARE several(text[]) AS SELECT count(*), sum(net) FROM salesperf.sale WHERE source = 'sbk' AND product = ANY ($1);
PREPARE month(date, date) AS SELECT count(*), sum(net) FROM salesperf.sale WHERE source = 'sbk_head' AND sold_on >= $1 AND sold_on < $2;
EXECUTE one('10'); EXECUTE one('010'); EXECUTE one('abc'); EXECUTE one('99999999999999999999'); EXECUTE one(''); EXECUTE one(NULL);
EXECUTE several('{10,011,abc,NULL}'); EXECUTE several('{}'); EXECUTE several(NULL);
EXECUTE month('2025-03-01', '2025-04-01'); EXECUTE month('-infinity', 'infinity'); EXECUTE month('4713-01-01 BC', '5874897-12-31'); EXECUTE month('2025-03-01', NULL);
SELECT sbk.uses($$EXECUTE one('10')$$, 'flat_i') AS one, sbk.uses($$EXECUTE several('{10}')$$, 'flat_n') AS several,
    sbk.uses($$EXECUTE month('2025-03-01', '2025-04-01')$$, 'head_day') AS month;
RESET plan_cache_mode;
DEALLOCATE ALL;

-- For each row of another table.
CREATE TABLE sbk.customer AS SELECT n::text AS code, n AS region FROM generate_series(1, 500) AS n;
INSERT INTO sbk.customer VALUES ('abc', 10), ('010', 10), (NULL, 10);
ANALYZE sbk.customer;
SELECT c.code, (SELECT sum(s.net) FROM salesperf.sale s WHERE s.customer = c.code) AS net FROM sbk.customer c WHERE c.region = 10 ORDER BY 1;
SELECT c.code, sum(s.net) FROM sbk.customer c JOIN salesperf.sale s ON s.customer = c.code WHERE c.region = 10 GROUP BY c.code ORDER BY 1;
SELECT sbk.uses('SELECT (SELECT sum(s.net) FROM salesperf.sale s WHERE s.customer = c.code) FROM sbk.customer c', index) AS subquery
FROM (VALUES ('flat_i'), ('head_partner')) AS v (index);
SELECT sbk.uses($$SELECT s.net FROM sbk.customer c JOIN salesperf.source_sbk s ON s.customer = c.code WHERE c.region = 10$$, 'flat_i') AS joined;

-- Months, whatever the day is made of.
CREATE TABLE sbk.condition AS SELECT * FROM (VALUES
    (1, $$sold_on BETWEEN '2025-03-01' AND '2025-03-31'$$), (2, $$sold_on >= '2025-03-01' AND sold_on < '2025-04-01'$$), (3, $$sold_on > '2025-02-28' AND sold_on <= '2025-03-01'$$),
    (4, $$sold_on = '2025-03-01'$$), (5, $$'2025-02-28' = sold_on$$), (6, $$sold_on < '2025-01-05'$$), (7, $$sold_on = 'infinity'$$), (8, $$sold_on <= '-infinity'$$),
    (9, $$sold_on > '-infinity' AND sold_on < '2025-01-02'$$), (10, $$sold_on > '300000-01-01'$$), (11, $$sold_on < '4000-01-01 BC'$$),
    (12, $$sold_on >= timestamp '2025-03-01 12:00' AND sold_on <= timestamp '2025-03-05 12:00'$$), (13, $$sold_on > timestamp '2025-03-01' AND sold_on < timestamp '2025-03-02'$$),
    (14, $$sold_on >= timestamptz '2025-03-01 12:00Z' AND sold_on < timestamptz '2025-03-05 12:00Z'$$), (15, $$sold_on = timestamptz '2025-03-01 00:00Z'$$),
    (16, $$sold_on = timestamp '2025-03-01 00:00:01'$$)) AS v (n, condition);
CREATE FUNCTION sbk.try_days(expression text, index text, OUT condition text, OUT sales bigint, OUT "right" boolean, OUT uses_index boolean)
RETURNS SETOF record LANGUAGE plpgsql AS $$
BEGIN
    PERFORM salesperf.attach_source('sbk', 'sbk.flat', document => 'l.id', sold_on => expression, customer => 'l.v', seller => 'l.t', net => 'l.net');
    EXECUTE format('CREATE OR REPLACE VIEW sbk.expected AS SELECT ''sbk'' AS source, id::text AS document, s::text AS line, (%s)::date AS sold_on, v::text AS customer,'
        ' t AS seller, NULL AS unit, NULL AS product, NULL AS branch, NULL AS sale_type, net FROM sbk.plain l', expression);
    RETURN QUERY SELECT t.* FROM sbk.condition d, sbk.try(d.condition, 'sbk.' || index) AS t ORDER BY d.n;
END $$;
DROP VIEW sbk.expected;
SELECT * FROM sbk.try_days('l.day', 'flat_day');
SELECT * FROM sbk.try_days('l.ts', 'flat_ts');
SELECT * FROM sbk.try_days($$l.tz AT TIME ZONE 'Europe/Brussels'$$, 'flat_tz');
SELECT * FROM sbk.try_days($$(l.ts AT TIME ZONE 'UTC' AT TIME ZONE 'Pacific/Auckland')::date$$, 'flat_ts');
SELECT bool_and("right") AS "right", count(*) FILTER (WHERE uses_index) AS use_index FROM sbk.try_days($$l.tz AT TIME ZONE 'X-150'$$, 'flat_tz');
SELECT bool_and("right") AS "right", count(*) FILTER (WHERE uses_index) AS use_index FROM sbk.try_days($$l.tz AT TIME ZONE 'America/Los_Angeles' - interval '5 days'$$, 'flat_tz');
-- Midnight comes twice, or not at all.
SET timezone = 'America/Havana';
SELECT bool_and("right") AS "right" FROM sbk.try_days($$(l.ts AT TIME ZONE 'UTC' AT TIME ZONE 'America/Havana')::date$$, 'flat_ts');
SET timezone = 'UTC';

-- Texts, in the collation of the database and in another.
SELECT t.* FROM (VALUES (1, 'sbk.flat_v', $$customer = 'v10'$$), (2, 'sbk.flat_v', $$customer IN ('v10', '010', '')$$), (3, 'sbk.flat_t', $$seller = 't10'$$),
    (4, 'sbk.flat_t', $$seller IN ('t10', ' 10', '')$$)) AS v (n, index, condition), sbk.try(condition, index) AS t ORDER BY n;
-- By a collation for which more is equal.
CREATE COLLATION sbk.no_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
SELECT t.sales, t."right" FROM sbk.try('seller = ''T10'' COLLATE sbk.no_case', 'sbk.flat_t') AS t;

-- A session that has done nothing else, of a user who may read and no more;
-- also under a policy, which nothing gets ahead of.
CREATE ROLE regress_spm_seeker IN ROLE salesperf_reader;
GRANT USAGE ON SCHEMA sbk TO regress_spm_seeker;
GRANT SELECT ON ALL TABLES IN SCHEMA sbk TO regress_spm_seeker;
SELECT salesperf.attach_source('sbk', 'sbk.flat', document => 'l.id', sold_on => 'l.ts', customer => 'l.i', product => 'l.n', net => 'l.net');
\connect -
SET client_min_messages = warning;
SET ROLE regress_spm_seeker;
SELECT sbk.uses($$SELECT * FROM salesperf.sale WHERE source = 'sbk' AND customer = '10'$$, 'flat_i') AS by_customer,
    sbk.uses($$SELECT * FROM salesperf.sale WHERE source = 'sbk' AND sold_on BETWEEN '2025-03-01' AND '2025-03-31'$$, 'flat_ts') AS by_month;
RESET ROLE;
CREATE POLICY odd ON sbk.flat USING (id % 40 < 20);
ALTER TABLE sbk.flat ENABLE ROW LEVEL SECURITY;
SET ROLE regress_spm_seeker;
SELECT count(*) FROM salesperf.sale WHERE source = 'sbk' AND customer = '10';
SELECT sbk.uses($$SELECT * FROM salesperf.sale WHERE source = 'sbk' AND customer = '10'$$, 'flat_i') AS leakproof,
    sbk.uses($$SELECT * FROM salesperf.sale WHERE source = 'sbk' AND product = '10'$$, 'flat_n') AS not_leakproof;
RESET ROLE;
ALTER TABLE sbk.flat DISABLE ROW LEVEL SECURITY;

-- A table that is no source is planned as before, and so is one no more.
CREATE INDEX plain_i ON sbk.plain (i);
CREATE INDEX plain_ts ON sbk.plain (ts);
SELECT sbk.uses($$SELECT * FROM sbk.plain WHERE i::text = '10'$$, 'plain_i') AS by_key, sbk.uses($$SELECT * FROM sbk.plain WHERE ts::date = '2025-03-01'$$, 'plain_ts') AS by_day;
SELECT sbk.uses($$SELECT * FROM sbk.flat WHERE i::text = '10'$$, 'flat_i') AS attached;
SELECT salesperf.detach_source('sbk');
SELECT sbk.uses($$SELECT * FROM sbk.flat WHERE i::text = '10'$$, 'flat_i') AS detached;

SELECT salesperf.detach_source('sbk_head');
DROP SCHEMA sbk CASCADE;
DROP ROLE regress_spm_seeker;
