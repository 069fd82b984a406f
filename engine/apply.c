/* engine/apply.c: what an order update does to orders and positions. R1 to R13 are the rules of
 * docs/order-updates.md. */
#include "apply.h"

#include <assert.h>
#include <string.h>

#include <sqlite3.h>

#include "fold.h"
#include "identity.h"
#include "limit.h"
#include "money.h"
#include "order.h"

/* R1: the text ends within its field, and has no character that a terminal, a log or an SQL shell
 * would choke on. Bytes above 127 are UTF-8. */
static bool engine_apply_is_text(const char *field, size_t size) {
	for (size_t i = 0; i < size; i++) {
		unsigned char byte = (unsigned char)field[i];
		if (byte == '\0') {
			return true;
		}
		if (byte < 0x20 || byte == 0x7f) {
			return false;
		}
	}
	return false;
}

static enum engine_rule engine_apply_check_names(const struct engine_update *update) {
	if (!engine_apply_is_text(update->exec_id, sizeof update->exec_id) ||
	    !engine_apply_is_text(update->order_id, sizeof update->order_id) ||
	    !engine_apply_is_text(update->cl_ord_id, sizeof update->cl_ord_id) ||
	    !engine_apply_is_text(update->orig_cl_ord_id, sizeof update->orig_cl_ord_id) ||
	    !engine_apply_is_text(update->exec_ref_id, sizeof update->exec_ref_id) ||
	    !engine_apply_is_text(update->symbol, sizeof update->symbol) ||
	    !engine_apply_is_text(update->comm_currency, sizeof update->comm_currency) ||
	    !engine_apply_is_text(update->scope.venue, sizeof update->scope.venue) ||
	    !engine_apply_is_text(update->scope.account, sizeof update->scope.account) ||
	    !engine_apply_is_text(update->scope.instrument, sizeof update->scope.instrument)) {
		return ENGINE_RULE_TEXT;
	}
	if (update->order_id[0] == '\0') {
		return ENGINE_RULE_ORDER_ID;
	}
	return update->symbol[0] == '\0' ? ENGINE_RULE_SYMBOL : ENGINE_RULE_NONE;
}

static enum engine_rule engine_apply_check_kinds(const struct engine_update *update) {
	if ((update->exec_type < ENGINE_EXEC_NEW || update->exec_type > ENGINE_EXEC_REPLACE_REJECTED) &&
	    update->exec_type != ENGINE_EXEC_MULTILEG_TRADE) {
		return ENGINE_RULE_EXEC_TYPE;
	}
	/* Compilers differ in whether an enum is signed. */
	if ((int)update->ord_status < ENGINE_ORDER_NONE || (int)update->ord_status > ENGINE_ORDER_PENDING_REPLACE) {
		return ENGINE_RULE_ORD_STATUS;
	}
	return update->side == ENGINE_SIDE_BUY || update->side == ENGINE_SIDE_SELL ? ENGINE_RULE_NONE
	                                                                           : ENGINE_RULE_SIDE;
}

/* Answers that refuse a request. They may say nothing about the order. */
static bool engine_apply_is_refusal(enum engine_exec_type type) {
	return type == ENGINE_EXEC_CANCEL_REJECTED || type == ENGINE_EXEC_REPLACE_REJECTED;
}

static bool engine_apply_is_fill(enum engine_exec_type type) {
	return engine_order_is_trade(type) || type == ENGINE_EXEC_CORRECT;
}

/* Whether the rules ignore a last quantity above zero. */
static bool engine_apply_ignores_last(enum engine_exec_type type) {
	return type == ENGINE_EXEC_STOPPED || type == ENGINE_EXEC_BUST || type == ENGINE_EXEC_ORDER_STATUS;
}

static bool engine_apply_is_last_quantity(const struct engine_update *update) {
	if (engine_apply_is_fill(update->exec_type)) {
		return update->last_quantity_lots > 0;
	}
	return engine_apply_ignores_last(update->exec_type) ? update->last_quantity_lots >= 0
	                                                    : update->last_quantity_lots == 0;
}

static enum engine_rule engine_apply_check_quantities(const struct engine_update *update) {
	int64_t least = engine_apply_is_fill(update->exec_type) ? update->last_quantity_lots : 0;

