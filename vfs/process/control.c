/* vfs/process/control.c: xFileControl. It knows the operations of the unix VFS, with the same
 * effects, and answers NOTFOUND to all others. */
#include "process_internal.h"

#include <string.h>

void vfs_control_temp_name(struct vfs_disk *disk, char name[VFS_TEMP_NAME_SIZE]) {
	static const char prefix[] = "/temp-";
	uint64_t number = ++disk->temp_count;
	memcpy(name, prefix, sizeof prefix);
	size_t end = sizeof prefix - 1 + 8;
	name[end] = '\0';
	while (end-- > sizeof prefix - 1) {
		name[end] = "0123456789abcdef"[number % 16];
		number /= 16;
	}
}

/* A copy that SQLite frees. */
static char *vfs_control_copy_text(const char *text) {
	size_t size = strlen(text) + 1;
	char *copy = sqlite3_malloc64(size);
	if (copy != NULL) {
		memcpy(copy, text, size);
	}
	return copy;
}

/* Grows the file to whole chunks, a byte in each block, as the unix VFS does where there is no
 * fallocate. */
static int vfs_control_hint_size(struct vfs_file *file, int64_t size_bytes) {
	if (file->chunk_bytes <= 0) {
		return SQLITE_OK;
	}
	uint64_t chunk = (uint64_t)file->chunk_bytes;
	uint64_t target = ((uint64_t)size_bytes + chunk - 1) / chunk * chunk;
	uint64_t size = vfs_disk_size(file->inode);
	if (size < target && file->is_read_only) {
		return SQLITE_IOERR_WRITE;
	}
	for (uint64_t at = size / VFS_BLOCK_BYTES * VFS_BLOCK_BYTES + VFS_BLOCK_BYTES - 1; size < target;
	     at += VFS_BLOCK_BYTES) {
		if (at >= target) {
			at = target - 1;
		}
		if (at >= size && vfs_disk_write(file->inode->disk, file->inode, at, "", 1) != VFS_OK) {
			return SQLITE_FULL;
		}
		size = vfs_disk_size(file->inode);
	}
	return SQLITE_OK;
}

/* Reads a flag when the value is negative, else sets it. */
static void vfs_control_mode_bit(bool *flag, int *argument) {
	if (*argument < 0) {
		*argument = *flag;
	} else {
		*flag = *argument != 0;
	}
}

/* The largest limit that SQLite takes unless it was built with another (SQLITE_MAX_MMAP_SIZE). */
#define VFS_CONTROL_MMAP_MAX INT64_C(0x7fff0000)

static void vfs_control_mmap_limit(struct vfs_file *file, sqlite3_int64 *argument) {
	sqlite3_int64 wanted = *argument > VFS_CONTROL_MMAP_MAX ? VFS_CONTROL_MMAP_MAX : *argument;
	*argument = file->mmap_bytes;
	if (wanted >= 0) {
		file->mmap_bytes = wanted;
	}
}

/* The unix VFS knows the inode of a database only. */
static int vfs_control_has_moved(const struct vfs_file *file) {
	return file->kind == VFS_FILE_DB && vfs_name_lookup(file->inode->disk, file->path) != file->inode;
}

/* The handles of its own process that have a slot shared. */
static uint32_t vfs_control_own_shares(const struct vfs_file *file, int slot) {
	uint32_t count = 0;
	for (const struct vfs_file *own = file->process->files; own != NULL; own = own->next) {
		bool is_real = (own->shm_shared & ~(uint32_t)own->shm_lost & (1u << slot)) != 0;
		count += own->inode == file->inode && is_real ? 1 : 0;
	}
	return count;
}

/* Whether another process has a lock on a read mark (SQLITE_FCNTL_EXTERNAL_READER). The unix VFS
 * asks fcntl(F_GETLK), which does not see the locks of its own process. */
static int vfs_control_has_external_reader(const struct vfs_file *file) {
	if (file->shm == NULL) {
		return 0;
	}
	for (int slot = VFS_SHM_SLOT_READ_0; slot < VFS_SHM_SLOTS; slot++) {
		const struct vfs_file *holder = file->inode->index_lock.exclusive[slot];
		bool is_foreign = holder != NULL && holder->process != file->process;
		if (is_foreign || file->inode->index_lock.shared[slot] > vfs_control_own_shares(file, slot)) {
			return 1;
		}
	}
	return 0;
}

static int vfs_control_give_text(const char *text, void *argument) {
	*(char **)argument = vfs_control_copy_text(text);
	return *(char **)argument != NULL ? SQLITE_OK : SQLITE_NOMEM;
}

static int vfs_control_execute(struct vfs_file *file, int operation, void *argument) {
	char temp_name[VFS_TEMP_NAME_SIZE];
	switch (operation) {
	case SQLITE_FCNTL_LOCKSTATE:
		*(int *)argument = file->level;
		return SQLITE_OK;
	case SQLITE_FCNTL_LAST_ERRNO:
		*(int *)argument = 0;
		return SQLITE_OK;
	case SQLITE_FCNTL_CHUNK_SIZE:
		file->chunk_bytes = *(int *)argument;
		return SQLITE_OK;
	case SQLITE_FCNTL_SIZE_HINT:
		return vfs_control_hint_size(file, *(sqlite3_int64 *)argument);
	case SQLITE_FCNTL_PERSIST_WAL:
		vfs_control_mode_bit(&file->persists_wal, argument);
		return SQLITE_OK;
	case SQLITE_FCNTL_POWERSAFE_OVERWRITE:
		vfs_control_mode_bit(&file->has_powersafe_overwrite, argument);
		return SQLITE_OK;
	case SQLITE_FCNTL_VFSNAME:
		return vfs_control_give_text(file->process->name, argument);
	case SQLITE_FCNTL_TEMPFILENAME:
		vfs_control_temp_name(file->process->disk, temp_name);
		return vfs_control_give_text(temp_name, argument);
	case SQLITE_FCNTL_HAS_MOVED:
		*(int *)argument = vfs_control_has_moved(file);
		return SQLITE_OK;
	case SQLITE_FCNTL_MMAP_SIZE:
		vfs_control_mmap_limit(file, argument);
		return SQLITE_OK;
	case SQLITE_FCNTL_EXTERNAL_READER:
		*(int *)argument = vfs_control_has_external_reader(file);
		return SQLITE_OK;
	default:
		return SQLITE_NOTFOUND;
	}
}

int vfs_control_file(sqlite3_file *base, int operation, void *argument) {
	struct vfs_file *file = (struct vfs_file *)base;
	struct vfs_under_way under_way = {.call.flags = (uint32_t)operation};
	int result = SQLITE_NOTFOUND;
	if (vfs_file_begin(&under_way, file, VFS_METHOD_FILE_CONTROL)) {
		result = vfs_control_execute(file, operation, argument);
	}
	return vfs_call_end(&under_way, result, 0);
}
