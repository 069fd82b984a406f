#!/bin/sh
# Every small workload, and of each every crash state: the same whoever shares the work, counted and
# certified, and what is found replays alone (S50, S51, S54).
. "$(dirname "$0")/lib/lib.sh"

all_small() {
	"$aftershock" explore --all-small "$@" --library "$library"
}

# Smaller ones: sequences of one or two.
sed 's/enumerate: 3/enumerate: 2/' "$library/small/small-sql.yaml" >"$scratch/small-sql.yaml"
sed 's/enumerate: 3/enumerate: 1/' "$library/small/small-orders.yaml" >"$scratch/small-orders.yaml"

expect 0 all_small "$scratch/small-sql.yaml:512,wal+persist,full" --jobs 1 --certificate "$scratch/one"
says '60 workloads in 2 cells'
says 'held in every crash state of every workload'
expect 0 all_small "$scratch/small-sql.yaml:512,wal+persist,full" --jobs 3 --certificate "$scratch/three"
cmp -s "$scratch/one.images" "$scratch/three.images" || fail 'three processes leave another list of images than one'
for name in one three; do grep -v '^processor_seconds' "$scratch/$name" >"$scratch/$name.rest"; done
cmp -s "$scratch/one.rest" "$scratch/three.rest" || fail 'three processes write another certificate than one'

of() {
	awk -v name="$1" '$1 == name { print $2 }' "$scratch/one"
}
[ "$(of workloads)" -eq 60 ] || fail "there are $(of workloads) workloads"
[ "$(of workloads_explored)" -eq 60 ] || fail "$(of workloads_explored) of 60 workloads were explored"
# What two workloads begin with is explored in one of them: 2 cells, 5 + 25 workloads, the first
# start of each and the first step of 25 (S54).
[ "$(of moments_shared)" -eq $((2 * (29 + 25))) ] || fail "$(of moments_shared) moments are shared"
[ "$(of images_compared)" -gt 1000 ] || fail "$(of images_compared) images were compared"
expect 0 "$aftershock" verify-certificate "$scratch/one" --library "$library"
says 'as the certificate says'

# Too many for the bound: said before any is judged, with the number that all would be.
states=$(of states)
expect 2 all_small "$scratch/small-sql.yaml:512,wal+persist,full" --states-max $((states - 1))
says "$states states, more than $((states - 1)); --subsets 3 takes "
[ -s "$scratch/out" ] && fail 'something was told before the bound'
expect 2 all_small "$scratch/small-sql.yaml:512,wal+persist,full" --states-max 100
says "; say --states-max $states"
expect 0 all_small "$scratch/small-sql.yaml:512,wal+persist,full" --states-max "$states"

# The sharing takes no image away: one workload explored by itself has none that is not in the list.
expect 0 "$aftershock" explore "$scratch/small-sql.yaml:512,wal,full@30" --certificate "$scratch/alone" --library "$library"
sort "$scratch/one.images" >"$scratch/sorted"
sort "$scratch/alone.images" | comm -23 - "$scratch/sorted" >"$scratch/missing"
[ -s "$scratch/missing" ] && fail "$(wc -l <"$scratch/missing") images of one workload are not in the list of all"

# Nothing is skipped where nothing is promised: it is judged by the table of contracts.
expect 0 all_small "$scratch/small-sql.yaml:512,off,off+full" --json
says '"workloads_explored":60'
says 'may_corrupt after kill, may_corrupt after power loss'
refused=$(sed -n 's/.*"refused":\([0-9]*\).*/\1/p' "$scratch/out")
[ "${refused:-0}" -gt 0 ] || fail 'no state of journal mode off is refused as damaged'

# The same settings, judged as if they were durable, go red with the name of the point, and that
# state alone does, too.
sed 's/^name: .*/name: control/; s/synchronous: \[.*/synchronous: ["off"]/; s/enumerate: 2/enumerate: 1/
/^sql:/i\
contract: {power_loss: durable}\
must_violate: 5' "$scratch/small-sql.yaml" >"$scratch/control.yaml"
expect 0 all_small "$scratch/control.yaml:512,wal"
says 'known finding of'
says 'control: '
says 'in the workload: '
line=$(sed -n 's/^  aftershock \(replay .*\)/\1/p' "$scratch/out" | head -n 1)
expect 0 sh -c "\"$aftershock\" $line"
says 'violated'

# A planted bug is found in the smallest workloads, and is gone without it.
bug=journal-acknowledged-before-sync
expect 1 all_small "$scratch/small-orders.yaml:journal,wal,full" --bug $bug
says 'VIOLATED of'
says 'in the workload: deliver'
line=$(sed -n 's/^  aftershock \(replay .*\)/\1/p' "$scratch/out" | head -n 1)
expect 1 sh -c "\"$aftershock\" $line"
says 'violated'
expect 1 all_small "$scratch/small-orders.yaml:journal,wal,full" --bug $bug --first --jobs 1
says 'no, it was ended before'
expect 0 all_small "$scratch/small-orders.yaml:journal,wal,full" --go-on
says 'held in every crash state'

# A seed of such a scenario is one workload, in each verb.
expect 0 "$aftershock" replay "$scratch/small-orders.yaml:journal,wal,full@4" --print-plan
says 'step 1 checkpoint'
expect 0 "$aftershock" run "$scratch/small-orders.yaml:journal,wal" --seeds 5

# A subject that crashes: each workload is violated, and the others go on.
expect 1 all_small "$scratch/small-orders.yaml:persist_first,wal,full" --subject "$build_dir/tests/plugin/crashing.so"
says 'VIOLATED of 5 states: subject_crashed: SIG'
says 'no, it was ended before'

# An edited certificate, and bad input: one line, status 2.
sed 's/^workloads  .*/workloads  61/' "$scratch/one" >"$scratch/edited"
cp "$scratch/one.images" "$scratch/edited.images"
expect 2 "$aftershock" verify-certificate "$scratch/edited" --library "$library"
says 'are not those that were written'
expect 2 all_small power-loss-wal
says 'power-loss-wal draws its workloads, expected workload.enumerate'
expect 2 all_small "$scratch/small-sql.yaml:512,wal,full" --go-on
says 'nothing is written behind a load of SQL'
expect 2 all_small small-sql --at step1.begin/kill
says '--all-small: expected without --at'
one=small-sql:512,off,off
four="$one $one $one $one"
# shellcheck disable=SC2086 # names are words
expect 2 all_small $four $four $four $four $one
says 'expected at most 16 scenarios'
expect 2 all_small small-sqll
says 'did you mean small-sql?'

# Interrupted, it tells what it has looked at.
"$aftershock" explore --all-small --library "$library" --jobs 2 --certificate "$scratch/partial" >"$scratch/out" 2>"$scratch/err" &
pid=$!
sleep 2
kill -TERM $pid
wait $pid
[ $? -eq 130 ] || fail 'an interrupted exploration has another status than 130'
says 'no, it was ended before'
grep -q '^complete  *no, it was ended before$' "$scratch/partial" || fail 'the certificate does not say that it is partial'
expect 0 "$aftershock" verify-certificate "$scratch/partial" --library "$library"
says 'it is partial, so nothing is judged again'

finish
