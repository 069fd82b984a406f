/* sim/scenario/role.c: see role.h. */
#include "role.h"

#include <assert.h>
#include <string.h>

static const struct sim_role_row sim_role_rows[SIM_ROLE_COUNT] = {
        [SIM_ROLE_NONE] = {.name = "none"},
        [SIM_ROLE_WRITER] = {.name = "writer"},
        [SIM_ROLE_READER] = {.name = "reader", .steps = true, .hold_ms = true, .looks = true, .only_reads = true},
        [SIM_ROLE_CHECKPOINTER] = {.name = "checkpointer", .steps = true, .modes = true},
        [SIM_ROLE_BACKUP] = {.name = "backup",
                             .steps = true,
                             .hold_ms = true,
                             .pages = true,
                             .only_reads = true,
                             .asks = SUBJECT_TAKES_UPKEEP},
        [SIM_ROLE_VACUUM] = {.name = "vacuum", .steps = true, .asks = SUBJECT_TAKES_UPKEEP},
        [SIM_ROLE_CHECKER] = {.name = "checker", .steps = true, .only_reads = true, .asks = SUBJECT_TAKES_UPKEEP},
        [SIM_ROLE_SWITCHER] = {.name = "switcher", .steps = true, .modes = true, .asks = SUBJECT_TAKES_UPKEEP},
        [SIM_ROLE_ENGINE] = {.name = "engine"},
        [SIM_ROLE_OPENER] = {.name = "opener", .steps = true},
        [SIM_ROLE_COPIER] = {.name = "copier", .steps = true, .only_reads = true, .asks = SUBJECT_TAKES_VACUUM_INTO},
};

const char *sim_role_name(enum sim_role role) {
	return (unsigned)role < SIM_ROLE_COUNT ? sim_role_rows[role].name : NULL;
}

const struct sim_role_row *sim_role_row(enum sim_role role) {
	assert((unsigned)role < SIM_ROLE_COUNT);
	return &sim_role_rows[role];
}

enum sim_role sim_role_named(const char *name) {
	for (int role = SIM_ROLE_NONE + 1; role < SIM_ROLE_COUNT; role++) {
		if (strcmp(sim_role_rows[role].name, name) == 0) {
			return (enum sim_role)role;
		}
	}
	return SIM_ROLE_NONE;
}

const char *sim_access_name(enum subject_access access) {
	static const char *const names[] = {"read_write", "read_only", "immutable", "nolock"};
	return (unsigned)access < SUBJECT_ACCESS_COUNT ? names[access] : NULL;
}

bool sim_access_is_unlocked(enum subject_access access) {
	return access == SUBJECT_ACCESS_IMMUTABLE || access == SUBJECT_ACCESS_NO_LOCK;
}
