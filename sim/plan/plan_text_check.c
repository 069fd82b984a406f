/* sim/plan/plan_text_check.c: whether a report of a plan is honest: it says the same of its order
 * as those before it, and fills, busts and corrections add up. The judge relies on it, so that no
 * edited plan makes it see a violation that is the plan's own. */
#include "plan_text_sections.h"

#include <inttypes.h>

/* What all fills of a plan are worth together must fit the 64 bits that positions are kept in. */
#define SIM_PLAN_TEXT_WORTH_MAX ((sim_int128)1 << 62)

static bool sim_plan_text_check_is_fill(enum subject_exec_type type) {
	return type == SUBJECT_EXEC_TRADE || type == SUBJECT_EXEC_CORRECT;
}

/* Symbol and side are the order's; quantity and price those in force, unless the report changes
 * them. */
static bool sim_plan_text_check_terms(struct sim_plan_text_reader *reader, const struct sim_report *report) {
	const struct subject_order_update *update = &report->update;
	struct sim_plan_text_order *order = &reader->orders[report->order];
	bool changes = update->exec_type == SUBJECT_EXEC_REPLACED || update->exec_type == SUBJECT_EXEC_RESTATED;
	order->quantity_before_lots = order->quantity_lots;
	if (order->terms == NULL || changes) {
		order->first = order->first != NULL ? order->first : report;
		order->terms = report;
		order->quantity_lots = update->order_quantity_lots;
	}
	if (order->quantity_lots == 0) {
		order->quantity_lots = update->order_quantity_lots;
	}
	bool is_unsaid = update->order_quantity_lots == 0; /* R3 */
	if (is_unsaid && changes) {
		return sim_plan_text_refuse(reader, "quantity 0, expected lots where the terms of an order change");
	}
	if (report->symbol != order->first->symbol || update->side != order->first->update.side ||
	    (!is_unsaid && update->order_quantity_lots != order->quantity_lots) ||
	    update->price_ticks != order->terms->update.price_ticks) {
		return sim_plan_text_refuse(
		        reader, "another symbol, side, quantity or price for O%u, expected those of report %td",
		        report->order, order->terms - reader->plan->reports);
	}
	if (order->quantity_lots < order->cum_quantity_lots && update->exec_type == SUBJECT_EXEC_REPLACED) {
		order->quantity_lots = order->cum_quantity_lots;
	}
	return true;
}

static bool sim_plan_text_check_last(struct sim_plan_text_reader *reader, const struct subject_order_update *update) {
	bool fill = sim_plan_text_check_is_fill(update->exec_type);
	bool says_nothing = update->exec_type == SUBJECT_EXEC_STOPPED || update->exec_type == SUBJECT_EXEC_BUST ||
	                    update->exec_type == SUBJECT_EXEC_ORDER_STATUS;
	bool fits = fill ? update->last_quantity_lots > 0
	                 : says_nothing || (update->last_quantity_lots == 0 && update->last_price_ticks == 0);
	return fits ||
	       sim_plan_text_refuse(reader, "last %" PRId64 " lots, expected lots in a trade and 0 at 0 in all others",
	                            update->last_quantity_lots);
}

/* The fill that a bust or correction is about. */
static bool sim_plan_text_check_reference(struct sim_plan_text_reader *reader, const struct sim_report *report) {
	enum subject_exec_type type = report->update.exec_type;
	bool late = type == SUBJECT_EXEC_BUST || type == SUBJECT_EXEC_CORRECT;
	uint32_t number = reader->plan->report_count;
	reader->fill_of[number] = number;
	if (late != (report->refers != 0)) {
		return sim_plan_text_refuse(reader, "%s, expected it in a bust or correction only",
		                            late ? "no `about`" : "`about`");
	}
	if (!late) {
		return true;
	}
	uint32_t fill = reader->fill_of[report->refers - 1];
	const struct sim_report *to = &reader->plan->reports[report->refers - 1];
	bool named = to->command.kind == SUBJECT_COMMAND_NONE && to->repeats == 0 && to->update.exec_id[0] != '\0';
	if (!named || !sim_plan_text_check_is_fill(to->update.exec_type) || to->order != report->order ||
	    reader->fill_lots[fill] == 0) {
		return sim_plan_text_refuse(reader, "about E%u, expected a fill of O%u that was not busted",
		                            report->refers - 1, report->order);
	}
	reader->fill_of[number] = fill;
	return true;
}

