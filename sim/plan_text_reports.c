/* sim/plan_text_reports.c: the reports of the exchange as text. Those of an edited plan must still be honest. */
#include "plan_text.h"

#include <inttypes.h>

/* What all fills of a plan are worth together must fit the 64 bits that positions are kept in. */
#define SIM_PLAN_TEXT_WORTH_MAX ((__int128)1 << 62)

static const char *const sim_plan_exec_types[] = {"none", "new", "trade", "canceled", "rejected", "expired", NULL};
static const char *const sim_plan_statuses[] = {"none",     "new",      "partially_filled", "filled",
                                                "canceled", "rejected", "expired",          NULL};
static const char *const sim_plan_sides[] = {"none", "buy", "sell", NULL};
static const char *const sim_plan_yes[] = {"no", "yes", NULL};

/* ---- printing -------------------------------------------------------------------------------------------------------- */

void sim_plan_text_print_workload(const struct sim_plan *plan, FILE *out) {
	fprintf(out, "workload symbols %u tape %s\n", plan->symbol_count, sim_plan_yes[plan->tape_used]);
}

void sim_plan_text_print_report(const struct sim_report *report, uint32_t number, FILE *out) {
	const struct subject_order_update *update = &report->update;
	fprintf(out, "report %u %s order O%u client %s symbol S%u side %s", number,
	        sim_plan_exec_types[update->exec_type], report->order, update->cl_ord_id, report->symbol,
	        sim_plan_sides[update->side]);
	fprintf(out,
	        " quantity %" PRId64 " lots price %" PRId64 " ticks last %" PRId64 " lots at %" PRId64
	        " ticks cum %" PRId64 " leaves %" PRId64,
	        update->order_quantity_lots, update->price_ticks, update->last_quantity_lots, update->last_price_ticks,
	        update->cum_quantity_lots, update->leaves_quantity_lots);
	fprintf(out, " status %s commission %" PRId64 " %s time %" PRId64 " ns\n",
	        sim_plan_statuses[update->ord_status], update->commission_units, update->comm_currency,
	        update->transact_time_ns);
}

/* ---- reading --------------------------------------------------------------------------------------------------------- */

bool sim_plan_text_read_workload(struct sim_plan_text_reader *reader) {
	int tape = 0;
	bool read = sim_plan_text_next_line(reader) && sim_plan_text_expect(reader, "workload") &&
	            sim_plan_text_expect(reader, "symbols") &&
	            sim_plan_text_small(reader, "symbols", 1, SIM_PLAN_SYMBOLS_MAX, &reader->plan->symbol_count) &&
	            sim_plan_text_expect(reader, "tape") &&
	            sim_plan_text_choice(reader, "tape", sim_plan_yes, 0, &tape) && sim_plan_text_expect_end(reader);
	reader->plan->tape_used = tape != 0;
	return read;
}

/* A fill adds up with those before it; anything else repeats what is filled. */
static bool sim_plan_check_fill(struct sim_plan_text_reader *reader, const struct sim_report *report) {
	const struct subject_order_update *update = &report->update;
	struct sim_plan_text_order *order = &reader->orders[report->order];
	bool trade = update->exec_type == SUBJECT_EXEC_TRADE;
	int64_t cum = order->cum_quantity_lots + update->last_quantity_lots;
	bool open = (update->exec_type == SUBJECT_EXEC_NEW || trade) && cum < update->order_quantity_lots;
	if (trade != (update->last_quantity_lots > 0) || (!trade && update->last_price_ticks != 0)) {
		return sim_plan_text_refuse(reader,
		                            "last %" PRId64 " lots, expected lots in a trade and 0 at 0 in all others",
		                            update->last_quantity_lots);
	}
	if (update->cum_quantity_lots != cum || cum > update->order_quantity_lots) {
		return sim_plan_text_refuse(
		        reader, "cum %" PRId64 ", expected %" PRId64 ", the fills of O%u, and at most %" PRId64,
		        update->cum_quantity_lots, cum, report->order, update->order_quantity_lots);
	}
	if (update->leaves_quantity_lots != (open ? update->order_quantity_lots - cum : 0)) {
		return sim_plan_text_refuse(reader, "leaves %" PRId64 ", expected %" PRId64,
		                            update->leaves_quantity_lots, open ? update->order_quantity_lots - cum : 0);
	}
	order->cum_quantity_lots = cum;
	reader->lots += update->last_quantity_lots;
	__int128 worth = (__int128)update->last_quantity_lots * update->last_price_ticks;
	reader->worth += worth < 0 ? -worth : worth;
	return (reader->worth <= SIM_PLAN_TEXT_WORTH_MAX && reader->lots <= SIM_PLAN_TEXT_WORTH_MAX) ||
	       sim_plan_text_refuse(reader, "fills worth more than 64 bits can count, expected smaller lots or ticks");
}

