/* vfs/process/process_internal.h: the inside of a process. The files of vfs/process share it and
 * nobody else includes it. */
#ifndef AFTERSHOCK_VFS_PROCESS_INTERNAL_H
#define AFTERSHOCK_VFS_PROCESS_INTERNAL_H

#include <sqlite3.h>

#include "disk.h"

#define VFS_SHM_SLOTS VFS_SHM_SLOT_COUNT
static_assert(VFS_SHM_SLOTS == VFS_INDEX_LOCKS, "a lock for each slot");
#define VFS_SHM_REGION_BYTES 32768

/* The shared-memory WAL index of a file: one per inode while a living handle has it mapped, and one
 * more for each handle that does not share it (shm.c). */
struct vfs_shm {
	struct vfs_inode *inode; /* NULL once no living handle has it mapped; dead handles keep the
	                          * memory only */
	uint32_t living;         /* handles of living processes that have it mapped */
	uint32_t references;     /* all handles */
	uint32_t guards;         /* handles whose dead man switch holds */
	uint8_t **regions;
	uint32_t region_count;
	uint32_t region_room;
	uint8_t *saved; /* the regions as they were when a process died, until they are restored;
	                 * else NULL */
	uint32_t saved_count;
	struct vfs_shm *next_saved; /* list of the disk's shared memories with a saved copy */
};

struct vfs_process {
	sqlite3_vfs base; /* pAppData points back here */
	struct vfs_disk *disk;
	struct vfs_hooks hooks;
	struct vfs_file *files; /* open handles */
	size_t file_count;
	bool is_dead;
	enum vfs_lock_style lock_style;
	bool has_own_index; /* its WAL indexes are in memory that nobody else sees */
	char name[];
};

#define VFS_TEMP_NAME_SIZE 24

/* An open handle. SQLite owns the memory, except for the handle inside a vfs_hold. */
struct vfs_file {
	sqlite3_file base;
	struct vfs_process *process;
	struct vfs_inode *inode; /* NULL once the process is dead (V8) */
	const char *path;        /* SQLite keeps it valid until xClose; or temp_name */
	enum vfs_file_kind kind;
	int level;            /* SQLITE_LOCK_*, as SQLite knows it */
	bool has_lost_shared; /* but the system has no SHARED of it: it was dropped (lock.c) */
	bool is_read_only;
	bool must_sync_directory; /* the first sync also makes the name durable */
	bool persists_wal;
	bool was_created;                 /* journal: opened with SQLITE_OPEN_CREATE, so it is not
	                                   * hot (phase.c) */
	bool was_read_last;               /* it was read after the last write: a journal that is
	                                   * played back */
	bool had_hot_journal;             /* database: the last journal that was closed beside it
	                                   * was a hot one */
	bool has_powersafe_overwrite;     /* as SQLITE_FCNTL_POWERSAFE_OVERWRITE set it last */
	bool is_device_known;             /* somebody has asked for sector size or
	                                   * characteristics */
	bool reports_powersafe_overwrite; /* what was set then */
	uint32_t sync_errors_seen;        /* of the inode's (faulty.c) */
	int chunk_bytes;                  /* SQLITE_FCNTL_CHUNK_SIZE */
	int64_t mmap_bytes;               /* SQLITE_FCNTL_MMAP_SIZE: remembered, never used */
	struct vfs_shm *shm;              /* mapped, or NULL */
	uint8_t shm_shared;               /* slots of the shm in which this handle has a shared
	                                   * lock */
	uint8_t shm_exclusive;            /* and an exclusive one */
	uint8_t shm_lost;                 /* of these: the system has no such lock */
	bool has_guard;                   /* its dead man switch holds */
	struct vfs_file *next;
	struct vfs_file *previous;
	char temp_name[VFS_TEMP_NAME_SIZE];
};

/* ---- calls (call.c) -------------------------------------------------------------------------- */

