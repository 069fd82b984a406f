/* sim/cli/cli_small.c: see cli_small.h. First which scenarios; then a line for each cell, when it
 * is done; then the sums, and what was found. */
#include "cli_small.h"

#include "build.h"
#include "certificate.h"
#include "cli_bound.h"
#include "cli_scenarios.h"
#include "cli_small_cells.h"
#include "cli_subject.h"
#include "cli_vfs.h"
#include "cli_watch.h"
#include "contract.h"
#include "plan_make.h"
#include "small.h"

#include <errno.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

/* Where such scenarios are, unless some are named. */
#define SIM_CLI_SMALL_FOLDER "small"
#define SIM_CLI_SMALL_NAMES_MAX 16
/* So many states are judged unless --states-max is said: the folder `small` fits. */
#define SIM_CLI_SMALL_STATES_DEFAULT 100000000u

/* ---- which ----------------------------------------------------------------------------------- */

static bool sim_cli_small_fits(const struct sim_cli *cli) {
	for (uint32_t i = 0; i < cli->sweep.scenario_count; i++) {
		const struct sim_scenario *scenario = cli->sweep.scenarios[i];
		if (sim_small_count(scenario) == 0) {
			fprintf(stderr,
			        "aftershock: --all-small: %s draws its workloads, expected workload.enumerate\n",
			        scenario->name);
			return false;
		}
		if (cli->writes_more && scenario->sql != NULL) {
			fprintf(stderr,
			        "aftershock: explore: nothing is written behind a load of SQL, expected no --go-on\n");
			return false;
		}
	}
	if (cli->sweep.scenario_count == 0) {
		fprintf(stderr, "aftershock: --all-small: the subject takes none of the scenarios\n");
	}
	return cli->sweep.scenario_count > 0;
}

bool sim_cli_small_load(struct sim_cli *cli, const char *names) {
	static char text[SIM_CERTIFICATE_VALUE_SIZE];
	static char *list[SIM_CLI_SMALL_NAMES_MAX];
	int count = 0;
	char *at = text;
	snprintf(text, sizeof text, "%s", names);
	for (; *at != '\0' && count < SIM_CLI_SMALL_NAMES_MAX; count++) {
		list[count] = at;
		at += strcspn(at, " ");
		if (*at != '\0') {
			*at++ = '\0';
		}
	}
	if (*at != '\0' || strlen(names) >= sizeof text - 1) {
		fprintf(stderr, "aftershock: --all-small: expected at most %d scenarios, in %zu characters\n",
		        SIM_CLI_SMALL_NAMES_MAX, sizeof text - 2);
		return false;
	}
	cli->names = list;
	cli->name_count = count;
	return sim_cli_learn_subject(cli) && sim_cli_load_scenarios(cli) && sim_cli_try_vfs(cli) &&
	       sim_cli_small_fits(cli);
}

/* ---- what is told ---------------------------------------------------------------------------- */

static enum sim_contract sim_cli_small_contract(const struct sim_settings *settings, enum sim_crash crash) {
	return settings->demanded[crash] != SIM_CONTRACT_NONE ? settings->demanded[crash]
	                                                      : sim_contract_of_settings(settings, crash);
}

/* By which contracts a cell is judged. */
static void sim_cli_small_contracts(const struct sim_scenario *scenario, const char **kill, const char **power_loss) {
	static struct sim_plan plan;
	sim_plan_make(&plan, scenario, 1);
	*kill = sim_contract_name(sim_cli_small_contract(&plan.settings, SIM_CRASH_KILL));
	*power_loss = sim_contract_name(sim_cli_small_contract(&plan.settings, SIM_CRASH_POWER_LOSS));
}

static void sim_cli_small_tell_head(const struct sim_cli *cli) {
	printf("%" PRIu64 " workloads in %u cells\n\n", sim_cli_small_workloads(cli), cli->sweep.scenario_count);
	printf("%-30s %-13s %-19s %9s %9s %9s %9s %9s %9s %9s\n", "scenario", "after kill", "after power loss",
	       "workloads", "points", "states", "images", "recovered", "refused", "violated");
}

