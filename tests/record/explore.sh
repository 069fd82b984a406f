#!/bin/sh
# `explore RECORDING` judges every crash state of a program that was recorded, without being told
# anything. Sound programs hold; programs that are wrong, or misconfigured, go red.
. "$(dirname "$0")/../cli/lib/lib.sh"
writer=$build_dir/tests/record/writer
cd "$scratch" || exit 1

# recorded NAME WORD...: NAME.rec of the writer on NAME.db.
recorded() {
	name=$1
	shift
	"$aftershock" record --force -o "$name.rec" -- "$writer" "$name.db" 4 "$@" >/dev/null 2>"$scratch/err" || fail "not recorded: $name"
}

# explored STATUS NAME OPTION...
explored() {
	wanted=$1
	name=$2
	shift 2
	expect "$wanted" "$aftershock" explore "$name.rec" "$@"
}

# ---- what is sound holds; the settings are read from what is synced
while read -r name promised words; do
	# shellcheck disable=SC2086
	recorded "$name" $words
	explored 0 "$name"
	says 'held in every crash state within these bounds'
	says "after power loss: $promised is promised"
done <<'END'
delete last_may_roll_back
extra durable synchronous=extra
truncate durable journal=truncate
persist durable journal=persist
wal last_may_roll_back journal=wal
waln prefix journal=wal synchronous=normal
threads last_may_roll_back threads=3 journal=wal
processes last_may_roll_back processes=3
attach last_may_roll_back attach=second.db
attachp durable attach=third.db journal=persist
killed last_may_roll_back killed
END
explored 0 extra --json
says '"database_list":["/'
[ "$(grep -c '^database' "$scratch/out")" -eq 0 ] || fail 'JSON has lines'

# ---- locking mode EXCLUSIVE: a commit has returned when the next transaction begins
# exclusive MODE SYNCHRONOUS: exclusive.rec of three commits.
exclusive() {
	rm -f exclusive.db* exclusive.rec
	expect 0 "$aftershock" record -o exclusive.rec -- sqlite3 exclusive.db "PRAGMA locking_mode=EXCLUSIVE;
		PRAGMA journal_mode=$1; PRAGMA synchronous=$2; CREATE TABLE t(a); INSERT INTO t VALUES(1);
		INSERT INTO t VALUES(2); BEGIN; INSERT INTO t VALUES(3); INSERT INTO t VALUES(4); COMMIT;"
}
for mode in delete persist truncate wal; do
	exclusive $mode full
	explored 0 exclusive
done
exclusive persist normal
expect 1 "$aftershock" explore exclusive.rec
says 'journal mode persist, synchronous normal'
says 'may_corrupt is promised'
exclusive wal full
"$build_dir/tests/record/unsync" exclusive.rec exclusive.db-wal >/dev/null || fail 'no sync of the WAL'
explored 1 exclusive
says 'acknowledged_is_durable: exclusive.db lost'
exclusive persist full
"$build_dir/tests/record/unsync" exclusive.rec exclusive.db >/dev/null || fail 'no sync of the database'
explored 1 exclusive
says 'acknowledged_is_durable: exclusive.db lost'

# ---- a database that was there, with a WAL that was left in it
recorded there journal=wal killed
recorded there journal=wal
explored 0 there
says 'there.db: 4 commits'

# ---- two databases in two folders, of which the second is there before it is first opened
mkdir -p one two
"$writer" two/b.db 2
expect 0 "$aftershock" record -o later.rec -- sh -c "'$writer' one/a.db 2; '$writer' two/b.db 2"
explored 0 later
says 'two/b.db: 2 commits'

# ---- the shell of SQLite, one state of each kind alone
expect 0 "$aftershock" record -o shell.rec -- sqlite3 shell.db 'CREATE TABLE t(a); INSERT INTO t VALUES(1)'
explored 0 shell --first
says 'shell.db: 2 commits, journal mode delete, synchronous full'
explored 0 shell --at 5/kill
says 'shell.rec --at 5/kill: held'

