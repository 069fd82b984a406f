/* sim/world/branch_totals.c: see branch_totals.h. */
#include "branch_totals.h"

#include <string.h>

static bool sim_branch_are_alike(const struct sim_branch_found *one, const struct sim_branch_found *other) {
	return strcmp(one->invariant, other->invariant) == 0 && strcmp(one->where, other->where) == 0 &&
	       strcmp(one->finding, other->finding) == 0;
}

int sim_branch_compare_found(const void *left, const void *right) {
	const struct sim_branch_found *a = left;
	const struct sim_branch_found *b = right;
	bool is_before = a->run < b->run || (a->run == b->run && a->order < b->order);
	return is_before ? -1 : a->run == b->run && a->order == b->order ? 0 : 1;
}

void sim_branch_note(struct sim_branch_totals *totals, const struct sim_branch_found *found) {
	uint32_t i = 0;
	while (i < totals->found_count && !sim_branch_are_alike(&totals->found[i], found)) {
		i++;
	}
	if (i == SIM_BRANCH_FOUND_MAX) {
		return;
	}
	bool is_first = i == totals->found_count || sim_branch_compare_found(found, &totals->found[i]) < 0;
	uint64_t count = found->count + (i < totals->found_count ? totals->found[i].count : 0);
	totals->found_count += i == totals->found_count ? 1 : 0;
	totals->found[i] = is_first ? *found : totals->found[i];
	totals->found[i].count = count;
}
