/* sim/cli/cli_subject.c: see cli_subject.h. */
#include "cli_subject.h"

#include "fit.h"
#include "worker.h"

#include <assert.h>
#include <unistd.h>

#define SIM_CLI_SUBJECT_TRIES 1000
#define SIM_CLI_SUBJECT_WAIT_US 10000u

/* A worker without scenarios loads the plug-in, and says what it takes. */
bool sim_cli_learn_subject(struct sim_cli *cli) {
	static struct sim_worker worker;
	const char *path = cli->sweep.subject_path;
	const struct sim_worker_origin origin = {.subject_path = path};
	char how[200] = "";
	int got = 0;
	cli->sweep.takes = SIM_FIT_EVERYTHING;
	if (path == NULL) {
		return true;
	}
	if (!sim_worker_start(&worker, &origin)) {
		fprintf(stderr, "aftershock: %s: a process to try it in cannot be started\n", path);
		return false;
	}
	for (int tries = 0; got == 0 && tries < SIM_CLI_SUBJECT_TRIES; tries++) {
		got = sim_worker_read(&worker);
		sim_worker_drain(&worker);
		if (got == 0) {
			usleep(SIM_CLI_SUBJECT_WAIT_US);
		}
	}
	sim_worker_end(&worker, true, how, sizeof how);
	if (got != 1) {
		fprintf(stderr, "aftershock: %s: crashes or hangs while it is loaded: %s\n", path, how);
		return false;
	}
	if (worker.record.text[0] != '\0') {
		fprintf(stderr, "aftershock: %s\n", worker.record.text);
		return false;
	}
	assert(worker.record.kind == SIM_WORKER_READY && worker.record.takes != 0);
	cli->sweep.takes = worker.record.takes;
	return true;
}
