#!/usr/bin/env bash
#
# C code is formatted as .clang-format says, so that no review is about blanks.

# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"
scripts/packages.sh format

for file in src/*/*.[ch]; do
    [ -e "$file" ] || continue
    look_at
    output=$(clang-format --dry-run -Werror "$file" 2>&1) ||
        complain "$file" "$(grep -c 'Wclang-format-violations' <<<"$output") places; run: clang-format -i $file"
done
finish files
