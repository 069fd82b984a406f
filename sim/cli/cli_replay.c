/* sim/cli/cli_replay.c: one seed again, twice, each time in a process of its own. The first run is
 * silent and has a time limit, like a run of a sweep. It has another environment, other addresses
 * and other memory than the second, which prints what was asked for, and waits for whoever reads
 * it. When the two differ, the subject or the test bed depends on more than the seed. */
#include "cli_replay.h"

#include "cell.h"
#include "cli_explore.h"
#include "cli_target.h"
#include "plan_text.h"
#include "results.h"
#include "sweep_json.h"
#include "worker.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIM_CLI_LINE_SIZE 1024

/* What is known of the run from before. */
struct sim_cli_recorded {
	const char *verdict;
	const char *trace_hash;
	struct sim_results_row row; /* what the two point into when they come from a results
	                             * database */
};

/* ---- comparing ------------------------------------------------------------------------------- */

/* The word for a run that was the same twice. */
static const char *sim_cli_compare(const struct sim_cli_recorded *recorded, const struct sim_run_result *run) {
	char hash[40];
	const char *verdict = sim_cli_verdict(run);
	assert(recorded->trace_hash == NULL || strlen(recorded->trace_hash) == 32);
	snprintf(hash, sizeof hash, "%016" PRIx64 "%016" PRIx64, run->trace_hash[0], run->trace_hash[1]);
	if (run->stopped) {
		return "stopped";
	}
	if (recorded->verdict == NULL && recorded->trace_hash == NULL) {
		return "unrecorded";
	}
	bool same_verdict = recorded->verdict == NULL || strcmp(recorded->verdict, verdict) == 0;
	bool same_hash = recorded->trace_hash == NULL || strcmp(recorded->trace_hash, hash) == 0;
	if (same_verdict && same_hash) {
		return "reproduced";
	}
	return !same_verdict && run->verdict == SIM_HELD ? "fixed" : "stale";
}

/* What was said on the command line, or is in the database; false after one line on stderr. */
static bool sim_cli_recall(const struct sim_cli *cli, uint64_t seed, struct sim_cli_recorded *recorded) {
	char why[SIM_SWEEP_WHY_SIZE];
	recorded->verdict = cli->expect_verdict;
	recorded->trace_hash = cli->expect_hash;
	if (cli->results_path == NULL) {
		return true;
	}
	bool found = sim_results_find(cli->results_path, &cli->sweep, seed, &recorded->row, why);
	/* The runs set SQLite up anew, in processes that are copies of this one. */
	sqlite3_shutdown();
	if (!found) {
		fprintf(stderr, "aftershock: %s\n", why);
		return false;
	}
	recorded->verdict = recorded->row.verdict;
	bool hashed = strspn(recorded->row.trace_hash, "0") != strlen(recorded->row.trace_hash);
	recorded->trace_hash = hashed ? recorded->row.trace_hash : NULL;
	return true;
}

/* ---- saying it ------------------------------------------------------------------------------- */

static void sim_cli_print_json(const struct sim_cli *cli, uint64_t seed, const struct sim_run_result *run,
                               const char *word) {
	const struct sim_sweep_key key = {.seed = seed};
	struct sim_sweep_case about = sim_sweep_case_of(&key, run);
	about.outcome = word;
	int exit_status = strcmp(word, "nondeterministic") == 0 ? SIM_CLI_HARNESS : sim_cli_status(run);
	sim_sweep_json_single(&cli->sweep, &about, run, exit_status, stdout);
}

static void sim_cli_print_word(const struct sim_cli_recorded *recorded, const char *word) {
	const char *verdict = recorded->verdict != NULL ? recorded->verdict : "unknown";
	if (strcmp(word, "stale") == 0) {
		printf("stale: recorded is %s%s%s; the generators, the subject or SQLite have changed since\n", verdict,
		       recorded->trace_hash != NULL ? ", trace hash " : "",
		       recorded->trace_hash != NULL ? recorded->trace_hash : "");
	} else if (strcmp(word, "fixed") == 0) {
		printf("fixed: recorded is %s\n", verdict);
	} else if (strcmp(word, "unrecorded") == 0) {
		printf("unrecorded: twice the same, and nothing to compare with (--results DIR, --expect-hash H)\n");
	} else if (strcmp(word, "stopped") == 0) {
		printf("stopped: before the end, nothing is compared\n");
	} else if (strcmp(word, "nondeterministic") == 0) {
		printf("nondeterministic: two runs of this very seed differ, with other memory, addresses and "
		       "environment; that is a fault of the subject or of the test bed\n");
	} else {
		printf("%s\n", word);
	}
}

