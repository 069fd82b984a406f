#!/bin/sh
# must_check.sh: a caller that drops a status does not compile with clang, and one that looks at it
# or says (void) does. One call for each part whose statuses must be checked. Skipped (77) without
# clang.
set -eu
cd "$(dirname "$0")/../.."
command -v clang >/dev/null || { echo "must_check: skipped, there is no clang" >&2; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# compiles HEADER CALL
compiles() {
	printf '#include "%s"\nvoid probe(void *p) {\n%s;\n(void)p;\n}\n' "$1" "$2" >"$work/probe.c"
	clang -std=c11 -Wall -Werror -D_GNU_SOURCE -Iengine -Iengine/reader -Ivfs -Ivfs/disk -Ivfs/process -Isim -Isim/run -Isim/plan \
		-Isim/scenario -Isim/subject -fsyntax-only "$work/probe.c" 2>"$work/messages"
}

while IFS='|' read -r header call; do
	if ! compiles "$header" "(void)$call"; then
		cat "$work/messages" >&2
		exit 1
	fi
	if compiles "$header" "$call"; then
		echo "must_check: a caller of $header may drop the status of $call" >&2
		exit 1
	fi
	grep -q 'unused-result' "$work/messages"
done <<'CALLS'
engine.h|engine_checkpoint(p, 0)
reader.h|reader_decimal_parse(p, 1, p)
disk.h|vfs_disk_unlink(p, p)
disk.h|vfs_disk_evict(p, p)
run.h|sim_run_init()
fault.h|sim_fault_method_of(p, p)
CALLS
echo "must_check: a dropped status does not compile"
