-- unit_path, seller_path: who is above a unit or a seller on a day.
SET search_path = salesperf, public;
INSERT INTO unit_parent VALUES
    ('team', 'north', '2026-01-01', '2026-03-14'),
    ('team', 'south', '2026-03-15', NULL),
    ('north', 'company', '2020-01-01', NULL),
    ('south', 'company', '2020-01-01', '2026-03-31'),
    ('south', 'partner', '2026-05-01', NULL);
INSERT INTO seller_unit VALUES
    ('ann', 'team', '2026-01-01', NULL),
    ('bob', 'north', '2026-01-01', '2026-02-10'),
    ('bob', 'south', '2026-02-12', '2026-02-12'),
    ('cy', 'nowhere', '2026-01-01', NULL);

-- A move in mid-month, a gap, open ends, before the first day.
SELECT d::date AS day, unit_path('team', d::date), seller_path('ann', d::date)
FROM unnest('{2025-12-31,2026-01-01,2026-03-14,2026-03-15,2026-03-31,2026-04-01,2026-04-30,2026-05-01,9999-12-31,infinity,-infinity}'::date[]) d;
SELECT d::date AS day, seller_path('bob', d::date)
FROM unnest('{2025-12-31,2026-02-10,2026-02-11,2026-02-12,2026-02-13}'::date[]) d;
-- Codes that nothing is known of: a unit is its own path, a seller has none.
SELECT unit_path('nobody', '2026-01-01'), seller_path('nobody', '2026-01-01'), seller_path('cy', '2026-01-01'), unit_path('', '2026-01-01');
SELECT unit_path(NULL, '2026-01-01'), seller_path('ann', NULL);

-- A change is seen by the next statement, within its transaction and after.
BEGIN;
UPDATE seller_unit SET unit = 'south' WHERE seller = 'ann';
SELECT seller_path('ann', '2026-03-01');
SAVEPOINT s;
UPDATE unit_parent SET parent = 'holding' WHERE unit = 'south';
SELECT seller_path('ann', '2026-03-01');
ROLLBACK TO s;
SELECT seller_path('ann', '2026-03-01');
DELETE FROM unit_parent WHERE unit = 'south';
SELECT seller_path('ann', '2026-03-01');
ROLLBACK;
SELECT seller_path('ann', '2026-03-01');
BEGIN;
UPDATE seller_unit SET unit = 'south' WHERE seller = 'ann';
UPDATE seller_unit SET unit = 'north' WHERE seller = 'ann';
COMMIT;
SELECT seller_path('ann', '2026-03-01');
-- A savepoint that is rolled back takes its row of org_version along.
BEGIN;
SAVEPOINT s;
UPDATE seller_unit SET unit = 'south' WHERE seller = 'ann';
SELECT seller_path('ann', '2026-03-01');
ROLLBACK TO s;
UPDATE seller_unit SET unit = 'team' WHERE seller = 'ann';
COMMIT;
SELECT seller_path('ann', '2026-03-01');

-- A cursor keeps its own moment, also beside a later one.
BEGIN;
DECLARE early CURSOR FOR SELECT seller_path('ann', '2026-03-01') FROM generate_series(1, 3);
FETCH early;
UPDATE seller_unit SET unit = 'south' WHERE seller = 'ann';
FETCH early;
SELECT seller_path('ann', '2026-03-01');
DECLARE late CURSOR FOR SELECT seller_path('ann', '2026-03-01') FROM generate_series(1, 2);
UPDATE seller_unit SET unit = 'north' WHERE seller = 'ann';
FETCH early;
FETCH late;
SELECT seller_path('ann', '2026-03-01');
FETCH late;
ROLLBACK;
-- One statement sees what was before it, a trigger after it what it did.
CREATE FUNCTION public.org_paths_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE NOTICE '% %: %', TG_WHEN, TG_LEVEL, salesperf.seller_path('ann', '2026-03-01');
    RETURN NULL;
END $$;
CREATE TRIGGER a_before BEFORE UPDATE ON seller_unit EXECUTE FUNCTION public.org_paths_tell();
CREATE TRIGGER a_row AFTER UPDATE ON seller_unit FOR EACH ROW EXECUTE FUNCTION public.org_paths_tell();
CREATE TRIGGER a_after AFTER UPDATE ON seller_unit EXECUTE FUNCTION public.org_paths_tell();
UPDATE seller_unit SET unit = 'south' WHERE seller = 'ann' RETURNING seller_path('ann', '2026-03-01');
UPDATE seller_unit SET unit = 'team' WHERE seller = 'ann' RETURNING seller_path('ann', '2026-03-01');
DROP FUNCTION public.org_paths_tell() CASCADE;
SELECT seller_path('ann', '2026-03-01');
-- Rows that replication applies count as well, and TRUNCATE.
SET session_replication_role = replica;
UPDATE seller_unit SET unit = 'south' WHERE seller = 'ann';
RESET session_replication_role;
SELECT seller_path('ann', '2026-03-01');
TRUNCATE seller_unit;
SELECT seller_path('ann', '2026-03-01');
-- Columns may be added, the primary key may go, tables may be made anew.
INSERT INTO seller_unit VALUES ('ann', 'team', '2026-01-01', NULL);
SELECT seller_path('ann', '2026-03-01');
ALTER TABLE seller_unit ADD note text DEFAULT 'x', DROP CONSTRAINT seller_unit_pkey;
SELECT seller_path('ann', '2026-03-01');
ALTER TABLE seller_unit DROP note, ADD PRIMARY KEY (seller, valid_from);
ALTER TABLE seller_unit RENAME TO kept;
CREATE TABLE seller_unit (LIKE kept);
SELECT seller_path('ann', '2026-03-01');
DROP TABLE seller_unit;
SELECT seller_path('ann', '2026-03-01');
ALTER TABLE kept RENAME TO seller_unit;
SELECT seller_path('ann', '2026-03-01');
ALTER TABLE seller_unit RENAME unit TO team;
SELECT seller_path('ann', '2026-03-01');
ALTER TABLE seller_unit RENAME team TO unit;
DELETE FROM seller_unit;
DELETE FROM unit_parent;

