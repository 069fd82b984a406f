/* engine/order.h: what a report does to its order (docs/order-updates.md, R7 and R8). */
#ifndef AFTERSHOCK_ENGINE_ORDER_H
#define AFTERSHOCK_ENGINE_ORDER_H

#include "engine.h"

/* By how much a report changes the sums of its order. */
struct engine_order_move {
	int64_t quantity_lots;
	int64_t value_tick_lots;
};

/* Makes the order of a report about an unknown one. The report has still to advance it. */
void engine_order_begin(const struct engine_update *update, struct engine_order *order);

/* Advances an order by a report that applies. False when a sum would leave its range; then the
 * order is undefined. */
bool engine_order_advance(const struct engine_update *update, const struct engine_order_move *move,
                          struct engine_order *order);

/* Notes the trading day of a report about the order; 0: it said none. */
void engine_order_note_trading_day(int32_t day, struct engine_order *order);

/* Derives status, leaves and the flag OVERFILLED of an order from everything else in it. */
void engine_order_derive(struct engine_order *order);

/* Whether it is a fill that is no correction: of an order, or of a whole spread. */
bool engine_order_is_trade(enum engine_exec_type type);

/* Whether a report takes over an order, should it be unknown. */
bool engine_order_is_adoption(const struct engine_update *update);

/* Whether a restatement is a split: order quantity and cumulative quantity changed, both in the
 * same proportion. */
bool engine_order_is_split(const struct engine_order *order, const struct engine_update *update);

#endif
