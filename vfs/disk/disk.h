/* vfs/disk/disk.h: what the disk shows to vfs/process, beyond the public calls of vfs.h.
 *
 * The process room reads the fields of inodes and disks that are marked so below. It writes only
 * `lock`, `shm`, the counts of sync errors, `living`, `saved_shms` and `temp_count`. The disk never
 * looks into a lock or a shared memory: it only keeps them, because processes meet at the inode.
 * README.md has the model and the invariants V1 to V6 and V9.
 */
#ifndef AFTERSHOCK_VFS_DISK_H
#define AFTERSHOCK_VFS_DISK_H

#undef NDEBUG
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vfs.h"

/* The address sanitizer sees a use after release only if nothing is pooled. */
#if defined(__SANITIZE_ADDRESS__)
#define VFS_POOLED false
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define VFS_POOLED false
#endif
#endif
#ifndef VFS_POOLED
#define VFS_POOLED true
#endif

struct vfs_block;
struct vfs_entry;
struct vfs_file;
struct vfs_name_operation;
struct vfs_pending;
struct vfs_shm;

/* ---- inodes (inode.c) ------------------------------------------------------------------------ */

#define VFS_BLOCK_BYTES 4096u

/* The content of a file: one slot per block, NULL for a hole. Bytes beyond the size mean nothing
 * (V2). */
struct vfs_image {
	struct vfs_block **blocks;
	uint32_t count;     /* slots in use: the size in blocks, rounded up */
	uint32_t room;      /* slots that fit into the allocated array */
	uint32_t allocated; /* slots that are not NULL (V3) */
	uint64_t size_bytes;
};

/* The database locks on a file, over all processes. vfs/process/lock.c takes and drops them
 * (V7). */
struct vfs_lock {
	uint32_t shared_count;   /* handles at SHARED or above */
	struct vfs_file *writer; /* the one handle above SHARED, or NULL */
	bool is_reserved;        /* the writer came by RESERVED; other processes see nothing else */
};

/* The locks on the WAL index of a file, likewise (vfs/process/shm.c). */
#define VFS_INDEX_LOCKS 8
struct vfs_index_lock {
	uint32_t shared[VFS_INDEX_LOCKS];            /* handles with a shared lock */
	struct vfs_file *exclusive[VFS_INDEX_LOCKS]; /* who has the exclusive lock, or NULL */
};

/* A file or a directory. It lives while anything refers to it: a volatile name, a durable name, a
 * pending operation on a name, or a handle (V5). */
struct vfs_inode {
	struct vfs_disk *disk;
	struct vfs_inode *next; /* all inodes of the disk, newest first; or the free list of the
	                         * pool */
	struct vfs_inode *previous;
	struct vfs_inode *copy; /* only during vfs_disk_snapshot: the twin in the new disk */
	uint32_t references;    /* of all kinds */
	uint32_t live;          /* volatile names and handles only; at 0 the space is free */
	uint32_t handles;
	bool is_directory;         /* vfs/process reads it */
	bool damaged;              /* damaged since the last sync, so V1 cannot be recomputed */
	bool diverged;             /* a failed sync or an unstored write made now and durable differ
	                            * for good */
	bool sync_error_is_unseen; /* no handle has reported the last error, so the next one to open
	                            * the file will */
	uint32_t sync_errors;      /* errors so far; a handle that has seen fewer must report one
	                            * (vfs/process/faulty.c) */
	uint32_t broken_count;     /* unreadable sectors; vfs/process reads it */
	uint64_t *broken;          /* their numbers, oldest first; NULL when there are none */

	struct vfs_image now;
	struct vfs_image durable;
	struct vfs_pending *pending;
	size_t pending_count;
	size_t pending_room;
	uint64_t pending_bytes; /* estimate of the memory that pending writes pin (V9) */
	uint64_t pinned_end;    /* offset at which the bytes of pending writes end */
	struct vfs_block **pinned;
	size_t pinned_count;
	size_t pinned_room;

	struct vfs_entry *entries; /* sorted by name */
	size_t entry_count;
	size_t entry_room;
	struct vfs_name_operation *operations;
	size_t operation_count;
	size_t operation_room;

