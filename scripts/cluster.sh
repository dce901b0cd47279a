#!/usr/bin/env bash
#
# A private PostgreSQL server: in one directory, reached by a Unix socket in
# it, with no TCP port.  Used by test, demo and bench; nobody else's server is
# touched.
#
#   scripts/cluster.sh dir                         make a directory for one
#   scripts/cluster.sh init DIR [name=value]...    settings go to its postgresql.conf
#   scripts/cluster.sh start DIR
#   scripts/cluster.sh stop DIR
#   scripts/cluster.sh run DIR COMMAND...          with PGHOST, PGUSER, PATH set
#
# Sourced, it offers the same as functions cluster_dir, cluster_init, ...
#
# A server refuses to run as root: then it, and what speaks to it, runs as
# user postgres.

source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# Runs a command as the user that servers run as.
as_server() {
    if am_root; then
        (cd / && runuser -u postgres -- env HOME=/ "$@")
    else
        "$@"
    fi
}

# A new directory of that user.  A socket's path may have 107 bytes, hence the
# short name, and /tmp when TMPDIR is long or closed to that user.
cluster_dir() {
    local base=${TMPDIR:-/tmp} dir
    [ ${#base} -le 40 ] && as_server test -w "$base" -a -x "$base" || base=/tmp
    if am_root; then
        id postgres >/dev/null 2>&1 || die "no user postgres to run a server as"
    fi
    dir=$(as_server mktemp -d "$base/spm.XXXXXX")
    printf '%s\n' "$dir"
}

# Trust is enough: the directory, and so the socket, is open to its owner only.
cluster_init() {
    local dir=$1 setting
    shift
    as_server mkdir "$dir/socket"
    as_server "$pg_bindir/initdb" --pgdata="$dir/data" --username=postgres --auth=trust \
        --encoding=UTF8 --locale=C.UTF-8 --no-sync --no-instructions >"$dir/initdb.log" ||
        die "initdb failed: $(cat "$dir/initdb.log")"
    {
        echo "listen_addresses = ''"
        echo "port = 5432"
        echo "unix_socket_directories = '$dir/socket'"
        echo "unix_socket_permissions = 0700"
        echo "timezone = 'UTC'"
        echo "log_timezone = 'UTC'"
        echo "max_prepared_transactions = 20"
        for setting; do
            printf "%s = '%s'\n" "${setting%%=*}" "${setting#*=}"
        done
    } | as_server tee -a "$dir/data/postgresql.conf" >/dev/null
}

cluster_start() {
    as_server "$pg_bindir/pg_ctl" --silent --wait --pgdata="$1/data" --log="$1/log" start ||
        die "the server did not start: $(tail -20 "$1/log")"
}

cluster_stop() {
    [ -f "$1/data/postmaster.pid" ] || return 0
    as_server "$pg_bindir/pg_ctl" --silent --wait --pgdata="$1/data" --mode=fast stop ||
        as_server "$pg_bindir/pg_ctl" --silent --wait --pgdata="$1/data" --mode=immediate stop
}

# Runs a command as the server's user, with an environment that leads to this
# server and nowhere else.
cluster_run() {
    local dir=$1
    shift
    as_server env -u PGDATABASE -u PGSERVICE -u PGOPTIONS -u PGPASSWORD -u PGHOSTADDR -u PGCLIENTENCODING \
        PGHOST="$dir/socket" PGPORT=5432 PGUSER=postgres \
        PATH="$pg_bindir:/usr/local/bin:/usr/bin:/bin" LC_ALL=C.UTF-8 PSQLRC=/dev/null "$@"
}

# Stops every server below a directory, also those that tests made there and
# lost, and removes it.
cluster_remove() {
    local pid
    [ -d "$1" ] || return 0
    find "$1" -name postmaster.pid 2>/dev/null | while read -r pid; do
        as_server "$pg_bindir/pg_ctl" --silent --wait --mode=immediate \
            --pgdata="$(dirname "$pid")" stop || true
    done
    rm -rf "$1"
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
    use_postgres
    case ${1:-} in
        dir | init | start | stop | run) "cluster_$1" "${@:2}" ;;
        *) die "usage: cluster.sh dir | init DIR [name=value]... | start DIR | stop DIR | run DIR COMMAND..." ;;
    esac
fi
