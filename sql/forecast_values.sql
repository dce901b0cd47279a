-- forecast(): values, methods, gaps, what is refused.
SET extra_float_digits = 0;

-- International airline passengers by month, thousands, 1949 to June 1959
-- (Box, Jenkins and Reinsel, Time Series Analysis), and the 18 months after.
CREATE TABLE air AS
SELECT '{112,118,132,129,121,135,148,148,136,119,104,118,115,126,141,135,125,149,170,170,158,133,114,140,145,150,178,163,172,178,199,199,184,162,146,166,171,180,193,181,183,218,230,242,209,191,172,194,196,196,236,235,229,243,264,272,237,211,180,201,204,188,235,227,234,264,302,293,259,229,203,229,242,233,267,269,270,315,364,347,312,274,237,278,284,277,317,313,318,374,413,405,355,306,271,306,315,301,356,348,355,422,465,467,404,347,305,336,340,318,362,348,363,435,491,505,404,359,310,337,360,342,406,396,420,472}'::numeric[] AS known,
    '{548,559,463,407,362,405,417,391,419,461,472,535,622,606,508,461,390,432}'::numeric[] AS later,
    -- what the method gives, worked out independently
    '{530.0,535.2,447.4,394.0,340.6,375.9,392.6,374.7,432.0,418.1,429.1,501.1,560.2,564.6,472.4,414.9,358.8,396.1}'::float8[] AS mean,
    '{491.8,485.8,398.5,344.8,293.3,318.7,327.9,308.4,350.6,334.5,338.6,389.9,430.0,427.5,352.9,305.7,260.8,284.1}'::float8[] AS low,
    '{571.3,589.6,502.4,450.1,395.5,443.4,470.0,455.2,532.4,522.5,543.9,643.9,729.8,745.7,632.5,563.1,493.5,552.3}'::float8[] AS high;
SELECT count(*) AS steps, min(f.step), max(f.step),
    bool_and(abs(f.forecast / a.mean[f.step] - 1) < 0.01) AS mean,
    bool_and(abs(f.lower / a.low[f.step] - 1) < 0.01) AS low,
    bool_and(abs(f.upper / a.high[f.step] - 1) < 0.01) AS high
FROM air a, salesperf.forecast(a.known, 18) f;

-- Limits narrow with their level, and surround the forecast.
SELECT bool_and(n.lower > w.lower AND n.lower < n.forecast AND n.forecast < n.upper AND n.upper < w.upper AND n.forecast = w.forecast) AS narrower
FROM air a, salesperf.forecast(a.known, 18, level => 0.8) n JOIN salesperf.forecast((SELECT known FROM air), 18) w USING (step);

-- Twice the same is the same, and the unit does not matter.
SELECT bool_and(f.forecast = g.forecast AND f.lower = g.lower AND f.upper = g.upper) AS same,
    bool_and(abs(h.forecast / f.forecast / 1e9 - 1) < 1e-6) AS in_other_units
FROM air a, salesperf.forecast(a.known, 18) f
JOIN salesperf.forecast((SELECT known FROM air), 18) g USING (step)
JOIN salesperf.forecast((SELECT array_agg(v * 1000000000) FROM air, unnest(known) v), 18) h USING (step);

-- The value a season before; seasons as many as the series has, or more.
SELECT bool_and(f.forecast = a.known[cardinality(a.known) - 12 + (f.step - 1) % 12 + 1]) AS last_year
FROM air a, salesperf.forecast(a.known, 30, 12, 'seasonal_naive') f;
SELECT step, forecast, lower < upper AS ordered FROM salesperf.forecast('{3,1,2}', 4, 3, 'seasonal_naive') ORDER BY step;
SELECT step, forecast FROM salesperf.forecast('{3,1,2}', 2, 12, 'seasonal_naive') ORDER BY step;

