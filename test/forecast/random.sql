-- Random series of every kind through every method, as many as psql's variable
-- series says: complete, finite, in order, and no limit below 0 where no value
-- is.  A series is a sum of parts of random size: a level, a trend, seasons, a
-- random walk, noise, steps; then scaled, rounded, made sparse, given gaps.
SELECT setseed(0.375) IS NOT NULL AS seeded;

CREATE FUNCTION pg_temp.random_series(number integer, count integer) RETURNS numeric[] LANGUAGE sql AS $$
    WITH shape AS MATERIALIZED (
        SELECT random() AS level, (random() - 0.3) / 20 * (random() * 2)::int AS trend, 0.5 * random() * (random() * 2)::int AS season,
            random() * (random() * 2)::int AS noise, random() / 5 * (random() * 1)::int AS walk, random() * (random() * 0.7)::int AS jump,
            (random() * count)::int AS jump_at, (random() * 0.65)::int * random() AS sparse, (random() * 0.6)::int * random() / 3 AS gaps,
            power(10, (random() - 0.5) * CASE WHEN number % 20 = 0 THEN 500 ELSE 16 END) AS scale, (random() * 9)::int AS digits,
            (ARRAY[2, 4, 7, 12, 52])[1 + (random() * 4)::int] AS period, random() < 0.5 AS exponential
    ), part AS (
        SELECT i, s.*, s.level + s.trend * i + s.season * sin(2 * pi() * i / s.period) + s.noise * (random() - 0.5)
            + sum(s.walk * (random() - 0.5)) OVER (ORDER BY i) + CASE WHEN i > s.jump_at THEN s.jump ELSE 0 END AS value
        FROM shape s, generate_series(1, count) i
    )
    SELECT array_agg(CASE
            WHEN random() < gaps THEN NULL
            WHEN random() < sparse THEN 0
            ELSE round((CASE WHEN exponential THEN exp(least(value, 20)) ELSE value END)::numeric, digits) * scale::numeric
        END ORDER BY i)
    FROM part
$$;

CREATE TEMP TABLE outcome AS
SELECT c.method, s.known, s.low, count(f.step) AS steps, c.horizon,
    bool_and(f.lower <= f.forecast AND f.forecast <= f.upper AND f.lower > '-Infinity' AND f.upper < 'Infinity') AS ordered,
    bool_and(f.lower >= 0) AS not_below
FROM generate_series(1, :series) i
CROSS JOIN LATERAL (
    SELECT (random() * random() * CASE WHEN i % 10 = 0 THEN 500 ELSE 90 END)::int AS count,
        (ARRAY[1, 2, 3, 4, 7, 12, 12, 24, 25, 52, 365])[1 + (random() * 10)::int] AS season,
        (ARRAY['auto', 'auto', 'fast', 'seasonal_naive', 'theta', 'ets', 'intermittent'])[1 + (i * 5 + i / 7) % 7] AS method,
        1 + (random() * CASE WHEN i % 50 = 0 THEN 999 ELSE 24 END)::int AS horizon,
        0.01 + 0.98 * random() AS level,
        (ARRAY['interpolate', 'zero'])[1 + i % 2] AS missing
    OFFSET 0
) c
CROSS JOIN LATERAL (SELECT pg_temp.random_series(i, c.count) AS series OFFSET 0) r
CROSS JOIN LATERAL (SELECT count(v) AS known, min(v) AS low FROM unnest(r.series) v) s
LEFT JOIN LATERAL salesperf.forecast(r.series[:1000], least(c.horizon, 990), c.season, c.method, c.level, c.missing) f ON true
GROUP BY i, c.method, c.horizon, s.known, s.low;

SELECT count(*) AS series, count(DISTINCT method) AS methods, count(*) FILTER (WHERE known = 0) > 0 AS some_empty,
    count(*) FILTER (WHERE low < 0) > 0 AS some_negative,
    count(*) FILTER (WHERE steps <> CASE WHEN known = 0 THEN 0 ELSE least(horizon, 990) END) AS incomplete,
    count(*) FILTER (WHERE known > 0 AND ordered IS NOT TRUE) AS not_in_order,
    count(*) FILTER (WHERE known > 0 AND low >= 0 AND not_below IS NOT TRUE) AS below_zero
FROM outcome;
DROP TABLE outcome;
