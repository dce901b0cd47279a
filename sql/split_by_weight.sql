-- split_by_weight: an amount over weights, to the cent.
SET search_path = salesperf, public;

-- Worked out by hand; only those that differ are listed.
CREATE TEMPORARY TABLE derived (amount numeric, weights numeric[], scale int, expected text, derivation text);
INSERT INTO derived VALUES
    (100, '{1,1,1}', 2, '{33.34,33.33,33.33}', 'a cent left, to the first'),
    (100, '{1,2}', 2, '{33.33,66.67}', '3333 1/3 and 6666 2/3 cents'),
    (100, '{3,0,1}', 2, '{75.00,0.00,25.00}', 'no weight, no part'),
    (0.05, '{1,1,1}', 2, '{0.02,0.02,0.01}', '1 2/3 cents each'),
    (0.01, '{0,0.001,0.002}', 2, '{0.00,0.00,0.01}', 'a cent to two thirds of one'),
    (-100, '{1,1,1}', 2, '{-33.34,-33.33,-33.33}', 'the mirror'),
    (100.005, '{1,1}', 2, '{50.01,50.00}', 'the amount is rounded first: 100.01'),
    (-100.005, '{1,1}', 2, '{-50.01,-50.00}', 'the mirror'),
    (10, '{150,-50}', 2, '{15.00,-5.00}', 'a return among the weights'),
    (1, '{4,-1}', 2, '{1.33,-0.33}', '133 1/3 and -33 1/3 cents: 133 and -34 given, 1 left, to -33 1/3 as it is 2/3 above -34'),
    (10, '{-1,-3}', 2, '{2.50,7.50}', 'only the proportion matters'),
    (1, '{0,0,0}', 2, '{0.34,0.33,0.33}', 'no weight at all: equal'),
    (1, '{5,-5}', 2, '{0.50,0.50}', 'weights that cancel out: equal'),
    (0, '{1,2}', 2, '{0.00,0.00}', 'nothing to split'),
    (10, '{1,1,1}', 0, '{4,3,3}', 'yen'),
    (1, '{1,1,1}', 18, '{0.333333333333333334,0.333333333333333333,0.333333333333333333}', '18 decimals'),
    (10, '{}', 2, '{}', 'nobody'),
    (10, NULL, 2, NULL, 'NULL'),
    (NULL, '{1}', 2, NULL, 'NULL');
SELECT amount, weights, scale, expected, split_by_weight(amount, weights, scale) AS got, derivation
FROM derived WHERE split_by_weight(amount, weights, scale)::text IS DISTINCT FROM expected;
SELECT split_by_weight(10, '{1,2}') AS two_decimals;
SELECT split_by_weight(10, '{1,NULL}');
SELECT split_by_weight(10, '{1,NaN}');

-- For random weights: parts add up, and each is within a unit of its share.
SELECT setseed(0.5) IS NOT NULL AS seeded;
CREATE TEMPORARY TABLE any_split AS
SELECT i AS id, i % 5 AS scale, a.amount, w.weights, split_by_weight(a.amount, w.weights, i % 5) AS parts
FROM generate_series(1, 2000) i,
    LATERAL (SELECT round(((random() - 0.5) * 10 ^ (i % 7))::numeric, 3) AS amount) a,
    LATERAL (SELECT array_agg(v) AS weights
        FROM (SELECT round(((random() - 0.2) * 1000)::numeric, i % 3) FROM generate_series(1, 1 + i % 9)) r (v)) w;
SELECT id FROM any_split
WHERE round(amount, scale) <> (SELECT sum(p) FROM unnest(parts) p);
SELECT s.id FROM any_split s, LATERAL (SELECT sum(w) AS sum FROM unnest(weights) w) t, unnest(s.weights, s.parts) u (weight, part)
WHERE t.sum <> 0 AND abs(u.part * t.sum - round(s.amount, s.scale) * u.weight) >= abs(t.sum) * power(10::numeric, -s.scale);
