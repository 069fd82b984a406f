/* engine/order.h: what a report does to its order (README.md, R7 and R8). */
#ifndef AFTERSHOCK_ENGINE_ORDER_H
#define AFTERSHOCK_ENGINE_ORDER_H

#include "engine.h"

/* What a report changes an order's sums by. */
struct engine_order_move {
	int64_t quantity_lots;
	int64_t value_tick_lots;
};

/* The order that a report of an unknown order makes, before it is advanced. */
void engine_order_begin(const struct engine_update *update, struct engine_order *order);

/* Advances an order by a report that applies. False when its sums would leave their range. */
bool engine_order_advance(const struct engine_update *update, const struct engine_order_move *move,
                          struct engine_order *order);

/* Sets status, leaves and the overfill flag of an order from everything else. */
void engine_order_derive(struct engine_order *order);

/* Whether a restatement is a split: order and cumulative quantity changed in the same proportion, and to something else. */
bool engine_order_is_split(const struct engine_order *order, const struct engine_update *update);

#endif
