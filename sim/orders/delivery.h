/* sim/orders/delivery.h: in which order the exchange may send its reports, and the probes of the
 * life cycle. */
#ifndef AFTERSHOCK_SIM_DELIVERY_H
#define AFTERSHOCK_SIM_DELIVERY_H

#include "orders.h"

/* The step that tells a subject of one report or command. */
struct subject_step sim_delivery_step(const struct sim_report *report);
/* Whether the report may be sent now: not while one that it must not overtake is not settled. */
bool sim_delivery_may_send(const struct sim_orders *orders, uint32_t report);
/* Whether it was sent, is not acknowledged, and may be sent now. */
bool sim_delivery_is_due(const struct sim_orders *orders, uint32_t report);
/* Whether a report that was settled still is, after a load. */
bool sim_delivery_is_settled(const struct sim_orders *orders, uint32_t report);

/* What an answer, or a load, has reached. */
void sim_delivery_reach_applied(struct sim_orders *orders, uint32_t report);
void sim_delivery_reach_refused(struct sim_orders *orders, uint32_t report);
void sim_delivery_reach_unchanged(struct sim_orders *orders, uint32_t report);
void sim_delivery_reach_loaded(struct sim_orders *orders);

#endif
