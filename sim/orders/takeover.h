/* sim/orders/takeover.h: a second engine on the database of the first, in steps of the plan: it
 * takes over while the first is alive and idle; later the former one wakes up and is given a
 * report, or is stopped in the ordinary way.
 *
 *   owner ──takeover──▶ former ──wake──▶ answers: must be fenced, and show what it showed (S16)
 *                         │ └───retire──▶ closes: no file of the owner's may change
 *                         └─ no start succeeded since ──wake──▶ owner again
 *
 * Two processes of the world take turns at being the owner. Faults of a step meet whichever of them
 * makes the call. A power loss ends both, a kill only the one that it meets.
 */
#ifndef AFTERSHOCK_SIM_TAKEOVER_H
#define AFTERSHOCK_SIM_TAKEOVER_H

#include "orders.h"

/* Step `takeover`: the other process starts an engine. The owner becomes the former one; one that
 * is there already is stopped before. */
void sim_takeover_take_over(struct sim_orders *orders);
/* Step `wake`: the former one is given a report. Nothing when there is none. While no start of
 * another has succeeded it is the owner still, and goes on as such. */
void sim_takeover_wake(struct sim_orders *orders, uint32_t report);
/* Step `retire`: the former one is stopped in the ordinary way. Nothing when there is none. */
void sim_takeover_retire(struct sim_orders *orders);
/* A start has succeeded: from now on the former one owns nothing. */
void sim_takeover_started(struct sim_orders *orders);
/* The process has died. */
void sim_takeover_died(struct sim_orders *orders, const struct sim_process *process);

#endif
