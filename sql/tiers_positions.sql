-- Where a value stands: level, rate, next threshold, gap and progress, worked
-- out by hand.  Only those that differ are listed.
SET search_path = salesperf, public;
CREATE TEMPORARY TABLE derived (
    schedule tiers, value numeric, level integer, rate numeric, next numeric, gap numeric, progress numeric, derivation text);
INSERT INTO derived VALUES
    ('0: 5%, 5000: 8%, 10000: 12%', 0, 1, 0.05, 5000, 5000, 0, '0 of 5000'),
    ('0: 5%, 5000: 8%, 10000: 12%', 1250, 1, 0.05, 5000, 3750, 0.25, '1250 of 5000'),
    ('0: 5%, 5000: 8%, 10000: 12%', 4999.99, 1, 0.05, 5000, 0.01, 0.999998, '4999.99 of 5000'),
    ('0: 5%, 5000: 8%, 10000: 12%', 5000, 2, 0.08, 10000, 5000, 0, '0 of the next 5000'),
    ('0: 5%, 5000: 8%, 10000: 12%', 7000, 2, 0.08, 10000, 3000, 0.4, '2000 of 5000'),
    ('0: 5%, 5000: 8%, 10000: 12%', 10000, 3, 0.12, NULL, NULL, 1, 'past the last'),
    ('0: 5%, 5000: 8%, 10000: 12%', 1e40, 3, 0.12, NULL, NULL, 1, 'past the last'),
    ('1000: 3%, 3000: 4%', 0, 0, 0, 1000, 1000, 0, '0 of 1000'),
    ('1000: 3%, 3000: 4%', 250, 0, 0, 1000, 750, 0.25, '250 of the first 1000'),
    ('1000: 3%, 3000: 4%', 1500, 1, 0.03, 3000, 1500, 0.25, '500 of 2000'),
    ('3: 1%', 1, 0, 0, 3, 2, 0.333333333333333333333333, '1 of 3'),
    ('0: 5%, >5000: 8%', 5000, 1, 0.05, 5000, 0, 1, 'at the threshold, not above it'),
    ('0: 5%, >5000: 8%', 5000.01, 2, 0.08, NULL, NULL, 1, 'above'),
    ('5000: 5%, >5000: 8%', 5000, 1, 0.05, 5000, 0, 1, 'no way left, only the step'),
    ('>0: 5%', 0, 0, 0, 0, 0, 0, 'at 0, not above it'),
    ('0: 50, 1000: 100', 10, 1, NULL, 1000, 990, 0.01, 'amount: no rate'),
    ('500: 50, 1000: 100', 10, 0, 0, 500, 490, 0.02, 'nothing reached: rate 0'),
    ('0: 5%, 1000: 100', 10, 1, 0.05, 1000, 990, 0.01, 'the reached tier has a rate'),
    -- returns: the level and rate of the magnitude; still all the way to go
    ('0: 5%, 5000: 8%, 10000: 12%', -6000, 2, 0.08, 0, 6000, 0, 'level of 6000'),
    ('1000: 3%, 3000: 4%', -1500, 1, 0.03, 1000, 2500, 0, 'level of 1500'),
    ('1000: 3%, 3000: 4%', -1, 0, 0, 1000, 1001, 0, 'level of 1'),
    -- negative thresholds: no mirror
    ('-100: 1%, 0: 2%', -150, 0, 0, -100, 50, 0, 'below the first'),
    ('-100: 1%, 0: 2%', -75, 1, 0.01, 0, 75, 0.25, '25 of 100'),
    ('-100: 1%, 0: 2%', 5, 2, 0.02, NULL, NULL, 1, 'past the last'),
    -- blended, interpolated and excess rates
    ('graduated; 0: 1%, 1000: 2%', 0, 1, 0.01, 1000, 1000, 0, 'at 0 the first'),
    ('graduated; 0: 1%, 1000: 2%', 500, 1, 0.01, 1000, 500, 0.5, 'one tier only'),
    ('graduated; 0: 1%, 1000: 2%', 2000, 2, 0.015, NULL, NULL, 1, '(10 + 20) / 2000'),
    ('graduated; 0: 1%, 1000: 2%', -2000, 2, 0.015, 0, 2000, 0, '(10 + 20) / 2000'),
    ('graduated; 0: 1%, 1000: 2%', 3000, 2, 0.016666666666666666666667, NULL, NULL, 1, '50 / 3000 = 1/60'),
    ('graduated; 1000: 10%', 4000, 1, 0.075, NULL, NULL, 1, '300 / 4000'),
    ('graduated; 0: 1%, 1000: 50, 2000: 2%', 500, 1, 0.01, 1000, 500, 0.5, 'no amount reached'),
    ('graduated; 0: 1%, 1000: 50, 2000: 2%', 2500, 3, NULL, NULL, NULL, 1, 'an amount among the reached'),
    ('interpolated; 0: 0%, 100: 10%', 25, 1, 0.025, 100, 75, 0.25, 'a quarter of 10 %'),
    ('interpolated; 0: 0%, 300: 1%', 100, 1, 0.0033333333333333333333333333, 300, 200, 0.333333333333333333333333, 'a third of 1 %'),
    ('interpolated; 0: 0%, 100: 10%', 200, 2, 0.1, NULL, NULL, 1, 'flat after the last'),
    ('interpolated; 0: 0, 100: 10', 50, 1, NULL, 100, 50, 0.5, 'amounts: no rate'),
    ('excess; 1000: 5%, 2000: 10%', 1500, 1, 0.05, 2000, 500, 0.5, 'the reached tier''s');

SELECT d.schedule, d.value, d.derivation, found.*
FROM derived d, LATERAL (SELECT tier_level(schedule, value), tier_rate(schedule, value), tier_next_threshold(schedule, value),
                                tier_gap(schedule, value), tier_progress(schedule, value)) AS found (level, rate, next, gap, progress)
WHERE (found.*) IS DISTINCT FROM (d.level, d.rate, d.next, d.gap, d.progress);
SELECT count(*) AS derived FROM derived;

-- What a payout consists of.
SELECT n, tier_explain.* FROM (VALUES
    (1, '0: 5%, 5000: 8%'::tiers, 6000, 6000.50),
    (2, '0: 50, 5000: 100', 6000, 6000.50),
    (3, '1000: 5%', 600, 600),
    (4, 'graduated; 0: 1%, 1000: 2%, 5000: 3%', 6000, 6000),
    (5, 'graduated; 0: 1%, 1000: 250, 2000: 3%', 2500, 250),
    (6, 'graduated; 0: 1%, 1000: 2%, 2000: 3%', -7000, -700.07),
    (7, 'graduated; 1000: 1%, >2000: 2%', 3000, 1),
    (8, 'graduated; -100: 1%, 0: 2%', 0, 500),
    (9, 'interpolated; 0: 0%, 100: 10%', 95, 1000),
    (10, 'excess; 1000: 5%, 2000: 10%', 3000, 1000),
    (11, 'excess; 1000: 5%, 2000: 10%', -3000, -1000)
) AS given (n, schedule, value, base), tier_explain(schedule, value, base)
ORDER BY n, level;
SELECT * FROM tier_explain('graduated; 0: 1%, 1000: 2%', 1500);
SELECT tier_highest_threshold('0: 5%, >5000.50: 8%'), tier_highest_threshold('7: 1');
