/* sim/plan/spoiling.c: see spoiling.h. */
#include "spoiling.h"

#include <assert.h>
#include <string.h>

#define SIM_SPOILING_BEYOND 1000 /* a number that no kind, status or side has */

static bool sim_spoiling_is_fill(const struct subject_order_update *update) {
	return update->exec_type == SUBJECT_EXEC_TRADE || update->exec_type == SUBJECT_EXEC_CORRECT;
}

/* Those whose last quantity says nothing (R4). */
static bool sim_spoiling_ignores_last(const struct subject_order_update *update) {
	return update->exec_type == SUBJECT_EXEC_STOPPED || update->exec_type == SUBJECT_EXEC_BUST ||
	       update->exec_type == SUBJECT_EXEC_ORDER_STATUS;
}

static bool sim_spoiling_is_refusal(const struct subject_order_update *update) {
	return update->exec_type == SUBJECT_EXEC_CANCEL_REJECTED || update->exec_type == SUBJECT_EXEC_REPLACE_REJECTED;
}

/* ---- texts ----------------------------------------------------------------------------------- */

static bool sim_spoiling_exec_id_control(struct sim_report *report) {
	report->update.exec_id[0] = '\t';
	return true;
}

static bool sim_spoiling_client_id_control(struct sim_report *report) {
	report->update.cl_ord_id[0] = '\x7f';
	return true;
}

static bool sim_spoiling_currency_control(struct sim_report *report) {
	report->update.comm_currency[0] = '\x1f';
	return true;
}

static bool sim_spoiling_order_id_empty(struct sim_report *report) {
	memset(report->update.order_id, 0, sizeof report->update.order_id);
	return true;
}

static bool sim_spoiling_order_id_endless(struct sim_report *report) {
	memset(report->update.order_id, 'O', sizeof report->update.order_id);
	return true;
}

static bool sim_spoiling_symbol_empty(struct sim_report *report) {
	memset(report->update.symbol, 0, sizeof report->update.symbol);
	return !sim_spoiling_is_refusal(&report->update);
}

/* ---- kinds ----------------------------------------------------------------------------------- */

static bool sim_spoiling_exec_type_unknown(struct sim_report *report) {
	report->update.exec_type = (enum subject_exec_type)SIM_SPOILING_BEYOND;
	return true;
}

static bool sim_spoiling_status_unknown(struct sim_report *report) {
	report->update.ord_status = (enum subject_order_status)SIM_SPOILING_BEYOND;
	return true;
}

static bool sim_spoiling_side_unknown(struct sim_report *report) {
	report->update.side = (enum subject_side)SIM_SPOILING_BEYOND;
	return true;
}

/* ---- quantities ------------------------------------------------------------------------------ */

static bool sim_spoiling_order_quantity_negative(struct sim_report *report) {
	report->update.order_quantity_lots = -1;
	return true;
}

static bool sim_spoiling_order_quantity_least(struct sim_report *report) {
	report->update.order_quantity_lots = INT64_MIN;
	return !sim_spoiling_is_refusal(&report->update);
}

static bool sim_spoiling_leaves_negative(struct sim_report *report) {
	report->update.leaves_quantity_lots = -1;
	return true;
}

/* None in a fill, and one in what is none. */
static bool sim_spoiling_last_quantity_wrong(struct sim_report *report) {
	report->update.last_quantity_lots = sim_spoiling_is_fill(&report->update) ? 0 : 1;
	return !sim_spoiling_ignores_last(&report->update);
}

static bool sim_spoiling_cumulative_too_small(struct sim_report *report) {
	report->update.cum_quantity_lots =
	        sim_spoiling_is_fill(&report->update) ? report->update.last_quantity_lots - 1 : -1;
	return true;
}

/* ---- commands -------------------------------------------------------------------------------- */

static bool sim_spoiling_command_id_empty(struct sim_report *report) {
	memset(report->command.command_id, 0, sizeof report->command.command_id);
	return true;
}

static bool sim_spoiling_command_id_control(struct sim_report *report) {
	report->command.command_id[0] = '\n';
	return true;
}

static bool sim_spoiling_limit_negative(struct sim_report *report) {
	report->command.limits.order_notional_tick_lots = -1;
	return report->command.kind == SUBJECT_COMMAND_LIMITS;
}

/* ---- what contradicts a known order ---------------------------------------------------------- */

static bool sim_spoiling_other_symbol(struct sim_report *report) {
	report->update.symbol[0] = report->update.symbol[0] == 'Z' ? 'Y' : 'Z';
	return !sim_spoiling_is_refusal(&report->update);
}

static bool sim_spoiling_other_side(struct sim_report *report) {
	report->update.side = report->update.side == SUBJECT_SIDE_BUY ? SUBJECT_SIDE_SELL : SUBJECT_SIDE_BUY;
	return !sim_spoiling_is_refusal(&report->update);
}

/* ---- what contradicts a report (R5) ---------------------------------------------------------- */

/* One field of what a report says is another one, and all the rest is well formed. The side is
 * above. */
static bool sim_spoiling_other_order(struct sim_report *report) {
	report->update.order_id[0] = report->update.order_id[0] == 'Z' ? 'Y' : 'Z';
	return true;
}

