-- Elapsed share, expectation to date and run-rate projection, by hand.
SET datestyle = ISO;

-- A period of January has 31 days; on its 8th, 8 of them have passed.
SELECT as_of, salesperf.elapsed_share('2023-01-01', '2023-01-31', as_of) AS share
FROM unnest('{2022-12-31,2023-01-01,2023-01-08,2023-01-30,2023-01-31,2023-02-01,-infinity,infinity}'::date[]) WITH ORDINALITY d (as_of, n)
ORDER BY n;

-- Shares by hand.
SELECT starts_on, ends_on, as_of, salesperf.elapsed_share(starts_on, ends_on, as_of) = wanted AS right
FROM (VALUES
    (date '2023-01-01', date '2023-01-10', date '2023-01-01', 0.1),    -- 1 of 10
    ('2023-01-01', '2023-01-10', '2023-01-09', 0.9),                   -- 9 of 10
    ('2023-01-01', '2023-01-08', '2023-01-03', 0.375),                 -- 3 of 8
    ('2024-02-01', '2024-02-29', '2024-02-29', 1),                     -- all 29
    ('2024-01-01', '2024-12-31', '2024-07-01', 0.5),                   -- 31+29+31+30+31+30+1 = 183 of 366
    ('2023-01-01', '2023-12-31', '2023-03-14', 0.2),                   -- 31+28+14 = 73 of 365
    ('2000-02-28', '2000-03-01', '2000-02-29', 0.666666666666666666666666666667),  -- leap: 2 of 3
    ('1900-02-28', '1900-03-01', '1900-02-28', 0.5),                   -- no leap: 1 of 2
    ('2024-02-29', '2024-02-29', '2024-02-28', 0),                     -- one day: before,
    ('2024-02-29', '2024-02-29', '2024-02-29', 1),                     -- on it,
    ('2024-02-29', '2024-02-29', '2024-03-01', 1),                     -- and after
    ('4713-01-01 BC', '4713-01-01 BC', '4713-01-02 BC', 1),
    ('4714-11-24 BC', '5874897-12-31', '5874897-12-31', 1)) AS v (starts_on, ends_on, as_of, wanted)
ORDER BY starts_on, ends_on, as_of;

-- The longest period there is has 2147483494 days; one day of it.
SELECT date '5874897-12-31' - date '4714-11-24 BC' + 1 AS days,
    salesperf.elapsed_share('4714-11-24 BC', '5874897-12-31', '4714-11-24 BC') AS first_day,
    salesperf.elapsed_share('4714-11-24 BC', '5874897-12-31', '5874897-12-30') < 1 AS not_all;

-- What ends is exact: every share of 1 … 128 days by 2^n 5^m days, all days.
WITH period AS (
    SELECT days FROM unnest('{1,2,4,5,8,10,16,20,25,32,40,50,64,80,100,125,128}'::integer[]) AS days
)
SELECT count(*) AS shares,
    count(*) FILTER (WHERE s.share * p.days = d) AS exact
FROM period p,
    generate_series(1, p.days) AS d,
    salesperf.elapsed_share('2021-03-05', date '2021-03-05' + p.days - 1, date '2021-03-05' + d - 1) AS s (share);

-- Else at least 20 significant decimals, rounded right: |share * days - d| is
-- at most half a unit of the last place times the days.
SELECT count(*) AS shares,
    bool_and(abs(s.share * n - d) <= n * 0.5 * 1e-29) AS within,
    bool_and(scale(s.share) >= 20 OR s.share * n = d) AS precise
FROM generate_series(1, 366) AS n,
    generate_series(1, n) AS d,
    salesperf.elapsed_share('2019-12-30', date '2019-12-30' + n - 1, date '2019-12-30' + d - 1) AS s (share);

-- Shares never fall, begin above 0 and end with 1.
SELECT min(share) > 0 AS begins, max(share) = 1 AS ends, bool_and(share > before) AS rises
FROM (
    SELECT s.share, lag(s.share, 1, 0::numeric) OVER (ORDER BY d) AS before
    FROM generate_series(date '2024-01-01', date '2024-12-31', interval '1 day') AS d,
        salesperf.elapsed_share('2024-01-01', '2024-12-31', d::date) AS s (share)
) r;

