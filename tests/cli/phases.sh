#!/bin/sh
# Phases of SQLite: scenarios and plans aim at them, a fault that waits in vain goes by its number,
# and the table, JSON, results, traces and stories count and name what struck.
. "$(dirname "$0")/lib/lib.sh"

# scenario NAME FAULT LINE...: faults with one group, and more lines.
scenario() {
	name=$1
	fault=$2
	shift 2
	printf '%s\n' "name: $name" 'about: text' 'criteria: [AC3]' 'subject: engine' 'settings: {journal_mode: [wal]}' \
		"faults: [$fault]" "$@" >"$scratch/$name.yaml"
}

# ---- aimed, and at nothing else
scenario aimed '{kind: kill, phase: wal_commit_frame+checkpoint_write, count: {min: 3, max: 3}, occurrences: {min: 1, max: 5}}' \
	'workload: {checkpoints: 20}'
expect 0 "$aftershock" run "$scratch/aimed.yaml" --seeds 30 --json --results "$scratch/results"
tail -n 1 "$scratch/out" >"$scratch/summary"
phases=$(grep -o '"[a-z_]*":{"crashes"' "$scratch/summary" | sort | tr -d '\n')
[ "$phases" = '"checkpoint_write":{"crashes""wal_commit_frame":{"crashes"' ] || fail "other phases: $phases"
LC_ALL=C grep -aq 'aimedwal_commit_frame' "$scratch/results/results.db" || fail 'the results do not have the phases'
expect 0 "$aftershock" run "$scratch/aimed.yaml" --seeds 5 --phases
says 'struck in phase                 crashes other faults'
says 'wal_commit_frame'
says 'fell into starts'
expect 0 "$aftershock" run journal-damaged --library "$library" --seeds 20 --losses
says 'legally lost               by                              loads    updates'
says 'journal-damaged            cut super-journal'
expect 0 "$aftershock" explain "$scratch/aimed.yaml@2"
says 'the process is killed in xWrite of the'
expect 0 "$aftershock" replay "$scratch/aimed.yaml@2" --trace
says ' phase wal_commit_frame '

# ---- by number alone
scenario number '{kind: kill, phase: any}'
expect 0 "$aftershock" replay "$scratch/number.yaml@1" --print-plan
! grep -q '^fault.* phase ' "$scratch/out" || fail 'phase: any is aimed'

# ---- a plan waits for 300 calls, and then goes by the number; with operation 0 it waits for ever
sed 's/^fault .*/fault kill any any at step 0 phase super_journal_name 1 operation 1 effect before bytes 0/' \
	"$scratch/out" >"$scratch/falls.plan"
expect 0 "$aftershock" replay --plan "$scratch/falls.plan" --json
grep -q '"faults":1,' "$scratch/out" || fail 'a fault that waited in vain did not go by its number'
sed 's/ operation 1 / operation 0 /' "$scratch/falls.plan" >"$scratch/waits.plan"
expect 0 "$aftershock" replay --plan "$scratch/waits.plan" --json
grep -q '"faults":0,' "$scratch/out" || fail 'a fault with operation 0 went by a number'

# ---- refused
scenario unknown '{kind: kill, phase: wal_fame}'
expect 2 "$aftershock" run "$scratch/unknown.yaml"
says 'unknown.yaml:6: unknown phase wal_fame, expected one of `aftershock list phases`'
scenario both '{kind: kill, phase: wal_frame, methods: [xWrite]}'
expect 2 "$aftershock" run "$scratch/both.yaml"
says 'both.yaml:6: a phase beside methods, files or codes'
scenario never '{kind: disk_full, phase: wal_deletion}'
expect 2 "$aftershock" run "$scratch/never.yaml"
says 'never.yaml:6: disk_full cannot strike in wal_deletion'
scenario alone '{kind: kill, occurrences: {min: 1, max: 2}}'
expect 2 "$aftershock" run "$scratch/alone.yaml"
says 'kill does not use occurrences'

# The doors: who is alone comes to none at which two meet.
expect 0 "$aftershock" run steady-trading --library "$library" --seeds 5 --doors
grep -q '^door_wal_writers_meet  *0\.0  *0\.0  two wanted' "$scratch/out" || fail 'one process met another'
# Nor does who is refused by a fault, as a lock that is held or a call that says busy.
expect 0 "$aftershock" run sql-bank --library "$library" --seeds 3 --branches 8 --doors
for door in wal_writers_meet commit_meets_reader reader_kept_out writers_meet reader_meets_reset hot_journal_met; do
	grep -q "^door_$door  *0\.0  *0\.0  " "$scratch/out" || fail "one process met another at $door"
done
"$aftershock" run swarm-processes:wal --library "$library" --seeds 30 --doors >"$scratch/out" 2>/dev/null
grep -q '^door_checkpoint_of_nothing  *[1-9]' "$scratch/out" || fail 'no checkpoint had nothing to do'
grep -q '^door_wal_writers_meet  *[1-9]' "$scratch/out" || fail 'no two writers met'

# The species, and what the next runs would still show: the same with any number of processes, in
# order or by seed.
species() {
	expect 0 "$aftershock" run steady-trading founding-story --library "$library" --species "$@"
}
species --seeds 40 --jobs 1
grep -A 3 ' species in 80 runs: ' "$scratch/out" >"$scratch/one"
says 'the next 80 runs: '
[ "$(wc -l <"$scratch/one")" -eq 3 ] || fail 'not two lines about the next runs'
species --seeds 40 --jobs 3 --by-seed
grep -A 3 ' species in 80 runs: ' "$scratch/out" | cmp - "$scratch/one" || fail 'the number of processes counts'
species --seeds 40 --json --results "$scratch/results"
says '"type":"species","runs":80,"species":'
says '"not_estimated":""'
LC_ALL=C grep -aq 'CREATE TABLE unseen(' "$scratch/results/results.db" || fail 'the results do not have the estimate'
if command -v sqlite3 >/dev/null; then
	kept=$(sqlite3 "$scratch/results/results.db" "SELECT (SELECT count(*) FROM species) || ' species in 80 runs: '")
	grep -q "^$kept" "$scratch/one" || fail "the results have other species: $kept"
	[ "$(sqlite3 "$scratch/results/results.db" 'SELECT group_concat(runs) FROM unseen')" = 40,80 ] || fail 'other estimates are kept'
fi
species --seeds 5
says 'nothing is estimated: 5 seeds are too few, expected at least 20'
"$aftershock" run controls:delete,off --library "$library" --seeds 40 --species --stop-at control >"$scratch/out" 2>&1
says 'nothing is estimated: the sweep has ended early'

expect 0 "$aftershock" list phases
says 'wal_commit_frame           the frame that commits'
finish
