#!/bin/sh
# A search with feedback: what it finds replays as a plan, and its corpus is whole, whoever ends it,
# whatever lies in it (S62), and however many processes there are (S61).
. "$(dirname "$0")/lib/lib.sh"

# The names of the plans of a corpus.
plans() {
	(cd "$1" && find . -maxdepth 1 -name '*.plan' | sort)
}

# Without what depends on the machine.
steady() {
	sed 's/"processor_s":[^,]*,//; s/"jobs":[^,]*,//; s|[^" ]*/findings/||g' "$scratch/out"
}

hunt() {
	"$aftershock" hunt "$@" --library "$library"
}

expect 2 hunt steady-trading
says 'expected --corpus DIR'
mkdir "$scratch/other"
echo text >"$scratch/other/file"
expect 2 hunt steady-trading --corpus "$scratch/other"
says '/corpus:1: '
expect 2 hunt steady-trading --corpus "$scratch/a" --merge "$scratch/a"
expect 2 hunt steady-trading --corpus "$scratch/a" --merge "$scratch/none"
says 'expected a corpus'
expect 2 hunt steady-trading --corpus "$scratch/a" --seed x

# A sound subject holds, a planted bug is found, and the plan of the finding shows it again.
expect 0 hunt disk-full steady-trading --corpus "$scratch/sound" --runs 60
says '0 runs are violated'
expect 1 hunt disk-full steady-trading --corpus "$scratch/bug" --runs 60 --bug memory-before-save
says 'memory_equals_committed, first in run '
line=$(grep '^aftershock replay --plan' "$scratch/out" | head -n 1)
eval "expect 1 \"$build_dir\"/$line"
says reproduced
plan=$(find "$scratch/bug/findings" -name '*memory_equals_committed*.plan' | sort | head -n 1)
expect 0 "$aftershock" replay --plan "$plan" --library "$library" --expect-verdict memory_equals_committed
says fixed
expect 1 hunt disk-full --corpus "$scratch/first" --runs 100000 --bug memory-before-save --stop-at violation
# A subject that crashes costs its run; a positive control fails nothing.
expect 1 hunt steady-trading --corpus "$scratch/crash" --runs 8 --subject "$build_dir/tests/plugin/crashing.so"
says 'subject_crashed'
# Also when somebody whom it has forked keeps its pipes open: it has not hung.
expect 1 hunt steady-trading --corpus "$scratch/forked" --runs 8 --subject "$build_dir/tests/plugin/forking_crashing.so"
says 'subject_crashed, first in run 1, 8 times'
! grep -q 'hung\|nondeterministic' "$scratch/out" "$scratch/err" || fail 'what has crashed is called hung'
expect 0 hunt controls:delete,off --corpus "$scratch/control" --runs 30
says 'finding: control'

# The same with any number of processes; another seed is another hunt.
expect 0 hunt sql-swarm wal-kill --corpus "$scratch/j1" --runs 150 --jobs 1 --json
steady >"$scratch/one"
expect 0 hunt sql-swarm wal-kill --corpus "$scratch/j3" --runs 150 --jobs 3 --json
steady >"$scratch/three"
cmp "$scratch/one" "$scratch/three" || fail 'the number of processes counts'
[ "$(plans "$scratch/j1")" = "$(plans "$scratch/j3")" ] || fail 'the number of processes counts in the corpus'
expect 0 hunt sql-swarm wal-kill --corpus "$scratch/s2" --runs 150 --seed 2 --json
steady >"$scratch/two"
! cmp -s "$scratch/one" "$scratch/two" || fail 'another seed is the same hunt'

# Two corpora are one: it reaches what either reaches, and is no larger than both.
number() { sed -n 's/.*"'"$1"'":\([0-9]*\).*/\1/p' "$scratch/$2"; }
expect 0 hunt sql-swarm wal-kill --corpus "$scratch/j1" --merge "$scratch/s2" --minimise --json
cp "$scratch/out" "$scratch/merged"
[ "$(number species merged)" -gt "$(number species one)" ] || fail 'nothing came from the other corpus'
[ "$(plans "$scratch/j1" | wc -l)" -eq "$(number plans merged)" ] || fail 'the folder is not what was said'
[ "$(number plans merged)" -le "$(($(number plans one) + $(number plans two)))" ] || fail 'the corpus grew'
expect 0 hunt sql-swarm wal-kill --corpus "$scratch/j1" --minimise --json
[ "$(number species out)" -eq "$(number species merged)" ] || fail 'a corpus does not reach what it reached'