static bool sim_spoiling_other_exec_type(struct sim_report *report) {
	struct subject_order_update *update = &report->update;
	enum subject_exec_type was = update->exec_type;
	update->exec_type = was == SUBJECT_EXEC_TRADE       ? SUBJECT_EXEC_STOPPED
	                    : was == SUBJECT_EXEC_TRIGGERED ? SUBJECT_EXEC_NEW
	                                                    : SUBJECT_EXEC_TRIGGERED;
	return was == SUBJECT_EXEC_TRADE || update->last_quantity_lots == 0;
}

static bool sim_spoiling_other_order_quantity(struct sim_report *report) {
	report->update.order_quantity_lots++;
	return true;
}

static bool sim_spoiling_other_price(struct sim_report *report) {
	report->update.price_ticks++;
	return true;
}

static bool sim_spoiling_other_last_quantity(struct sim_report *report) {
	struct subject_order_update *update = &report->update;
	bool has_less = update->last_quantity_lots > 1;
	bool has_more = update->cum_quantity_lots > update->last_quantity_lots;
	update->last_quantity_lots += has_less ? -1 : 1;
	return sim_spoiling_ignores_last(update) || (sim_spoiling_is_fill(update) && (has_less || has_more));
}

static bool sim_spoiling_other_last_price(struct sim_report *report) {
	report->update.last_price_ticks++;
	return true;
}

static bool sim_spoiling_other_cumulative(struct sim_report *report) {
	report->update.cum_quantity_lots++;
	return true;
}

static bool sim_spoiling_other_commission(struct sim_report *report) {
	report->update.commission_units--;
	return true;
}

static bool sim_spoiling_other_currency(struct sim_report *report) {
	memset(report->update.comm_currency, 0, sizeof report->update.comm_currency);
	memcpy(report->update.comm_currency, "XXX", sizeof "XXX");
	return true;
}

static bool sim_spoiling_other_reference(struct sim_report *report) {
	report->update.exec_ref_id[0] = report->update.exec_ref_id[0] == 'Z' ? 'Y' : 'Z';
	return true;
}

/* ---- the table ------------------------------------------------------------------------------- */

struct sim_spoiling_row {
	const char *name;
	bool (*spoil)(struct sim_report *report); /* may leave it half done when it says false */
	bool of_commands;
	enum sim_spoiling_needs needs;
};

