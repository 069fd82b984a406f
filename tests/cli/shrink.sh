#!/bin/sh
# A failing run becomes a small plan that fails in the same way; one that holds is refused.
. "$(dirname "$0")/lib/lib.sh"

bug='--bug memory-before-save'
# shellcheck disable=SC2086
expect 1 "$aftershock" shrink disk-full@1 --library "$library" $bug --output "$scratch/small"
says "$scratch/small: memory_equals_committed"
says '1 of 8 faults, '
says 'none of them can be taken away'
[ "$(grep -c '^fault ' "$scratch/small")" -eq 1 ] || fail 'more than one fault is left'
line=$(grep '^aftershock replay --plan' "$scratch/out")
# The line that it prints reproduces it, and without the bug the plan holds.
# shellcheck disable=SC2086
expect 1 "$build_dir"/$line
says reproduced
expect 0 "$aftershock" replay --plan "$scratch/small" --expect-verdict memory_equals_committed
says fixed

# It can go on from there: nothing more can be taken away.
# shellcheck disable=SC2086
expect 1 "$aftershock" shrink --plan "$scratch/small" $bug --output "$scratch/smaller"
says '1 of 1 faults, '
grep -v '^#' "$scratch/small" >"$scratch/a"
grep -v '^#' "$scratch/smaller" >"$scratch/b"
cmp -s "$scratch/a" "$scratch/b" || fail 'what was smallest became smaller'

# SQL and a known finding; the runs are bounded; the file has a name of its own when none is given;
# JSON.
cd "$scratch" || exit 2
seed=$(sed -n 's/^    seed: //p' "$library/sql-queue.yaml" | head -n 1)
plan=sql-queue-$(printf '0x%x' "$seed").plan
expect 1 "$aftershock" shrink "sql-queue@$seed" --library "$library" --json
says '"type":"shrunk","plan":"'"$plan"'","invariant":"acknowledged_is_durable"'
says '"complete":true'
expect 1 "$aftershock" replay --plan "$plan" --library "$library" --expect-verdict acknowledged_is_durable
says reproduced
says 'finding: '
expect 1 "$aftershock" shrink "sql-queue@$seed" --library "$library" --runs 3
says '3 runs: '
says 'the runs are used up'

# Several processes: fewest switches of the schedule, too.
expect 1 "$aftershock" shrink wal-kill@0x205f --library "$library" --output "$scratch/few"
says ' switches are left; none of them can be taken away'
switches=$(grep -c '^switch ' "$scratch/few")
[ "$switches" -le 6 ] || fail "$switches switches are left"
grep -q '^schedule recorded$' "$scratch/few" || fail 'the schedule is not recorded'
line=$(grep '^aftershock replay --plan' "$scratch/out")
# shellcheck disable=SC2086
expect 1 "$build_dir"/$line
says reproduced
says 'finding: wal-reset'
expect 1 "$aftershock" shrink engine-rivals@2 --library "$library" --bug epoch-not-guarded --output "$scratch/rivals"
says 'rivals: one_owner'
expect 0 "$aftershock" replay --plan "$scratch/rivals" --expect-verdict one_owner
says fixed

# A subject that crashes.
expect 1 "$aftershock" shrink steady-trading@1 --library "$library" --subject "$build_dir/tests/plugin/crashing.so" --output "$scratch/c"
says 'subject_crashed'

# The plan of a scenario that is in no library: the printed line finds it from anywhere, and a plan
# beside its scenario needs no more than its name.
mkdir "$scratch/own"
cat >"$scratch/own/mine.yaml" <<'YAML'
name: mine
about: A counter that its history forgets.
subject: sql
sql:
  setup: [CREATE TABLE c(n INTEGER NOT NULL), INSERT INTO c VALUES(0)]
  transactions: [{name: count, statements: [UPDATE c SET n = n + 1]}]
  invariants: [SELECT n FROM c WHERE n > 3]
settings: {journal_mode: [wal], synchronous: [full]}
YAML
(cd "$scratch/own" && "$aftershock" shrink ./mine.yaml@1) >"$scratch/shrunk"
line=$(tail -n 1 "$scratch/shrunk" | sed 's/^aftershock //')
# shellcheck disable=SC2086
(cd / && expect 0 "$aftershock" $line && says reproduced && echo fine) | grep -q fine || fail "this does not replay: $line"
expect 1 "$aftershock" replay --plan "$scratch/own/mine-0x1.plan"
says 'violated query_returns_no_row'

# Mistakes.
expect 2 "$aftershock" shrink steady-trading@1 --library "$library"
says 'steady-trading@0x1: held: there is nothing to shrink'
expect 2 "$aftershock" shrnk steady-trading@1
says 'did you mean shrink?'
expect 2 "$aftershock" shrink steady-trading --library "$library"
says 'expected SCENARIO@SEED'
expect 2 "$aftershock" shrink steady-trading@1 --runs 0
says 'expected a whole number from 1'
# shellcheck disable=SC2086
expect 3 "$aftershock" shrink disk-full@1 --library "$library" $bug --output "$scratch/none/plan"
says 'cannot be written'
finish
