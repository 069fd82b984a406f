#!/bin/sh
# invariants.sh [ROOT]: every invariant that a comment or a page cites (S4, V2, R7) is defined in a
# page, once, as `- **S4** ...` or `## R7 ...`, and every defined one is cited by a test.
# tests/lint/invariants.left names those that no test cites. It only shrinks: one that a test cites
# must leave it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:-$here/../..}"
# shellcheck source=tests/lint/texts.sh
. "$here/texts.sh"

# shellcheck disable=SC2046 # a list of words; pages first, for what they define
LC_ALL=C awk -v left=tests/lint/invariants.left '
function offence(where, what) { print where ": " what > "/dev/stderr"; failed = 1 }
# The text of comments: of C, and of what has # for them. Of pages all but code.
function said(line,    text, at) {
	if (FILENAME ~ /\.md$/) { gsub(/`[^`]*`/, "", line); return quoted ? "" : line }
	if (FILENAME !~ /\.(c|h|cc)$/) return match(line, /#.*/) ? substr(line, RSTART) : ""
	gsub(/"([^"\\]|\\.)*"/, "", line)
	while (line != "") {
		if (comment) {
			at = index(line, "*/")
			if (at == 0) return text " " line
			text = text " " substr(line, 1, at - 1)
			line = substr(line, at + 2)
			comment = 0
		}
		at = index(line, "/*")
		if (at == 0) return text (match(line, /\/\/.*/) ? substr(line, RSTART) : "")
		line = substr(line, at + 2)
		comment = 1
	}
	return text
}
BEGIN {
	while ((getline line < left) > 0) if (line !~ /^(#|$)/) is_left[line] = 1
}
FNR == 1 { nth[FILENAME]++; quoted = comment = 0 }
FILENAME ~ /\.md$/ && /^[ \t]*```/ { quoted = !quoted }
FILENAME ~ /\.md$/ && nth[FILENAME] == 1 {
	if (match($0, /^(- \*\*|## |### )[A-Z][0-9]+[ *.:]/)) {
		id = substr($0, RSTART, RLENGTH)
		gsub(/[^A-Z0-9]/, "", id)
		# A heading may name what the list under it defines.
		again = id in defined && (defined[id] != FILENAME || (/^- / && id in listed))
		if (/^- /) listed[id] = 1
		if (again) offence(FILENAME ":" FNR, "defines " id " again, after " defined[id])
		defined[id] = FILENAME
		families[substr(id, 1, 1)] = 1
	}
	next
}
{
	rest = said($0)
	while (match(rest, /[A-Za-z0-9_]+(\.\.)?/)) {
		id = substr(rest, RSTART, RLENGTH)
		rest = substr(rest, RSTART + RLENGTH)
		if (id !~ /^[A-Z][1-9][0-9]?$/ || !(substr(id, 1, 1) in families)) continue
		if (FILENAME ~ /^tests\/lint\//) continue
		if (!(id in defined)) offence(FILENAME ":" FNR, "cites " id ", which no page defines")
		if (FILENAME ~ /^tests\/.*\.(c|cc|h|sh)$/) tested[id] = 1
	}
}
END {
	for (id in defined) {
		count++
		if (id in tested && id in is_left) offence(left, "a test cites " id " now: delete it")
		else if (!(id in tested) && !(id in is_left)) offence(defined[id], "defines " id ", which no test cites")
		if (id in is_left) untested++
	}
	for (id in is_left) if (!(id in defined)) offence(left, "no page defines " id " any more: delete it")
	if (failed) exit 1
	printf "invariants: %d, of which %d are cited by no test\n", count, untested
}' $(texts | grep '\.md$') $(texts)
