/* vfs/vfs.h: a simulated disk, and SQLite's file system on it.
 *
 * The disk (vfs_disk_*) is a POSIX-like file system in memory. It knows what programs see, what is
 * on the medium, and which operations lie between. The process (vfs_process_*) is a sqlite3_vfs on
 * a disk. It behaves as SQLite's unix VFS does on a real disk, with all locks and the shared memory
 * of the WAL index. One simulated operating-system process owns it.
 *
 * This is mechanism only: nothing here decides or draws. Hooks say which call fails, and they give
 * time and randomness. A chooser says what survives a power loss. There is no clock, no
 * environment, no thread and no standard stream (docs/architecture.md, section 2).
 *
 * Not thread-safe. One thread owns all disks of an operating-system process and all their users,
 * because blocks, inodes and regions come from pools of the whole program.
 *
 * All sizes and offsets are bytes. Paths are NUL-terminated and at most VFS_PATH_MAX bytes long;
 * one that is relative begins at the root. "." and ".." mean what they mean to a kernel. A bug of
 * the caller aborts (assertions stay on); a failure of the disk is a status.
 */
#ifndef AFTERSHOCK_VFS_H
#define AFTERSHOCK_VFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A result that must be looked at. clang warns of a caller that drops it, unless the caller says so
 * with a cast to void. gcc would warn of the cast, too, so it is not told. */
#ifdef __clang__
#define VFS_MUST_CHECK __attribute__((warn_unused_result))
#else
#define VFS_MUST_CHECK
#endif

/* ---- the disk -------------------------------------------------------------------------------- */

struct vfs_disk;
struct vfs_inode; /* an open file; counted: each vfs_disk_open needs one vfs_disk_close */

enum VFS_MUST_CHECK vfs_status {
	VFS_OK = 0,
	VFS_NOT_FOUND,       /* no such name, or a directory of the path is missing; also the empty
	                      * path */
	VFS_EXISTS,          /* the name is taken */
	VFS_FULL,            /* no space left */
	VFS_NO_MEMORY,       /* of the machine this runs on */
	VFS_NOT_A_FILE,      /* a directory where a file was expected */
	VFS_NOT_A_DIRECTORY, /* a file where the path goes through it, or has a slash behind it */
	VFS_NOT_EMPTY,       /* a directory that still has entries */
	VFS_NAME_TOO_LONG    /* a path of more than VFS_PATH_MAX bytes */
};

/* What a fault does to a call. BEFORE, PARTIAL and AFTER come with an error code. All others report
 * success, or what the call would have reported: they are lies of the disk. SQLite assumes that
 * none of these happens, except READ_ONLY. */
enum vfs_effect {
	VFS_EFFECT_NONE = 0, /* no fault: the call does what it does */
	/* Nothing happens. xSync: nothing reaches the medium, and the sync model says what is
	 * left. */
	VFS_EFFECT_BEFORE,
	/* xWrite: the first partial_bytes are written. xSync: the chooser picks a part as at a
	 * power loss, and the sync model says what is left. xLock for EXCLUSIVE: the handle gets
	 * PENDING. */
	VFS_EFFECT_PARTIAL,
	/* Everything happens. xDelete with SQLITE_IOERR_DIR_FSYNC: all but the sync of the
	 * directory. */
	VFS_EFFECT_AFTER,
	/* xSync, and xDelete with syncDir: nothing becomes durable, everything stays pending. */
	VFS_EFFECT_LIE,
	VFS_EFFECT_LOST,        /* xWrite: nothing is written; nobody ever sees the bytes */
	VFS_EFFECT_UNSTORED,    /* xWrite: programs see the bytes; they reach the medium only if
	                         * written again */
	VFS_EFFECT_MISDIRECTED, /* xWrite: the bytes go to answer.path at answer.offset instead */
	VFS_EFFECT_FLIPPED,     /* xRead: in the byte at answer.offset of the read, bits of
	                         * answer.mask flip */
	VFS_EFFECT_STALE,       /* xRead: the bytes of answer.past, or those on the medium, come
	                         * instead */
	VFS_EFFECT_READ_ONLY,   /* xOpen for writing opens for reading, as the unix VFS without
	                         * permission */
	VFS_EFFECT_COUNT
};

