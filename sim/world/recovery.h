/* sim/world/recovery.h: SQLite recovers an image, and the reader of sim/format computes beside it
 * what must come out. Both must say the same: so many pages, with that content.
 *
 * SQLite works on a copy of the disk, in a process of its own. It opens each database of the image,
 * and closes it: what it has made of the file is compared. The same recovery, interrupted in the
 * middle by a kill or a power loss, must leave an image of which the reader says the same. One in
 * four of these is recovered to the end by SQLite, and one image in sixteen is opened a second
 * time. */
#ifndef AFTERSHOCK_SIM_RECOVERY_H
#define AFTERSHOCK_SIM_RECOVERY_H

#include "machine.h"
#include "recovery_second.h"

/* What the reader found in the databases of an image. */
enum sim_recovery_seen {
	SIM_RECOVERY_PLAYED = 1 << 0,       /* a journal was played back */
	SIM_RECOVERY_REPLAYED = 1 << 1,     /* a WAL had something committed */
	SIM_RECOVERY_REFUSED = 1 << 2,      /* no database, and SQLite says so, too */
	SIM_RECOVERY_INTERRUPTED = 1 << 3,  /* the recovery was interrupted, too */
	SIM_RECOVERY_ASKED_SECOND = 1 << 4, /* a second SQLite has recovered it, too; and then: */
	SIM_RECOVERY_PAGES_ALONE = 1 << 5,  /* one of the two does not know the SQL of the schema */
	SIM_RECOVERY_ONE_NOTICED = 1 << 6,  /* one of the two finds the same pages damaged, where
	                                     * they may be */
	SIM_RECOVERY_SEEN_MASK = 127
};

struct sim_recovery {
	bool is_compared;   /* false: no database, it is not readable, or: */
	bool out_of_memory; /* before the comparison was through */
	uint32_t seen;      /* enum sim_recovery_seen */
	uint64_t chance;    /* the image's hash */
	uint64_t content;   /* hash of what all databases are recovered to; 0: unknown */
	/* In what they disagree; "": in nothing. */
	char text[SIM_RECOVERY_TEXT_SIZE];
	struct sim_recovery_second second;
};

/* Of the files on the disk of the world; nobody may live on it. `chance` says where the recovery is
 * interrupted. Nothing of the world changes. */
void sim_recovery_compare(struct sim_world *world, struct sim_recovery *recovery);

#endif
