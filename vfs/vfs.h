/* vfs/vfs.h: a simulated disk, and SQLite's file system on top of it.
 *
 * Two layers. The disk (vfs_disk_*) is a POSIX-like file system in memory that knows, beside what programs see, what is on
 * the medium and in which order the rest would get there. The process (vfs_process_*) is a sqlite3_vfs on a disk that
 * behaves as SQLite's unix VFS does on a real one, with all locks and the shared-memory WAL index, owned by one simulated
 * operating-system process.
 *
 * Mechanism only: nothing here decides or draws. Whether an operation fails comes from the hooks, what survives a power
 * loss from a chooser, time and randomness from the hooks. No clock, no environment, no threads, no stdio (docs/architecture.md section 2).
 * Not thread-safe: all disks of an operating-system process and all their users belong to one thread, because blocks, inodes and
 * regions come from pools of the whole program.
 */
#ifndef AFTERSHOCK_VFS_H
#define AFTERSHOCK_VFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- the disk ------------------------------------------------------------------------------------------------------ */

struct vfs_disk;
struct vfs_inode; /* an open file; counted, see vfs_disk_open and vfs_disk_close */

enum vfs_status {
	VFS_OK = 0,
	VFS_NOT_FOUND,    /* no such name, or a directory of the path is missing */
	VFS_EXISTS,       /* the name is taken */
	VFS_FULL,         /* no space left */
	VFS_NO_MEMORY,    /* of the machine this runs on */
	VFS_NOT_A_FILE,   /* a directory where a file was expected */
	VFS_NOT_EMPTY,    /* a directory that still has entries */
	VFS_NAME_TOO_LONG /* a path of more than VFS_PATH_MAX bytes */
};

/* What a fault does to a call. The first three come with an error code. The others report success (or what the call
 * would have reported): lies of the disk, all outside SQLite's assumptions but `read_only`. */
enum vfs_effect {
	VFS_EFFECT_NONE = 0, /* no fault: the call does what it does */
	VFS_EFFECT_BEFORE, /* nothing happens. xSync: nothing gets to the medium; then as the disk's sync model says */
	/* xWrite: the first partial_bytes are written. xSync: the chooser is asked as at a power loss; then the sync model.
	 * xLock for EXCLUSIVE: PENDING is taken and stays. */
	VFS_EFFECT_PARTIAL,
	VFS_EFFECT_AFTER, /* everything happens. xDelete with SQLITE_IOERR_DIR_FSYNC: but for the sync of the directory */
	VFS_EFFECT_LIE,   /* xSync, xDelete with syncDir: nothing is made durable; all stays pending */
	VFS_EFFECT_LOST,     /* xWrite: nothing is written, neither seen nor stored */
	VFS_EFFECT_UNSTORED, /* xWrite: is seen, and never gets to the medium, unless it is written again */
	VFS_EFFECT_MISDIRECTED, /* xWrite: the bytes are written to answer.path at answer.offset; the right place keeps its own */
	VFS_EFFECT_FLIPPED, /* xRead: the byte at answer.offset of what is read comes with bits of answer.mask flipped */
	VFS_EFFECT_STALE,   /* xRead: the bytes that the file had in answer.past, or has on the medium, come instead */
	VFS_EFFECT_READ_ONLY, /* xOpen for reading and writing: opens for reading, as the unix VFS does without permission */
	VFS_EFFECT_COUNT
};

#define VFS_PATH_MAX 255u

/* What a sync that fails leaves behind (docs/fault-model.md section 2, after Rebello et al., "Can applications recover from fsync failures?",
 * 2020). Which part of the pending operations got to the medium is said by the effect of the failure: before: none, partial:
 * what the chooser picks, after: all, and then the models differ only in who sees the error. The cache afterwards: */
enum vfs_sync_model {
	VFS_SYNC_STILL_DIRTY =
	        0,     /* new, dirty: a retry that succeeds repairs everything. Only the caller sees the error */
	VFS_SYNC_EXT4, /* new, but marked clean: a retry succeeds and writes nothing. Each open handle sees it once */
	VFS_SYNC_EXT4_DATA, /* as EXT4, but this call succeeds; each handle's next sync fails once, and writes nothing */
	VFS_SYNC_BTRFS, /* as on the medium, where nothing got to: content and size go back. Each open handle sees it once */
	VFS_SYNC_MODEL_COUNT
};

