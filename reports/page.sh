#!/bin/sh
# page.sh EVIDENCE OUT: writes the acceptance page and the page of the tool's qualification into
# OUT, of what acceptance.sh has collected in the directory EVIDENCE, with the build BUILD (build/).
# Exit status of the worse page.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
evidence=$1
out=$2
build=${BUILD:-$root/build}
mkdir -p "$out"
set -- --criteria "$evidence/acceptance.yaml" --out "$out" --junit "$evidence/junit.xml"
for file in "$evidence"/sweeps/*/results.db; do
	[ ! -f "$file" ] || set -- "$@" --results "$file"
done
for file in "$evidence"/*.certificate; do
	[ ! -f "$file" ] || set -- "$@" --certificate "$file"
done
[ ! -f "$evidence/invariants" ] || set -- "$@" --invariants "$evidence/invariants"
[ ! -f "$evidence/unreached.txt" ] || set -- "$@" --unreached "$evidence/unreached.txt"
set -- "$@" --tests "$evidence/tests" --phases "$evidence/phases" --faults "$evidence/faults"
# Results that this build and its planted bugs make now have the hashes that theirs must have.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for program in "$build/aftershock" "$build"/bugs/*.aftershock; do
	[ ! -f "$program" ] || "$program" run steady-trading --seeds 1 --jobs 1 --library "$root/scenarios" \
		--results "$work/build" >/dev/null 2>&1 || [ $? -eq 1 ] || [ $? -eq 5 ]
done
set -- "$@" --build "$work/build"
[ ! -f "$evidence/both.info" ] || set -- "$@" --tracefile "$evidence/both.info" --source "$root"
status=0
"$build/acceptance" "$@" || status=$?
[ ! -f "$evidence/qualification.yaml" ] ||
	"$build/acceptance" --criteria "$evidence/qualification.yaml" --junit "$evidence/junit.xml" --name qualification \
		--out "$out" || status=$((status > $? ? status : $?))
exit "$status"