	if (update->order_quantity_lots < 0) {
		return ENGINE_RULE_ORDER_QUANTITY;
	}
	if (update->leaves_quantity_lots < 0) {
		return ENGINE_RULE_LEAVES_QUANTITY;
	}
	if (!engine_apply_is_last_quantity(update)) {
		return ENGINE_RULE_LAST_QUANTITY;
	}
	return update->cum_quantity_lots < least ? ENGINE_RULE_CUM_QUANTITY : ENGINE_RULE_NONE;
}

/* R1 to R4: checks what does not depend on the state. */
static enum engine_rule engine_apply_check_form(const struct engine_update *update) {
	enum engine_rule rule = engine_apply_check_names(update);

	if (rule == ENGINE_RULE_NONE) {
		rule = engine_apply_check_kinds(update);
	}
	if (rule == ENGINE_RULE_NONE && !engine_identity_is_sound(update)) {
		rule = ENGINE_RULE_SCOPE;
	}
	return rule == ENGINE_RULE_NONE ? engine_apply_check_quantities(update) : rule;
}

/* Two reports that differ only in the request that they answer are two reports. */
static bool engine_apply_answers_request(enum engine_exec_type type) {
	return type == ENGINE_EXEC_PENDING_CANCEL || type == ENGINE_EXEC_PENDING_REPLACE ||
	       type == ENGINE_EXEC_REPLACED || engine_apply_is_refusal(type);
}

/* Makes the ledger row of an update. It gets its version when the update is known to apply. */
static void engine_apply_make_execution(const struct engine_update *update, struct engine_execution *execution) {
	engine_state_set_text(execution->symbol, sizeof execution->symbol, update->symbol);
	engine_state_set_text(execution->exec_id, sizeof execution->exec_id, update->exec_id);
	engine_state_set_text(execution->order_id, sizeof execution->order_id, update->order_id);
	engine_state_set_text(execution->comm_currency, sizeof execution->comm_currency, update->comm_currency);
	execution->exec_type = update->exec_type;
	execution->side = update->side;
	execution->order_quantity_lots = update->order_quantity_lots;
	execution->price_ticks = update->price_ticks;
	execution->last_quantity_lots = update->last_quantity_lots;
	execution->last_price_ticks = update->last_price_ticks;
	execution->cum_quantity_lots = update->cum_quantity_lots;
	execution->commission_units = update->commission_units;
	execution->transact_time_ns = update->transact_time_ns;
	engine_state_set_text(execution->exec_ref_id, sizeof execution->exec_ref_id, update->exec_ref_id);
	engine_identity_take_scope(&execution->scope, update);
	execution->trading_day = update->trading_day;
	if (update->exec_type == ENGINE_EXEC_ORDER_STATUS && strcmp(update->exec_id, "0") == 0) {
		/* FIX 4.4, tag 17: the id is 0 in every one of them. */
		memset(execution->exec_id, 0, sizeof execution->exec_id);
	}
	if (execution->exec_id[0] == '\0') {
		bool is_answer = engine_apply_answers_request(update->exec_type);
		engine_row_make_exec_id(execution, is_answer ? update->cl_ord_id : "", execution->exec_id);
	}
}

/* Whether two reports with the same key say the same. They are compared in full, not by hash: a
 * false "same" would lose a fill. */
static bool engine_apply_is_same_content(const struct engine_execution *a, const struct engine_execution *b) {
	return memcmp(a->order_id, b->order_id, sizeof a->order_id) == 0 &&
	       memcmp(a->exec_ref_id, b->exec_ref_id, sizeof a->exec_ref_id) == 0 &&
	       memcmp(a->comm_currency, b->comm_currency, sizeof a->comm_currency) == 0 &&
	       a->exec_type == b->exec_type && a->side == b->side && a->order_quantity_lots == b->order_quantity_lots &&
	       a->price_ticks == b->price_ticks && a->last_quantity_lots == b->last_quantity_lots &&
	       a->last_price_ticks == b->last_price_ticks && a->cum_quantity_lots == b->cum_quantity_lots &&
	       a->commission_units == b->commission_units;
}

