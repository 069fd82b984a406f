#!/bin/sh
# prose.sh ROOT: how Markdown pages are written, and that what they name exists. One line per
# offence, `file:line: what is wrong`.
#
#   sentences   on average at most 17 words in a file (tables aside), none over 40
#   length      README.md has at most 200 lines: it sells and starts, and the rest is in docs/
#   columns     at most 100, but in tables, code and addresses
#   links       to files and headings that exist
#   paths       of files in the tree exist, wherever a page names one
#   citations   of docs/PAGE.md, "section N" and R1 to R13, in any file: the page, the section and
#               the rule exist
set -eu
cd "${1:-.}"

if git rev-parse --is-inside-work-tree >/dev/null 2>&1 && [ -n "$(git ls-files '*.md' | head -n 1)" ]; then
	files() { git ls-files; }
else
	files() { find . -type f | sed 's|^\./||' | sort; }
fi
pages=$(files | grep '\.md$' | while read -r page; do [ ! -f "$page" ] || echo "$page"; done)
[ -n "$pages" ] || { echo "prose: no Markdown found" >&2; exit 2; }

# Sentences end with . ! ? before a space and something that can begin one. Code is one word; of a
# link its text counts.
sentences() {
	awk '
	function offence(line, what) { printf "%s:%d: %s\n", file, line, what }
	function judge(text, line, counted,    i, n, parts, words, word, count, total) {
		gsub(/`[^`]*`/, "code", text)
		gsub(/\]\([^)]*\)/, "", text)
		gsub(/<[^>]*>/, "address", text)
		gsub(/[*_]/, "", text)
		gsub(/[.!?]["\047)]*[ ]+/, "&\n", text)
		n = split(text, parts, "\n")
		for (i = 1; i <= n; i++) {
			count = 0
			total = split(parts[i], words, /[ \t]+/)
			for (word = 1; word <= total; word++) if (words[word] ~ /[A-Za-z0-9]/) count++
			if (count > 40) offence(line, "a sentence of " count " words")
			if (counted && count > 0) { all += count; sentence_count++ }
		}
	}
	function paragraph() { if (buffer != "") judge(buffer, begun, 1); buffer = "" }
	function finish() {
		paragraph()
		if (sentence_count > 0 && all / sentence_count > 17)
			offence(1, sprintf("%.1f words in a sentence on average, at most 17", all / sentence_count))
		all = sentence_count = fenced = 0
	}
	FNR == 1 { if (file != "") finish(); file = FILENAME }
	FILENAME == "README.md" && FNR == 201 { offence(FNR, "README.md has more than 200 lines") }
	/^[ \t]*```/ { paragraph(); fenced = !fenced; next }
	fenced { next }
	/^[ \t]*\|/ {
		paragraph()
		cells = $0; gsub(/\\\|/, "", cells)
		count = split(cells, cell, "|")
		for (c = 2; c < count; c++) judge(cell[c], FNR, 0)
		next
	}
	length($0) > 100 && $0 !~ /https?:\/\// && $0 !~ /^ *[^ ]+$/ && $0 !~ /^!?\[[^]]*\]\([^)]*\)$/ { offence(FNR, length($0) " columns, at most 100") }
	/^[ \t]*$/ || /^#/ { paragraph(); next }
	/^[ \t]*([-*]|[0-9]+\.)[ \t]/ { paragraph(); sub(/^[ \t]*([-*]|[0-9]+\.)[ \t]+/, "") }
	{ if (buffer == "") begun = FNR; buffer = buffer " " $0 }
	END { if (file != "") finish() }
	' "$@"
}

# The anchors that a page offers, as GitHub makes them of its headings.
anchors() {
	awk '/^```/ { fenced = !fenced } !fenced && /^#+ / {
		sub(/^#+ /, ""); gsub(/`/, ""); $0 = tolower($0); gsub(/[^a-z0-9 _-]/, ""); gsub(/ /, "-"); print }' "$1"
}

links() {
	for page in "$@"; do
		awk '/^[ \t]*```/ { fenced = !fenced; next } fenced { next }
		{ gsub(/`[^`]*`/, ""); line = $0
		  while (match(line, /\]\([^)]*\)/)) { print FNR, substr(line, RSTART + 2, RLENGTH - 3); line = substr(line, RSTART + RLENGTH) } }' "$page" |
			while read -r line target; do
				case $target in http://* | https://* | mailto:*) continue ;; esac
				path=${target%%#*}
				[ -n "$path" ] && path=$(dirname "$page")/$path || path=$page
				if [ ! -e "$path" ]; then
					echo "$page:$line: $target does not exist"
				elif [ "$target" != "${target#*#}" ] && ! anchors "$path" | grep -q -x -F -e "${target#*#}"; then
					echo "$page:$line: ${target%%#*} has no heading #${target#*#}"
				fi
			done
	done
}

paths() {
	awk '
	FNR == 1 { fenced = 0 }
	/^[ \t]*```/ { fenced = !fenced }
	!fenced {
		line = " " $0 " "
		while (match(line, /[ `(](engine|vfs|sim|scenarios|tests|reports|docs|cmake)\/[a-z0-9_.\/-]+\.(cc|c|h|sh|md|yaml|patch|plan|svg|csv)[^a-zA-Z0-9]/)) {
			print FILENAME ":" FNR ":" substr(line, RSTART + 1, RLENGTH - 2)
			line = substr(line, RSTART + RLENGTH - 1)
		}
	}' "$@" | while IFS=: read -r page line path; do
		[ -e "$path" ] || [ -e "${page%/*}/$path" ] || echo "$page:$line: $path does not exist"
	done
}

citations() {
	files | grep -E '\.([chy]|cc|sh|md|yaml|plan|patch|txt)$|^(Makefile|\.ci/run)$' | while read -r file; do [ ! -f "$file" ] || echo "$file"; done |
		xargs grep -n -o -E 'docs/[a-z-]+\.md(\)?,? section [0-9]+|, R[0-9]+)?' /dev/null | sort -u |
		while IFS=: read -r file line cited; do
			case $file in tests/lint/*) continue ;; esac
			page=${cited%%.md*}.md
			if [ ! -f "$page" ]; then
				case $file in *.md) continue ;; esac # its links are looked at above
				echo "$file:$line: $page does not exist"
			elif [ "$cited" != "${cited#* section }" ]; then
				grep -q "^## ${cited##* }\." "$page" || echo "$file:$line: $page has no section ${cited##* }"
			elif [ "$cited" != "${cited#*, R}" ]; then
				rule=R${cited##*, R}
				grep -q -E "^## $rule |\*\*$rule " "$page" || echo "$file:$line: $page has no rule $rule"
			fi
		done
}

# shellcheck disable=SC2086 # no name has a space
offences=$(sentences $pages; links $pages; paths $pages; citations)
if [ -n "$offences" ]; then
	printf '%s\n' "$offences" >&2
	exit 1
fi
echo "prose: $(printf '%s\n' "$pages" | wc -l) pages, no offence"
