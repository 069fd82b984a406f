/* sim/cli/cli_explain_state.h: the story of one crash state, `explain
 * SCENARIO@SEED/POINT/STATE`. */
#ifndef AFTERSHOCK_SIM_CLI_EXPLAIN_STATE_H
#define AFTERSHOCK_SIM_CLI_EXPLAIN_STATE_H

#include "branch.h"
#include "plan.h"

/* Tells what was pending at the point, what the state keeps of it, what the start on it changes on
 * the disk, and what it loads. One story at a time. */
const struct sim_branch_teller *sim_cli_explain_state(const struct sim_plan *plan);
/* From here on it is told there. */
void sim_cli_explain_state_to(FILE *out);

#endif