struct vfs_disk_options {
	uint32_t sector_size_bytes; /* 512 or 4096: the unit of torn writes. 0: 4096 */
	uint64_t capacity_bytes;    /* space for file content in blocks of 4096; 0: unlimited */
	bool names_free;    /* after power loss any subset of pending name operations survives; false: a prefix */
	bool truncate_free; /* truncates reorder against writes of the same file; false: they keep their place */
	bool garbage; /* what was being written, or grown and not written, may be garbage after power loss; false: no */
	enum vfs_sync_model sync_model;
	uint32_t device_characteristics; /* SQLITE_IOCAP_*, reported as is, true or not */
	/* SQLITE_IOCAP_* that the disk really keeps at a power loss: SEQUENTIAL (what survives is a prefix of all operations on
	 * all files and names), SAFE_APPEND (a file never grows without its content), POWERSAFE_OVERWRITE (garbage stays
	 * within the bytes written; else it may take their whole sectors), ATOMIC and ATOMIC512 to ATOMIC64K (such writes are
	 * not torn). Others mean nothing. */
	uint32_t kept_characteristics;
};

/* Creates an empty disk with a root directory "/". NULL when out of memory. Give it to vfs_disk_destroy. */
struct vfs_disk *vfs_disk_create(const struct vfs_disk_options *options);
void vfs_disk_destroy(struct vfs_disk *disk);

/* An independent copy of content, names and everything pending. Shares content blocks copy on write: the cost is in
 * proportion to the number of blocks' pointers, not to their bytes. Locks, shared memory and open handles are not copied. */
struct vfs_disk *vfs_disk_snapshot(const struct vfs_disk *disk);

/* Opens a file; with `create` makes it when absent (*created tells). Each success needs one vfs_disk_close. */
enum vfs_status vfs_disk_open(struct vfs_disk *disk, const char *path, bool create, bool *created,
                              struct vfs_inode **inode);
void vfs_disk_close(struct vfs_disk *disk, struct vfs_inode *inode);

/* Reads up to size_bytes; *read_bytes is less only at the end of the file. */
void vfs_disk_read(const struct vfs_inode *inode, uint64_t offset, void *buffer, size_t size_bytes, size_t *read_bytes);
/* Writes all or, on VFS_FULL, nothing. A hole reads as zeros. The write is volatile until the next sync. */
enum vfs_status vfs_disk_write(struct vfs_disk *disk, struct vfs_inode *inode, uint64_t offset, const void *data,
                               size_t size_bytes);
enum vfs_status vfs_disk_truncate(struct vfs_disk *disk, struct vfs_inode *inode, uint64_t size_bytes);
uint64_t vfs_disk_size(const struct vfs_inode *inode);
/* Makes content and size of the file durable. Says nothing about its name. */
void vfs_disk_sync(struct vfs_disk *disk, struct vfs_inode *inode);
/* Makes all pending name operations of one directory durable. */
enum vfs_status vfs_disk_sync_directory(struct vfs_disk *disk, const char *path);

/* Name operations, volatile until the directory is synced. */
enum vfs_status vfs_disk_make_directory(struct vfs_disk *disk, const char *path);
enum vfs_status vfs_disk_unlink(struct vfs_disk *disk, const char *path); /* a file, or an empty directory */
enum vfs_status vfs_disk_rename(struct vfs_disk *disk, const char *from, const char *to); /* replaces a file at `to` */
bool vfs_disk_exists(const struct vfs_disk *disk, const char *path);

/* Space taken by file content, in whole blocks. */
uint64_t vfs_disk_used_bytes(const struct vfs_disk *disk);
/* 0: unlimited; may be below what is used. */
void vfs_disk_set_capacity(struct vfs_disk *disk, uint64_t capacity_bytes);
/* Not yet durable operations of all files and directories. */
size_t vfs_disk_pending_count(const struct vfs_disk *disk);

/* Visits every file by path in the order of strcmp. The inode is valid during the call only. */
typedef void (*vfs_disk_visitor)(void *context, const char *path, const struct vfs_inode *inode);
void vfs_disk_visit(const struct vfs_disk *disk, vfs_disk_visitor visitor, void *context);

