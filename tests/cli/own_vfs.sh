#!/bin/sh
# A VFS of somebody's own between SQLite and the disk (S70). One that only passes on changes no run.
# The example holds, and each mistake in it goes red in a run. What is no such VFS is refused with
# its place.
. "$(dirname "$0")/lib/lib.sh"
example=$source_dir/examples/checksum_vfs.c

# build NAME: the extension of $scratch/NAME.c.
build() {
	cc -O2 -fPIC -shared "$scratch/$1.c" -o "$scratch/$1.so" || fail "$1 does not compile"
}

# planted NAME SED...: the example with a mistake in it.
planted() {
	name=$1
	shift
	sed "$@" "$example" >"$scratch/$name.c"
	cmp -s "$example" "$scratch/$name.c" && fail "$name: the mistake does not apply"
	build "$name"
}

# extension NAME BODY: one that does nothing but this, where `below` is the default VFS.
extension() {
	cat >"$scratch/$1.c" <<-END
		#include <sqlite3ext.h>
		SQLITE_EXTENSION_INIT1
		static sqlite3_vfs own, second;
		int sqlite3_extension_init(sqlite3 *db, char **why, const sqlite3_api_routines *routines) {
			SQLITE_EXTENSION_INIT2(routines)
			sqlite3_vfs *below = sqlite3_vfs_find(0);
			(void)db, (void)why, (void)own, (void)second, (void)below;
			$2
		}
	END
	build "$1"
}

# ---- what only passes on changes no run
extension pass 'own = *below; own.pNext = 0; own.zName = "pass"; return sqlite3_vfs_register(&own, 1);'
for scenario in second-engine sql-outside wal-kill engine-rivals program-power-loss; do
	"$aftershock" run $scenario --library "$library" --seeds 6 --json | hashes | sort >"$scratch/without"
	"$aftershock" run $scenario --library "$library" --seeds 6 --json --vfs "$scratch/pass.so" | hashes | sort >"$scratch/with"
	# Seeds of known findings run without it only.
	[ -z "$(comm -13 "$scratch/without" "$scratch/with")" ] || fail "$scenario: other runs with a VFS that only passes on"
	[ "$(wc -l <"$scratch/with")" -eq 6 ] || fail "$scenario: not 6 runs"
done

# ---- the example holds, with processes of which each has its static data
cp "$example" "$scratch/checksum.c"
build checksum
expect 0 "$aftershock" check-vfs "$scratch/checksum.so"
[ "$(grep -c ' holds$' "$scratch/out")" -eq 20 ] || fail 'not 20 checks hold'
says 'mapping_is_what_is_read               without: has no xFetch'
expect 0 "$aftershock" run kill-anywhere power-loss-wal sql-attached wal-kill rollback-kill engine-wal-index --library "$library" --seeds 10 --vfs "$scratch/checksum.so"
grep -q 'violated [a-z_]* in' "$scratch/out" && fail 'the example is red'

# ---- each mistake goes red
# goes_red NAME CHECK SCENARIO INVARIANT
goes_red() {
	expect 1 "$aftershock" check-vfs "$scratch/$1.so"
	grep -q "^$2  *FAILS: " "$scratch/out" || fail "$1: $2 does not fail"
	expect 1 "$aftershock" run "$3" --library "$library" --seeds 24 --vfs "$scratch/$1.so"
	says "$3 violated $4 in"
	says "--vfs $scratch/$1.so "
}
unsynced='static int checked_sync(sqlite3_file *file, int flags) { (void)file, (void)flags; return SQLITE_OK; }'
planted unsynced "s/^PASS(int, sync, .*/$unsynced/"
goes_red unsynced sync_reaches_the_disk power-loss-delete loaded_equals_committed
uncut='static int checked_truncate(sqlite3_file *file, sqlite3_int64 size) { (void)file, (void)size; return SQLITE_OK; }'
planted uncut "s/^PASS(int, truncate, .*/$uncut/"
goes_red uncut truncation_reaches_the_disk power-loss-delete loaded_equals_committed
unlocked='static int checked_lock(sqlite3_file *file, int level) { (void)file, (void)level; return SQLITE_OK; }'
planted unlocked "s/^PASS(int, lock, .*/$unlocked/"
goes_red unlocked exclusive_lock_keeps_others_off rollback-kill answer_follows_content
# The sums are written behind the sync, when the lock is given up.
planted late -e '/^static int write_with_sum/i static struct { sqlite3_int64 at; uint64_t sum; } late[512];\nstatic int late_count;' \
	-e 's/^\tmemcpy(page + size - SUM_BYTES, &sum, SUM_BYTES);/\tlate[late_count % 512].at = at + size - SUM_BYTES, late[late_count++ % 512].sum = sum;/' \
	-e 's/^PASS(int, unlock, .*/static int checked_unlock(sqlite3_file *file, int level) {\n\twhile (late_count > 0) {\n\t\tlate_count--;\n\t\treal(file)->pMethods->xWrite(real(file), \&late[late_count % 512].sum, SUM_BYTES, late[late_count % 512].at);\n\t}\n\treturn real(file)->pMethods->xUnlock(real(file), level);\n}/'
goes_red late commits_outlive_the_power kill-anywhere loaded_equals_committed
# A page of another size than asked for is taken for a damaged one.
planted sizes 's/size == own->page_bytes \&\& !is_sound/own->page_bytes != 0 \&\& size >= 512 \&\& !is_sound/'
expect 1 "$aftershock" run engine-wal-index --library "$library" --seeds 24 --vfs "$scratch/sizes.so"
says 'engine-wal-index violated loaded_equals_committed in'
# Time of its own: no run is repeated.
extension clock 'own = *below; own.pNext = 0; own.zName = "clock"; own.xRandomness = sqlite3_vfs_find("unix")->xRandomness; return sqlite3_vfs_register(&own, 0);'
expect 1 "$aftershock" check-vfs "$scratch/clock.so"
says 'xRandomness is not that of the VFS below'

