#!/bin/sh
# Sweeps that write to one results directory at once wait for each other, and none loses a run.
. "$(dirname "$0")/lib/lib.sh"

for sweep in 1 2 3 4; do
	"$aftershock" run steady-trading kill-anywhere --library "$library" --seeds "$sweep..$((sweep + 299))" --jobs 1 \
		--results "$scratch/results" >"$scratch/out.$sweep" 2>&1 &
	eval "pid_$sweep=$!"
done
for sweep in 1 2 3 4; do
	eval "wait \$pid_$sweep" || fail "sweep $sweep: status $?: $(tail -n 2 "$scratch/out.$sweep")"
done
for seed in 1 150 302; do
	expect 0 "$aftershock" replay kill-anywhere@$seed --library "$library" --results "$scratch/results"
	says reproduced
done

# What is no database is said to be none.
mkdir "$scratch/text"
echo 'no database, but long enough to be read as the header of one, were it not for its first words' >"$scratch/text/results.db"
expect 3 "$aftershock" run steady-trading --library "$library" --seeds 1 --results "$scratch/text"
says 'file is not a database'
finish