/* ---- a report and what is known -------------------------------------------------------------- */

/* What a draft is made from. */
struct engine_apply_report {
	const struct engine_update *update;
	const struct engine_order *known;        /* NULL: unknown order */
	const struct engine_execution *standing; /* the fill that a bust or a correction
	                                          * supersedes */
	struct engine_order_move move;
	bool is_adoption; /* of an unknown order, whose fills belong to the opening balance */
	bool overflows;   /* what it moves its order by is more than 64 bits hold */
	uint32_t again;   /* how many orders bear its order id */
};

/* R7 for a fill: its cumulative quantity shows which fills are missing or known. */
static enum engine_rule engine_apply_check_fill(const struct engine_update *update, int64_t stored) {
	/* not negative: R4 */
	int64_t before = update->cum_quantity_lots - update->last_quantity_lots;

	if (before > stored) {
		return ENGINE_RULE_CUM_GAP;
	}
	if (before == stored) {
		return ENGINE_RULE_NONE;
	}
	return update->cum_quantity_lots <= stored ? ENGINE_RULE_CUM_STALE : ENGINE_RULE_CUM_OVERLAP;
}

/* R7 for all other reports. They are facts however old they are, unless they know of fills that we
 * do not. Fills that were busted since are known. This allowance is not for busts and corrections,
 * whose own cumulative quantity counts such fills out. */
static enum engine_rule engine_apply_check_cumulative(const struct engine_state *state,
                                                      const struct engine_apply_report *report) {
	int64_t stored = report->known != NULL ? report->known->cum_quantity_lots : 0;

	if (engine_order_is_trade(report->update->exec_type)) {
		return engine_apply_check_fill(report->update, stored);
	}
	int64_t unexplained = report->update->cum_quantity_lots - (stored + report->move.quantity_lots);
	if (unexplained <= 0) {
		return ENGINE_RULE_NONE;
	}
	bool is_explained = report->standing == NULL && report->known != NULL &&
	                    unexplained <= engine_state_taken_back(state, report->known);
	return is_explained ? ENGINE_RULE_NONE : ENGINE_RULE_CUM_GAP;
}

/* R6. */
static enum engine_rule engine_apply_check_order(const struct engine_apply_report *report) {
	if (report->known != NULL && strcmp(report->known->symbol, report->update->symbol) != 0) {
		return ENGINE_RULE_ORDER_SYMBOL;
	}
	return report->known != NULL && report->known->side != report->update->side ? ENGINE_RULE_ORDER_SIDE
	                                                                            : ENGINE_RULE_NONE;
}

/* R10: of the executions with the id that a bust or a correction names, the one of its order. NULL:
 * there is none. *is_other: it names one that is not of this order. */
static const struct engine_execution *engine_apply_find_named(const struct engine_state *state,
                                                              const struct engine_apply_report *report,
                                                              const struct engine_execution *said, bool *is_other) {
	const struct engine_update *update = report->update;
	const struct engine_execution *named;

	*is_other = false;
	for (uint32_t again = 0;; again++) {
		named = engine_state_find_execution(state, update->symbol, update->exec_ref_id, again);
		if (named == NULL || (report->known != NULL && engine_state_is_of_order(named, report->known))) {
			return named;
		}
		*is_other = *is_other || engine_identity_is_same_execution(named, said);
	}
}

/* R10: finds the fill that a bust or a correction refers to, or what has taken its place since. */
static enum engine_rule engine_apply_find_standing(const struct engine_state *state,
                                                   const struct engine_execution *said,
                                                   struct engine_apply_report *report) {
	bool is_other;
	const struct engine_execution *standing = engine_apply_find_named(state, report, said, &is_other);

	if (standing == NULL) {
		return is_other ? ENGINE_RULE_REF_OTHER : ENGINE_RULE_REF_UNKNOWN;
	}
	if (!engine_apply_is_fill(standing->exec_type)) {
		return ENGINE_RULE_REF_OTHER;
	}
	while (standing->superseded_by != 0) {
		standing = engine_state_execution_of(state, standing->superseded_by);
	}
	report->standing = standing;
	return standing->exec_type == ENGINE_EXEC_BUST ? ENGINE_RULE_REF_BUSTED : ENGINE_RULE_NONE;
}

