/* sim/scenario/feature.c: see feature.h. */
#include "feature.h"

#include "processes.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *sim_feature_kind_name(enum sim_feature_kind kind) {
	static const char *const names[SIM_FEATURE_KIND_COUNT] = {"setting", "fault", "workload", "role"};
	return kind < SIM_FEATURE_KIND_COUNT ? names[kind] : NULL;
}

/* ---- what a scenario has --------------------------------------------------------------------- */

/* What happens to orders and deliveries, beside the rare things, which have names of their own. */
enum sim_feature_usual {
	SIM_FEATURE_DUPLICATES = SIM_RARE_COUNT,
	SIM_FEATURE_REORDERS,
	SIM_FEATURE_RESTARTS,
	SIM_FEATURE_CHECKPOINTS,
	SIM_FEATURE_TAKEOVERS,
	SIM_FEATURE_REJECTS,
	SIM_FEATURE_CANCELS,
	SIM_FEATURE_EXPIRES,
	SIM_FEATURE_HOLDS,
	SIM_FEATURE_TRADER,
	SIM_FEATURE_TAPE,
	SIM_FEATURE_WORKLOAD_COUNT
};

static const char *sim_feature_workload_name(uint32_t number) {
	static const char *const names[] = {"duplicates", "reorders", "restarts", "checkpoints", "takeovers", "rejects",
	                                    "cancels",    "expires",  "holds",    "trader",      "tape"};
	return number < SIM_RARE_COUNT ? sim_scenario_rare_name((enum sim_rare)number) : names[number - SIM_RARE_COUNT];
}

static bool sim_feature_of_workload(const struct sim_scenario *scenario, uint32_t number) {
	const struct sim_workload *workload = &scenario->workload;
	const bool usual[] = {
	        workload->duplicates_percent > 0,    workload->reorders_percent > 0,  workload->restarts_percent > 0,
	        workload->checkpoints_percent > 0,   workload->takeovers_percent > 0, workload->rejects_percent > 0,
	        workload->cancels_percent > 0,       workload->expires_percent > 0,   workload->held_updates > 0,
	        workload->trader != SIM_TRADER_NONE, workload->tape.count > 0};
	return number < SIM_RARE_COUNT ? workload->rare_percent[number] > 0 : usual[number - SIM_RARE_COUNT];
}

static bool sim_feature_of_setting(const struct sim_scenario *scenario, const struct sim_feature *feature) {
	const struct sim_choices *choices = &scenario->settings[feature->number];
	bool found = false;
	for (uint32_t i = 0; i < choices->count; i++) {
		found |= choices->values[i] == feature->value;
	}
	return found;
}

static bool sim_feature_of_faults(const struct sim_scenario *scenario, uint32_t kind) {
	bool found = false;
	for (uint32_t i = 0; i < scenario->fault_group_count; i++) {
		found |= (uint32_t)scenario->fault_groups[i].kind == kind;
	}
	return found;
}

static bool sim_feature_of_roles(const struct sim_scenario *scenario, uint32_t role) {
	bool found = false;
	for (uint32_t i = 0; scenario->processes != NULL && i < scenario->processes->group_count; i++) {
		found |= (uint32_t)scenario->processes->groups[i].role == role;
	}
	return found;
}

static bool sim_feature_is_had(const struct sim_scenario *scenario, const struct sim_feature *feature) {
	if (sim_scenario_is_of_program(scenario)) {
		return false;
	}
	if ((scenario->sql != NULL && !feature->of_sql) || (scenario->sql == NULL && !feature->of_orders)) {
		return false;
	}
	switch (feature->kind) {
	case SIM_FEATURE_SETTING:
		return sim_feature_of_setting(scenario, feature);
	case SIM_FEATURE_FAULT:
		return sim_feature_of_faults(scenario, feature->number);
	case SIM_FEATURE_WORKLOAD:
		return sim_feature_of_workload(scenario, feature->number);
	case SIM_FEATURE_ROLE:
		return sim_feature_of_roles(scenario, feature->number);
	case SIM_FEATURE_KIND_COUNT:
		break;
	}
	return false;
}

/* ---- what there is --------------------------------------------------------------------------- */

static struct sim_feature *sim_features_add(struct sim_features *features, enum sim_feature_kind kind,
                                            uint32_t number) {
	assert(features->count < SIM_FEATURES_MAX);
	struct sim_feature *feature = &features->items[features->count++];
	*feature = (struct sim_feature){.kind = kind, .number = number, .of_orders = true, .of_sql = true};
	return feature;
}

static bool sim_features_has_value(const struct sim_features *features, uint32_t row, uint64_t value) {
	for (uint32_t i = 0; i < features->count; i++) {
		const struct sim_feature *item = &features->items[i];
		if (item->kind == SIM_FEATURE_SETTING && item->number == row && item->value == value) {
			return true;
		}
	}
	return false;
}

