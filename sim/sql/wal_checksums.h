/* sim/sql/wal_checksums.h: whether SQLite has committed frames of a WAL without making good their
 * checksums (docs/findings.md, wal-savepoint-checksums). For the detail of a violation. */
#ifndef AFTERSHOCK_SIM_WAL_CHECKSUMS_H
#define AFTERSHOCK_SIM_WAL_CHECKSUMS_H

#include "vfs.h"

#include <stdbool.h>
#include <stdint.h>

/* Of the WAL of the first file. All zero: nothing has happened yet. */
struct sim_wal_checksums {
	uint64_t end;    /* of what was written since the WAL began */
	uint64_t commit; /* where the last frame that commits begins; 0: none since the last look */
	bool rewritten;  /* a frame was written a second time since the last look */
	bool wrong;      /* a commit was written, and the chain of checksums breaks before its
	                  * end */
};

/* A call has succeeded. */
void sim_wal_checksums_note(struct sim_wal_checksums *checksums, const struct vfs_call *call);
/* A transaction has ended, or its process has: looks at the file as programs see it, when there was
 * a commit over a frame that was written twice. */
void sim_wal_checksums_look(struct sim_wal_checksums *checksums, const struct vfs_disk *disk);
/* ", ..." for the detail of a violation; "" when nothing of that has happened. */
const char *sim_wal_checksums_text(const struct sim_wal_checksums *checksums);

#endif
