/* vfs/disk/name.c: directories: volatile and durable names, and the ordered operations between the
 * two.
 *
 * A directory has one sorted list of entries. Each entry has what the name means to programs, and
 * what it means on the medium. Create, unlink, rename and mkdir change the first at once, and are
 * recorded as one pending operation. A sync of the directory makes the second equal to the first. A
 * rename between two directories is two operations, one in each, as on file systems without a
 * journal: a power loss may keep both names or neither.
 */
#include "disk_internal.h"

#include <stdlib.h>
#include <string.h>

/* ---- finding --------------------------------------------------------------------------------- */

/* Goes into the directory that the place names so far. */
static enum vfs_status vfs_name_enter(struct vfs_place *place) {
	if (place->length == 0) {
		return VFS_OK;
	}
	const struct vfs_entry *entry = vfs_entry_find(place->directory, place->name, place->length);
	if (entry == NULL || entry->now == NULL) {
		return VFS_NOT_FOUND;
	}
	if (!entry->now->is_directory) {
		return VFS_NOT_A_DIRECTORY;
	}
	place->directory = entry->now;
	place->length = 0;
	return VFS_OK;
}

/* The way down from the root: an inode does not know the directory that it is in. */
struct vfs_name_way {
	struct vfs_inode *above[VFS_PATH_MAX / 2 + 1];
	uint32_t depth;
};

static bool vfs_name_is_dots(const char *name, size_t length) {
	return name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.'));
}

/* Goes on with the next name of the path. */
static enum vfs_status vfs_name_step(struct vfs_place *place, struct vfs_name_way *way, const char *name,
                                     size_t length) {
	struct vfs_inode *from = place->directory;
	enum vfs_status status = vfs_name_enter(place);
	if (status != VFS_OK) {
		return status;
	}
	if (place->directory != from) {
		way->above[way->depth++] = from;
	}
	if (!vfs_name_is_dots(name, length)) {
		place->name = name;
		place->length = (uint32_t)length;
	} else if (length == 2 && way->depth > 0) {
		place->directory = way->above[--way->depth];
	}
	return VFS_OK;
}

/* What the path names with slashes behind it. */
static enum vfs_status vfs_name_check_directory(const struct vfs_place *place) {
	struct vfs_place inside = *place;
	return vfs_name_enter(&inside);
}

enum vfs_status vfs_name_locate(const struct vfs_disk *disk, const char *path, struct vfs_place *place) {
	struct vfs_name_way way;
	way.depth = 0;
	*place = (struct vfs_place){.directory = disk->root, .name = path};
	const char *end = path;
	if (*path == '\0') {
		return VFS_NOT_FOUND;
	}
	for (;;) {
		const char *begin = end + strspn(end, "/");
		size_t length = strcspn(begin, "/");
		if (begin + length - path > (ptrdiff_t)VFS_PATH_MAX) {
			return VFS_NAME_TOO_LONG;
		}
		if (length == 0) {
			return begin == end ? VFS_OK : vfs_name_check_directory(place);
		}
		enum vfs_status status = vfs_name_step(place, &way, begin, length);
		if (status != VFS_OK) {
			return status;
		}
		end = begin + length;
	}
}

struct vfs_inode *vfs_name_lookup(const struct vfs_disk *disk, const char *path) {
	struct vfs_place place;
	if (vfs_name_locate(disk, path, &place) != VFS_OK) {
		return NULL;
	}
	if (place.length == 0) {
		return place.directory;
	}
	const struct vfs_entry *entry = vfs_entry_find(place.directory, place.name, place.length);
	return entry != NULL ? entry->now : NULL;
}

bool vfs_disk_exists(const struct vfs_disk *disk, const char *path) {
	return vfs_name_lookup(disk, path) != NULL;
}

/* ---- changing -------------------------------------------------------------------------------- */

static bool vfs_name_reserve_operation(struct vfs_inode *directory) {
	return vfs_array_reserve((void **)&directory->operations, &directory->operation_room,
	                         directory->operation_count + 1, sizeof(struct vfs_name_operation));
}

void vfs_name_sync(struct vfs_inode *directory) {
	if (directory->disk->keeps_order && directory->operation_count > 0) {
		vfs_order_sync_all(directory->disk);
	} else {
		vfs_entry_settle(directory);
	}
}

