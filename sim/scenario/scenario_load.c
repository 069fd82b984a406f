/* sim/scenario/scenario_load.c: from a scenario's file to its value. The stages are in
 * sim/scenario/scenario_internal.h. */
#include "scenario_load.h"

#include "scenario_internal.h"
#include "tape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void sim_scenario_set_defaults(struct sim_scenario *scenario) {
	scenario->workload = (struct sim_workload){.updates = {.min = 10, .max = 40},
	                                           .symbols = {.min = 1, .max = 3},
	                                           .open_orders = {.min = 1, .max = 4},
	                                           .limit_lots = {.min = 160, .max = 160},
	                                           .cancels_percent = 10};
	for (uint32_t i = 0; i < sim_setting_row_count(); i++) {
		scenario->settings[i] = (struct sim_choices){1, {sim_setting_row(i)->usual}};
	}
	scenario->probe_seeds = 1000;
}

/* Loads the tape, whose path is relative to the scenario's directory. */
static bool sim_scenario_load_tape(struct sim_scenario_source *source, const char *tape,
                                   struct sim_scenario *scenario) {
	char path[SIM_SCENARIO_PATH_SIZE];
	char why[SIM_SCENARIO_PATH_SIZE];
	if (tape[0] == '\0') {
		return sim_scenario_refuse(source, "workload.tape", "workload.tape is empty, expected a CSV file");
	}
	if (!sim_scenario_source_beside(source, tape, path, sizeof path)) {
		return sim_scenario_refuse(source, "workload.tape",
		                           "the path of the tape is too long, expected at most %zu bytes",
		                           sizeof path - 1);
	}
	if (!sim_tape_init(&scenario->workload.tape, path, why, sizeof why)) {
		return sim_scenario_refuse(source, "workload.tape", "no usable tape: %s", why);
	}
	return true;
}

/* The VFS, whose path is relative to the scenario's directory, too. A plan names it so that it
 * means the same from any directory. Whether it can be loaded is for others to try: foreign code
 * runs. */
static bool sim_scenario_find_vfs(struct sim_scenario_source *source, const char *vfs, struct sim_scenario *scenario) {
	scenario->vfs_line = sim_scenario_source_line(source, "vfs");
	return sim_scenario_source_object(source, "vfs", vfs, scenario->vfs_path, sizeof scenario->vfs_path);
}

static bool sim_scenario_fill(struct sim_scenario_source *source, const struct sim_raw_scenario *raw,
                              struct sim_scenario *scenario) {
	sim_scenario_set_defaults(scenario);
	if ((size_t)snprintf(scenario->path, sizeof scenario->path, "%s", source->path) >= sizeof scenario->path) {
		return sim_scenario_refuse_line(source, 0, "the path is too long, expected at most %zu bytes",
		                                sizeof scenario->path - 1);
	}
	return sim_scenario_check(source, raw, scenario) && sim_scenario_check_enumerate(source, raw, scenario) &&
	       sim_scenario_check_settings(source, &raw->settings, scenario) &&
	       sim_scenario_check_faults(source, raw, scenario) && sim_scenario_check_rates(source, raw, scenario) &&
	       sim_sql_scenario_check(source, raw, scenario) && sim_program_scenario_check(source, raw, scenario) &&
	       sim_processes_scenario_check(source, raw, scenario) &&
	       sim_scenario_check_promises(source, raw, scenario) && sim_scenario_check_lives(source, scenario) &&
	       sim_scenario_check_small(source, raw, scenario) &&
	       (raw->workload.tape == NULL || sim_scenario_load_tape(source, raw->workload.tape, scenario)) &&
	       (raw->vfs == NULL || sim_scenario_find_vfs(source, raw->vfs, scenario));
}

/* What a cell is built with and where it goes. */
struct sim_scenario_load {
	struct sim_scenario_source source;
	const char *pattern;
	sim_scenario_taker take;
	void *context;
};

static bool sim_scenario_build(void *context, const struct sim_raw_scenario *raw, const char *axes, const char *cell) {
	struct sim_scenario_load *load = context;
	struct sim_scenario *scenario = calloc(1, sizeof *scenario);
	if (scenario == NULL) {
		return sim_scenario_refuse_line(&load->source, 0, "cannot be read: out of memory");
	}
	snprintf(scenario->axes, sizeof scenario->axes, "%s", axes);
	scenario->selected = load->pattern[0] != '\0';
	snprintf(scenario->cell, sizeof scenario->cell, "%s", cell);
	if (!sim_scenario_fill(&load->source, raw, scenario)) {
		sim_scenario_destroy(scenario);
		return false;
	}
	return load->take(load->context, scenario) ||
	       sim_scenario_refuse_line(&load->source, 0, "more cells than there is room for");
}

bool sim_scenario_load_cells(const char *path, const char *pattern, sim_scenario_taker take, void *context,
                             struct sim_scenario_why *why) {
	struct sim_scenario_load load = {.pattern = pattern, .take = take, .context = context};
	struct sim_raw_scenario *raw = NULL;
	bool loaded = false;
	if (sim_scenario_source_init(&load.source, path, why->text, why->size)) {
		raw = sim_scenario_schema_load(&load.source);
		loaded = raw != NULL && sim_scenario_expand(&load.source, raw, pattern, sim_scenario_build, &load);
	}
	sim_scenario_schema_free(raw);
	sim_scenario_source_deinit(&load.source);
	return loaded;
}

static bool sim_scenario_take_first(void *context, struct sim_scenario *scenario) {
	struct sim_scenario **first = context;
	if (*first == NULL) {
		*first = scenario;
	} else {
		sim_scenario_destroy(scenario);
	}
	return true;
}

struct sim_scenario *sim_scenario_load(const char *path, char *why, size_t why_size) {
	struct sim_scenario *first = NULL;
	struct sim_scenario_why where = {why, why_size};
	if (!sim_scenario_load_cells(path, "", sim_scenario_take_first, &first, &where)) {
		sim_scenario_destroy(first);
		return NULL;
	}
	return first;
}
