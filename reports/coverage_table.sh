#!/bin/sh
# coverage_table.sh DIR: one line per part and kind of DIR/{unit,scenarios,both}.info: lines and
# branches executed.
set -eu
cd "$1"
printf '%-8s %-16s %24s %24s\n' part 'executed by' lines branches
for part in engine vfs; do
	for kind in unit scenarios both; do
		awk -v part="$part" -v kind="$kind" '
		/^SF:/ { inside = index($0, "/" part "/") > 0 }
		inside && /^LF:/ { lines += substr($0, 4) }
		inside && /^LH:/ { lines_hit += substr($0, 4) }
		inside && /^BRF:/ { branches += substr($0, 5) }
		inside && /^BRH:/ { branches_hit += substr($0, 5) }
		function ratio(hit, all) {
			return all > 0 ? sprintf("%d of %d = %5.1f %%", hit, all, 100 * hit / all) : "nothing to count"
		}
		END {
			name["unit"] = "unit tests"; name["scenarios"] = "scenarios alone"; name["both"] = "both"
			printf "%-8s %-16s %24s %24s\n", part, name[kind], ratio(lines_hit, lines), ratio(branches_hit, branches)
			exit lines == 0
		}' "$kind.info"
	done
done
