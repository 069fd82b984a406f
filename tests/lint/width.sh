#!/bin/sh
# width.sh [--left] [ROOT]: comments are at most 100 columns wide, in C, scripts and scenarios.
# (Code has 120, which clang-format sees to; prose.sh looks at pages.) tests/lint/width.left names
# the folders that are not there yet. It only shrinks: a folder without such a line must leave it.
# --left prints what the list would have to contain.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
only_left=0
if [ "${1:-}" = --left ]; then
	only_left=1
	shift
fi
cd "${1:-$here/../..}"
# shellcheck source=tests/lint/texts.sh
. "$here/texts.sh"

# shellcheck disable=SC2046 # a list of words
LC_ALL=C awk -v only_left="$only_left" -v left=tests/lint/width.left '
function columns(text,    count, i, width) {
	gsub(/[\200-\277]/, "", text) # the further bytes of a character
	count = split(text, letters, "")
	for (i = 1; i <= count; i++) width += letters[i] == "\t" ? 8 - width % 8 : 1
	return width
}
BEGIN {
	while ((getline line < left) > 0) if (line !~ /^(#|$)/) is_left[line] = 1
}
FNR == 1 {
	comment = 0
	folder = FILENAME
	if (!sub(/\/[^\/]*$/, "", folder)) folder = "."
}
FILENAME ~ /\.md$/ { next }
{
	if (FILENAME ~ /\.(c|h|cc)$/) {
		code = $0
		gsub(/"([^"\\]|\\.)*"/, "", code) # in a text there is no comment
		is_comment = comment || code ~ /\/\*/ || code ~ /^[ \t]*\/\//
		if (code ~ /\/\*/) comment = 1
		if (code ~ /\*\//) comment = 0
	} else is_comment = /^[ \t]*#/
	if (!is_comment || length($0) <= 50) next
	width = columns($0)
	if (width <= 100) next
	if (folder in is_left || only_left) { still[folder] = 1; next }
	printf "%s:%d: %d columns, at most 100\n", FILENAME, FNR, width > "/dev/stderr"
	failed = 1
}
END {
	if (only_left) { for (folder in still) print folder; exit 0 }
	for (folder in is_left) {
		remaining++
		if (folder in still) continue
		printf "%s: no wide line in \"%s\" any more: delete it\n", left, folder > "/dev/stderr"
		failed = 1
	}
	if (failed) exit 1
	printf "width: no offence, %d folders still to come\n", remaining
}' $(texts)
