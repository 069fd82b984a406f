/* sim/plan/workload_rare.c: what happens to orders beside being opened, filled and closed; and what
 * the operator does.
 *
 * Whatever is said here is true of one history of each order: fills, busts and corrections add up,
 * terms are those in force. The two lies are marked as such: a status is an annotation, and a
 * report that contradicts another one bears its exec id. */
#include "workload_rare.h"

#include "workload_wide.h"

#include <stdio.h>
#include <string.h>

/* 1 to `most`, and not much. */
static int64_t sim_workload_rare_lots(struct sim_workload_day *day, int64_t most) {
	return 1 + (int64_t)sim_workload_day_rare_below(day, most > 1000000 ? 1000000u : (uint32_t)most);
}

static int64_t sim_workload_rare_left(const struct sim_workload_order *order) {
	int64_t left = order->quantity_lots - order->cum_quantity_lots;
	return left > 0 ? left : 0;
}

/* ---- requests -------------------------------------------------------------------------------- */

/* A request about the order has a client id of its own. */
static void sim_workload_rare_name_request(struct sim_report *report, const struct sim_workload_order *order,
                                           uint32_t request) {
	if (report != NULL) {
		memcpy(report->update.orig_cl_ord_id, order->client, sizeof order->client);
		memset(report->update.cl_ord_id, 0, sizeof report->update.cl_ord_id);
		snprintf(report->update.cl_ord_id, sizeof report->update.cl_ord_id, "R%u", request);
	}
}

static void sim_workload_rare_request(struct sim_workload_day *day, struct sim_workload_order *order,
                                      enum subject_exec_type type, uint32_t request) {
	struct sim_report *report = sim_workload_day_report(day, order, type, 0, 0);
	sim_workload_rare_name_request(report, order, request);
}

/* The order is for another quantity at another price; one below what is filled is amended to what
 * is filled. */
static void sim_workload_rare_take_terms(struct sim_workload_day *day, uint32_t index, uint32_t request) {
	struct sim_workload_order *order = &day->open[index];
	int64_t cum = order->cum_quantity_lots;
	bool below = cum > 1 && sim_workload_day_rare_percent(day, 25);
	order->quantity_lots = below ? sim_workload_rare_lots(day, cum - 1) : cum + sim_workload_rare_lots(day, 300);
	order->price_ticks += (int64_t)sim_workload_day_rare_below(day, 11) - 5;
	struct sim_report *report = sim_workload_day_report(day, order, SUBJECT_EXEC_REPLACED, 0, 0);
	if (report == NULL) {
		return;
	}
	sim_workload_rare_name_request(report, order, request);
	memcpy(order->client, report->update.cl_ord_id, sizeof order->client);
	if (below) {
		order->quantity_lots = cum;
		sim_workload_day_close_order(day, index);
	}
}

static bool sim_workload_rare_replace(struct sim_workload_day *day, uint32_t index) {
	struct sim_workload_order *order = &day->open[index];
	uint32_t request = day->plan->report_count;
	if (sim_workload_day_rare_percent(day, 50)) {
		sim_workload_rare_request(day, order, SUBJECT_EXEC_PENDING_REPLACE, request);
	}
	if (sim_workload_day_rare_percent(day, 20)) {
		sim_workload_rare_request(day, order, SUBJECT_EXEC_REPLACE_REJECTED, request);
	} else {
		sim_workload_rare_take_terms(day, index, request);
	}
	return true;
}

/* A cancel is asked for, and refused or done; or somebody asks how the order is. */
static bool sim_workload_rare_pend(struct sim_workload_day *day, uint32_t index) {
	struct sim_workload_order *order = &day->open[index];
	uint32_t request = day->plan->report_count;
	switch (sim_workload_day_rare_below(day, 5)) {
	case 0:
		sim_workload_day_report(day, order, SUBJECT_EXEC_TRIGGERED, 0, 0);
		break;
	case 1:
		sim_workload_day_report(day, order, SUBJECT_EXEC_ORDER_STATUS, 0, 0);
		break;
	case 2:
		sim_workload_rare_request(day, order, SUBJECT_EXEC_PENDING_CANCEL, request);
		sim_workload_rare_request(day, order, SUBJECT_EXEC_CANCELED, request);
		sim_workload_day_close_order(day, index);
		break;
	case 3:
		sim_workload_rare_request(day, order, SUBJECT_EXEC_PENDING_CANCEL, request);
		sim_workload_rare_request(day, order, SUBJECT_EXEC_CANCEL_REJECTED, request);
		break;
	default:
		sim_workload_rare_request(day, order, SUBJECT_EXEC_PENDING_CANCEL, request);
		break;
	}
	return true;
}

