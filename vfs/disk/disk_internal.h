/* vfs/disk/disk_internal.h: the inside of the disk, shared by the files of vfs/ and seen by nobody else. vfs/README.md has the
 * model and the invariants V1.. that the comments cite.
 */
#ifndef AFTERSHOCK_VFS_DISK_INTERNAL_H
#define AFTERSHOCK_VFS_DISK_INTERNAL_H

#undef NDEBUG
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "vfs.h"

/* Under the address sanitizer nothing is pooled, so that a use after release is seen. */
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

/* memcpy and memset of lengths that the compiler can bound by a block become `rep movsq` (gcc 12), whose start costs as much as
 * a small copy; the library's functions are faster at every length. Hiding the length keeps the call. */
static inline void vfs_copy_bytes(void *to, const void *from, size_t size_bytes) {
	__asm__("" : "+r"(size_bytes));
	memcpy(to, from, size_bytes);
}

static inline void vfs_zero_bytes(void *to, size_t size_bytes) {
	__asm__("" : "+r"(size_bytes));
	memset(to, 0, size_bytes);
}

/* ---- blocks and images (block.c, image.c) -------------------------------------------------------------------------- */

#define VFS_BLOCK_BYTES 4096u

/* 4096 bytes of content, counted: images of several inodes and disks and pending writes share it. Changed only by an image
 * whose reference is the single one, and then only where pending writes have no bytes (V4). */
struct vfs_block {
	uint32_t references; /* of images */
	uint32_t pins;       /* by pending writes */
	struct vfs_block *next_free;
	uint8_t bytes[VFS_BLOCK_BYTES];
};

/* The blocks that nothing refers to. */
struct vfs_block_pool {
	struct vfs_block *first;
	uint32_t count;
};
extern struct vfs_block_pool vfs_block_pool;

bool vfs_block_fill(uint32_t count); /* until the pool has `count` blocks */

/* Makes sure that the next `count` calls of vfs_block_take() succeed. False when out of memory. */
static inline bool vfs_block_reserve(uint32_t count) {
	return count <= vfs_block_pool.count || vfs_block_fill(count);
}

/* A block with one reference, not pinned, and with undefined bytes. Must have been reserved. */
static inline struct vfs_block *vfs_block_take(void) {
	struct vfs_block *block = vfs_block_pool.first;
	assert(block != NULL);
	vfs_block_pool.first = block->next_free;
	vfs_block_pool.count--;
	block->references = 1;
	block->pins = 0;
	return block;
}

/* Takes back a block that nothing refers to. */
void vfs_block_recycle(struct vfs_block *block);

static inline void vfs_block_release(struct vfs_block *block) { /* NULL-safe */
	if (block != NULL && --block->references == 0 && block->pins == 0) {
		vfs_block_recycle(block);
	}
}

/* What a pending write does when it is one no longer. */
static inline void vfs_block_unpin(struct vfs_block *block) {
	if (--block->pins == 0 && block->references == 0) {
		vfs_block_recycle(block);
	}
}

/* The content of a file: a slot per block, NULL for a hole. Bytes of a block beyond the size mean nothing (V2). */
struct vfs_image {
	struct vfs_block **blocks;
	uint32_t count;     /* slots in use: the size in blocks, rounded up */
	uint32_t room;      /* slots there is memory for */
	uint32_t allocated; /* slots that are not NULL */
	uint64_t size_bytes;
};

/* The number of blocks that `size_bytes` take. */
static inline uint32_t vfs_image_block_count(uint64_t size_bytes) {
	return (uint32_t)((size_bytes + VFS_BLOCK_BYTES - 1) / VFS_BLOCK_BYTES);
}

bool vfs_image_enlarge(struct vfs_image *image, uint32_t count);

/* Makes room for `count` slots. False when out of memory; then nothing has changed. */
static inline bool vfs_image_reserve(struct vfs_image *image, uint32_t count) {
	return count <= image->room || vfs_image_enlarge(image, count);
}

/* What to give for `pinned_end` below when any byte may be one of a pending write. */
#define VFS_PINNED_ANYWHERE UINT64_MAX
/* Writes; room and blocks (as many as the range touches and one more) must have been reserved. Blocks that pending writes
 * hold are copied, unless the change is at or beyond `pinned_end`, where the bytes of these writes end. */
void vfs_image_write(struct vfs_image *image, uint64_t offset, const uint8_t *data, size_t size_bytes,
                     uint64_t pinned_end);
/* Sets the size; room and one block must have been reserved. What is cut off reads as zeros if the file grows again. */
void vfs_image_resize(struct vfs_image *image, uint64_t size_bytes, uint64_t pinned_end);
size_t vfs_image_read(const struct vfs_image *image, uint64_t offset, uint8_t *buffer, size_t size_bytes);
/* The number of holes in a range, blocks beyond the end included: the space that a write there would take. */
uint32_t vfs_image_holes(const struct vfs_image *image, uint64_t offset, uint64_t size_bytes);
/* Makes the slots of [first, end) share the blocks of `from`; counts and sizes must agree already. */
void vfs_image_share(struct vfs_image *image, const struct vfs_image *from, uint32_t first, uint32_t end);
/* Drops the slots beyond `count`, or adds holes up to it. Room must have been reserved. */
void vfs_image_set_count(struct vfs_image *image, uint32_t count);
void vfs_image_clear(struct vfs_image *image);  /* empties, keeps the room */
void vfs_image_deinit(struct vfs_image *image); /* empties and frees */

