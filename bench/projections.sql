-- Running months of shops: what is projected after a share of their days.
CREATE TABLE shop_day (day date, shop integer, sales numeric, PRIMARY KEY (shop, day));
COPY shop_day FROM :'data' CSV HEADER;
CREATE TABLE shop AS
SELECT s.shop, s.first_day, array_agg(d.sales ORDER BY g.day) AS history, array_agg(g.day::date) FILTER (WHERE d.sales IS NULL) AS closed
FROM (SELECT shop, min(day) AS first_day, max(day) AS last_day FROM shop_day GROUP BY shop) s
CROSS JOIN LATERAL generate_series(s.first_day, s.last_day, '1 day') g (day)
LEFT JOIN shop_day d ON d.shop = s.shop AND d.day = g.day
GROUP BY s.shop, s.first_day;
CREATE TABLE shop_month AS
SELECT d.shop, date_trunc('month', d.day)::date AS month, (date_trunc('month', d.day) + interval '1 month')::date - 1 AS last_day, sum(d.sales) AS total
FROM shop_day d
WHERE d.day BETWEEN '2015-01-01' AND '2017-07-31'
GROUP BY 1, 2, 3
HAVING count(*) >= 27 AND date_trunc('month', min(d.day))::date >= (SELECT s.first_day + 365 FROM shop s WHERE s.shop = d.shop);
CREATE TABLE checkpoint AS
SELECT m.*, p.percent, a.as_of, coalesce((SELECT sum(d.sales) FROM shop_day d WHERE d.shop = m.shop AND d.day BETWEEN m.month AND a.as_of), 0) AS actual
FROM shop_month m
CROSS JOIN unnest('{0,25,50,75}'::integer[]) p (percent)
CROSS JOIN LATERAL (SELECT m.month + round(p.percent / 100.0 * (m.last_day - m.month + 1))::integer - 1 AS as_of) a;
ANALYZE;

CREATE TABLE outcome AS
SELECT 'profile' AS projection, c.percent, c.total, (salesperf.project_period(c.actual, c.month, c.last_day, c.as_of,
    history => s.history, history_starts_on => s.first_day, closed_days => s.closed)).projected
FROM checkpoint c JOIN shop s USING (shop)
UNION ALL
SELECT 'linear', c.percent, c.total, salesperf.project(c.actual, c.month, c.last_day, c.as_of)
FROM checkpoint c WHERE c.percent > 0
UNION ALL
SELECT 'Monday to Friday', c.percent, c.total, (salesperf.project_period(c.actual, c.month, c.last_day, c.as_of, profile => 'business',
    closed_days => ARRAY(SELECT d::date FROM generate_series(c.month, c.last_day, '1 day') d WHERE extract(isodow FROM d) > 5))).projected
FROM checkpoint c WHERE c.percent > 0;
SELECT '| ' || projection, count(*) FILTER (WHERE percent = 50),
    coalesce(round(100 * sum(abs(projected - total::float8)) FILTER (WHERE percent = 0)::numeric / sum(total) FILTER (WHERE percent = 0), 2)::text, ''),
    round(100 * sum(abs(projected - total::float8)) FILTER (WHERE percent = 25)::numeric / sum(total) FILTER (WHERE percent = 25), 2),
    round(100 * sum(abs(projected - total::float8)) FILTER (WHERE percent = 50)::numeric / sum(total) FILTER (WHERE percent = 50), 2),
    round(100 * sum(abs(projected - total::float8)) FILTER (WHERE percent = 75)::numeric / sum(total) FILTER (WHERE percent = 75), 2) || ' |'
FROM outcome
GROUP BY projection ORDER BY projection DESC;
