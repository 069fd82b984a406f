/* sim/orders/model.c: the reference model: the ledger, and what a report means on top of it.
 * Straightforward rather than fast. */
#include "model.h"

#include <assert.h>
#include <string.h>

#define SIM_MODEL_NO_ENTRY UINT32_MAX

static const struct sim_report *sim_model_report(const struct sim_plan *plan, uint32_t report) {
	assert(report < plan->report_count);
	return &plan->reports[report];
}

static bool sim_model_is_late(enum subject_exec_type type) {
	return type == SUBJECT_EXEC_BUST || type == SUBJECT_EXEC_CORRECT;
}

static bool sim_model_is_fill(enum subject_exec_type type) {
	return type == SUBJECT_EXEC_TRADE || type == SUBJECT_EXEC_CORRECT;
}

/* ---- the duplicate key (R5) ------------------------------------------------------------------ */

/* Answers to requests, of which two may differ in nothing but the request. */
static bool sim_model_answers_request(enum subject_exec_type type) {
	return type == SUBJECT_EXEC_PENDING_CANCEL || type == SUBJECT_EXEC_PENDING_REPLACE ||
	       type == SUBJECT_EXEC_REPLACED || type == SUBJECT_EXEC_CANCEL_REJECTED ||
	       type == SUBJECT_EXEC_REPLACE_REJECTED;
}

bool sim_model_same_content(const struct sim_report *a, const struct sim_report *b) {
	const struct subject_order_update *x = &a->update;
	const struct subject_order_update *y = &b->update;
	return a->order == b->order && x->exec_type == y->exec_type && x->side == y->side &&
	       x->order_quantity_lots == y->order_quantity_lots && x->price_ticks == y->price_ticks &&
	       x->last_quantity_lots == y->last_quantity_lots && x->last_price_ticks == y->last_price_ticks &&
	       x->cum_quantity_lots == y->cum_quantity_lots && x->commission_units == y->commission_units &&
	       strcmp(x->comm_currency, y->comm_currency) == 0 && strcmp(x->exec_ref_id, y->exec_ref_id) == 0;
}

/* Two reports without exec id are one when they say the same. */
static bool sim_model_same_nameless(const struct sim_report *a, const struct sim_report *b) {
	return sim_model_same_content(a, b) && (!sim_model_answers_request(a->update.exec_type) ||
	                                        strcmp(a->update.cl_ord_id, b->update.cl_ord_id) == 0);
}

/* The entry with the report's key. */
static uint32_t sim_model_find(const struct sim_model *model, const struct sim_plan *plan, uint32_t report) {
	const struct sim_report *wanted = sim_model_report(plan, report);
	uint32_t key = sim_plan_key(wanted, report);
	if (key != SIM_PLAN_NO_KEY && !model->seen[key]) {
		return SIM_MODEL_NO_ENTRY;
	}
	for (uint32_t i = 0; i < model->version; i++) {
		uint32_t number = model->ledger[i].report;
		const struct sim_report *entry = &plan->reports[number];
		uint32_t has = sim_plan_key(entry, number);
		bool nameless = key == SIM_PLAN_NO_KEY && has == SIM_PLAN_NO_KEY;
		if (nameless ? sim_model_same_nameless(entry, wanted) : has == key) {
			return i;
		}
	}
	return SIM_MODEL_NO_ENTRY;
}

bool sim_model_holds(const struct sim_model *model, const struct sim_plan *plan, uint32_t report) {
	uint32_t entry = sim_model_find(model, plan, report);
	const struct sim_report *wanted = sim_model_report(plan, report);
	return entry != SIM_MODEL_NO_ENTRY &&
	       (wanted->command.kind != SUBJECT_COMMAND_NONE ||
	        sim_model_same_content(&plan->reports[model->ledger[entry].report], wanted));
}

/* ---- what a report finds --------------------------------------------------------------------- */

