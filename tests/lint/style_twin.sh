#!/bin/sh
# The negative twin of style.sh: each rule broken once must be reported, and the same tree unbroken
# must pass.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fresh() {
	rm -rf "$work/tree"
	mkdir -p "$work/tree/engine/reader" "$work/tree/vfs" "$work/tree/sim/world"
	printf '%s\n' '/* What it does. */' 'void engine_open(void);' >"$work/tree/engine/engine.h"
	printf '%s\n' '#include "engine.h"' '' 'void engine_open(void) {' '}' >"$work/tree/engine/open.c"
	printf '%s\n' '/* What it does. */' 'void vfs_open(void);' >"$work/tree/vfs/vfs.h"
	printf '%s\n' '#include "engine.h"' '#include "vfs.h"' >"$work/tree/sim/world/world.c"
	printf '%s\n' '/* What it does. */' 'void reader_read(void);' >"$work/tree/engine/reader/reader.h"
	printf '%s\n' '#include "engine.h"' '#include "reader.h"' >"$work/tree/engine/reader/read.c"
}

fresh
"$here/style.sh" "$work/tree"

must_report() {
	if "$here/style.sh" "$work/tree" 2>"$work/message"; then
		echo "not reported: $1" >&2
		exit 1
	fi
	grep -q "$1" "$work/message" || { cat "$work/message" >&2; echo "expected: $1" >&2; exit 1; }
	fresh
}

seq 1 801 | sed 's/.*/int x;/' >"$work/tree/sim/long.c"
must_report '801 lines'
touch "$work/tree/sim/util.c"
must_report 'attracts everything'
echo '/* TO''DO: later */' >"$work/tree/sim/later.c"
must_report 'unfinished work'
echo 'typedef struct x y;' >"$work/tree/sim/type.c"
must_report 'typedef'
echo '#include "vfs.h"' >"$work/tree/engine/reach.c"
must_report 'not its own'
echo '#include "../vfs/vfs.h"' >"$work/tree/engine/reach.c"
must_report 'include path with a directory'
echo '#include "engine.h"' >"$work/tree/vfs/reach.c"
must_report 'not its own'
echo '#include "reader.h"' >"$work/tree/engine/reach.c"
must_report 'not its own'
echo '#include "vfs.h"' >"$work/tree/engine/reader/reach.c"
must_report 'not its own'
printf '\nvoid engine_close(void);\n' >>"$work/tree/engine/engine.h"
must_report 'without a word'
printf 'int x; \n' >"$work/tree/sim/space.c"
must_report 'white space'
echo "11 rules broken, 11 reported"
