# shellcheck shell=sh disable=SC2034 # what it sets is for who sources it
# tests/cli/lib/lib.sh: sourced by the scripts of tests/cli. Called as SCRIPT BUILD_DIR SOURCE_DIR.
set -u
build_dir=$1
source_dir=$2
aftershock=$build_dir/aftershock
library=$source_dir/scenarios
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

fail() {
	echo "FAIL: $*"
	failures=$((failures + 1))
}

# expect STATUS COMMAND...: stdout and stderr go to $scratch/out and $scratch/err.
expect() {
	wanted=$1
	shift
	"$@" >"$scratch/out" 2>"$scratch/err"
	status=$?
	[ "$status" -eq "$wanted" ] || fail "status $status, expected $wanted: $*: $(head -n 1 "$scratch/err")"
}

# says TEXT: the last command said it, on stdout or stderr.
says() {
	grep -qF -- "$1" "$scratch/out" "$scratch/err" || fail "does not say '$1': $(head -n 2 "$scratch/out" "$scratch/err")"
}

# The list of (scenario, seed, trace hash) of JSON lines on stdin.
hashes() {
	grep '"type":"run"' | sed 's/.*"scenario":"\([^"]*\)","seed":"\([^"]*\)".*"trace_hash":"\([^"]*\)".*/\1 \2 \3/'
}

finish() {
	[ "$failures" -eq 0 ] && echo "all as expected"
	exit "$((failures > 0))"
}
