#!/bin/sh
# The story of a run: what was answered, what struck, what was loaded; at a violation what was
# committed and who held which lock.
. "$(dirname "$0")/lib/lib.sh"

expect 1 "$aftershock" explain disk-full@1 --library "$library" --bug memory-before-save
says 'found      memory: version is 12, committed is 11'
says 'settings   protocol persist_first, journal mode wal'
says 'step 8 to step 10: 3 steps, each as it should be'
says 'strikes: disk_full xWrite'
says 'xWrite of the wal, 24 bytes at 32, gives database or disk is full'
says 'answered later: not applied, send it again'
says 'VIOLATED: memory_equals_committed'
says 'committed so far: 10 acknowledged, the last in step 10; version 11; 0 in doubt'
says 'life-14 holds shared on /engine.db'
says 'the WAL index of /engine.db:'
says 'every call: aftershock replay disk-full@0x1 --bug memory-before-save --library'
cp "$scratch/out" "$scratch/first"
expect 1 "$aftershock" explain disk-full@1 --library "$library" --bug memory-before-save
cmp -s "$scratch/out" "$scratch/first" || fail 'two stories of one seed differ'

# SQL, a death, a known finding; and from a plan.
known=sql-queue@$(sed -n 's/^    seed: //p' "$library/sql-queue.yaml" | head -n 1)
expect 1 "$aftershock" explain "$known" --library "$library"
says 'finding    '
says 'transaction 4, put'
says 'the process is killed'
says 'loaded a content with digest'
expect 0 "$aftershock" replay "$known" --library "$library" --print-plan
cp "$scratch/out" "$scratch/plan"
expect 1 "$aftershock" explain --plan "$scratch/plan" --library "$library"
says 'VIOLATED: acknowledged_is_durable'
expect 0 "$aftershock" explain power-loss-delete@2 --library "$library"
says 'for each write and name the disk chooses what survives'

# A run that held has a story, too, and nothing about a violation.
expect 0 "$aftershock" explain steady-trading@1 --library "$library"
says 'steady-trading@0x1: held'
grep -q VIOLATED "$scratch/out" && fail 'a run that held is told as violated'

# A subject that crashes leaves the story up to there.
expect 1 "$aftershock" explain steady-trading@1 --library "$library" --subject "$build_dir/tests/plugin/crashing.so"
says 'here the subject crashes: SIG'
says 'step 0: the exchange sends E0'

expect 1 "$aftershock" explain disk-full@1 --library "$library" --bug memory-before-save --json
says '"type":"told"'
says '"kind":"lock"'
says '"type":"summary"'
grep -v -q '^{.*}$' "$scratch/out" && fail 'a line that is no JSON object'

# Several processes: who did what last, and who holds which read mark.
expect 1 "$aftershock" explain wal-readers@0x13 --library "$library" --bug shm-exclusive-beside-shared
says 'VIOLATED: snapshot_isolation: reader-1 sees another content'
grep -q 'writer-1  *committed: transfer' "$scratch/out" || fail 'nobody is said to have committed'
grep -q 'reader-1 can go on; step 17: look; last call: xRead of the wal' "$scratch/out" || fail 'what the reader did last is not told'
grep -q 'reader-1/[0-9]* holds shared on /engine.db, and in its WAL index shared READ_1' "$scratch/out" || fail 'no read mark is told'
expect 1 "$aftershock" explain engine-rivals@2 --library "$library" --bug epoch-not-guarded
says 'E0 was acknowledged as version 1 under epoch 1, and epoch 2 began with version 0'
grep -q 'engine-2 can go on; step 3: .* last call: xShmLock' "$scratch/out" || fail 'what the other engine did last is not told'
expect 1 "$aftershock" explain engine-rivals@2 --library "$library" --bug epoch-not-guarded --json
says '"process":"engine-2","kind":"loaded"'
expect 0 "$aftershock" explain engine-rivals@2 --library "$library"
grep -q VIOLATED "$scratch/out" && fail 'a run of several that held is told as violated'

# Mistakes.
expect 2 "$aftershock" explian disk-full@1
says 'did you mean explain?'
expect 2 "$aftershock" explain disk-ful@1 --library "$library"
says 'did you mean disk-full?'
expect 2 "$aftershock" explain disk-full --library "$library"
says 'expected SCENARIO@SEED'
expect 2 "$aftershock" explain
says 'explain: expected one SCENARIO@SEED, or --plan FILE'
expect 2 "$aftershock" explain disk-full@1 --trac --library "$library"
says 'no such option'
expect 2 "$aftershock" explain --plan "$scratch/none"
says "$scratch/none"

# What is rarer has words, too.
expect 1 "$aftershock" explain bust-and-correct@1 --library "$library" --bug bust-without-fold
says 'the exchange sends E6, bust in order O0 about E5'
expect 1 "$aftershock" explain limits-and-halt@1 --library "$library" --bug halt-kept-in-memory
says 'loaded: halt is none, committed is by command'

# Who reads the first line only has closed standard output, and that is said; the run is the same.
"$aftershock" explain steady-trading@1 --library "$library" 2>"$scratch/err" | head -n 1 >/dev/null
! grep -q 'two runs' "$scratch/err" || fail "a closed pipe: $(cat "$scratch/err")"

# Being told changes nothing (S32): a run that is another one when it is told is the fault of its
# subject, and said so.
expect 3 "$aftershock" explain steady-trading@1 --library "$library" --subject "$build_dir/tests/plugin/nondeterministic.so"
says 'two runs of this seed differ'
# One crash state: what was pending, what is kept of it, what the recovery changes, what is loaded.
explain_state() {
	"$aftershock" explain "$@" --library "$library"
}
expect 0 explain_state power-loss-wal@1/step3.wal_frame.2/none
says 'in step3, behind xWrite of the wal, wal_frame: /engine.db-wal'
says 'the power fails; owed is then: durable'
grep -Eq '^ *1  lost +write of [0-9]+ bytes at [0-9]+ of engine\.db-wal$' "$scratch/out" || fail 'does not tell what is lost'
says 'start 2 succeeds'
says 'held, it was loaded'
expect 0 explain_state power-loss-wal@1/step3.wal_frame.2/only-1
grep -Eq '^ *0  lost ' "$scratch/out" || fail 'does not tell what only-1 loses'
grep -Eq '^ *1  kept ' "$scratch/out" || fail 'does not tell what only-1 keeps'
expect 0 explain_state power-loss-wal@1/step3.wal_frame.2/kill-half
says 'the process dies in the middle of that write'
bug=journal-acknowledged-before-sync
expect 1 explain_state differential:journal,crashes@1/step1.own_journal_write.1/only-1 --bug $bug
says 'violated'
says "aftershock replay differential:journal,crashes@0x1/step1.own_journal_write.1/only-1 --bug $bug"
expect 2 explain_state power-loss-wal@1/step3.nothing.1/none
says 'no such state'
expect 2 explain_state power-loss-wal@1/step3.wal_frame.2/none --json
says 'expected no --json'

finish
