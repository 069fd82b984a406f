#include "damage.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "memory_vfs.h"
#include "orders.h"

static const char *const damage_file_names[DAMAGE_FILE_COUNT] = {ORDERS_PATH, ORDERS_PATH "-wal",
                                                                 ORDERS_PATH "-journal", ORDERS_PATH "-updates"};

const char *damage_file_name(enum damage_file file) {
	return damage_file_names[file];
}

static void damage_content_reserve(struct damage_content *content, size_t size) {
	if (size > content->capacity) {
		content->capacity = size * 2;
		content->bytes = realloc(content->bytes, content->capacity);
		assert(content->bytes != NULL);
	}
}

static void damage_content_set(struct damage_content *content, const void *bytes, size_t size) {
	damage_content_reserve(content, size);
	if (size > 0) {
		memcpy(content->bytes, bytes, size);
	}
	content->size = size;
}

void damage_content_write(struct damage_content *content, size_t offset, const void *data, size_t size) {
	size_t end = offset + size;

	if (end > content->size) {
		damage_content_reserve(content, end);
		memset(content->bytes + content->size, 0, end - content->size);
		content->size = end;
	}
	memcpy(content->bytes + offset, data, size);
	content->exists = true;
}

void damage_image_deinit(struct damage_image *image) {
	for (int file = 0; file < DAMAGE_FILE_COUNT; file++) {
		free(image->files[file].bytes);
	}
	memset(image, 0, sizeof *image);
}

void damage_image_copy(struct damage_image *to, const struct damage_image *from) {
	for (int file = 0; file < DAMAGE_FILE_COUNT; file++) {
		damage_content_set(&to->files[file], from->files[file].bytes, from->files[file].size);
		to->files[file].exists = from->files[file].exists;
	}
}

void damage_image_take(struct damage_image *image) {
	for (int file = 0; file < DAMAGE_FILE_COUNT; file++) {
		size_t size = 0;
		const unsigned char *bytes = memory_vfs_content(damage_file_names[file], &size);
		damage_content_set(&image->files[file], bytes, size);
		image->files[file].exists = bytes != NULL;
	}
}

void damage_image_put(const struct damage_image *image) {
	memory_vfs_reset();
	for (int file = 0; file < DAMAGE_FILE_COUNT; file++) {
		const struct damage_content *content = &image->files[file];
		if (content->exists) {
			memory_vfs_set_content(damage_file_names[file], content->bytes, content->size);
		}
	}
}

bool damage_image_equals(const struct damage_image *left, const struct damage_image *right) {
	bool equal = true;

	for (int file = 0; file < DAMAGE_FILE_COUNT && equal; file++) {
		const struct damage_content *a = &left->files[file];
		const struct damage_content *b = &right->files[file];
		equal = a->size == b->size && (a->size == 0 || memcmp(a->bytes, b->bytes, a->size) == 0);
	}
	return equal;
}
