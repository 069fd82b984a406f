/* sim/cli/cli_shrink.c: the verb `shrink` finds a smaller plan that fails in the same way
 * (sim/plan/shrink.h), and writes it to a file that `replay --plan` runs. Each try is a run in a
 * process of its own, so a plan whose subject crashes can be made smaller, too. */
#include "cli_shrink.h"

#include "cell.h"
#include "cli_target.h"
#include "plan_text.h"
#include "shrink.h"
#include "sweep_json.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sim_cli_shrinking {
	struct sim_cli *cli;
	uint64_t seed;
	const char *excuse; /* the known finding that it shows; "" for none */
	struct sim_cli_outcome wanted;
	struct sim_cli_outcome got;
	bool broken; /* no process could be had */
};

static bool sim_cli_run_plan(struct sim_cli_shrinking *shrinking, const struct sim_plan *plan,
                             struct sim_cli_outcome *outcome) {
	struct sim_cli_job job = {.options.plan = plan, .limit_s = shrinking->cli->sweep.hang_seconds};
	if (!sim_cli_run_once(shrinking->cli, shrinking->seed, &job, outcome)) {
		shrinking->broken = true;
		return false;
	}
	return outcome->why[0] == '\0';
}

/* The same invariant, and when that is a known finding, the same one. */
static bool sim_cli_fails(void *context, const struct sim_plan *candidate) {
	struct sim_cli_shrinking *shrinking = context;
	const struct sim_run_result *run = &shrinking->got.run;
	return !shrinking->broken && sim_cli_run_plan(shrinking, candidate, &shrinking->got) &&
	       run->verdict == SIM_VIOLATED && strcmp(run->invariant, shrinking->wanted.run.invariant) == 0 &&
	       strcmp(sim_cell_excuse_name(&shrinking->cli->sweep, 0, run), shrinking->excuse) == 0;
}

/* ---- several processes ----------------------------------------------------------------------- */

/* The child's buffers are not written when it ends. */
static void sim_cli_flush_schedule(void *context) {
	fflush(context);
}

static bool sim_cli_record(struct sim_cli_shrinking *shrinking, const struct sim_plan *plan, FILE *file) {
	struct sim_cli_job job = {.options.plan = plan,
	                          .options.schedule = file,
	                          .limit_s = shrinking->cli->sweep.hang_seconds,
	                          .ended = sim_cli_flush_schedule,
	                          .context = file};
	return sim_cli_run_once(shrinking->cli, shrinking->seed, &job, &shrinking->got) && shrinking->got.ended;
}

/* What the child has written. NULL when it cannot be had; free() it. */
static char *sim_cli_read_back(FILE *file) {
	off_t size = lseek(fileno(file), 0, SEEK_END);
	char *text = size > 0 ? malloc((size_t)size + 1) : NULL;
	ssize_t got = text != NULL ? pread(fileno(file), text, (size_t)size, 0) : -1;
	if (text == NULL || got != size) {
		free(text);
		return NULL;
	}
	text[size] = '\0';
	return text;
}

/* What was known only in the run takes its place in the plan: the switches that the schedule made,
 * so that they can be taken away, too; the texts of a program's operations. A run whose subject
 * crashes records nothing. */
static void sim_cli_record_run(struct sim_cli_shrinking *shrinking, struct sim_plan *plan) {
	static struct sim_plan recorded;
	char why[300];
	bool is_recorded = !plan->program.is_one && plan->processes.schedule.strategy == SIM_STRATEGY_RECORDED;
	FILE *file = !is_recorded ? tmpfile() : NULL;
	if (file == NULL) {
		return;
	}
	recorded.sql_scenario = plan->sql_scenario;
	char *text = sim_cli_record(shrinking, plan, file) ? sim_cli_read_back(file) : NULL;
	bool read = text != NULL && sim_plan_text_parse(&recorded, text, "schedule", why, sizeof why);
	if (read && sim_cli_fails(shrinking, &recorded)) {
		sim_plan_deinit(plan);
		*plan = recorded;
	}
	free(text);
	fclose(file);
}

