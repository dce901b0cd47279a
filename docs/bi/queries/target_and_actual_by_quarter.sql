-- Targets of all sellers against what they sold, quarter by quarter: one line
-- each.
SELECT p.starts_on AS quarter, v.line, sum(v.amount) AS amount
FROM salesperf.target_performance p
CROSS JOIN LATERAL (VALUES ('target', p.target), ('actual', p.actual)) v (line, amount)
GROUP BY p.starts_on, v.line
ORDER BY p.starts_on, v.line DESC;
