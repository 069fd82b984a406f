#!/bin/sh
# dead.sh [--left] [ROOT]: a prototype in a header is defined, and used in a file other than its
# own. A field of a structure is read somewhere. Names are compared, not types, so a dead field
# hides behind a living one of the same name. tests/lint/dead.left names what is dead now. It only
# shrinks. --left prints it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
only_left=0
if [ "${1:-}" = --left ]; then
	only_left=1
	shift
fi
cd "${1:-$here/../..}"
files=$(find engine vfs sim reports tests -name '*.[ch]' -o -name '*.cc' | LC_ALL=C sort)
# shellcheck disable=SC2086 # a list of words, first for what is declared, then for what is used
LC_ALL=C awk -v left=tests/lint/dead.left -v only_left="$only_left" -f "$here/dead.awk" $files $files
