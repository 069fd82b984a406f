/* engine/money.h: what a fill does to a position, exactly (docs/order-updates.md, Money). */
#ifndef AFTERSHOCK_ENGINE_MONEY_H
#define AFTERSHOCK_ENGINE_MONEY_H

#include "engine.h"

/* Returns round_half_even(value * part / whole). Requires 0 <= part <= whole and whole > 0. The
 * product has 128 bits. */
int64_t engine_money_share(int64_t value, int64_t part, int64_t whole);

/* Applies a fill of quantity_lots > 0 at price_ticks to a position. False when a result would leave
 * -INT64_MAX..INT64_MAX; then the position is unchanged. Asserts E10: realised minus cost changes
 * by exactly the cash flow. */
bool engine_money_fill(struct engine_position *position, enum engine_side side, int64_t quantity_lots,
                       int64_t price_ticks);

/* Applies a split: an order of `side` was restated by moved_lots, the quantity changes by as much,
 * and the cost stays. False when the position would become flat, change its sign or leave its
 * range; then it is unchanged. */
bool engine_money_split(struct engine_position *position, enum engine_side side, int64_t moved_lots);

/* Multiplies quantity and price. False when the product is out of range. */
bool engine_money_value(int64_t quantity_lots, int64_t price_ticks, int64_t *value_tick_lots);

#endif
