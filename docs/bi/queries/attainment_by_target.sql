-- Attainment of each target of the last quota period, best first.
SELECT name AS seller, target, actual,
       round(100 * attainment, 1) AS attainment_percent,
       gap, indicator, progress
FROM salesperf.target_performance
WHERE starts_on = (SELECT max(starts_on) FROM salesperf.target)
ORDER BY attainment DESC;
