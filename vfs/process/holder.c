/* vfs/process/holder.c: who holds which lock, and what the header of a WAL index says. It looks and
 * changes nothing, for whoever explains a run.
 *
 * The header is in the byte order of the machine (walformat.html, section 2; wal.c, 3.40.1). It has
 * two copies of 48 bytes, and a reader believes only equal ones. The number of frames that the
 * database has follows, and then the five read marks.
 */
#include "process_internal.h"

#include <string.h>

#define VFS_HOLDER_HEADER_BYTES 48u
#define VFS_HOLDER_AT_IS_INITIALISED 12u
#define VFS_HOLDER_AT_MAX_FRAME 16u
#define VFS_HOLDER_AT_PAGE_COUNT 20u
#define VFS_HOLDER_AT_BACKFILLED (2 * VFS_HOLDER_HEADER_BYTES)
#define VFS_HOLDER_AT_READ_MARKS (VFS_HOLDER_AT_BACKFILLED + 4)

void vfs_process_visit_locks(const struct vfs_process *process, vfs_lock_visitor visitor, void *context) {
	for (const struct vfs_file *file = process->files; file != NULL; file = file->next) {
		const struct vfs_held_locks held = {.process = process,
		                                    .path = file->path,
		                                    .file_kind = file->kind,
		                                    .level = file->level,
		                                    .shm_shared = file->shm_shared,
		                                    .shm_exclusive = file->shm_exclusive};
		bool holds = held.level != SQLITE_LOCK_NONE || held.shm_shared != 0 || held.shm_exclusive != 0;
		if (file->inode != NULL && holds) {
			visitor(context, &held);
		}
	}
}

static uint32_t vfs_holder_word_at(const uint8_t *header, uint32_t at) {
	uint32_t word;
	memcpy(&word, header + at, sizeof word);
	return word;
}

bool vfs_disk_read_wal_index(const struct vfs_disk *disk, const char *path, struct vfs_wal_index *index) {
	const struct vfs_inode *inode = vfs_name_lookup(disk, path);
	*index = (struct vfs_wal_index){0};
	if (inode == NULL || inode->is_directory || inode->shm == NULL || inode->shm->region_count == 0) {
		return false;
	}
	/* While a dead process unwinds, the living will see the copy that was saved at its
	 * death. */
	const uint8_t *header = inode->shm->saved != NULL ? inode->shm->saved : inode->shm->regions[0];
	index->is_torn = memcmp(header, header + VFS_HOLDER_HEADER_BYTES, VFS_HOLDER_HEADER_BYTES) != 0;
	index->is_initialised = header[VFS_HOLDER_AT_IS_INITIALISED] != 0;
	index->max_frame = vfs_holder_word_at(header, VFS_HOLDER_AT_MAX_FRAME);
	index->page_count = vfs_holder_word_at(header, VFS_HOLDER_AT_PAGE_COUNT);
	index->backfilled = vfs_holder_word_at(header, VFS_HOLDER_AT_BACKFILLED);
	for (uint32_t mark = 0; mark < VFS_READ_MARKS; mark++) {
		index->read_marks[mark] = vfs_holder_word_at(header, VFS_HOLDER_AT_READ_MARKS + 4 * mark);
	}
	return true;
}
