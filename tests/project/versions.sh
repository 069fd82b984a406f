#!/bin/sh
# versions.sh BUILD SEEDS DIR...: findings x releases. Each DIR has sqlite3.c and sqlite3.h of one
# release. Each is built as a library of its own, and the program of BUILD is run with it: the
# findings' plans and seeds, and SEEDS seeds of each scenario that has findings. `plan` says that
# the kept plan shows it, a number is the first seed that does, - that neither does, and nothing
# that the release is not concerned. Nothing is downloaded. The status is 1 when a release shows
# something unexplained.
set -eu
build=$(cd "$1" && pwd)
seeds=$2
shift 2
root=$(cd "$(dirname "$0")/../.." && pwd)
[ $# -gt 0 ] || { echo 'versions: expected DIRS=..., folders with sqlite3.c and sqlite3.h' >&2; exit 2; }
cd "$root"
scenarios=$(grep -l '^known:' scenarios/*.yaml scenarios/*/*.yaml)
work=$build/versions
mkdir -p "$work"
: >"$work/found"
status=0
for folder in "$@"; do
	found=$(sh tests/project/release.sh "$build" "$folder") || exit 2
	version=${found%% *}
	home=${found#* }
	code=0
	# shellcheck disable=SC2086 # a list of words
	LD_LIBRARY_PATH=$home "$build/aftershock" run $scenarios --seeds "$seeds" --json \
		>"$work/$version/runs" 2>"$work/$version/messages" || code=$?
	grep -q "\"sqlite_version\":\"$version\"" "$work/$version/runs" || {
		echo "versions: $version: was not run: $(head -n 1 "$work/$version/messages")" >&2
		status=1
		continue
	}
	case $code in 0 | 5) ;; *)
		status=1
		grep '"type":"run".*"verdict":"violated".*"finding":""' "$work/$version/runs" |
			sed "s/.*\"detail\":\"\([^\"]*\)\".*\"replay\":\"\(.*\)\"}\$/$version unexplained: \1\n  \2/"
		;;
	esac
	# finding, scenario, state, runs, fix; and of each run that shows one its seed or plan
	sed -n 's/^{"type":"finding","finding":"\([^"]*\)".*"fix":"\([^"]*\)".*"state":"\([^"]*\)".*$/state|\1|\3|\2/p
		s/^{"type":"run".*"seed":"0x0*\([0-9a-f]*\)".*"finding":"\([^"]*\)".*"replay":"aftershock replay \(--plan\).*/run|\2|plan/p
		t
		s/^{"type":"run".*"seed":"0x0*\([0-9a-f]*\)".*"finding":"\([^"]*\)".*/run|\2|0x\1/p' "$work/$version/runs" |
		sed "s/^/$version|/" >>"$work/found"
done
awk -F'|' '
	!($1 in place) { place[$1] = ++releases; release[releases] = $1 }
	$2 == "state" { if (!($3 in known)) { known[$3] = ++findings; finding[findings] = $3 } concerned[$3, $1] = $4 != "not concerned"; if ($5 != "") fix[$3] = $5 }
	$2 == "run" && $3 != "" && $3 != "control" { if ($4 == "plan") plan[$3, $1] = 1; else if (!(($3, $1) in seed)) seed[$3, $1] = $4 }
	END {
		printf "%-8s", "release"
		for (f = 1; f <= findings; f++) printf " %4d", f
		print ""
		for (r = 1; r <= releases; r++) {
			printf "%-8s", release[r]
			for (f = 1; f <= findings; f++) {
				key = finding[f] SUBSEP release[r]
				printf " %4s", plan[key] ? "plan" : key in seed ? "seed" : concerned[key] ? "-" : ""
			}
			print ""
		}
		for (f = 1; f <= findings; f++) {
			printf "\n%d %s: %s\n", f, finding[f], fix[finding[f]] != "" ? "fixed in " fix[finding[f]] : "not fixed in any release"
			for (r = 1; r <= releases; r++) if ((finding[f], release[r]) in seed) printf "  %s: first seed %s\n", release[r], seed[finding[f], release[r]]
		}
	}' "$work/found"
exit "$status"
