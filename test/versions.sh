#!/usr/bin/env bash
#
# Runs all tests with other major versions of PostgreSQL, each in a Debian of
# its own that has it.  Takes minutes and about 1 GB; as root.
#
#   test/versions.sh [MAJOR:SUITE]...        default: 17:trixie 18:sid

# shellcheck source=../scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/common.sh"

system=

clean_up() {
    trap - EXIT
    [ -n "$system" ] || return 0
    umount "$system/dev" "$system/proc" 2>/dev/null || true
    rm -rf --one-file-system "$system"
    system=
}

mirror() {
    { cat /etc/apt/sources.list.d/*.sources 2>/dev/null || true; } | awk '/^URIs:/ { print $2; exit }'
    awk '/^deb / { print $2; exit }' /etc/apt/sources.list 2>/dev/null || true
}

make_system() {
    local major=$1 suite=$2
    system=$(mktemp -d /var/tmp/spm.XXXXXX)
    chmod 755 "$system"
    debootstrap --variant=minbase --include="postgresql-$major,postgresql-server-dev-$major,make,gcc,adduser" \
        "$suite" "$system" "$(mirror | head -1)" >"$system.log" 2>&1 || die "debootstrap failed, see $system.log"
    rm -f "$system.log"
    cp -a /etc/apt/apt.conf.d/. "$system/etc/apt/apt.conf.d/"
    cp /etc/resolv.conf /etc/hosts "$system/etc/"
    mount -t proc proc "$system/proc"
    mount --bind /dev "$system/dev"
    mkdir "$system/tree"
    git -C "$root" archive HEAD | tar -x -C "$system/tree"
}

run_tests() {
    local major=$1
    chroot "$system" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/ \
        http_proxy="${http_proxy:-}" https_proxy="${https_proxy:-}" PG_CONFIG="/usr/lib/postgresql/$major/bin/pg_config" \
        bash -c 'cd /tree && test/run.sh'
}

main() {
    local version failed=0
    [ $# -gt 0 ] || set -- 17:trixie 18:sid
    am_root || die "run it as root: it makes systems of their own"
    command -v debootstrap >/dev/null || as_root apt-get install -y -qq debootstrap
    trap clean_up EXIT
    trap 'exit 130' INT TERM HUP
    for version; do
        say "== PostgreSQL ${version%%:*}"
        make_system "${version%%:*}" "${version##*:}"
        run_tests "${version%%:*}" || failed=1
        clean_up
        trap clean_up EXIT
    done
    return "$failed"
}

main "$@"