#define VFS_PATH_MAX 255u

/* What a failed sync leaves behind (docs/fault-model.md, section 2; after Rebello et al., "Can
 * Applications Recover from fsync Failures?", USENIX ATC 2020). The effect of the failure says what
 * reaches the medium: BEFORE nothing, PARTIAL what the chooser picks, AFTER everything. The model
 * says what the cache keeps and who sees the error. */
enum vfs_sync_model {
	/* The pages stay dirty. A retry that succeeds repairs everything. Only the caller sees the
	 * error. */
	VFS_SYNC_STILL_DIRTY = 0,
	/* The pages keep the new bytes but are marked clean. A retry succeeds and writes nothing.
	 * Each open handle sees the error once. */
	VFS_SYNC_EXT4,
	/* As EXT4, but this call succeeds. The next sync of each handle fails once and writes
	 * nothing. */
	VFS_SYNC_EXT4_DATA,
	/* Content and size go back to what is on the medium. Each open handle sees the error
	 * once. */
	VFS_SYNC_BTRFS,
	VFS_SYNC_MODEL_COUNT
};

/* What a disk is like. All zero: 4096-byte sectors, unlimited, ordered names and truncates, no
 * garbage, STILL_DIRTY, no capabilities. */
struct vfs_disk_options {
	uint32_t sector_size_bytes; /* 512 or 4096: the unit of torn writes; 0: 4096 */
	uint64_t capacity_bytes;    /* for file content, in blocks of 4096; 0: unlimited */
	bool names_free;            /* any subset of pending name operations survives a power loss;
	                             * false: a prefix */
	bool truncate_free;         /* truncates are reordered against writes of their file; false:
	                             * they are not */
	bool garbage;               /* after a power loss a torn or newly grown stretch may hold
	                             * anything; false: it may not */
	enum vfs_sync_model sync_model;
	uint32_t device_characteristics; /* SQLITE_IOCAP_* that the disk reports, true or not */
	/* SQLITE_IOCAP_* that the disk keeps at a power loss. SEQUENTIAL: what survives is a prefix
	 * of all operations on all files and names. SAFE_APPEND: a file never grows without its
	 * content. POWERSAFE_OVERWRITE: garbage stays within the bytes written, else it may take
	 * their whole sectors. ATOMIC and ATOMIC512 to ATOMIC64K: such writes are not torn. Others
	 * mean nothing. */
	uint32_t kept_characteristics;
};

/* Creates an empty disk with a root directory "/". NULL when out of memory. The caller owns the
 * disk. */
struct vfs_disk *vfs_disk_create(const struct vfs_disk_options *options);
/* Frees a disk. All its processes must have been destroyed and all its files closed. NULL-safe. */
void vfs_disk_destroy(struct vfs_disk *disk);

/* Makes an independent copy: content, names and everything pending, but no locks, no shared memory
 * and no open handles. The copy shares blocks, so it costs a pointer per block. NULL when out of
 * memory. The caller owns the copy. */
struct vfs_disk *vfs_disk_snapshot(const struct vfs_disk *disk);

/* Opens a file. With `create` it makes an absent file, and *created says whether it did. On VFS_OK
 * the caller owns one reference, to be given to vfs_disk_close. */
enum vfs_status vfs_disk_open(struct vfs_disk *disk, const char *path, bool create, bool *created,
                              struct vfs_inode **inode) VFS_MUST_CHECK;
void vfs_disk_close(struct vfs_disk *disk, struct vfs_inode *inode);

