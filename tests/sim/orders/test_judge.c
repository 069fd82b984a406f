/* The judge against views made by hand: what it accepts, and the name of what it does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "judge_former.h"

#define REPORTS 6u

static struct sim_plan plan;
static struct sim_judge judge;
static struct sim_view view;

/* Six orders, each bought completely by one fill: report n is a fill of n+1 lots at 10 ticks. */
static int begin(void **context) {
	(void)context;
	memset(&plan, 0, sizeof plan);
	plan.report_count = plan.order_count = REPORTS;
	plan.symbol_count = 1;
	for (uint32_t i = 0; i < REPORTS; i++) {
		struct subject_order_update *update = &plan.reports[i].update;
		plan.reports[i].order = i;
		snprintf(update->exec_id, sizeof update->exec_id, "E%u", i);
		update->exec_type = SUBJECT_EXEC_TRADE;
		update->side = SUBJECT_SIDE_BUY;
		update->order_quantity_lots = update->last_quantity_lots = update->cum_quantity_lots = i + 1;
		update->price_ticks = update->last_price_ticks = 10;
	}
	sim_judge_begin(&judge, &plan);
	judge.disturbance = SIM_DISTURBED; /* what these tests are about has a reason to fail */
	return 0;
}

/* The view of an honest subject that applied these reports, a bit each, in any order. */
static void show(uint32_t reports) {
	memset(&view, 0, sizeof view);
	for (uint32_t i = 0; i < REPORTS; i++) {
		if ((reports & (1u << i)) == 0) {
			continue;
		}
		view.ledger[view.version++] = (struct sim_view_entry){true, i, 0, 0};
		view.execution_count++;
		view.seen[i] = view.order_seen[i] = view.position_seen[0] = true;
		view.orders[i] = (struct subject_order){.symbol = "S0",
		                                        .side = SUBJECT_SIDE_BUY,
		                                        .status = SUBJECT_ORDER_FILLED,
		                                        .order_quantity_lots = i + 1,
		                                        .price_ticks = 10,
		                                        .cum_quantity_lots = i + 1,
		                                        .filled_tick_lots = 10 * ((int64_t)i + 1),
		                                        .is_external = true};
		view.positions[0].quantity_lots += i + 1;
		view.positions[0].cost_tick_lots += 10 * (int64_t)(i + 1);
	}
}

static bool answer(uint32_t report, enum subject_outcome outcome, uint64_t version) {
	const struct subject_reply reply = {.outcome = outcome, .version = version};
	return sim_judge_answered(&judge, &report, &reply, 1);
}

static void attempt(uint32_t report) {
	sim_judge_attempt(&judge, &report, 1);
}

/* Reports 0 to count-1 are acknowledged. */
static void acknowledge(uint32_t count) {
	for (uint32_t i = 0; i < count; i++) {
		assert_true(answer(i, SUBJECT_ACKNOWLEDGED, i + 1));
	}
}

static void expect_violated(bool held, const char *invariant) {
	assert_false(held);
	assert_string_equal(judge.violation.invariant, invariant);
	assert_true(judge.violation.detail[0] != '\0');
}

static void memory_that_equals_the_chain_is_accepted(void **context) {
	(void)context;
	show(0);
	assert_true(sim_judge_memory(&judge, &view));
	acknowledge(3);
	show(7);
	assert_true(sim_judge_memory(&judge, &view));
	assert_string_equal(judge.violation.invariant, "");
}

/* S3: memory equals the chain. */
static void memory_with_any_difference_is_violated(void **context) {
	for (int difference = 0; difference < 8; difference++) {
		begin(context);
		acknowledge(3);
		show(7);
		view.overflow = difference == 0;
		view.positions[0].quantity_lots += difference == 1;
		view.positions[0].cost_tick_lots -= difference == 2;
		view.positions[0].realised_tick_lots += difference == 3;
		view.orders[1].status = difference == 4 ? SUBJECT_ORDER_NEW : view.orders[1].status;
		view.orders[1].leaves_quantity_lots += difference == 5;
		view.order_seen[2] = difference != 6;
		view.seen[0] = difference != 7;
		expect_violated(sim_judge_memory(&judge, &view), "memory_equals_committed");
	}
}

static void memory_without_the_last_update_is_violated(void **context) {
	(void)context;
	acknowledge(3);
	show(3);
	expect_violated(sim_judge_memory(&judge, &view), "memory_equals_committed");
}

