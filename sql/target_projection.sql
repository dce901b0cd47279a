-- What a target and an agreement will likely reach: closed days, months, limits
-- and probability; forecasts by month.
SET extra_float_digits = 0;
SET datestyle = ISO;
CREATE TABLE projected_order (order_no integer PRIMARY KEY, day date NOT NULL, client text, rep text, net numeric NOT NULL);
SELECT salesperf.attach_source('projected', lines => 'public.projected_order', document => 'l.order_no', sold_on => 'l.day',
    customer => 'l.client', seller => 'l.rep', net => 'l.net');
-- 10 a day in January 2025, a Wednesday to a Friday.
INSERT INTO projected_order SELECT i, date '2024-12-31' + i, 'acme', 'ann', 10 FROM generate_series(1, 31) i;
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sellers, regions) VALUES
    (9001, 'even', 'net', '2025-01-01', '2025-01-31', 400, '{ann}', NULL),
    (9002, 'north', 'net', '2025-01-01', '2025-01-31', 400, NULL, '{north}'),
    (9003, 'two regions', 'net', '2025-01-01', '2025-01-31', 400, NULL, '{north,south}'),
    (9004, 'by month', 'net', '2025-01-01', '2025-02-28', 400, '{ann}', NULL),
    (9005, 'too large', 'net', '2025-01-01', '2025-02-28', 999999999999999, '{ann}', NULL);
INSERT INTO salesperf.target_month VALUES (9004, '2025-01-01', 0.75), (9004, '2025-02-01', 0.25);

-- To the 10th: el = 10/31 where no day is closed; T = S + rem (S + K P) / (el + K).
CREATE VIEW projection AS
SELECT p.as_of, t.name, t.projected_low, t.projected_high, t.probability,
    round(((t.projected_low + t.projected_high) / 2)::numeric, 2) AS middle
FROM (VALUES (date '2024-12-31'), ('2025-01-10'), ('2025-01-31'), ('2025-03-01')) p (as_of), salesperf.target_performance(p.as_of) t
WHERE t.target_id BETWEEN 9001 AND 9005;
SELECT * FROM projection ORDER BY name, as_of;
SELECT round(100 + 21 / 31.0 * (100 + 0.1 * 400) / (10 / 31.0 + 0.1), 2) AS even,
    round(0 + 21 / 31.0 * (0 + 0.1 * 400) / (10 / 31.0 + 0.1), 2) AS nothing_sold,
    round(100 + (1 - 0.75 * 10 / 31) * (100 + 0.1 * 400) / (0.75 * 10 / 31 + 0.1), 2) AS by_month;

-- Week-ends are closed everywhere, and the 6th in the north: 8 of 23 open days
-- have passed, 7 of 22 there; a target of two regions goes by what
-- is closed everywhere.
INSERT INTO salesperf.closed_day (closed_on, reason)
SELECT d, 'week-end' FROM generate_series(date '2025-01-01', '2025-12-31', '1 day') d WHERE extract(isodow FROM d) > 5;
INSERT INTO salesperf.closed_day VALUES ('2025-01-06', 'north', 'Epiphany'), ('2025-01-05', 'north', 'twice closed');
SELECT name, middle FROM projection WHERE as_of = '2025-01-10' ORDER BY name;
SELECT round(100 + 15 / 23.0 * (100 + 0.1 * 400) / (8 / 23.0 + 0.1), 2) AS even,
    round(15 / 22.0 * (0.1 * 400) / (7 / 22.0 + 0.1), 2) AS north,
    round(15 / 23.0 * (0.1 * 400) / (8 / 23.0 + 0.1), 2) AS two_regions;
SELECT salesperf.closed_days('north', '2025-01-01', '2025-01-11') AS north, salesperf.closed_days(NULL, '2025-01-01', '2025-01-11') AS everywhere;
INSERT INTO salesperf.closed_day VALUES ('infinity');
\echo :LAST_ERROR_SQLSTATE
-- Every day closed: as if none were.
INSERT INTO salesperf.closed_day (closed_on) SELECT d FROM generate_series(date '2025-01-01', '2025-01-31', '1 day') d ON CONFLICT DO NOTHING;
SELECT name, middle FROM projection WHERE as_of = '2025-01-10' AND name IN ('even', 'north') ORDER BY name;
DELETE FROM salesperf.closed_day;

-- Months that differ make limits wider: 300, 100, 500 against 300 each.
INSERT INTO projected_order SELECT 1000 + i, make_date(2025, 1 + (i - 1) / 3, 5 + i % 3), 'calm', 'bob', 100 FROM generate_series(1, 9) i;
INSERT INTO projected_order VALUES (2001, '2025-01-05', 'wild', 'eve', 300), (2002, '2025-02-05', 'wild', 'eve', 100), (2003, '2025-03-05', 'wild', 'eve', 500);
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sellers) VALUES
    (9006, 'calm', 'net', '2025-01-01', '2025-06-30', 1800, '{bob}'),
    (9007, 'wild', 'net', '2025-01-01', '2025-06-30', 1800, '{eve}');
