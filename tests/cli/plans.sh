#!/bin/sh
# Plans are printed, run again, edited and refused.
. "$(dirname "$0")/lib/lib.sh"
plan=$scratch/plan

expect 0 "$aftershock" replay disk-full@1 --library "$library" --print-plan
cp "$scratch/out" "$plan"
[ ! -s "$scratch/err" ] || fail 'printing a plan says something on stderr'

# The plan runs like scenario and seed, in any directory and without a library.
expect 0 "$aftershock" replay disk-full@1 --library "$library"
hash=$(sed -n 's/^trace hash \([0-9a-f]*\);.*/\1/p' "$scratch/out")
cd /
expect 0 "$aftershock" replay --plan "$plan" --library /nowhere --expect-verdict held --expect-hash "$hash"
says 'disk-full@0x1: held'
says 'reproduced'
expect 0 "$aftershock" replay --plan "$plan" --print-plan
cmp -s "$plan" "$scratch/out" || fail 'a plan that was read prints another text'

# Its bug needs the faults of the plan: without them it is fixed.
expect 1 "$aftershock" replay --plan "$plan" --bug memory-before-save --json
says '"invariant":"memory_equals_committed"'
line=$(sed -n 's/.*"replay":"aftershock \([^"]*\)".*/\1/p' "$scratch/out")
# shellcheck disable=SC2086 # words, on purpose
expect 1 "$aftershock" $line
says 'reproduced'
grep -v '^fault' "$plan" >"$scratch/without"
expect 0 "$aftershock" replay --plan "$scratch/without" --bug memory-before-save --expect-verdict memory_equals_committed
says 'fixed'

# wrong TEXT FILE: refused in one line.
wrong() {
	expect 2 "$aftershock" replay --plan "$2"
	[ "$(wc -l <"$scratch/err")" -eq 1 ] || fail "more or less than one line on stderr: $2"
	says "$1"
}
sed 's/^step 3 .*/step 3 explode/' "$plan" >"$scratch/bad"
wrong 'kind of step explode, expected one of: none, deliver, again, restart, checkpoint' "$scratch/bad"
says "$scratch/bad:$(grep -n '^step 3 ' "$scratch/bad" | cut -d: -f1): "
# A trader who asks never sends what is forbidden.
"$aftershock" replay hand-shake@1 --library "$library" --print-plan >"$scratch/trader" || fail 'no plan of hand-shake'
intent=$(grep -n -m 1 'pending_new' "$scratch/trader" | cut -d: -f1)
for limit in 's/notional 0 tick_lots/notional 1 tick_lots/' 's/position [0-9]* lots notional/position 1 lots notional/'; do
	sed "$limit" "$scratch/trader" >"$scratch/bad"
	wrong "$scratch/bad:$intent: an order that the limits of report 0 forbid" "$scratch/bad"
done
sed 's/limits position .* time/halt time/' "$scratch/trader" >"$scratch/bad"
wrong "$scratch/bad:$intent: an order while trading is halted" "$scratch/bad"
sed 's/notional 0 tick_lots orders 0/notional 99999999 tick_lots orders 1/' "$scratch/trader" >"$scratch/wide"
expect 0 "$aftershock" replay --plan "$scratch/wide"
head -c 300 "$plan" >"$scratch/bad"
wrong 'a line that does not end, expected a line feed' "$scratch/bad"
wrong 'No such file or directory, expected a plan' "$scratch/none"
wrong ':1: ' "$aftershock"
expect 2 "$aftershock" replay disk-full@1 --plan "$plan"
says 'expected one SCENARIO@SEED, or --plan FILE'
finish
