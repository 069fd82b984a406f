/* sim/cli/cli_explored.h: an exploration with several processes, and what they came to together. */
#ifndef AFTERSHOCK_SIM_CLI_EXPLORED_H
#define AFTERSHOCK_SIM_CLI_EXPLORED_H

#include "branch.h"
#include "cli_target.h"
#include "must_check.h"

struct sim_cli_explored {
	struct sim_cli_outcome outcome; /* of the run itself, or of the part that crashed */
	struct sim_branch_totals totals;
	uint64_t *images; /* totals.images of them, ascending; owned */
	uint32_t processes;
	double processor_s;
	bool interrupted;
	bool hung;
	char at[SIM_BRANCH_PATH_SIZE]; /* the state in whose life a subject has crashed or hung */
};

/* Explores the run that was loaded: as many parts as processes, from options->part on. False after
 * one line on stderr. */
bool sim_cli_explore_parts_of(struct sim_cli *cli, uint64_t seed, const struct sim_branch_options *options,
                              uint32_t processes, struct sim_cli_explored *explored) SIM_MUST_CHECK;
/* All parts. */
bool sim_cli_explore_all(struct sim_cli *cli, uint64_t seed, const struct sim_branch_options *options,
                         struct sim_cli_explored *explored) SIM_MUST_CHECK;
void sim_cli_explored_free(struct sim_cli_explored *explored);

#endif
