/* sim/orders/end_state.h: a run of orders as one number, so that runs of one seed can be
 * compared. */
#ifndef AFTERSHOCK_SIM_END_STATE_H
#define AFTERSHOCK_SIM_END_STATE_H

#include "view.h"

/* A hash of the logical state: version, halt, limits, seen set, orders, and of each position its
 * quantity and the sum of its cash flows (realised profit minus open cost). What depends on the
 * order of arrival is left out: the epoch, and how that sum is divided between profit and cost.
 * Never 0. */
uint64_t sim_end_state_hash(const struct sim_view *view);

#endif
