/* sim/cli/cli_replay.c: one seed again, twice, each time in a process of its own. When the two
 * differ, the test bed itself has failed. The first run is silent and has a time limit, like a run
 * of a sweep. The second prints what was asked for, and waits for whoever reads it. */
#include "cli_replay.h"

#include "cell.h"
#include "cli_target.h"
#include "plan_text.h"
#include "results.h"
#include "sweep_json.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is known of the run from before. */
struct sim_cli_recorded {
	const char *verdict;
	const char *trace_hash;
	struct sim_results_row row; /* what the two point into when they come from a results database */
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
	struct sim_sweep_case about = sim_sweep_case_of(0, seed, run);
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
		printf("nondeterministic: two runs of this very seed differ, which is a fault of the test bed or of "
		       "the "
		       "subject\n");
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
	bool expects = cli->expect_hash != NULL || cli->expect_verdict != NULL;
	if (cli->results_path != NULL && (expects || cli->sweep.plan_path != NULL)) {
		fprintf(stderr,
		        "aftershock: --results: expected either this or --expect-verdict and --expect-hash, and "
		        "no --plan\n");
		return false;
	}
	return true;
}

static int sim_cli_replay_seed(struct sim_cli *cli, uint64_t seed, const struct sim_cli_recorded *recorded) {
	static struct sim_cli_outcome first;
	static struct sim_cli_outcome second;
	struct sim_cli_job job = {.options.until_event = cli->until_event, .limit_s = cli->sweep.hang_seconds};
	job.options.plan = cli->sweep.plan_path != NULL ? sim_cli_target_plan() : NULL;
	bool started = sim_cli_run_once(cli, seed, &job, &first);
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
