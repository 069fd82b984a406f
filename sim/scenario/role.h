/* sim/scenario/role.h: the roles that one of several processes can have. */
#ifndef AFTERSHOCK_SIM_ROLE_H
#define AFTERSHOCK_SIM_ROLE_H

#include "subject.h"

#include <stdbool.h>
#include <stdint.h>

enum sim_role {
	SIM_ROLE_NONE = 0,
	SIM_ROLE_WRITER,       /* transactions of the scenario */
	SIM_ROLE_READER,       /* snapshots: BEGIN, one or more looks, END */
	SIM_ROLE_CHECKPOINTER, /* checkpoints of the listed modes; WAL only */
	SIM_ROLE_BACKUP,       /* sqlite3_backup, some pages at a time, to another file, which is
	                        * then judged */
	SIM_ROLE_VACUUM,
	SIM_ROLE_CHECKER,  /* PRAGMA integrity_check */
	SIM_ROLE_SWITCHER, /* PRAGMA journal_mode to one of the listed modes */
	SIM_ROLE_ENGINE,   /* subject engine: the subject, which is given updates; beside it only
	                    * readers */
	SIM_ROLE_OPENER,   /* opens, does one transaction or look, closes; again and again */
	SIM_ROLE_COPIER,   /* VACUUM INTO another file, which is then judged */
	SIM_ROLE_COUNT
};

/* What a role uses beside name, role, count and pause_ms; and what it asks of a subject. */
struct sim_role_row {
	const char *name;
	bool steps;
	bool hold_ms;
	bool looks;
	bool pages;
	bool modes;
	bool only_reads; /* it may open the database for reading only */
	uint32_t asks;   /* bits of SUBJECT_TAKES_*, of what a subject need not take */
};

const struct sim_role_row *sim_role_row(enum sim_role role);
/* "writer"; NULL beyond the last. */
const char *sim_role_name(enum sim_role role);
enum sim_role sim_role_named(const char *name); /* SIM_ROLE_NONE when there is no such role */
/* "read_only"; NULL beyond the last. */
const char *sim_access_name(enum subject_access access);
/* Whether who opens so asks for no locks: no lock of others keeps it off, then. */
bool sim_access_is_unlocked(enum subject_access access);

#endif
