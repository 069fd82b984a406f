/* vfs/disk/power.c: what is left when the power goes.
 *
 * The crash model. Until a sync says so, things reach the medium in another order than they were
 * done. The kernel writes pages back when it likes, the drive reorders them, and each sector is
 * written by itself. So every pending write of a file is independent of all others. It is lost, or
 * whole, or there in some of its sectors, or only the growth of the file is there and the content
 * is zeros. A sector that is being written when the power goes has a prefix of the new bytes, and
 * the rest of the old ones.
 *
 * Truncates are metadata. They are ordered as in a journalling file system: a lost one takes with
 * it everything later in the same file. With truncate_free, each is lost or done by itself. Names
 * are alike: the first so many operations of each directory survive (ordered), or any subset
 * (free).
 *
 * options.garbage makes it worse. A sector that is being written, or a stretch by which the file
 * has grown, may hold anything.
 *
 * The capabilities that the disk keeps (options.kept_characteristics) take some of that back:
 *   - ATOMIC: such writes are lost or whole
 *   - SAFE_APPEND: no file is longer than its content; what follows lost bytes at the end is lost
 *   - POWERSAFE_OVERWRITE: garbage does not go beyond the bytes written
 *   - SEQUENTIAL: a prefix of all operations on the disk survives, and the first lost one may be
 *     there in part (order.c)
 *
 * The questions come in a fixed order: the tree from the root, depth first. For each directory come
 * the questions about its names, in the order in which they were done. Then come its surviving
 * entries, in the order of memcmp of their names. For a file these are all its questions, asked at
 * the first of its names; for a directory the same again. Nothing is asked about what is certain:
 * no pending operations, or a file whose names are all lost. With SEQUENTIAL a question about the
 * order comes first. It is the only one, except one for a prefix.
 */
#include "disk_internal.h"

#include <sqlite3.h>
#include <stdlib.h>

struct vfs_power_chooser {
	vfs_chooser choose;
	void *context;
	bool journalled;     /* a failed sync of a journalling file system: truncates and sizes
	                      * survive in any case */
	bool is_append_over; /* SAFE_APPEND is kept, and a part of what the file has grown by is
	                      * lost */
	uint64_t cut;        /* SEQUENTIAL is kept: the number of the first operation that is
	                      * lost */
};

/* What is asked about at the moment. */
static struct {
	const struct vfs_inode *directory; /* of names; NULL: it is about a file */
	size_t operation;                  /* the first of them */
	const struct vfs_inode *file;
	const char *name; /* of the file */
	const struct vfs_pending *pending;
} vfs_power_about;

static struct vfs_asked vfs_power_asked_name(const struct vfs_name_operation *operation) {
	static const enum vfs_asked_kind kinds[] = {[VFS_NAME_LINK] = VFS_ASKED_LINK,
	                                            [VFS_NAME_UNLINK] = VFS_ASKED_UNLINK,
	                                            [VFS_NAME_RENAME] = VFS_ASKED_RENAME};
	return (struct vfs_asked){.kind = kinds[operation->kind],
	                          .name = operation->name->text,
	                          .to = operation->to != NULL ? operation->to->text : ""};
}

struct vfs_asked vfs_disk_asked(uint64_t index) {
	const struct vfs_pending *pending = vfs_power_about.pending;
	if (vfs_power_about.directory != NULL) {
		return vfs_power_asked_name(&vfs_power_about.directory->operations[vfs_power_about.operation + index]);
	}
	if (pending == NULL && index < vfs_power_about.file->pending_count) {
		pending = &vfs_power_about.file->pending[index];
	}
	if (pending == NULL) {
		return (struct vfs_asked){.kind = VFS_ASKED_NOTHING};
	}
	return (struct vfs_asked){.kind = pending->truncate ? VFS_ASKED_TRUNCATE : VFS_ASKED_WRITE,
	                          .name = vfs_power_about.name != NULL ? vfs_power_about.name : "",
	                          .offset = pending->offset,
	                          .size_bytes = pending->size_bytes,
	                          .grows = pending->grows};
}

static uint64_t vfs_power_ask(const struct vfs_power_chooser *chooser, enum vfs_choice choice, uint64_t count) {
	uint64_t answer = chooser->choose(chooser->context, choice, count);
	assert(answer < count);
	return answer;
}

/* ---- one file -------------------------------------------------------------------------------- */

static bool vfs_power_keeps(const struct vfs_inode *inode, uint32_t characteristic) {
	return (inode->disk->options.kept_characteristics & characteristic) != 0;
}

