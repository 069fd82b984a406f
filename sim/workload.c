/* sim/workload.c: a day at the exchange. Orders are opened, filled in parts, canceled, rejected, or expire; each event is a
 * report. Then the deliveries: in order, some repeated, some swapped, with restarts and checkpoints in between.
 *
 * The exchange is honest: cumulative quantities add up, no exec id is used twice for different things. What is unkind is
 * the order of arrival. */
#include "pcg.h"
#include "plan.h"

#include <string.h>

#define SIM_WORKLOAD_OPEN_MAX 16u

struct sim_workload_order {
	uint32_t number;
	uint32_t symbol;
	enum subject_side side;
	int64_t quantity_lots;
	int64_t price_ticks;
	int64_t cum_quantity_lots;
};

struct sim_workload_day {
	struct sim_plan *plan;
	const struct sim_workload *workload;
	struct sim_pcg32 chance;
	uint32_t open_limit;
	uint32_t open_count;
	struct sim_workload_order open[SIM_WORKLOAD_OPEN_MAX];
	uint32_t tape_next;
	int64_t price_ticks[SIM_PLAN_SYMBOLS_MAX];
};

/* PREFIX and a decimal number; the texts are short enough for every id. */
static void sim_workload_name(char *text, size_t size, char prefix, uint32_t number) {
	snprintf(text, size, "%c%u", prefix, number);
}

static void sim_workload_report(struct sim_workload_day *day, const struct sim_workload_order *order,
                                enum subject_exec_type type, int64_t last_lots, int64_t last_ticks) {
	static const char *const currencies[] = {"USD", "EUR", "BNB"};
	struct sim_plan *plan = day->plan;
	if (plan->report_count >= SIM_PLAN_REPORTS_MAX) {
		return;
	}
	struct sim_report *report = &plan->reports[plan->report_count];
	memset(report, 0, sizeof *report);
	report->order = order->number;
	report->symbol = order->symbol;
	struct subject_order_update *update = &report->update;
	sim_workload_name(update->exec_id, sizeof update->exec_id, 'E', plan->report_count);
	sim_workload_name(update->order_id, sizeof update->order_id, 'O', order->number);
	sim_workload_name(update->cl_ord_id, sizeof update->cl_ord_id, 'C', order->number % 7);
	sim_workload_name(update->symbol, sizeof update->symbol, 'S', order->symbol);
	snprintf(update->comm_currency, sizeof update->comm_currency, "%s", currencies[order->number % 3]);
	bool closed = type != SUBJECT_EXEC_NEW && type != SUBJECT_EXEC_TRADE;
	bool filled = order->cum_quantity_lots >= order->quantity_lots;
	update->exec_type = type;
	update->ord_status = type == SUBJECT_EXEC_NEW        ? SUBJECT_ORDER_NEW
	                     : type == SUBJECT_EXEC_CANCELED ? SUBJECT_ORDER_CANCELED
	                     : type == SUBJECT_EXEC_REJECTED ? SUBJECT_ORDER_REJECTED
	                     : type == SUBJECT_EXEC_EXPIRED  ? SUBJECT_ORDER_EXPIRED
	                     : filled                        ? SUBJECT_ORDER_FILLED
	                                                     : SUBJECT_ORDER_PARTIALLY_FILLED;
	update->side = order->side;
	update->order_quantity_lots = order->quantity_lots;
	update->price_ticks = order->price_ticks;
	update->last_quantity_lots = last_lots;
	update->last_price_ticks = last_ticks;
	update->cum_quantity_lots = order->cum_quantity_lots;
	update->leaves_quantity_lots = closed || filled ? 0 : order->quantity_lots - order->cum_quantity_lots;
	update->commission_units = type == SUBJECT_EXEC_TRADE ? (last_lots * last_ticks) / 1000 - 3 : 0;
	update->transact_time_ns = 1700000000000000000 + (int64_t)plan->report_count * 1000000;
	plan->report_count++;
}

