#!/usr/bin/env bash
#
# The version is stated in the control file.  Where it must be repeated, it is
# the same: META.json, and, once its script is frozen in src/upgrade, a heading
# of CHANGELOG.md.

# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"

version=$(sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" salesperf.control)
[ -n "$version" ] || die "no default_version in salesperf.control"

meta() { perl -MJSON::PP -0777 -ne "print decode_json(\$_)->$1 // ''" META.json; }

# Usage: same where found
same() {
    look_at
    [ "$2" = "$version" ] || complain "$1" "says \"$2\", salesperf.control says \"$version\""
}

same 'META.json version' "$(meta '{version}')"
same 'META.json provides' "$(meta '{provides}{salesperf}{version}')"
look_at
[ -f "$(meta '{provides}{salesperf}{file}')" ] || [ "$(meta '{provides}{salesperf}{file}')" = "salesperf--$version.sql" ] ||
    complain 'META.json provides' "its file does not exist"

look_at
[ "$(grep -m1 '^## ' CHANGELOG.md)" = '## [Unreleased]' ] ||
    complain CHANGELOG.md "does not begin with ## [Unreleased]"
if [ -e "src/upgrade/salesperf--$version.sql" ]; then
    same 'CHANGELOG.md, newest release' "$(sed -n 's/^## \[\([0-9][^]]*\)\].*/\1/p' CHANGELOG.md | head -1)"
fi
finish places
