/* sim/world/door.c: see door.h. */
#include "door.h"

#include <sqlite3.h>
#include <string.h>

static bool sim_doors_covers(const struct vfs_call *call, uint32_t slot) {
	return call->offset <= slot && call->offset + call->size > slot;
}

static bool sim_doors_covers_marks(const struct vfs_call *call) {
	return sim_doors_covers(call, VFS_SHM_SLOT_READ_0 + 1) && sim_doors_covers(call, VFS_SHM_SLOT_COUNT - 1);
}

static bool sim_doors_is_mark(const struct vfs_call *call) {
	return call->offset > VFS_SHM_SLOT_READ_0;
}

bool sim_doors_is_main(const struct vfs_call *call) {
	size_t length = strlen(SIM_WORLD_PATH);
	return call->path != NULL && strncmp(call->path, SIM_WORLD_PATH, length) == 0 &&
	       (call->path[length] == '\0' || call->path[length] == '-');
}

static bool sim_doors_is_other(uint32_t who, uint32_t self) {
	return who != 0 && who != self;
}

/* ---- the WAL index --------------------------------------------------------------------------- */

static void sim_doors_begin_checkpoint(struct sim_world *world, uint32_t self) {
	struct vfs_wal_index index;
	bool known = vfs_disk_read_wal_index(world->disk, SIM_WORLD_PATH, &index);
	world->doors.checkpointer = self;
	world->doors.wal_was_whole = known && index.max_frame > 0 && index.backfilled == index.max_frame;
	world->doors.worked = false;
	sim_world_reach_if(world, sim_doors_is_other(world->doors.wal_writer, self),
	                   SIM_PROBE_DOOR_WRITER_AT_CHECKPOINT);
}

/* All read marks are locked for it. */
static void sim_doors_begin_anew(struct sim_world *world, uint32_t self) {
	struct sim_doors *doors = &world->doors;
	if (doors->checkpointer == self) {
		doors->worked = true;
		sim_world_reach(world, SIM_PROBE_DOOR_CHECKPOINT_RESTARTS);
		return;
	}
	sim_world_reach(world, SIM_PROBE_DOOR_WAL_BEGUN_ANEW);
	sim_world_reach_if(world, sim_doors_is_other(doors->checkpointer, self),
	                   SIM_PROBE_DOOR_WAL_BEGUN_BESIDE_CHECKPOINT);
}

static void sim_doors_locked(struct sim_world *world, uint32_t self, const struct vfs_call *call) {
	struct sim_doors *doors = &world->doors;
	if (sim_doors_covers(call, VFS_SHM_SLOT_CHECKPOINT)) {
		sim_doors_begin_checkpoint(world, self);
	}
	if (sim_doors_covers(call, VFS_SHM_SLOT_WRITE)) {
		doors->wal_writer = self;
		sim_world_reach_if(world, sim_doors_is_other(doors->checkpointer, self),
		                   SIM_PROBE_DOOR_COMMIT_BESIDE_CHECKPOINT);
	}
	if (sim_doors_covers(call, VFS_SHM_SLOT_RECOVER)) {
		doors->recoverer = self;
	}
	if (sim_doors_covers_marks(call)) {
		sim_doors_begin_anew(world, self);
	}
}

static void sim_doors_unlocked(struct sim_world *world, uint32_t self, const struct vfs_call *call) {
	struct sim_doors *doors = &world->doors;
	if (sim_doors_covers(call, VFS_SHM_SLOT_CHECKPOINT) && doors->checkpointer == self) {
		sim_world_reach_if(world, doors->wal_was_whole && !doors->worked, SIM_PROBE_DOOR_CHECKPOINT_OF_NOTHING);
		doors->checkpointer = 0;
	}
	if (sim_doors_covers(call, VFS_SHM_SLOT_WRITE) && doors->wal_writer == self) {
		doors->wal_writer = 0;
	}
	if (sim_doors_covers(call, VFS_SHM_SLOT_RECOVER) && doors->recoverer == self) {
		doors->recoverer = 0;
	}
}

/* Somebody else has the lock. */
static enum sim_probe sim_doors_refused(const struct sim_doors *doors, uint32_t self, const struct vfs_call *call) {
	if (sim_doors_covers(call, VFS_SHM_SLOT_RECOVER)) {
		return SIM_PROBE_DOOR_RECOVERY_MET;
	}
	if ((call->flags & SQLITE_SHM_SHARED) != 0) {
		return SIM_PROBE_DOOR_READER_MEETS_RESET;
	}
	if (sim_doors_covers(call, VFS_SHM_SLOT_CHECKPOINT)) {
		return SIM_PROBE_DOOR_CHECKPOINTS_MEET;
	}
	if (sim_doors_covers(call, VFS_SHM_SLOT_WRITE)) {
		return SIM_PROBE_DOOR_WAL_WRITERS_MEET;
	}
	if (!sim_doors_is_mark(call)) {
		return SIM_PROBE_NONE;
	}
	return doors->checkpointer == self ? SIM_PROBE_DOOR_CHECKPOINT_MEETS_READER : SIM_PROBE_DOOR_READERS_KEEP_WAL;
}