/* Puts a part of a write on the medium. With SAFE_APPEND it puts only what lies within the file or
 * continues it. */
static void vfs_power_put_part(struct vfs_inode *inode, const struct vfs_pending *write, uint64_t at, uint64_t length,
                               const struct vfs_power_chooser *chooser) {
	uint64_t size = inode->durable.size_bytes;
	bool appends = at + length > size && vfs_power_keeps(inode, SQLITE_IOCAP_SAFE_APPEND);
	if (appends && (chooser->is_append_over || at > size)) {
		length = at < size ? size - at : 0;
	}
	vfs_inode_put(inode, write, &inode->durable, at, length);
}

/* SplitMix64 (Vigna, 2015; public domain). Garbage is a pure function of the number that the
 * chooser gave. */
static uint64_t vfs_power_next_garbage(uint64_t *state) {
	uint64_t value = (*state += UINT64_C(0x9e3779b97f4a7c15));
	value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
	return value ^ (value >> 31);
}

static void vfs_power_put_garbage(struct vfs_image *image, uint64_t at, uint64_t end,
                                  const struct vfs_power_chooser *chooser) {
	uint64_t state = vfs_power_ask(chooser, VFS_CHOICE_GARBAGE, UINT64_MAX);
	while (at < end) {
		uint8_t bytes[VFS_BLOCK_BYTES];
		uint64_t next = (at / VFS_BLOCK_BYTES + 1) * VFS_BLOCK_BYTES;
		size_t length = (size_t)((next < end ? next : end) - at);
		for (size_t index = 0; index < length; index++) {
			bytes[index] = (uint8_t)(vfs_power_next_garbage(&state) >> 56);
		}
		bool reserved = vfs_image_reserve(image, vfs_image_block_count(at + length)) && vfs_block_reserve(2);
		assert(reserved && "out of memory at a power loss");
		vfs_image_write(image, at, bytes, length, VFS_PINNED_ANYWHERE);
		at += length;
	}
}

/* Turns a sector that begins at `begin` to garbage. A write has [at, end) of it. Garbage are those
 * bytes, or without powersafe overwrite all of the sector that is in the file. With SAFE_APPEND the
 * file does not grow by it. */
static void vfs_power_put_garbage_sector(struct vfs_inode *inode, uint64_t at, uint64_t end,
                                         const struct vfs_power_chooser *chooser) {
	uint64_t sector_size = inode->disk->options.sector_size_bytes;
	uint64_t size = inode->durable.size_bytes;
	if (vfs_power_keeps(inode, SQLITE_IOCAP_SAFE_APPEND) && end > size) {
		end = size;
	}
	if (!vfs_power_keeps(inode, SQLITE_IOCAP_POWERSAFE_OVERWRITE)) {
		uint64_t sector_end = (at / sector_size + 1) * sector_size;
		uint64_t limit = end > size ? end : size;
		at = at / sector_size * sector_size;
		end = sector_end < limit ? sector_end : limit;
	}
	vfs_power_put_garbage(&inode->durable, at, end, chooser);
}

/* Puts the sectors of a write: each old, new, new up to a byte, or garbage. The file grows up to
 * its last new byte. */
static void vfs_power_put_sectors(struct vfs_inode *inode, const struct vfs_pending *write,
                                  const struct vfs_power_chooser *chooser) {
	uint64_t sector_size = inode->disk->options.sector_size_bytes;
	uint64_t end = write->offset + write->size_bytes;
	for (uint64_t at = write->offset; at < end;) {
		uint64_t next = (at / sector_size + 1) * sector_size;
		uint64_t length = (next < end ? next : end) - at;
		uint64_t choice = vfs_power_ask(chooser, VFS_CHOICE_SECTOR, inode->disk->options.garbage ? 4 : 3);
		if (choice == 3) {
			vfs_power_put_garbage_sector(inode, at, at + length, chooser);
		}
		uint64_t surviving = choice == 2   ? vfs_power_ask(chooser, VFS_CHOICE_PREFIX, length)
		                     : choice == 1 ? length
		                                   : 0;
		vfs_power_put_part(inode, write, at, surviving, chooser);
		at += length;
	}
}

