/* sim/cli/cli_explored.c: an exploration with several processes. Each goes through the whole run,
 * and explores every so many-th moment of it. What they have found is joined: sums, and lists of
 * images without what is there twice. So the result does not depend on how many there are. */
#include "cli_explored.h"

#include "cell.h"
#include "cli_explain_state.h"
#include "cli_joined.h"
#include "cli_watch.h"
#include "processor_time.h"
#include "sweep.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct sim_cli_part {
	uint32_t number;
	const struct sim_sweep_options *sweep;
	struct sim_branches *branches;
	FILE *file;  /* what it came to */
	bool traces; /* the events of the one state are printed */
};

static bool sim_cli_explore_goes_on(void *context, const char *path) {
	const struct sim_cli_part *part = context;
	return sim_cli_watch_state(part->number, path);
}

static const char *sim_cli_explore_excuse(void *context, const char *invariant, const char *detail) {
	static struct sim_run_result run;
	const struct sim_cli_part *part = context;
	run.verdict = SIM_VIOLATED;
	snprintf(run.invariant, sizeof run.invariant, "%s", invariant);
	snprintf(run.detail, sizeof run.detail, "%s", detail);
	return sim_cell_excuse_name(part->sweep, 0, &run);
}

static void sim_cli_explore_redirect(void *context, FILE *out) {
	const struct sim_cli_part *part = context;
	sim_cli_explain_state_to(out);
	if (part->traces) {
		sim_branch_trace_to(part->branches, out);
	}
	(void)sim_cli_explore_goes_on(context, "");
}

/* In the process of the run, at its end. */
static void sim_cli_explore_ended(void *context) {
	const struct sim_cli_part *part = context;
	sim_cli_watch_rest(part->number);
	sim_cli_joined_write(part->branches, part->file);
}

/* ---- one process ----------------------------------------------------------------------------- */

/* Runs one part, and writes its outcome behind what the run has written. */
static int sim_cli_explore_part(struct sim_cli *cli, uint64_t seed, const struct sim_branch_options *options,
                                struct sim_cli_part *part) {
	static struct sim_cli_outcome outcome;
	struct sim_branch_options own = *options;
	own.part = options->part + part->number;
	own.goes_on = sim_cli_explore_goes_on;
	own.excuse = sim_cli_explore_excuse;
	own.context = part;
	part->sweep = &cli->sweep;
	part->branches = sim_branch_create(&own);
	if (part->branches == NULL) {
		return 1;
	}
	part->traces = cli->trace;
	if (cli->tells) {
		sim_branch_tell_to(part->branches, sim_cli_explain_state(sim_cli_target_plan()));
	}
	struct sim_cli_job job = {.options = {.branches = part->branches,
	                                      .plan = cli->sweep.plan_path != NULL ? sim_cli_target_plan() : NULL},
	                          .ended = sim_cli_explore_ended,
	                          .redirect = sim_cli_explore_redirect,
	                          .context = part};
	bool done = sim_cli_run_once(cli, seed, &job, &outcome);
	sim_branch_destroy(part->branches);
	fseek(part->file, 0, SEEK_END);
	done = done && fwrite(&outcome, sizeof outcome, 1, part->file) == 1 && fflush(part->file) == 0;
	return done ? 0 : 1;
}

static pid_t sim_cli_explore_fork(struct sim_cli *cli, uint64_t seed, const struct sim_branch_options *options,
                                  struct sim_cli_part *part) {
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		sim_cli_watch_ignore_signals();
		_exit(sim_cli_explore_part(cli, seed, options, part));
	}
	return pid;
}

/* ---- together -------------------------------------------------------------------------------- */

/* A part whose subject has crashed has an outcome, and nothing else. False when there is nothing to
 * be had. */
