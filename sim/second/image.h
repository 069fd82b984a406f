/* sim/second/image.h: what programs see of a disk, as bytes that another process can read: each
 * file with its path and its content. Nothing pending, and nothing of what is durable. */
#ifndef AFTERSHOCK_SIM_SECOND_IMAGE_H
#define AFTERSHOCK_SIM_SECOND_IMAGE_H

#include "must_check.h"
#include "vfs.h"

/* Bytes that grow. All zero: none. */
struct sim_second_bytes {
	unsigned char *bytes; /* from malloc() */
	size_t size;
	size_t room;
	bool out_of_memory; /* something is missing */
};

/* Room for `size` bytes; what is there is lost. False when out of memory. */
bool sim_second_bytes_resize(struct sim_second_bytes *bytes, size_t size) SIM_MUST_CHECK;

/* In place of what `bytes` had. False when out of memory. */
bool sim_second_image_pack(struct vfs_disk *disk, struct sim_second_bytes *bytes) SIM_MUST_CHECK;
/* A disk with these files. NULL when out of memory, or when the bytes are no image. Its owner
 * destroys it. */
struct vfs_disk *sim_second_image_unpack(const struct sim_second_bytes *bytes);

/* All of the file, in place of what `bytes` had; nothing when it is not there. False when out of
 * memory. */
bool sim_second_image_read(struct vfs_disk *disk, const char *path, struct sim_second_bytes *bytes) SIM_MUST_CHECK;

#endif
