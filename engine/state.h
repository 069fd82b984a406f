/* engine/state.h: everything the engine knows, and the one way to change it. */
#ifndef AFTERSHOCK_ENGINE_STATE_H
#define AFTERSHOCK_ENGINE_STATE_H

#include "engine.h"
#include "row.h"
#include "table.h"

struct engine_change;

struct engine_state {
	struct engine_meta meta;
	struct engine_table positions;  /* struct engine_position by symbol */
	struct engine_table orders;     /* struct engine_order by order_id */
	struct engine_table executions; /* struct engine_execution by symbol and exec_id: the ledger and the seen set */
	/* Drafts that are to be published together after these: what the finders look at first. NULL and 0 between calls. */
	const struct engine_change *drafts;
	uint32_t draft_count;
};

/* What an update does: the verdict and, when it is applied, the new contents of every row it touches. A value: it can be
 * kept, written, or dropped. */
struct engine_change {
	enum engine_outcome outcome; /* APPLIED, DUPLICATE, STALE, CONFLICT, MALFORMED or GAP */
	enum engine_rule rule;
	/* The rest means something only when applied. An execution is then always added. */
	bool has_position;
	bool position_is_new;
	bool order_is_new;
	struct engine_meta before; /* what the commit must find stored */
	struct engine_meta after;
	struct engine_position position;
	struct engine_order order;
	struct engine_execution execution;
	uint64_t old_position_checksum; /* of the row that is replaced */
	uint64_t old_order_checksum;
};

void engine_state_init(struct engine_state *state);
void engine_state_deinit(struct engine_state *state);

/* Makes room for `count` rows in every table, so that publishing cannot fail. False when out of memory. */
bool engine_state_reserve(struct engine_state *state, uint32_t count);

/* Makes an applied change the state. Room must have been reserved. Cannot fail: it runs after the COMMIT (E1). */
void engine_state_publish(struct engine_state *state, const struct engine_change *change);

/* What a published change replaced. */
struct engine_undo {
	struct engine_meta meta;
	struct engine_position position;
	struct engine_order order;
};

/* As engine_state_publish, and notes how to take it back. */
void engine_state_publish_with_undo(struct engine_state *state, const struct engine_change *change,
                                    struct engine_undo *undo);

/* Takes back the newest published change: the state is bytewise what it was. The last published goes first. */
void engine_state_take_back(struct engine_state *state, const struct engine_change *change,
                            const struct engine_undo *undo);

/* Version, epoch and digest after all drafts. */
const struct engine_meta *engine_state_meta(const struct engine_state *state);

/* NULL when there is none. Keys are plain text, of any length. */
const struct engine_position *engine_state_find_position(const struct engine_state *state, const char *symbol);
const struct engine_order *engine_state_find_order(const struct engine_state *state, const char *order_id);
const struct engine_execution *engine_state_find_execution(const struct engine_state *state, const char *symbol,
                                                           const char *exec_id);

/* Copies text into a field of `size` bytes, padded with zeros. False when it does not fit and was cut. */
bool engine_state_set_text(char *field, size_t size, const char *text);

/* The digest computed anew from all rows. */
struct engine_digest engine_state_digest(struct engine_state *state);

/* Aborts unless the digest is that of the rows (E4), every order agrees with its own fields, and the positions and the
 * cumulative quantities are what the ledger folds to (E11). For tests: costs a pass over everything. */
void engine_state_assert(struct engine_state *state);

#endif
