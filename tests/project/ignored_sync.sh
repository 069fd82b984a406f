#!/bin/sh
# ignored_sync.sh BUILD SEEDS [DIR]: an excuse must not hide a bug of SQLite that is much like the
# one it is for. DIR has sqlite3.c and sqlite3.h. In a copy, a checkpoint ignores that its sync of
# the WAL has failed. `sync-failures`, `sql-syncs` and `sync-models` must be violated then, and must
# not need their excuses more often than with the SQLite as it is. Without DIR it is skipped, with
# status 77.
set -eu
build=$(cd "$1" && pwd)
seeds=$2
folder=${3:-}
root=$(cd "$(dirname "$0")/../.." && pwd)
if [ -z "$folder" ]; then
	echo 'ignored_sync: skipped, no folder with sqlite3.c and sqlite3.h was named'
	exit 77
fi
cd "$root"
work=$build/versions/ignored-sync-source
mkdir -p "$work"
sound=$(sh tests/project/release.sh "$build" "$folder") || exit 2
after='/\* Sync the WAL to disk \*/'
sync='rc = sqlite3OsSync(pWal->pWalFd, CKPT_SYNC_FLAGS(sync_flags));'
[ "$(sed -n "\\|$after|{n;p;}" "$folder/sqlite3.c" | grep -cF "$sync")" -eq 1 ] || {
	echo "ignored_sync: $folder: not once in sqlite3.c behind \"Sync the WAL to disk\": $sync" >&2
	exit 2
}
cp "$folder/sqlite3.h" "$work"
sed "\\|$after|{n;s/rc = sqlite3OsSync/(void)sqlite3OsSync/;}" "$folder/sqlite3.c" >"$work/new.c"
cmp -s "$work/new.c" "$work/sqlite3.c" || mv "$work/new.c" "$work/sqlite3.c"
broken=$(sh tests/project/release.sh "$build" "$work" "ignored-sync-${sound%% *}") || exit 2

# sweep LIBRARY SCENARIO: sets violated, excused, seed.
sweep() {
	LD_LIBRARY_PATH=$1 "$build/aftershock" run "$2" --library scenarios --seeds "$seeds" --jobs "${JOBS:-1}" --json \
		2>"$work/messages" | grep -e '"verdict":"violated"' -e '"type":"summary"' >"$work/runs" || :
	grep -q '"type":"summary"' "$work/runs" || { cat "$work/messages" >&2; exit 3; }
	violated=$(grep '"type":"run"' "$work/runs" | grep -c '"finding":""' || :)
	excused=$(grep '"type":"run"' "$work/runs" | grep -c '"finding":"wal-of' || :)
	seed=$(grep '"type":"run"' "$work/runs" | grep -m 1 '"finding":""' | sed 's/.*"seed":"0x0*\([0-9a-f]*\)".*"invariant":"\([^"]*\)".*/0x\1 \2/' || :)
}

status=0
for scenario in ${SCENARIOS:-sync-failures sql-syncs sync-models}; do
	sweep "${sound#* }" "$scenario"
	was="$violated violated, $excused excused"
	most=$((excused * 2 + 4))
	[ "$violated" -eq 0 ] || status=1
	sweep "${broken#* }" "$scenario"
	[ "$violated" -gt 0 ] && [ "$excused" -le "$most" ] || status=1
	echo "$scenario, SQLite ${sound%% *}, $seeds seeds: $was; with the sync ignored $violated violated (${seed:-none}), $excused excused"
done
exit $status
