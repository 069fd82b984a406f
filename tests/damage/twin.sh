#!/bin/sh
# The negative twin of the damage campaign: engines that verify less must fail in it. twin.sh
# DIRECTORY BUG...
set -u
directory=$1
shift
out=$(mktemp)
trap 'rm -f "$out"' EXIT

for bug in "$@"; do
	"$directory/$bug" --damages 5000 >"$out"
	status=$?
	failed=$(sed -n 's/^damage: .* \([0-9]*\) FAILED.*/\1/p' "$out")
	if [ "$status" -ne 1 ] || [ "${failed:-0}" -eq 0 ]; then
		echo "$bug: status $status, ${failed:-no} damages FAILED, expected status 1 and some" >&2
		exit 1
	fi
	echo "$bug: $failed of 5000 damages FAILED"
done
