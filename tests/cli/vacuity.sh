#!/bin/sh
# A batch that shows nothing is never plain green (S40): what never happened fails it by name, or
# there are too few seeds to tell, or a stated rate explains it. For the built-in subject, a planted
# bug and a plug-in; in the table, JSON, results and JUnit.
. "$(dirname "$0")/lib/lib.sh"

# batch STATUS SEEDS NAME LINE... [-- ARGUMENT...]: a scenario of these lines.
batch() {
	wanted_status=$1
	seeds=$2
	name=$3
	shift 3
	printf '%s\n' "name: $name" 'about: text' 'criteria: [AC3]' 'subject: engine' >"$scratch/$name.yaml"
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		printf '%s\n' "$1" >>"$scratch/$name.yaml"
		shift
	done
	[ $# -eq 0 ] || shift
	expect "$wanted_status" "$aftershock" run "$scratch/$name.yaml" --seeds "$seeds" "$@"
}
never='{kind: power_loss, operations: {min: 900000, max: 900000}}'
often='{kind: kill, operations: {min: 1, max: 3}}'

# ---- a fault that never strikes
batch 1 5 unstruck "faults: [$never]" 'probe_seeds: 5'
says 'violated fault_strikes in 5 runs'
says 'no seed was struck by power_loss'
batch 5 4 unstruck "faults: [$never]" 'probe_seeds: 5'
says 'too few seeds to tell'
says '  unstruck                 fault power_loss'
batch 5 4 default "faults: [$never]"
batch 0 7..7 single "faults: [$never]"
batch 5 7..8 pair "faults: [$never]"
expect 0 "$aftershock" replay "$scratch/default.yaml@1"

# ---- one of two
batch 5 4 other "faults: [$often, $never]"
says 'kill 4, power_loss 0'
batch 0 4 rare "faults: [$often, $never]" 'rates: [power_loss 1/1000]'
batch 5 4 alone "faults: [$never]" 'rates: [power_loss 1/1000]'
batch 1 30 overdue "faults: [$often, $never]" 'rates: [power_loss 1/2]'
says 'no seed was struck by power_loss'
batch 0 4 struck "faults: [$often]"
says 'kill 4'

# ---- probes
batch 1 5 unreached 'probe_seeds: 5' 'probes: [torn_write, update_acknowledged]'
says 'violated probe_reached in 5 runs'
says 'no seed reached the probe torn_write'
batch 5 4 unreached 'probes: [torn_write, update_acknowledged]'
says '1 of 2 probes'
says 'probe torn_write'
batch 0 4 unlikely 'probes: [torn_write, update_acknowledged]' 'rates: [torn_write 1/50]'
batch 0 4 reached 'probes: [update_acknowledged]'

# ---- other subjects
batch 5 4 plugin "faults: [$never]" -- --subject "$build_dir/tests/plugin/ledger.so"
batch 1 5 plugin "faults: [$never]" 'probe_seeds: 5' -- --subject "$build_dir/tests/plugin/ledger.so"
batch 5 5 plugin 'probe_seeds: 5' 'probes: [torn_write]' -- --subject "$build_dir/tests/plugin/ledger.so"
batch 5 4 bug "faults: [$never]" -- --bug checksum-not-verified
batch 1 5 bug "faults: [$never]" 'probe_seeds: 5' -- --bug checksum-not-verified

# ---- the same word everywhere
batch 5 4 word "faults: [$never]" 'probes: [kill]' -- --json --results "$scratch/results" --junit "$scratch/junit.xml"
says '{"type":"batch","scenario":"word","runs":4,"state":"too few seeds","struck":{"power_loss":0},"probes":{"kill":0},"too_few_seeds":["fault power_loss","probe kill"],"missed":[]}'
says '"too_few_seeds":1'
LC_ALL=C grep -aq 'power_loss.*too few seeds' "$scratch/results/results.db" || fail 'the results do not say it'
grep -q 'errors="1"' "$scratch/junit.xml" || fail 'no error in the JUnit report'
grep -qF '<error type="too_few_seeds" message="too few seeds to tell (fault power_loss, probe kill), 4 runs">' "$scratch/junit.xml" ||
	fail 'the JUnit report does not say it'
batch 1 5 junit "faults: [$never]" 'probe_seeds: 5' -- --junit "$scratch/junit.xml"
grep -qF '<failure type="fault_strikes" message="no seed was struck by power_loss">aftershock replay' "$scratch/junit.xml" ||
	fail 'no failure in the JUnit report'
batch 3 5 junit "faults: [$never]" -- --junit "$scratch/none/junit.xml"
says 'none/junit.xml: No such file or directory'

# ---- one table of exit statuses
expect 0 "$aftershock" help
for status in 0 1 2 3 4 5 130; do
	[ "$(grep -c "^    $status  *[a-z]" "$scratch/out")" -eq 1 ] || fail "status $status is not in the table once"
done
finish
