#!/bin/sh
# coverage.sh [JOBS] [SEEDS]: lines and branches of engine/ and vfs/ that are executed by the unit
# tests of these parts, by scenarios alone, and by both. The library, several processes and the
# program get SEEDS seeds each, the contracts a tenth of that for each cell. Writes lcov tracefiles,
# HTML, summary.txt and unreached.txt to reports/out/coverage/ and prints the summary. Fails, after
# writing everything, when a test failed, a scenario did not hold, nothing was counted, or scenarios
# leave more open than reports/unreached says.
set -eu
jobs=${1:-2}
seeds=${2:-50}
root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build-coverage
out=$root/reports/out/coverage
status=0

# Only the objects of the two parts: tests and planted bugs have copies of nothing that counts.
parts='aftershock_engine room_vfs_disk room_vfs_process'

# The branch on which an assertion fails is not one to be covered. Silent unless it fails: lcov 1.16
# on Debian's perl complains about itself at every call.
run_lcov() {
	messages=$(mktemp "$out/messages.XXXXXX")
	lcov --quiet --rc lcov_branch_coverage=1 --rc 'lcov_excl_br_line=\bassert\(' "$@" 2>"$messages" ||
		{ cat "$messages" >&2; return 1; }
}

# counted KIND COMMAND...: what runs writes its counters to a tree of its own, so that nothing has
# to be set to zero, and both kinds can be read at once. lcov wants the compiler's notes beside
# them.
counted() {
	kind=$1
	shift
	GCOV_PREFIX=$out/counters/$kind "$@"
}

# capture KIND: every line and branch of the two parts, those of files that nothing reached, too.
capture() {
	directories=
	for part in $parts; do
		from=$build/CMakeFiles/$part.dir
		to=$out/counters/$1$from
		mkdir -p "$to"
		(cd "$from" && find . -name '*.gcno' -exec cp --parents {} "$to" \;)
		directories="$directories --directory $to"
	done
	# shellcheck disable=SC2086 # words, on purpose
	run_lcov $directories --capture --initial --output-file "$out/$1.initial"
	# shellcheck disable=SC2086
	run_lcov $directories --capture --output-file "$out/$1.captured"
	run_lcov --add-tracefile "$out/$1.initial" --add-tracefile "$out/$1.captured" --output-file "$out/$1.all"
	run_lcov --extract "$out/$1.all" "$root/engine/*" "$root/vfs/*" --output-file "$out/$1.info"
	rm "$out/$1.initial" "$out/$1.captured" "$out/$1.all"
}

pages() {
	genhtml --quiet --rc genhtml_branch_coverage=1 --branch-coverage --prefix "$root" --title "$1" \
		--output-directory "$out/$1" "$out/$1.info"
}

# scenarios SEEDS [FOLDER]
scenarios() {
	count=$1
	shift
	counted scenarios "$build/aftershock" run "$@" --seeds "$count" --jobs "$jobs" --results "$build/results" \
		>"$out/scenarios.log" 2>&1 || [ $? -eq 5 ] || { tail -n 40 "$out/scenarios.log" >&2; status=1; }
}

cd "$root"
# Of sim/ nothing is counted.
cmake --preset coverage -DAFTERSHOCK_BUGS=OFF -DAFTERSHOCK_UNITY=ON >/dev/null
cmake --build "$build" --parallel "$jobs" --target aftershock all_tests_engine all_tests_vfs >"$build/build.log" 2>&1 ||
	{ tail -n 50 "$build/build.log" >&2; exit 1; }
# Results of an older version would be refused.
rm -rf "$out" "$build/results"
mkdir -p "$out"

echo 'coverage: unit tests' >&2
counted unit ctest --test-dir "$build" --tests-regex '^(engine|vfs)/' --output-on-failure --parallel "$jobs" \
	>"$out/unit.log" 2>&1 || { tail -n 40 "$out/unit.log" >&2; status=1; }

echo "coverage: scenarios alone, $seeds seeds each" >&2
scenarios "$seeds"
scenarios "$seeds" processes
scenarios "$seeds" program
scenarios $((seeds / 10 > 0 ? seeds / 10 : 1)) contracts

capture unit &
capture scenarios
wait $! || status=1
run_lcov --add-tracefile "$out/unit.info" --add-tracefile "$out/scenarios.info" --output-file "$out/both.info"
pages unit &
pages scenarios
wait $! || status=1
pages both
rm -rf "$out/counters" "$out"/messages.*
sh "$root/reports/coverage_table.sh" "$out" >"$out/summary.txt" || status=1
sh "$root/reports/unreached.sh" "$out/scenarios.info" >"$out/unreached.txt" || status=1
cat "$out/summary.txt"
sed -n 's/^part \([a-z]*\) \([0-9]*\) \([0-9]*\) \([0-9]*\) \([0-9]*\) \([0-9]*\)$/\1: scenarios do not reach \3 of \2 branches: \4 argued, \5 open (at most \6)/p' \
	"$out/unreached.txt"
exit $status
