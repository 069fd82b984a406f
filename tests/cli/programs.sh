#!/bin/sh
# A program of any kind: the examples hold, and each of their mistakes goes red by the invariant
# that it breaks (S66, S67). Judging changes nothing of a run (S68). What is no program is refused.
. "$(dirname "$0")/lib/lib.sh"
examples=$source_dir/examples

# build NAME COMPILER SOURCE...: a plug-in.
build() {
	name=$1
	compiler=$2
	shift 2
	"$compiler" -O2 -fPIC -shared -I"$source_dir/sim/subject" "$@" -o "$scratch/$name.so" -lsqlite3 ||
		fail "$name does not compile"
}

# planted EXAMPLE NAME SED: a copy of the source with a mistake in it.
planted() {
	sed "$3" "$examples/$1" >"$scratch/$2.${1##*.}"
	cmp -s "$examples/$1" "$scratch/$2.${1##*.}" && fail "$2: the mistake does not apply"
}

build queue cc "$examples/job_queue.c" "$examples/job_queue_model.c"
build ruled cc "$examples/job_queue.c" "$examples/job_queue_rule.c"
build store cc "$examples/key_value.c"
build documents c++ "$examples/document_store.cpp"

# ---- what is right holds
expect 0 "$aftershock" run program --library "$library" --seeds 60
for name in queue store documents; do
	expect 0 "$aftershock" run program --library "$library" --seeds 40 --subject "$scratch/$name.so"
	grep -q 'violated [a-z_]* in' "$scratch/out" && fail "$name is red"
done
# A program that calls every failure a doubt is as sound, and shows as much.
planted key_value.c doubtful 's/? SUBJECT_LATER/? SUBJECT_IN_DOUBT/'
build doubtful cc "$scratch/doubtful.c"
expect 0 "$aftershock" run program --library "$library" --seeds 40 --subject "$scratch/doubtful.so"
# The built-in program is the example.
"$aftershock" run program --library "$library" --seeds 20 --json | hashes >"$scratch/built-in"
"$aftershock" run program --library "$library" --seeds 20 --json --subject "$scratch/store.so" | hashes >"$scratch/plug-in"
cmp -s "$scratch/built-in" "$scratch/plug-in" || fail 'the built-in program is not examples/key_value.c'

# A model as a pure function sees the same runs.
for name in queue ruled; do
	"$aftershock" run program-kill --library "$library" --seeds 20 --json --subject "$scratch/$name.so" | hashes >"$scratch/$name"
done
cmp -s "$scratch/queue" "$scratch/ruled" || fail 'with a pure function as the model a seed is another run'

# ---- each mistake goes red
# goes_red NAME SCENARIO INVARIANT
goes_red() {
	expect 1 "$aftershock" run "$2" --library "$library" --seeds 100 --subject "$scratch/$1.so"
	says "$2 violated $3 in"
}

planted key_value.c unsynced 's/config->synchronous)/"off")/'
build unsynced cc "$scratch/unsynced.c"
goes_red unsynced program-power-loss acknowledged_is_durable
planted key_value.c hasty 's/: SUBJECT_IN_DOUBT;/: SUBJECT_LATER;/'
build hasty cc "$scratch/hasty.c"
goes_red hasty program-errors refused_is_absent
planted key_value.c idle 's/sscanf(step->operation, "get %255s", key) == 1/(reply->outcome = SUBJECT_LATER) == 0/'
sed -i 's/reply->outcome = code == SQLITE_OK *? /reply->outcome = sql == NULL ? SUBJECT_LATER : code == SQLITE_OK ? /' "$scratch/idle.c"
build idle cc "$scratch/idle.c"
goes_red idle program-kill no_needless_failure
planted key_value.c mute 's/reply->sqlite_code = code;/reply->outcome = SUBJECT_OUTCOME_NONE;/'
build mute cc "$scratch/mute.c"
goes_red mute program-kill interface_kept
# A start that succeeds and shows nothing is told as such, with the program's own reason.
planted key_value.c blind 's/SELECT key ||/SELECT kez ||/'
build blind cc "$scratch/blind.c"
goes_red blind program-kill progress_after_faults
says 'the program starts, and its observe() fails: no such column: kez (1)'
# Who opens another file, or a file of the real disk, is told what was expected.
planted key_value.c elsewhere 's/config->path, &db/":memory:", \&db/'
build elsewhere cc "$scratch/elsewhere.c"
goes_red elsewhere program-kill database_intact
says 'no database where config->path and config->vfs_name say'
planted document_store.cpp torn 's/run(db, "BEGIN IMMEDIATE");//; s/run(db, "COMMIT", true);//'
build torn c++ "$scratch/torn.cpp"
goes_red torn program-kill loaded_equals_committed
planted job_queue.c unfair 's/ORDER BY urgency DESC, id/ORDER BY id/'
build unfair cc "$scratch/unfair.c" "$examples/job_queue_model.c"
goes_red unfair program-kill answer_follows_content
build unruled cc "$scratch/unfair.c" "$examples/job_queue_rule.c"
goes_red unruled program-kill answer_follows_content
planted job_queue.c early "s/WHERE id = %.9s AND state = 'runs'/WHERE id = %.9s/"
build early cc "$scratch/early.c" "$examples/job_queue_model.c"
goes_red early program-kill memory_equals_committed
planted job_queue.c once 's/CREATE TABLE IF NOT EXISTS /CREATE TABLE /'
build once cc "$scratch/once.c" "$examples/job_queue_model.c"
expect 1 "$aftershock" run program-kill --library "$library" --seeds 20 --subject "$scratch/once.so"
sed '/^static enum subject_start_status queue_start/,/^}/s/SUBJECT_STARTED/SUBJECT_START_LATER/' "$examples/job_queue.c" >"$scratch/never.c"
build never cc "$scratch/never.c" "$examples/job_queue_model.c"
goes_red never program-kill progress_after_faults
# Without a model a mistake that is made without faults, too, is not seen.
planted job_queue.c alone 's/ORDER BY urgency DESC, id/ORDER BY id/; s/&job_queue_model}/NULL}/'
build alone cc "$scratch/alone.c" "$examples/job_queue_model.c"
expect 0 "$aftershock" run program-kill --library "$library" --seeds 40 --subject "$scratch/alone.so"

