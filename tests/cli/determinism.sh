#!/bin/sh
# The same list of scenario, seed and trace hash for any number of jobs, as partitions, from
# elsewhere, in another environment (S27).
. "$(dirname "$0")/lib/lib.sh"

# The library, and the family of several processes. `around` is what comes before the command line:
# env, setarch.
around=
run() {
	# shellcheck disable=SC2086
	$around "$aftershock" run --library "$library" --seeds 12 --json "$@"
	# shellcheck disable=SC2086
	$around "$aftershock" run processes --library "$library" --seeds 12 --json "$@"
}

run --jobs 1 | hashes >"$scratch/one"
[ "$(wc -l <"$scratch/one")" -ge 200 ] || fail "fewer than 200 runs to compare"

same() {
	cmp -s "$scratch/one" "$scratch/other" || fail "another list: $*"
}

run --jobs 2 | hashes >"$scratch/other"
same '2 jobs'
{ run --partition 1/2; run --partition 2/2; } | hashes | sort >"$scratch/other"
sort -o "$scratch/sorted" "$scratch/one"
cmp -s "$scratch/sorted" "$scratch/other" || fail 'another list: two partitions'
around='env -i LC_ALL=C TZ=Asia/Tokyo NOISE=1'
where='from /, in another environment'
if command -v setarch >/dev/null && setarch -R true 2>/dev/null; then
	around="$around setarch -R"
	where="$where, without address randomisation"
else
	echo 'skipped: setarch -R is not allowed here'
fi
(cd / && run) | hashes >"$scratch/other"
around=
same "$where"
"$aftershock" run --library "$library" --seeds 2..13 --json | hashes >"$scratch/other"
cmp -s "$scratch/one" "$scratch/other" && fail 'other seeds give the same list'
finish
