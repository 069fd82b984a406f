#!/bin/sh
# acceptance.sh [JOBS] [SEEDS] [BUG_SEEDS] [JUNIT]: collects the evidence and writes
# reports/out/acceptance.html and .md. What fails on the way is evidence too and makes a criterion
# red; only what could not be run at all stops the script. JUNIT is what `make test` wrote of this
# build; without it the tests run here. Exit status of the page.
set -eu
jobs=${1:-2}
seeds=${2:-1000}
bug_seeds=${3:-200}
junit=${4:-}
root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build
results=$build/evidence
out=$root/reports/out

# 0 and 1 are verdicts, and 5 is that few seeds held: no verdict on a bug yet, and none at all for
# the product. Anything else is no answer. Sets status.
sweep() {
	name=$1
	shift
	echo "acceptance: $name" >&2
	status=0
	rm -rf "${results:?}/$name"
	"$build/aftershock" run --jobs "$jobs" --results "$results/$name" "$@" >"$results/$name.log" 2>&1 || status=$?
	case $status,$name in
	0,* | 1,*) return ;;
	5,clean | 5,clean-processes) ;;
	5,*) return ;;
	esac
	tail -n 20 "$results/$name.log" >&2
	echo "acceptance: the sweep ended with status $status" >&2
	exit "$status"
}

cd "$root"
rm -rf "$results"
mkdir -p "$results" "$out"
set -- --criteria reports/acceptance.yaml --out "$out"

if [ -z "$junit" ]; then
	echo 'acceptance: tests' >&2
	junit=$results/junit.xml
	ctest --test-dir "$build" --parallel "$jobs" --output-junit "$junit" >"$results/tests.log" 2>&1 ||
		echo "acceptance: tests failed, see $results/tests.log" >&2
fi
set -- "$@" --junit "$junit"

sweep clean --seeds "$seeds"
sweep clean-processes processes --seeds "$seeds"
set -- "$@" --results "$results/clean" --results "$results/clean-processes"
for patch_file in scenarios/bugs/*.patch; do
	bug=$(basename "$patch_file" .patch)
	# The folder of scenarios that it needs; none: the library.
	family=$(sed -n '1s/^family: \([a-z]*\)$/\1/p' "$patch_file")
	# Seed by seed over all scenarios, up to the first that catches it.
	sweep "$bug" ${family:+"$family"} --seeds "$bug_seeds" --by-seed --stop-at violation --bug "$bug"
	set -- "$@" --results "$results/$bug"
done

sh reports/coverage.sh "$jobs" >"$results/coverage.log" 2>&1 || tail -n 40 "$results/coverage.log" >&2
set -- "$@" --tracefile "$out/coverage/both.info"

"$build/acceptance" "$@"
