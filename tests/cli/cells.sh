#!/bin/sh
# Axes on the command line: cells are run, selected, replayed and told apart; promised and measured
# stand side by side; a control that stays green and a known finding that is not seen fail (S10);
# what cannot be is refused with its line.
. "$(dirname "$0")/lib/lib.sh"

head='about: text
criteria: [AC3]
subject: engine
workload: {updates: {min: 15, max: 40}}
settings: {journal_mode: [delete, wal], synchronous: ["off", normal, full], checkpoint_frames: [4, 50]}
faults: [{kind: power_loss, during: [step, restart], count: {min: 1, max: 5}, operations: {min: 1, max: 40}}]
'
axes='axes: [settings.journal_mode, settings.synchronous]
'
# make NAME REST: $scratch/NAME.yaml
make() {
	printf 'name: %s\n%s%s' "$1" "$head" "$2" >"$scratch/$1.yaml"
}
lines() {
	grep -c "$1" "$scratch/out"
}

make table "$axes"
table=$scratch/table.yaml
expect 0 "$aftershock" run "$table" --seeds 40 --results "$scratch/results"
says 'contract: by cell, 6 cells of journal_mode,synchronous'
[ "$(lines ' after power loss ')" -eq 6 ] || fail 'not six rows'
grep -q '^wal,full  *durable after power loss .* kept$' "$scratch/out" || fail 'wal,full is not kept'
grep -q "^wal,normal  *prefix after power loss .* shown  *$table:wal,normal@0x" "$scratch/out" || fail 'wal,normal is not shown'
grep -q '^wal,off  *may_corrupt after power loss .* shown ' "$scratch/out" || fail 'wal,off is not shown'

grep -aq 'prefix after power lossshown' "$scratch/results/results.db" || fail 'the cell is not in the results'

seed=$(sed -n "s|^wal,normal .*\($table:wal,normal@0x[0-9a-f]*\)$|\1|p" "$scratch/out")
expect 0 "$aftershock" replay "$seed" --results "$scratch/results"
says 'contract: prefix after power loss'
says 'reproduced'
expect 0 "$aftershock" replay "$seed" --json
says '"cell":"wal,normal","contract":"prefix after power loss","lost":'

expect 0 "$aftershock" run "$table:wal" --seeds 3 --json
[ "$(lines '"type":"cell"')" -eq 3 ] || fail 'wal does not select three cells'
says '"type":"cell","scenario":"table","axes":"journal_mode,synchronous","cell":"wal,off"'
says '"sqlite_options":["'
expect 0 "$aftershock" run "$table:,off+full" --seeds 3 --json
[ "$(lines '"type":"cell"')" -eq 4 ] || fail ',off+full does not select four cells'
expect 0 "$aftershock" run "$table" --seeds 9 --json --jobs 1
hashes <"$scratch/out" | sort >"$scratch/one"
expect 0 "$aftershock" run "$table" --seeds 9 --json --jobs 2
hashes <"$scratch/out" | sort | cmp -s - "$scratch/one" || fail 'other hashes with two jobs'

# A scenario without axes is one that has no table; a single cell gives the hashes of the same
# settings alone.
expect 0 "$aftershock" run kill-anywhere --seeds 2 --library "$library"
says 'kill-anywhere              contract: durable after kill'
grep -q 'promised and measured' "$scratch/out" && fail 'a table without axes'
mkdir "$scratch/library"
cp "$table" "$scratch/library"
expect 0 "$aftershock" list scenarios --library "$scratch/library"
[ "$(lines '^table ')" -eq 1 ] || fail 'a scenario with axes is listed more than once'

