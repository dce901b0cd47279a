#!/usr/bin/env bash
#
# Random series through forecast() with a library that stops at undefined
# behaviour, as many as the argument says (1,000,000); test/forecast/random.sql
# says what must hold.

# shellcheck source=../../scripts/cluster.sh
source "$(dirname "${BASH_SOURCE[0]}")/../../scripts/cluster.sh"

readonly series=${1:-1000000}
tmp=
dir=

clean_up() {
    trap - EXIT
    [ -z "$dir" ] || cluster_remove "$dir"
    [ -z "$tmp" ] || rm -rf "$tmp"
}

build_instrumented() {
    tmp=$(mktemp -d)
    cp -R "$root"/{Makefile,salesperf.control,src} "$tmp/"
    find "$tmp" \( -name '*.o' -o -name '*.bc' \) -delete
    env -u MAKEFLAGS -u MAKELEVEL make -C "$tmp" --silent -j "$(nproc)" PG_CONFIG="$PG_CONFIG" with_llvm=no \
        COPT='-fno-wrapv -fsanitize=undefined -fno-sanitize-recover=undefined' salesperf.so
}

main() {
    local found
    [[ $series =~ ^[1-9][0-9]*$ ]] || die "usage: million.sh [SERIES]"
    "$root/scripts/packages.sh" build
    use_postgres
    "$root/scripts/build.sh"
    trap clean_up EXIT
    trap 'exit 130' INT
    build_instrumented
    dir=$(cluster_dir)
    as_server mkdir "$dir/lib"
    as_server tee "$dir/lib/salesperf.so" <"$tmp/salesperf.so" >/dev/null
    cluster_init "$dir" fsync=off "dynamic_library_path=$dir/lib:\$libdir"
    cluster_start "$dir"
    cluster_run "$dir" psql -X -q -v ON_ERROR_STOP=1 -d postgres -c 'CREATE EXTENSION salesperf CASCADE' 2>/dev/null
    found=$(cluster_run "$dir" psql -X -q -A -t -v ON_ERROR_STOP=1 -v series="$series" -d postgres <"$root/test/forecast/random.sql") ||
        die "a series failed: $(grep -h 'runtime error' "$dir/log" || true)"
    say "$found"
    [ "$(tail -1 <<<"$found")" = "$series|6|t|t|0|0|0" ] || die "not all forecasts are complete, finite and in order"
}

main "$@"
