#!/bin/sh
# A loadable extension brings the functions and collations of a program: on every connection, from
# any directory, and its static data dies with its process.
. "$(dirname "$0")/lib/lib.sh"
cd "$scratch" || exit 1
cc -O2 -fPIC -shared "$source_dir/examples/text_extension.c" -o text_extension.so || exit 1

cat >page.yaml <<'YAML'
name: page
about: Pages by a name that the program makes.
subject: sql
sql:
  extensions: [text_extension.so]
  setup: ["CREATE TABLE page(title TEXT NOT NULL COLLATE natsort UNIQUE, slug TEXT AS (slug(title)) STORED)"]
  transactions:
    - {name: add, weight: 2, statements: ["INSERT OR IGNORE INTO page(title) VALUES('Page ' || abs(random() % 50))"]}
    - {name: remove, statements: ["DELETE FROM page WHERE title = (SELECT max(title) FROM page)"]}
  invariants:
    - SELECT title FROM page WHERE slug <> slug(title)
    - SELECT 1 WHERE 'Page 9' > 'page 10' COLLATE natsort
settings: {journal_mode: [wal, delete], synchronous: [full]}
faults:
  - {kind: power_loss, during: [step, restart], count: {min: 1, max: 4}, operations: {min: 1, max: 40}}
YAML
expect 0 "$aftershock" run page.yaml --seeds 60
says '60        60        0'
says "extension: "
(cd / && expect 0 "$aftershock" run "$scratch/page.yaml" --seeds 5 && echo fine) | grep -q fine || fail 'another directory'
expect 0 "$aftershock" replay ./page.yaml@2
expect 0 "$aftershock" explore ./page.yaml@2
{
	sed 's/^name: page/name: several/' page.yaml
	printf 'processes:\n  - {name: writer, role: writer, count: {min: 2, max: 2}}\n'
	printf '  - {name: reader, role: reader, count: {min: 2, max: 2}, steps: {min: 2, max: 2}}\n'
} >several.yaml
expect 0 "$aftershock" run several.yaml --seeds 20
says '20        20        0'
sed 's/^name: page/name: less/; /natsort$/d; s/extensions: .*/stand_ins: [function slug as first]/' page.yaml >less.yaml
expect 2 "$aftershock" run less.yaml
says 'less.yaml:6: sql.setup[0]: no such collation sequence: natsort'

# What it keeps in a static variable dies with its process, and the reference's does not.
cat >counting.c <<'C'
#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT1
static int calls;
static void count(sqlite3_context *context, int n, sqlite3_value **values) {
	(void)n, (void)values;
	sqlite3_result_int(context, ++calls);
}
int sqlite3_extension_init(sqlite3 *db, char **error, const sqlite3_api_routines *routines) {
	SQLITE_EXTENSION_INIT2(routines)
	(void)error;
	return sqlite3_create_function(db, "calls", 0, SQLITE_UTF8 | SQLITE_INNOCUOUS, 0, count, 0, 0);
}
C
cc -fPIC -shared counting.c -o counting.so || exit 1
cat >calls.yaml <<'YAML'
name: calls
about: Numbers that a program counts in memory.
subject: sql
sql:
  extensions: [counting.so]
  setup: [CREATE TABLE t(n INTEGER)]
  transactions: [{name: add, statements: [INSERT INTO t VALUES(calls())]}]
faults: [{kind: kill, count: {min: 2, max: 4}, operations: {min: 1, max: 40}}]
YAML
expect 1 "$aftershock" run calls.yaml --seeds 20
says 'calls violated'
# Each run begins anew, whatever the worker ran before.
sed '/^faults/d; s/^name: calls/name: quiet/' calls.yaml >quiet.yaml
expect 0 "$aftershock" run quiet.yaml --seeds 30 --jobs 1
says '30        30        0'

# Mistakes.
wrong() {
	sed "s/text_extension.so/$2/; s/^name: page/name: bad/" page.yaml >bad.yaml
	expect 2 "$aftershock" run bad.yaml
	says "bad.yaml:5: sql.extensions$1"
}
make_extension() {
	printf '#include <stdlib.h>\n#include <sqlite3ext.h>\nSQLITE_EXTENSION_INIT1\n' >own.c
	printf 'int sqlite3_extension_init(sqlite3 *d, char **e, const sqlite3_api_routines *r) { SQLITE_EXTENSION_INIT2(r) %s }\n' \
		"(void)d, (void)e; $2" >>own.c
	cc -fPIC -shared own.c -o "$1.so" || exit 1
}
printf 'no library\n' >text.so
printf 'int nothing;\n' >none.c
cc -fPIC -shared none.c -o none.so || exit 1
make_extension crash 'abort();'
make_extension leave 'exit(0);'
make_extension loop 'for (;;) {}'
make_extension refuse '*e = sqlite3_mprintf("no licence"); return SQLITE_ERROR;'
wrong '[0] is absent.so, expected a shared object: No such file or directory' absent.so
wrong '[0]: text.so: cannot be loaded' text.so
wrong '[0]: none.so: no loadable extension of SQLite: has no function sqlite3_extension_init or sqlite3_none_init' none.so
wrong '[0]: crash.so: crashes: SIGABRT' crash.so
wrong '[0]: leave.so: ends the process that loads it: exit status 0' leave.so
wrong '[0]: loop.so: hangs' loop.so
wrong ': automatic extension loading failed: no licence' refuse.so
wrong ' has 5 entries, expected at most 4' 'text_extension.so, a, b, c, d'
finish
