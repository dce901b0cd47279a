-- Look-ups, splits, parts and currencies: what attach_source() refuses, and why.
CREATE SCHEMA arg;
CREATE TABLE arg.head (name text PRIMARY KEY, day date, rep text, company int, cur text);
CREATE TABLE arg.line (id int PRIMARY KEY, parent text, net numeric, at timestamptz);
CREATE INDEX ON arg.line (parent);
CREATE TABLE arg.company (id int, name text, code bigint);
CREATE TABLE arg.team (parent text, rep text, percent numeric, kind text);
CREATE FUNCTION arg.attach(joins text[] DEFAULT NULL, splits text DEFAULT NULL, split_on text DEFAULT NULL, split_seller text DEFAULT NULL,
    split_percent text DEFAULT NULL, part_of text DEFAULT NULL, currency text DEFAULT NULL, rate text DEFAULT NULL, customer text DEFAULT NULL)
RETURNS void LANGUAGE sql AS $$
    SELECT salesperf.attach_source('arg', lines => 'arg.line', header => 'arg.head', join_on => 'l.parent = h.name',
        document => 'h.name', line => 'l.id', sold_on => 'h.day', seller => 'h.rep', net => 'l.net', joins => joins, splits => splits,
        split_on => split_on, split_seller => split_seller, split_percent => split_percent, part_of => part_of,
        currency => currency, rate => rate, customer => customer)
$$;

-- Look-ups.
SELECT arg.attach(ARRAY['arg.company c ON c.id = h.company']);
CREATE INDEX ON arg.company (id);
SELECT arg.attach(ARRAY['arg.company c ON c.id = h.company']);
CREATE UNIQUE INDEX company_id ON arg.company (id) WHERE name IS NOT NULL;
SELECT arg.attach(ARRAY['arg.company c ON c.id = h.company']);
DROP INDEX arg.company_id;
ALTER TABLE arg.company ADD PRIMARY KEY (id);
SELECT arg.attach(ARRAY['arg.company c']);
SELECT arg.attach(ARRAY['arg.company c USING (id)']);
SELECT arg.attach(ARRAY['arg.company c ON c.id = h.company CROSS JOIN arg.team']);
SELECT arg.attach(ARRAY['arg.company c ON c.id = h.company WHERE true']);
SELECT arg.attach(ARRAY['arg.company ON id = company']);
SELECT arg.attach(ARRAY['(SELECT 1 AS id) c ON c.id = h.company']);
SELECT arg.attach(ARRAY['company c ON c.id = h.company']);
SELECT arg.attach(ARRAY['arg.compny c ON c.id = h.company']);
SELECT arg.attach(ARRAY['arg.company h ON h.id = 1']);
SELECT arg.attach(ARRAY['arg.company c ON c.id = h.company', 'arg.company c ON c.id = h.company']);
SELECT arg.attach(ARRAY['arg.company c ON c.code = h.company']);
SELECT arg.attach(ARRAY['arg.company c ON c.id = h.company + 1']);
SELECT arg.attach(ARRAY['arg.company c ON c.id = h.company AND l.at::date = h.day']);
SELECT arg.attach(ARRAY['arg.company c ON c.id = d.company', 'arg.company d ON d.id = h.company']);
SELECT arg.attach(ARRAY['arg.company c ON c.id = h.company', NULL]);
SELECT arg.attach(array_agg(format('arg.company c%s ON c%1$s.id = h.company', i))) FROM generate_series(1, 9) i;
SELECT arg.attach(ARRAY['arg.company c ON c.id = h.company'], customer => 'c.nam');
SELECT arg.attach(ARRAY['arg.company c ON c.id = h.company'], customer => 'd.name');
SELECT arg.attach(ARRAY['arg.company c ON c.id = h.company'], customer => 'c.name || l.at');
SELECT arg.attach(ARRAY['arg.company c ON c.id = h.company'], customer => 'c.name');
SELECT joins FROM salesperf.source WHERE name = 'arg';

