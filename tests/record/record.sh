#!/bin/sh
# `record` runs a program as it is, and writes down what it does to its databases; who reads that
# recording sees all of it.
. "$(dirname "$0")/../cli/lib/lib.sh"
writer=$build_dir/tests/record/writer
cd "$scratch" || exit 1

# recorded DATABASES PROCESSES THREADS: what the last recording has counted.
recorded() {
	databases="$1 databases" processes="$2 processes" threads="$3 threads that write"
	[ "$1" -ne 1 ] || databases='1 database'
	[ "$2" -ne 1 ] || processes='1 process'
	[ "$3" -ne 1 ] || threads='1 thread that writes'
	says ": $databases, $processes, $threads"
}

# ---- one program, unchanged: its output, its status, its database (L1)
expect 0 "$aftershock" record -- "$writer" a.db 5 says=after
recorded 1 1 1
says 'saved 4'
says 'ended with status 0'
says 'it holds the data of these databases'
says 'next: aftershock explore writer.recording'
[ "$(sqlite3 a.db 'SELECT count(*), (SELECT number FROM total) FROM entry')" = '5|5' ] || fail 'the database is another'
[ "$(stat -c %a writer.recording)" = 600 ] || fail 'others may read a recording'
[ "$(head -n 1 writer.recording)" = 'aftershock recording 1' ] || fail 'the recording does not say what it is'
[ ! -e writer.recording.control ] || fail 'the control block was left'
expect 4 "$aftershock" record sh -c 'exit 0' --help
expect 4 "$aftershock" record -- sh -c 'exit 3'
says 'ended with status 3'
says 'nothing was recorded'

# ---- the database has the same bytes as without (L1)
for name in plain same; do
	run=
	[ $name = plain ] || run="$aftershock record -o same.rec --"
	$run sqlite3 $name.db 'PRAGMA journal_mode=persist; CREATE TABLE t(a, b); CREATE INDEX i ON t(b);
		WITH RECURSIVE n(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM n WHERE a < 3000) INSERT INTO t SELECT a, a % 7 FROM n;
		DELETE FROM t WHERE b = 3; VACUUM; UPDATE t SET b = 0 WHERE a < 100' >/dev/null 2>&1
done
cmp -s plain.db same.db || fail 'a database is another one when it is recorded'

# Several connections of one process keep their locks (L3). All that is written is in the
# recording, once (L4): it ends with the hash of each database.
# ---- every journal mode, the shell of SQLite, threads, processes, an attached file
for mode in delete truncate persist memory off wal; do
	expect 0 "$aftershock" record -o "$mode.rec" -- "$writer" "$mode.db" 4 "journal=$mode"
	recorded 1 1 1
done
expect 0 "$aftershock" record -o shell.rec -- sqlite3 shell.db 'CREATE TABLE t(a); INSERT INTO t VALUES(1)'
recorded 1 1 1
expect 0 "$aftershock" record -o threads.rec -- "$writer" threads.db 5 threads=3 journal=wal
recorded 1 1 4
[ "$(sqlite3 threads.db 'SELECT number FROM total')" = 15 ] || fail 'threads have lost commits'
expect 0 "$aftershock" record -o processes.rec -- "$writer" processes.db 5 processes=3
recorded 1 1 3
[ "$(sqlite3 processes.db 'SELECT number FROM total')" = 15 ] || fail 'processes have lost commits'
expect 0 "$aftershock" record -o attach.rec -- "$writer" attach.db 5 attach=second.db
recorded 2 1 1
expect 0 "$aftershock" record -o child.rec -- sh -c "'$writer' child.db 2; '$writer' child.db 2"
recorded 1 3 2

# ---- lines that acknowledge
expect 0 "$aftershock" record --ack '^saved [0-9]+$' -o ack.rec -- "$writer" ack.db 5 says=after
says '5 lines that acknowledge'
expect 4 "$aftershock" record --force --ack '^Saved' -o ack.rec -- "$writer" none.db 5 says=after
says 'no line that it printed matches --ack ^Saved'
expect 0 "$aftershock" record --force --ack '^saved [0-9]+$' -o ack.rec -- "$writer" ack.db 5 says=after
[ "$(grep -c '^saved' "$scratch/out")" -eq 5 ] || fail 'what the program prints is lost'

# ---- a program that is killed leaves a recording (L2)
expect 0 "$aftershock" record -o killed.rec -- "$writer" killed.db 6 killed
says 'was ended by SIGKILL'
recorded 1 1 1

# ---- bad input: one line, status 2, and nothing is run or written
refused() {
	text=$1
	shift
	expect 2 "$aftershock" record -o refused.rec "$@"
	[ "$(wc -l <"$scratch/err")" -eq 1 ] || fail "more or less than one line on stderr: $*"
	says "$text"
	[ ! -e refused.rec ] || fail "a recording was left: $*"
}
printf '#!/bin/sh\ntouch was_run\n' >script
refused 'script: Permission denied' -- ./script
chmod +x script
refused 'no_such_program: No such file or directory' -- no_such_program
refused 'Unmatched (' --ack '(' -- ./script
refused 'linked statically, so nothing can be brought in: link it dynamically' -- "$build_dir/tests/record/static"
cp script other
chmod u+s other
if [ "$(id -u)" -ne 0 ]; then
	mv other script
fi
chmod g+s other 2>/dev/null && refused 'has rights of its own' -- ./other
printf '\177ELF\001\001\001' >foreign
chmod +x foreign
refused 'a program for another machine' -- ./foreign
printf 'text\n' >plain
chmod +x plain
refused 'expected a program, or a script' -- ./plain
expect 2 "$aftershock" record -o script -- ./script
says 'exists, and is no recording'
[ "$(head -n 1 script)" = '#!/bin/sh' ] || fail 'what is no recording was written over'
expect 2 "$aftershock" record --force -o script -- ./script
says 'exists, and is no recording'
cp ack.rec before.rec
expect 2 "$aftershock" record -o ack.rec -- ./script
says 'ack.rec: exists: expected another name behind -o, or --force to write over it'
[ "$(wc -l <"$scratch/err")" -eq 1 ] || fail 'more than one line on stderr'
cmp -s ack.rec before.rec || fail 'a recording was written over'
expect 2 "$aftershock" record -o no_such_folder/a.rec -- ./script
expect 2 "$aftershock" record
says 'expected a program'
expect 2 "$aftershock" record --acks x -- ./script
says 'did you mean --ack'
[ ! -e was_run ] || fail 'a refused program was run'
finish
