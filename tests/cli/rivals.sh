#!/bin/sh
# Several engines at once from outside: they hold, planted bugs of theirs are found, and what makes
# no sense is refused at its line.
. "$(dirname "$0")/lib/lib.sh"

family=$library/processes
expect 0 "$aftershock" run engine-rivals engine-paused engine-killed --library "$library" --seeds 30
expect 1 "$aftershock" run engine-rivals --library "$library" --seeds 30 --bug epoch-not-guarded
says 'violated one_owner'
expect 1 "$aftershock" run engine-wal-index --library "$library" --seeds 200 --bug snapshot-conflict-retried-stale
says 'violated one_owner'

# What fails beside rivals has a reason, too (S42).
for bug in seventh-commit-in-doubt starts-fail-twice fenced-says-later-first; do
	expect 1 "$aftershock" run engine-rivals --library "$library" --seeds 20 --bug $bug
	says 'violated no_needless_failure'
done

# Bugs of the simulated machine and of a client of SQLite need several processes to show; without
# the bug the seed holds.
for found in shm-exclusive-beside-shared:snapshot_isolation read-transaction-forgotten:snapshot_isolation; do
	expect 1 "$aftershock" run wal-readers --library "$library" --seeds 60 --bug "${found%:*}"
	says "violated ${found#*:}"
done
expect 0 "$aftershock" run wal-readers --library "$library" --seeds 60

# A recorded schedule is the same run; the story says who did what.
"$aftershock" replay engine-paused@3 --library "$library" --print-schedule >"$scratch/plan" || fail 'no schedule'
grep -q '^switch [0-9]* engine-2$' "$scratch/plan" || fail 'no switch to engine-2 in the schedule'
grep -q '^fault pause .* process engine-[123]$' "$scratch/plan" || fail 'no engine is paused'
"$aftershock" replay engine-paused@3 --library "$library" | grep -o 'trace hash [0-9a-f]*' >"$scratch/one"
"$aftershock" replay --plan "$scratch/plan" --library "$library" | grep -o 'trace hash [0-9a-f]*' >"$scratch/other"
cmp -s "$scratch/one" "$scratch/other" || fail 'a recorded schedule is another run'

refused() {
	sed "$1" "$family/$2.yaml" | sed "/^known:/,\$d" >"$scratch/$2.yaml"
	line=$(grep -n "$3" "$scratch/$2.yaml" | head -n 1 | cut -d: -f1)
	expect 2 "$aftershock" run "$scratch/$2.yaml" --seeds 1
	says "$scratch/$2.yaml:$line: "
	says "$4"
}
refused 's/role: reader/role: vacuum/; s/, looks: {min: 1, max: 3}, hold_ms: {min: 0, max: 4}//' engine-rivals 'role: vacuum' \
	'a vacuum beside engines, expected engine or reader'
refused 's/role: engine/role: reader/' engine-rivals 'processes:' 'no engine that every seed has, expected at least one'
refused 's/role: writer/role: engine/' wal-kill 'role: engine' 'an engine with SQL, expected subject: engine'
refused 's/synchronous: .*/synchronous: [normal]/' engine-power-loss 'settings:' 'expected settings that promise durable'
refused 's/process: engine/process: engin/' engine-paused 'process: engin' 'unknown process engin'
# Another engine plays the journal back while this one loads: nothing is missing, so "later".
expect 0 "$aftershock" replay engine-vouched@0x652 --library "$library"

finish
