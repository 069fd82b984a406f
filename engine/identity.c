#include "identity.h"

#include <string.h>

#include "order.h"

/* ---- form ------------------------------------------------------------------------------------ */

/* The length of the word at the start of a text: up to a space, or to the end. */
static size_t engine_identity_word(const char *text) {
	return strcspn(text, " ");
}

static size_t engine_identity_name(const char *word) {
	return strcspn(word, "= ");
}

/* Whether the name of one attribute comes before that of another. */
static bool engine_identity_is_before(const char *a, const char *b) {
	size_t a_length = engine_identity_name(a);
	size_t b_length = engine_identity_name(b);
	int order = memcmp(a, b, a_length < b_length ? a_length : b_length);

	return order < 0 || (order == 0 && a_length < b_length);
}

/* NAME=VALUE, neither of them empty, the names in ascending order. */
static bool engine_identity_is_instrument(const char *text) {
	const char *before = NULL;

	if (text[0] == '\0') {
		return true;
	}
	while (true) {
		size_t name = engine_identity_name(text);
		size_t word = engine_identity_word(text);
		if (name == 0 || word < name + 2 || (before != NULL && !engine_identity_is_before(before, text))) {
			return false;
		}
		if (text[word] == '\0') {
			return true;
		}
		before = text;
		text += word + 1;
	}
}

static bool engine_identity_is_day(int32_t day) {
	int32_t month = day / 100 % 100;

	return day == 0 ||
	       (day >= 19000101 && day <= 99991231 && month >= 1 && month <= 12 && day % 100 >= 1 && day % 100 <= 31);
}

bool engine_identity_is_sound(const struct engine_update *update) {
	return (int)update->scope.position_side >= ENGINE_POSITION_SIDE_NONE &&
	       (int)update->scope.position_side <= ENGINE_POSITION_SIDE_SHORT &&
	       engine_identity_is_instrument(update->scope.instrument) && engine_identity_is_day(update->trading_day) &&
	       (update->ids_are_per & ~ENGINE_IDS_PER_SYMBOL) == 0;
}

/* ---- scopes ---------------------------------------------------------------------------------- */

static bool engine_identity_text_fits(const char *known, const char *said) {
	return known[0] == '\0' || said[0] == '\0' || strcmp(known, said) == 0;
}

/* How two instruments go together: attributes that both name, and that one of them alone does. */
struct engine_identity_match {
	uint32_t equal;
	uint32_t different;
	uint32_t only_known;
	uint32_t only_said;
};

static void engine_identity_count(struct engine_identity_match *match, const char *known, const char *said) {
	size_t known_word = engine_identity_word(known);
	size_t said_word = engine_identity_word(said);
	bool is_equal = known_word == said_word && memcmp(known, said, known_word) == 0;

	match->equal += is_equal;
	match->different += !is_equal;
}

static const char *engine_identity_next(const char *text) {
	text += engine_identity_word(text);
	return text[0] == ' ' ? text + 1 : text;
}

/* Both lists are in the order of their names. */
static struct engine_identity_match engine_identity_compare(const char *known, const char *said) {
	struct engine_identity_match match = {0};

	while (known[0] != '\0' || said[0] != '\0') {
		bool is_known_first = said[0] == '\0' || (known[0] != '\0' && engine_identity_is_before(known, said));
		bool is_said_first = known[0] == '\0' || (said[0] != '\0' && engine_identity_is_before(said, known));
		match.only_known += is_known_first;
		match.only_said += is_said_first;
		if (!is_known_first && !is_said_first) {
			engine_identity_count(&match, known, said);
		}
		known = is_said_first ? known : engine_identity_next(known);
		said = is_known_first ? said : engine_identity_next(said);
	}
	return match;
}