static void a_version_that_goes_back_is_violated(void **context) {
	(void)context;
	acknowledge(3);
	show(7);
	assert_true(sim_judge_memory(&judge, &view));
	show(3);
	expect_violated(sim_judge_memory(&judge, &view), "version_monotonic");
}

static void a_version_that_skips_is_violated(void **context) {
	(void)context;
	acknowledge(2);
	expect_violated(answer(2, SUBJECT_ACKNOWLEDGED, 4), "version_monotonic");
}

static void a_duplicate_that_changes_nothing_is_accepted_and_one_applied_again_is_not(void **context) {
	(void)context;
	acknowledge(2);
	assert_true(answer(1, SUBJECT_UNCHANGED, 2));
	expect_violated(answer(1, SUBJECT_ACKNOWLEDGED, 3), "exactly_once");
}

static void what_is_said_to_be_applied_and_is_not_is_violated(void **context) {
	(void)context;
	acknowledge(2);
	expect_violated(answer(2, SUBJECT_UNCHANGED, 2), "exactly_once");
}

static void a_fill_before_an_earlier_one_must_wait(void **context) {
	(void)context;
	plan.reports[1].update.cum_quantity_lots = 3;
	plan.reports[1].update.order_quantity_lots = 3;
	assert_true(answer(1, SUBJECT_LATER, 0));
	expect_violated(answer(1, SUBJECT_ACKNOWLEDGED, 1), "exactly_once");
}

static void a_good_update_must_not_be_refused_for_good(void **context) {
	(void)context;
	expect_violated(answer(0, SUBJECT_REFUSED, 0), "exactly_once");
}

static void a_reply_without_outcome_is_violated(void **context) {
	(void)context;
	expect_violated(answer(0, SUBJECT_OUTCOME_NONE, 0), "exactly_once");
}

static void a_load_of_everything_is_accepted_under_every_contract(void **context) {
	for (int contract = SIM_CONTRACT_DURABLE; contract <= SIM_CONTRACT_MAY_CORRUPT; contract++) {
		begin(context);
		acknowledge(4);
		show(15);
		assert_true(sim_judge_loaded(&judge, &view, (enum sim_contract)contract, false));
		assert_int_equal(judge.lost, 0);
		assert_int_equal(judge.floor, 4);
	}
}

/* Four updates were acknowledged, and a load shows `missing` fewer. */
static void expect_rolled_back(enum sim_contract contract, uint32_t missing, bool allowed) {
	acknowledge(4);
	show((1u << (4 - missing)) - 1);
	bool held = sim_judge_loaded(&judge, &view, contract, false);
	if (!allowed) {
		expect_violated(held, "acknowledged_is_durable");
		return;
	}
	assert_true(held);
	assert_int_equal(judge.lost, missing);
	assert_int_equal(judge.chain_length, 4 - missing);
}

/* S4: a load lies at or above the contract's lowest version. */
static void how_much_may_be_missing_is_the_contracts_business(void **context) {
	static const struct {
		enum sim_contract contract;
		uint32_t may_miss;
	} rows[] = {{SIM_CONTRACT_DURABLE, 0},
	            {SIM_CONTRACT_LAST_MAY_ROLL_BACK, 1},
	            {SIM_CONTRACT_PREFIX, 4},
	            {SIM_CONTRACT_DETECT, 4},
	            {SIM_CONTRACT_MAY_CORRUPT, 4}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		for (uint32_t missing = 0; missing <= 4; missing++) {
			begin(context);
			expect_rolled_back(rows[i].contract, missing, missing <= rows[i].may_miss);
		}
	}
}

static void what_was_loaded_once_must_not_roll_back(void **context) {
	(void)context;
	acknowledge(4);
	show(15);
	assert_true(sim_judge_loaded(&judge, &view, SIM_CONTRACT_LAST_MAY_ROLL_BACK, false));
	show(7);
	expect_violated(sim_judge_loaded(&judge, &view, SIM_CONTRACT_LAST_MAY_ROLL_BACK, false),
	                "acknowledged_is_durable");
}

static void under_prefix_even_what_was_loaded_may_roll_back(void **context) {
	(void)context;
	acknowledge(4);
	show(15);
	assert_true(sim_judge_loaded(&judge, &view, SIM_CONTRACT_PREFIX, false));
	show(3);
	assert_true(sim_judge_loaded(&judge, &view, SIM_CONTRACT_PREFIX, false));
	assert_int_equal(judge.lost, 2);
}

