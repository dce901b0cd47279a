-- project_period(): the formula by hand, edges, profiles of days.
SET extra_float_digits = 0;
SET datestyle = ISO;

-- Without a history weights are even: K = 0.1 and p = 0.005 for a target,
-- v = 0.001. 40 of 100 in a quarter of 20 days: el = 0.25, rem = 0.75.
SELECT round(p.projected::numeric, 6) = round(40 + 0.75 * (40 + 0.1 * 100) / 0.35, 6) AS projected,
    round(((p.upper - p.lower) / 2 / 1.959963985)::numeric, 6) = round((50 / 0.35 * sqrt(0.75 * 0.001 + 0.75 ^ 2 / (0.25 / 0.001 + 1 / 0.005)))::numeric, 6) AS deviation,
    p.elapsed, p.prior_used, p.reliable
FROM salesperf.project_period(40, '2026-03-01', '2026-03-20', '2026-03-05', prior => 100) p;
-- A model's prior counts more: K = 0.5.
SELECT round(projected::numeric, 6) = round(40 + 0.75 * (40 + 0.5 * 100) / 0.75, 6) AS projected
FROM salesperf.project_period(40, '2026-03-01', '2026-03-20', '2026-03-05', prior => 100, prior_is_target => false);
-- Probability of the target: one deviation above is 84 %.
SELECT round(q.probability::numeric, 4) AS one_below, round(r.probability::numeric, 4) AS one_above
FROM salesperf.project_period(40, '2026-03-01', '2026-03-20', '2026-03-05', prior => 100, level => 0.682689492137) p,
    salesperf.project_period(40, '2026-03-01', '2026-03-20', '2026-03-05', prior => 100, target => p.lower::numeric) q,
    salesperf.project_period(40, '2026-03-01', '2026-03-20', '2026-03-05', prior => 100, target => p.upper::numeric) r;

-- Edges: before the period the prior; after it the actual, surely; returns
-- leave the prior's rate for the rest; without a prior the run rate, marked
-- before a tenth has passed; without anything nothing.
SELECT n, round(projected::numeric, 4) AS projected, lower = upper AS sure, probability, reliable
FROM (VALUES
    (1, 0::numeric, date '2026-02-11', 100::numeric, 100::numeric),
    (2, 77, '2026-03-20', 100, 77),
    (3, 77, '2026-04-30', 100, 78),
    (4, -10, '2026-03-10', 100, NULL),
    (5, -10, '2026-03-10', NULL, NULL),
    (6, 40, '2026-03-05', NULL, NULL),
    (7, 40, '2026-03-01', NULL, NULL),
    (8, 0, '2026-02-28', NULL, 5),
    (9, 0, '-infinity', NULL, 5),
    (10, 3, 'infinity', NULL, 5)) v (n, actual, as_of, prior, target),
    salesperf.project_period(v.actual, '2026-03-01', '2026-03-20', v.as_of, prior => v.prior, target => v.target) p
ORDER BY n;
SELECT salesperf.project_period(NULL, '2026-03-01', '2026-03-20', '2026-03-05') IS NULL AS no_actual;

-- Closed days: 5 of 20 days have passed, 2 of 10 open ones. All closed: even.
SELECT profile, elapsed
FROM unnest('{linear,business,profile}'::text[]) profile,
    salesperf.project_period(40, '2026-03-01', '2026-03-20', '2026-03-05', closed_days => ARRAY(SELECT d::date FROM generate_series(date '2026-03-03', '2026-03-12', '1 day') d), profile => profile)
ORDER BY profile;
SELECT elapsed FROM salesperf.project_period(40, '2026-03-01', '2026-03-20', '2026-03-05', closed_days => ARRAY(SELECT d::date FROM generate_series(date '2026-02-03', '2026-04-12', '1 day') d), profile => 'business');

-- A shop that sells 200 on Saturdays, 100 on other days, nothing on Sundays,
-- for 10 weeks: weights are those of the weekdays. August 2026 begins on a
-- Saturday; to the 9th, a Sunday, there are 2 Saturdays and 5 other days of
-- 5 and 21.
CREATE TABLE shop AS
SELECT d::date AS day, CASE extract(isodow FROM d) WHEN 6 THEN 200 WHEN 7 THEN NULL ELSE 100 END::numeric AS sales
FROM generate_series(date '2026-05-24', '2026-08-09', '1 day') d;
SELECT round(p.elapsed::numeric, 9) = round(900 / 3100.0, 9) AS elapsed,
    round(p.projected::numeric, 4) AS projected, round(p.prior_used::numeric, 4) AS prior_used, p.reliable
FROM salesperf.project_period(900, '2026-08-01', '2026-08-31', '2026-08-09',
    history => (SELECT array_agg(sales ORDER BY day) FROM shop), history_starts_on => '2026-05-24',
    closed_days => ARRAY(SELECT d::date FROM generate_series(date '2026-05-24', '2026-08-31', '7 day') d)) p;
