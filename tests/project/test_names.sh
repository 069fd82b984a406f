#!/bin/sh
# test_names.sh BUILD SOURCE: names that are written down in two places. What
# reports/acceptance.yaml names exists; every planted bug stands for a criterion; every target in
# the README is in the Makefile, and the other way round.
set -eu
cd "$2"
failed=0
complain() {
	echo "$1" >&2
	failed=1
}

# The entries of all lists called $1, one per line.
named() {
	awk -v key="$1" '
	$1 == key ":" { inside = 1; sub(/^[^:]*:/, "") }
	inside {
		line = $0
		closes = line ~ /\]/
		gsub(/[][",\047]/, " ", line)
		count = split(line, words, " ")
		for (i = 1; i <= count; i++) print words[i]
		if (closes) inside = 0
	}' reports/acceptance.yaml | sort -u
}

count=0
for function in $(named functions); do
	grep -q -E "^[a-z].*[ *]$function\(" engine/*.c || complain "reports/acceptance.yaml: no function $function in engine/"
	count=$((count + 1))
done
for bug in $(named bugs); do
	[ -f "scenarios/bugs/$bug.patch" ] || complain "reports/acceptance.yaml: no scenarios/bugs/$bug.patch"
	count=$((count + 1))
done
for patch_file in scenarios/bugs/*.patch; do
	bug=$(basename "$patch_file" .patch)
	named bugs | grep -q -x -F "$bug" || complain "reports/acceptance.yaml: no criterion names the planted bug $bug"
done
for test in $(named tests | grep -v -x -F '*'); do
	ls tests/"$test".* >/dev/null 2>&1 || complain "reports/acceptance.yaml: no test $test"
	count=$((count + 1))
done
[ "$count" -gt 10 ] || complain "reports/acceptance.yaml: only $count names found; has its form changed?"

for target in $(grep -o '`make [a-z0-9-]*' README.md | sed 's/.*make //' | sort -u); do
	grep -q "^$target:" Makefile || complain "README.md: make $target is not in the Makefile"
done
for target in $(sed -n 's/^\([a-z0-9-]*\):.*/\1/p' Makefile); do
	case $target in
	help) ;;
	*) grep -q -E "\`make $target|^make $target" README.md || complain "Makefile: make $target is not in README.md" ;;
	esac
done
[ $failed -ne 0 ] || echo "$count names, all found"
exit $failed
