-- Scopes: one canonical form, one id; what is malformed is refused.
SET client_min_messages = warning;
SET datestyle = ISO;

-- Written out.
SELECT salesperf.measure_scope('net', '2021-01-01', '2021-12-31');
SELECT salesperf.measure_scope('margin', '0044-03-15 BC', '12345-06-07', sellers => '{b,a,b}', customers => '{}',
    products => '{é,"a b",Z}', branches => '{""}', sale_types => '{new}', sources => '{order}',
    exclude_customers => '{c}', exclude_products => '{p}', exclude_branches => '{x}');
SELECT salesperf.measure_id(salesperf.measure_scope('net', '2021-01-01', '2021-12-31')) BETWEEN 1 AND 9007199254740991 AS client_safe;

-- NULL for what has no metric or period yet.
SELECT salesperf.measure_scope(NULL, '2021-01-01', '2021-12-31') IS NULL AS metric,
    salesperf.measure_scope('net', NULL, '2021-12-31') IS NULL AS starts_on,
    salesperf.measure_scope('net', '2021-01-01', NULL) IS NULL AS ends_on,
    salesperf.measure_id(NULL) IS NULL AS id, salesperf.measure_figure(NULL) IS NULL AS figure;

-- Order, repetition and style make no difference; anything else does.
CREATE TEMP TABLE scope AS
SELECT salesperf.measure_scope('net', '2021-01-01', '2021-12-31', sellers => '{a,b,c}', exclude_products => '{x}') AS a;
SELECT salesperf.measure_scope('net', '2021-01-01', '2021-12-31', sellers => sellers, exclude_products => '{x,x}') = a AS equal,
    salesperf.measure_id(salesperf.measure_scope('net', '2021-01-01', '2021-12-31', sellers => sellers, exclude_products => '[3:3]={x}')) = salesperf.measure_id(a) AS one_measure
FROM scope, unnest(ARRAY['{c,b,a}', '{b,a,b,c,a}', '[0:2]={a,b,c}', '{{a,b},{c,a}}']::text[]) AS v (text), LATERAL (SELECT text::text[] AS sellers) s;
SET datestyle = 'German, DMY';
SELECT salesperf.measure_id(salesperf.measure_scope('net', date '2021-01-01', date '2021-12-31', sellers => '{a,b,c}', exclude_products => '{x}')) = salesperf.measure_id(a) AS one_measure
FROM scope;
SET datestyle = ISO;
WITH other AS (
    SELECT salesperf.measure_scope(m, '2021-01-01', e, sellers => s, exclude_products => x) AS b
    FROM unnest('{net,gross}'::text[]) AS m, unnest('{2021-12-31,2021-12-30}'::date[]) AS e,
        (VALUES ('{a,b,c}'::text[]), ('{a,b}'), ('{A,b,c}'), ('{"a,b",c}'), ('{abc}'), ('{}'), (NULL)) AS s (s),
        (VALUES ('{x}'::text[]), ('{}'), (NULL)) AS x (x)
)
SELECT count(*) AS scopes, count(DISTINCT b) AS different, count(DISTINCT salesperf.measure_id(b)) AS ids,
    count(*) FILTER (WHERE b = a) AS equal
FROM other, scope;
SELECT count(DISTINCT salesperf.measure_id(salesperf.measure_scope('net', '2021-01-01', '2021-12-31', sellers => ARRAY[n::text]))) AS ids
FROM generate_series(1, 20000) AS n;

-- What a scope cannot be.
SELECT salesperf.measure_scope('sales', '2021-01-01', '2021-12-31');
\echo :LAST_ERROR_SQLSTATE
SELECT salesperf.measure_scope('', '2021-01-01', '2021-12-31');
SELECT salesperf.measure_scope('Net', '2021-01-01', '2021-12-31');
SELECT salesperf.measure_scope('net', '-infinity', '2021-12-31');
\echo :LAST_ERROR_SQLSTATE
SELECT salesperf.measure_scope('net', '2021-01-01', 'infinity');
SELECT salesperf.measure_scope('net', '2021-01-01', '2021-12-31', sellers => '{a,NULL}');
\echo :LAST_ERROR_SQLSTATE
SELECT salesperf.measure_scope('net', '2021-01-01', '2021-12-31', exclude_branches => '{NULL}');

-- A period that ends before it starts counts nothing.
SELECT salesperf.measure_figure(salesperf.measure_scope('net', '2021-12-31', '2021-01-01')) AS nothing;

-- Malformed: each is refused with 22023, by figure and by list.
CREATE FUNCTION pg_temp.answer(scope jsonb, list boolean DEFAULT false)
RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    IF list THEN
        RETURN (SELECT count(*) FROM salesperf.measure_sales(scope));
    END IF;
    RETURN salesperf.measure_figure(scope);
EXCEPTION WHEN OTHERS THEN
    RETURN sqlstate;
