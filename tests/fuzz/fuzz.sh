#!/bin/sh
# fuzz.sh SECONDS [TARGET...]: builds the fuzz targets with clang and libFuzzer, address and
# undefined-behaviour sanitizers, runs each for SECONDS and prints executions and findings. Inputs
# that reached something new are kept in build-fuzz/found/, those that failed a demand in
# build-fuzz/artifacts/. Status 1 when there was a finding.
set -u
seconds=${1:-60}
[ $# -eq 0 ] || shift
cd "$(dirname "$0")/../.." || exit 2
cmake --preset fuzz >/dev/null || exit 2
cmake --build build-fuzz --target fuzz --parallel "${JOBS:-2}" >build-fuzz/fuzz.log 2>&1 || { tail -n 30 build-fuzz/fuzz.log >&2; exit 2; }
# shellcheck disable=SC2046 # words, on purpose
[ $# -gt 0 ] || set -- $(ls tests/fuzz/corpus)
findings=0
printf '%-12s %12s %10s %10s  %s\n' target executions per_second coverage result
for target in "$@"; do
	mkdir -p "build-fuzz/found/$target" build-fuzz/artifacts
	log=build-fuzz/artifacts/$target.log
	result=held
	build-fuzz/tests/fuzz/fuzz_"$target" -max_total_time="$seconds" -max_len=32768 -timeout=20 -print_final_stats=1 -seed="${SEED:-1}" \
		-artifact_prefix="build-fuzz/artifacts/$target-" "build-fuzz/found/$target" "tests/fuzz/corpus/$target" >"$log" 2>&1 ||
		{ result="FINDING, see $log"; findings=1; }
	executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
	rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")
	coverage=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
	printf '%-12s %12s %10s %10s  %s\n' "$target" "${executions:-?}" "${rate:-?}" "${coverage:-?}" "$result"
done
exit $findings
