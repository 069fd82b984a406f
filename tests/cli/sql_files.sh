#!/bin/sh
# A schema and transactions in files of SQL, as people have them: they run, each value can be
# replayed, and a mistake is one line with the file and the line.
. "$(dirname "$0")/lib/lib.sh"
cd "$scratch" || exit 1

# scenario NAME LINE...: a scenario of SQL with those lines under `sql`.
scenario() {
	name=$1
	shift
	printf 'name: %s\nabout: a test\nsubject: sql\nsql:\n' "$name" >"$name.yaml"
	printf '  %s\n' "$@" >>"$name.yaml"
	printf 'settings: {journal_mode: [wal, delete], synchronous: [full]}\nfaults: [{kind: power_loss}]\n' >>"$name.yaml"
}

# ---- a dump with all that dumps have, and every kind of value
cat >schema.sql <<'SQL'
-- a dump; with a comment
PRAGMA foreign_keys=OFF;
PRAGMA encoding="UTF-16le";
BEGIN TRANSACTION;
CREATE TABLE song(id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT, artist INTEGER REFERENCES artist(id),
	price REAL CHECK(typeof(price) IN ('real', 'null')), born TEXT, "odd;name" BLOB, [a b]);
INSERT INTO song(id, title, artist) VALUES(1,'It''s; odd',7);
CREATE TABLE artist(id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO artist VALUES(7,'Ω
two lines');
CREATE TRIGGER t AFTER INSERT ON song BEGIN
	UPDATE artist SET name = substr(name || '.', -9) WHERE id = new.artist;
	SELECT CASE WHEN 1 THEN 2 END;
END;
PRAGMA writable_schema=ON;
INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql) VALUES('table','words','words',0,'CREATE VIRTUAL TABLE words USING fts5(body)');
CREATE TABLE IF NOT EXISTS 'words_data'(id INTEGER PRIMARY KEY, block BLOB);
INSERT INTO words_data VALUES(1,X'0102');
INSERT INTO words_data VALUES(10,X'000000000101010001010101');
INSERT INTO words_data VALUES(137438953473,X'0000001404306F6E65010202010374776F0102030408');
CREATE TABLE IF NOT EXISTS 'words_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
INSERT INTO words_idx VALUES(1,X'',2);
CREATE TABLE IF NOT EXISTS 'words_content'(id INTEGER PRIMARY KEY, c0);
INSERT INTO words_content VALUES(1,'one two');
CREATE TABLE IF NOT EXISTS 'words_docsize'(id INTEGER PRIMARY KEY, sz BLOB);
INSERT INTO words_docsize VALUES(1,X'02');
CREATE TABLE IF NOT EXISTS 'words_config'(k PRIMARY KEY, v) WITHOUT ROWID;
INSERT INTO words_config VALUES('version',4);
PRAGMA writable_schema=OFF;
CREATE VIRTUAL TABLE place USING rtree(id, low, high);
CREATE TABLE sqlite_sequence(name,seq);
PRAGMA user_version=7;
PRAGMA application_id=1234;
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('song',1);
COMMIT;
SQL
cat >work.sql <<'SQL'
-- name: add
-- weight: 3
-- values: title, price
BEGIN;
INSERT INTO song(title, price, born, artist) VALUES(?, ?2, :born, 7);
INSERT INTO words VALUES(@title);
COMMIT;

-- name: set
UPDATE song SET "odd;name" = $state, [a b] = $day WHERE id = 1;
-- name: move
BEGIN IMMEDIATE;
INSERT OR REPLACE INTO place VALUES(abs(:n), min(:n, 0), max(:n, 0));
SAVEPOINT s; DELETE FROM song WHERE id > 3; ROLLBACK TO s; RELEASE s;
END;
BEGIN; DELETE FROM song; ROLLBACK;
SQL
scenario own 'setup_file: schema.sql' 'setup: [CREATE TABLE more(a)]' 'transactions_file: work.sql' \
	'pragmas: [foreign_keys = on]' \
	'transactions: [{name: more, statements: ["INSERT INTO more VALUES(:n)"]}]' \
	'invariants: ["SELECT 1 WHERE (SELECT count(*) FROM words) < 1"]' \
	'parameters:' '- {name: title, kind: text, min: 0, max: 40, letters: utf8, nulls: 30}' \
	'- {name: price, kind: real, min: -1.5, max: 20}' '- {name: day, kind: date, min: 1904-02-29, max: 2030-12-31}' \
	'- {name: born, kind: datetime, min: 1904-02-29, max: 2030-12-31, nulls: 20}' \
	'- {name: n, kind: integer, min: -5, max: 9, draw: heavy}' '- {name: state, kind: choice, values: [open, "3", 2.5, null]}'
expect 0 "$aftershock" run own.yaml --seeds 60
says '60        60        0'
for seed in 1 2 3 4 5 6 7 8; do
	expect 0 "$aftershock" replay "./own.yaml@$seed" --print-plan
	cp "$scratch/out" "plan-$seed"
	expect 0 "$aftershock" replay --plan "plan-$seed" --library . --print-plan
	cmp -s "plan-$seed" "$scratch/out" || fail "the plan of seed $seed is another one when it was read"
done
cat plan-* >plans
for form in ':title null' ':n -' ' bytes from ' ':price -' ':born null' ':state 3' 'T[0-9][0-9]:' 'transaction-4' 'more'; do
	grep -q -e "$form" plans || fail "no plan has '$form'"
done
sed 's/:price [0-9.-]*/:price 1.2345/' "$(grep -l ':price' plan-? | head -n 1)" >wrong
expect 2 "$aftershock" replay --plan wrong --library .
says 'wrong:'
# Temporary tables that a transaction drops again are no content.
cat >temporary.yaml <<'YAML'
name: temporary
about: Sums by way of a temporary table and trigger.
subject: sql
sql:
  setup: ["CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER)"]
  transactions:
    - {name: add, statements: ["INSERT INTO t(n) VALUES(abs(random() % 9))"]}
    - name: fold
      statements:
        - CREATE TEMP TABLE sums AS SELECT n, count(*) AS many FROM t GROUP BY n ORDER BY n
        - CREATE TEMP TRIGGER gone AFTER DELETE ON t BEGIN UPDATE t SET n = n + 1 WHERE id = old.id + 1; END
        - DELETE FROM t WHERE n IN (SELECT n FROM sums WHERE many > 2)
        - DROP TRIGGER temp.gone
        - DROP TABLE temp.sums
faults:
  - {kind: power_loss, during: [step, restart], count: {min: 1, max: 4}, operations: {min: 1, max: 60}}
  - {kind: io_error, count: {min: 1, max: 4}, operations: {min: 1, max: 60}}
YAML
expect 0 "$aftershock" run temporary.yaml --seeds 60
says '60        60        0'
sed '/DROP TABLE/d; s/^name: temporary/name: left/' temporary.yaml >left.yaml
expect 2 "$aftershock" run left.yaml
says 'left.yaml:9: sql.transactions[1].statements: leaves the temporary table sums'
# A mistake has the line that SQLite stumbled over.
printf 'CREATE TABLE a(b);\n\nCREATE TABLE c(\n\td INTEGER,\n\tf INTEGER NOT NUL\n);\n' >stumble.sql
sed 's/^name: temporary/name: stumble/; s/^  setup: .*/  setup_file: stumble.sql/' temporary.yaml >stumble.yaml
expect 2 "$aftershock" run stumble.yaml
says 'stumble.sql:5: near "NUL": syntax error, in "CREATE TABLE c(", expected SQL that prepares'
# Its twin: what the file's transactions do is judged.
sed 's/^name: own/name: red/; s/(SELECT count(\*) FROM words) < 1/(SELECT count(*) FROM song) > 1/' own.yaml >red.yaml
expect 1 "$aftershock" run red.yaml --seeds 60
says 'red violated query_returns_no_row'
# A client in C binds the same values.
expect 0 "$aftershock" run own.yaml --seeds 20 --subject "$build_dir/tests/plugin/client.so"
says '20        20        0'

# ---- what is wrong with a file
wrong() { # wrong TEXT LINE...
	text=$1
	shift
	scenario bad "$@"
	expect 2 "$aftershock" run bad.yaml --seeds 1
	says "$text"
	[ "$(wc -l <"$scratch/err")" -eq 1 ] || fail "more than one line for $text"
}
work='transactions: [{name: t, statements: ["INSERT INTO t VALUES(1)"]}]'
printf 'CREATE TABLE t(a);\n\nCREATE TABLES u(a);\n' >typo.sql
wrong 'typo.sql:3: near "TABLES": syntax error' 'setup_file: typo.sql' "$work"
printf 'CREATE TABLE t(a);\n.mode list\n' >shell.sql
wrong 'shell.sql:2: .mode is a command of the shell' 'setup_file: shell.sql' "$work"
printf "CREATE TABLE t(a);\nINSERT INTO t VALUES('a\n;\n" >open.sql
wrong 'open.sql:2: a quote or comment of this statement has no end' 'setup_file: open.sql' "$work"
printf 'CREATE TABLE t(a REFERENCES t(a) PRIMARY KEY);\nINSERT INTO t VALUES(1);\nCREATE TABLE u(a REFERENCES t(a));\nINSERT INTO u VALUES(9);' >key.sql
wrong 'row 1 of u has no parent in t' 'setup_file: key.sql' 'pragmas: [foreign_keys = on]' "$work"
printf 'CREATE TABLE t(a);CREATE TABLE u(a REFERENCES t(a));INSERT INTO u VALUES(9);' >misfit.sql
wrong 'foreign key mismatch' 'setup_file: misfit.sql' 'pragmas: [foreign_keys = on]' "$work"
printf 'CREATE TEMP TABLE t(a);' >temp.sql
wrong 'temp.sql:1: nothing temporary is compared' 'setup_file: temp.sql' "$work"
wrong 'No such file' 'setup_file: nowhere.sql' "$work"
wrong 'a directory' 'setup_file: .' "$work"
printf 'SQLite format 3\000rest' >database.sql
wrong 'aftershock init' 'setup_file: database.sql' "$work"
wrong 'neither setup nor setup_file' "$work"
wrong 'neither transactions nor transactions_file' 'setup: [CREATE TABLE t(a)]'
tail_is() { # tail_is TEXT SQL
	printf '%b' "$2" >tail.sql
	wrong "$1" 'setup: [CREATE TABLE t(a)]' 'transactions_file: tail.sql'
}
tail_is 'tail.sql:1: the transaction has no end' 'BEGIN;INSERT INTO t VALUES(1);'
tail_is 'tail.sql:2: commit without BEGIN' 'INSERT INTO t VALUES(1);\nCOMMIT;'
tail_is 'tail.sql:2: BEGIN within a transaction' 'BEGIN;\nBEGIN;'
tail_is 'tail.sql:1: a transaction of no statements' 'BEGIN;COMMIT;'
tail_is 'tail.sql:1: unknown word valeu before a transaction; did you mean values?' '-- valeu: 4\nDELETE FROM t;'
tail_is 'tail.sql:2: the weight before it is much' '-- weight: much\nDELETE FROM t;'
tail_is 'tail.sql:3: near' 'BEGIN;\nDELETE FROM t;\nDELETE FORM t;\nCOMMIT;'
tail_is 'tail.sql:2: the parameter ? number 1 has no name' 'BEGIN;\nINSERT INTO t VALUES(?);COMMIT;'
tail_is 'tail.sql:1: parameter :a is not declared' 'INSERT INTO t VALUES(@a);'
tail_is 'tail.sql:4: x is the name of another one' '-- name: x\nDELETE FROM t;\n-- name: x\nDELETE FROM t;'
tail_is 'tail.sql:1: no statement' '-- nothing\n'
value() { # value TEXT PARAMETER
	wrong "$1" 'setup: [CREATE TABLE t(a)]' "$work" "parameters: [$2]"
}
value 'min: 1.5, expected a whole number' '{name: p, kind: integer, min: 1.5, max: 2}'
value 'min 3 above max -3' '{name: p, kind: integer, min: 3, max: -3}'
value 'expected a number with at most three digits' '{name: p, kind: real, min: 0, max: 0.0001}'
value 'expected a date such as' '{name: p, kind: date, min: 2023-02-29, max: 2024-01-01}'
value 'a choice without values' '{name: p, kind: choice}'
value 'a text with values' '{name: p, kind: text, min: 1, max: 2, values: [a]}'
value 'a choice with it' '{name: p, kind: choice, values: [a], min: 1}'
value 'a blob without it' '{name: p, kind: blob, min: 1}'
value 'expected ascii or utf8' '{name: p, kind: text, min: 1, max: 2, letters: latin}'
value 'of a blob, expected a text' '{name: p, kind: blob, min: 1, max: 2, letters: utf8}'
value 'expected 0 to 100' '{name: p, kind: blob, min: 1, max: 2, nulls: 101}'
value 'unknown kind float' '{name: p, kind: float, min: 1, max: 2}'
finish
