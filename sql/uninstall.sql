-- Dropping the extension takes its code and derived tables, and nothing that
-- a person entered.
INSERT INTO salesperf.setting (name, value) VALUES ('currency', 'CHF')
ON CONFLICT (name) DO UPDATE SET value = excluded.value;

SET client_min_messages = warning;
DROP EXTENSION salesperf CASCADE;
RESET client_min_messages;

SELECT count(*) AS functions_left
FROM pg_proc
WHERE pronamespace = 'salesperf'::regnamespace;

SELECT value FROM salesperf.setting WHERE name = 'currency';

-- It can be installed again, over what is left.
SET client_min_messages = warning;
CREATE EXTENSION salesperf CASCADE;
SELECT salesperf.setup();
SELECT value FROM salesperf.setting WHERE name = 'currency';

-- A session that has read totals reads those of the extension that is there.
CREATE TABLE public.left_sale (id integer PRIMARY KEY, day date DEFAULT '2021-05-01', net numeric);
INSERT INTO left_sale VALUES (1, DEFAULT, 10), (2, DEFAULT, 20);
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sources) VALUES ('left', 'net', '2021-01-01', '2021-12-31', 100, '{left}');
CREATE PROCEDURE read_left(step text) LANGUAGE plpgsql AS $$
BEGIN
    RAISE WARNING '%: % %', step, (SELECT salesperf.measure_figure(m.scope) FROM salesperf.target_measure m JOIN salesperf.target t USING (target_id) WHERE t.name = 'left'),
        (SELECT s.state FROM salesperf.measure_state s JOIN salesperf.target t USING (target_id) WHERE t.name = 'left');
END
$$;
SELECT salesperf.attach_source('left', 'public.left_sale', document => 'l.id', sold_on => 'l.day', net => 'l.net') \g /dev/null
CALL salesperf.refresh_measures();
CALL read_left('built');
BEGIN;
DROP EXTENSION salesperf CASCADE;
CREATE EXTENSION salesperf;
SELECT salesperf.setup() \g /dev/null
CALL read_left('made anew');
ROLLBACK;
CALL read_left('rolled back');
DROP EXTENSION salesperf CASCADE;
INSERT INTO left_sale VALUES (3, DEFAULT, 300);
CREATE EXTENSION salesperf;
SELECT salesperf.setup() \g /dev/null
CALL read_left('made anew');
CALL salesperf.refresh_measures();
CALL read_left('built again');
INSERT INTO left_sale VALUES (4, DEFAULT, 4000);
CALL read_left('pending');
CALL salesperf.fold();
CALL read_left('folded');
SELECT count(*) FROM salesperf.verify_totals();
DELETE FROM salesperf.target WHERE name = 'left';
SELECT salesperf.detach_source('left') \g /dev/null
DROP TABLE left_sale;
DROP PROCEDURE read_left(text);
DROP EXTENSION salesperf CASCADE;
RESET client_min_messages;
