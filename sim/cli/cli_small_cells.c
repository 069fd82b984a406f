/* sim/cli/cli_small_cells.c: see cli_small_cells.h. A process explores a portion: a cell, or what
 * is left of it before and behind a workload in which the subject has crashed. So the sums are
 * the same whoever shares the work. */
#include "cli_small_cells.h"

#include "cell.h"
#include "cli_watch.h"
#include "ended.h"
#include "plugin.h"
#include "processor_time.h"
#include "run.h"
#include "small.h"
#include "sweep.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Workloads `from` to `to` - 1 of a cell, counted from 0. */
struct sim_cli_portion {
	uint32_t cell;
	uint64_t from;
	uint64_t to;
};

struct sim_cli_portions {
	struct sim_cli_portion *list; /* the last one is next */
	size_t count;
	size_t room;
};

/* What a process has to say beside the sums of crash states. */
struct sim_cli_portion_record {
	uint64_t explored;
	uint64_t runs_hash;
	struct sim_branch_totals runs; /* violations of the runs themselves */
	char why[200];                 /* it could not go on; empty: it could */
};

struct sim_cli_portion_process {
	uint32_t number;
	const struct sim_cli_small *small;
	struct sim_cli_portion portion;
	struct sim_branches *branches;
	FILE *file;
	pid_t pid; /* 0: none is running */
};

uint64_t sim_cli_small_workloads(const struct sim_cli *cli) {
	uint64_t sum = 0;
	for (uint32_t i = 0; i < cli->sweep.scenario_count; i++) {
		sum += sim_small_count(cli->sweep.scenarios[i]);
	}
	return sum;
}

/* ---- in a process that explores -------------------------------------------------------------- */

static bool sim_cli_small_goes_on(void *context, const char *path) {
	const struct sim_cli_portion_process *process = context;
	return sim_cli_watch_state(process->number, path);
}

static const char *sim_cli_small_excuse(void *context, const char *invariant, const char *detail) {
	static struct sim_run_result run;
	const struct sim_cli_portion_process *process = context;
	run.verdict = SIM_VIOLATED;
	snprintf(run.invariant, sizeof run.invariant, "%s", invariant);
	snprintf(run.detail, sizeof run.detail, "%s", detail);
	return sim_cell_excuse_name(&process->small->cli->sweep, process->portion.cell, &run);
}

/* Of the run, and of no crash state of it. */
static void sim_cli_small_note_run(struct sim_cli_portion_process *process, uint64_t run,
                                   const struct sim_run_result *result, struct sim_branch_totals *totals) {
	struct sim_branch_found found = {.count = 1, .run = run, .where = "the run itself"};
	if (result->verdict != SIM_VIOLATED) {
		return;
	}
	memcpy(found.invariant, result->invariant, sizeof found.invariant);
	memcpy(found.detail, result->detail, sizeof found.detail);
	snprintf(found.finding, sizeof found.finding, "%s",
	         sim_cli_small_excuse(process, found.invariant, found.detail));
	totals->violations++;
	totals->excused += found.finding[0] != '\0' ? 1 : 0;
	sim_branch_note(totals, &found);
}

/* One workload: by itself, unless states are only counted, and beside its crash states. False when
 * nothing more is to be done. */
