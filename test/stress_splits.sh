#!/usr/bin/env bash
#
# As stress.sh, with traffic on splits, look-ups, exchange rates and parts: the
# tables, the writes and the plain SQL of sql/source_random.sql, by many at once.
#
#   test/stress_splits.sh [seconds [level]...]     default: 30, all three levels

# shellcheck source=stress.sh
source "$(dirname "${BASH_SOURCE[0]}")/stress.sh"

write_scripts() {
    as_server tee "$tmp/write.sql" >/dev/null <<'SQL'
\set op random(1, 53)
\set other random(1, 53)
\set way random(1, 8)
\if :way = 1
BEGIN;
SELECT rnd.try(:op);
INSERT INTO wrong SELECT 'own', c.* FROM checked c WHERE c.figure IS DISTINCT FROM c.plain;
SELECT rnd.try(:other);
COMMIT;
\elif :way = 2
BEGIN;
SELECT rnd.try(:op);
\sleep 20 ms
SELECT rnd.try(:other);
COMMIT;
\elif :way = 3
BEGIN;
SELECT rnd.try(:op);
SAVEPOINT s;
SELECT rnd.try(:other);
ROLLBACK TO s;
COMMIT;
\elif :way = 4
SELECT count(*) AS prepared FROM pg_prepared_xacts WHERE gid = 'spm:client_id' \gset
\if :prepared
COMMIT PREPARED 'spm:client_id';
\else
BEGIN;
SELECT rnd.try(:op);
PREPARE TRANSACTION 'spm:client_id';
COMMIT PREPARED 'spm:client_id';
\endif
\else
SELECT rnd.try(:op);
\endif
SQL
    as_server tee "$tmp/read.sql" >/dev/null <<'SQL'
\set level random(1, 2)
\if :level = 1
INSERT INTO wrong SELECT 'one', c.* FROM checked c WHERE c.figure IS DISTINCT FROM c.plain;
\else
BEGIN ISOLATION LEVEL REPEATABLE READ;
INSERT INTO wrong SELECT 'first', c.* FROM checked c WHERE c.figure IS DISTINCT FROM c.plain;
\sleep 30 ms
INSERT INTO wrong SELECT 'second', c.* FROM checked c WHERE c.figure IS DISTINCT FROM c.plain;
INSERT INTO wrong SELECT 'verify', v.measure_id::text, 'built', v.kept, v.recomputed FROM salesperf.verify_totals() v;
INSERT INTO seen SELECT state FROM checked;
COMMIT;
\endif
SQL
    as_server tee "$tmp/build.sql" >/dev/null <<'SQL'
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers, sources)
SELECT 'rnd', (ARRAY['net', 'gross', 'margin', 'quantity'])[1 + (random() * 3)::int], '2031-01-01', '2031-12-31', 2,
    CASE WHEN random() < 0.7 THEN ARRAY['s' || 1 + (random() * 3)::int, 's1'] END,
    CASE WHEN random() < 0.4 THEN ARRAY[(ARRAY['rnd_a', 'rnd_b', 'rnd_c', 'rnd_f', 'order'])[1 + (random() * 4)::int]] END;
CALL salesperf.refresh_measures('500 ms');
CALL salesperf.refresh_measures('2 s');
DELETE FROM salesperf.target
WHERE target_id IN (SELECT target_id FROM salesperf.target WHERE amount = 2 ORDER BY random() OFFSET 8);
SQL
    as_server tee "$tmp/fold.sql" >/dev/null <<<'CALL salesperf.fold();'
}

prepare() {
    cluster_run "$tmp" psql -X -q -d postgres -c 'SET client_min_messages = error' -c 'DROP DATABASE IF EXISTS stress' \
        -c 'CREATE DATABASE stress' -c 'ALTER DATABASE stress SET jit = off'
    {
        echo 'SET client_min_messages = error; CREATE EXTENSION salesperf CASCADE; SELECT salesperf.setup() \g /dev/null'
        sed '/^CREATE PROCEDURE/,$d' "$root/sql/source_random.sql"
        cat <<'SQL'
CREATE FUNCTION rnd.try(op integer) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM rnd.write(op);
    SET CONSTRAINTS ALL IMMEDIATE;
    RETURN '';
EXCEPTION WHEN check_violation OR unique_violation OR foreign_key_violation OR cardinality_violation THEN
    RETURN SQLSTATE;
END $$;
CREATE VIEW checked AS
SELECT t.name || ' ' || t.target_id, s.state, f.figure, CASE WHEN abs(f.figure - e.actual) < 0.00000001 THEN f.figure ELSE e.actual END AS plain
FROM rnd.expected e
JOIN salesperf.target t USING (target_id)
JOIN salesperf.target_measure m USING (target_id)
JOIN salesperf.measure_state s USING (target_id),
LATERAL (SELECT salesperf.measure_figure(m.scope) OFFSET 0) AS f (figure);
CREATE TABLE wrong (read text, name text, state text, figure numeric, plain numeric);
CREATE TABLE seen (state text);
SELECT count(rnd.try(op)) FROM generate_series(1, 53) op, generate_series(1, 5) \g /dev/null
SQL
    } | sql
    sql -c 'CALL salesperf.refresh_measures()'
}

main "$@"
