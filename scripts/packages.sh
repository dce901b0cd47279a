#!/usr/bin/env bash
#
# Installs the Debian packages that are missing, and does nothing (not even
# ask the network) when none is.
#
#   scripts/packages.sh [build] [test] [format] [bi]      default: build test
#
#   build   compiler, PostgreSQL server and headers
#   test    pgTAP, pg_prove, the Perl modules of PostgreSQL's own tests, and the
#           drivers of BI tools: JDBC with Java, ODBC, psycopg2
#   format  clang-format
#   bi      Node.js, npm and Chromium, for docs/bi
#
# What is there is found out by looking for the thing itself, so a PostgreSQL
# that came another way (PG_CONFIG=...) is good as well.
#
# A new server package would also make and start a system cluster "main".
# Nobody asked for one here, so that is switched off while this runs, and only
# while this runs; clusters that exist are left as they are.

source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

readonly no_main_cluster=/etc/postgresql-common/createcluster.d/salesperf.conf
wanted=()
switched_off=

want() { wanted+=("$@"); }

# Version and whereabouts of the server, as far as there is one.
look() {
    pg_config=
    if [[ ${PG_CONFIG:-} =~ ^/usr/lib/postgresql/([0-9]+)/bin/pg_config$ ]] && [ ! -x "$PG_CONFIG" ]; then
        major=${BASH_REMATCH[1]}
        return
    fi
    major=15
    pg_config=$(find_pg_config)
    if [ -n "$pg_config" ]; then
        major=$("$pg_config" --version | sed 's/^PostgreSQL \([0-9]*\).*/\1/')
    fi
}

path_of() { [ -n "$pg_config" ] && "$pg_config" "--$1"; }

# Packages can only add to a PostgreSQL that came from packages.
want_postgres() {
    case $(path_of bindir || echo /usr/lib/postgresql/) in
        /usr/lib/postgresql/*) want "$@" ;;
        *) die "the PostgreSQL of PG_CONFIG=$pg_config lacks $what; install it there" ;;
    esac
}

# Server and headers must be of one minor release: a library built with the
# headers of another may not fit the server.  So they come together.
check_server() {
    local server headers
    what='the server, its headers or contrib modules'
    if [ -n "$pg_config" ] &&
        server=$("$(path_of bindir)/postgres" --version 2>/dev/null | awk '{ print $3 }') &&
        headers=$(sed -n 's/^#define PG_VERSION "\([^ "]*\).*/\1/p' "$(path_of includedir-server)"/pg_config*.h 2>/dev/null | head -1) &&
        [ "$server" = "$headers" ] && [ -f "$(path_of pgxs)" ] &&
        [ -f "$(path_of sharedir)/extension/btree_gist.control" ]; then
        return
    fi
    want_postgres "postgresql-$major" "postgresql-server-dev-$major"
}

# Where the server can inline compiled functions, its makefiles also want
# the clang and llvm it was built with.
check_bitcode() {
    local global clang
    [ -n "$pg_config" ] || return 0
    global=$(dirname "$(path_of pgxs)")/../Makefile.global
    [ -f "$global" ] && grep -q '^with_llvm[[:space:]]*= yes' "$global" || return 0
    clang=$(sed -n 's/^CLANG[[:space:]]*= //p' "$global")
    command -v "$clang" >/dev/null || want "$(basename "$clang")"
    clang=$(sed -n 's/^LLVM_BINPATH[[:space:]]*= //p' "$global")
    [ -x "$clang/llvm-lto" ] || want "$(basename "$(dirname "$clang")")"
}

check_build() {
    command -v gcc >/dev/null || want gcc
    command -v make >/dev/null || want make
    command -v nm >/dev/null || want binutils
    [ -f /usr/include/stdio.h ] || want libc6-dev
    check_server
    check_bitcode
}

check_test() {
    what='pgTAP'
    [ -f "$(path_of sharedir)/extension/pgtap.control" ] || want_postgres "postgresql-$major-pgtap"
    command -v prove >/dev/null || want perl
    perl -MIPC::Run -e 1 2>/dev/null || want libipc-run-perl
    command -v pg_prove >/dev/null || want libtap-parser-sourcehandler-pgtap-perl
    check_drivers
}

# What programs of test/bi need.  A Java runtime also compiles a single file.
check_drivers() {
    command -v java >/dev/null || want default-jre-headless
    [ -f /usr/share/java/postgresql.jar ] || want libpostgresql-jdbc-java
    compgen -G '/usr/lib/*/odbc/psqlodbcw.so' >/dev/null || want odbc-postgresql
    [ -f /usr/include/sql.h ] || want unixodbc-dev
    /usr/bin/python3 -c 'import psycopg2' 2>/dev/null || want python3-psycopg2
}

check_format() {
    command -v clang-format >/dev/null || want clang-format
}

check_bi() {
    command -v node >/dev/null || want nodejs
    command -v npm >/dev/null || want npm
    command -v chromium >/dev/null || want chromium
    [ -n "$(find /usr/share/fonts -name 'DejaVuSans.ttf' 2>/dev/null)" ] || want fonts-dejavu-core
}

restore_main_cluster() {
    [ -z "$switched_off" ] || as_root rm -f "$no_main_cluster"
}

no_system_cluster() {
    [ ! -e "/usr/lib/postgresql/$major/bin/postgres" ] || return 0
    as_root mkdir -p "$(dirname "$no_main_cluster")"
    switched_off=yes
    trap restore_main_cluster EXIT
    echo 'create_main_cluster = false' | as_root tee "$no_main_cluster" >/dev/null
}

install_wanted() {
    say "installing: ${wanted[*]}"
    command -v apt-get >/dev/null ||
        die "no apt-get here; install what these Debian packages hold: ${wanted[*]}"
    can_be_root || die "neither root nor able to use sudo; as root, run: apt-get install ${wanted[*]}"
    no_system_cluster
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300)
    as_root "${apt[@]}" update
    as_root "${apt[@]}" install --no-install-recommends "${wanted[@]}"
}

look
[ $# -gt 0 ] || set -- build test
for part; do
    case $part in
        build | test | format | bi) "check_$part" ;;
        *) die "usage: packages.sh [build] [test] [format] [bi]" ;;
    esac
done
[ ${#wanted[@]} -eq 0 ] || install_wanted
