/* engine/load.h: from a database to a verified state. */
#ifndef AFTERSHOCK_ENGINE_LOAD_H
#define AFTERSHOCK_ENGINE_LOAD_H

#include "store.h"

/* Looks for a WAL or a journal whose database is missing or empty. Call it before the database is
 * opened, because SQLite deletes such a WAL. On failure fills `error`: DAMAGED when there is one,
 * LATER when a look fails, MISCONFIGURED when no VFS has that name. Writes nothing. */
bool engine_load_check_orphan(const struct engine_options *options, struct engine_error *error);

/* Reads everything in one snapshot and verifies it. In an empty database it first makes the tables.
 * On failure fills `error` (LATER or DAMAGED), and the state is to be thrown away. Writes nothing
 * unless the database has no page (E5). */
bool engine_load(struct engine_store *store, const struct engine_options *options, struct engine_state *state,
                 struct engine_error *error);

#endif
