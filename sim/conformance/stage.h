/* sim/conformance/stage.h: a disk, two processes on it, and a VFS of somebody's own between SQLite
 * and each of them: what a check of that VFS begins with. */
#ifndef AFTERSHOCK_SIM_STAGE_H
#define AFTERSHOCK_SIM_STAGE_H

#include "subject_vfs.h"
#include "vfs.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_STAGE_PROCESSES 2u
/* A VFS that is on top of another one than it should be meets no such folder. */
#define SIM_STAGE_FOLDER "/disk-of-aftershock"
#define SIM_STAGE_PATH SIM_STAGE_FOLDER "/engine.db"

struct sim_stage {
	const struct subject_extension *own;
	struct vfs_disk *disk;
	struct vfs_process *processes[SIM_STAGE_PROCESSES];
	sqlite3 *connections[SIM_STAGE_PROCESSES];
	/* What the disk has been asked since somebody set these to zero. */
	uint32_t calls[VFS_METHOD_COUNT];
	uint32_t flags; /* of the last sync */
	/* The next call of that method fails so; NONE: none does. */
	enum vfs_method fails;
	int fails_as;
	char *why;
	size_t why_size;
};

/* Begins the first `count` processes. False with one line in `why`. _deinit in any case. */
bool sim_stage_init(struct sim_stage *stage, const struct subject_extension *own, uint32_t count, char *why,
                    size_t why_size);
void sim_stage_deinit(struct sim_stage *stage);
/* That process has the turn, as it must when something of it is called. Its VFS. */
sqlite3_vfs *sim_stage_enter(const struct sim_stage *stage, uint32_t process);
/* Opens the database as that process, and sets it up by these statements. NULL, with one line. */
sqlite3_file *sim_stage_open(struct sim_stage *stage, uint32_t process, const char *statements);
void sim_stage_close(struct sim_stage *stage, uint32_t process);
/* Runs statements. False, with one line. */
bool sim_stage_run(struct sim_stage *stage, uint32_t process, const char *statements);
/* The first value of a statement as a number; -1, with one line. */
int64_t sim_stage_ask(struct sim_stage *stage, uint32_t process, const char *statement);
/* The power goes. Nothing that was not synced is left, and the first process begins anew. False,
 * with one line. */
bool sim_stage_lose_power(struct sim_stage *stage);
/* The process is killed, and begins anew. False, with one line. */
bool sim_stage_kill(struct sim_stage *stage, uint32_t process);
/* Says what is wrong. Returns false. */
bool sim_stage_refuse(const struct sim_stage *stage, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
