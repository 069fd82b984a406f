/* sim/aftershock/answer.h: what came of seeds, for the host; and a seed that the environment asks
 * for. */
#ifndef AFTERSHOCK_ANSWER_H
#define AFTERSHOCK_ANSWER_H

#include "aftershock.h"
#include "case.h"

#include <stdbool.h>

/* $AFTERSHOCK_REPLAY: one seed in the place of all. */
struct aftershock_wish {
	bool is_one;
	char scenario[SIM_SCENARIO_PATH_SIZE]; /* with the cell */
	uint64_t seed;
	bool expects;
	char verdict[SIM_VERDICT_INVARIANT_SIZE];
	char trace_hash[33];
};

/* Reads the variable. False when it is there and cannot be read. */
bool aftershock_wish_read(struct aftershock_wish *wish);
/* Whether the wish is about one of the scenarios of this sweep, and which. */
bool aftershock_wish_find(const struct aftershock_wish *wish, const struct sim_sweep_options *options,
                          uint32_t *scenario);
/* Says before the message whether the run is still the one that was expected. */
void aftershock_wish_compare(const struct aftershock_wish *wish, struct aftershock_result *result);
/* Of a call that is not about the wish, and is to run nothing then. */
void aftershock_wish_pass_over(const struct aftershock_wish *wish, struct aftershock_result *result);

/* What a sweep came to. */
void aftershock_answer_sweep(const struct sim_sweep_options *options, const struct sim_sweep_result *sweep,
                             struct aftershock_result *result);
/* What one run came to. */
void aftershock_answer_run(const struct sim_sweep_options *options, const struct sim_sweep_key *key,
                           const struct sim_run_result *run, struct aftershock_result *result);

#endif
