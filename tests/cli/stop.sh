#!/bin/sh
# A sweep that goes by seeds, stops at what it is told to, and has a limit of processor time. What
# it tells is the same for any number of jobs.
. "$(dirname "$0")/lib/lib.sh"
bug=journal-torn-tail-refused

runs() {
	grep '"type":"run"' "$scratch/out" | sed 's/.*"scenario":"\([^"]*\)","seed":"0x0*\([^"]*\)","verdict":"\([^"]*\)".*/\1 \2 \3/'
}

# Every scenario with one seed, then with the next.
expect 0 "$aftershock" run kill-anywhere disk-full --library "$library" --seeds 2 --by-seed --json
[ "$(runs)" = 'kill-anywhere 1 held
disk-full 1 held
kill-anywhere 2 held
disk-full 2 held' ] || fail "by seed: $(runs)"
hashes <"$scratch/out" | sort >"$scratch/by-seed"
expect 0 "$aftershock" run kill-anywhere disk-full --library "$library" --seeds 2 --json
hashes <"$scratch/out" | sort >"$scratch/by-scenario"
cmp -s "$scratch/by-seed" "$scratch/by-scenario" || fail 'by seed, other runs'

# It ends with the first violation, in the order of the runs.
for jobs in 1 3; do
	expect 1 "$aftershock" run kill-anywhere journal-torn-tail-stays --library "$library" --seeds 200 --by-seed \
		--stop-at violation --bug $bug --jobs $jobs --json
	runs >"$scratch/runs.$jobs"
done
cmp -s "$scratch/runs.1" "$scratch/runs.3" || fail 'other runs with 3 jobs'
[ "$(grep -c ' held$' "$scratch/runs.1")" -eq $(($(wc -l <"$scratch/runs.1") - 1)) ] || fail 'not one violation'
tail -n 1 "$scratch/runs.1" | grep -q -v ' held$' || fail 'something comes behind the violation'
grep '"type":"summary"' "$scratch/out" | grep -q '"processor_s":0\.[0-9]*[1-9]' || fail 'no processor time'

# A control, a finding; and a name that nothing has would be looked for in vain.
expect 0 "$aftershock" run controls:memory,off --library "$library" --seeds 1000 --stop-at control --json
[ "$(runs | wc -l)" -lt 50 ] || fail 'does not stop at a control'
expect 5 "$aftershock" run swarm-processes:wal --library "$library" --seeds 12..300 --stop-at wal-reset --json
[ "$(runs | wc -l)" -eq 1 ] || fail 'does not stop at a finding whose name begins so'
expect 2 "$aftershock" run swarm-processes:wal --library "$library" --seeds 12..300 --stop-at wal-rese
expect 2 "$aftershock" run kill-anywhere --library "$library" --stop-at wal-reset
says 'expected violation, control, or a known finding that one of the scenarios lists'

expect 5 "$aftershock" run kill-anywhere --library "$library" --seeds 100000 --processor-time 1s --json
says '"exit_status":5'
expect 2 "$aftershock" run kill-anywhere --library "$library" --processor-time soon
says '--processor-time soon: expected a whole number and a unit'
finish