/* Three updates were acknowledged and undone, and another took their place: then the first two are
 * there again. */
static bool undone_comes_back(enum sim_contract contract) {
	acknowledge(3);
	show(0);
	assert_true(sim_judge_loaded(&judge, &view, SIM_CONTRACT_MAY_CORRUPT, false));
	assert_int_equal(judge.lost, 3);
	assert_true(answer(4, SUBJECT_ACKNOWLEDGED, 1));
	show(3);
	return sim_judge_loaded(&judge, &view, contract, false);
}

static void what_was_undone_may_come_back_where_sqlite_may_corrupt(void **context) {
	static const enum sim_contract contracts[] = {SIM_CONTRACT_DETECT, SIM_CONTRACT_MAY_CORRUPT};
	for (size_t i = 0; i < sizeof contracts / sizeof contracts[0]; i++) {
		begin(context);
		assert_true(undone_comes_back(contracts[i]));
		assert_int_equal(judge.lost, 1);
		assert_int_equal(judge.chain_length, 2);
		/* And the judge goes on from there. */
		assert_true(answer(4, SUBJECT_ACKNOWLEDGED, 3));
		show(19);
		assert_true(sim_judge_memory(&judge, &view));
	}
}

static void what_was_undone_must_not_come_back_under_any_other_contract(void **context) {
	for (int contract = SIM_CONTRACT_DURABLE; contract <= SIM_CONTRACT_PREFIX; contract++) {
		begin(context);
		expect_violated(undone_comes_back((enum sim_contract)contract), "loaded_equals_committed");
	}
}

static void what_was_never_committed_does_not_count_as_undone(void **context) {
	(void)context;
	acknowledge(3);
	show(0);
	assert_true(sim_judge_loaded(&judge, &view, SIM_CONTRACT_MAY_CORRUPT, false));
	show(5);
	expect_violated(sim_judge_loaded(&judge, &view, SIM_CONTRACT_MAY_CORRUPT, false), "loaded_equals_committed");
}

/* Two were acknowledged, a third was in doubt, all was undone, and another took their place: then
 * the three are there. */
static bool undone_doubt_comes_back(bool in_doubt, enum sim_contract contract) {
	acknowledge(2);
	if (in_doubt) {
		assert_true(answer(2, SUBJECT_IN_DOUBT, 2));
	}
	show(0);
	assert_true(sim_judge_loaded(&judge, &view, SIM_CONTRACT_MAY_CORRUPT, false));
	assert_true(answer(4, SUBJECT_ACKNOWLEDGED, 1));
	show(7);
	return sim_judge_loaded(&judge, &view, contract, false);
}

static void what_was_in_doubt_on_an_undone_state_may_come_back_with_it(void **context) {
	(void)context;
	assert_true(undone_doubt_comes_back(true, SIM_CONTRACT_DETECT));
	assert_true(judge.attempt_found);
	assert_int_equal(judge.chain_length, 3);
	show(7);
	assert_true(sim_judge_memory(&judge, &view));
}

static void what_was_never_tried_on_an_undone_state_must_not_come_back_with_it(void **context) {
	begin(context);
	expect_violated(undone_doubt_comes_back(false, SIM_CONTRACT_DETECT), "loaded_equals_committed");
	begin(context);
	expect_violated(undone_doubt_comes_back(true, SIM_CONTRACT_DURABLE), "loaded_equals_committed");
	/* Tried, but on the state that came after: not on the one that is there again. */
	begin(context);
	acknowledge(2);
	show(0);
	assert_true(sim_judge_loaded(&judge, &view, SIM_CONTRACT_MAY_CORRUPT, false));
	assert_true(answer(4, SUBJECT_ACKNOWLEDGED, 1));
	assert_true(answer(0, SUBJECT_ACKNOWLEDGED, 2));
	assert_true(answer(2, SUBJECT_IN_DOUBT, 2));
	show(7);
	expect_violated(sim_judge_loaded(&judge, &view, SIM_CONTRACT_DETECT, false), "loaded_equals_committed");
}

static void a_load_with_a_hole_is_violated_under_every_contract(void **context) {
	for (int contract = SIM_CONTRACT_DURABLE; contract <= SIM_CONTRACT_MAY_CORRUPT; contract++) {
		begin(context);
		acknowledge(4);
		show(13);
		expect_violated(sim_judge_loaded(&judge, &view, (enum sim_contract)contract, false),
		                "loaded_equals_committed");
	}
}

