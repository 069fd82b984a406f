/* sim/plan/plan_promise.h: what one run of a plan is promised after a crash. */
#ifndef AFTERSHOCK_SIM_PLAN_PROMISE_H
#define AFTERSHOCK_SIM_PLAN_PROMISE_H

#include "contract.h"
#include "plan.h"

/* Every journal mode that a run of the plan may be in, as bits 1 << mode: its own, and those that
 * its steps switch to. */
uint32_t sim_plan_promise_modes(const struct sim_plan *plan);

/* Whether a process of the plan opens the database without locks. */
bool sim_plan_promise_is_unlocked(const struct sim_plan *plan);

/* One line about the plan's settings and the faults that it has: "durable after kill, prefix after
 * power loss". */
void sim_plan_promise_print(const struct sim_plan *plan, char text[SIM_CONTRACT_TEXT_SIZE]);

#endif
