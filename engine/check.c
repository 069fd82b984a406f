#include "check.h"

#include <assert.h>
#include <string.h>

#include "fold.h"
#include "order.h"

static void engine_check_assert_order(const struct engine_order *order) {
	struct engine_order derived = *order;

	engine_order_derive(&derived);
	assert(derived.status == order->status && derived.flags == order->flags);
	assert(derived.leaves_quantity_lots == order->leaves_quantity_lots);
	assert(order->order_id[0] != '\0' && order->symbol[0] != '\0');
	assert(order->order_quantity_lots >= 0 && order->cum_quantity_lots >= 0);
}

/* Adds an entry of the ledger to a second table of orders, which gets their cumulative
 * quantities. */
static void engine_check_fold_order(struct engine_hash_table *orders, const struct engine_execution *execution) {
	struct engine_order order = {0};

	if (execution->order_id[0] == '\0') {
		return;
	}
	memcpy(order.order_id, execution->order_id, sizeof order.order_id);
	memcpy(order.again, execution->order_again, sizeof order.again);
	const struct engine_order *had = engine_hash_table_find(orders, &order);
	order = had != NULL ? *had : order;
	order.cum_quantity_lots += execution->moved_lots;
	bool reserved = engine_hash_table_reserve(orders);
	assert(reserved);
	engine_hash_table_put(orders, &order);
}

static void engine_check_assert_orders(const struct engine_state *state) {
	struct engine_hash_table orders;

	engine_hash_table_init(&orders, sizeof(struct engine_order), state->orders.key_size);
	for (uint64_t version = 1; version <= state->meta.version; version++) {
		engine_check_fold_order(&orders, engine_state_execution_of(state, version));
	}
	assert(orders.count == state->orders.count);
	for (uint32_t i = 0; i < state->orders.count; i++) {
		const struct engine_order *order = engine_hash_table_row(&state->orders, i);
		const struct engine_order *folded = engine_hash_table_find(&orders, order);
		engine_check_assert_order(order);
		assert(folded != NULL && order->cum_quantity_lots == folded->cum_quantity_lots);
	}
	engine_hash_table_deinit(&orders);
}

static void engine_check_assert_positions(const struct engine_state *state) {
	struct engine_position folded;

	for (uint32_t i = 0; i < state->positions.count; i++) {
		const struct engine_position *position = engine_hash_table_row(&state->positions, i);
		bool fits = engine_fold_position(state, position, NULL, &folded);
		assert(fits && folded.quantity_lots == position->quantity_lots);
		assert(folded.cost_tick_lots == position->cost_tick_lots);
		assert(folded.realised_tick_lots == position->realised_tick_lots);
	}
}

/* Compares the sums that publishing keeps up to date with sums made anew. */
static void engine_check_assert_sums(const struct engine_state *state) {
	struct engine_state copy;

	engine_state_init(&copy);
	copy.orders = state->orders;
	bool built = engine_state_build_exposures(&copy);
	for (uint32_t i = 0; i < state->executions.count; i++) {
		built = built && engine_state_count_commission(&copy, engine_hash_table_row(&state->executions, i));
	}
	assert(built);
	for (uint32_t i = 0; i < state->commissions.count; i++) {
		const struct engine_commission *sum = engine_hash_table_row(&state->commissions, i);
		const struct engine_commission *anew = engine_hash_table_find(&copy.commissions, sum->comm_currency);
		assert(sum->total_units == (anew != NULL ? anew->total_units : 0));
	}
	assert(!state->has_exposures || copy.open_orders == state->open_orders);
	for (uint32_t i = 0; state->has_exposures && i < state->exposures.count; i++) {
		const struct engine_exposure *sum = engine_hash_table_row(&state->exposures, i);
		const struct engine_exposure *anew = engine_hash_table_find(&copy.exposures, sum);
		const struct engine_exposure none = {0};
		anew = anew != NULL ? anew : &none;
		assert(engine_digest_is_equal(&sum->buys, &anew->buys));
		assert(engine_digest_is_equal(&sum->sells, &anew->sells));
	}
	/* it was borrowed */
	engine_hash_table_init(&copy.orders, sizeof(struct engine_order), state->orders.key_size);
	engine_state_deinit(&copy);
}

void engine_check_assert(struct engine_state *state) {
	struct engine_digest digest = engine_state_digest(state);

	assert(engine_digest_is_equal(&digest, &state->meta.digest));
	assert(state->meta.version == state->executions.count);
	struct engine_digest history = engine_state_history(state, state->meta.version);
	assert(engine_digest_is_equal(&history, &state->meta.history));
	bool indexed = state->by_version != NULL || engine_state_index_versions(state);
	assert(indexed);
	engine_check_assert_orders(state);
	engine_check_assert_positions(state);
	engine_check_assert_sums(state);
}
