/* sim/aftershock/child.c: see child.h. From here on the process is the coordinator of a sweep, and
 * its workers are at home (sim/sweep/worker.h). */
#include "child.h"

#include "afresh.h"
#include "agreement.h"
#include "answer.h"
#include "library.h"
#include "place.h"
#include "plugin.h"
#include "sweep.h"
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define AFTERSHOCK_RUN_SECONDS 20u
#define AFTERSHOCK_RUN_SECONDS_MAX 86400u
#define AFTERSHOCK_SEEDS 100u
#define AFTERSHOCK_SCENARIO "program"
#define AFTERSHOCK_COMMAND_SIZE 2048

static bool aftershock_child_is;

/* One for each process: this one does one call. */
static struct aftershock_child {
	const struct aftershock_call *call;
	struct aftershock_result *result;
	int fd;
	struct sim_sweep_options sweep;
	struct sim_worker_home home;
	struct aftershock_wish wish; /* a seed that the environment asks for */
	char command[AFTERSHOCK_COMMAND_SIZE];
	char library[SIM_PLACE_SIZE];
	char scenario[SIM_SCENARIO_PATH_SIZE];
} aftershock_child;

bool aftershock_child_is_one(void) {
	return aftershock_child_is;
}

static bool aftershock_child_refuse(const char *why) {
	struct aftershock_result *result = aftershock_child.result;
	result->outcome = AFTERSHOCK_REFUSED;
	snprintf(result->message, sizeof result->message, "%s", why);
	return false;
}

static void aftershock_child_tell(void) {
	const struct aftershock_result *result = aftershock_child.result;
	size_t done = 0;
	ssize_t wrote = 0;
	while (done < sizeof *result && (wrote >= 0 || errno == EINTR)) {
		wrote = write(aftershock_child.fd, (const char *)result + done, sizeof *result - done);
		done += wrote > 0 ? (size_t)wrote : 0;
	}
}

/* ---- before ---------------------------------------------------------------------------------- */