/* The entry that a bust or a correction takes the place of (R10). */
static enum sim_model_answer sim_model_find_standing(const struct sim_model *model, const struct sim_plan *plan,
                                                     const struct sim_report *report, uint32_t *entry) {
	const struct sim_report *standing;
	*entry = report->refers == 0 ? SIM_MODEL_NO_ENTRY : sim_model_find(model, plan, report->refers - 1);
	if (*entry == SIM_MODEL_NO_ENTRY) {
		return SIM_MODEL_GAP;
	}
	standing = &plan->reports[model->ledger[*entry].report];
	if (!sim_model_is_fill(standing->update.exec_type) || standing->order != report->order) {
		return SIM_MODEL_REFUSED;
	}
	while (model->ledger[*entry].superseded_by != 0) {
		assert(model->ledger[*entry].superseded_by > *entry + 1);
		*entry = model->ledger[*entry].superseded_by - 1;
	}
	standing = &plan->reports[model->ledger[*entry].report];
	return standing->update.exec_type == SUBJECT_EXEC_BUST ? SIM_MODEL_REFUSED : SIM_MODEL_APPLIES;
}

/* What a bust or correction changes the order's cumulative quantity by. */
static int64_t sim_model_late_lots(const struct sim_model *model, const struct sim_plan *plan,
                                   const struct subject_order_update *update, uint32_t standing) {
	int64_t lots = update->exec_type == SUBJECT_EXEC_CORRECT ? update->last_quantity_lots : 0;
	return lots - plan->reports[model->ledger[standing].report].update.last_quantity_lots;
}

static enum sim_model_answer sim_model_predict_fill(const struct subject_order_update *update, int64_t known) {
	int64_t before = update->cum_quantity_lots - update->last_quantity_lots;
	if (before > known) {
		return SIM_MODEL_GAP;
	}
	if (before == known) {
		return SIM_MODEL_APPLIES;
	}
	return update->cum_quantity_lots <= known ? SIM_MODEL_UNCHANGED : SIM_MODEL_REFUSED;
}

static enum sim_model_answer sim_model_predict_late(const struct sim_model *model, const struct sim_plan *plan,
                                                    const struct sim_report *report) {
	uint32_t standing = SIM_MODEL_NO_ENTRY;
	enum sim_model_answer answer = sim_model_find_standing(model, plan, report, &standing);
	if (answer != SIM_MODEL_APPLIES) {
		return answer;
	}
	int64_t known = model->orders[report->order].cum_quantity_lots;
	int64_t moved = sim_model_late_lots(model, plan, &report->update, standing);
	return report->update.cum_quantity_lots > known + moved ? SIM_MODEL_GAP : SIM_MODEL_APPLIES;
}

/* R8: by how much a restatement moves the order's cumulative quantity, and the position with it:
 * both quantities change in one proportion. 0: it is no split. */
static int64_t sim_model_split_lots(const struct sim_model_order *order, const struct subject_order_update *update) {
	sim_int128 was = (sim_int128)order->cum_quantity_lots * update->order_quantity_lots;
	sim_int128 is = (sim_int128)update->cum_quantity_lots * order->quantity_lots;
	bool is_split = order->exists && update->exec_type == SUBJECT_EXEC_RESTATED && was == is &&
	                update->order_quantity_lots > 0 && update->cum_quantity_lots > 0;
	return is_split ? update->cum_quantity_lots - order->cum_quantity_lots : 0;
}

/* R7 and R8 for what is neither a fill nor about one. What was taken back since is
 * known. */