static void a_load_of_what_was_never_sent_is_violated(void **context) {
	(void)context;
	acknowledge(3);
	show(15);
	expect_violated(sim_judge_loaded(&judge, &view, SIM_CONTRACT_DURABLE, false), "loaded_equals_committed");
}

/* S6: what was said not to be applied is not in the state. */
static void a_load_of_what_was_said_not_to_be_applied_is_violated_by_its_name(void **context) {
	(void)context;
	acknowledge(3);
	assert_true(answer(3, SUBJECT_LATER, 3));
	show(15);
	expect_violated(sim_judge_loaded(&judge, &view, SIM_CONTRACT_DURABLE, false), "refused_is_absent");
}

static void an_update_in_doubt_may_be_there_or_not(void **context) {
	for (int there = 0; there < 2; there++) {
		begin(context);
		acknowledge(3);
		assert_true(answer(3, SUBJECT_IN_DOUBT, 3));
		show(there ? 15 : 7);
		assert_true(sim_judge_loaded(&judge, &view, SIM_CONTRACT_DURABLE, false));
		assert_int_equal(judge.attempt_found, there);
		assert_int_equal(judge.chain_length, 3 + there);
		show(there ? 15 : 7);
		assert_true(sim_judge_memory(&judge, &view));
	}
}

/* ---- batches --------------------------------------------------------------------------------- */

static void attempt_three(enum sim_protocol protocol) {
	const uint32_t reports[] = {1, 2, 3};
	plan.settings.protocol = protocol;
	acknowledge(1);
	sim_judge_attempt(&judge, reports, 3);
}

static void acknowledge_batch(enum sim_protocol protocol) {
	const uint32_t reports[] = {1, 2, 3};
	const struct subject_reply replies[3] = {{.outcome = SUBJECT_ACKNOWLEDGED, .version = 4},
	                                         {.outcome = SUBJECT_ACKNOWLEDGED, .version = 4},
	                                         {.outcome = SUBJECT_ACKNOWLEDGED, .version = 4}};
	plan.settings.protocol = protocol;
	acknowledge(1);
	assert_true(sim_judge_answered(&judge, reports, replies, 3));
}

static void a_batch_in_flight_is_there_wholly_or_not_at_all(void **context) {
	(void)context;
	attempt_three(SIM_PROTOCOL_PERSIST_FIRST);
	show(15);
	assert_true(sim_judge_loaded(&judge, &view, SIM_CONTRACT_DURABLE, false));
	assert_int_equal(judge.found_count, 3);
	begin(NULL);
	attempt_three(SIM_PROTOCOL_ROLLBACK);
	show(1);
	assert_true(sim_judge_loaded(&judge, &view, SIM_CONTRACT_DURABLE, false));
}

static void half_a_batch_is_no_state_of_a_transaction(void **context) {
	(void)context;
	attempt_three(SIM_PROTOCOL_PERSIST_FIRST);
	show(7);
	expect_violated(sim_judge_loaded(&judge, &view, SIM_CONTRACT_DURABLE, false), "loaded_equals_committed");
}

static void a_journal_may_have_the_first_few_of_a_batch(void **context) {
	(void)context;
	attempt_three(SIM_PROTOCOL_JOURNAL);
	show(7);
	assert_true(sim_judge_loaded(&judge, &view, SIM_CONTRACT_DURABLE, false));
	assert_int_equal(judge.found_count, 2);
	assert_int_equal(judge.missing_count, 1);
}

static void not_even_a_journal_has_the_last_few_of_a_batch(void **context) {
	(void)context;
	attempt_three(SIM_PROTOCOL_JOURNAL);
	show(13);
	expect_violated(sim_judge_loaded(&judge, &view, SIM_CONTRACT_DURABLE, false), "loaded_equals_committed");
}

static void the_last_commit_that_may_roll_back_is_a_whole_batch(void **context) {
	(void)context;
	acknowledge_batch(SIM_PROTOCOL_PERSIST_FIRST);
	show(1);
	assert_true(sim_judge_loaded(&judge, &view, SIM_CONTRACT_LAST_MAY_ROLL_BACK, false));
	assert_int_equal(judge.lost, 3);
}

