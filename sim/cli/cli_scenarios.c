/* sim/cli/cli_scenarios.c: see cli_scenarios.h. */
#include "cli_scenarios.h"

#include "library.h"
#include "place.h"

#include <unistd.h>

const char *sim_cli_library(const struct sim_cli *cli) {
	static char own[SIM_PLACE_SIZE];
	if (cli->library != NULL) {
		return cli->library;
	}
	bool is_here = access("scenarios", R_OK) == 0;
	return is_here || !sim_place_find(&sim_place_scenarios, own) ? "scenarios" : own;
}

bool sim_cli_load_scenarios(struct sim_cli *cli) {
	char why[SIM_LIBRARY_WHY_SIZE];
	cli->sweep.library = sim_cli_library(cli);
	bool loaded = sim_library_load(&cli->sweep, cli->name_count, cli->names, why);
	if (!loaded) {
		fprintf(stderr, "aftershock: %s\n", why);
	}
	return loaded;
}

void sim_cli_unload_scenarios(struct sim_cli *cli) {
	sim_library_unload(&cli->sweep);
}
