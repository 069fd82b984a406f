/* sim/cli/cli_listeners.c: see cli_listeners.h. A new listener is a file of sim/sweep (its
 * README.md has an example) and a few lines in sim_cli_join. */
#include "cli_listeners.h"

#include "agreement.h"
#include "door_table.h"
#include "junit.h"
#include "loss_table.h"
#include "phase_table.h"
#include "reach.h"
#include "results.h"
#include "sweep_json.h"
#include "sweep_table.h"

#include <assert.h>

/* Of the sweep that is going on. */
static struct sim_agreement *sim_cli_agreement;
static struct sim_results *sim_cli_results;
static struct sim_junit sim_cli_junit;
static struct sim_sweep_json sim_cli_json;
static struct sim_sweep_table sim_cli_table;
static struct sim_loss_table sim_cli_losses;
static struct sim_reach sim_cli_reach;

void sim_cli_add_listener(struct sim_sweep_listeners *listeners, struct sim_sweep_listener listener) {
	assert(listeners->count < SIM_SWEEP_LISTENERS_MAX);
	assert(listener.run_ended != NULL || listener.run_reached != NULL || listener.sweep_ended != NULL);
	listeners->all[listeners->count++] = listener;
}

bool sim_cli_join_judges(const struct sim_sweep_options *options, struct sim_sweep_result *result,
                         struct sim_sweep_listeners *listeners, char why[SIM_SWEEP_WHY_SIZE]) {
	assert(sim_cli_agreement == NULL);
	sim_cli_agreement = sim_agreement_create(options, result);
	if (sim_cli_agreement == NULL) {
		snprintf(why, SIM_SWEEP_WHY_SIZE, "out of memory");
		return false;
	}
	sim_cli_add_listener(listeners, sim_agreement_listener(sim_cli_agreement));
	return true;
}

/* Files come before what is printed: when they cannot be written, the summary says so. */
bool sim_cli_join(const struct sim_cli *cli, struct sim_sweep_result *result, struct sim_sweep_listeners *listeners,
                  char why[SIM_SWEEP_WHY_SIZE]) {
	if (!sim_cli_join_judges(&cli->sweep, result, listeners, why)) {
		return false;
	}
	if (cli->species) {
		sim_cli_reach.options = &cli->sweep;
		sim_cli_reach.out = stdout;
		sim_cli_add_listener(listeners, sim_reach_listener(&sim_cli_reach));
	}
	if (cli->results_path != NULL) {
		sim_cli_results =
		        sim_results_open(cli->results_path, &cli->sweep, cli->species ? &sim_cli_reach : NULL, why);
		if (sim_cli_results == NULL) {
			return false;
		}
		sim_cli_add_listener(listeners, sim_results_listener(sim_cli_results));
	}
	if (cli->junit_path != NULL) {
		sim_cli_junit = (struct sim_junit){.options = &cli->sweep, .path = cli->junit_path};
		sim_cli_add_listener(listeners, sim_junit_listener(&sim_cli_junit));
	}
	if (cli->json) {
		sim_cli_json = (struct sim_sweep_json){
		        .options = &cli->sweep, .out = stdout, .reach = cli->species ? &sim_cli_reach : NULL};
		sim_cli_add_listener(listeners, sim_sweep_json_listener(&sim_cli_json));
	} else {
		sim_cli_table = (struct sim_sweep_table){.options = &cli->sweep, .out = stdout};
		sim_cli_add_listener(listeners, sim_sweep_table_listener(&sim_cli_table));
		if (cli->phases) {
			sim_cli_add_listener(listeners, sim_phase_table_listener(stdout));
		}
		if (cli->doors) {
			sim_cli_add_listener(listeners, sim_door_table_listener(stdout));
		}
		if (cli->losses) {
			sim_cli_losses.options = &cli->sweep;
			sim_cli_losses.out = stdout;
			sim_cli_add_listener(listeners, sim_loss_table_listener(&sim_cli_losses));
		}
		if (cli->species) {
			sim_cli_add_listener(listeners, sim_reach_table_listener(&sim_cli_reach));
		}
	}
	return true;
}

void sim_cli_part(void) {
	sim_agreement_destroy(sim_cli_agreement);
	sim_results_close(sim_cli_results);
	sim_cli_agreement = NULL;
	sim_cli_results = NULL;
}
