/* engine/protocol.h: the order in which applied updates reach the storage and the memory.
 *
 * A protocol gets a batch of drafted changes (values, computed and checked, nothing touched yet) and brings it to both. What
 * it may rely on and must keep: README.md, E1 to E3. Draft, load, replay, claim and the readers are the same for all of them.
 */
#ifndef AFTERSHOCK_ENGINE_PROTOCOL_H
#define AFTERSHOCK_ENGINE_PROTOCOL_H

#include "journal.h"
#include "store.h"

/* A statement of the venue that is being compared. */
struct engine_comparison {
	enum engine_agreement agreement;
	uint64_t version; /* of the state at the begin */
	uint64_t matched_orders;
	uint64_t matched_positions;
	char last_order_id[ENGINE_ID_SIZE];
	char last_symbol[ENGINE_SYMBOL_SIZE];
	char difference[ENGINE_REASON_SIZE]; /* the first; empty: none */
};

/* Updates that came too early, in the order of arrival. */
struct engine_gaps {
	struct engine_update *updates;
	uint32_t count;
	uint32_t capacity;
};

/* What a handle is made of. */
struct engine {
	const struct engine_protocol *protocol;
	struct engine_state state;
	struct engine_store store;
	struct engine_journal journal; /* zero unless the protocol has one */
	struct engine_comparison comparison;
	struct engine_gaps gaps;
	uint32_t checkpoint_frames;
	bool is_stopped;
	int stop_code; /* extended result code that stopped it; 0: fenced */
	char stop_reason[ENGINE_REASON_SIZE];
};

struct engine_protocol {
	const char *name;
	bool has_journal;
	/* Makes a batch durable and current, or none of it; in doubt, memory stays as it was. */
	struct engine_store_result (*commit)(struct engine *engine, const struct engine_update *const *updates,
	                                     const struct engine_change *changes, uint32_t count);
};

/* By name; NULL when there is none. */
const struct engine_protocol *engine_protocol_find(const char *name);

/* The last steps of opening: replays a journal that is there, whichever protocol wrote it, and claims the database. */
bool engine_protocol_claim(struct engine *engine, const struct engine_options *options, struct engine_error *error);

/* Writes what is in the journal only to the database, durably, and drops it from the journal; with `remove` the file, too.
 * SAVED at once when there is no journal. Nothing is ever lost by a failure: the journal keeps it. */
struct engine_store_result engine_protocol_checkpoint(struct engine *engine, bool remove);

#endif
