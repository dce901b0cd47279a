# Shared by the scripts of this project; sourced, never run.
# shellcheck shell=bash disable=SC2034
set -euo pipefail

# Who became root by plain su has none of these.
PATH=$PATH:/usr/sbin:/sbin

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s\n' "$*"; }
die() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }

am_root() { [ "$(id -u)" -eq 0 ]; }

# pg_config of the server to build for: the caller's choice, else Debian 12's
# PostgreSQL 15, else what the PATH has.  Prints nothing if there is none.
find_pg_config() {
    if [ -n "${PG_CONFIG:-}" ]; then
        command -v "$PG_CONFIG" || die "PG_CONFIG=$PG_CONFIG is not a program"
    elif [ -x /usr/lib/postgresql/15/bin/pg_config ]; then
        echo /usr/lib/postgresql/15/bin/pg_config
    else
        command -v pg_config || true
    fi
}

# Sets PG_CONFIG and what follows from it; for use once PostgreSQL is there.
use_postgres() {
    PG_CONFIG=$(find_pg_config)
    [ -n "$PG_CONFIG" ] || die "no pg_config found; run scripts/packages.sh or set PG_CONFIG"
    export PG_CONFIG
    pg_bindir=$("$PG_CONFIG" --bindir)
    pg_pkglibdir=$("$PG_CONFIG" --pkglibdir)
    pg_extdir=$("$PG_CONFIG" --sharedir)/extension
    pg_src=$("$PG_CONFIG" --pgxs)
    pg_src=${pg_src%/makefiles/pgxs.mk}
}

# Root, or somebody whom sudo lets be root.  Asks for a password only where
# somebody can type it.
can_be_root() {
    am_root && return
    command -v sudo >/dev/null || return
    if { : </dev/tty; } 2>/dev/null; then
        sudo -v
    else
        sudo -n true 2>/dev/null
    fi
}

# Runs a command as root: directly, or by sudo.
as_root() {
    if am_root; then
        "$@"
    elif can_be_root; then
        sudo "$@"
    else
        die "neither root nor able to use sudo; as root, run: $*"
    fi
}

# make of this project, untouched by the flags of a make that called us.
project_make() {
    env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL \
        make -C "$root" --no-print-directory PG_CONFIG="$PG_CONFIG" "$@"
}

# Value of a variable of the Makefile, which is the only list of what there is.
make_value() {
    # shellcheck disable=SC2016
    printf 'include Makefile\nprint-value:\n\t@echo $(%s)\n' "$1" |
        project_make -s -f - print-value
}
