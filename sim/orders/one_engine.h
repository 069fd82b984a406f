/* sim/orders/one_engine.h: the work on order updates with one engine, and a second one that may
 * take over from it (takeover.h). */
#ifndef AFTERSHOCK_SIM_ONE_ENGINE_H
#define AFTERSHOCK_SIM_ONE_ENGINE_H

#include "orders.h"

/* A start succeeded. False when the run has ended. */
bool sim_one_engine_started(struct sim_process *process, enum sim_contract contract);

extern const struct sim_work sim_one_engine_work;

#endif
