-- backtest() and compare_methods(): measures of accuracy, by hand.
SET extra_float_digits = 0;

-- Known 10, 20, 10, 20; the last season again is 10, 20; came 12, 16.
-- The season repeats exactly: nothing to scale errors by, and limits that are
-- the forecast itself.
SELECT forecasts, round(smape::numeric, 6) AS smape, mase, coverage, msis
FROM salesperf.backtest('{10,20,10,20,12,16}', 2, 2, 'seasonal_naive');
SELECT round((2 / 22.0 + 4 / 36.0) / 2 * 200, 6) AS smape;
-- Without seasons the last value, 20, twice: errors 8 and 4, scale 10; limits
-- are 20 -+ 1.96 * 10 * sqrt(step), not below 0.
SELECT forecasts, round(mase::numeric, 9) AS mase, coverage, round(msis::numeric, 4) AS msis
FROM salesperf.backtest('{10,20,10,20,12,16}', 2, 1, 'seasonal_naive');
SELECT round(((2 * 1.959964 * 10 + 20 + 1.959964 * 10 * sqrt(2)) / 2 / 10)::numeric, 4) AS msis;
-- A value outside costs 2 / (1 - level) times its distance: the limits are
-- 20 -+ 1.959964 * 10, and 99 came.
SELECT coverage, round(msis::numeric, 3) AS msis, round((2 * 1.959964 * 10 + 40 * (99 - 20 - 1.959964 * 10)) / 10, 3) AS by_hand
FROM salesperf.backtest('{10,20,10,20,99}', 1, 1, 'seasonal_naive');
SELECT round(msis::numeric, 3) AS msis, round((2 * 1.644854 * 10 + 20 * (99 - 20 - 1.644854 * 10)) / 10, 3) AS by_hand
FROM salesperf.backtest('{10,20,10,20,99}', 1, 1, 'seasonal_naive', level => 0.9);

-- Origins: the mean over them, a gap is not compared.
SELECT forecasts, round(mase::numeric, 9) AS mase FROM salesperf.backtest('{10,20,10,20,12,16}', 1, 1, 'seasonal_naive', 2);
SELECT round(((20 - 12) / 10.0 + (16 - 12) / ((10 + 10 + 10 + 8) / 4.0)) / 2, 9) AS mase;
SELECT forecasts FROM salesperf.backtest('{10,20,10,20,NULL,16}', 2, 1, 'seasonal_naive');
SELECT forecasts FROM salesperf.backtest('{10,20,10,20,NULL,16}', 2, 1, 'seasonal_naive', missing => 'zero');
-- What cannot be scaled is NULL.
SELECT forecasts, smape, mase, msis FROM salesperf.backtest('{5,5,5,5,5,6}', 1, 1, 'seasonal_naive');

-- What comes after the origin is not looked at: other values there change
-- nothing but the errors, which are then those of the same forecast.
SELECT bool_and(b.msis > 0) AS measured
FROM unnest('{auto,fast,seasonal_naive,theta,ets,intermittent}'::text[]) m (method), salesperf.backtest('{3,4,6,5,4,6,8,7,6,8,10,9,8,10,12,11}', 4, 4, m.method) b;
SELECT round(b.smape::numeric, 6) = round(avg(200 * abs(f.forecast - a.actual) / (f.forecast + a.actual))::numeric, 6) AS as_forecast
FROM salesperf.backtest('{3,4,6,5,4,6,8,7,6,8,10,9,8,10,12,11}', 4, 4) b,
    salesperf.forecast('{3,4,6,5,4,6,8,7,6,8,10,9}', 4, 4) f
    JOIN unnest('{8,10,12,11}'::float8[]) WITH ORDINALITY a (actual, step) USING (step)
GROUP BY b.smape;

-- All methods on one series, best first.
SELECT count(*) AS methods, bool_and(ordered) AS best_first, bool_or(method = 'seasonal_naive') AS naive
FROM (SELECT method, mase >= lag(mase, 1, 0::float8) OVER () AS ordered
      FROM salesperf.compare_methods('{3,4,6,5,4,6,8,7,6,8,10,9,8,10,12,11,10,12,14,13}', 4, 4, 2)) c;

-- What is refused.
SELECT * FROM salesperf.backtest('{1,2,3}', 3);
SELECT * FROM salesperf.backtest('{1,2,3}', 1, origins => 0);
SELECT * FROM salesperf.backtest('{1,2,3}', 1, origins => 3);
SELECT * FROM salesperf.backtest('{1,2,NaN}', 1);
SELECT * FROM salesperf.compare_methods('{1,2,3}', 0);

-- Many forecasts can be cancelled at any time.
SET statement_timeout = '200ms';
SELECT * FROM salesperf.backtest((SELECT array_agg((i % 7 + i % 12 + i)::numeric) FROM generate_series(1, 12000) i), 1, 12, 'auto', 11000);
RESET statement_timeout;
