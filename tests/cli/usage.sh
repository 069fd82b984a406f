#!/bin/sh
# What is wrong is said in one line, with status 2 (S30); what is right is not.
. "$(dirname "$0")/lib/lib.sh"

wrong() {
	text=$1
	shift
	expect 2 "$aftershock" "$@"
	[ "$(wc -l <"$scratch/err")" -eq 1 ] || fail "more or less than one line on stderr: $*"
	[ ! -s "$scratch/out" ] || fail "something on stdout: $*"
	says "$text"
}

wrong 'did you mean run?' rnu
wrong 'did you mean list?' lst
wrong 'no such verb; expected one of: run, replay, explain, explore, verify-certificate, shrink, hunt, init, record, list, doctor, check-vfs, help' xyzzy
wrong 'did you mean --seeds?' run --sedes 3
wrong 'did you mean kill-anywhere?' run kil-anywhere --library "$library"
wrong 'did you mean processes?' run proceses --library "$library"
wrong 'did you mean faults?' list fualts
wrong 'expected a number of seeds' run --seeds many
wrong 'expected a number of seeds' run --seeds 5..3
wrong 'expected a number of seeds' run --seeds 0
wrong 'expected a number of seeds' run --seeds -1
wrong 'expected a partition' run --partition 3/2
wrong 'expected a partition' run --partition 0/2
wrong '--partition 1/2/3: expected a partition I/N' run --partition 1/2/3
for time in soon 0 10 10x 1.5m -1s 99999999999999999999h 1001h; do
	wrong "--time $time: expected a whole number and a unit" run --time $time
done
wrong '--jobs 1000: expected a whole number from 1 to 256' run --jobs 1000
wrong 'no value is expected' run --json=yes
wrong 'named twice' run steady-trading steady-trading --library "$library"
wrong 'aftershock replay steady-trading@1' run steady-trading@1 --library "$library"
wrong 'did you mean memory-before-save?' run --bug memory-befor-save
wrong 'no such planted bug; expected one of: accounts-netted' run --bug x
wrong 'list scenarios: expected nothing behind it' list scenarios faults
wrong 'no such list; did you mean pairs' list pair
wrong 'expected nothing behind doctor' doctor twice
wrong 'no such option' list --seeds 3
wrong 'expected without --trace' replay steady-trading@1 --library "$library" --json --trace
wrong 'expected a whole number' run --jobs 0
wrong 'a value is missing' run --seeds
wrong 'expected SCENARIO@SEED' replay kill-anywhere
wrong 'expected SCENARIO@SEED' replay kill-anywhere@many
wrong 'no such planted bug' run --bug none-such
wrong 'cannot be loaded' run --subject "$scratch/none.so" --library "$library"
wrong 'interface version 10, expected 9' run --subject "$build_dir/tests/plugin/wrong_version.so" --library "$library"
wrong 'has no function aftershock_subject' run --subject "$build_dir/tests/plugin/no_entry_point.so" --library "$library"

printf 'name: bad\nsubjetc: engine\n' >"$scratch/bad.yaml"
wrong 'bad.yaml:2: ' run "$scratch/bad.yaml"
wrong 'a directory' run "$scratch/"

mkdir "$scratch/empty"
expect 4 "$aftershock" run --library "$scratch/empty"
expect 3 "$aftershock" run steady-trading --seeds 1 --library "$library" --results "$scratch/bad.yaml/results"
grep -q '^all ' "$scratch/out" && fail 'a table of nothing hides the line that says why'
expect 5 "$aftershock" run --seeds 1000000 --time 1s --library "$library"
expect 4 "$aftershock" run steady-trading --seeds 3 --partition 5/9 --library "$library"
says 'nothing was run'
expect 0 "$aftershock" run steady-trading --seeds=3 --jobs=1 --library="$library"
expect 0 "$aftershock" help
expect 0 "$aftershock" run -h
expect 0 "$aftershock" run --help
expect 0 "$aftershock" list bugs
says memory-before-save
expect 0 "$aftershock" list faults
says power_loss
expect 0 "$aftershock" doctor --library "$library"
says 'equal hashes'
# Where no worker can be started, nobody knows whether runs are the same. One needs six more files.
expect 3 sh -c "ulimit -n 8 && exec '$aftershock' doctor --library '$library'"
says 'a worker process cannot be started'
says 'workers        do not work'
says 'determinism    not tried'
expect 3 sh -c "ulimit -n 8 && exec '$aftershock' doctor --library '$library' --json"
says '"workers_work":false,"deterministic":null,"exit_status":3'
finish