# ---- twins: what is wrong goes red, with a line that shows that state
red() {
	explored 1 "$@"
	says "$name.rec: violated"
}
recorded off synchronous=off
red off
says 'integrity: off.db is damaged'
at=$(sed -n 's/^  aftershock explore off.rec --at //p' "$scratch/out" | head -n 1)
explored 1 off --at "$at"
says "off.rec --at $at: violated"
says 'lost '
explored 0 off --after-power-loss may_corrupt
recorded bare journal=off
red bare
says 'after kill: may_corrupt is promised'
red delete --after-power-loss durable
says 'acknowledged_is_durable: delete.db lost what was acknowledged'
red waln --after-power-loss durable
explored 1 waln --after-power-loss durable --first
says 'VIOLATED of 1 states'
recorded normal synchronous=normal
red normal
says 'synchronous normal'

# ---- syncs that did not happen, though they were called: what they stand for goes red
unsynced() {
	cp "$1.rec" unsynced.rec
	"$build_dir/tests/record/unsync" unsynced.rec "$2" >/dev/null || fail "no sync of $2 in $1"
	explored 1 unsynced
	says "$3"
}
unsynced attach second.db 'files_together: the databases are torn apart'
unsynced attach attach.db 'files_together: the databases are torn apart'
unsynced delete delete.db 'acknowledged_is_durable: delete.db lost'
unsynced persist persist.db-journal 'integrity: persist.db is damaged'

# ---- lines that acknowledge: one that comes before the commit is a lie
for when in before after; do
	"$aftershock" record --ack '^saved' -o $when.rec -- "$writer" $when.db 4 says=$when >/dev/null 2>&1
done
explored 0 after
says 'by lines of the program'
red before
says 'and commit 2 was acknowledged before it was made'

# ---- a backup by copying, while the database is written
cat >backup <<END
"$writer" shop.db 3 journal=wal
"$writer" shop.db 3 journal=wal &
cp shop.db backup.db
wait
END
expect 0 "$aftershock" record -o backup.rec -- sh ./backup
red backup
says 'backup.db'

# ---- a command that knows more
explored 0 delete --check 'sqlite3 {} "PRAGMA quick_check" | grep -q ok'
explored 1 delete --check 'test "$(sqlite3 {} "SELECT count(*) FROM entry WHERE id = 2")" != 1 || test "$(sqlite3 {} "SELECT count(*) FROM entry")" = 4'
says 'check: the check fails with status 1'
explored 2 delete --check true
says 'expected a command with {} where the path of the database goes'
explored 2 delete --check 'echo no; false {}'
says 'fails with status 1 on the database as the program left it, so nothing was judged: no'
[ ! -s "$scratch/out" ] || fail 'something was judged before'

# ---- certificates
explored 0 extra --certificate extra.certificate
[ "$(wc -l <extra.certificate.images)" -eq "$(sed -n 's/^images  *//p' extra.certificate)" ] || fail 'images are missing'
expect 0 "$aftershock" verify-certificate extra.certificate
says 'images counted again'
sed 's/^points  .*/points  7/' extra.certificate >edited.certificate
cp extra.certificate.images edited.certificate.images
expect 2 "$aftershock" verify-certificate edited.certificate
says 'edited.certificate:'
says 'the lines above are not those that were written'
cp extra.certificate edited.certificate
sed 1d extra.certificate.images >edited.certificate.images
expect 2 "$aftershock" verify-certificate edited.certificate
says ": images: the list has $(wc -l <edited.certificate.images)"
# The demands and the bounds of the command line are in it. A check command is not run again.
explored 1 wal --after-power-loss durable --subsets 2 --drawn 3 --check 'true {}' --certificate said.certificate
grep -qx 'demanded_after_power_loss  *durable' said.certificate || fail 'the demand is not in the certificate'
expect 0 "$aftershock" verify-certificate said.certificate
says 'nobody ran the check command again: true {}'
# Another recording under the same name.
cp extra.rec kept.rec
cp persist.rec extra.rec
expect 1 "$aftershock" verify-certificate extra.certificate
says 'extra.certificate:'
mv kept.rec extra.rec
mv extra.rec away.rec
expect 2 "$aftershock" verify-certificate extra.certificate
says 'extra.rec: '
mv away.rec extra.rec