# The library's folder by name.
expect 0 "$aftershock" run contracts --seeds 1 --library "$library"
says 'honest-disk: promised and measured, by journal_mode,synchronous,crash'
says 'sql-honest-disk: promised and measured, by journal_mode,synchronous,crash'
grep -q '^delete,full,power_loss  *last_may_roll_back after power loss, files together  *1 ' "$scratch/out" || fail 'the contract says nothing of files'
expect 0 "$aftershock" run controls:wal --seeds 60 --library "$library"
[ "$(lines 'durable demanded after power loss .* red ')" -eq 2 ] || fail 'controls are not red'
# A disk that breaks its word, judged as if it kept it: every control has seeds enough to be told.
expect 0 "$aftershock" run controls-disk:,all_syncs+some_syncs --seeds 50 --library "$library"
[ "$(lines 'durable demanded after power loss .* red ')" -eq 6 ] || fail 'a sync that lies is not caught'
expect 0 "$aftershock" run controls-disk:,sequential --seeds 200 --library "$library"
[ "$(lines 'durable demanded after power loss .* red ')" -eq 2 ] || fail 'SEQUENTIAL reported falsely is not caught'
expect 0 "$aftershock" run controls-disk:,safe_append+psow --seeds 1000 --library "$library"
[ "$(lines 'durable demanded after power loss .* red ')" -eq 4 ] || fail 'SAFE_APPEND or psow reported falsely is not caught'
expect 0 "$aftershock" run sql-controls sql-controls-disk:,all_syncs+some_syncs --seeds 50 --library "$library"
[ "$(lines 'durable demanded after power loss .* red ')" -eq 14 ] || fail 'the controls of SQL are not red'
expect 0 "$aftershock" run sql-controls-files --seeds 50 --library "$library"
[ "$(lines 'files together demanded .* red ')" -eq 10 ] || fail 'files that come apart are not caught'
expect 0 "$aftershock" run safe-append:persist --seeds 1 --library "$library"
[ "$(lines ' known ')" -eq 2 ] || fail 'the known findings are not seen'
expect 1 "$aftershock" replay controls:wal,off@0x1 --library "$library"
says 'finding: control'

# A control that stays green, and its twin that is too small a batch to say.
make green "$axes"'cells: [{where: "wal,normal", contract: {power_loss: durable}, must_violate: 2}]
'
sed -i 's/power_loss, during/power_loss, methods: [xClose], during/' "$scratch/green.yaml"
expect 1 "$aftershock" run "$scratch/green.yaml:wal,normal" --seeds 2
says 'violated control_goes_red in 2 runs'
says 'GREEN'
expect 0 "$aftershock" run "$scratch/green.yaml:wal,normal" --seeds 1
says 'undecided'

# A known finding: seen at its seed, though the sweep has others; not seen; of another version.
known() {
	make "$1" "$axes"'contract: {power_loss: durable}
must_violate: 1
exclude: ["delete", "wal,full+normal"]
'"$2"
}
finding() {
	echo "known: [{id: on-purpose, invariant: $1, detail: \"$2\", seed: $3, versions: [$4], link: \"https://sqlite.org/\"}]"
}
known plain ''
expect 0 "$aftershock" run "$scratch/plain.yaml" --seeds 100 --json
seed=$(sed -n 's/.*"seed":"0x0*\([0-9a-f]*\)","verdict":"violated".*"detail":"refused as damaged.*/\1/p' "$scratch/out" | head -n 1)
seed=$((0x$seed))
known seen "$(finding loaded_equals_committed 'refused as damaged' "$seed" 3.0.0..)"
expect 0 "$aftershock" run "$scratch/seen.yaml" --seeds 1000..1020 --json
grep -q '^{"type":"finding","finding":"on-purpose".*"state":"seen"' "$scratch/out" || fail 'no object says that the finding was seen'
[ "$(lines '"type":"run"')" -eq 22 ] || fail 'the seed of the finding was not run beside the 21 others'
grep '"type":"run"' "$scratch/out" | tail -n 1 | grep -q '"verdict":"violated".*"finding":"on-purpose"' ||
	fail 'the run of the finding does not say so'
