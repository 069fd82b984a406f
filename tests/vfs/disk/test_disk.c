/* tests/vfs/disk/test_disk.c: files, names and space of the simulated disk while the power is on,
 * and what a sync makes durable. */
#include "fixture.h"

#define XXH_INLINE_ALL
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define BLOCK 4096u

static struct vfs_disk *create_disk(uint64_t capacity_bytes) {
	struct vfs_disk_options options = {.sector_size_bytes = 512, .capacity_bytes = capacity_bytes};
	struct vfs_disk *disk = vfs_disk_create(&options);
	assert_non_null(disk);
	return disk;
}

static struct vfs_inode *open_file(struct vfs_disk *disk, const char *path) {
	struct vfs_inode *inode = NULL;
	bool created = false;
	assert_int_equal(vfs_disk_open(disk, path, true, &created, &inode), VFS_OK);
	return inode;
}

static void write_text(struct vfs_disk *disk, struct vfs_inode *inode, uint64_t offset, const char *text) {
	assert_int_equal(vfs_disk_write(disk, inode, offset, text, strlen(text)), VFS_OK);
}

/* Makes a file with this content, synced or not, its name too. */
static void put_file(struct vfs_disk *disk, const char *path, const char *text, bool synced) {
	struct vfs_inode *inode = open_file(disk, path);
	write_text(disk, inode, 0, text);
	if (synced) {
		vfs_disk_sync(disk, inode);
		assert_int_equal(vfs_disk_sync_directory(disk, "/"), VFS_OK);
	}
	vfs_disk_close(disk, inode);
}

static void assert_content(struct vfs_disk *disk, const char *path, const char *text) {
	struct vfs_inode *inode = NULL;
	bool created = false;
	char buffer[256];
	size_t size = 0;
	assert_int_equal(vfs_disk_open(disk, path, false, &created, &inode), VFS_OK);
	vfs_disk_read(inode, 0, buffer, sizeof buffer, &size);
	assert_int_equal(size, strlen(text));
	assert_memory_equal(buffer, text, size);
	assert_int_equal(vfs_disk_size(inode), size);
	vfs_disk_close(disk, inode);
}

static void lose_power(struct vfs_disk *disk, bool everything_survives) {
	vfs_disk_assert(disk);
	vfs_disk_power_loss(disk, everything_survives ? fixture_choose_everything : fixture_choose_nothing, NULL);
	vfs_disk_assert(disk);
	assert_int_equal(vfs_disk_pending_count(disk), 0);
}

/* ---- durability ------------------------------------------------------------------------------ */

static void unsynced_write_is_lost_at_power_loss(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(0);
	put_file(disk, "/a", "old", true);
	put_file(disk, "/a", "new", false);
	assert_content(disk, "/a", "new");
	lose_power(disk, false);
	assert_content(disk, "/a", "old");
	vfs_disk_destroy(disk);
}

static void unsynced_write_may_survive_power_loss(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(0);
	put_file(disk, "/a", "old", true);
	put_file(disk, "/a", "new", false);
	lose_power(disk, true);
	assert_content(disk, "/a", "new");
	vfs_disk_destroy(disk);
}

static void synced_write_survives_power_loss(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(0);
	put_file(disk, "/a", "old", true);
	put_file(disk, "/a", "new", true);
	lose_power(disk, false);
	assert_content(disk, "/a", "new");
	vfs_disk_destroy(disk);
}

static void synced_file_without_synced_name_is_lost(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(0);
	struct vfs_inode *inode = open_file(disk, "/a");
	write_text(disk, inode, 0, "content");
	vfs_disk_sync(disk, inode);
	vfs_disk_close(disk, inode);
	lose_power(disk, false);
	assert_false(vfs_disk_exists(disk, "/a"));
	assert_int_equal(vfs_disk_used_bytes(disk), 0);
	vfs_disk_destroy(disk);
}

