#!/bin/sh
# coverage.sh [JOBS] [SEEDS]: lines and branches of engine/ and vfs/ that are executed by the unit
# tests, by the scenarios alone, and by both. Writes lcov tracefiles, HTML and summary.txt to
# reports/out/coverage/ and prints the summary. Fails, after writing everything, when a test failed,
# a scenario did not hold, or nothing was counted.
set -eu
jobs=${1:-2}
seeds=${2:-50}
root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build-coverage
out=$root/reports/out/coverage
status=0

# Only the objects of the two parts: tests and planted bugs have copies of nothing that counts.
counters=
for objects in aftershock_engine room_vfs_disk room_vfs_process; do
	counters="$counters --directory $build/CMakeFiles/$objects.dir"
done

# The branch on which an assertion fails is not one to be covered. Silent unless it fails: lcov 1.16
# on Debian's perl complains about itself at every call.
run_lcov() {
	lcov --quiet --rc lcov_branch_coverage=1 --rc 'lcov_excl_br_line=\bassert\(' "$@" 2>"$out/lcov.messages" ||
		{ cat "$out/lcov.messages" >&2; return 1; }
}

# Every line and branch of the two parts, those of files that nothing reached included.
capture() {
	# shellcheck disable=SC2086
	run_lcov $counters --capture --output-file "$out/$1.captured"
	run_lcov --add-tracefile "$out/initial.info" --add-tracefile "$out/$1.captured" --output-file "$out/$1.all"
	run_lcov --extract "$out/$1.all" "$root/engine/*" "$root/vfs/*" --output-file "$out/$1.info"
	rm "$out/$1.captured" "$out/$1.all"
}

zero() {
	# shellcheck disable=SC2086
	run_lcov $counters --zerocounters
}

cd "$root"
# Of sim/ nothing is counted.
cmake --preset coverage -DAFTERSHOCK_BUGS=OFF -DAFTERSHOCK_UNITY=ON >/dev/null
cmake --build "$build" --parallel "$jobs" >"$build/build.log" 2>&1 || { tail -n 50 "$build/build.log" >&2; exit 1; }
# Results of an older version would be refused.
rm -rf "$out" "$build/results"
mkdir -p "$out"
zero
# shellcheck disable=SC2086
run_lcov $counters --capture --initial --output-file "$out/initial.info"

echo 'coverage: unit tests' >&2
ctest --test-dir "$build" --label-regex '^unit$' --output-on-failure --parallel "$jobs" >"$out/unit.log" 2>&1 ||
	{ tail -n 40 "$out/unit.log" >&2; status=1; }
capture unit

echo "coverage: scenarios alone, $seeds seeds each" >&2
zero
"$build/aftershock" run --seeds "$seeds" --jobs "$jobs" --results "$build/results" >"$out/scenarios.log" 2>&1 ||
	[ $? -eq 5 ] || { tail -n 40 "$out/scenarios.log" >&2; status=1; }
capture scenarios

run_lcov --add-tracefile "$out/unit.info" --add-tracefile "$out/scenarios.info" --output-file "$out/both.info"
for kind in unit scenarios both; do
	genhtml --quiet --rc genhtml_branch_coverage=1 --branch-coverage --prefix "$root" --title "$kind" \
		--output-directory "$out/$kind" "$out/$kind.info"
done
sh "$root/reports/coverage_table.sh" "$out" >"$out/summary.txt" || status=1
cat "$out/summary.txt"
exit $status
