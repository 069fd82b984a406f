/* sim/scenario/feature.h: what a scenario may have, as a list of features ("setting
 * journal_mode=wal", "fault cut", "workload busts", "role reader"), and which pairs of them a
 * library has together in one scenario. A bug often needs two things at once; a pair that no
 * scenario has is a place where nobody looks.
 */
#ifndef AFTERSHOCK_SIM_FEATURE_H
#define AFTERSHOCK_SIM_FEATURE_H

#include "scenario.h"

#define SIM_FEATURES_MAX 256u
#define SIM_FEATURE_NAME_SIZE 64

enum sim_feature_kind {
	SIM_FEATURE_SETTING = 0, /* a word or number of a setting */
	SIM_FEATURE_FAULT,       /* a kind of fault */
	SIM_FEATURE_WORKLOAD,    /* something that the exchange, its operator or its delivery
	                          * does */
	SIM_FEATURE_ROLE,        /* a role of one of several processes */
	SIM_FEATURE_KIND_COUNT
};

struct sim_feature {
	enum sim_feature_kind kind;
	uint32_t number; /* of the setting's row, the fault, the workload kind, the role */
	uint64_t value;  /* of a setting */
	char name[SIM_FEATURE_NAME_SIZE];
	bool of_orders; /* scenarios of order updates can have it */
	bool of_sql;    /* scenarios of SQL can have it */
};

struct sim_features {
	uint32_t count;
	struct sim_feature items[SIM_FEATURES_MAX];
	/* How many scenarios have both; one with itself: how many have it. */
	uint32_t together[SIM_FEATURES_MAX][SIM_FEATURES_MAX];
};

/* Every word, fault, workload kind and role that there is, and of settings that are numbers those
 * that one of the scenarios has. A scenario with cells counts once for each cell. */
void sim_features_count(struct sim_features *features, struct sim_scenario *const *scenarios, uint32_t count);
/* Whether one scenario can have both: they are not two values of one setting, and one kind of work
 * has both. */
bool sim_features_can_meet(const struct sim_features *features, uint32_t one, uint32_t other);
/* "setting", "fault", ...; NULL beyond the last. */
const char *sim_feature_kind_name(enum sim_feature_kind kind);

#endif