static void synced_name_without_synced_content_is_an_empty_file(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(0);
	put_file(disk, "/a", "content", false);
	assert_int_equal(vfs_disk_sync_directory(disk, "/"), VFS_OK);
	lose_power(disk, false);
	assert_content(disk, "/a", "");
	vfs_disk_destroy(disk);
}

static void unsynced_unlink_brings_the_file_back(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(0);
	put_file(disk, "/a", "content", true);
	assert_int_equal(vfs_disk_unlink(disk, "/a"), VFS_OK);
	assert_false(vfs_disk_exists(disk, "/a"));
	assert_int_equal(vfs_disk_used_bytes(disk), 0);
	lose_power(disk, false);
	assert_content(disk, "/a", "content");
	assert_int_equal(vfs_disk_used_bytes(disk), BLOCK);
	vfs_disk_destroy(disk);
}

static void synced_unlink_stays(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(0);
	put_file(disk, "/a", "content", true);
	assert_int_equal(vfs_disk_unlink(disk, "/a"), VFS_OK);
	assert_int_equal(vfs_disk_sync_directory(disk, "/"), VFS_OK);
	lose_power(disk, false);
	assert_false(vfs_disk_exists(disk, "/a"));
	vfs_disk_destroy(disk);
}

static void unsynced_rename_is_undone_as_a_whole(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(0);
	put_file(disk, "/a", "new", true);
	put_file(disk, "/b", "old", true);
	assert_int_equal(vfs_disk_rename(disk, "/a", "/b"), VFS_OK);
	assert_content(disk, "/b", "new");
	assert_false(vfs_disk_exists(disk, "/a"));
	lose_power(disk, false);
	assert_content(disk, "/a", "new");
	assert_content(disk, "/b", "old");
	vfs_disk_destroy(disk);
}

static void surviving_rename_replaces_as_a_whole(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(0);
	put_file(disk, "/a", "new", true);
	put_file(disk, "/b", "old", true);
	assert_int_equal(vfs_disk_rename(disk, "/a", "/b"), VFS_OK);
	lose_power(disk, true);
	assert_content(disk, "/b", "new");
	assert_false(vfs_disk_exists(disk, "/a"));
	vfs_disk_destroy(disk);
}

static void unsynced_truncate_is_lost(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(0);
	put_file(disk, "/a", "content", true);
	struct vfs_inode *inode = open_file(disk, "/a");
	assert_int_equal(vfs_disk_truncate(disk, inode, 3), VFS_OK);
	vfs_disk_close(disk, inode);
	assert_content(disk, "/a", "con");
	lose_power(disk, false);
	assert_content(disk, "/a", "content");
	vfs_disk_destroy(disk);
}

static void synced_truncate_stays(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(0);
	put_file(disk, "/a", "content", true);
	struct vfs_inode *inode = open_file(disk, "/a");
	assert_int_equal(vfs_disk_truncate(disk, inode, 3), VFS_OK);
	vfs_disk_sync(disk, inode);
	vfs_disk_close(disk, inode);
	lose_power(disk, false);
	assert_content(disk, "/a", "con");
	vfs_disk_destroy(disk);
}

static void directory_is_lost_with_all_in_it(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(0);
	assert_int_equal(vfs_disk_make_directory(disk, "/d"), VFS_OK);
	struct vfs_inode *inode = open_file(disk, "/d/a");
	write_text(disk, inode, 0, "content");
	vfs_disk_sync(disk, inode);
	assert_int_equal(vfs_disk_sync_directory(disk, "/d"), VFS_OK);
	vfs_disk_close(disk, inode);
	lose_power(disk, false);
	assert_false(vfs_disk_exists(disk, "/d"));
	vfs_disk_destroy(disk);
}

static void directory_with_synced_name_keeps_what_is_synced_in_it(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(0);
	assert_int_equal(vfs_disk_make_directory(disk, "/d"), VFS_OK);
	struct vfs_inode *inode = open_file(disk, "/d/a");
	write_text(disk, inode, 0, "content");
	vfs_disk_sync(disk, inode);
	vfs_disk_close(disk, inode);
	assert_int_equal(vfs_disk_sync_directory(disk, "/d"), VFS_OK);
	assert_int_equal(vfs_disk_sync_directory(disk, "/"), VFS_OK);
	lose_power(disk, false);
	assert_content(disk, "/d/a", "content");
	vfs_disk_destroy(disk);
}

