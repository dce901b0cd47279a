#!/usr/bin/env bash
#
# What is left over from writing: marks of unfinished work, code in comments,
# paths of somebody's own machine.

# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"

# Usage: ban what pattern files...
ban() {
    local what=$1 pattern=$2 line
    shift 2
    [ $# -gt 0 ] || return 0
    while IFS= read -r line; do
        complain "$(cut -d: -f1,2 <<<"$line")" "$what: $(cut -d: -f3- <<<"$line")"
    done < <(grep -nIHE "$pattern" "$@" || true)
}

mapfile -t files < <(project_files | sort -u | grep -vE '^\.ci/check-words\.sh$' | while read -r file; do
    [ ! -f "$file" ] || echo "$file"
done)
mapfile -t c_files < <(printf '%s\n' "${files[@]}" | grep -E '\.[ch]$' || true)
mapfile -t sql_files < <(printf '%s\n' "${files[@]}" | grep -E '^src/.*\.sql$' || true)
for _ in "${files[@]}"; do look_at; done

ban 'unfinished' '\b(TODO|FIXME|XXX)\b' "${files[@]}"
ban 'path of one machine' '(^|[^A-Za-z0-9_.])/(home|Users|root|work|opt/pg-)(/|[a-z-]*/)' "${files[@]}"
ban 'code in a comment' '^[[:space:]]*#[[:space:]]*if 0\b|^[[:space:]]*//|^[[:space:]]*/\*.*;[[:space:]]*\*/' "${c_files[@]}"
ban 'code in a comment' '^[[:space:]]*--[[:space:]]*(SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|GRANT|REVOKE|PERFORM|RAISE)\b.*;[[:space:]]*$' "${sql_files[@]}"
finish files