# Plans of other scenarios stay; one that does not parse is named with its line, and set aside.
before=$(plans "$scratch/j1")
expect 0 hunt sql-bank --corpus "$scratch/j1" --runs 8
says ' of other scenarios are there, too'
for plan in $before; do [ -f "$scratch/j1/$plan" ] || fail "$plan is gone"; done
bad=$(plans "$scratch/j3" | head -n 1)
sed -i '2s/.*/setting nonsense/' "$scratch/j3/$bad"
expect 0 hunt sql-swarm wal-kill --corpus "$scratch/j3" --minimise
says "/j3/${bad#./}:2: "
says 'set aside'
[ -f "$scratch/j3/$bad.stale" ] || fail 'the plan is not there any more'
[ "$(grep -c . "$scratch/err")" -eq 1 ] || fail 'more than one line'
# Of another program: one line, and the plans are kept.
printf 'corpus 1\naftershock 0.0.1\nsqlite 3.1\n' >"$scratch/s2/corpus"
expect 0 hunt sql-swarm wal-kill --corpus "$scratch/s2" --minimise
says 'was written by aftershock 0.0.1,sqlite 3.1, this is aftershock'
[ "$(plans "$scratch/s2" | wc -l)" -gt 10 ] || fail 'the plans are gone'

# One that cannot be read is said, and left as it is.
mkdir "$scratch/s2/unreadable.plan"
expect 0 hunt sql-swarm wal-kill --corpus "$scratch/s2" --minimise
says '/s2/unreadable.plan: cannot be read: Is a directory; it is left as it is'
[ -d "$scratch/s2/unreadable.plan" ] || fail 'what could not be read is set aside'
rmdir "$scratch/s2/unreadable.plan"

# A plan that reaches nothing more than others goes from the folder, whatever its name; a violated
# one goes to findings/, whether or not another one shows the same.
first=$(plans "$scratch/s2" | head -n 1)
cp "$scratch/s2/$first" "$scratch/s2/by-hand.plan"
expect 0 hunt sql-swarm wal-kill --corpus "$scratch/s2" --minimise
[ ! -e "$scratch/s2/by-hand.plan" ] || fail 'a plan that is not wanted stays'
says "$(plans "$scratch/s2" | wc -l) plans in "
expect 0 hunt controls:delete,off --corpus "$scratch/control" --minimise
found=$(find "$scratch/control/findings" -name '*.plan' | head -n 1)
cp "$found" "$scratch/control/again.plan"
expect 0 hunt controls:delete,off --corpus "$scratch/control" --minimise
says 'finding: control'
[ ! -e "$scratch/control/again.plan" ] || fail 'a violated plan stays'
[ "$(find "$scratch/control/findings" -name '*.plan' | wc -l)" -eq 1 ] || fail 'one plan is two findings'

# A long folder works; one that is too long is one line.
long=$scratch/$(printf '%0200d' 0)/$(printf '%0200d' 0)/$(printf '%0200d' 0)
mkdir -p "$(dirname "$long")"
expect 1 hunt disk-full --corpus "$long" --runs 1000 --bug memory-before-save --stop-at violation
[ ! -s "$scratch/err" ] || fail "a long folder: $(head -n 1 "$scratch/err")"
expect 2 hunt steady-trading --corpus "$long/$(printf '%0200d' 0)" --runs 8
says 'expected at most 700 for a corpus'
[ "$(grep -c . "$scratch/err")" -eq 1 ] || fail 'more than one line'
# A folder may be named by any bytes: its findings are in the JSON lines.
bytes=$scratch/$(printf 'a\377b')
expect 1 hunt disk-full --corpus "$bytes" --runs 1000 --bug memory-before-save --stop-at violation --json
says '"type":"finding","scenario":"disk-full"'
says 'a?b/findings/'
! grep -q '^{}$' "$scratch/out" || fail 'an object is lost'

# Ctrl-C.
"$aftershock" hunt swarm --library "$library" --corpus "$scratch/int" --runs 10000000 >"$scratch/out" 2>"$scratch/err" &
pid=$!
sleep 2
kill -INT "$pid"
wait "$pid"
status=$?
[ "$status" -eq 130 ] || fail "status $status after SIGINT, expected 130"
says ' plans in '
says 'interrupted: what was under way was finished, and is kept'
[ "$(grep -c . "$scratch/err")" -eq 1 ] || fail 'more than one line after SIGINT'
! pgrep -P "$pid" aftershock >/dev/null || fail 'a process is left'
reached=$(sed -n 's/^\([0-9]*\) species.*/\1/p' "$scratch/out")
expect 0 hunt swarm --corpus "$scratch/int" --minimise
says "$reached species"
[ ! -s "$scratch/err" ] || fail "something is wrong with the corpus: $(head -n 1 "$scratch/err")"
# Nothing is lost of a run that was under way: a subject that hangs is still found.
"$aftershock" hunt steady-trading --library "$library" --corpus "$scratch/hang" --runs 100 --jobs 1 --hang-seconds 3 \
	--subject "$build_dir/tests/plugin/hanging.so" >"$scratch/out" 2>"$scratch/err" &
pid=$!
sleep 1
kill -INT "$pid"
wait "$pid"
[ "$?" -eq 130 ] || fail 'another status than 130 beside a run that hangs'
says 'subject_hung, first in run 1'
[ "$(find "$scratch/hang/findings" -name '*subject_hung*.plan' | wc -l)" -eq 1 ] || fail 'the run under way is lost'
finish
