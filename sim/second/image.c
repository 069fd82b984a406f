/* sim/second/image.c: see image.h. A file is a header, its path and its content, one behind the
 * other; the reader is the same program on the same machine. */
#include "image.h"

#include <stdlib.h>
#include <string.h>

struct sim_second_header {
	uint64_t size_bytes;
	uint32_t path_bytes; /* without the NUL */
};

/* ---- bytes ----------------------------------------------------------------------------------- */

static bool sim_second_bytes_reserve(struct sim_second_bytes *bytes, size_t size) {
	size_t room = bytes->room == 0 ? 65536 : bytes->room;
	while (room < size) {
		room *= 2;
	}
	unsigned char *more = room > bytes->room ? realloc(bytes->bytes, room) : bytes->bytes;
	if (more == NULL) {
		bytes->out_of_memory = true;
		return false;
	}
	bytes->bytes = more;
	bytes->room = room;
	return true;
}

bool sim_second_bytes_resize(struct sim_second_bytes *bytes, size_t size) {
	bytes->out_of_memory = false;
	bool fits = sim_second_bytes_reserve(bytes, size);
	bytes->size = fits ? size : 0;
	return fits;
}

/* Where `size` bytes more go. NULL when out of memory. */
static unsigned char *sim_second_bytes_grow(struct sim_second_bytes *bytes, size_t size) {
	if (!sim_second_bytes_reserve(bytes, bytes->size + size)) {
		return NULL;
	}
	bytes->size += size;
	return bytes->bytes + bytes->size - size;
}

/* ---- packing --------------------------------------------------------------------------------- */

static void sim_second_pack_file(void *context, const char *path, const struct vfs_inode *inode) {
	struct sim_second_bytes *bytes = context;
	const struct sim_second_header header = {.size_bytes = vfs_disk_size(inode),
	                                         .path_bytes = (uint32_t)strlen(path)};
	size_t got = 0;
	size_t size = (size_t)header.size_bytes;
	unsigned char *to =
	        bytes->out_of_memory ? NULL : sim_second_bytes_grow(bytes, sizeof header + header.path_bytes + size);
	if (to != NULL) {
		memcpy(to, &header, sizeof header);
		memcpy(to + sizeof header, path, header.path_bytes);
		vfs_disk_read(inode, 0, to + sizeof header + header.path_bytes, size, &got);
	}
}

bool sim_second_image_pack(struct vfs_disk *disk, struct sim_second_bytes *bytes) {
	bytes->size = 0;
	bytes->out_of_memory = false;
	vfs_disk_visit(disk, sim_second_pack_file, bytes);
	return !bytes->out_of_memory;
}

bool sim_second_image_read(struct vfs_disk *disk, const char *path, struct sim_second_bytes *bytes) {
	struct vfs_inode *inode = NULL;
	bool created = false;
	size_t got = 0;
	bytes->size = 0;
	if (vfs_disk_open(disk, path, false, &created, &inode) != VFS_OK) {
		return true;
	}
	bool fits = sim_second_bytes_resize(bytes, (size_t)vfs_disk_size(inode));
	if (fits) {
		vfs_disk_read(inode, 0, bytes->bytes, bytes->size, &got);
	}
	vfs_disk_close(disk, inode);
	return fits;
}

/* ---- unpacking ------------------------------------------------------------------------------- */

/* The directories above a file. */
static bool sim_second_make_directories(struct vfs_disk *disk, const char *path) {
	char above[VFS_PATH_MAX + 1];
	for (const char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		memcpy(above, path, (size_t)(slash - path));
		above[slash - path] = '\0';
		enum vfs_status status = vfs_disk_make_directory(disk, above);
		if (status != VFS_OK && status != VFS_EXISTS) {
			return false;
		}
	}
	return true;
}

static bool sim_second_make_file(struct vfs_disk *disk, const char *path, const unsigned char *content, size_t size) {
	struct vfs_inode *inode = NULL;
	bool created = false;
	if (!sim_second_make_directories(disk, path) || vfs_disk_open(disk, path, true, &created, &inode) != VFS_OK) {
		return false;
	}
	bool written = size == 0 || vfs_disk_write(disk, inode, 0, content, size) == VFS_OK;
	vfs_disk_close(disk, inode);
	return written;
}

/* The file there; `at` goes behind it. */
static bool sim_second_unpack_file(struct vfs_disk *disk, const struct sim_second_bytes *bytes, size_t *at) {
	char path[VFS_PATH_MAX + 1];
	struct sim_second_header header;
	if (bytes->size - *at < sizeof header) {
		return false;
	}
	memcpy(&header, bytes->bytes + *at, sizeof header);
	*at += sizeof header;
	bool fits = header.path_bytes > 0 && header.path_bytes <= VFS_PATH_MAX &&
	            header.path_bytes <= bytes->size - *at &&
	            header.size_bytes <= bytes->size - *at - header.path_bytes;
	if (!fits) {
		return false;
	}
	memcpy(path, bytes->bytes + *at, header.path_bytes);
	path[header.path_bytes] = '\0';
	*at += header.path_bytes;
	const unsigned char *content = bytes->bytes + *at;
	*at += (size_t)header.size_bytes;
	return sim_second_make_file(disk, path, content, (size_t)header.size_bytes);
}

struct vfs_disk *sim_second_image_unpack(const struct sim_second_bytes *bytes) {
	const struct vfs_disk_options options = {.sector_size_bytes = 512};
	struct vfs_disk *disk = vfs_disk_create(&options);
	size_t at = 0;
	while (disk != NULL && at < bytes->size) {
		if (!sim_second_unpack_file(disk, bytes, &at)) {
			vfs_disk_destroy(disk);
			return NULL;
		}
	}
	return disk;
}
