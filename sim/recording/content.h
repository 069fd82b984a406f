/* sim/recording/content.h: what SQLite makes of the databases on a disk: recovers them, and reads
 * all rows. The same content of a database file is read once. */
#ifndef AFTERSHOCK_SIM_CONTENT_H
#define AFTERSHOCK_SIM_CONTENT_H

#include "must_check.h"
#include "vfs.h"

#include <stdbool.h>
#include <stdint.h>

#define SIM_CONTENT_TEXT_SIZE 160

struct sim_content {
	uint64_t digest[2];               /* of schema and rows; 0: nothing, or no such file */
	bool is_read;                     /* SQLite has read all of it */
	bool lacks_module;                /* of its program, without which it cannot be read */
	bool used_stand_in;               /* a collation that is not known here is by bytes */
	char text[SIM_CONTENT_TEXT_SIZE]; /* what its integrity check found, or why it was not read;
	                                   * "": all is well */
};

struct sim_content_reader; /* remembers what it has read */

struct sim_content_reader *sim_content_create(void); /* NULL when out of memory */
void sim_content_destroy(struct sim_content_reader *reader);
/* SQLite recovers the database at `path`, on that disk; then it is read. Nobody lives on the disk.
 * Behind it neither journal nor WAL are left. False when out of memory. */
bool sim_content_read(struct sim_content_reader *reader, struct vfs_disk *disk, const char *path,
                      struct sim_content *content) SIM_MUST_CHECK;
/* The content of the whole disk: names, sizes, bytes. */
uint64_t sim_content_hash(const struct vfs_disk *disk);

#endif