static void sim_workload_open_order(struct sim_workload_day *day) {
	const struct sim_tape *tape = &day->workload->tape;
	struct sim_workload_order order = {.number = day->plan->order_count++};
	order.symbol = sim_pcg32_below(&day->chance, day->plan->symbol_count);
	if (tape->count > 0) {
		const struct sim_tape_trade *trade = &tape->trades[day->tape_next++ % tape->count];
		order.side = trade->buy ? SUBJECT_SIDE_BUY : SUBJECT_SIDE_SELL;
		order.quantity_lots = trade->quantity_lots;
		order.price_ticks = trade->price_ticks;
	} else {
		int64_t *price = &day->price_ticks[order.symbol];
		*price += (int64_t)sim_pcg32_below(&day->chance, 21) - 10;
		*price = *price < 50 ? 50 : *price;
		order.side = sim_pcg32_percent(&day->chance, 50) ? SUBJECT_SIDE_BUY : SUBJECT_SIDE_SELL;
		order.quantity_lots = 1 + (int64_t)sim_pcg32_below(&day->chance, 300);
		order.price_ticks = *price;
	}
	if (sim_pcg32_percent(&day->chance, day->workload->rejects_percent)) {
		sim_workload_report(day, &order, SUBJECT_EXEC_REJECTED, 0, 0);
		return;
	}
	sim_workload_report(day, &order, SUBJECT_EXEC_NEW, 0, 0);
	day->open[day->open_count++] = order;
}

static void sim_workload_close_order(struct sim_workload_day *day, uint32_t index) {
	day->open[index] = day->open[--day->open_count];
}

static void sim_workload_go_on(struct sim_workload_day *day, uint32_t index) {
	struct sim_workload_order *order = &day->open[index];
	uint32_t dice = sim_pcg32_below(&day->chance, 100);
	const struct sim_workload *workload = day->workload;
	if (dice < workload->cancels_percent || dice < workload->cancels_percent + workload->expires_percent) {
		bool cancel = dice < workload->cancels_percent;
		sim_workload_report(day, order, cancel ? SUBJECT_EXEC_CANCELED : SUBJECT_EXEC_EXPIRED, 0, 0);
		sim_workload_close_order(day, index);
		return;
	}
	int64_t left = order->quantity_lots - order->cum_quantity_lots;
	uint32_t bound = left > 1000000000 ? 1000000000u : (uint32_t)left;
	bool all = sim_pcg32_percent(&day->chance, 40);
	int64_t lots = all ? left : 1 + (int64_t)sim_pcg32_below(&day->chance, bound);
	int64_t ticks = order->price_ticks + (int64_t)sim_pcg32_below(&day->chance, 7) - 3;
	order->cum_quantity_lots += lots;
	sim_workload_report(day, order, SUBJECT_EXEC_TRADE, lots, ticks);
	if (order->cum_quantity_lots == order->quantity_lots) {
		sim_workload_close_order(day, index);
	}
}

static void sim_workload_make_reports(struct sim_workload_day *day) {
	uint64_t wanted = sim_pcg32_between(&day->chance, day->workload->updates.min, day->workload->updates.max);
	wanted = wanted > SIM_PLAN_REPORTS_MAX ? SIM_PLAN_REPORTS_MAX : wanted;
	while (day->plan->report_count < wanted) {
		bool may_open = day->open_count < day->open_limit;
		if (day->open_count == 0 || (may_open && sim_pcg32_percent(&day->chance, 35))) {
			sim_workload_open_order(day);
		} else {
			sim_workload_go_on(day, sim_pcg32_below(&day->chance, day->open_count));
		}
	}
}

static void sim_workload_step(struct sim_plan *plan, enum sim_step_kind kind, uint32_t report) {
	if (plan->step_count < SIM_PLAN_STEPS_MAX) {
		plan->steps[plan->step_count++] = (struct sim_step){.kind = kind, .report = report};
	}
}

