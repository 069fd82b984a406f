#!/bin/sh
# peer.sh BUILD SOURCE [ROUNDS]: crash states of a processor second, beside SQLite's own crash test.
# SOURCE is SQLite's source tree, not the amalgamation: Debian has it as `apt-get source sqlite3`,
# where deb-src is enabled. Its testfixture is built in BUILD/peer, which takes Tcl and its headers.
# Then, in turn and ROUNDS times (3): test/crash3.test, sampled runs, and explore. A crash of that
# test is one process that dies in a sync, and another opening with an integrity check.
set -eu
build=$(cd "$1" && pwd)
if [ ! -f "${2:-}/test/crash3.test" ] || [ ! -f "${2:-}/configure" ]; then
	echo "peer: ${2:-no folder}: expected SQLite's source tree, with configure and test/crash3.test" >&2
	exit 2
fi
source=$(cd "$2" && pwd)
rounds=${3:-3}
peer=$build/peer
mkdir -p "$peer"
cd "$peer"
if [ ! -x testfixture ]; then
	command -v tclsh >/dev/null || { echo 'peer: expected tclsh, as in the packages tcl and tcl-dev' >&2; exit 2; }
	if ! { "$source/configure" && make testfixture; } >log 2>&1; then
		echo "peer: testfixture was not built: $peer/log" >&2
		exit 2
	fi
fi

# Sets now: processor seconds of all children. A subshell would have none.
spend() {
	times >spent
	now=$(awk 'NR == 2 { gsub(/[ms]/, " "); print $1 * 60 + $2 + $3 * 60 + $4 }' spent)
}
# NAME FILE PATTERN: how many states FILE says, by awk, of the time since `before`.
note() {
	spend
	awk "$3" "$2" | awk -v name="$1" -v time="$(echo "$now $before" | awk '{ print $1 - $2 }')" \
		'{ printf "%s|%.1f\n", name, $1 / time }' >>rates
	before=$now
}
: >rates
round=0
while [ "$round" -lt "$rounds" ]; do
	round=$((round + 1))
	spend
	before=$now
	./testfixture "$source/test/crash3.test" >crash3 2>&1
	grep -q '^0 errors' crash3 || { echo "peer: crash3.test fails: $peer/crash3" >&2; exit 3; }
	note 'crash3.test' crash3 '/^crash3-(1\.[0-9]+\.2|2\.[1-9][0-9]*\.|3\.).*Ok/ { n++ } END { print n }'
	for scenario in power-loss-wal power-loss-delete sql-bank; do
		"$build/aftershock" run "$scenario" --seeds $((round * 100 + 1))..$((round * 100 + 50)) --jobs 1 >out || [ $? -eq 5 ]
		note "run $scenario" out '$1 == "all" { print $6 }'
		"$build/aftershock" explore "$scenario@$round" --jobs 1 >out
		note "explore $scenario" out '$1 == "images" { print $2 }'
	done
done
printf '%-28s %28s %8s\n' 'of one processor second' 'crash states, or images' 'ratio'
sort -t'|' -k1,1 -k2,2n rates | awk -F'|' '
	{ rate[$1, ++count[$1]] = $2 }
	END {
		floor = rate["crash3.test", int((count["crash3.test"] + 1) / 2)]
		split("crash3.test|run power-loss-wal|explore power-loss-wal|run power-loss-delete|explore power-loss-delete|run sql-bank|explore sql-bank", names, "|")
		for (i = 1; i in names; i++) {
			middle = rate[names[i], int((count[names[i]] + 1) / 2)]
			printf "%-28s %28.0f %8.1f\n", names[i], middle, middle / floor
		}
	}'
