/* vfs/disk/disk_internal.h: the inside of the disk. The files of vfs/disk share it and nobody else
 * includes it. */
#ifndef AFTERSHOCK_VFS_DISK_INTERNAL_H
#define AFTERSHOCK_VFS_DISK_INTERNAL_H

#include <stdlib.h>
#include <string.h>

#include "disk.h"

/* Copies and clears through the library. When gcc 12 can bound the length by a block it emits `rep
 * movsq`, whose start costs as much as a small copy. The library is faster at every length, and
 * hiding the length keeps the call. */
static inline void vfs_copy_bytes(void *to, const void *from, size_t size_bytes) {
	__asm__("" : "+r"(size_bytes));
	memcpy(to, from, size_bytes);
}

static inline void vfs_zero_bytes(void *to, size_t size_bytes) {
	__asm__("" : "+r"(size_bytes));
	memset(to, 0, size_bytes);
}

/* ---- blocks and images (block.c, image.c) ---------------------------------------------------- */

/* 4096 bytes of content. Images of several inodes and disks share a block, and pending writes pin
 * it. An image changes a block in place only if it has the single reference, and only where pending
 * writes have no bytes (V4). */
struct vfs_block {
	uint32_t references; /* of images */
	uint32_t pins;       /* by pending writes */
	struct vfs_block *next_free;
	uint64_t hash;         /* of the first bytes, as many as are counted next */
	uint32_t hashed_bytes; /* 0: they may have changed since (V10) */
	uint8_t bytes[VFS_BLOCK_BYTES];
};

/* The blocks that nothing refers to. */
struct vfs_block_pool {
	struct vfs_block *first;
	uint32_t count;
};
extern struct vfs_block_pool vfs_block_pool;

/* Allocates until the pool has `count` blocks. False when out of memory. */
bool vfs_block_fill(uint32_t count) VFS_MUST_CHECK;

/* Makes sure that the next `count` calls of vfs_block_take() succeed. False when out of memory. */
static inline bool vfs_block_reserve(uint32_t count) {
	return count <= vfs_block_pool.count || vfs_block_fill(count);
}

/* Takes a block from the pool, which must have one: one reference, no pins, undefined bytes. */
static inline struct vfs_block *vfs_block_take(void) {
	struct vfs_block *block = vfs_block_pool.first;
	assert(block != NULL);
	vfs_block_pool.first = block->next_free;
	vfs_block_pool.count--;
	block->references = 1;
	block->pins = 0;
	block->hashed_bytes = 0;
	return block;
}

/* Gives a block that nothing refers to back to the pool. */
void vfs_block_recycle(struct vfs_block *block);

/* Drops the reference of an image. NULL-safe. */
static inline void vfs_block_release(struct vfs_block *block) {
	assert(block == NULL || block->references > 0);
	if (block != NULL && --block->references == 0 && block->pins == 0) {
		vfs_block_recycle(block);
	}
}

/* Drops the pin of a write that is no longer pending. */
static inline void vfs_block_unpin(struct vfs_block *block) {
	assert(block->pins > 0);
	if (--block->pins == 0 && block->references == 0) {
		vfs_block_recycle(block);
	}
}

/* The number of blocks that `size_bytes` take. */
static inline uint32_t vfs_image_block_count(uint64_t size_bytes) {
	return (uint32_t)((size_bytes + VFS_BLOCK_BYTES - 1) / VFS_BLOCK_BYTES);
}

/* The slow half of vfs_image_reserve(). */
bool vfs_image_enlarge(struct vfs_image *image, uint32_t count) VFS_MUST_CHECK;

/* Makes room for `count` slots. False when out of memory; then nothing has changed. */
static inline bool vfs_image_reserve(struct vfs_image *image, uint32_t count) {
	return count <= image->room || vfs_image_enlarge(image, count);
}

/* For `pinned_end` below: any byte may belong to a pending write. */
#define VFS_PINNED_ANYWHERE UINT64_MAX
/* Writes to an image. The caller has reserved the room, and as many blocks as the range touches and
 * one more. The image copies a pinned block before it changes it, unless the change lies at or
 * beyond `pinned_end`. */
