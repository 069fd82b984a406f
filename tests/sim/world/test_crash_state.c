/* tests/sim/world/test_crash_state.c: what a crash may leave, by name. */
#include "crash_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#define FILE_BYTES 3072

static const struct sim_crash_state_bounds bounds = {.subsets_of = 4};

/* A durable file of 'a', and three pending writes: 'b' and 'c' within it, 'd' behind its end; and a
 * second file whose name is pending. */
static struct vfs_disk *make_disk(void) {
	const struct vfs_disk_options options = {.sector_size_bytes = 512};
	struct vfs_disk *disk = vfs_disk_create(&options);
	struct vfs_inode *inode = NULL;
	char bytes[1024];
	bool created = false;
	assert_non_null(disk);
	assert_int_equal(vfs_disk_open(disk, "/file", true, &created, &inode), VFS_OK);
	memset(bytes, 'a', sizeof bytes);
	for (uint64_t at = 0; at < 2048; at += sizeof bytes) {
		assert_int_equal(vfs_disk_write(disk, inode, at, bytes, sizeof bytes), VFS_OK);
	}
	vfs_disk_sync(disk, inode);
	assert_int_equal(vfs_disk_sync_directory(disk, "/"), VFS_OK);
	for (int i = 0; i < 3; i++) {
		memset(bytes, 'b' + i, sizeof bytes);
		assert_int_equal(vfs_disk_write(disk, inode, (uint64_t)i * 1024, bytes, sizeof bytes), VFS_OK);
	}
	vfs_disk_close(disk, inode);
	assert_int_equal(vfs_disk_open(disk, "/other", true, &created, &inode), VFS_OK);
	vfs_disk_close(disk, inode);
	return disk;
}

/* The first byte of each sector, as a text; "+" behind it when the other file is there. */
static void look(const struct vfs_disk *disk, char text[16]) {
	struct vfs_inode *inode = NULL;
	char bytes[FILE_BYTES] = "";
	bool created = false;
	size_t got = 0;
	size_t count = 0;
	struct vfs_disk *copy = vfs_disk_snapshot(disk);
	assert_int_equal(vfs_disk_open(copy, "/file", false, &created, &inode), VFS_OK);
	vfs_disk_read(inode, 0, bytes, sizeof bytes, &got);
	vfs_disk_close(copy, inode);
	for (size_t at = 0; at < got; at += 512) {
		text[count++] = bytes[at] == 0 ? '0' : bytes[at];
	}
	if (vfs_disk_exists(copy, "/other")) {
		text[count++] = '+';
	}
	text[count] = '\0';
	vfs_disk_destroy(copy);
}

static void expect_left(const char *name, const char *left) {
	struct vfs_disk *disk = make_disk();
	struct sim_crash_state state;
	struct sim_pcg32 chance;
	char text[16];
	assert_true(sim_crash_state_parse(name, strlen(name), &state));
	sim_pcg32_seed(&chance, 1, 1);
	sim_crash_state_apply(disk, &state, chance, NULL, NULL);
	look(disk, text);
	assert_string_equal(text, left);
	vfs_disk_destroy(disk);
}

static void each_name_leaves_what_it_says(void **context) {
	(void)context;
	expect_left("none", "aaaa");
	expect_left("all", "bbccdd+");
	expect_left("first-0", "aaaa+");
	expect_left("first-2", "bbcc+");
	expect_left("only-1", "aacc+");
	expect_left("without-1", "bbaadd+");
	expect_left("torn-1", "bbcadd+");
	expect_left("torn-only-0", "baaa+");
	expect_left("cut-2", "bbccd+");
	expect_left("grown-2", "bbcc00+");
	expect_left("names-0", "bbccdd");
	expect_left("set-0x5", "bbaadd+");
}