/* Reads what programs see. *read_bytes is less than size_bytes only at the end of the file. */
void vfs_disk_read(const struct vfs_inode *inode, uint64_t offset, void *buffer, size_t size_bytes, size_t *read_bytes);
/* The XXH3 of what programs see of the 4096 bytes with this number, as far as the file reaches; it
 * must have one of them. Each content is hashed once, however many snapshots share it. */
uint64_t vfs_disk_hash_block(const struct vfs_inode *inode, uint32_t number);
/* Writes everything or, on VFS_FULL and VFS_NO_MEMORY, nothing. A hole reads as zeros. The write is
 * pending until the next sync. */
enum vfs_status vfs_disk_write(struct vfs_disk *disk, struct vfs_inode *inode, uint64_t offset, const void *data,
                               size_t size_bytes) VFS_MUST_CHECK;
/* Sets the size of a file; what it grows by reads as zeros. Pending until the next sync. */
enum vfs_status vfs_disk_truncate(struct vfs_disk *disk, struct vfs_inode *inode, uint64_t size_bytes) VFS_MUST_CHECK;
/* The size that programs see. */
uint64_t vfs_disk_size(const struct vfs_inode *inode);
/* Whether a power loss leaves content and size as programs see them. */
bool vfs_disk_is_durable(const struct vfs_inode *inode);
/* Makes content and size of the file durable. Says nothing about its name. Cannot fail. */
void vfs_disk_sync(struct vfs_disk *disk, struct vfs_inode *inode);
/* Makes all pending name operations of one directory durable. */
enum vfs_status vfs_disk_sync_directory(struct vfs_disk *disk, const char *path) VFS_MUST_CHECK;

/* Name operations. Each is pending until the directory is synced. */
enum vfs_status vfs_disk_make_directory(struct vfs_disk *disk, const char *path) VFS_MUST_CHECK;
/* A file, or an empty directory. */
enum vfs_status vfs_disk_unlink(struct vfs_disk *disk, const char *path) VFS_MUST_CHECK;
enum vfs_status vfs_disk_rename(struct vfs_disk *disk, const char *from,
                                const char *to) VFS_MUST_CHECK; /* replaces a file at `to` */
/* Whether programs see a file or a directory under the path. */
bool vfs_disk_exists(const struct vfs_disk *disk, const char *path) VFS_MUST_CHECK;

/* The space that file content takes, in whole blocks. */
uint64_t vfs_disk_used_bytes(const struct vfs_disk *disk);
/* Sets the capacity; 0: unlimited. It may be less than what is used: then nothing more fits. */
void vfs_disk_set_capacity(struct vfs_disk *disk, uint64_t capacity_bytes);
/* The number of operations on files and names that are not yet durable. */
size_t vfs_disk_pending_count(const struct vfs_disk *disk);

/* Visits every file that programs see, by path in the order of strcmp. Path and inode are valid
 * during the call only. */
typedef void (*vfs_disk_visitor)(void *context, const char *path, const struct vfs_inode *inode);
void vfs_disk_visit(const struct vfs_disk *disk, vfs_disk_visitor visitor, void *context);

/* The questions about what survives a power loss. They come one at a time, in a fixed order
 * (power.c). */