-- Every method beats the mean of what was known, which ignores trend and season.
SELECT m.method, mean_error < 0.2 * avg_error AS fifth
FROM air a, unnest('{auto,fast,theta,ets}'::text[]) WITH ORDINALITY m (method, n),
    LATERAL (SELECT avg(abs(f.forecast - a.later[f.step])) AS mean_error FROM salesperf.forecast(a.known, 18, 12, m.method) f) e,
    LATERAL (SELECT avg(abs(v - (SELECT avg(k) FROM unnest(a.known) k))) AS avg_error FROM unnest(a.later) v) g
ORDER BY m.n;

-- The aggregate: any order of rows, NULL a gap, each group by itself.
SELECT g, count(*) AS steps, bool_and(s.forecast = f.forecast AND s.lower = f.lower AND s.upper = f.upper) AS as_array
FROM (SELECT g, salesperf.forecast_series(v * g, 6, 12, 'auto', 0.9 ORDER BY n) AS steps
      FROM air, unnest(known) WITH ORDINALITY u (v, n), generate_series(1, 3) g GROUP BY g) x
CROSS JOIN LATERAL unnest(x.steps) s
JOIN LATERAL salesperf.forecast((SELECT array_agg(v * g) FROM air, unnest(known) v), 6, 12, 'auto', 0.9) f USING (step)
GROUP BY g ORDER BY g;
SELECT (salesperf.forecast_series(v, 1 ORDER BY n))[1].forecast = (salesperf.forecast_series(v, 1, 12 ORDER BY n))[1].forecast AS season_12,
    (salesperf.forecast_series(v, 1, 12, 'ets' ORDER BY n))[1].forecast = (SELECT forecast FROM salesperf.forecast((SELECT known FROM air), 1, 12, 'ets')) AS ets
FROM air, unnest(known) WITH ORDINALITY u (v, n);
SELECT salesperf.forecast_series(v, 3) IS NULL AS none FROM (VALUES (NULL::numeric), (NULL)) t (v);
SELECT salesperf.forecast_series(v, NULL::integer) FROM (VALUES (1::numeric)) t (v);

-- Gaps: before the first value nothing, in between interpolated or 0, after
-- the last one forecast and not shown.
SELECT bool_and(f.forecast = g.forecast AND f.lower = g.lower) AS leading
FROM salesperf.forecast('{NULL,NULL,5,7,6,8,7,9}', 3, 1) f JOIN salesperf.forecast('{5,7,6,8,7,9}', 3, 1) g USING (step);
SELECT bool_and(f.forecast = g.forecast) AS geometric
FROM salesperf.forecast('{5,7,4,NULL,9,7,9}', 3, 1) f JOIN salesperf.forecast('{5,7,4,6,9,7,9}', 3, 1) g USING (step);
SELECT bool_and(f.forecast = g.forecast) AS linear
FROM salesperf.forecast('{5,-7,4,NULL,9,7,9}', 3, 1) f JOIN salesperf.forecast('{5,-7,4,6.5,9,7,9}', 3, 1) g USING (step);
SELECT bool_and(f.forecast = g.forecast) AS trailing
FROM salesperf.forecast('{5,7,6,8,7,9,NULL,NULL}', 3, 1) f JOIN salesperf.forecast('{5,7,6,8,7,9}', 5, 1) g ON g.step = f.step + 2;
SELECT bool_and(f.forecast = g.forecast) AS zeros
FROM salesperf.forecast('{NULL,5,7,NULL,8,7,9,NULL}', 3, 1, missing => 'zero') f JOIN salesperf.forecast('{5,7,0,8,7,9,0}', 3, 1) g USING (step);