static bool sim_cli_small_workload(struct sim_cli_portion_process *process, uint64_t seed,
                                   const struct aftershock_subject *subject, struct sim_cli_portion_record *record) {
	static struct sim_run_result alone;
	static struct sim_run_result beside;
	const struct sim_scenario *scenario = process->small->cli->sweep.scenarios[process->portion.cell];
	const struct sim_run_options options = {.branches = process->branches};
	uint64_t run = (uint64_t)process->portion.cell << 32 | seed;
	sim_cli_watch_run(process->number, seed);
	if (!sim_cli_watch_state(process->number, "")) {
		return false;
	}
	if (!process->small->options.counts) {
		sim_run(scenario, seed, subject, NULL, &alone);
	}
	sim_branch_next_run(process->branches, run);
	sim_run(scenario, seed, subject, &options, &beside);
	if (process->small->options.counts) {
		alone = beside;
	}
	if (alone.verdict == SIM_HARNESS_FAILED || beside.verdict == SIM_HARNESS_FAILED) {
		snprintf(record->why, sizeof record->why, "%.190s",
		         alone.verdict == SIM_HARNESS_FAILED ? alone.detail : beside.detail);
		return false;
	}
	if (memcmp(alone.trace_hash, beside.trace_hash, sizeof alone.trace_hash) != 0) {
		snprintf(record->why, sizeof record->why,
		         "seed %llu: the run beside its crash states is another one than by itself",
		         (unsigned long long)seed);
		return false;
	}
	const struct sim_branch_totals *totals = sim_branch_totals(process->branches);
	if (totals->is_partial) {
		return false;
	}
	sim_cli_small_note_run(process, run, &alone, &record->runs);
	record->explored++;
	record->runs_hash = (record->runs_hash ^ alone.trace_hash[0] ^ alone.trace_hash[1]) * 0x9e3779b97f4a7c15u;
	return !totals->out_of_memory &&
	       !(process->small->options.stops && record->runs.violations > record->runs.excused);
}

/* The number of the first workload of a cell over all cells. */
static uint64_t sim_cli_small_before(const struct sim_cli *cli, uint32_t cell) {
	uint64_t sum = 0;
	for (uint32_t i = 0; i < cell; i++) {
		sum += sim_small_count(cli->sweep.scenarios[i]);
	}
	return sum;
}

static void sim_cli_small_portion(struct sim_cli_portion_process *process, struct sim_cli_portion_record *record) {
	const struct sim_cli_small *small = process->small;
	const struct sim_cli_portion *portion = &process->portion;
	const struct aftershock_subject *subject = NULL;
	const char *path = small->cli->sweep.subject_path;
	uint64_t before = sim_cli_small_before(small->cli, portion->cell);
	if (!sim_run_init()) {
		snprintf(record->why, sizeof record->why, "SQLite cannot be set up for simulation");
	} else if (path != NULL) {
		subject = sim_plugin_load(path, record->why, sizeof record->why);
	}
	bool goes_on = record->why[0] == '\0';
	for (uint64_t i = portion->from; i < portion->to && goes_on; i++) {
		if ((before + i) % small->every == small->first) {
			goes_on = sim_cli_small_workload(process, i + 1, subject, record);
		}
	}
}

/* Its exit status where the test bed has failed, and not the subject. */
#define SIM_CLI_SMALL_FAILED 103

static int sim_cli_small_child(struct sim_cli_portion_process *process) {
	static struct sim_cli_portion_record record;
	struct sim_branch_options own = process->small->options;
	own.goes_on = sim_cli_small_goes_on;
	own.excuse = sim_cli_small_excuse;
	own.context = process;
	own.parts = 1;
	process->branches = sim_branch_create(&own);
	/* What the subject prints is no part of the result. */
	if (process->branches == NULL || dup2(STDERR_FILENO, STDOUT_FILENO) < 0) {
		return SIM_CLI_SMALL_FAILED;
	}
	sim_cli_small_portion(process, &record);
	sim_cli_watch_rest(process->number);
	sim_cli_joined_write(process->branches, process->file);
	bool written = fwrite(&record, sizeof record, 1, process->file) == 1 && fflush(process->file) == 0 &&
	               ferror(process->file) == 0;
	return written ? 0 : SIM_CLI_SMALL_FAILED;
}

/* ---- portions -------------------------------------------------------------------------------- */

static bool sim_cli_small_push(struct sim_cli_small *small, struct sim_cli_portions *portions,
                               const struct sim_cli_portion *portion) {
	if (portion->from >= portion->to) {
		return true;
	}
	if (portions->count == portions->room) {
		size_t room = portions->room == 0 ? 64 : portions->room * 2;
		struct sim_cli_portion *list = realloc(portions->list, room * sizeof list[0]);
		if (list == NULL) {
			return false;
		}
		portions->list = list;
		portions->room = room;
	}
	portions->list[portions->count++] = *portion;
	small->cells[portion->cell].pending++;
	return true;
}