static void what_is_pending_is_counted(void **context) {
	struct vfs_disk *disk = make_disk();
	struct sim_crash_state_pending pending = sim_crash_state_count(disk);
	(void)context;
	assert_int_equal(pending.operations, 3);
	assert_int_equal(pending.names, 1);
	assert_int_equal(pending.can_grow, 4);
	assert_int_equal(pending.can_spoil, 0);
	assert_int_equal(pending.is_write, 7);
	vfs_disk_destroy(disk);
}

/* No name comes twice, each can be read back, and the count is that of the list. */
static void the_list_has_each_name_once(void **context) {
	struct vfs_disk *disk = make_disk();
	struct sim_crash_state_pending pending = sim_crash_state_count(disk);
	struct sim_crash_state state = {.kind = SIM_CRASH_STATE_NONE};
	static char names[64][SIM_CRASH_STATE_NAME_SIZE];
	uint64_t count = 0;
	(void)context;
	do {
		struct sim_crash_state again;
		assert_true(count < 64);
		sim_crash_state_print(&state, names[count]);
		assert_true(sim_crash_state_parse(names[count], strlen(names[count]), &again));
		assert_int_equal(again.kind, state.kind);
		assert_int_equal(again.number, state.number);
		for (uint64_t i = 0; i < count; i++) {
			assert_string_not_equal(names[i], names[count]);
		}
		count++;
	} while (sim_crash_state_next(&pending, &bounds, &state));
	assert_int_equal(count, sim_crash_state_total(&pending, &bounds));
	/* none, all; three each of first, only, without, torn, cut and torn-only; one of grown and
	 * of names; eight subsets */
	assert_int_equal(count, 2 + 6 * 3 + 2 + 8);
	vfs_disk_destroy(disk);
}

/* A third are subsets by chance. Of the rest each kind comes as often as the others, and nothing
 * comes that the list does not have. */
static void each_kind_is_drawn_alike(void **context) {
	struct vfs_disk *disk = make_disk();
	const struct sim_crash_state_pending pending = sim_crash_state_count(disk);
	uint32_t kinds[SIM_CRASH_STATE_COUNT] = {0};
	struct sim_pcg32 chance;
	(void)context;
	sim_pcg32_derive(&chance, 1, "test");
	for (uint32_t i = 0; i < 16500; i++) {
		struct sim_crash_state state;
		struct sim_crash_state listed = {.kind = SIM_CRASH_STATE_NONE};
		sim_crash_state_sample(&pending, &bounds, &chance, &state);
		kinds[state.kind]++;
		while (!sim_crash_state_is_kill(&state) &&
		       (listed.kind != state.kind || listed.number != state.number)) {
			assert_true(sim_crash_state_next(&pending, &bounds, &listed));
		}
	}
	for (int kind = 0; kind < SIM_CRASH_STATE_COUNT; kind++) {
		bool is_there = kind != SIM_CRASH_STATE_KILL_HALF && kind != SIM_CRASH_STATE_KILL_ALL &&
		                kind != SIM_CRASH_STATE_GARBAGE && kind != SIM_CRASH_STATE_NAME &&
		                kind != SIM_CRASH_STATE_ORDER && kind != SIM_CRASH_STATE_ORDER_CUT &&
		                kind != SIM_CRASH_STATE_DRAWN;
		uint32_t more = kind == SIM_CRASH_STATE_SET ? 5500 : 0;
		assert_in_range(kinds[kind], is_there ? 750 + more : 0, is_there ? 1100 + more : 0);
	}
	vfs_disk_destroy(disk);
}

