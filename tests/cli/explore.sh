#!/bin/sh
# Every crash state of a run: S50, S51, S53 and E14. What is found is named, and replays alone by
# that name; the certificate can be recounted; what was changed in it is seen.
. "$(dirname "$0")/lib/lib.sh"

explore() {
	"$aftershock" explore "$@" --library "$library"
}

# The run beside its crash states is the run by itself, whoever shares the work (S50).
expect 0 explore power-loss-wal@1 --jobs 1 --certificate "$scratch/one"
says 'power-loss-wal@0x1: held in every crash state within these bounds'
expect 0 explore power-loss-wal@1 --jobs 3 --certificate "$scratch/three"
cmp -s "$scratch/one.images" "$scratch/three.images" || fail 'three processes leave another list of images than one'
for name in one three; do grep -v '^processor_seconds' "$scratch/$name" >"$scratch/$name.rest"; done
cmp -s "$scratch/one.rest" "$scratch/three.rest" || fail 'three processes write another certificate than one'
hash=$("$aftershock" run power-loss-wal --seeds 1..1 --json --library "$library" | hashes | cut -d' ' -f3)
grep -q "^trace_hash  *$hash\$" "$scratch/one" || fail "the trace hash is not $hash"

# The second reader has computed what SQLite recovered to (S53): of each image with a database.
of() {
	awk -v name="$1" '$1 == name { print $2 }' "$scratch/one"
}
images=$(of images)
[ "$(of images_compared)" -ge $((images - 5)) ] || fail "$(of images_compared) of $images images were compared"
for row in journal wal interrupted; do
	[ "$(of images_compared.$row)" -gt 20 ] || fail "$(of images_compared.$row) images with $row were compared"
done

# SQLite keeps the order of its writes, so nothing is left that a rule could prune. With OFF nothing
# is synced, and the rules are broken.
grep -q '^order.frames_before_page  *kept [1-9][0-9]*, broken 0$' "$scratch/one" || fail 'a checkpoint went before its WAL'
grep -q '^order.pages_before_restart  *kept [1-9][0-9]*, broken 0$' "$scratch/one" || fail 'a WAL began anew before its pages were synced'
expect 0 explore small-sql:512,delete,off@1
says 'order.record_before_page'
grep -q '^order.record_before_page  *kept [0-9]*, broken [1-9]' "$scratch/out" || fail 'no rule is broken with OFF'
expect 0 explore small-sql:512,delete,full@1
grep -q '^order.record_before_page  *kept [1-9][0-9]*, broken 0;' "$scratch/out" || fail 'a page went before its record'

for run in sql-bank@3 differential:journal,crashes@2; do
	expect 0 explore "$run" --jobs 2
done

# With crashes in the starts that follow.
"$aftershock" replay differential:journal,none@1 --print-plan --library "$library" |
	awk '/^step/ && ++steps > 2 { next } /^report/ && ++reports > 2 { next } { print }' >"$scratch/plan"
expect 0 explore --plan "$scratch/plan" --depth 2 --subsets 0 --json
says '"states_nested":'
grep -q '"states_nested":0' "$scratch/out" && fail 'no state of a crash in a start'

# A book in WAL mode with synchronous normal is made in full (E14). Half a sector of the journal of
# its first transaction passed SQLite's checksum, and the book was damaged for good.
expect 0 explore rollback-undo@1

# A bug: each violation has a name, and that state alone shows it.
bug=journal-acknowledged-before-sync
expect 1 explore differential:journal,crashes@1 --bug $bug
says 'acknowledged_is_durable: loaded version 0, acknowledged 1'
says ': violated'
state=$(sed -n 's/^  aftershock replay differential:journal,crashes@0x1\/\([^ ]*\) .*/\1/p' "$scratch/out" | head -n 1)
[ -n "$state" ] || fail 'no line that replays a state'
expect 1 "$aftershock" replay "differential:journal,crashes@1/$state" --bug $bug --library "$library"
says 'violated'
expect 1 explore differential:journal,crashes@1 --at "$state" --trace --bug $bug
says 'start '
expect 0 "$aftershock" replay "differential:journal,crashes@1/$state" --library "$library"

