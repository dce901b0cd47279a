#!/usr/bin/env bash
#
# Measures how good and how fast forecasts are: all series of M3, of Australian
# retail trade and of daily shops; then a sample of each beside R's package
# forecast, in the same run; then projections of running months of shops.
# Prints Markdown tables.
#
#   bench/forecasts.sh [DATA]
#
#   DATA     directory of the data (default ../shared/forecast/data)
#   SAMPLE   series of each set that R forecasts, too (default 40)
#   RSCRIPT  the program (default Rscript; skipped where it is missing)

# shellcheck source=../scripts/cluster.sh
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/cluster.sh"

data=${1:-$root/../shared/forecast/data}
sample=${SAMPLE:-40}
rscript=${RSCRIPT:-Rscript}
sets=(M3_monthly M3_quarterly M3_yearly M3_other ausretail_monthly favorita_daily)
dir=

clean_up() {
    trap - EXIT
    [ -z "$dir" ] || cluster_remove "$dir"
}

query() { cluster_run "$dir" psql -X -q -A -t -F' | ' -v ON_ERROR_STOP=1 -d bench "$@"; }

start() {
    local set
    dir=$(cluster_dir)
    cp "$root"/bench/forecasts.sql "$root"/bench/projections.sql "$dir/"
    for set in "${sets[@]}" favorita_transactions_daily; do
        zcat "$data/$set.csv.gz" >"$dir/$set.csv"
    done
    chmod a+r "$dir"/*.sql "$dir"/*.csv
    cluster_init "$dir" fsync=off shared_buffers=512MB work_mem=64MB jit=off max_parallel_workers_per_gather=0
    cluster_start "$dir"
    cluster_run "$dir" createdb bench
    cluster_run "$dir" psql -X -q -d bench -v ON_ERROR_STOP=1 -v dir="$dir" -v sample="$sample" -f "$dir/forecasts.sql" 2>/dev/null
}

# Milliseconds of a statement.
milliseconds() {
    query <<SQL
SELECT clock_timestamp() AS started \gset
$1 \g /dev/null
SELECT extract(epoch FROM clock_timestamp() - :'started') * 1000;
SQL
}

# One row of a table: what a method reaches on a set, or on its sample.
row() {
    local set=$1 method=$2 of=$3 ms
    ms=$(milliseconds "SELECT count(f.lower) FROM $of s, salesperf.forecast(s.train, s.horizon, s.season, '$method') f WHERE s.set = '$set'")
    query <<SQL
SELECT '| ' || '$set', count(*), '$method', round(avg(smape)::numeric, 2), round(avg(mase)::numeric, 3), round(avg(coverage)::numeric, 3),
    round(avg(msis)::numeric, 2), round($ms / count(*), 3) || ' |'
FROM accuracy('$of', '$set', '$method');
SQL
}

head_of_table() {
    printf '\n%s\n\n| data | series | method | sMAPE | MASE | coverage at 95 %% | MSIS | ms a series |\n|---|--:|---|--:|--:|--:|--:|--:|\n' "$1"
}

report_all() {
    local set method
    head_of_table "All series, PostgreSQL $("$pg_bindir/postgres" --version | awk '{ print $3 }'), $(date -u +%F)"
    for set in "${sets[@]}"; do
        for method in auto fast; do row "$set" "$method" series; done
    done
    query -c "SELECT format('| M3 | %s | auto | %s | | | | |', count(*), round(avg(smape)::numeric, 2)) FROM unnest('{M3_monthly,M3_quarterly,M3_yearly,M3_other}'::text[]) s (set), accuracy('series', s.set, 'auto')"
}

report_sample() {
    local set
    if ! command -v "$rscript" >/dev/null || ! "$rscript" <(echo 'quit(status = !requireNamespace("forecast", quietly = TRUE))') >/dev/null 2>&1; then
        say "R with package forecast is not installed (Debian: r-base-core, r-cran-forecast): no comparison with it."
        return
    fi
    query -c "\\copy (SELECT set, id, season, horizon, array_to_string(train, ' '), array_to_string(test, ' ') FROM sample) TO STDOUT CSV" >"$dir/sample.csv"
    head_of_table "A sample of $sample series each, with R's package forecast in the same run"
    for set in "${sets[@]}"; do
        row "$set" auto sample
        "$rscript" "$root/bench/forecasts.R" "$dir/sample.csv" "$set" 2>/dev/null
    done
}

report_projections() {
    printf '\nMonths of shops, mean absolute error over the mean month, in percent, at a share of the days\n\n'
    printf '| projection | months | 0 %% | 25 %% | 50 %% | 75 %% |\n|---|--:|--:|--:|--:|--:|\n'
    query -v data="$dir/favorita_transactions_daily.csv" -f "$dir/projections.sql" 2>/dev/null
}

main() {
    if [ ! -r "$data/M3_monthly.csv.gz" ]; then
        [ $# -eq 0 ] || die "no data in $data"
        say "forecasts: skipped, no data in $data; run bench/forecasts.sh with their directory"
        exit 0
    fi
    "$root/scripts/packages.sh" build
    use_postgres
    "$root/scripts/build.sh"
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    start
    report_all
    report_sample
    report_projections
}

main "$@"
