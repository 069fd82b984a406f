#!/bin/sh
# commits.sh [SINCE [UNTIL]]: the form of commit messages, as CONTRIBUTING.md has it. Without SINCE,
# all commits since the rule came; in a clone that is too shallow for that, the last one.
set -eu
since=${1:-c8a60c4}
until=${2:-HEAD}
if git rev-parse --quiet --verify "$since^{commit}" >/dev/null; then
	range=$since..$until
else
	[ $# -eq 0 ] || { echo "$since: no such commit" >&2; exit 2; }
	range=$until
	set -- -n 1
fi

failed=0
count=0
offence() {
	echo "$commit: $1" >&2
	failed=1
}
[ "${1:-}" = -n ] || set --
for commit in $(git rev-list --no-merges --abbrev-commit "$@" "$range"); do
	count=$((count + 1))
	subject=$(git log -1 --format=%s "$commit")
	body=$(git log -1 --format=%b "$commit")
	[ ${#subject} -le 60 ] || offence "a subject of ${#subject} characters, at most 60: $subject"
	echo "$subject" | grep -q -E '^[a-z][a-z0-9, /_-]*: [^A-Z ].*[^.]$' ||
		offence "a subject of another form than \`area: imperative, lower case\`: $subject"
	[ -n "$body" ] || offence "no body: what was wrong, why this way, how it is proved"
	if echo "$body" | grep -E '^Found-by:' | grep -q -v -E '^Found-by: [a-z0-9/-]+(:[a-z0-9_,+-]+)?@(0x[0-9a-f]+|[0-9]+)$'; then
		offence 'a trailer of another form than `Found-by: SCENARIO@SEED`'
	fi
	if echo "$body" | grep -E '^Invariant:' | grep -q -v -E '^Invariant: [A-Z][0-9]+(, [A-Z][0-9]+)*$'; then
		offence 'a trailer of another form than `Invariant: S4`'
	fi
done
[ $failed -ne 0 ] || echo "commits: $count messages, no offence"
exit $failed
