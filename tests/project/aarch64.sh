#!/bin/sh
# aarch64.sh BUILD [SEEDS]: the same trace hashes on another architecture. Builds the program for
# 64-bit ARM (preset `aarch64`), runs each scenario of the library and of several processes under
# qemu with SEEDS seeds, default 3, and compares each hash with that of BUILD. qemu runs one
# program, so a run is one of `explain`, which starts no other. Exit status 1: they differ; 77: the
# compiler or qemu is not there.
set -u
[ $# -ge 1 ] || { echo 'usage: aarch64.sh BUILD [SEEDS]' >&2; exit 2; }
seeds=${2:-3}
root=$(cd "$(dirname "$0")/../.." && pwd)
set -- "$(cd "$1" && pwd)" "$root"
. "$root/tests/cli/lib/lib.sh"

for tool in aarch64-linux-gnu-gcc aarch64-linux-gnu-g++ qemu-aarch64; do
	command -v "$tool" >/dev/null || { echo "aarch64: SKIPPED, no $tool: make deps-aarch64"; exit 77; }
done
cd "$root" || exit 2
if ! cmake --preset aarch64 >"$scratch/log" 2>&1 ||
	! cmake --build build-aarch64 --target aftershock --parallel "${JOBS:-2}" >>"$scratch/log" 2>&1; then
	tail -n 20 "$scratch/log"
	echo 'aarch64: does not build' >&2
	exit 1
fi

# Each run as SCENARIO@SEED, or SCENARIO:CELL@SEED, and its hash. A sweep also runs the plans of
# known findings, which have no seed of their own, and recorded seeds from afar.
targets() {
	sed -n 's/.*"type":"run".*"trace_hash":"\([^"]*\)".*"replay":"aftershock replay \([^ ]*@0x[0-9a-f]*\) .*/\2 \1/p'
}

number=1
while [ "$number" -le "$seeds" ]; do
	printf '@0x%x \n' "$number"
	number=$((number + 1))
done >"$scratch/seeds"
for folder in '' processes; do
	# shellcheck disable=SC2086 # no folder is the library
	"$aftershock" run $folder --library "$library" --seeds "$seeds" --json | targets
done | grep -F -f "$scratch/seeds" | LC_ALL=C sort -u >"$scratch/wanted"
count=$(wc -l <"$scratch/wanted")
[ "$count" -ge 150 ] || fail "only $count runs to compare"

# shellcheck disable=SC2016 # sh -c has a $1 of its own
cut -d ' ' -f 1 "$scratch/wanted" | xargs -P "${JOBS:-2}" -n 1 sh -c \
	'qemu-aarch64 build-aarch64/aftershock explain "$1" --json --library "$0" 2>/dev/null | grep "\"type\":\"run\""' \
	"$library" | targets | LC_ALL=C sort -u >"$scratch/got"
if ! diff "$scratch/wanted" "$scratch/got" >"$scratch/diff"; then
	fail "other hashes: $(sed -n '2,5p' "$scratch/diff")"
fi
echo "aarch64: $count runs compared"
finish
