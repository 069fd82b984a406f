#!/bin/sh
# writable_twin.sh CC: the negative twin of writable.sh. Each kind of variable, in an object of its
# own, must be refused, and constants must pass.
set -eu
compiler=${1:-cc}
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

compile() {
	printf '%s\n' '#include <stddef.h>' "$1" 'size_t probe(size_t n);' "size_t probe(size_t n) { $2 return n; }" >"$work/probe.c"
	"$compiler" -O0 -fPIC "$3" -c -o "$work/probe.o" "$work/probe.c"
}

compile 'static const char *const names[] = {"one", "two"}; static const int table[] = {1, 2};' \
	'n += (size_t)names[n][0] + (size_t)table[n];' -fno-common
"$here/writable.sh" "$work/probe.o"

refused=0
# refuse DECLARATION STATEMENT [OPTION]
refuse() {
	compile "$1" "$2" "${3:--fno-common}"
	if "$here/writable.sh" "$work/probe.o" 2>"$work/message"; then
		echo "this is writable, and went through: $1 $2" >&2
		exit 1
	fi
	grep -q 'has the writable variable' "$work/message"
	refused=$((refused + 1))
}
refuse 'static size_t kept;' 'n += kept++;'
refuse 'static size_t kept = 1;' 'n += kept++;'
refuse '' 'static size_t kept; n += kept++;'
refuse 'size_t kept;' 'n += kept++;' -fcommon
refuse 'static _Thread_local size_t kept;' 'n += kept++;'
refuse 'static _Thread_local size_t kept = 1;' 'n += kept++;'
refuse 'static const char *kept = "one";' 'kept += n;'
echo "$refused variables refused"
