/* The memory of SQLite in a simulation, through SQLite's own interface, as its only user sees
 * it. */
#include "pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <malloc.h>
#include <sqlite3.h>
#include <string.h>

#define BLOCKS 600

static void blocks_of_every_size_are_apart_and_keep_their_content(void **state) {
	unsigned char *blocks[BLOCKS];
	uint64_t sizes[BLOCKS];
	(void)state;
	for (uint64_t i = 0; i < BLOCKS; i++) {
		sizes[i] = i < 300 ? i + 1 : i * i * 3; /* up to a mebibyte: beyond what is
		                                         * pooled */
		blocks[i] = sqlite3_malloc64(sizes[i]);
		assert_non_null(blocks[i]);
		assert_true((uintptr_t)blocks[i] % 8 == 0);
		assert_true(sqlite3_msize(blocks[i]) >= sizes[i]);
		memset(blocks[i], (int)(i % 251), sqlite3_msize(blocks[i]));
	}
	for (uint64_t i = 0; i < BLOCKS; i++) {
		uint64_t usable = sqlite3_msize(blocks[i]);
		assert_int_equal(blocks[i][0], i % 251);
		assert_int_equal(blocks[i][usable - 1], i % 251);
		sqlite3_free(blocks[i]);
	}
}

static void resizing_keeps_what_fits(void **state) {
	unsigned char *block = sqlite3_malloc64(1);
	(void)state;
	assert_non_null(block);
	block[0] = 7;
	for (uint64_t size = 2; size < 600000; size += size / 3 + 1) {
		block = sqlite3_realloc64(block, size);
		assert_non_null(block);
		assert_int_equal(block[0], 7);
		block[size - 1] = 9;
		uint64_t grown = size + size / 3 + 1;
		block = sqlite3_realloc64(block, grown);
		assert_non_null(block);
		assert_int_equal(block[size - 1], 9);
	}
	block = sqlite3_realloc64(block, 3);
	assert_non_null(block);
	assert_int_equal(block[0], 7);
	sqlite3_free(block);
}

#ifndef __SANITIZE_ADDRESS__
static void what_was_given_back_is_handed_out_again(void **state) {
	void *first = sqlite3_malloc64(100);
	(void)state;
	sqlite3_free(first);
	void *second = sqlite3_malloc64(97); /* the same step of 16 */
	assert_ptr_equal(first, second);
	void *other = sqlite3_malloc64(97);
	assert_ptr_not_equal(second, other);
	sqlite3_free(second);
	sqlite3_free(other);
}

/* What the C library has given out, in KiB, after 1,000 blocks of a size have been taken and given
 * back. */
static size_t kept_kib(uint64_t size_bytes) {
	static void *blocks[1000];
	size_t before = mallinfo2().uordblks;
	for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
		blocks[i] = sqlite3_malloc64(size_bytes);
		assert_non_null(blocks[i]);
	}
	for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
		sqlite3_free(blocks[i]);
	}
	return (mallinfo2().uordblks - before) / 1024;
}

static void of_large_blocks_only_a_few_are_kept(void **state) {
	(void)state;
	assert_in_range(kept_kib(5000), 256, 300);
	assert_in_range(kept_kib(5000), 0, 10); /* and they are used again */
}

static void small_blocks_are_kept_all(void **state) {
	(void)state;
	assert_in_range(kept_kib(900), 512, 2048); /* in whole chunks */
	assert_int_equal(kept_kib(900), 0);
}

static void a_second_set_up_is_refused_once_sqlite_runs(void **state) {
	(void)state;
	assert_false(sim_pool_install());
}
#endif

static int install(void **state) {
	(void)state;
	return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK && sim_pool_install() &&
	                       sqlite3_initialize() == SQLITE_OK
	               ? 0
	               : -1;
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(blocks_of_every_size_are_apart_and_keep_their_content),
	        cmocka_unit_test(resizing_keeps_what_fits),
#ifndef __SANITIZE_ADDRESS__
	        cmocka_unit_test(what_was_given_back_is_handed_out_again),
	        cmocka_unit_test(of_large_blocks_only_a_few_are_kept),
	        cmocka_unit_test(small_blocks_are_kept_all),
	        cmocka_unit_test(a_second_set_up_is_refused_once_sqlite_runs),
#endif
	};
	return cmocka_run_group_tests(tests, install, NULL);
}
