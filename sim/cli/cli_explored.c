/* sim/cli/cli_explored.c: an exploration with several processes. Each goes through the whole run,
 * and explores every so many-th moment of it. What they have found is joined: sums, and lists of
 * images without what is there twice. So the result does not depend on how many there are. */
#include "cli_explored.h"

#include "cell.h"
#include "recovery.h"
#include "sweep.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Shared with the process in which the subject runs. */
struct sim_cli_exploring {
	volatile sig_atomic_t ends; /* asked for: no further state is begun */
	uint32_t hang_seconds;
	volatile sig_atomic_t hung;                        /* a life did not end */
	char at[SIM_SWEEP_JOBS_MAX][SIM_BRANCH_PATH_SIZE]; /* by part: the state that is judged */
};

static struct sim_cli_exploring *sim_cli_exploring;

struct sim_cli_part {
	uint32_t number;
	const struct sim_sweep_options *sweep;
	struct sim_branches *branches;
	FILE *file;  /* what it came to */
	bool traces; /* the events of the one state are printed */
};

static void sim_cli_explore_interrupt(int signal_number) {
	(void)signal_number;
	sim_cli_exploring->ends = 1;
}

/* The life of a state does not end: this process does. */
static void sim_cli_explore_hung(int signal_number) {
	sim_cli_exploring->hung = 1;
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

/* Before each state, and before each moment of the run. */
static bool sim_cli_explore_goes_on(void *context, const char *path) {
	const struct sim_cli_part *part = context;
	snprintf(sim_cli_exploring->at[part->number], SIM_BRANCH_PATH_SIZE, "%s", path);
	signal(SIGALRM, sim_cli_explore_hung);
	alarm(sim_cli_exploring->hang_seconds);
	return sim_cli_exploring->ends == 0;
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
	if (part->traces) {
		sim_branch_trace_to(part->branches, out);
	}
	(void)sim_cli_explore_goes_on(context, "");
}

/* In the process of the run, at its end. */
static void sim_cli_explore_ended(void *context) {
	const struct sim_cli_part *part = context;
	const struct sim_branch_totals *totals = sim_branch_totals(part->branches);
	uint64_t *images = sim_branch_images(part->branches);
	uint64_t *recovered = sim_branch_recovered(part->branches);
	uint64_t *compared = sim_branch_compared(part->branches);
	alarm(0);
	sim_cli_exploring->at[part->number][0] = '\0';
	if (images != NULL && recovered != NULL && compared != NULL) {
		fwrite(totals, sizeof *totals, 1, part->file);
		fwrite(images, sizeof images[0], (size_t)totals->images, part->file);
		fwrite(recovered, sizeof recovered[0], (size_t)totals->recovered, part->file);
		fwrite(compared, sizeof compared[0], (size_t)totals->compared, part->file);
	}
	fflush(part->file);
	free(images);
	free(recovered);
	free(compared);
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
		signal(SIGINT, SIG_IGN);
		signal(SIGTERM, SIG_IGN);
		_exit(sim_cli_explore_part(cli, seed, options, part));
	}
	return pid;
}

/* ---- together -------------------------------------------------------------------------------- */

/* Joins two ascending lists. False when out of memory. */
static bool sim_cli_join(uint64_t **list, uint64_t *count, const uint64_t *more, uint64_t more_count) {
	uint64_t *joined = malloc((size_t)(*count + more_count + 1) * sizeof joined[0]);
	uint64_t size = 0;
	for (uint64_t i = 0, j = 0; joined != NULL && (i < *count || j < more_count);) {
		bool takes_first = j == more_count || (i < *count && (*list)[i] <= more[j]);
		uint64_t next = takes_first ? (*list)[i++] : more[j++];
		if (size == 0 || joined[size - 1] != next) {
			joined[size++] = next;
		}
	}
	if (joined == NULL) {
		return false;
	}
	free(*list);
	*list = joined;
	*count = size;
	return true;
}

static int sim_cli_compare_found(const void *left, const void *right) {
	const struct sim_branch_found *a = left;
	const struct sim_branch_found *b = right;
	return a->order < b->order ? -1 : a->order > b->order ? 1 : 0;
}

static void sim_cli_join_totals(struct sim_branch_totals *totals, const struct sim_branch_totals *part) {
	totals->moments = part->moments > totals->moments ? part->moments : totals->moments;
	for (int phase = 0; phase < VFS_PHASE_COUNT; phase++) {
		totals->points[phase] += part->points[phase];
	}
	totals->nested_points += part->nested_points;
	totals->passed_over += part->passed_over;
	totals->states += part->states;
	totals->duplicates += part->duplicates;
	totals->judged += part->judged;
	totals->nested += part->nested;
	totals->kills += part->kills;
	totals->loaded += part->loaded;
	totals->refused += part->refused;
	totals->violations += part->violations;
	totals->excused += part->excused;
	totals->is_partial |= part->is_partial;
	totals->out_of_memory |= part->out_of_memory;
	for (uint32_t i = 0; i < part->found_count; i++) {
		sim_branch_note(totals, &part->found[i]);
	}
}

static uint64_t *sim_cli_read_list(FILE *file, uint64_t count) {
	uint64_t *list = malloc((size_t)(count + 1) * sizeof list[0]);
	if (list != NULL && fread(list, sizeof list[0], (size_t)count, file) != count) {
		free(list);
		list = NULL;
	}
	return list;
}

/* A list of hashes, ascending. */
struct sim_cli_hashes {
	uint64_t *list;
	uint64_t count;
};

/* What is counted when all parts are joined. */
struct sim_cli_joined {
	struct sim_cli_hashes recovered;
	struct sim_cli_hashes compared;
};

