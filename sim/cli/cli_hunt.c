/* sim/cli/cli_hunt.c: see cli_hunt.h. */
#include "cli_hunt.h"

#include "cli_run.h"
#include "cli_scenarios.h"
#include "cli_subject.h"
#include "cli_vfs.h"
#include "hunt.h"
#include "sweep_json.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

/* The line that replays the plan of a finding, as it stands in any directory. */
static void sim_cli_finding_line(const struct sim_cli *cli, const struct sim_hunt_finding *finding, char *line,
                                 size_t size) {
	static struct sim_sweep_options sweep;
	const struct sim_sweep_key key = {.scenario = finding->scenario, .seed = finding->seed};
	struct sim_sweep_case about = sim_sweep_case_of(&key, &finding->result);
	sweep = cli->sweep;
	sweep.plan_path = finding->path;
	sim_sweep_replay_line(&sweep, &about, line, size);
}

/* ---- for people ------------------------------------------------------------------------------ */

static void sim_cli_print_finding(const struct sim_cli *cli, const struct sim_hunt_finding *finding) {
	char name[SIM_SWEEP_NAME_SIZE];
	char line[SIM_SWEEP_REPLAY_SIZE];
	sim_sweep_name(cli->sweep.scenarios[finding->scenario], name);
	sim_cli_finding_line(cli, finding, line, sizeof line);
	printf("\n%s: %s, first in run %" PRIu64 ", %" PRIu64 " times: %s\n", name, finding->result.invariant,
	       finding->run, finding->count, finding->result.detail);
	if (finding->excuse[0] != '\0') {
		printf("finding: %s\n", finding->excuse);
	}
	printf("%s\n", line);
}

static void sim_cli_print_hunt(const struct sim_cli *cli, const struct sim_hunt_result *result) {
	uint64_t searched = result->runs - result->loaded;
	printf("%" PRIu64 " runs: %" PRIu64 " of plans that were there, %" PRIu64 " drawn anew, %" PRIu64 " changed\n",
	       result->runs, result->loaded, result->fresh < searched ? result->fresh : searched,
	       searched - (result->fresh < searched ? result->fresh : searched));
	printf("%u species:", result->species);
	for (int i = 0; i < SIM_SPECIES_CLASS_COUNT; i++) {
		printf("%s %u %s", i == 0 ? "" : ",", result->by_class[i],
		       sim_species_row((enum sim_species_class)i)->name);
	}
	printf("\n%u plans in %s reach them", result->plans, cli->corpus_path);
	if (result->foreign > 0) {
		printf("; %u of other scenarios are there, too", result->foreign);
	}
	printf("\n%" PRIu64 " runs are violated, %" PRIu64 " more by known findings or controls\n", result->violated,
	       result->excused);
	for (uint32_t i = 0; i < result->finding_count; i++) {
		sim_cli_print_finding(cli, &result->findings[i]);
	}
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void sim_cli_json_finding(const struct sim_cli *cli, const struct sim_hunt_finding *finding) {
	char line[SIM_SWEEP_REPLAY_SIZE];
	char hash[40];
	const struct sim_scenario *scenario = cli->sweep.scenarios[finding->scenario];
	const struct sim_run_result *run = &finding->result;
	sim_cli_finding_line(cli, finding, line, sizeof line);
	snprintf(hash, sizeof hash, "%016" PRIx64 "%016" PRIx64, run->trace_hash[0], run->trace_hash[1]);
	sim_sweep_json_print(json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:o,s:s,s:I,s:I,s:o}", "type", "finding", "scenario",
	                               scenario->name, "cell", scenario->cell, "invariant", run->invariant, "detail",
	                               run->detail, "finding", finding->excuse, "plan",
	                               sim_sweep_json_bytes(finding->path), "trace_hash", hash, "run",
	                               (json_int_t)finding->run, "runs", (json_int_t)finding->count, "replay",
	                               sim_sweep_json_bytes(line)),
	                     stdout);
}

static void sim_cli_json_hunt(const struct sim_cli *cli, const struct sim_hunt_result *result) {
	for (uint32_t i = 0; i < result->finding_count; i++) {
		sim_cli_json_finding(cli, &result->findings[i]);
	}
	json_t *classes = json_object();
	for (int i = 0; i < SIM_SPECIES_CLASS_COUNT; i++) {
		json_object_set_new(classes, sim_species_row((enum sim_species_class)i)->name,
		                    json_integer((json_int_t)result->by_class[i]));
	}
	sim_sweep_json_print(json_pack("{s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:o,s:I,s:I,s:I,s:I,s:f,s:i,s:o,s:b,s:i}",
	                               "type", "summary", "runs", (json_int_t)result->runs, "loaded",
	                               (json_int_t)result->loaded, "drawn", (json_int_t)result->fresh, "calls",
	                               (json_int_t)result->calls, "violated", (json_int_t)result->violated, "excused",
	                               (json_int_t)result->excused, "species", (json_int_t)result->species, "classes",
	                               classes, "plans", (json_int_t)result->plans, "foreign",
	                               (json_int_t)result->foreign, "stale", (json_int_t)result->stale, "unread",
	                               (json_int_t)result->unread, "processor_s", result->processor_s, "jobs",
	                               (int)cli->sweep.jobs, "broken", sim_sweep_json_bytes(result->broken),
	                               "interrupted", (int)result->interrupted, "exit_status", result->exit_status),
	                     stdout);
}

/* ---- the verb -------------------------------------------------------------------------------- */

static bool sim_cli_check_hunt(const struct sim_cli *cli) {
	if (cli->corpus_path == NULL) {
		fprintf(stderr, "aftershock: hunt: expected --corpus DIR, where it keeps plans and findings\n");
		return false;
	}
	if (cli->merge_path != NULL && strcmp(cli->merge_path, cli->corpus_path) == 0) {
		fprintf(stderr, "aftershock: --merge %s: expected another folder than --corpus\n", cli->merge_path);
		return false;
	}
	return true;
}

int sim_cli_hunt(struct sim_cli *cli) {
	static struct sim_hunt_result result;
	if (!sim_cli_check_hunt(cli) || !sim_cli_learn_subject(cli) || !sim_cli_load_scenarios(cli) ||
	    !sim_cli_try_vfs(cli) || !sim_cli_check_stop(cli)) {
		return SIM_CLI_USAGE;
	}
	if (cli->sweep.scenario_count == 0) {
		fprintf(stderr, "aftershock: %s\n",
		        cli->sweep.skipped_count == 0 ? "no scenarios there"
		                                      : "the subject takes none of these scenarios");
		return SIM_CLI_NOTHING;
	}
	sim_cli_catch_signals();
	const struct sim_hunt_options options = {.sweep = &cli->sweep,
	                                         .seed = cli->seed,
	                                         .runs = cli->minimise ? 0 : cli->runs_max,
	                                         .fresh_percent = cli->fresh_percent,
	                                         .folder = cli->corpus_path,
	                                         .merged = cli->merge_path,
	                                         .progress = isatty(STDERR_FILENO) && !cli->json};
	sim_hunt(&options, stderr, &result);
	if (result.broken[0] != '\0') {
		fprintf(stderr, "aftershock: %s\n", result.broken);
	}
	if (cli->json) {
		sim_cli_json_hunt(cli, &result);
	} else if (result.exit_status != SIM_CLI_USAGE) {
		sim_cli_print_hunt(cli, &result);
	}
	return result.exit_status;
}