static bool sim_cli_small_begin(struct sim_cli_portion_process *process, const struct sim_cli_small *small,
                                const struct sim_cli_portion *portion) {
	process->small = small;
	process->portion = *portion;
	process->file = tmpfile();
	fflush(stdout);
	process->pid = process->file != NULL ? fork() : -1;
	if (process->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		sim_cli_watch_ignore_signals();
		_exit(sim_cli_small_child(process));
	}
	if (process->pid < 0 && process->file != NULL) {
		fclose(process->file);
	}
	return process->pid > 0;
}

static uint64_t sim_cli_small_points(const struct sim_branch_totals *totals) {
	uint64_t points = 0;
	for (int phase = 0; phase < VFS_PHASE_COUNT; phase++) {
		points += totals->points[phase];
	}
	return points;
}

/* The sums of a process that has come to its end. */
static bool sim_cli_small_take(struct sim_cli_small *small, struct sim_cli_portion_process *process) {
	static struct sim_cli_joined own;
	static struct sim_cli_portion_record record;
	struct sim_cli_small_cell *cell = &small->cells[process->portion.cell];
	rewind(process->file);
	bool good = sim_cli_joined_read(&own, process->file);
	rewind(process->file);
	good = good && sim_cli_joined_read(&small->joined, process->file) &&
	       fread(&record, sizeof record, 1, process->file) == 1;
	if (good) {
		sim_cli_joined_add(&small->joined.totals, &record.runs);
		sim_cli_joined_end(&own);
		cell->explored += record.explored;
		cell->points += sim_cli_small_points(&own.totals);
		cell->states += own.totals.judged;
		cell->images += own.totals.images;
		cell->recovered += own.totals.recovered;
		cell->refused += own.totals.refused;
		cell->violations += own.totals.violations + record.runs.violations;
		cell->excused += own.totals.excused + record.runs.excused;
		cell->runs_hash ^= record.runs_hash;
	}
	sim_cli_joined_free(&own);
	if (!good || small->joined.totals.out_of_memory) {
		fprintf(stderr, "aftershock: explore: out of memory\n");
		return false;
	}
	if (record.why[0] != '\0') {
		char name[SIM_SWEEP_NAME_SIZE];
		sim_sweep_name(small->cli->sweep.scenarios[process->portion.cell], name);
		fprintf(stderr, "aftershock: explore: %s: %s\n", name, record.why);
	}
	return record.why[0] == '\0';
}

/* The subject has crashed or hung in a workload: that one is violated, and the others of the
 * portion are explored anew. */
static bool sim_cli_small_lose(struct sim_cli_small *small, struct sim_cli_portions *portions,
                               const struct sim_cli_portion_process *process, int status) {
	const struct sim_cli_portion *portion = &process->portion;
	uint64_t seed = sim_cli_watch_run_at(process->number);
	bool hung = sim_cli_watch_take_hung(process->number);
	struct sim_branch_found found = {
	        .count = 1, .run = (uint64_t)portion->cell << 32 | seed, .where = "the life of a state"};
	snprintf(found.path, sizeof found.path, "%s", sim_cli_watch_at(process->number));
	snprintf(found.invariant, sizeof found.invariant, hung ? "subject_hung" : "subject_crashed");
	if (hung) {
		snprintf(found.detail, sizeof found.detail, "no end after %u seconds", small->cli->sweep.hang_seconds);
	} else {
		(void)sim_ended_text(status, found.detail);
	}
	small->joined.totals.is_partial = true;
	small->joined.totals.violations++;
	small->cells[portion->cell].violations++;
	sim_branch_note(&small->joined.totals, &found);
	const struct sim_cli_portion behind = {portion->cell, seed, portion->to};
	const struct sim_cli_portion before = {portion->cell, portion->from, seed - 1};
	bool was_begun = seed > portion->from && seed <= portion->to;
	return was_begun && sim_cli_small_push(small, portions, &behind) &&
	       sim_cli_small_push(small, portions, &before);
}

