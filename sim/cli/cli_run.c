/* sim/cli/cli_run.c: see cli_run.h. */
#include "cli_run.h"

#include "cell_table.h"
#include "cli_listeners.h"
#include "cli_scenarios.h"
#include "cli_signals.h"
#include "cli_subject.h"
#include "cli_vfs.h"
#include "sweep.h"
#include "sweep_json.h"

#include <assert.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static void sim_cli_on_signal(int number) {
	(void)number;
	sim_sweep_stop = 1;
}

void sim_cli_catch_signals(void) {
	sim_cli_on_interrupt(sim_cli_on_signal);
	/* A worker that is gone shows as the end of its records. */
	signal(SIGPIPE, SIG_IGN);
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
	assert((result.exit_status == SIM_CLI_HARNESS) == (result.broken[0] != '\0'));
	if (result.broken[0] != '\0') {
		fprintf(stderr, "aftershock: %s\n", result.broken);
	}
	if (result.exit_status == SIM_CLI_NOTHING) {
		fprintf(stderr, "aftershock: %s: nothing was run\n",
		        cli->sweep.scenario_count == 0 ? "the subject takes none of these scenarios"
		                                       : "no seed falls into this partition");
	}
	return result.exit_status;
}

/* A sweep stops at what it is to stop at, or it would never: the finding must be one of these
 * scenarios'. */
bool sim_cli_check_stop(const struct sim_cli *cli) {
	const char *wanted = cli->sweep.stop_at;
	bool known = wanted == NULL || strcmp(wanted, SIM_SWEEP_STOP_AT_VIOLATION) == 0 ||
	             strcmp(wanted, SIM_SWEEP_STOP_AT_CONTROL) == 0;
	for (uint32_t i = 0; i < cli->sweep.scenario_count && !known; i++) {
		const struct sim_scenario *scenario = cli->sweep.scenarios[i];
		for (uint32_t n = 0; n < scenario->known_count && !known; n++) {
			known = sim_sweep_names_finding(wanted, scenario->known[n].id);
		}
	}
	if (!known) {
		fprintf(stderr,
		        "aftershock: --stop-at %s: expected %s, %s, or a known finding that one of the scenarios "
		        "lists\n",
		        wanted, SIM_SWEEP_STOP_AT_VIOLATION, SIM_SWEEP_STOP_AT_CONTROL);
	}
	return known;
}

int sim_cli_run(struct sim_cli *cli) {
	if (!sim_cli_learn_subject(cli) || !sim_cli_load_scenarios(cli) || !sim_cli_check_stop(cli) ||
	    !sim_cli_try_vfs(cli)) {
		return SIM_CLI_USAGE;
	}
	if (cli->sweep.scenario_count == 0 && cli->sweep.skipped_count == 0) {
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