/* Of more operations than a list has subsets of, each survives in half of them. */
static void of_many_operations_any_subset_is_drawn(void **context) {
	static const struct sim_crash_state_bounds many = {.subsets_of = 62};
	const struct sim_crash_state_pending pending = {.operations = 40};
	uint32_t sets = 0;
	uint32_t survivors = 0;
	struct sim_pcg32 chance;
	(void)context;
	sim_pcg32_derive(&chance, 2, "test");
	for (uint32_t i = 0; i < 3000; i++) {
		struct sim_crash_state state;
		sim_crash_state_sample(&pending, &many, &chance, &state);
		sets += state.kind == SIM_CRASH_STATE_SET;
		survivors += state.kind == SIM_CRASH_STATE_SET ? (uint32_t)__builtin_popcountll(state.number) : 0;
		assert_true(state.kind != SIM_CRASH_STATE_SET || state.number >> pending.operations == 0);
		sim_crash_state_sample(&pending, &bounds, &chance, &state);
		assert_int_not_equal(state.kind, SIM_CRASH_STATE_SET);
	}
	assert_in_range(sets, 1000, 1500);
	assert_in_range(survivors / sets, 19, 20);
}

static void a_life_that_goes_on_has_its_own_name(void **context) {
	static const struct sim_crash_state states[] = {
	        {.kind = SIM_CRASH_STATE_KILL, .writes_more = true},
	        {.kind = SIM_CRASH_STATE_TORN_ONLY, .number = 12, .writes_more = true},
	        {.kind = SIM_CRASH_STATE_SET, .number = 0x1b, .writes_more = true},
	};
	static const char *const names[] = {"kill+1", "torn-only-12+1", "set-0x1b+1"};
	(void)context;
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		char name[SIM_CRASH_STATE_NAME_SIZE];
		struct sim_crash_state again;
		sim_crash_state_print(&states[i], name);
		assert_string_equal(name, names[i]);
		assert_true(sim_crash_state_parse(name, strlen(name), &again));
		assert_true(again.writes_more && again.kind == states[i].kind && again.number == states[i].number);
	}
}

static void what_is_no_name_is_refused(void **context) {
	static const char *const texts[] = {"",      "kil",   "killed", "only-",  "only-01", "only-x",    "first--1",
	                                    "set-5", "names", "kill+",  "kill+2", "+1",      "torn-1+1+1"};
	struct sim_crash_state state;
	(void)context;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		assert_false(sim_crash_state_parse(texts[i], strlen(texts[i]), &state));
	}
}

/* The disk keeps the order of operations: what is left is a prefix, and half of the next. */
static void where_order_is_kept_only_prefixes_are_left(void **context) {
	const struct vfs_disk_options options = {.sector_size_bytes = 512,
	                                         .kept_characteristics = SQLITE_IOCAP_SEQUENTIAL};
	struct vfs_disk *disk = vfs_disk_create(&options);
	struct vfs_inode *inode = NULL;
	struct sim_crash_state state = {.kind = SIM_CRASH_STATE_NONE};
	bool created = false;
	(void)context;
	assert_int_equal(vfs_disk_open(disk, "/file", true, &created, &inode), VFS_OK);
	assert_int_equal(vfs_disk_write(disk, inode, 0, "1234", 4), VFS_OK);
	vfs_disk_close(disk, inode);
	struct sim_crash_state_pending pending = sim_crash_state_count(disk);
	assert_int_equal(pending.ordered, 2);
	while (sim_crash_state_next(&pending, &bounds, &state)) {
		assert_true(state.kind == SIM_CRASH_STATE_ALL || state.kind == SIM_CRASH_STATE_ORDER ||
		            state.kind == SIM_CRASH_STATE_ORDER_CUT);
	}
	vfs_disk_destroy(disk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_name_leaves_what_it_says),
	        cmocka_unit_test(what_is_pending_is_counted),
	        cmocka_unit_test(the_list_has_each_name_once),
	        cmocka_unit_test(each_kind_is_drawn_alike),
	        cmocka_unit_test(of_many_operations_any_subset_is_drawn),
	        cmocka_unit_test(a_life_that_goes_on_has_its_own_name),
	        cmocka_unit_test(what_is_no_name_is_refused),
	        cmocka_unit_test(where_order_is_kept_only_prefixes_are_left),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
