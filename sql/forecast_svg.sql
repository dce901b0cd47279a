-- forecast_svg(): well-formed XML whatever the series and the title.
SELECT xml_is_well_formed_document(svg) AS well_formed, svg LIKE '<svg xmlns="http://www.w3.org/2000/svg"%' AS svg,
    (xpath('count(//s:polyline)', svg::xml, '{{s,http://www.w3.org/2000/svg}}'))[1]::text AS lines,
    (xpath('count(//s:polygon)', svg::xml, '{{s,http://www.w3.org/2000/svg}}'))[1]::text AS bands,
    (xpath('//s:title/text()', svg::xml, '{{s,http://www.w3.org/2000/svg}}'))[1]::text AS title
FROM salesperf.forecast_svg('{5,7,6,NULL,8,7,9}', 3, 1, title => E'R&D <"ACME">\x07 ▲') svg;
-- Labels of days.
SELECT season, (xpath('//s:text[@text-anchor="middle"]/text()', svg::xml, '{{s,http://www.w3.org/2000/svg}}'))::text AS labels
FROM unnest('{12,4,52,7,1}'::integer[]) WITH ORDINALITY u (season, n),
    salesperf.forecast_svg((SELECT array_agg(i) FROM generate_series(1, 20) i), 4, u.season, starts_on => '2024-01-01') svg
ORDER BY n;
-- All coordinates are inside the picture.
SELECT s.n, xml_is_well_formed_document(svg) AS well_formed, svg !~* 'nan|inf' AS finite, bool_and(x BETWEEN 70 AND 740 AND y BETWEEN 50 AND 360) AS inside, count(*) AS points
FROM (VALUES (1, '{7}'::numeric[]), (2, '{0,0,0,0,0}'), (3, '{-5,-7,-6,-8,-7}'), (4, '{1e300,2e300,-1e300,2e300,1e300}'), (5, '{1e-300,2e-300,3e-300,1e-300}'),
    (6, (SELECT array_agg(i % 7) FROM generate_series(1, 5000) i))) s (n, series)
CROSS JOIN LATERAL salesperf.forecast_svg(s.series, 5, 1) svg
CROSS JOIN LATERAL regexp_matches(svg, '(-?[\d.]+),(-?[\d.]+) ', 'g') p
CROSS JOIN LATERAL (SELECT p[1]::numeric AS x, p[2]::numeric AS y) c
GROUP BY s.n, svg ORDER BY s.n;
SELECT salesperf.forecast_svg('{}', 3) IS NULL AS empty, salesperf.forecast_svg('{1,2}', NULL) IS NULL AS no_horizon;
SELECT salesperf.forecast_svg('{1,2}', 0);