/* Records an operation, and takes the references it needs. The caller has reserved the room. */
static void vfs_name_record(struct vfs_inode *directory, enum vfs_name_kind kind, struct vfs_name *name,
                            struct vfs_name *to, struct vfs_inode *inode) {
	name->references++;
	if (to != NULL) {
		to->references++;
	}
	vfs_inode_refer(inode);
	directory->operations[directory->operation_count++] = (struct vfs_name_operation){
	        .kind = kind, .number = directory->disk->operation_number++, .name = name, .to = to, .inode = inode};
}

/* V9: commits as the timer of a journalling file system does, so a directory that is never synced
 * does not cost memory for ever. It comes before the new operation, because the caller still has
 * its entry. */
static void vfs_name_write_back_if_long(struct vfs_inode *directory) {
	if (directory->operation_count >= VFS_PENDING_OPERATIONS_MAX) {
		vfs_name_sync(directory);
	}
}

enum vfs_status vfs_name_link(const struct vfs_place *place, struct vfs_inode *inode) {
	struct vfs_inode *directory = place->directory;
	vfs_name_write_back_if_long(directory);
	if (!vfs_name_reserve_operation(directory)) {
		return VFS_NO_MEMORY;
	}
	struct vfs_entry *entry = vfs_entry_require(directory, place->name, place->length);
	if (entry == NULL) {
		return VFS_NO_MEMORY;
	}
	vfs_name_record(directory, VFS_NAME_LINK, entry->name, NULL, inode);
	vfs_entry_set_now(entry, inode);
	return VFS_OK;
}

enum vfs_status vfs_disk_make_directory(struct vfs_disk *disk, const char *path) {
	struct vfs_place place;
	enum vfs_status status = vfs_name_locate(disk, path, &place);
	if (status != VFS_OK) {
		return status;
	}
	if (vfs_name_lookup(disk, path) != NULL) {
		return VFS_EXISTS;
	}
	struct vfs_inode *inode = vfs_inode_create(disk, true);
	if (inode == NULL) {
		return VFS_NO_MEMORY;
	}
	vfs_inode_refer(inode);
	status = vfs_name_link(&place, inode);
	vfs_inode_release(inode);
	return status;
}

static bool vfs_name_has_entries(const struct vfs_inode *directory) {
	for (size_t index = 0; index < directory->entry_count; index++) {
		if (directory->entries[index].now != NULL) {
			return true;
		}
	}
	return false;
}

enum vfs_status vfs_name_unlink(const struct vfs_place *place, bool file_only) {
	if (place->length == 0) {
		return VFS_NOT_EMPTY; /* the root stays, and a name that ends in a dot cannot be
		                       * removed */
	}
	vfs_name_write_back_if_long(place->directory);
	struct vfs_entry *entry = vfs_entry_find(place->directory, place->name, place->length);
	if (entry == NULL || entry->now == NULL) {
		return VFS_NOT_FOUND;
	}
	if (entry->now->is_directory && file_only) {
		return VFS_NOT_A_FILE;
	}
	if (entry->now->is_directory && vfs_name_has_entries(entry->now)) {
		return VFS_NOT_EMPTY;
	}
	if (!vfs_name_reserve_operation(place->directory)) {
		return VFS_NO_MEMORY;
	}
	vfs_name_record(place->directory, VFS_NAME_UNLINK, entry->name, NULL, entry->now);
	vfs_entry_set_now(entry, NULL);
	vfs_entry_remove_if_empty(place->directory, entry);
	return VFS_OK;
}

enum vfs_status vfs_disk_unlink(struct vfs_disk *disk, const char *path) {
	struct vfs_place place;
	enum vfs_status status = vfs_name_locate(disk, path, &place);
	return status == VFS_OK ? vfs_name_unlink(&place, false) : status;
}

/* Renames within one directory: one atomic operation. */
static enum vfs_status vfs_name_rename_here(struct vfs_inode *directory, const struct vfs_place *from,
                                            const struct vfs_place *to) {
	if (!vfs_name_reserve_operation(directory) || vfs_entry_require(directory, to->name, to->length) == NULL) {
		return VFS_NO_MEMORY;
	}
	struct vfs_entry *target = vfs_entry_find(directory, to->name, to->length);
	struct vfs_entry *source = vfs_entry_find(directory, from->name, from->length);
	vfs_name_record(directory, VFS_NAME_RENAME, source->name, target->name, source->now);
	vfs_entry_set_now(target, source->now);
	vfs_entry_set_now(source, NULL);
	vfs_entry_remove_if_empty(directory, source);
	return VFS_OK;
}