static enum sim_model_answer sim_model_predict_other(const struct sim_model *model, const struct sim_report *report) {
	const struct sim_model_order *order = &model->orders[report->order];
	const struct subject_order_update *update = &report->update;
	bool has_terms = update->exec_type == SUBJECT_EXEC_REPLACED || update->exec_type == SUBJECT_EXEC_RESTATED;
	int64_t split_lots = sim_model_split_lots(order, update);
	struct sim_model_position position = model->positions[report->symbol];
	if (update->cum_quantity_lots > order->cum_quantity_lots + split_lots + order->taken_back_lots) {
		return SIM_MODEL_GAP;
	}
	if (order->exists && update->exec_type == SUBJECT_EXEC_ORDER_STATUS) {
		return SIM_MODEL_UNCHANGED;
	}
	bool is_old = update->transact_time_ns != 0 && update->transact_time_ns < order->terms_time_ns;
	if (order->exists && has_terms && is_old) {
		return SIM_MODEL_UNCHANGED;
	}
	return split_lots == 0 || sim_model_position_split(&position, update->side, split_lots) ? SIM_MODEL_APPLIES
	                                                                                        : SIM_MODEL_REFUSED;
}

/* R9: the fill is worth more than 64 bits hold, or all fills of its order are. */
static bool sim_model_overflows(const struct sim_model_order *order, const struct subject_order_update *update) {
	sim_int128 value = (sim_int128)update->last_quantity_lots * update->last_price_ticks;
	sim_int128 filled = order->filled_tick_lots + value;
	return value > INT64_MAX || value < -INT64_MAX || filled > INT64_MAX || filled < -INT64_MAX;
}

/* R1 to R4. */
static bool sim_model_is_malformed(const struct sim_report *report) {
	return report->broken != SIM_BROKEN_NONE && report->broken != SIM_BROKEN_VALUE;
}

enum sim_model_answer sim_model_predict(const struct sim_model *model, const struct sim_plan *plan, uint32_t number) {
	const struct sim_report *report = sim_model_report(plan, number);
	const struct sim_model_order *order = &model->orders[report->order];
	if (sim_model_is_malformed(report)) {
		return SIM_MODEL_REFUSED;
	}
	if (sim_model_find(model, plan, number) != SIM_MODEL_NO_ENTRY) {
		return sim_model_holds(model, plan, number) ? SIM_MODEL_UNCHANGED : SIM_MODEL_REFUSED;
	}
	if (report->command.kind != SUBJECT_COMMAND_NONE) {
		return SIM_MODEL_APPLIES;
	}
	if (sim_model_is_late(report->update.exec_type)) {
		return sim_model_predict_late(model, plan, report);
	}
	if (report->update.exec_type != SUBJECT_EXEC_TRADE) {
		return sim_model_predict_other(model, report);
	}
	enum sim_model_answer answer = sim_model_predict_fill(&report->update, order->cum_quantity_lots);
	return answer == SIM_MODEL_APPLIES && sim_model_overflows(order, &report->update) ? SIM_MODEL_REFUSED : answer;
}

struct subject_gap sim_model_gap(const struct sim_model *model, const struct sim_plan *plan, uint32_t number) {
	const struct sim_report *report = sim_model_report(plan, number);
	const struct subject_order_update *update = &report->update;
	int64_t moved = update->exec_type == SUBJECT_EXEC_TRADE ? update->last_quantity_lots : 0;
	if (sim_model_is_late(update->exec_type)) {
		uint32_t standing = SIM_MODEL_NO_ENTRY;
		if (sim_model_find_standing(model, plan, report, &standing) != SIM_MODEL_APPLIES) {
			return (struct subject_gap){0};
		}
		moved = sim_model_late_lots(model, plan, update, standing);
	}
	return (struct subject_gap){.known_lots = model->orders[report->order].cum_quantity_lots,
	                            .missing_to_lots = update->cum_quantity_lots - moved};
}

/* ---- the fold (R9) --------------------------------------------------------------------------- */

/* A split that applied. 0 lots: it is none. */
static void sim_model_follow_split(struct sim_model_position *position, const struct subject_order_update *update,
                                   int64_t lots) {
	bool follows = lots == 0 || sim_model_position_split(position, update->side, lots);
	assert(follows);
}