/* Whether the disk promises not to tear a write (SQLite's documentation of SQLITE_IOCAP_ATOMIC). */
static bool vfs_power_is_atomic(const struct vfs_inode *inode, const struct vfs_pending *write) {
	if (vfs_power_keeps(inode, SQLITE_IOCAP_ATOMIC)) {
		return true;
	}
	uint32_t characteristic = SQLITE_IOCAP_ATOMIC512;
	for (uint64_t size = 512; size <= 65536; size *= 2, characteristic *= 2) {
		if (write->size_bytes == size && write->offset % size == 0) {
			return vfs_power_keeps(inode, characteristic);
		}
	}
	return false;
}

static uint64_t vfs_power_ask_write(const struct vfs_inode *inode, const struct vfs_pending *write,
                                    const struct vfs_power_chooser *chooser) {
	uint64_t count = 3;
	if (inode->disk->options.kept_characteristics != 0 && vfs_power_is_atomic(inode, write)) {
		count = 2;
	} else if (write->grows && !vfs_power_keeps(inode, SQLITE_IOCAP_SAFE_APPEND)) {
		count = inode->disk->options.garbage ? 5 : 4;
	}
	return vfs_power_ask(chooser, VFS_CHOICE_WRITE, count);
}

static void vfs_power_put_write(struct vfs_inode *inode, const struct vfs_pending *write,
                                struct vfs_power_chooser *chooser) {
	uint64_t end = write->offset + write->size_bytes;
	uint64_t choice = vfs_power_ask_write(inode, write, chooser);
	if (choice == 1) {
		vfs_power_put_part(inode, write, write->offset, write->size_bytes, chooser);
	} else if (choice == 2) {
		vfs_power_put_sectors(inode, write, chooser);
	} else if (choice == 3 && end > inode->durable.size_bytes) {
		vfs_inode_put_size(&inode->durable, end);
	} else if (choice == 4) {
		vfs_power_put_garbage(&inode->durable, inode->durable.size_bytes, end, chooser);
	}
	if (write->grows && inode->durable.size_bytes < end) {
		chooser->is_append_over = true;
	}
}

/* Puts the part of the pending operations that the chooser picks on the durable image. */
static void vfs_power_put_chosen(struct vfs_inode *inode, struct vfs_power_chooser *chooser) {
	chooser->is_append_over = false;
	for (size_t index = 0; index < inode->pending_count; index++) {
		const struct vfs_pending *pending = &inode->pending[index];
		vfs_power_about.pending = pending;
		if (!pending->truncate) {
			vfs_power_put_write(inode, pending, chooser);
			continue;
		}
		if (chooser->journalled || vfs_power_ask(chooser, VFS_CHOICE_TRUNCATE, 2) == 1) {
			vfs_inode_put_size(&inode->durable, pending->offset);
			chooser->is_append_over = false;
		} else if (!inode->disk->options.truncate_free) {
			return;
		}
	}
}

/* Puts what is older than the cut on the durable image, and as much of the write at the cut as the
 * chooser says. */
static void vfs_power_put_older(struct vfs_inode *inode, const struct vfs_power_chooser *chooser) {
	for (size_t index = 0; index < inode->pending_count; index++) {
		const struct vfs_pending *pending = &inode->pending[index];
		bool survives = pending->number < chooser->cut;
		if (pending->truncate && survives) {
			vfs_inode_put_size(&inode->durable, pending->offset);
		} else if (!pending->truncate && pending->number <= chooser->cut) {
			uint64_t size = survives ? pending->size_bytes
			                         : vfs_power_ask(chooser, VFS_CHOICE_PREFIX, pending->size_bytes);
			vfs_inode_put(inode, pending, &inode->durable, pending->offset, size);
		}
	}
}

static void vfs_power_lose_pending(struct vfs_inode *inode, struct vfs_power_chooser *chooser) {
	if (inode->disk->keeps_order) {
		vfs_power_put_older(inode, chooser);
		vfs_inode_settle(inode, &inode->now, &inode->durable);
		return;
	}
	vfs_power_about.directory = NULL;
	vfs_power_about.file = inode;
	vfs_power_about.pending = NULL;
	uint64_t choice = vfs_power_ask(chooser, VFS_CHOICE_FILE, 3);
	if (choice == 1) {
		vfs_inode_settle(inode, &inode->durable, &inode->now);
		return;
	}
	if (choice == 2) {
		vfs_power_put_chosen(inode, chooser);
	}
	vfs_inode_settle(inode, &inode->now, &inode->durable);
}

static void vfs_power_lose_file(struct vfs_inode *inode, struct vfs_power_chooser *chooser) {
	if (inode->pending_count > 0) {
		vfs_power_lose_pending(inode, chooser);
	}
	if (inode->diverged) {
		vfs_inode_reload(inode);
	}
	inode->sync_error_is_unseen = false;
}

