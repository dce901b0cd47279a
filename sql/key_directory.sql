-- Which measures a session counts in is found by places that a refresh wrote:
-- right also where rows have moved, where a key has several rows, or shares its
-- hash with another, or has none.
SET client_min_messages = error;
SELECT salesperf.setup() \g /dev/null
CREATE SCHEMA places;
CREATE TABLE places.sale (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, day date DEFAULT '2021-03-03', seller text, net numeric DEFAULT 10);
SELECT salesperf.attach_source('places', 'places.sale', document => 'l.id', sold_on => 'l.day', seller => 'l.seller', net => 'l.net') \g /dev/null
CREATE PROCEDURE places.enter(metric text, sellers text[]) LANGUAGE sql AS $$
    INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers)
    SELECT 'places ' || metric || ' ' || s, metric, '2021-01-01', '2021-12-31', 1, ARRAY[s] FROM unnest(sellers) s $$;
-- Each in a transaction of its own.
CREATE PROCEDURE places.sell(sellers text[]) LANGUAGE plpgsql AS $$
DECLARE
    s text;
BEGIN
    FOREACH s IN ARRAY sellers LOOP
        INSERT INTO places.sale (seller) VALUES (s);
        COMMIT;
    END LOOP;
END $$;
CREATE FUNCTION places.numbered(first int, last int) RETURNS text[] LANGUAGE sql AS $$
    SELECT array_agg('places-' || n ORDER BY n) FROM generate_series(first, last) n $$;
-- Sales counted and not, and totals that differ from the sales.
CREATE FUNCTION places.look(step text) RETURNS TABLE (after text, not_built bigint, wrong bigint, counted numeric, differing bigint)
LANGUAGE sql AS $$
    SELECT step, count(*) FILTER (WHERE s.state <> 'built'),
        count(*) FILTER (WHERE p.actual IS DISTINCT FROM (
            SELECT CASE p.metric WHEN 'net' THEN coalesce(sum(l.net), 0) ELSE count(*) END FROM places.sale l WHERE l.seller = t.sellers[1])),
        sum(p.actual) FILTER (WHERE p.metric = 'net'),
        (SELECT count(*) FROM salesperf.verify_totals())
    FROM salesperf.target_performance p JOIN salesperf.measure_state s USING (target_id) JOIN salesperf.target t USING (target_id)
    WHERE p.name LIKE 'places%' $$;
CREATE FUNCTION places.directory_is_as_written() RETURNS boolean LANGUAGE sql AS $$
    SELECT count(*) > 1 AND NOT EXISTS (TABLE salesperf.key_directory EXCEPT SELECT * FROM salesperf.directory_of_keys())
    FROM salesperf.key_directory $$;
CREATE FUNCTION places.searches() RETURNS bigint LANGUAGE sql AS $$
    SELECT pg_stat_get_numscans('salesperf.build_key_pkey'::regclass) $$;
\pset tuples_only on

CALL places.enter('net', places.numbered(1, 2000));
CALL salesperf.refresh_measures();
SELECT places.directory_is_as_written();

-- The index is not asked for each.
SELECT pg_stat_force_next_flush() \g /dev/null
SELECT places.searches() AS searches \gset
CALL places.sell(places.numbered(1, 50) || '{nobody,nothing,places-2001}');
SELECT pg_stat_force_next_flush() \g /dev/null
SELECT places.searches() - :searches < 10;
SELECT * FROM places.look('first');

-- What has not changed is not written again.
SELECT array_agg(xmin::text || ctid) AS versions FROM salesperf.key_directory \gset
CALL salesperf.refresh_measures();
SELECT array_agg(xmin::text || ctid) = :'versions'::text[] FROM salesperf.key_directory;

-- One is gone: all rows are written anew, behind those that were.
DELETE FROM salesperf.target WHERE name = 'places net places-1';
CALL salesperf.refresh_measures();
SELECT places.directory_is_as_written();
CALL places.sell(places.numbered(51, 60));
VACUUM FULL salesperf.build_key;
SELECT places.directory_is_as_written();
CALL places.sell(places.numbered(61, 80));
SELECT * FROM places.look('moved');
VACUUM FULL salesperf.key_directory;
CALL places.sell(places.numbered(81, 100) || '{places-1,nobody}');
SELECT * FROM places.look('directory moved');

-- Several rows of a key, and one of few keys.
CALL places.enter('documents', places.numbered(1, 1000));
CALL salesperf.refresh_measures();
SELECT places.directory_is_as_written();
CALL places.sell(places.numbered(1, 20));
CALL places.sell(places.numbered(990, 1010));
SELECT * FROM places.look('two rows');
VACUUM FULL salesperf.build_key;
CALL places.sell(places.numbered(21, 40));
CALL places.sell(places.numbered(985, 1015));
SELECT * FROM places.look('two rows moved');
DO $$
BEGIN
    FOR n IN 1..10 LOOP
        INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers)
        VALUES ('places many ' || n, 'net', '2021-01-01', date '2021-12-21' + n, 1, '{places-5}');
        COMMIT;
        CALL salesperf.refresh_measures();
    END LOOP;
END $$;
SELECT count(*) FROM salesperf.build_key WHERE key = 'places-5';
CALL places.sell('{places-4,places-5,places-6}');
SELECT * FROM places.look('many rows');

-- Two codes of one hash: both have measures, or one of them.
SELECT array_agg(code ORDER BY min, n) AS equal FROM (
    SELECT min(code), max(code) FROM (SELECT 'places ' || n AS code FROM generate_series(1, 400000) n) s
    GROUP BY hashtext(code COLLATE "C") HAVING count(*) = 2 ORDER BY 1 LIMIT 2) p, LATERAL (VALUES (1, min), (2, max)) v (n, code) \gset
SELECT cardinality(:'equal'::text[]) = 4, hashtext((:'equal'::text[])[1]) = hashtext((:'equal'::text[])[2]);
CALL places.enter('net', (:'equal'::text[])[1:3]);
CALL salesperf.refresh_measures();
CALL places.sell((:'equal'::text[]) || '{places-7}');
CALL places.sell((:'equal'::text[]));
SELECT * FROM places.look('equal');
SELECT count(*), sum(p.actual) FROM salesperf.target_performance p JOIN salesperf.target t USING (target_id) WHERE t.sellers[1] = ANY (:'equal'::text[]);

-- Without a directory the index is asked.
BEGIN;
DELETE FROM salesperf.key_directory WHERE first_slot = 0;
COMMIT;
\c
SET client_min_messages = error;
CALL places.sell(places.numbered(100, 120) || '{nobody}');
SELECT * FROM places.look('part of a directory');
CALL salesperf.refresh_measures();
SELECT places.directory_is_as_written();

-- A report in a transaction finds what it has changed itself.
BEGIN;
INSERT INTO places.sale (seller) SELECT 'places-' || n FROM generate_series(121, 140) n;
SELECT * FROM places.look('own');
COMMIT;
SELECT * FROM places.look('own committed');

\pset tuples_only off
SELECT salesperf.detach_source('places') \g /dev/null
DELETE FROM salesperf.target WHERE name LIKE 'places%';
CALL salesperf.refresh_measures();
DROP SCHEMA places CASCADE;
