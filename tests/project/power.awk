# power.awk ROWS: the page of power.sh. ENVIRON: COMMIT, DOCTOR. Rows are sorted by kind, bug,
# release and range; fields as measure() of power.sh writes them.
BEGIN { FS = "|" }

# "most frequent", and how many others there are.
function most(list, group,    name, parts, best, others, most_of) {
	best = ""; others = 0; most_of = 0
	for (name in list) {
		split(name, parts, SUBSEP)
		if (parts[1] != group) continue
		others++
		if (list[name] > most_of || (list[name] == most_of && parts[2] < best)) { most_of = list[name]; best = parts[2] }
	}
	return best == "" ? "none" : "`" best "`" (others > 1 ? ", " others - 1 " more" : "")
}

{
	group = $1 FS $2 FS $3
	if (!(group in count)) { groups++; order[groups] = group; kind[groups] = $1; name[groups] = $2; sqlite[groups] = $3 }
	count[group]++
	time[group, count[group]] = $9 + 0
	passed[group] += $13
	limits[$6] = 1
	if ($7 == "") next
	found[group]++
	seeds[group, found[group]] = $7 + 0
	scenarios[group, $10]++
	invariants[group, $12]++
}

function row(i,    group, n, k, list, sum, text) {
	group = order[i]
	n = found[group] + 0
	split("", list)
	for (k = 1; k <= n; k++) list[k] = seeds[group, k]
	for (k = n + 1; k <= count[group]; k++) list[k] = 1e18
	sort_numbers(list, count[group])
	k = median(list, count[group])
	text = k >= 1e17 ? "over" : sprintf("%.0f", k)
	text = text " | " (n < count[group] ? "over" : list[count[group]])
	for (k = 1; k <= count[group]; k++) list[k] = time[group, k]
	sort_numbers(list, count[group])
	k = median(list, count[group])
	logs[kind[i]] += log(k < 0.01 ? 0.01 : k); means[kind[i]]++
	text = text " | " seconds(k) " | " seconds(list[count[group]])
	return sprintf("| %s | %s | %d of %d | %s | %s | %s | %d |", name[i], sqlite[i], n, count[group], text,
		most(scenarios, group), most(invariants, group), passed[group])
}

function table(which, title, text,    i, any) {
	for (i = 1; i <= groups; i++) {
		if (kind[i] != which) continue
		if (!any++) {
			print "\n## " title "\n\n" text "\n"
			print "| bug | SQLite | ranges | seeds, median | seeds, worst | seconds, median | seconds, worst | scenario | invariant | passed over |"
			print "|---|---|---|---|---|---|---|---|---|---|"
		}
		print row(i)
	}
	if (any) printf "\nGeometric mean of the medians: %.2f seconds.\n", exp(logs[which] / means[which])
}

END {
	for (limit in limits) least = limits_text = limits_text (limits_text == "" ? "" : " or ") limit
	print "# How soon bugs are found\n"
	print "`make power` measured this page and `power.csv`, which has a row for each range. Do not edit it. The"
	print "numbers are of one machine that other work shared: compare them within the page.\n"
	print "Each bug is looked for in disjoint ranges of seeds, by all scenarios of its family in turn: every"
	print "one with one seed, then with the next. A range ends at the first detection, or after " limits_text
	print "processor seconds. A range without one counts as that.\n"
	print "| column | meaning |"
	print "|---|---|"
	print "| ranges | in how many of the ranges it was found |"
	print "| seeds | up to the first detection; `over`: not before the limit |"
	print "| seconds | of processor time of the workers, up to there; they begin anew for each range |"
	print "| scenario, invariant | which found it most often, and how many others did in other ranges |"
	print "| passed over | violations on whose seed the sound program does not hold: no detection, the search went on |"
	print "\nThe tree was at " ENVIRON["COMMIT"] ". Compiler and build of SQLite:\n" ENVIRON["DOCTOR"] "."
	table("planted", "Planted bugs", "Those of [scenarios/bugs](../../scenarios/bugs/README.md), found by the library, or by the\nfolder that the patch names. A detection is a violation that nothing excuses.")
	table("control", "Positive controls", "Each cell of a scenario with `must_violate` ([contracts.md](contracts.md)), by that cell alone.")
	table("finding", "Bugs of SQLite", "The known findings ([findings.md](../findings.md)) on unmodified releases, found by the folder of\nscenarios that lists them. A detection is a violation that is recognised as that finding.")
}