static void sim_cli_print_run(const struct sim_cli *cli, uint64_t seed, const struct sim_cli_outcome *outcome) {
	const struct sim_run_result *run = &outcome->run;
	char name[SIM_SWEEP_NAME_SIZE];
	sim_sweep_name(cli->sweep.scenarios[0], name);
	if (run->contract[0] != '\0') {
		printf("contract: %s\n", run->contract);
	}
	printf("%s@0x%" PRIx64 ": %s", name, seed, sim_sweep_verdict_name(run->verdict));
	if (run->verdict == SIM_VIOLATED && outcome->ended) {
		printf(" %s at event %" PRIu64 ": %s", run->invariant, run->event, run->detail);
	} else if (run->verdict != SIM_HELD) {
		printf(" %s: %s", run->invariant, run->detail);
	}
	fputc('\n', stdout);
	const char *excuse = sim_cell_excuse_name(&cli->sweep, 0, run);
	if (excuse[0] != '\0') {
		printf("finding: %s\n", excuse);
	}
	if (outcome->ended) {
		printf("trace hash %016" PRIx64 "%016" PRIx64 "; %" PRIu64 " steps, %" PRIu64 " updates, %" PRIu64
		       " faults, %" PRIu64 " starts, %" PRIu64 " ns of virtual time\n",
		       run->trace_hash[0], run->trace_hash[1], run->steps, run->updates, run->faults, run->restarts,
		       run->virtual_ns);
	}
}

/* ---- the verb -------------------------------------------------------------------------------- */

static bool sim_cli_check_replay(const struct sim_cli *cli) {
	if (!sim_cli_check_target(cli, "replay")) {
		return false;
	}
	if (cli->dump_path != NULL && mkdir(cli->dump_path, 0777) != 0 && errno != EEXIST) {
		fprintf(stderr, "aftershock: --dump %s: %s\n", cli->dump_path, strerror(errno));
		return false;
	}
	if (cli->dump_path != NULL && access(cli->dump_path, W_OK | X_OK) != 0) {
		fprintf(stderr, "aftershock: --dump %s: expected a directory that can be written to\n", cli->dump_path);
		return false;
	}
	if (cli->json && (cli->trace || cli->print_plan || cli->print_schedule)) {
		fprintf(stderr,
		        "aftershock: --json: expected without --trace, --print-plan and --print-schedule, which "
		        "print text\n");
		return false;
	}
	if (cli->sweep.second_path != NULL) {
		fprintf(stderr, "aftershock: --second-sqlite: expected with the name of a crash state, "
		                "SCENARIO@SEED/POINT/STATE\n");
		return false;
	}
	bool expects = cli->expect_hash != NULL || cli->expect_verdict != NULL;
	if (cli->results_path != NULL && (expects || cli->sweep.plan_path != NULL)) {
		fprintf(stderr,
		        "aftershock: --results: expected either this or --expect-verdict and --expect-hash, and "
		        "no --plan\n");
		return false;
	}
	return true;
}

/* The run in a process that begins anew, on other ground. */
static bool sim_cli_run_elsewhere(const struct sim_cli *cli, uint64_t seed, const char *trace_path, bool other,
                                  struct sim_cli_outcome *outcome) {
	static struct sim_worker_record record;
	static struct sim_worker_job job;
	const struct sim_worker_origin origin = {.subject_path = cli->sweep.subject_path,
	                                         .vfs_path = cli->sweep.vfs_path,
	                                         .specs = cli->sweep.specs,
	                                         .spec_count = cli->sweep.spec_count,
	                                         .branches_given = cli->sweep.branches_given,
	                                         .branches = cli->sweep.branches,
	                                         .on_other_ground = other};
	job = (struct sim_worker_job){.count = 1, .seed = seed, .step = 1, .until_event = cli->until_event};
	snprintf(job.plan_path, sizeof job.plan_path, "%s", cli->sweep.plan_path != NULL ? cli->sweep.plan_path : "");
	snprintf(job.trace_path, sizeof job.trace_path, "%s", trace_path != NULL ? trace_path : "");
	memset(outcome, 0, sizeof *outcome);
	if (!sim_worker_run(&origin, &job, cli->sweep.hang_seconds, &record)) {
		return false;
	}
	snprintf(outcome->why, sizeof outcome->why, "%s", record.kind == SIM_WORKER_READY ? record.text : "");
	outcome->ended = record.kind == SIM_WORKER_ENDED;
	outcome->run = record.result;
	return true;
}

/* Where two traces part: the line of each, without the one that says how the run ended. False when
 * they do not. */
static bool sim_cli_first_difference(FILE *one, FILE *two, char lines[2][SIM_CLI_LINE_SIZE]) {
	bool more = one != NULL && two != NULL;
	while (more) {
		lines[0][0] = lines[1][0] = '\0';
		more = fgets(lines[0], SIM_CLI_LINE_SIZE, one) != NULL;
		more = fgets(lines[1], SIM_CLI_LINE_SIZE, two) != NULL || more;
		lines[0][strcspn(lines[0], "\n")] = lines[1][strcspn(lines[1], "\n")] = '\0';
		if (strcmp(lines[0], lines[1]) != 0) {
			return true;
		}
	}
	return false;
}