static bool sim_cli_small_fail(void) {
	fprintf(stderr, "aftershock: --all-small: out of memory, or a temporary file cannot be written\n");
	return false;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static struct sim_cli_portion_process *sim_cli_small_find(struct sim_cli_portion_process *processes, uint32_t count,
                                                          pid_t pid) {
	for (uint32_t i = 0; i < count; i++) {
		if (processes[i].pid == pid) {
			return &processes[i];
		}
	}
	return NULL;
}

/* Waits until one of them has ended, and takes what it has. */
static bool sim_cli_small_wait(struct sim_cli_small *small, struct sim_cli_portions *portions,
                               struct sim_cli_portion_process *processes) {
	int status = 0;
	pid_t pid = waitpid(-1, &status, 0);
	struct sim_cli_portion_process *process =
	        pid > 0 ? sim_cli_small_find(processes, small->cli->sweep.jobs, pid) : NULL;
	if (process == NULL) {
		return pid > 0 || errno == EINTR;
	}
	bool ended = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	bool failed = WIFEXITED(status) && WEXITSTATUS(status) == SIM_CLI_SMALL_FAILED;
	bool good = ended    ? sim_cli_small_take(small, process)
	            : failed ? sim_cli_small_fail()
	                     : sim_cli_small_lose(small, portions, process, status);
	small->cells[process->portion.cell].pending--;
	fclose(process->file);
	process->pid = 0;
	const struct sim_branch_totals *totals = &small->joined.totals;
	if (!good || (small->options.stops && totals->violations > totals->excused)) {
		sim_cli_watch_end_all();
	}
	return good;
}

/* The next portion gets a process. */
static bool sim_cli_small_begin_next(struct sim_cli_small *small, struct sim_cli_portions *portions,
                                     struct sim_cli_portion_process *processes) {
	struct sim_cli_portion_process *process = sim_cli_small_find(processes, small->cli->sweep.jobs, 0);
	process->number = (uint32_t)(process - processes);
	if (sim_cli_small_begin(process, small, &portions->list[--portions->count])) {
		return true;
	}
	fprintf(stderr, "aftershock: explore: a process cannot be started\n");
	process->pid = 0;
	sim_cli_watch_end_all();
	return false;
}

/* Cells that are done, each behind the one before it. */
static void sim_cli_small_tell_done(const struct sim_cli_small *small, uint32_t *told) {
	while (*told < small->cli->sweep.scenario_count && small->cells[*told].pending == 0) {
		small->told(small, (*told)++);
	}
}

static uint32_t sim_cli_small_running(const struct sim_cli_small *small,
                                      const struct sim_cli_portion_process *processes) {
	uint32_t running = 0;
	for (uint32_t i = 0; i < small->cli->sweep.jobs; i++) {
		running += processes[i].pid > 0 ? 1 : 0;
	}
	return running;
}

static bool sim_cli_small_run(struct sim_cli_small *small, struct sim_cli_portions *portions) {
	static struct sim_cli_portion_process processes[SIM_SWEEP_JOBS_MAX];
	uint32_t told = 0;
	bool good = true;
	for (;;) {
		uint32_t running = sim_cli_small_running(small, processes);
		bool begins = portions->count > 0 && running < small->cli->sweep.jobs && !sim_cli_watch_are_ended();
		if (!begins && running == 0) {
			break;
		}
		good = (begins ? sim_cli_small_begin_next(small, portions, processes)
		               : sim_cli_small_wait(small, portions, processes)) &&
		       good;
		if (small->told != NULL) {
			sim_cli_small_tell_done(small, &told);
		}
	}
	small->joined.totals.is_partial |= portions->count > 0;
	return good;
}

bool sim_cli_small_explore(struct sim_cli_small *small) {
	struct sim_cli_portions portions = {0};
	double before_s = sim_processor_time_of_children_s();
	bool good = sim_cli_watch_begin(small->cli->sweep.hang_seconds);
	assert(small->every >= 1 && small->first < small->every);
	for (uint32_t i = small->cli->sweep.scenario_count; i > 0 && good; i--) {
		const struct sim_cli_portion portion = {i - 1, 0, sim_small_count(small->cli->sweep.scenarios[i - 1])};
		good = sim_cli_small_push(small, &portions, &portion);
	}
	if (!good) {
		fprintf(stderr, "aftershock: out of memory\n");
	}
	good = good && sim_cli_small_run(small, &portions);
	free(portions.list);
	sim_cli_joined_end(&small->joined);
	small->processor_s = sim_processor_time_of_children_s() - before_s;
	return good;
}