static bool sim_cli_join_part(struct sim_cli_explored *explored, struct sim_cli_joined *joined, FILE *file) {
	static struct sim_cli_outcome outcome;
	long size = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : 0;
	bool read = size >= (long)sizeof outcome && fseek(file, size - (long)sizeof outcome, SEEK_SET) == 0 &&
	            fread(&outcome, sizeof outcome, 1, file) == 1;
	bool has_totals = read && size > (long)sizeof outcome;
	rewind(file);
	if (!has_totals) {
		explored->outcome = read && explored->outcome.run.verdict != SIM_VIOLATED ? outcome : explored->outcome;
		joined->totals.is_partial = true;
		return read;
	}
	uint64_t moments = joined->totals.moments;
	const struct sim_order_counts order = joined->totals.order;
	read = sim_cli_joined_read(joined, file);
	/* Each part goes through the whole run. */
	uint64_t of_part = joined->totals.moments - moments;
	joined->totals.moments = of_part > moments ? of_part : moments;
	joined->totals.order = moments > 0 ? order : joined->totals.order;
	explored->outcome = explored->outcome.run.verdict == SIM_VERDICT_NONE ? outcome : explored->outcome;
	return read;
}

static bool sim_cli_wait(const pid_t *pids, uint32_t count) {
	bool good = true;
	for (uint32_t i = 0; i < count; i++) {
		int status = 0;
		while (waitpid(pids[i], &status, 0) < 0 && errno == EINTR) {
		}
		good = good && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	}
	return good;
}

static bool sim_cli_explore_parts(struct sim_cli *cli, uint64_t seed, const struct sim_branch_options *options,
                                  struct sim_cli_explored *explored) {
	static struct sim_cli_part parts[SIM_SWEEP_JOBS_MAX];
	static pid_t pids[SIM_SWEEP_JOBS_MAX];
	static struct sim_cli_joined joined;
	uint32_t begun = 0;
	bool good = true;
	while (good && begun < explored->processes) {
		parts[begun] = (struct sim_cli_part){.number = begun, .file = tmpfile()};
		pids[begun] = parts[begun].file != NULL ? sim_cli_explore_fork(cli, seed, options, &parts[begun]) : -1;
		good = pids[begun] > 0;
		begun += good ? 1 : 0;
	}
	good = sim_cli_wait(pids, begun) && good;
	for (uint32_t i = 0; i < begun; i++) {
		good = good && sim_cli_join_part(explored, &joined, parts[i].file);
		fclose(parts[i].file);
		if (explored->at[0] == '\0') {
			snprintf(explored->at, sizeof explored->at, "%s", sim_cli_watch_at(i));
		}
		explored->hung |= sim_cli_watch_take_hung(i);
	}
	sim_cli_joined_end(&joined);
	explored->totals = joined.totals;
	explored->images = joined.images.list;
	joined.images.list = NULL;
	sim_cli_joined_free(&joined);
	return good;
}

bool sim_cli_explore_parts_of(struct sim_cli *cli, uint64_t seed, const struct sim_branch_options *options,
                              uint32_t processes, struct sim_cli_explored *explored) {
	double before_s = sim_processor_time_of_children_s();
	assert(processes >= 1 && processes <= SIM_SWEEP_JOBS_MAX && options->part + processes <= options->parts);
	memset(explored, 0, sizeof *explored);
	explored->processes = processes;
	if (!sim_cli_watch_begin(cli->sweep.hang_seconds)) {
		fprintf(stderr, "aftershock: out of memory\n");
		return false;
	}
	bool good = sim_cli_explore_parts(cli, seed, options, explored);
	explored->interrupted = sim_cli_watch_was_interrupted();
	if (explored->hung) {
		struct sim_run_result *run = &explored->outcome.run;
		snprintf(run->invariant, sizeof run->invariant, "subject_hung");
		snprintf(run->detail, sizeof run->detail, "no end after %u seconds", cli->sweep.hang_seconds);
	}
	explored->processor_s = sim_processor_time_of_children_s() - before_s;
	if (!good || explored->totals.out_of_memory) {
		fprintf(stderr, "aftershock: explore: %s\n",
		        explored->totals.out_of_memory ? "out of memory" : "a process cannot be started, or has died");
		return false;
	}
	return true;
}

bool sim_cli_explore_all(struct sim_cli *cli, uint64_t seed, const struct sim_branch_options *options,
                         struct sim_cli_explored *explored) {
	return sim_cli_explore_parts_of(cli, seed, options, options->parts, explored);
}

void sim_cli_explored_free(struct sim_cli_explored *explored) {
	free(explored->images);
	explored->images = NULL;
}
