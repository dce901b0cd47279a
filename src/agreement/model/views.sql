CREATE OR REPLACE VIEW salesperf.agreement_measure WITH (security_invoker = true) AS
SELECT m.agreement_id, salesperf.measure_id(m.scope) AS measure_id, m.metric, m.scope
FROM (
    SELECT a.agreement_id, a.metric,
        salesperf.measure_scope(a.metric, a.starts_on, a.ends_on, sellers => a.sellers,
            customers => ARRAY(SELECT c.customer FROM salesperf.agreement_customer c WHERE c.agreement_id = a.agreement_id),
            products => a.products, branches => a.branches, sale_types => a.sale_types, sources => a.sources,
            exclude_products => a.exclude_products, exclude_branches => a.exclude_branches) AS scope
    FROM salesperf.agreement a
) m;
COMMENT ON VIEW salesperf.agreement_measure IS 'the measure that each agreement reads';
COMMENT ON COLUMN salesperf.agreement_measure.agreement_id IS 'the agreement';
COMMENT ON COLUMN salesperf.agreement_measure.measure_id IS 'id of its measure';
COMMENT ON COLUMN salesperf.agreement_measure.metric IS 'what is added up';
COMMENT ON COLUMN salesperf.agreement_measure.scope IS 'canonical scope of the measure';

CREATE OR REPLACE VIEW salesperf.agreement_performance WITH (security_invoker = true) AS
SELECT p.agreement_id,
    p.description,
    p.metric,
    p.starts_on,
    p.ends_on,
    p.status,
    (SELECT count(*) FROM salesperf.agreement_customer c WHERE c.agreement_id = p.agreement_id)::integer AS customers,
    salesperf.shown(p.objective, 20)::numeric(24,4) AS objective,
    salesperf.shown(p.actual, 20)::numeric(24,4) AS actual,
    salesperf.shown(p.expected, 20)::numeric(24,4) AS expected_to_date,
    CASE WHEN p.status NOT IN ('draft', 'upcoming') THEN p.actual >= p.expected END AS on_track,
    CASE WHEN p.status IN ('draft', 'upcoming') OR p.actual IS NULL THEN ''
         WHEN p.actual >= p.expected THEN '▲' ELSE '▼' END AS indicator,
    salesperf.shown(p.projected, 20)::numeric(24,4) AS projected,
    salesperf.tier_level(p.tiers, p.actual) AS level,
    salesperf.shown(salesperf.tier_rate(p.tiers, p.actual), 6)::numeric(12,6) AS bonus_rate,
    salesperf.shown(salesperf.tier_payout(p.tiers, p.actual), 18)::numeric(20,2) AS bonus,
    salesperf.shown(salesperf.tier_next_threshold(p.tiers, p.actual), 20)::numeric(24,4) AS next_threshold,
    salesperf.shown(salesperf.tier_gap(p.tiers, p.actual), 20)::numeric(24,4) AS to_next,
    salesperf.tier_level(p.tiers, p.projected) AS projected_level,
    salesperf.shown(salesperf.tier_payout(p.tiers, p.projected), 18)::numeric(20,2) AS projected_bonus,
    salesperf.progress_bar(salesperf.tier_progress(p.tiers, p.actual)) AS progress
FROM (
    SELECT f.*,
        salesperf.expected_to_date(f.objective, f.starts_on, f.ends_on, f.today) AS expected,
        salesperf.project(f.actual, f.starts_on, f.ends_on, f.today) AS projected
    FROM (
        SELECT a.agreement_id, a.description, a.metric, a.starts_on, a.ends_on, d.today,
            a.tiers::salesperf.tiers AS tiers,
            CASE WHEN a.state = 'draft' THEN 'draft'
                 WHEN d.today < a.starts_on THEN 'upcoming'
                 WHEN d.today > a.ends_on THEN 'expired' ELSE 'active' END AS status,
            coalesce(a.objective, salesperf.tier_highest_threshold(a.tiers::salesperf.tiers)) AS objective,
            salesperf.measure_figure(m.scope) AS actual
        FROM salesperf.agreement a
        JOIN salesperf.agreement_measure m ON m.agreement_id = a.agreement_id
        CROSS JOIN (SELECT salesperf.today() AS today OFFSET 0) d
        OFFSET 0
    ) f
    OFFSET 0
) p;
COMMENT ON VIEW salesperf.agreement_performance IS 'every agreement with its actual, level and bonus, exact at the reader''s snapshot';
COMMENT ON COLUMN salesperf.agreement_performance.agreement_id IS 'key';
COMMENT ON COLUMN salesperf.agreement_performance.description IS 'what people call it';
COMMENT ON COLUMN salesperf.agreement_performance.metric IS 'what is added up';
COMMENT ON COLUMN salesperf.agreement_performance.starts_on IS 'first day';
COMMENT ON COLUMN salesperf.agreement_performance.ends_on IS 'last day';
COMMENT ON COLUMN salesperf.agreement_performance.status IS 'draft; else upcoming, active or expired today';
COMMENT ON COLUMN salesperf.agreement_performance.customers IS 'number of customers';
COMMENT ON COLUMN salesperf.agreement_performance.objective IS 'what to reach: as entered, or the highest threshold';
COMMENT ON COLUMN salesperf.agreement_performance.actual IS 'what counts so far, of all customers; NULL while a source cannot be read';
COMMENT ON COLUMN salesperf.agreement_performance.expected_to_date IS 'objective * elapsed share of the period';
COMMENT ON COLUMN salesperf.agreement_performance.on_track IS 'actual >= expected to date, unrounded; NULL while draft or upcoming';
COMMENT ON COLUMN salesperf.agreement_performance.indicator IS '▲ on track, ▼ not, empty while draft or upcoming';
COMMENT ON COLUMN salesperf.agreement_performance.projected IS 'actual / elapsed share, NULL before the period';
COMMENT ON COLUMN salesperf.agreement_performance.level IS 'number of the tier reached, 0 below the first';
COMMENT ON COLUMN salesperf.agreement_performance.bonus_rate IS 'rate of that tier, 0.08 for 8 %, NULL for a plain amount';
COMMENT ON COLUMN salesperf.agreement_performance.bonus IS 'bonus on the actual, rounded to cents';
COMMENT ON COLUMN salesperf.agreement_performance.next_threshold IS 'where the next tier begins, NULL on the last';
COMMENT ON COLUMN salesperf.agreement_performance.to_next IS 'next threshold - actual, NULL on the last';
COMMENT ON COLUMN salesperf.agreement_performance.projected_level IS 'level of the projected actual';
COMMENT ON COLUMN salesperf.agreement_performance.projected_bonus IS 'bonus on the projected actual, rounded to cents';
COMMENT ON COLUMN salesperf.agreement_performance.progress IS 'from this threshold to the next as a bar of ten characters';