/* Measures by how much the report changes the sums of its order. The value of a fill that stands is
 * in range. */
static enum engine_rule engine_apply_measure(const struct engine_state *state, const struct engine_execution *said,
                                             struct engine_apply_report *report) {
	const struct engine_update *update = report->update;
	bool is_late = update->exec_type == ENGINE_EXEC_BUST || update->exec_type == ENGINE_EXEC_CORRECT;
	enum engine_rule rule = is_late ? engine_apply_find_standing(state, said, report) : ENGINE_RULE_NONE;
	int64_t value = 0;

	if (rule != ENGINE_RULE_NONE) {
		return rule;
	}
	if (engine_apply_is_fill(update->exec_type)) {
		report->move.quantity_lots = update->last_quantity_lots;
		report->overflows = !engine_money_value(update->last_quantity_lots, update->last_price_ticks,
		                                        &report->move.value_tick_lots);
	}
	if (report->standing != NULL) {
		(void)engine_money_value(report->standing->last_quantity_lots, report->standing->last_price_ticks,
		                         &value);
		report->move.quantity_lots -= report->standing->last_quantity_lots;
		report->overflows |=
		        __builtin_sub_overflow(report->move.value_tick_lots, value, &report->move.value_tick_lots);
	}
	if (report->known != NULL && engine_order_is_split(report->known, update)) {
		report->move.quantity_lots = update->cum_quantity_lots - report->known->cum_quantity_lots;
	}
	report->is_adoption = report->known == NULL && engine_order_is_adoption(update);
	if (report->is_adoption) {
		report->move.quantity_lots = update->cum_quantity_lots;
	}
	return ENGINE_RULE_NONE;
}

/* R8: whether a report of a known order says anything new. */
static enum engine_rule engine_apply_check_news(const struct engine_apply_report *report) {
	const struct engine_update *update = report->update;
	bool has_terms = update->exec_type == ENGINE_EXEC_REPLACED || update->exec_type == ENGINE_EXEC_RESTATED;