enum vfs_choice {
	VFS_CHOICE_NONE = 0,
	VFS_CHOICE_NAMES, /* names ordered: how many of the first `count - 1` name operations
	                   * survive */
	VFS_CHOICE_NAME,  /* names free: 0 lost, 1 survives */
	VFS_CHOICE_FILE,  /* a file with pending operations: 0 none survive, 1 all survive, 2 ask
	                   * for each */
	/* A write: 0 lost, 1 whole, 2 by sector. If it grows the file also 3 size without content,
	 * and with options.garbage 4 size and garbage. Only 0 and 1 if the disk keeps such writes
	 * atomic; neither 3 nor 4 if it keeps SAFE_APPEND. */
	VFS_CHOICE_WRITE,
	VFS_CHOICE_SECTOR,   /* 0 old, 1 new, 2 a prefix is new; with options.garbage 3 garbage */
	VFS_CHOICE_PREFIX,   /* how many bytes of the sector are new; where SEQUENTIAL is kept, of
	                      * the write */
	VFS_CHOICE_TRUNCATE, /* 0 lost, 1 done */
	VFS_CHOICE_GARBAGE,  /* the number from which the garbage is made */
	VFS_CHOICE_ORDER,    /* SEQUENTIAL is kept: how many of the oldest `count - 1` operations
	                      * survive */
	VFS_CHOICE_COUNT
};
/* Answers a question with a number below `count`, which is at least 1. */
typedef uint64_t (*vfs_chooser)(void *context, enum vfs_choice choice, uint64_t count);
/* What a question is about. */
enum vfs_asked_kind {
	VFS_ASKED_NOTHING = 0,
	VFS_ASKED_WRITE,
	VFS_ASKED_TRUNCATE,
	VFS_ASKED_LINK,
	VFS_ASKED_UNLINK,
	VFS_ASKED_RENAME
};
struct vfs_asked {
	enum vfs_asked_kind kind;
	const char *name; /* without its directory */
	const char *to;   /* of a rename */
	uint64_t offset;  /* of a write; the new size of a truncate */
	uint64_t size_bytes;
	bool grows; /* the write makes the file longer */
};
/* For a chooser, while a power loss asks it about FILE, WRITE, TRUNCATE, NAME or NAMES. FILE: the
 * operation `index` of the file, NOTHING behind the last. NAMES: the operation `index` of them. */
struct vfs_asked vfs_disk_asked(uint64_t index);

/* The power goes. Volatile content is lost, and of the pending operations the legal part survives
 * that the chooser picks. What survives is both seen and durable from then on. All processes of the
 * disk must have been killed. No inode of the disk stays valid. */
void vfs_disk_power_loss(struct vfs_disk *disk, vfs_chooser chooser, void *context);

/* Fails a sync. `effect` (BEFORE, PARTIAL or AFTER) says how much reaches the medium, and the sync
 * model of the disk says what is left of the rest. It asks the chooser only for PARTIAL. */
void vfs_disk_fail_sync(struct vfs_disk *disk, struct vfs_inode *inode, enum vfs_effect effect, vfs_chooser chooser,
                        void *context);

/* Drops the clean pages of a file from the cache, as the kernel may: what is durable is what is
 * seen. That changes something only after a failed sync or an unstored write. A file with pending
 * operations keeps its pages. */
enum vfs_status vfs_disk_evict(struct vfs_disk *disk, const char *path) VFS_MUST_CHECK;
/* Whether vfs_disk_evict() would change what programs see. */
bool vfs_disk_can_evict(const struct vfs_disk *disk, const char *path) VFS_MUST_CHECK;

/* Damage, which SQLite assumes never happens: flipped bits, zeroed bytes, a file cut short. It hits
 * what is seen and what is durable; pending writes keep their bytes. Bytes beyond the end of the
 * file are ignored. */
enum vfs_status vfs_disk_flip(struct vfs_disk *disk, const char *path, uint64_t offset,
                              uint8_t xor_mask) VFS_MUST_CHECK;
enum vfs_status vfs_disk_zero(struct vfs_disk *disk, const char *path, uint64_t offset,
                              uint64_t size_bytes) VFS_MUST_CHECK;
enum vfs_status vfs_disk_cut(struct vfs_disk *disk, const char *path,
                             uint64_t size_bytes) VFS_MUST_CHECK; /* shortens the file */

/* Makes the sectors unreadable that have a byte in the range. xRead of any byte in them fails with
 * SQLITE_IOERR_READ. A write that covers a whole sector, or all of it within the file, makes it
 * readable again; so does cutting the file before it. On VFS_NO_MEMORY some sectors are
 * unreadable. */
enum vfs_status vfs_disk_break(struct vfs_disk *disk, const char *path, uint64_t offset,
                               uint64_t size_bytes) VFS_MUST_CHECK;