static enum vfs_status vfs_name_rename_across(const struct vfs_place *from, const struct vfs_place *to) {
	if (!vfs_name_reserve_operation(from->directory)) {
		return VFS_NO_MEMORY;
	}
	struct vfs_entry *source = vfs_entry_find(from->directory, from->name, from->length);
	enum vfs_status status = vfs_name_link(to, source->now);
	if (status != VFS_OK) {
		return status;
	}
	vfs_name_record(from->directory, VFS_NAME_UNLINK, source->name, NULL, source->now);
	vfs_entry_set_now(source, NULL);
	vfs_entry_remove_if_empty(from->directory, source);
	return VFS_OK;
}

enum vfs_status vfs_disk_rename(struct vfs_disk *disk, const char *from, const char *to) {
	struct vfs_place source;
	struct vfs_place target;
	enum vfs_status status = vfs_name_locate(disk, from, &source);
	if (status == VFS_OK) {
		status = vfs_name_locate(disk, to, &target);
	}
	if (status != VFS_OK) {
		return status;
	}
	const struct vfs_inode *inode = vfs_name_lookup(disk, from);
	const struct vfs_inode *replaced = vfs_name_lookup(disk, to);
	if (inode == NULL) {
		return VFS_NOT_FOUND;
	}
	if (inode->is_directory || (replaced != NULL && replaced->is_directory)) {
		return VFS_NOT_A_FILE;
	}
	if (inode == replaced) {
		return VFS_OK;
	}
	vfs_name_write_back_if_long(source.directory);
	if (source.directory == target.directory) {
		return vfs_name_rename_here(source.directory, &source, &target);
	}
	return vfs_name_rename_across(&source, &target);
}

enum vfs_status vfs_disk_sync_directory(struct vfs_disk *disk, const char *path) {
	struct vfs_inode *directory = vfs_name_lookup(disk, path);
	if (directory == NULL || !directory->is_directory) {
		return VFS_NOT_FOUND;
	}
	vfs_name_sync(directory);
	return VFS_OK;
}

/* ---- visiting -------------------------------------------------------------------------------- */

struct vfs_name_listing {
	struct vfs_listed {
		char path[VFS_PATH_MAX + 1];
		const struct vfs_inode *inode;
	} * items;
	size_t count;
	size_t room;
};

static void vfs_name_list_directory(struct vfs_name_listing *listing, const struct vfs_inode *directory,
                                    char *path, // NOLINT(misc-no-recursion)
                                    uint32_t length) {
	for (size_t index = 0; index < directory->entry_count; index++) {
		const struct vfs_entry *entry = &directory->entries[index];
		if (entry->now == NULL || length + 1 + entry->name->length > VFS_PATH_MAX) {
			continue;
		}
		path[length] = '/';
		memcpy(path + length + 1, entry->name->text, entry->name->length + 1);
		if (entry->now->is_directory) {
			vfs_name_list_directory(listing, entry->now, path, length + 1 + entry->name->length);
			continue;
		}
		bool has_room = vfs_array_reserve((void **)&listing->items, &listing->room, listing->count + 1,
		                                  sizeof(struct vfs_listed));
		assert(has_room && "out of memory while listing a disk");
		memcpy(listing->items[listing->count].path, path, length + 2 + entry->name->length);
		listing->items[listing->count++].inode = entry->now;
	}
}

static int vfs_name_compare_listed(const void *left, const void *right) {
	return strcmp(((const struct vfs_listed *)left)->path, ((const struct vfs_listed *)right)->path);
}

void vfs_disk_visit(const struct vfs_disk *disk, vfs_disk_visitor visitor, void *context) {
	struct vfs_name_listing listing = {0};
	char path[VFS_PATH_MAX + 1];
	vfs_name_list_directory(&listing, disk->root, path, 0);
	if (listing.count > 1) {
		qsort(listing.items, listing.count, sizeof *listing.items, vfs_name_compare_listed);
	}
	for (size_t index = 0; index < listing.count; index++) {
		visitor(context, listing.items[index].path, listing.items[index].inode);
	}
	free(listing.items);
}
