/* sim/cli/cli_watch.c: see cli_watch.h. */
#include "cli_watch.h"

#include "cli_signals.h"
#include "sweep.h"

#include <assert.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Shared with the processes in which the subject runs. */
struct sim_cli_watch {
	volatile sig_atomic_t ends; /* asked for: no further state is begun */
	volatile sig_atomic_t interrupted;
	uint32_t hang_seconds;
	volatile sig_atomic_t hung[SIM_SWEEP_JOBS_MAX];
	uint64_t run[SIM_SWEEP_JOBS_MAX];
	char at[SIM_SWEEP_JOBS_MAX][SIM_BRANCH_PATH_SIZE];
};

static struct sim_cli_watch *sim_cli_watch;
static uint32_t sim_cli_watch_own; /* of this process */

static void sim_cli_watch_interrupt(int signal_number) {
	(void)signal_number;
	sim_cli_watch->ends = 1;
	sim_cli_watch->interrupted = 1;
}

/* The life of a state does not end: this process does. */
static void sim_cli_watch_hang(int signal_number) {
	sim_cli_watch->hung[sim_cli_watch_own] = 1;
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

bool sim_cli_watch_begin(uint32_t hang_seconds) {
	if (sim_cli_watch == NULL) {
		void *shared =
		        mmap(NULL, sizeof *sim_cli_watch, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (shared == MAP_FAILED) {
			return false;
		}
		sim_cli_watch = shared;
		sim_cli_on_interrupt(sim_cli_watch_interrupt);
	}
	sim_cli_watch->hang_seconds = hang_seconds;
	return true;
}

void sim_cli_watch_ignore_signals(void) {
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
}

bool sim_cli_watch_state(uint32_t process, const char *path) {
	assert(process < SIM_SWEEP_JOBS_MAX);
	sim_cli_watch_own = process;
	snprintf(sim_cli_watch->at[process], SIM_BRANCH_PATH_SIZE, "%s", path);
	signal(SIGALRM, sim_cli_watch_hang);
	alarm(sim_cli_watch->hang_seconds);
	return sim_cli_watch->ends == 0;
}

void sim_cli_watch_run(uint32_t process, uint64_t run) {
	sim_cli_watch->run[process] = run;
}

uint64_t sim_cli_watch_run_at(uint32_t process) {
	return sim_cli_watch->run[process];
}

void sim_cli_watch_rest(uint32_t process) {
	alarm(0);
	sim_cli_watch->at[process][0] = '\0';
}

const char *sim_cli_watch_at(uint32_t process) {
	return sim_cli_watch->at[process];
}

bool sim_cli_watch_take_hung(uint32_t process) {
	bool hung = sim_cli_watch->hung[process] != 0;
	sim_cli_watch->hung[process] = 0;
	return hung;
}

void sim_cli_watch_end_all(void) {
	sim_cli_watch->ends = 1;
}

bool sim_cli_watch_are_ended(void) {
	return sim_cli_watch->ends != 0;
}

bool sim_cli_watch_was_interrupted(void) {
	return sim_cli_watch->interrupted != 0;
}