/* ---- terms and days -------------------------------------------------------------------------- */

static bool sim_workload_rare_restate(struct sim_workload_day *day, uint32_t index) {
	struct sim_workload_order *order = &day->open[index];
	order->quantity_lots = order->cum_quantity_lots + sim_workload_rare_lots(day, 300);
	order->price_ticks += (int64_t)sim_workload_day_rare_below(day, 11) - 5;
	order->resting = false;
	sim_workload_day_report(day, order, SUBJECT_EXEC_RESTATED, 0, 0);
	return true;
}

/* Two or three for one, or one for two. Of fills from before it, nobody can tell any more what a
 * bust would take back (engine/README.md, "Limits"). */
static bool sim_workload_rare_split(struct sim_workload_day *day, uint32_t index) {
	struct sim_workload_order *order = &day->open[index];
	int64_t cum = order->cum_quantity_lots;
	bool is_small = order->quantity_lots < 1000000;
	bool is_even = order->quantity_lots % 2 == 0 && cum % 2 == 0;
	uint32_t dice = sim_workload_day_rare_below(day, 3);
	if (cum <= 0 || cum >= order->quantity_lots || (!is_even && !is_small)) {
		return false;
	}
	bool is_reverse = is_even && (dice == 0 || !is_small);
	int64_t factor = dice == 1 ? 3 : 2;
	order->quantity_lots = is_reverse ? order->quantity_lots / 2 : order->quantity_lots * factor;
	order->cum_quantity_lots = is_reverse ? cum / 2 : cum * factor;
	order->price_ticks = is_reverse ? order->price_ticks * 2 : order->price_ticks / factor + 1;
	order->resting = false;
	order->changed = true;
	order->fill_count = 0;
	sim_workload_day_report(day, order, SUBJECT_EXEC_RESTATED, 0, 0);
	return true;
}

/* The order rests, or ends with its day. */
static bool sim_workload_rare_end_day(struct sim_workload_day *day, uint32_t index) {
	struct sim_workload_order *order = &day->open[index];
	bool ends = sim_workload_day_rare_percent(day, 25);
	struct sim_report *report = sim_workload_day_report(day, order, SUBJECT_EXEC_DONE_FOR_DAY, 0, 0);
	if (ends && report != NULL) {
		report->update.leaves_quantity_lots = 0;
		sim_workload_day_close_order(day, index);
	} else {
		order->resting = true;
	}
	return true;
}

/* A guarantee is no fill, whatever its last quantity says. */
static bool sim_workload_rare_stop(struct sim_workload_day *day, uint32_t index) {
	struct sim_workload_order *order = &day->open[index];
	int64_t lots = sim_workload_rare_lots(day, sim_workload_rare_left(order));
	sim_workload_day_report(day, order, SUBJECT_EXEC_STOPPED, lots, order->price_ticks);
	return true;
}

/* The exchange rejects another order of the same client id; this one lives on. */
static bool sim_workload_rare_reuse(struct sim_workload_day *day, uint32_t index) {
	struct sim_workload_order *order = &day->open[index];
	struct sim_report *report = sim_workload_day_report(day, order, SUBJECT_EXEC_REJECTED, 0, 0);
	if (report != NULL) {
		report->update.leaves_quantity_lots = sim_workload_rare_left(order);
	}
	return true;
}

/* ---- fills ----------------------------------------------------------------------------------- */

static bool sim_workload_rare_overfill(struct sim_workload_day *day, uint32_t index) {
	struct sim_workload_order *order = &day->open[index];
	int64_t lots = sim_workload_rare_left(order) + sim_workload_rare_lots(day, 20);
	order->cum_quantity_lots += lots;
	sim_workload_day_report(day, order, SUBJECT_EXEC_TRADE, lots, order->price_ticks);
	sim_workload_day_close_order(day, index);
	return true;
}