# An image that was judged behind a kill is judged once more behind a power loss that owes more: in
# this control less is owed after a kill, and only the states of the power loss are violated.
cut=journal-cut-before-checkpoint
"$aftershock" replay differential:journal,none@1 --print-plan --library "$library" >"$scratch/both.plan"
sed 's/demand_after_kill .*/demand_after_kill may_corrupt/; s/demand_after_power_loss .*/demand_after_power_loss durable/' \
	"$scratch/both.plan" >"$scratch/weak.plan"
expect 1 explore --plan "$scratch/both.plan" --bug $cut
says 'own_journal_truncation.1/kill'
expect 1 explore --plan "$scratch/weak.plan" --bug $cut
says 'own_journal_truncation.1/all'

# A database that is not sound in itself comes with what has happened in the run: so a finding in
# SQLite is told from others. Other releases draw another run.
if "$aftershock" doctor | grep -q '^SQLite  *3\.40\.1,'; then
	"$aftershock" replay sql-queue@1/step15.checkpoint_write.4/only-3 --library "$library" >"$scratch/out" 2>&1
	says 'job_next; journal mode wal, a commit without checksums'
	says 'wal-savepoint-checksums-malformed, known, and not ours'
fi
expect 1 explore differential:journal,crashes@1 --bug $bug --first
says 'was ended before'
# On each state more is written, and loaded again.
expect 0 explore differential:journal,crashes@2 --go-on --certificate "$scratch/more"
grep -q '^writes_more  *1$' "$scratch/more" || fail 'the certificate does not say that more was written'
expect 0 "$aftershock" verify-certificate "$scratch/more"

# Bad input: one line, status 2.
expect 2 explore power-loss-wal@1/step1.nothing.1/kill
says 'no such state'
expect 2 explore power-loss-wal@1/step1.begin
says 'expected POINT/STATE'
expect 2 explore power-loss-wal@1 --depth 9
says 'expected a whole number from 1 to 3'
expect 2 explore power-loss-wal@1 --dpeth 2
says 'did you mean --depth?'
expect 2 explore steady-trading@1 --states-max 1000
says 'more than 1000; say --states-max'
expect 2 explore wal-kill@1 --depth 2
says 'has several processes'
expect 2 explore
says 'expected one SCENARIO@SEED'

# A subject that crashes or hangs: said, and nothing is called complete (S51).
plugins=$build_dir/tests/plugin
expect 1 explore steady-trading@1 --subject "$plugins/crashing.so"
says 'subject_crashed'
says 'no, it was ended before'
expect 1 explore steady-trading@1 --subject "$plugins/hanging.so" --hang-seconds 1
says 'subject_hung: no end after 1 seconds'
if [ -w /dev/full ]; then
	expect 3 explore "$run" --certificate /dev/full
	says '/dev/full: No space left on device'
fi

# The certificate (S51).
expect 0 "$aftershock" verify-certificate "$scratch/one" --library "$library"
says 'as the certificate says'
sed 's/^images  .*/images  3/' "$scratch/one" >"$scratch/edited"
cp "$scratch/one.images" "$scratch/edited.images"
expect 2 "$aftershock" verify-certificate "$scratch/edited" --library "$library"
says 'are not those that were written'
cp "$scratch/one" "$scratch/short"
sed 5d "$scratch/one.images" >"$scratch/short.images"
expect 2 "$aftershock" verify-certificate "$scratch/short" --library "$library"
says 'images: the list has'
head -n 20 "$scratch/one" >"$scratch/cut"
expect 2 "$aftershock" verify-certificate "$scratch/cut" --library "$library"
says 'the last line, check, is missing'
echo nonsense >"$scratch/short.images"
expect 2 "$aftershock" verify-certificate "$scratch/short" --library "$library"
says 'short.images:1: expected 16 hexadecimal digits'
expect 2 "$aftershock" verify-certificate "$scratch/one" --library "$library" --bug $bug
says 'subject: this is the engine with the bug'
expect 2 "$aftershock" verify-certificate "$scratch/none"
says 'No such file'

# Interrupted, it tells what it has looked at.
"$aftershock" explore power-loss-delete@1 --depth 3 --library "$library" --jobs 2 >"$scratch/out" 2>"$scratch/err" &
pid=$!
sleep 2
kill -TERM $pid
wait $pid
[ $? -eq 130 ] || fail 'an interrupted exploration has another status than 130'
says 'no, it was ended before'

finish
