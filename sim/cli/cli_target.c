/* sim/cli/cli_target.c: the one run that replay, explain and shrink are about. It runs in a process
 * of its own, so what a crash of the subject leaves behind reaches neither the next run nor whoever
 * reports it. */
#include "cli_target.h"

#include "cli_scenarios.h"
#include "plan_make.h"
#include "plan_text.h"
#include "cli_subject.h"
#include "cli_vfs.h"
#include "ended.h"
#include "fit.h"
#include "number.h"
#include "plugin.h"

#include "worker.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sim_plan sim_cli_plan;

struct sim_plan *sim_cli_target_plan(void) {
	return &sim_cli_plan;
}

/* ---- which it is ----------------------------------------------------------------------------- */

static bool sim_cli_split(struct sim_cli *cli, char *name, uint64_t *seed) {
	char *at = strrchr(name, '@');
	if (at == NULL || !sim_number_parse(at + 1, UINT64_MAX, seed)) {
		fprintf(stderr, "aftershock: %s: expected SCENARIO@SEED, e.g. kill-anywhere@0x2a\n", name);
		return false;
	}
	*at = '\0';
	if (!sim_cli_load_scenarios(cli)) {
		return false;
	}
	assert(cli->sweep.scenario_count >= 1);
	const struct sim_scenario *first = cli->sweep.scenarios[0];
	if (cli->sweep.scenario_count != 1) {
		fprintf(stderr, "aftershock: %s: %u cells of %s, expected one, e.g. %s:%s@0x%" PRIx64 "\n", name,
		        cli->sweep.scenario_count, first->axes, first->name, first->cell, *seed);
		return false;
	}
	return true;
}

/* The file of the plan's scenario, if it lies beside the plan: FOLDER/NAME.yaml, with the cell of
 * the plan. */
static bool sim_cli_find_beside(const char *plan_path, const char *name, char *path, size_t size) {
	const char *slash = strrchr(plan_path, '/');
	int folder = slash != NULL ? (int)(slash - plan_path) : 1;
	int word = (int)strcspn(name, ":");
	int used = snprintf(path, size, "%.*s/%.*s.yaml", folder, slash != NULL ? plan_path : ".", word, name);
	bool is_there = used > 0 && (size_t)used < size && access(path, R_OK) == 0;
	if (is_there) {
		snprintf(path + used, size - (size_t)used, "%s", name + word);
	}
	return is_there;
}

/* A plan of SQL is about the templates of its scenario, which is found by the name in the plan:
 * beside the plan, or in the library. */
static bool sim_cli_load_plan_of_sql(struct sim_cli *cli, char *why, size_t why_size) {
	static char name[sizeof sim_cli_plan.scenario];
	memcpy(name, sim_cli_plan.scenario, sizeof name);
	static char path[SIM_SCENARIO_PATH_SIZE];
	if (name[0] == '\0') {
		return false;
	}
	bool is_beside = cli->library == NULL && sim_cli_find_beside(cli->sweep.plan_path, name, path, sizeof path);
	cli->names[0] = is_beside ? path : name;
	cli->name_count = 1;
	if (!sim_cli_load_scenarios(cli)) {
		why[0] = '\0'; /* it is said already */
		return false;
	}
	if (cli->sweep.scenarios[0]->sql == NULL) {
		return false;
	}
	sim_cli_plan.sql_scenario = cli->sweep.scenarios[0]->sql;
	return sim_plan_text_load(&sim_cli_plan, cli->sweep.plan_path, why, why_size);
}

