/* engine/money.h: what a fill does to a position, exactly (docs/order-updates.md, Money). */
#ifndef AFTERSHOCK_ENGINE_MONEY_H
#define AFTERSHOCK_ENGINE_MONEY_H

#include "engine.h"

/* round_half_even(value * part / whole), for 0 <= part <= whole and whole > 0. The product has 128 bits. */
int64_t engine_money_share(int64_t value, int64_t part, int64_t whole);

/* Applies a fill of quantity_lots > 0 at price_ticks to a position. False when a result would leave the range
 * -INT64_MAX..INT64_MAX; the position is then unchanged. Asserts E10: realised - cost changes by exactly the cash flow. */
bool engine_money_fill(struct engine_position *position, enum engine_side side, int64_t quantity_lots,
                       int64_t price_ticks);

/* A split: the quantity changes by what an order of that side was restated by, the cost stays. False when the position would
 * become flat or change its sign, or leave the range; it is then unchanged. */
bool engine_money_split(struct engine_position *position, enum engine_side side, int64_t moved_lots);

/* Quantity times price. False when out of range. */
bool engine_money_value(int64_t quantity_lots, int64_t price_ticks, int64_t *value_tick_lots);

#endif