static void a_batch_rolls_back_wholly(void **context) {
	(void)context;
	acknowledge_batch(SIM_PROTOCOL_PERSIST_FIRST);
	show(7);
	expect_violated(sim_judge_loaded(&judge, &view, SIM_CONTRACT_LAST_MAY_ROLL_BACK, false),
	                "loaded_equals_committed");
}

static void a_bust_between_two_updates_is_a_commit_of_its_own(void **context) {
	const uint32_t reports[] = {1, 2, 3};
	(void)context;
	plan.settings.protocol = SIM_PROTOCOL_PERSIST_FIRST;
	acknowledge(1);
	/* Report 2 busts report 0. */
	plan.reports[2].update.exec_type = SUBJECT_EXEC_BUST;
	plan.reports[2].update.last_quantity_lots = plan.reports[2].update.cum_quantity_lots = 0;
	plan.reports[2].order = 0;
	plan.reports[2].refers = 1;
	sim_judge_attempt(&judge, reports, 3);
	show(3);
	assert_true(sim_judge_loaded(&judge, &view, SIM_CONTRACT_DURABLE, false));
	assert_int_equal(judge.found_count, 1);
}

/* Under a weak contract attempts stay open; what was in one may be sent again and be on the chain
 * by now. */
static void an_attempt_that_was_sent_again_is_no_reason_to_find_less(void **context) {
	const uint32_t reports[] = {1, 2};
	(void)context;
	acknowledge(1);
	sim_judge_attempt(&judge, reports, 2);
	show(1);
	assert_true(sim_judge_loaded(&judge, &view, SIM_CONTRACT_PREFIX, false));
	assert_true(answer(1, SUBJECT_ACKNOWLEDGED, 2));
	assert_true(answer(2, SUBJECT_ACKNOWLEDGED, 3));
	attempt(3);
	show(15);
	assert_true(sim_judge_loaded(&judge, &view, SIM_CONTRACT_DURABLE, false));
	assert_int_equal(judge.found_base, 3);
}

/* ---- updates that are held ------------------------------------------------------------------- */

/* Reports 1 and 2 are fills of one order; 2 came first, and is kept. */
static void hold_the_second_fill(bool held) {
	const struct subject_reply reply = {.outcome = SUBJECT_LATER, .version = 1, .held = held};
	const uint32_t second = 2;
	plan.reports[2].order = 1;
	plan.reports[1].update.order_quantity_lots = plan.reports[2].update.order_quantity_lots = 5;
	plan.reports[2].update.cum_quantity_lots = 5;
	acknowledge(1);
	assert_true(sim_judge_answered(&judge, &second, &reply, 1));
}

static void show_both_fills(void) {
	show(7);
	view.order_seen[2] = false;
	view.orders[1].order_quantity_lots = view.orders[1].cum_quantity_lots = 5;
	view.orders[1].filled_tick_lots = 50;
}

static bool answer_the_first_fill(uint64_t version) {
	const struct subject_reply reply = {.outcome = SUBJECT_ACKNOWLEDGED, .version = version};
	const uint32_t first = 1;
	show_both_fills();
	sim_judge_show(&judge, &view);
	return sim_judge_answered(&judge, &first, &reply, 1);
}

static void what_was_held_may_be_let_in_by_what_was_missing(void **context) {
	(void)context;
	hold_the_second_fill(true);
	assert_true(answer_the_first_fill(3));
	assert_true(sim_judge_memory(&judge, &view));
	assert_int_equal(judge.held_applied, 1);
}

static void what_was_not_held_may_not(void **context) {
	(void)context;
	hold_the_second_fill(false);
	assert_true(answer_the_first_fill(2));
	expect_violated(sim_judge_memory(&judge, &view), "memory_equals_committed");
}

static void what_was_held_may_be_there_after_a_crash_with_what_was_missing(void **context) {
	(void)context;
	hold_the_second_fill(true);
	attempt(1);
	show_both_fills();
	assert_true(sim_judge_loaded(&judge, &view, SIM_CONTRACT_DURABLE, false));
	assert_int_equal(judge.found_count, 2);
}

static void what_was_held_by_a_process_that_is_gone_is_gone(void **context) {
	(void)context;
	hold_the_second_fill(true);
	show(1);
	view.orders[0] = (struct subject_order){.symbol = "S0",
	                                        .side = SUBJECT_SIDE_BUY,
	                                        .status = SUBJECT_ORDER_FILLED,
	                                        .order_quantity_lots = 1,
	                                        .price_ticks = 10,
	                                        .cum_quantity_lots = 1,
	                                        .filled_tick_lots = 10,
	                                        .is_external = true};
	assert_true(sim_judge_loaded(&judge, &view, SIM_CONTRACT_DURABLE, false));
	assert_true(answer_the_first_fill(2));
	expect_violated(sim_judge_memory(&judge, &view), "memory_equals_committed");
}

