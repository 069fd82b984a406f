#!/bin/sh
# `init` writes a scenario that runs, from a database or from SQL, and changes nothing of either.
. "$(dirname "$0")/lib/lib.sh"
cd "$scratch" || exit 1

cat >'My shop.sql' <<'SQL'
-- what programs have
PRAGMA user_version=3;
CREATE TABLE artist(id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL UNIQUE, since DATE, "odd ""name" BLOB);
CREATE TABLE song(id INTEGER PRIMARY KEY AUTOINCREMENT, artist INTEGER NOT NULL REFERENCES artist(id) ON DELETE CASCADE,
	title TEXT NOT NULL, price REAL CHECK(price >= 0), state TEXT NOT NULL CHECK(state IN ('new', 'sold')),
	hash TEXT CHECK(length(hash) = 40), size INTEGER GENERATED ALWAYS AS (length(title)) STORED,
	at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE tag(song INTEGER REFERENCES song, word TEXT, PRIMARY KEY(song, word)) WITHOUT ROWID;
CREATE TABLE odd(a CHECK(a IS 'never' AND a IS 'ever'));
CREATE VIRTUAL TABLE words USING fts5(body);
CREATE INDEX song_title ON song(title COLLATE NOCASE);
CREATE TRIGGER song_words AFTER INSERT ON song BEGIN
	INSERT INTO words(body) VALUES(new.title); UPDATE artist SET since = date('now') WHERE id = new.artist;
END;
CREATE VIEW sold AS SELECT * FROM song WHERE state = 'sold';
CREATE TABLE foreign_words(a TEXT COLLATE unicase);
CREATE VIRTUAL TABLE far USING nowhere(a);
CREATE TABLE "select"("from" TEXT, rowid TEXT);
SQL
cksum 'My shop.sql' >before
expect 0 "$aftershock" init 'My shop.sql'
says 'my-shop.yaml'
says '1 statement is left out'
says 'no such module: nowhere: left out, and not tested'
says 'next: aftershock run my-shop.yaml'
says 'stand-in: collation unicase as nocase'
grep -q 'left out: no such module: nowhere' my-shop.schema.sql || fail 'what is left out has no reason'
grep -q 'No INSERT into odd was found that works: CHECK constraint failed' my-shop.transactions.sql || fail 'no reason for odd'
for name in add-artist-1 add-song-2 change-song-2 remove-song-2 add-tag-3 remove-tag-3 add-words add-select; do
	grep -q -e "-- name: $name" my-shop.transactions.sql || fail "no transaction $name"
done
expect 0 "$aftershock" run my-shop.yaml --seeds 60
says '60        60        0'
# What is mistyped next.
for name in my-shop my-shop.yml; do
	expect 2 "$aftershock" run "$name"
	says "$name: no such scenario; did you mean my-shop.yaml?"
done
expect 2 "$aftershock" run ./my-shop.yaml@3
says 'one seed of a scenario is run by `aftershock replay ./my-shop.yaml@3`'
cksum 'My shop.sql' | cmp -s - before || fail 'init changed what it read'

# ---- from a dump, whose virtual tables stand in the schema as text
cat >dump.sql <<'SQL'
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE a(b);
PRAGMA writable_schema=ON;
INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)VALUES('table','r','r',0,'CREATE VIRTUAL TABLE r USING rtree_i32(id,low,high)');
CREATE TABLE IF NOT EXISTS "r_rowid"(rowid INTEGER PRIMARY KEY,nodeno);
CREATE TABLE IF NOT EXISTS "r_node"(nodeno INTEGER PRIMARY KEY,data);
INSERT INTO r_node VALUES(1,zeroblob(600));
CREATE TABLE IF NOT EXISTS "r_parent"(nodeno INTEGER PRIMARY KEY,parentnode);
PRAGMA writable_schema=OFF;
COMMIT;
SQL
expect 0 "$aftershock" init dump.sql
says '2 tables'
grep -q 'USING rtree_i32' dump.schema.sql || fail 'a virtual table of a dump is lost'
grep -q 'r_node' dump.schema.sql dump.transactions.sql && fail 'a shadow table is taken for one of the program'
grep -q -e '-- name: add-r-' dump.transactions.sql || fail 'no transaction for a virtual table of a dump'
expect 0 "$aftershock" run dump.yaml --seeds 60

