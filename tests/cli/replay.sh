#!/bin/sh
# A replay is compared with what is recorded of it, on the command line or in a results database,
# and with itself.
. "$(dirname "$0")/lib/lib.sh"
plugin=$build_dir/tests/plugin

# word STATUS WORD ARGUMENT...: the replay says this word at the beginning of a line, and no other
# of them.
word() {
	status_wanted=$1
	word_wanted=$2
	shift 2
	expect "$status_wanted" "$aftershock" replay "$@"
	said=$(grep -o -E '^(reproduced|fixed|stale|nondeterministic|unrecorded|stopped)' "$scratch/out" | tr '\n' ' ')
	[ "$said" = "$word_wanted " ] || fail "says '$said', expected $word_wanted: replay $*"
}

# line FILE: the arguments of the first replay line in it.
line() {
	sed -n '/aftershock replay/{s/.*aftershock replay //p;q}' "$1"
}

# What a sweep prints and what it stores is what the replay finds again.
expect 1 "$aftershock" run disk-full --library "$library" --bug memory-before-save --seeds 20 --results "$scratch/results"
bug=$(line "$scratch/out")
# shellcheck disable=SC2086 # words, on purpose
word 1 reproduced $bug
word 1 reproduced disk-full@1 --library "$library" --bug memory-before-save --results "$scratch/results"
expect 0 "$aftershock" run disk-full --library "$library" --seeds 20 --results "$scratch/results"
word 0 reproduced disk-full@1 --library "$library" --results "$scratch/results"

# Fixed: the same seed without the bug.
# shellcheck disable=SC2086 # words, on purpose
word 0 fixed ${bug% --bug memory-before-save*} ${bug#*--bug memory-before-save}
says 'recorded is memory_equals_committed'

# Stale, not fixed: another hash with the same verdict; a violation where none is recorded; a
# verdict that is not recorded.
other=0123456789abcdef0123456789abcdef
word 0 stale disk-full@1 --library "$library" --expect-verdict held --expect-hash $other
word 1 stale disk-full@1 --library "$library" --bug memory-before-save --expect-verdict memory_equals_committed \
	--expect-hash $other
word 1 stale disk-full@1 --library "$library" --bug memory-before-save --expect-verdict held
word 1 stale disk-full@1 --library "$library" --bug memory-before-save --expect-verdict refused_is_absent
word 0 stale disk-full@1 --library "$library" --expect-hash $other
word 0 reproduced disk-full@1 --library "$library" --expect-verdict held

# Stale because the scenario was edited after its runs were stored.
mkdir "$scratch/library"
cp "$library/disk-full.yaml" "$scratch/library"
expect 0 "$aftershock" run --library "$scratch/library" --seeds 3 --results "$scratch/edited"
word 0 reproduced disk-full@2 --library "$scratch/library" --results "$scratch/edited"
sed 's/updates: .*/updates: {min: 3, max: 4}/' "$library/disk-full.yaml" >"$scratch/library/disk-full.yaml"
word 0 stale disk-full@2 --library "$scratch/library" --results "$scratch/edited"

# A scenario that is no part of the library goes by its path.
expect 0 "$aftershock" run "$scratch/library/disk-full.yaml" --seeds 1 --json
# shellcheck disable=SC2046 # words, on purpose
word 0 reproduced $(line "$scratch/out" | sed 's/"}$//')

# Nothing to compare with, or not the whole run.
word 0 unrecorded disk-full@1 --library "$library"
word 0 stopped disk-full@1 --library "$library" --until 30 --expect-verdict held --expect-hash $other
word 0 reproduced disk-full@1 --library "$library" --until 99999999 --results "$scratch/results"

# Two runs of one seed differ: the test bed has failed.
word 3 nondeterministic steady-trading@1 --library "$library" --subject "$plugin/nondeterministic.so"

# What crashes or hangs has a verdict and no hash.
expect 1 "$aftershock" run steady-trading --library "$library" --seeds 1 --subject "$plugin/crashing.so" \
	--results "$scratch/results"
# shellcheck disable=SC2046 # words, on purpose
word 1 reproduced $(line "$scratch/out")
word 1 reproduced steady-trading@1 --library "$library" --subject "$plugin/crashing.so" --results "$scratch/results"
word 0 fixed steady-trading@1 --library "$library" --expect-verdict subject_crashed
expect 1 "$aftershock" run steady-trading --library "$library" --seeds 1 --subject "$plugin/hanging.so" --hang-seconds 1
# shellcheck disable=SC2046 # words, on purpose
word 1 reproduced $(line "$scratch/out") --hang-seconds 1
says 'violated subject_hung: no end after 1 seconds'

# JSON has the word, and a summary last.
expect 0 "$aftershock" replay disk-full@1 --library "$library" --json --results "$scratch/results"
says '"outcome":"reproduced"'
[ "$(tail -n 1 "$scratch/out" | cut -c 1-17)" = '{"type":"summary"' ] || fail 'no summary last'
expect 3 "$aftershock" replay steady-trading@1 --library "$library" --json --subject "$plugin/nondeterministic.so"
says '"outcome":"nondeterministic"'
says '"exit_status":3'

expect 2 "$aftershock" replay disk-full@999 --library "$library" --results "$scratch/results"
says 'no run of disk-full@0x3e7 with this subject and VFS is recorded there'
expect 2 "$aftershock" replay disk-full@1 --library "$library" --results "$scratch/none"
says 'unable to open'
expect 2 "$aftershock" replay disk-full@1 --library "$library" --expect-hash 12
says 'expected a trace hash'
expect 2 "$aftershock" replay disk-full@1 --library "$library" --expect-verdict hold
says 'did you mean held?'
expect 2 "$aftershock" replay disk-full@1 --library "$library" --expect-verdict held --results "$scratch/results"
says 'expected either'

# A worker that never gets to its first run says nothing about the subject.
cat >"$scratch/ends.c" <<'C'
#include <string.h>
#include <unistd.h>
__attribute__((constructor)) static void end_workers(int count, char **words) {
	if (count > 1 && strcmp(words[1], "worker") == 0) {
		_exit(7);
	}
}
C
if ! ldd "$aftershock" | grep -q san; then
	cc -shared -fPIC -o "$scratch/ends.so" "$scratch/ends.c"
	expect 3 env LD_PRELOAD="$scratch/ends.so" "$aftershock" replay steady-trading@1 --library "$library"
	says 'a process for the replay cannot be started'
fi
finish
