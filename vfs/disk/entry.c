/* vfs/disk/entry.c: the entries of a directory: what a name means to programs, and what it means on
 * the medium. name.c changes the first; a sync or a power loss settles the second.
 */
#include "disk_internal.h"

#include <stdlib.h>
#include <string.h>

static struct vfs_name *vfs_entry_create_name(const char *text, uint32_t length) {
	struct vfs_name *name = malloc(sizeof *name + length + 1);
	if (name == NULL) {
		return NULL;
	}
	name->references = 1;
	name->length = length;
	memcpy(name->text, text, length);
	name->text[length] = '\0';
	return name;
}

/* ---- finding --------------------------------------------------------------------------------- */

static int vfs_entry_compare(const struct vfs_name *name, const char *text, uint32_t length) {
	uint32_t common = name->length < length ? name->length : length;
	int order = memcmp(name->text, text, common);
	if (order != 0) {
		return order;
	}
	return name->length < length ? -1 : name->length > length;
}

/* The index of a name, or of the place where it belongs. */
static size_t vfs_entry_search(const struct vfs_inode *directory, const char *text, uint32_t length, bool *found) {
	size_t low = 0;
	size_t high = directory->entry_count;
	*found = false;
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = vfs_entry_compare(directory->entries[middle].name, text, length);
		if (order == 0) {
			*found = true;
			return middle;
		}
		if (order < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

/* Most directories are small. Comparing lengths and last characters finds the one candidate sooner
 * than halving does. */
#define VFS_ENTRY_SMALL_DIRECTORY_ENTRIES 12u

static bool vfs_entry_is(const struct vfs_name *candidate, const char *name, uint32_t length) {
	return candidate->length == length && candidate->text[length - 1] == name[length - 1] &&
	       memcmp(candidate->text, name, length) == 0;
}

struct vfs_entry *vfs_entry_find(const struct vfs_inode *directory, const char *name, uint32_t length) {
	bool found = false;
	size_t index = 0;
	if (directory->entry_count > VFS_ENTRY_SMALL_DIRECTORY_ENTRIES) {
		index = vfs_entry_search(directory, name, length, &found);
		return found ? &directory->entries[index] : NULL;
	}
	while (index < directory->entry_count && !vfs_entry_is(directory->entries[index].name, name, length)) {
		index++;
	}
	return index < directory->entry_count ? &directory->entries[index] : NULL;
}

/* ---- changing -------------------------------------------------------------------------------- */

/* The entry of a name. A new one is empty, and the caller fills it. NULL when out of memory. */
struct vfs_entry *vfs_entry_require(struct vfs_inode *directory, const char *text, uint32_t length) {
	bool found = false;
	size_t index = vfs_entry_search(directory, text, length, &found);
	if (found) {
		return &directory->entries[index];
	}
	if (!vfs_array_reserve((void **)&directory->entries, &directory->entry_room, directory->entry_count + 1,
	                       sizeof(struct vfs_entry))) {
		return NULL;
	}
	struct vfs_name *name = vfs_entry_create_name(text, length);
	if (name == NULL) {
		return NULL;
	}
	struct vfs_entry *entry = &directory->entries[index];
	memmove(entry + 1, entry, (directory->entry_count - index) * sizeof *entry);
	directory->entry_count++;
	*entry = (struct vfs_entry){.name = name};
	return entry;
}

void vfs_entry_remove_if_empty(struct vfs_inode *directory, struct vfs_entry *entry) {
	if (entry->now != NULL || entry->durable != NULL) {
		return;
	}
	vfs_name_release(entry->name);
	directory->entry_count--;
	memmove(entry, entry + 1, (size_t)(directory->entries + directory->entry_count - entry) * sizeof *entry);
}

void vfs_entry_set_now(struct vfs_entry *entry, struct vfs_inode *inode) {
	struct vfs_inode *old = entry->now;
	if (inode != NULL) {
		vfs_inode_refer_live(inode);
	}
	entry->now = inode;
	vfs_inode_release_live(old);
}

static void vfs_entry_set_durable(struct vfs_entry *entry, struct vfs_inode *inode) { // NOLINT(misc-no-recursion)
	struct vfs_inode *old = entry->durable;
	if (inode != NULL) {
		vfs_inode_refer(inode);
	}
	entry->durable = inode;
	vfs_inode_release(old);
}

/* ---- what becomes durable -------------------------------------------------------------------- */

/* Makes the durable meaning of one name equal to the volatile one. */
static void vfs_entry_settle_name(struct vfs_inode *directory, const struct vfs_name *name) {
	struct vfs_entry *entry = name == NULL ? NULL : vfs_entry_find(directory, name->text, name->length);
	if (entry == NULL) {
		return;
	}
	vfs_entry_set_durable(entry, entry->now);
	vfs_entry_remove_if_empty(directory, entry);
}

void vfs_entry_settle(struct vfs_inode *directory) {
	for (size_t index = 0; index < directory->operation_count; index++) {
		vfs_entry_settle_name(directory, directory->operations[index].name);
		vfs_entry_settle_name(directory, directory->operations[index].to);
	}
	vfs_inode_clear_operations(directory);
}

void vfs_entry_apply(struct vfs_inode *directory, const struct vfs_name_operation *operation) {
	const struct vfs_name *added = operation->kind == VFS_NAME_LINK     ? operation->name
	                               : operation->kind == VFS_NAME_RENAME ? operation->to
	                                                                    : NULL;
	if (added != NULL) {
		struct vfs_entry *entry = vfs_entry_require(directory, added->text, added->length);
		assert(entry != NULL && "out of memory at a power loss");
		vfs_entry_set_durable(entry, operation->inode);
	}
	if (operation->kind != VFS_NAME_LINK) {
		struct vfs_entry *entry = vfs_entry_find(directory, operation->name->text, operation->name->length);
		if (entry != NULL && entry->durable == operation->inode) {
			vfs_entry_set_durable(entry, NULL);
		}
	}
}

void vfs_entry_sweep(struct vfs_inode *directory) {
	for (size_t index = 0; index < directory->entry_count; index++) {
		vfs_entry_set_now(&directory->entries[index], directory->entries[index].durable);
	}
	size_t kept = 0;
	for (size_t index = 0; index < directory->entry_count; index++) {
		if (directory->entries[index].now != NULL) {
			directory->entries[kept++] = directory->entries[index];
		} else {
			vfs_name_release(directory->entries[index].name);
		}
	}
	directory->entry_count = kept;
}