static bool sim_cli_join_list(struct sim_cli_hashes *hashes, FILE *file, uint64_t count) {
	uint64_t *more = sim_cli_read_list(file, count);
	bool joined = more != NULL && sim_cli_join(&hashes->list, &hashes->count, more, count);
	free(more);
	return joined;
}

/* False when there is nothing to be had. A part whose subject has crashed has an outcome, and
 * nothing else. */
static bool sim_cli_join_part(struct sim_cli_explored *explored, struct sim_cli_joined *joined, FILE *file) {
	static struct sim_branch_totals part;
	static struct sim_cli_outcome outcome;
	long size = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : 0;
	bool read = size >= (long)sizeof outcome && fseek(file, size - (long)sizeof outcome, SEEK_SET) == 0 &&
	            fread(&outcome, sizeof outcome, 1, file) == 1;
	bool has_totals = read && size > (long)sizeof outcome;
	rewind(file);
	if (!read || !has_totals) {
		explored->outcome = read && explored->outcome.run.verdict != SIM_VIOLATED ? outcome : explored->outcome;
		explored->totals.is_partial = true;
		return read;
	}
	struct sim_cli_hashes images = {explored->images, explored->totals.images};
	read = fread(&part, sizeof part, 1, file) == 1 && sim_cli_join_list(&images, file, part.images) &&
	       sim_cli_join_list(&joined->recovered, file, part.recovered) &&
	       sim_cli_join_list(&joined->compared, file, part.compared);
	explored->images = images.list;
	explored->totals.images = images.count;
	if (read) {
		sim_cli_join_totals(&explored->totals, &part);
	}
	explored->outcome = explored->outcome.run.verdict == SIM_VERDICT_NONE ? outcome : explored->outcome;
	return read;
}

/* What was seen in the images that were compared. */
static void sim_cli_count_compared(struct sim_branch_totals *totals, const uint64_t *compared, uint64_t count) {
	totals->compared = totals->played = totals->replayed = totals->no_database = totals->interrupted = 0;
	/* An image that was compared in several parts may have been interrupted in one of them
	 * alone. */
	for (uint64_t i = 0, next = 0; i < count; i = next) {
		uint64_t seen = 0;
		for (; next < count && ((compared[next] ^ compared[i]) & ~(uint64_t)SIM_RECOVERY_SEEN_MASK) == 0;
		     next++) {
			seen |= compared[next];
		}
		totals->compared++;
		totals->played += (seen & SIM_RECOVERY_PLAYED) != 0 ? 1 : 0;
		totals->replayed += (seen & SIM_RECOVERY_REPLAYED) != 0 ? 1 : 0;
		totals->interrupted += (seen & SIM_RECOVERY_INTERRUPTED) != 0 ? 1 : 0;
		totals->no_database += (seen & SIM_RECOVERY_REFUSED) != 0 ? 1 : 0;
	}
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

static double sim_cli_processor_s(void) {
	struct rusage usage = {0};
	getrusage(RUSAGE_CHILDREN, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void sim_cli_listen_for_interrupts(void) {
	struct sigaction action = {.sa_handler = sim_cli_explore_interrupt};
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

/* Once: whoever interrupts ends all that is explored. */
static bool sim_cli_share(void) {
	if (sim_cli_exploring == NULL) {
		void *shared = mmap(NULL, sizeof *sim_cli_exploring, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		                    -1, 0);
		sim_cli_exploring = shared != MAP_FAILED ? shared : NULL;
	}
	if (sim_cli_exploring != NULL) {
		sim_cli_listen_for_interrupts();
	}
	return sim_cli_exploring != NULL;
}

static bool sim_cli_explore_parts(struct sim_cli *cli, uint64_t seed, const struct sim_branch_options *options,
                                  struct sim_cli_explored *explored) {
	static struct sim_cli_part parts[SIM_SWEEP_JOBS_MAX];
	static pid_t pids[SIM_SWEEP_JOBS_MAX];
	struct sim_cli_joined joined = {0};
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
			memcpy(explored->at, sim_cli_exploring->at[i], sizeof explored->at);
		}
	}
	explored->totals.recovered = joined.recovered.count;
	sim_cli_count_compared(&explored->totals, joined.compared.list, joined.compared.count);
	free(joined.recovered.list);
	free(joined.compared.list);
	return good;
}

bool sim_cli_explore_parts_of(struct sim_cli *cli, uint64_t seed, const struct sim_branch_options *options,
                              uint32_t processes, struct sim_cli_explored *explored) {
	double before_s = sim_cli_processor_s();
	assert(processes >= 1 && processes <= SIM_SWEEP_JOBS_MAX && options->part + processes <= options->parts);
	memset(explored, 0, sizeof *explored);
	explored->processes = processes;
	if (!sim_cli_share()) {
		fprintf(stderr, "aftershock: out of memory\n");
		return false;
	}
	sim_cli_exploring->hang_seconds = cli->sweep.hang_seconds;
	bool good = sim_cli_explore_parts(cli, seed, options, explored);
	explored->interrupted = sim_cli_exploring->ends != 0;
	if (sim_cli_exploring->hung != 0) {
		struct sim_run_result *run = &explored->outcome.run;
		snprintf(run->invariant, sizeof run->invariant, "subject_hung");
		snprintf(run->detail, sizeof run->detail, "no end after %u seconds", sim_cli_exploring->hang_seconds);
	}
	explored->processor_s = sim_cli_processor_s() - before_s;
	qsort(explored->totals.found, explored->totals.found_count, sizeof explored->totals.found[0],
	      sim_cli_compare_found);
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
