#!/bin/sh
# What a scenario may not say is refused when it is read, in one line with file and line.
. "$(dirname "$0")/lib/lib.sh"

# refused NAME TEXT...: the scenario of these lines is refused, at the line and with the words of
# $expected.
refused() {
	name=$1
	shift
	printf '%s\n' "name: $name" 'about: text' 'criteria: [AC3]' "$@" >"$scratch/$name.yaml"
	expect 2 "$aftershock" run "$scratch/$name.yaml" --seeds 3
	says "$name.yaml:$expected"
	[ "$(wc -l <"$scratch/err")" -eq 1 ] || fail "$name: more or less than one line on stderr"
	[ -s "$scratch/out" ] && fail "$name: something was run"
}
engine='subject: engine'

# A byte-order mark says nothing, and lines count as before.
printf '\357\273\277' >"$scratch/mark.yaml"
printf '%s\n' 'name: mark' 'about: text' 'criteria: [AC3]' "$engine" >>"$scratch/mark.yaml"
expect 0 "$aftershock" replay "$scratch/mark.yaml@1"
sed -i 's/^criteria.*/nonsense: 1/' "$scratch/mark.yaml"
expect 2 "$aftershock" run "$scratch/mark.yaml"
says 'mark.yaml:3:'

expected='5: disk_full cannot strike xRead'
refused method "$engine" 'faults: [{kind: disk_full, methods: [xRead]}]'
expected='5: busy cannot strike xSync'
refused busy "$engine" 'faults: [{kind: busy, methods: [xSync]}]'
expected='5: no effect listed fits io_error at xRead'
refused effect "$engine" 'faults: [{kind: io_error, methods: [xRead], effects: [after]}]'
expected='5: io_error cannot have effect lost'
refused lost "$engine" 'faults: [{kind: io_error, methods: [xWrite], effects: [lost]}]'
expected='6: contract durable after power_loss is stronger than cell "" can give, expected prefix'
refused strong "$engine" 'settings: {journal_mode: [wal], synchronous: [normal]}' \
	'contract: {power_loss: durable}' 'faults: [{kind: power_loss}]'

# sql NAME STATEMENT QUERY: a scenario of SQL; the statement is on line 9, the query on line 11.
sql() {
	refused "$1" 'subject: sql' 'sql:' '  setup: [CREATE TABLE t(a)]' '  transactions:' \
		'    - name: one' "      statements: [\"$2\"]" '  invariants:' "    - \"$3\""
}
expected='9: sql.transactions[0].statements[0]: no such table: u, expected SQL that prepares'
sql statement 'INSERT INTO u VALUES(1)' 'SELECT 1 WHERE 0'
expected='9: sql.transactions[0].statements[0]: near "INSRT": syntax error, expected SQL that prepares'
sql syntax 'INSRT INTO t VALUES(1)' 'SELECT 1 WHERE 0'
expected='11: sql.invariants[0]: no such column: b, expected SQL that prepares'
sql query 'INSERT INTO t VALUES(1)' 'SELECT b FROM t'
expected='11: sql.invariants[0]: it writes or returns nothing, expected a query that only reads'
sql update 'INSERT INTO t VALUES(1)' 'UPDATE t SET a = 1'
sql returning 'INSERT INTO t VALUES(1)' 'DELETE FROM t RETURNING a'
sql with 'INSERT INTO t VALUES(1)' 'WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x'
expected='11: sql.invariants[0]: random, here or in a view, may depend on chance, expected'
sql random 'INSERT INTO t VALUES(1)' 'SELECT random()'
sql random-below 'INSERT INTO t VALUES(1)' 'SELECT b FROM (SELECT a, random() AS b FROM t) WHERE b > 1'
expected='11: sql.invariants[0]: datetime, here or in a view, may depend on the time, expected a query that gives'
refused view-of-time 'subject: sql' 'sql:' "  setup: [CREATE TABLE t(a), \"CREATE VIEW late AS SELECT a FROM t WHERE a > datetime('now')\"]" '  transactions:' \
	'    - name: one' '      statements: [INSERT INTO t VALUES(1)]' '  invariants:' '    - SELECT a FROM late'

# tuned NAME TUNING CHANCE: the tunings are on line 6.
tuned() {
	refused "$1" 'subject: sql' "sql: {tunings: [$2], setup: [CREATE TABLE t(a)], transactions: [{name: one, statements: [INSERT INTO t VALUES(1)]}]}" "workload: {tunings: $3}"
}
expected='5: sql.tunings[0]: not a pragma for this place: page_size, expected SQL that prepares'
tuned tuning '"page_size = 512"' 20
expected='5: sql.tunings[0]: unknown word sometimes, expected one of: off, normal, full, extra'
tuned synchronous '"synchronous = sometimes"' 20
expected='5: sql.tunings[0]: synchronous sets nothing, expected PRAGMA = VALUE'
tuned question synchronous 20
expected='5: sql.tunings without workload.tunings, expected both'
tuned never '"cache_size = 5"' 0
expected='5: tunings without SQL, expected none'
refused untuned "$engine" 'workload: {tunings: 20}'

expected='5: torn_wal is neither a probe nor a fault of this scenario'
refused stray "$engine" 'rates: [torn_wal 1/40]'
expected='5: kill 1/1 is no rate, expected a name and 1/N with N from 2 to 1000000'
refused certain "$engine" 'rates: [kill 1/1]' 'faults: [{kind: kill}]'
finish
