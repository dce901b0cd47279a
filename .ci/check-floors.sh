#!/usr/bin/env bash
#
# A module uses its own floor and lower ones only (FLOORS in the Makefile).
# Otherwise nobody can understand, test or replace a lower module without the
# upper ones.
#
# Includes are checked exactly, and so is that *_int.h stays in its folder.
# For SQL the rule is by name: an object that only a higher module creates
# (salesperf.x) must not be named in a lower module's SQL or C.

# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"
use_postgres

read -r -a floors <<<"$(make_value FLOORS)"

# Floor of a module; empty for what is none.
floor_of() {
    local i
    for i in "${!floors[@]}"; do
        [ "${floors[$i]}" != "$1" ] || { echo "$i"; return; }
    done
}

check_include() {
    local where=$1 module=$2 header=$3 of
    of=$(floor_of "${header%%/*}")
    if [ -z "$of" ]; then
        [ ! -e "src/$module/$header" ] || complain "$where" "include \"$header\" by its module's path"
        return 0
    fi
    [ "$of" -le "$(floor_of "$module")" ] ||
        complain "$where" "$module must not include \"$header\", which is of a higher floor"
    [[ $header != *_int.h ]] || [ "${header%%/*}" = "$module" ] ||
        complain "$where" "\"$header\" is private to ${header%%/*}"
}

check_includes() {
    local module line
    for module in "${floors[@]}"; do
        while IFS= read -r line; do
            look_at
            [[ $line =~ ^([^:]+:[0-9]+):.*\"(.*)\" ]]
            check_include "${BASH_REMATCH[1]}" "$module" "${BASH_REMATCH[2]}"
        done < <(grep -nHE '^[[:space:]]*#[[:space:]]*include[[:space:]]+"' "src/$module"/*.[ch] 2>/dev/null || true)
    done
}

# Prints "name floor" of each object, with the lowest floor that creates it.
created() {
    local i
    for i in "${!floors[@]}"; do
        [ ! -d "src/${floors[$i]}" ] || find "src/${floors[$i]}" -name '*.sql' -exec .ci/sql-statements.pl {} + | cut -f3 |
            sed -nE 's/^CREATE (OR REPLACE )?(UNLOGGED )?(FUNCTION|PROCEDURE|AGGREGATE|TYPE|DOMAIN|TABLE|VIEW|SEQUENCE) (IF NOT EXISTS )?salesperf\.([a-z_0-9]+).*/\5/Ip' |
            sed "s/\$/ $i/"
    done | sort -k1,1 -k2,2n | sort -u -k1,1
}

# Prints "file:line name" of everything a module names.
named() {
    [ -d "src/$1" ] || return 0
    {
        find "src/$1" -name '*.sql' -exec grep -noHE 'salesperf\.[a-z_0-9]+|^[[:space:]]*--' {} + || true
        find "src/$1" -name '*.c' -exec grep -noHE 'salesperf\.[a-z_0-9]+' {} + || true
    } | sed -nE 's/^([^:]+:[0-9]+):salesperf\./\1 /p' | sort -u
}

check_names() {
    local module where name floor
    created >"$tmp/created"
    for module in "${floors[@]}"; do
        while read -r where name floor; do
            look_at
            [ "$floor" -le "$(floor_of "$module")" ] ||
                complain "$where" "$module must not use salesperf.$name of ${floors[$floor]}"
        done < <(named "$module" | sort -k2,2 | join -1 2 -2 1 -o 1.1,0,2.2 - "$tmp/created")
    done
}

scratch
for folder in src/*/; do
    folder=$(basename "$folder")
    [ -n "$(floor_of "$folder")" ] || [ "$folder" = upgrade ] ||
        complain "src/$folder" "is not in FLOORS"
done
check_includes
check_names
finish 'includes and names'