/* The position of a symbol from the first fill on, each in the shape in which it stands now. */
static void sim_model_fold(struct sim_model *model, const struct sim_plan *plan, uint32_t symbol) {
	assert(symbol < SIM_PLAN_SYMBOLS_MAX);
	struct sim_model_position *position = &model->positions[symbol];
	*position = (struct sim_model_position){.exists = true};
	for (uint32_t i = 0; i < model->version; i++) {
		const struct sim_report *report = &plan->reports[model->ledger[i].report];
		if (report->symbol == symbol) {
			sim_model_follow_split(position, &report->update, model->ledger[i].split_lots);
		}
		if (report->update.exec_type != SUBJECT_EXEC_TRADE || report->symbol != symbol) {
			continue;
		}
		uint32_t standing = i;
		while (model->ledger[standing].superseded_by != 0) {
			standing = model->ledger[standing].superseded_by - 1;
		}
		const struct subject_order_update *stands = &plan->reports[model->ledger[standing].report].update;
		if (stands->exec_type != SUBJECT_EXEC_BUST) {
			sim_model_position_fill(position, stands);
		}
	}
}

int64_t sim_model_commission(const struct sim_model *model, const struct sim_plan *plan, const char *currency) {
	sim_int128 total = 0;
	for (uint32_t i = 0; i < model->version; i++) {
		const struct subject_order_update *update = &plan->reports[model->ledger[i].report].update;
		bool counts = model->ledger[i].superseded_by == 0 && strcmp(update->comm_currency, currency) == 0;
		total += counts ? update->commission_units : 0;
	}
	return (int64_t)total;
}

/* ---- limits (R11) ---------------------------------------------------------------------------- */

struct sim_model_exposure {
	sim_int128 longest;
	sim_int128 shortest;
	int64_t open_orders;
};

static struct sim_model_exposure sim_model_measure(const struct sim_model *model, const struct sim_plan *plan,
                                                   uint32_t symbol) {
	assert(symbol < SIM_PLAN_SYMBOLS_MAX);
	struct sim_model_exposure exposure = {model->positions[symbol].quantity_lots,
	                                      model->positions[symbol].quantity_lots, 0};
	for (uint32_t i = 0; i < plan->order_count; i++) {
		const struct sim_model_order *order = &model->orders[i];
		int64_t leaves = order->exists ? sim_model_leaves(order) : 0;
		exposure.open_orders += leaves > 0;
		if (leaves > 0 && plan->reports[order->client_report].symbol == symbol) {
			bool buys = plan->reports[order->client_report].update.side == SUBJECT_SIDE_BUY;
			exposure.longest += buys ? leaves : 0;
			exposure.shortest -= buys ? 0 : leaves;
		}
	}
	return exposure;
}

static enum subject_halt sim_model_exceeded(const struct sim_model *model, const struct sim_model_order *order,
                                            const struct sim_model_exposure *exposure) {
	const struct subject_limits *limits = &model->limits;
	sim_int128 notional = (sim_int128)order->quantity_lots * order->price_ticks;
	notional = notional < 0 ? -notional : notional;
	if (limits->position_lots > 0 &&
	    (exposure->longest > limits->position_lots || exposure->shortest < -(sim_int128)limits->position_lots)) {
		return SUBJECT_HALT_POSITION;
	}
	if (limits->order_notional_tick_lots > 0 && notional > limits->order_notional_tick_lots &&
	    sim_model_leaves(order) > 0) {
		return SUBJECT_HALT_ORDER_NOTIONAL;
	}
	return limits->open_orders > 0 && exposure->open_orders > limits->open_orders ? SUBJECT_HALT_OPEN_ORDERS
	                                                                              : SUBJECT_HALT_NONE;
}

static void sim_model_look_at_limits(struct sim_model *model, const struct sim_plan *plan,
                                     const struct sim_report *report) {
	const struct subject_limits *limits = &model->limits;
	bool has_limits = limits->position_lots > 0 || limits->order_notional_tick_lots > 0 || limits->open_orders > 0;
	if (model->halt != SUBJECT_HALT_NONE || !has_limits) {
		return;
	}
	struct sim_model_exposure exposure = sim_model_measure(model, plan, report->symbol);
	model->halt = sim_model_exceeded(model, &model->orders[report->order], &exposure);
}

