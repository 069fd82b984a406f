#!/bin/sh
# schemas.sh BUILD SEEDS FILE...: what `init` and `run` make of the databases and files of SQL that
# people have: a row of Markdown for each. Nothing of them is edited, and nothing is downloaded. The
# scenarios are left in BUILD/schemas. The status is 1 when one cannot be drafted, or is violated.
set -eu
program=$(cd "$1" && pwd)/aftershock
work=$(cd "$1" && pwd)/schemas
seeds=$2
shift 2
[ $# -gt 0 ] || { echo 'schemas: expected FILES=..., databases or files of SQL' >&2; exit 2; }
status=0
echo '| schema | tables | transactions | stand-ins, and what is left out | runs | held | violated | processor seconds |'
echo '|---|---|---|---|---|---|---|---|'
for file in "$@"; do
	file=$(realpath "$file")
	rm -rf "$work/now"
	mkdir -p "$work/now"
	cd "$work/now"
	if ! "$program" init "$file" >init.out 2>&1; then
		echo "| $(basename "$file") | | | $(head -n 1 init.out) | | | | |"
		status=1
		continue
	fi
	name=$(sed -n 's/^\(.*\)\.yaml .*/\1/p' init.out)
	"$program" run "$name.yaml" --seeds "$seeds" --jobs 1 --json >runs.json 2>run.err || status=1
	awk -v name="$name" '
	FILENAME == "init.out" && / tables,/ { tables = $2 }
	FILENAME == "init.out" && / transactions/ { transactions = $2 }
	FILENAME == "init.out" && /stand-in: / { sub(/.*stand-in: /, ""); needs = needs (needs == "" ? "" : ", ") $0 }
	FILENAME ~ /schema.sql$/ && /^-- left out: / { sub(/^-- left out: /, ""); left[$0]++ }
	FILENAME ~ /transactions.sql$/ && /^-- No INSERT / { left["no INSERT into " $5]++ }
	function number(line, key) { return match(line, "\"" key "\": *[0-9.]+") ? substr(line, RSTART + length(key) + 3, RLENGTH - length(key) - 3) + 0 : 0 }
	FILENAME == "runs.json" && /"type": *"summary"/ { summary = $0 }
	END {
		for (what in left) needs = needs (needs == "" ? "" : "; ") what (left[what] > 1 ? " (" left[what] " times)" : "")
		printf "| %s | %d | %d | %s | %d | %d | %d | %.1f |\n", name, tables, transactions, needs,
			number(summary, "runs"), number(summary, "held"), number(summary, "violated"), number(summary, "processor_s")
	}' init.out "$name.schema.sql" "$name.transactions.sql" runs.json
	rm -rf "${work:?}/${name:?}"
	cd "$work"
	mv now "$name"
done
exit $status
