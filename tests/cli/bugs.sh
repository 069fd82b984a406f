#!/bin/sh
# What a scenario is there for: damage finds an engine that does not verify its rows, and accuses no
# other. A bug of the disk is a program of its own, and found, named and replayed as one of the
# engine is.
. "$(dirname "$0")/lib/lib.sh"

expect 1 "$aftershock" run damaged-at-start --library "$library" --seeds 200 --bug checksum-not-verified
says 'violated corruption_detected'
expect 0 "$aftershock" run damaged-at-start --library "$library" --seeds 200

disk_bug=wal-index-outlives-its-processes
expect 0 "$aftershock" list bugs
says "$disk_bug"
says checksum-not-verified
expect 1 "$aftershock" run power-loss-wal-normal --library "$library" --seeds 50 --results "$scratch/results" --bug=$disk_bug
says 'violated loaded_equals_committed'
line=$(grep -m 1 -o "aftershock replay .* --bug $disk_bug .*" "$scratch/out")
[ -n "$line" ] || fail 'the line that replays it does not name the bug'
# shellcheck disable=SC2086
expect 1 "$build_dir"/$line
says reproduced
# Without the bug the same seed holds.
# shellcheck disable=SC2086
expect 0 "$build_dir"/${line%% --bug *} --library "$library" --expect-verdict loaded_equals_committed
says fixed

# Run directly it says what it is, and takes no other bug.
expect 0 "$build_dir/bugs/$disk_bug.aftershock" run steady-trading --library "$library" --seeds 1 --json
says "--bug $disk_bug"
expect 2 "$build_dir/bugs/$disk_bug.aftershock" run steady-trading --library "$library" --bug checksum-not-verified
says "this program has $disk_bug planted"
expect 2 "$aftershock" run steady-trading --library "$library" --bug wal-index-outlives-its-proceses
says "did you mean $disk_bug?"

expect 1 "$aftershock" run kill-anywhere --library "$library" --seeds 100 --bug locks-outlive-their-process
says 'violated progress_after_faults'
finish
