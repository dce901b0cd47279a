#!/usr/bin/env bash
#
# Measures salesperf against what one would use instead, in one private
# server, and prints Markdown tables.  make bench is this without arguments.
#
#   bench/run.sh [writes] [conflicts] [bulk] [reads] [builds] [measures] [tiers]
#                [forecasts] [commissions]
#
#   SCALE         1 (default) is 1,000,000 orders and 4,000,000 lines, 100,000 measures
#   REPS          repetitions of all, interleaved (default 3; 2 below SCALE=0.5)
#   DURATION      seconds of each cell of writes (default 3; 1 below SCALE=0.5)
#   ALTERNATIVES  default: plain upsert delta salesperf; plain is what ratios are to

# shellcheck source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
for part in databases writes bulk reads builds measures tiers; do
    # shellcheck disable=SC1090
    source "$root/bench/$part.sh"
done

# What one must know of the machine to read the tables.
print_conditions() {
    local where="on disk, flushes are the disk's"
    [ -z "$in_memory" ] || where='in memory, a flush is a sleep'
    printf '%s, %s cores of %s, %s GB, PostgreSQL %s, salesperf %s\n\n' "$(date -u '+%F %H:%M UTC')" "$(nproc)" \
        "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)" "$(awk '/MemTotal/ { printf "%.0f", $2 / 1048576 }' /proc/meminfo)" \
        "$("$pg_bindir/postgres" --version | awk '{ print $3 }')" "$(git -C "$root" rev-parse --short HEAD 2>/dev/null || echo '')"
    printf 'SCALE=%s REPS=%s DURATION=%s; load before: %s; data and WAL %s\n' "$scale" "$reps" "$cell_seconds" \
        "$(cut -d' ' -f1-3 /proc/loadavg)" "$where"
}

# In servers of their own.
table_forecasts() { "$root/bench/forecasts.sh"; }
table_commissions() { "$root/bench/commissions.sh"; }

main() {
    local table
    [ $# -gt 0 ] || set -- writes conflicts bulk reads builds measures tiers forecasts commissions
    for table; do
        declare -F "table_$table" >/dev/null || die "no table named $table; see the head of this file"
    done
    "$root/scripts/packages.sh" build
    use_postgres
    "$root/scripts/build.sh"
    start_server
    print_conditions
    for table; do
        "table_$table"
    done
    printf '\n%s s in all\n' "$SECONDS"
}

main "$@"