SELECT name, projected_high - projected_low > 500 AS wide, probability BETWEEN 0.3 AND 0.7 AS open
FROM salesperf.target_performance('2025-03-31') WHERE target_id IN (9006, 9007) ORDER BY name;
-- v of months: mean 300, changes -200 and 400, half the mean square 50,000 of
-- 90,000; of 6 months (181 days) a sixth; 4 periods of 0.001 beside 2.
SELECT round(salesperf.measure_flow(s.scope, '2025-01-01', '2025-06-30', '2025-03-31')::numeric, 6) AS flow,
    round((200 * 200 + 400 * 400) / 2 / (300 * 300.0) / (181 / 30.4375) / 6 + 4 * 0.001 / 6, 6) AS by_hand,
    salesperf.measure_flow(s.scope, '2025-01-01', '2025-06-30', '2025-03-30') AS two_months
FROM salesperf.target_measure s WHERE s.target_id = 9007;

-- Agreements: the level and bonus of the projection; an objective that was
-- entered is believed a little.
INSERT INTO salesperf.agreement (agreement_id, description, metric, starts_on, ends_on, tiers, objective) VALUES
    (9001, 'run rate', 'net', '2025-01-01', '2025-01-31', '0: 1%, 300: 2%, 320: 3%', NULL),
    (9002, 'objective', 'net', '2025-01-01', '2025-01-31', '0: 1%, 300: 2%, 320: 3%', 400);
INSERT INTO salesperf.agreement (agreement_id, description, metric, starts_on, ends_on, tiers, pooled) VALUES
    (9003, 'not pooled', 'net', '2025-01-01', '2025-01-31', '0: 1%, 300: 2%', false);
INSERT INTO salesperf.agreement_customer VALUES (9001, 'acme'), (9002, 'acme'), (9003, 'acme'), (9003, 'none');
SELECT description, actual, level, projected, projected_level, projected_bonus, likely_level, likely_bonus
FROM salesperf.agreement_performance('2025-01-10') WHERE agreement_id IN (9001, 9002, 9003) ORDER BY description;
SELECT round(0.03 * (100 + 21 / 31.0 * (100 + 0.1 * 400) / (10 / 31.0 + 0.1)), 2) AS objective, 0.02 * 310 AS run_rate;
SELECT description, likely_level, likely_bonus FROM salesperf.agreement_performance('2024-12-10') WHERE agreement_id IN (9001, 9002, 9003) ORDER BY description;
-- Closed days count here, too.
INSERT INTO salesperf.closed_day (closed_on) SELECT d FROM generate_series(date '2025-01-11', '2025-01-31', '1 day') d;
SELECT description, likely_level, likely_bonus FROM salesperf.agreement_performance('2025-01-10') WHERE agreement_id IN (9001, 9002, 9003) ORDER BY description;
DELETE FROM salesperf.closed_day;

-- Forecasts by month: targets of each year, one after the other, make one
-- history, which ends with the last month of the last of them, and a month
-- without sales is 0.
DELETE FROM projected_order;
INSERT INTO projected_order SELECT i, date '2021-01-10' + (i - 1) * interval '1 month', 'acme', 'ann', 1000 + 10 * i FROM generate_series(1, 48) i;
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sellers)
SELECT 9100 + y, 'year', 'net', make_date(y, 1, 1), make_date(y, 12, 31), 10000, '{ann}' FROM generate_series(2021, 2024) y;
CALL salesperf.refresh_measures();
SELECT f.month, abs(f.forecast - g.forecast) < 1e-6 * g.forecast AS forecast, abs(f.upper - g.upper) < 1e-6 * g.upper AS upper
FROM salesperf.forecast_target(9100 + 2022, 3, 'ets', 0.8) f
JOIN salesperf.forecast((SELECT array_agg(net ORDER BY day) || '{0,0}' FROM projected_order), 3, 12, 'ets', 0.8) g ON f.month = (date '2025-02-01' + g.step * interval '1 month')::date
ORDER BY f.month;
SELECT count(*) FROM salesperf.forecast_target(9006, 3);
SELECT count(*) FROM salesperf.forecast_target(-1, 3);
SELECT * FROM salesperf.forecast_target(9006, 0);
-- A month of which an agreement has a part alone is left out, another has it all.
INSERT INTO salesperf.agreement (agreement_id, description, metric, starts_on, ends_on, tiers, pooled)
VALUES (9010, 'years', 'net', '2021-01-15', '2024-12-31', '0: 1%', false), (9011, 'earlier', 'net', '2020-11-01', '2021-02-28', '0: 1%', false);
INSERT INTO projected_order SELECT 5000 + order_no, day, 'other', rep, 500 FROM projected_order;
INSERT INTO salesperf.agreement_customer VALUES (9010, 'acme'), (9010, 'other'), (9011, 'acme'), (9011, 'other');
SELECT f.month, abs(f.forecast - g.forecast) < 1e-6 * g.forecast AS forecast
FROM salesperf.forecast_agreement(9010, 2) f
JOIN salesperf.forecast((SELECT '{0,0}'::numeric[] || array_agg(net + 500 ORDER BY day) FROM projected_order WHERE client = 'acme'), 2) g ON f.month = (date '2024-12-01' + g.step * interval '1 month')::date
ORDER BY f.month;

DROP VIEW projection;
DELETE FROM salesperf.target WHERE target_id BETWEEN 9000 AND 19999;
DELETE FROM salesperf.agreement WHERE agreement_id BETWEEN 9000 AND 9999;
SELECT salesperf.detach_source('projected');
DROP TABLE projected_order;