/* The host's handlers are about the host. */
static void aftershock_child_reset_signals(void) {
	sigset_t none;
	sigemptyset(&none);
	for (int number = 1; number <= SIGRTMAX; number++) {
		(void)signal(number, SIG_DFL);
	}
	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Where the host has closed a standard stream, a pipe of this library would lie in its place, and a
 * worker's own streams would go over it. */
static void aftershock_child_fill_streams(void) {
	int fd = 0;
	while (fd >= 0 && fd <= STDERR_FILENO) {
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	}
	if (fd >= 0) {
		close(fd);
	}
}

/* How this process was started, as a line for the shell. */
static void aftershock_child_learn_command(char command[AFTERSHOCK_COMMAND_SIZE]) {
	char words[AFTERSHOCK_COMMAND_SIZE / 2] = "";
	FILE *file = fopen("/proc/self/cmdline", "r");
	size_t size = file != NULL ? fread(words, 1, sizeof words - 1, file) : 0;
	if (file != NULL) {
		fclose(file);
	}
	command[0] = '\0';
	for (size_t at = 0; at < size; at += strlen(words + at) + 1) {
		sim_sweep_append_word(command, AFTERSHOCK_COMMAND_SIZE, words + at);
	}
	memmove(command, command + (command[0] == ' ' ? 1 : 0), strlen(command) + (command[0] == ' ' ? 0 : 1));
}

static bool aftershock_child_check_range(const char *name, uint64_t value, uint64_t most) {
	char why[120];
	snprintf(why, sizeof why, "options.%s is %llu, expected 0 to %llu", name, (unsigned long long)value,
	         (unsigned long long)most);
	return value <= most || aftershock_child_refuse(why);
}

static bool aftershock_child_check_options(const struct aftershock_options *options) {
	return aftershock_child_check_range("seeds", options->seeds, UINT32_MAX) &&
	       aftershock_child_check_range("first_seed", options->first_seed, UINT64_MAX - UINT32_MAX) &&
	       aftershock_child_check_range("run_seconds", options->run_seconds, AFTERSHOCK_RUN_SECONDS_MAX) &&
	       aftershock_child_check_range("processes", options->processes, SIM_SWEEP_JOBS_MAX);
}

static bool aftershock_child_find_library(const struct aftershock_options *options) {
	const char *said = options->library != NULL ? options->library : getenv("AFTERSHOCK_SCENARIOS");
	bool found = true;
	if (said != NULL) {
		snprintf(aftershock_child.library, sizeof aftershock_child.library, "%s", said);
	} else {
		found = sim_place_find(&sim_place_scenarios, aftershock_child.library);
	}
	/* Where a program that is linked to the static library looks at last. */
	if (!found) {
		snprintf(aftershock_child.library, sizeof aftershock_child.library, "%s", AFTERSHOCK_SCENARIOS_DIR);
	}
	return access(aftershock_child.library, R_OK) == 0 ||
	       aftershock_child_refuse("the library of scenarios is nowhere, expected its folder in options.library "
	                               "or $AFTERSHOCK_SCENARIOS");
}

static uint32_t aftershock_child_processes(uint32_t said) {
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	return said > 0 ? said : cores > 0 && cores <= (long)SIM_SWEEP_JOBS_MAX ? (uint32_t)cores : 1;
}

static void aftershock_child_set_options(const struct aftershock_options *options) {
	struct sim_sweep_options *sweep = &aftershock_child.sweep;
	sweep->home = &aftershock_child.home;
	sweep->takes = aftershock_child.home.subject->takes;
	sweep->first_seed = options->first_seed > 0 ? options->first_seed : 1;
	sweep->seed_count = options->seeds > 0 ? options->seeds : AFTERSHOCK_SEEDS;
	sweep->partition = sweep->partitions = 1;
	sweep->jobs = aftershock_child_processes(options->processes);
	sweep->hang_seconds = options->run_seconds > 0 ? options->run_seconds : AFTERSHOCK_RUN_SECONDS;
	sweep->time_limit_s = options->total_seconds;
	sweep->library = aftershock_child.library;
	sweep->library_given = options->library != NULL;
}

static bool aftershock_child_load_scenarios(const char *scenario) {
	static char why[SIM_LIBRARY_WHY_SIZE];
	struct sim_sweep_options *sweep = &aftershock_child.sweep;
	char *names[] = {aftershock_child.scenario};
	snprintf(aftershock_child.scenario, sizeof aftershock_child.scenario, "%s", scenario);
	if (!sim_library_load(sweep, 1, names, why)) {
		return aftershock_child_refuse(why);
	}
	aftershock_child.home.scenarios = sweep->scenarios;
	aftershock_child.home.scenario_count = sweep->scenario_count;
	return sweep->scenario_count > 0 || aftershock_child_refuse("the subject takes none of these scenarios");
}

/* With $AFTERSHOCK_ONLY a call that is not about the wish runs nothing. */
static bool aftershock_child_is_only_for_others(void) {
	uint32_t scenario;
	return aftershock_child.wish.is_one && getenv("AFTERSHOCK_ONLY") != NULL && !aftershock_child.call->replays &&
	       !aftershock_wish_find(&aftershock_child.wish, &aftershock_child.sweep, &scenario);
}

/* A wish that no call can be about is a mistake of whoever typed it. */
static bool aftershock_child_check_wish(void) {
	static struct sim_sweep_options sweep;
	static char why[SIM_LIBRARY_WHY_SIZE];
	static char text[AFTERSHOCK_TEXT_SIZE];
	char *names[] = {aftershock_child.wish.scenario};
	if (!aftershock_child_is_only_for_others()) {
		return true;
	}
	sweep = aftershock_child.sweep;
	memset(sweep.scenarios, 0, sizeof sweep.scenarios);
	sweep.scenario_count = 0;
	if (sim_library_load(&sweep, 1, names, why)) {
		return true;
	}
	snprintf(text, sizeof text, "$AFTERSHOCK_REPLAY: %.*s", AFTERSHOCK_TEXT_SIZE - 40, why);
	return aftershock_child_refuse(text);
}

static bool aftershock_child_set_up(void) {
	static const struct aftershock_options usual;
	static char why[AFTERSHOCK_TEXT_SIZE];
	const struct aftershock_call *call = aftershock_child.call;
	const struct aftershock_options *options = call->options != NULL ? call->options : &usual;
	const char *scenario = options->scenario != NULL ? options->scenario : AFTERSHOCK_SCENARIO;
	aftershock_child.home.subject = sim_plugin_accept(call->subject, "the subject", why, sizeof why);
	if (aftershock_child.home.subject == NULL) {
		return aftershock_child_refuse(why);
	}
	if (!aftershock_child_check_options(options) || !aftershock_child_find_library(options)) {
		return false;
	}
	if (!aftershock_wish_read(&aftershock_child.wish)) {
		return aftershock_child_refuse("$AFTERSHOCK_REPLAY: expected SCENARIO@SEED[,VERDICT,HASH]");
	}
	aftershock_child_learn_command(aftershock_child.command);
	aftershock_child.home.command = options->command != NULL ? options->command : aftershock_child.command;
	aftershock_child.home.begin_run = options->begin_run;
	aftershock_child_set_options(options);
	return aftershock_child_load_scenarios(scenario) && aftershock_child_check_wish();
}

/* ---- what was asked -------------------------------------------------------------------------- */

static void aftershock_child_run_all(void) {
	static struct sim_sweep_result result;
	struct sim_sweep_listeners listeners = {0};
	struct sim_agreement *agreement = sim_agreement_create(&aftershock_child.sweep, &result);
	if (agreement != NULL) {
		listeners.all[listeners.count++] = sim_agreement_listener(agreement);
	}
	sim_sweep_run(&aftershock_child.sweep, &listeners, &result);
	aftershock_answer_sweep(&aftershock_child.sweep, &result, aftershock_child.result);
}

static void aftershock_child_run_one(const struct sim_sweep_key *key, const char *trace_path) {
	static struct sim_worker_record record;
	static struct sim_worker_job job;
	const struct sim_worker_origin origin = {.home = &aftershock_child.home};
	const struct sim_sweep_options *sweep = &aftershock_child.sweep;
	job = (struct sim_worker_job){.scenario = key->scenario, .count = 1, .seed = key->seed, .step = 1};
	snprintf(job.trace_path, sizeof job.trace_path, "%s", trace_path != NULL ? trace_path : "");
	if (!sim_worker_run(&origin, &job, sweep->hang_seconds, &record)) {
		aftershock_child.result->outcome = AFTERSHOCK_FAILED;
		snprintf(aftershock_child.result->message, sizeof aftershock_child.result->message,
		         "a process that runs the seed cannot be had");
		return;
	}
	aftershock_answer_run(sweep, key, &record.result, aftershock_child.result);
}

static void aftershock_child_do(void) {
	const struct aftershock_call *call = aftershock_child.call;
	const struct aftershock_wish *wish = &aftershock_child.wish;
	struct sim_sweep_key key = {.seed = call->replays ? call->seed : wish->seed};
	if (call->replays && aftershock_child.sweep.scenario_count != 1) {
		aftershock_child_refuse("a seed is replayed in one scenario, expected the name of one, or of one cell");
	} else if (call->replays) {
		aftershock_child_run_one(&key, call->trace_path);
	} else if (aftershock_wish_find(wish, &aftershock_child.sweep, &key.scenario)) {
		aftershock_child_run_one(&key, getenv("AFTERSHOCK_TRACE"));
		aftershock_wish_compare(wish, aftershock_child.result);
	} else if (aftershock_child_is_only_for_others()) {
		aftershock_wish_pass_over(wish, aftershock_child.result);
	} else {
		aftershock_child_run_all();
	}
}

_Noreturn void aftershock_child_main(const struct aftershock_call *call, int fd) {
	static struct aftershock_result result;
	aftershock_child_is = true;
	aftershock_child.call = call;
	aftershock_child.result = &result;
	aftershock_child.fd = fd;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	aftershock_child_reset_signals();
	aftershock_child_fill_streams();
	if (!sim_afresh() || !sim_run_init()) {
		result.outcome = AFTERSHOCK_FAILED;
		snprintf(result.message, sizeof result.message, "SQLite cannot be set up for simulation");
	} else {
		aftershock_child_tell();
		if (aftershock_child_set_up()) {
			aftershock_child_do();
		}
	}
	aftershock_child_tell();
	_exit(0);
}