-- Splits.
SELECT arg.attach(splits => 'arg.team');
SELECT arg.attach(splits => 'arg.team', split_on => 's.parent = h.name');
SELECT arg.attach(split_seller => 's.rep');
SELECT arg.attach(splits => 'arg.team', split_on => 's.parent = h.name', split_seller => 's.rep');
CREATE INDEX ON arg.team (parent);
SELECT arg.attach(splits => 'arg.team', split_on => 's.kind = ''x''', split_seller => 's.rep');
SELECT arg.attach(splits => 'arg.team', split_on => 's.parent = h.name OR s.kind = ''x''', split_seller => 's.rep');
SELECT arg.attach(splits => 'arg.team', split_on => 's.parent = l.parent', split_seller => 's.rep');
SELECT arg.attach(splits => 'arg.team', split_on => 's.parent = h.name AND h.rep = ''ann''', split_seller => 's.rep');
SELECT arg.attach(splits => 'arg.team', split_on => 's.parent = h.name', split_seller => 'h.rep');
SELECT arg.attach(splits => 'arg.team', split_on => 's.parent = h.name', split_seller => 's.rep', split_percent => 's.kind');
SELECT arg.attach(splits => 'arg.team', split_on => 's.parent = h.rep', split_seller => 's.rep');
SELECT arg.attach(splits => 'arg.team', split_on => 's.parent = h.name AND s.kind = ''order''', split_seller => 's.rep', split_percent => 's.percent');
SELECT splits, split_on, split_seller, split_percent, split_amount FROM salesperf.source WHERE name = 'arg';

-- Parts.
SELECT arg.attach(part_of => 'arg');
SELECT arg.attach(part_of => 'nothing');
SELECT arg.attach(part_of => 'order', splits => 'arg.team', split_on => 's.parent = h.name', split_seller => 's.rep');
SELECT arg.attach(part_of => 'order');
SELECT salesperf.attach_source('arg_too', lines => 'arg.line', document => 'l.parent', sold_on => 'NULL::date', net => 'l.net', part_of => 'arg');
\echo :LAST_ERROR_SQLSTATE
SELECT salesperf.detach_source('order');
\echo :LAST_ERROR_SQLSTATE
SELECT salesperf.attach_source('order', lines => 'arg.line', document => 'l.parent', sold_on => 'NULL::date', net => 'l.net', part_of => 'contract');

CREATE ROLE regress_spm_owner;
CREATE TABLE arg.other (LIKE arg.line);
ALTER TABLE arg.other OWNER TO regress_spm_owner;
CREATE INDEX ON arg.other (parent);
GRANT USAGE ON SCHEMA arg TO regress_spm_owner;
SELECT salesperf.attach_source('arg_too', lines => 'arg.other', document => 'l.parent', sold_on => 'NULL::date', net => 'l.net', part_of => 'order');
\echo :LAST_ERROR_SQLSTATE
-- Rows must not be hidden from whom they are read as.
ALTER TABLE arg.other ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
SELECT salesperf.attach_source('arg_too', lines => 'arg.other', document => 'l.parent', sold_on => 'NULL::date', net => 'l.net');
\echo :LAST_ERROR_SQLSTATE
DROP TABLE arg.other;
REVOKE ALL ON SCHEMA arg FROM regress_spm_owner;
DROP ROLE regress_spm_owner;

-- Currencies.
SELECT arg.attach(rate => 'h.cur');
SELECT arg.attach(currency => 'h.curr');
SELECT arg.attach(currency => 'h.cur', rate => '1.5');
SELECT salesperf.detach_source('arg');
SELECT count(*) FROM pg_trigger WHERE tgfoid = 'salesperf.collect_changes'::regproc AND tgrelid::regclass::text LIKE 'arg.%';
DROP SCHEMA arg CASCADE;