static struct sim_workload_order *sim_workload_rare_pick_closed(struct sim_workload_day *day) {
	uint32_t count = day->closed_count < SIM_WORKLOAD_CLOSED_MAX ? day->closed_count : SIM_WORKLOAD_CLOSED_MAX;
	return count == 0 ? NULL : &day->closed[sim_workload_day_rare_below(day, count)];
}

/* It happened before the end, and is told after it. */
static bool sim_workload_rare_fill_late(struct sim_workload_day *day) {
	struct sim_workload_order *order = sim_workload_rare_pick_closed(day);
	if (order == NULL || sim_workload_rare_left(order) == 0) {
		return false;
	}
	int64_t lots = sim_workload_rare_lots(day, sim_workload_rare_left(order));
	order->cum_quantity_lots += lots;
	sim_workload_day_report(day, order, SUBJECT_EXEC_TRADE, lots, order->price_ticks);
	return true;
}

/* An order, open or closed, and a fill of it that stands. */
static struct sim_workload_fill *sim_workload_rare_pick_fill(struct sim_workload_day *day,
                                                             struct sim_workload_order **order) {
	bool closed = day->open_count == 0 || sim_workload_day_rare_percent(day, 40);
	*order = closed ? sim_workload_rare_pick_closed(day)
	                : &day->open[sim_workload_day_rare_below(day, day->open_count)];
	if (*order == NULL || (*order)->fill_count == 0) {
		return NULL;
	}
	struct sim_workload_fill *fill = &(*order)->fills[sim_workload_day_rare_below(day, (*order)->fill_count)];
	return fill->busted ? NULL : fill;
}

static void sim_workload_rare_refer(struct sim_report *report, uint32_t to) {
	report->refers = to + 1;
	snprintf(report->update.exec_ref_id, sizeof report->update.exec_ref_id, "E%u", to);
}

/* A bust names the fill or the last correction of it; its last quantity says nothing. */
static bool sim_workload_rare_bust(struct sim_workload_day *day) {
	struct sim_workload_order *order = NULL;
	struct sim_workload_fill *fill = sim_workload_rare_pick_fill(day, &order);
	if (fill == NULL) {
		return false;
	}
	uint32_t to = sim_workload_day_rare_percent(day, 50) ? fill->report : fill->latest;
	int64_t says = sim_workload_day_rare_percent(day, 50) ? fill->lots : 0;
	order->changed = true;
	order->cum_quantity_lots -= fill->lots;
	struct sim_report *report = sim_workload_day_report(day, order, SUBJECT_EXEC_BUST, says, 0);
	if (report != NULL) {
		sim_workload_rare_refer(report, to);
		fill->busted = true;
	}
	return true;
}

/* A correction names the last one before it: those of one fill must not be mixed up. */
static bool sim_workload_rare_correct(struct sim_workload_day *day) {
	struct sim_workload_order *order = NULL;
	struct sim_workload_fill *fill = sim_workload_rare_pick_fill(day, &order);
	if (fill == NULL) {
		return false;
	}
	int64_t lots = sim_workload_rare_lots(day, fill->lots + sim_workload_rare_left(order));
	int64_t ticks = order->price_ticks + (int64_t)sim_workload_day_rare_below(day, 21) - 10;
	order->changed = true;
	order->cum_quantity_lots += lots - fill->lots;
	struct sim_report *report = sim_workload_day_report(day, order, SUBJECT_EXEC_CORRECT, lots, ticks);
	if (report != NULL) {
		sim_workload_rare_refer(report, fill->latest);
		fill->latest = day->plan->report_count - 1;
		fill->lots = lots;
	}
	return true;
}

/* ---- the same exec id again ------------------------------------------------------------------ */

/* A copy of an earlier report with an exec id of its own. NULL when there is none. */
static struct sim_report *sim_workload_rare_copy(struct sim_workload_day *day) {
	struct sim_plan *plan = day->plan;
	if (plan->report_count == 0 || plan->report_count >= day->report_limit) {
		return NULL;
	}
	uint32_t number = sim_workload_day_rare_below(day, plan->report_count);
	const struct sim_report *original = &plan->reports[number];
	if (original->command.kind != SUBJECT_COMMAND_NONE || sim_plan_key(original, number) != number ||
	    original->broken != SIM_BROKEN_NONE) {
		return NULL;
	}
	struct sim_report *copy = &plan->reports[plan->report_count++];
	*copy = *original;
	copy->repeats = number + 1;
	return copy;
}

