/* sim/recording/redo.h: the recorded calls once more, on a simulated disk. Files have the paths
 * that they had, for journals of several files name them. What a file held when it was first seen
 * counts as durable. */
#ifndef AFTERSHOCK_SIM_REDO_H
#define AFTERSHOCK_SIM_REDO_H

#include "must_check.h"
#include "recording.h"
#include "vfs.h"

/* A file of the recording. */
struct sim_redo_file {
	struct vfs_inode *inode; /* NULL: it has no name any more */
	enum record_file_kind kind;
	uint32_t database; /* the number of the database that it belongs to; itself: a database */
	char path[RECORD_PATH_MAX + 1];
};

struct sim_redo {
	struct vfs_disk *disk;
	struct sim_redo_file *files; /* by number */
	uint32_t room;
	bool out_of_memory;
};

/* False when out of memory. To be freed in any case. */
bool sim_redo_init(struct sim_redo *redo) SIM_MUST_CHECK;
void sim_redo_deinit(struct sim_redo *redo);
/* Does what the record says. False when out of memory. */
bool sim_redo_call(struct sim_redo *redo, const struct sim_record *record) SIM_MUST_CHECK;
/* The file of a record; NULL: it is about none. */
struct sim_redo_file *sim_redo_file(const struct sim_redo *redo, const struct sim_record *record);
/* Whether a crash behind the record may leave something else than before it. */
bool sim_redo_changes(const struct sim_record *record);
/* "write of 4096 bytes at 0 of shop.db", for people. */
void sim_redo_say(const struct sim_redo *redo, const struct sim_record *record, char *text, size_t size);

#endif
