# crash_power.awk ROWS: the page of crash_power.sh. ENVIRON: COMMIT, DOCTOR, LOAD. Rows are
# sorted by bug; fields as explored() and sampled() of crash_power.sh write them.
BEGIN { FS = "|" }

# The median of a column of the ranges of a kind: runs or time.
function middle(kind, bug, column,    k, list) {
	split("", list)
	for (k = 1; k <= count[kind, bug]; k++) list[k] = column[kind, bug, k]
	sort_numbers(list, count[kind, bug])
	return median(list, count[kind, bug])
}

{
	if (!($2 in there)) { there[$2] = 1; bugs++; name[bugs] = $2 }
	if ($1 == "explore") { explored[$2] = $0; next }
	count[$1, $2]++
	if (count[$1, $2] > ranges) ranges = count[$1, $2]
	limits[$4] = 1
	missed[$1, $2] += $5 == "" ? 1 : 0
	runs[$1, $2, count[$1, $2]] = $6 + 0
	time[$1, $2, count[$1, $2]] = $7 + 0
}

function found(kind, bug) {
	return sprintf("%d of %d", count[kind, bug] - missed[kind, bug], count[kind, bug])
}

function explore_table(    i, n, field) {
	print "\n## Explored\n"
	print "Seed 1 of the scenario, until the first violation. The seconds are those of the whole program.\n"
	print "| bug | scenario | points | states | seconds | first state | invariant |"
	print "|---|---|---|---|---|---|---|"
	for (i = 1; i <= bugs; i++) {
		n = split(explored[name[i]], field, "|")
		if (n == 0) continue
		print "| " name[i] " | `" field[3] "` | " field[4] " | " field[5] " | " seconds(field[6] + 0) " | " \
			(field[7] == "" ? "none" : field[7] ~ / / ? field[7] : "`" field[7] "`") " | " (field[8] == "" ? "none" : "`" field[8] "`") " |"
		explored_in += field[7] ~ /\// ? 1 : 0
	}
	printf "\n%d of %d bugs show in a crash state of that seed.\n", explored_in, bugs
}

# `base`: what it is compared with, and what that is called.
function sample_table(kind, base, word, title, text,    i, bug, without, with_them, ratio, logs, worst, least) {
	print "\n## " title "\n\n" text "\n"
	print "| bug | found " word " | runs | seconds | found with | runs | seconds | ratio of seconds |"
	print "|---|---|---|---|---|---|---|---|"
	worst = 0
	least = 1e18
	logs = 0
	for (i = 1; i <= bugs; i++) {
		bug = name[i]
		without = middle(kind base, bug, time)
		with_them = middle(kind "-with", bug, time)
		without = without < 0.01 ? 0.01 : without
		with_them = with_them < 0.01 ? 0.01 : with_them
		ratio = with_them / without
		logs += log(ratio)
		worst = ratio > worst ? ratio : worst
		least = ratio < least ? ratio : least
		printf "| %s | %s | %.0f | %s | %s | %.0f | %s | %.2f |\n", bug, found(kind base, bug), middle(kind base, bug, runs), \
			seconds(without), found(kind "-with", bug), middle(kind "-with", bug, runs), seconds(with_them), ratio
	}
	printf "\nGeometric mean of the ratios: %.2f; from %.2f to %.2f.\n", exp(logs / bugs), least, worst
}

END {
	for (limit in limits) limits_text = limits_text (limits_text == "" ? "" : " or ") limit
	print "# What crash states are worth\n"
	print "`make crash-power` measured this page. Do not edit it. The numbers are of one machine that other"
	print "work shared: compare them within the page. Each bug here shows after a crash. It is looked for in"
	print ranges " disjoint ranges of seeds. Every scenario runs with one seed, then with the next, until the"
	print "first detection, or for " limits_text " processor seconds, which then count. The columns show medians.\n"
	print "The tree was at " ENVIRON["COMMIT"] ", and the load of the machine at the end was " ENVIRON["LOAD"] "."
	print "Compiler and build of SQLite:\n" ENVIRON["DOCTOR"] "."
	explore_table()
	sample_table("library", "-without", "without", "The library", "All scenarios: without crash states beside the runs (`--branches 0`), and with those that the\nlibrary asks for.")
	for (i = 1; i <= bugs; i++) before += count["library-before", name[i]] > 0 ? 1 : 0
	if (before == bugs)
		sample_table("library", "-before", "before", "The library of another commit", "As that commit has it, by its own program, in the same ranges of seeds and in turn; and as above, with\ncrash states beside the runs.")
	sample_table("alone", "-without", "without", "The explored scenario alone", "Sampled by the scenario that was explored, on other seeds: without crash states beside the runs, and\nwith eight (`--branches 8`).")
}
