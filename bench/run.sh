#!/usr/bin/env bash
#
# Measures salesperf against what one would write instead, in one interleaved
# run in a private server, and prints a Markdown table of medians.
#
#   bench/run.sh          (make bench)
#
#   ROWS   amounts to evaluate (default 4000000)
#   REPS   repetitions of each statement, interleaved (default 3)

# shellcheck source=../scripts/cluster.sh
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/cluster.sh"

rows=${ROWS:-4000000}
reps=${REPS:-3}
dir=

clean_up() {
    trap - EXIT
    [ -z "$dir" ] || cluster_remove "$dir"
}

start() {
    dir=$(cluster_dir)
    cp "$root"/bench/tiers.* "$dir/"
    chmod a+r "$dir"/tiers.*
    cluster_init "$dir" fsync=off shared_buffers=1GB work_mem=64MB jit=off max_parallel_workers_per_gather=0
    cluster_start "$dir"
    cluster_run "$dir" createdb bench
    cluster_run "$dir" psql -X -q -d bench -v rows="$rows" -f "$dir/tiers.sql"
}

# Runs a statement in a session of its own.  Prints its milliseconds and the
# private memory of the server process at its highest, in MB.
measure() {
    cluster_run "$dir" psql -X -q -A -t -d bench -v ON_ERROR_STOP=1 <<SQL
SELECT clock_timestamp() AS started \gset
$1 \g /dev/null
SELECT round(extract(epoch FROM clock_timestamp() - :'started') * 1000) || ' ' ||
       ((regexp_match(status, 'VmHWM:\s+(\d+)'))[1]::int - (regexp_match(status, 'RssShmem:\s+(\d+)'))[1]::int
        - (regexp_match(status, 'RssFile:\s+(\d+)'))[1]::int) / 1024
FROM pg_read_file('/proc/self/status') status;
SQL
}

median() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

# All statements, one after the other, again and again.
measure_tiers() {
    local rep name schedules query
    for rep in $(seq 1 "$reps"); do
        say "tiers: repetition $rep of $reps" >&2
        while IFS=$'\t' read -r name schedules query; do
            printf '%s\t%s\t%s\n' "$name" "$schedules" "$(measure "$query" </dev/null)" >>"$dir/tiers.out"
        done <"$dir/tiers.tsv"
    done
}

# The baseline is sum(net) over the plain table, for every row.
report_tiers() {
    local name schedules ms mb base
    base=$(awk -F'\t' '$1 == "sum(net)" { print $3 }' "$dir/tiers.out" | median)
    printf '\n%s tier evaluations, median of %s interleaved runs, PostgreSQL %s, %s\n\n' \
        "$rows" "$reps" "$("$pg_bindir/postgres" --version | awk '{ print $3 }')" "$(date -u +%F)"
    printf '| statement | schedules | ms | ratio to sum(net) | memory, MB |\n|---|--:|--:|--:|--:|\n'
    while IFS=$'\t' read -r name schedules _; do
        ms=$(awk -F'\t' -v n="$name" -v s="$schedules" '$1 == n && $2 == s { print $3 }' "$dir/tiers.out" | median)
        mb=$(awk -F'\t' -v n="$name" -v s="$schedules" '$1 == n && $2 == s { split($3, f, " "); print f[2] }' "$dir/tiers.out" | median)
        printf '| %s | %s | %s | %s | %s |\n' "$name" "$schedules" "$ms" \
            "$(awk -v a="$ms" -v b="$base" 'BEGIN { printf "%.2f", a / b }')" "$mb"
    done <"$dir/tiers.tsv"
}

main() {
    "$root/scripts/packages.sh" build
    use_postgres
    "$root/scripts/build.sh"
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    start
    measure_tiers
    report_tiers
    "$root/bench/forecasts.sh"
}

main "$@"
