CREATE OR REPLACE VIEW salesperf.agreement_measure WITH (security_invoker = true) AS
SELECT s.agreement_id, s.customer, r.role, salesperf.measure_id(r.scope) AS measure_id, r.metric, r.scope
FROM salesperf.agreement_scopes(NULL) s
CROSS JOIN LATERAL (VALUES ('actual', s.metric, s.scope), ('base', s.base, s.base_scope)) r (role, metric, scope)
WHERE r.role = 'actual' OR s.base <> s.metric;
COMMENT ON VIEW salesperf.agreement_measure IS 'the measures that each agreement reads';
COMMENT ON COLUMN salesperf.agreement_measure.agreement_id IS 'the agreement';
COMMENT ON COLUMN salesperf.agreement_measure.customer IS 'the customer; NULL: the pool of all customers';
COMMENT ON COLUMN salesperf.agreement_measure.role IS 'actual: selects the tier; base: percents apply to it, where it is another metric';
COMMENT ON COLUMN salesperf.agreement_measure.measure_id IS 'id of the measure';
COMMENT ON COLUMN salesperf.agreement_measure.metric IS 'what is added up';
COMMENT ON COLUMN salesperf.agreement_measure.scope IS 'canonical scope of the measure';

CREATE OR REPLACE VIEW salesperf.agreement_performance WITH (security_invoker = true) AS
SELECT agreement_id, description, metric, starts_on, ends_on, status, customers, objective::numeric(24,4) AS objective,
    actual::numeric(24,4) AS actual, expected_to_date::numeric(24,4) AS expected_to_date, on_track, indicator,
    projected::numeric(24,4) AS projected, level, bonus_rate::numeric(12,6) AS bonus_rate, bonus::numeric(20,2) AS bonus,
    next_threshold::numeric(24,4) AS next_threshold, to_next::numeric(24,4) AS to_next, projected_level,
    projected_bonus::numeric(20,2) AS projected_bonus, progress,
    likely_level, likely_bonus::numeric(20,2) AS likely_bonus
FROM salesperf.agreement_rows(NULL);
COMMENT ON VIEW salesperf.agreement_performance IS 'every agreement with its actual, level and bonus, exact at the reader''s snapshot';
COMMENT ON COLUMN salesperf.agreement_performance.agreement_id IS 'key';
COMMENT ON COLUMN salesperf.agreement_performance.description IS 'what people call it';
COMMENT ON COLUMN salesperf.agreement_performance.metric IS 'what is added up';
COMMENT ON COLUMN salesperf.agreement_performance.starts_on IS 'first day';
COMMENT ON COLUMN salesperf.agreement_performance.ends_on IS 'last day';
COMMENT ON COLUMN salesperf.agreement_performance.status IS 'draft; else upcoming, active or expired today';
COMMENT ON COLUMN salesperf.agreement_performance.customers IS 'number of customers';
COMMENT ON COLUMN salesperf.agreement_performance.objective IS 'what to reach: as entered, or the highest threshold; not pooled, added up over the customers';
COMMENT ON COLUMN salesperf.agreement_performance.actual IS 'what counts so far, of all customers; NULL while a source cannot be read';
COMMENT ON COLUMN salesperf.agreement_performance.expected_to_date IS 'objective * elapsed share of the period';
COMMENT ON COLUMN salesperf.agreement_performance.on_track IS 'actual >= expected to date, unrounded; NULL while draft or upcoming';
COMMENT ON COLUMN salesperf.agreement_performance.indicator IS '▲ on track, ▼ not, empty while draft or upcoming';
COMMENT ON COLUMN salesperf.agreement_performance.projected IS 'actual / elapsed share, NULL before the period';
COMMENT ON COLUMN salesperf.agreement_performance.level IS 'number of the tier reached, 0 below the first; NULL if not pooled';
COMMENT ON COLUMN salesperf.agreement_performance.bonus_rate IS 'rate of that tier, 0.08 for 8 %; NULL for a plain amount, and if not pooled';
COMMENT ON COLUMN salesperf.agreement_performance.bonus IS 'bonus on the actual, rounded to the currency; not pooled, the sum of the customers'' bonuses';
COMMENT ON COLUMN salesperf.agreement_performance.next_threshold IS 'where the next tier begins, in the unit of the metric, also where tiers are percents of the objective; NULL on the last, and if not pooled';
COMMENT ON COLUMN salesperf.agreement_performance.to_next IS 'next threshold - actual, NULL as the threshold is';
COMMENT ON COLUMN salesperf.agreement_performance.projected_level IS 'level of the projected actual; NULL if not pooled';
COMMENT ON COLUMN salesperf.agreement_performance.projected_bonus IS 'bonus on the projected actual and base, as the bonus';
COMMENT ON COLUMN salesperf.agreement_performance.progress IS 'from this threshold to the next as a bar of ten characters; not pooled, actual / objective';
COMMENT ON COLUMN salesperf.agreement_performance.likely_level IS 'level of what the period will reach by the run rate over open days, weighed by credibility with the objective if one was entered; NULL if not pooled, and before the period';
COMMENT ON COLUMN salesperf.agreement_performance.likely_bonus IS 'bonus on that, as the bonus; NULL before the period';