/* Whether all bytes of the range lie in readable sectors. vfs_disk_read() reads unreadable ones,
 * too. */
bool vfs_disk_is_readable(const struct vfs_inode *inode, uint64_t offset, uint64_t size_bytes) VFS_MUST_CHECK;

/* Aborts unless the invariants of the disk hold (vfs/disk/README.md, V1 to V6 and V9). Costs a pass
 * over all files. */
void vfs_disk_assert(const struct vfs_disk *disk);

/* ---- calls, hooks, effects ------------------------------------------------------------------- */

/* The methods of sqlite3_vfs and sqlite3_io_methods at which a hook can see, fail or crash a
 * call. */
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

/* What a file is to SQLite. */
enum vfs_file_kind {
	VFS_FILE_NONE = 0, /* also: the call concerns no file */
	VFS_FILE_DB,
	VFS_FILE_JOURNAL,
	VFS_FILE_WAL,
	VFS_FILE_SUPER_JOURNAL,
	VFS_FILE_SHM, /* calls of the xShm family */
	VFS_FILE_TEMP,
	VFS_FILE_OTHER, /* opened without a file type of SQLite, as an engine's own journal is */
	VFS_FILE_COUNT
};

struct vfs_process;
struct vfs_file;

/* A call, as a hook sees it. The pointers are valid during the hook only. */
struct vfs_call {
	struct vfs_process *process;
	enum vfs_method method;
	enum vfs_file_kind file_kind;
	const char *path;            /* NULL when the call concerns no file */
	uint64_t offset;             /* read, write: bytes; shm lock: first slot; shm map: number of
	                              * the region */
	uint64_t size;               /* read, write: bytes; truncate: new size; lock, unlock: level;
	                              * shm lock: slots; sleep: us */
	uint32_t flags;              /* open, sync, shm lock: SQLite's flags; access: its test;
	                              * delete: syncDir; file control: op */
	const void *data;            /* write: the bytes; else NULL */
	const struct vfs_file *file; /* the open file; NULL for what is asked of a path */
};

/* What SQLite, or a program's own journal, is doing at a call. One row each in phase.c. */
enum vfs_phase {
	VFS_PHASE_NONE = 0,
	VFS_PHASE_JOURNAL_CREATION,
	VFS_PHASE_JOURNAL_HEADER,
	VFS_PHASE_JOURNAL_RECORD,
	VFS_PHASE_JOURNAL_COUNT,
	VFS_PHASE_JOURNAL_SYNC,
	VFS_PHASE_DIRECTORY_SYNC,
	VFS_PHASE_SUPER_JOURNAL_NAME,
	VFS_PHASE_SUPER_JOURNAL_WRITE,
	VFS_PHASE_SUPER_JOURNAL_SYNC,
	VFS_PHASE_SUPER_JOURNAL_DELETION,
	VFS_PHASE_SUPER_JOURNAL_CHECK,
	VFS_PHASE_DATABASE_WRITE,
	VFS_PHASE_DATABASE_SYNC,
	VFS_PHASE_DATABASE_TRUNCATION,
	VFS_PHASE_JOURNAL_DELETION,
	VFS_PHASE_JOURNAL_TRUNCATION,
	VFS_PHASE_JOURNAL_ZEROING,
	VFS_PHASE_JOURNAL_END_SYNC,
	VFS_PHASE_ROLLBACK_READ,
	VFS_PHASE_ROLLBACK_WRITE,
	VFS_PHASE_ROLLBACK_SYNC,
	VFS_PHASE_HOT_JOURNAL_CHECK,
	VFS_PHASE_RECOVERY_JOURNAL_SYNC,
	VFS_PHASE_RECOVERY_READ,
	VFS_PHASE_RECOVERY_WRITE,
	VFS_PHASE_RECOVERY_TRUNCATION,
	VFS_PHASE_RECOVERY_SYNC,
	VFS_PHASE_RECOVERY_END,
	VFS_PHASE_WAL_HEADER,
	VFS_PHASE_WAL_RESTART,
	VFS_PHASE_WAL_FRAME,
	VFS_PHASE_WAL_COMMIT_FRAME,
	VFS_PHASE_WAL_SYNC,
	VFS_PHASE_WAL_TRUNCATION,
	VFS_PHASE_WAL_DELETION,
	VFS_PHASE_WAL_RECOVERY,
	VFS_PHASE_CHECKPOINT_READ,
	VFS_PHASE_CHECKPOINT_WAL_SYNC,
	VFS_PHASE_CHECKPOINT_WRITE,
	VFS_PHASE_CHECKPOINT_TRUNCATION,
	VFS_PHASE_CHECKPOINT_SYNC,
	VFS_PHASE_OWN_JOURNAL_WRITE,
	VFS_PHASE_OWN_JOURNAL_SYNC,
	VFS_PHASE_OWN_JOURNAL_TRUNCATION,
	VFS_PHASE_OWN_JOURNAL_DELETION,
	VFS_PHASE_OWN_JOURNAL_READ,
	VFS_PHASE_LOCK,
	VFS_PHASE_WAL_INDEX,
	VFS_PHASE_READ,
	VFS_PHASE_OPEN,
	VFS_PHASE_TEMP,
	VFS_PHASE_SLEEP,
	VFS_PHASE_COUNT
};

