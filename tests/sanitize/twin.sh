#!/bin/sh
# twin.sh BUILD PLUGIN: a build with sanitizers finds what the plug-in does to memory, in each seed
# and by its name, and finds nothing in the engine as it is. In tests/cli/sanitize.sh a build
# without sanitizers becomes one with them.
set -u
build=$1
plugin=$2
out=$(mktemp)
trap 'rm -f "$out"' EXIT

fail() {
	echo "twin.sh: $1" >&2
	cat "$out" >&2
	exit 1
}

run() {
	"$build/aftershock" run --sanitize steady-trading --seeds 3 "$@" >"$out" 2>&1
}

run --subject "$plugin"
[ $? -eq 1 ] || fail 'a use after free is not found'
grep -q 'violated subject_crashed in 3 runs' "$out" || fail 'not in each seed'
grep -q 'AddressSanitizer: heap-use-after-free' "$out" || fail 'the finding is not named'
grep -q 'aftershock replay steady-trading@0x1 .*--sanitize --expect-verdict subject_crashed' "$out" ||
	fail 'the line that replays does not ask for the sanitizer'
run
status=$?
[ $status -eq 0 ] || [ $status -eq 5 ] || fail 'something is found in the engine'
echo 'twin.sh: a use after free is found, and only there'