/* The same two runs once more, now with their traces. */
static bool sim_cli_trace_both(const struct sim_cli *cli, uint64_t seed, char lines[2][SIM_CLI_LINE_SIZE]) {
	static struct sim_cli_outcome outcome;
	char directory[] = "/tmp/aftershock-XXXXXX";
	char paths[2][sizeof directory + 8];
	FILE *traces[2] = {NULL, NULL};
	if (mkdtemp(directory) == NULL) {
		return false;
	}
	for (int i = 0; i < 2; i++) {
		snprintf(paths[i], sizeof paths[i], "%s/%d", directory, i);
		sim_cli_run_elsewhere(cli, seed, paths[i], i == 0, &outcome);
		traces[i] = fopen(paths[i], "r");
	}
	bool found = sim_cli_first_difference(traces[0], traces[1], lines);
	for (int i = 0; i < 2; i++) {
		if (traces[i] != NULL) {
			fclose(traces[i]);
		}
		unlink(paths[i]);
	}
	rmdir(directory);
	return found;
}

/* What a run depends on beside its seed shows first at one event. */
static void sim_cli_print_difference(const struct sim_cli *cli, uint64_t seed) {
	static char lines[2][SIM_CLI_LINE_SIZE];
	if (sim_cli_trace_both(cli, seed, lines)) {
		printf("the first event that differs:\n  %s\n  %s\n", lines[0][0] != '\0' ? lines[0] : "(the end)",
		       lines[1][0] != '\0' ? lines[1] : "(the end)");
	} else {
		printf("run twice more, with their traces, the two were the same\n");
	}
}

static int sim_cli_replay_seed(struct sim_cli *cli, uint64_t seed, const struct sim_cli_recorded *recorded) {
	static struct sim_cli_outcome first;
	static struct sim_cli_outcome second;
	struct sim_cli_job job = {.options.until_event = cli->until_event};
	job.options.plan = cli->sweep.plan_path != NULL ? sim_cli_target_plan() : NULL;
	bool started = sim_cli_run_elsewhere(cli, seed, NULL, true, &first);
	if (started && first.why[0] != '\0') {
		fprintf(stderr, "aftershock: %s\n", first.why);
		return SIM_CLI_USAGE;
	}
	bool hung = !first.ended && strcmp(first.run.invariant, "subject_hung") == 0;
	job.options.trace = cli->trace ? stdout : NULL;
	job.options.dump_path = cli->dump_path;
	job.limit_s = hung ? cli->sweep.hang_seconds : 0;
	if (!started || !sim_cli_run_once(cli, seed, &job, &second)) {
		fprintf(stderr, "aftershock: a process for the replay cannot be started\n");
		return SIM_CLI_HARNESS;
	}
	bool same = sim_cli_same(&first, &second);
	const char *word = same ? sim_cli_compare(recorded, &second.run) : "nondeterministic";
	if (cli->json) {
		sim_cli_print_json(cli, seed, &second.run, word);
	} else {
		sim_cli_print_run(cli, seed, &second);
		sim_cli_print_word(recorded, word);
	}
	if (!same && !cli->json) {
		sim_cli_print_difference(cli, seed);
	}
	return same ? sim_cli_status(&second.run) : SIM_CLI_HARNESS;
}

static int sim_cli_replay_schedule(struct sim_cli *cli, uint64_t seed) {
	static struct sim_cli_outcome outcome;
	struct sim_cli_job job = {.options.schedule = stdout, .limit_s = cli->sweep.hang_seconds};
	job.options.plan = cli->sweep.plan_path != NULL ? sim_cli_target_plan() : NULL;
	if (!sim_cli_run_once(cli, seed, &job, &outcome) || !outcome.ended) {
		fprintf(stderr, "aftershock: %s\n", outcome.why[0] != '\0' ? outcome.why : "the run did not end");
		return SIM_CLI_HARNESS;
	}
	if (outcome.run.processes == 0) {
		fprintf(stderr,
		        "aftershock: --print-schedule: a run of one process, expected a scenario with processes\n");
		return SIM_CLI_USAGE;
	}
	return SIM_CLI_OK;
}

int sim_cli_replay(struct sim_cli *cli) {
	static struct sim_cli_recorded recorded;
	uint64_t seed = 0;
	if (sim_cli_cut_state(cli)) {
		return sim_cli_explore_one(cli);
	}
	if (!sim_cli_check_replay(cli)) {
		return SIM_CLI_USAGE;
	}
	if (!sim_cli_load_target(cli, &seed) || !sim_cli_recall(cli, seed, &recorded)) {
		return SIM_CLI_USAGE;
	}
	if (cli->print_schedule) {
		return sim_cli_replay_schedule(cli, seed);
	}
	if (!cli->print_plan) {
		return sim_cli_replay_seed(cli, seed, &recorded);
	}
	sim_plan_text_print(sim_cli_target_plan(), stdout);
	return SIM_CLI_OK;
}