void vfs_image_write(struct vfs_image *image, uint64_t offset, const uint8_t *data, size_t size_bytes,
                     uint64_t pinned_end);
/* Sets the size. The caller has reserved the room and one block. Bytes cut off read as zeros if the
 * file grows again. */
void vfs_image_resize(struct vfs_image *image, uint64_t size_bytes, uint64_t pinned_end);
/* Reads up to size_bytes and returns the number of bytes read, which is less only at the end. */
size_t vfs_image_read(const struct vfs_image *image, uint64_t offset, uint8_t *buffer, size_t size_bytes);
/* The XXH3 of the bytes of a slot that lie within the file; one must. The block keeps it. */
uint64_t vfs_image_hash_slot(const struct vfs_image *image, uint32_t index);
/* Counts the holes in a range, blocks beyond the end included: the blocks that a write there would
 * take. */
uint32_t vfs_image_holes(const struct vfs_image *image, uint64_t offset, uint64_t size_bytes);
/* Makes the slots of [first, end) share the blocks of `from`. Both images have the same count of
 * slots. */
void vfs_image_share(struct vfs_image *image, const struct vfs_image *from, uint32_t first, uint32_t end);
/* Drops the slots beyond `count`, or adds holes up to it. The caller has reserved the room. */
void vfs_image_set_count(struct vfs_image *image, uint32_t count);
/* Empties an image; clear keeps the array of slots, deinit frees it. */
void vfs_image_clear(struct vfs_image *image);
void vfs_image_deinit(struct vfs_image *image);

/* ---- inodes (inode.c) ------------------------------------------------------------------------ */

/* One operation on a file that is not yet durable. */
struct vfs_pending {
	uint64_t offset;       /* truncate: the new size */
	uint64_t size_bytes;   /* truncate: 0 */
	uint64_t touched_from; /* the first byte that changed: `offset`, or the end of the file
	                        * before, when lower */
	size_t first_pinned;   /* write: its bytes are in the blocks from here on in the inode's
	                        * `pinned` */
	uint64_t number;       /* its place among all operations of the disk */
	bool truncate;
	bool grows; /* the write went beyond the end of the file */
};

enum vfs_name_kind { VFS_NAME_LINK = 1, VFS_NAME_UNLINK, VFS_NAME_RENAME };

/* The text of a name: counted, and never changed. */
struct vfs_name {
	uint32_t references;
	uint32_t length;
	char text[];
};

/* Drops a reference to the text of a name. NULL-safe. */
static inline void vfs_name_release(struct vfs_name *name) {
	if (name != NULL && --name->references == 0) {
		free(name);
	}
}

/* One operation on the names of a directory that is not yet durable. */
struct vfs_name_operation {
	enum vfs_name_kind kind;
	uint64_t number; /* its place among all operations of the disk */
	struct vfs_name *name;
	struct vfs_name *to; /* rename only */
	struct vfs_inode *inode;
};

/* A name of a directory: what it means to programs and what it means on the medium; one of them may
 * be NULL, not both. */
struct vfs_entry {
	struct vfs_name *name;
	struct vfs_inode *now;
	struct vfs_inode *durable;
};

/* Limits at which the disk writes back by itself, as a kernel does (V9). */
#define VFS_PENDING_BYTES_MAX (UINT64_C(16) << 20)
#define VFS_PENDING_COUNT_MAX 65536u
#define VFS_PENDING_OPERATIONS_MAX 256u
/* The largest file. A write or truncate beyond it finds the disk full. Without the limit a page
 * number made of garbage would make a file of holes whose list of blocks alone takes seconds. */
#define VFS_FILE_BYTES_MAX (UINT64_C(1) << 30)

