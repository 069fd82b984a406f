#!/bin/sh
# fences.sh LIBRARY_OR_OBJECT...: what the given files need from outside must be on the list below.
# Clocks, randomness, the environment, threads, files and stdio are not, so that the determinism of
# engine/ and vfs/ is checked at link time (docs/architecture.md section 2). The list says what is
# allowed, not what is forbidden: libc has more doors than anybody remembers.
set -eu

# Functions of memory and of bytes, and nothing that reads locale, time or descriptors.
# __assert_fail is how an assertion ends.
allowed_libc='memchr bcmp memcmp memcpy memmove memset strchr strcmp strcspn strlen strncmp strnlen strrchr strspn strstr
	malloc calloc realloc free qsort bsearch abort __assert_fail __stack_chk_fail
	__memcpy_chk __memmove_chk __memset_chk'
# Arithmetic that the compiler calls: 128-bit division, overflow checks.
allowed_compiler='__divti3 __modti3 __udivti3 __umodti3 __divmodti4 __udivmodti4 __multi3 __muloti4 __mulodi4 __popcountdi2
	_GLOBAL_OFFSET_TABLE_'
# SQLite sleeps and draws through its default VFS, outside the simulation, when asked by these.
refused_sqlite='sqlite3_sleep sqlite3_randomness sqlite3_os_init sqlite3_temp_directory'

# Undefined in some object of the files and defined in none.
needed() {
	defined=$(nm --defined-only "$@" 2>/dev/null | awk 'NF == 3 { print $3 }' | sort -u)
	nm --undefined-only "$@" | awk 'NF == 2 { print $2 }' | sort -u | grep -v -x -F "${defined:-^}" || true
}

is_listed() {
	symbol=$1
	shift
	# shellcheck disable=SC2048 # words, on purpose
	for candidate in $*; do
		[ "$symbol" != "$candidate" ] || return 0
	done
	return 1
}

is_allowed() {
	case $1 in
	sqlite3_*) ! is_listed "$1" "$refused_sqlite" ;;
	XXH*) true ;;
	__asan_* | __ubsan_* | __gcov_* | __sanitizer_*) true ;; # instrumented builds
	*) is_listed "$1" "$allowed_libc" "$allowed_compiler" ;;
	esac
}

[ $# -ge 1 ] || { echo "usage: fences.sh LIBRARY_OR_OBJECT..." >&2; exit 2; }
symbols=$(needed "$@")
# A file that needs nothing at all was not read: every part calls at least one function of libc.
[ -n "$symbols" ] || { echo "$*: no undefined symbols found" >&2; exit 2; }

failed=0
count=0
for symbol in $symbols; do
	count=$((count + 1))
	if ! is_allowed "$symbol"; then
		echo "$*: refers to $symbol, which is not on the list of tests/fences/fences.sh" >&2
		failed=1
	fi
done
# Variables per thread need no symbol of their own: the object says so itself.
if readelf -sW "$@" 2>/dev/null | awk '$4 == "TLS" { print $8 }' | grep . >&2; then
	echo "$*: has the variables above per thread; there is one thread" >&2
	failed=1
fi
[ $failed -ne 0 ] || echo "$*: $count symbols, all allowed"
exit $failed
