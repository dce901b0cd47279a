-- Sales by month, a colour for each country.
SELECT date_trunc('month', s.sold_on)::date AS month, t.countryregioncode AS country, sum(s.net) AS net
FROM salesperf.sale s
JOIN aw.salesterritory t ON t.territoryid::text = s.branch
WHERE s.counts AND s.source = 'aw'
GROUP BY 1, 2
ORDER BY 1, 2;