/* Makes an inode without references; the caller takes the first. NULL when out of memory. */
struct vfs_inode *vfs_inode_create(struct vfs_disk *disk, bool is_directory);
/* Take and drop a reference. Release is NULL-safe, and the last one frees the inode. */
void vfs_inode_refer(struct vfs_inode *inode);
void vfs_inode_release(struct vfs_inode *inode);
/* The same for references that keep the space taken: volatile names and handles. */
void vfs_inode_refer_live(struct vfs_inode *inode);
void vfs_inode_release_live(struct vfs_inode *inode);
/* Forgets all pending operations of a directory. */
void vfs_inode_clear_operations(struct vfs_inode *inode);
/* Frees the entries and operations of a directory. */
void vfs_inode_clear_entries(struct vfs_inode *inode);
/* Forgets the unreadable sectors in [first, end). */
void vfs_inode_forget_broken(struct vfs_inode *inode, uint64_t first, uint64_t end);
/* Forgets all pending operations of a file. */
void vfs_inode_clear_pending(struct vfs_inode *inode);
/* Copies `from` to `to` in everything that pending operations touch, and forgets these. Then V1
 * holds with an empty list. */
void vfs_inode_settle(struct vfs_inode *inode, struct vfs_image *to, const struct vfs_image *from);
/* Writes a part of a pending write to an image: size_bytes from offset `at` of the file on. Aborts
 * when out of memory. */
void vfs_inode_put(const struct vfs_inode *inode, const struct vfs_pending *write, struct vfs_image *image, uint64_t at,
                   uint64_t size_bytes);
/* Resizes an image as a pending truncate does. Aborts when out of memory. */
void vfs_inode_put_size(struct vfs_image *image, uint64_t size_bytes);
/* Makes now equal to durable: drops the cache with everything pending. */
void vfs_inode_reload(struct vfs_inode *inode);

/* ---- entries (entry.c) ----------------------------------------------------------------------- */

/* The entry of a name in a directory, or NULL. */
struct vfs_entry *vfs_entry_find(const struct vfs_inode *directory, const char *name, uint32_t length);
/* The same; a name that is not there gets an empty entry, which the caller fills. NULL when out of
 * memory. */
struct vfs_entry *vfs_entry_require(struct vfs_inode *directory, const char *text, uint32_t length) VFS_MUST_CHECK;
/* Sets what the name means to programs. `inode` may be NULL. */
void vfs_entry_set_now(struct vfs_entry *entry, struct vfs_inode *inode);
/* Removes the entry if it means nothing, now and durably. */
void vfs_entry_remove_if_empty(struct vfs_inode *directory, struct vfs_entry *entry);
/* Makes the pending operations of this one directory durable, also where the disk keeps the
 * order. */
void vfs_entry_settle(struct vfs_inode *directory);
/* Carries one pending operation out on the durable names. */
void vfs_entry_apply(struct vfs_inode *directory, const struct vfs_name_operation *operation);
/* Makes now equal to durable for every name, and removes the entries that mean nothing any more. */
void vfs_entry_sweep(struct vfs_inode *directory);

/* ---- names (name.c) -------------------------------------------------------------------------- */

/* Gives a new inode a name: a pending operation. */
enum vfs_status vfs_name_link(const struct vfs_place *place, struct vfs_inode *inode) VFS_MUST_CHECK;

/* ---- order (order.c) ------------------------------------------------------------------------- */

/* Makes all pending operations of a disk durable, in their order. */
void vfs_order_sync_all(struct vfs_disk *disk);
/* The numbers of all pending operations of a disk, ascending. The caller frees the array. Aborts
 * when out of memory. */
uint64_t *vfs_order_numbers(const struct vfs_disk *disk, size_t *count);

/* ---- medium (medium.c) ----------------------------------------------------------------------- */

/* Makes sectors readable again that a write of this range has covered, as far as they lie within
 * the file. */
void vfs_medium_mend(struct vfs_inode *inode, uint64_t offset, uint64_t size_bytes);
/* Makes sectors beyond a new size readable again. */
void vfs_medium_forget_beyond(struct vfs_inode *inode, uint64_t size_bytes);

#endif