END
$$;
SELECT text AS scope, pg_temp.answer(text::jsonb) AS figure, pg_temp.answer(text::jsonb, true) AS list
FROM unnest(ARRAY['{"metric": "net", "starts_on": "2021-01-01", "ends_on": "2021-12-31"}',
    'null', '1', '"net"', '[]', '{}', '[{"metric": "net"}]',
    '{"starts_on": "2021-01-01", "ends_on": "2021-12-31"}', '{"metric": "net", "ends_on": "2021-12-31"}', '{"metric": "net", "starts_on": "2021-12-31"}',
    '{"metric": 1, "starts_on": "2021-01-01", "ends_on": "2021-12-31"}', '{"metric": "", "starts_on": "2021-01-01", "ends_on": "2021-12-31"}',
    '{"metric": "net", "starts_on": "", "ends_on": "2021-12-31"}', '{"metric": "net", "starts_on": "today", "ends_on": "2021-12-31"}',
    '{"metric": "net", "starts_on": "infinity", "ends_on": "2021-12-31"}', '{"metric": "net", "starts_on": "2021-02-30", "ends_on": "2021-12-31"}',
    '{"metric": "net", "starts_on": "2021-1-1", "ends_on": "2021-12-31"}', '{"metric": "net", "starts_on": "2021-01-01 ", "ends_on": "2021-12-31"}',
    '{"metric": "net", "starts_on": "999999999-01-01", "ends_on": "2021-12-31"}', '{"metric": "net", "starts_on": "0000-01-01", "ends_on": "2021-12-31"}',
    '{"metric": "net", "starts_on": 20210101, "ends_on": "2021-12-31"}', '{"metric": "net", "starts_on": ["2021-01-01"], "ends_on": "2021-12-31"}',
    '{"metric": "net", "starts_on": "2021-01-01", "ends_on": "2021-12-31", "sellers": "a"}', '{"metric": "net", "starts_on": "2021-01-01", "ends_on": "2021-12-31", "sellers": null}',
    '{"metric": "net", "starts_on": "2021-01-01", "ends_on": "2021-12-31", "sellers": {"a": 1}}', '{"metric": "net", "starts_on": "2021-01-01", "ends_on": "2021-12-31", "sellers": [1]}',
    '{"metric": "net", "starts_on": "2021-01-01", "ends_on": "2021-12-31", "sellers": [["a"]]}', '{"metric": "net", "starts_on": "2021-01-01", "ends_on": "2021-12-31", "sellers": ["b", "a"]}',
    '{"metric": "net", "starts_on": "2021-01-01", "ends_on": "2021-12-31", "sellers": ["a", "a"]}', '{"metric": "net", "starts_on": "2021-01-01", "ends_on": "2021-12-31", "sellers": [null]}',
    '{"metric": "net", "starts_on": "2021-01-01", "ends_on": "2021-12-31", "selers": ["a"]}', '{"metric": "net", "starts_on": "2021-01-01", "ends_on": "2021-12-31", "teams": ["a"]}'])
    WITH ORDINALITY AS s (text, n)
ORDER BY n;
SELECT salesperf.measure_figure('{"metric": "net", "starts_on": "2021-01-01", "ends_on": "2021-12-31", "sellers": "a"}');
SELECT salesperf.measure_figure('{"metric": "net", "starts_on": "2021-01-01", "ends_on": "2021-12-31", "selers": ["a"]}');

-- 5,000 scopes with something changed in them: a figure, or 22023, and nothing
-- else.  setseed() makes them the same every time.
DO $$
DECLARE
    part CONSTANT text[] := ARRAY['"metric"', '"net"', '"starts_on"', '"2021-01-01"', '"sellers"', '["a"]', '["a", "b"]', '[]', '{}', 'null', 'true',
        '-1e400', '""', '"\\"', '{"metric": "net"}', '[[[[]]]]', '"infinity"', '"epoch"', '"2021-13-01"', '"-1"', '"😀"', '["\u0001"]', '"exclude_customers"', ',', ':', '}', ']', '0'];
    whole CONSTANT text := salesperf.measure_scope('net', '2021-01-01', '2021-12-31', sellers => '{a,b}', exclude_customers => '{c}');
    scope text;
    answer text;
    valid integer := 0;
    figures integer := 0;
    refused integer := 0;
    other text := '';
    place integer;
BEGIN
    PERFORM setseed(0.5);
    WHILE valid < 5000 LOOP
        scope := whole;
        FOR i IN 1 .. 1 + (random() * 2)::integer LOOP
            place := 1 + floor(random() * length(scope))::integer;
            scope := CASE floor(random() * 4)::integer
                WHEN 0 THEN overlay(scope PLACING part[1 + floor(random() * 28)::integer] FROM place FOR floor(random() * 3)::integer)
                WHEN 1 THEN overlay(scope PLACING '' FROM place FOR floor(random() * 6)::integer)
                WHEN 2 THEN regexp_replace(scope, '"[^"]*"', part[1 + floor(random() * 28)::integer], place)
                ELSE overlay(scope PLACING chr(33 + floor(random() * 90)::integer) FROM place FOR 1) END;
        END LOOP;
        BEGIN
            PERFORM scope::jsonb;
        EXCEPTION WHEN OTHERS THEN
            CONTINUE;
        END;
        valid := valid + 1;
        answer := pg_temp.answer(scope::jsonb, valid % 2 = 0);
        IF answer = '22023' THEN
            refused := refused + 1;
        ELSIF answer = '0' THEN
            figures := figures + 1;
        ELSE
            other := other || ' ' || answer || ' ' || scope;
        END IF;
    END LOOP;
    RAISE WARNING '% scopes, answered or refused: %, both happened: %, else: "%"', valid, figures + refused, least(figures, refused) > 100, other;
END
$$;
DROP TABLE scope;
