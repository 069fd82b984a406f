/* sim/orders/malformed.h: reports that nobody may apply. Invariant S49. */
#ifndef AFTERSHOCK_SIM_MALFORMED_H
#define AFTERSHOCK_SIM_MALFORMED_H

#include "orders.h"

/* Sends the owner, which runs, a spoiled copy of a report of the plan, and judges the answer. Does
 * nothing when the copy would contradict an order that nobody knows yet. */
void sim_malformed_send(struct sim_orders *orders, const struct sim_step *step);

#endif