/* ---- what is compared ------------------------------------------------------------------------ */

/* S21: what a load shows is compared in full. */
static void a_halt_limits_and_commissions_are_compared(void **context) {
	(void)context;
	for (int difference = 0; difference < 6; difference++) {
		begin(NULL);
		acknowledge(2);
		show(3);
		view.halt = difference == 0 ? SUBJECT_HALT_COMMANDED : SUBJECT_HALT_NONE;
		view.limits.open_orders = difference == 1;
		view.commission_count = difference == 2;
		view.commissions[0] = (struct subject_commission){"USD", 1};
		view.orders[0].is_overfilled = difference == 3;
		view.orders[0].is_external = difference != 4;
		view.ledger[0].key = difference == 5 ? 1 : 0;
		expect_violated(sim_judge_memory(&judge, &view), "memory_equals_committed");
	}
}

static void an_update_in_doubt_must_not_be_there_in_part(void **context) {
	(void)context;
	acknowledge(3);
	attempt(3);
	show(15);
	view.positions[0].quantity_lots--;
	expect_violated(sim_judge_loaded(&judge, &view, SIM_CONTRACT_DURABLE, false), "loaded_equals_committed");
}

static void an_update_in_doubt_does_not_excuse_a_lost_one(void **context) {
	(void)context;
	acknowledge(3);
	attempt(3);
	show(3);
	expect_violated(sim_judge_loaded(&judge, &view, SIM_CONTRACT_DURABLE, false), "acknowledged_is_durable");
}

static void an_update_in_doubt_that_was_loaded_is_pinned(void **context) {
	(void)context;
	acknowledge(3);
	attempt(3);
	show(15);
	assert_true(sim_judge_loaded(&judge, &view, SIM_CONTRACT_DURABLE, false));
	show(7);
	expect_violated(sim_judge_loaded(&judge, &view, SIM_CONTRACT_DURABLE, false), "acknowledged_is_durable");
}

static void an_update_in_doubt_is_gone_once_a_later_one_was_acknowledged(void **context) {
	(void)context;
	acknowledge(3);
	attempt(3);
	assert_true(answer(4, SUBJECT_ACKNOWLEDGED, 4));
	show(15);
	assert_false(sim_judge_loaded(&judge, &view, SIM_CONTRACT_DURABLE, false));
}

static void a_damaged_load_must_be_committed_or_is_named_as_undetected(void **context) {
	(void)context;
	acknowledge(3);
	show(7);
	assert_true(sim_judge_loaded(&judge, &view, SIM_CONTRACT_DURABLE, true));
	show(5);
	expect_violated(sim_judge_loaded(&judge, &view, SIM_CONTRACT_MAY_CORRUPT, true), "corruption_detected");
}

static void a_day_that_was_applied_wholly_converges(void **context) {
	(void)context;
	acknowledge(REPORTS);
	assert_true(sim_judge_converged(&judge));
}

static void a_day_with_a_report_missing_does_not_converge(void **context) {
	(void)context;
	acknowledge(REPORTS - 1);
	expect_violated(sim_judge_converged(&judge), "exchange_converges");
}

/* S18: at the end, positions are the exchange's own sums. */
/* The chain is whole, and what it was folded to is not what the exchange's fills add up to. */
static void a_position_that_is_not_the_sum_of_its_fills_does_not_converge(void **context) {
	for (uint32_t symbol = 0; symbol < SIM_PLAN_SYMBOLS_MAX; symbol += SIM_PLAN_SYMBOLS_MAX - 1) {
		begin(context);
		acknowledge(REPORTS);
		judge.model.positions[symbol].quantity_lots++;
		expect_violated(sim_judge_converged(&judge), "exchange_converges");
		assert_non_null(strstr(judge.violation.detail, symbol == 0
		                                                       ? "position S0 is 22 lots, the exchange says 21"
		                                                       : "position S7 is 1 lots, the exchange says 0"));
	}
}

