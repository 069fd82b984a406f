#!/bin/sh
# unreached.sh TRACEFILE: the branches of engine/ and vfs/ that no scenario reaches, by function. A
# function of reports/unreached has an argument for so many of its branches; what is more is open.
# Prints `open FUNCTION BRANCHES`, `argued FUNCTION BRANCHES REASON`, `false FUNCTION ARGUED
# UNREACHED` and `part PART BRANCHES UNREACHED ARGUED OPEN ALLOWED`. Status 1: a part has more that
# are open than it may have, or an argument is for more branches than there are.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
LC_ALL=C awk -v root="$root/" -v argued="$root/reports/unreached" '
function fail(text) {
	print argued ": " text >"/dev/stderr"
	failed = 1
}
BEGIN {
	while ((getline line <argued) > 0) {
		number++
		if (line ~ /^#/ || line == "") {
			continue
		}
		count = split(line, word, " ")
		if (word[1] == "open" && count == 3 && word[3] ~ /^[0-9]+$/) {
			allowed[word[2]] = word[3]
		} else if (line ~ /^[^ :]+:[^ ]+ [0-9]+ [^ ]/) {
			reason = line
			sub(/^[^ ]+ [^ ]+ /, "", reason)
			branches[word[1]] = word[2]
			why[word[1]] = reason
			at[word[1]] = number
		} else {
			fail(number ": expected FILE:FUNCTION BRANCHES REASON, or open PART BRANCHES")
		}
	}
}
/^SF:/ {
	file = substr($0, 4)
	sub("^" root, "", file)
	part = file
	sub("/.*", "", part)
	functions = 0
}
/^FN:/ {
	split(substr($0, 4), word, ",")
	begin[++functions] = word[1]
	name[functions] = word[2]
}
/^BRDA:/ {
	split(substr($0, 6), word, ",")
	all[part]++
	if (word[4] != "-" && word[4] > 0) {
		next
	}
	# The last function that begins at or before that line.
	found = 0
	for (i = 1; i <= functions; i++) {
		if (begin[i] <= word[1] + 0 && (found == 0 || begin[i] > begin[found])) {
			found = i
		}
	}
	key = file ":" name[found]
	missed[key]++
	part_of[key] = part
}
END {
	for (key in missed) {
		excused = key in branches ? (branches[key] < missed[key] ? branches[key] : missed[key]) : 0
		left = missed[key] - excused
		open[part_of[key]] += left
		told[part_of[key]] += excused
		if (left > 0) {
			printf "open %s %d\n", key, left | "sort"
		}
		if (excused > 0) {
			printf "argued %s %d %s\n", key, excused, why[key] | "sort"
		}
	}
	for (key in branches) {
		if (branches[key] > missed[key] + 0) {
			printf "false %s %d %d\n", key, branches[key], missed[key] | "sort"
			fail(at[key] ": " key ": " branches[key] " branches are argued, " missed[key] + 0 " are not reached")
		}
	}
	close("sort")
	for (i = split("engine vfs", parts, " "); i > 0; i--) {
		part = parts[i]
		if (all[part] == 0) {
			fail(part ": nothing was counted")
		}
		printf "part %s %d %d %d %d %d\n", part, all[part], open[part] + told[part], told[part], open[part],
			allowed[part]
		if (open[part] > allowed[part]) {
			fail(part ": " open[part] " branches are not reached and not argued, expected at most " allowed[part])
		}
	}
	exit failed
}' "$1"
