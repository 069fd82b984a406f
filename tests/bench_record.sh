#!/bin/sh
# bench_record.sh BUILD [DIR]: what recording costs, as ratios to the same program without it.
#
# The program makes 1,000 commits with synchronous OFF in /dev/shm, and 200 with FULL in DIR, which
# should be on a real disk. Both take turns in rounds. The round of the median ratio is printed.
set -eu
build=$(cd "$1" && pwd)
disk=$(mktemp -d "${2:-.}/bench_record.XXXXXX")
memory=$(mktemp -d /dev/shm/bench_record.XXXXXX)
trap 'rm -rf "$disk" "$memory"' EXIT
writer=$build/tests/record/writer
rounds=${ROUNDS:-7}

# plain or recorded DIR COMMITS WORD...: microseconds a commit.
plain() {
	(cd "$1" && rm -f a.db* a.rec && "$writer" a.db "$2" "$3" "$4" time) | sed 's/ us a commit//'
}
recorded() {
	(cd "$1" && rm -f a.db* a.rec && "$build/aftershock" record -o a.rec -- "$writer" a.db "$2" "$3" "$4" time 2>a.err) | sed 's/ us a commit//'
}

echo 'where      journal_mode  synchronous  us a commit  recorded  ratio'
measure() {
	for _ in $(seq "$rounds"); do
		plain "$@" >>"$memory/plain"
		recorded "$@" >>"$memory/recorded"
	done
	name=memory
	[ "$1" = "$memory" ] || name=disk
	paste "$memory/plain" "$memory/recorded" | awk '{ print $2 / $1, $1, $2 }' | sort -n |
		awk -v name="$name" -v mode="${3#journal=}" -v synchronous="${4#synchronous=}" '
			{ line[NR] = $0 }
			END {
				split(line[int((NR + 1) / 2)], middle, " ")
				printf "%-10s %-13s %-11s %12.1f %9.1f %6.2f\n", name, mode, synchronous, middle[2], middle[3], middle[1]
			}'
	rm -f "$memory/plain" "$memory/recorded"
}
for mode in delete truncate persist wal; do
	measure "$memory" 1000 "journal=$mode" synchronous=off
done
for mode in delete wal; do
	measure "$disk" 200 "journal=$mode" synchronous=full
done