static const struct sim_spoiling_row sim_spoiling_rows[SIM_SPOILING_COUNT] = {
        [SIM_SPOILING_EXEC_ID_CONTROL] = {"exec_id_control", sim_spoiling_exec_id_control, false,
                                          SIM_SPOILING_NEEDS_NOTHING},
        [SIM_SPOILING_CLIENT_ID_CONTROL] = {"client_id_control", sim_spoiling_client_id_control, false,
                                            SIM_SPOILING_NEEDS_NOTHING},
        [SIM_SPOILING_CURRENCY_CONTROL] = {"currency_control", sim_spoiling_currency_control, false,
                                           SIM_SPOILING_NEEDS_NOTHING},
        [SIM_SPOILING_ORDER_ID_EMPTY] = {"order_id_empty", sim_spoiling_order_id_empty, false,
                                         SIM_SPOILING_NEEDS_NOTHING},
        [SIM_SPOILING_ORDER_ID_ENDLESS] = {"order_id_endless", sim_spoiling_order_id_endless, false,
                                           SIM_SPOILING_NEEDS_NOTHING},
        [SIM_SPOILING_SYMBOL_EMPTY] = {"symbol_empty", sim_spoiling_symbol_empty, false, SIM_SPOILING_NEEDS_NOTHING},
        [SIM_SPOILING_EXEC_TYPE_UNKNOWN] = {"exec_type_unknown", sim_spoiling_exec_type_unknown, false,
                                            SIM_SPOILING_NEEDS_NOTHING},
        [SIM_SPOILING_STATUS_UNKNOWN] = {"status_unknown", sim_spoiling_status_unknown, false,
                                         SIM_SPOILING_NEEDS_NOTHING},
        [SIM_SPOILING_SIDE_UNKNOWN] = {"side_unknown", sim_spoiling_side_unknown, false, SIM_SPOILING_NEEDS_NOTHING},
        [SIM_SPOILING_ORDER_QUANTITY_NEGATIVE] = {"order_quantity_negative", sim_spoiling_order_quantity_negative,
                                                  false, SIM_SPOILING_NEEDS_NOTHING},
        [SIM_SPOILING_ORDER_QUANTITY_LEAST] = {"order_quantity_least", sim_spoiling_order_quantity_least, false,
                                               SIM_SPOILING_NEEDS_NOTHING},
        [SIM_SPOILING_LEAVES_NEGATIVE] = {"leaves_negative", sim_spoiling_leaves_negative, false,
                                          SIM_SPOILING_NEEDS_NOTHING},
        [SIM_SPOILING_LAST_QUANTITY_WRONG] = {"last_quantity_wrong", sim_spoiling_last_quantity_wrong, false,
                                              SIM_SPOILING_NEEDS_NOTHING},
        [SIM_SPOILING_CUMULATIVE_TOO_SMALL] = {"cumulative_too_small", sim_spoiling_cumulative_too_small, false,
                                               SIM_SPOILING_NEEDS_NOTHING},
        [SIM_SPOILING_COMMAND_ID_EMPTY] = {"command_id_empty", sim_spoiling_command_id_empty, true,
                                           SIM_SPOILING_NEEDS_NOTHING},
        [SIM_SPOILING_COMMAND_ID_CONTROL] = {"command_id_control", sim_spoiling_command_id_control, true,
                                             SIM_SPOILING_NEEDS_NOTHING},
        [SIM_SPOILING_LIMIT_NEGATIVE] = {"limit_negative", sim_spoiling_limit_negative, true,
                                         SIM_SPOILING_NEEDS_NOTHING},
        [SIM_SPOILING_OTHER_SYMBOL] = {"other_symbol", sim_spoiling_other_symbol, false, SIM_SPOILING_NEEDS_ORDER},
        [SIM_SPOILING_OTHER_SIDE] = {"other_side", sim_spoiling_other_side, false, SIM_SPOILING_NEEDS_ORDER},
        [SIM_SPOILING_OTHER_ORDER] = {"other_order", sim_spoiling_other_order, false, SIM_SPOILING_NEEDS_REPORT},
        [SIM_SPOILING_OTHER_EXEC_TYPE] = {"other_exec_type", sim_spoiling_other_exec_type, false,
                                          SIM_SPOILING_NEEDS_REPORT},
        [SIM_SPOILING_OTHER_ORDER_QUANTITY] = {"other_order_quantity", sim_spoiling_other_order_quantity, false,
                                               SIM_SPOILING_NEEDS_REPORT},
        [SIM_SPOILING_OTHER_PRICE] = {"other_price", sim_spoiling_other_price, false, SIM_SPOILING_NEEDS_REPORT},
        [SIM_SPOILING_OTHER_LAST_QUANTITY] = {"other_last_quantity", sim_spoiling_other_last_quantity, false,
                                              SIM_SPOILING_NEEDS_REPORT},
        [SIM_SPOILING_OTHER_LAST_PRICE] = {"other_last_price", sim_spoiling_other_last_price, false,
                                           SIM_SPOILING_NEEDS_REPORT},
        [SIM_SPOILING_OTHER_CUMULATIVE] = {"other_cumulative", sim_spoiling_other_cumulative, false,
                                           SIM_SPOILING_NEEDS_REPORT},
        [SIM_SPOILING_OTHER_COMMISSION] = {"other_commission", sim_spoiling_other_commission, false,
                                           SIM_SPOILING_NEEDS_REPORT},
        [SIM_SPOILING_OTHER_CURRENCY] = {"other_currency", sim_spoiling_other_currency, false,
                                         SIM_SPOILING_NEEDS_REPORT},
        [SIM_SPOILING_OTHER_REFERENCE] = {"other_reference", sim_spoiling_other_reference, false,
                                          SIM_SPOILING_NEEDS_REPORT},
};

const char *sim_spoiling_name(enum sim_spoiling spoiling) {
	return (unsigned)spoiling < SIM_SPOILING_COUNT ? sim_spoiling_rows[spoiling].name : NULL;
}

const char *const *sim_spoiling_names(void) {
	static const char *names[SIM_SPOILING_COUNT + 1];
	for (int i = 0; i < SIM_SPOILING_COUNT; i++) {
		names[i] = sim_spoiling_rows[i].name;
	}
	return names;
}

enum sim_spoiling_needs sim_spoiling_needs(enum sim_spoiling spoiling) {
	assert((unsigned)spoiling < SIM_SPOILING_COUNT);
	return sim_spoiling_rows[spoiling].needs;
}

bool sim_spoiling_spoil(enum sim_spoiling spoiling, struct sim_report *report) {
	assert((unsigned)spoiling < SIM_SPOILING_COUNT);
	const struct sim_spoiling_row *row = &sim_spoiling_rows[spoiling];
	struct sim_report spoiled = *report;
	bool is_command = report->command.kind != SUBJECT_COMMAND_NONE;
	bool has_own_key = report->update.exec_id[0] != '\0' && report->repeats == 0;
	bool is_known_by_key = row->needs != SIM_SPOILING_NEEDS_REPORT || has_own_key;
	if (is_command != row->of_commands || !is_known_by_key || !row->spoil(&spoiled)) {
		return false;
	}
	*report = spoiled;
	return true;
}

enum sim_spoiling sim_spoiling_draw(struct sim_pcg32 *chance, const struct sim_report *report) {
	uint32_t fitting = 0;
	int chosen = 0;
	for (int i = 0; i < SIM_SPOILING_COUNT; i++) {
		struct sim_report spoiled = *report;
		bool fits = sim_spoiling_spoil((enum sim_spoiling)i, &spoiled);
		fitting += fits;
		chosen = fits && sim_pcg32_below(chance, fitting) == 0 ? i : chosen;
	}
	assert(fitting > 0);
	return (enum sim_spoiling)chosen;
}
