#!/bin/sh
# model.sh OBJECT...: the judge's model shares no code with the engine (S2): the objects define and
# need no symbol of the engine's. Given one that does, it fails, which is its negative twin.
set -eu
[ $# -ge 1 ] || { echo "usage: model.sh OBJECT..." >&2; exit 2; }
symbols=$(nm "$@" | awk 'NF >= 2 { print $NF }' | sort -u)
[ -n "$symbols" ] || { echo "$*: no symbols found" >&2; exit 2; }
shared=$(printf '%s\n' "$symbols" | grep '^engine_' || true)
if [ -n "$shared" ]; then
	printf '%s: shares with the engine: %s\n' "$*" "$(printf '%s' "$shared" | tr '\n' ' ')" >&2
	exit 1
fi
echo "$(printf '%s\n' "$symbols" | wc -l) symbols, none of the engine's"
