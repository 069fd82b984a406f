#include "money.h"

#include <assert.h>

/* Wide enough for a product of two int64, and for a few sums of such products. */
__extension__ typedef __int128 money_wide;

static money_wide engine_money_absolute(money_wide value) {
	return value < 0 ? -value : value;
}

int64_t engine_money_share(int64_t value, int64_t part, int64_t whole) {
	assert(whole > 0 && part >= 0 && part <= whole);
	money_wide product = (money_wide)value * part;
	money_wide quotient = product / whole;
	money_wide twice_rest = 2 * engine_money_absolute(product % whole);

	if (twice_rest > whole || (twice_rest == whole && quotient % 2 != 0)) {
		quotient += product < 0 ? -1 : 1;
	}
	return (int64_t)quotient;
}

/* A position while it is being computed. It is wide, so only the end result has to be in range. */
struct engine_money_position {
	money_wide quantity;
	money_wide cost;
	money_wide realised;
};

/* Both quantities are signed and opposite, and |quantity| <= |position->quantity|. */
static void engine_money_reduce(struct engine_money_position *position, money_wide quantity, int64_t price_ticks) {
	int64_t closed = (int64_t)engine_money_absolute(quantity);
	int64_t whole = (int64_t)engine_money_absolute(position->quantity);
	int64_t moved = engine_money_share((int64_t)position->cost, closed, whole);

	position->realised += -quantity * price_ticks - moved;
	position->cost -= moved;
	position->quantity += quantity;
}

static void engine_money_increase(struct engine_money_position *position, money_wide quantity, int64_t price_ticks) {
	position->quantity += quantity;
	position->cost += quantity * price_ticks;
}

static bool engine_money_fits(money_wide value) {
	return value >= -(money_wide)INT64_MAX && value <= (money_wide)INT64_MAX;
}

static void engine_money_assert_identity(const struct engine_position *before, const struct engine_position *after,
                                         money_wide cash_flow) {
	money_wide had = (money_wide)before->realised_tick_lots - before->cost_tick_lots;
	money_wide has = (money_wide)after->realised_tick_lots - after->cost_tick_lots;

	assert(has - had == cash_flow);
	assert(after->quantity_lots != 0 || after->cost_tick_lots == 0);
}

bool engine_money_fill(struct engine_position *position, enum engine_side side, int64_t quantity_lots,
                       int64_t price_ticks) {
	assert(quantity_lots > 0);
	money_wide quantity = side == ENGINE_SIDE_BUY ? (money_wide)quantity_lots : -(money_wide)quantity_lots;
	money_wide rest = quantity;
	struct engine_money_position wide = {position->quantity_lots, position->cost_tick_lots,
	                                     position->realised_tick_lots};

	if ((wide.quantity > 0 && quantity < 0) || (wide.quantity < 0 && quantity > 0)) {
		money_wide closing = engine_money_absolute(quantity) < engine_money_absolute(wide.quantity)
		                             ? quantity
		                             : -wide.quantity;
		engine_money_reduce(&wide, closing, price_ticks);
		rest -= closing;
	}
	engine_money_increase(&wide, rest, price_ticks);
	if (!engine_money_fits(wide.quantity) || !engine_money_fits(wide.cost) || !engine_money_fits(wide.realised)) {
		return false;
	}

	struct engine_position before = *position;
	position->quantity_lots = (int64_t)wide.quantity;
	position->cost_tick_lots = (int64_t)wide.cost;
	position->realised_tick_lots = (int64_t)wide.realised;
	engine_money_assert_identity(&before, position, -quantity * price_ticks);
	return true;
}

bool engine_money_split(struct engine_position *position, enum engine_side side, int64_t moved_lots) {
	money_wide moved = side == ENGINE_SIDE_BUY ? (money_wide)moved_lots : -(money_wide)moved_lots;
	money_wide quantity = position->quantity_lots + moved;
	bool is_same_sign =
	        (quantity > 0 && position->quantity_lots > 0) || (quantity < 0 && position->quantity_lots < 0);

	if (!is_same_sign || !engine_money_fits(quantity)) {
		return false;
	}
	position->quantity_lots = (int64_t)quantity;
	return true;
}

bool engine_money_value(int64_t quantity_lots, int64_t price_ticks, int64_t *value_tick_lots) {
	money_wide value = (money_wide)quantity_lots * price_ticks;

	*value_tick_lots = (int64_t)value;
	return engine_money_fits(value);
}
