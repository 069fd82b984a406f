#include "state.h"

#include <assert.h>
#include <string.h>

#include <sqlite3.h>

#include "apply.h"
#include "money.h"

#define STATE_EXECUTION_KEY_SIZE (ENGINE_SYMBOL_SIZE + ENGINE_ID_SIZE)

static_assert(offsetof(struct engine_position, symbol) == 0, "the key comes first");
static_assert(offsetof(struct engine_order, order_id) == 0, "the key comes first");
static_assert(offsetof(struct engine_execution, symbol) == 0, "the key comes first");
static_assert(offsetof(struct engine_execution, exec_id) == ENGINE_SYMBOL_SIZE, "the key is one piece");

void engine_state_init(struct engine_state *state) {
	memset(state, 0, sizeof *state);
	engine_table_init(&state->positions, sizeof(struct engine_position), ENGINE_SYMBOL_SIZE);
	engine_table_init(&state->orders, sizeof(struct engine_order), ENGINE_ID_SIZE);
	engine_table_init(&state->executions, sizeof(struct engine_execution), STATE_EXECUTION_KEY_SIZE);
}

void engine_state_deinit(struct engine_state *state) {
	engine_table_deinit(&state->positions);
	engine_table_deinit(&state->orders);
	engine_table_deinit(&state->executions);
}

bool engine_state_reserve(struct engine_state *state, uint32_t count) {
	return engine_table_reserve_rows(&state->positions, count) &&
	       engine_table_reserve_rows(&state->orders, count) && engine_table_reserve_rows(&state->executions, count);
}

void engine_state_publish(struct engine_state *state, const struct engine_change *change) {
	assert(change->outcome == ENGINE_APPLIED);
	if (change->has_position) {
		engine_table_put(&state->positions, &change->position);
	}
	engine_table_put(&state->orders, &change->order);
	engine_table_put(&state->executions, &change->execution);
	state->meta = change->after;
}

void engine_state_publish_with_undo(struct engine_state *state, const struct engine_change *change,
                                    struct engine_undo *undo) {
	memset(undo, 0, sizeof *undo);
	undo->meta = state->meta;
	if (change->has_position && !change->position_is_new) {
		undo->position = *engine_state_find_position(state, change->position.symbol);
	}
	if (!change->order_is_new) {
		undo->order = *engine_state_find_order(state, change->order.order_id);
	}
	engine_state_publish(state, change);
}

static void state_restore_row(struct engine_table *table, const void *row, bool is_new) {
	if (is_new) {
		engine_table_drop_last(table);
	} else {
		engine_table_put(table, row);
	}
}

void engine_state_take_back(struct engine_state *state, const struct engine_change *change,
                            const struct engine_undo *undo) {
	assert(state->meta.version == change->after.version);
	engine_table_drop_last(&state->executions);
	state_restore_row(&state->orders, &undo->order, change->order_is_new);
	if (change->has_position) {
		state_restore_row(&state->positions, &undo->position, change->position_is_new);
	}
	state->meta = undo->meta;
}

bool engine_state_set_text(char *field, size_t size, const char *text) {
	size_t length = strnlen(text, size);
	bool fits = length < size;

	length = fits ? length : size - 1;
	memcpy(field, text, length);
	memset(field + length, 0, size - length);
	return fits;
}

const struct engine_meta *engine_state_meta(const struct engine_state *state) {
	return state->draft_count > 0 ? &state->drafts[state->draft_count - 1].after : &state->meta;
}

const struct engine_position *engine_state_find_position(const struct engine_state *state, const char *symbol) {
	char key[ENGINE_SYMBOL_SIZE];

	if (!engine_state_set_text(key, sizeof key, symbol)) {
		return NULL;
	}
	for (uint32_t i = state->draft_count; i > 0; i--) {
		const struct engine_change *draft = &state->drafts[i - 1];
		if (draft->has_position && memcmp(draft->position.symbol, key, sizeof key) == 0) {
			return &draft->position;
		}
	}
	return engine_table_find(&state->positions, key);
}

const struct engine_order *engine_state_find_order(const struct engine_state *state, const char *order_id) {
	char key[ENGINE_ID_SIZE];

	if (!engine_state_set_text(key, sizeof key, order_id)) {
		return NULL;
	}
	for (uint32_t i = state->draft_count; i > 0; i--) {
		if (memcmp(state->drafts[i - 1].order.order_id, key, sizeof key) == 0) {
			return &state->drafts[i - 1].order;
		}
	}
	return engine_table_find(&state->orders, key);
}

const struct engine_execution *engine_state_find_execution(const struct engine_state *state, const char *symbol,
                                                           const char *exec_id) {
	char key[STATE_EXECUTION_KEY_SIZE];

	if (!engine_state_set_text(key, ENGINE_SYMBOL_SIZE, symbol) ||
	    !engine_state_set_text(key + ENGINE_SYMBOL_SIZE, ENGINE_ID_SIZE, exec_id)) {
		return NULL;
	}
	for (uint32_t i = state->draft_count; i > 0; i--) {
		if (memcmp(&state->drafts[i - 1].execution, key, sizeof key) == 0) {
			return &state->drafts[i - 1].execution;
		}
	}
	return engine_table_find(&state->executions, key);
}

