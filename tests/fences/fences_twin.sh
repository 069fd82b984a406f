#!/bin/sh
# fences_twin.sh CC: the negative twin of fences.sh. Each forbidden door, opened in an object of its
# own, must be refused, and the same object without it must pass.
set -eu
compiler=${1:-cc}
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

compile() {
	printf '%s\n' '#define _GNU_SOURCE' '#include <pthread.h>' '#include <stdio.h>' '#include <stdlib.h>' \
		'#include <string.h>' '#include <time.h>' '#include <unistd.h>' 'int sqlite3_sleep(int);' \
		'size_t probe(const char *text);' "size_t probe(const char *text) { $1 return strlen(text); }" >"$work/probe.c"
	"$compiler" -O0 -c -o "$work/probe.o" "$work/probe.c"
}

compile ''
"$here/fences.sh" "$work/probe.o"

refused=0
for door in '(void)time(NULL);' '(void)rand();' '(void)getenv("HOME");' 'puts(text);' 'usleep(1);' '(void)getpid();' \
	'pthread_t t; pthread_create(&t, NULL, NULL, NULL);' 'struct timespec s; clock_gettime(CLOCK_REALTIME, &s);' \
	'(void)sqlite3_sleep(1);' 'static _Thread_local int count; count++;'; do
	compile "$door"
	if "$here/fences.sh" "$work/probe.o" 2>"$work/message"; then
		echo "the fence let this through: $door" >&2
		exit 1
	fi
	grep -q -e 'refers to' -e 'per thread' "$work/message"
	refused=$((refused + 1))
done
echo "$refused doors refused"
