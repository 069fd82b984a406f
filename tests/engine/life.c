/* tests/engine/life.c: see life.h. */
#include "life.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "check.h"
#include "memory_vfs.h"
#include "orders.h"
#include "protocol.h"

struct engine *life_engine;

int life_set_up(void **context) {
	(void)context;
	memory_vfs_reset();
	orders_set_protocol(NULL);
	life_engine = orders_open("delete");
	return 0;
}

int life_tear_down(void **context) {
	(void)context;
	engine_check_assert(&life_engine->state);
	uint64_t before = orders_fingerprint(life_engine);
	engine_close(life_engine);
	life_engine = orders_open("delete");
	engine_check_assert(&life_engine->state);
	bool is_same = orders_fingerprint(life_engine) == before;
	engine_close(life_engine);
	return is_same ? 0 : -1;
}

void life_expect(enum engine_outcome outcome, enum engine_rule rule, struct engine_update update) {
	struct engine_receipt receipt;
	uint64_t before = orders_fingerprint(life_engine);

	engine_submit(life_engine, &update, &receipt);
	if (receipt.outcome != outcome || receipt.rule != rule) {
		fail_msg("outcome %d, rule %d: %s", (int)receipt.outcome, (int)receipt.rule, receipt.reason);
	}
	assert_true((outcome == ENGINE_APPLIED) == (orders_fingerprint(life_engine) != before));
	engine_check_assert(&life_engine->state);
}

void life_expect_applied(struct engine_update update) {
	life_expect(ENGINE_APPLIED, ENGINE_RULE_NONE, update);
}

struct engine_order life_order(const char *order_id) {
	struct engine_order order;
	bool found = engine_find_order(life_engine, order_id, &order);

	assert_true(found);
	return order;
}

void life_expect_order(const char *order_id, enum engine_order_status status, int64_t cum, int64_t leaves) {
	struct engine_order order = life_order(order_id);

	assert_int_equal(order.status, status);
	assert_int_equal(order.cum_quantity_lots, cum);
	assert_int_equal(order.leaves_quantity_lots, leaves);
}

void life_expect_position(int64_t quantity, int64_t cost, int64_t realised) {
	struct engine_position position;
	bool found = engine_find_position(life_engine, "AAA", &position);

	assert_true(found);
	assert_int_equal(position.quantity_lots, quantity);
	assert_int_equal(position.cost_tick_lots, cost);
	assert_int_equal(position.realised_tick_lots, realised);
}

struct engine_update life_fill(const char *exec_id, int64_t last, int64_t cum, int64_t price) {
	struct engine_update update = orders_fill(exec_id, "o1", last, cum);

	update.last_price_ticks = price;
	return update;
}

struct engine_update life_late(const char *exec_id, enum engine_exec_type type, const char *ref, int64_t cum) {
	struct engine_update update = orders_report(exec_id, "o1", type);

	engine_state_set_text(update.exec_ref_id, sizeof update.exec_ref_id, ref);
	update.cum_quantity_lots = cum;
	return update;
}