/* ---- inodes (inode.c) ---------------------------------------------------------------------------------------------- */

/* One operation on a file that is not yet durable. */
struct vfs_pending {
	uint64_t offset;       /* truncate: the new size */
	uint64_t size_bytes;   /* truncate: 0 */
	uint64_t touched_from; /* the first byte that changed: `offset`, or the end of the file before, when lower */
	size_t first_pinned;   /* write: its bytes are in the blocks from here on in the inode's `pinned` */
	uint64_t number;       /* its place among all operations of the disk */
	bool truncate;
	bool grows; /* the write went beyond the end of the file */
};

enum vfs_name_kind { VFS_NAME_LINK = 1, VFS_NAME_UNLINK, VFS_NAME_RENAME };

/* The text of a name, counted and never changed. */
struct vfs_name {
	uint32_t references;
	uint32_t length;
	char text[];
};

/* One operation on the names of a directory that is not yet durable. */
struct vfs_name_operation {
	enum vfs_name_kind kind;
	uint64_t number; /* its place among all operations of the disk */
	struct vfs_name *name;
	struct vfs_name *to; /* rename only */
	struct vfs_inode *inode;
};

/* A name of a directory: what it means to programs and what it means on the medium; one of them may be NULL, not both. */
struct vfs_entry {
	struct vfs_name *name;
	struct vfs_inode *now;
	struct vfs_inode *durable;
};

struct vfs_file;
struct vfs_inode;
struct vfs_shm;

/* The database locks on a file, over all processes (lock.c, V7). */
struct vfs_lock {
	uint32_t shared_count;   /* handles at SHARED or above */
	struct vfs_file *writer; /* the one handle above SHARED */
	bool is_reserved;        /* the writer got there by RESERVED: to other processes only that shows */
};

void vfs_lock_assert(const struct vfs_inode *inode); /* V7 */

/* A file or a directory. Lives while anything refers to it: a name, volatile or durable, a pending name operation, a handle. */
struct vfs_inode {
	struct vfs_disk *disk;
	struct vfs_inode *next; /* all inodes of the disk, newest first; or the pool's free list */
	struct vfs_inode *previous;
	struct vfs_inode *copy; /* during vfs_disk_snapshot: the twin in the new disk */
	uint32_t references;    /* entries' now and durable, name operations, handles */
	uint32_t live;          /* of these: entries' now and handles. At 0 its space is free */
	uint32_t handles;
	bool is_directory;
	bool damaged;  /* damage has been done since the last sync: V1 cannot be recomputed */
	bool diverged; /* now and durable differ beyond what is pending, since a sync failed or a write was not stored */
	bool sync_error_is_unseen; /* nobody has been told of the last one: who opens the file next will be, too */
	uint32_t sync_errors;      /* that each handle which has seen fewer must be told of (sync.c) */
	uint32_t broken_count;     /* sectors that cannot be read (medium.c) */
	uint64_t *broken;          /* their numbers, in the order in which they broke; NULL when there are none */

	struct vfs_image now;
	struct vfs_image durable;
	struct vfs_pending *pending;
	size_t pending_count;
	size_t pending_room;
	uint64_t pending_bytes; /* memory that pending writes hold, estimated; bounded by VFS_PENDING_BYTES_MAX */
	uint64_t pinned_end;    /* where the bytes of pending writes end */
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
	struct vfs_shm *shm; /* mapped by at least one living handle, or NULL */
};

/* What the kernel writes back by itself (V9). */
#define VFS_PENDING_BYTES_MAX (UINT64_C(16) << 20)
#define VFS_PENDING_COUNT_MAX 65536u
#define VFS_PENDING_OPERATIONS_MAX 256u
/* The largest file; a write or truncate beyond finds the disk full. A page number that a lying disk has made of garbage would otherwise
 * make a file of holes of which the list of blocks alone takes seconds. */
#define VFS_FILE_BYTES_MAX (UINT64_C(1) << 30)

struct vfs_disk {
	struct vfs_disk_options options; /* with the defaults filled in */
	uint64_t capacity_blocks;        /* UINT64_MAX: unlimited */
	uint64_t used_blocks;            /* V3 */
	struct vfs_inode *root;
	struct vfs_inode *inodes;
	uint32_t living;            /* processes that are not dead */
	struct vfs_shm *saved_shms; /* shared memories with a saved copy (shm.c) */
	uint64_t temp_count;        /* temporary files named so far */
	uint64_t operation_number;  /* of the next operation on a file or a name */
	bool keeps_order;           /* what gets to the medium is a prefix of all operations (order.c) */
};

