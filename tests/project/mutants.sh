#!/bin/sh
# mutants.sh BUILD [SEEDS]: small wrong changes to the engine, or to the reader of SQLite's files,
# one at a time, and what notices each. A mutant is a line of tests/project/mutants.table: a file,
# or `FILE:FUNCTION` when only the lines of that function count; the text that is replaced (once),
# what it is replaced by, and what must notice it: a scenario, `library` for the whole library, or
# the name of a test. It becomes a plug-in, as a planted bug does, or that test is linked with it.
# The last column may be `argued: WHY` for a mutant that changes nothing that anybody may rely on.
# Prints what noticed each, and the counts. Exit status 1: one lives.
set -eu
build=$1
seeds=${2:-400}
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$(cd "$build" && pwd)
table=${MUTANTS_TABLE:-$here/mutants.table}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sqlite=$(pkg-config --cflags --libs sqlite3)
if [ -d "$build/sqlite" ]; then
	sqlite="$(sed -n 's/^AFTERSHOCK_SQLITE_DIR:PATH=\(.*\)/-I\1/p' "$build/CMakeCache.txt") -L$build/sqlite -lsqlite3"
fi

# mutate FILE FUNCTION FROM TO: replaces the text once; fails when it is not there, or there twice.
# Without a function, all of the file counts.
mutate() {
	FUNCTION=$2 FROM=$3 TO=$4 awk '
	BEGIN { from = ENVIRON["FROM"]; to = ENVIRON["TO"]; is_inside = ENVIRON["FUNCTION"] == "" }
	/^[a-z].*\(/ && index($0, ENVIRON["FUNCTION"] "(") > 0 { is_inside = 1 }
	/^}/ && ENVIRON["FUNCTION"] != "" { is_inside = 0 }
	{
		at = is_inside ? index($0, from) : 0
		if (at > 0) {
			count++
			$0 = substr($0, 1, at - 1) to substr($0, at + length(from))
		}
		print
	}
	END { exit count != 1 }' "$root/$1" >"$work/$(basename "$1")"
}

# The engine with the mutated file first, as a plug-in.
plugin() {
	# shellcheck disable=SC2046,SC2086 # flags and names of files are words
	cc -O1 -std=gnu17 -w -shared -fPIC -DSUBJECT_PLUGIN -I"$root/engine" -I"$root/sim/subject" \
		-o "$work/mutant.so" "$work/$(basename "$1")" "$root/sim/subject/subject_engine.c" \
		$(find "$root/engine" -maxdepth 1 -name '*.c' ! -name "$(basename "$1")") \
		-Wl,--version-script="$root/cmake/plugin.map" $sqlite 2>"$work/cc.log"
}

# A test of the engine with the mutated file in it.
unit_test() {
	# shellcheck disable=SC2046,SC2086 # flags and names of files are words
	cc -O1 -std=gnu17 -w -I"$root/engine" -I"$root/tests/engine" -o "$work/test" \
		-DTESTS_SOURCE_DIR="\"$root\"" "$root/tests/$2.c" "$work/$(basename "$1")" \
		"$root/tests/engine/orders.c" "$root/tests/engine/memory_vfs.c" \
		$(find "$root/engine" -maxdepth 1 -name '*.c' ! -name "$(basename "$1")") \
		$sqlite -lcmocka -lm 2>"$work/cc.log"
}

# A test of the reader of SQLite's formats, which needs nothing but itself.
format_test() {
	# shellcheck disable=SC2046,SC2086 # flags and names of files are words
	cc -O1 -std=gnu17 -w -I"$root/sim/format" -I"$root/tests/sim/format" -o "$work/test" \
		"$root/tests/$2.c" "$root/tests/sim/format/bytes.c" "$work/$(basename "$1")" \
		$(find "$root/sim/format" -name '*.c' ! -name "$(basename "$1")") \
		$sqlite -lcmocka 2>"$work/cc.log"
}

# Prints what noticed, or nothing.
noticed_by() {
	case $2 in
	engine/test_* | sim/format/test_*)
		case $2 in
		engine/*) unit_test "$1" "$2" || { echo "does not compile"; return; } ;;
		*) format_test "$1" "$2" || { echo "does not compile"; return; } ;;
		esac
		timeout 300 "$work/test" >"$work/out" 2>&1 && return
		echo "$(sed -n 's/^\[  FAILED  \] \([a-z_]*\)$/\1/p' "$work/out" | head -n 1) in $2"
		;;
	*)
		plugin "$1" || { echo "does not compile"; return; }
		name=$2
		code=0
		[ "$name" = library ] && name=
		# shellcheck disable=SC2086 # no name is the whole library
		"$build/aftershock" run $name --library "$root/scenarios" --seeds "$seeds" --jobs "${JOBS:-1}" --json \
			--by-seed --stop-at violation --subject "$work/mutant.so" 2>"$work/cc.log" >"$work/out" || code=$?
		case $code in 0 | 1 | 5) ;; *) echo "cannot be run"; return ;; esac
		sed -n 's/^{"type":"run","scenario":"\([^"]*\)","seed":"0x0*\([0-9a-f]*\)","verdict":"violated","invariant":"\([^"]*\)".*/\1@0x\2 \3/p' \
			"$work/out" | head -n 1
		;;
	esac
}

killed=0
argued=0
alive=0
while IFS='	' read -r place from to what; do
	case $place in '' | '#'*) continue ;; esac
	file=${place%%:*}
	function=${place#"$file"}
	mutate "$file" "${function#:}" "$from" "$to" || { echo "mutants: $place: not once in it: $from" >&2; exit 2; }
	case $what in
	argued:*)
		argued=$((argued + 1))
		printf 'argued  %s: %s ->%s\n        %s\n' "$file" "$from" " $to" "${what#argued: }"
		continue
		;;
	esac
	by=$(noticed_by "$file" "$what")
	case $by in
	'does not compile' | 'cannot be run') echo "mutants: $file: $from: $(head -n 3 "$work/cc.log")" >&2; exit 2 ;;
	'') alive=$((alive + 1)); word=ALIVE ;;
	*) killed=$((killed + 1)); word=killed ;;
	esac
	printf '%-7s %s: %s -> %s\n        %s\n' "$word" "$file" "$from" "$to" "${by:-nobody: $what}"
done <"$table"
echo "mutants: $killed killed, $argued argued, $alive alive"
[ "$alive" -eq 0 ]
