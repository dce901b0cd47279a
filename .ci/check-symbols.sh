#!/usr/bin/env bash
#
# The shared library exports its own functions only: a symbol of another name
# may take the place of one of another library in the same server, or lose to
# it.

# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"
use_postgres
scripts/build.sh --no-install

while read -r symbol; do
    look_at
    [[ $symbol =~ ^(spm_|pg_finfo_spm_) || $symbol =~ ^(_PG_init|Pg_magic_func)$ ]] ||
        complain salesperf.so "exports $symbol"
done < <(nm -D --defined-only salesperf.so | awk '{ print $NF }')
finish symbols
