#!/usr/bin/env bash
#
# Where the time of an order goes: perf, or callgrind where perf is missing or
# forbidden, over one client that enters orders.  Prints the functions that
# take most, of the server process alone.
#
#   bench/profile.sh [script]     default: order; others: order_by_line, receipt, line_total, one_line
#
#   SCALE      as in run.sh (default 0.05)
#   DURATION   seconds to look at (default 5)
#   TOP        functions to print (default 40)
#   TOOL       perf or callgrind

SCALE=${SCALE:-0.05} DURATION=${DURATION:-5} ALTERNATIVES=${ALTERNATIVES:-plain salesperf}
# shellcheck source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=databases.sh
source "$root/bench/databases.sh"

readonly script=${1:-order} top=${TOP:-40}

perf_works() {
    command -v perf >/dev/null && perf record -q -o /dev/null -- true >/dev/null 2>&1
}

# The session that writes, once it has read what it keeps.
writing_session() {
    local pid=
    while [ -z "$pid" ]; do
        sleep 1
        pid=$(sql salesperf -c "SELECT pid FROM pg_stat_activity WHERE application_name = 'pgbench' LIMIT 1")
    done
    echo "$pid"
}

profile_by_perf() {
    cluster_run "$dir" pgbench -n -M prepared -f "$dir/bench/$script.pgb" -T "$((DURATION + 3))" salesperf >"$dir/pgbench.out" 2>&1 &
    perf record -q -F 2000 -o "$dir/perf.data" -p "$(writing_session)" -- sleep "$DURATION" 2>/dev/null
    wait "$!" || true
    grep -E '^(latency average|tps)' "$dir/pgbench.out"
    perf report -i "$dir/perf.data" --stdio --sort dso,symbol 2>/dev/null | grep -v '^#' | sed '/^$/d; s/ *- *- *$//' | head -"$top"
    printf '\nby library:\n'
    perf report -i "$dir/perf.data" --stdio --sort dso 2>/dev/null | grep -v '^#' | grep . | head -5
}

# Counts instructions, so it is the same on a busy machine.  The whole server
# runs in valgrind; only the process that served pgbench is reported, what it reads first
# included.
profile_by_callgrind() {
    local pid
    cluster_stop "$dir"
    as_server valgrind --tool=callgrind --trace-children=yes --callgrind-out-file="$dir/callgrind.%p" -q \
        "$pg_bindir/postgres" -D "$dir/data" >"$dir/valgrind.log" 2>&1 &
    until sql postgres -c 'SELECT 1' >/dev/null 2>&1; do sleep 1; done
    cluster_run "$dir" pgbench -n -M prepared -f "$dir/bench/$script.pgb" -t 1000 salesperf >"$dir/pgbench.out" 2>&1 &
    pid=$(writing_session)
    wait "$!" || true
    cluster_stop "$dir"
    callgrind_annotate "$dir/callgrind.$pid" 2>/dev/null | grep -E '^ *[0-9,]+ \(' | head -"$top"
}

main() {
    local tool=${TOOL:-}
    "$root/scripts/packages.sh" build
    use_postgres
    "$root/scripts/build.sh"
    if [ -z "$tool" ]; then
        if perf_works; then
            tool=perf
        else
            say "perf is missing or not allowed here: callgrind instead" >&2
            tool=callgrind
        fi
    fi
    [ "$tool" = perf ] || command -v valgrind >/dev/null || die "neither perf nor valgrind is there"
    start_server
    need_databases
    printf '%s, %s, scale %s, salesperf %s\n\n' "$script.pgb" "$tool" "$scale" "$(git -C "$root" rev-parse --short HEAD 2>/dev/null || true)"
    "profile_by_$tool"
}

main
