#!/bin/sh
# cited.sh [ROOT]: what is cited exists, in every text. That is each path of the tree with its
# ending, and each Markdown page by its name alone. In tables of Markdown, each row has as many
# cells as its head. (prose.sh looks at the links of pages, and at sections and rules.)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:-$here/../..}"
# shellcheck source=tests/lint/texts.sh
. "$here/texts.sh"

# shellcheck disable=SC2046 # a list of words
LC_ALL=C awk '
function offence(what) { printf "%s:%d: %s\n", FILENAME, FNR, what > "/dev/stderr"; failed = 1 }
function exists(path,    line) { return path in known || (getline line < path) >= 0 }
BEGIN { for (i = 1; i < ARGC; i++) known[ARGV[i]] = 1 }
FNR == 1 {
	files++
	quoted = cells = 0
	folder = FILENAME
	if (!sub(/\/[^\/]*$/, "/", folder)) folder = ""
}
FILENAME ~ /\.md$/ {
	if (/^[ \t]*```/) quoted = !quoted
	row = $0
	gsub(/\\\|/, "", row)
	if (!quoted && row ~ /^[ \t]*\|/) {
		count = gsub(/\|/, "", row)
		if (cells == 0) cells = count
		else if (count != cells) offence("a row of " count - 1 " cells in a table of " cells - 1)
	} else cells = 0
}
# The checks and the page of evidence are tested with names that are not there.
FILENAME ~ /^tests\/(lint|reports)\// || quoted { next }
{
	rest = $0
	while (match(rest, /[A-Za-z0-9_.\/*<{$@%-]*[A-Za-z0-9_-]\.(md|c|h|cc|sh|yaml|patch|awk|map)($|[^A-Za-z0-9_\/])/)) {
		cited = substr(rest, RSTART, RLENGTH)
		sub(/[^A-Za-z0-9_\/]$/, "", cited)
		rest = substr(rest, RSTART + length(cited))
		if (cited ~ /[*<{$@%]/ || cited ~ /^[-.]*\// || cited ~ /^(build|reports\/out)/) continue
		is_page = cited ~ /\.md$/
		if (!is_page && cited !~ /^(engine|vfs|sim|tests|scenarios|docs|reports|cmake)\//) continue
		if (!is_page && cited ~ /[A-Z]/) continue # test_X.c stands for many
		if (is_page && cited ~ /^[^A-Z\/]*$|^(FILE|PAGE)\.md$/ && FILENAME !~ /\.md$/) continue # a name that a program makes
		if (exists(cited) || exists(folder cited) || exists("docs/" cited)) continue
		offence("cites " cited ", which is not there")
	}
}
END {
	if (failed) exit 1
	print "cited: " files " texts, no offence"
}' $(texts)