/* A call under way: what the hooks see, and what they answered. */
struct vfs_under_way {
	struct vfs_call call;
	struct vfs_answer answer;
};

/* The slow half of vfs_call_begin(): the hook answered with a fault, killed the process, or let
 * another one run. */
bool vfs_call_begin_faulty(struct vfs_under_way *under_way) VFS_MUST_CHECK;
/* The slow half of vfs_call_end(). */
int vfs_call_end_faulty(struct vfs_under_way *under_way, int result, uint64_t value);
/* The end of a call whose hook has been told. The process may have died in the hook: then
 * SQLITE_IOERR, else `result`. */
int vfs_call_told(const struct vfs_under_way *under_way, int result);

/* Asks the hook. The caller has zeroed the answer. False: the call must not be carried out, and
 * vfs_call_end() gives the result. */
static inline bool vfs_call_begin(struct vfs_under_way *under_way) {
	const struct vfs_process *process = under_way->call.process;
	if (process->is_dead) {
		return false;
	}
	process->hooks.before(process->hooks.context, &under_way->call, &under_way->answer);
	bool is_ordinary =
	        under_way->answer.effect == VFS_EFFECT_NONE && !process->is_dead && process->disk->saved_shms == NULL;
	return is_ordinary || vfs_call_begin_faulty(under_way);
}

/* Applies the answer to the result, kills the process if the answer says so, and tells the hook.
 * Returns the result for SQLite. */
static inline int vfs_call_end(struct vfs_under_way *under_way, int result, uint64_t value) {
	const struct vfs_process *process = under_way->call.process;
	if (process->is_dead || under_way->answer.die || under_way->answer.effect != VFS_EFFECT_NONE) {
		return vfs_call_end_faulty(under_way, result, value);
	}
	process->hooks.after(process->hooks.context, &under_way->call, result, value);
	if (process->is_dead || process->disk->saved_shms != NULL) {
		return vfs_call_told(under_way, result);
	}
	return result;
}

/* ---- phases (phase.c) ------------------------------------------------------------------------ */

/* A journal is closed: its database remembers whether it was hot. */
void vfs_phase_note_journal(const struct vfs_process *process, const struct vfs_file *journal);

/* ---- handles (handle.c) ---------------------------------------------------------------------- */

/* Makes a handle of an opened inode part of the process. */
void vfs_handle_attach(struct vfs_file *file, struct vfs_process *process, struct vfs_inode *inode);
/* Drops locks, shared memory and inode, as close(2) and the end of a process do. The process keeps
 * the handle in its list. */
void vfs_handle_detach(struct vfs_file *file);
/* Takes the handle out of the process, and detaches it if it still has an inode. */
void vfs_handle_forget(struct vfs_file *file);
/* SQLite's code for a status; `other` stands for everything but success, a full disk and no
 * memory. */
int vfs_handle_code(enum vfs_status status, int other);
/* Writes as write(2) does: as much as fits. Returns SQLITE_FULL when that is not all. */
int vfs_handle_write_fitting(struct vfs_file *file, uint64_t offset, const void *data, size_t size_bytes);
/* Makes the name durable if this is the first sync of a new journal. */
void vfs_handle_sync_directory_once(struct vfs_file *file);

/* ---- methods (file.c, control.c) ------------------------------------------------------------- */

extern const sqlite3_io_methods vfs_file_methods;
/* The same of a file system that has no shared memory: a dot-file locks the database as a whole. */
extern const sqlite3_io_methods vfs_file_methods_without_index;

/* Begins a call on a file: fills in what the hooks see, then as vfs_call_begin(). */
static inline bool vfs_file_begin(struct vfs_under_way *under_way, struct vfs_file *file, enum vfs_method method) {
	bool is_shm = method >= VFS_METHOD_SHM_MAP && method <= VFS_METHOD_SHM_UNMAP;
	under_way->call.process = file->process;
	under_way->call.method = method;
	under_way->call.file_kind = is_shm ? VFS_FILE_SHM : file->kind;
	under_way->call.path = file->path;
	under_way->call.file = file;
	return vfs_call_begin(under_way);
}

