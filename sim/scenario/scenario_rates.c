/* sim/scenario/scenario_rates.c: how rare a probe or a kind of fault is, as the file states it:
 * `rates: [torn_wal 1/40]` says that at least one run in 40 reaches it. sim/sweep/demand.h says
 * what follows. */
#include "scenario_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIM_RATE_MAX 1000000u

/* "NAME 1/N": cuts the name off; 0 when it is none. */
static uint32_t sim_rate_split(const char *word, char name[SIM_SCENARIO_NAME_SIZE]) {
	size_t size = strcspn(word, " ");
	char *end = NULL;
	if (size == 0 || size >= SIM_SCENARIO_NAME_SIZE || strncmp(word + size, " 1/", 3) != 0 ||
	    word[size + 3] < '1' || word[size + 3] > '9') {
		return 0;
	}
	snprintf(name, SIM_SCENARIO_NAME_SIZE, "%.*s", (int)size, word);
	unsigned long number = strtoul(word + size + 3, &end, 10);
	return *end == '\0' && number >= 2 && number <= SIM_RATE_MAX ? (uint32_t)number : 0;
}

static bool sim_rate_has_fault(const struct sim_scenario *scenario, enum sim_fault_kind kind) {
	/* The kinds of other cells cannot be seen from this one. */
	bool has = kind != SIM_FAULT_NONE && scenario->cell[0] != '\0';
	for (uint32_t i = 0; i < scenario->fault_group_count; i++) {
		has = has || scenario->fault_groups[i].kind == kind;
	}
	return has;
}

/* A probe and a kind of fault may have one name. Then the rate is that of both. */
static bool sim_rate_set(struct sim_scenario *scenario, const char *name, uint32_t one_in) {
	enum sim_probe probe = sim_probe_of(name);
	enum sim_fault_kind kind = sim_fault_kind_of(name);
	bool of_probe = probe != SIM_PROBE_NONE && scenario->probes[probe];
	bool of_fault = sim_rate_has_fault(scenario, kind);
	if (of_probe) {
		scenario->probe_one_in[probe] = one_in;
	}
	if (of_fault) {
		scenario->fault_one_in[kind] = one_in;
	}
	return of_probe || of_fault;
}

bool sim_scenario_check_rates(struct sim_scenario_source *source, const struct sim_raw_scenario *raw,
                              struct sim_scenario *scenario) {
	char place[SIM_SCENARIO_PLACE_SIZE];
	char name[SIM_SCENARIO_NAME_SIZE];
	for (uint32_t i = 0; i < raw->rates_count; i++) {
		uint32_t one_in = sim_rate_split(raw->rates[i], name);
		snprintf(place, sizeof place, "rates[%u]", i);
		if (one_in == 0) {
			return sim_scenario_refuse(source, place,
			                           "%.80s is no rate, expected a name and 1/N with N from 2 to %u",
			                           raw->rates[i], SIM_RATE_MAX);
		}
		if (!sim_rate_set(scenario, name, one_in)) {
			return sim_scenario_refuse(source, place,
			                           "%.80s is neither a probe nor a fault of this scenario", name);
		}
	}
	return true;
}
