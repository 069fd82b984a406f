/* sim/cli/cli_bound.c: see cli_bound.h. */
#include "cli_bound.h"

#include "cli_watch.h"

#include <inttypes.h>

int sim_cli_bound_check(const struct sim_cli *cli, uint32_t by_default, sim_cli_bound_counter counter, void *context) {
	uint32_t states_max = cli->states_max > 0 ? cli->states_max : by_default;
	uint32_t subsets = cli->subsets;
	uint64_t states = 0;
	if (!counter(context, subsets, &states)) {
		return SIM_CLI_HARNESS;
	}
	uint64_t fewer = states;
	while (subsets > 0 && fewer > states_max && !sim_cli_watch_was_interrupted()) {
		if (!counter(context, --subsets, &fewer)) {
			return SIM_CLI_HARNESS;
		}
	}
	/* What was interrupted has a certificate of what there is. */
	if (states <= states_max || sim_cli_watch_was_interrupted()) {
		return SIM_CLI_OK;
	}
	fprintf(stderr, "aftershock: explore: %" PRIu64 " states, more than %u; ", states, states_max);
	if (fewer <= states_max) {
		fprintf(stderr, "--subsets %u takes %" PRIu64 ", or say --states-max %" PRIu64 "\n", subsets, fewer,
		        states);
	} else {
		fprintf(stderr, "say --states-max %" PRIu64 "\n", states);
	}
	return SIM_CLI_USAGE;
}