/* By another process of the run: not by a fault, and not by the one that only gets in the way. */
static bool sim_doors_is_refused(const struct sim_process *process, int result) {
	return result == SQLITE_BUSY && !process->is_struck && process->world->hold == NULL;
}

static void sim_doors_note_index(const struct sim_process *process, const struct vfs_call *call, int result) {
	struct sim_world *world = process->world;
	uint32_t self = process->number + 1;
	bool unlocks = (call->flags & SQLITE_SHM_UNLOCK) != 0;
	if (result == SQLITE_OK && unlocks) {
		sim_doors_unlocked(world, self, call);
	} else if (result == SQLITE_OK && (call->flags & SQLITE_SHM_EXCLUSIVE) != 0) {
		sim_doors_locked(world, self, call);
	} else if (sim_doors_is_refused(process, result)) {
		sim_world_reach(world, sim_doors_refused(&world->doors, self, call));
	}
}

/* ---- the database's locks, and journals ------------------------------------------------------ */

static void sim_doors_note_lock(const struct sim_process *process, const struct vfs_call *call, int result) {
	struct sim_world *world = process->world;
	if (!sim_doors_is_refused(process, result)) {
		return;
	}
	sim_world_reach_if(world, sim_doors_is_other(world->doors.player, process->number + 1),
	                   SIM_PROBE_DOOR_HOT_JOURNAL_MET);
	sim_world_reach(world, call->size == SQLITE_LOCK_SHARED     ? SIM_PROBE_DOOR_READER_KEPT_OUT
	                       : call->size == SQLITE_LOCK_RESERVED ? SIM_PROBE_DOOR_WRITERS_MEET
	                                                            : SIM_PROBE_DOOR_COMMIT_MEETS_READER);
}

static void sim_doors_note_journal(const struct sim_process *process, const struct vfs_call *call, int result) {
	struct sim_world *world = process->world;
	if (result == SQLITE_OK && vfs_phase_of(call) == VFS_PHASE_RECOVERY_READ) {
		world->doors.player = process->number + 1;
	}
	bool is_gone = (result & 0xff) == SQLITE_CANTOPEN && !process->is_struck;
	sim_world_reach_if(world, call->method == VFS_METHOD_OPEN && is_gone, SIM_PROBE_DOOR_JOURNAL_GONE);
}

/* Whether the super-journal is there decides about a journal that names it. Who makes one looks for
 * a free name, too. */
static void sim_doors_note_super(struct sim_world *world, const struct vfs_call *call, int result, uint64_t value) {
	if (call->method != VFS_METHOD_ACCESS || result != SQLITE_OK) {
		return;
	}
	sim_world_reach(world, value != 0 ? SIM_PROBE_DOOR_SUPER_JOURNAL_THERE : SIM_PROBE_DOOR_SUPER_JOURNAL_GONE);
}

/* ---- calls, deaths, ends --------------------------------------------------------------------- */

void sim_doors_note(struct sim_process *process, const struct vfs_call *call, int result, uint64_t value) {
	struct sim_world *world = process->world;
	uint32_t self = process->number + 1;
	if (world->injection_paused) {
		return;
	}
	if (call->file_kind == VFS_FILE_SUPER_JOURNAL && world->doors.player == self) {
		sim_doors_note_super(world, call, result, value);
	} else if (!sim_doors_is_main(call)) {
		return;
	} else if (call->method == VFS_METHOD_SHM_LOCK) {
		sim_doors_note_index(process, call, result);
	} else if (call->method == VFS_METHOD_LOCK) {
		sim_doors_note_lock(process, call, result);
	} else if (call->file_kind == VFS_FILE_JOURNAL) {
		sim_doors_note_journal(process, call, result);
	} else if (call->method == VFS_METHOD_READ && call->file_kind == VFS_FILE_WAL) {
		world->doors.worked |= world->doors.checkpointer == self;
	} else if (call->method == VFS_METHOD_UNLOCK && world->doors.player == self) {
		world->doors.player = 0;
	}
}

static bool sim_doors_leave(uint32_t *who, uint32_t self) {
	bool is_there = *who == self;
	*who = is_there ? 0 : *who;
	return is_there;
}

void sim_doors_note_death(struct sim_process *process) {
	struct sim_world *world = process->world;
	struct sim_doors *doors = &world->doors;
	uint32_t self = process->number + 1;
	sim_world_reach_if(world, sim_doors_leave(&doors->checkpointer, self), SIM_PROBE_DOOR_CHECKPOINT_DIES);
	sim_world_reach_if(world, sim_doors_leave(&doors->wal_writer, self), SIM_PROBE_DOOR_WAL_WRITER_DIES);
	sim_world_reach_if(world, sim_doors_leave(&doors->recoverer, self), SIM_PROBE_DOOR_RECOVERY_DIES);
	sim_world_reach_if(world, sim_doors_leave(&doors->player, self), SIM_PROBE_DOOR_PLAYBACK_DIES);
}

void sim_doors_note_end(struct sim_process *process) {
	struct sim_doors *doors = &process->world->doors;
	uint32_t self = process->number + 1;
	sim_doors_leave(&doors->checkpointer, self);
	sim_doors_leave(&doors->wal_writer, self);
	sim_doors_leave(&doors->recoverer, self);
	sim_doors_leave(&doors->player, self);
}
