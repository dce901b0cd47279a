-- Scaled 128-bit sums: every numeric goes in and comes out as it was.  Tiers
-- of 100 % sum their base.
SET search_path = salesperf, public;
SELECT setseed(0.5) IS NOT NULL AS seeded;
CREATE TEMPORARY TABLE figure AS
SELECT row_number() OVER ()::int AS id, figure FROM (
    -- any number of digits before and after the point
    SELECT (CASE WHEN random() < 0.5 THEN '-' ELSE '' END
            || repeat(chr(48 + i % 10), a) || floor(random() * 1e9)::text || '.'
            || repeat(chr(48 + (i / 7) % 10), b) || floor(random() * 1e9)::text || repeat('0', i % 5))::numeric AS figure
    FROM generate_series(1, 4) i, generate_series(0, 60, 3) a, generate_series(0, 60, 3) b
    UNION ALL
    -- powers of ten and their neighbours: borders of digits, groups and 128 bits
    SELECT sign * (10::numeric ^ e + hair)
    FROM generate_series(0, 60) e, unnest(ARRAY[1, -1]) sign, unnest(ARRAY[-1, 0, 1]) hair
    UNION ALL
    SELECT sign * n * ('1e-' || e)::numeric FROM generate_series(0, 90) e, unnest(ARRAY[1, -1]) sign, unnest(ARRAY[1, 9, 10, 9999]) n
    UNION ALL
    SELECT sign * (2::numeric ^ e + hair) FROM generate_series(60, 130) e, unnest(ARRAY[1, -1]) sign, unnest(ARRAY[-1, 0, 1]) hair
    UNION ALL
    SELECT ('1e' || e)::numeric FROM generate_series(-400, 400, 50) e
    UNION ALL
    SELECT figure::numeric FROM unnest(ARRAY['0', '0.0000', '-0', '0.00001000', '1000000000000.0000', '9999', '10000', '0.9999']) figure
) x;
CREATE INDEX ON figure (id);
SELECT count(*) FROM figure;

-- One at a time, to the digit.
SELECT id, figure, tier_payout_sum('0: 100%', 1, figure) AS back FROM figure GROUP BY id, figure
HAVING tier_payout_sum('0: 100%', 1, figure)::text <> trim_scale(figure)::text;
SELECT id, figure, tier_payout('0: 100%', 1, figure) AS back FROM figure
WHERE tier_payout('0: 100%', 1, figure)::text <> trim_scale(figure)::text;
-- The level of a figure among thresholds cut off beside it.
SELECT id, figure FROM figure
WHERE abs(figure) < 1e90 AND trunc(figure, 90) = figure AND
      (tier_level(format('%s: 1, >%s: 2', figure, figure)::tiers, abs(figure)) <> CASE WHEN figure < 0 THEN 2 ELSE 1 END OR
       tier_level(format('%s: 1, >%s: 2', trunc(abs(figure)), trunc(abs(figure)))::tiers, figure)
           <> CASE WHEN trunc(figure) = figure THEN 1 ELSE 2 END);

-- All of them, in any order.
SELECT tier_payout_sum('0: 100%', 1, figure) = sum(figure) AS summed,
       tier_payout_sum('0: 100%', 1, figure ORDER BY figure) = sum(figure) AS rising,
       tier_payout_sum('0: 100%', 1, figure ORDER BY abs(figure) DESC) = sum(figure) AS falling,
       tier_payout_sum('0: 100%', 1, figure ORDER BY md5(id::text)) = sum(figure) AS mixed
FROM figure;
SELECT bool_and(a = b) AS by_group
FROM (SELECT tier_payout_sum('0: 100%', 1, figure) AS a, sum(figure) AS b FROM figure GROUP BY id % 50) x;
-- In and out again.
SELECT count(*) AS off
FROM (SELECT tier_payout_sum('0: 100%', 1, figure) OVER frame AS a, sum(figure) OVER frame AS b
      FROM figure WINDOW frame AS (ORDER BY md5(id::text) ROWS BETWEEN 5 PRECEDING AND CURRENT ROW)) x
WHERE a <> b;
-- What cancels out is zero, whatever was in between.
SELECT tier_payout_sum('0: 100%', 1, s * figure ORDER BY md5(id::text || s)) AS nothing
FROM figure, unnest(ARRAY[1, -1]) s;
