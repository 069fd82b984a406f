#!/bin/sh
# alone.sh OBJECT...: the objects need nothing of SQLite, of the disk or of any other room: a reader
# of SQLite's files that shared code with what it is compared with would prove nothing (S53). Given
# objects that do, it fails, which is its negative twin.
set -eu
[ $# -ge 1 ] || { echo "usage: alone.sh OBJECT..." >&2; exit 2; }
defined=$(nm --defined-only "$@" 2>/dev/null | awk 'NF == 3 { print $3 }' | sort -u)
[ -n "$defined" ] || { echo "$*: no symbols found" >&2; exit 2; }
shared=$(nm --undefined-only "$@" | awk 'NF == 2 { print $2 }' | sort -u | grep -v -x -F "$defined" |
	grep -E '^(sqlite3|vfs|engine|sim)_' || true)
if [ -n "$shared" ]; then
	printf '%s: not alone: %s\n' "$*" "$(printf '%s' "$shared" | tr '\n' ' ')" >&2
	exit 1
fi
echo "$(printf '%s\n' "$defined" | wc -l) symbols, and none of SQLite or of another room is needed"
