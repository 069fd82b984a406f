/* What is compared of what a subject shows and answers (S3, S21): each field by itself, the order
 * of rows (E12), what is said to be missing (S48), epochs and versions. */
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
		update->transact_time_ns = 1000000 * (int64_t)i;
		snprintf(update->order_id, sizeof update->order_id, "O0");
		snprintf(update->symbol, sizeof update->symbol, "S0");
		snprintf(update->comm_currency, sizeof update->comm_currency, "USD");
	}
	sim_judge_begin(&judge, &plan);
	judge.disturbance = SIM_DISTURBED;
	return 0;
}

static bool answer(uint32_t report, enum subject_outcome outcome, uint64_t version) {
	const struct subject_reply reply = {.outcome = outcome, .version = version};
	return sim_judge_answered(&judge, &report, &reply, 1);
}

static void show_row(uint32_t i) {
	const struct subject_order_update *update = &plan.reports[i].update;
	struct subject_execution *row = &view.rows[i];
	*row = (struct subject_execution){.exec_type = update->exec_type,
	                                  .side = update->side,
	                                  .order_quantity_lots = update->order_quantity_lots,
	                                  .price_ticks = update->price_ticks,
	                                  .last_quantity_lots = update->last_quantity_lots,
	                                  .last_price_ticks = update->last_price_ticks,
	                                  .cum_quantity_lots = update->cum_quantity_lots,
	                                  .transact_time_ns = update->transact_time_ns};
	memcpy(row->order_id, update->order_id, sizeof row->order_id);
	memcpy(row->comm_currency, update->comm_currency, sizeof row->comm_currency);
	if (i == 0) {
		*row = (struct subject_execution){.command_kind = SUBJECT_COMMAND_LIMITS,
		                                  .limits = plan.reports[0].command.limits};
	}
}

