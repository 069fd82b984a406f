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

/* What the commands before a report leave in force, and what the fills before it add up to. */
struct sim_plan_text_standing {
	bool halted;
	uint32_t limits_of; /* the report with the limits; SIM_PLAN_REPORTS_MAX: there are none */
	struct subject_limits limits;
	sim_int128 lots; /* of the symbol */
};

static struct sim_plan_text_standing sim_plan_text_stand(const struct sim_plan *plan, uint32_t symbol) {
	struct sim_plan_text_standing standing = {.limits_of = SIM_PLAN_REPORTS_MAX};
	for (uint32_t i = 0; i < plan->report_count; i++) {
		const struct sim_report *report = &plan->reports[i];
		int64_t lots = report->update.last_quantity_lots;
		if (report->command.kind == SUBJECT_COMMAND_LIMITS) {
			standing.limits = report->command.limits;
			standing.limits_of = i;
		} else if (report->command.kind != SUBJECT_COMMAND_NONE) {
			standing.halted = report->command.kind == SUBJECT_COMMAND_HALT;
		} else if (report->symbol == symbol) {
			standing.lots += report->update.side == SUBJECT_SIDE_SELL ? -lots : lots;
		}
	}
	return standing;
}

static bool sim_plan_text_is_within(sim_int128 number, int64_t limit) {
	return limit == 0 || (number <= limit && number >= -(sim_int128)limit);
}

/* A trader who asks never sends an order that is forbidden, and all that comes behind it in the
 * plan would wait for ever. */
bool sim_plan_text_check_intent(struct sim_plan_text_reader *reader, const struct sim_report *report) {
	const struct subject_order_update *update = &report->update;
	if (reader->plan->trader.kind != SIM_TRADER_AGREEING || update->exec_type != SUBJECT_EXEC_PENDING_NEW) {
		return true;
	}
	const struct sim_plan_text_standing is = sim_plan_text_stand(reader->plan, report->symbol);
	int64_t lots = update->side == SUBJECT_SIDE_SELL ? -update->order_quantity_lots : update->order_quantity_lots;
	sim_int128 notional = (sim_int128)update->order_quantity_lots * update->price_ticks;
	if (is.halted) {
		return sim_plan_text_refuse(reader, "an order while trading is halted, expected a resume before it");
	}
	return (sim_plan_text_is_within(is.lots, is.limits.position_lots) &&
	        sim_plan_text_is_within(is.lots + lots, is.limits.position_lots) &&
	        sim_plan_text_is_within(notional, is.limits.order_notional_tick_lots)) ||
	       sim_plan_text_refuse(reader, "an order that the limits of report %u forbid, expected one within them",
	                            is.limits_of);
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
