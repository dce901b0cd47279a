-- Sellers by what they sold in the last twelve months of the data, with their
-- rank.
SELECT rank() OVER (ORDER BY sum(c.net) DESC) AS rank,
       p.firstname || ' ' || p.lastname AS seller,
       sum(c.net) AS net, count(DISTINCT c.document) AS orders
FROM salesperf.credit c
JOIN aw.person p ON p.businessentityid::text = c.seller
WHERE c.counts AND c.source = 'aw'
  AND c.sold_on > (SELECT max(orderdate) FROM aw.salesorderheader) - interval '1 year'
GROUP BY p.businessentityid, p.firstname, p.lastname
ORDER BY rank;
