# Tiers against what one would write instead, each statement in a session of
# its own.  Sourced by run.sh.
# shellcheck shell=bash disable=SC2154

# Runs a statement.  Prints its milliseconds and the private memory of the
# server process at its highest, in MB.
tier_statement() {
    sql tiers <<SQL
SELECT clock_timestamp() AS started \gset
$1 \g /dev/null
SELECT round(extract(epoch FROM clock_timestamp() - :'started') * 1000) || E'\t' ||
       ((regexp_match(status, 'VmHWM:\s+(\d+)'))[1]::int - (regexp_match(status, 'RssShmem:\s+(\d+)'))[1]::int
        - (regexp_match(status, 'RssFile:\s+(\d+)'))[1]::int) / 1024
FROM pg_read_file('/proc/self/status') status;
SQL
}

# All statements, one after the other, again and again; once those that take
# longer than 4 seconds.
measure_tiers() {
    local rep name schedules query key
    for ((rep = 1; rep <= reps; rep++)); do
        say "tiers: repetition $rep of $reps" >&2
        while IFS=$'\t' read -r name schedules query; do
            key="$name, $schedules"
            [ "$(median "$dir/tiers.out" 4 tiers "$key" | cut -d. -f1)" -gt 4000 ] 2>/dev/null ||
                printf 'tiers\t%s\t%s\t%s\n' "$key" "$rep" "$(tier_statement "$query" </dev/null)" >>"$dir/tiers.out"
        done <"$root/bench/tiers.tsv"
    done
}

table_tiers() {
    local name schedules key
    sql postgres -c 'CREATE DATABASE tiers' -c 'ALTER DATABASE tiers SET max_parallel_workers_per_gather = 0'
    sql tiers -v rows="$(scaled 4000000)" -f "$dir/bench/tiers.sql"
    touch "$dir/tiers.out"
    measure_tiers
    printf '\n## Tiers over %s amounts\n\n' "$(scaled 4000000)"
    printf '| statement | schedules | ms | ratio to sum(net) | memory, MB |\n|---|--:|--:|--:|--:|\n'
    while IFS=$'\t' read -r name schedules _; do
        key="$name, $schedules"
        printf '| %s | %s | %.0f | %s | %s |\n' "$name" "$schedules" "$(median "$dir/tiers.out" 4 tiers "$key")" \
            "$(BASE='sum(net), 1' ratio "$dir/tiers.out" 4 tiers "$key")" "$(median "$dir/tiers.out" 5 tiers "$key")"
    done <"$root/bench/tiers.tsv"
}
