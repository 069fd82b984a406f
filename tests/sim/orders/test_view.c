/* What is compared of what a subject shows and answers (S3, S21): each field by itself, the order
 * of rows (E12), epochs and versions. */
#include "judge.h"
#include "library.h"
#include "run.h"
#include "subject_built_in.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct sim_plan plan;
static struct sim_judge judge;
static struct sim_view view;

/* Limits, and one order that is bought half. */
static int begin(void **context) {
	(void)context;
	memset(&plan, 0, sizeof plan);
	plan.report_count = 80;
	plan.order_count = plan.symbol_count = 1;
	plan.reports[0].command = (struct subject_command){
	        .command_id = "E0", .kind = SUBJECT_COMMAND_LIMITS, .limits = {100, 100000, 10}};
	for (uint32_t i = 1; i < plan.report_count; i++) {
		struct subject_order_update *update = &plan.reports[i].update;
		snprintf(update->exec_id, sizeof update->exec_id, "E%u", i);
		update->exec_type = SUBJECT_EXEC_TRADE;
		update->side = SUBJECT_SIDE_BUY;
		update->order_quantity_lots = 200;
		update->last_quantity_lots = 1;
		update->cum_quantity_lots = i;
		update->price_ticks = update->last_price_ticks = 10;
	}
	sim_judge_begin(&judge, &plan);
	judge.disturbance = SIM_DISTURBED;
	return 0;
}

static bool answer(uint32_t report, enum subject_outcome outcome, uint64_t version) {
	const struct subject_reply reply = {.outcome = outcome, .version = version};
	return sim_judge_answered(&judge, &report, &reply, 1);
}

/* The view of an honest subject that applied the first `count` reports. */
static void show(uint32_t count) {
	int64_t lots = count > 0 ? (int64_t)count - 1 : 0;
	memset(&view, 0, sizeof view);
	view.version = view.execution_count = count;
	for (uint32_t i = 0; i < count; i++) {
		view.ledger[i] = (struct sim_view_entry){true, i, i == 0 ? UINT32_MAX : 0};
		view.seen[i] = true;
	}
	if (count > 0) {
		view.limits = plan.reports[0].command.limits;
	}
	if (lots == 0) {
		return;
	}
	view.order_seen[0] = view.position_seen[0] = true;
	view.orders[0] = (struct subject_order){.order_id = "O0",
	                                        .symbol = "S0",
	                                        .side = SUBJECT_SIDE_BUY,
	                                        .status = SUBJECT_ORDER_PARTIALLY_FILLED,
	                                        .order_quantity_lots = 200,
	                                        .price_ticks = 10,
	                                        .cum_quantity_lots = lots,
	                                        .leaves_quantity_lots = 200 - lots,
	                                        .filled_tick_lots = 10 * lots,
	                                        .is_external = true};
	view.positions[0] = (struct subject_position){.quantity_lots = lots, .cost_tick_lots = 10 * lots};
	view.halt = lots > 0 ? SUBJECT_HALT_POSITION : SUBJECT_HALT_NONE;
}

static void acknowledge(uint32_t count) {
	for (uint32_t i = 0; i < count; i++) {
		assert_true(answer(i, SUBJECT_ACKNOWLEDGED, i + 1));
	}
}

static void expect_violated(bool held, const char *invariant) {
	assert_false(held);
	assert_string_equal(judge.violation.invariant, invariant);
}

/* ---- fields ---------------------------------------------------------------------------------- */

static void what_is_shown_as_it_is_holds(void **context) {
	(void)context;
	acknowledge(3);
	show(3);
	assert_true(sim_judge_memory(&judge, &view));
}

static void every_limit_symbol_and_side_is_compared(void **context) {
	for (int difference = 0; difference < 6; difference++) {
		begin(context);
		acknowledge(3);
		show(3);
		view.limits.position_lots += difference == 0;
		view.limits.order_notional_tick_lots += difference == 1;
		view.limits.open_orders += difference == 2;
		view.orders[0].symbol[1] = difference == 3 ? '1' : '0';
		view.orders[0].side = difference == 4 ? SUBJECT_SIDE_SELL : SUBJECT_SIDE_BUY;
		view.disordered = difference == 5;
		expect_violated(sim_judge_memory(&judge, &view), "memory_equals_committed");
	}
}

/* A position that is right in 32 bits only, and money that is. */
static void all_64_bits_are_compared(void **context) {
	for (int difference = 0; difference < 4; difference++) {
		const int64_t high = INT64_C(1) << 32;
		begin(context);
		acknowledge(3);
		show(3);
		view.positions[0].quantity_lots += difference == 0 ? high : 0;
		view.positions[0].cost_tick_lots += difference == 1 ? high : 0;
		view.orders[0].filled_tick_lots += difference == 2 ? high : 0;
		view.limits.position_lots += difference == 3 ? high : 0;
		expect_violated(sim_judge_memory(&judge, &view), "memory_equals_committed");
	}
}

/* ---- rows ------------------------------------------------------------------------------------ */

static const char *first_symbol;
static const char *second_symbol;

static void observe_two_positions(void *instance, const struct subject_sink *sink) {
	const struct subject_head head = {0};
	struct subject_position position = {0};
	(void)instance;
	sink->head(sink->context, &head);
	snprintf(position.symbol, sizeof position.symbol, "%s", first_symbol);
	sink->position(sink->context, &position);
	snprintf(position.symbol, sizeof position.symbol, "%s", second_symbol);
	sink->position(sink->context, &position);
}

