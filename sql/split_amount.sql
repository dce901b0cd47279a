-- split_amount: shares of an amount that add up to it, to the cent.
SET search_path = salesperf, public;

-- Worked out by hand; the derivation stands beside each.  Only those that
-- differ are listed.
CREATE TEMPORARY TABLE derived (amount numeric, percents numeric[], amounts numeric[], scale int, expected text, derivation text);
INSERT INTO derived VALUES
    -- percents
    (100, '{50,50}', NULL, 2, '{50.00,50.00}', 'halves'),
    (100, '{60,40}', NULL, 2, '{60.00,40.00}', 'exact'),
    (100, '{100}', NULL, 2, '{100.00}', 'everything'),
    (100, '{0,100}', NULL, 2, '{0.00,100.00}', 'a share of nothing gets nothing'),
    (0.01, '{50,50}', NULL, 2, '{0.01,0.00}', 'half a cent each; the tie goes to the lower position'),
    (0.03, '{50,50}', NULL, 2, '{0.02,0.01}', '1.5 cents each: 1 + 1, the third to the lower position'),
    (100.01, '{50,50}', NULL, 2, '{50.01,50.00}', '5000.5 cents each'),
    (0.01, '{10,45,45}', NULL, 2, '{0.00,0.01,0.00}', 'fractions .1 .45 .45: the first of the largest'),
    (0.02, '{10,45,45}', NULL, 2, '{0.00,0.01,0.01}', '0.2, 0.9, 0.9 cents; 2 to give'),
    (0.05, '{20,20,20,20,20}', NULL, 2, '{0.01,0.01,0.01,0.01,0.01}', 'a cent each'),
    (0.04, '{20,20,20,20,20}', NULL, 2, '{0.01,0.01,0.01,0.01,0.00}', '0.8 of a cent each, 4 to give, ties in order'),
    (10, '{33.33,33.33,33.34}', NULL, 2, '{3.33,3.33,3.34}', '333.3, 333.3, 333.4 cents: the cent to the third'),
    (100, '{33.33,33.33,33.34}', NULL, 2, '{33.33,33.33,33.34}', 'exact'),
    (99.99, '{33.33,33.33,33.34}', NULL, 2, '{33.33,33.33,33.33}', '3332.6667, 3332.6667, 3333.6666 cents: 9997 given, 2 left, to the .6667s'),
    (7.77, '{12.5,12.5,75}', NULL, 2, '{0.97,0.97,5.83}', '97.125, 97.125, 582.75 cents: 776 given, 1 to the .75'),
    (1, '{12.5,12.5,12.5,12.5,50}', NULL, 2, '{0.13,0.13,0.12,0.12,0.50}', '12.5 cents four times: 98 given, 2 left, to the first two'),
    (1000, '{33.3333333333,66.6666666667}', NULL, 2, '{333.33,666.67}', '33333.3333333, 66666.6666667 cents'),
    -- less than the whole: what is left over is not returned
    (100, '{25,25}', NULL, 2, '{25.00,25.00}', '50 are left over'),
    (100, '{33.335}', NULL, 2, '{33.34}', '3333.5 cents, half away from zero'),
    (100, '{33.334}', NULL, 2, '{33.33}', '3333.4 cents'),
    (0.10, '{33,33}', NULL, 2, '{0.04,0.03}', '3.3 cents each, 6.6 together: 7 cents'),
    (0.10, '{32,32}', NULL, 2, '{0.03,0.03}', '3.2 cents each, 6.4 together: 6 cents'),
    (0.10, '{33,32}', NULL, 2, '{0.04,0.03}', '3.3 + 3.2 = 6.5: 7 cents, the larger fraction first'),
    (0.10, '{32,33}', NULL, 2, '{0.03,0.04}', 'the same the other way round'),
    (100, '{}', NULL, 2, '{}', 'no parts'),
    (100, NULL, '{}', 2, '{}', 'no parts'),
    (100, '{}', '{}', 2, '{}', 'no parts'),
    (100, '{0}', NULL, 2, '{0.00}', 'nothing of it'),
    -- fixed amounts
    (100, NULL, '{30,70}', 2, '{30.00,70.00}', 'as given'),
    (100, NULL, '{30,20.5}', 2, '{30.00,20.50}', '49.50 are left over'),
    (100, NULL, '{0.005,0.005}', 2, '{0.01,0.00}', 'half a cent each, one together'),
    (100, NULL, '{0.004,0.004}', 2, '{0.01,0.00}', '0.8 of a cent together: 1'),
    (100, NULL, '{0.002,0.002}', 2, '{0.00,0.00}', '0.4 of a cent together: 0'),
    (10, NULL, '{3.333,3.333,3.334}', 2, '{3.33,3.33,3.34}', '333.3, 333.3, 333.4 cents'),
    -- both
    (100, '{50,NULL}', '{NULL,30}', 2, '{50.00,30.00}', 'half of the whole, not of what is left'),
    (100, '{50,NULL}', '{NULL,50}', 2, '{50.00,50.00}', 'exactly everything'),
    (100.01, '{50,NULL}', '{NULL,50.005}', 2, '{50.01,50.00}', '5000.5 cents both'),
    (33.33, '{NULL,10,10}', '{20,NULL,NULL}', 2, '{20.00,3.34,3.33}', '333.3 cents twice, 2666.6 together: 2667'),
    -- returns mirror
    (-100, '{50,50}', NULL, 2, '{-50.00,-50.00}', 'halves'),
    (-0.01, '{50,50}', NULL, 2, '{-0.01,0.00}', 'the mirror of 0.01'),
    (-100, '{33.335}', NULL, 2, '{-33.34}', 'half away from zero'),
    (-33.33, '{NULL,10,10}', '{-20,NULL,NULL}', 2, '{-20.00,-3.34,-3.33}', 'the mirror of 33.33'),
    -- nothing to split
    (0, '{50,50}', NULL, 2, '{0.00,0.00}', 'nothing'),
    (0, NULL, '{0}', 2, '{0.00}', 'nothing'),
    -- other scales
    (100, '{33,33,34}', NULL, 0, '{33,33,34}', 'yen'),
    (10, '{25,25,25,25}', NULL, 0, '{3,3,2,2}', '2.5 each: 8 given, 2 left'),
    (1, '{33,33,34}', NULL, 3, '{0.330,0.330,0.340}', 'dinars'),
    (0.001, '{50,50}', NULL, 3, '{0.001,0.000}', 'half a millime each'),
    (0.000000000000000003, '{50,50}', NULL, 18, '{0.000000000000000002,0.000000000000000001}', '1.5 units each'),
    (100.005, '{100}', NULL, 2, '{100.01}', 'an amount finer than the scale is rounded too'),
    (100.005, '{50,50}', NULL, 2, '{50.01,50.00}', '5000.25 cents each, 10000.5 together: 10001'),
    -- nothing is rounded twice, and nothing overflows
    (0.00499999999999999999999999999999999, '{100}', NULL, 2, '{0.00}', 'below half a cent, if only just'),
    (1000000000000000000000000000000000000000000.01, '{50,50}', NULL, 2,
        '{500000000000000000000000000000000000000000.01,500000000000000000000000000000000000000000.00}', '43 digits'),
    -- NULL
    (NULL, '{50,50}', NULL, 2, NULL, 'no amount'),
    (NULL, '{200}', NULL, 2, NULL, 'no amount, whatever the parts'),
    (100, '{50,50}', NULL, NULL, NULL, 'no scale');

