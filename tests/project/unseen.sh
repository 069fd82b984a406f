#!/bin/sh
# unseen.sh BUILD RUNS CHECKS SCENARIO...: whether the next runs show what `run --species` expects
# of them. Each check has seeds of its own: RUNS seeds are run, then as many again, and the new
# species of these are counted. A line for each scenario: runs, checks, how many lie in the 95 %
# interval, and the mean of what was reached, expected and new. Fails when fewer than nine of ten
# lie in it.
set -eu
build=$(cd "$1" && pwd)
runs=$2
checks=$3
shift 3
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

# sweep FIRST_SEED SCENARIO
sweep() {
	"$build/aftershock" run "$2" --library "$root/scenarios" --seeds "$1..$(($1 + runs - 1))" --species \
		--results "$work/results" >"$work/out" 2>&1 || [ $? -le 5 ] || { cat "$work/out" && exit 1; }
}

printf '| scenario | runs | checks | in the interval | reached | expected | new |\n|---|---|---|---|---|---|---|\n'
for scenario in "$@"; do
	rm -rf "$work/results"
	check=0
	while [ "$check" -lt "$checks" ]; do
		sweep "$((2 * check * runs + 1))" "$scenario"
		sweep "$((2 * check * runs + runs + 1))" "$scenario"
		check=$((check + 1))
	done
	# Sweeps 1 and 2 are the first check, 3 and 4 the second. What is expected of as many runs
	# again is the second line of each.
	sqlite3 "$work/results/results.db" "
		WITH fresh AS (SELECT a.id AS id, (SELECT count(*) FROM species n WHERE n.sweep_id = a.id + 1
			AND NOT EXISTS (SELECT 1 FROM species o WHERE o.sweep_id = a.id AND o.number = n.number)) AS new
			FROM sweep a WHERE a.id % 2 = 1),
		expected AS (SELECT sweep_id AS id, expected, low, high, max(runs) FROM unseen GROUP BY sweep_id)
		SELECT '| $scenario | $runs |', count(*), '|', sum(new BETWEEN low AND high), '|',
			CAST(round(avg((SELECT count(*) FROM species s WHERE s.sweep_id = fresh.id))) AS INTEGER), '|',
			CAST(round(avg(expected)) AS INTEGER), '|', CAST(round(avg(new)) AS INTEGER), '|',
			CASE WHEN sum(new BETWEEN low AND high) * 10 >= $checks * 9 AND count(*) = $checks THEN '' ELSE 'FAIL' END
		FROM fresh JOIN expected USING (id)" -separator ' ' >"$work/line"
	sed 's/ *$//' "$work/line"
	! grep -q FAIL "$work/line" || status=1
done
exit "$status"