/* xFileControl. SQLITE_NOTFOUND for an operation that is not known. */
int vfs_control_file(sqlite3_file *base, int operation, void *argument);
/* Fills in a name for a temporary file that no other file on the disk has. */
void vfs_control_temp_name(struct vfs_disk *disk, char name[VFS_TEMP_NAME_SIZE]);

/* ---- faulty calls (faulty.c): when the answer, or the state of the disk, is not ordinary ----- */

/* Each fills in what the method gives back and returns its result. vfs_call_end() puts the error of
 * the answer in its place. */
int vfs_faulty_read(struct vfs_file *file, const struct vfs_under_way *under_way, void *buffer, size_t *read_bytes);
int vfs_faulty_write(struct vfs_file *file, const struct vfs_under_way *under_way);
int vfs_faulty_sync(struct vfs_file *file, struct vfs_under_way *under_way);

/* Whether a sync of the file failed that this handle has not reported. */
static inline bool vfs_faulty_has_unreported_error(const struct vfs_file *file) {
	return file->sync_errors_seen != file->inode->sync_errors;
}

/* ---- locks (lock.c) -------------------------------------------------------------------------- */

/* Raises the lock of a handle to a level, as xLock. SQLITE_OK or SQLITE_BUSY. */
int vfs_lock_acquire(struct vfs_file *file, int level);
/* Takes the first half of EXCLUSIVE: PENDING, unless another handle is the writer. The handle must
 * have SHARED. */
void vfs_lock_pend(struct vfs_file *file);
/* Lowers the lock of a handle to SHARED or NONE, as xUnlock. SQLITE_IOERR_RDLOCK when a SHARED that
 * was dropped cannot be had again. To NONE it cannot fail. */
int vfs_lock_release(struct vfs_file *file, int level);
/* Takes its locks from a handle, and does not tell it. False when it had none. */
bool vfs_lock_drop(struct vfs_file *file) VFS_MUST_CHECK;
/* The answer of xCheckReservedLock. */
bool vfs_lock_is_reserved(const struct vfs_file *file) VFS_MUST_CHECK;

/* The same for the other styles (lock_style.c). */
int vfs_lock_style_acquire(struct vfs_file *file, int level);
void vfs_lock_style_release(struct vfs_file *file, int level);

/* ---- shared memory (shm.c) ------------------------------------------------------------------- */

/* Give a handle its share of the WAL index, and take it back with all its locks. */
int vfs_shm_attach(struct vfs_file *file);
void vfs_shm_detach(struct vfs_file *file);
/* A region of the WAL index; NULL when it does not exist and `extend` is false. SQLITE_OK or
 * SQLITE_NOMEM. */
int vfs_shm_region(struct vfs_file *file, int region, bool extend, void volatile **memory);
/* Takes or drops locks on slots, as xShmLock. */
int vfs_shm_acquire(struct vfs_file *file, int offset, int count, int flags);
/* Takes its locks on the WAL index from a handle, and does not tell it. False when it had none. */
bool vfs_shm_drop(struct vfs_file *file) VFS_MUST_CHECK;
/* When the process of a handle dies: saves what the shared memory holds now, for the others must
 * see that. */
void vfs_shm_save(struct vfs_file *file);
/* Before a living process goes on: restores what was saved. The dead one writes to the memory while
 * SQLite unwinds. */
void vfs_shm_restore_all(struct vfs_disk *disk);

/* The methods. */
int vfs_shm_map(sqlite3_file *base, int region, int region_bytes, int extend, void volatile **memory);
int vfs_shm_lock(sqlite3_file *base, int offset, int count, int flags);
void vfs_shm_barrier(sqlite3_file *base);
int vfs_shm_unmap(sqlite3_file *base, int delete_flag);

#endif
