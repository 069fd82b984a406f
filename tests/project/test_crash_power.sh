#!/bin/sh
# test_crash_power.sh BUILD SOURCE: `make crash-power` of one bug in two ranges; that it goes on
# where it was; what it says of a bug that is not in its table.
. "$(dirname "$0")/../cli/lib/lib.sh"
# The same programs, with rows of their own.
mkdir "$scratch/build"
ln -s "$(cd "$build_dir" && pwd)/aftershock" "$(cd "$build_dir" && pwd)/bugs" "$scratch/build"
rows=$scratch/build/crash_power/rows

# power STATUS NAME=VALUE...
power() {
	wanted=$1
	shift
	expect "$wanted" env "$@" sh "$source_dir/tests/project/crash_power.sh" "$scratch/build" "$scratch/pages"
}

page=$scratch/pages/crash_power.md
power 0 BUGS=first-transaction-refused RANGES=2 LIMIT=20
# Explored once, and four kinds of sampling in two ranges.
[ "$(wc -l <"$rows")" -eq 9 ] || fail "$(wc -l <"$rows") rows, expected 9"
grep -q '^| first-transaction-refused | `power-loss-wal` | 4 | 15 | [0-9.]* | `start1[^ ]*/kill` | `loaded_equals_committed` |$' "$page" ||
	fail 'the page does not say where exploring finds it'
[ "$(grep -c '^| first-transaction-refused | 2 of 2 | [0-9]* | [0-9.]* | 2 of 2 ' "$page")" -eq 2 ] ||
	fail 'the page does not have both ways of sampling'
[ "$(grep -c '^Geometric mean of the ratios: ' "$page")" -eq 2 ] || fail 'no geometric mean'
cp "$rows" "$scratch/rows"
power 0 BUGS=first-transaction-refused RANGES=2 LIMIT=20
cmp -s "$rows" "$scratch/rows" || fail 'measures again what is there'
sed -i '$d' "$rows"
power 0 BUGS=first-transaction-refused RANGES=2 LIMIT=20
[ "$(wc -l <"$rows")" -eq 9 ] || fail 'does not measure what is missing'

power 2 BUGS=first-transaction-refused LIMIT=long
grep -q 'LIMIT=long: expected whole numbers' "$scratch/err" || fail 'a wrong limit is not refused'
power 2 BUGS=memory-before-save
grep -q 'memory-before-save: expected a bug of the table' "$scratch/err" || fail 'a bug of no table is not refused'
finish