static void rows_out_of_order_are_seen_where_order_was_promised(void **context) {
	struct aftershock_subject subject = {.observe = observe_two_positions};
	(void)context;
	for (int promised = 0; promised < 2; promised++) {
		subject.takes = promised ? SUBJECT_TAKES_IN_ORDER : 0;
		first_symbol = "S0";
		second_symbol = "S1";
		sim_view_take(&view, &subject, NULL);
		assert_false(view.disordered);
		first_symbol = "S1";
		second_symbol = "S0";
		sim_view_take(&view, &subject, NULL);
		assert_int_equal(view.disordered, promised);
	}
}

/* ---- epochs and versions --------------------------------------------------------------------- */

static bool start(uint64_t epoch, enum sim_contract contract) {
	show(0);
	view.epoch = epoch;
	return sim_judge_loaded(&judge, &view, contract, false);
}

static void an_epoch_rises_with_each_start(void **context) {
	static const struct {
		enum sim_contract contract;
		uint64_t lowest;
	} rows[] = {{SIM_CONTRACT_DURABLE, 6},
	            {SIM_CONTRACT_LAST_MAY_ROLL_BACK, 5},
	            {SIM_CONTRACT_PREFIX, 1},
	            {SIM_CONTRACT_DETECT, 1}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		begin(context);
		assert_true(start(5, SIM_CONTRACT_DURABLE));
		assert_true(start(rows[i].lowest + 0, rows[i].contract));
		begin(context);
		assert_true(start(5, SIM_CONTRACT_DURABLE));
		bool held = start(rows[i].lowest - 1, rows[i].contract);
		assert_int_equal(held, rows[i].contract >= SIM_CONTRACT_PREFIX);
	}
}

static void an_epoch_does_not_move_without_a_start(void **context) {
	(void)context;
	assert_true(start(5, SIM_CONTRACT_DURABLE));
	assert_true(sim_judge_memory(&judge, &view));
	view.epoch = 4;
	expect_violated(sim_judge_memory(&judge, &view), "version_monotonic");
}

static void every_reply_shows_the_version_at_the_end_of_its_step(void **context) {
	static const enum subject_outcome outcomes[] = {SUBJECT_LATER, SUBJECT_UNCHANGED, SUBJECT_IN_DOUBT,
	                                                SUBJECT_STOPPED};
	const uint32_t reports[] = {0, 1};
	for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++) {
		struct subject_reply replies[] = {{.outcome = outcomes[i], .version = 2},
		                                  {.outcome = SUBJECT_ACKNOWLEDGED, .version = 2}};
		begin(context);
		acknowledge(2);
		assert_true(sim_judge_versions(&judge, reports, replies, 2));
		replies[0].version = 1;
		expect_violated(sim_judge_versions(&judge, reports, replies, 2), "version_monotonic");
	}
}

/* ---- attempts -------------------------------------------------------------------------------- */

/* Of more attempts than are kept, the last one counts. */
static void the_newest_attempt_is_kept(void **context) {
	(void)context;
	acknowledge(1);
	for (uint32_t i = 0; i <= SIM_JUDGE_ATTEMPTS_MAX; i++) {
		const uint32_t reports[] = {1, i + 2};
		sim_judge_attempt(&judge, reports, 2);
	}
	assert_int_equal(judge.attempt_count, SIM_JUDGE_ATTEMPTS_MAX);
	assert_int_equal(judge.attempts[0].reports[1], 3);
	assert_int_equal(judge.attempts[SIM_JUDGE_ATTEMPTS_MAX - 1].reports[1], SIM_JUDGE_ATTEMPTS_MAX + 2);
}

/* ---- what the machine does ------------------------------------------------------------------- */

static void sectors_are_torn_and_kills_are_partial(void **context) {
	(void)context;
	struct sim_run_result torn = library_run("torn-writes", sim_subject_engine(), 40);
	struct sim_run_result killed = library_run("kill-anywhere", sim_subject_engine(), 40);
	assert_true(torn.probes[SIM_PROBE_TORN_SECTOR] > 0 && torn.probes[SIM_PROBE_TORN_WRITE] > 0);
	assert_true(killed.probes[SIM_PROBE_KILL_IN_WRITE] > 0);
}

static int set_up(void **context) {
	(void)context;
	return sim_run_init() ? 0 : -1;
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(what_is_shown_as_it_is_holds, begin),
	        cmocka_unit_test_setup(every_limit_symbol_and_side_is_compared, begin),
	        cmocka_unit_test_setup(all_64_bits_are_compared, begin),
	        cmocka_unit_test_setup(rows_out_of_order_are_seen_where_order_was_promised, begin),
	        cmocka_unit_test_setup(an_epoch_rises_with_each_start, begin),
	        cmocka_unit_test_setup(an_epoch_does_not_move_without_a_start, begin),
	        cmocka_unit_test_setup(every_reply_shows_the_version_at_the_end_of_its_step, begin),
	        cmocka_unit_test_setup(the_newest_attempt_is_kept, begin),
	        cmocka_unit_test(sectors_are_torn_and_kills_are_partial),
	};
	return cmocka_run_group_tests(tests, set_up, NULL);
}