struct vfs_phase_row {
	const char *name;  /* in plans, scenarios and results: "wal_commit_frame" */
	const char *about; /* one line for people */
	uint32_t methods;  /* bit 1 << enum vfs_method: the calls that can be in it */
	uint32_t files;    /* bit 1 << enum vfs_file_kind: as such a call names its file; 0: none */
};
const struct vfs_phase_row *vfs_phase_row(enum vfs_phase phase);
/* "?" for unknown numbers. */
const char *vfs_phase_name(enum vfs_phase phase);
/* The phase of a call. To be asked in the `before` hook: it looks at the files as they are. */
enum vfs_phase vfs_phase_of(const struct vfs_call *call);
/* Whether the open rollback journal that a call is about ends with the name of a super-journal. */
bool vfs_phase_ends_with_name(const struct vfs_call *call);

/* What the hook wants done with a call. All zero: nothing special. */
struct vfs_answer {
	enum vfs_effect effect;
	int result;                  /* BEFORE, PARTIAL, AFTER: the SQLite result code to return;
	                              * else 0 */
	uint32_t partial_bytes;      /* PARTIAL on xWrite: less than the size of the write */
	uint8_t mask;                /* FLIPPED: the bits */
	bool die;                    /* the process is killed at that very point: after the
	                              * effect */
	uint64_t offset;             /* MISDIRECTED: bytes into the file; FLIPPED: bytes into the
	                              * read, modulo its size */
	const char *path;            /* MISDIRECTED: an existing file, valid during the call; NULL:
	                              * the same file */
	const struct vfs_disk *past; /* STALE: an earlier snapshot; NULL: what is on the medium
	                              * now */
};

/* The legal injections into one method: a row of the table in effect.c (docs/fault-model.md,
 * section 1). A set of effects has the bit 1 << enum vfs_effect for each. What depends on the call
 * is not in the table: vfs_answer_is_legal() knows it. */
struct vfs_effect_row {
	uint32_t failing; /* effects with which a call may fail with one of the codes */
	uint32_t lying;   /* effects with which it reports success */
	uint32_t dying;   /* effects that may come before death */
	int codes[8];     /* SQLite result codes, the usual one first, ended by 0 */
};
/* The row of a method. Aborts for VFS_METHOD_NONE and unknown numbers. */
const struct vfs_effect_row *vfs_effect_row(enum vfs_method method);
/* Whether an answer may be given to a call. Any other answer aborts. These depend on the call:
 *   xWrite           PARTIAL: fewer bytes than the write has
 *   xLock            PARTIAL: EXCLUSIVE was asked for
 *   xShmLock         BUSY: not when a lock is given back
 *   xShmMap          READONLY: only AFTER, with the memory
 *   xDelete          LIE and IOERR_DIR_FSYNC: syncDir is set; the latter only AFTER
 *   xOpen            READ_ONLY: writing was asked for
 *   xFileControl     errors: only of SIZE_HINT, SYNC and COMMIT_PHASETWO */
