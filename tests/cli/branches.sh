#!/bin/sh
# Crash states beside every run of a sweep: they change nothing of the run, a violation in one of
# them is the run's, its line runs that state alone, and `shrink` and `explain` know of it.
. "$(dirname "$0")/lib/lib.sh"

run() {
	"$aftershock" run "$@" --library "$library"
}

# Nothing of the run changes (S50).
for scenario in power-loss-wal sql-defaults; do
	for branches in 0 24; do
		run $scenario --seeds 20 --branches $branches --json --jobs 1 >"$scratch/json"
		hashes <"$scratch/json" | sort >"$scratch/hashes.$branches"
		sed -n 's/.*"branches":\([0-9]*\).*/\1/p' "$scratch/json" | awk '{ sum += $1 } END { print sum + 0 }' >"$scratch/sum.$branches"
	done
	cmp -s "$scratch/hashes.0" "$scratch/hashes.24" || fail "$scenario: another run with crash states beside it"
	[ "$(cat "$scratch/sum.0")" -eq 0 ] || fail "$scenario: crash states with --branches 0"
	[ "$(cat "$scratch/sum.24")" -gt 100 ] || fail "$scenario: $(cat "$scratch/sum.24") crash states beside 20 runs"
done

# A violation beside a run is the run's, and the same whoever runs it.
bug=journal-acknowledged-before-sync
name=differential:journal,none
expect 1 run $name --seeds 30 --branches 8 --bug $bug --jobs 1
cp "$scratch/out" "$scratch/one"
says 'violated acknowledged_is_durable'
says '; in crash state '
expect 1 run $name --seeds 30 --branches 8 --bug $bug --jobs 2
grep -v ' jobs: ' "$scratch/one" >"$scratch/one.rest"
grep -v ' jobs: ' "$scratch/out" | cmp -s - "$scratch/one.rest" || fail 'two jobs find something else than one'
expect 0 run $name --seeds 30 --branches 0 --bug $bug
line=$(grep "^  aftershock replay $name@[^/]* --bug" "$scratch/one" | head -n 1)
alone=$(grep "^  aftershock replay $name@.*/.* --bug" "$scratch/one" | head -n 1)
if [ -z "$line" ] || [ -z "$alone" ]; then fail 'no line for the run, or none for the crash state alone'; fi
expect 1 sh -c "\"$aftershock\" ${line#  aftershock }"
says 'reproduced'
expect 1 sh -c "\"$aftershock\" ${alone#  aftershock } --trace"
says 'violated'
seed=${line#*@}
seed=${seed%% *}
expect 1 "$aftershock" explain "$name@$seed" --branches 8 --bug $bug --library "$library"
says 'that crash state, and no other: aftershock replay'
run wal-kill --seeds 1 --branches 8 --json | grep '"type":"run"' | grep -q -e '--branches' && fail 'a line of several processes has --branches'

# The smallest plan looks at all crash states, where the first of them that is violated is violated
# in the same way. It needs no fault then.
found=0
for seed in $(run $name --seeds 30 --branches 8 --bug $bug --json | sed -n 's/.*"seed":"\([^"]*\)","verdict":"violated".*/\1/p' | head -n 6); do
	[ $found -eq 1 ] && break
	expect 1 "$aftershock" shrink "$name@$seed" --branches 8 --bug $bug --library "$library" --output "$scratch/plan"
	grep -q '^setting all_branches on$' "$scratch/plan" && found=1
done
[ $found -eq 1 ] || fail 'no plan looks at all crash states'
grep -q '^fault' "$scratch/plan" && fail 'the plan has a fault'
expect 1 "$aftershock" replay --plan "$scratch/plan" --bug $bug --library "$library"
expect 1 "$aftershock" explain --plan "$scratch/plan" --bug $bug --library "$library"
line=$(sed -n 's/^that crash state, and no other: aftershock //p' "$scratch/out")
expect 1 sh -c "\"$aftershock\" $line"
says 'start '
expect 0 "$aftershock" replay --plan "$scratch/plan" --library "$library"

# All crash states: each has two lives, kills as well. So they are those of explore, and those of
# explore --go-on.
"$aftershock" replay differential:journal,none@1 --print-plan --library "$library" |
	awk '/^step/ && ++steps > 2 { next } /^report/ && ++reports > 2 { next } { print }' >"$scratch/small"
sum=0
for more in '' --go-on; do
	# shellcheck disable=SC2086 # none, or one word
	judged=$("$aftershock" explore --plan "$scratch/small" --drawn 4 --library "$library" $more | awk '$1 == "states_judged" { print $2 }')
	sum=$((sum + judged))
done
sed '/^setting demand_of_files/a setting all_branches on' "$scratch/small" >"$scratch/all"
expect 0 "$aftershock" replay --plan "$scratch/all" --library "$library" --json
says "\"branches\":$sum,"

# A connection that could not be switched to WAL mode is in DELETE, where the last commit may roll
# back (the judge went on with TRUNCATE).
"$aftershock" replay sql-modes@0x4c64ae --library "$library" --print-plan |
	sed 's/^setting branches .*/setting all_branches on/' >"$scratch/to-wal"
expect 0 "$aftershock" replay --plan "$scratch/to-wal" --library "$library"

# What is recorded with crash states beside it is replayed with them.
run $name --seeds 30 --branches 8 --bug $bug --results "$scratch/results" >/dev/null 2>&1
if command -v sqlite3 >/dev/null; then
	found=$(sqlite3 "$scratch/results/results.db" "SELECT count(*) FROM run WHERE state LIKE '%/%' AND detail LIKE '%; in crash state ' || state")
	[ "$found" -gt 0 ] || fail 'no run of the results names the crash state that was violated'
	none=$(sqlite3 "$scratch/results/results.db" "SELECT count(*) FROM run WHERE verdict = 'held' AND state <> ''")
	[ "$none" -eq 0 ] || fail "$none runs of the results held, and name a crash state that was violated"
	judged=$(sqlite3 "$scratch/results/results.db" 'SELECT sum(branches) FROM run')
	[ "$judged" -gt 50 ] || fail "the results have $judged crash states beside 30 runs"
fi
expect 2 "$aftershock" replay "$name@$seed" --bug $bug --library "$library" --results "$scratch/results"
says 'recorded with --branches 8, expected the same here'
expect 1 "$aftershock" replay "$name@$seed" --bug $bug --library "$library" --results "$scratch/results" --branches 8
says 'reproduced'

# Bad input: one line, status 2.
expect 2 "$aftershock" replay --plan "$scratch/plan" --branches 8
says '--branches: expected without --plan'
expect 2 "$aftershock" replay power-loss-wal@1/step1.begin/none --branches 8 --library "$library"
says '--branches: expected without POINT/STATE'
expect 2 "$aftershock" explore sql-bank@1 --go-on --library "$library"
says 'nothing is written behind a load of SQL, expected no --go-on'
expect 2 "$aftershock" replay sql-bank@1/step1.begin/none+1 --library "$library"
says 'expected a state without +1'
expect 2 run power-loss-wal --branches 1001
says 'expected a whole number from 0 to 1000'
expect 2 run power-loss-wal --branchse 8
says 'did you mean --branches?'
sed 's/^settings:/settings:\n  branches: [8]/' "$library/processes/engine-killed.yaml" >"$scratch/engine-killed.yaml"
expect 2 "$aftershock" run "$scratch/engine-killed.yaml" --seeds 1
says 'crash states beside a run of several processes, expected 0'
"$aftershock" replay wal-kill@1 --library "$library" --print-plan | sed '/^setting demand_of_files/a setting branches 8' >"$scratch/several"
expect 2 "$aftershock" replay --plan "$scratch/several" --library "$library"
says 'crash states beside several processes, expected no branches'
finish