static void removed_directory_takes_its_old_files_from_its_successor(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(0);
	assert_int_equal(vfs_disk_make_directory(disk, "/d"), VFS_OK);
	put_file(disk, "/d/a", "content", false);
	assert_int_equal(vfs_disk_sync_directory(disk, "/d"), VFS_OK);
	assert_int_equal(vfs_disk_sync_directory(disk, "/"), VFS_OK);
	assert_int_equal(vfs_disk_unlink(disk, "/d/a"), VFS_OK);
	assert_int_equal(vfs_disk_unlink(disk, "/d"), VFS_OK);
	assert_int_equal(vfs_disk_make_directory(disk, "/d"), VFS_OK);
	lose_power(disk, true);
	assert_true(vfs_disk_exists(disk, "/d"));
	assert_false(vfs_disk_exists(disk, "/d/a"));
	vfs_disk_destroy(disk);
}

/* ---- files and names as programs see them ---------------------------------------------------- */

static void hole_reads_as_zeros(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(0);
	struct vfs_inode *inode = open_file(disk, "/a");
	uint8_t buffer[3 * BLOCK];
	size_t size = 0;
	write_text(disk, inode, 2 * BLOCK + 100, "x");
	vfs_disk_read(inode, 0, buffer, sizeof buffer, &size);
	assert_int_equal(size, 2 * BLOCK + 101);
	for (size_t index = 0; index + 1 < size; index++) {
		assert_int_equal(buffer[index], 0);
	}
	assert_int_equal(buffer[size - 1], 'x');
	assert_int_equal(vfs_disk_used_bytes(disk), BLOCK);
	vfs_disk_close(disk, inode);
	vfs_disk_destroy(disk);
}

/* V2: bytes beyond the end mean nothing. */
static void content_cut_off_does_not_come_back_when_the_file_grows(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(0);
	struct vfs_inode *inode = open_file(disk, "/a");
	write_text(disk, inode, 0, "secret");
	assert_int_equal(vfs_disk_truncate(disk, inode, 2), VFS_OK);
	assert_int_equal(vfs_disk_truncate(disk, inode, 4), VFS_OK);
	vfs_disk_close(disk, inode);
	struct vfs_inode *again = open_file(disk, "/a");
	char buffer[8];
	size_t size = 0;
	vfs_disk_read(again, 0, buffer, sizeof buffer, &size);
	assert_int_equal(size, 4);
	assert_memory_equal(buffer, "se\0\0", 4);
	vfs_disk_close(disk, again);
	vfs_disk_assert(disk);
	vfs_disk_destroy(disk);
}

static void names_fail_as_documented(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(0);
	struct vfs_inode *inode = NULL;
	bool created = true;
	char long_path[VFS_PATH_MAX + 3];
	memset(long_path, 'x', sizeof long_path);
	long_path[0] = '/';
	long_path[sizeof long_path - 1] = '\0';
	assert_int_equal(vfs_disk_open(disk, "/a", false, &created, &inode), VFS_NOT_FOUND);
	assert_null(inode);
	assert_int_equal(vfs_disk_open(disk, "/d/a", true, &created, &inode), VFS_NOT_FOUND);
	assert_int_equal(vfs_disk_open(disk, long_path, true, &created, &inode), VFS_NAME_TOO_LONG);
	assert_int_equal(vfs_disk_open(disk, "/", true, &created, &inode), VFS_NOT_A_FILE);
	assert_int_equal(vfs_disk_make_directory(disk, "/d"), VFS_OK);
	assert_int_equal(vfs_disk_make_directory(disk, "/d"), VFS_EXISTS);
	assert_int_equal(vfs_disk_make_directory(disk, "/e/f"), VFS_NOT_FOUND);
	assert_int_equal(vfs_disk_open(disk, "/d", true, &created, &inode), VFS_NOT_A_FILE);
	put_file(disk, "/d/a", "x", false);
	assert_int_equal(vfs_disk_unlink(disk, "/d"), VFS_NOT_EMPTY);
	assert_int_equal(vfs_disk_unlink(disk, "/"), VFS_NOT_EMPTY);
	assert_int_equal(vfs_disk_unlink(disk, "/b"), VFS_NOT_FOUND);
	assert_int_equal(vfs_disk_rename(disk, "/b", "/c"), VFS_NOT_FOUND);
	assert_int_equal(vfs_disk_rename(disk, "/d/a", "/d"), VFS_NOT_A_FILE);
	assert_int_equal(vfs_disk_sync_directory(disk, "/d/a"), VFS_NOT_FOUND);
	assert_int_equal(vfs_disk_unlink(disk, "/d/a"), VFS_OK);
	assert_int_equal(vfs_disk_unlink(disk, "/d"), VFS_OK);
	vfs_disk_assert(disk);
	vfs_disk_destroy(disk);
}

