#!/usr/bin/env bash
#
# Runs the tests: installs what is missing, builds, starts a private server,
# runs each kind, and adds up.  The last line is "N passed, N failed".
#
#   test/run.sh [regress] [isolation] [tap] [pgtap]      default: all four
#
# PG_CONFIG           which PostgreSQL
# SPM_RESULTS         leave what regress and isolation printed in this directory
# SPM_LIBRARY_PATH    take the shared library from this directory instead of
#                     the installed one (for instrumented builds)

# shellcheck source=../scripts/cluster.sh
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/cluster.sh"

tmp=
total_passed=0
total_failed=0
kinds_failed=()

clean_up() {
    trap - EXIT
    cd /
    [ -z "$tmp" ] || cluster_remove "$tmp"
}

# pg_regress stops for good where an expected output is missing.  An empty one
# makes that test fail, and shows what it printed.
expect_something() {
    local tests=$1 kind=$2 expected=$3 file name
    mkdir -p "$expected"
    for file in "$tests"/*."$kind"; do
        name=$(basename "$file" ".$kind")
        compgen -G "$expected/$name.out" >/dev/null || compgen -G "$expected/${name}_?.out" >/dev/null ||
            : >"$expected/$name.out"
    done
}

# The server's user may be unable to read the checkout, and tests write beside
# their sources: they get a copy.
copy_tests() {
    local part
    for part in sql expected test demo; do
        [ ! -d "$root/$part" ] || cp -R "$root/$part" "$tmp/tree/"
    done
    expect_something "$tmp/tree/sql" sql "$tmp/tree/expected"
    expect_something "$tmp/tree/test/isolation/specs" spec "$tmp/tree/test/isolation/expected"
    if am_root; then
        chown -R postgres: "$tmp/tree"
    fi
}

prepare() {
    local settings=(fsync=off)
    [ -z "${SPM_LIBRARY_PATH:-}" ] ||
        settings+=("dynamic_library_path=$SPM_LIBRARY_PATH:\$libdir")
    tmp=$(cluster_dir)
    as_server mkdir "$tmp/tree" "$tmp/regress" "$tmp/isolation" "$tmp/tap"
    copy_tests
    cluster_init "$tmp" "${settings[@]}"
    cluster_start "$tmp"
    [ -z "${SPM_LIBRARY_PATH:-}" ] || check_library
}

# Tests of another library than the one meant would prove nothing.
check_library() {
    local maps
    maps=$(cluster_run "$tmp" psql -X -q -A -t -d postgres \
        -c "LOAD 'salesperf'" -c "SELECT pg_read_file('/proc/self/maps')")
    [[ $maps == *" $SPM_LIBRARY_PATH/salesperf.so"* ]] || die "the server did not load $SPM_LIBRARY_PATH/salesperf.so"
}

# Runs a kind's program in its directory, keeping what it prints.
logged() {
    local kind=$1
    shift
    # shellcheck disable=SC2016
    cluster_run "$tmp" bash -c 'cd "$1" && shift && exec "$@"' bash "$tmp/$kind" "$@" \
        >"$tmp/$kind.log" 2>&1
}

# Counts the result lines of pg_regress: "test x ... ok" up to PostgreSQL 15,
# TAP from 16 on.
count_regress() {
    passed=$(grep -cE '^((test|    ) .* \.\.\. ok|ok [0-9]+ )' "$1" || true)
    failed=$(grep -cE '^((test|    ) .* \.\.\. FAILED|not ok [0-9]+ )' "$1" || true)
}

# Counts top-level assertions.  One that was skipped, or is expected to fail,
# proves nothing: not passed.
count_tap() {
    passed=$(grep -E '^ok [0-9]+' "$1" | grep -cviE '# (skip|todo)' || true)
    failed=$(grep -cE '^not ok [0-9]+' "$1" || true)
    failed=$((failed + $(grep -E '^ok [0-9]+' "$1" | grep -ciE '# (skip|todo)' || true)))
    failed=$((failed + $(grep -ciE '^1\.\.0 # skip' "$1" || true)))
}

run_regress() {
    local status=0
    # shellcheck disable=SC2046  # a list of words
    logged regress "$pg_src/test/regress/pg_regress" --inputdir="$tmp/tree" --bindir="$pg_bindir" \
        --dbname=contrib_regression $(make_value REGRESS) || status=$?
    count_regress "$tmp/regress.log"
    report regress "$status" "$tmp/regress/regression.diffs"
}

run_isolation() {
    local status=0
    # shellcheck disable=SC2046
    logged isolation "$pg_src/test/isolation/pg_isolation_regress" --inputdir="$tmp/tree/test/isolation" \
        --bindir="$pg_bindir" --dbname=isolation_regression \
        --load-extension=btree_gist --load-extension=salesperf $(make_value ISOLATION) || status=$?
    count_regress "$tmp/isolation.log"
    # Its diffs are where it ran, or in a directory of its own.
    report isolation "$status" "$tmp"/isolation/{,output_iso/}regression.diffs
}

run_tap() {
    local status=0
    logged tap env TESTDIR="$tmp/tap" TESTDATADIR="$tmp/tap/tmp_check" TESTLOGDIR="$tmp/tap/tmp_check/log" \
        TMPDIR="$tmp" PG_TEST_PORT_DIR="$tmp/tap" PG_REGRESS="$pg_src/test/regress/pg_regress" \
        SPM_TREE="$tmp/tree" \
        prove --verbose -I "$pg_src/test/perl" -I "$tmp/tree/test/t" "$tmp/tree"/test/t/*.pl || status=$?
    count_tap "$tmp/tap.log"
    report tap "$status" "$tmp/tap.log"
}

run_pgtap() {
    local status=0
    cluster_run "$tmp" psql -X -q -v ON_ERROR_STOP=1 -d postgres <<'SQL' || die "could not prepare the pgTAP database $(crashes)"
CREATE DATABASE pgtap;
\connect pgtap
SET client_min_messages = warning;
CREATE EXTENSION pgtap;
CREATE EXTENSION salesperf CASCADE;
SELECT salesperf.setup() \g /dev/null
SQL
    logged . pg_prove --verbose --psql-bin "$pg_bindir/psql" --dbname pgtap --ext .sql \
        --recurse "$tmp/tree/test/pgtap" || status=$?
    mv "$tmp/..log" "$tmp/pgtap.log"
    count_tap "$tmp/pgtap.log"
    report pgtap "$status" "$tmp/pgtap.log"
}

# A server process that died is a failure, whatever the tests made of it.
crashes() {
    find "$tmp" -name '*log' -type f -exec \
        grep -hE 'terminated by signal|TRAP: |runtime error: |PANIC: ' {} + 2>/dev/null | sort -u || true
}

# Usage: report kind status [file worth showing on failure]...
report() {
    local kind=$1 status=$2 file crashed
    shift 2
    crashed=$(crashes)
    if [ "$((passed + failed))" -eq 0 ]; then
        say "$kind: no test was run"
        failed=1
    elif { [ "$status" -ne 0 ] || [ -n "$crashed" ]; } && [ "$failed" -eq 0 ]; then
        say "$kind: ended with status $status${crashed:+ and a crash} although no single test failed"
        failed=1
    fi
    if [ "$failed" -gt 0 ]; then
        sed "s/^/$kind| /" "$tmp/$kind.log"
        for file; do
            [ "$file" = "$tmp/$kind.log" ] || [ ! -f "$file" ] || cat "$file"
        done
        [ -z "$crashed" ] || printf 'in the server log:\n%s\n' "$crashed"
        kinds_failed+=("$kind")
    fi
    printf '%-10s %5d passed %5d failed\n' "$kind" "$passed" "$failed"
    total_passed=$((total_passed + passed))
    total_failed=$((total_failed + failed))
}

keep_results() {
    local kind
    mkdir -p "$SPM_RESULTS"
    for kind in regress isolation; do
        find "$tmp/$kind" -path '*/results/*.out' -exec cp {} "$SPM_RESULTS/" \;
    done
}

main() {
    local kind
    [ $# -gt 0 ] || set -- regress isolation tap pgtap
    for kind; do
        [[ $kind =~ ^(regress|isolation|tap|pgtap)$ ]] || die "usage: run.sh [regress] [isolation] [tap] [pgtap]"
    done
    "$root/scripts/packages.sh" build test
    use_postgres
    "$root/scripts/build.sh"
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    prepare
    for kind; do
        say "== $kind"
        "run_$kind"
    done
    [ -z "${SPM_RESULTS:-}" ] || keep_results
    clean_up
    [ ${#kinds_failed[@]} -eq 0 ] || say "failed: ${kinds_failed[*]}"
    say "$total_passed passed, $total_failed failed"
    [ "$total_failed" -eq 0 ]
}

main "$@"