	if (report->known == NULL) {
		return ENGINE_RULE_NONE;
	}
	if (update->exec_type == ENGINE_EXEC_ORDER_STATUS) {
		return ENGINE_RULE_NO_NEWS;
	}
	return has_terms && update->transact_time_ns != 0 && update->transact_time_ns < report->known->terms_time_ns
	               ? ENGINE_RULE_TERMS_STALE
	               : ENGINE_RULE_NONE;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void engine_apply_replace_part(struct engine_digest *digest, const struct engine_seal *old,
                                      const struct engine_seal *new) {
	if (old != NULL) {
		engine_digest_subtract(digest, &old->part);
	}
	engine_digest_add(digest, &new->part);
}

/* False on overflow. */
static bool engine_apply_draft_order(const struct engine_apply_report *report, struct engine_change *change) {
	const struct engine_order *known = report->known;

	change->has_order = true;
	change->order_is_new = known == NULL;
	if (known == NULL) {
		engine_order_begin(report->update, &change->order);
		engine_row_set_number(change->order.again, report->again);
		change->order.scope = change->execution.scope;
	} else {
		change->order = *known;
	}
	engine_order_note_trading_day(report->update->trading_day, &change->order);
	if (!engine_order_advance(report->update, &report->move, &change->order)) {
		return false;
	}
	struct engine_seal new = engine_row_seal_order(&change->order);
	struct engine_seal old = {0};
	if (known != NULL) {
		old = engine_row_seal_order(known);
	}
	engine_apply_replace_part(&change->after.digest, &old, &new);
	change->old_order_checksum = old.checksum;
	return true;
}

/* R9. False on overflow. A bust or correction folds the ledger of the symbol anew, because average
 * cost depends on the order of fills. */
static bool engine_apply_compute_position(const struct engine_state *state, struct engine_change *change) {
	if (change->has_superseded) {
		return engine_fold_position(state, &change->position, change, &change->position);
	}
	return engine_fold_execution(&change->execution, &change->position);
}

static bool engine_apply_draft_position(const struct engine_state *state, struct engine_change *change) {
	const struct engine_execution *execution = &change->execution;
	const struct engine_position *known = engine_state_find_position(state, execution->symbol, &execution->scope);

	change->has_position = true;
	change->position_is_new = known == NULL;
	if (known != NULL) {
		change->position = *known;
	} else {
		memcpy(change->position.symbol, execution->symbol, sizeof change->position.symbol);
		change->position.scope = execution->scope;
	}
	if (!engine_apply_compute_position(state, change)) {
		return false;
	}
	struct engine_seal new = engine_row_seal_position(&change->position);
	struct engine_seal old = {0};
	if (known != NULL) {
		old = engine_row_seal_position(known);
	}
	engine_apply_replace_part(&change->after.digest, &old, &new);
	change->old_position_checksum = old.checksum;
	return true;
}

/* Adds a commission to the sum of its currency. False on overflow. */
static bool engine_apply_add_commission(const struct engine_state *state, const struct engine_execution *execution,
                                        bool subtract, struct engine_change *change) {
	struct engine_commission *sum = &change->commissions[change->commission_count];
	int64_t units = execution->commission_units;

	if (units == 0) {
		return true;
	}
	if (change->commission_count > 0 &&
	    strcmp(change->commissions[0].comm_currency, execution->comm_currency) == 0) {
		sum = &change->commissions[0];
	} else {
		const struct engine_commission *had = engine_state_find_commission(state, execution->comm_currency);
		memcpy(sum->comm_currency, execution->comm_currency, sizeof sum->comm_currency);
		sum->total_units = had != NULL ? had->total_units : 0;
		change->commission_count++;
		assert(change->commission_count <= ENGINE_CHANGE_COMMISSIONS);
	}
	return subtract ? !__builtin_sub_overflow(sum->total_units, units, &sum->total_units)
	                : !__builtin_add_overflow(sum->total_units, units, &sum->total_units);
}

/* Marks the fill whose place the execution takes. False on overflow. */
static bool engine_apply_supersede(const struct engine_state *state, const struct engine_apply_report *report,
                                   struct engine_change *change) {
	if (report->standing == NULL) {
		return true;
	}
	change->has_superseded = true;
	change->superseded = *report->standing;
	change->superseded.superseded_by = change->after.version;
	struct engine_seal old = engine_row_seal_execution(report->standing);
	struct engine_seal new = engine_row_seal_execution(&change->superseded);
	engine_apply_replace_part(&change->after.digest, &old, &new);
	change->old_superseded_checksum = old.checksum;
	return engine_apply_add_commission(state, report->standing, true, change);
}

/* False when the versions have run out. */
static bool engine_apply_begin_rows(const struct engine_state *state, struct engine_change *change) {
	change->before = *engine_state_meta(state);
	change->after = change->before;
	if (change->before.version >= INT64_MAX) {
		return false;
	}
	change->after.version++;
	change->execution.version = change->after.version;
	return true;
}

static void engine_apply_end_rows(struct engine_change *change) {
	struct engine_seal seal = engine_row_seal_execution(&change->execution);

	assert(change->execution.superseded_by == 0);
	engine_apply_replace_part(&change->after.digest, NULL, &seal);
	engine_apply_replace_part(&change->after.history, NULL, &seal);
	change->outcome = ENGINE_APPLIED;
}

/* Whether the position lacks fills of an order, and so cannot follow its split. */
static bool engine_apply_has_fills_elsewhere(const struct engine_order *order) {
	return (order->flags & (ENGINE_FLAG_ADOPTED | ENGINE_FLAG_SPREAD)) != 0;
}

/* Whether a report moves the position of its order. What stands without a position has never moved
 * one: a fill of a multileg order. */
static bool engine_apply_moves_position(const struct engine_state *state, const struct engine_apply_report *report,
                                        const struct engine_execution *execution) {
	if (report->standing != NULL) {
		return engine_state_find_position(state, execution->symbol, &execution->scope) != NULL;
	}
	return report->move.quantity_lots != 0 && !report->is_adoption &&
	       execution->exec_type != ENGINE_EXEC_MULTILEG_TRADE;
}

static enum engine_rule engine_apply_draft_rows(const struct engine_state *state,
                                                const struct engine_apply_report *report,
                                                struct engine_change *change) {
	if (report->overflows || !engine_apply_begin_rows(state, change)) {
		return ENGINE_RULE_OVERFLOW;
	}
	change->execution.moved_lots = report->move.quantity_lots;
	bool moves_position = engine_apply_moves_position(state, report, &change->execution);
	bool is_split = report->update->exec_type == ENGINE_EXEC_RESTATED;
	if (!engine_apply_supersede(state, report, change)) {
		return ENGINE_RULE_OVERFLOW;
	}
	bool can_follow = !moves_position || !is_split || !engine_apply_has_fills_elsewhere(report->known);
	if (!can_follow || (moves_position && !engine_apply_draft_position(state, change))) {
		return is_split ? ENGINE_RULE_SPLIT : ENGINE_RULE_OVERFLOW;
	}
	if (!engine_apply_draft_order(report, change) ||
	    !engine_apply_add_commission(state, &change->execution, false, change)) {
		return ENGINE_RULE_OVERFLOW;
	}
	engine_limit_draft(state, report->known, change);
	engine_apply_end_rows(change);
	return ENGINE_RULE_NONE;
}

/* ---- the draft ------------------------------------------------------------------------------- */

/* Ends a draft that changes nothing. */
static void engine_apply_decline(struct engine_change *change, enum engine_outcome outcome, enum engine_rule rule) {
	assert(outcome != ENGINE_APPLIED && rule != ENGINE_RULE_NONE);
	memset(change, 0, sizeof *change);
	change->outcome = outcome;
	change->rule = rule;
}

static enum engine_outcome engine_apply_outcome(enum engine_rule rule) {
	if (rule == ENGINE_RULE_CUM_GAP || rule == ENGINE_RULE_REF_UNKNOWN) {
		return ENGINE_GAP;
	}
	bool is_stale = rule == ENGINE_RULE_CUM_STALE || rule == ENGINE_RULE_TERMS_STALE || rule == ENGINE_RULE_NO_NEWS;
	return is_stale ? ENGINE_STALE : ENGINE_MALFORMED;
}

/* R5. False when the ledger has the execution, which ends the draft. Others may bear its id. */
static bool engine_apply_check_seen(const struct engine_state *state, struct engine_change *change) {
	const struct engine_execution *said = &change->execution;
	const struct engine_execution *seen;
	bool is_seen = false;
	bool is_same = false;

	for (uint32_t again = 0;; again++) {
		seen = engine_state_find_execution(state, said->symbol, said->exec_id, again);
		if (seen == NULL) {
			engine_row_set_number(change->execution.again, again);
			break;
		}
		bool is_it = engine_identity_is_same_execution(seen, said);
		is_seen = is_seen || is_it;
		is_same = is_same || (is_it && engine_apply_is_same_content(seen, said));
	}
	if (is_seen) {
		engine_apply_decline(change, is_same ? ENGINE_DUPLICATE : ENGINE_CONFLICT, ENGINE_RULE_EXEC_SEEN);
	}
	return !is_seen;
}

/* R11. */
static enum engine_rule engine_apply_check_command(const struct engine_update *update) {
	if (update->symbol[0] != '\0' || update->order_id[0] != '\0') {
		return ENGINE_RULE_EXEC_TYPE; /* a report, and of no kind that there is */
	}
	bool is_sound = engine_apply_is_text(update->exec_id, sizeof update->exec_id) && update->exec_id[0] != '\0' &&
	                update->order_quantity_lots >= 0 && update->price_ticks >= 0 && update->last_quantity_lots >= 0;
	return is_sound ? ENGINE_RULE_NONE : ENGINE_RULE_COMMAND;
}

static void engine_apply_draft_command(const struct engine_state *state, const struct engine_update *update,
                                       struct engine_change *change) {
	enum engine_rule rule = engine_apply_check_command(update);