/* An inode with no references; the caller takes the first. NULL when out of memory. */
struct vfs_inode *vfs_inode_create(struct vfs_disk *disk, bool is_directory);
void vfs_inode_refer(struct vfs_inode *inode);
void vfs_inode_release(struct vfs_inode *inode); /* NULL-safe; frees at the last reference */
/* As above, for references that keep the space taken. */
void vfs_inode_refer_live(struct vfs_inode *inode);
void vfs_inode_release_live(struct vfs_inode *inode); /* NULL-safe */
/* Forgets all pending operations of a file. */
void vfs_inode_clear_pending(struct vfs_inode *inode);
/* to := from, in everything that pending operations touch; then V1 holds with an empty list. */
void vfs_inode_settle(struct vfs_inode *inode, struct vfs_image *to, const struct vfs_image *from);
/* Writes a part, from byte `at` of the file on, of a pending write to an image. Aborts when out of memory. */
void vfs_inode_put(const struct vfs_inode *inode, const struct vfs_pending *write, struct vfs_image *image, uint64_t at,
                   uint64_t size_bytes);
/* Resizes an image as a pending truncate does. Aborts when out of memory. */
void vfs_inode_put_size(struct vfs_image *image, uint64_t size_bytes);
/* A file without a name, open once. It can survive no power loss. NULL when out of memory. */
struct vfs_inode *vfs_inode_open_nameless(struct vfs_disk *disk);
/* now := durable, wholly: the cache is dropped, with all that is pending. */
void vfs_inode_reload(struct vfs_inode *inode);
/* How many of the `size_bytes` at `offset` still fit on the disk. */
size_t vfs_inode_fitting_bytes(const struct vfs_inode *inode, uint64_t offset, size_t size_bytes);

bool vfs_array_enlarge(void **items, size_t *room, size_t count, size_t item_size_bytes);

/* Grows an array so that it has room for `count`. False when out of memory. */
static inline bool vfs_array_reserve(void **items, size_t *room, size_t count, size_t item_size_bytes) {
	return count <= *room || vfs_array_enlarge(items, room, count, item_size_bytes);
}

/* ---- names (name.c) ------------------------------------------------------------------------------------------------ */

/* A path taken apart: the directory, and the last name in it (length 0: the root itself). */
struct vfs_place {
	struct vfs_inode *directory;
	const char *name;
	uint32_t length;
};

enum vfs_status vfs_name_locate(const struct vfs_disk *disk, const char *path, struct vfs_place *place);
/* The entry of a name or NULL. */
struct vfs_entry *vfs_name_find(const struct vfs_inode *directory, const char *name, uint32_t length);
/* What a path means to programs now, or NULL. */
struct vfs_inode *vfs_name_lookup(const struct vfs_disk *disk, const char *path);
/* Takes a name, as vfs_disk_unlink() does; with `file_only` not one of a directory. */
enum vfs_status vfs_name_unlink(const struct vfs_place *place, bool file_only);
/* Makes all pending operations of a directory durable; where order is kept, all of the disk. */
void vfs_name_sync(struct vfs_inode *directory);
/* Those of the directory alone. */
void vfs_name_settle(struct vfs_inode *directory);
/* Gives a new inode a name, as a pending operation. */
enum vfs_status vfs_name_link(const struct vfs_place *place, struct vfs_inode *inode);
struct vfs_name *vfs_name_create(const char *text, uint32_t length);
void vfs_name_release(struct vfs_name *name); /* NULL-safe */
/* Carries out one pending operation on the durable names. */
void vfs_name_apply(struct vfs_inode *directory, const struct vfs_name_operation *operation);
void vfs_name_clear_operations(struct vfs_inode *directory);
/* Removes the entries that mean nothing any more. */
void vfs_name_sweep(struct vfs_inode *directory);
/* Frees entries and operations of a directory that goes. */
void vfs_name_deinit_directory(struct vfs_inode *directory);

/* ---- power (power.c)  ----------------------------------------------------------------------------------------------- */

/* A sync that fails half way: the part of the pending operations that the chooser picks gets to the medium; what programs
 * see does not change. With `journalled` sizes and truncates get there in any case. True when everything got there; then
 * nothing is pending any more, else all still is. */
bool vfs_power_sync_partly(struct vfs_inode *inode, bool journalled, vfs_chooser chooser, void *context);

/* ---- order (order.c) ----------------------------------------------------------------------------------------------- */

/* Where order is kept nothing gets to the medium before what is older: all pending operations become durable. */
void vfs_order_sync_all(struct vfs_disk *disk);
/* The numbers of all pending operations of a disk, sorted; free() it. Aborts when out of memory. */
uint64_t *vfs_order_numbers(const struct vfs_disk *disk, size_t *count);

/* ---- medium (medium.c) --------------------------------------------------------------------------------------------- */

/* Unreadable sectors of which a write covers all that is in the file can be read again. */
void vfs_medium_mend(struct vfs_inode *inode, uint64_t offset, uint64_t size_bytes);
/* So can those beyond the end, if the file ever gets there again. */
void vfs_medium_forget_beyond(struct vfs_inode *inode, uint64_t size_bytes);
/* A write that is seen and never gets to the medium. */
enum vfs_status vfs_medium_write_unstored(struct vfs_inode *inode, uint64_t offset, const void *data,
                                          size_t size_bytes);

#endif
