#!/usr/bin/env bash
#
# Commissions: 200 rules over 1,000,000 contracts. CPU seconds of the backend,
# and ratios to reading the same sales, which other load on the machine does
# not change.
#
#   bench/commissions.sh

# shellcheck source=../scripts/cluster.sh
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/cluster.sh"

main() {
    "$root/scripts/packages.sh" build
    use_postgres
    "$root/scripts/build.sh"
    dir=$(cluster_dir)
    trap 'cluster_remove "$dir"' EXIT
    cluster_init "$dir" fsync=off shared_buffers=512MB max_wal_size=8GB autovacuum=off max_parallel_workers_per_gather=0
    cluster_start "$dir"
    cluster_run "$dir" createdb bench
    cluster_run "$dir" psql -X -q -v ON_ERROR_STOP=1 -d bench <<'SQL'
SET client_min_messages = warning;
CREATE EXTENSION salesperf CASCADE;
SELECT salesperf.setup() \g /dev/null
SQL
    cluster_run "$dir" psql -X -q -v ON_ERROR_STOP=1 -d bench <"$root/bench/commissions.sql"
    cluster_run "$dir" psql -X -q -v ON_ERROR_STOP=1 -d bench <<'SQL'
SET client_min_messages = warning;
-- User and system time, in hundredths of a second.
CREATE FUNCTION pg_temp.cpu() RETURNS numeric LANGUAGE sql VOLATILE AS
$$SELECT (split_part(s, ' ', 14)::numeric + split_part(s, ' ', 15)::numeric) / 100 FROM pg_read_file('/proc/self/stat') s$$;
CREATE FUNCTION pg_temp.peak() RETURNS text LANGUAGE sql VOLATILE AS
$$SELECT (regexp_match(pg_read_file('/proc/self/status'), 'RssAnon:\s*(\d+ kB)'))[1]$$;
SELECT pg_temp.cpu() AS start \gset
SELECT count(*), sum(s.net), count(c.region), count(c.segment), count(p.brand), count(p.family)
FROM salesperf.sale s LEFT JOIN salesperf.customer c ON c.code = s.customer LEFT JOIN salesperf.product p ON p.code = s.product \g /dev/null
SELECT pg_temp.cpu() AS scanned \gset
SELECT count(*) FROM salesperf.commission_matches('2026-01-01', '2026-03-31') \g /dev/null
SELECT pg_temp.cpu() AS matched \gset
CALL salesperf.calculate_commissions('2026-01-01', '2026-03-31');
SELECT pg_temp.cpu() AS calculated \gset
CALL salesperf.calculate_commissions('2026-01-01', '2026-03-31');
SELECT pg_temp.cpu() AS repeated \gset
SELECT w.what, round(w.cpu, 2) AS "CPU s", round(w.cpu / (:scanned - :start), 2) AS "of the scan"
FROM (VALUES (1, 'scan of the sales', :scanned - :start), (2, 'matching 200 rules, scan included', :matched - :scanned),
    (3, 'calculate_commissions, posting included', :calculated - :matched), (4, 'the same again', :repeated - :calculated)) w (n, what, cpu)
ORDER BY w.n;
SELECT pg_temp.peak() AS "memory after it", current_setting('work_mem') AS work_mem;
SQL
}

main "$@"
