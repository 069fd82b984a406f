/* sim/orders/model_position.c: average cost in exact money (R9). */
#include "model_position.h"

#include <assert.h>

/* cost * part / whole, rounded half to even; part and whole are positive and part is below
 * whole. */
static sim_int128 sim_model_position_share(sim_int128 cost, sim_int128 part, sim_int128 whole) {
	assert(part > 0 && part < whole);
	bool negative = cost < 0;
	sim_int128 product = (negative ? -cost : cost) * part;
	sim_int128 share = product / whole;
	sim_int128 twice_rest = 2 * (product - share * whole);
	if (twice_rest > whole || (twice_rest == whole && (share & 1) != 0)) {
		share++;
	}
	return negative ? -share : share;
}

/* Closing part of a position: its share of the cost leaves, and the difference to the money that
 * comes in is profit. */
static void sim_model_position_close(struct sim_model_position *position, int64_t lots, int64_t ticks) {
	assert(lots > 0 && position->quantity_lots != 0);
	bool is_long = position->quantity_lots > 0;
	sim_int128 whole = is_long ? position->quantity_lots : -(sim_int128)position->quantity_lots;
	sim_int128 share = lots == whole ? position->cost_tick_lots
	                                 : sim_model_position_share(position->cost_tick_lots, lots, whole);
	sim_int128 cash = (sim_int128)lots * ticks * (is_long ? 1 : -1);
	position->quantity_lots += is_long ? -lots : lots;
	position->cost_tick_lots -= (int64_t)share;
	position->realised_tick_lots += (int64_t)(cash - share);
}

bool sim_model_position_fill(struct sim_model_position *position, const struct subject_order_update *update) {
	assert(update->last_quantity_lots > 0);
	int64_t sign = update->side == SUBJECT_SIDE_BUY ? 1 : -1;
	int64_t left = update->last_quantity_lots;
	bool opposite = position->quantity_lots != 0 && (position->quantity_lots > 0) != (sign > 0);
	position->exists = true;
	if (opposite) {
		int64_t held = position->quantity_lots > 0 ? position->quantity_lots : -position->quantity_lots;
		int64_t closed = left < held ? left : held;
		sim_model_position_close(position, closed, update->last_price_ticks);
		left -= closed;
	}
	position->quantity_lots += sign * left;
	position->cost_tick_lots += sign * left * update->last_price_ticks;
	return opposite && left > 0;
}

bool sim_model_position_split(struct sim_model_position *position, enum subject_side side, int64_t lots) {
	sim_int128 before = position->quantity_lots;
	sim_int128 after = before + (side == SUBJECT_SIDE_BUY ? (sim_int128)lots : -(sim_int128)lots);
	bool follows =
	        (before > 0 && after > 0 && after <= INT64_MAX) || (before < 0 && after < 0 && after >= -INT64_MAX);
	position->quantity_lots = follows ? (int64_t)after : position->quantity_lots;
	return follows;
}
