/* sim/plan/plan_text_trader.c: who decides on the orders of a plan, and whether the orders are such
 * as can be decided on. */
#include "plan_text_sections.h"

#include <inttypes.h>

static const char *const sim_plan_traders[] = {"none", "trusting", "agreeing", NULL};
static const char *const sim_plan_judges[] = {"model", "exchange", NULL};

void sim_plan_text_print_trader(const struct sim_trader *trader, FILE *out) {
	if (trader->kind != SIM_TRADER_NONE) {
		fprintf(out, " trader %s limit %" PRId64 " lots judged_by %s", sim_plan_traders[trader->kind],
		        trader->limit_lots, sim_plan_judges[trader->exchange_only]);
	}
}

bool sim_plan_text_read_trader(struct sim_plan_text_reader *reader) {
	struct sim_trader *trader = &reader->plan->trader;
	int kind = 0;
	int judge = 0;
	if (reader->next == NULL) {
		return true;
	}
	bool read = sim_plan_text_expect(reader, "trader") &&
	            sim_plan_text_choice(reader, "trader", sim_plan_traders, 1, &kind) &&
	            sim_plan_text_expect(reader, "limit") &&
	            sim_plan_text_signed(reader, "limit", 2, SIM_PLAN_TEXT_NUMBER_MAX, &trader->limit_lots) &&
	            sim_plan_text_expect(reader, "lots") && sim_plan_text_expect(reader, "judged_by") &&
	            sim_plan_text_choice(reader, "judged_by", sim_plan_judges, 0, &judge);
	trader->kind = (enum sim_trader_kind)kind;
	trader->exchange_only = judge == 1;
	return read;
}

/* One order after the other: its intent, then what the exchange says of it, until it is filled. */
bool sim_plan_text_check_trader(struct sim_plan_text_reader *reader) {
	const struct sim_plan *plan = reader->plan;
	bool open = false;
	for (uint32_t i = 0; i < plan->report_count && plan->trader.kind != SIM_TRADER_NONE; i++) {
		const struct sim_report *report = &plan->reports[i];
		const struct subject_order_update *update = &report->update;
		if (report->command.kind != SUBJECT_COMMAND_NONE) {
			continue;
		}
		bool intent = update->exec_type == SUBJECT_EXEC_PENDING_NEW;
		bool told = update->exec_type == SUBJECT_EXEC_NEW || update->exec_type == SUBJECT_EXEC_TRADE;
		bool same = i > 0 && plan->reports[i - 1].order == report->order;
		if (intent == open || (!intent && (!told || !same))) {
			return sim_plan_text_refuse(
			        reader,
			        "report %u, expected of each order of a trader pending_new, then new and "
			        "trades until it is filled, then the next order",
			        i);
		}
		open = update->cum_quantity_lots < update->order_quantity_lots;
	}
	return true;
}