static void rename_between_directories_moves_the_file(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(0);
	assert_int_equal(vfs_disk_make_directory(disk, "/d"), VFS_OK);
	put_file(disk, "/a", "content", false);
	assert_int_equal(vfs_disk_rename(disk, "/a", "/d/b"), VFS_OK);
	assert_false(vfs_disk_exists(disk, "/a"));
	assert_content(disk, "/d/b", "content");
	vfs_disk_assert(disk);
	vfs_disk_destroy(disk);
}

struct visited {
	char text[128];
};

static void note_visit(void *context, const char *path, const struct vfs_inode *inode) {
	struct visited *visited = context;
	assert_int_equal(vfs_disk_size(inode), 1);
	strcat(visited->text, path); // NOLINT: the paths of this test fit
	strcat(visited->text, " ");  // NOLINT
}

static void visit_is_in_the_order_of_paths(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(0);
	struct visited visited = {{0}};
	assert_int_equal(vfs_disk_make_directory(disk, "/a"), VFS_OK);
	put_file(disk, "/a/b", "x", false);
	put_file(disk, "/a.c", "x", false);
	put_file(disk, "/Z", "x", false);
	put_file(disk, "/gone", "x", true);
	assert_int_equal(vfs_disk_unlink(disk, "/gone"), VFS_OK);
	vfs_disk_visit(disk, note_visit, &visited);
	assert_string_equal(visited.text, "/Z /a.c /a/b ");
	vfs_disk_destroy(disk);
}

/* ---- space ----------------------------------------------------------------------------------- */

static void full_disk_refuses_a_write_as_a_whole(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(2 * BLOCK);
	struct vfs_inode *inode = open_file(disk, "/a");
	static const uint8_t data[3 * BLOCK] = {1};
	assert_int_equal(vfs_disk_write(disk, inode, 0, data, sizeof data), VFS_FULL);
	assert_int_equal(vfs_disk_size(inode), 0);
	assert_int_equal(vfs_disk_write(disk, inode, 0, data, 2 * BLOCK), VFS_OK);
	assert_int_equal(vfs_disk_write(disk, inode, 2 * BLOCK, data, 1), VFS_FULL);
	assert_int_equal(vfs_disk_write(disk, inode, 0, data, 2 * BLOCK), VFS_OK); /* in place */
	vfs_disk_set_capacity(disk, BLOCK);
	assert_int_equal(vfs_disk_write(disk, inode, 2 * BLOCK, data, 1), VFS_FULL);
	vfs_disk_set_capacity(disk, 0);
	assert_int_equal(vfs_disk_write(disk, inode, 2 * BLOCK, data, 1), VFS_OK);
	assert_int_equal(vfs_disk_used_bytes(disk), 3 * BLOCK);
	vfs_disk_close(disk, inode);
	vfs_disk_assert(disk);
	vfs_disk_destroy(disk);
}

