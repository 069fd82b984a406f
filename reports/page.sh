#!/bin/sh
# page.sh EVIDENCE OUT: writes the acceptance page into OUT, of what acceptance.sh has collected in
# the directory EVIDENCE, with the build BUILD (build/). Exit status of the page.
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
set -- "$@" --tests "$evidence/tests" --phases "$evidence/phases" --faults "$evidence/faults"
for program in "$build/aftershock" "$build"/bugs/*.aftershock; do
	[ ! -f "$program" ] || set -- "$@" --program "$program"
done
[ ! -f "$evidence/both.info" ] || set -- "$@" --tracefile "$evidence/both.info" --source "$root"
"$build/acceptance" "$@"
