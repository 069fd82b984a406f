/* sim/scenario/scenario.c: see scenario.h. */
#include "scenario.h"

#include "setting_row.h"
#include "sql.h"
#include "tape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sim_scenario_destroy(struct sim_scenario *scenario) {
	if (scenario != NULL) {
		sim_tape_deinit(&scenario->workload.tape);
		sim_sql_destroy(scenario->sql);
		free(scenario->operations);
		free(scenario->operation_texts);
		free(scenario->processes);
		free(scenario);
	}
}

bool sim_scenario_is_of_program(const struct sim_scenario *scenario) {
	return strcmp(scenario->subject, "program") == 0;
}

void sim_scenario_set_branches(struct sim_scenario *scenario, uint32_t branches) {
	if (scenario->processes == NULL) {
		scenario->settings[SIM_SETTING(branches)] = (struct sim_choices){.count = 1, .values = {branches}};
	}
}

void sim_scenario_set_vfs(struct sim_scenario *scenario, const char *path) {
	snprintf(scenario->vfs_path, sizeof scenario->vfs_path, "%s", path);
	scenario->vfs_line = 0;
}

const char *sim_scenario_rare_name(enum sim_rare rare) {
	static const char *const names[SIM_RARE_COUNT] = {
	        [SIM_RARE_REPLACES] = "replaces",
	        [SIM_RARE_BUSTS] = "busts",
	        [SIM_RARE_CORRECTS] = "corrects",
	        [SIM_RARE_RESTATEMENTS] = "restatements",
	        [SIM_RARE_DONE_FOR_DAY] = "done_for_day",
	        [SIM_RARE_PENDINGS] = "pendings",
	        [SIM_RARE_STOPS] = "stops",
	        [SIM_RARE_LATE_FILLS] = "late_fills",
	        [SIM_RARE_OVERFILLS] = "overfills",
	        [SIM_RARE_REUSED_IDS] = "reused_ids",
	        [SIM_RARE_CONFLICTS] = "conflicts",
	        [SIM_RARE_SECOND_CHANNEL] = "second_channel",
	        [SIM_RARE_LIMITS] = "limits",
	        [SIM_RARE_HALTS] = "halts",
	        [SIM_RARE_BROKEN] = "broken",
	        [SIM_RARE_SPLITS] = "splits",
	        [SIM_RARE_UNKNOWN_ORDERS] = "unknown_orders",
	        [SIM_RARE_STATUS_LIES] = "status_lies",
	        [SIM_RARE_NAMELESS] = "nameless",
	        [SIM_RARE_EARLY] = "early",
	        [SIM_RARE_BATCHES] = "batches",
	        [SIM_RARE_LONG_IDS] = "long_ids",
	        [SIM_RARE_SHARED_IDS] = "shared_ids",
	        [SIM_RARE_ODD_TIMES] = "odd_times",
	        [SIM_RARE_VAST_NUMBERS] = "vast_numbers",
	        [SIM_RARE_MALFORMED] = "malformed",
	        [SIM_RARE_CLIENTLESS] = "clientless",
	        [SIM_RARE_ACCOUNTS] = "accounts",
	        [SIM_RARE_REUSED_ORDERS] = "reused_orders",
	        [SIM_RARE_BEGUN_DAYS] = "begun_days",
	        [SIM_RARE_UNSAID_QUANTITIES] = "unsaid_quantities",
	};
	return names[rare];
}

static bool sim_scenario_word_matches(const char *choices, size_t size, const char *word, size_t word_size) {
	const char *end = choices + size;
	bool matches = size == 0;
	while (!matches && choices < end) {
		size_t length = strcspn(choices, "+,");
		matches = length == word_size && strncmp(choices, word, length) == 0;
		choices += length + 1;
	}
	return matches;
}

bool sim_scenario_cell_matches(const char *pattern, const char *cell) {
	bool matches = true;
	while (matches && *pattern != '\0') {
		size_t size = strcspn(pattern, ",");
		size_t word_size = strcspn(cell, ",");
		matches = (word_size > 0 || size == 0) && sim_scenario_word_matches(pattern, size, cell, word_size);
		pattern += size;
		cell += word_size;
		/* More places than the cell has words match nothing. */
		matches = matches && !(*pattern == ',' && *cell == '\0');
		pattern += *pattern == ',';
		cell += *cell == ',';
	}
	return matches;
}