/* Which crash states are drawn changes with every step that is taken away. So the run is to fail
 * without any, or else all of them are judged. */
static void sim_cli_shrink_branches(struct sim_cli_shrinking *shrinking, struct sim_plan *plan) {
	struct sim_settings *settings = &plan->settings;
	const struct sim_settings before = *settings;
	if (settings->branches == 0) {
		return;
	}
	settings->branches = 0;
	settings->all_branches = shrinking->wanted.run.state[0] != '\0';
	if (!sim_cli_fails(shrinking, plan)) {
		*settings = before;
	}
}

/* First with the strategy, which finds its way however many steps there are; then with the switches
 * that it made. */
static bool sim_cli_shrink_all(struct sim_cli_shrinking *shrinking, struct sim_shrink *shrink,
                               struct sim_shrink_size *before) {
	sim_cli_shrink_branches(shrinking, shrink->plan);
	bool made = sim_shrink(shrink);
	if (made && shrink->plan->processes.count > 0) {
		sim_cli_record_run(shrinking, shrink->plan);
		before->switches = sim_shrink_measure(shrink->plan).switches;
		made = sim_shrink(shrink);
	} else if (made && shrink->plan->program.is_one) {
		sim_cli_record_run(shrinking, shrink->plan);
	}
	return made;
}

/* ---- the file -------------------------------------------------------------------------------- */

static void sim_cli_plan_name(const struct sim_plan *plan, char *name, size_t size) {
	snprintf(name, size, "%s-0x%" PRIx64 ".plan", plan->scenario, plan->seed);
	for (char *at = name; *at != '\0'; at++) {
		*at = *at == ':' || *at == '/' ? '-' : *at;
	}
}

static bool sim_cli_write_plan(const struct sim_plan *plan, const char *path) {
	FILE *file = fopen(path, "w");
	bool written = file != NULL;
	if (written) {
		sim_plan_text_print(plan, file);
		written = ferror(file) == 0;
		written = fclose(file) == 0 && written;
	}
	if (!written) {
		fprintf(stderr, "aftershock: %s: cannot be written: %s\n", path, strerror(errno));
	}
	return written;
}

/* ---- saying it ------------------------------------------------------------------------------- */

static void sim_cli_print_shrunk(struct sim_cli_shrinking *shrinking, const struct sim_shrink *shrink,
                                 const struct sim_shrink_size *before) {
	char line[SIM_SWEEP_REPLAY_SIZE];
	struct sim_cli *cli = shrinking->cli;
	const struct sim_run_result *run = &shrinking->got.run;
	struct sim_shrink_size after = sim_shrink_measure(shrink->plan);
	assert(after.faults <= before->faults && after.steps <= before->steps);
	assert(run->verdict == SIM_VIOLATED);
	const struct sim_sweep_key key = {.seed = shrinking->seed};
	struct sim_sweep_case about = sim_sweep_case_of(&key, run);
	sim_sweep_replay_line(&cli->sweep, &about, line, sizeof line);
	if (cli->json) {
		sim_sweep_json_print(
		        json_pack("{s:s,s:o,s:s,s:s,s:I,s:b,s:I,s:I,s:I,s:I,s:I,s:I,s:o}", "type", "shrunk", "plan",
		                  sim_sweep_json_bytes(cli->sweep.plan_path), "invariant", run->invariant, "detail",
		                  run->detail, "runs", (json_int_t)shrink->runs, "complete",
		                  (int)(shrink->runs < shrink->runs_max), "faults_before", (json_int_t)before->faults,
		                  "faults", (json_int_t)after.faults, "steps_before", (json_int_t)before->steps,
		                  "steps", (json_int_t)after.steps, "switches_before", (json_int_t)before->switches,
		                  "switches", (json_int_t)after.switches, "replay", sim_sweep_json_bytes(line)),
		        stdout);
		return;
	}
	printf("%s: %s: %s\n", cli->sweep.plan_path, run->invariant, run->detail);
	printf("%u runs: %zu of %zu faults, %zu of %zu steps", shrink->runs, after.faults, before->faults, after.steps,
	       before->steps);
	if (shrink->plan->processes.count > 0) {
		printf(", %zu of %zu switches", after.switches, before->switches);
	}
	printf(" are left%s\n",
	       shrink->runs < shrink->runs_max ? "; none of them can be taken away" : "; the runs are used up");
	printf("%s\n", line);
}