# ---- from a database, of which rows are taken over
# No sqlite3 in a minimal Debian: a run leaves one.
expect 0 "$aftershock" replay ./my-shop.yaml@1 --dump dump
database=$(find dump -name '*.db' | head -n 1)
cp "$database" data.sqlite3
for rest in -wal -journal; do [ ! -f "$database$rest" ] || cp "$database$rest" "data.sqlite3$rest"; done
cksum data.sqlite3 >before
expect 0 "$aftershock" init data.sqlite3 --rows 3
says 'rows of your data'
cksum data.sqlite3 | cmp -s - before || fail 'init changed the database'
grep -q 'PRAGMA user_version=3' data.schema.sql || fail 'user_version is lost'
[ "$(grep -c '^INSERT INTO "artist"' data.schema.sql)" -le 3 ] || fail 'more rows than --rows'
expect 0 "$aftershock" run data.yaml --seeds 60
says '60        60        0'

# Nothing is written beside a database of WAL mode; a name may have signs that addresses use.
mkdir wal
cp data.sqlite3 'wal/a #1? 50%.db'
printf '\002\002' | dd of='wal/a #1? 50%.db' bs=1 seek=18 conv=notrunc 2>/dev/null
(cd wal && expect 0 "$aftershock" init 'a #1? 50%.db' && grep -q 'journal_mode: \[wal\]' a-1-50.yaml && echo fine) >fine
[ "$(cat fine)" = fine ] || fail "a database of WAL mode: $(head -n 1 "$scratch/err")"
[ "$(find wal | wc -l)" -eq 5 ] || fail "init leaves files beside the database: $(ls wal)"

# A statement that is wrong is told with its line.
printf 'CREATE TABLE a(x);\nCREATE TABLE book(title TEXT NOT NULL,,);\n' >comma.sql
expect 0 "$aftershock" init comma.sql
says 'comma.sql:2: near ",": syntax error: left out, and not tested'
# Rows whose parents are beyond --rows are left out; keys that fit nothing are not switched on.
{
	printf 'CREATE TABLE p(id INTEGER PRIMARY KEY);CREATE TABLE c(p REFERENCES p);'
	printf 'INSERT INTO p WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n WHERE i < 9) SELECT i FROM n;'
	printf 'INSERT INTO c SELECT 10 - id FROM p;'
} >orphans.sql
expect 0 "$aftershock" init orphans.sql --rows 4
grep -q 'foreign_keys = on' orphans.yaml || fail 'foreign keys are not switched on'
[ "$(grep -c '^INSERT INTO "c"' orphans.schema.sql)" -eq 0 ] || fail 'rows without a parent are taken over'
cp orphans.sql more.sql
expect 0 "$aftershock" init more.sql --rows 6
[ "$(grep -c '^INSERT INTO "c"' more.schema.sql)" -eq 3 ] || fail 'rows with a parent are left out'
printf 'CREATE TABLE t(a);CREATE TABLE u(a REFERENCES t(a));' >misfit.sql
expect 0 "$aftershock" init misfit.sql
! grep -q 'foreign_keys = on' misfit.yaml || fail 'foreign keys that fit nothing are switched on'
expect 0 "$aftershock" run misfit.yaml --seeds 60

