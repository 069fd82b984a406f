#!/bin/sh
# style.sh ROOT: the rules of the house that no other tool checks. One line per offence, `file:line:
# what is wrong`.
set -eu
root=${1:-.}
cd "$root"

if git rev-parse --is-inside-work-tree >/dev/null 2>&1 && [ -n "$(git ls-files '*.c' | head -n 1)" ]; then
	files=$(git ls-files -- '*.c' '*.h' '*.cc' | while read -r f; do [ ! -f "$f" ] || echo "$f"; done)
else
	files=$(find engine vfs sim reports tests -name '*.[ch]' -o -name '*.cc' 2>/dev/null | sort)
fi
[ -n "$files" ] || { echo "$root: no C files found" >&2; exit 2; }

offences=$(
	for file in $files; do
		name=${file##*/}
		case ${name%.*} in
		util | utils | common | misc | helper | helpers) echo "$file:1: a name that attracts everything" ;;
		esac
		lines=$(wc -l <"$file")
		[ "$lines" -le 800 ] || echo "$file:1: $lines lines, at most 800"
	done

	# shellcheck disable=SC2086
	awk '
	function offence(what) { printf "%s:%d: %s\n", FILENAME, FNR, what }
	FNR == 1 { part = FILENAME; sub(/\/.*/, "", part); folder = FILENAME; sub(/\/[^\/]*$/, "", folder) }
	/TODO|FIXME/ { offence("unfinished work, belongs in an issue") }
	/[ \t]$/ { offence("white space at the end of the line") }
	/^typedef/ && !/\(\*[a-z_0-9]+\)/ { offence("typedef of something that is not a function pointer") }
	/^[ \t]*#[ \t]*include[ \t]+"/ {
		included = $0; sub(/^[^"]*"/, "", included); sub(/".*/, "", included)
		if (included ~ /\// ) offence("include path with a directory: parts see each other through include paths")
		wanted[++count] = FILENAME SUBSEP FNR SUBSEP folder SUBSEP included
	}
	# Public headers are the specification: a prototype has a comment on its line, above it, or
	# above the block it is in.
	FILENAME ~ /^(engine\/engine|engine\/reader\/reader|vfs\/vfs|sim\/(subject\/subject|run\/run|scenario\/scenario|fault|pcg|probe))\.h$/ {
		if ($0 ~ /^[ \t]*$/) documented = 0
		if ($0 ~ /\/\*|\*\/|^ \*/) documented = 1
		if ($0 ~ /^[a-z].*\(.*[,;]$/ && $0 !~ /^(typedef|struct [a-z_]+ \{)/ && !documented && $0 !~ /_destroy\(|_name\(/)
			offence("public declaration without a word about it")
	}
	END {
		# The include fence: engine/ and vfs/ may include their own headers only, and
		# engine/reader/ those of engine/ too; engine/program/ is in front of both.
		behind["engine"] = behind["vfs"] = ""
		behind["vfs/disk"] = "vfs"
		behind["vfs/process"] = "vfs vfs/disk"
		behind["engine/reader"] = "engine"
		behind["engine/program"] = "engine engine/reader"
		for (i = 1; i <= count; i++) {
			split(wanted[i], w, SUBSEP)
			if (!(w[3] in behind)) continue
			found = 0
			folders = split(w[3] " " behind[w[3]], open_to, " ")
			for (j = 1; j <= folders; j++) {
				own = open_to[j] "/" w[4]
				found = found || (getline line < own) >= 0
				close(own)
			}
			if (!found) printf "%s:%d: %s/ includes %s, which is not its own\n", w[1], w[2], w[3], w[4]
		}
	}' $files
)
if [ -n "$offences" ]; then
	printf '%s\n' "$offences" >&2
	exit 1
fi
echo "style: $(printf '%s\n' "$files" | wc -l) files, no offence"