-- Hard series.
SELECT count(*) FROM salesperf.forecast('{}', 3);
SELECT count(*) FROM salesperf.forecast('{NULL,NULL}', 3);
SELECT count(*) FROM salesperf.forecast(NULL, 3);
SELECT s.series, f.step, round(f.forecast::numeric, 6) AS forecast, round(f.lower::numeric, 6) AS lower, round(f.upper::numeric, 6) AS upper
FROM (VALUES ('{7}'::numeric[]), ('{7,7,7,7,7,7,7}'), ('{0,0,0,0,0,0}'), ('{-4,-4,-4,-4}'), ('{1,2,3}'), ('{10,12}')) s (series), salesperf.forecast(s.series, 2, 1, level => 0.6826894921) f
ORDER BY s.series, f.step;
-- More than half zeros: a forecast of a rate, never negative.
SELECT bool_and(f.forecast > 0.5 AND f.forecast < 1.5 AND f.lower = 0 AND f.upper > 2) AS intermittent,
    bool_and(f.forecast = i.forecast) AS by_its_method
FROM salesperf.forecast('{0,0,3,0,0,0,4,0,0,0,0,5,0,0,2,0,0,0,3,0,0,4,0,0,3,0,0,0,5,0}', 12, 12) f
JOIN salesperf.forecast('{0,0,3,0,0,0,4,0,0,0,0,5,0,0,2,0,0,0,3,0,0,4,0,0,3,0,0,0,5,0}', 12, 12, 'intermittent') i USING (step);
-- Negative values: limits below 0; none below 0 otherwise.
SELECT bool_or(f.lower < 0) AS below FROM salesperf.forecast('{5,-3,4,-6,2,-1,3,-5,4,-2,1,-3}', 6, 1) f;
SELECT bool_and(f.lower >= 0) AS not_below FROM salesperf.forecast('{5,1,4,1,2,9,1,5,1,2,1,3}', 40, 1) f;
-- A thousand steps stay finite, and level out.
SELECT count(*), max(f.step), bool_and(f.lower <= f.forecast AND f.forecast <= f.upper AND f.upper < 'Infinity') AS finite,
    max(f.forecast) < 10 * 472 AS level
FROM air a, salesperf.forecast(a.known, 1000) f;
-- The largest numbers and the smallest.
SELECT e, bool_and(f.lower <= f.forecast AND f.forecast <= f.upper AND abs(f.upper) < 'Infinity') AS finite
FROM unnest('{300,-300}'::integer[]) e, LATERAL salesperf.forecast((SELECT array_agg(v * 10::numeric ^ e) FROM air, unnest(known) v), 12) f
GROUP BY e ORDER BY e;

-- 100,000 values: the last count, and the memory that they take is limited.
SELECT bool_and(f.forecast = g.forecast) AS last_ones
FROM (SELECT array_agg((1000 + i % 12 * 50 + i * 7919 % 101)::numeric ORDER BY i) AS long FROM generate_series(1, 100000) i) s,
    salesperf.forecast(s.long, 12) f
JOIN LATERAL salesperf.forecast((s.long)[100000 - 259:], 12) g USING (step);

-- What is refused.
\set VERBOSITY default
SELECT * FROM salesperf.forecast('{1,NaN,3}', 3);
SELECT * FROM salesperf.forecast('{1,2,Infinity}', 3);
SELECT count(*) FROM salesperf.forecast(ARRAY[1, 10::numeric ^ 400], 3);
SELECT * FROM salesperf.forecast('{{1,2},{3,4}}', 3);
SELECT * FROM salesperf.forecast('{1,2,3}', 0);
SELECT * FROM salesperf.forecast('{1,2,3}', 1001);
SELECT * FROM salesperf.forecast('{1,2,3}', 3, 0);
SELECT * FROM salesperf.forecast('{1,2,3}', 3, 1001);
SELECT * FROM salesperf.forecast('{1,2,3}', 3, 12, 'arima');
SELECT * FROM salesperf.forecast('{1,2,3}', 3, level => 1);
SELECT * FROM salesperf.forecast('{1,2,3}', 3, level => 'NaN');
SELECT * FROM salesperf.forecast('{1,2,3}', 3, missing => 'mean');
SELECT * FROM salesperf.forecast('{1,2,3,NULL,NULL}', 999);
SELECT salesperf.forecast_series(v, 3) FROM (VALUES (1::numeric), ('NaN')) t (v);

DROP TABLE air;