# ---- one failing seed: its line replays, its story tells the operations, its plan is small
expect 1 "$aftershock" run program-kill --library "$library" --seeds 100 --subject "$scratch/torn.so"
line=$(sed -n 's/^  aftershock replay \(program-kill@[^ ]*\) .*loaded_equals_committed.*/\1/p' "$scratch/out" | head -n 1)
expect 1 "$aftershock" replay "$line" --library "$library" --subject "$scratch/torn.so"
says 'violated'
expect 1 "$aftershock" explain "${line%%/*}" --library "$library" --subject "$scratch/torn.so" --branches 0
says ': save '
says 'VIOLATED: loaded_equals_committed: a state that was never committed: shows "'
expect 1 "$aftershock" shrink "${line%%/*}" --library "$library" --subject "$scratch/torn.so" --branches 0 --output "$scratch/plan"
[ "$(grep -c '^operation [0-9]* text save ' "$scratch/plan")" -eq 1 ] || fail 'the smallest plan has not one operation as text'
expect 1 "$aftershock" replay --plan "$scratch/plan" --library "$library" --subject "$scratch/torn.so"
expect 0 "$aftershock" replay --plan "$scratch/plan" --library "$library" --subject "$scratch/documents.so"
expect 0 "$aftershock" explore program-power-loss@5 --library "$library" --subject "$scratch/documents.so"
expect 1 "$aftershock" explore program-kill@5 --library "$library" --subject "$scratch/torn.so"

# ---- judging changes nothing of a run (S68)
for branches in 0 24; do
	"$aftershock" run program-power-loss --library "$library" --seeds 30 --json --jobs 1 --branches $branches \
		--subject "$scratch/documents.so" | hashes | sort >"$scratch/hashes.$branches"
done
cmp -s "$scratch/hashes.0" "$scratch/hashes.24" || fail 'another run with crash states beside it'

# ---- a scenario with operations of its own
mkdir "$scratch/own"
{
	sed '/^probes/d; s/^name: .*/name: mine/' "$library/program/program-kill.yaml"
	printf 'operations:\n  - {text: "put {1-3} {red|green}", weight: 3}\n  - text: "get {1-3}"\n'
} >"$scratch/own/mine.yaml"
expect 0 "$aftershock" run "$scratch/own/mine.yaml" --seeds 20
"$aftershock" replay "$scratch/own/mine.yaml@1" --print-plan >"$scratch/plan"
grep -qE '^operation [0-9]+ text (put [123] (red|green)|get [123])$' "$scratch/plan" || fail 'the plan does not have the operations as text'
expect 0 "$aftershock" replay --plan "$scratch/plan"

# ---- refused, with file and line or name
# refused STATUS TEXT ARGUMENT...
refused() {
	wanted=$1
	text=$2
	shift 2
	expect "$wanted" "$aftershock" "$@"
	[ "$(wc -l <"$scratch/err")" -eq 1 ] || fail "more or less than one line on stderr: $*"
	says "$text"
}
refused 2 'does not take order updates' run steady-trading --library "$library" --subject "$scratch/store.so"
refused 2 'does not take operations' run program-kill --library "$library" --subject "$build_dir/tests/plugin/ledger.so"
planted key_value.c gapless 's/{1-20} {letters 1-40}/{1 to 20}/'
build gapless cc "$scratch/gapless.c"
refused 2 'gapless.so: operation 0: {1 to 20}, expected a gap such as' run program-kill --library "$library" --subject "$scratch/gapless.so"
# wrong SED TEXT: of the scenario's file
wrong() {
	sed "$1" "$scratch/own/mine.yaml" >"$scratch/own/wrong.yaml"
	sed -i 's/^name: mine/name: wrong/' "$scratch/own/wrong.yaml"
	refused 2 "$2" run "$scratch/own/wrong.yaml"
}
wrong 's/{1-3} {red/{1-} {red/' 'operations[0].text: {1-} {red|green}, expected a gap such as'
wrong 's/weight: 3/weight: 0/' 'operations[0].weight is 0, expected 1 to 1000'
wrong 's/^subject: program/subject: engine/; /kills:/d' 'operations with subject engine, expected subject program'
wrong 's/^workload:/workload:\n  cancels: 5/' 'workload.cancels with subject program, expected none'

finish
