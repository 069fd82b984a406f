#!/bin/sh
# test_power.sh BUILD SOURCE: `make power` of one bug in two ranges; that it goes on where it was,
# and measures anew for another limit; what it says of a bug that it does not find.
. "$(dirname "$0")/../cli/lib/lib.sh"
# The same programs, with rows of their own.
mkdir "$scratch/build"
ln -s "$(cd "$build_dir" && pwd)/aftershock" "$(cd "$build_dir" && pwd)/bugs" "$scratch/build"
rows=$scratch/build/power/rows

# power STATUS NAME=VALUE...
power() {
	wanted=$1
	shift
	expect "$wanted" env "$@" sh "$source_dir/tests/project/power.sh" "$scratch/build" "$scratch/pages"
}

power 0 BUGS=memory-before-save RANGES=2 LIMIT=20
grep -q '^planted,memory-before-save,[0-9.]*,1,1048577,20,[0-9]*,[0-9]*,[0-9.]*,.*,memory_equals_committed,0,' "$scratch/pages/power.csv" ||
	fail 'no row for the first range'
grep -q '^| memory-before-save | [0-9.]* | 2 of 2 |' "$scratch/pages/power.md" || fail 'no line on the page'
cp "$rows" "$scratch/rows"
power 0 BUGS=memory-before-save RANGES=2 LIMIT=20
cmp -s "$rows" "$scratch/rows" || fail 'measures again what is there'
# Interrupted behind the first range, and of another program: only those are measured.
sed -i '2s/[0-9-]*$/1-1/' "$rows"
power 0 BUGS=memory-before-save RANGES=2 LIMIT=20
[ "$(wc -l <"$rows")" -eq 3 ] || fail 'does not measure what is missing'
[ "$(wc -l <"$scratch/pages/power.csv")" -eq 3 ] || fail 'prints a row of another program'

: >"$rows"
# The first range takes it a minute.
power 1 BUGS=gap-on-top-of-what-failed RANGES=1 LIMIT=1
grep -q 'in no range: planted|gap-on-top-of-what-failed' "$scratch/err" || fail 'does not say what was not found'
grep -q '^| gap-on-top-of-what-failed | [0-9.]* | 0 of 1 | over | over | 1.00 | 1.00 | none | none | 0 |$' "$scratch/pages/power.md" ||
	fail 'a miss is not counted as the limit'

power 2 BUGS=memory-before-save LIMIT=long
grep -q 'LIMIT=long: expected whole numbers' "$scratch/err" || fail 'a wrong limit is not refused'
power 2 BUGS=no-such-bug
grep -q 'no-such-bug: no such bug' "$scratch/err" || fail 'a bug that nobody has is not refused'
finish