/* What survives a power loss is asked one question at a time, in a fixed order; the answer is below `count`. */
enum vfs_choice {
	VFS_CHOICE_NONE = 0,
	VFS_CHOICE_NAMES, /* names ordered: how many of the first `count - 1` name operations of a directory survive */
	VFS_CHOICE_NAME,  /* names free: 0 lost, 1 survives */
	VFS_CHOICE_FILE,  /* per file with pending operations: 0 none survive, 1 all survive, 2 each is asked for */
	/* 0 lost, 1 whole, 2 by sector; of a write that grows the file, 3 size only, and with options.garbage 4 size and
	 * garbage. Only the first two when the disk keeps such writes atomic; not 3 and 4 when it keeps SAFE_APPEND. */
	VFS_CHOICE_WRITE,
	VFS_CHOICE_SECTOR,   /* 0 old, 1 new, 2 a prefix of the sector is new, and with options.garbage 3 garbage */
	VFS_CHOICE_PREFIX,   /* how many bytes of the sector (when SEQUENTIAL is kept: of the write) are new */
	VFS_CHOICE_TRUNCATE, /* 0 lost, 1 done */
	VFS_CHOICE_GARBAGE,  /* which garbage: the number that its bytes are made from */
	VFS_CHOICE_ORDER,    /* SEQUENTIAL is kept: how many of the oldest `count - 1` operations survive */
	VFS_CHOICE_COUNT
};
typedef uint64_t (*vfs_chooser)(void *context, enum vfs_choice choice, uint64_t count);

/* The power goes: volatile content dies, pending operations survive in the legal part that the chooser picks, and the result
 * is both what is seen and what is durable. All processes of the disk must have been killed; no handle stays valid. */
void vfs_disk_power_loss(struct vfs_disk *disk, vfs_chooser chooser, void *context);

/* A sync that fails. `effect` (before, partial or after) says how much of the pending operations gets to the medium, the
 * disk's sync model what is left of the rest. The chooser is asked with `partial` only, as at a power loss. */
void vfs_disk_fail_sync(struct vfs_disk *disk, struct vfs_inode *inode, enum vfs_effect effect, vfs_chooser chooser,
                        void *context);

/* The kernel drops the clean pages of a file: what is seen becomes what is durable. Matters where a failed sync or an unstored
 * write has left the two different; a file with pending operations keeps its pages. */
enum vfs_status vfs_disk_evict(struct vfs_disk *disk, const char *path);
/* Whether vfs_disk_evict() would have anything to drop there that is not on the medium as well. */
bool vfs_disk_can_evict(const struct vfs_disk *disk, const char *path);

/* Damage outside SQLite's assumptions, done to what is seen and to what is durable alike (no pending writes to the file
 * are changed). Bytes beyond the end of the file are ignored. */
enum vfs_status vfs_disk_flip(struct vfs_disk *disk, const char *path, uint64_t offset, uint8_t xor_mask);
enum vfs_status vfs_disk_zero(struct vfs_disk *disk, const char *path, uint64_t offset, uint64_t size_bytes);
enum vfs_status vfs_disk_cut(struct vfs_disk *disk, const char *path, uint64_t size_bytes); /* shortens the file */

/* Makes the sectors that have a byte of this range unreadable: xRead of any byte in them fails with SQLITE_IOERR_READ until a
 * write has covered the whole of the sector (or all of it that is within the file), or the file has been cut off before it.
 * VFS_NO_MEMORY: some of them are unreadable. */
enum vfs_status vfs_disk_break(struct vfs_disk *disk, const char *path, uint64_t offset, uint64_t size_bytes);
/* Whether no byte of the range is in an unreadable sector. vfs_disk_read() does not care. */
bool vfs_disk_is_readable(const struct vfs_inode *inode, uint64_t offset, uint64_t size_bytes);

/* Aborts unless the invariants of the disk hold (vfs/disk/README.md, V1 to V6 and V9). For tests. */
void vfs_disk_assert(const struct vfs_disk *disk);

/* ---- calls, hooks, effects ------------------------------------------------------------------------------------------- */

/* Every sqlite3_vfs and sqlite3_io_methods method that can be seen, failed or crashed at. */
enum vfs_method {
	VFS_METHOD_NONE = 0,
	VFS_METHOD_OPEN,
	VFS_METHOD_DELETE,
	VFS_METHOD_ACCESS,
	VFS_METHOD_CLOSE,
	VFS_METHOD_READ,
	VFS_METHOD_WRITE,
	VFS_METHOD_TRUNCATE,
	VFS_METHOD_SYNC,
	VFS_METHOD_FILE_SIZE,
	VFS_METHOD_LOCK,
	VFS_METHOD_UNLOCK,
	VFS_METHOD_CHECK_RESERVED_LOCK,
	VFS_METHOD_FILE_CONTROL,
	VFS_METHOD_SHM_MAP,
	VFS_METHOD_SHM_LOCK,
	VFS_METHOD_SHM_BARRIER,
	VFS_METHOD_SHM_UNMAP,
	VFS_METHOD_FETCH,
	VFS_METHOD_UNFETCH,
	VFS_METHOD_SLEEP,
	VFS_METHOD_COUNT
};

