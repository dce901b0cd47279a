#!/usr/bin/env bash
#
# A C file has at most 800 lines and a function at most 80: more cannot be
# taken in at once.  A function that must be longer (a switch over many kinds)
# says why in the comment above it: "long because ...".

# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"

readonly max_file=800 max_function=80

# Prints "line lines name" of each function longer than allowed.  A function
# begins with its name in the first column, and ends with a brace there.
long_functions() {
    awk -v max="$max_function" '
        /^[ \t]*\/?\*/ && /long because/ { excused = 1 }
        /^[A-Za-z_][A-Za-z_0-9]*\(/ { name = $0; sub(/\(.*/, "", name); start = NR }
        /^}/ {
            if (name != "" && NR - start + 1 > max && !excused)
                print start, NR - start + 1, name
            name = ""; excused = 0
        }' "$1"
}

for file in src/*/*.c; do
    [ -e "$file" ] || continue
    look_at
    lines=$(wc -l <"$file")
    [ "$lines" -le "$max_file" ] || complain "$file" "$lines lines, $max_file are allowed"
    while read -r line lines name; do
        complain "$file:$line" "$name() has $lines lines, $max_function are allowed"
    done < <(long_functions "$file")
done
finish files
