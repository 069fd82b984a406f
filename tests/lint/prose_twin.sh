#!/bin/sh
# The negative twin of prose.sh: each rule broken once must be reported, and the same pages unbroken
# must pass.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
broken=0

fresh() {
	rm -rf "$work/tree"
	mkdir -p "$work/tree/docs" "$work/tree/engine"
	cat >"$work/tree/docs/page.md" <<-'END'
	# Page

	## 1. First

	A short sentence. Another one, with a [link](other.md#some-words) and `a.code span`.

	| a | b |
	|---|---|
	| a cell that is long enough to make its line wider than a hundred columns | and this is the rest of it, which is fine |

	```
	a line of code that is wider than a hundred columns, which nobody minds, because it is what something prints
	```

	- **R1 Text.** A rule.

	END
	printf '%s\n' '# Other' '' '## Some words' '' 'Text.' '' '## R5 Seen' '' 'Text.' >"$work/tree/docs/other.md"
	printf '%s\n' '/* docs/page.md section 1 and docs/page.md, R1 and docs/other.md, R5. */' >"$work/tree/engine/open.c"
}

# words N: so many, in lines of ten.
words() {
	seq "$1" | sed 's/.*/word/' | paste -s -d ' ' | fold -s -w 50
}

must_report() {
	if "$here/prose.sh" "$work/tree" 2>"$work/message"; then
		echo "not reported: $1" >&2
		exit 1
	fi
	grep -q "$1" "$work/message" || { cat "$work/message" >&2; echo "expected: $1" >&2; exit 1; }
	[ "$(wc -l <"$work/message")" -eq 1 ] || { cat "$work/message" >&2; echo "expected one line: $1" >&2; exit 1; }
	broken=$((broken + 1))
	fresh
}

fresh
"$here/prose.sh" "$work/tree"

{ words 41 && for _ in 1 2 3; do echo ". Yes"; done && echo .; } >>"$work/tree/docs/page.md"
must_report 'page.md:17: a sentence of 41 words'
for _ in 1 2 3 4 5 6 7 8; do printf '\n%s.\n' "$(words 30)"; done >>"$work/tree/docs/page.md"
must_report 'words in a sentence on average'
echo "A line of prose that is wider than a hundred columns, and that anybody could break where it is too long, and should." >>"$work/tree/docs/page.md"
must_report 'page.md:17: 116 columns'
seq 201 | sed 's/.*/\n/' | head -n 201 >"$work/tree/README.md"
must_report 'README.md has more than 200 lines'
echo "| $(words 41 | paste -s -d ' ') |" >>"$work/tree/docs/page.md"
must_report 'a sentence of 41 words'
echo 'See [this](none.md).' >>"$work/tree/docs/other.md"
must_report 'other.md:10: none.md does not exist'
echo 'See [this](page.md#none).' >>"$work/tree/docs/other.md"
must_report 'page.md has no heading #none'
echo 'See `engine/none.c`.' >>"$work/tree/docs/other.md"
must_report 'other.md:10: engine/none.c does not exist'
echo '/* docs/none.md says it. */' >"$work/tree/engine/open.c"
must_report 'open.c:1: docs/none.md does not exist'
echo '/* docs/page.md section 2. */' >"$work/tree/engine/open.c"
must_report 'docs/page.md has no section 2'
echo '/* docs/page.md, R7. */' >"$work/tree/engine/open.c"
must_report 'docs/page.md has no rule R7'
echo "$broken rules broken, $broken reported"