# ---- a database that nobody knows by its first bytes: named, whether it is there yet or not
for database in hidden.db ./hidden.db "$PWD/hidden.db"; do
	rm -f hidden.db hidden.rec
	expect 0 "$aftershock" record --database "$database" -o hidden.rec -- sh -c 'echo hidden | dd of=hidden.db 2>/dev/null'
	says ': 1 database,'
	explored 1 hidden
	says 'hidden.db is damaged: file is not a database'
	expect 0 "$aftershock" record --force --database "$database" -o hidden.rec -- sh -c 'echo again | dd of=hidden.db 2>/dev/null'
	says ': 1 database,'
done
expect 4 "$aftershock" record -o none.rec -- sh -c 'echo hidden | dd of=hidden.db 2>/dev/null'
says 'nothing was recorded'
expect 4 "$aftershock" record --database other-folder/hidden.db -o none.rec -- sh -c 'echo hidden | dd of=hidden.db 2>/dev/null'
# One of SQLite is known by both, and is one.
rm -f named.db
expect 0 "$aftershock" record --database named.db -o named.rec -- "$writer" named.db 3
explored 0 named
says 'named.db: '
grep -c '^database' "$scratch/out" | grep -qx 1 || fail 'one database is two'
set --
for number in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17; do
	set -- "$@" --database "$number.db"
done
expect 2 "$aftershock" record "$@" -- true
says '--database 17.db: expected 16 of them at most'

# ---- several processes share the work, and come to the same
for name in attach persist wal; do
	for jobs in 1 2 5; do
		"$aftershock" explore $name.rec --jobs $jobs --check 'test -s {}' --after-power-loss durable --certificate shared.$jobs |
			grep -v '^processor_seconds\|^check ' >shared.$jobs.out
	done
	cmp -s shared.1.out shared.2.out || fail "$name: two processes come to something else"
	cmp -s shared.1.out shared.5.out || fail "$name: five processes come to something else"
	cmp -s shared.1.images shared.5.images || fail "$name: other images"
done

# ---- what is not seen is said
expect 0 "$aftershock" record -o other.rec -- sh -c "'$writer' other.db 2; echo text >other.txt"
explored 0 other
says "not_seen                      file that is no database: $(pwd -P)/other.txt"
expect 0 "$aftershock" record -o past.rec -- sh -c "'$writer' past.db 2; printf x | env -i dd of=past.db bs=1 seek=63 conv=notrunc 2>/dev/null"
explored 2 past
says 'it ended with other bytes than the recorded calls make'

# ---- bad input
expect 2 "$aftershock" explore nosuch.rec
says 'nosuch.rec: no such recording, expected a recording, or SCENARIO@SEED'
echo text >no.rec
explored 2 no
says 'no.rec: is no recording, expected a recording, or SCENARIO@SEED'
size=$(wc -c <delete.rec)
head -c $((size / 2)) delete.rec >cut.rec
explored 0 cut
says 'cut.rec: cut short after '
says 'held up to the cut'
head -c 100 delete.rec >cut.rec
explored 2 cut
says 'cut short in its first line'
head -c 256 delete.rec >cut.rec
explored 2 cut
says 'no database in it'
sed '1s/1/2/' delete.rec >other_version.rec
explored 2 other_version
says 'a recording of version 2, expected version 1'
explored 2 delete --at 5/nothing
says 'no such state'
explored 2 delete --depth 2
says 'delete.rec: --depth is for scenarios'
expect 2 "$aftershock" explore sql-bank@1 --library "$library" --check 'true {}'
says 'expected a recording'
explored 2 delete --after-power-loss sometimes
says 'expected durable, last_may_roll_back, prefix or may_corrupt'
finish
