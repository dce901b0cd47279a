#!/usr/bin/env bash
#
# The C code compiles without warnings under more of them than a packager's
# build asks for.

# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"
scripts/packages.sh build
use_postgres
scratch
copy_sources "$tmp/tree"

# The server's own headers are not ours to mend.
warnings=(-isystem "$("$PG_CONFIG" --includedir-server)"
    -Wall -Wextra -Werror -Wno-unused-parameter -Wno-sign-compare -Wshadow=compatible-local)
# Server headers of 18 leave fields of initializers out.
[[ $("$PG_CONFIG" --version) =~ \ 1[0-7] ]] || warnings+=(-Wno-missing-field-initializers)

env -u MAKEFLAGS -u MAKELEVEL make -C "$tmp/tree" --silent --keep-going -j "$(nproc)" \
    PG_CONFIG="$PG_CONFIG" with_llvm=no COPT="${warnings[*]}" salesperf.so ||
    complain src "does not compile without warnings"
while read -r _; do look_at; done < <(find src -name '*.c')
finish 'C files'
