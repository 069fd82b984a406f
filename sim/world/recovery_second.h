/* sim/world/recovery_second.h: the SQLite under test and a second one (sim/second) recover the same
 * image, and read it. Both must come to the same file, find it sound or not, and read the same
 * rows. */
#ifndef AFTERSHOCK_SIM_RECOVERY_SECOND_H
#define AFTERSHOCK_SIM_RECOVERY_SECOND_H

#include "vfs.h"

#include <stdbool.h>
#include <stdint.h>

#define SIM_RECOVERY_TEXT_SIZE 300

struct sim_second; /* sim/second/second.h */

struct sim_recovery_second {
	struct sim_second *second; /* NULL: nobody is asked */
	bool may_be_damaged;       /* what is recovered, as far as is owed */
	bool pages_alone;          /* one of the two does not know the SQL of the schema */
	bool one_noticed;          /* one finds the same pages damaged, and they may be */
	bool out_of_memory;        /* before the comparison was through */
	/* In what they disagree; "": in nothing. */
	char text[SIM_RECOVERY_TEXT_SIZE];
};

/* The databases `names`, `count` of them, of the files on the disk. Nothing of it changes. */
void sim_recovery_second_compare(struct sim_recovery_second *about, struct vfs_disk *disk,
                                 char (*names)[VFS_PATH_MAX + 1], uint32_t count);

#endif
