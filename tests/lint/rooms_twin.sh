#!/bin/sh
# rooms_twin.sh: the negative twin of rooms.sh. Each arrow up and each kind of circle, built once
# into a small tree, must be reported. The tree without it must pass.
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

# A house of one file in a few rooms, with arrows down only. What comments and strings say is no
# arrow.
fresh() {
	rm -rf "$tree"
	write engine/engine.h 'void engine_open(void);'
	write engine/open.c '#include "engine.h"' 'void engine_open(void) {' '}'
	write vfs/vfs.h 'void vfs_open(void);'
	write vfs/disk/disk.c '#include "vfs.h"' 'void vfs_open(void) {' '}'
	write sim/pcg.h 'int sim_pcg_next(void);' 'extern int sim_pcg_count;'
	write sim/pcg.c '#include "pcg.h"' 'int sim_pcg_count = 1;' 'int sim_pcg_next(void) {' '	return 1;' '}'
	write sim/subject/subject.c '#include "engine.h"' 'void sim_subject_begin(void) {' '	engine_open();' '}'
	write sim/plan/plan.h 'void sim_plan_make(void);'
	write sim/plan/plan.c '#include "plan.h"' '#include "pcg.h"' '/* Not sim_world_step()' ' * nor engine_open(). */' \
		'void sim_plan_make(void) {' '	sim_pcg_next();' '	(void)"sim_world_step";' '}'
	write sim/world/world.h 'void sim_world_step(void);'
	write sim/world/world.c '#include "world.h"' '#include "vfs.h"' 'void sim_world_step(void) {' '	vfs_open();' '}'
	write sim/sql/client.c 'void sim_client_step(void) {' '}'
	write sim/orders/judge.c 'void sim_judge_step(void) {' '}'
}

reported=0
must_report() {
	if "$here/rooms.sh" "$tree" >"$work/output" 2>"$work/message"; then
		echo "not reported: $1" >&2
		exit 1
	fi
	grep -q -e "$1" "$work/message" || { cat "$work/message" >&2; echo "expected: $1" >&2; exit 1; }
	reported=$((reported + 1))
	fresh
}

fresh
"$here/rooms.sh" "$tree"

write sim/plan/plan.c '#include "world.h"'
must_report 'sim/plan/plan: includes world.h of sim/world/world.h'
write sim/plan/plan.h '#include "world.h"'
must_report 'sim/plan/plan.h: includes world.h'
write sim/plan/make.c 'void sim_plan_again(void) {' '	sim_world_step();' '}'
must_report 'sim/plan/make: uses sim_world_step of sim/world/world'
write sim/sql/client.c 'void sim_client_judge(void) {' '	sim_judge_step();' '}'
must_report 'sim/sql/client: uses sim_judge_step'
# S2: what judges an engine shares no code with it.
write sim/plan/make.c '#include "engine.h"'
must_report 'sim/plan/make: includes engine.h'
write engine/reach.c '#include "vfs.h"'
must_report 'engine/reach: includes vfs.h'
write vfs/disk/reach.c 'void vfs_reach(void) {' '	sim_pcg_count++;' '}'
must_report 'vfs/disk/reach: uses sim_pcg_count'
write engine/a.h '#include "b.h"'
write engine/b.c '#include "a.h"'
write engine/b.h
must_report 'a circle of files: engine/a engine/b'
write sim/a.c 'void sim_a(void) {' '	sim_b();' '}'
write sim/b.c 'void sim_b(void) {' '	sim_c();' '}'
write sim/c.c 'int sim_c(void) {' '	return sim_a();' '}'
must_report 'a circle of files: sim/a sim/b sim/c'
write sim/world/pcg.h ''
must_report 'sim/world/pcg.h:1: the header sim/pcg.h has that name, too'
write sim/attic/old.c 'int x;'
must_report 'sim/attic/ is no room'

# The list lets pass what it names, and nothing that is no more.
write sim/plan/plan.c '#include "world.h"'
write tests/lint/rooms.left '# A comment.' '' 'sim/plan/plan -> sim/world/world.h'
"$here/rooms.sh" "$tree" | grep -q ' 1 arrows up'
write tests/lint/rooms.left 'circle sim/pcg'
must_report '"circle sim/pcg" is no more'
echo "$reported faults in the house, $reported reported"
