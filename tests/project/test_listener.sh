#!/bin/sh
# test_listener.sh BUILD_DIR SOURCE_DIR: the listener that sim/sweep/README.md shows compiles as it
# stands there, without a warning. Its twin, without a semicolon, does not.
set -eu
source_dir=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Each block that begins with the comment of a file becomes that file.
awk -v to="$scratch/" '
/^```c$/ { inside = 1; next }
/^```$/ { inside = 0; file = ""; next }
inside && match($0, /^\/\* sim\/sweep\/[a-z_]+\.[ch]/) { file = substr($0, RSTART, RLENGTH); sub(/.*\//, "", file) }
inside && file != "" { print > (to file) }
' "$source_dir/sim/sweep/README.md"
if [ ! -s "$scratch/longest.h" ] || [ ! -s "$scratch/longest.c" ]; then
	echo 'no example in sim/sweep/README.md'
	exit 1
fi

# The rooms that a file of sim/sweep may see.
compiles() {
	set -- "$1" -I"$scratch" -I"$source_dir/vfs" -I"$source_dir/sim"
	for room in sqlite subject scenario plan world orders sql run sweep; do
		set -- "$@" -I"$source_dir/sim/$room"
	done
	${CC:-cc} -std=gnu17 -Wall -Wextra -Wconversion -Wshadow -Wmissing-prototypes -Werror -fsyntax-only "$@"
}
compiles "$scratch/longest.c" || { echo 'the example of sim/sweep/README.md does not compile'; exit 1; }
sed 's/return true;$/return true/' "$scratch/longest.c" >"$scratch/broken.c"
if compiles "$scratch/broken.c" 2>/dev/null; then
	echo 'the example compiles without its semicolons'
	exit 1
fi
echo 'all as expected'
