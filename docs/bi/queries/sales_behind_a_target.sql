-- The sales behind the figure of the best target of the last quota period.
SELECT p.name AS target, s.document, s.sold_on, n.name AS customer, round(s.amount, 2) AS amount
FROM (SELECT target_id, name
      FROM salesperf.target_performance
      WHERE starts_on = (SELECT max(starts_on) FROM salesperf.target)
      ORDER BY attainment DESC
      LIMIT 1) p
CROSS JOIN LATERAL salesperf.target_sales(p.target_id) s
LEFT JOIN aw.customer_name n ON n.customerid::text = s.customer
ORDER BY s.sold_on, s.document;
