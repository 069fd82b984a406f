/* engine/protocol.h: the order in which updates reach the storage and the memory.
 *
 * A protocol gets a batch of drafted changes: values that are computed and checked, while nothing
 * is touched yet. It brings them to both, and keeps E1 to E3 (README.md). Draft, load, replay,
 * claim and readers are the same for all protocols.
 */
#ifndef AFTERSHOCK_ENGINE_PROTOCOL_H
#define AFTERSHOCK_ENGINE_PROTOCOL_H

#include "journal.h"
#include "store.h"

/* A statement of the venue, while agree.c compares it. */
struct engine_comparison {
	enum engine_agreement agreement;
	uint64_t version; /* of the state at the begin */
	uint64_t matched_orders;
	uint64_t matched_positions;
	char last_order_id[ENGINE_ID_SIZE];
	char last_symbol[ENGINE_SYMBOL_SIZE];
	char difference[ENGINE_REASON_SIZE]; /* the first one; empty: none */
};

/* Updates that came too early, in the order of their arrival. */
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
	int stop_code; /* extended result code that stopped it; 0: another engine took over */
	char stop_reason[ENGINE_REASON_SIZE];
};

/* A commit protocol. */
struct engine_protocol {
	const char *name;
	bool has_journal;
	/* Makes a batch durable and current, or none of it. In doubt, memory stays as it was. */
	struct engine_store_result (*commit)(struct engine *engine, const struct engine_update *const *updates,
	                                     const struct engine_change *changes, uint32_t count);
};

/* Finds a protocol by its name. NULL when there is none. */
const struct engine_protocol *engine_protocol_find(const char *name);

/* Moves the database to the format that the changes need. SAVED: it is in it. Else none of the
 * changes has been tried. */
struct engine_store_result engine_protocol_make_room(struct engine *engine, const struct engine_change *changes,
                                                     uint32_t count);

/* The last steps of opening: replays a journal, whichever protocol wrote it, and claims the
 * database. On failure fills `error`, and the handle is to be destroyed. */
bool engine_protocol_claim(struct engine *engine, const struct engine_options *options, struct engine_error *error);

/* Writes to the database, durably, what only the journal has, and drops it from the journal; with
 * `remove` also the file. SAVED at once when there is no journal. A failure loses nothing: the
 * journal keeps it. */
struct engine_store_result engine_protocol_checkpoint(struct engine *engine, bool remove);

#endif
