/* sim/cli/cli_small_cells.h: the workloads of scenarios that enumerate them (sim/scenario/small.h),
 * each run explored completely, with several processes. */
#ifndef AFTERSHOCK_SIM_CLI_SMALL_CELLS_H
#define AFTERSHOCK_SIM_CLI_SMALL_CELLS_H

#include "cli.h"
#include "cli_joined.h"
#include "must_check.h"

/* What one cell came to. */
struct sim_cli_small_cell {
	uint64_t explored; /* workloads */
	uint64_t points;
	uint64_t states; /* judged */
	uint64_t images;
	uint64_t recovered;
	uint64_t refused;
	uint64_t violations; /* with those of the runs themselves, and so are: */
	uint64_t excused;
	uint64_t runs_hash; /* of the trace hashes of its runs */
	uint32_t pending;   /* portions of it that are not done */
};

struct sim_cli_small {
	struct sim_cli *cli;
	struct sim_branch_options options;
	uint64_t every; /* only workloads whose number, over all cells, is `first` modulo that */
	uint64_t first;
	/* After each cell, in their order; NULL: nobody is told. */
	void (*told)(const struct sim_cli_small *small, uint32_t cell);
	struct sim_cli_joined joined;
	struct sim_cli_small_cell cells[SIM_SWEEP_SCENARIOS_MAX];
	double processor_s;
};

/* Of a found violation: which cell, and which seed. */
static inline uint32_t sim_cli_small_cell_of(const struct sim_branch_found *found) {
	return (uint32_t)(found->run >> 32);
}
static inline uint64_t sim_cli_small_seed_of(const struct sim_branch_found *found) {
	return found->run & UINT32_MAX;
}

/* Of all cells. */
uint64_t sim_cli_small_workloads(const struct sim_cli *cli);
/* Explores them with cli->sweep.jobs processes. A subject that crashes or hangs violates the state
 * in which it does; the other workloads go on. Interrupted, it has what was complete. False after
 * one line on stderr. Free `joined`. */
bool sim_cli_small_explore(struct sim_cli_small *small) SIM_MUST_CHECK;

#endif
