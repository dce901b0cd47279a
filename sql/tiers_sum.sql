-- Aggregate tier_payout_sum: the sum of tier_payout, exactly.
SET search_path = salesperf, public;
SELECT setseed(0.75) IS NOT NULL AS seeded;

-- No rows, no payouts; rows with a NULL do not count.
SELECT tier_payout_sum('0: 5%', v) FROM generate_series(1, 0) v;
SELECT tier_payout_sum('0: 5%', v) FROM (VALUES (NULL::numeric), (NULL)) x (v);
SELECT tier_payout_sum('0: 5%', v) FROM (VALUES (NULL), (200.00), (NULL), (100)) x (v);
SELECT tier_payout_sum(t, v, b) FROM (VALUES (NULL, 1, 1), ('0: 5%'::tiers, 1, NULL), ('0: 5%', NULL, 1)) x (t, v, b);
SELECT tier_payout_sum('1000: 5%', v) FROM (VALUES (1), (-999)) x (v);

-- All modes, percents and amounts, divisions, zero and negative values,
-- moving scales and figures beyond 128 bits.
CREATE TABLE payout_schedule AS
SELECT row_number() OVER ()::int AS schedule, tiers FROM unnest(ARRAY[
    '0: 5%, 5000: 8%, >10000: 12%', '100: 33.333%, 500: 7', '-200: 5%, 0: 50, 10: -2%',
    'graduated; 0: 1%, 1000: 2%, >2000.5: 3.75%', 'graduated; 10: 1%, 1000: 77, 2000: 2%', 'graduated; -100: 1%, 0: 2%',
    'interpolated; 0: 0%, 1000: 7%, >1000: 9%, 3333.3: 10.01%', 'interpolated; 10: 0.5, 17: 3, 3000: 1e', 'interpolated; -50: 0, 0: 100, 7: 100, 9: 20',
    'excess; 0: 5%, 700: 6%', 'excess; 300: 5%, 700: 11.11%, 900: 30', 'excess; -70: 1%, 7: 2%',
    '0: 1%, 123456789012345678901234567890123456789.5: 2%',
    'graduated; 0: 0.0000000000000000000000000000000001%, 1: 123456789012345678901234567890%',
    'interpolated; 0: 0%, 12345678901234567890123: 0.00000000000000000001%'
    ]::text[]) AS given (text), LATERAL (SELECT replace(text, '1e', '1')::tiers) AS parsed (tiers);
CREATE TABLE payout_row AS
SELECT i AS id, 1 + i % 15 AS schedule,
       CASE WHEN i % 97 = 0 THEN 0 WHEN i % 1009 = 0 THEN (random() * 1e6)::numeric * 1e40
            ELSE round((random() * 8000 - 2500)::numeric, i % 7) END AS value,
       CASE WHEN i % 101 = 0 THEN 0 WHEN i % 1013 = 0 THEN (random() * 1e6)::numeric / 1e50
            ELSE round((random() * 3000 - 800)::numeric, i % 3) END AS base
FROM generate_series(1, 20000) i;

SELECT schedule, tier_payout_sum(tiers, value) - sum(tier_payout(tiers, value)) AS off,
       tier_payout_sum(tiers, value, base) - sum(tier_payout(tiers, value, base)) AS off_by_base,
       tier_payout_sum(tiers, value, value) - tier_payout_sum(tiers, value) AS off_by_itself
FROM payout_row JOIN payout_schedule USING (schedule)
GROUP BY schedule
HAVING tier_payout_sum(tiers, value) <> sum(tier_payout(tiers, value))
    OR tier_payout_sum(tiers, value, base) <> sum(tier_payout(tiers, value, base))
    OR tier_payout_sum(tiers, value, value) <> tier_payout_sum(tiers, value);
-- Many schedules in one sum, in any order of rows, and filtered.
SELECT tier_payout_sum(tiers, value, base) = sum(tier_payout(tiers, value, base)) AS summed,
       tier_payout_sum(tiers, value, base ORDER BY id)::text = tier_payout_sum(tiers, value, base ORDER BY base, id)::text AS any_order,
       tier_payout_sum(tiers, value) FILTER (WHERE id % 2 = 0) + tier_payout_sum(tiers, value) FILTER (WHERE id % 2 = 1)
           = tier_payout_sum(tiers, value) AS in_parts
FROM payout_row JOIN payout_schedule USING (schedule);
-- Hundreds of schedules, each known again.
SELECT tier_payout_sum(tiers, value) = sum(tier_payout(tiers, value)) AS summed
FROM (SELECT format('%s: %s%%, %s: 9', id % 50, id % 40, 100 + id % 50)::tiers AS tiers, value FROM payout_row) x;

-- Moving frames take rows out again.
SELECT count(*) FILTER (WHERE moving IS DISTINCT FROM recomputed) AS off, count(*) FILTER (WHERE moving IS NULL) AS empty
FROM (SELECT tier_payout_sum(tiers, value, base) OVER frame AS moving,
             sum(tier_payout(tiers, value, base)) OVER frame AS recomputed
      FROM payout_row JOIN payout_schedule USING (schedule) WHERE id <= 5000
      WINDOW frame AS (ORDER BY id ROWS BETWEEN 9 PRECEDING AND 3 PRECEDING)) x;

-- Parallel workers: partial sums are made, and come to the same.
CREATE TABLE payout_joined AS SELECT * FROM payout_row JOIN payout_schedule USING (schedule);
ALTER TABLE payout_joined SET (parallel_workers = 3);
ANALYZE payout_joined;
SELECT tier_payout_sum(tiers, value, base) AS alone FROM payout_joined \gset
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 3;
EXPLAIN (COSTS OFF) SELECT tier_payout_sum(tiers, value, base) FROM payout_joined;
SELECT tier_payout_sum(tiers, value, base)::text = :'alone' AS same FROM payout_joined;
SET parallel_leader_participation = off;
SELECT tier_payout_sum(tiers, value, base)::text = :'alone' AS same FROM payout_joined;
SELECT bool_and(s = t) AS same, count(*)
FROM (SELECT schedule, tier_payout_sum(tiers, value) AS s, sum(tier_payout(tiers, value)) AS t
      FROM payout_joined GROUP BY schedule) x;
DROP TABLE payout_schedule, payout_row, payout_joined;