SELECT amount, percents, amounts, scale, expected, split_amount(amount, percents, amounts, scale) AS got, derivation
FROM derived WHERE split_amount(amount, percents, amounts, scale)::text IS DISTINCT FROM expected;
SELECT count(*) >= 40 AS enough FROM derived;
-- Two decimals unless told otherwise; array bounds do not matter.
SELECT split_amount(10, '[5:7]={33,33,34}', NULL), split_amount(10, percents => '{50}', amounts => NULL);

-- What holds for every split, tried on random ones: percents and amounts in
-- any mixture, small amounts, many equal fractions.  Each query lists
-- violations, and there are none.
SELECT setseed(0.75) IS NOT NULL AS seeded;
CREATE FUNCTION pg_temp.random_parts(scale int, OUT amount numeric, OUT percents numeric[], OUT amounts numeric[])
LANGUAGE plpgsql AS $$
DECLARE
    n int := 1 + floor(random() * 8)::int;
    step int := (ARRAY[1, 5, 25])[1 + floor(random() * 3)::int];
    part numeric;
BEGIN
    amount := round((random() * 10 ^ floor(random() * 6))::numeric, scale + floor(random() * 2)::int);
    FOR i IN 1 .. n LOOP
        part := floor(random() * (100 / step / n + 1)) * step;
        IF random() < 0.6 THEN
            percents[i] := part;
            amounts[i] := NULL;
        ELSE
            percents[i] := NULL;
            amounts[i] := amount * part / 100;
        END IF;
    END LOOP;