static void sells_count_against_buys_when_a_day_converges(void **context) {
	(void)context;
	plan.reports[REPORTS - 1].update.side = SUBJECT_SIDE_SELL;
	acknowledge(REPORTS);
	assert_int_equal(judge.model.positions[0].quantity_lots, 15 - 6);
	assert_true(sim_judge_converged(&judge));
}

static void only_the_first_violation_is_kept(void **context) {
	(void)context;
	assert_false(sim_verdict_violated(&judge.violation, "subject_hung", "at %d", 1));
	assert_false(sim_verdict_violated(&judge.violation, "subject_crashed", "at %d", 2));
	assert_string_equal(judge.violation.invariant, "subject_hung");
	assert_string_equal(judge.violation.detail, "at 1");
}

/* S16: report 3 was acknowledged by an engine that was taken over from, when the claim of its
 * successor was lost. */
static void what_a_former_engine_applied_may_be_loaded_where_a_claim_may_be_lost(void **context) {
	struct sim_judge_attempt applied = {.base = 3};
	(void)context;
	acknowledge(3);
	show(15);
	sim_judge_former_applied(&judge, &applied, &view);
	assert_int_equal(applied.count, 1);
	assert_int_equal(applied.reports[0], 3);
	assert_true(sim_judge_loaded(&judge, &view, SIM_CONTRACT_DETECT, false));
	assert_int_equal(judge.chain_length, 4);
}

static void what_no_former_engine_showed_is_violated(void **context) {
	struct sim_judge_attempt applied = {.base = 3};
	(void)context;
	acknowledge(3);
	show(15);
	sim_judge_former_applied(&judge, &applied, &view);
	show(7 | 16);
	expect_violated(sim_judge_loaded(&judge, &view, SIM_CONTRACT_DETECT, false), "loaded_equals_committed");
	begin(context);
	acknowledge(3);
	show(15);
	expect_violated(sim_judge_loaded(&judge, &view, SIM_CONTRACT_DETECT, false), "loaded_equals_committed");
}

/* The successor had reports 1 and 2, and lost them. The former engine went on from report 0, and
 * was given report 5 when it died. */
static void any_beginning_of_it_and_what_was_tried_on_top_may_be_loaded(void **context) {
	static const uint32_t beginnings[] = {1, 1 | 8, 1 | 8 | 16, 1 | 8 | 16 | 32};
	for (uint32_t i = 0; i < 4; i++) {
		struct sim_judge_attempt applied = {.base = 1};
		begin(context);
		acknowledge(3);
		show(1 | 8);
		sim_judge_former_applied(&judge, &applied, &view);
		show(1 | 8 | 16);
		sim_judge_former_applied(&judge, &applied, &view);
		sim_judge_former_tried(&judge, &applied, 5);
		show(beginnings[i]);
		assert_true(sim_judge_loaded(&judge, &view, SIM_CONTRACT_DETECT, false));
		assert_int_equal(judge.chain_length, i + 1);
	}
	show(1 | 16);
	expect_violated(sim_judge_loaded(&judge, &view, SIM_CONTRACT_DETECT, false), "loaded_equals_committed");
}

