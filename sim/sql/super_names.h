/* sim/sql/super_names.h: whether SQLite took a journal for one that was committed, because of the
 * name of a super-journal that an earlier transaction had left in it, or because of a name that is
 * empty (docs/findings.md, old-super-journal-name and zeroed-super-journal-name). For the detail of
 * a violation. */
#ifndef AFTERSHOCK_SIM_SUPER_NAMES_H
#define AFTERSHOCK_SIM_SUPER_NAMES_H

#include "vfs.h"

#include <stdbool.h>
#include <stdint.h>

#define SIM_SUPER_NAMES_PATH_SIZE 64u

/* All zero: nothing has happened yet. */
struct sim_super_names {
	char path[SIM_SUPER_NAMES_PATH_SIZE]; /* a journal that was begun over such a name; empty:
	                                       * none */
	uint32_t readers;                     /* bit n: process n read that journal last, of all
	                                       * journals */
	bool believed;                        /* a process looked for that super-journal, and it was
	                                       * gone */
	bool empty;                           /* a process looked for a super-journal without a
	                                       * name */
};

/* A call of process `number` has ended. */
void sim_super_names_note(struct sim_super_names *names, uint32_t number, const struct vfs_call *call, int result,
                          uint64_t value);
/* ", ..." for the detail of a violation; "" when nothing of that has happened. */
const char *sim_super_names_text(const struct sim_super_names *names);

#endif
