#!/bin/sh
# Every verb has --json: JSON Lines with a type each and one summary last, nothing else on stdout,
# and errors on stderr.
. "$(dirname "$0")/lib/lib.sh"

# json STATUS COMMAND...
json() {
	expect "$@" --json
	! grep -v -q '^{"type":"[a-z]*",.*}$' "$scratch/out" || fail "a line that is no object: $*"
	[ "$(grep -c '"type":"summary"' "$scratch/out")" -eq 1 ] || fail "not one summary: $*"
	tail -n 1 "$scratch/out" | grep -q '^{"type":"summary"' || fail "the summary is not last: $*"
	[ ! -s "$scratch/err" ] || fail "something on stderr: $*"
}

json 0 "$aftershock" run steady-trading --library "$library" --seeds 3
json 1 "$aftershock" run disk-full --library "$library" --seeds 3 --bug memory-before-save
says '"exit_status":1'
json 0 "$aftershock" replay steady-trading@1 --library "$library"
for list in scenarios faults invariants probes bugs; do
	json 0 "$aftershock" list $list --library "$library"
	entries=$(($(wc -l <"$scratch/out") - 1))
	says "\"list\":\"$list\",\"count\":$entries"
	expect 0 "$aftershock" list $list --library "$library"
	[ "$(grep -c -v '^ ' "$scratch/out")" -eq "$entries" ] || fail "another number of $list for people"
done
json 0 "$aftershock" doctor --library "$library"
says '"deterministic":true'

for verb in 'run nothing' 'replay nothing@1' 'list nothing' 'doctor nothing'; do
	# shellcheck disable=SC2086 # words, on purpose
	expect 2 "$aftershock" $verb --library "$library" --json
	[ ! -s "$scratch/out" ] || fail "an error on stdout: $verb"
	[ "$(wc -l <"$scratch/err")" -eq 1 ] || fail "more or less than one line on stderr: $verb"
done
finish