/* The view of an honest subject that applied the first `count` reports. */
static void show(uint32_t count) {
	int64_t lots = count > 0 ? (int64_t)count - 1 : 0;
	memset(&view, 0, sizeof view);
	sim_view_begin(&view, &plan);
	view.version = view.execution_count = count;
	for (uint32_t i = 0; i < count; i++) {
		view.ledger[i] = (struct sim_view_entry){true, i, i == 0 ? UINT32_MAX : 0, 0};
		view.seen[i] = true;
		show_row(i);
	}
	view.whole_ledger = true;
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

static void every_limit_flag_name_and_side_is_compared(void **context) {
	for (int difference = 0; difference < 11; difference++) {
		begin(context);
		acknowledge(3);
		show(3);
		view.limits.position_lots += difference == 0;
		view.limits.order_notional_tick_lots += difference == 1;
		view.limits.open_orders += difference == 2;
		view.order_symbols[0] = difference == 3 ? 1 : 0;
		view.orders[0].side = difference == 4 ? SUBJECT_SIDE_SELL : SUBJECT_SIDE_BUY;
		view.disordered = difference == 5;
		view.orders[0].is_external = difference != 6;
		view.orders[0].is_overfilled = difference == 7;
		view.orders[0].has_reused_id = difference == 8;
		view.orders[0].cl_ord_id[0] = difference == 9 ? 'C' : '\0';
		view.execution_count += difference == 10;
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

/* ---- ledger rows and gaps -------------------------------------------------------------------- */

static void break_row(struct subject_execution *row, int difference) {
	row->superseded_by += difference == 0 ? 5 : 0;
	row->order_id[1] = difference == 1 ? '1' : row->order_id[1];
	row->exec_ref_id[0] = difference == 2 ? 'E' : row->exec_ref_id[0];
	row->comm_currency[0] = difference == 3 ? 'X' : row->comm_currency[0];
	row->exec_type = difference == 4 ? SUBJECT_EXEC_RESTATED : row->exec_type;
	row->side = difference == 5 ? SUBJECT_SIDE_SELL : row->side;
	row->command_kind = difference == 6 ? SUBJECT_COMMAND_HALT : row->command_kind;
	row->order_quantity_lots += difference == 7;
	row->price_ticks += difference == 8;
	row->last_quantity_lots += difference == 9;
	row->last_price_ticks += difference == 10;
	row->cum_quantity_lots += difference == 11;
	row->commission_units += difference == 12;
	row->transact_time_ns += difference == 13;
}

static void every_field_of_a_ledger_row_is_compared(void **context) {
	for (int difference = 0; difference < 14; difference++) {
		begin(context);
		acknowledge(3);
		show(3);
		break_row(&view.rows[1 + difference % 2], difference);
		expect_violated(sim_judge_memory(&judge, &view), "memory_equals_committed");
		/* a subject that does not show it is not held to it */
		begin(context);
		acknowledge(3);
		view.whole_ledger = false;
		assert_true(sim_judge_memory(&judge, &view));
	}
}

static void every_field_of_a_command_is_compared(void **context) {
	for (int difference = 0; difference < 5; difference++) {
		begin(context);
		acknowledge(3);
		show(3);
		struct subject_execution *row = &view.rows[0];
		row->command_kind = difference == 0 ? SUBJECT_COMMAND_RESUME : row->command_kind;
		row->limits.position_lots += difference == 1;
		row->limits.order_notional_tick_lots += difference == 2;
		row->limits.open_orders += difference == 3;
		row->transact_time_ns += difference == 4;
		expect_violated(sim_judge_memory(&judge, &view), "memory_equals_committed");
	}
}

/* Report 5 comes after report 1: one lot is there, and three are missing. */
static bool answer_gap(enum subject_outcome outcome, uint32_t report, int64_t known, int64_t missing_to) {
	const struct subject_gap gap = {known, missing_to};
	acknowledge(2);
	judge.gaps = &gap;
	bool held = answer(report, outcome, 2);
	judge.gaps = NULL;
	return held;
}

static void a_gap_is_of_the_quantities_that_are_missing(void **context) {
	static const struct {
		enum subject_outcome outcome;
		uint32_t report;
		int64_t known;
		int64_t missing_to;
		bool is_disturbed;
		bool holds;
	} rows[] = {
	        {SUBJECT_LATER, 5, 1, 4, false, true},        {SUBJECT_LATER, 5, 1, 4, true, true},
	        {SUBJECT_LATER, 5, 0, 0, true, true},         {SUBJECT_LATER, 5, 0, 0, false, false},
	        {SUBJECT_LATER, 5, 1, 5, true, false},        {SUBJECT_LATER, 5, 0, 4, false, false},
	        {SUBJECT_UNCHANGED, 1, 1, 4, true, false},    {SUBJECT_UNCHANGED, 1, 0, 0, false, true},
	        {SUBJECT_ACKNOWLEDGED, 2, 1, 2, true, false}, {SUBJECT_LATER, 2, 1, 2, true, false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		begin(context);
		judge.disturbance = rows[i].is_disturbed ? SIM_DISTURBED : SIM_UNDISTURBED;
		bool held = answer_gap(rows[i].outcome, rows[i].report, rows[i].known, rows[i].missing_to);
		assert_int_equal(held, rows[i].holds);
		if (!held) {
			assert_string_equal(judge.violation.invariant, "gap_is_exact");
		}
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
		sim_view_begin(&view, &plan);
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

/* ---- names ----------------------------------------------------------------------------------- */

static const char *shown_order;
static struct subject_execution shown_execution;

static void observe_names(void *instance, const struct subject_sink *sink) {
	const struct subject_head head = {0};
	struct subject_order order = {0};
	(void)instance;
	sink->head(sink->context, &head);
	snprintf(order.order_id, sizeof order.order_id, "%s", shown_order);
	sink->order(sink->context, &order);
	sink->execution(sink->context, &shown_execution);
}

static bool is_known(const char *order_id, const char *symbol, const char *exec_id) {
	const struct aftershock_subject subject = {.observe = observe_names};
	shown_order = order_id;
	memset(&shown_execution, 0, sizeof shown_execution);
	shown_execution.version = 1;
	snprintf(shown_execution.symbol, sizeof shown_execution.symbol, "%s", symbol);
	snprintf(shown_execution.exec_id, sizeof shown_execution.exec_id, "%s", exec_id);
	sim_view_begin(&view, &plan);
	sim_view_take(&view, &subject, NULL);
	return !view.overflow;
}

/* A name that is cut, or has another number of zeros, is another name. */
static void names_are_read_as_they_are_spelt(void **context) {
	(void)context;
	assert_true(is_known("O0", "S0", "E1") && sim_view_has_key(&view, &plan, 1, 1));
	assert_false(is_known("O00", "S0", "E1"));
	assert_false(is_known("O", "S0", "E1"));
	assert_true(is_known("O0", "S0", "E01") && !sim_view_has_key(&view, &plan, 1, 1));
	plan.id_size = 6;
	assert_true(is_known("O00000", "S00000", "E00001") && sim_view_has_key(&view, &plan, 1, 1));
	assert_false(is_known("O0000", "S00000", "E00001"));
	assert_false(is_known("O0", "S00000", "E00001"));
	assert_true(is_known("O00000", "S0000", "E00001") && !sim_view_has_key(&view, &plan, 1, 1));
	assert_true(is_known("O00000", "S00000", "E0001") && !sim_view_has_key(&view, &plan, 1, 1));
}

static void a_shared_exec_id_is_that_of_its_symbol(void **context) {
	(void)context;
	plan.symbol_count = 2;
	plan.reports[3].symbol = 1;
	plan.reports[3].borrows = 1 + 1;
	snprintf(plan.reports[3].update.exec_id, sizeof plan.reports[3].update.exec_id, "E1");
	assert_true(is_known("O0", "S0", "E1") && sim_view_has_key(&view, &plan, 1, 1));
	assert_true(is_known("O0", "S1", "E1") && sim_view_has_key(&view, &plan, 1, 3));
	assert_true(is_known("O0", "S2", "E1") && !sim_view_has_key(&view, &plan, 1, 1));
	assert_false(sim_view_has_key(&view, &plan, 1, 3));
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
	        cmocka_unit_test_setup(every_limit_flag_name_and_side_is_compared, begin),
	        cmocka_unit_test_setup(all_64_bits_are_compared, begin),
	        cmocka_unit_test_setup(every_field_of_a_ledger_row_is_compared, begin),
	        cmocka_unit_test_setup(every_field_of_a_command_is_compared, begin),
	        cmocka_unit_test_setup(a_gap_is_of_the_quantities_that_are_missing, begin),
	        cmocka_unit_test_setup(rows_out_of_order_are_seen_where_order_was_promised, begin),
	        cmocka_unit_test_setup(names_are_read_as_they_are_spelt, begin),
	        cmocka_unit_test_setup(a_shared_exec_id_is_that_of_its_symbol, begin),
	        cmocka_unit_test_setup(an_epoch_rises_with_each_start, begin),
	        cmocka_unit_test_setup(an_epoch_does_not_move_without_a_start, begin),
	        cmocka_unit_test_setup(every_reply_shows_the_version_at_the_end_of_its_step, begin),
	        cmocka_unit_test_setup(the_newest_attempt_is_kept, begin),
	        cmocka_unit_test(sectors_are_torn_and_kills_are_partial),
	};
	return cmocka_run_group_tests(tests, set_up, NULL);
}