enum vfs_file_kind {
	VFS_FILE_NONE = 0, /* also: the call concerns no file */
	VFS_FILE_DB,
	VFS_FILE_JOURNAL,
	VFS_FILE_WAL,
	VFS_FILE_SUPER_JOURNAL,
	VFS_FILE_SHM, /* calls of the xShm family */
	VFS_FILE_TEMP,
	VFS_FILE_OTHER, /* opened without an SQLite file type, as an engine's own journal */
	VFS_FILE_COUNT
};

struct vfs_process;

struct vfs_call {
	struct vfs_process *process;
	enum vfs_method method;
	enum vfs_file_kind file_kind;
	const char *path; /* NULL when the call concerns no file */
	uint64_t offset;  /* read, write: bytes; shm lock: first slot; shm map: region number */
	uint64_t size;    /* read, write: bytes; truncate: new size; lock, unlock: level; shm lock: slots; sleep: us */
	uint32_t flags; /* open, sync, shm lock: SQLite's flags; access: its test; delete: syncDir; file control: op */
	const void *data; /* write: the bytes; else NULL */
};

/* What the hook wants done with a call. All zero: nothing special. */
struct vfs_answer {
	enum vfs_effect effect;
	int result;             /* with an effect that comes with an error: the SQLite result code to return; else 0 */
	uint32_t partial_bytes; /* with VFS_EFFECT_PARTIAL on xWrite: below the size of the write */
	uint8_t mask;           /* flipped */
	bool die;               /* the process is killed at that very point: after the effect */
	uint64_t offset;  /* misdirected: bytes into the file; flipped: bytes into the read (taken modulo its size) */
	const char *path; /* misdirected: an existing file, which must live as long as the call; NULL: the same file */
	const struct vfs_disk *past; /* stale: a snapshot taken earlier; NULL: what is on the medium now */
};

/* What may be done to the calls of a method (docs/fault-model.md section 1): a row of the one table of legal injections. Bits are 1 << enum
 * vfs_effect. What the table cannot say, because it depends on the call, vfs_answer_is_legal() says. */
struct vfs_effect_row {
	uint32_t failing; /* effects with which a call may fail with one of the codes */
	uint32_t lying;   /* effects with which it reports success */
	uint32_t dying;   /* effects that may come before death */
	int codes[8];     /* SQLite result codes, the usual one first, ended by 0 */
};
/* Aborts for VFS_METHOD_NONE and unknown numbers. */
const struct vfs_effect_row *vfs_effect_row(enum vfs_method method);
/* Whether the answer can be given to the call. An answer that is not legal aborts. Depends on the call: PARTIAL on xLock
 * (EXCLUSIVE asked for) and xWrite (fewer bytes); BUSY on xShmLock (not when giving back); READONLY on xShmMap (AFTER, with the memory); LIE and IOERR_DIR_FSYNC
 * on xDelete (syncDir, and the latter only AFTER); READ_ONLY on xOpen (for writing); errors of xFileControl (only of
 * SIZE_HINT, SYNC and COMMIT_PHASETWO). */
bool vfs_answer_is_legal(const struct vfs_call *call, const struct vfs_answer *answer);

/* The world around a process. All functions must be given. */
struct vfs_hooks {
	void *context;
	/* Asked before every call of a living process, except randomness. `answer` comes zeroed. */
	void (*before)(void *context, const struct vfs_call *call, struct vfs_answer *answer);
	/* Told after it: the SQLite result code, and the value the call gave back (xFileSize: size, xAccess, xCheckReservedLock:
	 * flag, xRead: XXH3-64 of the bytes read, else 0). Not called when the process died in the call. */
	void (*after)(void *context, const struct vfs_call *call, int result, uint64_t value);
	/* Told when `die` has been carried out. */
	void (*died)(void *context, struct vfs_process *process);
	int64_t (*now_ns)(void *context);                  /* virtual time since the Unix epoch */
	void (*sleep)(void *context, int64_t duration_ns); /* advances virtual time */
	void (*random)(void *context, void *buffer, size_t size_bytes);
	vfs_chooser chooser; /* for VFS_EFFECT_PARTIAL on xSync; gets `context` */
};