# ---- a scenario names it; its plan does, too, and replays from any directory
mkdir "$scratch/own"
cp "$scratch/checksum.so" "$scratch/own"
sed 's/^name: .*/name: mine/; s/^subject: .*/&\nvfs: checksum.so/' "$library/kill-anywhere.yaml" >"$scratch/own/mine.yaml"
expect 0 "$aftershock" run "$scratch/own/mine.yaml" --seeds 10
"$aftershock" replay "$scratch/own/mine.yaml@4" --print-plan >"$scratch/plan"
grep -qxF "vfs $scratch/own/checksum.so" "$scratch/plan" || fail 'the plan does not name the VFS'
hash=$("$aftershock" replay "$scratch/own/mine.yaml@4" | sed -n 's/^trace hash \([0-9a-f]*\).*/\1/p')
(cd / && "$aftershock" replay --plan "$scratch/plan" --expect-verdict held --expect-hash "$hash" >/dev/null) ||
	fail 'the plan does not replay'
expect 1 "$aftershock" replay --plan "$scratch/plan" --vfs "$scratch/late.so"
expect 1 "$aftershock" shrink power-loss-delete@1 --library "$library" --vfs "$scratch/unsynced.so" --output "$scratch/small"
grep -qxF "vfs $scratch/unsynced.so" "$scratch/small" || fail 'the small plan does not name the VFS'
expect 1 "$aftershock" explain kill-anywhere@4 --library "$library" --vfs "$scratch/late.so"
says 'VIOLATED'

# ---- results tell a sweep with it from one without
expect 0 "$aftershock" run kill-anywhere --library "$library" --seeds 3 --vfs "$scratch/checksum.so" --results "$scratch/results"
expect 2 "$aftershock" replay kill-anywhere@2 --library "$library" --results "$scratch/results"
says 'no run of kill-anywhere@0x2 with this subject and VFS is recorded there'
expect 0 "$aftershock" replay kill-anywhere@2 --library "$library" --vfs "$scratch/checksum.so" --results "$scratch/results"
says reproduced
if command -v sqlite3 >/dev/null; then
	brought=$(sqlite3 "$scratch/results/results.db" "SELECT group_concat(scenario || ' ' || kind || ' ' || what) FROM brought")
	[ "$brought" = "kill-anywhere vfs $scratch/checksum.so" ] || fail "brought: $brought"
fi

# ---- the certificate says what nobody has compared
expect 0 "$aftershock" explore kill-anywhere@3 --library "$library" --vfs "$scratch/checksum.so" --certificate "$scratch/certificate"
says 'no reader of formats has compared the images'
grep -qx 'images_compared  *0' "$scratch/certificate" || fail 'images were compared'
expect 0 "$aftershock" verify-certificate "$scratch/certificate" --library "$library" --vfs "$scratch/checksum.so"
expect 2 "$aftershock" verify-certificate "$scratch/certificate" --library "$library"
says 'vfs: this is without one, expected --vfs'

# ---- refused, with file and line or option
# refused TEXT NAME: in a scenario, by the option, and by check-vfs.
refused() {
	sed 's/^name: .*/name: wrong/; s/^subject: .*/&\nvfs: ..\/'"$2"'.so/' "$library/kill-anywhere.yaml" >"$scratch/own/wrong.yaml"
	line=$(sed -n '/^vfs: /=' "$scratch/own/wrong.yaml")
	expect 2 "$aftershock" run "$scratch/own/wrong.yaml" --seeds 2
	[ "$(wc -l <"$scratch/err")" -eq 1 ] || fail "more or less than one line on stderr: $2"
	says "$scratch/own/wrong.yaml:$line: vfs"
	says "$1"
	expect 2 "$aftershock" run kill-anywhere --library "$library" --vfs "$scratch/$2.so" --seeds 2
	says "--vfs $scratch/$2.so: "
	says "$1"
	expect 2 "$aftershock" check-vfs "$scratch/$2.so"
	says "$1"
}
extension none 'return SQLITE_OK;'
refused 'registers no VFS, expected one VFS on top of the default one' none
extension two 'own = *below; own.zName = "one"; second = *below; second.zName = "two"; sqlite3_vfs_register(&own, 0); return sqlite3_vfs_register(&second, 0);'
refused 'registers several VFSes: two, one, expected one VFS' two
extension failing '*why = sqlite3_mprintf("there is no key"); return SQLITE_ERROR;'
refused 'its extension fails: there is no key (1)' failing
extension aside 'own = *sqlite3_vfs_find("unix"); own.pNext = 0; own.zName = "aside"; return sqlite3_vfs_register(&own, 0);'
refused 'opens nothing by the VFS that is the default one while it is loaded' aside
extension crashing 'below = 0; return (int)sizeof(*below) + *(volatile char *)below;'
refused 'crashes: SIGSEGV' crashing
echo 'int nothing;' >"$scratch/nothing.c"
build nothing
refused 'no loadable extension of SQLite: has no function sqlite3_extension_init or sqlite3_nothing_init' nothing
echo text >"$scratch/text.so"
refused 'cannot be loaded: ' text
refused 'No such file or directory' absent
sed 's/^vfs .*/vfs checksum.so/' "$scratch/plan" >"$scratch/relative"
expect 2 "$aftershock" replay --plan "$scratch/relative"
says 'vfs checksum.so, expected the whole path of a shared object'
expect 2 "$aftershock" check-vfs
says 'check-vfs: expected one FILE.so'

finish
