/* engine/upgrade.h: the two storage formats, and the way from one to the other.
 *
 * Format 2 has no room for scopes, trading days, and numbers of ids that come again. A book begins
 * in it, and stays in it as long as no update has any of them: an older program can still open it.
 * The first update that needs more moves the book to format 3, in a transaction of its own before
 * that of the update. Rows keep their checksums (row.h), and the digest stays what it was.
 */
#ifndef AFTERSHOCK_ENGINE_UPGRADE_H
#define AFTERSHOCK_ENGINE_UPGRADE_H

#include <sqlite3.h>

#include "state.h"

/* The tables of format 2, in an open transaction. */
extern const char engine_upgrade_schema[];

/* Whether any of the changes has something that only format 3 can hold. */
bool engine_upgrade_is_needed(const struct engine_change *changes, uint32_t count);

/* Moves the tables to format 3, within a transaction that is open. Returns an SQLite result
 * code. */
int engine_upgrade_run(sqlite3 *db);

#endif
