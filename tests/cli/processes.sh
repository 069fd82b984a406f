#!/bin/sh
# Several processes at once from outside: the family runs, a recorded schedule replays a run, and
# what makes no sense is refused at its line.
. "$(dirname "$0")/lib/lib.sh"

family=$library/processes
# Twenty seeds are too few for the rarest probes (5); nothing may be violated.
"$aftershock" run processes --library "$library" --seeds 20 --json >"$scratch/runs" 2>"$scratch/err"
status=$?
[ "$status" -eq 0 ] || [ "$status" -eq 5 ] || fail "status $status, expected 0 or 5: $(head -n 1 "$scratch/err")"
[ "$(grep -c '"type":"run"' "$scratch/runs")" -ge 240 ] || fail 'fewer than 12 scenarios of 20 seeds'
grep -q '"switches":[1-9]' "$scratch/runs" || fail 'no run has a switch'
grep -q '"processes":[2-8]' "$scratch/runs" || fail 'no run has two processes'
[ "$(grep -o '"schedule_hash":"[0-9a-f]*"' "$scratch/runs" | sort -u | wc -l)" -ge 200 ] || fail 'schedules are alike'

# The run that a schedule was recorded from.
"$aftershock" replay rollback-kill@3 --library "$family" --print-schedule >"$scratch/plan" || fail 'no schedule'
grep -q '^switch [0-9]* writer-1$' "$scratch/plan" || fail 'no switch to writer-1 in the schedule'
"$aftershock" replay rollback-kill@3 --library "$family" | grep -o 'trace hash [0-9a-f]*' >"$scratch/one"
"$aftershock" replay --plan "$scratch/plan" --library "$family" | grep -o 'trace hash [0-9a-f]*' >"$scratch/other"
cmp -s "$scratch/one" "$scratch/other" || fail 'a recorded schedule is another run'
sed '/^switch/d' "$scratch/plan" >"$scratch/less"
"$aftershock" replay --plan "$scratch/less" --library "$family" | grep -o 'trace hash [0-9a-f]*' >"$scratch/other"
cmp -s "$scratch/one" "$scratch/other" && fail 'a schedule without switches is the same run'
expect 2 "$aftershock" replay kill-anywhere@3 --library "$library" --print-schedule
says 'a run of one process'

# A seed of the general scenario has some roles and not others, and does much or little. No strategy
# has fewer than one seed in twenty.
seed=1
while [ "$seed" -le 60 ]; do
	"$aftershock" replay "swarm-processes:wal@$seed" --library "$family" --print-plan >>"$scratch/plans"
	seed=$((seed + 1))
done
for role in writer reader checkpointer opener backup vacuum switcher copier; do
	grep -q "^process [0-9] $role-1 $role$" "$scratch/plans" || fail "no seed of 60 has a $role"
done
grep -q "^process [0-9] viewer-1 reader read_only$" "$scratch/plans" || fail "no seed of 60 opens for reading only"
[ "$(grep -c '^step [0-9]* tune ' "$scratch/plans")" -ge 10 ] || fail "fewer than 10 pragmas in 60 seeds"
[ "$(grep -c '^process [0-9] writer-1 ' "$scratch/plans")" -eq 60 ] || fail 'a seed without a writer'
[ "$(grep -c '^process [0-9] reader-1 ' "$scratch/plans")" -lt 50 ] || fail 'all seeds have a reader'
for strategy in steps priorities partial_order targeted; do
	[ "$(grep -c "^schedule $strategy\>" "$scratch/plans")" -ge 3 ] || fail "fewer than 3 seeds of 60 with $strategy"
done
grep '^step' "$scratch/plans" | grep ' pause ' | grep -q -v ' pause 0 ' || fail 'nobody pauses'

# How a process opens the database stands in the plan, and is read back.
"$aftershock" replay read-only@3 --library "$family" --print-plan >"$scratch/opens" || fail 'no plan'
grep -q '^process [0-9] viewer-1 reader read_only$' "$scratch/opens" || fail 'the plan does not say how the viewer opens'
"$aftershock" replay read-only@3 --library "$family" | grep -o 'trace hash [0-9a-f]*' >"$scratch/one"
"$aftershock" replay --plan "$scratch/opens" --library "$family" | grep -o 'trace hash [0-9a-f]*' >"$scratch/other"
cmp -s "$scratch/one" "$scratch/other" || fail 'a plan with a viewer is another run'
sed 's/ reader read_only$/ reader sideways/' "$scratch/opens" >"$scratch/wrong"
expect 2 "$aftershock" replay --plan "$scratch/wrong" --library "$family"
says 'way to open sideways, expected one of: read_only, immutable, nolock'
sed 's/ writer-1 writer$/ writer-1 writer read_only/' "$scratch/opens" >"$scratch/wrong"
expect 2 "$aftershock" replay --plan "$scratch/wrong" --library "$family"
says 'a writer that opens read_only'

