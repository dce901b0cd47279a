#!/usr/bin/env bash
#
# The main job on real data, from an empty machine to the figures: installs
# what is missing, builds, starts a private server, loads a company's orders
# and shows what a sales manager wants to see.
#
#   demo/run.sh           (make demo) the server is left running
#   demo/run.sh stop      stops it and removes its directory

# shellcheck source=../scripts/cluster.sh
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/cluster.sh"

# Remembers where the server is, for the next call.
readonly place="$root/demo/.server"

stop_server() {
    [ -f "$place" ] || return 0
    cluster_remove "$(cat "$place")"
    rm -f "$place"
}

# The server's user may be unable to read the checkout.
copy_scripts() {
    cp -R "$root/demo" "$1/demo"
    if am_root; then
        chown -R postgres: "$1/demo"
    fi
}

show() {
    local dir=$1
    cluster_run "$dir" createdb demo
    cluster_run "$dir" psql -X -q -v ON_ERROR_STOP=1 -v data="$dir/demo/data" -d demo \
        -f "$dir/demo/load.sql" -f "$dir/demo/enter.sql"
    cluster_run "$dir" psql -X -q -v ON_ERROR_STOP=1 -d demo -f "$dir/demo/show.sql" -f "$dir/demo/commissions.sql"
}

say_how_to_go_on() {
    cat <<END

The server is running, with database "demo".  Connect:

    $pg_bindir/psql -h $1/socket -U postgres demo

and try, for example:

    TABLE salesperf.target_performance;
    SELECT * FROM salesperf.agreement_sales(1);
    SELECT * FROM salesperf.commission_explain('contract', 'K-1032');
    UPDATE aw.salesorderheader SET status = 6 WHERE salesorderid = 900001;

Stop it and remove its directory:

    demo/run.sh stop
END
}

main() {
    local dir
    [ "${1:-}" != stop ] || { use_postgres; stop_server; return; }
    [ $# -eq 0 ] || die "usage: run.sh [stop]"
    "$root/scripts/packages.sh" build
    use_postgres
    "$root/scripts/build.sh"
    stop_server
    dir=$(cluster_dir)
    printf '%s\n' "$dir" >"$place"
    trap 'stop_server; exit 1' ERR INT TERM HUP
    copy_scripts "$dir"
    cluster_init "$dir"
    cluster_start "$dir"
    show "$dir"
    trap - ERR INT TERM HUP
    say_how_to_go_on "$dir"
}

main "$@"
