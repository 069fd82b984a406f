/* sim/world/branch_set.c: see branch_set.h. */
#include "branch_set.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define SIM_BRANCH_SET_ROOM 1024u

/* Where the hash is, or would be. The set must have a free slot. */
static size_t sim_branch_set_find(const struct sim_branch_set *set, uint64_t hash) {
	size_t at = (size_t)hash & (set->room - 1);
	while (set->slots[at] != 0 && set->slots[at] != hash) {
		at = (at + 1) & (set->room - 1);
	}
	return at;
}

static bool sim_branch_set_grow(struct sim_branch_set *set) {
	struct sim_branch_set larger = *set;
	larger.room = set->room == 0 ? SIM_BRANCH_SET_ROOM : set->room * 2;
	larger.slots = calloc(larger.room, sizeof larger.slots[0]);
	larger.values = set->has_values ? calloc(larger.room, sizeof larger.values[0]) : NULL;
	if (larger.slots == NULL || (set->has_values && larger.values == NULL)) {
		free(larger.slots);
		free(larger.values);
		return false;
	}
	for (size_t i = 0; i < set->room; i++) {
		if (set->slots[i] == 0) {
			continue;
		}
		size_t at = sim_branch_set_find(&larger, set->slots[i]);
		larger.slots[at] = set->slots[i];
		if (set->has_values) {
			larger.values[at] = set->values[i];
		}
	}
	free(set->slots);
	free(set->values);
	*set = larger;
	return true;
}

void sim_branch_set_clear(struct sim_branch_set *set) {
	if (set->count > 0) {
		memset(set->slots, 0, set->room * sizeof set->slots[0]);
		if (set->has_values) {
			memset(set->values, 0, set->room * sizeof set->values[0]);
		}
		set->count = 0;
	}
}

void sim_branch_set_deinit(struct sim_branch_set *set) {
	free(set->slots);
	free(set->values);
	*set = (struct sim_branch_set){0};
}

bool sim_branch_set_has(const struct sim_branch_set *set, uint64_t hash) {
	hash = hash == 0 ? 1 : hash;
	return set->count > 0 && set->slots[sim_branch_set_find(set, hash)] == hash;
}

enum sim_branch_added sim_branch_set_add(struct sim_branch_set *set, uint64_t hash) {
	hash = hash == 0 ? 1 : hash;
	if (set->count * 2 >= set->room && !sim_branch_set_grow(set)) {
		return SIM_BRANCH_NO_ROOM;
	}
	size_t at = sim_branch_set_find(set, hash);
	if (set->slots[at] == hash) {
		return SIM_BRANCH_WAS_THERE;
	}
	set->slots[at] = hash;
	set->count++;
	return SIM_BRANCH_IS_NEW;
}

uint32_t *sim_branch_set_value(const struct sim_branch_set *set, uint64_t hash) {
	assert(set->has_values && sim_branch_set_has(set, hash));
	return &set->values[sim_branch_set_find(set, hash == 0 ? 1 : hash)];
}

static int sim_branch_set_compare(const void *left, const void *right) {
	const uint64_t a = *(const uint64_t *)left;
	const uint64_t b = *(const uint64_t *)right;
	return a < b ? -1 : a > b ? 1 : 0;
}

uint64_t *sim_branch_set_sorted(const struct sim_branch_set *set) {
	uint64_t *sorted = malloc((set->count + 1) * sizeof sorted[0]);
	size_t count = 0;
	for (size_t i = 0; sorted != NULL && i < set->room; i++) {
		if (set->slots[i] != 0) {
			sorted[count++] = set->slots[i];
		}
	}
	if (sorted != NULL) {
		qsort(sorted, count, sizeof sorted[0], sim_branch_set_compare);
	}
	return sorted;
}
