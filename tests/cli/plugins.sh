#!/bin/sh
# A subject says what it takes. What it does not take is refused when it was named, and skipped by
# name when its folder or the library is run. It is never run with another subject instead (S31,
# S33).
. "$(dirname "$0")/lib/lib.sh"
ledger=$build_dir/tests/plugin/ledger.so

# refused STATUS TEXT ARGUMENT...: one line on stderr that says TEXT, and nothing on stdout.
refused() {
	wanted=$1
	text=$2
	shift 2
	expect "$wanted" "$aftershock" "$@" --library "$library"
	[ "$(wc -l <"$scratch/err")" -eq 1 ] || fail "more or less than one line on stderr: $*"
	[ ! -s "$scratch/out" ] || fail "something on stdout: $*"
	says "$text"
}

# ---- named
for verb in run replay explain shrink; do
	seed=@1
	[ "$verb" = run ] && seed=
	refused 2 "wal-kill: the plug-in $ledger does not take SQL, several processes of SQL" $verb "wal-kill$seed" --subject "$ledger"
	refused 2 "sql-bank: the plug-in $ledger does not take SQL" $verb "sql-bank$seed" --subject "$ledger"
done
refused 2 'batches: the plug-in' run steady-trading batches --subject "$ledger"
refused 2 'does not take the whole life of an order, batches' run "$library/batches.yaml" --subject "$ledger"
refused 2 'does not take several owners of one database' run second-engine --subject "$ledger"
refused 2 'does not take commands, questions for permission' run hand-shake --subject "$ledger"
refused 2 'does not take several owners of one database, readers of its tables' run engine-killed --subject "$ledger"
refused 2 'sql-bank: the engine with the bug memory-before-save does not take SQL' run sql-bank --bug memory-before-save

# ---- in C++
"$aftershock" run steady-trading --seeds 1 --library "$library" --subject "$build_dir/tests/plugin/in_cpp.so" >"$scratch/out" 2>"$scratch/err"
says 'it is in C++'

# ---- a plan, which may be another than its scenario's
for name in sql-bank batches:journal limits-and-halt wal-kill; do
	"$aftershock" replay "$name@1" --library "$library" --print-plan >"$scratch/plan" || fail "no plan of $name"
	refused 2 'does not take' replay --plan "$scratch/plan" --subject "$ledger"
done
"$aftershock" replay kill-anywhere@1 --library "$library" --print-plan >"$scratch/plan"
expect 0 "$aftershock" replay --plan "$scratch/plan" --subject "$ledger"

# ---- the library
# The worked example is never red: what does not fit is skipped. Some probes it has not.
"$aftershock" run --library "$library" --seeds 8 --subject "$ledger" >"$scratch/out" 2>"$scratch/err"
case $? in
0 | 5) ;;
*) fail 'the library is not green for the worked example' ;;
esac
skipped=$(sed -n "s/^\([0-9]*\) scenarios were skipped, for the plug-in .*ledger.so does not take:\$/\1/p" "$scratch/out" "$scratch/err")
[ "${skipped:-0}" -ge 20 ] || fail "skips ${skipped:-no} scenarios, expected at least 20"
says '  sql-bank                 SQL'
says '  limits-and-halt          the whole life of an order, commands, batches'
says '  second-engine            several owners of one database'
grep -q '^sql-bank ' "$scratch/out" && fail 'a scenario that was skipped has a row, too'
"$aftershock" run --library "$library" --seeds 1 --json --subject "$ledger" >"$scratch/out" 2>"$scratch/err"
[ "$(grep -c '^{"type":"skipped",' "$scratch/out")" -eq "${skipped:-0}" ] ||
	fail "not $skipped objects of what was skipped"
says '{"type":"skipped","scenario":"sql-bank","not_taken":"SQL"}'
says "\"skipped\":$skipped"
grep -q '"type":"run","scenario":"sql-' "$scratch/out" && fail 'SQL was run'
# What does not notice damage is not held to it, alone or in a folder.
refused 2 'does not take damage that it has to notice' run lying-disk --subject "$ledger"
refused 2 'does not take damage that it has to notice' run controls-disk --subject "$ledger"

# Faults of a file that it has not would never strike.
refused 2 'does not take faults of a journal of its own' run journal-sync-fails --subject "$ledger"
# Of a file with cells, those that fit are run, and demand nothing that only the others reach.
expect 0 "$aftershock" run "$library/contracts/honest-disk.yaml" --seeds 4 --subject "$ledger"
says '  honest-disk              in 23 of 48 cells: damage that it has to notice'
grep -q '^delete,full,kill ' "$scratch/out" || fail 'a cell that fits is not run'
grep -q '^memory,full,power_loss ' "$scratch/out" && fail 'a cell that does not fit is run'
refused 2 'does not take damage that it has to notice' run "$library/contracts/honest-disk.yaml:memory,full,power_loss" \
	--subject "$ledger"

