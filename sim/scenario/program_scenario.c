/* sim/scenario/program_scenario.c: the part of a scenario that is about a program of any kind: its
 * operations, if the subject does not bring them, and the keys that it has no use for. */
#include "operation.h"
#include "scenario_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is about orders or SQL is refused, and not passed over. */
static bool sim_program_check_keys(struct sim_scenario_source *source, const struct sim_raw_scenario *raw) {
	const struct sim_raw_workload *workload = &raw->workload;
	const struct {
		const char *place;
		bool is_there;
	} keys[] = {{"processes", raw->processes_count > 0},
	            {"judged_by", raw->judged_by != NULL},
	            {"workload.symbols", workload->symbols != NULL},
	            {"workload.open_orders", workload->open_orders != NULL},
	            {"workload.duplicates", workload->duplicates != NULL},
	            {"workload.reorders", workload->reorders != NULL},
	            {"workload.checkpoints", workload->checkpoints != NULL},
	            {"workload.takeovers", workload->takeovers != NULL},
	            {"workload.wakes", workload->wakes != NULL},
	            {"workload.retires", workload->retires != NULL},
	            {"workload.trader", workload->trader != NULL},
	            {"workload.limit", workload->limit != NULL},
	            {"workload.query_failures", workload->query_failures != NULL},
	            {"workload.rejects", workload->rejects != NULL},
	            {"workload.cancels", workload->cancels != NULL},
	            {"workload.expires", workload->expires != NULL},
	            {"workload.holds", workload->holds != NULL},
	            {"workload.enumerate", workload->enumerate != NULL},
	            {"workload.tape", workload->tape != NULL}};
	char place[SIM_SCENARIO_PLACE_SIZE];
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		if (keys[i].is_there) {
			return sim_scenario_refuse(source, keys[i].place, "%s with subject program, expected none",
			                           keys[i].place);
		}
	}
	for (int rare = 0; rare < SIM_RARE_COUNT; rare++) {
		if (workload->rare[rare] != NULL) {
			snprintf(place, sizeof place, "workload.%s", sim_scenario_rare_name((enum sim_rare)rare));
			return sim_scenario_refuse(source, place, "%s with subject program, expected none", place);
		}
	}
	return true;
}

static bool sim_program_check_operation(struct sim_scenario_source *source, const struct sim_raw_operation *raw,
                                        uint32_t number) {
	char place[SIM_SCENARIO_PLACE_SIZE];
	char why[SIM_OPERATION_WHY_SIZE];
	if (!sim_operation_check(raw->text, why)) {
		snprintf(place, sizeof place, "operations[%u].text", number);
		return sim_scenario_refuse(source, place, "%s: %s", place, why);
	}
	if (raw->weight != NULL && (*raw->weight == 0 || *raw->weight > SIM_OPERATION_WEIGHT_MAX)) {
		snprintf(place, sizeof place, "operations[%u].weight", number);
		return sim_scenario_refuse(source, place, "%s is %llu, expected 1 to %u", place,
		                           (unsigned long long)*raw->weight, SIM_OPERATION_WEIGHT_MAX);
	}
	return true;
}

/* A copy that lives as long as the scenario. False when out of memory. */
static bool sim_program_take_operations(const struct sim_raw_scenario *raw, struct sim_scenario *scenario) {
	size_t size = 0;
	for (uint32_t i = 0; i < raw->operations_count; i++) {
		size += strlen(raw->operations[i].text) + 1;
	}
	scenario->operations = calloc(raw->operations_count + 1, sizeof scenario->operations[0]);
	scenario->operation_texts = malloc(size);
	if (scenario->operations == NULL || scenario->operation_texts == NULL) {
		return false;
	}
	char *next = scenario->operation_texts;
	for (uint32_t i = 0; i < raw->operations_count; i++) {
		const struct sim_raw_operation *operation = &raw->operations[i];
		uint32_t weight = operation->weight != NULL ? (uint32_t)*operation->weight : 1;
		size = strlen(operation->text) + 1;
		memcpy(next, operation->text, size);
		scenario->operations[i] = (struct subject_operation){next, weight};
		next += size;
	}
	scenario->operation_count = raw->operations_count;
	return true;
}

bool sim_program_scenario_check(struct sim_scenario_source *source, const struct sim_raw_scenario *raw,
                                struct sim_scenario *scenario) {
	if (!sim_scenario_is_of_program(scenario)) {
		return raw->operations_count == 0 ||
		       sim_scenario_refuse(source, "operations", "operations with subject %s, expected subject program",
		                           scenario->subject);
	}
	if (!sim_program_check_keys(source, raw)) {
		return false;
	}
	if (raw->operations_count > SIM_OPERATIONS_MAX) {
		return sim_scenario_refuse(source, "operations", "%u kinds of operation, expected at most %u",
		                           raw->operations_count, SIM_OPERATIONS_MAX);
	}
	for (uint32_t i = 0; i < raw->operations_count; i++) {
		if (!sim_program_check_operation(source, &raw->operations[i], i)) {
			return false;
		}
	}
	return raw->operations_count == 0 || sim_program_take_operations(raw, scenario) ||
	       sim_scenario_refuse_line(source, 0, "cannot be read: out of memory");
}