/* The engine that was taken over from is given what was just delivered or what is to come next. */
static void sim_workload_wake(struct sim_plan *plan, const struct sim_workload *workload, struct sim_pcg32 *chance,
                              uint32_t report) {
	if (sim_pcg32_percent(chance, workload->wakes_percent)) {
		bool next = report + 1 < plan->report_count && sim_pcg32_percent(chance, 50);
		sim_workload_step(plan, SIM_STEP_WAKE, report + (next ? 1 : 0));
	}
}

/* After delivery `report`: a second engine takes over, and the first may wake up at once; or it wakes up later, or is stopped. */
static void sim_workload_change_owner(struct sim_plan *plan, const struct sim_workload *workload,
                                      struct sim_pcg32 *chance, uint32_t report, bool *has_former) {
	if (*has_former) {
		sim_workload_wake(plan, workload, chance, report);
	}
	if (*has_former && sim_pcg32_percent(chance, workload->retires_percent)) {
		sim_workload_step(plan, SIM_STEP_RETIRE, 0);
		*has_former = false;
	}
	if (sim_pcg32_percent(chance, workload->takeovers_percent)) {
		sim_workload_step(plan, SIM_STEP_TAKEOVER, 0);
		*has_former = true;
		sim_workload_wake(plan, workload, chance, report);
	}
}

static void sim_workload_make_steps(struct sim_plan *plan, const struct sim_workload *workload) {
	struct sim_pcg32 chance;
	struct sim_pcg32 owner_chance;
	bool has_former = false;
	sim_pcg32_derive(&chance, plan->seed, "delivery");
	sim_pcg32_derive(&owner_chance, plan->seed, "owner");
	for (uint32_t i = 0; i < plan->report_count; i++) {
		if (i + 1 < plan->report_count && sim_pcg32_percent(&chance, workload->reorders_percent)) {
			sim_workload_step(plan, SIM_STEP_DELIVER, i + 1);
			sim_workload_step(plan, SIM_STEP_DELIVER, i);
			i++;
		} else {
			sim_workload_step(plan, SIM_STEP_DELIVER, i);
		}
		if (sim_pcg32_percent(&chance, workload->duplicates_percent)) {
			sim_workload_step(plan, SIM_STEP_AGAIN, sim_pcg32_below(&chance, i + 1));
		}
		if (sim_pcg32_percent(&chance, workload->checkpoints_percent)) {
			sim_workload_step(plan, SIM_STEP_CHECKPOINT, 0);
		}
		if (sim_pcg32_percent(&chance, workload->restarts_percent)) {
			sim_workload_step(plan, SIM_STEP_RESTART, 0);
		}
		sim_workload_change_owner(plan, workload, &owner_chance, i, &has_former);
	}
}

void sim_workload_make(struct sim_plan *plan, const struct sim_workload *workload) {
	struct sim_workload_day day = {.plan = plan, .workload = workload};
	sim_pcg32_derive(&day.chance, plan->seed, "workload");
	plan->symbol_count = (uint32_t)sim_pcg32_between(&day.chance, workload->symbols.min, workload->symbols.max);
	if (plan->symbol_count > SIM_PLAN_SYMBOLS_MAX) {
		plan->symbol_count = SIM_PLAN_SYMBOLS_MAX;
	}
	day.open_limit = (uint32_t)sim_pcg32_between(&day.chance, workload->open_orders.min, workload->open_orders.max);
	if (day.open_limit > SIM_WORKLOAD_OPEN_MAX) {
		day.open_limit = SIM_WORKLOAD_OPEN_MAX;
	}
	for (uint32_t symbol = 0; symbol < SIM_PLAN_SYMBOLS_MAX; symbol++) {
		day.price_ticks[symbol] = 100 + (int64_t)sim_pcg32_below(&day.chance, 20000);
	}
	if (workload->tape.count > 0) {
		day.tape_next = sim_pcg32_below(&day.chance, workload->tape.count);
	}
	plan->report_count = 0;
	plan->order_count = 0;
	plan->step_count = 0;
	plan->tape_used = workload->tape.count > 0;
	sim_workload_make_reports(&day);
	sim_workload_make_steps(plan, workload);
}