# ---- a folder, in part and in whole
expect 1 "$aftershock" run processes --library "$library" --seeds 80 --bug snapshot-conflict-retried-stale
sql=$(grep -l '^subject: sql' "$library"/processes/*.yaml | wc -l)
says "$sql scenarios were skipped, for the engine with the bug snapshot-conflict-retried-stale does not take:"
says 'violated one_owner'
expect 4 "$aftershock" run processes --library "$library" --seeds 1 --subject "$ledger"
says "$(find "$library/processes" -name '*.yaml' | wc -l) scenarios were skipped"
says 'the subject takes none of these scenarios: nothing was run'

# ---- the built-in subjects, and a bug of the test bed, take everything
expect 0 "$aftershock" run sql-bank steady-trading wal-kill --library "$library" --seeds 1
grep -q skipped "$scratch/out" && fail 'the built-in subjects skip something'
expect 0 "$aftershock" run sql-bank --library "$library" --seeds 1 --bug wal-index-outlives-its-processes

# ---- one of several clients of SQL, and two twins of it that are wrong (S25)
plugins=$build_dir/tests/plugin
expect 0 "$aftershock" run wal-kill rollback-kill late-openers wal-errors --library "$library" --seeds 30 --subject "$plugins/client.so"
expect 0 "$aftershock" replay sql-bank@1 --library "$library" --subject "$plugins/client.so"
refused 2 'vacuum: the plug-in '"$plugins"'/client.so does not take backup, vacuum, check and switch of journal mode' run vacuum --subject "$plugins/client.so"
expect 1 "$aftershock" run wal-kill --library "$library" --seeds 10 --subject "$plugins/client_early.so"
says 'was accepted without a write from'
expect 1 "$aftershock" run wal-errors --library "$library" --seeds 60 --subject "$plugins/client_twice.so"
says 'violated serialisable_writers'
"$aftershock" replay vacuum@1 --library "$library" --print-plan >"$scratch/plan" || fail 'no plan of vacuum'
refused 2 'does not take backup, vacuum, check and switch' replay --plan "$scratch/plan" --subject "$plugins/client.so"

# ---- versions 3 and 4 knew of no clients
refused 2 'wal-kill: the plug-in '"$plugins"'/version_4.so does not take several processes of SQL' run wal-kill --subject "$plugins/version_4.so"

# ---- up to version 5 nobody showed whole ledger rows, said what is missing, or had to make
# checkpoints
expect 0 "$aftershock" run kill-anywhere --library "$library" --seeds 20 --subject "$plugins/version_5.so"
expect 0 "$aftershock" run steady-trading --library "$library" --seeds 60 --subject "$plugins/version_5.so"
expect 1 "$aftershock" run kill-anywhere --library "$library" --seeds 20 --subject "$plugins/promising.so"
says 'keeps something else than what report'

# ---- version 3 could not say it, and is given what it was given before
old=$build_dir/tests/plugin/version_3.so
expect 1 "$aftershock" run batches limits-and-halt second-engine hand-shake --library "$library" --seeds 1 --subject "$old"
refused 2 'does not take SQL' run sql-bank --subject "$old"
refused 2 'does not take readers of its tables' run engine-killed --subject "$old"

# SQL of a newer release: skipped by name, refused when it was named; and a release that is none.
mkdir "$scratch/newer"
newer() {
	sed "s/^name: sql-bank\$/name: $1\nsqlite: $2/" "$library/sql-bank.yaml" | sed '/^known:/,$d' >"$scratch/newer/$1.yaml"
}
newer tomorrow 3.999.0
newer yesterday 3.39.0
expect 0 "$aftershock" run --library "$scratch/newer" --seeds 3
says '1 scenarios were skipped, for the built-in subject does not take:'
says 'SQL that needs SQLite 3.999.0 (this is 3.'
grep -q '^yesterday ' "$scratch/out" || fail 'SQL of an older release is not run'
expect 2 "$aftershock" run "$scratch/newer/tomorrow.yaml" --seeds 3
says 'tomorrow: the built-in subject does not take SQL that needs SQLite 3.999.0 (this is 3.'
expect 0 "$aftershock" run --library "$scratch/newer" --seeds 3 --json
says '"not_taken":"SQL that needs SQLite 3.999.0 (this is 3.'
newer wrong 3.45
expect 2 "$aftershock" run "$scratch/newer/wrong.yaml" --seeds 3
says 'wrong.yaml:2: sqlite is 3.45, expected a release such as 3.45.0'
finish
