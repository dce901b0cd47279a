#!/usr/bin/env bash
#
# Builds salesperf for the PostgreSQL of PG_CONFIG and installs it there, both
# only as far as needed.

source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
use_postgres

# Objects of another server, or of another minor release of it, are not ours.
readonly stamp=$root/.built-for
built_for=$("$PG_CONFIG" --version --pkglibdir --cflags)

# Root builds as the owner of the checkout, who may want to build again.
as_builder() {
    local owner
    owner=$(stat -c %U "$root")
    if am_root && [ "$owner" != root ] && [ "$owner" != UNKNOWN ]; then
        runuser -u "$owner" -- "$@"
    else
        "$@"
    fi
}

build() {
    local make=(env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL
        make -C "$root" --no-print-directory PG_CONFIG="$PG_CONFIG")
    if [ "$(cat "$stamp" 2>/dev/null)" != "$built_for" ]; then
        as_builder "${make[@]}" clean >/dev/null
        printf '%s\n' "$built_for" | as_builder tee "$stamp" >/dev/null
    fi
    as_builder "${make[@]}" --silent -j "$(nproc)" all
}

installed() {
    local file
    cmp -s "$root/salesperf.so" "$pg_pkglibdir/salesperf.so" || return 1
    for file in "$root"/salesperf.control "$root"/salesperf--*.sql "$root"/src/upgrade/salesperf--*.sql; do
        [ ! -e "$file" ] || cmp -s "$file" "$pg_extdir/$(basename "$file")" || return 1
    done
}

install() {
    if [ -w "$pg_pkglibdir" ] && [ -w "$pg_extdir" ]; then
        project_make install
    else
        as_root env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL \
            make -C "$root" --no-print-directory PG_CONFIG="$PG_CONFIG" install
    fi
}

build
[ "${1:-}" != --no-install ] || exit 0
installed || install >/dev/null
