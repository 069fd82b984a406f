#!/bin/sh
# Every crash state of a run of several processes: S50 and S69. A state in which others live on is
# played by a process of its own, and has a name like all others.
. "$(dirname "$0")/lib/lib.sh"

cat >"$scratch/two.yaml" <<'EOF'
name: two
about: A writer and a checkpointer, and few steps.
criteria: [AC1]
subject: sql
sql:
  parameters: [{name: amount, kind: integer, min: 1, max: 9}]
  setup:
    - CREATE TABLE account(id INTEGER PRIMARY KEY, balance INTEGER NOT NULL)
    - INSERT INTO account VALUES(1, 100), (2, 100)
  transactions:
    - name: move
      statements:
        - "UPDATE account SET balance = balance - :amount WHERE id = 1"
        - "UPDATE account SET balance = balance + :amount WHERE id = 2"
  invariants: [SELECT sum(balance) FROM account HAVING sum(balance) <> 200]
processes:
  - {name: writer, role: writer}
  - {name: checkpointer, role: checkpointer, steps: {min: 2, max: 2}, modes: [passive, truncate]}
workload: {updates: {min: 3, max: 3}}
settings:
  journal_mode: [wal]
  synchronous: [full]
  page_size: [512]
EOF
two=$scratch/two.yaml@1
explore() {
	"$aftershock" explore "$@" --library "$library"
}
of() {
	awk -v name="$1" '$1 == name { print $2 }' "$scratch/one"
}

# The run beside its states is the run by itself, whoever shares the work, and all that was counted
# before is looked at.
expect 0 explore "$two" --jobs 1 --certificate "$scratch/one"
says 'held in every crash state within these bounds'
expect 0 explore "$two" --jobs 3 --certificate "$scratch/three"
for name in one three; do grep -v '^processor_seconds' "$scratch/$name" >"$scratch/$name.rest"; done
cmp -s "$scratch/one.rest" "$scratch/three.rest" || fail 'three processes write another certificate than one'
cmp -s "$scratch/one.images" "$scratch/three.images" || fail 'three processes leave another list of images than one'
hash=$("$aftershock" run "$scratch/two.yaml" --seeds 1..1 --json | hashes | cut -d' ' -f3)
grep -q "^trace_hash  *$hash\$" "$scratch/one" || fail "the trace hash is not $hash"
expect 2 explore "$two" --states-max $(($(of states) - 1))
says "$(of states) states, more than"
[ "$(of states_beside)" -ge 20 ] || fail "$(of states_beside) states in which another process lives on"
[ "$(of images_compared)" -eq "$(of images)" ] || fail "$(of images_compared) of $(of images) images were compared"
expect 0 "$aftershock" verify-certificate "$scratch/one" --library "$scratch"
says 'as the certificate says'

# One state alone.
expect 0 "$aftershock" replay "$two/step0.wal_commit_frame.1/kill-half"
says 'held, it was loaded'
expect 2 "$aftershock" replay "$two/step0.wal_frame.99/kill"
says 'no such state'
expect 2 explore "$two" --depth 2
says 'expected --depth 1'
expect 0 explore "$two" --go-on --subsets 0

# A WAL index that outlives all who had it shows when all die, and when the power fails; locks that
# outlive their process show when one dies beside another.
wrong() {
	expect 1 explore "$two" --bug "$1"
	line=$(grep "aftershock replay .*/$2 " "$scratch/out" | head -n 1)
	[ -n "$line" ] || fail "$1 shows in no state $2: $(grep -c VIOLATED "$scratch/out") violations"
	state=${line##*@0x1/}
	expect 1 "$aftershock" replay "$two/${state%% *}" --bug "$1"
	says "$3"
}
wrong wal-index-outlives-its-processes kill-all snapshot_isolation
wrong locks-outlive-their-process kill no_starvation
expect 0 "$aftershock" explain "$two/${state%% *}"
says 'the process dies, and what it wrote stays'
says 'writer-1: opens the database'

# A client that dies or does not end when a call has failed: the run itself holds, and each state in
# which it does so is violated. The others go on.
broken() {
	sed "s/return sqlite3_exec(client->db, text, NULL, NULL, NULL);/int code = sqlite3_exec(client->db, text, NULL, NULL, NULL);\
	if (code == SQLITE_IOERR) { $2; } return code;/" "$source_dir/tests/plugin/client.c" >"$scratch/$1.c"
	cc -O1 -fPIC -shared -I"$source_dir/sim/subject" "$scratch/$1.c" -o "$scratch/$1.so" -lsqlite3 || fail "cannot build $1"
}
broken crashing 'abort()'
expect 1 explore "$two" --subject "$scratch/crashing.so" --subsets 0
says 'subject_crashed: SIGABRT'
grep -q 'VIOLATED of [1-9][0-9]* states: subject_crashed' "$scratch/out" || fail 'a crash is no violation of a state'
grep -q '^complete  *within these bounds$' "$scratch/out" || fail 'a crash ends the exploration'
broken hanging 'for (;;) { }'
expect 1 explore "$two" --subject "$scratch/hanging.so" --subsets 0 --hang-seconds 1 --jobs 1
says 'subject_hung'

# Engines that take over from each other.
for state in start1.begin/kill step0.wal_frame.1/kill-all step1.wal_commit_frame.1/none; do
	expect 0 "$aftershock" replay "engine-killed@1/$state" --library "$library"
	says "engine-killed@0x1/$state: held, it was loaded"
done

finish
