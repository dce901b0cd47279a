#!/usr/bin/env bash
#
# Holds a snapshot open while orders are written as fast as they go, folded in
# the background, and read: what a report has to scan stays bounded, figures
# stay right, and space comes back when the snapshot is gone.
#
#   test/held_snapshot.sh [SECONDS] [CLIENTS]      default: 60 2

# shellcheck source=../scripts/cluster.sh
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/cluster.sh"

readonly seconds=${1:-60} clients=${2:-2}
# 15 segments last for 72 times the threshold: 2 MB, the default, for 5 minutes.
readonly threshold_kb=$((seconds * 7 + 8))
tmp=

clean_up() {
    trap - EXIT
    cd /
    [ -z "$tmp" ] || cluster_remove "$tmp"
}

sql() { cluster_run "$tmp" psql -X -q -A -t -v ON_ERROR_STOP=1 -d postgres "$@"; }

prepare() {
    tmp=$(cluster_dir)
    cluster_init "$tmp" fsync=off synchronous_commit=off autovacuum=off salesperf.fold_threshold=${threshold_kb}kB
    cluster_start "$tmp"
    sql >/dev/null <<'SQL'
SET client_min_messages = warning;
CREATE EXTENSION salesperf CASCADE;
SELECT salesperf.setup();
CREATE TABLE sale (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, document text, seller text, net numeric);
CREATE INDEX ON sale (document);
SELECT salesperf.attach_source('sale', lines => 'public.sale', document => 'l.document',
    sold_on => $$DATE '2021-05-05'$$, seller => 'l.seller', net => 'l.net');
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers)
SELECT 's' || n, 'net', '2021-01-01', '2021-12-31', 1, ARRAY['s' || n] FROM generate_series(1, 20) AS n;
CALL salesperf.refresh_measures();
SQL
    as_server tee "$tmp/write.sql" >/dev/null <<'SQL'
\set seller random(1, 20)
\set number random(1, 1000000000)
INSERT INTO sale (document, seller, net) SELECT 'D' || :number, 's' || :seller, n FROM generate_series(1, 4) AS n;
SQL
}

# Blocks of the segments that a report reads, and of all.
blocks() {
    sql -c "SELECT coalesce(sum(pg_relation_size('salesperf.pending_' || segment)) FILTER (WHERE $1), 0)::bigint / 8192
            FROM salesperf.pending_segment"
}

# The snapshot that is held; its figures must not change.
hold() {
    local pause=$1
    sql <<SQL
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT sum(actual) FROM salesperf.target_performance;
SELECT '' FROM pg_sleep($pause);
SELECT sum(actual) FROM salesperf.target_performance;
COMMIT;
SQL
}

main() {
    local written scanned most=0 all=0 size held
    use_postgres
    trap clean_up EXIT
    prepare
    hold "$((seconds + 5))" >"/tmp/salesperf_held.$$" &
    held=$!
    sleep 1
    cluster_run "$tmp" pgbench -n -c "$clients" -T "$seconds" -f "$tmp/write.sql" postgres >/dev/null 2>&1 &
    while kill -0 $! 2>/dev/null; do
        sleep 1
        scanned=$(blocks "state IN ('current', 'full')")
        [ "$scanned" -le "$most" ] || most=$scanned
    done
    wait "$held" || die "the snapshot did not last"
    all=$(blocks true)
    written=$(sql -c 'SELECT count(*) / 4 FROM sale')
    sql -c 'CALL salesperf.fold()' -c 'CALL salesperf.fold()'
    size=$(blocks true)
    say "$written transactions in $seconds s; blocks written: $all, scanned by a report at most: $most, left: $size"
    [ "$(grep . "/tmp/salesperf_held.$$" | uniq -c | awk '{print $1}')" = 2 ] || die "the old snapshot's figures changed"
    rm -f "/tmp/salesperf_held.$$"
    [ -z "$(sql -c 'SELECT * FROM salesperf.verify_totals()')" ] || die "totals are wrong"
    # The threshold may have doubled twice; more comes while a worker starts.
    [ "$most" -le "$((threshold_kb * 5 / 8 + 32))" ] || die "a report scanned too much"
    [ "$size" -le 8 ] || die "space did not come back"
    say "held snapshot: passed"
}

main
