#!/usr/bin/env bash
#
# No test is forgotten: each has what it needs to be run and judged, and no
# output lies about without a test.

# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"
use_postgres

# Usage: listed word list...
listed() {
    local word=$1 other
    shift
    for other; do
        [ "$other" != "$word" ] || return 0
    done
    return 1
}

# Usage: check_pairs tests ending expected-folder names-that-are-run...
check_pairs() {
    local tests=$1 ending=$2 expected=$3 file name
    shift 3
    for file in "$tests"/*; do
        [ -e "$file" ] || continue
        look_at
        name=$(basename "$file" ".$ending")
        [[ $file == *."$ending" ]] || { complain "$file" "is run by nothing, *.$ending is"; continue; }
        listed "$name" "$@" || complain "$file" "is not run by the Makefile"
        [ -s "$expected/$name.out" ] || complain "$file" "has no expected output $expected/$name.out"
    done
    for file in "$expected"/*; do
        [ -e "$file" ] || continue
        look_at
        name=$(basename "$file" .out)
        [ -e "$tests/$name.$ending" ] || [ -e "$tests/${name%_[0-9]}.$ending" ] ||
            complain "$file" "belongs to no test"
    done
}

# Usage: check_plans folder ending what-a-test-must-contain
check_plans() {
    local folder=$1 ending=$2 plan=$3 file
    while read -r file; do
        look_at
        if [[ $file != *."$ending" ]]; then
            [[ $file == *.pm ]] || complain "$file" "is run by nothing, *.$ending is"
        elif ! grep -qE "$plan" "$file"; then
            complain "$file" "does not say how many assertions it has"
        fi
    done < <(find "$folder" -type f | sort)
}

read -r -a regress <<<"$(make_value REGRESS)"
read -r -a isolation <<<"$(make_value ISOLATION)"

check_pairs sql sql expected "${regress[@]}"
check_pairs test/isolation/specs spec test/isolation/expected "${isolation[@]}"
check_plans test/pgtap sql '\bplan\([0-9]+\)'
check_plans test/t pl 'done_testing|tests *=>'
[ -z "$(find test/t -mindepth 2 -name '*.pl')" ] || complain test/t "tests in folders below are not run"
[ "${regress[0]}" = install ] || complain Makefile "REGRESS does not begin with install"
[ "${regress[-1]}" = uninstall ] || complain Makefile "REGRESS does not end with uninstall"
finish 'tests and outputs'