static bool sim_workload_rare_contradict(struct sim_workload_day *day) {
	struct sim_report *copy = sim_workload_rare_copy(day);
	if (copy == NULL) {
		return false;
	}
	switch (sim_workload_day_rare_below(day, 3)) {
	case 0:
		copy->update.order_quantity_lots++;
		break;
	case 1:
		copy->update.commission_units--;
		break;
	default:
		copy->update.price_ticks++;
		break;
	}
	return true;
}

/* Other channels differ in what is annotation only. Where the rules look at one of these fields, it
 * stays. */
static bool sim_workload_rare_echo(struct sim_workload_day *day) {
	struct sim_report *copy = sim_workload_rare_copy(day);
	if (copy == NULL) {
		return false;
	}
	struct subject_order_update *update = &copy->update;
	enum subject_exec_type type = update->exec_type;
	bool has_terms = type == SUBJECT_EXEC_REPLACED || type == SUBJECT_EXEC_RESTATED;
	if (type != SUBJECT_EXEC_CANCEL_REJECTED) {
		update->ord_status =
		        (enum subject_order_status)sim_workload_day_rare_below(day, SUBJECT_ORDER_STOPPED + 1);
	}
	if (type != SUBJECT_EXEC_REJECTED && type != SUBJECT_EXEC_DONE_FOR_DAY) {
		update->leaves_quantity_lots = 0;
	}
	if (!has_terms) {
		update->transact_time_ns += 7;
		memset(update->cl_ord_id, 0, sizeof update->cl_ord_id);
		snprintf(update->cl_ord_id, sizeof update->cl_ord_id, "X%u", copy->order);
	}
	return true;
}

/* ---- the operator ---------------------------------------------------------------------------- */

static struct subject_command *sim_workload_rare_command(struct sim_workload_day *day, enum subject_command_kind kind) {
	struct sim_plan *plan = day->plan;
	if (plan->report_count >= day->report_limit) {
		return NULL;
	}
	uint32_t number = plan->report_count++;
	struct subject_command *command = &plan->reports[number].command;
	memset(&plan->reports[number], 0, sizeof plan->reports[number]);
	command->kind = kind;
	command->time_ns = 1700000000000000000 + (int64_t)number * 1000000;
	snprintf(command->command_id, sizeof command->command_id, "E%u", number);
	return command;
}

/* Each is off, or within what the orders of a day exceed now and then. */
static bool sim_workload_rare_set_limits(struct sim_workload_day *day) {
	struct subject_command *command = sim_workload_rare_command(day, SUBJECT_COMMAND_LIMITS);
	if (command == NULL) {
		return false;
	}
	struct subject_limits *limits = &command->limits;
	limits->position_lots = sim_workload_day_rare_percent(day, 60) ? 50 + sim_workload_rare_lots(day, 900) : 0;
	limits->order_notional_tick_lots =
	        sim_workload_day_rare_percent(day, 40) ? 10000 * sim_workload_rare_lots(day, 400) : 0;
	limits->open_orders = sim_workload_day_rare_percent(day, 40) ? sim_workload_rare_lots(day, 4) : 0;
	return true;
}

static bool sim_workload_rare_halt(struct sim_workload_day *day) {
	bool resumes = sim_workload_day_rare_percent(day, 60);
	return sim_workload_rare_command(day, resumes ? SUBJECT_COMMAND_RESUME : SUBJECT_COMMAND_HALT) != NULL;
}

/* ---- what happens ---------------------------------------------------------------------------- */

static bool sim_workload_rare_happen_to_order(struct sim_workload_day *day, enum sim_rare rare) {
	static bool (*const events[SIM_RARE_EVENT_COUNT])(struct sim_workload_day *, uint32_t) = {
	        [SIM_RARE_REPLACES] = sim_workload_rare_replace,
	        [SIM_RARE_RESTATEMENTS] = sim_workload_rare_restate,
	        [SIM_RARE_DONE_FOR_DAY] = sim_workload_rare_end_day,
	        [SIM_RARE_PENDINGS] = sim_workload_rare_pend,
	        [SIM_RARE_STOPS] = sim_workload_rare_stop,
	        [SIM_RARE_OVERFILLS] = sim_workload_rare_overfill,
	        [SIM_RARE_REUSED_IDS] = sim_workload_rare_reuse,
	        [SIM_RARE_SPLITS] = sim_workload_rare_split,
	};
	if (day->open_count == 0) {
		return false;
	}
	uint32_t index = sim_workload_day_rare_below(day, day->open_count);
	return events[rare](day, index);
}