/* V5: a handle is a reference. */
static void unlinked_file_keeps_its_space_while_open(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(0);
	struct vfs_inode *inode = open_file(disk, "/a");
	write_text(disk, inode, 0, "content");
	assert_int_equal(vfs_disk_unlink(disk, "/a"), VFS_OK);
	assert_int_equal(vfs_disk_used_bytes(disk), BLOCK);
	write_text(disk, inode, BLOCK, "more");
	assert_int_equal(vfs_disk_used_bytes(disk), 2 * BLOCK);
	vfs_disk_assert(disk);
	vfs_disk_close(disk, inode);
	assert_int_equal(vfs_disk_used_bytes(disk), 0);
	vfs_disk_assert(disk);
	vfs_disk_destroy(disk);
}

/* V3: the space taken is that of the files that somebody can reach. */
static void truncate_gives_space_back(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(0);
	struct vfs_inode *inode = open_file(disk, "/a");
	write_text(disk, inode, 0, "x");
	write_text(disk, inode, BLOCK, "x");
	assert_int_equal(vfs_disk_truncate(disk, inode, 1), VFS_OK);
	assert_int_equal(vfs_disk_used_bytes(disk), BLOCK);
	vfs_disk_close(disk, inode);
	vfs_disk_destroy(disk);
}

/* ---- damage ---------------------------------------------------------------------------------- */

static void damage_is_seen_and_durable(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(0);
	put_file(disk, "/a", "content", true);
	assert_int_equal(vfs_disk_flip(disk, "/a", 0, 0x20), VFS_OK);
	assert_content(disk, "/a", "Content");
	assert_int_equal(vfs_disk_cut(disk, "/a", 4), VFS_OK);
	assert_content(disk, "/a", "Cont");
	vfs_disk_assert(disk);
	lose_power(disk, false);
	assert_content(disk, "/a", "Cont");
	assert_int_equal(vfs_disk_zero(disk, "/a", 1, 1000), VFS_OK);
	struct vfs_inode *inode = open_file(disk, "/a");
	char buffer[4];
	size_t size = 0;
	vfs_disk_read(inode, 0, buffer, sizeof buffer, &size);
	assert_memory_equal(buffer, "C\0\0\0", 4);
	vfs_disk_close(disk, inode);
	vfs_disk_assert(disk);
	vfs_disk_destroy(disk);
}

static void damage_beyond_the_end_or_of_nothing_changes_nothing(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(0);
	put_file(disk, "/a", "content", true);
	assert_int_equal(vfs_disk_flip(disk, "/a", 7, 0xff), VFS_OK);
	assert_int_equal(vfs_disk_cut(disk, "/a", 100), VFS_OK);
	assert_int_equal(vfs_disk_zero(disk, "/a", 8000, 1), VFS_OK);
	assert_content(disk, "/a", "content");
	assert_int_equal(vfs_disk_flip(disk, "/b", 0, 1), VFS_NOT_FOUND);
	assert_int_equal(vfs_disk_cut(disk, "/", 0), VFS_NOT_A_FILE);
	vfs_disk_destroy(disk);
}

static void damage_leaves_pending_writes_alone(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(0);
	put_file(disk, "/a", "content", true);
	put_file(disk, "/a", "CON", false);
	assert_int_equal(vfs_disk_flip(disk, "/a", 0, 0x02), VFS_OK); /* C to A, c to a */
	assert_content(disk, "/a", "AONtent");
	vfs_disk_assert(disk);
	struct fixture_script whole = {.answers = {[VFS_CHOICE_FILE] = 2, [VFS_CHOICE_WRITE] = 1}};
	vfs_disk_power_loss(disk, fixture_choose_script, &whole);
	assert_content(disk, "/a", "CONtent"); /* the pending write overwrote the damage */
	vfs_disk_destroy(disk);
}

/* ---- snapshots ------------------------------------------------------------------------------- */

