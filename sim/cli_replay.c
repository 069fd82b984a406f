/* sim/cli_replay.c: one seed again, twice, each time in a process of its own: what a crash of the subject leaves behind cannot
 * reach the second run, and a difference between the two is the test bed's own failure. */
#include "cli.h"
#include "worker.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct sim_cli_outcome {
	bool ended;    /* a result came back */
	int signal;    /* the process died of, 0 if none */
	char why[240]; /* the run could not begin */
	struct sim_run_result run;
};

static void sim_cli_child(struct sim_cli *cli, uint64_t seed, bool talks, int fd) {
	static struct sim_cli_outcome outcome;
	struct sim_run_options options = {.until_event = cli->until_event};
	const struct aftershock_subject *subject = NULL;
	options.trace = talks && cli->trace ? stdout : NULL;
	options.plan = talks && cli->plan ? stdout : NULL;
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
static bool sim_cli_run_once(struct sim_cli *cli, uint64_t seed, bool talks, struct sim_cli_outcome *outcome) {
	int fds[2];
	int status = 0;
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
	ssize_t got = pid > 0 ? read(fds[0], outcome, sizeof *outcome) : -1;
	close(fds[0]);
	if (pid > 0) {
		waitpid(pid, &status, 0);
	}
	if (got != (ssize_t)sizeof *outcome) {
		memset(outcome, 0, sizeof *outcome);
		outcome->signal = pid > 0 && WIFSIGNALED(status) ? WTERMSIG(status) : -1;
	}
	return pid > 0;
}

static bool sim_cli_split(struct sim_cli *cli, char *name, uint64_t *seed) {
	char *at = strrchr(name, '@');
	if (at == NULL || !sim_cli_parse_number(at + 1, UINT64_MAX, seed)) {
		fprintf(stderr, "aftershock: %s: expected SCENARIO@SEED, e.g. kill-anywhere@0x2a\n", name);
		return false;
	}
	*at = '\0';
	return sim_cli_load_scenarios(cli);
}

static bool sim_cli_same(const struct sim_cli_outcome *first, const struct sim_cli_outcome *second) {
	return first->ended == second->ended && first->signal == second->signal &&
	       memcmp(first->run.trace_hash, second->run.trace_hash, sizeof first->run.trace_hash) == 0 &&
	       first->run.verdict == second->run.verdict && strcmp(first->run.invariant, second->run.invariant) == 0;
}

static const char *sim_cli_say(const struct sim_cli *cli, const struct sim_cli_outcome *first,
                               const struct sim_cli_outcome *second, int *status) {
	char hash[40];
	if (!sim_cli_same(first, second)) {
		*status = SIM_CLI_HARNESS;
		return "nondeterministic";
	}
	*status = !first->ended || first->run.verdict == SIM_VIOLATED ? SIM_CLI_VIOLATED
	          : first->run.verdict == SIM_HELD                    ? SIM_CLI_OK
	                                                              : SIM_CLI_HARNESS;
	snprintf(hash, sizeof hash, "%016" PRIx64 "%016" PRIx64, first->run.trace_hash[0], first->run.trace_hash[1]);
	if (cli->expect_hash != NULL && strcmp(cli->expect_hash, hash) != 0) {
		return *status == SIM_CLI_OK ? "fixed" : "stale";
	}
	return "reproduced";
}

static void sim_cli_print_outcome(const struct sim_cli *cli, uint64_t seed, const struct sim_cli_outcome *outcome,
                                  const char *word) {
	const struct sim_run_result *run = &outcome->run;
	if (cli->sweep.json && outcome->ended) {
		sim_sweep_json_run(&cli->sweep, 0, seed, run, stdout);
		return;
	}
	printf("%s@0x%" PRIx64 ": ", cli->sweep.scenarios[0]->name, seed);
	if (!outcome->ended) {
		printf("violated subject_crashed (signal %d); %s\n", outcome->signal, word);
		return;
	}
	printf("%s", sim_sweep_verdict_name(run->verdict));
	if (run->verdict == SIM_VIOLATED) {
		printf(" %s at event %" PRIu64 ": %s", run->invariant, run->event, run->detail);
	}
	printf("\n%s; trace hash %016" PRIx64 "%016" PRIx64 "; %" PRIu64 " steps, %" PRIu64 " updates, %" PRIu64
	       " faults, %" PRIu64 " starts, %" PRIu64 " ns of virtual time\n",
	       word, run->trace_hash[0], run->trace_hash[1], run->steps, run->updates, run->faults, run->restarts,
	       run->virtual_ns);
}

int sim_cli_replay(struct sim_cli *cli) {
	static struct sim_cli_outcome first;
	static struct sim_cli_outcome second;
	uint64_t seed = 0;
	int status = SIM_CLI_OK;
	if (cli->name_count != 1) {
		fprintf(stderr, "aftershock: replay: expected one SCENARIO@SEED\n");
		return SIM_CLI_USAGE;
	}
	if (!sim_cli_split(cli, cli->names[0], &seed)) {
		return SIM_CLI_USAGE;
	}
	if (cli->dump_path != NULL && access(cli->dump_path, W_OK) != 0) {
		fprintf(stderr, "aftershock: %s: expected a directory that can be written to\n", cli->dump_path);
		return SIM_CLI_USAGE;
	}
	if (!sim_cli_run_once(cli, seed, true, &first) || !sim_cli_run_once(cli, seed, false, &second)) {
		fprintf(stderr, "aftershock: a process for the replay cannot be started\n");
		return SIM_CLI_HARNESS;
	}
	if (first.why[0] != '\0') {
		fprintf(stderr, "aftershock: %s\n", first.why);
		return SIM_CLI_USAGE;
	}
	const char *word = sim_cli_say(cli, &first, &second, &status);
	sim_cli_print_outcome(cli, seed, &first, word);
	return status;
}