/* Any other plan needs no scenario but for its name. */
static bool sim_cli_load_plan(struct sim_cli *cli, uint64_t *seed) {
	char why[SIM_SCENARIO_PATH_SIZE + 300];
	struct sim_scenario *scenario = calloc(1, sizeof *scenario);
	if (scenario == NULL) {
		fprintf(stderr, "aftershock: out of memory\n");
		return false;
	}
	if (!sim_plan_text_load(&sim_cli_plan, cli->sweep.plan_path, why, sizeof why)) {
		bool of_sql = sim_plan_text_is_of_sql(cli->sweep.plan_path);
		bool loaded = of_sql && sim_cli_load_plan_of_sql(cli, why, sizeof why);
		free(scenario);
		if (!loaded && why[0] != '\0') {
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

bool sim_cli_check_target(const struct sim_cli *cli, const char *verb) {
	if (cli->name_count != (cli->sweep.plan_path == NULL)) {
		fprintf(stderr, "aftershock: %s: expected one SCENARIO@SEED, or --plan FILE\n", verb);
		return false;
	}
	if (cli->sweep.branches_given && (cli->sweep.plan_path != NULL || cli->at != NULL)) {
		fprintf(stderr, "aftershock: --branches: expected without %s, which says what is judged\n",
		        cli->at != NULL ? "POINT/STATE" : "--plan");
		return false;
	}
	return true;
}

/* Of a plan that was read: the scenario that it names may be another by now, or nowhere. */
static bool sim_cli_plan_fits(const struct sim_cli *cli) {
	uint32_t asked = sim_fit_of_plan(&sim_cli_plan);
	char subject[SIM_SCENARIO_PATH_SIZE + 32];
	char text[SIM_FIT_TEXT_SIZE];
	if ((asked & ~cli->sweep.takes) == 0) {
		return true;
	}
	sim_sweep_subject_name(&cli->sweep, subject, sizeof subject);
	sim_fit_text(asked, cli->sweep.takes, 0, text);
	fprintf(stderr, "aftershock: %s: %s does not take %s\n", cli->sweep.plan_path, subject, text);
	return false;
}

bool sim_cli_load_target(struct sim_cli *cli, uint64_t *seed) {
	if (!sim_cli_learn_subject(cli)) {
		return false;
	}
	if (cli->sweep.plan_path != NULL) {
		if (!sim_cli_load_plan(cli, seed) || !sim_cli_plan_fits(cli)) {
			return false;
		}
		if (cli->sweep.vfs_path != NULL) {
			memcpy(sim_cli_plan.vfs_path, cli->vfs_path, sizeof sim_cli_plan.vfs_path);
		}
		return sim_cli_try_vfs_of_plan(cli, sim_cli_plan.vfs_path);
	}
	if (!sim_cli_split(cli, cli->names[0], seed) || !sim_cli_try_vfs(cli)) {
		return false;
	}
	sim_plan_make(&sim_cli_plan, cli->sweep.scenarios[0], *seed);
	return true;
}

/* ---- running it ------------------------------------------------------------------------------ */

/* What the subject prints is no part of the result: its standard output becomes standard error.
 * What is asked for goes where standard output went before. */
static bool sim_cli_own_output(struct sim_cli_job *job) {
	int kept = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	FILE *out = kept >= 0 ? fdopen(kept, "w") : NULL;
	if (out == NULL || dup2(STDERR_FILENO, STDOUT_FILENO) < 0) {
		return false;
	}
	job->options.trace = job->options.trace == stdout ? out : job->options.trace;
	job->options.schedule = job->options.schedule == stdout ? out : job->options.schedule;
	if (job->redirect != NULL) {
		job->redirect(job->context, out);
	}
	return true;
}

static void sim_cli_child(struct sim_cli *cli, uint64_t seed, const struct sim_cli_job *job, int fd) {
	static struct sim_cli_outcome outcome;
	const struct aftershock_subject *subject = NULL;
	struct sim_cli_job own = *job;
	bool ready = sim_cli_own_output(&own) && sim_run_init();
	if (!ready) {
		snprintf(outcome.why, sizeof outcome.why, "SQLite cannot be set up for simulation");
	} else if (cli->sweep.subject_path != NULL) {
		subject = sim_plugin_load(cli->sweep.subject_path, outcome.why, sizeof outcome.why);
		ready = subject != NULL;
	}
	if (ready) {
		sim_run(cli->sweep.scenarios[0], seed, subject, &own.options, &outcome.run);
		outcome.ended = true;
		if (job->ended != NULL) {
			job->ended(job->context);
		}
	}
	fflush(NULL);
	ssize_t wrote = write(fd, &outcome, sizeof outcome);
	_exit(wrote == (ssize_t)sizeof outcome ? 0 : 3);
}

/* Whether there is something to read. Whoever was forked may keep the pipe open, so its end is not
 * enough to know that the run has ended. */
static bool sim_cli_await(pid_t pid, int fd, uint32_t limit_s, bool *hung) {
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	siginfo_t info = {0};
	for (uint64_t slice = 0; limit_s == 0 || slice < (uint64_t)limit_s * 10; slice++) {
		if (poll(&wait, 1, 100) > 0) {
			return true;
		}
		if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid) {
			return poll(&wait, 1, 0) > 0;
		}
	}
	*hung = true;
	return false;
}

/* With everybody whom the subject has forked: its number stays taken until it is reaped. */
static void sim_cli_reap(pid_t pid, int *status) {
	siginfo_t info;
	while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR) {
	}
	kill(-pid, SIGKILL);
	waitpid(pid, status, 0);
	sim_worker_end_strays();
}

/* A record fits a pipe's buffer, so that one read gets it whole. */
static void sim_cli_listen(pid_t pid, int fd, uint32_t limit_s, struct sim_cli_outcome *outcome) {
	int status = 0;
	bool hung = false;
	bool answered = sim_cli_await(pid, fd, limit_s, &hung);
	if (hung) {
		kill(-pid, SIGKILL);
	}
	/* A pipe gives the whole of what is no larger than its buffer. */
	static_assert(sizeof *outcome <= 4096, "an outcome is written and read at once");
	ssize_t got = !answered ? 0 : read(fd, outcome, sizeof *outcome);
	sim_cli_reap(pid, &status);
	if (got == (ssize_t)sizeof *outcome) {
		return;
	}
	memset(outcome, 0, sizeof *outcome);
	outcome->run.verdict = SIM_VIOLATED;
	snprintf(outcome->run.invariant, sizeof outcome->run.invariant, hung ? "subject_hung" : "subject_crashed");
	if (hung) {
		snprintf(outcome->run.detail, sizeof outcome->run.detail, "no end after %u seconds", limit_s);
	} else {
		(void)sim_ended_text(status, outcome->run.detail);
	}
}

bool sim_cli_run_once(struct sim_cli *cli, uint64_t seed, const struct sim_cli_job *job,
                      struct sim_cli_outcome *outcome) {
	int fds[2];
	assert(cli->sweep.scenario_count == 1);
	assert((job->ended == NULL) == (job->context == NULL));
	memset(outcome, 0, sizeof *outcome);
	fflush(stdout);
	if (pipe(fds) != 0) {
		return false;
	}
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid_t pid = fork();
	setpgid(pid, pid);
	if (pid == 0) {
		close(fds[0]);
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		sim_cli_child(cli, seed, job, fds[1]);
	}
	close(fds[1]);
	if (pid > 0) {
		sim_cli_listen(pid, fds[0], job->limit_s, outcome);
	}
	close(fds[0]);
	return pid > 0;
}

/* ---- what it came to ------------------------------------------------------------------------- */

const char *sim_cli_verdict(const struct sim_run_result *run) {
	return run->verdict == SIM_VIOLATED ? run->invariant : sim_sweep_verdict_name(run->verdict);
}

int sim_cli_status(const struct sim_run_result *run) {
	return run->verdict == SIM_VIOLATED ? SIM_CLI_VIOLATED
	       : run->verdict == SIM_HELD   ? SIM_CLI_OK
	                                    : SIM_CLI_HARNESS;
}

bool sim_cli_same(const struct sim_cli_outcome *first, const struct sim_cli_outcome *second) {
	return first->ended == second->ended &&
	       memcmp(first->run.trace_hash, second->run.trace_hash, sizeof first->run.trace_hash) == 0 &&
	       strcmp(sim_cli_verdict(&first->run), sim_cli_verdict(&second->run)) == 0;
}
