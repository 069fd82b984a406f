/* sim/sweep/demand.h: what a batch of seeds must show before its green means anything. A scenario
 * demands each of its probes, and a strike of each kind of fault that it lists. The cells of one
 * file are one batch.
 *
 * A rate that the scenario states (`rates: [torn_wal 1/40]`) makes a demand due as soon as the
 * chance to miss it by luck is below one in a million. Without a rate it is due from `probe_seeds`
 * runs on, and until then the batch is too small to tell. */
#ifndef AFTERSHOCK_SIM_DEMAND_H
#define AFTERSHOCK_SIM_DEMAND_H

#include "case.h"

#define SIM_DEMANDS_MAX ((uint32_t)SIM_PROBE_COUNT + (uint32_t)SIM_FAULT_KIND_COUNT)
#define SIM_DEMAND_TEXT_SIZE 400

enum sim_demand_state {
	SIM_DEMAND_NONE = 0,
	SIM_DEMAND_REACHED,
	SIM_DEMAND_NOT_YET, /* rare by its stated rate, and not due */
	SIM_DEMAND_TOO_FEW, /* not due, and no rate explains it: too few seeds to tell */
	SIM_DEMAND_MISSED,  /* due: the sweep fails */
};

struct sim_demand {
	const char *name; /* of the probe, or of the kind of fault */
	bool of_fault;    /* a strike; else a probe */
	uint32_t one_in;  /* stated: at least one run in so many reaches it; 0: nothing is stated */
	uint64_t due;     /* in batches of at least so many runs */
	uint64_t reached; /* runs */
	enum sim_demand_state state;
};

/* The demands of the file that `first` is the first cell of. */
struct sim_demands {
	uint64_t runs;
	uint32_t count;
	struct sim_demand all[SIM_DEMANDS_MAX];
	uint32_t states[SIM_DEMAND_MISSED + 1]; /* how many are in each state */
};

void sim_demands_judge(const struct sim_sweep_options *options, const struct sim_sweep_result *result, uint32_t first,
                       struct sim_demands *demands);
/* The word for all demands of a file: the worst state among them. */
enum sim_demand_state sim_demands_state(const struct sim_demands *demands);
/* "reached", "not yet", "too few seeds", "missed". */
const char *sim_demand_state_name(enum sim_demand_state state);
/* The names that are in this state, as "probe torn_wal, fault kill". Returns how many. */
uint32_t sim_demands_text(const struct sim_demands *demands, enum sim_demand_state state,
                          char text[SIM_DEMAND_TEXT_SIZE]);
/* What struck, and how many runs it struck: "kill 98, power_loss 3"; empty where no fault is
 * listed. */
void sim_demands_struck(const struct sim_demands *demands, char text[SIM_DEMAND_TEXT_SIZE]);
/* After the last run: notes what is missed as a failure, and counts the batches that are too small
 * to tell. */
void sim_demands_check(const struct sim_sweep_options *options, struct sim_sweep_result *result);

#endif
