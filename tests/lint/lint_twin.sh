#!/bin/sh
# lint_twin.sh: the negative twin of width.sh, cited.sh, invariants.sh, dead.sh and commits.sh. Each
# rule, broken once in a small tree, must be reported. The tree without it must pass.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/tree

write() {
	file=$tree/$1
	shift
	mkdir -p "$(dirname "$file")"
	printf '%s\n' "$@" >>"$file"
}
fresh() {
	rm -rf "$tree"
	write engine/README.md '# engine/' '' '- **E1** Memory changes last. See docs/model.md.' '' '| a | b |' '|---|---|' '| `x\|y` | 1 |'
	write docs/model.md '# The model'
	write engine/engine.h 'struct engine {' '	int count;' '};' 'int engine_open(const struct engine *engine);'
	write engine/engine.c '/* E1. */' 'int engine_open(const struct engine *engine) {' '	return engine->count;' '}'
	write tests/engine/test_open.c '/* E1: docs/model.md, engine/engine.h. */' 'int main(void) {' '	return engine_open(0);' '}'
	write sim/sim.c 'int sim;'
	write vfs/vfs.c 'int vfs;'
	write reports/page.c 'int page;'
}
reported=0
must_report() {
	script=$1
	if "$here/$script" "$tree" >"$work/output" 2>"$work/message"; then
		echo "$script did not report: $2" >&2
		exit 1
	fi
	grep -q -e "$2" "$work/message" || { cat "$work/message" >&2; echo "expected: $2" >&2; exit 1; }
	reported=$((reported + 1))
	fresh
}

fresh
for script in width.sh cited.sh invariants.sh dead.sh; do
	"$here/$script" "$tree"
done

wide='a comment that goes on and on, for more than a hundred columns, which nobody can read on half a screen'
write engine/wide.c "/* $wide */" 'int wide;'
must_report width.sh 'engine/wide.c:1: 108 columns'
write engine/wide.c '/* One line.' " * $wide */"
must_report width.sh 'engine/wide.c:2:'
write engine/wide.sh "	# $wide"
must_report width.sh 'engine/wide.sh:1: 112 columns'
write tests/lint/width.left engine
must_report width.sh 'no wide line in "engine"'
write tests/lint/width.left engine
write engine/wide.sh "# $wide"
"$here/width.sh" "$tree"
fresh

write engine/engine.c '/* DESIGN.md 4 */'
must_report cited.sh 'cites DESIGN.md'
write engine/engine.c '/* tests/engine/test_shut.c */'
must_report cited.sh 'cites tests/engine/test_shut.c'
write engine/README.md '| more | than | two |'
must_report cited.sh 'a row of 3 cells in a table of 2'

write engine/engine.c '/* Durable (E2). */'
must_report invariants.sh 'cites E2, which no page defines'
write engine/README.md '- **E2** What is served is durable.'
must_report invariants.sh 'defines E2, which no test cites'
write vfs/README.md '- **E1** Once more.'
must_report invariants.sh 'defines E1 again'
write engine/README.md '- **E3** Once.' '- **E3** Twice.'
must_report invariants.sh 'defines E3 again'
write tests/lint/invariants.left E1
must_report invariants.sh 'a test cites E1 now'
write tests/lint/invariants.left E7
must_report invariants.sh 'no page defines E7'

write engine/engine.h 'int engine_shut(void);'
must_report dead.sh 'engine_shut() is declared, and defined nowhere'
write engine/engine.h 'int engine_shut(void);'
write engine/engine.c 'int engine_shut(void) {' '	return 0;' '}' 'int engine_turn(void) {' '	return engine_shut();' '}'
must_report dead.sh 'engine_shut() is declared, and used in engine/engine.c alone'
write engine/part.h 'struct engine_part {' '	int depth;' '};'
write engine/part.c 'void engine_set(struct engine_part *part) {' '	part->depth = 1;' '}'
must_report dead.sh 'the field depth is read nowhere'
write tests/lint/dead.left 'engine_open()'
must_report dead.sh 'engine_open() is not dead'

# Messages, in a repository of its own.
git init -q "$tree"
cd "$tree"
git config user.name nobody
git config user.email nobody@example.org
git commit -q --allow-empty -m 'engine: begin' -m 'A body.'
message() {
	git commit -q --allow-empty "$@"
	if "$here/commits.sh" HEAD~1 >"$work/output" 2>"$work/message"; then
		[ "$expected" = none ] || { echo "commits.sh did not report: $expected" >&2; exit 1; }
	else
		grep -q -e "$expected" "$work/message" || { cat "$work/message" >&2; echo "expected: $expected" >&2; exit 1; }
	fi
	[ "$expected" = none ] || reported=$((reported + 1))
}
expected=none
message -m 'sim, vfs: say it' -m 'A body.' -m 'Found-by: sql-queue@12
Invariant: S4, V2
Trace: unchanged'
expected='a subject of 73 characters'
message -m 'engine: a subject that goes on for more than the sixty characters of rule' -m 'A body.'
expected='another form than `area:'
message -m 'Engine: Open the door' -m 'A body.'
expected='no body'
message -m 'engine: open the door'
expected='Found-by: SCENARIO@SEED'
message -m 'engine: open the door' -m 'A body.' -m 'Found-by: by hand'
expected='Invariant: S4'
message -m 'engine: open the door' -m 'A body.' -m 'Invariant: the fourth'
echo "$reported rules broken, $reported reported"
