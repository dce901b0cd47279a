-- Amounts of many decimals beside large ones: a figure is exact, whatever each
-- month's sum fits in, live, built and counted further.
SET client_min_messages = warning;
CREATE SCHEMA dec;
CREATE TABLE dec.sale (id int PRIMARY KEY, net numeric, day date);
SELECT salesperf.attach_source('dec', lines => 'dec.sale', document => 'l.id', sold_on => 'l.day', net => 'l.net') \g /dev/null
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sources)
VALUES (950901, 'dec', 'net', '2020-01-01', '2020-12-31', 1, '{dec}');
CREATE VIEW dec.figure AS
SELECT trim_scale(f.figure) AS figure, f.figure = (SELECT sum(net) FROM dec.sale) AS is_right, s.state, (SELECT count(*) FROM salesperf.verify_totals()) AS differing
FROM salesperf.measure_state s, LATERAL (SELECT salesperf.measure_actual(s.measure_id) AS figure) f WHERE s.target_id = 950901;

-- A month of 36 decimals, then one of a whole number that does not fit with them.
INSERT INTO dec.sale VALUES (1, 0.000000000000000000000000000000000001, '2020-05-05'), (2, 1000, '2020-06-06');
SELECT * FROM dec.figure;
CALL salesperf.refresh_measures();
SELECT * FROM dec.figure;
UPDATE dec.sale SET net = -net;
SELECT * FROM dec.figure;
CALL salesperf.fold();
SELECT * FROM dec.figure;
-- The other way round, and more than fits in either.
INSERT INTO dec.sale VALUES (3, 999999999999999, '2020-01-01'), (4, 1e-40, '2020-02-02'), (5, -999999999999999, '2020-07-07'), (6, 1e-20, '2020-12-12');
SELECT * FROM dec.figure;
-- As a series of percentages leaves them.
INSERT INTO dec.sale SELECT n, n * 1000 * (1.01 ^ n)::numeric(60,2) / 7 * 1.01 ^ (n % 16), date '2020-01-01' + n * 5 FROM generate_series(10, 69) n;
SELECT is_right, state, differing FROM dec.figure;
UPDATE dec.sale SET net = net * 1.01 * 1.01 WHERE id % 2 = 0;
SELECT is_right, state, differing FROM dec.figure;

DELETE FROM salesperf.target WHERE target_id = 950901;
SELECT salesperf.detach_source('dec');
DROP SCHEMA dec CASCADE;
