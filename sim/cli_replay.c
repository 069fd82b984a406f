/* sim/cli_replay.c: one seed again, twice, each time in a process of its own: what a crash of the subject leaves behind cannot
 * reach the second run, and a difference between the two is the test bed's own failure. The first run is silent and has a time
 * limit, like a run of a sweep; the second prints what was asked for, and waits for whoever reads it. */
#include "cell.h"
#include "cli.h"
#include "plan.h"
#include "results.h"
#include "worker.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct sim_cli_outcome {
	bool ended;    /* a result came back */
	char why[240]; /* the run could not begin */
	struct sim_run_result run;
};

/* What is known of the run from before. */
struct sim_cli_recorded {
	const char *verdict;
	const char *trace_hash;
	struct sim_results_row row; /* what the two point into when they come from a results database */
};

/* The plan that --plan and --print-plan are about. */
static struct sim_plan sim_cli_plan;

/* ---- one run --------------------------------------------------------------------------------------------------------- */

static void sim_cli_child(struct sim_cli *cli, uint64_t seed, bool talks, int fd) {
	static struct sim_cli_outcome outcome;
	struct sim_run_options options = {.until_event = cli->until_event};
	const struct aftershock_subject *subject = NULL;
	options.trace = talks && cli->trace ? stdout : NULL;
	options.plan = cli->sweep.plan_path != NULL ? &sim_cli_plan : NULL;
	options.dump_path = talks ? cli->dump_path : NULL;
	if (sim_run_init()) {
		subject = sim_worker_subject(cli->sweep.subject_path, outcome.why, sizeof outcome.why);
	}
	if (subject != NULL) {
		sim_run(cli->sweep.scenarios[0], seed, subject, &options, &outcome.run);
		outcome.ended = true;
	}
	fflush(stdout);
	ssize_t wrote = write(fd, &outcome, sizeof outcome);
	_exit(wrote == (ssize_t)sizeof outcome ? 0 : 3);
}

