#!/bin/sh
# A disk that runs full under the results database: status 3, one line, and every finished run that
# fitted is kept and can be read.
. "$(dirname "$0")/lib/lib.sh"
results=$scratch/results

# kept: the number of runs that the last sweep says it kept.
kept() {
	sed -n 's/.*: \([0-9]*\) runs are kept in it$/\1/p; s/.*; \([0-9]*\) runs are kept in it$/\1/p' "$scratch/err" | head -n 1
}

# recorded STATUS SEED: what is in the database of that seed, 0 reproduced, 2 nothing.
recorded() {
	expect "$1" "$aftershock" replay steady-trading@"$2" --library "$library" --results "$results"
}

# full STATUS COMMAND...: runs a sweep that fills what there is, and looks at what is left.
full() {
	[ "$1" -eq 3 ] || fail "status $1, expected 3"
	[ "$(wc -l <"$scratch/err")" -eq 1 ] || fail "more or less than one line: $(cat "$scratch/err")"
	runs=$(kept)
	[ "${runs:-0}" -gt 0 ] || fail "no runs are kept: $(cat "$scratch/err")"
	recorded 0 1
	says reproduced
	recorded 0 "$runs"
	says reproduced
	recorded 2 $((runs + 1))
}

sweep() {
	"$aftershock" run steady-trading --library "$library" --seeds 4000 --results "$results" >"$scratch/out" 2>"$scratch/err"
}

# By a limit on the size of a file, in blocks of 512 bytes: at any point of a batch.
for blocks in 130 171 200 333 500; do
	rm -rf "$results"
	(ulimit -f "$blocks" && sweep)
	full $?
	[ "$(ls "$results")" = results.db ] || fail "files are left: $(ls "$results")"
done

# With room again, the same directory goes on, and what was kept is still there.
expect 0 "$aftershock" run steady-trading --library "$library" --seeds 5000..5010 --results "$results"
recorded 0 5000
recorded 0 1

# Too little for the tables: said at once.
rm -rf "$results"
(ulimit -f 8 && sweep)
[ $? -eq 3 ] || fail 'a directory without room for the tables does not end with 3'
[ "$(wc -l <"$scratch/err")" -eq 1 ] || fail 'more or less than one line'

# By a file system of 200 KiB, where the system lets us make one.
mkdir "$scratch/small"
if mount -t tmpfs -o size=200k tmpfs "$scratch/small" 2>/dev/null; then
	trap 'umount "$scratch/small"; rm -rf "$scratch"' EXIT
	results=$scratch/small/results
	sweep
	status=$?
	says 'database or disk is full'
	full $status
else
	echo 'skipped: a file system cannot be mounted here'
fi

# Results on standard output that cannot be written are a failure of the test bed, too.
for verb in 'run steady-trading --seeds 2' 'replay steady-trading@1' 'list scenarios'; do
	# shellcheck disable=SC2086 # words, on purpose
	"$aftershock" $verb --library "$library" >/dev/full 2>"$scratch/err"
	[ $? -eq 3 ] || fail "$verb to a full device does not end with 3"
	says 'standard output cannot be written'
done
finish
