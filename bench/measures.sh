# What many measures cost a writer that only few of them concern: 1,000 and
# 100,000 of them over the same orders.  Sourced by run.sh.
# shellcheck shell=bash disable=SC2154

# The first targets of the shop, which match, and others that never do.
need_measures() {
    local name=$1 count=$2
    say "entering and building $count measures" >&2
    sql postgres -c "CREATE DATABASE $name TEMPLATE few STRATEGY file_copy"
    sql "$name" -v count="$count" <<'SQL'
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers)
SELECT 'other ' || n, 'net', '2026-01-01', '2026-12-31', 1, ARRAY['other-' || n]
FROM generate_series(1, :count - (SELECT count(*) FROM salesperf.target)) n;
VACUUM ANALYZE;
SQL
    timed "$name" 'CALL salesperf.refresh_measures()' >"$dir/$name.out"
}

# A shop of 20,000 orders, with every target that they count in and no family.
need_few() {
    sql postgres -c 'CREATE DATABASE few'
    sql few -v scale=0.02 -f "$dir/bench/sales.sql" -f "$dir/bench/salesperf.sql"
    sql few -c "DELETE FROM salesperf.target WHERE families IS NOT NULL OR ends_on < '2026-01-01'" \
        -c "UPDATE sale_order SET sold_on = sold_on + 365 WHERE sold_on < '2026-01-01'"
}

# Usage: private_memory DATABASE WHAT: kB of a session that did something, the
# shared part left out.
private_memory() {
    sql "$1" <<SQL
$2 \g /dev/null
SELECT (regexp_match(pg_read_file('/proc/self/status'), 'RssAnon:\s+(\d+)'))[1];
SQL
}

readonly write_once="INSERT INTO sale_order_line (order_id, line_no, product, quantity, gross, net, cost)
    SELECT n, nextval('line_number'), 1 + n, 1, 11, 10, 7 FROM generate_series(1, 200) n"

memory_row() {
    local before after
    before=$(private_memory "$1" 'SELECT count(*) FROM sale_order_line')
    after=$(private_memory "$1" "$3")
    printf '| %s | %s | %.1f |\n' "$2" "$4" "$(awk -v a="$after" -v b="$before" 'BEGIN { print (a - b) / 1024 }')"
}

table_measures() {
    local many rep name
    many=$(scaled 100000)
    need_few
    need_measures salesperf_1000 1000
    need_measures salesperf_many "$many"
    for ((rep = 1; rep <= reps; rep++)); do
        for name in $([ $((rep % 2)) -eq 1 ] && echo salesperf_1000 salesperf_many || echo salesperf_many salesperf_1000); do
            say "one line, $name, repetition $rep of $reps" >&2
            cell 'one line' "$name" "$rep" one_line.pgb 1
        done
    done
    printf '\n## Many measures\n\n| measures | one-line INSERTs/s | ratio of time | CPU, ms | built in, ms |\n|---|--:|--:|--:|--:|\n'
    for name in salesperf_1000 salesperf_many; do
        printf '| %s | %.0f | %s | %.3f | %.0f |\n' "$(sql "$name" -c 'SELECT count(*) FROM salesperf.target')" \
            "$(median "$dir/cells.out" 4 'one line' "$name")" \
            "$(BASE=$name ratio "$dir/cells.out" 4 'one line' salesperf_1000)" \
            "$(median "$dir/cells.out" 5 'one line' "$name")" "$(cut -d' ' -f1 "$dir/$name.out")"
    done
    printf '\n| measures | private memory of a session that | MB |\n|---|---|--:|\n'
    for name in ${ready:+salesperf} salesperf_1000 salesperf_many; do
        many=$(sql "$name" -c 'SELECT count(*) FROM salesperf.target')
        memory_row "$name" "$many" "$write_once" 'wrote 200 lines'
        memory_row "$name" "$many" 'SELECT sum(actual) FROM salesperf.target_performance' 'read the report'
    done
}
