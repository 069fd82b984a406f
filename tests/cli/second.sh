#!/bin/sh
# A second SQLite recovers each image, too (S65). The libraries here are the SQLite under test under
# another name: a sound one, and some that are wrong on purpose. So no other release is needed.
. "$(dirname "$0")/lib/lib.sh"

plugins=$build_dir/tests/plugin
explore() {
	"$aftershock" explore "$@" --library "$library"
}
of() {
	awk -v name="$1" '$1 == name { print $2 }' "$2"
}

# A sound one agrees on each image that the reader was asked about, and whoever shares the work.
run=small-sql:512,delete,full@149
expect 0 explore $run --second-sqlite "$plugins/second_sound.so" --jobs 1 --certificate "$scratch/one"
expect 0 explore $run --second-sqlite "$plugins/second_sound.so" --jobs 2 --certificate "$scratch/two"
for name in one two; do grep -v '^processor_seconds' "$scratch/$name" >"$scratch/$name.rest"; done
cmp -s "$scratch/one.rest" "$scratch/two.rest" || fail 'two processes write another certificate than one'
grep -q '^second_sqlite  *3\.99\.0, 2099-01-01 00:00:00 second$' "$scratch/one" || fail 'the certificate does not name it'
[ "$(of images_second "$scratch/one")" -gt 100 ] || fail "$(of images_second "$scratch/one") images"
[ "$(of images_second "$scratch/one")" -eq "$(of images_compared "$scratch/one")" ] || fail 'some were not asked about'
[ "$(of images_second.pages_alone "$scratch/one")" -eq 0 ] || fail 'rows were not compared'
# Nothing else of the result changes by it.
expect 0 explore $run --certificate "$scratch/alone"
[ "$(of images_hash "$scratch/one")" = "$(of images_hash "$scratch/alone")" ] || fail 'other images'

# One that sees no journal goes red; that state alone shows it, and not without the library.
expect 1 explore $run --second-sqlite "$plugins/second_blind.so"
says 'recovery_equals_second: /engine.db: '
says ', and 3.99.0 to'
state=$(sed -n "s/^  aftershock replay small-sql:512,delete,full@0x95\/\([^ ]*\) --second-sqlite .*/\1/p" "$scratch/out" | head -n 1)
[ -n "$state" ] || fail 'no line that replays a state'
expect 1 "$aftershock" replay "$run/$state" --second-sqlite "$plugins/second_blind.so" --library "$library"
says 'violated'
expect 0 "$aftershock" replay "$run/$state" --library "$library"
expect 1 explore $run --second-sqlite "$plugins/second_unsound.so" --first
says '3.99.0 read other rows from the same pages'
expect 1 explore --all-small small-sql:512,delete,full --second-sqlite "$plugins/second_blind.so" --first
says 'recovery_equals_second'

# One that crashes or hangs is said, and the images behind go on.
expect 1 explore $run --second-sqlite "$plugins/second_crashing.so"
says 'SQLite 3.99.0 crashes in the recovery of it'
says 'within these bounds'
expect 1 explore $run --second-sqlite "$plugins/second_hanging.so" --first --hang-seconds 1
says 'SQLite 3.99.0 does not end with the recovery of it'

# Certificates.
expect 0 "$aftershock" verify-certificate "$scratch/one" --library "$library" --second-sqlite "$plugins/second_sound.so"
says 'SQLite 3.99.0, 2099-01-01 00:00:00 second recovered'
expect 0 "$aftershock" verify-certificate "$scratch/one" --library "$library"
says 'nobody asked SQLite 3.99.0'
expect 2 "$aftershock" verify-certificate "$scratch/alone" --library "$library" --second-sqlite "$plugins/second_sound.so"
says 'no second SQLite was asked, expected no --second-sqlite'

# Bad input: one line, status 2.
expect 2 explore $run --second-sqlite "$scratch/none.so"
says 'none.so: No such file or directory'
echo 'no library' >"$scratch/text.so"
expect 2 explore $run --second-sqlite "$scratch/text.so"
says 'text.so: '
[ "$(wc -l <"$scratch/err")" -eq 1 ] || fail 'more than one line'
xxhash=$(ldd "$aftershock" | awk '$1 ~ /^libxxhash/ { print $3 }')
expect 2 explore $run --second-sqlite "$xxhash"
says ': no SQLite: it has no function sqlite3_'
own=$(ldd "$aftershock" | awk '$1 ~ /^libsqlite3/ { print $3 }')
expect 2 explore $run --second-sqlite "$own"
says 'which is under test itself, expected another release'
expect 2 explore $run --second-sqlite "$plugins/second_old.so"
says 'expected 3.39.0 or newer'
expect 2 "$aftershock" replay small-sql:512,delete,full@1 --second-sqlite "$plugins/second_sound.so" --library "$library"
says 'expected with the name of a crash state'
expect 2 "$build_dir/second-sqlite"
says 'and by nobody else'

finish