/* Whether nothing in two scopes contradicts. What one of them does not say fits. */
static bool engine_identity_fits(const struct engine_scope *known, const struct engine_scope *said) {
	return engine_identity_text_fits(known->venue, said->venue) &&
	       engine_identity_text_fits(known->account, said->account) &&
	       (known->position_side == said->position_side || known->position_side == ENGINE_POSITION_SIDE_NONE ||
	        said->position_side == ENGINE_POSITION_SIDE_NONE) &&
	       engine_identity_compare(known->instrument, said->instrument).different == 0;
}

/* Whether a report that says this means that instrument, which has traded: it says nothing else of
 * it, or something that is equal. An instrument of which nothing is known is one of its own. */
static bool engine_identity_means(const char *known, const char *said) {
	struct engine_identity_match match = engine_identity_compare(known, said);

	return match.different == 0 && (match.only_said == 0 || match.equal > 0);
}

void engine_identity_take_scope(struct engine_scope *scope, const struct engine_update *update) {
	memset(scope, 0, sizeof *scope);
	(void)engine_state_set_text(scope->venue, sizeof scope->venue, update->scope.venue);
	(void)engine_state_set_text(scope->account, sizeof scope->account, update->scope.account);
	(void)engine_state_set_text(scope->instrument, sizeof scope->instrument, update->scope.instrument);
	scope->position_side = update->scope.position_side;
}

/* ---- executions ------------------------------------------------------------------------------ */

static bool engine_identity_day_fits(int32_t known, int32_t said) {
	return known == 0 || said == 0 || known == said;
}

bool engine_identity_is_same_execution(const struct engine_execution *known, const struct engine_execution *said) {
	bool is_one_side = known->side == said->side || strcmp(known->order_id, said->order_id) == 0;

	return is_one_side && engine_identity_day_fits(known->trading_day, said->trading_day) &&
	       engine_identity_fits(&known->scope, &said->scope);
}

/* ---- orders ---------------------------------------------------------------------------------- */

static bool engine_identity_is_late(enum engine_exec_type type) {
	return type == ENGINE_EXEC_BUST || type == ENGINE_EXEC_CORRECT;
}

static bool engine_identity_is_over(const struct engine_order *order) {
	return order->closed_by != ENGINE_EXEC_NONE || (order->flags & ENGINE_FLAG_DAY_OVER) != 0 ||
	       (order->order_quantity_lots > 0 && order->cum_quantity_lots >= order->order_quantity_lots);
}

/* Whether a report of a later day goes on about the order, or begins another one with its id. */
static bool engine_identity_goes_on(const struct engine_order *order, const struct engine_update *update) {
	bool is_same_sum = update->cum_quantity_lots == order->cum_quantity_lots;

	if (order->side != update->side || (update->symbol[0] != '\0' && strcmp(order->symbol, update->symbol) != 0)) {
		return false;
	}
	if (engine_identity_is_late(update->exec_type) || engine_identity_is_over(order)) {
		return engine_identity_is_late(update->exec_type);
	}
	if (engine_order_is_trade(update->exec_type)) {
		return update->cum_quantity_lots - update->last_quantity_lots >= order->cum_quantity_lots;
	}
	if (update->exec_type == ENGINE_EXEC_NEW || update->exec_type == ENGINE_EXEC_PENDING_NEW ||
	    update->exec_type == ENGINE_EXEC_REJECTED) {
		return is_same_sum && update->order_quantity_lots == order->order_quantity_lots;
	}
	return true;
}

enum engine_identity_fit {
	IDENTITY_OTHER = 0, /* the report is about another order */
	IDENTITY_MAYBE,     /* it may be about this one */
	IDENTITY_SAME,
};

