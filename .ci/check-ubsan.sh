#!/usr/bin/env bash
#
# The regression tests run with a library that stops at undefined behaviour
# (overflow of signed integers, which the server's own -fwrapv would hide, bad
# shifts, misaligned or null pointers ...).
#
# The library is built in a temporary directory and found by
# dynamic_library_path: the control file names it without a directory.  The
# installed one is not touched.

# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"
scripts/packages.sh build
use_postgres
scratch
copy_sources "$tmp/tree"

env -u MAKEFLAGS -u MAKELEVEL make -C "$tmp/tree" --silent -j "$(nproc)" PG_CONFIG="$PG_CONFIG" with_llvm=no \
    COPT='-fno-wrapv -fsanitize=undefined -fno-sanitize-recover=undefined' salesperf.so
as_server mkdir "$tmp/lib"
as_server tee "$tmp/lib/salesperf.so" <"$tmp/tree/salesperf.so" >/dev/null
nm -D "$tmp/lib/salesperf.so" | grep __ubsan_ >/dev/null || die "the library is not instrumented"

SPM_LIBRARY_PATH=$tmp/lib test/run.sh regress pgtap