/* V4: an image changes a block in place only if no other image has it. */
static void snapshot_and_original_are_independent(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(0);
	put_file(disk, "/a", "old", true);
	put_file(disk, "/a", "new", false);
	assert_int_equal(vfs_disk_make_directory(disk, "/d"), VFS_OK);
	put_file(disk, "/d/b", "inner", false);
	struct vfs_disk *snapshot = vfs_disk_snapshot(disk);
	assert_non_null(snapshot);
	vfs_disk_assert(snapshot);
	assert_int_equal(vfs_disk_pending_count(snapshot), vfs_disk_pending_count(disk));
	put_file(disk, "/a", "original", true);
	put_file(snapshot, "/d/b", "copied", false);
	assert_content(disk, "/a", "original");
	assert_content(snapshot, "/a", "new");
	assert_content(disk, "/d/b", "inner");
	assert_content(snapshot, "/d/b", "copied");
	lose_power(snapshot, false);
	assert_content(snapshot, "/a", "old");
	assert_false(vfs_disk_exists(snapshot, "/d"));
	vfs_disk_destroy(disk);
	assert_content(snapshot, "/a", "old");
	vfs_disk_assert(snapshot);
	vfs_disk_destroy(snapshot);
}

static void snapshot_leaves_out_what_only_handles_hold(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(0);
	struct vfs_inode *inode = open_file(disk, "/a");
	write_text(disk, inode, 0, "content");
	assert_int_equal(vfs_disk_unlink(disk, "/a"), VFS_OK);
	struct vfs_disk *snapshot = vfs_disk_snapshot(disk);
	assert_int_equal(vfs_disk_used_bytes(disk), BLOCK);
	assert_int_equal(vfs_disk_used_bytes(snapshot), 0);
	vfs_disk_assert(snapshot);
	vfs_disk_close(disk, inode);
	vfs_disk_destroy(snapshot);
	vfs_disk_destroy(disk);
}

/* ---- the kernel's own write-back (V9) -------------------------------------------------------- */

/* Of each block, twice: the second one is what the block has kept (V10). */
static void assert_hashes(const struct vfs_disk *disk, const struct vfs_inode *inode) {
	char bytes[BLOCK];
	size_t size = 0;
	for (uint32_t block = 0; block < (vfs_disk_size(inode) + BLOCK - 1) / BLOCK; block++) {
		vfs_disk_read(inode, (uint64_t)block * BLOCK, bytes, sizeof bytes, &size);
		assert_int_equal(vfs_disk_hash_block(inode, block), XXH3_64bits(bytes, size));
		assert_int_equal(vfs_disk_hash_block(inode, block), XXH3_64bits(bytes, size));
	}
	vfs_disk_assert(disk);
}

static void hash_of_a_block_is_that_of_its_bytes_after_every_change(void **state) {
	struct vfs_disk *disk = create_disk(0);
	struct vfs_inode *inode = open_file(disk, "/f");
	(void)state;
	write_text(disk, inode, 2 * BLOCK, "beyond two holes");
	assert_hashes(disk, inode);
	write_text(disk, inode, 2 * BLOCK + 7, "over and beyond the end");
	assert_hashes(disk, inode);
	vfs_disk_sync(disk, inode);
	write_text(disk, inode, 5, "in a hole");
	assert_hashes(disk, inode);
	assert_int_equal(vfs_disk_truncate(disk, inode, 9), VFS_OK);
	assert_hashes(disk, inode);
	assert_int_equal(vfs_disk_truncate(disk, inode, 2 * BLOCK + 9), VFS_OK);
	assert_hashes(disk, inode);
	write_text(disk, inode, 8, "where it was cut");
	assert_hashes(disk, inode);
	vfs_disk_close(disk, inode);
	lose_power(disk, true);
	vfs_disk_destroy(disk);
}

static void hash_of_a_block_that_snapshots_share_stays_when_one_writes(void **state) {
	struct vfs_disk *disk = create_disk(0);
	(void)state;
	put_file(disk, "/f", "shared", true);
	struct vfs_inode *inode = open_file(disk, "/f");
	uint64_t before = vfs_disk_hash_block(inode, 0);
	struct vfs_disk *copy = vfs_disk_snapshot(disk);
	struct vfs_inode *copied = open_file(copy, "/f");
	write_text(copy, copied, 0, "S");
	assert_int_not_equal(vfs_disk_hash_block(copied, 0), before);
	assert_int_equal(vfs_disk_hash_block(inode, 0), before);
	assert_hashes(copy, copied);
	assert_hashes(disk, inode);
	vfs_disk_close(copy, copied);
	vfs_disk_close(disk, inode);
	vfs_disk_destroy(copy);
	vfs_disk_destroy(disk);
}