static void sim_cli_small_tell_cell(const struct sim_cli_small *small, uint32_t number) {
	char name[SIM_SWEEP_NAME_SIZE];
	const char *kill = NULL;
	const char *power_loss = NULL;
	const struct sim_cli_small_cell *cell = &small->cells[number];
	const struct sim_scenario *scenario = small->cli->sweep.scenarios[number];
	sim_sweep_name(scenario, name);
	sim_cli_small_contracts(scenario, &kill, &power_loss);
	printf("%-30s %-13s %-19s %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %9" PRIu64
	       " %9" PRIu64,
	       name, kill, power_loss, cell->explored, cell->points, cell->states, cell->images, cell->recovered,
	       cell->refused, cell->violations - cell->excused);
	if (cell->excused > 0) {
		printf("  known %" PRIu64, cell->excused);
	}
	printf("\n");
	fflush(stdout);
}

/* The line that replays one state, or the run. */
static void sim_cli_small_tell_line(const struct sim_cli *cli, const struct sim_branch_found *found) {
	char line[SIM_SWEEP_REPLAY_SIZE];
	const struct sim_sweep_case about = {.scenario = sim_cli_small_cell_of(found),
	                                     .seed = sim_cli_small_seed_of(found),
	                                     .state = found->path[0] != '\0' ? found->path : NULL};
	sim_sweep_replay_line(&cli->sweep, &about, line, sizeof line);
	printf("  %s\n", line);
}

static void sim_cli_small_tell_found(const struct sim_cli_small *small) {
	char workload[SIM_SMALL_TEXT_SIZE];
	const struct sim_branch_totals *totals = &small->joined.totals;
	for (uint32_t i = 0; i < totals->found_count; i++) {
		const struct sim_branch_found *found = &totals->found[i];
		const struct sim_scenario *scenario = small->cli->sweep.scenarios[sim_cli_small_cell_of(found)];
		const struct sim_small one = sim_small_of_seed(scenario, sim_cli_small_seed_of(found));
		bool is_known = found->finding[0] != '\0';
		sim_small_print(scenario, &one, workload);
		printf("%s of %" PRIu64 " states%s%s: %s: %s\n", is_known ? "known finding" : "VIOLATED", found->count,
		       is_known ? " " : "", found->finding, found->invariant, found->detail);
		printf("  first in %s, in the workload: %s\n", found->where, workload);
		sim_cli_small_tell_line(small->cli, found);
	}
}

/* ---- the certificate ------------------------------------------------------------------------- */

static void sim_cli_small_names(const struct sim_cli *cli, char names[SIM_CERTIFICATE_VALUE_SIZE]) {
	size_t used = 0;
	names[0] = '\0';
	for (int i = 0; i < cli->name_count && used < SIM_CERTIFICATE_VALUE_SIZE; i++) {
		used += (size_t)snprintf(names + used, SIM_CERTIFICATE_VALUE_SIZE - used, "%s%s", i > 0 ? " " : "",
		                         cli->names[i]);
	}
}

static void sim_cli_small_certify_cells(const struct sim_cli_small *small, struct sim_certificate *certificate) {
	char name[SIM_SWEEP_NAME_SIZE];
	const char *kill = NULL;
	const char *power_loss = NULL;
	for (uint32_t i = 0; i < small->cli->sweep.scenario_count; i++) {
		const struct sim_cli_small_cell *cell = &small->cells[i];
		sim_sweep_name(small->cli->sweep.scenarios[i], name);
		sim_cli_small_contracts(small->cli->sweep.scenarios[i], &kill, &power_loss);
		sim_certificate_add(certificate, "cell",
		                    "%s: %s after kill, %s after power loss; workloads %" PRIu64 ", points %" PRIu64
		                    ", states %" PRIu64 ", images %" PRIu64 ", recovered %" PRIu64 ", refused %" PRIu64
		                    ", violations %" PRIu64 ", known %" PRIu64 ", runs %016" PRIx64,
		                    name, kill, power_loss, cell->explored, cell->points, cell->states, cell->images,
		                    cell->recovered, cell->refused, cell->violations, cell->excused, cell->runs_hash);
	}
}