static bool sim_workload_rare_happen(struct sim_workload_day *day, enum sim_rare rare) {
	switch (rare) {
	case SIM_RARE_BUSTS:
		return sim_workload_rare_bust(day);
	case SIM_RARE_CORRECTS:
		return sim_workload_rare_correct(day);
	case SIM_RARE_LATE_FILLS:
		return sim_workload_rare_fill_late(day);
	case SIM_RARE_CONFLICTS:
		return sim_workload_rare_contradict(day);
	case SIM_RARE_SECOND_CHANNEL:
		return sim_workload_rare_echo(day);
	case SIM_RARE_LIMITS:
		return sim_workload_rare_set_limits(day);
	case SIM_RARE_HALTS:
		return sim_workload_rare_halt(day);
	case SIM_RARE_BROKEN:
		return sim_workload_wide_break(day);
	case SIM_RARE_REPLACES:
	case SIM_RARE_RESTATEMENTS:
	case SIM_RARE_DONE_FOR_DAY:
	case SIM_RARE_PENDINGS:
	case SIM_RARE_STOPS:
	case SIM_RARE_OVERFILLS:
	case SIM_RARE_REUSED_IDS:
	case SIM_RARE_SPLITS:
		return sim_workload_rare_happen_to_order(day, rare);
	case SIM_RARE_UNKNOWN_ORDERS:
	case SIM_RARE_STATUS_LIES:
	case SIM_RARE_NAMELESS:
	case SIM_RARE_EARLY:
	case SIM_RARE_BATCHES:
	case SIM_RARE_LONG_IDS:
	case SIM_RARE_SHARED_IDS:
	case SIM_RARE_ODD_TIMES:
	case SIM_RARE_VAST_NUMBERS:
	case SIM_RARE_MALFORMED:
	case SIM_RARE_CLIENTLESS:
	case SIM_RARE_ACCOUNTS:
	case SIM_RARE_REUSED_ORDERS:
	case SIM_RARE_BEGUN_DAYS:
	case SIM_RARE_UNSAID_QUANTITIES:
	case SIM_RARE_COUNT:
		break;
	}
	return false;
}

bool sim_workload_rare_event(struct sim_workload_day *day) {
	uint32_t together = 0;
	for (int rare = 0; rare < SIM_RARE_EVENT_COUNT; rare++) {
		together += day->workload->rare_percent[rare];
	}
	uint32_t dice = together == 0 ? 100 : sim_workload_day_rare_below(day, 100);
	if (dice >= together) {
		return false;
	}
	int rare = 0;
	while (dice >= day->workload->rare_percent[rare]) {
		dice -= day->workload->rare_percent[rare++];
	}
	return sim_workload_rare_happen(day, (enum sim_rare)rare);
}

/* ---- any order, any report ------------------------------------------------------------------- */

bool sim_workload_rare_opening(struct sim_workload_day *day, struct sim_workload_order *order) {
	if (sim_workload_day_draw_rare(day, SIM_RARE_UNKNOWN_ORDERS)) {
		if (order->quantity_lots > 1 && sim_workload_day_rare_percent(day, 70)) {
			int64_t lots = sim_workload_rare_lots(day, order->quantity_lots - 1);
			order->cum_quantity_lots = lots;
			sim_workload_day_report(day, order, SUBJECT_EXEC_TRADE, lots, order->price_ticks);
		} else {
			sim_workload_day_report(day, order, SUBJECT_EXEC_ORDER_STATUS, 0, 0);
		}
		return true;
	}
	if (sim_workload_day_draw_rare(day, SIM_RARE_PENDINGS)) {
		sim_workload_day_report(day, order, SUBJECT_EXEC_PENDING_NEW, 0, 0);
	}
	return false;
}
