/* sim/plan/workload_day.c: see workload_day.h. */
#include "workload_day.h"

#include <stdio.h>
#include <string.h>

uint32_t sim_workload_day_rare_below(struct sim_workload_day *day, uint32_t bound) {
	return sim_pcg32_below(&day->rare_chance, bound);
}

bool sim_workload_day_rare_percent(struct sim_workload_day *day, uint32_t percent) {
	return sim_pcg32_percent(&day->rare_chance, percent);
}

bool sim_workload_day_draw_rare(struct sim_workload_day *day, enum sim_rare rare) {
	uint32_t percent = day->workload->rare_percent[rare];
	return percent > 0 && sim_workload_day_rare_percent(day, percent);
}

/* What is said of any report: a status that lies, no exec id. */
static void sim_workload_day_wording(struct sim_workload_day *day, struct sim_workload_order *order,
                                     struct sim_report *report) {
	struct subject_order_update *update = &report->update;
	enum subject_exec_type type = update->exec_type;
	/* The one status that counts: a refused cancel says with it that there is no such order. */
	if (type != SUBJECT_EXEC_CANCEL_REJECTED && sim_workload_day_draw_rare(day, SIM_RARE_STATUS_LIES)) {
		update->ord_status =
		        (enum subject_order_status)sim_workload_day_rare_below(day, SUBJECT_ORDER_STOPPED + 1);
	}
	/* Without an id, two fills with the same cumulative quantity could be one; and nothing can
	 * refer to a report. */
	bool needs_id = type == SUBJECT_EXEC_BUST || type == SUBJECT_EXEC_CORRECT || order->changed;
	if (!needs_id && sim_workload_day_draw_rare(day, SIM_RARE_NAMELESS)) {
		memset(update->exec_id, 0, sizeof update->exec_id);
	}
}

void sim_workload_day_name(char *text, size_t size, char prefix, uint32_t number) {
	snprintf(text, size, "%c%u", prefix, number);
}

/* What the exchange says of the order's status, unless it lies. */
static enum subject_order_status sim_workload_day_status(const struct sim_workload_order *order,
                                                         enum subject_exec_type type) {
	static const enum subject_order_status statuses[] = {
	        [SUBJECT_EXEC_NEW] = SUBJECT_ORDER_NEW,
	        [SUBJECT_EXEC_CANCELED] = SUBJECT_ORDER_CANCELED,
	        [SUBJECT_EXEC_REJECTED] = SUBJECT_ORDER_REJECTED,
	        [SUBJECT_EXEC_EXPIRED] = SUBJECT_ORDER_EXPIRED,
	        [SUBJECT_EXEC_DONE_FOR_DAY] = SUBJECT_ORDER_DONE_FOR_DAY,
	        [SUBJECT_EXEC_PENDING_NEW] = SUBJECT_ORDER_PENDING_NEW,
	        [SUBJECT_EXEC_PENDING_CANCEL] = SUBJECT_ORDER_PENDING_CANCEL,
	        [SUBJECT_EXEC_PENDING_REPLACE] = SUBJECT_ORDER_PENDING_REPLACE,
	        [SUBJECT_EXEC_STOPPED] = SUBJECT_ORDER_STOPPED,
	};
	if ((size_t)type < sizeof statuses / sizeof statuses[0] && statuses[type] != SUBJECT_ORDER_NONE) {
		return statuses[type];
	}
	bool is_new = type != SUBJECT_EXEC_TRADE && order->cum_quantity_lots == 0;
	return order->cum_quantity_lots >= order->quantity_lots ? SUBJECT_ORDER_FILLED
	       : is_new                                         ? SUBJECT_ORDER_NEW
	                                                        : SUBJECT_ORDER_PARTIALLY_FILLED;
}

static void sim_workload_day_remember_fill(struct sim_workload_order *order, uint32_t number, int64_t lots) {
	if (order->fill_count < SIM_WORKLOAD_FILLS_MAX) {
		order->fills[order->fill_count++] =
		        (struct sim_workload_fill){.report = number, .latest = number, .lots = lots};
	}
}

struct sim_report *sim_workload_day_report(struct sim_workload_day *day, struct sim_workload_order *order,
                                           enum subject_exec_type type, int64_t last_lots, int64_t last_ticks) {
	static const char *const currencies[] = {"USD", "EUR", "BNB"};
	struct sim_plan *plan = day->plan;
	if (plan->report_count >= day->report_limit) {
		return NULL;
	}
	struct sim_report *report = &plan->reports[plan->report_count];
	memset(report, 0, sizeof *report);
	report->order = order->number;
	report->symbol = order->symbol;
	struct subject_order_update *update = &report->update;
	sim_workload_day_name(update->exec_id, sizeof update->exec_id, 'E', plan->report_count);
	sim_workload_day_name(update->order_id, sizeof update->order_id, 'O', order->number);
	memcpy(update->cl_ord_id, order->client, sizeof update->cl_ord_id);
	sim_workload_day_name(update->symbol, sizeof update->symbol, 'S', order->symbol);
	snprintf(update->comm_currency, sizeof update->comm_currency, "%s", currencies[order->number % 3]);
	bool ends = type == SUBJECT_EXEC_CANCELED || type == SUBJECT_EXEC_REJECTED || type == SUBJECT_EXEC_EXPIRED;
	bool over = ends || order->closed || order->cum_quantity_lots >= order->quantity_lots;
	bool pays = type == SUBJECT_EXEC_TRADE || type == SUBJECT_EXEC_CORRECT;
	update->exec_type = type;
	update->ord_status = sim_workload_day_status(order, type);
	update->side = order->side;
	update->order_quantity_lots = order->quantity_lots;
	update->price_ticks = order->price_ticks;
	update->last_quantity_lots = last_lots;
	update->last_price_ticks = last_ticks;
	update->cum_quantity_lots = order->cum_quantity_lots;
	update->leaves_quantity_lots = over ? 0 : order->quantity_lots - order->cum_quantity_lots;
	update->commission_units = pays ? (last_lots * last_ticks) / 1000 - 3 : 0;
	update->transact_time_ns = 1700000000000000000 + (int64_t)plan->report_count * 1000000;
	sim_workload_day_wording(day, order, report);
	if (type == SUBJECT_EXEC_TRADE && update->exec_id[0] != '\0') {
		sim_workload_day_remember_fill(order, plan->report_count, last_lots);
	}
	plan->report_count++;
	return report;
}

enum subject_side sim_workload_day_side(const struct sim_workload_day *day, uint32_t symbol, enum subject_side drawn) {
	enum subject_side one = symbol % 2 == 0 ? SUBJECT_SIDE_BUY : SUBJECT_SIDE_SELL;
	return day->workload->rare_percent[SIM_RARE_SPLITS] > 0 ? one : drawn;
}

void sim_workload_day_close_order(struct sim_workload_day *day, uint32_t index) {
	day->open[index].closed = true;
	day->closed[day->closed_count++ % SIM_WORKLOAD_CLOSED_MAX] = day->open[index];
	day->open[index] = day->open[--day->open_count];
}
