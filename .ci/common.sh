# Shared by the rules of CI; sourced, never run.
# shellcheck shell=bash source=../scripts/cluster.sh
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/cluster.sh"

cd "$root" || exit
looked_at=0
findings=0

look_at() { looked_at=$((looked_at + 1)); }

# Usage: complain where what
complain() {
    printf '%s: %s\n' "$1" "$2"
    findings=$((findings + 1))
}

# A rule that found nothing to look at has proved nothing.
finish() {
    printf '%s %s, %s findings\n' "$looked_at" "$1" "$findings"
    [ "$looked_at" -gt 0 ] || die "nothing to look at"
    [ "$findings" -eq 0 ]
}

# The files of the project, whether or not it is a git checkout.
project_files() {
    if [ -d .git ] && command -v git >/dev/null &&
        git -c safe.directory="$root" ls-files --cached --others --exclude-standard 2>/dev/null; then
        return
    fi
    find . -type f -not -path './.git/*' -not -name '*.o' -not -name '*.bc' -not -name '*.so' \
        -not -path './salesperf--*' -not -name .built-for | sed 's|^\./||'
}

# A directory for throw-away work, gone at the end with any server in it.
scratch() {
    tmp=$(cluster_dir)
    trap 'cluster_remove "$tmp"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
}

# Copies what a build needs into directory $1.
copy_sources() {
    mkdir -p "$1"
    cp -R Makefile salesperf.control src sql test "$1/"
    find "$1" \( -name '*.o' -o -name '*.bc' -o -name '*.so' \) -delete
}
