/* sim/world/branch_set.h: a set of hashes, which only grows until it is cleared. 0 and 1 are one
 * hash. A zeroed set is empty. */
#ifndef AFTERSHOCK_SIM_BRANCH_SET_H
#define AFTERSHOCK_SIM_BRANCH_SET_H

#include "must_check.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_branch_set {
	uint64_t *slots; /* open addressing; 0: free */
	size_t room;     /* a power of two, or 0 */
	size_t count;
	bool has_values;  /* set in an empty one: each hash has a number of its own */
	uint32_t *values; /* by slot */
};

enum sim_branch_added { SIM_BRANCH_IS_NEW = 0, SIM_BRANCH_WAS_THERE, SIM_BRANCH_NO_ROOM };

bool sim_branch_set_has(const struct sim_branch_set *set, uint64_t hash);
enum sim_branch_added sim_branch_set_add(struct sim_branch_set *set, uint64_t hash) SIM_MUST_CHECK;
/* The number of a hash that is there, 0 at first; valid until the next one is added. The set must
 * have values. */
uint32_t *sim_branch_set_value(const struct sim_branch_set *set, uint64_t hash);
/* Its room stays. */
void sim_branch_set_clear(struct sim_branch_set *set);
void sim_branch_set_deinit(struct sim_branch_set *set);
/* All of them in ascending order; free() it. NULL when out of memory. */
uint64_t *sim_branch_set_sorted(const struct sim_branch_set *set);

#endif
