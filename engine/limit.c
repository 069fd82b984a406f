#include "limit.h"

#include <assert.h>
#include <string.h>

__extension__ typedef __int128 limit_wide;
__extension__ typedef unsigned __int128 limit_wide_unsigned;

static limit_wide engine_limit_widen(const struct engine_digest *sum) {
	return (limit_wide)((limit_wide_unsigned)sum->high << 64 | sum->low);
}

static limit_wide engine_limit_absolute(limit_wide value) {
	return value < 0 ? -value : value;
}

/* Moves the leaves of an order from `before` to `after`. */
static void engine_limit_move(struct engine_exposure *exposure, enum engine_side side, int64_t before, int64_t after) {
	struct engine_digest *sum = side == ENGINE_SIDE_BUY ? &exposure->buys : &exposure->sells;
	struct engine_digest old = {(uint64_t)before, 0};
	struct engine_digest new = {(uint64_t)after, 0};

	assert(before >= 0 && after >= 0);
	engine_digest_subtract(sum, &old);
	engine_digest_add(sum, &new);
}

static enum engine_halt engine_limit_judge(const struct engine_limits *limits, const struct engine_order *order,
                                           int64_t position_lots, const struct engine_exposure *exposure,
                                           int64_t open_orders) {
	limit_wide longest = position_lots + engine_limit_widen(&exposure->buys);
	limit_wide shortest = position_lots - engine_limit_widen(&exposure->sells);
	limit_wide notional = engine_limit_absolute((limit_wide)order->order_quantity_lots * order->price_ticks);

	if (limits->position_lots > 0 && (longest > limits->position_lots || -shortest > limits->position_lots)) {
		return ENGINE_HALT_POSITION;
	}
	if (limits->order_notional_tick_lots > 0 && order->leaves_quantity_lots > 0 &&
	    notional > limits->order_notional_tick_lots) {
		return ENGINE_HALT_ORDER_NOTIONAL;
	}
	return limits->open_orders > 0 && open_orders > limits->open_orders ? ENGINE_HALT_OPEN_ORDERS
	                                                                    : ENGINE_HALT_NONE;
}

static int64_t engine_limit_position(const struct engine_state *state, const struct engine_order *order) {
	const struct engine_position *position = engine_state_find_position(state, order->symbol, &order->scope);

	return position != NULL ? position->quantity_lots : 0;
}

void engine_limit_draft(const struct engine_state *state, const struct engine_order *known,
                        struct engine_change *change) {
	int64_t before = known != NULL ? known->leaves_quantity_lots : 0;
	int64_t after = change->order.leaves_quantity_lots;
	const struct engine_exposure *had =
	        engine_state_find_exposure(state, change->order.symbol, &change->order.scope);

	if (!state->has_exposures) {
		return;
	}
	change->has_exposure = true;
	change->exposure_is_new = had == NULL;
	memcpy(change->exposure.symbol, change->order.symbol, sizeof change->exposure.symbol);
	change->exposure.scope = change->order.scope;
	change->exposure = had != NULL ? *had : change->exposure;
	engine_limit_move(&change->exposure, change->order.side, before, after);
	change->open_orders = engine_state_open_orders(state) + (after > 0) - (before > 0);
	assert(change->open_orders >= 0);
	int64_t position_lots =
	        change->has_position ? change->position.quantity_lots : engine_limit_position(state, &change->order);
	enum engine_halt halt = engine_limit_judge(&change->after.limits, &change->order, position_lots,
	                                           &change->exposure, change->open_orders);
	if (change->after.halt == ENGINE_HALT_NONE) {
		change->after.halt = halt;
	}
}

enum engine_halt engine_limit_check(const struct engine_state *state, const struct engine_order *order) {
	struct engine_exposure exposure = {0};
	const struct engine_exposure *had = engine_state_find_exposure(state, order->symbol, &order->scope);

	if (!state->has_exposures) {
		return ENGINE_HALT_NONE; /* there are no limits, else engine_state_prepare had built
		                          * them */
	}
	exposure = had != NULL ? *had : exposure;
	engine_limit_move(&exposure, order->side, 0, order->leaves_quantity_lots);
	return engine_limit_judge(&state->meta.limits, order, engine_limit_position(state, order), &exposure,
	                          state->open_orders + 1);
}

const char *engine_limit_explain(enum engine_halt halt) {
	static const char *const texts[] = {
	        [ENGINE_HALT_NONE] = "",
	        [ENGINE_HALT_COMMANDED] = "halted by command",
	        [ENGINE_HALT_POSITION] = "halted: worst-case position above the limit",
	        [ENGINE_HALT_ORDER_NOTIONAL] = "halted: order notional above the limit",
	        [ENGINE_HALT_OPEN_ORDERS] = "halted: too many open orders",
	};

	return (size_t)halt < sizeof texts / sizeof texts[0] ? texts[halt] : "halted";
}
