/* sim/plan/workload_rare.h: what happens to orders beside being opened, filled and closed. */
#ifndef AFTERSHOCK_SIM_WORKLOAD_RARE_H
#define AFTERSHOCK_SIM_WORKLOAD_RARE_H

#include "workload_day.h"

/* Something rare happens, or nothing, in which case it returns false. */
bool sim_workload_rare_event(struct sim_workload_day *day);
/* An order begins in a way that is not the usual one. False: it begins as usual. */
bool sim_workload_rare_opening(struct sim_workload_day *day, struct sim_workload_order *order);

#endif
