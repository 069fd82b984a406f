#!/bin/sh
# power.sh BUILD OUT [DIR...]: how soon each bug is found, `make power`. Each planted bug, each
# positive control and each finding in SQLite is looked for in RANGES (20) disjoint ranges of seeds,
# by all scenarios of its family in turn: every one with one seed, then with the next. A range ends
# at the first detection, or after LIMIT (300) processor seconds, and then counts as that. BUGS="A
# B" takes those only. A violation is a detection only if the sound program holds on the same seed;
# else the search goes on behind it. Each DIR has sqlite3.c and sqlite3.h of one release: its
# findings are looked for on it, too.
#
# What was measured is kept in BUILD/power/rows, and is measured again only by another program, so
# the script can be interrupted and goes on where it was. A table and a page in OUT are made of
# all rows of these programs. Status 1: something was found in no range.
set -eu
build=$(cd "$1" && pwd)
out=$2
shift 2
root=$(cd "$(dirname "$0")/../.." && pwd)
for folder in "$@"; do
	[ -f "$folder/sqlite3.c" ] || { echo "power: $folder: expected sqlite3.c and sqlite3.h there" >&2; exit 2; }
done
ranges=${RANGES:-20}
limit=${LIMIT:-300}
wanted=${BUGS:-}
case $ranges$limit in '' | *[!0-9]*) echo "power: RANGES=$ranges LIMIT=$limit: expected whole numbers" >&2; exit 2 ;; esac
cd "$root"
for name in $wanted; do
	[ -f "scenarios/bugs/$name.patch" ] || grep -q -s '^ *must_violate:' "scenarios/$name.yaml" "scenarios/contracts/$name.yaml" ||
		grep -q "id: $name\$" scenarios/*.yaml scenarios/*/*.yaml || { echo "power: $name: no such bug, control or finding" >&2; exit 2; }
done
work=$build/power
rows=$work/rows
script=power
mkdir -p "$work" "$out"
touch "$rows"
# shellcheck source=tests/project/power_search.sh
. tests/project/power_search.sh

# measure RANGE: one row: kind|what|SQLite|range|first seed|limit|seeds|runs|seconds|
#   scenario|seed|invariant|passed over|program
measure() {
	seek "$1" "$limit"
	if [ -n "$found" ]; then
		echo "$kind|$what|$sqlite|$1|$first|$limit|$((found - first + 1))|$runs|$spent|$scenario|$found|$invariant|$passed|$program" >>"$rows"
	else
		echo "$kind|$what|$sqlite|$1|$first|$limit||$runs|$limit||||$passed|$program" >>"$rows"
	fi
}

# look KIND WHAT: all ranges that are not there yet.
look() {
	kind=$1
	what=$2
	range=1
	while [ "$range" -le "$ranges" ]; do
		grep -q "^$kind|$what|$sqlite|$range|$((range * range_seeds + 1))|$limit|.*|$program\$" "$rows" || measure "$range"
		range=$((range + 1))
	done
	echo "power: $kind $what: done" >&2
}

sqlite_of() {
	LD_LIBRARY_PATH=$library "$build/aftershock" doctor 2>/dev/null | sed -n 's/^SQLite  *\([0-9.]*\),.*/\1/p'
}

# family FOLDER: what to run for the scenarios of that folder.
family() {
	case $1 in scenarios) ;; *) basename "$1" ;; esac
}

library=
sqlite=$(sqlite_of)

stop=violation
for patch_file in scenarios/bugs/*.patch; do
	bug=$(basename "$patch_file" .patch)
	is_wanted "$bug" || continue
	names=$(sed -n '1s/^family: \([a-z]*\)$/\1/p' "$patch_file")
	program=$(for file in "$build/bugs/$bug".so "$build/bugs/$bug".aftershock; do [ ! -f "$file" ] || checksum "$file"; done)
	look planted "$bug"
done
bug=

stop=control
program=$(checksum)
for file in $(grep -l '^ *must_violate:' scenarios/*.yaml scenarios/*/*.yaml); do
	name=$(basename "$file" .yaml)
	is_wanted "$name" || continue
	"$build/aftershock" run "$name" --library scenarios --seeds 1 --json 2>/dev/null |
		sed -n 's/^{"type":"cell".*"cell":"\([^"]*\)".*/\1/p' >"$work/cells"
	while read -r cell <&3; do
		names=$name:$cell
		look control "$name:$cell"
	done 3<"$work/cells"
done

# findings: those that the SQLite at hand is concerned by, each with the family it was found in.
findings() {
	# shellcheck disable=SC2046 # names of files
	LD_LIBRARY_PATH=$library "$build/aftershock" run $(grep -l '^known:' scenarios/*.yaml scenarios/*/*.yaml) \
		--seeds 1 --json 2>/dev/null | grep '"type":"finding"' | grep -v '"state":"not concerned"' |
		field finding | sort -u >"$work/findings"
	while read -r stop <&3; do
		is_wanted "$stop" || continue
		names=$(family "$(dirname "$(grep -l "id: $stop\$" scenarios/*.yaml scenarios/*/*.yaml | head -n 1)")")
		look finding "$stop"
	done 3<"$work/findings"
}

# To list them takes a run of everything that has some.
wants_findings() {
	[ -z "$wanted" ] && return 0
	for name in $wanted; do
		! grep -q "id: $name\$" scenarios/*.yaml scenarios/*/*.yaml || return 0
	done
	return 1
}

! wants_findings || findings
for folder in "$@"; do
	built=$(sh tests/project/release.sh "$build" "$folder") || exit 2
	sqlite=${built%% *}
	library=${built#* }
	program=$(checksum "$library/libsqlite3.so.0")
	[ "$(sqlite_of)" = "$sqlite" ] || { echo "power: $sqlite: was not run" >&2; exit 2; }
	findings
done

# ---- the page, of the rows of the programs that are there ----------------------------------------

library=
{
	checksum
	for file in "$build"/bugs/*.so "$build"/bugs/*.aftershock "$build"/versions/*/libsqlite3.so.0; do
		[ ! -f "$file" ] || checksum "$file"
	done
} >"$work/programs"
awk -F'|' 'NR == FNR { there[$1] = 1; next } $14 in there' "$work/programs" "$rows" |
	sort -t'|' -k1,1 -k2,2 -k3,3V -k4,4n >"$work/now"
{
	echo 'kind,bug,sqlite,range,first_seed,limit_s,found_after_seeds,runs,processor_s,scenario,seed,invariant,passed_over,program'
	awk -F'|' '{ for (i = 1; i <= NF; i++) printf "%s%s", $i ~ /,/ ? "\"" $i "\"" : $i, i < NF ? "," : "\n" }' "$work/now"
} >"$out/power.csv"
COMMIT=$(git rev-parse --short HEAD 2>/dev/null || echo unknown)
[ -z "$(git status --porcelain --untracked-files=no 2>/dev/null)" ] || COMMIT="$COMMIT, changed"
DOCTOR=$("$build/aftershock" doctor | sed -n 's/^\(SQLite build\|compiler\)  *//p' | paste -sd, | sed 's/,/, /')
export COMMIT DOCTOR
awk -f tests/project/power_numbers.awk -f tests/project/power.awk "$work/now" >"$out/power.md"
sed -n '/^## /p; /^| bug /p; s/^| .* [1-9]*[0-9] of .*/&/p' "$out/power.md"
awk -F'|' '{ key = $1 FS $2 FS $3; all[key] = 1; if ($7 != "") found[key] = 1 }
	END { for (key in all) if (!found[key]) { print "power: in no range: " key > "/dev/stderr"; status = 1 } exit status }' "$work/now"