-- Expected to date: multiplied out first, divided once.  1000 in 31 days is
-- 258.06… on the 8th; 0 before, all of it after; a third of 3 is exactly 1.
SELECT as_of, salesperf.expected_to_date(1000, '2023-01-01', '2023-01-31', as_of) AS expected
FROM unnest('{2022-12-31,2023-01-08,2023-01-31,2023-02-01}'::date[]) AS as_of
ORDER BY as_of;
SELECT salesperf.expected_to_date(3, '2023-01-01', '2023-01-03', '2023-01-01') AS one,
    salesperf.expected_to_date(-31, '2023-01-01', '2023-01-31', '2023-01-08') AS minus_eight,
    salesperf.expected_to_date(0, '2023-01-01', '2023-01-31', '2023-01-08') AS nothing,
    salesperf.expected_to_date(999999999999999.9999, '2023-01-01', '2023-01-02', '2023-01-01') AS half;

-- Projected: 80 in 8 of 31 days is 310; nothing is known before the period;
-- from the last day on it is the actual itself.
SELECT as_of, salesperf.project(80, '2023-01-01', '2023-01-31', as_of) AS projected
FROM unnest('{2022-12-31,2023-01-01,2023-01-07,2023-01-08,2023-01-31,2023-02-01}'::date[]) AS as_of
ORDER BY as_of;
SELECT salesperf.project(-7, '2023-01-01', '2023-01-28', '2023-01-04') AS minus_49,
    salesperf.project(0, '2023-01-01', '2023-01-28', '2023-01-04') AS nothing,
    salesperf.project(0.0001, '2023-01-01', '2023-01-31', '2023-01-01') AS tiny,
    salesperf.project(1.23456789, '2023-01-01', '2023-01-31', '2023-01-31') AS actual;

-- Exact where the division ends, however many decimals the amount has.
SELECT salesperf.project(1e-30, '2023-01-01', '2023-01-03', '2023-01-02') AS tiny_projected,
    salesperf.expected_to_date(1e-30, '2023-01-01', '2023-01-02', '2023-01-01') AS tiny_expected,
    salesperf.project(0.123456789012345678901234567890, '2023-01-01', '2023-01-04', '2023-01-02') AS twice;

-- 20 significant digits also for amounts far from 1.
WITH sample AS (
    SELECT a.amount, n, d,
        salesperf.expected_to_date(a.amount, '2022-05-01', date '2022-05-01' + n - 1, date '2022-05-01' + d - 1) AS expected,
        salesperf.project(a.amount, '2022-05-01', date '2022-05-01' + n - 1, date '2022-05-01' + d - 1) AS projected
    FROM unnest('{1,-1,0.01,-123456.7891,7e-6,999999999999999.9999}'::numeric[]) AS a (amount),
        generate_series(1, 40) AS n, generate_series(1, n) AS d
)
SELECT count(*) AS samples,
    bool_and(abs(expected * n - amount * d) <= abs(amount * d) * 1e-19) AS expected_right,
    bool_and(abs(projected * d - amount * n) <= abs(amount * n) * 1e-19) AS projected_right
FROM sample;

-- NULL in, NULL out.
SELECT salesperf.elapsed_share(NULL, '2023-01-31', '2023-01-08') AS a,
    salesperf.elapsed_share('2023-01-01', NULL, '2023-01-08') AS b,
    salesperf.elapsed_share('2023-01-01', '2023-01-31', NULL) AS c,
    salesperf.expected_to_date(NULL, '2023-01-01', '2023-01-31', '2023-01-08') AS d,
    salesperf.project(NULL, '2023-01-01', '2023-01-31', '2023-01-08') AS e,
    salesperf.project(1, '2023-01-01', '2023-01-31', NULL) AS f;

-- An unusable period is an error, whatever the day.
SELECT salesperf.elapsed_share('2023-01-02', '2023-01-01', '2023-01-01');
\echo :LAST_ERROR_SQLSTATE
SELECT salesperf.elapsed_share('-infinity', '2023-01-01', '2023-01-01');
SELECT salesperf.elapsed_share('2023-01-01', 'infinity', '2023-01-01');
SELECT salesperf.expected_to_date(1, '2023-01-02', '2023-01-01', '2023-01-01');
SELECT salesperf.project(1, '2023-01-02', '2023-01-01', '2022-01-01');

-- NaN and infinity stay what they are.
SELECT salesperf.project('NaN', '2023-01-01', '2023-01-31', '2023-01-08') AS nan,
    salesperf.expected_to_date('infinity', '2023-01-01', '2023-01-31', '2023-01-08') AS infinity;
