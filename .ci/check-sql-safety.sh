#!/usr/bin/env bash
#
# Rules that keep a caller, or somebody who prepared a schema, from slipping in
# objects of his own:
#
# - a function has SET search_path = pg_catalog, pg_temp, or is in C, or is
#   BEGIN ATOMIC or RETURN (parsed when created), or is marked "-- inlined" (then everything in it must be
#   qualified: a SET would keep it from being inlined)
# - SECURITY DEFINER says why ("-- SECURITY DEFINER because ..."), has a fixed
#   path even in C, and is taken from PUBLIC
# - what is created is named salesperf.x
# - fragments that install the extension hold no OR REPLACE and no IF NOT
#   EXISTS, which would take over an object that was there before (those of
#   model/ are repeatable by design)
# - a view of model/views.sql reads with the rights of its reader

# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"

readonly routine='^CREATE (OR REPLACE )?(FUNCTION|PROCEDURE) '
readonly fixed_path='SET search_path (=|TO) pg_catalog, pg_temp'
readonly parsed='BEGIN ATOMIC| RETURN[ (]'
shopt -s nocasematch

check_path() {
    local where=$1 comments=$2 code=$3
    [[ $code =~ $fixed_path ]] || [[ $code =~ [[:space:]]LANGUAGE[[:space:]]+(c|internal|\"c\")[[:space:]] ]] ||
        [[ $code =~ $parsed ]] || [[ $comments == *'-- inlined'* ]] ||
        complain "$where" "no SET search_path = pg_catalog, pg_temp, and not in C, BEGIN ATOMIC or \"-- inlined\""
}

check_definer() {
    local where=$1 comments=$2 code=$3 name
    [[ $code == *'SECURITY DEFINER'* ]] || return 0
    [[ $comments == *'-- SECURITY DEFINER because'* ]] ||
        complain "$where" "SECURITY DEFINER without a comment \"-- SECURITY DEFINER because ...\""
    [[ $code =~ $fixed_path ]] || complain "$where" "SECURITY DEFINER without SET search_path = pg_catalog, pg_temp"
    [[ $code =~ salesperf\.([a-z_0-9]+) ]] || return 0
    name=${BASH_REMATCH[1]}
    grep -qiE "REVOKE (ALL|EXECUTE) ON (ALL FUNCTIONS IN SCHEMA salesperf|(FUNCTION|PROCEDURE|ROUTINE) salesperf\.$name\b)" \
        "$(dirname "${where%%:*}")"/*.sql src/*/access.sql 2>/dev/null ||
        complain "$where" "SECURITY DEFINER, and no REVOKE ALL ... FROM PUBLIC in the module"
}

check_name() {
    local where=$1 code=$2
    local kinds='^CREATE (OR REPLACE )?(UNLOGGED )?(FUNCTION|PROCEDURE|AGGREGATE|TYPE|DOMAIN|TABLE|VIEW|MATERIALIZED VIEW|SEQUENCE|OPERATOR CLASS|OPERATOR FAMILY|OPERATOR) (IF NOT EXISTS )?([^ (]+)'
    [[ $code =~ $kinds ]] || return 0
    [[ ${BASH_REMATCH[5]} == salesperf.* ]] ||
        complain "$where" "${BASH_REMATCH[5]} is not written salesperf.${BASH_REMATCH[5]}"
}

check_install() {
    local where=$1 code=$2 quoted=$3
    # What DO runs, the script runs.
    [[ $code != DO\ * ]] || code="$code $quoted"
    [[ ! $code =~ OR\ REPLACE ]] || complain "$where" "OR REPLACE in an install fragment"
    [[ ! $code =~ IF\ NOT\ EXISTS\ ([a-z]) ]] ||
        complain "$where" "IF NOT EXISTS in an install fragment"
    [[ ! $code =~ ^SET\  ]] || [[ $code == SET\ LOCAL\ * ]] || complain "$where" "SET without LOCAL"
}

check_view() {
    local where=$1 code=$2
    [[ $code =~ ^CREATE\ (OR\ REPLACE\ )?VIEW ]] || return 0
    [[ $code =~ WITH\ ?\([^\)]*security_invoker(\ ?=\ ?(true|on|1|\'\'))?[,\ \)] ]] ||
        complain "$where" "view without security_invoker"
}

check_statement() {
    local where=$1 comments=$2 code=$3 quoted=$4
    if [[ $code =~ $routine ]]; then
        check_path "$where" "$comments" "$code "
        check_definer "$where" "$comments" "$code"
    fi
    check_name "$where" "$code"
    case $where in
        src/*/model/views.sql:*) check_view "$where" "$code" ;;
        src/*/model/*) ;;
        *) check_install "$where" "$code" "$quoted" ;;
    esac
}

# Fields are never empty for read, which would merge neighbouring tabs.
while IFS=$'\t' read -r where comments code quoted; do
    look_at
    check_statement "$where" "${comments# }" "$code" "$quoted"
done < <(find src -name '*.sql' -not -path 'src/upgrade/*' | sort | xargs .ci/sql-statements.pl | sed 's/\t/\t /')
finish statements