static bool sim_plan_text_check_leaves(struct sim_plan_text_reader *reader, const struct sim_report *report) {
	const struct subject_order_update *update = &report->update;
	int64_t left = update->order_quantity_lots - update->cum_quantity_lots;
	left = left > 0 ? left : 0;
	if (update->order_quantity_lots == 0) { /* R3: nobody can say what is left of it */
		left = update->leaves_quantity_lots;
	}
	return update->leaves_quantity_lots == left || update->leaves_quantity_lots == 0 ||
	       sim_plan_text_refuse(reader, "leaves %" PRId64 ", expected %" PRId64 " or 0",
	                            update->leaves_quantity_lots, left);
}

/* A split changes both quantities in one proportion. Nothing can refer to a fill from before it. */
static bool sim_plan_text_check_split(struct sim_plan_text_reader *reader, const struct sim_report *report) {
	const struct subject_order_update *update = &report->update;
	struct sim_plan_text_order *order = &reader->orders[report->order];
	sim_int128 was = (sim_int128)update->order_quantity_lots * order->cum_quantity_lots;
	sim_int128 is = (sim_int128)order->quantity_before_lots * update->cum_quantity_lots;
	if (was != is || order->cum_quantity_lots <= 0 || update->cum_quantity_lots <= 0) {
		return sim_plan_text_refuse(
		        reader, "cum %" PRId64 ", expected %" PRId64 " or both quantities of O%u in one proportion",
		        update->cum_quantity_lots, order->cum_quantity_lots, report->order);
	}
	for (uint32_t i = 0; i < reader->plan->report_count; i++) {
		bool is_own = reader->plan->reports[i].order == report->order;
		reader->fill_lots[reader->fill_of[i]] = is_own && reader->fill_of[i] < reader->plan->report_count
		                                                ? 0
		                                                : reader->fill_lots[reader->fill_of[i]];
	}
	order->cum_quantity_lots = update->cum_quantity_lots;
	reader->lots += update->cum_quantity_lots;
	reader->is_split[report->symbol] = true;
	return reader->lots <= SIM_PLAN_TEXT_WORTH_MAX ||
	       sim_plan_text_refuse(reader, "more lots than 64 bits can count, expected fewer");
}

/* A position follows a split only on the side of its order. */
static bool sim_plan_text_check_side(struct sim_plan_text_reader *reader, const struct sim_report *report) {
	uint32_t *sides = &reader->sides[report->symbol];
	*sides |= 1u << report->update.side;
	bool is_one = (*sides & (*sides - 1)) == 0;
	return is_one || !reader->is_split[report->symbol] ||
	       sim_plan_text_refuse(reader, "both sides of S%u, which has a split, expected one", report->symbol);
}

/* A fill adds up with those before it, so do a bust and a correction; anything else repeats what is
 * filled. */
static bool sim_plan_text_check_fill(struct sim_plan_text_reader *reader, const struct sim_report *report) {
	const struct subject_order_update *update = &report->update;
	struct sim_plan_text_order *order = &reader->orders[report->order];
	int64_t *lots = &reader->fill_lots[reader->fill_of[reader->plan->report_count]];
	int64_t is = sim_plan_text_check_is_fill(update->exec_type) ? update->last_quantity_lots : 0;
	int64_t cum = order->cum_quantity_lots + is - *lots;
	if (update->cum_quantity_lots != cum && update->exec_type == SUBJECT_EXEC_RESTATED) {
		return sim_plan_text_check_split(reader, report);
	}
	if (update->cum_quantity_lots != cum) {
		return sim_plan_text_refuse(reader, "cum %" PRId64 ", expected %" PRId64 ", the fills of O%u",
		                            update->cum_quantity_lots, cum, report->order);
	}
	*lots = is;
	order->cum_quantity_lots = cum;
	reader->lots += is;
	sim_int128 worth = (sim_int128)is * update->last_price_ticks;
	reader->worth += worth < 0 ? -worth : worth;
	return (reader->worth <= SIM_PLAN_TEXT_WORTH_MAX && reader->lots <= SIM_PLAN_TEXT_WORTH_MAX) ||
	       sim_plan_text_refuse(reader, "fills worth more than 64 bits can count, expected smaller lots or ticks");
}

