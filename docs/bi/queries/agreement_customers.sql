-- Customers of each agreement, and what each of them brought to its figure.
SELECT a.description, coalesce(n.name, c.customer) AS customer,
       coalesce(sum(s.amount), 0)::numeric(24,4) AS actual,
       count(DISTINCT s.document) AS orders
FROM salesperf.agreement a
JOIN salesperf.agreement_customer c ON c.agreement_id = a.agreement_id
LEFT JOIN aw.customer_name n ON n.customerid::text = c.customer
LEFT JOIN LATERAL salesperf.agreement_sales(a.agreement_id) s ON s.customer = c.customer
GROUP BY a.agreement_id, a.description, c.customer, n.name
ORDER BY a.agreement_id, actual DESC;
