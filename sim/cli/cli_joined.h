/* sim/cli/cli_joined.h: what several processes have explored, together: sums, and lists of images
 * without what is there twice. So the result does not depend on how many there are. */
#ifndef AFTERSHOCK_SIM_CLI_JOINED_H
#define AFTERSHOCK_SIM_CLI_JOINED_H

#include "branch.h"
#include "must_check.h"

#include <stdio.h>

/* Hashes, ascending; owned. */
struct sim_cli_hashes {
	uint64_t *list;
	uint64_t count;
};

struct sim_cli_joined {
	struct sim_branch_totals totals;
	struct sim_cli_hashes images;
	struct sim_cli_hashes recovered;
	struct sim_cli_hashes compared;
};

/* Behind what the file has already: sums and lists of one process. */
void sim_cli_joined_write(const struct sim_branches *branches, FILE *file);
/* Adds what was written there. False when the file is cut short, or when out of memory. */
bool sim_cli_joined_read(struct sim_cli_joined *joined, FILE *file) SIM_MUST_CHECK;
/* Adds sums alone. */
void sim_cli_joined_add(struct sim_branch_totals *totals, const struct sim_branch_totals *part);
/* When all is there: counts the lists, and puts what was found in order. */
void sim_cli_joined_end(struct sim_cli_joined *joined);
void sim_cli_joined_free(struct sim_cli_joined *joined);

#endif
