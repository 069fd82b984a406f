#!/bin/sh
# A line to paste runs as it was printed, in any directory (S29): scenarios by path, plug-ins,
# libraries and plans, with words that a shell would take apart.
. "$(dirname "$0")/lib/lib.sh"
aftershock=$(cd "$build_dir" && pwd)/aftershock
library=$(cd "$library" && pwd)
source_dir=$(cd "$source_dir" && pwd)
plugin=$(cd "$build_dir/tests/plugin" && pwd)

# paste STATUS TEXT: the first line to paste of the last command, run somewhere else, says the text.
paste_line() {
	line=$(sed -n 's/^ *\(aftershock replay .*\)$/\1/p' "$scratch/out" | head -n 1)
	[ -n "$line" ] || { fail 'no line to paste'; return; }
	mkdir -p "$scratch/elsewhere/scenarios"
	expect "$1" sh -c "cd '$scratch/elsewhere' && aftershock() { '$aftershock' \"\$@\"; } && $line"
	says "$2"
}

mkdir "$scratch/a place" "$scratch/a place/mine"
cd "$scratch/a place" || exit 2
cp "$library/disk-full.yaml" mine/disk-full.yaml
cp "$plugin/crashing.so" "it's.so"

expect 1 "$aftershock" run mine/disk-full.yaml --seeds 3 --bug memory-before-save
paste_line 1 reproduced
expect 1 "$aftershock" run ./mine/disk-full.yaml --seeds 3 --bug memory-before-save
paste_line 1 reproduced
expect 1 "$aftershock" run disk-full --library mine --seeds 3 --bug memory-before-save
says "--library '$scratch/a place/mine'"
paste_line 1 reproduced
expect 1 "$aftershock" run mine/disk-full.yaml --seeds 1 --subject "it's.so"
paste_line 1 subject_crashed
expect 1 "$aftershock" shrink mine/disk-full.yaml@1 --bug memory-before-save --output 'the rest.plan' --runs 30
paste_line 1 reproduced

# Where ./scenarios is another library, the line says which.
mkdir scenarios
cp "$library/disk-full.yaml" scenarios
expect 1 "$aftershock" run disk-full --seeds 3 --bug memory-before-save
says "--library '$scratch/a place/scenarios'"
paste_line 1 reproduced
cd "$source_dir" || exit 2
expect 1 "$aftershock" run disk-full --seeds 3 --bug memory-before-save
grep -q 'replay disk-full@.* --library' "$scratch/out" && fail 'the own library is named'
finish
