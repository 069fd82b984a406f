/* sim/plan/workload_wide.h: what is far from usual in the reports of a day: broken ones, ids as
 * long as they may be, one id on two symbols, clocks that jump, and numbers that 64 bits just
 * hold. */
#ifndef AFTERSHOCK_SIM_WORKLOAD_WIDE_H
#define AFTERSHOCK_SIM_WORKLOAD_WIDE_H

#include "workload_day.h"

/* A report that no state takes. False when there is no order to say it of. */
bool sim_workload_wide_break(struct sim_workload_day *day);
/* When all reports are there: ids, times and numbers become what the scenario asks for. Draws from
 * a stream of its own, and nothing where it does not ask. */
void sim_workload_wide_make(struct sim_plan *plan, const struct sim_workload *workload);

#endif