	if (rule != ENGINE_RULE_NONE) {
		engine_apply_decline(change, ENGINE_MALFORMED, rule);
		return;
	}
	engine_apply_make_execution(update, &change->execution);
	if (!engine_apply_check_seen(state, change)) {
		return;
	}
	if (!engine_apply_begin_rows(state, change)) {
		engine_apply_decline(change, ENGINE_MALFORMED, ENGINE_RULE_OVERFLOW);
		return;
	}
	if (update->exec_type == ENGINE_EXEC_SET_LIMITS) {
		change->after.limits = (struct engine_limits){update->order_quantity_lots, update->price_ticks,
		                                              update->last_quantity_lots};
	} else if (update->exec_type == ENGINE_EXEC_RESUME) {
		change->after.halt = ENGINE_HALT_NONE;
	} else if (change->after.halt == ENGINE_HALT_NONE) {
		change->after.halt = ENGINE_HALT_COMMANDED;
	}
	engine_apply_end_rows(change);
}

/* ---- what a report is about ------------------------------------------------------------------ */

static void engine_apply_name_orders(const struct engine_identity *found, char detail[ENGINE_REASON_SIZE]) {
	const struct engine_order *a = found->known;
	const struct engine_order *b = found->other;

	sqlite3_snprintf(ENGINE_REASON_SIZE, detail, "%s %s %d, or %s %s %d", a->symbol, a->scope.account, a->first_day,
	                 b->symbol, b->scope.account, b->first_day);
}

/* Whose a report is. The first report of an order says it for all of them. */
static void engine_apply_settle_scope(const struct engine_apply_report *report, struct engine_execution *execution) {
	const struct engine_order *known = report->known;

	if (known != NULL) {
		execution->scope = known->scope;
		memcpy(execution->order_again, known->again, sizeof execution->order_again);
	} else {
		engine_row_set_number(execution->order_again, report->again);
	}
}

/* R6: finds the order, and of an unknown one the instrument. */
static enum engine_rule engine_apply_identify(const struct engine_state *state, struct engine_apply_report *report,
                                              struct engine_execution *execution, char detail[ENGINE_REASON_SIZE]) {
	struct engine_identity found;

