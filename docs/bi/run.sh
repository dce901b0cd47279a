#!/usr/bin/env bash
#
# SQLPad over the views of the demo: installs it in a temporary directory,
# brings in connection and queries, takes the pictures of this folder with
# Chromium, and stops and removes all that it started.
#
#   docs/bi/run.sh           makes the pictures again
#   docs/bi/run.sh serve     leaves SQLPad running until Ctrl-C, to look around
#
# SQLPAD_PORT    where SQLPad listens, on this machine only (54900)

# shellcheck source=../../scripts/cluster.sh
source "$(dirname "${BASH_SOURCE[0]}")/../../scripts/cluster.sh"

readonly here="$root/docs/bi" place="$root/demo/.server" mail=demo@example.com
readonly port=${SQLPAD_PORT:-54900}
tmp=
started_demo=

clean_up() {
    trap - EXIT
    cd /
    if [ -n "$tmp" ] && [ -s "$tmp/pid" ]; then
        kill "$(cat "$tmp/pid")" 2>/dev/null || true
        wait
    fi
    [ -z "$started_demo" ] || "$root/demo/run.sh" stop
    [ -z "$tmp" ] || rm -rf "$tmp"
}

# The demo's server, started if it does not run.
find_demo() {
    if [ ! -f "$place" ] || [ ! -S "$(cat "$place")/socket/.s.PGSQL.5432" ]; then
        say "starting the demo"
        started_demo=yes
        "$root/demo/run.sh" >"$tmp/demo.log" 2>&1 || die "the demo failed: $(cat "$tmp/demo.log")"
    fi
    server=$(cat "$place")
}

# A login as a BI tool should have: it reads figures, and the tables that they
# come from.
make_login() {
    cluster_run "$server" psql -X -q -v ON_ERROR_STOP=1 -d demo <<'SQL'
SELECT 'CREATE ROLE bi LOGIN'
WHERE to_regrole('bi') IS NULL \gexec
SET client_min_messages = warning;
GRANT salesperf_reader TO bi;
GRANT USAGE ON SCHEMA aw TO bi;
GRANT SELECT ON ALL TABLES IN SCHEMA aw TO bi;
SQL
}

# One version of each, so that the pictures stay as they are.  The driver that
# SQLPad asks for hangs with Node.js 14 and later; its successor does the same
# and does not.
install_modules() {
    say "installing SQLPad"
    cat >"$tmp/package.json" <<'JSON'
{
    "private": true,
    "dependencies": { "sqlpad": "3.1.0", "playwright-core": "1.56.1" },
    "overrides": { "pg": "8.16.3", "pg-cursor": "2.15.3" }
}
JSON
    npm install --prefix "$tmp" --ignore-scripts --no-audit --no-fund --loglevel=error >"$tmp/npm.log" 2>&1 ||
        die "npm install failed: $(cat "$tmp/npm.log")"
    cp -R "$here" "$tmp/bi"
    mkdir "$tmp/pictures"
    if am_root; then
        chown -R postgres: "$tmp"
    fi
}

# Runs node as the server's user, who may use its socket.
run_node() {
    # shellcheck disable=SC2016
    cluster_run "$server" env HOME="$tmp" TZ=UTC SQLPAD_DB_PATH="$tmp/sqlpad" SQLPAD_IP=127.0.0.1 SQLPAD_PORT="$port" \
        bash -c 'cd "$HOME" && echo $$ >"$1" && exec node "${@:2}"' bash "$@"
}

# It takes another port where that one is in use, and says which.
start_sqlpad() {
    local i
    run_node "$tmp/pid" node_modules/sqlpad/server.js >"$tmp/sqlpad.log" 2>&1 &
    for ((i = 0; i < 60; i++)); do
        url=$(sed -n 's/^Welcome to SQLPad!\. Visit \(http:[^ ]*\) .*/\1/p' "$tmp/sqlpad.log")
        [ -z "$url" ] || return 0
        sleep 0.5
    done
    die "SQLPad did not start: $(cat "$tmp/sqlpad.log")"
}

take_pictures() {
    run_node /dev/null bi/screenshots.mjs "$url" "$mail" "$(command -v chromium)" "$tmp/pictures"
    cp "$tmp"/pictures/*.png "$here/"
    ls -s --block-size=1K "$here"/*.png
}

main() {
    [ $# -eq 0 ] || [ "$*" = serve ] || die "usage: run.sh [serve]"
    "$root/scripts/packages.sh" build bi
    use_postgres
    tmp=$(mktemp -d "${TMPDIR:-/tmp}/spm.XXXXXX")
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    SQLPAD_PASSWORD=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
    export SQLPAD_PASSWORD
    find_demo
    make_login
    install_modules
    start_sqlpad
    run_node /dev/null bi/import.mjs "$url" "$mail" "$server/socket" 5432 demo bi
    if [ "${1:-}" = serve ]; then
        say "SQLPad is at $url: $mail, password $SQLPAD_PASSWORD.  Ctrl-C stops it."
        wait
    else
        take_pictures
    fi
}

main "$@"