static void sim_cli_small_certify(const struct sim_cli_small *small, const char *names,
                                  struct sim_certificate *certificate) {
	char subject[SIM_SCENARIO_PATH_SIZE + 32];
	uint64_t explored = 0;
	for (uint32_t i = 0; i < small->cli->sweep.scenario_count; i++) {
		explored += small->cells[i].explored;
	}
	sim_sweep_subject_name(&small->cli->sweep, subject, sizeof subject);
	sim_certificate_begin(certificate);
	sim_certificate_add(certificate, SIM_CLI_SMALL_ROW, "%s", names);
	sim_certificate_add(certificate, "subject", "%s", subject);
	sim_certificate_add_vfs(certificate, small->cli->sweep.scenarios[0]->vfs_path);
	sim_certificate_add(certificate, "aftershock", "%s", AFTERSHOCK_VERSION);
	sim_certificate_add(certificate, "sqlite", "%s, %s%s", sqlite3_libversion(), sqlite3_sourceid(),
	                    sim_build_kind());
	sim_certificate_add(certificate, "cells", "%u", small->cli->sweep.scenario_count);
	sim_certificate_add(certificate, "workloads", "%" PRIu64, sim_cli_small_workloads(small->cli));
	sim_certificate_add(certificate, "workloads_explored", "%" PRIu64, explored);
	sim_certificate_add_totals(certificate, &small->options, &small->joined.totals, small->joined.images.list);
	sim_cli_small_certify_cells(small, certificate);
	sim_certificate_add(certificate, "processor_seconds", "%.2f", small->processor_s);
	sim_certificate_end(certificate);
}

static int sim_cli_small_tell(const struct sim_cli_small *small, const char *names) {
	static struct sim_certificate certificate;
	const struct sim_cli *cli = small->cli;
	const struct sim_branch_totals *totals = &small->joined.totals;
	bool violated = totals->violations > totals->excused;
	sim_cli_small_certify(small, names, &certificate);
	if (cli->json) {
		sim_certificate_print_json(&certificate, stdout);
	} else {
		printf("\n");
		sim_certificate_print(&certificate, "cell", stdout);
		printf("\n");
		sim_cli_small_tell_found(small);
		printf("%s: %s\n", names,
		       violated             ? "violated"
		       : totals->is_partial ? "held, and was ended before all was judged"
		                            : "held in every crash state of every workload within these bounds");
	}
	if (cli->certificate_path != NULL &&
	    !sim_certificate_write(&certificate, cli->certificate_path, small->joined.images.list, totals->images)) {
		return SIM_CLI_HARNESS;
	}
	return sim_cli_watch_was_interrupted() ? SIM_EXIT_INTERRUPTED : violated ? SIM_CLI_VIOLATED : SIM_CLI_OK;
}

/* ---- how many states ------------------------------------------------------------------------- */

static bool sim_cli_small_count(void *context, uint32_t subsets, uint64_t *states) {
	static struct sim_cli_small counting;
	const struct sim_cli_small *small = context;
	counting = (struct sim_cli_small){.cli = small->cli, .every = small->every, .options = small->options};
	counting.options.bounds.subsets_of = subsets;
	counting.options.counts = true;
	counting.options.stops = false;
	counting.options.second = NULL;
	bool good = sim_cli_small_explore(&counting);
	*states = counting.joined.totals.states;
	sim_cli_joined_free(&counting.joined);
	return good;
}

/* ---- the verb -------------------------------------------------------------------------------- */

int sim_cli_small(struct sim_cli *cli) {
	static struct sim_cli_small small;
	char names[SIM_CERTIFICATE_VALUE_SIZE];
	if (cli->at != NULL || cli->sweep.plan_path != NULL) {
		fprintf(stderr, "aftershock: --all-small: expected without %s, which is about one run\n",
		        cli->at != NULL ? "--at" : "--plan");
		return SIM_CLI_USAGE;
	}
	sim_cli_small_names(cli, names);
	if (!sim_cli_small_load(cli, cli->name_count > 0 ? names : SIM_CLI_SMALL_FOLDER)) {
		return SIM_CLI_USAGE;
	}
	if (names[0] == '\0') {
		snprintf(names, sizeof names, "%s", SIM_CLI_SMALL_FOLDER);
	}
	small = (struct sim_cli_small){.cli = cli, .every = 1};
	small.options = (struct sim_branch_options){.depth = cli->depth,
	                                            .bounds = {.subsets_of = cli->subsets, .drawn = cli->drawn},
	                                            .writes_more = cli->writes_more,
	                                            .shares = true,
	                                            .stops = cli->first,
	                                            .second = cli->second};
	int status = sim_cli_bound_check(cli, SIM_CLI_SMALL_STATES_DEFAULT, sim_cli_small_count, &small);
	if (status != SIM_CLI_OK) {
		return status;
	}
	if (!cli->json) {
		sim_cli_small_tell_head(cli);
		small.told = sim_cli_small_tell_cell;
	}
	bool good = sim_cli_small_explore(&small);
	status = good ? sim_cli_small_tell(&small, names) : SIM_CLI_HARNESS;
	sim_cli_joined_free(&small.joined);
	return status;
}