END $$;
CREATE TEMPORARY TABLE any_split AS
SELECT s.id, s.scale, p.amount, p.percents, p.amounts, split_amount(p.amount, p.percents, p.amounts, s.scale) AS parts
FROM (SELECT i AS id, i % 4 AS scale FROM generate_series(1, 4000) i) s, pg_temp.random_parts(s.scale) p;
CREATE TEMPORARY TABLE any_part AS
SELECT s.id, s.scale, t.position, t.part, coalesce(s.amount * t.percent / 100, t.fixed) AS exact,
    trunc(coalesce(s.amount * t.percent / 100, t.fixed), s.scale) AS cut
FROM any_split s, unnest(s.percents, s.amounts, s.parts) WITH ORDINALITY t (percent, fixed, part, position);
SELECT count(*) AS splits, count(*) FILTER (WHERE amount <> 0) > 3000 AS not_trivial FROM any_split;
-- They add up to the rounded sum of the exact shares.
SELECT id FROM any_part GROUP BY id, scale HAVING sum(part) <> round(sum(exact), scale);
-- Each is its exact share cut down, or a unit more; an exact one is itself.
SELECT id FROM any_part
WHERE part NOT IN (cut, cut + power(10::numeric, -scale)) OR (exact = cut AND part <> exact) OR scale(part) <> scale;
-- Nobody gets the unit before one with a larger fraction, or with the same in
-- a lower position.
SELECT a.id FROM any_part a JOIN any_part b ON b.id = a.id
WHERE a.part > a.cut AND b.part = b.cut
  AND (b.exact - b.cut > a.exact - a.cut OR (b.exact - b.cut = a.exact - a.cut AND b.position < a.position));
SELECT count(*) > 100 AS ties_seen FROM any_part a JOIN any_part b ON b.id = a.id AND b.position > a.position
WHERE a.part > a.cut AND b.part = b.cut AND a.exact - a.cut = b.exact - b.cut;
-- A return undoes its sale.
SELECT id FROM any_split
WHERE split_amount(-amount, percents, (SELECT array_agg(-a ORDER BY i) FROM unnest(amounts) WITH ORDINALITY u (a, i)), scale)
    IS DISTINCT FROM (SELECT array_agg(-p ORDER BY i) FROM unnest(parts) WITH ORDINALITY u (p, i));

-- What is refused.
CREATE FUNCTION pg_temp.refusal(amount numeric, percents numeric[], amounts numeric[], scale int DEFAULT 2)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE state text; message text; detail text; hint text;
BEGIN
    RETURN 'accepted: ' || salesperf.split_amount(amount, percents, amounts, scale)::text;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
        detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(E'\n  ', state || ' ' || message, nullif(detail, ''), nullif(hint, ''));
END $$;
\pset format unaligned
\pset tuples_only
SELECT n, pg_temp.refusal(amount, percents, amounts, scale) FROM (VALUES
    (1, 100::numeric, '{50,50.01}'::numeric[], NULL::numeric[], 2),
    (2, 100, NULL, '{60,40.001}', 2),
    (3, 100, '{50,NULL}', '{NULL,50.01}', 2),
    (4, -100, '{60,60}', NULL, 2),
    (5, 0, NULL, '{0.01}', 2),
    (6, 100, NULL, NULL, 2),
    (7, 100, '{50,50}', '{NULL}', 2),
    (8, 100, '{50,50}', '{NULL,10}', 2),
    (9, 100, '{50,NULL}', NULL, 2),
    (10, 100, '{50,NULL}', '{NULL,NULL}', 2),
    (11, 100, '{{50,50},{0,0}}', NULL, 2),
    (12, 100, NULL, '{{1}}', 2),
    (13, 100, '{110,-10}', NULL, 2),
    (14, 100, NULL, '{-10}', 2),
    (15, -100, NULL, '{10}', 2),
    (16, 0, NULL, '{-10}', 2),
    (17, 'NaN', '{50}', NULL, 2),
    (18, '-Infinity', '{50}', NULL, 2),
    (19, 100, '{50,NaN}', NULL, 2),
    (20, 100, NULL, '{Infinity}', 2),
    (21, 100, '{50}', NULL, -1),
    (22, 100, '{50}', NULL, 19)
) AS bad (n, amount, percents, amounts, scale) ORDER BY n;