static void file_that_is_never_synced_does_not_grow_its_list_for_ever(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(0);
	put_file(disk, "/a", "x", true);
	struct vfs_inode *inode = open_file(disk, "/a");
	static const uint8_t data[65536] = {7};
	size_t most = 0;
	for (int round = 0; round < 1000; round++) {
		assert_int_equal(vfs_disk_write(disk, inode, 1, data, sizeof data), VFS_OK);
		if (vfs_disk_pending_count(disk) > most) {
			most = vfs_disk_pending_count(disk);
		}
	}
	assert_in_range(most, 100, 300); /* 16 MiB of 64 KiB */
	vfs_disk_assert(disk);
	vfs_disk_close(disk, inode);
	vfs_disk_destroy(disk);
}

static void directory_that_is_never_synced_does_not_grow_its_list_for_ever(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(0);
	for (int round = 0; round < 2000; round++) {
		put_file(disk, "/a", "x", false);
		assert_int_equal(vfs_disk_unlink(disk, "/a"), VFS_OK);
	}
	assert_true(vfs_disk_pending_count(disk) < 600);
	vfs_disk_assert(disk);
	vfs_disk_destroy(disk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(unsynced_write_is_lost_at_power_loss),
	        cmocka_unit_test(unsynced_write_may_survive_power_loss),
	        cmocka_unit_test(synced_write_survives_power_loss),
	        cmocka_unit_test(synced_file_without_synced_name_is_lost),
	        cmocka_unit_test(synced_name_without_synced_content_is_an_empty_file),
	        cmocka_unit_test(unsynced_unlink_brings_the_file_back),
	        cmocka_unit_test(synced_unlink_stays),
	        cmocka_unit_test(unsynced_rename_is_undone_as_a_whole),
	        cmocka_unit_test(surviving_rename_replaces_as_a_whole),
	        cmocka_unit_test(unsynced_truncate_is_lost),
	        cmocka_unit_test(synced_truncate_stays),
	        cmocka_unit_test(directory_is_lost_with_all_in_it),
	        cmocka_unit_test(directory_with_synced_name_keeps_what_is_synced_in_it),
	        cmocka_unit_test(removed_directory_takes_its_old_files_from_its_successor),
	        cmocka_unit_test(hole_reads_as_zeros),
	        cmocka_unit_test(content_cut_off_does_not_come_back_when_the_file_grows),
	        cmocka_unit_test(names_fail_as_documented),
	        cmocka_unit_test(rename_between_directories_moves_the_file),
	        cmocka_unit_test(visit_is_in_the_order_of_paths),
	        cmocka_unit_test(full_disk_refuses_a_write_as_a_whole),
	        cmocka_unit_test(unlinked_file_keeps_its_space_while_open),
	        cmocka_unit_test(truncate_gives_space_back),
	        cmocka_unit_test(damage_is_seen_and_durable),
	        cmocka_unit_test(damage_beyond_the_end_or_of_nothing_changes_nothing),
	        cmocka_unit_test(damage_leaves_pending_writes_alone),
	        cmocka_unit_test(snapshot_and_original_are_independent),
	        cmocka_unit_test(hash_of_a_block_is_that_of_its_bytes_after_every_change),
	        cmocka_unit_test(hash_of_a_block_that_snapshots_share_stays_when_one_writes),
	        cmocka_unit_test(snapshot_leaves_out_what_only_handles_hold),
	        cmocka_unit_test(file_that_is_never_synced_does_not_grow_its_list_for_ever),
	        cmocka_unit_test(directory_that_is_never_synced_does_not_grow_its_list_for_ever),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
