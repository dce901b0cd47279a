#!/usr/bin/env bash
#
# Each header compiles alone after postgres.h, and leaves that to the .c file:
# then the order of includes does not matter.

# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"
use_postgres

read -r -a cc <<<"$(make_value CC)"
read -r -a flags <<<"$(make_value CPPFLAGS)"

for header in src/*/*.h; do
    [ -e "$header" ] || continue
    look_at
    printf '#include "postgres.h"\n#include "%s"\n' "${header#src/}" |
        "${cc[@]}" "${flags[@]}" -Wall -Werror -fsyntax-only -x c - ||
        complain "$header" "does not compile alone after postgres.h"
    ! grep -q '^#include "postgres.h"' "$header" ||
        complain "$header" "includes postgres.h, which is for .c files"
done
finish headers
