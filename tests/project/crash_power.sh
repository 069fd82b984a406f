#!/bin/sh
# crash_power.sh BUILD OUT: what judging crash states is worth, `make crash-power`. Each planted bug
# of the table below shows after a crash. It is looked for by `explore` on seed 1 of one scenario,
# and by sampling in RANGES (20) disjoint ranges of seeds: all scenarios in turn, every one with one
# seed, then with the next. Each range is sampled without crash states beside the runs and with
# those that the library asks for; and once more by the explored scenario alone, without and with
# eight beside each run. A range ends at the first detection, or after LIMIT (300) processor
# seconds, and then counts as that. BUGS="A B" takes those only. BEFORE=BUILD is the build of
# another commit in its own tree, which samples its library in turn with the others.
#
# What was measured is kept in BUILD/crash_power/rows, and is measured again only by another
# program, so the script can be interrupted and goes on where it was. The page crash_power.md in OUT
# is made of the rows of these programs.
set -eu
build=$(cd "$1" && pwd)
out=$2
root=$(cd "$(dirname "$0")/../.." && pwd)
ranges=${RANGES:-20}
limit=${LIMIT:-300}
wanted=${BUGS:-}
before=${BEFORE:-}
case $ranges$limit in '' | *[!0-9]*) echo "crash_power: RANGES=$ranges LIMIT=$limit: expected whole numbers" >&2; exit 2 ;; esac
if [ -n "$before" ]; then
	[ -x "$before/aftershock" ] || { echo "crash_power: BEFORE=$before: expected a build, with aftershock in it" >&2; exit 2; }
	before=$(cd "$before" && pwd)
fi
cd "$root"
work=$build/crash_power
rows=$work/rows
script=crash_power
mkdir -p "$work" "$out"
touch "$rows"
# shellcheck source=tests/project/power_search.sh
. tests/project/power_search.sh

# A bug, and the scenario whose seed 1 is explored: one of its protocol, or one with what else the
# bug needs. Not listed are bugs that need damage or a second process beside a crash, nor those
# that need a failed call, but for the one of a failed sync.
cat >"$work/bugs" <<'EOF'
batch-in-two-transactions batches:persist_first
duplicate-filter-outside-transaction power-loss-wal
first-transaction-refused power-loss-wal
halt-kept-in-memory limits-and-halt
journal-acknowledged-before-sync differential:journal,crashes
journal-cut-before-checkpoint differential:journal,crashes
journal-replayed-twice differential:journal,crashes
journal-rows-not-claimed differential:journal,crashes
journal-shares-sectors journal-garbage
journal-sync-failure-is-later journal-sync-fails
journal-torn-tail-kept journal-torn-tail-stays
journal-torn-tail-refused differential:journal,crashes
wal-index-outlives-its-processes power-loss-wal-normal
wal-of-another-mode-removed protocol-changes
EOF
for bug in $wanted; do
	grep -q "^$bug " "$work/bugs" || { echo "crash_power: $bug: expected a bug of the table in crash_power.sh" >&2; exit 2; }
done

# explored SCENARIO: one row: explore|bug|scenario|points|states|seconds|state|invariant|program.
# The seconds are those of the whole program.
explored() {
	! grep -q "^explore|$bug|$1|.*|$program\$" "$rows" || return 0
	sh -c '"$@" >"$0"; times' "$work/explored" "$build/aftershock" explore "$1@1" --library scenarios \
		--bug "$bug" --first --jobs 1 2>"$work/messages" >"$work/times" || :
	grep -q '^processor_seconds ' "$work/explored" || {
		echo "crash_power: $bug: $(head -n 1 "$work/messages")" >&2
		exit 3
	}
	awk -v head="explore|$bug|$1" -v program="$program" '
		FILENAME != ARGV[1] { split($1 "m" $2, t, /[ms]+/); if (FNR == 2) spent = t[1] * 60 + t[2] + t[3] * 60 + t[4]; next }
		$1 == "points" { points = $2 }
		$1 == "states" { states = $2 }
		/^VIOLATED of/ && invariant == "" { invariant = $5; sub(/:$/, "", invariant) }
		/^the run itself: / && invariant == "" { invariant = $4; sub(/:$/, "", invariant); state = "the run itself" }
		$1 == "aftershock" && $2 == "replay" && state == "" { state = $3; sub(/^[^\/]*\//, "", state) }
		END { printf "%s|%d|%d|%.3f|%s|%s|%s\n", head, points, states, spent, invariant == "" ? "" : state, invariant, program }
	' "$work/explored" "$work/times" >>"$rows"
}

# sampled KIND RANGE: one row: KIND|bug|range|limit|seeds|runs|seconds|scenario|invariant|program
sampled() {
	! grep -q "^$1|$bug|$2|$limit|.*|$program\$" "$rows" || return 0
	seek "$2" "$limit"
	if [ -n "$found" ]; then
		echo "$1|$bug|$2|$limit|$((found - first + 1))|$runs|$spent|$scenario|$invariant|$program" >>"$rows"
	else
		echo "$1|$bug|$2|$limit||$runs|$limit|||$program" >>"$rows"
	fi
}

# The library of the other build, by its own program and planted bug.
sampled_before() {
	now=$build
	build=$before
	cd "$before/.."
	branches=
	sampled library-before "$1"
	cd "$root"
	build=$now
}

stop=violation
while read -r bug explored_in <&3; do
	is_wanted "$bug" || continue
	what=$bug
	program=$(for file in "$build/bugs/$bug".so "$build/bugs/$bug".aftershock; do [ ! -f "$file" ] || checksum "$file"; done)
	explored "$explored_in"
	range=1
	while [ "$range" -le "$ranges" ]; do
		# What is compared takes turns.
		names=
		branches=0 && sampled library-without "$range"
		branches= && sampled library-with "$range"
		[ -z "$before" ] || sampled_before "$range"
		names=$explored_in
		branches=0 && sampled alone-without "$range"
		branches=8 && sampled alone-with "$range"
		range=$((range + 1))
	done
	echo "crash_power: $bug: done" >&2
done 3<"$work/bugs"

# ---- the page, of the rows of the programs that are there ----------------------------------------

for file in "$build"/bugs/*.so "$build"/bugs/*.aftershock; do
	[ ! -f "$file" ] || checksum "$file"
done >"$work/programs"
awk -F'|' 'NR == FNR { there[$1] = 1; next } $NF in there' "$work/programs" "$rows" | sort -t'|' -k2,2 -k1,1 >"$work/now"
COMMIT=$(git rev-parse --short HEAD 2>/dev/null) || COMMIT='no repository'
[ -z "$(git status --porcelain --untracked-files=no 2>/dev/null)" ] || COMMIT="$COMMIT, changed"
DOCTOR=$("$build/aftershock" doctor | sed -n 's/^\(SQLite build\|compiler\)  *//p' | paste -sd, | sed 's/,/, /')
LOAD=$(cut -d' ' -f1-3 /proc/loadavg | tr ' ' ,  | sed 's/,/, /g')
export COMMIT DOCTOR LOAD
awk -f tests/project/power_numbers.awk -f tests/project/crash_power.awk "$work/now" >"$out/crash_power.md"
sed -n '/^## /,$p' "$out/crash_power.md"
