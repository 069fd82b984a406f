/* engine/protocol.h: the order in which an applied update reaches the storage and the memory.
 *
 * A protocol gets a drafted change (a value, computed and checked, nothing touched yet) and brings it to both. What it may
 * rely on and must keep: README.md, E1 to E3. Draft, load, claim and the readers are the same for all of them.
 */
#ifndef AFTERSHOCK_ENGINE_PROTOCOL_H
#define AFTERSHOCK_ENGINE_PROTOCOL_H

#include "store.h"

/* What a handle is made of. */
struct engine {
	const struct engine_protocol *protocol;
	struct engine_state state;
	struct engine_store store;
	uint32_t checkpoint_frames;
	bool is_stopped;
	int stop_code; /* extended result code that stopped it; 0: fenced */
	char stop_reason[ENGINE_REASON_SIZE];
};

struct engine_protocol {
	const char *name;
	/* Makes an applied change durable and current, or neither; in doubt, memory stays as it was. */
	struct engine_store_result (*commit)(struct engine_state *state, struct engine_store *store,
	                                     const struct engine_change *change);
};

/* By name; NULL when there is none. */
const struct engine_protocol *engine_protocol_find(const char *name);

extern const struct engine_protocol engine_protocol_persist_first;

#endif