# A finding may show as several invariants, and as no other one; what is no invariant is refused.
known several "$(finding database_intact+loaded_equals_committed 'refused as damaged' "$seed" 3.0.0..)"
expect 0 "$aftershock" run "$scratch/several.yaml" --seeds 1000..1001 --json
grep -q '^{"type":"finding","finding":"on-purpose".*"state":"seen"' "$scratch/out" || fail 'the second of two invariants was not seen'
known others "$(finding database_intact+loaded_equals 'refused as damaged' "$seed" 3.0.0..)"
expect 2 "$aftershock" run "$scratch/others.yaml" --seeds 1000..1001
says 'unknown invariant database_intact+loaded_equals, expected'
known others "$(finding database_intact+refused_is_absent 'refused as damaged' "$seed" 3.0.0..)"
expect 1 "$aftershock" run "$scratch/others.yaml" --seeds 1000..1001
says 'known_finding_is_seen'
known unseen "$(finding database_intact 'no such detail' "$seed" 3.0.0..)"
expect 1 "$aftershock" run "$scratch/unseen.yaml" --seeds 1000..1020
says 'known_finding_is_seen'
says 'NOT SEEN'
known elsewhere "$(finding database_intact 'no such detail' "$seed" 0.0.1..0.0.2)"
expect 0 "$aftershock" run "$scratch/elsewhere.yaml" --seeds 1000..1020
says 'not concerned'

# A control that sets a bound demands no more of storage than is promised: what is lost is not
# excused there. And a write that is refused exceeds no bound.
bounded() {
	printf '%s\n' 'name: bounded' 'about: text' 'criteria: [AC3]' 'subject: engine' "$@" >"$scratch/bounded.yaml"
}
bounded 'workload: {updates: {min: 20, max: 20}}' \
	'settings: {protocol: [journal], journal_mode: [wal], synchronous: [full]}' 'bound: {wal_bytes: 100000000}' \
	'faults: [{kind: power_loss, during: [step], count: {min: 2, max: 4}}]' 'must_violate: 20'
expect 1 "$aftershock" run "$scratch/bounded.yaml" --seeds 20 --bug journal-acknowledged-before-sync
says 'violated acknowledged_is_durable'
bounded 'workload: {updates: {min: 5, max: 5}}' 'settings: {journal_mode: [wal], checkpoint_frames: [0]}' \
	'bound: {wal_bytes: 16520}' 'faults: [{kind: disk_full, methods: [xWrite], files: [wal], effects: [before],' \
	'  during: [step, restart], count: {min: 1, max: 1}, operations: {min: 1, max: 1}, times: {min: 3, max: 3}}]'
expect 1 "$aftershock" replay "$scratch/bounded.yaml@3" --trace
grep -q 'xWrite  *wal  *offset 16512 size 24 .* -> 13 ' "$scratch/out" || fail 'no write was refused beyond the bound'
grep -q 'xWrite  *wal  *offset 16512 size 24 .* -> 0 ' "$scratch/out" || fail 'a refused write exceeds a bound'

wrong() {
	expect 2 "$aftershock" "$@"
	[ "$(wc -l <"$scratch/err")" -eq 1 ] || fail "more or less than one line on stderr: $*"
}
wrong run "$table:wal,ful"
says 'table.yaml:8: "wal,ful" names no cell'
wrong run kill-anywhere:wal --library "$library"
says '"wal" names no cell'
wrong replay "$table@1"
says '6 cells of journal_mode,synchronous, expected one'
wrong replay "$table:wal@1"
says '3 cells of'
make strong "$axes"'contract: {power_loss: durable}
'
wrong run "$scratch/strong.yaml"
says 'strong.yaml:9: contract durable after power_loss is stronger than cell "delete,off" can give'
make unknown 'axes: [settings.jornal_mode]
'
wrong run "$scratch/unknown.yaml"
says 'unknown.yaml:8: axis settings.jornal_mode is unknown'
# A database that is no results of this version: the engine's own will do.
mkdir "$scratch/old"
expect 0 "$aftershock" replay steady-trading@1 --library "$library" --dump "$scratch/old"
mv "$scratch/old/engine.db" "$scratch/old/results.db"
expect 3 "$aftershock" run "$table" --seeds 1 --results "$scratch/old"
says 'expected a new directory'
finish
