#!/bin/sh
# What a scenario is there for: damage finds an engine that does not verify its rows, and accuses no other.
. "$(dirname "$0")/lib/lib.sh"

expect 1 "$aftershock" run damaged-at-start --library "$library" --seeds 200 --bug checksum-not-verified
says 'violated corruption_detected'
expect 0 "$aftershock" run damaged-at-start --library "$library" --seeds 200
finish