/* One that bears the exec id of another, on another channel or against it, is no news of the
 * order. */
static bool sim_plan_text_check_repeat(struct sim_plan_text_reader *reader, const struct sim_report *report) {
	const struct sim_report *original = &reader->plan->reports[report->repeats - 1];
	reader->fill_of[reader->plan->report_count] = reader->plan->report_count;
	return (original->command.kind == SUBJECT_COMMAND_NONE && original->repeats == 0 &&
	        original->broken == SIM_BROKEN_NONE && original->update.exec_id[0] != '\0' &&
	        original->order == report->order && original->symbol == report->symbol) ||
	       sim_plan_text_refuse(reader, "as E%u, expected a report of O%u with an exec id of its own",
	                            report->repeats - 1, report->order);
}

/* One that has the exec id of another symbol's report, which nobody else on this symbol has. */
static bool sim_plan_text_check_borrowed(struct sim_plan_text_reader *reader, const struct sim_report *report) {
	const struct sim_report *reports = reader->plan->reports;
	const struct sim_report *lender = &reports[report->borrows - 1];
	bool is_command = lender->command.kind != SUBJECT_COMMAND_NONE;
	bool lends = sim_plan_key(lender, report->borrows - 1) == report->borrows - 1 && lender->borrows == 0 &&
	             (is_command || sim_plan_is_elsewhere(lender, report));
	for (uint32_t i = 0; i < reader->plan->report_count; i++) {
		lends = lends && (reports[i].borrows != report->borrows || sim_plan_is_elsewhere(&reports[i], report));
	}
	return lends ||
	       sim_plan_text_refuse(reader, "id E%u, expected a report of another symbol or day", report->borrows - 1);
}

/* One that no state takes. */
static bool sim_plan_text_check_broken(struct sim_plan_text_reader *reader, const struct sim_report *report) {
	const struct subject_order_update *update = &report->update;
	int64_t before = reader->orders[report->order].cum_quantity_lots;
	reader->fill_of[reader->plan->report_count] = reader->plan->report_count;
	if (update->exec_type != SUBJECT_EXEC_TRADE || report->repeats != 0 || report->refers != 0 ||
	    update->last_quantity_lots < 1) {
		return sim_plan_text_refuse(reader, "a broken report, expected a trade that refers to nothing");
	}
	bool is_too_much = report->broken != SIM_BROKEN_VALUE || (update->last_quantity_lots > 1 || before > 0);
	return (is_too_much && update->cum_quantity_lots == before + update->last_quantity_lots) ||
	       sim_plan_text_refuse(reader,
	                            "cum %" PRId64 " of a broken fill, expected %" PRId64 " and more than one lot",
	                            update->cum_quantity_lots, before + update->last_quantity_lots);
}

bool sim_plan_text_check_report(struct sim_plan_text_reader *reader, const struct sim_report *report) {
	if (report->borrows != 0 && !sim_plan_text_check_borrowed(reader, report)) {
		return false;
	}
	if (report->broken != SIM_BROKEN_NONE) {
		return sim_plan_text_check_broken(reader, report) && sim_plan_text_check_side(reader, report);
	}
	if (report->repeats != 0) {
		return sim_plan_text_check_repeat(reader, report);
	}
	return sim_plan_text_check_terms(reader, report) && sim_plan_text_check_last(reader, &report->update) &&
	       sim_plan_text_check_reference(reader, report) && sim_plan_text_check_fill(reader, report) &&
	       sim_plan_text_check_leaves(reader, report) && sim_plan_text_check_side(reader, report) &&
	       sim_plan_text_check_intent(reader, report);
}
