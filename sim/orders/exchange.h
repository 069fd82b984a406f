/* sim/orders/exchange.h: the exchange sends reports to the one engine, alone or in batches, and
 * takes its answers. */
#ifndef AFTERSHOCK_SIM_EXCHANGE_H
#define AFTERSHOCK_SIM_EXCHANGE_H

#include "orders.h"

/* The exchange sends one report, or the operator a command, to the engine, which runs. */
void sim_exchange_send(struct sim_orders *orders, uint32_t report);
/* Everything that was sent and is not acknowledged goes out again, in its order; before each the
 * engine is started if it must be. */
void sim_exchange_send_backlog(struct sim_orders *orders, uint32_t tries);
/* Everything sent so far that is not settled, and what the step adds, goes out in batches. */
void sim_exchange_send_batch(struct sim_orders *orders, const struct sim_step *step);
/* Collects from `*next` on what goes out together: updates up to the next command, or a command
 * alone. Returns how many. */
uint32_t sim_exchange_collect(const struct sim_orders *orders, uint32_t *next, uint32_t reports[SUBJECT_BATCH_MAX]);
/* The engine has died and was told of these: their outcome is open. */
void sim_exchange_died(struct sim_orders *orders);

#endif
