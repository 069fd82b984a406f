/* tests/vfs/disk/test_capabilities.c: what garbage a power loss may leave, and what the
 * capabilities that a disk keeps take back.
 */
#include "fixture.h"

#include <string.h>

#define SIZE 16384

static uint8_t content[SIZE];

static struct vfs_disk *create_disk(uint32_t sector_size_bytes, bool garbage, uint32_t kept) {
	struct vfs_disk_options options = {
	        .sector_size_bytes = sector_size_bytes, .garbage = garbage, .kept_characteristics = kept};
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

static void fill(struct vfs_disk *disk, struct vfs_inode *inode, uint64_t offset, size_t size_bytes, uint8_t value) {
	uint8_t data[SIZE];
	memset(data, value, size_bytes);
	assert_int_equal(vfs_disk_write(disk, inode, offset, data, size_bytes), VFS_OK);
}

/* A durable file "/a" of `size_bytes` bytes 'o'. */
static struct vfs_inode *create_old(struct vfs_disk *disk, size_t size_bytes) {
	struct vfs_inode *inode = open_file(disk, "/a");
	if (size_bytes > 0) {
		fill(disk, inode, 0, size_bytes, 'o');
	}
	vfs_disk_sync(disk, inode);
	assert_int_equal(vfs_disk_sync_directory(disk, "/"), VFS_OK);
	return inode;
}

/* The file's size after a power loss; its bytes are in `content`. */
static size_t read_file(struct vfs_disk *disk, const char *path) {
	size_t size = 0;
	struct vfs_inode *inode = open_file(disk, path);
	vfs_disk_read(inode, 0, content, SIZE, &size);
	vfs_disk_close(disk, inode);
	return size;
}

static size_t lose_and_read(struct vfs_disk *disk, struct fixture_script *script) {
	vfs_disk_assert(disk);
	vfs_disk_power_loss(disk, fixture_choose_script, script);
	vfs_disk_assert(disk);
	return read_file(disk, "/a");
}

static void assert_filled(size_t begin, size_t end, uint8_t value) {
	for (size_t index = begin; index < end; index++) {
		assert_int_equal(content[index], value);
	}
}

/* Bytes that are neither old nor new nor zeros all over. */
static void assert_garbage(size_t begin, size_t end) {
	size_t known = 0;
	for (size_t index = begin; index < end; index++) {
		known += content[index] == 'o' || content[index] == 'n' || content[index] == 0;
	}
	assert_true(known < (end - begin) / 10);
}

#define BY_SECTOR(choice)                                                                                              \
	{                                                                                                              \
		.answers = {                                                                                           \
			[VFS_CHOICE_FILE] = 2,                                                                         \
			[VFS_CHOICE_WRITE] = 2,                                                                        \
			[VFS_CHOICE_SECTOR] = (choice),                                                                \
			[VFS_CHOICE_GARBAGE] = 77                                                                      \
		}                                                                                                      \
	}

/* ---- garbage --------------------------------------------------------------------------------- */

static void garbage_stays_within_the_bytes_written_when_overwriting_is_safe(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(512, true, SQLITE_IOCAP_POWERSAFE_OVERWRITE);
	fill(disk, create_old(disk, 4096), 700, 700, 'n');
	struct fixture_script script = BY_SECTOR(3);
	assert_int_equal(lose_and_read(disk, &script), 4096);
	assert_int_equal(script.asked[VFS_CHOICE_GARBAGE], 2);
	assert_filled(0, 700, 'o');
	assert_garbage(700, 1400);
	assert_filled(1400, 4096, 'o');
	vfs_disk_destroy(disk);
}

static void garbage_takes_whole_sectors_when_overwriting_is_not_safe(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(512, true, 0);
	fill(disk, create_old(disk, 4096), 700, 700, 'n');
	struct fixture_script script = BY_SECTOR(3);
	assert_int_equal(lose_and_read(disk, &script), 4096);
	assert_filled(0, 512, 'o');
	assert_garbage(512, 1536);
	assert_filled(1536, 4096, 'o');
	vfs_disk_destroy(disk);
}

static void garbage_ends_with_the_file(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(4096, true, 0);
	fill(disk, create_old(disk, 1000), 900, 300, 'n');
	struct fixture_script script = BY_SECTOR(3);
	assert_int_equal(lose_and_read(disk, &script), 1200);
	assert_garbage(0, 1200);
	vfs_disk_destroy(disk);
}

static void file_may_grow_by_garbage(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(512, true, 0);
	fill(disk, create_old(disk, 1000), 900, 8000, 'n');
	struct fixture_script script = {.answers = {[VFS_CHOICE_FILE] = 2, [VFS_CHOICE_WRITE] = 4}};
	assert_int_equal(lose_and_read(disk, &script), 8900);
	assert_filled(0, 1000, 'o');
	assert_garbage(1000, 8900);
	vfs_disk_destroy(disk);
}

static void make_garbage(uint64_t number, uint8_t bytes[4096]) {
	struct vfs_disk *disk = create_disk(4096, true, 0);
	fill(disk, create_old(disk, 4096), 0, 4096, 'n');
	struct fixture_script script = BY_SECTOR(3);
	script.answers[VFS_CHOICE_GARBAGE] = number;
	assert_int_equal(lose_and_read(disk, &script), 4096);
	memcpy(bytes, content, 4096);
	vfs_disk_destroy(disk);
}

static void garbage_is_the_same_for_the_same_number_only(void **state) {
	(void)state;
	uint8_t first[4096];
	uint8_t second[4096];
	make_garbage(5, first);
	make_garbage(5, second);
	assert_memory_equal(first, second, sizeof first);
	make_garbage(6, second);
	assert_memory_not_equal(first, second, sizeof first);
}

static void nobody_is_asked_for_garbage_unless_the_disk_leaves_some(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(512, false, 0);
	fill(disk, create_old(disk, 1000), 900, 300, 'n');
	struct fixture_script script = BY_SECTOR(3); /* cut to the last choice there is: a prefix,
	                                              * of no byte */
	assert_int_equal(lose_and_read(disk, &script), 1000);
	assert_int_equal(script.asked[VFS_CHOICE_GARBAGE], 0);
	assert_filled(0, 1000, 'o');
	vfs_disk_destroy(disk);
}

/* ---- atomic writes --------------------------------------------------------------------------- */

static uint64_t count_write_choices(uint32_t kept, uint64_t offset, size_t size_bytes) {
	struct vfs_disk *disk = create_disk(512, false, kept);
	fill(disk, create_old(disk, 8192), offset, size_bytes, 'n');
	struct fixture_script script = BY_SECTOR(0);
	(void)lose_and_read(disk, &script);
	vfs_disk_destroy(disk);
	return script.asked[VFS_CHOICE_SECTOR];
}

static void atomic_writes_are_not_torn(void **state) {
	(void)state;
	assert_int_equal(count_write_choices(0, 4096, 4096), 8);
	assert_int_equal(count_write_choices(SQLITE_IOCAP_ATOMIC4K, 4096, 4096), 0);
	/* not aligned */
	assert_int_equal(count_write_choices(SQLITE_IOCAP_ATOMIC4K, 512, 4096), 8);
	assert_int_equal(count_write_choices(SQLITE_IOCAP_ATOMIC4K, 4096, 2048), 4);
	assert_int_equal(count_write_choices(SQLITE_IOCAP_ATOMIC4K | SQLITE_IOCAP_ATOMIC2K, 4096, 2048), 0);
	assert_int_equal(count_write_choices(SQLITE_IOCAP_ATOMIC, 100, 3000), 0);
}

/* ---- safe append ----------------------------------------------------------------------------- */

static void safe_append_never_grows_a_file_without_its_content(void **state) {
	(void)state;
	uint64_t sizes = 0;
	for (uint64_t seed = 1; seed <= 300; seed++) {
		struct vfs_disk *disk =
		        create_disk(512, true, SQLITE_IOCAP_SAFE_APPEND | SQLITE_IOCAP_POWERSAFE_OVERWRITE);
		struct vfs_inode *inode = create_old(disk, 1000);
		for (uint64_t at = 1000; at < 8000; at += 700) {
			fill(disk, inode, at, 700, 'n');
		}
		struct fixture_random random = {seed};
		vfs_disk_power_loss(disk, fixture_choose_random, &random);
		vfs_disk_assert(disk);
		size_t size = read_file(disk, "/a");
		assert_in_range(size, 1000, 8000);
		assert_filled(1000, size, 'n');
		sizes += size > 1000 && size < 8000;
		vfs_disk_destroy(disk);
	}
	assert_true(sizes > 30);
}

static void without_safe_append_it_does(void **state) {
	(void)state;
	int strange = 0;
	for (uint64_t seed = 1; seed <= 300; seed++) {
		struct vfs_disk *disk = create_disk(512, false, 0);
		struct vfs_inode *inode = create_old(disk, 1000);
		for (uint64_t at = 1000; at < 8000; at += 700) {
			fill(disk, inode, at, 700, 'n');
		}
		struct fixture_random random = {seed};
		vfs_disk_power_loss(disk, fixture_choose_random, &random);
		size_t size = read_file(disk, "/a");
		strange += size > 1000 && memchr(content + 1000, 0, size - 1000) != NULL;
		vfs_disk_destroy(disk);
	}
	assert_true(strange > 30);
}

/* ---- order ----------------------------------------------------------------------------------- */

/* Four operations on two files and a name, then power loss after which `surviving` are left. */
static struct vfs_disk *keep_order(uint64_t surviving) {
	struct vfs_disk *disk = create_disk(512, true, SQLITE_IOCAP_SEQUENTIAL);
	struct vfs_inode *first = create_old(disk, 100);
	fill(disk, first, 0, 100, '1');
	struct vfs_inode *second = open_file(disk, "/b"); /* a name: the second operation */
	fill(disk, second, 0, 100, '3');
	fill(disk, first, 50, 100, '4');
	struct fixture_script script = {.answers = {[VFS_CHOICE_ORDER] = surviving, [VFS_CHOICE_PREFIX] = 20}};
	vfs_disk_assert(disk);
	vfs_disk_power_loss(disk, fixture_choose_script, &script);
	vfs_disk_assert(disk);
	assert_int_equal(script.asked[VFS_CHOICE_ORDER], 1);
	return disk;
}

static void sequential_leaves_a_prefix_of_all_operations(void **state) {
	(void)state;
	struct vfs_disk *disk = keep_order(1);
	assert_int_equal(read_file(disk, "/a"), 100);
	assert_filled(0, 100, '1');
	assert_false(vfs_disk_exists(disk, "/b"));
	vfs_disk_destroy(disk);
	disk = keep_order(2); /* the third is cut at 20 bytes */
	assert_int_equal(read_file(disk, "/b"), 20);
	assert_filled(0, 20, '3');
	vfs_disk_destroy(disk);
	disk = keep_order(4);
	assert_int_equal(read_file(disk, "/b"), 100);
	assert_int_equal(read_file(disk, "/a"), 150);
	assert_filled(0, 50, '1');
	assert_filled(50, 150, '4');
	vfs_disk_destroy(disk);
}

static void sequential_sync_of_one_file_stores_what_is_older_in_all(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(512, false, SQLITE_IOCAP_SEQUENTIAL);
	struct vfs_inode *first = create_old(disk, 100);
	struct vfs_inode *second = open_file(disk, "/b");
	fill(disk, second, 0, 100, '2');
	fill(disk, first, 0, 100, '3');
	vfs_disk_sync(disk, first);
	assert_int_equal(vfs_disk_pending_count(disk), 0);
	vfs_disk_assert(disk);
	vfs_disk_power_loss(disk, fixture_choose_nothing, NULL);
	assert_int_equal(read_file(disk, "/b"), 100);
	assert_int_equal(vfs_disk_unlink(disk, "/b"), VFS_OK);
	assert_int_equal(vfs_disk_make_directory(disk, "/c"), VFS_OK);
	vfs_disk_close(disk, open_file(disk, "/c/d"));
	assert_int_equal(vfs_disk_sync_directory(disk, "/c"), VFS_OK);
	assert_int_equal(vfs_disk_pending_count(disk), 0);
	vfs_disk_assert(disk);
	vfs_disk_destroy(disk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(garbage_stays_within_the_bytes_written_when_overwriting_is_safe),
	        cmocka_unit_test(garbage_takes_whole_sectors_when_overwriting_is_not_safe),
	        cmocka_unit_test(garbage_ends_with_the_file),
	        cmocka_unit_test(file_may_grow_by_garbage),
	        cmocka_unit_test(garbage_is_the_same_for_the_same_number_only),
	        cmocka_unit_test(nobody_is_asked_for_garbage_unless_the_disk_leaves_some),
	        cmocka_unit_test(atomic_writes_are_not_torn),
	        cmocka_unit_test(safe_append_never_grows_a_file_without_its_content),
	        cmocka_unit_test(without_safe_append_it_does),
	        cmocka_unit_test(sequential_leaves_a_prefix_of_all_operations),
	        cmocka_unit_test(sequential_sync_of_one_file_stores_what_is_older_in_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
