-- Agreements: level reached, bonus, and what is missing to the next level.
SELECT description, level, bonus, round(100 * bonus_rate, 2) AS bonus_percent,
       actual, next_threshold, to_next, progress, customers, status
FROM salesperf.agreement_performance
ORDER BY agreement_id;
