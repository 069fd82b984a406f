/* engine/state.h: everything the engine knows, and the one way to change it. */
#ifndef AFTERSHOCK_ENGINE_STATE_H
#define AFTERSHOCK_ENGINE_STATE_H

#include "engine.h"
#include "row.h"
#include "hash_table.h"

struct engine_change;

/* What is left to fill of the open orders of a position. The sums may exceed 64 bits. */
struct engine_exposure {
	char symbol[ENGINE_SYMBOL_SIZE];
	struct engine_scope scope;
	struct engine_digest buys; /* 128-bit sums */
	struct engine_digest sells;
};

/* Everything the engine knows. */
struct engine_state {
	struct engine_meta meta;
	struct engine_hash_table positions; /* struct engine_position by symbol and scope */
	struct engine_hash_table orders;    /* struct engine_order by order_id and number */
	/* The ledger and the seen set: struct engine_execution by symbol, exec_id and number. */
	struct engine_hash_table executions;
	/* Derived, not stored. Commissions are sums over the ledger. Exposures are sums over the
	 * open orders, built once a limit is set. by_version is the index by version, built at the
	 * first bust or correction. */
	struct engine_hash_table commissions; /* struct engine_commission by currency */
	struct engine_hash_table exposures;   /* struct engine_exposure by symbol and scope */
	int64_t open_orders;
	bool has_exposures;
	bool has_instruments; /* a position has an instrument beyond its symbol */
	uint32_t *by_version; /* numbers of rows of executions: by_version[version - 1]; NULL: not
	                       * built */
	uint32_t by_version_capacity;
	/* Drafts that will be published together. The finders look at them first. NULL and 0
	 * between calls. */
	const struct engine_change *drafts;
	uint32_t draft_count;
};

/* An update can change the sums of two currencies: its own, and that of the fill whose place it
 * takes. */
#define ENGINE_CHANGE_COMMISSIONS 2

/* What an update does: the verdict and, if it applies, the new contents of every row that it
 * touches. It is a plain value: it can be kept, written, or dropped. */
struct engine_change {
	enum engine_outcome outcome; /* APPLIED, DUPLICATE, STALE, CONFLICT, MALFORMED or GAP */
	enum engine_rule rule;
	int64_t known_lots; /* a gap in the fills: the cumulative quantity, and what it would have
	                     * to be */
	int64_t missing_to_lots;
	/* The rest has a meaning only if the update applies. Then an execution is always added. */
	bool has_position;
	bool position_is_new;
	bool has_order;
	bool order_is_new;
	bool has_superseded;
	bool has_exposure;
	bool exposure_is_new;
	uint8_t commission_count;
	struct engine_meta before; /* what the commit must find in the database */
	struct engine_meta after;
	struct engine_position position;
	struct engine_order order;
	struct engine_execution execution;
	struct engine_execution superseded; /* the fill whose place the execution takes, marked */
	struct engine_commission commissions[ENGINE_CHANGE_COMMISSIONS];
	struct engine_exposure exposure;
	int64_t open_orders;            /* after the update; counted only while there are
	                                 * exposures */
	uint64_t old_position_checksum; /* of the row that the new one replaces */
	uint64_t old_order_checksum;
	uint64_t old_superseded_checksum;
	char detail[ENGINE_REASON_SIZE]; /* of what is ambiguous: the two readings */
};

/* Makes an empty state. Allocates nothing. */
void engine_state_init(struct engine_state *state);
/* Frees everything. */
void engine_state_deinit(struct engine_state *state);

/* Makes room for `count` changes, so that publishing them cannot fail. False when out of memory. */
bool engine_state_reserve(struct engine_state *state, uint32_t count);

/* Builds the derived parts that drafting this update needs. False when out of memory. */
bool engine_state_prepare(struct engine_state *state, const struct engine_update *update);

/* Builds the index by version, by_version. Costs a pass over the ledger. False when out of
 * memory. */
bool engine_state_index_versions(struct engine_state *state);

/* Builds the exposures and counts the open orders, from all orders. False when out of memory. */
bool engine_state_build_exposures(struct engine_state *state);

/* Adds the commission of a loaded row of the ledger to the sums. False when out of memory. */
bool engine_state_count_commission(struct engine_state *state, const struct engine_execution *execution);

/* Makes an applied change the state. The caller has reserved the room. Cannot fail, because it runs
 * after the COMMIT (E1). */
void engine_state_publish(struct engine_state *state, const struct engine_change *change);

/* What a published change replaced. */
struct engine_undo {
	struct engine_meta meta;
	int64_t open_orders;
	bool commission_is_new[ENGINE_CHANGE_COMMISSIONS];
	struct engine_position position;
	struct engine_order order;
	struct engine_execution superseded;
	struct engine_commission commissions[ENGINE_CHANGE_COMMISSIONS];
	struct engine_exposure exposure;
};

/* As engine_state_publish, and notes in `undo` how to take the change back. */
void engine_state_publish_with_undo(struct engine_state *state, const struct engine_change *change,
                                    struct engine_undo *undo);

/* Takes back the change that was published last. The state is then bytewise what it was (E2). */
void engine_state_take_back(struct engine_state *state, const struct engine_change *change,
                            const struct engine_undo *undo);

/* Version, epoch, limits and digest after all drafts. */
const struct engine_meta *engine_state_meta(const struct engine_state *state);

/* Find a row, in the drafts first. NULL when there is none. Keys are plain text of any length. A
 * row is valid until the state changes. */
const struct engine_position *engine_state_find_position(const struct engine_state *state, const char *symbol,
                                                         const struct engine_scope *scope);
const struct engine_order *engine_state_find_order(const struct engine_state *state, const char *order_id,
                                                   uint32_t again);
const struct engine_execution *engine_state_find_execution(const struct engine_state *state, const char *symbol,
                                                           const char *exec_id, uint32_t again);

const struct engine_commission *engine_state_find_commission(const struct engine_state *state, const char *currency);
const struct engine_exposure *engine_state_find_exposure(const struct engine_state *state, const char *symbol,
                                                         const struct engine_scope *scope);
int64_t engine_state_open_orders(const struct engine_state *state);

/* Whether the execution is of that order. */
bool engine_state_is_of_order(const struct engine_execution *execution, const struct engine_order *order);

/* How much of an order's cumulative quantity busts and corrections have taken back. Costs a pass
 * over the ledger. */
int64_t engine_state_taken_back(const struct engine_state *state, const struct engine_order *order);

/* The entry of the ledger that made a version. The index by version must exist, and there must be
 * no drafts. */
const struct engine_execution *engine_state_execution_of(const struct engine_state *state, uint64_t version);

/* Copies text into a field of `size` bytes and pads it with zeros. False when it did not fit and
 * was cut. */
bool engine_state_set_text(char *field, size_t size, const char *text);

/* Computes the digest anew from all rows. */
struct engine_digest engine_state_digest(struct engine_state *state);

/* Computes the history of a version from the ledger, in one pass. */
struct engine_digest engine_state_history(const struct engine_state *state, uint64_t version);

#endif