/* ---- applying -------------------------------------------------------------------------------- */

static void sim_model_do_command(struct sim_model *model, const struct subject_command *command) {
	switch (command->kind) {
	case SUBJECT_COMMAND_LIMITS:
		model->limits = command->limits;
		break;
	case SUBJECT_COMMAND_RESUME:
		model->halt = SUBJECT_HALT_NONE;
		break;
	case SUBJECT_COMMAND_HALT:
		model->halt = model->halt == SUBJECT_HALT_NONE ? SUBJECT_HALT_COMMANDED : model->halt;
		break;
	case SUBJECT_COMMAND_NONE:
		break;
	}
}

/* What the order has filled by, in lots and in money. */
static void sim_model_move(struct sim_model_order *order, const struct subject_order_update *update, int64_t sign) {
	if (sim_model_is_fill(update->exec_type)) {
		order->cum_quantity_lots += sign * update->last_quantity_lots;
		order->filled_tick_lots += sign * update->last_quantity_lots * update->last_price_ticks;
	}
}

/* Marks what the bust or correction in entry `entry` takes the place of. */
static void sim_model_supersede(struct sim_model *model, const struct sim_plan *plan, uint32_t entry) {
	const struct sim_report *report = &plan->reports[model->ledger[entry].report];
	uint32_t standing = SIM_MODEL_NO_ENTRY;
	enum sim_model_answer answer = sim_model_find_standing(model, plan, report, &standing);
	assert(answer == SIM_MODEL_APPLIES);
	assert(standing < entry);
	sim_model_move(&model->orders[report->order], &plan->reports[model->ledger[standing].report].update, -1);
	model->ledger[standing].superseded_by = entry + 1;
}

static void sim_model_apply_update(struct sim_model *model, const struct sim_plan *plan, uint32_t entry) {
	uint32_t number = model->ledger[entry].report;
	const struct sim_report *report = &plan->reports[number];
	struct sim_model_order *order = &model->orders[report->order];
	bool is_late = sim_model_is_late(report->update.exec_type);
	int64_t before = order->cum_quantity_lots;
	if (is_late) {
		sim_model_supersede(model, plan, entry);
	}
	model->ledger[entry].split_lots = sim_model_split_lots(order, &report->update);
	order->cum_quantity_lots += model->ledger[entry].split_lots;
	sim_model_move(order, &report->update, 1);
	order->taken_back_lots += before > order->cum_quantity_lots ? before - order->cum_quantity_lots : 0;
	sim_model_order_react(order, plan, number);
	sim_model_follow_split(&model->positions[report->symbol], &report->update, model->ledger[entry].split_lots);
	if (is_late) {
		sim_model_fold(model, plan, report->symbol);
	} else if (report->update.exec_type == SUBJECT_EXEC_TRADE) {
		model->flipped |= sim_model_position_fill(&model->positions[report->symbol], &report->update);
	}
	sim_model_look_at_limits(model, plan, report);
}

void sim_model_apply(struct sim_model *model, const struct sim_plan *plan, uint32_t number) {
	const struct sim_report *report = sim_model_report(plan, number);
	uint32_t key = sim_plan_key(report, number);
	assert(sim_model_predict(model, plan, number) == SIM_MODEL_APPLIES);
	assert(model->version < SIM_PLAN_REPORTS_MAX);
	uint32_t entry = (uint32_t)model->version++;
	model->ledger[entry] = (struct sim_model_entry){.report = number};
	if (key != SIM_PLAN_NO_KEY) {
		assert(key < SIM_PLAN_REPORTS_MAX && !model->seen[key]);
		model->seen[key] = true;
	}
	if (report->command.kind != SUBJECT_COMMAND_NONE) {
		sim_model_do_command(model, &report->command);
	} else {
		sim_model_apply_update(model, plan, entry);
	}
}
