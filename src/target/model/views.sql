CREATE OR REPLACE VIEW salesperf.target_measure WITH (security_invoker = true) AS
SELECT m.target_id, salesperf.measure_id(m.scope) AS measure_id, m.metric, m.scope
FROM (
    SELECT t.target_id, t.metric,
        salesperf.measure_scope(t.metric, t.starts_on, t.ends_on, sellers => t.sellers, customers => t.customers,
            products => t.products, branches => t.branches, sale_types => t.sale_types, sources => t.sources,
            exclude_customers => t.exclude_customers, exclude_products => t.exclude_products,
            exclude_branches => t.exclude_branches) AS scope
    FROM salesperf.target t
) m;
COMMENT ON VIEW salesperf.target_measure IS 'the measure that each target reads';
COMMENT ON COLUMN salesperf.target_measure.target_id IS 'the target';
COMMENT ON COLUMN salesperf.target_measure.measure_id IS 'id of its measure';
COMMENT ON COLUMN salesperf.target_measure.metric IS 'what is added up';
COMMENT ON COLUMN salesperf.target_measure.scope IS 'canonical scope of the measure';

CREATE OR REPLACE VIEW salesperf.target_performance WITH (security_invoker = true) AS
SELECT p.target_id,
    p.name,
    p.metric,
    p.starts_on,
    p.ends_on,
    p.status,
    p.amount::numeric(24,4) AS target,
    salesperf.shown(p.actual, 20)::numeric(24,4) AS actual,
    salesperf.shown(p.actual / nullif(p.amount, 0), 6)::numeric(12,6) AS attainment,
    p.expected::numeric(24,4) AS expected_to_date,
    CASE WHEN p.status <> 'upcoming' THEN p.actual >= p.expected END AS on_track,
    CASE WHEN p.status = 'upcoming' OR p.actual IS NULL THEN ''
         WHEN p.actual >= p.expected THEN '▲' ELSE '▼' END AS indicator,
    salesperf.shown(salesperf.project(p.actual, p.starts_on, p.ends_on, p.today), 20)::numeric(24,4) AS projected,
    salesperf.shown(p.amount - p.actual, 20)::numeric(24,4) AS gap,
    salesperf.progress_bar(p.actual / nullif(p.amount, 0)) AS progress
FROM (
    SELECT t.target_id, t.name, t.metric, t.starts_on, t.ends_on, t.amount, d.today,
        CASE WHEN d.today < t.starts_on THEN 'upcoming'
             WHEN d.today > t.ends_on THEN 'expired' ELSE 'active' END AS status,
        salesperf.expected_to_date(t.amount, t.starts_on, t.ends_on, d.today) AS expected,
        salesperf.measure_figure(m.scope) AS actual
    FROM salesperf.target t
    JOIN salesperf.target_measure m ON m.target_id = t.target_id
    CROSS JOIN (SELECT salesperf.today() AS today OFFSET 0) d
    OFFSET 0
) p;
COMMENT ON VIEW salesperf.target_performance IS 'every target with its actual, exact at the reader''s snapshot';
COMMENT ON COLUMN salesperf.target_performance.target_id IS 'key';
COMMENT ON COLUMN salesperf.target_performance.name IS 'name of the target';
COMMENT ON COLUMN salesperf.target_performance.metric IS 'what is added up';
COMMENT ON COLUMN salesperf.target_performance.starts_on IS 'first day';
COMMENT ON COLUMN salesperf.target_performance.ends_on IS 'last day';
COMMENT ON COLUMN salesperf.target_performance.status IS 'upcoming, active or expired today';
COMMENT ON COLUMN salesperf.target_performance.target IS 'what to reach';
COMMENT ON COLUMN salesperf.target_performance.actual IS 'what counts so far; NULL while a source cannot be read';
COMMENT ON COLUMN salesperf.target_performance.attainment IS 'actual / target, NULL for a target of 0';
COMMENT ON COLUMN salesperf.target_performance.expected_to_date IS 'target * elapsed share of the period';
COMMENT ON COLUMN salesperf.target_performance.on_track IS 'actual >= expected to date, unrounded; NULL while upcoming';
COMMENT ON COLUMN salesperf.target_performance.indicator IS '▲ on track, ▼ not, empty while upcoming';
COMMENT ON COLUMN salesperf.target_performance.projected IS 'actual / elapsed share, NULL while upcoming';
COMMENT ON COLUMN salesperf.target_performance.gap IS 'target - actual';
COMMENT ON COLUMN salesperf.target_performance.progress IS 'attainment as a bar of ten characters';
