/* The order of writes that SQLite's protocols keep, told from calls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "order_rule.h"

static struct sim_order order;

static void call(enum vfs_method method, const char *path, enum vfs_phase phase) {
	const struct vfs_call made = {.method = method, .path = path, .size = 512};
	sim_order_called(&order, &made, phase, SQLITE_OK);
}

static void write_page(uint64_t page) {
	const struct vfs_call made = {
	        .method = VFS_METHOD_WRITE, .path = "/x.db", .offset = (page - 1) * 512, .size = 512};
	sim_order_called(&order, &made, VFS_PHASE_DATABASE_WRITE, SQLITE_OK);
}

/* The number of the page, the page, and the checksum. */
static void write_record(unsigned char page) {
	const unsigned char number[4] = {0, 0, 0, page};
	const unsigned char checksum[4] = {0, 0, 0, 2};
	struct vfs_call made = {.method = VFS_METHOD_WRITE, .path = "/x.db-journal", .size = 4, .data = number};
	sim_order_called(&order, &made, VFS_PHASE_JOURNAL_RECORD, SQLITE_OK);
	made.size = 512;
	made.data = NULL;
	sim_order_called(&order, &made, VFS_PHASE_JOURNAL_RECORD, SQLITE_OK);
	made.size = 4;
	made.data = checksum;
	sim_order_called(&order, &made, VFS_PHASE_JOURNAL_RECORD, SQLITE_OK);
}

static void expect(enum sim_order_rule rule, uint64_t kept, uint64_t broken) {
	assert_int_equal(order.counts.kept[rule], kept);
	assert_int_equal(order.counts.broken[rule], broken);
}

static int begin(void **state) {
	(void)state;
	memset(&order, 0, sizeof order);
	return 0;
}

static void a_page_comes_behind_its_record(void **state) {
	(void)state;
	write_record(1);
	call(VFS_METHOD_SYNC, "/x.db-journal", VFS_PHASE_JOURNAL_SYNC);
	write_record(3);
	write_page(1);
	expect(SIM_ORDER_RECORD_BEFORE_PAGE, 1, 0);
	write_page(3);
	expect(SIM_ORDER_RECORD_BEFORE_PAGE, 1, 1);
}

/* Of a database of two pages. */
static void write_header(void) {
	const unsigned char header[28] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7, [19] = 2};
	const struct vfs_call made = {
	        .method = VFS_METHOD_WRITE, .path = "/x.db-journal", .size = sizeof header, .data = header};
	sim_order_called(&order, &made, VFS_PHASE_JOURNAL_HEADER, SQLITE_OK);
}

static void a_page_without_a_record_is_counted_apart(void **state) {
	(void)state;
	write_header();
	write_record(1);
	call(VFS_METHOD_SYNC, "/x.db-journal", VFS_PHASE_JOURNAL_SYNC);
	write_page(1);
	write_page(2); /* nobody has kept it */
	write_page(3); /* there was none */
	expect(SIM_ORDER_RECORD_BEFORE_PAGE, 1, 0);
	assert_int_equal(order.counts.without_record, 1);
	assert_int_equal(order.counts.new_pages, 1);
	/* The records end with the journal. */
	call(VFS_METHOD_WRITE, "/x.db-journal", VFS_PHASE_JOURNAL_ZEROING);
	write_page(1);
	expect(SIM_ORDER_RECORD_BEFORE_PAGE, 1, 0);
	assert_int_equal(order.counts.without_record, 2);
}

static void records_without_room_are_taken_for_synced(void **state) {
	(void)state;
	for (uint32_t i = 0; i <= SIM_ORDER_RECORDS; i++) {
		write_record(7);
	}
	write_page(9);
	expect(SIM_ORDER_RECORD_BEFORE_PAGE, 1, 0);
	write_page(7);
	expect(SIM_ORDER_RECORD_BEFORE_PAGE, 1, 1);
}

static void a_sync_that_fails_orders_nothing(void **state) {
	const struct vfs_call sync = {.method = VFS_METHOD_SYNC, .path = "/x.db-journal"};
	(void)state;
	write_record(1);
	sim_order_called(&order, &sync, VFS_PHASE_JOURNAL_SYNC, SQLITE_IOERR_FSYNC);
	write_page(1);
	expect(SIM_ORDER_RECORD_BEFORE_PAGE, 0, 1);
}

static void a_journal_ends_behind_its_database(void **state) {
	(void)state;
	write_page(1);
	call(VFS_METHOD_SYNC, "/x.db", VFS_PHASE_DATABASE_SYNC);
	call(VFS_METHOD_DELETE, "/x.db-journal", VFS_PHASE_JOURNAL_DELETION);
	expect(SIM_ORDER_PAGES_BEFORE_END, 1, 0);
	write_page(1);
	call(VFS_METHOD_WRITE, "/x.db-journal", VFS_PHASE_JOURNAL_ZEROING);
	expect(SIM_ORDER_PAGES_BEFORE_END, 1, 1);
}

static void a_checkpoint_comes_behind_the_wal(void **state) {
	(void)state;
	call(VFS_METHOD_WRITE, "/x.db-wal", VFS_PHASE_WAL_FRAME);
	call(VFS_METHOD_SYNC, "/x.db-wal", VFS_PHASE_CHECKPOINT_WAL_SYNC);
	call(VFS_METHOD_WRITE, "/x.db", VFS_PHASE_CHECKPOINT_WRITE);
	expect(SIM_ORDER_FRAMES_BEFORE_PAGE, 1, 0);
	call(VFS_METHOD_WRITE, "/x.db-wal", VFS_PHASE_WAL_RESTART);
	expect(SIM_ORDER_PAGES_BEFORE_RESTART, 0, 1);
	call(VFS_METHOD_WRITE, "/x.db", VFS_PHASE_CHECKPOINT_WRITE);
	expect(SIM_ORDER_FRAMES_BEFORE_PAGE, 1, 1);
	call(VFS_METHOD_SYNC, "/x.db", VFS_PHASE_CHECKPOINT_SYNC);
	call(VFS_METHOD_DELETE, "/x.db-wal", VFS_PHASE_WAL_DELETION);
	expect(SIM_ORDER_PAGES_BEFORE_RESTART, 1, 1);
}

static void another_file_orders_nothing(void **state) {
	(void)state;
	call(VFS_METHOD_WRITE, "/y.db-wal", VFS_PHASE_WAL_FRAME);
	call(VFS_METHOD_WRITE, "/x.db", VFS_PHASE_CHECKPOINT_WRITE);
	expect(SIM_ORDER_FRAMES_BEFORE_PAGE, 1, 0);
	sim_order_begin(&order);
	call(VFS_METHOD_WRITE, "/y.db", VFS_PHASE_CHECKPOINT_WRITE);
	expect(SIM_ORDER_FRAMES_BEFORE_PAGE, 2, 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {cmocka_unit_test_setup(a_page_comes_behind_its_record, begin),
	                                   cmocka_unit_test_setup(a_page_without_a_record_is_counted_apart, begin),
	                                   cmocka_unit_test_setup(records_without_room_are_taken_for_synced, begin),
	                                   cmocka_unit_test_setup(a_sync_that_fails_orders_nothing, begin),
	                                   cmocka_unit_test_setup(a_journal_ends_behind_its_database, begin),
	                                   cmocka_unit_test_setup(a_checkpoint_comes_behind_the_wal, begin),
	                                   cmocka_unit_test_setup(another_file_orders_nothing, begin)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