CREATE OR REPLACE VIEW salesperf.agreement_customer_performance WITH (security_invoker = true) AS
SELECT agreement_id, description, customer, customer_name, metric, starts_on, ends_on, status,
    objective::numeric(24,4) AS objective, actual::numeric(24,4) AS actual,
    expected_to_date::numeric(24,4) AS expected_to_date, on_track, indicator, projected::numeric(24,4) AS projected,
    level, bonus_rate::numeric(12,6) AS bonus_rate, bonus::numeric(20,2) AS bonus,
    next_threshold::numeric(24,4) AS next_threshold, to_next::numeric(24,4) AS to_next, projected_level,
    projected_bonus::numeric(20,2) AS projected_bonus, progress
FROM salesperf.agreement_customer_rows(NULL);
COMMENT ON VIEW salesperf.agreement_customer_performance IS 'every customer of every agreement with its actual and bonus, exact at the reader''s snapshot';
COMMENT ON COLUMN salesperf.agreement_customer_performance.agreement_id IS 'the agreement';
COMMENT ON COLUMN salesperf.agreement_customer_performance.description IS 'what people call the agreement';
COMMENT ON COLUMN salesperf.agreement_customer_performance.customer IS 'code of the customer';
COMMENT ON COLUMN salesperf.agreement_customer_performance.customer_name IS 'name of the customer, if known';
COMMENT ON COLUMN salesperf.agreement_customer_performance.metric IS 'what is added up';
COMMENT ON COLUMN salesperf.agreement_customer_performance.starts_on IS 'first day';
COMMENT ON COLUMN salesperf.agreement_customer_performance.ends_on IS 'last day';
COMMENT ON COLUMN salesperf.agreement_customer_performance.status IS 'draft; else upcoming, active or expired today';
COMMENT ON COLUMN salesperf.agreement_customer_performance.objective IS 'what to reach: by the pool, or by each customer if not pooled';
COMMENT ON COLUMN salesperf.agreement_customer_performance.actual IS 'what counts so far, of the customer; 0 without sales, NULL while a source cannot be read';
COMMENT ON COLUMN salesperf.agreement_customer_performance.expected_to_date IS 'objective * elapsed share of the period';
COMMENT ON COLUMN salesperf.agreement_customer_performance.on_track IS 'actual >= expected to date, unrounded, of the pool, or of the customer if not pooled; NULL while draft or upcoming';
COMMENT ON COLUMN salesperf.agreement_customer_performance.indicator IS '▲ on track, ▼ not, empty while draft or upcoming';
COMMENT ON COLUMN salesperf.agreement_customer_performance.projected IS 'actual of the customer / elapsed share, NULL before the period';
COMMENT ON COLUMN salesperf.agreement_customer_performance.level IS 'number of the tier reached by the pool, or by the customer if not pooled; 0 below the first';
COMMENT ON COLUMN salesperf.agreement_customer_performance.bonus_rate IS 'rate of that tier, 0.08 for 8 %; NULL for a plain amount';
COMMENT ON COLUMN salesperf.agreement_customer_performance.bonus IS 'bonus of the customer, rounded to the currency; pooled, its part of the pool''s in proportion to its base: the parts add up';
COMMENT ON COLUMN salesperf.agreement_customer_performance.next_threshold IS 'where the next tier begins, in the unit of the metric, also where tiers are percents of the objective; NULL on the last';
COMMENT ON COLUMN salesperf.agreement_customer_performance.to_next IS 'what the pool, or the customer if not pooled, lacks to the next threshold; NULL on the last';
COMMENT ON COLUMN salesperf.agreement_customer_performance.projected_level IS 'level of the projected actual, of the pool, or of the customer if not pooled';
COMMENT ON COLUMN salesperf.agreement_customer_performance.projected_bonus IS 'bonus on the projected actual and base, as the bonus';
COMMENT ON COLUMN salesperf.agreement_customer_performance.progress IS 'from this threshold to the next as a bar of ten characters, of the pool, or of the customer if not pooled';