static enum engine_identity_fit engine_identity_match_order(const struct engine_order *order,
                                                            const struct engine_update *update) {
	bool is_per_symbol = (update->ids_are_per & ENGINE_IDS_PER_SYMBOL) != 0 && update->symbol[0] != '\0';

	if (!engine_identity_fits(&order->scope, &update->scope) ||
	    (is_per_symbol && strcmp(order->symbol, update->symbol) != 0)) {
		return IDENTITY_OTHER;
	}
	if (update->trading_day == 0 || order->first_day == 0 ||
	    (update->trading_day >= order->first_day && update->trading_day <= order->last_day)) {
		return IDENTITY_SAME;
	}
	if (update->trading_day > order->last_day) {
		return engine_identity_goes_on(order, update) ? IDENTITY_MAYBE : IDENTITY_OTHER;
	}
	/* An older report. The order may have begun with one that has not come yet. */
	return (order->flags & ENGINE_FLAG_EXTERNAL) != 0 ? IDENTITY_MAYBE : IDENTITY_OTHER;
}

/* Whether the order has an execution of the id that a bust or a correction names. */
static bool engine_identity_owns(const struct engine_state *state, const struct engine_order *order,
                                 const struct engine_update *update) {
	const struct engine_execution *execution;

	for (uint32_t again = 0;; again++) {
		execution = engine_state_find_execution(state, order->symbol, update->exec_ref_id, again);
		if (execution == NULL || engine_state_is_of_order(execution, order)) {
			return execution != NULL;
		}
	}
}

static void engine_identity_consider(struct engine_identity *found, const struct engine_order *order,
                                     enum engine_identity_fit fit, enum engine_identity_fit *best) {
	if (fit > *best) {
		*best = fit;
		found->known = order;
		found->other = NULL;
	} else if (fit == *best && fit != IDENTITY_OTHER) {
		found->other = order;
	}
}

/* Looks at the orders that have the id. `owner_only`: those that have the fill of a bust or
 * correction. */
static void engine_identity_search(const struct engine_state *state, const struct engine_update *update,
                                   bool owner_only, struct engine_identity *found) {
	enum engine_identity_fit best = IDENTITY_OTHER;
	const struct engine_order *order;

	*found = (struct engine_identity){0};
	while ((order = engine_state_find_order(state, update->order_id, found->again)) != NULL) {
		bool counts = !owner_only || engine_identity_owns(state, order, update);
		engine_identity_consider(found, order,
		                         counts ? engine_identity_match_order(order, update) : IDENTITY_OTHER, &best);
		found->again++;
	}
}

void engine_identity_find_order(const struct engine_state *state, const struct engine_update *update,
                                struct engine_identity *found) {
	bool is_late = engine_identity_is_late(update->exec_type);

	engine_identity_search(state, update, is_late, found);
	if (is_late && found->known == NULL) {
		engine_identity_search(state, update, false, found);
	}
}

/* ---- instruments ----------------------------------------------------------------------------- */

static void engine_identity_consider_position(const struct engine_position *position, const char *symbol,
                                              const struct engine_scope *scope, struct engine_identity *found) {
	const struct engine_scope *known = &position->scope;

	if (known->instrument[0] == '\0' || strcmp(position->symbol, symbol) != 0 ||
	    strcmp(known->venue, scope->venue) != 0 || strcmp(known->account, scope->account) != 0 ||
	    known->position_side != scope->position_side ||
	    !engine_identity_means(known->instrument, scope->instrument)) {
		return;
	}
	if (found->instrument == NULL || strcmp(found->instrument, known->instrument) == 0) {
		found->instrument = known->instrument;
	} else {
		found->other_instrument = known->instrument;
	}
}

void engine_identity_find_instrument(const struct engine_state *state, const char *symbol,
                                     const struct engine_scope *scope, struct engine_identity *found) {
	found->instrument = NULL;
	found->other_instrument = NULL;
	if (engine_state_find_position(state, symbol, scope) != NULL) {
		return;
	}
	for (uint32_t i = 0; i < state->draft_count; i++) {
		if (state->drafts[i].has_position) {
			engine_identity_consider_position(&state->drafts[i].position, symbol, scope, found);
		}
	}
	for (uint32_t i = 0; state->has_instruments && i < state->positions.count; i++) {
		engine_identity_consider_position(engine_hash_table_row(&state->positions, i), symbol, scope, found);
	}
}