static bool sim_plan_check_report(struct sim_plan_text_reader *reader, const struct sim_report *report) {
	const struct subject_order_update *update = &report->update;
	struct sim_plan_text_order *order = &reader->orders[report->order];
	const struct sim_report *first = order->first != NULL ? order->first : report;
	order->first = first;
	if (report->symbol != first->symbol || update->side != first->update.side ||
	    update->order_quantity_lots != first->update.order_quantity_lots ||
	    update->price_ticks != first->update.price_ticks) {
		return sim_plan_text_refuse(
		        reader, "another symbol, side, quantity or price for O%u, expected those of report %td",
		        report->order, first - reader->plan->reports);
	}
	return sim_plan_check_fill(reader, report);
}

static bool sim_plan_read_quantities(struct sim_plan_text_reader *reader, struct subject_order_update *update) {
	const int64_t most = INT64_MAX / 2;
	const struct {
		const char *before;
		const char *behind; /* NULL: nothing */
		int64_t min;
		int64_t *number;
	} rows[] = {
	        {"quantity", "lots", 1, &update->order_quantity_lots},
	        {"price", "ticks", -most, &update->price_ticks},
	        {"last", "lots", 0, &update->last_quantity_lots},
	        {"at", "ticks", -most, &update->last_price_ticks},
	        {"cum", NULL, 0, &update->cum_quantity_lots},
	        {"leaves", NULL, 0, &update->leaves_quantity_lots},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (!sim_plan_text_expect(reader, rows[i].before) ||
		    !sim_plan_text_signed(reader, rows[i].before, rows[i].min, most, rows[i].number) ||
		    (rows[i].behind != NULL && !sim_plan_text_expect(reader, rows[i].behind))) {
			return false;
		}
	}
	return true;
}

static bool sim_plan_read_names(struct sim_plan_text_reader *reader, struct sim_report *report) {
	struct subject_order_update *update = &report->update;
	int type = 0;
	int side = 0;
	bool read = sim_plan_text_choice(reader, "kind of report", sim_plan_exec_types, 1, &type) &&
	            sim_plan_text_expect(reader, "order") &&
	            sim_plan_text_index(reader, "order", 'O', SIM_PLAN_REPORTS_MAX, &report->order) &&
	            sim_plan_text_expect(reader, "client") &&
	            sim_plan_text_id(reader, "client", update->cl_ord_id, sizeof update->cl_ord_id) &&
	            sim_plan_text_expect(reader, "symbol") &&
	            sim_plan_text_index(reader, "symbol", 'S', reader->plan->symbol_count, &report->symbol) &&
	            sim_plan_text_expect(reader, "side") &&
	            sim_plan_text_choice(reader, "side", sim_plan_sides, 1, &side);
	update->exec_type = (enum subject_exec_type)type;
	update->side = (enum subject_side)side;
	snprintf(update->order_id, sizeof update->order_id, "O%u", report->order);
	snprintf(update->symbol, sizeof update->symbol, "S%u", report->symbol);
	return read;
}

bool sim_plan_text_read_report(struct sim_plan_text_reader *reader) {
	struct sim_plan *plan = reader->plan;
	uint32_t number = 0;
	int status = 0;
	if (plan->report_count == SIM_PLAN_REPORTS_MAX) {
		return sim_plan_text_refuse(reader, "one more report, expected at most %u", SIM_PLAN_REPORTS_MAX);
	}
	struct sim_report *report = &plan->reports[plan->report_count];
	struct subject_order_update *update = &report->update;
	bool read =
	        sim_plan_text_small(reader, "report", plan->report_count, plan->report_count, &number) &&
	        sim_plan_read_names(reader, report) && sim_plan_read_quantities(reader, update) &&
	        sim_plan_text_expect(reader, "status") &&
	        sim_plan_text_choice(reader, "status", sim_plan_statuses, 1, &status) &&
	        sim_plan_text_expect(reader, "commission") &&
	        sim_plan_text_signed(reader, "commission", -INT64_MAX / 2, INT64_MAX / 2, &update->commission_units) &&
	        sim_plan_text_id(reader, "currency", update->comm_currency, sizeof update->comm_currency) &&
	        sim_plan_text_expect(reader, "time") &&
	        sim_plan_text_signed(reader, "time", 0, INT64_MAX, &update->transact_time_ns) &&
	        sim_plan_text_expect(reader, "ns") && sim_plan_text_expect_end(reader);
	update->ord_status = (enum subject_order_status)status;
	snprintf(update->exec_id, sizeof update->exec_id, "E%u", plan->report_count);
	if (!read || !sim_plan_check_report(reader, report)) {
		return false;
	}
	plan->order_count = report->order + 1 > plan->order_count ? report->order + 1 : plan->order_count;
	plan->report_count++;
	return true;
}