/* A load has shown less since it was taken over from: it stands on the chain that was undone. */
static void a_former_engine_stands_on_the_chain_that_it_had(void **context) {
	struct sim_judge_attempt applied = {.base = 3};
	(void)context;
	acknowledge(3);
	show(1);
	assert_true(sim_judge_loaded(&judge, &view, SIM_CONTRACT_DETECT, false));
	show(15);
	sim_judge_former_applied(&judge, &applied, &view);
	assert_int_equal(applied.count, 1);
	assert_true(sim_judge_loaded(&judge, &view, SIM_CONTRACT_DETECT, false));
	assert_int_equal(judge.chain_length, 4);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(memory_that_equals_the_chain_is_accepted, begin),
	        cmocka_unit_test_setup(memory_with_any_difference_is_violated, begin),
	        cmocka_unit_test_setup(memory_without_the_last_update_is_violated, begin),
	        cmocka_unit_test_setup(a_version_that_goes_back_is_violated, begin),
	        cmocka_unit_test_setup(a_version_that_skips_is_violated, begin),
	        cmocka_unit_test_setup(a_duplicate_that_changes_nothing_is_accepted_and_one_applied_again_is_not,
	                               begin),
	        cmocka_unit_test_setup(what_is_said_to_be_applied_and_is_not_is_violated, begin),
	        cmocka_unit_test_setup(a_fill_before_an_earlier_one_must_wait, begin),
	        cmocka_unit_test_setup(a_good_update_must_not_be_refused_for_good, begin),
	        cmocka_unit_test_setup(a_reply_without_outcome_is_violated, begin),
	        cmocka_unit_test_setup(a_load_of_everything_is_accepted_under_every_contract, begin),
	        cmocka_unit_test_setup(how_much_may_be_missing_is_the_contracts_business, begin),
	        cmocka_unit_test_setup(what_was_loaded_once_must_not_roll_back, begin),
	        cmocka_unit_test_setup(under_prefix_even_what_was_loaded_may_roll_back, begin),
	        cmocka_unit_test_setup(what_was_undone_may_come_back_where_sqlite_may_corrupt, begin),
	        cmocka_unit_test_setup(what_was_undone_must_not_come_back_under_any_other_contract, begin),
	        cmocka_unit_test_setup(what_was_never_committed_does_not_count_as_undone, begin),
	        cmocka_unit_test_setup(what_was_in_doubt_on_an_undone_state_may_come_back_with_it, begin),
	        cmocka_unit_test_setup(what_was_never_tried_on_an_undone_state_must_not_come_back_with_it, begin),
	        cmocka_unit_test_setup(a_load_with_a_hole_is_violated_under_every_contract, begin),
	        cmocka_unit_test_setup(a_load_of_what_was_never_sent_is_violated, begin),
	        cmocka_unit_test_setup(a_load_of_what_was_said_not_to_be_applied_is_violated_by_its_name, begin),
	        cmocka_unit_test_setup(an_update_in_doubt_may_be_there_or_not, begin),
	        cmocka_unit_test_setup(a_batch_in_flight_is_there_wholly_or_not_at_all, begin),
	        cmocka_unit_test_setup(half_a_batch_is_no_state_of_a_transaction, begin),
	        cmocka_unit_test_setup(a_journal_may_have_the_first_few_of_a_batch, begin),
	        cmocka_unit_test_setup(not_even_a_journal_has_the_last_few_of_a_batch, begin),
	        cmocka_unit_test_setup(the_last_commit_that_may_roll_back_is_a_whole_batch, begin),
	        cmocka_unit_test_setup(a_batch_rolls_back_wholly, begin),
	        cmocka_unit_test_setup(a_bust_between_two_updates_is_a_commit_of_its_own, begin),
	        cmocka_unit_test_setup(an_attempt_that_was_sent_again_is_no_reason_to_find_less, begin),
	        cmocka_unit_test_setup(what_was_held_may_be_let_in_by_what_was_missing, begin),
	        cmocka_unit_test_setup(what_was_not_held_may_not, begin),
	        cmocka_unit_test_setup(what_was_held_may_be_there_after_a_crash_with_what_was_missing, begin),
	        cmocka_unit_test_setup(what_was_held_by_a_process_that_is_gone_is_gone, begin),
	        cmocka_unit_test_setup(a_halt_limits_and_commissions_are_compared, begin),
	        cmocka_unit_test_setup(an_update_in_doubt_must_not_be_there_in_part, begin),
	        cmocka_unit_test_setup(an_update_in_doubt_does_not_excuse_a_lost_one, begin),
	        cmocka_unit_test_setup(an_update_in_doubt_that_was_loaded_is_pinned, begin),
	        cmocka_unit_test_setup(an_update_in_doubt_is_gone_once_a_later_one_was_acknowledged, begin),
	        cmocka_unit_test_setup(a_damaged_load_must_be_committed_or_is_named_as_undetected, begin),
	        cmocka_unit_test_setup(a_day_that_was_applied_wholly_converges, begin),
	        cmocka_unit_test_setup(a_day_with_a_report_missing_does_not_converge, begin),
	        cmocka_unit_test_setup(a_position_that_is_not_the_sum_of_its_fills_does_not_converge, begin),
	        cmocka_unit_test_setup(sells_count_against_buys_when_a_day_converges, begin),
	        cmocka_unit_test_setup(what_a_former_engine_applied_may_be_loaded_where_a_claim_may_be_lost, begin),
	        cmocka_unit_test_setup(what_no_former_engine_showed_is_violated, begin),
	        cmocka_unit_test_setup(any_beginning_of_it_and_what_was_tried_on_top_may_be_loaded, begin),
	        cmocka_unit_test_setup(a_former_engine_stands_on_the_chain_that_it_had, begin),
	        cmocka_unit_test_setup(only_the_first_violation_is_kept, begin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