	engine_identity_find_order(state, report->update, &found);
	if (found.other != NULL) {
		engine_apply_name_orders(&found, detail);
		return ENGINE_RULE_AMBIGUOUS;
	}
	report->known = found.known;
	report->again = found.again;
	engine_apply_settle_scope(report, execution);
	if (found.known != NULL) {
		return ENGINE_RULE_NONE;
	}
	engine_identity_find_instrument(state, execution->symbol, &execution->scope, &found);
	if (found.other_instrument != NULL) {
		sqlite3_snprintf(ENGINE_REASON_SIZE, detail, "%s, or %s", found.instrument, found.other_instrument);
		return ENGINE_RULE_AMBIGUOUS;
	}
	if (found.instrument != NULL) {
		memcpy(execution->scope.instrument, found.instrument, sizeof execution->scope.instrument);
	}
	return ENGINE_RULE_NONE;
}

static void engine_apply_draft_report(const struct engine_state *state, const struct engine_update *update,
                                      struct engine_change *change) {
	char detail[ENGINE_REASON_SIZE] = "";
	struct engine_apply_report report = {.update = update};
	enum engine_rule rule = engine_apply_check_form(update);

	if (rule != ENGINE_RULE_NONE) {
		engine_apply_decline(change, ENGINE_MALFORMED, rule);
		return;
	}
	engine_apply_make_execution(update, &change->execution);
	if (!engine_apply_check_seen(state, change)) {
		return;
	}
	rule = engine_apply_identify(state, &report, &change->execution, detail);
	if (rule == ENGINE_RULE_NONE) {
		rule = engine_apply_check_order(&report);
	}
	if (rule == ENGINE_RULE_NONE) {
		rule = engine_apply_measure(state, &change->execution, &report);
	}
	if (rule == ENGINE_RULE_NONE) {
		rule = engine_apply_check_cumulative(state, &report);
	}
	if (rule == ENGINE_RULE_NONE) {
		rule = engine_apply_check_news(&report);
	}
	if (rule == ENGINE_RULE_NONE) {
		rule = engine_apply_draft_rows(state, &report, change);
	}
	if (rule != ENGINE_RULE_NONE) {
		engine_apply_decline(change, engine_apply_outcome(rule), rule);
		memcpy(change->detail, detail, sizeof detail);
	}
	assert(rule != ENGINE_RULE_NONE || change->outcome == ENGINE_APPLIED); /* E3 */
	if (rule == ENGINE_RULE_CUM_GAP) {
		change->known_lots = report.known != NULL ? report.known->cum_quantity_lots : 0;
		change->missing_to_lots = update->cum_quantity_lots - report.move.quantity_lots;
	}
}

void engine_apply_draft(const struct engine_state *state, const struct engine_update *update,
                        struct engine_change *change) {
	memset(change, 0, sizeof *change);
	if (update->exec_type >= ENGINE_EXEC_HALT && update->exec_type <= ENGINE_EXEC_SET_LIMITS) {
		engine_apply_draft_command(state, update, change);
		return;
	}
	if (engine_apply_is_refusal(update->exec_type) && update->symbol[0] == '\0' &&
	    engine_apply_is_text(update->order_id, sizeof update->order_id)) {
		/* The message (35=9) has neither symbol nor side. They are those of the order. */
		struct engine_identity found;
		struct engine_update completed = *update;
		engine_identity_find_order(state, update, &found);
		if (found.known != NULL) {
			memcpy(completed.symbol, found.known->symbol, sizeof completed.symbol);
			completed.side = found.known->side;
		}
		engine_apply_draft_report(state, &completed, change);
		return;
	}
	engine_apply_draft_report(state, update, change);
}

const char *engine_apply_explain(enum engine_rule rule) {
	static const char *const texts[] = {
	        [ENGINE_RULE_NONE] = "",
	        [ENGINE_RULE_TEXT] = "a text field is not terminated or has control characters",
	        [ENGINE_RULE_ORDER_ID] = "order_id is empty",
	        [ENGINE_RULE_SYMBOL] = "symbol is empty",
	        [ENGINE_RULE_EXEC_TYPE] = "unknown exec_type",
	        [ENGINE_RULE_ORD_STATUS] = "unknown ord_status",
	        [ENGINE_RULE_SIDE] = "unknown side",
	        [ENGINE_RULE_ORDER_QUANTITY] = "order quantity is not positive",
	        [ENGINE_RULE_LEAVES_QUANTITY] = "leaves quantity is negative",
	        [ENGINE_RULE_LAST_QUANTITY] = "last quantity is not positive in a trade, or not zero in another report",
	        [ENGINE_RULE_CUM_QUANTITY] = "cumulative quantity is negative or below the last quantity",
	        [ENGINE_RULE_EXEC_SEEN] = "this exec id is in the ledger",
	        [ENGINE_RULE_ORDER_SYMBOL] = "the order is known for another symbol",
	        [ENGINE_RULE_ORDER_SIDE] = "the order is known for the other side",
	        [ENGINE_RULE_CUM_GAP] = "earlier fills of the order are missing",
	        [ENGINE_RULE_CUM_STALE] = "the fill is covered by the order's cumulative quantity",
	        [ENGINE_RULE_CUM_OVERLAP] = "the fill is covered in part: its quantities contradict the ledger",
	        [ENGINE_RULE_OVERFLOW] = "a quantity, an amount or the version would overflow",
	        [ENGINE_RULE_NO_NEWS] = "a status report that says nothing new",
	        [ENGINE_RULE_TERMS_STALE] = "a newer replace or restatement is in force",
	        [ENGINE_RULE_REF_UNKNOWN] = "the fill that it refers to has not been seen",
	        [ENGINE_RULE_REF_OTHER] = "it refers to something that is no fill of this order",
	        [ENGINE_RULE_REF_BUSTED] = "it refers to a fill that was busted",
	        [ENGINE_RULE_SPLIT] = "a split that the position cannot follow",
	        [ENGINE_RULE_COMMAND] = "a command without id, or with a negative limit",
	        [ENGINE_RULE_SCOPE] = "the scope or the trading day does not have its form",
	        [ENGINE_RULE_AMBIGUOUS] = "it may be about either of two",
	};

	assert((size_t)rule < sizeof texts / sizeof texts[0] && texts[rule] != NULL);
	return texts[rule];
}
