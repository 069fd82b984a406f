/* sim/sqlite/instant.h: what SQL draws from time and chance (CURRENT_TIMESTAMP, strftime('now'),
 * random(), randomblob()), as a function of an instant: a moment at which time stands still, and a
 * seed.
 *
 * One attempt at a transaction has one instant. The connection under test and the reference run it
 * at the same instant, so both draw the same values in the same order, and the content can be
 * compared. The time comes from a connection's VFS. SQLite's own random() comes from a generator
 * that all processes share, and that also makes salts and nonces. So random() and randomblob() are
 * replaced by functions that ask the VFS of their connection.
 */
#ifndef AFTERSHOCK_SIM_INSTANT_H
#define AFTERSHOCK_SIM_INSTANT_H

#include "pcg.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sqlite3_vfs;

struct sim_instant {
	int64_t now_ns;
	uint64_t seed;
};

/* The instant at which a schema is set up. */
#define SIM_INSTANT_OF_SETUP ((struct sim_instant){.now_ns = INT64_C(1700000000000000000)})

/* What a VFS answers from: while it stands, time is that of the instant, and chance its stream. */
struct sim_instant_source {
	bool stands;
	int64_t now_ns;
	struct sim_pcg32 chance;
};

/* The instant of one attempt at a transaction of a plan. */
struct sim_instant sim_instant_of(uint64_t seed, uint32_t transaction, uint32_t attempt, int64_t now_ns);
void sim_instant_begin(struct sim_instant_source *source, struct sim_instant instant);
void sim_instant_end(struct sim_instant_source *source);

/* A number as random() gives one, of a VFS's chance: never the one that has no absolute value. */
int64_t sim_instant_draw(struct sqlite3_vfs *vfs);

/* From here on each connection that is opened has random() and randomblob() of its VFS; until
 * _uninstall. Returns an SQLite result code. */
int sim_instant_install(void);
void sim_instant_uninstall(void);

/* The VFS of databases in memory that run at instants, and where it answers from. NULL when it
 * cannot be registered. */
const char *sim_instant_vfs(void);
struct sim_instant_source *sim_instant_vfs_source(void);

#endif