-- Paths are those of a recursive query: a random organisation, changed again
-- and again.  Units only have parents of a lower number, so no cycles.
CREATE FUNCTION pg_temp.change(seed int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM setseed(seed / 100.0);
    DELETE FROM unit_parent WHERE random() < 0.3;
    DELETE FROM seller_unit WHERE random() < 0.3;
    INSERT INTO unit_parent
    SELECT 'u' || u, 'u' || floor(random() * u)::int, f, nullif(f + floor(random() * 40)::int, f + 39)
    FROM (SELECT u, date '2026-01-01' + floor(random() * 100)::int AS f FROM generate_series(1, 40) u, generate_series(1, 4)) r
    ON CONFLICT DO NOTHING;
    INSERT INTO seller_unit
    SELECT 's' || s, 'u' || floor(random() * 41)::int, f, nullif(f + floor(random() * 40)::int, f + 39)
    FROM (SELECT s, date '2026-01-01' + floor(random() * 100)::int AS f FROM generate_series(1, 30) s, generate_series(1, 4)) r
    ON CONFLICT DO NOTHING;
END $$;
CREATE FUNCTION pg_temp.slow_path(start text, as_of date) RETURNS text[] LANGUAGE sql AS $$
    WITH RECURSIVE up AS (
        SELECT start AS unit, 1 AS level WHERE start IS NOT NULL
        UNION ALL
        SELECT p.parent, level + 1 FROM up JOIN unit_parent p USING (unit)
        WHERE as_of >= p.valid_from AND (p.valid_to IS NULL OR as_of <= p.valid_to))
    SELECT coalesce(array_agg(unit ORDER BY level), '{}') FROM up
$$;
CREATE FUNCTION pg_temp.differences() RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM generate_series(date '2025-12-30', '2026-06-01', '7 days') d (day),
        LATERAL (
            SELECT unit_path('u' || u, day::date) IS DISTINCT FROM pg_temp.slow_path('u' || u, day::date) AS differs
            FROM generate_series(0, 41) u
            UNION ALL
            SELECT seller_path('s' || s, day::date) IS DISTINCT FROM pg_temp.slow_path((
                SELECT unit FROM seller_unit WHERE seller = 's' || s AND day >= valid_from AND (valid_to IS NULL OR day <= valid_to)), day::date)
            FROM generate_series(0, 31) s) c
    WHERE differs
$$;
SELECT n, pg_temp.change(n) IS NOT NULL AS changed, pg_temp.differences() AS differences FROM generate_series(1, 3) n;
SELECT pg_temp.differences() AS differences;
DO $$
BEGIN
    FOR n IN 4 .. 8 LOOP
        PERFORM pg_temp.change(n);
        IF pg_temp.differences() > 0 THEN
            RAISE 'differences after change %', n;
        END IF;
        IF n % 2 = 0 THEN COMMIT; ELSE ROLLBACK; END IF;
        IF pg_temp.differences() > 0 THEN
            RAISE 'differences after end %', n;
        END IF;
    END LOOP;
END $$;
SELECT count(*) > 100 AS not_trivial, max(cardinality(unit_path(unit, valid_from))) > 3 AS deep FROM unit_parent;
-- A seller who moves so often that org_version outgrows its page.
INSERT INTO seller_unit (seller, unit, valid_from) VALUES ('mover', 'left', '2020-01-01');
DO $$
DECLARE
    wrong integer := 0;
BEGIN
    FOR n IN 1 .. 400 LOOP
        UPDATE seller_unit SET unit = CASE n % 2 WHEN 0 THEN 'left' ELSE 'right' END WHERE seller = 'mover';
        COMMIT;
        wrong := wrong + (seller_path('mover', '2021-01-01') <> ARRAY[CASE n % 2 WHEN 0 THEN 'left' ELSE 'right' END])::integer;
    END LOOP;
    RAISE NOTICE '% paths are wrong', wrong;
END $$;
-- The rows that tell states apart stay few, of each part.
SELECT bool_and(count <= 17) AS few FROM (SELECT count(*) FROM org_version GROUP BY part) p;
DELETE FROM seller_unit;
DELETE FROM unit_parent;

-- A session keeps a bounded part of a large organisation, and goes on.
SELECT count(*) FROM generate_series(1, 300000) i WHERE unit_path('unit ' || i % 150000, '2026-01-01') <> ARRAY['unit ' || i % 150000];
SELECT sum(total_bytes) < 40 * 1024 * 1024 AS bounded FROM pg_backend_memory_contexts WHERE name = 'salesperf unit paths';
