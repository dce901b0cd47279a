-- What holds for every schedule: tried on random ones.  Each query lists
-- violations, and there are none.
SET search_path = salesperf, public;
SELECT setseed(0.25) IS NOT NULL AS seeded;

-- A random schedule: mode, thresholds from a start in random steps, rates
-- between two bounds; share is the part of amounts.
CREATE FUNCTION pg_temp.random_schedule(mode text, start numeric, low numeric, high numeric, share float8)
RETURNS tiers LANGUAGE plpgsql AS $$
DECLARE
    threshold numeric := start;
    percent boolean := random() >= share;
    text text := mode || '; ';
BEGIN
    FOR i IN 1 .. 1 + floor(random() * 6)::int LOOP
        IF mode <> 'interpolated' THEN
            percent := random() >= share;
        END IF;
        text := text || CASE WHEN i > 1 THEN ', ' ELSE '' END || CASE WHEN random() < 0.3 THEN '>' ELSE '' END
            || threshold || ': ' || round((low + (high - low) * random()::numeric), floor(random() * 4)::int)
            || CASE WHEN percent THEN '%' ELSE '' END;
        threshold := threshold + round((1 + random() * 999)::numeric, floor(random() * 3)::int);
    END LOOP;
    RETURN text::tiers;
END $$;

CREATE TEMPORARY TABLE any_schedule AS
SELECT i AS id, pg_temp.random_schedule(
    (ARRAY['slab', 'graduated', 'interpolated', 'excess'])[1 + i % 4],
    round((random() * 1000 - CASE WHEN i % 3 = 0 THEN 600 ELSE 0 END)::numeric, i % 3), -20, 150, 0.3) AS tiers
FROM generate_series(1, 400) i;
-- Values everywhere, at the borders, and a hair beside them.
CREATE TEMPORARY TABLE any_case AS
SELECT id, tiers, value, base
FROM any_schedule,
     LATERAL (SELECT round((random() * 8000 - 4000)::numeric, (id + n) % 5) FROM generate_series(1, 10) n
              UNION ALL
              SELECT (tier ->> 'threshold')::numeric + hair
              FROM jsonb_array_elements(tiers::jsonb -> 'tiers') tier, unnest(ARRAY[0, 0.000001, -0.000001]) hair
              UNION ALL SELECT 0) AS v (value),
     LATERAL (SELECT value UNION ALL SELECT round((random() * 2000 - 1000)::numeric, (id + value::int) % 4)) AS b (base);
SELECT count(*) > 10000 AS cases, count(DISTINCT tiers::text) > 390 AS schedules FROM any_case;

-- Round trips.
SELECT * FROM any_schedule
WHERE tiers::text::tiers <> tiers OR tiers::jsonb::tiers <> tiers OR tiers::text::tiers::text <> tiers::text
   OR tiers_hash(tiers) <> tiers_hash(tiers::jsonb::tiers);

-- Two arguments are three with the value twice.
SELECT * FROM any_case WHERE value = base AND tier_payout(tiers, value) <> tier_payout(tiers, value, base);

-- Returns mirror sales unless the first threshold is negative.  A value and
-- base of zero are no return.
SELECT * FROM any_case
WHERE (tiers::jsonb #>> '{tiers,0,threshold}')::numeric >= 0 AND (value <> 0 OR base <> 0)
  AND tier_payout(tiers, -value, -base) <> -tier_payout(tiers, value, base);

-- An explanation sums to the payout.
SELECT * FROM any_case
WHERE tier_payout(tiers, value, base) <> (SELECT sum(amount) FROM tier_explain(tiers, value, base));
SELECT * FROM any_case
WHERE tier_level(tiers, value) <> (SELECT max(level) FROM tier_explain(tiers, value, base));
-- In a graduated one the parts sum to the base, if nothing lies below.
SELECT id, tiers, value, base FROM any_case
WHERE tiers::jsonb ->> 'mode' = 'graduated' AND value <> 0
  AND (tiers::jsonb #>> '{tiers,0,threshold}')::numeric = 0
  AND base <> (SELECT sum(part_of_base) FROM tier_explain(tiers, value, base));

-- Except for excess, rate times base is the payout.
SELECT * FROM any_case
WHERE value <> 0 AND tiers::jsonb ->> 'mode' <> 'excess' AND tier_level(tiers, value) > 0
  AND abs(tier_payout(tiers, value, base) - tier_rate(tiers, value) * base) > 1e-15;

-- Below the first threshold nothing; the level counts thresholds reached.
SELECT * FROM any_case c
WHERE tier_level(tiers, c.value) <> (
    SELECT count(*) FROM jsonb_array_elements(tiers::jsonb -> 'tiers') tier
    WHERE CASE WHEN (tiers::jsonb #>> '{tiers,0,threshold}')::numeric >= 0 THEN abs(c.value) ELSE c.value END
          - (tier ->> 'threshold')::numeric >= CASE WHEN (tier ->> 'above')::boolean THEN 1e-30 ELSE 0 END)
   OR (tier_level(tiers, value) = 0 AND tier_payout(tiers, value, base) <> 0);

-- Gap and next threshold agree; progress stays within 0 and 1.
SELECT * FROM any_case
WHERE tier_gap(tiers, value) <> tier_next_threshold(tiers, value) - value OR tier_gap(tiers, value) < 0
   OR tier_progress(tiers, value) NOT BETWEEN 0 AND 1
   OR (tier_gap(tiers, value) IS NULL AND tier_progress(tiers, value) <> 1);

-- Graduated with positive percents is continuous and monotone, and a
-- payout does not depend on the steps that a total grew in.
CREATE TEMPORARY TABLE growing AS
SELECT id, tiers, value, tier_payout(tiers, value) AS payout,
       lag(value) OVER steps AS before, lag(tier_payout(tiers, value)) OVER steps AS payout_before
FROM (SELECT i AS id, pg_temp.random_schedule('graduated', round((random() * 500)::numeric, 1), 0, 40, 0) AS tiers
      FROM generate_series(1, 100) i) s,
     LATERAL (SELECT round((random() * 5000 - 1000)::numeric, 2) FROM generate_series(1, 60)
              UNION
              SELECT (tier ->> 'threshold')::numeric + hair
              FROM jsonb_array_elements(tiers::jsonb -> 'tiers') tier, unnest(ARRAY[0, 0.000001, -0.000001]) hair) AS v (value)
WINDOW steps AS (PARTITION BY id ORDER BY value);
SELECT * FROM growing WHERE payout < payout_before OR payout - payout_before > (value - before) * 0.40;
SELECT id, tiers FROM growing
GROUP BY id, tiers
HAVING sum(payout - payout_before) <> max(payout) - min(payout);