struct engine_digest engine_state_digest(struct engine_state *state) {
	struct engine_digest digest = {0, 0};

	for (uint32_t i = 0; i < state->positions.count; i++) {
		struct engine_seal seal = engine_row_seal_position(engine_table_at(&state->positions, i));
		engine_digest_add(&digest, &seal.part);
	}
	for (uint32_t i = 0; i < state->orders.count; i++) {
		struct engine_seal seal = engine_row_seal_order(engine_table_at(&state->orders, i));
		engine_digest_add(&digest, &seal.part);
	}
	for (uint32_t i = 0; i < state->executions.count; i++) {
		struct engine_seal seal = engine_row_seal_execution(engine_table_at(&state->executions, i));
		engine_digest_add(&digest, &seal.part);
	}
	return digest;
}

static void state_assert_order(const struct engine_order *order) {
	struct engine_order derived = *order;

	engine_apply_derive(&derived);
	assert(memcmp(&derived, order, sizeof derived) == 0);
	assert(order->order_id[0] != '\0' && order->symbol[0] != '\0');
	assert(order->order_quantity_lots > 0 && order->cum_quantity_lots >= 0);
}

/* Folds the ledger in the order of versions. As many passes as orders and positions would be quadratic, so the fold builds
 * a second set of tables. */
static void state_fold_execution(struct engine_table *positions, struct engine_table *orders,
                                 const struct engine_execution *execution) {
	struct engine_position position = {0};
	struct engine_order order = {0};

	if (execution->exec_type != ENGINE_EXEC_TRADE) {
		return;
	}
	memcpy(position.symbol, execution->symbol, sizeof position.symbol);
	memcpy(order.order_id, execution->order_id, sizeof order.order_id);
	const struct engine_position *had = engine_table_find(positions, position.symbol);
	const struct engine_order *ordered = engine_table_find(orders, order.order_id);
	position = had != NULL ? *had : position;
	order = ordered != NULL ? *ordered : order;

	bool fits = engine_money_fill(&position, execution->side, execution->last_quantity_lots,
	                              execution->last_price_ticks);
	assert(fits);
	order.cum_quantity_lots += execution->last_quantity_lots;
	bool reserved = engine_table_reserve(positions) && engine_table_reserve(orders);
	assert(reserved);
	engine_table_put(positions, &position);
	engine_table_put(orders, &order);
}

/* Row numbers of the ledger in the order of versions: by_version[version - 1]. */
static uint32_t *state_order_by_version(struct engine_state *state) {
	uint32_t count = state->executions.count;
	uint32_t *by_version = sqlite3_malloc64((sqlite3_uint64)(count + 1) * sizeof *by_version);

	assert(by_version != NULL && state->meta.version == count);
	memset(by_version, 0xff, (count + 1) * sizeof *by_version);
	for (uint32_t i = 0; i < count; i++) {
		const struct engine_execution *execution = engine_table_at(&state->executions, i);
		assert(execution->version >= 1 && execution->version <= count);
		assert(by_version[execution->version - 1] == UINT32_MAX);
		by_version[execution->version - 1] = i;
	}
	return by_version;
}

static void state_assert_fold(struct engine_state *state) {
	struct engine_table positions;
	struct engine_table orders;
	uint32_t *by_version = state_order_by_version(state);

	engine_table_init(&positions, sizeof(struct engine_position), ENGINE_SYMBOL_SIZE);
	engine_table_init(&orders, sizeof(struct engine_order), ENGINE_ID_SIZE);
	for (uint32_t i = 0; i < state->executions.count; i++) {
		state_fold_execution(&positions, &orders, engine_table_at(&state->executions, by_version[i]));
	}
	assert(positions.count == state->positions.count);
	for (uint32_t i = 0; i < positions.count; i++) {
		assert(memcmp(engine_table_at(&positions, i), engine_table_at(&state->positions, i),
		              positions.row_size) == 0);
	}
	for (uint32_t i = 0; i < state->orders.count; i++) {
		const struct engine_order *order = engine_table_at(&state->orders, i);
		const struct engine_order *folded = engine_table_find(&orders, order->order_id);
		assert(order->cum_quantity_lots == (folded != NULL ? folded->cum_quantity_lots : 0));
	}
	engine_table_deinit(&positions);
	engine_table_deinit(&orders);
	sqlite3_free(by_version);
}

void engine_state_assert(struct engine_state *state) {
	struct engine_digest digest = engine_state_digest(state);

	assert(engine_digest_is_equal(&digest, &state->meta.digest));
	for (uint32_t i = 0; i < state->orders.count; i++) {
		state_assert_order(engine_table_at(&state->orders, i));
	}
	state_assert_fold(state);
}