/* A record fits a pipe's buffer, so that one read gets it whole. */
static void sim_cli_listen(pid_t pid, int fd, uint32_t limit_s, struct sim_cli_outcome *outcome) {
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	int status = 0;
	bool hung = poll(&wait, 1, limit_s == 0 ? -1 : (int)limit_s * 1000) == 0;
	if (hung) {
		kill(pid, SIGKILL);
	}
	ssize_t got = hung ? 0 : read(fd, outcome, sizeof *outcome);
	waitpid(pid, &status, 0);
	if (got == (ssize_t)sizeof *outcome) {
		return;
	}
	memset(outcome, 0, sizeof *outcome);
	outcome->run.verdict = SIM_VIOLATED;
	snprintf(outcome->run.invariant, sizeof outcome->run.invariant, hung ? "subject_hung" : "subject_crashed");
	if (hung) {
		snprintf(outcome->run.detail, sizeof outcome->run.detail, "no end after %u seconds", limit_s);
	} else {
		snprintf(outcome->run.detail, sizeof outcome->run.detail, "%s %d",
		         WIFSIGNALED(status) ? "signal" : "exit status",
		         WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	}
}

/* limit_s 0: none. False when no process can be had. */
static bool sim_cli_run_once(struct sim_cli *cli, uint64_t seed, bool talks, uint32_t limit_s,
                             struct sim_cli_outcome *outcome) {
	int fds[2];
	memset(outcome, 0, sizeof *outcome);
	fflush(stdout);
	if (pipe(fds) != 0) {
		return false;
	}
	pid_t pid = fork();
	if (pid == 0) {
		close(fds[0]);
		sim_cli_child(cli, seed, talks, fds[1]);
	}
	close(fds[1]);
	if (pid > 0) {
		sim_cli_listen(pid, fds[0], limit_s, outcome);
	}
	close(fds[0]);
	return pid > 0;
}

/* ---- comparing ------------------------------------------------------------------------------------------------------- */

/* "held", or the invariant that was violated. */
static const char *sim_cli_verdict(const struct sim_run_result *run) {
	return run->verdict == SIM_VIOLATED ? run->invariant : sim_sweep_verdict_name(run->verdict);
}

static bool sim_cli_same(const struct sim_cli_outcome *first, const struct sim_cli_outcome *second) {
	return first->ended == second->ended &&
	       memcmp(first->run.trace_hash, second->run.trace_hash, sizeof first->run.trace_hash) == 0 &&
	       strcmp(sim_cli_verdict(&first->run), sim_cli_verdict(&second->run)) == 0;
}

/* The word for a run that was the same twice. */
static const char *sim_cli_compare(const struct sim_cli_recorded *recorded, const struct sim_run_result *run) {
	char hash[40];
	const char *verdict = sim_cli_verdict(run);
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

static int sim_cli_status(const struct sim_run_result *run) {
	return run->verdict == SIM_VIOLATED ? SIM_CLI_VIOLATED
	       : run->verdict == SIM_HELD   ? SIM_CLI_OK
	                                    : SIM_CLI_HARNESS;
}

/* What was said on the command line, or is in the database; false after one line on stderr. */
static bool sim_cli_recall(const struct sim_cli *cli, uint64_t seed, struct sim_cli_recorded *recorded) {
	char why[SIM_RESULTS_WHY_SIZE];
	recorded->verdict = cli->expect_verdict;
	recorded->trace_hash = cli->expect_hash;
	if (cli->sweep.results_path == NULL) {
		return true;
	}
	bool found = sim_results_find(cli->sweep.results_path, &cli->sweep, seed, &recorded->row, why);
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

/* ---- saying it ------------------------------------------------------------------------------------------------------- */

static void sim_cli_print_json(const struct sim_cli *cli, uint64_t seed, const struct sim_run_result *run,
                               const char *word) {
	static struct sim_sweep_result result;
	struct sim_sweep_case about = sim_sweep_case_of(0, seed, run);
	about.outcome = word;
	sim_sweep_json_run(&cli->sweep, &about, run, stdout);
	sim_sweep_count(&cli->sweep, &result, &about, run);
	result.exit_status = strcmp(word, "nondeterministic") == 0 ? SIM_CLI_HARNESS : sim_cli_status(run);
	sim_sweep_print(&cli->sweep, &result, stdout);
}

static void sim_cli_explain(const struct sim_cli_recorded *recorded, const char *word) {
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

/* ---- the verb -------------------------------------------------------------------------------------------------------- */

static bool sim_cli_split(struct sim_cli *cli, char *name, uint64_t *seed) {
	char *at = strrchr(name, '@');
	if (at == NULL || !sim_cli_parse_number(at + 1, UINT64_MAX, seed)) {
		fprintf(stderr, "aftershock: %s: expected SCENARIO@SEED, e.g. kill-anywhere@0x2a\n", name);
		return false;
	}
	*at = '\0';
	if (!sim_cli_load_scenarios(cli)) {
		return false;
	}
	const struct sim_scenario *first = cli->sweep.scenarios[0];
	if (cli->sweep.scenario_count != 1) {
		fprintf(stderr, "aftershock: %s: %u cells of %s, expected one, e.g. %s:%s@0x%" PRIx64 "\n", name,
		        cli->sweep.scenario_count, first->axes, first->name, first->cell, *seed);
		return false;
	}
	return true;
}

/* A plan of SQL is about the templates of its scenario, which is found by the name in the plan. */
static bool sim_cli_load_plan_of_sql(struct sim_cli *cli, char *why, size_t why_size) {
	static char name[sizeof sim_cli_plan.scenario];
	memcpy(name, sim_cli_plan.scenario, sizeof name);
	cli->names[0] = name;
	cli->name_count = 1;
	if (name[0] == '\0' || !sim_cli_load_scenarios(cli) || cli->sweep.scenarios[0]->sql == NULL) {
		return false;
	}
	sim_cli_plan.sql_scenario = cli->sweep.scenarios[0]->sql;
	return sim_plan_load(&sim_cli_plan, cli->sweep.plan_path, why, why_size);
}

/* Any other plan needs no scenario but for its name. */
static bool sim_cli_load_plan(struct sim_cli *cli, uint64_t *seed) {
	char why[SIM_SCENARIO_PATH_SIZE + 300];
	struct sim_scenario *scenario = calloc(1, sizeof *scenario);
	if (scenario == NULL) {
		fprintf(stderr, "aftershock: out of memory\n");
		return false;
	}
	if (!sim_plan_load(&sim_cli_plan, cli->sweep.plan_path, why, sizeof why)) {
		bool of_sql = sim_plan_is_of_sql(cli->sweep.plan_path);
		bool loaded = of_sql && sim_cli_load_plan_of_sql(cli, why, sizeof why);
		free(scenario);
		if (!loaded) {
			fprintf(stderr, "aftershock: %s\n", why);
		}
		*seed = sim_cli_plan.seed;
		return loaded;
	}
	size_t size = strcspn(sim_cli_plan.scenario, ":");
	snprintf(scenario->name, sizeof scenario->name, "%.*s", (int)size, sim_cli_plan.scenario);
	snprintf(scenario->cell, sizeof scenario->cell, "%s",
	         sim_cli_plan.scenario + size + (sim_cli_plan.scenario[size] == ':'));
	cli->sweep.scenarios[cli->sweep.scenario_count++] = scenario;
	*seed = sim_cli_plan.seed;
	return true;
}

static bool sim_cli_check_replay(const struct sim_cli *cli) {
	if (cli->name_count != (cli->sweep.plan_path == NULL)) {
		fprintf(stderr, "aftershock: replay: expected one SCENARIO@SEED, or --plan FILE\n");
		return false;
	}
	if (cli->dump_path != NULL && access(cli->dump_path, W_OK) != 0) {
		fprintf(stderr, "aftershock: %s: expected a directory that can be written to\n", cli->dump_path);
		return false;
	}
	if (cli->sweep.json && (cli->trace || cli->print_plan)) {
		fprintf(stderr, "aftershock: --json: expected without --trace and --print-plan, which print text\n");
		return false;
	}
	bool expects = cli->expect_hash != NULL || cli->expect_verdict != NULL;
	if (cli->sweep.results_path != NULL && (expects || cli->sweep.plan_path != NULL)) {
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
	bool started = sim_cli_run_once(cli, seed, false, cli->sweep.hang_seconds, &first);
	if (started && first.why[0] != '\0') {
		fprintf(stderr, "aftershock: %s\n", first.why);
		return SIM_CLI_USAGE;
	}
	bool hung = !first.ended && strcmp(first.run.invariant, "subject_hung") == 0;
	if (!started || !sim_cli_run_once(cli, seed, true, hung ? cli->sweep.hang_seconds : 0, &second)) {
		fprintf(stderr, "aftershock: a process for the replay cannot be started\n");
		return SIM_CLI_HARNESS;
	}
	bool same = sim_cli_same(&first, &second);
	const char *word = same ? sim_cli_compare(recorded, &second.run) : "nondeterministic";
	if (cli->sweep.json) {
		sim_cli_print_json(cli, seed, &second.run, word);
	} else {
		sim_cli_print_run(cli, seed, &second);
		sim_cli_explain(recorded, word);
	}
	return same ? sim_cli_status(&second.run) : SIM_CLI_HARNESS;
}

int sim_cli_replay(struct sim_cli *cli) {
	static struct sim_cli_recorded recorded;
	uint64_t seed = 0;
	if (!sim_cli_check_replay(cli)) {
		return SIM_CLI_USAGE;
	}
	bool loaded =
	        cli->sweep.plan_path != NULL ? sim_cli_load_plan(cli, &seed) : sim_cli_split(cli, cli->names[0], &seed);
	if (!loaded || !sim_cli_recall(cli, seed, &recorded)) {
		return SIM_CLI_USAGE;
	}
	if (!cli->print_plan) {
		return sim_cli_replay_seed(cli, seed, &recorded);
	}
	if (cli->sweep.plan_path == NULL) {
		sim_plan_make(&sim_cli_plan, cli->sweep.scenarios[0], seed);
	}
	sim_plan_print(&sim_cli_plan, stdout);
	return SIM_CLI_OK;
}
