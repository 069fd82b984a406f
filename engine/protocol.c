/* engine/protocol.c: the commit protocols (PROBLEM.md). */
#include "protocol.h"

#include <string.h>

/* Save, then publish (E1, E2). The memory that publishing needs is taken first: once COMMIT has succeeded nothing may
 * fail any more, for the database has moved on. */
static struct engine_store_result persist_first_commit(struct engine_state *state, struct engine_store *store,
                                                       const struct engine_change *change) {
	if (!engine_state_reserve(state)) {
		return (struct engine_store_result){
		        .outcome = ENGINE_STORE_NOT_APPLIED, .sqlite_code = SQLITE_NOMEM, .where = "reserve"};
	}

	struct engine_store_result result = engine_store_save(store, change);
	if (result.outcome == ENGINE_STORE_SAVED) {
		engine_state_publish(state, change);
	}
	return result;
}

const struct engine_protocol engine_protocol_persist_first = {
        .name = "persist_first",
        .commit = persist_first_commit,
};

const struct engine_protocol *engine_protocol_find(const char *name) {
	static const struct engine_protocol *const protocols[] = {&engine_protocol_persist_first};

	for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++) {
		if (strcmp(protocols[i]->name, name) == 0) {
			return protocols[i];
		}
	}
	return NULL;
}