bool vfs_answer_is_legal(const struct vfs_call *call, const struct vfs_answer *answer) VFS_MUST_CHECK;

/* The world around a process. A function that is NULL does nothing: no fault, time stands still at
 * the epoch, random bytes are all alike, and 0 answers each question. A hook may switch to another
 * process; it must not destroy its own. */
struct vfs_hooks {
	void *context; /* the first argument of every function */
	/* Comes before every call of a living process, except xRandomness and the clocks. *answer
	 * is zero. */
	void (*before)(void *context, const struct vfs_call *call, struct vfs_answer *answer);
	/* Comes after the call, unless the process died in it. `result` is the SQLite result code.
	 * `value` is what the call gave back. xFileSize: the size. xAccess and xCheckReservedLock:
	 * the flag. xRead: XXH3-64 of the bytes read. Else 0. */
	void (*after)(void *context, const struct vfs_call *call, int result, uint64_t value);
	/* Comes after the death that an answer asked for. */
	void (*died)(void *context, struct vfs_process *process);
	int64_t (*now_ns)(void *context);                  /* virtual time since the Unix epoch */
	void (*sleep)(void *context, int64_t duration_ns); /* advances virtual time */
	void (*random)(void *context, void *buffer, size_t size_bytes);
	vfs_chooser chooser; /* for PARTIAL on xSync */
};

/* ---- processes ------------------------------------------------------------------------------- */

/* Starts a simulated process on a disk and registers its sqlite3_vfs under `name`, but not as the
 * default. No living process may have that name. Name and hooks are copied. NULL when out of
 * memory. The disk must outlive the process. */
struct vfs_process *vfs_process_create(struct vfs_disk *disk, const char *name, const struct vfs_hooks *hooks);
/* Kills, unregisters and frees a process. Every connection opened through it must be closed.
 * NULL-safe. */
void vfs_process_destroy(struct vfs_process *process);
/* Kills and unregisters a process whose connections nobody has closed. It is never freed: whatever
 * they still call fails without effect. */
void vfs_process_abandon(struct vfs_process *process);
/* Kills a process. Its locks drop, and its shared memory goes unless another living process has it
 * mapped. Every further call through its VFS fails with SQLITE_IOERR and changes nothing; xClose
 * still frees. Close its connections before a living process makes a call. Killing twice is
 * harmless. */
void vfs_process_kill(struct vfs_process *process);
bool vfs_process_is_dead(const struct vfs_process *process) VFS_MUST_CHECK;
/* The name given to vfs_process_create; valid as long as the process. */
const char *vfs_process_name(const struct vfs_process *process);
/* The number of files that SQLite has open through the process. */
size_t vfs_process_open_files(const struct vfs_process *process);

/* How a process locks databases (vfs/process/lock_style.c). */
enum vfs_lock_style {
	VFS_LOCKS_POSIX = 0, /* as SQLite's unix VFS does */
	VFS_LOCKS_DOT_FILE,  /* by a file beside the database; there is no shared memory then */
	VFS_LOCKS_VOID,      /* each is granted, and keeps nobody off */
	VFS_LOCK_STYLE_COUNT
};
/* Before the process has opened anything. */
void vfs_process_set_lock_style(struct vfs_process *process, enum vfs_lock_style style);
/* Likewise: nobody else sees what the process writes into a WAL index, and it sees nobody's. Its
 * locks on the index are those of all. */
