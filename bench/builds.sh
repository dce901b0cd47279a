# How long it takes to make totals of all sales.  Sourced by run.sh.
# shellcheck shell=bash disable=SC2154

table_builds() {
    local rep
    need_databases
    for ((rep = 1; rep <= reps; rep++)); do
        say "builds: repetition $rep of $reps" >&2
        printf 'build\tsalesperf\t%s\t%s\n' "$rep" "$(timed salesperf 'CALL salesperf.refresh_measures()' \
            'UPDATE salesperf.source SET name = name' | tr ' ' '\t')" >>"$dir/builds.out"
        printf 'build\tscan\t%s\t%s\n' "$rep" "$(timed plain 'SELECT sum(net) FROM sale_order_line JOIN sale_order ON id = order_id' |
            tr ' ' '\t')" >>"$dir/builds.out"
    done
    printf 'build\tview\t1\t%s\n' "$(timed plain 'REFRESH MATERIALIZED VIEW kept_actual' | tr ' ' '\t')" >>"$dir/builds.out"
    printf '\n## Totals of %s targets over %s lines\n\n| statement | s | WAL, MB | ratio to the join |\n|---|--:|--:|--:|\n' \
        "$(sql plain -c 'SELECT count(*) FROM target')" "$(sql plain -c 'SELECT count(*) FROM sale_order_line')"
    build_row 'sum(net) of the joined tables' scan
    build_row 'REFRESH MATERIALIZED VIEW' view
    build_row 'CALL refresh_measures()' salesperf
}

build_row() {
    printf '| %s | %.2f | %.2f | %.2f |\n' "$1" "$(median "$dir/builds.out" 4 build "$2" | awk '{ print $1 / 1000 }')" \
        "$(median "$dir/builds.out" 5 build "$2" | awk '{ print $1 / 1e6 }')" \
        "$(awk -v a="$(median "$dir/builds.out" 4 build "$2")" -v b="$(median "$dir/builds.out" 4 build scan)" 'BEGIN { print a / b }')"
}