# ---- nothing is overwritten, and what is wrong is one line
wrong() {
	text=$1
	shift
	expect 2 "$aftershock" init "$@"
	says "$text"
	[ "$(wc -l <"$scratch/err")" -eq 1 ] || fail "more than one line: $*"
}
wrong 'data.yaml: File exists' data.sqlite3
cp data.sqlite3 other.db
: >other.transactions.sql
wrong 'other.transactions.sql: File exists' other.db
[ ! -e other.yaml ] || fail 'half of the files are left'
[ ! -e other.schema.sql ] || fail 'half of the files are left'
wrong 'No such file' nowhere.db
wrong 'not a regular file' .
wrong 'expected one database' data.sqlite3 other.db
wrong 'expected one database'
printf 'hello\n' >text.txt
wrong 'text.txt:1: near "hello": syntax error' text.txt
printf 'SELECT 1;\n' >empty.sql
wrong 'no table, expected at least one' empty.sql
: >nothing.sql
wrong 'nothing.sql:1: no statement' nothing.sql
head -c 3000 data.sqlite3 >cut.db
wrong 'cut.db' cut.db
printf 'CREATE TABLE t(a CHECK(a IS NULL AND a IS NOT NULL));' >never.sql
wrong 'no table that a row could be inserted into' never.sql
wrong '--rows many: expected a whole number' data.sqlite3 --rows many
# More tables than a mask has bits, and more columns: each has its transactions, and a plan names
# those that are on.
awk 'BEGIN {
	for (i = 1; i <= 90; i++) printf "CREATE TABLE t%d(id INTEGER PRIMARY KEY, a TEXT NOT NULL);\n", i
	printf "CREATE TABLE wide(id INTEGER PRIMARY KEY"
	for (i = 1; i <= 120; i++) printf ", c%d INTEGER NOT NULL", i
	print ");"
}' >many.sql
expect 0 "$aftershock" init many.sql
says '273 transactions'
grep -q -e '-- name: remove-t90-90' many.transactions.sql || fail 'the last of many tables has no DELETE'
grep -q -e '-- name: add-wide-91' many.transactions.sql || fail 'a wide table has no INSERT'
expect 0 "$aftershock" run many.yaml --seeds 20
says '20        20        0'
"$aftershock" replay ./many.yaml@3 --print-plan >many.plan || fail 'the plan of many transactions is not printed'
grep -qE '^sql templates_on( 0x[0-9a-f]{16}){5}$' many.plan || fail 'the plan does not have five masks'
expect 0 "$aftershock" replay --plan many.plan
sed 's/^\(sql templates_on.* \)0x[0-9a-f]*$/\10xffffffffffffffff/' many.plan >beyond.plan
expect 2 "$aftershock" replay --plan beyond.plan
says 'templates_on with a template that the scenario does not have, expected 273'

# The rows of an external-content FTS5 table are another table's: only triggers may write it.
cat >index.sql <<'SQL'
CREATE TABLE note(id INTEGER PRIMARY KEY, body TEXT, content TEXT);
CREATE VIRTUAL TABLE note_fts USING fts5(body, content = 'note', content_rowid = 'id');
CREATE VIRTUAL TABLE own_fts USING fts5(content, tokenize = 'porter');
CREATE TRIGGER note_in AFTER INSERT ON note BEGIN INSERT INTO note_fts(rowid, body) VALUES(new.id, new.body); END;
CREATE TRIGGER note_out AFTER DELETE ON note BEGIN
	INSERT INTO note_fts(note_fts, rowid, body) VALUES('delete', old.id, old.body);
END;
SQL
expect 0 "$aftershock" init index.sql
! grep -q 'INTO "note_fts"\|"note_fts" SET' index.transactions.sql || fail 'an index is written by itself'
grep -q 'INTO "own_fts"' index.transactions.sql || fail 'a column that is called content is taken for an option'

# A row needs more than defaults where rows must differ; a table that has room for one row only.
cat >one.sql <<'SQL'
CREATE TABLE account(id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT '', host TEXT NOT NULL DEFAULT '', UNIQUE(name, host));
CREATE TABLE position(lock TEXT NOT NULL DEFAULT 'X' UNIQUE CHECK(lock = 'X'), at INTEGER NOT NULL);
CREATE TABLE place(lock TEXT NOT NULL DEFAULT 'X' UNIQUE CHECK(lock = 'X'), at INTEGER NOT NULL);
INSERT INTO place VALUES('X', 1);
SQL
expect 0 "$aftershock" init one.sql
says '9 transactions'
expect 0 "$aftershock" run one.yaml --seeds 20
says '20        20        0'

finish