-- Days after as_of are not looked at.
SELECT p.* IS NOT DISTINCT FROM q.* AS same
FROM salesperf.project_period(300, '2026-08-01', '2026-08-31', '2026-08-03',
    history => (SELECT array_agg(sales ORDER BY day) FROM shop), history_starts_on => '2026-05-24') p,
    salesperf.project_period(300, '2026-08-01', '2026-08-31', '2026-08-03',
    history => (SELECT array_agg(CASE WHEN day > '2026-08-03' THEN 99999 ELSE sales END ORDER BY day) FROM shop), history_starts_on => '2026-05-24') q;
DROP TABLE shop;

-- Two years of a shop that sells three times as much on the 1st, and four
-- times as much in November and December: the profile knows the 1st, the prior
-- knows November. Even days would project 3 * 100 * 30 from the 1st alone.
CREATE TABLE shop AS
SELECT d::date AS day, 100 * CASE WHEN extract(day FROM d) = 1 THEN 3 ELSE 1 END * CASE WHEN extract(month FROM d) >= 11 THEN 4 ELSE 1 END::numeric AS sales
FROM generate_series(date '2023-01-01', '2026-11-01', '1 day') d;
SELECT round((p.projected / (400 * 32) - 1)::numeric, 1) AS off_by, p.elapsed < 0.12 AND p.elapsed > 0.06 AS elapsed,
    abs(p.prior_used / (400 * 32) - 1) < 0.15 AS prior_used, l.projected = 36000 AS linear
FROM salesperf.project_period(1200, '2026-11-01', '2026-11-30', '2026-11-01',
    history => (SELECT array_agg(sales ORDER BY day) FROM shop), history_starts_on => '2023-01-01') p,
    salesperf.project_period(1200, '2026-11-01', '2026-11-30', '2026-11-01', profile => 'linear') l;
-- Targets that were always met weigh more than targets that were always missed.
SELECT m.projected > 1.05 * n.projected AS believed
FROM (SELECT array_agg(sales ORDER BY day) AS history FROM shop) h,
    salesperf.project_period(700, '2026-10-01', '2026-10-31', '2026-10-05', prior => 6000, history => h.history, history_starts_on => '2023-01-01',
        past_priors => '{3000,3300,3200,3300,3200,3300,3300,3200}') m,
    salesperf.project_period(700, '2026-10-01', '2026-10-31', '2026-10-05', prior => 6000, history => h.history, history_starts_on => '2023-01-01',
        past_priors => '{9000,8000,7000,9000,8000,9000,9900,9000}') n;
-- Periods of another length, too.
SELECT n, p.projected > 0 AND p.lower < p.projected AND p.upper > p.projected AND p.prior_used > 0 AS projected
FROM (SELECT array_agg(sales ORDER BY day) AS history FROM shop) h,
    (VALUES (1, date '2026-10-01', date '2026-12-31'), (2, '2026-01-01', '2026-12-31'), (3, '2026-10-26', '2026-11-05'), (4, '2026-10-26', '2026-11-01')) v (n, starts_on, ends_on),
    salesperf.project_period(1000, v.starts_on, v.ends_on, '2026-10-31', history => h.history, history_starts_on => '2023-01-01') p
ORDER BY n;
DROP TABLE shop;

-- The part of it that views use.
SELECT s.projected = p.projected AND s.lower = p.lower AND s.upper = p.upper AND s.probability = p.probability AS same
FROM salesperf.project_share(40, 0.25, 100, 120) s, salesperf.project_period(40, '2026-03-01', '2026-03-20', '2026-03-05', prior => 100, target => 120) p;
SELECT * FROM salesperf.project_share(1e300, 0.25, 100, 120);
SELECT s.* IS NULL AS unknown FROM salesperf.project_share(NULL, 0.25, 100, 120) s;

-- What is refused.
SELECT * FROM salesperf.project_period(1, '2026-03-02', '2026-03-01', '2026-03-05');
SELECT * FROM salesperf.project_period(1, '1600-01-01', '2026-03-01', '2026-03-05');
SELECT * FROM salesperf.project_period('NaN', '2026-03-01', '2026-03-31', '2026-03-05');
SELECT * FROM salesperf.project_period(1, '2026-03-01', '2026-03-31', '2026-03-05', prior => 'Infinity');
SELECT * FROM salesperf.project_period(1, '2026-03-01', '2026-03-31', '2026-03-05', history => '{1,2}');
SELECT * FROM salesperf.project_period(1, '2026-03-01', '2026-03-31', '2026-03-05', profile => 'weekly');
SELECT * FROM salesperf.project_period(1, '2026-03-01', '2026-03-31', '2026-03-05', level => 0);