/* ---- processes ------------------------------------------------------------------------------------------------------- */

/* Starts a simulated process on a disk and registers its sqlite3_vfs under `name` (copied; unique among the living; not made
 * the default). The hooks are copied. NULL when out of memory. */
struct vfs_process *vfs_process_create(struct vfs_disk *disk, const char *name, const struct vfs_hooks *hooks);
/* Unregisters and frees. Every connection opened through the process must be closed. */
void vfs_process_destroy(struct vfs_process *process);
/* The process dies: its locks drop, its shared memory goes unless another living process has it mapped, and every further
 * call through its VFS fails with SQLITE_IOERR and changes nothing (xClose still frees). Idempotent. */
void vfs_process_kill(struct vfs_process *process);
bool vfs_process_is_dead(const struct vfs_process *process);
const char *vfs_process_name(const struct vfs_process *process);
size_t vfs_process_open_files(const struct vfs_process *process);

/* Aborts unless the invariants of the disk hold, and those of all locks and shared memories on it (vfs/process/README.md, V7
 * and V8). For tests. */
void vfs_assert(const struct vfs_disk *disk);

/* Takes or drops a database lock as another connection of this process would, without SQLite: for a process that only gets
 * in the way. In WAL mode `level` SQLITE_LOCK_EXCLUSIVE stands for the write lock of the WAL index, else for the file lock.
 * vfs_process_hold opens the database file (SQLITE_BUSY when somebody has the lock, SQLITE_CANTOPEN when there is no file). */
struct vfs_hold;
int vfs_process_hold(struct vfs_process *process, const char *path, int level, bool wal, struct vfs_hold **hold);
void vfs_process_release(struct vfs_hold *hold);

/* ---- who holds what ---------------------------------------------------------------------------------------------------- */

/* The eight locks of a WAL index, as SQLite numbers them (walformat.html section 2.3.1). */
enum vfs_shm_slot {
	VFS_SHM_SLOT_WRITE = 0,
	VFS_SHM_SLOT_CHECKPOINT,
	VFS_SHM_SLOT_RECOVER,
	VFS_SHM_SLOT_READ_0, /* to READ_4; the reader's snapshot is the read mark of its slot; READ_0: the database file alone */
	VFS_SHM_SLOT_COUNT = 8
};
#define VFS_READ_MARKS 5u
#define VFS_READ_MARK_UNUSED UINT32_MAX

/* The locks of one open file of a living process. */
struct vfs_held_locks {
	const struct vfs_process *process;
	const char *path;
	enum vfs_file_kind file_kind;
	int level;              /* SQLITE_LOCK_* on the file */
	uint32_t shm_shared;    /* bit 1 << enum vfs_shm_slot, for each that it has shared */
	uint32_t shm_exclusive; /* and exclusively */
};
/* Visits the open files of a process that have any lock, the one opened last first. What is visited lives as long as the call. */
typedef void (*vfs_lock_visitor)(void *context, const struct vfs_held_locks *held);
void vfs_process_visit_locks(const struct vfs_process *process, vfs_lock_visitor visitor, void *context);

/* What the header of a WAL index says. */
struct vfs_wal_index {
	bool is_torn;                        /* its two copies differ: somebody is writing it, or died doing so */
	bool is_initialised;                 /* else the next reader recovers it */
	uint32_t max_frame;                  /* the last committed frame of the WAL */
	uint32_t page_count;                 /* of the database, as of that frame */
	uint32_t backfilled;                 /* frames that a checkpoint has copied into the database */
	uint32_t read_marks[VFS_READ_MARKS]; /* VFS_READ_MARK_UNUSED: of nobody */
};
/* False when nobody has a WAL index of that database file mapped. */
bool vfs_disk_read_wal_index(const struct vfs_disk *disk, const char *path, struct vfs_wal_index *index);

/* "shared" of SQLITE_LOCK_SHARED, "READ_2" of a slot. */
const char *vfs_lock_level_name(int level);
const char *vfs_shm_slot_name(enum vfs_shm_slot slot);

/* Names as they are printed in plans, traces and scenarios: "xWrite", "wal", "before". Unknown numbers give "?". */
const char *vfs_method_name(enum vfs_method method);
const char *vfs_file_kind_name(enum vfs_file_kind kind);
const char *vfs_effect_name(enum vfs_effect effect);
const char *vfs_sync_model_name(enum vfs_sync_model model);

#endif
