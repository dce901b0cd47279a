# The report of all targets by alternative.  Sourced by run.sh.
# shellcheck shell=bash disable=SC2154

# Usage: report_times DATABASE VIEW: milliseconds of the first reading in a
# session, and the median of five more.
report_times() {
    local i
    for ((i = 0; i < 6; i++)); do
        printf '%s\n' 'SELECT clock_timestamp() AS started \gset' "SELECT * FROM $2 \\g /dev/null" \
            "SELECT extract(epoch FROM clock_timestamp() - :'started') * 1000;"
    done | sql "$1" >"$dir/times.out"
    printf '%s\t%s\n' "$(head -1 "$dir/times.out")" "$(tail -5 "$dir/times.out" | sort -g | sed -n 3p)"
}

# Usage: read_report PENDING ALTERNATIVE REPETITION DATABASE VIEW
read_report() {
    printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$(report_times "$4" "$5")" >>"$dir/reads.out"
}

read_reports() {
    local rep name
    for ((rep = 1; rep <= reps; rep++)); do
        say "reports, $1: repetition $rep of $reps" >&2
        read_report "$1" 'materialized view' "$rep" plain kept_report
        for name in $(in_turn "$rep"); do
            case $name in
                upsert | delta) read_report "$1" "$name" "$rep" "$name" report ;;
                salesperf) read_report "$1" "$name" "$rep" "$name" salesperf.target_performance ;;
            esac
        done
    done
}

# 100,000 deltas, five for each of 20,000 orders, and nobody who folds them.
leave_pending() {
    local orders
    orders=$(scaled 20000)
    say "entering $orders orders without folding" >&2
    for name in "${alternatives[@]}"; do
        case $name in
            delta) sql delta -c "INSERT INTO target_delta SELECT 1 + n % 1762, 1 FROM generate_series(1, 5 * $orders) n" ;;
            salesperf)
                cluster_run "$dir" env PGOPTIONS='-c synchronous_commit=off' pgbench -n -M prepared -f "$dir/bench/order.pgb" \
                    -c 4 -j 2 -t "$((orders / 4))" salesperf >/dev/null 2>&1
                sql salesperf -c 'SELECT sum(pending) FROM salesperf.measure_state' >"$dir/pending.out"
                ;;
        esac
    done
}

read_rows() {
    local name
    for name in 'materialized view' upsert delta salesperf; do
        grep -q "^$1	$name	" "$dir/reads.out" || continue
        printf '| %s | %s | %.1f | %.1f | %s |\n' "$name" "$1" "$(median "$dir/reads.out" 4 "$1" "$name")" \
            "$(median "$dir/reads.out" 5 "$1" "$name")" "$(BASE='materialized view' ratio "$dir/reads.out" 5 "$1" "$name")"
    done
}

table_reads() {
    local plain pending
    need_databases
    for name in "${alternatives[@]}"; do
        fold "$name"
    done
    read_reports 'nothing pending'
    leave_pending
    pending="$(cat "$dir/pending.out" 2>/dev/null || scaled 100000) deltas pending"
    read_reports "$pending"
    say "report of the plain view" >&2
    plain=$(timed plain 'SELECT * FROM report')
    printf '\n## Report of %s targets\n\n| alternative | | first in a session, ms | then, ms | ratio |\n|---|---|--:|--:|--:|\n' \
        "$(sql plain -c 'SELECT count(*) FROM target')"
    printf '| plain view | | %.0f | | |\n' "${plain% *}"
    read_rows 'nothing pending'
    read_rows "$pending"
    for name in "${alternatives[@]}"; do
        fold "$name"
    done
}