# A WAL is begun anew in the WAL index first; a checkpoint that goes on before anything is written
# loses the same.
"$aftershock" run swarm-processes:wal --library "$library" --seeds 9406..9406 --json 2>/dev/null |
	grep -q '"seed":"0x00000000000024be".*the WAL began anew beside a checkpoint' || fail 'the cause is not named'

# The trace says whose event it is.
"$aftershock" replay rollback-kill@3 --library "$family" --trace | grep -q 'reader-1 .*call .*xLock' || fail 'no reader in the trace'

# Bad input: the file, its line, and what was expected.
refused() {
	sed "$1" "$family/$2.yaml" | sed "/^known:/,\$d" >"$scratch/$2.yaml"
	line=$(grep -n "$3" "$scratch/$2.yaml" | head -n 1 | cut -d: -f1)
	expect 2 "$aftershock" run "$scratch/$2.yaml" --seeds 1
	says "$scratch/$2.yaml:$line: "
	says "$4"
}
refused 's/journal_mode: .*/journal_mode: [delete]/' wal-readers 'role: checkpointer' 'a checkpointer in a rollback mode has nothing to do'
refused 's/role: reader/role: spy/' wal-readers 'role: spy' 'unknown role spy, expected writer, reader'
refused 's/modes: .passive/modes: [lazy/' wal-readers 'modes: .lazy' 'unknown mode lazy, expected one of: passive'
refused 's/^workload:/schedule: [by_chance percent 3]\nworkload:/' wal-readers 'by_chance' 'unknown strategy by_chance'
refused 's/^workload:/schedule: [steps percent 3]\nworkload:/' wal-readers 'steps percent 3' 'bad schedule "steps percent 3"'
refused 's/role: reader,/role: reader, draw: lots,/' wal-readers 'draw: lots' 'unknown word lots in processes[1].draw, expected one of: evenly, heavy'
refused 's/role: reader,/role: reader, chance: 101,/' wal-readers 'chance: 101' 'processes[1].chance is 101 percent'
refused 's/opens: read_only/opens: sideways/' read-only 'opens: sideways' 'unknown word sideways, expected one of: read_write, read_only, immutable, nolock'
refused 's/role: writer,/role: writer, opens: read_only,/' read-only 'role: writer' 'a writer that opens read_only, expected a reader, checker, backup or copier'
refused 's/opens: read_only/opens: nolock/' read-only 'opens: nolock' 'a process that opens nolock, expected a rollback mode in all seeds'
refused 's/role: reader,/role: reader, opens: immutable,/' attached 'opens: immutable' 'a process that opens immutable, expected no attached files'
refused 's/role: reader,/role: reader, opens: read_only,/' engine-rivals 'opens: read_only' 'a process that opens read_only, expected subject: sql'
refused 's/role: writer,/role: writer, chance: 99,/' wal-readers 'processes:' 'no writer that every seed has'
refused 's/^workload:/workload:\n  draw: often/' wal-readers 'draw: often' 'unknown word often in workload.draw, expected one of: evenly, heavy'
refused 's/role: writer,/role: writer, chance: 50,/; s/^processes:/processes:\n  - {name: clerk, role: writer}/; s/  - kind: kill/  - kind: kill\n    process: writer/' wal-kill 'process: writer$' 'unknown process writer, expected a name of `processes` that every seed has'
refused 's/  - kind: kill/  - kind: kill\n    process: writer-9/' wal-kill 'process: writer-9' 'unknown process writer-9'
refused 's/    - name: move/    - name: move\n      begin: deferred/' attached 'begin: deferred' 'attached files with several processes, expected begin: immediate'
refused 's/journal_mode: .*/journal_mode: [delete, wal]/' attached 'journal_mode' 'attached files in WAL mode with several processes'
refused 's/role: checker/role: backup/' attached 'role: backup' 'a backup with attached files'
refused 's/role: writer/role: reader/' rollback-kill 'processes:' 'no writer'
refused 's/journal_mode: .*/journal_mode: [off]/' rollback-kill 'journal_mode' 'mode off with several processes'
refused 's/^processes:/schedule: [round_robin quantum 2]\nfaults: []\nignored:/' rollback-readers 'ignored' 'unknown key ignored'
finish
