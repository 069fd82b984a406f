#!/bin/sh
# What a plug-in does beside its work harms nobody: it prints, reads, forks, breaks the rules of
# subject.h (S46). And what it depends on beside its seed is found (S47).
. "$(dirname "$0")/lib/lib.sh"
plugin=$build_dir/tests/plugin

# quick STATUS COMMAND...: a run that waited for a pipe would take the twenty of --hang-seconds.
quick() {
	began=$(date +%s)
	expect "$@"
	[ $(($(date +%s) - began)) -lt 15 ] || fail "slow: $*"
}

# ---- it prints: the runs are those of the ledger, and what is printed is no part of the results
quick 0 "$aftershock" run kill-anywhere --library "$library" --seeds 20..27 --json --subject "$plugin/ledger.so"
hashes <"$scratch/out" >"$scratch/ledger"
for name in talking forking; do
	quick 0 "$aftershock" run kill-anywhere --library "$library" --seeds 20..27 --json --subject "$plugin/$name.so"
	hashes <"$scratch/out" | cmp -s - "$scratch/ledger" || fail "$name: other runs than the ledger's"
	quick 0 "$aftershock" replay kill-anywhere@20 --library "$library" --subject "$plugin/$name.so"
	says unrecorded
	grep -q 'stdout: a line' "$scratch/out" && fail "$name: what the subject prints is on stdout"
done
says_talks() {
	grep -q 'stdout: a line' "$scratch/err" || fail 'a replay does not show on stderr what the subject prints'
}
quick 0 "$aftershock" replay kill-anywhere@20 --library "$library" --json --subject "$plugin/talking.so"
says_talks
grep -qv '^{' "$scratch/out" && fail 'what the subject prints is between the JSON lines'

# ---- it forks: nobody is left
sleep 0.2
! pgrep -f "$plugin/forking.so" >/dev/null || fail 'a process that the subject forked is left'

# ---- it breaks the rules: plain words, and no assertion of the test bed
# clumsy N TEXT: the N-th mistake of clumsy.c
clumsy() {
	cp "$plugin/clumsy.so" "$scratch/clumsy-$1.so"
	expect 1 "$aftershock" run kill-anywhere --library "$library" --seeds 2 --subject "$scratch/clumsy-$1.so"
	says "$2"
	! grep -q 'Assertion\|signal\|sim/\|vfs/' "$scratch/out" || fail "clumsy-$1: $(grep -A1 violated "$scratch/out")"
}
clumsy 1 'files are open after stop'
clumsy 2 'violated no_needless_failure'
clumsy 3 'start says 77'
clumsy 4 'a start succeeded and gave no instance'
clumsy 5 'got no outcome (77)'
clumsy 8 'violated no_needless_failure'
clumsy 9 'violated version_monotonic'
clumsy 10 'violated loaded_equals_committed'
clumsy 11 'a row twice, or of no known name'
clumsy 12 'a row twice, or of no known name'
clumsy 13 'violated loaded_equals_committed'
clumsy 14 'a start failed and gave an instance all the same'
for harmless in 6 7; do
	cp "$plugin/clumsy.so" "$scratch/clumsy-$harmless.so"
	expect 0 "$aftershock" run kill-anywhere --library "$library" --seeds 7..7 --subject "$scratch/clumsy-$harmless.so"
done

# ---- its memory dies with its process: static variables, those per thread, and those that two
# processes would share (S45)
for name in remembering remembering_by_thread; do
	expect 1 "$aftershock" run kill-anywhere --library "$library" --seeds 5 --subject "$plugin/$name.so"
	says 'violated acknowledged_is_durable in 5 runs'
done
expect 1 "$aftershock" run second-engine --library "$library" --seeds 20 --subject "$plugin/owners_by_static.so"
says 'violated one_owner'
expect 0 "$aftershock" run second-engine --library "$library" --seeds 40 --subject "$plugin/owners_by_table.so"
expect 2 "$aftershock" run kill-anywhere --library "$library" --seeds 5 --subject "$plugin/remembering_by_constructor.so"
says 'a constructor keeps allocated memory in a static variable'

# ---- and a VFS of its own, that SQLite's list leads through
expect 0 "$aftershock" run kill-anywhere --library "$library" --seeds 7..26 --subject "$plugin/registering.so"
cp "$plugin/registering.so" "$scratch/registering-kept.so"
expect 1 "$aftershock" run kill-anywhere --library "$library" --seeds 5 --subject "$scratch/registering-kept.so"
says 'the VFS registering is registered after stop'
expect 1 "$aftershock" run second-engine --library "$library" --seeds 5 --subject "$plugin/registering.so"
says 'the VFS registering is registered while another process goes on'

# ---- a sanitizer that was built into it says what it has done, in one line without addresses
if ! ldd "$aftershock" | grep -q san && cc -O1 -fPIC -shared -fsanitize=address -I"$source_dir/sim/subject" \
	"$source_dir/tests/plugin/overflowing.c" -o "$scratch/overflowing.so" -lsqlite3 2>"$scratch/err"; then
	run_sanitized() {
		expect 1 env LD_PRELOAD="$(cc -print-file-name=libasan.so)" ASAN_OPTIONS=detect_leaks=0 "$aftershock" "$@" \
			--library "$library" --subject "$scratch/overflowing.so"
	}
	run_sanitized run kill-anywhere --seeds 2
	says 'violated subject_crashed in 2 runs'
	grep -q '^  exit status 1: AddressSanitizer: heap-buffer-overflow$' "$scratch/out" || fail 'not what the sanitizer says'
	run_sanitized replay kill-anywhere@1 --expect-verdict subject_crashed
	says reproduced
fi
expect 0 "$aftershock" run kill-anywhere --library "$library" --seeds 7..26 --subject "$plugin/overflowing.so"

# ---- it depends on what it was not given: memory that nobody wrote, addresses, the process
for name in uninitialised addresses nondeterministic; do
	expect 3 "$aftershock" replay kill-anywhere@1 --library "$library" --subject "$plugin/$name.so"
	says 'nondeterministic: two runs of this very seed differ'
	says 'the first event that differs:'
	expect 1 "$aftershock" run kill-anywhere --library "$library" --seeds 3 --subject "$plugin/$name.so"
	says 'violated nondeterministic in 1 runs'
done
expect 0 "$aftershock" run kill-anywhere --library "$library" --seeds 65 --json
says '"run_twice":2'
finish
