#!/bin/sh
# Violations, crashes and hangs belong to one seed each, are reported with a line that replays them,
# and end no sweep (S28, S29).
. "$(dirname "$0")/lib/lib.sh"

expect 1 "$aftershock" run --library "$library" --bug memory-before-save --seeds 20 --results "$scratch/results"
says 'violated memory_equals_committed'
line=$(grep -m 1 '^  aftershock replay.* memory_equals_committed' "$scratch/out")
# shellcheck disable=SC2086 # words, on purpose
expect 1 "$aftershock" replay ${line#*aftershock replay } --library "$library"
says 'reproduced'
says 'memory_equals_committed'
[ -s "$scratch/results/results.db" ] || fail 'no results database'

expect 0 "$aftershock" run steady-trading kill-anywhere power-loss-wal --library "$library" --seeds 50 \
	--subject "$build_dir/tests/plugin/ledger.so"

expect 0 "$aftershock" replay kill-anywhere@0x1 --library "$library" --trace
says 'unrecorded'
says 'xWrite'
expect 0 "$aftershock" replay kill-anywhere@1 --library "$library" --dump "$scratch/dump"
[ -s "$scratch/dump/engine.db" ] || fail 'no dumped database'
expect 2 "$aftershock" replay kill-anywhere@1 --library "$library" --dump "$scratch/none/dump"
says 'none/dump: No such file or directory'
expect 2 "$aftershock" replay kill-anywhere@1 --library "$library" --dump "$scratch/dump/engine.db"
says 'expected a directory that can be written to'

expect 1 "$aftershock" run steady-trading --library "$library" --jobs 2 --seeds 40 --subject "$build_dir/tests/plugin/crashing.so"
says 'violated subject_crashed in 40 runs'
grep -q '^  SIGABRT$' "$scratch/out" || fail 'a crash is not called by its signal'
says 'which step that was: the last lines of `explain`, or of this line with --trace'
expect 1 "$aftershock" run steady-trading --library "$library" --jobs 2 --seeds 3 --hang-seconds 1 \
	--subject "$build_dir/tests/plugin/hanging.so"
says 'violated subject_hung in 3 runs'
expect 1 "$aftershock" replay steady-trading@1 --library "$library" --subject "$build_dir/tests/plugin/crashing.so"
says 'subject_crashed'

# SQL without an end is refused at its line, wherever it is; SQL that takes long is not.
endless='WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n'
# endless SETUP STATEMENT
endless() {
	printf '%s\n' 'name: endless' 'about: Endless.' 'criteria: [AC3]' 'subject: sql' 'sql:' '  setup:' \
		'    - CREATE TABLE t(v INTEGER)' "    - $1" '  transactions:' '    - name: a' "      statements: [\"$2\"]" \
		'faults:' '  - kind: kill' >"$scratch/endless.yaml"
}
endless 'INSERT INTO t VALUES(1)' "$endless"
for verb in run replay explain; do
	seed=@1
	[ "$verb" = run ] && seed=
	expect 2 timeout 20 "$aftershock" "$verb" "$scratch/endless.yaml$seed" --hang-seconds 1
	says "$scratch/endless.yaml:11: sql.transactions[0].statements[0]: has no end after 1 seconds"
done
endless "INSERT INTO t $endless" 'INSERT INTO t VALUES(2)'
expect 2 timeout 20 "$aftershock" run "$scratch/endless.yaml" --hang-seconds 1
says "$scratch/endless.yaml:8: sql.setup[1]: has no end after 1 seconds"
endless "INSERT INTO t ${endless%) SELECT*} LIMIT 200000) SELECT max(i) FROM n" 'INSERT INTO t VALUES(2)'
expect 0 "$aftershock" replay "$scratch/endless.yaml@1"

"$aftershock" run --library "$library" --seeds 1000000 >"$scratch/out" 2>"$scratch/err" &
pid=$!
sleep 1
kill -INT "$pid"
wait "$pid"
[ "$?" -eq 130 ] || fail 'an interrupted run does not end with 130'
says 'interrupted'
finish
