#!/bin/sh
# test_versions.sh BUILD SOURCE: `make versions` on the release that the build has, if its source is
# at hand; and what it says of folders that are none. CMake refuses a release that is too old.
set -eu
build=$1
source=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0
fail() {
	echo "FAIL: $*"
	failures=$((failures + 1))
}

status=0
sh "$source/tests/project/versions.sh" "$build" 1 >"$scratch/out" 2>&1 || status=$?
[ "$status" -eq 2 ] || fail "no folder: status $status"
grep -q 'expected DIRS=' "$scratch/out" || fail 'no folder: not said'
status=0
sh "$source/tests/project/versions.sh" "$build" 1 "$scratch" >"$scratch/out" 2>&1 || status=$?
[ "$status" -eq 2 ] || fail "an empty folder: status $status"
grep -q 'expected sqlite3.c and sqlite3.h there' "$scratch/out" || fail 'an empty folder: not said'

echo '#define SQLITE_VERSION        "3.38.5"' >"$scratch/sqlite3.h"
: >"$scratch/sqlite3.c"
status=0
cmake -S "$source" -B "$scratch/build" -DAFTERSHOCK_SQLITE_DIR="$scratch" >"$scratch/out" 2>&1 || status=$?
[ "$status" -ne 0 ] || fail 'CMake takes a release that is too old'
grep -q 'SQLite 3.38.5, expected 3.39.0 or newer' "$scratch/out" || fail 'CMake does not say why'

"$build/aftershock" doctor --library "$source/scenarios" >"$scratch/doctor"
lowest=$(sed -n 's/^#define SIM_BUILD_LOWEST_TEXT "\(.*\)"$/\1/p' "$source/sim/sqlite/build.h")
grep -q "set(sqlite_lowest $lowest)" "$source/CMakeLists.txt" || fail "CMake's lowest release is not $lowest"
grep -q '^SQLite build   [0-9.]*-[0-9a-f]*-[0-9a-f]*\(-lean\)*$' "$scratch/doctor" || fail 'doctor does not name the build'

status=0
cmake -S "$source" -B "$scratch/lean" -DAFTERSHOCK_SQLITE_LEAN=ON >"$scratch/out" 2>&1 || status=$?
[ "$status" -ne 0 ] || fail 'CMake builds the SQLite of the system lean'
grep -q 'expected AFTERSHOCK_SQLITE_DIR=DIR' "$scratch/out" || fail 'CMake does not say what a lean SQLite takes'
# What doctor says of the library that it runs with.
compiled=$(sed -n 's/^SQLite options.* \(THREADSAFE=[0-9]\).*/\1/p' "$scratch/doctor")
if [ "$compiled" = THREADSAFE=0 ]; then
	grep -q '^SQLite         .*, lean$' "$scratch/doctor" || fail 'doctor does not say lean'
else
	! grep -q ', lean$' "$scratch/doctor" || fail 'doctor says lean, and it is not'
fi
[ "$failures" -eq 0 ] && echo 'all as expected'
exit "$((failures > 0))"
