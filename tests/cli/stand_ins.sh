#!/bin/sh
# What a schema needs from its program gets a stand-in: init offers it, a run has it on every
# connection, and says so.
. "$(dirname "$0")/lib/lib.sh"
cd "$scratch" || exit 1

cat >needy.sql <<'SQL'
CREATE TABLE author(id INTEGER PRIMARY KEY, name TEXT NOT NULL COLLATE unicase UNIQUE, sort TEXT);
CREATE TABLE books(id INTEGER PRIMARY KEY, title TEXT NOT NULL CHECK(title REGEXP '.'), key TEXT DEFAULT (new_uuid()));
CREATE INDEX books_fold ON books(fold(title));
CREATE TABLE copy(book INTEGER NOT NULL, shelf TEXT);
CREATE VIRTUAL TABLE words USING fts5(title, tokenize = 'program_words 1');
CREATE VIRTUAL TABLE old_words USING fts4(title, tokenize=program_porter);
CREATE TRIGGER author_sort AFTER INSERT ON author BEGIN
	UPDATE author SET sort = sort_key(new.name) WHERE id = new.id;
END;
CREATE TRIGGER books_words AFTER INSERT ON books BEGIN
	INSERT INTO words(rowid, title) VALUES(new.id, new.title);
	INSERT INTO old_words(docid, title) VALUES(new.id, new.title);
END;
CREATE TRIGGER copy_book BEFORE INSERT ON copy WHEN new.book NOT IN (SELECT id FROM books) BEGIN
	SELECT raise(ABORT, 'no such book');
END;
SQL
expect 0 "$aftershock" init needy.sql
for said in 'collation unicase as nocase' 'function REGEXP as one' 'function fold as first' 'function sort_key as first' \
	'function new_uuid as unique' 'tokenizer program_words as unicode61' 'tokenizer program_porter as porter'; do
	says "stand-in: $said"
	grep -q -e "- $said" needy.yaml || fail "the scenario does not have: $said"
done
! grep -q 'left out' needy.schema.sql || fail 'something is left out although there are stand-ins'
! grep -q 'No INSERT' needy.transactions.sql || fail "$(grep 'No INSERT' needy.transactions.sql)"
expect 0 "$aftershock" run needy.yaml --seeds 60 --results results
says 'stand-in: collation unicase as nocase'
if command -v sqlite3 >/dev/null; then
	[ "$(sqlite3 results/results.db "SELECT what FROM brought WHERE kind = 'stand-in' LIMIT 1")" = 'collation unicase as nocase' ] ||
		fail 'the results do not name the stand-ins'
fi
says '60        60        0'
expect 0 "$aftershock" replay ./needy.yaml@1
expect 0 "$aftershock" explore ./needy.yaml@1
expect 0 "$aftershock" replay ./needy.yaml@1 --json
says '"collation unicase as nocase"'
sed "/collation unicase/d; s/^name: needy/name: without/" needy.yaml >without.yaml
expect 2 "$aftershock" run without.yaml
says 'needy.schema.sql:1: no such collation sequence: unicase'

# It is in force in the run: what it calls equal cannot be there twice, and several processes agree.
cat >equal.yaml <<'YAML'
name: equal
about: A name that is there once, whatever its case.
subject: sql
sql:
  stand_ins: [collation unicase as nocase, function own_id as unique, function sum_of as hash]
  setup: ["CREATE TABLE t(a TEXT UNIQUE COLLATE unicase, b TEXT UNIQUE DEFAULT (own_id()), c INTEGER)"]
  transactions:
    - {name: lower, statements: ["INSERT INTO t(a, c) VALUES('abc', sum_of(1, 'a'))"]}
    - {name: upper, statements: ["INSERT INTO t(a, c) VALUES('ABC', sum_of(1, 'b'))"]}
    - {name: away, statements: [DELETE FROM t]}
  invariants: ["SELECT a FROM t WHERE length(b) <> 32 OR c IS NULL", "SELECT count(*) FROM t HAVING count(*) > 1"]
faults: [{kind: kill, count: {min: 1, max: 4}, operations: {min: 1, max: 40}}]
YAML
expect 0 "$aftershock" run equal.yaml --seeds 60
says '60        60        0'
{
	sed 's/^name: equal/name: several/' equal.yaml
	printf 'processes:\n  - {name: writer, role: writer, count: {min: 2, max: 2}}\n'
	printf '  - {name: reader, role: reader, count: {min: 2, max: 2}, steps: {min: 2, max: 2}}\n'
} >several.yaml
expect 0 "$aftershock" run several.yaml --seeds 30
says '30        30        0'
sed 's/as nocase/as binary/; s/^name: equal/name: twice/' equal.yaml >twice.yaml
expect 1 "$aftershock" run twice.yaml --seeds 20
says 'twice violated query_returns_no_row'

# Mistakes.
wrong() {
	sed "s/^  stand_ins: .*/  stand_ins: [$2]/; s/^name: equal/name: bad/" equal.yaml >bad.yaml
	expect 2 "$aftershock" run bad.yaml
	says "bad.yaml:5: sql.stand_ins[0]: $1"
}
wrong 'nocase, expected such as: collation NAME as nocase' 'nocase'
wrong 'collation a as nocase b, expected such as' 'collation a as nocase b'
wrong 'unknown word module, expected collation, function or tokenizer' 'module a as first'
wrong 'a collation as first, expected one of: binary, nocase, rtrim' 'collation a as first'
wrong 'a function as nocase, expected one of: first, hash, unique, zero, one, null' 'function a as nocase'
wrong 'a tokenizer as simple, expected one of: unicode61, ascii, porter, trigram' 'tokenizer a as simple'
wrong 'lower is there already, expected a name that SQLite does not know' 'function lower as first'
wrong 'NoCase is there already' 'collation NoCase as binary'
wrong 'porter is there already' 'tokenizer porter as unicode61'
finish
