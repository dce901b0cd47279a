# The databases that tables are measured in: one for each alternative, copies
# of the first.  Sourced by run.sh.
# shellcheck shell=bash disable=SC2154

ready=

copy_of_plain() {
    sql postgres -c "CREATE DATABASE $1 TEMPLATE plain STRATEGY file_copy"
}

# Once, however many tables ask.
need_databases() {
    local name
    [ -z "$ready" ] || return 0
    ready=yes
    say "entering $(scaled 1000000) orders with $(scaled 4000000) lines" >&2
    sql postgres -c 'CREATE DATABASE plain'
    sql plain -v scale="$scale" -f "$dir/bench/sales.sql"
    say "materialized view" >&2
    timed plain 'CREATE MATERIALIZED VIEW kept_actual AS SELECT * FROM actual' >"$dir/create_view.out"
    sql plain <<'SQL'
CREATE UNIQUE INDEX ON kept_actual (target_id);
ANALYZE kept_actual;
SELECT 'CREATE VIEW kept_report AS ' || report_on('kept_actual') \gexec
SQL
    for name in "${alternatives[@]}"; do
        case $name in
            plain) continue ;;
            upsert | delta)
                copy_of_plain "$name"
                sql "$name" -v peer="$name" -f "$dir/bench/peers.sql"
                ;;
            salesperf)
                copy_of_plain "$name"
                sql "$name" -f "$dir/bench/salesperf.sql"
                say "building measures" >&2
                timed salesperf 'CALL salesperf.refresh_measures()' >"$dir/first_build.out"
                ;;
            *) die "no alternative named $name" ;;
        esac
    done
    sql postgres -c 'CHECKPOINT'
}
