#!/bin/sh
# The story of docs/problem.md section 1, step by step, as a plan: it passes with the engine and
# breaches the limit with the founding bug.
. "$(dirname "$0")/lib/lib.sh"
story=$library/founding-story.plan

for protocol in persist_first rollback journal; do
	sed "s/^setting protocol .*/setting protocol $protocol/" "$story" >"$scratch/plan"
	expect 0 "$aftershock" replay --plan "$scratch/plan"
	says 'held'
	says '2 faults, 3 starts'
done
expect 1 "$aftershock" replay --plan "$story" --bug memory-before-save
says 'risk_limit_kept'
says 'shown are 100 lots, the exchange holds 150: the order of 60 lots makes 210, the limit is 160'

# Without the failing save there is no story, with or without the bug.
grep -v '^fault disk_full' "$story" >"$scratch/plan"
expect 0 "$aftershock" replay --plan "$scratch/plan" --bug memory-before-save
finish
