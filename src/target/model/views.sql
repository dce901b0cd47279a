CREATE OR REPLACE VIEW salesperf.target_measure WITH (security_invoker = true) AS
SELECT s.target_id, salesperf.measure_id(s.scope) AS measure_id, s.metric, s.scope
FROM salesperf.target_scopes(NULL) s;
COMMENT ON VIEW salesperf.target_measure IS 'the measure that each target reads';
COMMENT ON COLUMN salesperf.target_measure.target_id IS 'the target';
COMMENT ON COLUMN salesperf.target_measure.measure_id IS 'id of its measure';
COMMENT ON COLUMN salesperf.target_measure.metric IS 'what is added up';
COMMENT ON COLUMN salesperf.target_measure.scope IS 'canonical scope of the measure';

CREATE OR REPLACE VIEW salesperf.target_performance WITH (security_invoker = true) AS
SELECT target_id, name, metric, starts_on, ends_on, status, target, actual, attainment, expected_to_date, on_track, indicator,
    projected, gap, progress, projected_low, projected_high, probability
FROM salesperf.target_rows(NULL);
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
COMMENT ON COLUMN salesperf.target_performance.expected_to_date IS 'target * elapsed share of the period, or by its months; 0 before it, all of it after';
COMMENT ON COLUMN salesperf.target_performance.on_track IS 'actual >= expected to date, unrounded; NULL while upcoming';
COMMENT ON COLUMN salesperf.target_performance.indicator IS '▲ on track, ▼ not, empty while upcoming';
COMMENT ON COLUMN salesperf.target_performance.projected IS 'actual / elapsed share, NULL while upcoming';
COMMENT ON COLUMN salesperf.target_performance.gap IS 'target - actual';
COMMENT ON COLUMN salesperf.target_performance.progress IS 'attainment as a bar of ten characters';
COMMENT ON COLUMN salesperf.target_performance.projected_low IS 'lower limit, at 95 %, of what the period will reach by the run rate over open days, or by its months, and the target, weighed by credibility; NULL while upcoming';
COMMENT ON COLUMN salesperf.target_performance.projected_high IS 'upper limit, as projected_low';
COMMENT ON COLUMN salesperf.target_performance.probability IS 'probability of reaching the target, 0…1, by the same projection; NULL while upcoming';
