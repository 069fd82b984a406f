#!/bin/sh
# acceptance.sh [JOBS] [SEEDS] [BUG_SEEDS] [JUNIT] [CONTRACTS]: collects the evidence and writes
# reports/out/acceptance.html and .md. What fails on the way is evidence too and makes a criterion
# red; only what could not be run at all stops the script. JUNIT is what `make test` wrote of this
# build, and CONTRACTS a directory with results of this build's contracts; without them both run
# here. Exit status of the page.
set -eu
jobs=${1:-2}
seeds=${2:-1000}
bug_seeds=${3:-200}
junit=${4:-}
contracts=${5:-}
cell_seeds=50
per_sweep=$jobs
root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build
results=$build/evidence
out=$root/reports/out

# The page takes the status of the product's sweeps from their results. A planted bug that cannot be
# run, because its patch does not apply any more, leaves none, which is red.
sweep() {
	name=$1
	shift
	echo "acceptance: $name" >&2
	status=0
	"$build/aftershock" run --jobs "$per_sweep" --results "$results/sweeps/$name" "$@" >"$results/$name.log" 2>&1 || status=$?
	[ "$status" -ne 130 ] || exit 130
	case $status in
	0 | 1 | 5) ;;
	*)
		tail -n 20 "$results/$name.log" >&2
		echo "acceptance: the sweep $name ended with status $status" >&2
		;;
	esac
}

# Every crash state of a seed, and what an independent count says of the certificate.
certify() {
	file=$results/$(echo "$1" | tr ':,@' '---').certificate
	echo "acceptance: explore $1" >&2
	"$build/aftershock" explore "$1" --jobs "$jobs" --certificate "$file" >"$file.log" 2>&1 || :
	"$build/aftershock" verify-certificate "$file" >>"$file.log" 2>&1 || {
		tail -n 2 "$file.log" >&2
		rm -f "$file"
	}
}

cd "$root"
rm -rf "$results"
mkdir -p "$results/sweeps" "$out"
cp reports/acceptance.yaml reports/qualification.yaml "$results"

if [ -n "$junit" ]; then
	cp "$junit" "$results/junit.xml"
else
	echo 'acceptance: tests' >&2
	ctest --test-dir "$build" --parallel "$jobs" --output-junit "$results/junit.xml" >"$results/tests.log" 2>&1 ||
		echo "acceptance: tests failed, see $results/tests.log" >&2
fi

# The sweeps of the product, and their seeds, for whoever runs some of them again.
for folder in library processes program; do
	echo "$folder $seeds"
done >"$results/product"
echo "contracts $cell_seeds" >>"$results/product"

sweep library --seeds "$seeds"
sweep processes processes --seeds "$seeds"
sweep program program --seeds "$seeds"
if [ -n "$contracts" ]; then
	cp -r "$contracts" "$results/sweeps/contracts"
else
	sweep contracts contracts --seeds "$cell_seeds"
fi
sed -n 's/^  - {scenario: \([^,]*\), seed: \([^,]*\), images.*/\1@\2/p' reports/acceptance.yaml >"$results/certificates"
while read -r run; do
	certify "$run"
done <"$results/certificates"
# Seed by seed over all scenarios, up to the first that catches it: most are caught at once, so each
# gets one worker and as many run at a time as there are jobs.
per_sweep=1
running=0
for patch_file in scenarios/bugs/*.patch; do
	bug=$(basename "$patch_file" .patch)
	# The folder of scenarios that it needs; none: the library.
	family=$(sed -n '1s/^family: \([a-z]*\)$/\1/p' "$patch_file")
	sweep "$bug" ${family:+"$family"} --seeds "$bug_seeds" --by-seed --stop-at violation --bug "$bug" &
	running=$((running + 1))
	[ $((running % jobs)) -ne 0 ] || wait
done
wait

# What must be there.
ctest --test-dir "$build" -N | sed -n 's/^ *Test *#[0-9]*: *//p' >"$results/tests"
"$build/aftershock" list phases >"$results/phases"
"$build/aftershock" list invariants | sed -n '/^[a-z]/p' >"$results/invariants"
"$build/aftershock" list faults | sed -n '/^[a-z]/p' >"$results/faults"

rm -f "$out/coverage/both.info"
sh reports/coverage.sh "$jobs" >"$results/coverage.log" 2>&1 || tail -n 40 "$results/coverage.log" >&2
[ ! -f "$out/coverage/both.info" ] || cp "$out/coverage/both.info" "$out/coverage/unreached.txt" "$results"

sh reports/page.sh "$results" "$out"
