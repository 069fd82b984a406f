#!/bin/sh
# same_hashes.sh BUILD_DIR OTHER_BUILD_DIR...: one list of scenario, seed and trace hash, whichever
# compiler, optimisation level or sanitizer the test bed was built with. Prints the number of runs
# compared. tests/cli/determinism.sh varies what is around one build; .ci/run calls this one when
# its builds are there.
set -u
[ $# -ge 2 ] || { echo 'usage: same_hashes.sh BUILD_DIR OTHER_BUILD_DIR...' >&2; exit 2; }
root=$(cd "$(dirname "$0")/../.." && pwd)
first=$1
others=$*
set -- "$first" "$root"
. "$root/tests/cli/lib/lib.sh"

list() {
	"$1/aftershock" run --library "$library" --seeds 12 --json | hashes
	"$1/aftershock" run processes --library "$library" --seeds 12 --json | hashes
	"$1/aftershock" run program --library "$library" --seeds 12 --json | hashes
}

list "$first" >"$scratch/first"
count=$(wc -l <"$scratch/first")
[ "$count" -ge 200 ] || fail "$first: fewer than 200 runs to compare"
for build in $others; do
	list "$build" >"$scratch/other"
	if cmp -s "$scratch/first" "$scratch/other"; then
		echo "$build: $count runs, the same hashes"
	else
		fail "$build: another list: $(diff "$scratch/first" "$scratch/other" | sed -n 2p)"
	fi
done
finish
