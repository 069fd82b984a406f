/* engine/identity.h: what a report is about: whose order, which execution, which instrument.
 * docs/order-updates.md has the rules (section "Identity").
 *
 * Several orders may bear one order id, and several executions of a symbol one exec id. They are
 * numbered in the order of their arrival; the number is a part of their key.
 */
#ifndef AFTERSHOCK_ENGINE_IDENTITY_H
#define AFTERSHOCK_ENGINE_IDENTITY_H

#include "engine.h"
#include "state.h"

/* What was found. */
struct engine_identity {
	const struct engine_order *known; /* the order; NULL: a new one */
	const struct engine_order *other; /* another one that it may be about as well */
	uint32_t again;                   /* how many orders bear the id */
	const char *instrument;           /* the one that is meant; NULL: the one that is said */
	const char *other_instrument;     /* another one that may be meant as well */
};

/* Whether the scope and the day of an update have their form: the instrument is a list of
 * attributes, the day is a date. The texts end within their fields. */
bool engine_identity_is_sound(const struct engine_update *update);

/* Copies the scope of an update, padded with zeros. */
void engine_identity_take_scope(struct engine_scope *scope, const struct engine_update *update);

/* Whether two executions with one symbol and exec id are one. */
bool engine_identity_is_same_execution(const struct engine_execution *known, const struct engine_execution *said);

/* Finds the order that a report is about. */
void engine_identity_find_order(const struct engine_state *state, const struct engine_update *update,
                                struct engine_identity *found);
/* Finds the instrument that the first report of an order means, of those that have traded. */
void engine_identity_find_instrument(const struct engine_state *state, const char *symbol,
                                     const struct engine_scope *scope, struct engine_identity *found);

#endif