bool vfs_power_sync_partly(struct vfs_inode *inode, bool journalled, vfs_chooser choose, void *context) {
	struct vfs_power_chooser chooser = {.choose = choose, .context = context, .journalled = journalled};
	if (inode->pending_count == 0) {
		return true;
	}
	if (inode->disk->keeps_order) {
		return false; /* not of one file alone: no part of it is the prefix that is always
		               * correct */
	}
	uint64_t choice = vfs_power_ask(&chooser, VFS_CHOICE_FILE, 3);
	if (choice == 1) {
		vfs_inode_settle(inode, &inode->durable, &inode->now);
	} else if (choice == 2) {
		vfs_power_put_chosen(inode, &chooser);
	}
	return choice == 1;
}

/* ---- the whole disk -------------------------------------------------------------------------- */

/* Which operations survive is asked of each by itself, where names are free. */
static void vfs_power_lose_free_names(struct vfs_inode *directory, const struct vfs_power_chooser *chooser) {
	vfs_power_about.directory = directory;
	for (size_t index = 0; index < directory->operation_count; index++) {
		vfs_power_about.operation = index;
		if (vfs_power_ask(chooser, VFS_CHOICE_NAME, 2) == 1) {
			vfs_entry_apply(directory, &directory->operations[index]);
		}
	}
}

/* How many of the first operations survive, where names are kept in order. */
static size_t vfs_power_count_names(const struct vfs_inode *directory, const struct vfs_power_chooser *chooser) {
	size_t count = directory->operation_count;
	size_t kept = 0;
	vfs_power_about.directory = directory;
	vfs_power_about.operation = 0;
	if (!directory->disk->keeps_order) {
		return count > 0 ? (size_t)vfs_power_ask(chooser, VFS_CHOICE_NAMES, count + 1) : 0;
	}
	while (kept < count && directory->operations[kept].number < chooser->cut) {
		kept++;
	}
	return kept;
}

static void vfs_power_lose_names(struct vfs_inode *directory, const struct vfs_power_chooser *chooser) {
	if (directory->disk->options.names_free && !directory->disk->keeps_order) {
		vfs_power_lose_free_names(directory, chooser);
	} else {
		size_t surviving = vfs_power_count_names(directory, chooser);
		for (size_t index = 0; index < surviving; index++) {
			vfs_entry_apply(directory, &directory->operations[index]);
		}
	}
	vfs_entry_sweep(directory);
	vfs_inode_clear_operations(directory);
}

static void vfs_power_lose_directory(struct vfs_inode *directory,
                                     struct vfs_power_chooser *chooser) { // NOLINT(misc-no-recursion)
	vfs_power_lose_names(directory, chooser);
	for (size_t index = 0; index < directory->entry_count; index++) {
		struct vfs_inode *inode = directory->entries[index].now;
		if (inode->is_directory) {
			vfs_power_lose_directory(inode, chooser);
		} else {
			vfs_power_about.name = directory->entries[index].name->text;
			vfs_power_lose_file(inode, chooser);
			vfs_power_about.name = NULL;
		}
	}
}

/* Handles end with the machine, and with them what only they referred to. */
static void vfs_power_drop_handles(struct vfs_disk *disk) {
	struct vfs_inode *next = NULL;
	for (struct vfs_inode *inode = disk->inodes; inode != NULL; inode = next) {
		next = inode->next;
		uint32_t handles = inode->handles;
		inode->handles = 0;
		for (uint32_t index = 0; index < handles; index++) {
			vfs_inode_release_live(inode);
		}
	}
}

static void vfs_power_choose_cut(const struct vfs_disk *disk, struct vfs_power_chooser *chooser) {
	size_t count = 0;
	uint64_t *numbers = vfs_order_numbers(disk, &count);
	uint64_t surviving = count == 0 ? 0 : vfs_power_ask(chooser, VFS_CHOICE_ORDER, count + 1);
	chooser->cut = surviving < count ? numbers[surviving] : UINT64_MAX;
	free(numbers);
}

void vfs_disk_power_loss(struct vfs_disk *disk, vfs_chooser choose, void *context) {
	struct vfs_power_chooser chooser = {.choose = choose, .context = context};
	assert(disk->living == 0 && "a process of the disk is still alive");
	vfs_power_drop_handles(disk);
	if (disk->keeps_order) {
		vfs_power_choose_cut(disk, &chooser);
	}
	vfs_power_lose_directory(disk->root, &chooser);
}
