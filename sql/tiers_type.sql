-- Type tiers: equality, hashing, storage, binary form.
SET search_path = salesperf, public;

SELECT '0: 5%'::tiers = 'slab; 0.0: 5.00%' AS same,
       '0: 5%'::tiers = '0: 5' AS percent_and_amount,
       '0: 5%'::tiers = '>0: 5%' AS above,
       '0: 5%'::tiers <> 'excess; 0: 5%' AS mode;

-- Hashing: grouping and joins, also with another seed.
SELECT schedule, count(*)
FROM unnest(ARRAY['0: 5%', '0:5.0%', '1: 5%', ' 1 : 5 %', 'excess; 1: 5%']::tiers[]) schedule
GROUP BY schedule ORDER BY schedule::text;
SELECT tiers_hash('0:5%') = tiers_hash('0: 5.0%') AS hash,
       tiers_hash_extended('0:5%', 7) = tiers_hash_extended('0: 5.0%', 7) AS extended,
       tiers_hash_extended('0:5%', 7) = tiers_hash_extended('0: 5.0%', 8) AS other_seed;
CREATE TABLE schedule_test (id integer, tiers salesperf.tiers);
CREATE INDEX ON schedule_test USING hash (tiers);
INSERT INTO schedule_test SELECT i, format('%s: %s%%', i % 50, i % 7)::tiers FROM generate_series(1, 1000) i;
SET enable_seqscan = off;
SELECT count(*) FROM schedule_test WHERE tiers = '3:4%';
RESET enable_seqscan;
SET enable_mergejoin = off;
SET enable_nestloop = off;
SELECT count(*) FROM schedule_test a JOIN schedule_test b USING (tiers);
RESET enable_mergejoin;
RESET enable_nestloop;

-- Long schedules are compressed or moved out of line like any text.
TRUNCATE schedule_test;
INSERT INTO schedule_test
SELECT n, (SELECT string_agg(format('%s.%s: %s%%', i, repeat((i % 9 + 1)::text, 90), repeat((n + i % 7)::text, 80)), ', ' ORDER BY i)
           FROM generate_series(1, 100) i)::tiers
FROM generate_series(1, 3) n;
ALTER TABLE schedule_test ALTER tiers SET STORAGE EXTERNAL;
INSERT INTO schedule_test SELECT id + 10, tiers::text::tiers FROM schedule_test;
SELECT id, length(tiers::text), tier_level(tiers, 50.5), round(tier_payout(tiers, 50.5) / repeat('1', 70)::numeric, 20),
       tier_payout_sum(tiers, 50.5) OVER (PARTITION BY tiers::text) = 2 * tier_payout(tiers, 50.5) AS summed
FROM schedule_test ORDER BY id;

-- Binary form: a version byte and the text.
SELECT tiers_send('graduated; 0:1%') = '\x01'::bytea || convert_to('graduated; 0: 1%', 'UTF8') AS sent;
SELECT current_setting('data_directory') || '/tiers_type.copy' AS file \gset
SELECT format('rm "%s"', :'file') AS remove \gset
COPY (SELECT id, tiers FROM schedule_test ORDER BY id) TO :'file' WITH (FORMAT binary);
CREATE TABLE schedule_back (LIKE schedule_test);
COPY schedule_back FROM :'file' WITH (FORMAT binary);
SELECT count(*) AS back FROM schedule_test JOIN schedule_back USING (id, tiers);
COPY (SELECT 1) TO PROGRAM :'remove';

-- NULL, NaN and infinity.
SELECT tier_level(NULL, 1), tier_payout('0: 5%', NULL), tier_payout('0: 5%', 1, NULL), tier_rate('0: 5', 1),
       (SELECT count(*) FROM tier_explain('0: 5%', NULL)) AS explained;
SELECT tier_payout('0: 5%', 'NaN');
SELECT tier_payout('0: 5%', 1, 'Infinity');
SELECT tier_level('0: 5%', '-Infinity');
SELECT tier_gap('0: 5%', 'Infinity');
SELECT tier_payout_sum('0: 5%', 'NaN'::numeric);
SELECT tier_payout_sum('0: 5%', 1, '-Infinity'::numeric);
DROP TABLE schedule_test, schedule_back;
