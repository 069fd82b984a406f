/* sim/world/sibling.h: a sibling of the database: what began as a copy of it, and has gone its own
 * way since. Its WAL or rollback journal fits the database in page size and page numbers, and
 * belongs to another one all the same. Nothing in such a file names its database (SQLite file
 * format, sections 3 and 4): salts and checksums only tell whether a frame belongs to the WAL that
 * it stands in.
 */
#ifndef AFTERSHOCK_SIM_SIBLING_H
#define AFTERSHOCK_SIM_SIBLING_H

#include "machine.h"

/* A file of it. */
struct sim_sibling {
	unsigned char *bytes; /* to be freed */
	size_t size;
};

/* Makes the WAL of a sibling, or its rollback journal in mid-transaction, which is hot. `choice`,
 * below 65536, says in which table the two differ. False, with nothing to be freed, when there is
 * no table that has two rows, or out of memory. Nothing of the world changes. */
bool sim_sibling_make(struct sim_world *world, enum vfs_file_kind kind, uint64_t choice, struct sim_sibling *sibling);

/* Makes another book altogether (struct sim_work, make_other): its database file, or its WAL with
 * every page in it. False as above, and when nobody could tell that it is another one. */
bool sim_sibling_make_other(struct sim_world *world, enum vfs_file_kind kind, struct sim_sibling *other);

#endif