void vfs_process_set_own_index(struct vfs_process *process);
/* Drops locks that the process has, of which SQLite goes on to believe that it has them: what
 * close(2) of the file does to POSIX locks, and what a child of fork(2) finds. Those on the file of
 * the path (VFS_FILE_DB), on its WAL index with the dead man switch (VFS_FILE_SHM), or both
 * (VFS_FILE_NONE); NULL: of all paths. Another style than POSIX keeps them. False when it had none
 * of them. */
bool vfs_process_drop_locks(struct vfs_process *process, const char *path, enum vfs_file_kind kind) VFS_MUST_CHECK;

/* Aborts unless the invariants of the disk hold, and those of all locks and shared memories on it
 * (vfs/process/README.md, V7 and V8). */
void vfs_assert(const struct vfs_disk *disk);

/* Takes a database lock as another connection of this process would, but without SQLite: for a
 * process that only gets in the way. Opens the file and takes the lock of `level`,
 * SQLITE_LOCK_SHARED to EXCLUSIVE. With `wal`, EXCLUSIVE means the write lock of the WAL index. On
 * SQLITE_OK the caller owns *hold, to be given to vfs_process_release before the process is
 * destroyed. Else SQLITE_BUSY, SQLITE_CANTOPEN when there is no file, or SQLITE_NOMEM. */
struct vfs_hold;
int vfs_process_hold(struct vfs_process *process, const char *path, int level, bool wal, struct vfs_hold **hold);
void vfs_process_release(struct vfs_hold *hold);

/* ---- who holds what -------------------------------------------------------------------------- */

/* The eight locks of a WAL index, as SQLite numbers them (walformat.html, section 2.3.1). */
enum vfs_shm_slot {
	VFS_SHM_SLOT_WRITE = 0,
	VFS_SHM_SLOT_CHECKPOINT,
	VFS_SHM_SLOT_RECOVER,
	/* READ_0 to READ_4. A reader sees the snapshot of the read mark of its slot; with READ_0 it
	 * reads the database file alone. */
	VFS_SHM_SLOT_READ_0,
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
	uint32_t shm_shared;    /* bit 1 << enum vfs_shm_slot for each slot that it has shared */
	uint32_t shm_exclusive; /* the same for slots that it has exclusively */
};
/* Visits the open files of a process that have any lock, the one opened last first. What is visited
 * is valid during the call only. */
typedef void (*vfs_lock_visitor)(void *context, const struct vfs_held_locks *held);
void vfs_process_visit_locks(const struct vfs_process *process, vfs_lock_visitor visitor, void *context);

/* What the header of a WAL index says. */
struct vfs_wal_index {
	bool is_torn;                        /* its two copies differ: a writer is at it, or died at
	                                      * it */
	bool is_initialised;                 /* false: the next reader recovers it */
	uint32_t max_frame;                  /* the last committed frame of the WAL */
	uint32_t page_count;                 /* of the database, as of that frame */
	uint32_t backfilled;                 /* frames that a checkpoint has copied into the
	                                      * database */
	uint32_t read_marks[VFS_READ_MARKS]; /* VFS_READ_MARK_UNUSED: no reader */
};
/* Reads the header of the WAL index of a database file. False when nobody has it mapped. */
bool vfs_disk_read_wal_index(const struct vfs_disk *disk, const char *path, struct vfs_wal_index *index) VFS_MUST_CHECK;

/* Names for people: "shared" for SQLITE_LOCK_SHARED, "READ_2" for a slot. "?" for unknown
 * numbers. */
const char *vfs_lock_level_name(int level);
const char *vfs_shm_slot_name(enum vfs_shm_slot slot);

/* Names in plans, traces and scenarios: "xWrite", "wal", "before", "ext4". "?" for unknown
 * numbers. */
const char *vfs_method_name(enum vfs_method method);
const char *vfs_file_kind_name(enum vfs_file_kind kind);
const char *vfs_effect_name(enum vfs_effect effect);
const char *vfs_sync_model_name(enum vfs_sync_model model);

#endif
