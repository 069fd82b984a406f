#!/bin/sh
# house.sh [--markdown]: the size and shape of the house: lines and assertions of each room, the
# largest file, functions over 70 lines, arrows that run up and circles of files. For a page, or for
# a look by hand.
set -eu
cd "$(dirname "$0")/../.."
form='%-16s %6s %8s %11s %s\n'
if [ "${1:-}" = --markdown ]; then
	form='| %s | %s | %s | %s | %s |\n'
fi

# shellcheck disable=SC2059 # the form is one of the two above
row() {
	printf "$form" "$@"
}

# Lines of all, files, and assertions of the .c files per hundred of their lines.
room() {
	name=$1
	shift
	[ -e "$1" ] || return 0
	# shellcheck disable=SC2046 # numbers
	row "$name" $(awk 'FNR == 1 { files++ }
		FILENAME ~ /\.(c|h)$/ && /(^|[^a-z_])assert\(/ { assertions++ }
		{ lines++; if (FILENAME ~ /\.c$/) code++ }
		END { printf "%d %d %.2f", files, lines, code == 0 ? 0 : 100 * assertions / code }' "$@") "$(wc -l "$@" | grep -v ' total$' | sort -rn | awk 'NR == 1 { print $2 " (" $1 ")" }')"
}

row room files lines assertions/100 'largest file (lines)'
[ "${1:-}" != --markdown ] || echo '|---|---|---|---|---|'
for folder in engine engine/reader engine/program vfs vfs/disk vfs/process \
	sim sim/sqlite sim/subject sim/scenario sim/plan sim/world sim/orders sim/sql sim/run sim/sweep sim/cli reports; do
	# shellcheck disable=SC2046 # names of files
	room "$folder" $(find "$folder" -maxdepth 1 -name '*.[ch]')
done
for part in engine vfs sim tests; do
	# shellcheck disable=SC2046 # names of files
	room "all of $part" $(find "$part" -name '*.[ch]' -o -name '*.cc')
done

# A definition begins in the first column and ends with the brace there.
long=$(find engine vfs sim reports tests -name '*.c' -exec awk '
	/^[a-z].*\) \{$/ { start = FNR; name = $0 }
	/^\}/ { if (start > 0 && FNR - start + 1 > 70) print FILENAME ": " name; start = 0 }' {} + | wc -l)
echo
echo "Functions over 70 lines: $long."
sh tests/lint/rooms.sh | sed -n 's/^rooms: \([0-9]* files\), \(.*\) of [0-9]* files$/Between \1 of engine, vfs and sim: \2./p'