	struct vfs_lock lock;
	struct vfs_file *dot_file; /* the handle that has made the dot-file beside it
	                            * (vfs/process/lock_style.c), or NULL */
	struct vfs_index_lock index_lock;
	struct vfs_shm *shm; /* NULL unless a handle of a living process has it mapped and shares
	                      * it */
};

struct vfs_disk {
	struct vfs_disk_options options; /* complete: no defaults left to fill in */
	uint64_t capacity_blocks;        /* UINT64_MAX: unlimited */
	uint64_t used_blocks;            /* V3 */
	struct vfs_inode *root;
	struct vfs_inode *inodes;
	uint32_t living;            /* processes that are not dead */
	struct vfs_shm *saved_shms; /* shared memories with a saved copy (vfs/process/shm.c) */
	uint64_t temp_count;        /* temporary files named so far */
	uint64_t operation_number;  /* of the next operation on a file or a name */
	bool keeps_order;           /* the medium always has a prefix of all operations (order.c) */
};

/* Makes a file without a name and opens it once. No power loss leaves anything of it. NULL when out
 * of memory. */
struct vfs_inode *vfs_inode_open_nameless(struct vfs_disk *disk);

/* How many of the `size_bytes` at `offset` still fit on the disk, in whole blocks. */
size_t vfs_inode_fitting_bytes(const struct vfs_inode *inode, uint64_t offset, size_t size_bytes);

/* Reads what is on the medium, as vfs_disk_read() reads what programs see. Returns the number of
 * bytes read. */
size_t vfs_inode_read_durable(const struct vfs_inode *inode, uint64_t offset, void *buffer, size_t size_bytes);

/* The slow half of vfs_array_reserve(). */
bool vfs_array_enlarge(void **items, size_t *room, size_t count, size_t item_size_bytes) VFS_MUST_CHECK;

/* Grows an array so that it has room for `count` items. False when out of memory; the array is then
 * as it was. */
static inline bool vfs_array_reserve(void **items, size_t *room, size_t count, size_t item_size_bytes) {
	return count <= *room || vfs_array_enlarge(items, room, count, item_size_bytes);
}

/* ---- names (name.c) -------------------------------------------------------------------------- */

/* A path taken apart. */
struct vfs_place {
	struct vfs_inode *directory;
	const char *name; /* the last name in the path; points into it */
	uint32_t length;  /* of the name; 0: the path is the directory itself, the root or one that
	                   * ends in a dot */
};

/* Takes a path apart, as a kernel does (path_resolution(7)). VFS_NOT_FOUND when a directory of it
 * is missing or the path is empty. VFS_NOT_A_DIRECTORY when it goes through a file.
 * VFS_NAME_TOO_LONG beyond VFS_PATH_MAX bytes. With a slash at its end, it must name a directory
 * that is there. */
enum vfs_status vfs_name_locate(const struct vfs_disk *disk, const char *path, struct vfs_place *place) VFS_MUST_CHECK;

/* The inode that programs see under a path, or NULL. Takes no reference. */
struct vfs_inode *vfs_name_lookup(const struct vfs_disk *disk, const char *path);

/* Removes a name as vfs_disk_unlink() does. With `file_only` a directory gives VFS_NOT_A_FILE. */
enum vfs_status vfs_name_unlink(const struct vfs_place *place, bool file_only) VFS_MUST_CHECK;

/* Makes all pending operations of a directory durable. A disk that keeps the order makes everything
 * durable. */
void vfs_name_sync(struct vfs_inode *directory);

/* ---- syncs and writes with a fault (power.c, medium.c) --------------------------------------- */

/* Syncs a part of the pending operations, which the chooser picks as at a power loss. What programs
 * see does not change. With `journalled`, sizes and truncates reach the medium in any case. True
 * when everything got there, and nothing is pending any more; else everything still is. */
bool vfs_power_sync_partly(struct vfs_inode *inode, bool journalled, vfs_chooser chooser, void *context) VFS_MUST_CHECK;

/* Writes what programs see and nothing else: the bytes never reach the medium. Returns as
 * vfs_disk_write(). */
enum vfs_status vfs_medium_write_unstored(struct vfs_inode *inode, uint64_t offset, const void *data,
                                          size_t size_bytes) VFS_MUST_CHECK;

#endif
