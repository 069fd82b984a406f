/* tests/sim/orders/test_end_state.c: what is in the hash of a run's end, and what is not. */
#include "end_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct sim_view view;

static uint64_t hash_of_one(void) {
	memset(&view, 0, sizeof view);
	view.version = 3;
	view.position_seen[1] = true;
	view.positions[1] =
	        (struct subject_position){.quantity_lots = 5, .cost_tick_lots = 500, .realised_tick_lots = 20};
	view.order_seen[2] = true;
	view.orders[2].order_quantity_lots = 9;
	view.seen[4] = true;
	return sim_end_state_hash(&view);
}

static void everything_that_is_state_is_in_the_hash(void **context) {
	(void)context;
	uint64_t hash = hash_of_one();
	view.version = 4;
	assert_true(sim_end_state_hash(&view) != hash);
	(void)hash_of_one();
	view.halt = SUBJECT_HALT_POSITION;
	assert_true(sim_end_state_hash(&view) != hash);
	(void)hash_of_one();
	view.positions[1].quantity_lots = 6;
	assert_true(sim_end_state_hash(&view) != hash);
	(void)hash_of_one();
	view.positions[1].realised_tick_lots = 21;
	assert_true(sim_end_state_hash(&view) != hash);
	(void)hash_of_one();
	view.orders[2].cum_quantity_lots = 1;
	assert_true(sim_end_state_hash(&view) != hash);
	(void)hash_of_one();
	view.orders[2].status = SUBJECT_ORDER_FILLED;
	assert_true(sim_end_state_hash(&view) != hash);
	(void)hash_of_one();
	view.seen[5] = true;
	assert_true(sim_end_state_hash(&view) != hash);
}

static void order_of_arrival_and_number_of_starts_are_not(void **context) {
	(void)context;
	uint64_t hash = hash_of_one();
	view.epoch = 7;
	view.positions[1].cost_tick_lots += 3;
	view.positions[1].realised_tick_lots += 3;
	view.orders[7].cum_quantity_lots = 1; /* of no order that is there */
	assert_true(sim_end_state_hash(&view) == hash);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(everything_that_is_state_is_in_the_hash),
	        cmocka_unit_test(order_of_arrival_and_number_of_starts_are_not),
	};
	return cmocka_run_group_tests_name("end_state", tests, NULL, NULL);
}
