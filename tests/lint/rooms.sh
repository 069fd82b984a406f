#!/bin/sh
# rooms.sh [--left] [ROOT]: who sees whom among the rooms of engine/, vfs/, record/ and sim/.
#
# It prints the graph. It fails when an arrow runs up and when files form a circle, unless
# tests/lint/rooms.left names the arrow or the file. It also fails when a line of that list is no
# longer true: the list only shrinks. --left prints what the list would have to contain.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
only_left=0
if [ "${1:-}" = --left ]; then
	only_left=1
	shift
fi
cd "${1:-$here/../..}"
folders='engine vfs sim'
[ ! -d record ] || folders="$folders record"
# shellcheck disable=SC2086
files=$(find $folders -name '*.[ch]' | LC_ALL=C sort)
# A list of words, first for what each file defines, then for what it uses.
# shellcheck disable=SC2086
LC_ALL=C awk -v left=tests/lint/rooms.left -v only_left="$only_left" -f "$here/rooms.awk" $files $files
