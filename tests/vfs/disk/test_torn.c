/* tests/vfs/disk/test_torn.c: what a power loss may leave: torn writes, orders of names and
 * truncates, and that every outcome is legal: random operations against a naive model that knows
 * every value that each byte may have.
 */
#include "fixture.h"

#include <string.h>

static struct vfs_disk *create_disk(bool names_free, bool truncate_free, uint32_t sector_size_bytes) {
	struct vfs_disk_options options = {
	        .sector_size_bytes = sector_size_bytes, .names_free = names_free, .truncate_free = truncate_free};
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
	uint8_t data[16384];
	assert_true(size_bytes <= sizeof data);
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

static size_t lose_and_read(struct vfs_disk *disk, struct fixture_script *script, uint8_t buffer[16384]) {
	size_t size = 0;
	vfs_disk_assert(disk);
	vfs_disk_power_loss(disk, fixture_choose_script, script);
	vfs_disk_assert(disk);
	struct vfs_inode *inode = open_file(disk, "/a");
	vfs_disk_read(inode, 0, buffer, 16384, &size);
	vfs_disk_close(disk, inode);
	return size;
}

static void assert_filled(const uint8_t *buffer, size_t begin, size_t end, uint8_t value) {
	for (size_t index = begin; index < end; index++) {
		assert_int_equal(buffer[index], value);
	}
}

/* ---- one write ------------------------------------------------------------------------------- */

static void torn_write_mixes_old_and_new_sectors(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(false, false, 512);
	struct vfs_inode *inode = create_old(disk, 4096);
	uint8_t buffer[16384];
	fill(disk, inode, 256, 1024, 'n'); /* half of sector 0, sector 1, half of sector 2 */
	struct fixture_script script = {.answers = {[VFS_CHOICE_FILE] = 2,
	                                            [VFS_CHOICE_WRITE] = 2,
	                                            [VFS_CHOICE_SECTOR] = 2,
	                                            [VFS_CHOICE_PREFIX] = 100}};
	assert_int_equal(lose_and_read(disk, &script, buffer), 4096);
	assert_int_equal(script.asked[VFS_CHOICE_SECTOR], 3);
	assert_filled(buffer, 0, 256, 'o');
	assert_filled(buffer, 256, 356, 'n');
	assert_filled(buffer, 356, 512, 'o');
	assert_filled(buffer, 512, 612, 'n');
	assert_filled(buffer, 612, 1024, 'o');
	assert_filled(buffer, 1024, 1124, 'n');
	assert_filled(buffer, 1124, 4096, 'o');
	vfs_disk_destroy(disk);
}

static void write_of_whole_sectors_of_4096_is_torn_only_inside(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(false, false, 4096);
	struct vfs_inode *inode = create_old(disk, 8192);
	uint8_t buffer[16384];
	fill(disk, inode, 0, 8192, 'n');
	struct fixture_script script = {
	        .answers = {[VFS_CHOICE_FILE] = 2, [VFS_CHOICE_WRITE] = 2, [VFS_CHOICE_SECTOR] = 1}};
	assert_int_equal(lose_and_read(disk, &script, buffer), 8192);
	assert_int_equal(script.asked[VFS_CHOICE_SECTOR], 2);
	assert_int_equal(script.asked[VFS_CHOICE_PREFIX], 0);
	assert_filled(buffer, 0, 8192, 'n');
	vfs_disk_destroy(disk);
}

static void file_may_grow_without_its_content(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(false, false, 512);
	struct vfs_inode *inode = create_old(disk, 100);
	uint8_t buffer[16384];
	fill(disk, inode, 50, 4096, 'n');
	struct fixture_script script = {.answers = {[VFS_CHOICE_FILE] = 2, [VFS_CHOICE_WRITE] = 3}};
	assert_int_equal(lose_and_read(disk, &script, buffer), 4146);
	assert_filled(buffer, 0, 100, 'o');
	assert_filled(buffer, 100, 4146, 0);
	vfs_disk_destroy(disk);
}

static void write_inside_the_file_cannot_be_size_only(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(false, false, 512);
	struct vfs_inode *inode = create_old(disk, 4096);
	uint8_t buffer[16384];
	fill(disk, inode, 0, 4096, 'n');
	/* 3 is cut to the last choice there is, 2: by sector, all old. */
	struct fixture_script script = {.answers = {[VFS_CHOICE_FILE] = 2, [VFS_CHOICE_WRITE] = 3}};
	assert_int_equal(lose_and_read(disk, &script, buffer), 4096);
	assert_int_equal(script.asked[VFS_CHOICE_SECTOR], 8);
	assert_filled(buffer, 0, 4096, 'o');
	vfs_disk_destroy(disk);
}

static void nothing_is_asked_about_what_is_synced(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(false, false, 512);
	(void)create_old(disk, 4096);
	uint8_t buffer[16384];
	struct fixture_script script = {{0}, {0}};
	assert_int_equal(lose_and_read(disk, &script, buffer), 4096);
	for (size_t index = 0; index < sizeof script.asked / sizeof *script.asked; index++) {
		assert_int_equal(script.asked[index], 0);
	}
	vfs_disk_destroy(disk);
}

/* ---- truncates ------------------------------------------------------------------------------- */

static void lost_truncate_takes_later_writes_with_it_when_ordered(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(false, false, 512);
	struct vfs_inode *inode = create_old(disk, 4096);
	uint8_t buffer[16384];
	assert_int_equal(vfs_disk_truncate(disk, inode, 0), VFS_OK);
	fill(disk, inode, 0, 100, 'n');
	struct fixture_script script = {
	        .answers = {[VFS_CHOICE_FILE] = 2, [VFS_CHOICE_TRUNCATE] = 0, [VFS_CHOICE_WRITE] = 1}};
	assert_int_equal(lose_and_read(disk, &script, buffer), 4096);
	assert_int_equal(script.asked[VFS_CHOICE_WRITE], 0);
	assert_filled(buffer, 0, 4096, 'o');
	vfs_disk_destroy(disk);
}

static void lost_truncate_leaves_later_writes_alone_when_free(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(false, true, 512);
	struct vfs_inode *inode = create_old(disk, 4096);
	uint8_t buffer[16384];
	assert_int_equal(vfs_disk_truncate(disk, inode, 0), VFS_OK);
	fill(disk, inode, 0, 100, 'n');
	struct fixture_script script = {
	        .answers = {[VFS_CHOICE_FILE] = 2, [VFS_CHOICE_TRUNCATE] = 0, [VFS_CHOICE_WRITE] = 1}};
	assert_int_equal(lose_and_read(disk, &script, buffer), 4096);
	assert_filled(buffer, 0, 100, 'n');
	assert_filled(buffer, 100, 4096, 'o');
	vfs_disk_destroy(disk);
}

static void done_truncate_leaves_zeros_below_a_later_write(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(false, false, 512);
	struct vfs_inode *inode = create_old(disk, 4096);
	uint8_t buffer[16384];
	assert_int_equal(vfs_disk_truncate(disk, inode, 10), VFS_OK);
	fill(disk, inode, 20, 10, 'n');
	struct fixture_script script = {
	        .answers = {[VFS_CHOICE_FILE] = 2, [VFS_CHOICE_TRUNCATE] = 1, [VFS_CHOICE_WRITE] = 1}};
	assert_int_equal(lose_and_read(disk, &script, buffer), 30);
	assert_filled(buffer, 0, 10, 'o');
	assert_filled(buffer, 10, 20, 0);
	assert_filled(buffer, 20, 30, 'n');
	vfs_disk_destroy(disk);
}

/* ---- names ----------------------------------------------------------------------------------- */

static void make_three_names(struct vfs_disk *disk) {
	vfs_disk_close(disk, open_file(disk, "/x"));
	vfs_disk_close(disk, open_file(disk, "/y"));
	assert_int_equal(vfs_disk_rename(disk, "/x", "/z"), VFS_OK);
}

static bool is_among(const char *const names[3], const char *name) {
	bool found = false;
	for (size_t index = 0; index < 3; index++) {
		found = found || (names[index] != NULL && strcmp(names[index], name) == 0);
	}
	return found;
}

/* V6: the durable names with pending operations done are the volatile ones. */
static void ordered_names_survive_as_a_prefix(void **state) {
	(void)state;
	static const char *const expected[4][3] = {{0}, {"/x"}, {"/x", "/y"}, {"/y", "/z"}};
	for (uint64_t surviving = 0; surviving < 4; surviving++) {
		struct vfs_disk *disk = create_disk(false, false, 512);
		make_three_names(disk);
		struct fixture_script script = {.answers = {[VFS_CHOICE_NAMES] = surviving}};
		vfs_disk_power_loss(disk, fixture_choose_script, &script);
		vfs_disk_assert(disk);
		assert_int_equal(script.asked[VFS_CHOICE_NAMES], 1);
		static const char *const names[] = {"/x", "/y", "/z"};
		for (size_t name = 0; name < 3; name++) {
			assert_int_equal(vfs_disk_exists(disk, names[name]),
			                 is_among(expected[surviving], names[name]));
		}
		vfs_disk_destroy(disk);
	}
}

static uint64_t choose_only_the_last_name(void *context, enum vfs_choice choice, uint64_t count) {
	int *asked = context;
	assert_int_equal(choice, VFS_CHOICE_NAME);
	assert_int_equal(count, 2);
	return ++*asked == 3;
}

static void free_names_survive_each_by_itself(void **state) {
	(void)state;
	struct vfs_disk *disk = create_disk(true, false, 512);
	make_three_names(disk);
	int asked = 0;
	vfs_disk_power_loss(disk, choose_only_the_last_name, &asked);
	vfs_disk_assert(disk);
	assert_int_equal(asked, 3);
	assert_false(vfs_disk_exists(disk, "/x"));
	assert_false(vfs_disk_exists(disk, "/y"));
	assert_true(vfs_disk_exists(disk, "/z"));
	vfs_disk_destroy(disk);
}

/* ---- random operations against a naive model ------------------------------------------------- */

#define MODEL_SIZE 20000u
#define MODEL_FILES 6
#define MODEL_OPS 60

static const char *const model_paths[MODEL_FILES] = {"/a", "/b", "/c", "/d/a", "/d/b", "/d/c"};

struct model_operation {
	bool truncate;
	uint64_t offset;
	uint64_t size_bytes;
	uint8_t value;
};

/* A file as anybody would write it down: the bytes, the bytes at the last sync, what was done
 * since. */
struct model_content {
	uint8_t now[MODEL_SIZE];
	uint64_t now_size;
	uint8_t durable[MODEL_SIZE];
	uint64_t durable_size;
	struct model_operation operations[MODEL_OPS];
	size_t operation_count;
};

struct model {
	struct model_content contents[MODEL_FILES];
	bool exists[MODEL_FILES];
};

static void model_write(struct model_content *content, const struct model_operation *operation) {
	uint64_t end = operation->offset + operation->size_bytes;
	memset(content->now + operation->offset, operation->value, operation->size_bytes);
	if (end > content->now_size) {
		content->now_size = end;
	}
}

static void model_truncate(struct model_content *content, uint64_t size_bytes) {
	if (size_bytes < content->now_size) {
		memset(content->now + size_bytes, 0, content->now_size - size_bytes);
	}
	content->now_size = size_bytes;
}

static void model_sync(struct model_content *content) {
	memcpy(content->durable, content->now, MODEL_SIZE);
	content->durable_size = content->now_size;
	content->operation_count = 0;
}

static void assert_same(struct vfs_disk *disk, const struct model *model) {
	static uint8_t buffer[MODEL_SIZE + 1];
	for (int file = 0; file < MODEL_FILES; file++) {
		const struct model_content *content = &model->contents[file];
		struct vfs_inode *inode = NULL;
		bool created = false;
		size_t size = 0;
		assert_int_equal(vfs_disk_exists(disk, model_paths[file]), model->exists[file]);
		if (!model->exists[file]) {
			continue;
		}
		assert_int_equal(vfs_disk_open(disk, model_paths[file], false, &created, &inode), VFS_OK);
		vfs_disk_read(inode, 0, buffer, sizeof buffer, &size);
		vfs_disk_close(disk, inode);
		assert_int_equal(size, content->now_size);
		assert_memory_equal(buffer, content->now, size);
	}
}

/* Sizes that matter: small, whole blocks, anything. */
static uint64_t random_position(struct fixture_random *random) {
	switch (fixture_random_below(random, 3)) {
	case 0:
		return fixture_random_below(random, 64);
	case 1:
		return fixture_random_below(random, 3) * 4096;
	default:
		return fixture_random_below(random, 10000);
	}
}

static void change_content(struct vfs_disk *disk, struct model_content *content, const char *path,
                           struct fixture_random *random) {
	struct vfs_inode *inode = open_file(disk, path);
	struct model_operation operation = {0};
	operation.truncate = fixture_random_below(random, 5) == 0;
	operation.offset = random_position(random);
	operation.size_bytes = random_position(random);
	operation.value = (uint8_t)(1 + fixture_random_below(random, 255));
	if (content->operation_count == MODEL_OPS || fixture_random_below(random, 12) == 0) {
		vfs_disk_sync(disk, inode);
		model_sync(content);
	}
	if (operation.truncate) {
		assert_int_equal(vfs_disk_truncate(disk, inode, operation.offset), VFS_OK);
		model_truncate(content, operation.offset);
	} else if (operation.size_bytes > 0) {
		fill(disk, inode, operation.offset, operation.size_bytes, operation.value);
		model_write(content, &operation);
	}
	content->operations[content->operation_count++] = operation;
	vfs_disk_close(disk, inode);
}

static void change_names(struct vfs_disk *disk, struct model *model, int file, struct fixture_random *random) {
	int other = (int)fixture_random_below(random, MODEL_FILES);
	if (!model->exists[file]) {
		assert_int_equal(vfs_disk_unlink(disk, model_paths[file]), VFS_NOT_FOUND);
		return;
	}
	if (fixture_random_below(random, 2) == 0) {
		assert_int_equal(vfs_disk_unlink(disk, model_paths[file]), VFS_OK);
	} else {
		assert_int_equal(vfs_disk_rename(disk, model_paths[file], model_paths[other]), VFS_OK);
		if (other == file) {
			return;
		}
		model->contents[other] = model->contents[file];
		model->exists[other] = true;
	}
	model->exists[file] = false;
	memset(&model->contents[file], 0, sizeof model->contents[file]);
}

static void random_step(struct vfs_disk *disk, struct model *model, struct fixture_random *random) {
	int file = (int)fixture_random_below(random, MODEL_FILES);
	switch (fixture_random_below(random, 10)) {
	case 0:
	case 1:
		change_names(disk, model, file, random);
		break;
	case 2:
		assert_int_equal(vfs_disk_sync_directory(disk, fixture_random_below(random, 2) ? "/" : "/d"), VFS_OK);
		break;
	default:
		model->exists[file] = true;
		change_content(disk, &model->contents[file], model_paths[file], random);
		break;
	}
}

/* A snapshot takes the place of the original, and now and then everything pending becomes
 * durable. */
static struct vfs_disk *go_on_as_a_copy(struct vfs_disk *disk, const struct model *model,
                                        struct fixture_random *random) {
	assert_same(disk, model);
	struct vfs_disk *snapshot = vfs_disk_snapshot(disk);
	vfs_disk_assert(snapshot);
	vfs_disk_destroy(disk);
	if (fixture_random_below(random, 4) == 0) {
		vfs_disk_power_loss(snapshot, fixture_choose_everything, NULL);
		vfs_disk_assert(snapshot);
	}
	return snapshot;
}

/* V1, V2, V3, V4, V5, V6: vfs_disk_assert() looks at all of them after each operation. */
static void random_operations_do_what_a_naive_file_system_does(void **state) {
	(void)state;
	static struct model model;
	for (uint64_t seed = 1; seed <= 60; seed++) {
		struct fixture_random random = {seed};
		struct vfs_disk *disk = create_disk(seed % 2 == 0, seed % 4 < 2, 512);
		memset(&model, 0, sizeof model);
		assert_int_equal(vfs_disk_make_directory(disk, "/d"), VFS_OK);
		for (int step = 0; step < 150; step++) {
			random_step(disk, &model, &random);
			vfs_disk_assert(disk);
			disk = fixture_random_below(&random, 20) > 0 ? disk : go_on_as_a_copy(disk, &model, &random);
		}
		assert_same(disk, &model);
		vfs_disk_destroy(disk);
	}
}

/* Whether a byte of the file may be `value` after a power loss. */
static bool is_explained(const struct model_content *content, uint64_t at, uint8_t value) {
	if (value == (at < content->durable_size ? content->durable[at] : 0)) {
		return true;
	}
	for (size_t index = 0; index < content->operation_count; index++) {
		const struct model_operation *operation = &content->operations[index];
		if (operation->truncate && operation->offset <= at && value == 0) {
			return true;
		}
		if (!operation->truncate && operation->offset <= at && at < operation->offset + operation->size_bytes &&
		    value == operation->value) {
			return true;
		}
	}
	return false;
}

/* Whether the file may be this long: as it was, as a truncate made it, or up to a byte that a write
 * wrote. */
static bool is_legal_size(const struct model_content *content, uint64_t size) {
	if (size == content->durable_size) {
		return true;
	}
	for (size_t index = 0; index < content->operation_count; index++) {
		const struct model_operation *operation = &content->operations[index];
		if (operation->truncate
		            ? size == operation->offset
		            : size > operation->offset && size <= operation->offset + operation->size_bytes) {
			return true;
		}
	}
	return false;
}

/* Counts the bytes that were neither the durable nor the newest ones: mixtures that only a torn
 * disk has. */
static uint64_t check_outcome(const struct vfs_disk *disk, const struct model_content *content,
                              const struct vfs_inode *inode) {
	static uint8_t buffer[MODEL_SIZE + 1];
	size_t size = 0;
	uint64_t changed = 0;
	(void)disk;
	vfs_disk_read(inode, 0, buffer, sizeof buffer, &size);
	assert_true(is_legal_size(content, size));
	for (uint64_t at = 0; at < size; at++) {
		assert_true(is_explained(content, at, buffer[at]));
		changed += buffer[at] != content->durable[at];
	}
	return changed;
}

static void every_outcome_of_a_power_loss_is_explained(void **state) {
	(void)state;
	static struct model_content content;
	uint64_t changed = 0;
	uint64_t unchanged_files = 0;
	for (uint64_t seed = 1; seed <= 400; seed++) {
		struct fixture_random random = {seed * 77};
		struct vfs_disk *disk = create_disk(false, seed % 2 == 0, seed % 3 == 0 ? 4096 : 512);
		memset(&content, 0, sizeof content);
		vfs_disk_close(disk, create_old(disk, 0));
		uint64_t steps = 1 + fixture_random_below(&random, 25);
		while (steps-- > 0) {
			change_content(disk, &content, "/a", &random);
		}
		vfs_disk_assert(disk);
		vfs_disk_power_loss(disk, fixture_choose_random, &random);
		vfs_disk_assert(disk);
		struct vfs_inode *inode = open_file(disk, "/a");
		uint64_t count = check_outcome(disk, &content, inode);
		changed += count;
		unchanged_files += count == 0;
		vfs_disk_close(disk, inode);
		vfs_disk_destroy(disk);
	}
	/* The check has seen both: files that kept the old and files that got something new. */
	assert_true(changed > 100000);
	assert_true(unchanged_files > 20);
}

static void same_answers_give_the_same_disk(void **state) {
	(void)state;
	static struct model_content content;
	uint64_t sizes[2];
	uint8_t bytes[2][16384];
	for (int run = 0; run < 2; run++) {
		struct fixture_random random = {99};
		struct vfs_disk *disk = create_disk(false, false, 512);
		memset(&content, 0, sizeof content);
		vfs_disk_close(disk, create_old(disk, 0));
		for (int step = 0; step < 20; step++) {
			change_content(disk, &content, "/a", &random);
		}
		vfs_disk_power_loss(disk, fixture_choose_random, &random);
		struct vfs_inode *inode = open_file(disk, "/a");
		size_t size = 0;
		memset(bytes[run], 0, sizeof bytes[run]);
		vfs_disk_read(inode, 0, bytes[run], sizeof bytes[run], &size);
		sizes[run] = vfs_disk_size(inode);
		vfs_disk_close(disk, inode);
		vfs_disk_destroy(disk);
	}
	assert_int_equal(sizes[0], sizes[1]);
	assert_memory_equal(bytes[0], bytes[1], sizeof bytes[0]);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(torn_write_mixes_old_and_new_sectors),
	        cmocka_unit_test(write_of_whole_sectors_of_4096_is_torn_only_inside),
	        cmocka_unit_test(file_may_grow_without_its_content),
	        cmocka_unit_test(write_inside_the_file_cannot_be_size_only),
	        cmocka_unit_test(nothing_is_asked_about_what_is_synced),
	        cmocka_unit_test(lost_truncate_takes_later_writes_with_it_when_ordered),
	        cmocka_unit_test(lost_truncate_leaves_later_writes_alone_when_free),
	        cmocka_unit_test(done_truncate_leaves_zeros_below_a_later_write),
	        cmocka_unit_test(ordered_names_survive_as_a_prefix),
	        cmocka_unit_test(free_names_survive_each_by_itself),
	        cmocka_unit_test(random_operations_do_what_a_naive_file_system_does),
	        cmocka_unit_test(every_outcome_of_a_power_loss_is_explained),
	        cmocka_unit_test(same_answers_give_the_same_disk),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