/* The protocol is a matter of the engine. */
static void sim_features_add_value(struct sim_features *features, uint32_t number, uint64_t value) {
	const struct sim_setting_row *row = sim_setting_row(number);
	if (sim_features_has_value(features, number, value)) {
		return;
	}
	struct sim_feature *feature = sim_features_add(features, SIM_FEATURE_SETTING, number);
	feature->value = value;
	feature->of_sql = number != SIM_SETTING(protocol);
	if (row->name != NULL) {
		snprintf(feature->name, sizeof feature->name, "%s=%s", row->key, row->name((uint32_t)value));
	} else {
		snprintf(feature->name, sizeof feature->name, "%s=%" PRIu64, row->key, value);
	}
}

/* Of a setting that is a number, what the scenarios have of it. */
static void sim_features_add_numbers(struct sim_features *features, uint32_t number,
                                     struct sim_scenario *const *scenarios, uint32_t count) {
	for (uint32_t i = 0; i < count; i++) {
		const struct sim_choices *choices = &scenarios[i]->settings[number];
		for (uint32_t choice = 0; choice < choices->count; choice++) {
			sim_features_add_value(features, number, choices->values[choice]);
		}
	}
}

static void sim_features_add_settings(struct sim_features *features, struct sim_scenario *const *scenarios,
                                      uint32_t count) {
	for (uint32_t number = 0; number < sim_setting_row_count(); number++) {
		const struct sim_setting_row *row = sim_setting_row(number);
		if (row->section == NULL || row->single) {
			continue;
		}
		if (row->name == NULL) {
			sim_features_add_numbers(features, number, scenarios, count);
			continue;
		}
		for (uint64_t value = row->min; row->name((uint32_t)value) != NULL; value++) {
			sim_features_add_value(features, number, value);
		}
	}
}

static void sim_features_add_rest(struct sim_features *features) {
	for (uint32_t kind = SIM_FAULT_NONE + 1; kind < SIM_FAULT_KIND_COUNT; kind++) {
		struct sim_feature *feature = sim_features_add(features, SIM_FEATURE_FAULT, kind);
		snprintf(feature->name, sizeof feature->name, "%s", sim_fault_row((enum sim_fault_kind)kind)->name);
	}
	for (uint32_t number = 0; number < SIM_FEATURE_WORKLOAD_COUNT; number++) {
		struct sim_feature *feature = sim_features_add(features, SIM_FEATURE_WORKLOAD, number);
		feature->of_sql = number == SIM_FEATURE_RESTARTS || number == SIM_FEATURE_CHECKPOINTS;
		snprintf(feature->name, sizeof feature->name, "%s", sim_feature_workload_name(number));
	}
	for (uint32_t role = SIM_ROLE_NONE + 1; role < SIM_ROLE_COUNT; role++) {
		struct sim_feature *feature = sim_features_add(features, SIM_FEATURE_ROLE, role);
		feature->of_orders = role == SIM_ROLE_ENGINE || role == SIM_ROLE_READER;
		feature->of_sql = role != SIM_ROLE_ENGINE;
		snprintf(feature->name, sizeof feature->name, "%s", sim_role_name((enum sim_role)role));
	}
}

/* ---- pairs ----------------------------------------------------------------------------------- */

static void sim_features_count_one(struct sim_features *features, const struct sim_scenario *scenario) {
	bool had[SIM_FEATURES_MAX];
	for (uint32_t one = 0; one < features->count; one++) {
		had[one] = sim_feature_is_had(scenario, &features->items[one]);
		for (uint32_t other = 0; had[one] && other <= one; other++) {
			features->together[one][other] += had[other];
			features->together[other][one] += had[other] && other != one;
		}
	}
}

void sim_features_count(struct sim_features *features, struct sim_scenario *const *scenarios, uint32_t count) {
	memset(features, 0, sizeof *features);
	sim_features_add_settings(features, scenarios, count);
	sim_features_add_rest(features);
	for (uint32_t i = 0; i < count; i++) {
		sim_features_count_one(features, scenarios[i]);
	}
}

bool sim_features_can_meet(const struct sim_features *features, uint32_t one, uint32_t other) {
	const struct sim_feature *first = &features->items[one];
	const struct sim_feature *second = &features->items[other];
	bool one_setting = first->kind == SIM_FEATURE_SETTING && second->kind == SIM_FEATURE_SETTING &&
	                   first->number == second->number;
	bool one_work = (first->of_orders && second->of_orders) || (first->of_sql && second->of_sql);
	return one != other && !one_setting && one_work;
}
