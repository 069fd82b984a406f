/* sim/cli/cli_run.c: see cli_run.h. */
#include "cli_run.h"

#include "cell_table.h"
#include "cli_listeners.h"
#include "cli_scenarios.h"
#include "sweep.h"
#include "sweep_json.h"
#include "worker.h"

#include <signal.h>
#include <unistd.h>

static void sim_cli_on_signal(int number) {
	(void)number;
	sim_sweep_stop = 1;
}

static void sim_cli_catch_signals(void) {
	struct sigaction action = {.sa_handler = sim_cli_on_signal};
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	/* A worker that is gone shows as the end of its records. */
	signal(SIGPIPE, SIG_IGN);
}

/* Foreign code runs in a throw-away process first: what does not load is wrong usage, with one line, before anything starts. */
static bool sim_cli_try_subject(const char *path) {
	struct sim_worker worker;
	char how[200] = "";
	int got = 0;
	if (path == NULL) {
		return true;
	}
	if (!sim_worker_start(&worker, path, NULL, 0)) {
		fprintf(stderr, "aftershock: %s: a process to try it in cannot be started\n", path);
		return false;
	}
	for (int tries = 0; got == 0 && tries < 1000; tries++) {
		got = sim_worker_read(&worker);
		if (got == 0) {
			usleep(10000);
		}
	}
	sim_worker_end(&worker, true, how, sizeof how);
	if (got != 1) {
		fprintf(stderr, "aftershock: %s: crashes or hangs while it is loaded: %s\n", path, how);
		return false;
	}
	if (worker.record.text[0] != '\0') {
		fprintf(stderr, "aftershock: %s\n", worker.record.text);
	}
	return worker.record.text[0] == '\0';
}

/* The exit status, after one line on stderr when the test bed failed. */
static int sim_cli_sweep(struct sim_cli *cli) {
	static struct sim_sweep_result result;
	struct sim_sweep_listeners listeners = {0};
	char why[SIM_SWEEP_WHY_SIZE];
	if (sim_cli_join(cli, &result, &listeners, why)) {
		sim_sweep_run(&cli->sweep, &listeners, &result);
	} else {
		snprintf(result.broken, sizeof result.broken, "%s", why);
		result.exit_status = SIM_CLI_HARNESS;
		if (cli->json) {
			sim_sweep_json_summary(&cli->sweep, &result, stdout);
		}
	}
	sim_cli_part();
	if (result.broken[0] != '\0') {
		fprintf(stderr, "aftershock: %s\n", result.broken);
	}
	if (result.exit_status == SIM_CLI_NOTHING) {
		fprintf(stderr, "aftershock: no seed falls into this partition: nothing was run\n");
	}
	return result.exit_status;
}

int sim_cli_run(struct sim_cli *cli) {
	if (!sim_cli_load_scenarios(cli) || !sim_cli_try_subject(cli->sweep.subject_path)) {
		return SIM_CLI_USAGE;
	}
	if (cli->sweep.scenario_count == 0) {
		fprintf(stderr, "aftershock: %s: no scenarios there\n", sim_cli_library(cli));
		return SIM_CLI_NOTHING;
	}
	if (!cli->json) {
		sim_cell_print_contracts(&cli->sweep, stdout);
	}
	cli->sweep.progress = isatty(STDERR_FILENO) && !cli->json;
	sim_cli_catch_signals();
	return sim_cli_sweep(cli);
}
