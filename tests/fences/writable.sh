#!/bin/sh
# writable.sh LIBRARY_OR_OBJECT...: the given files have no writable static data. All simulated
# processes run one copy of a built-in subject, so a static variable would outlive a killed process,
# and several would share it. (A plug-in's is put back: sim/subject/subject_memory.h.)
set -eu
[ $# -ge 1 ] || { echo "usage: writable.sh LIBRARY_OR_OBJECT..." >&2; exit 2; }

symbols=$(objdump -t "$@")
# A file of which nothing can be listed was not read.
printf '%s\n' "$symbols" | grep -q ' F \.text' || { echo "$*: no functions found" >&2; exit 2; }

# Constants that hold addresses are in .data.rel.ro, which is read-only once the program runs.
writable=$(printf '%s\n' "$symbols" | awk '
	NF < 5 { next }
	{ hidden = $(NF - 1) ~ /^\./; name = $NF; size = $(NF - 1 - hidden); section = $(NF - 2 - hidden) }
	section !~ /^(\.(data|bss|tdata|tbss)(\..*)?|\*COM\*)$/ || section ~ /^\.data\.rel\.ro/ { next }
	size ~ /^0+$/ || name == section || name ~ /^(__gcov|__asan|__odr_asan|__profc|__profd|__llvm)/ { next }
	{ print name " in " section }')
if [ -n "$writable" ]; then
	printf '%s\n' "$writable" | sed "s|^|a built-in subject has the writable variable |" >&2
	exit 1
fi
echo "$# files: no writable static data"