/* ---- the verb -------------------------------------------------------------------------------- */

/* Runs the whole plan: it must fail. An exit status; SIM_CLI_OK when it does. */
static int sim_cli_shrink_first(struct sim_cli_shrinking *shrinking) {
	const struct sim_run_result *run = &shrinking->wanted.run;
	char name[SIM_SWEEP_NAME_SIZE];
	if (!sim_cli_run_plan(shrinking, sim_cli_target_plan(), &shrinking->wanted)) {
		fprintf(stderr, "aftershock: %s\n",
		        shrinking->broken ? "a process for the run cannot be started" : shrinking->wanted.why);
		return shrinking->broken ? SIM_CLI_HARNESS : SIM_CLI_USAGE;
	}
	if (run->verdict == SIM_VIOLATED) {
		shrinking->excuse = sim_cell_excuse_name(&shrinking->cli->sweep, 0, run);
		return SIM_CLI_OK;
	}
	sim_sweep_name(shrinking->cli->sweep.scenarios[0], name);
	fprintf(stderr,
	        "aftershock: %s@0x%" PRIx64 ": %s: there is nothing to shrink, expected a run that is violated\n", name,
	        shrinking->seed, sim_sweep_verdict_name(run->verdict));
	return run->verdict == SIM_HELD ? SIM_CLI_USAGE : SIM_CLI_HARNESS;
}

/* What was written is read back and run: it is the file that must fail. */
static bool sim_cli_check_file(struct sim_cli_shrinking *shrinking, const struct sim_shrink *shrink) {
	static struct sim_plan again;
	char why[SIM_SCENARIO_PATH_SIZE + 300] = "it does not fail in the same way";
	again.sql_scenario = shrink->plan->sql_scenario;
	bool good = sim_plan_text_load(&again, shrinking->cli->sweep.plan_path, why, sizeof why) &&
	            sim_cli_fails(shrinking, &again);
	if (!good) {
		fprintf(stderr, "aftershock: %s: %s\n", shrinking->cli->sweep.plan_path, why);
	}
	return good;
}

int sim_cli_shrink(struct sim_cli *cli) {
	static struct sim_cli_shrinking shrinking;
	static char path[SIM_SWEEP_NAME_SIZE + 64];
	shrinking.cli = cli;
	if (!sim_cli_check_target(cli, "shrink") || !sim_cli_load_target(cli, &shrinking.seed)) {
		return SIM_CLI_USAGE;
	}
	int status = sim_cli_shrink_first(&shrinking);
	if (status != SIM_CLI_OK) {
		return status;
	}
	struct sim_shrink shrink = {.plan = sim_cli_target_plan(),
	                            .fails = sim_cli_fails,
	                            .context = &shrinking,
	                            .runs_max = cli->runs_max};
	struct sim_shrink_size before = sim_shrink_measure(shrink.plan);
	sim_cli_plan_name(shrink.plan, path, sizeof path);
	if (!sim_cli_shrink_all(&shrinking, &shrink, &before) || shrinking.broken) {
		fprintf(stderr, "aftershock: out of memory, or of processes\n");
		return SIM_CLI_HARNESS;
	}
	cli->sweep.plan_path = cli->output_path != NULL ? cli->output_path : path;
	if (!sim_cli_write_plan(shrink.plan, cli->sweep.plan_path) || !sim_cli_check_file(&shrinking, &shrink)) {
		return SIM_CLI_HARNESS;
	}
	sim_cli_print_shrunk(&shrinking, &shrink, &before);
	return SIM_CLI_VIOLATED;
}
