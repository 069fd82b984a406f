/* tests/sim/format/test_recovered.c: journals and WALs made by hand, byte by byte, and what must
 * come out of them (S53). What SQLite makes of the same is compared in
 * tests/sim/world/test_recovery.c. */
#include "recovered.h"

#include "bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct bytes database;
static struct bytes journal;
static struct bytes log_bytes;
static struct bytes_wal wal = {.bytes = &log_bytes};
static bool super_is_there;
static size_t looks_at; /* which byte of each page is shown */

static bool exists(void *context, const char *name) {
	(void)context;
	assert_string_equal(name, "/a.db-mj1");
	return super_is_there;
}

static int begin(void **state) {
	(void)state;
	journal.size = log_bytes.size = 0;
	super_is_there = true;
	looks_at = 300;
	bytes_database(&database, 4);
	return 0;
}

/* One byte of each page, as 'd' as in the database, else what was written;
 * behind it the kind, unless there are pages. */
static const char *recovered(void) {
	static char text[64];
	unsigned char page[SIM_FORMAT_PAGE_MAX];
	struct sim_recovered result;
	struct sim_format_image image = {.database = bytes_file(&database),
	                                 .journal = bytes_file(&journal),
	                                 .wal = bytes_file(&log_bytes),
	                                 .exists = exists,
	                                 .name_bytes_max = 255};
	size_t count = 0;
	assert_true(sim_recovered_read(&image, &result));
	for (uint32_t number = 1; number <= result.page_count && result.kind == SIM_RECOVERED_PAGES; number++) {
		sim_recovered_page(&result, number, page);
		unsigned char value = page[looks_at];
		text[count++] = value == number * 16 + 1 ? 'd' : value == 0 ? '0' : (char)value;
	}
	text[count] = '\0';
	if (result.kind != SIM_RECOVERED_PAGES) {
		snprintf(text, sizeof text, "%s", sim_recovered_kind_name(result.kind));
	}
	sim_recovered_free(&result);
	return text;
}

/* ---- the database alone ---------------------------------------------------------------------- */

static void test_database(void **state) {
	(void)state;
	assert_string_equal(recovered(), "dddd");
	/* The header counts only if the last writer knew of the count. */
	bytes_u32(&database, 28, 2);
	assert_string_equal(recovered(), "dd");
	bytes_u32(&database, 92, 6);
	assert_string_equal(recovered(), "dddd");
	/* Part of a page is a page. */
	database.size -= 100;
	assert_string_equal(recovered(), "dddd");
	bytes_u32(&database, 92, 7);
	bytes_u32(&database, 28, 5);
	assert_string_equal(recovered(), "a database with fewer pages than its header counts");
	bytes_u32(&database, 28, 0);
	assert_string_equal(recovered(), "dddd");
	bytes_fill(&database, 19, 1, 3);
	assert_string_equal(recovered(), "a file that is no database");
	bytes_fill(&database, 19, 1, 2);
	assert_string_equal(recovered(), "dddd");
	bytes_fill(&database, 20, 1, 33);
	assert_string_equal(recovered(), "a file that is no database");
	database.size = 0;
	assert_string_equal(recovered(), "");
}

/* ---- journals -------------------------------------------------------------------------------- */

static void test_journal_restores(void **state) {
	(void)state;
	uint64_t at = bytes_segment(&journal, 0, 2, 9, 4);
	at = bytes_record(&journal, at, 2, 'x', 9);
	bytes_record(&journal, at, 4, 'y', 9);
	assert_string_equal(recovered(), "dxdy");
	/* The first byte decides whether it is hot: zeros end a transaction in mode persist. */
	bytes_fill(&journal, 0, 28, 0);
	assert_string_equal(recovered(), "dddd");
}

static void test_journal_cuts_and_fills(void **state) {
	(void)state;
	uint64_t at = bytes_segment(&journal, 0, 2, 9, 3);
	at = bytes_record(&journal, at, 3, 'x', 9);
	/* A page that the database did not have is passed over, whatever its checksum is. */
	bytes_u32(&database, 28, 0);
	bytes_record(&journal, at, 4, 'y', 8);
	assert_string_equal(recovered(), "ddx");
	database.size = 2 * BYTES_PAGE;
	assert_string_equal(recovered(), "ddx");
	/* A database that was longer, and whose end nobody has kept, is filled with zeros. */
	bytes_u32(&journal, 16, 6);
	bytes_u32(&journal, 8, 1);
	assert_string_equal(recovered(), "ddx000");
	bytes_u32(&journal, 16, 0);
	assert_string_equal(recovered(), "");
}

static void test_journal_ends_at_garbage(void **state) {
	(void)state;
	uint64_t at = bytes_segment(&journal, 0, 3, 9, 4);
	at = bytes_record(&journal, at, 2, 'x', 9);
	uint64_t second = at;
	at = bytes_record(&journal, at, 3, 'y', 9);
	bytes_record(&journal, at, 4, 'z', 9);
	assert_string_equal(recovered(), "dxyz");
	/* Byte 312 is in the sum, and byte 313 is not. */
	bytes_fill(&journal, second + 4 + 313, 1, 'q');
	assert_string_equal(recovered(), "dxyz");
	bytes_fill(&journal, second + 4 + 312, 1, 'q');
	assert_string_equal(recovered(), "dxdd");
	bytes_fill(&journal, second + 4 + 312, 1, 'y');
	bytes_u32(&journal, second, 0);
	assert_string_equal(recovered(), "dxdd");
	bytes_u32(&journal, second, 3);
	journal.size -= 1;
	assert_string_equal(recovered(), "dxyd");
}

/* The count is written when the records are durable. Until then there are none; and where nothing
 * has to be synced, it says all. */
static void test_journal_counts(void **state) {
	(void)state;
	uint64_t at = bytes_segment(&journal, 0, 0, 9, 4);
	at = bytes_record(&journal, at, 2, 'x', 9);
	bytes_record(&journal, at, 3, 'y', 9);
	assert_string_equal(recovered(), "dddd");
	bytes_u32(&journal, 8, 1);
	assert_string_equal(recovered(), "dxdd");
	bytes_u32(&journal, 8, 0xffffffff);
	assert_string_equal(recovered(), "dxyd");
	/* A torn header: its sector is not whole. */
	journal.size = 400;
	assert_string_equal(recovered(), "dddd");
}

/* Each segment has a header of its own, at the beginning of a sector, with a nonce of its own. */
static void test_journal_segments(void **state) {
	(void)state;
	uint64_t at = bytes_segment(&journal, 0, 1, 9, 4);
	at = bytes_record(&journal, at, 2, 'x', 9);
	assert_int_equal(at % BYTES_SECTOR, 8);
	uint64_t second = (at + BYTES_SECTOR - 1) / BYTES_SECTOR * BYTES_SECTOR;
	at = bytes_segment(&journal, second, 1, 77, 4);
	bytes_record(&journal, at, 4, 'y', 77);
	assert_string_equal(recovered(), "dxdy");
	bytes_fill(&journal, second + 3, 1, 0);
	assert_string_equal(recovered(), "dxdd");
}

/* Without its super-journal, a transaction of several files was committed. */
static void test_super_journal(void **state) {
	(void)state;
	bytes_record(&journal, bytes_segment(&journal, 0, 1, 9, 4), 2, 'x', 9);
	bytes_name(&journal, "/a.db-mj1");
	assert_string_equal(recovered(), "dxdd");
	super_is_there = false;
	assert_string_equal(recovered(), "dddd");
	/* A name whose sum is wrong is none, and then nobody asks for it. */
	bytes_fill(&journal, journal.size - 17, 1, '2');
	assert_string_equal(recovered(), "dxdd");
}

/* The page size has changed in the transaction: what the journal cuts off reads as zeros. */
static void test_journal_of_another_page_size(void **state) {
	(void)state;
	bytes_u32(&database, 16, 1024u << 16 | 1u << 8 | 1u);
	bytes_u32(&database, 28, 0);
	bytes_record(&journal, bytes_segment(&journal, 0, 1, 9, 3), 2, 'x', 9);
	looks_at = 700;
	assert_string_equal(recovered(), "x0");
	looks_at = 300;
	assert_string_equal(recovered(), "d1");
}

/* A journal beside an empty database is left over from another one. */
static void test_journal_beside_nothing(void **state) {
	(void)state;
	bytes_record(&journal, bytes_segment(&journal, 0, 1, 9, 4), 2, 'x', 9);
	database.size = 0;
	assert_string_equal(recovered(), "");
}

/* ---- WALs ------------------------------------------------------------------------------------ */

static void test_wal(void **state) {
	(void)state;
	for (int order = 0; order < 2; order++) {
		log_bytes.size = 0;
		bytes_wal_begin(&wal, 5, order == 1);
		bytes_wal_frame(&wal, 2, 'x', 0);
		assert_string_equal(recovered(), "dddd");
		bytes_wal_frame(&wal, 3, 'y', 4);
		assert_string_equal(recovered(), "dxyd");
		bytes_wal_frame(&wal, 2, 'z', 0);
		bytes_wal_frame(&wal, 4, 'z', 0);
		assert_string_equal(recovered(), "dxyd");
		bytes_wal_frame(&wal, 3, 'u', 4);
		assert_string_equal(recovered(), "dzuz");
		/* Part of the last frame is none of it. */
		log_bytes.size -= 1;
		assert_string_equal(recovered(), "dxyd");
	}
}

static void test_wal_of_another_count(void **state) {
	(void)state;
	bytes_u32(&database, 28, 0);
	bytes_wal_begin(&wal, 5, false);
	bytes_wal_frame(&wal, 2, 'x', 2);
	assert_string_equal(recovered(), "dx");
	bytes_wal_frame(&wal, 6, 'y', 6);
	assert_string_equal(recovered(), "dxdd0y");
}

/* Frames behind the last one are from before the WAL began anew: their salts are others. */
static void test_wal_begins_anew(void **state) {
	(void)state;
	bytes_wal_begin(&wal, 5, false);
	bytes_wal_frame(&wal, 2, 'x', 4);
	bytes_wal_frame(&wal, 3, 'y', 4);
	uint64_t size = log_bytes.size;
	log_bytes.size = 32;
	bytes_wal_begin(&wal, 6, false);
	bytes_wal_frame(&wal, 4, 'z', 4);
	log_bytes.size = size;
	assert_string_equal(recovered(), "dddz");
	/* The salt of the header alone makes all frames old. */
	bytes_wal_begin(&wal, 7, false);
	assert_string_equal(recovered(), "dddd");
}

static void test_wal_with_wrong_sums(void **state) {
	(void)state;
	bytes_wal_begin(&wal, 5, false);
	bytes_wal_frame(&wal, 2, 'x', 4);
	uint64_t second = log_bytes.size;
	bytes_wal_frame(&wal, 3, 'y', 4);
	bytes_fill(&log_bytes, second + 24 + 511, 1, 'q');
	assert_string_equal(recovered(), "dxdd");
	bytes_fill(&log_bytes, second + 24 + 511, 1, 'y');
	assert_string_equal(recovered(), "dxyd");
	bytes_u32(&log_bytes, second + 4, 5);
	assert_string_equal(recovered(), "dxdd");
	/* Salts are not in the sum: they are compared. */
	bytes_u32(&log_bytes, second + 4, 4);
	bytes_u32(&log_bytes, second + 12, 0);
	assert_string_equal(recovered(), "dxdd");
	/* A wrong sum of the header: nothing counts. */
	bytes_u32(&log_bytes, 12, 2);
	assert_string_equal(recovered(), "dddd");
}

/* What a later SQLite may have written there is not passed over. But where the sum is wrong it is
 * no header, and beside an empty database it is left over from another one. */
static void test_wal_of_another_version(void **state) {
	(void)state;
	for (int order = 0; order < 2; order++) {
		log_bytes.size = 0;
		bytes_wal_begin_version(&wal, 5, order == 1, 3007001);
		bytes_wal_frame(&wal, 2, 'x', 4);
		assert_string_equal(recovered(), "a WAL of another version");
	}
	bytes_u32(&log_bytes, 4, 3007000);
	assert_string_equal(recovered(), "dddd");
	bytes_u32(&log_bytes, 4, 3007001);
	database.size = 0;
	assert_string_equal(recovered(), "");
}

/* The journal is played back first, and the WAL then lies over it. */
static void test_journal_and_wal(void **state) {
	(void)state;
	uint64_t at = bytes_segment(&journal, 0, 2, 9, 4);
	at = bytes_record(&journal, at, 2, 'x', 9);
	bytes_record(&journal, at, 3, 'y', 9);
	bytes_wal_begin(&wal, 5, false);
	bytes_wal_frame(&wal, 3, 'z', 4);
	assert_string_equal(recovered(), "dxzd");
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(test_database, begin),
	        cmocka_unit_test_setup(test_journal_restores, begin),
	        cmocka_unit_test_setup(test_journal_cuts_and_fills, begin),
	        cmocka_unit_test_setup(test_journal_ends_at_garbage, begin),
	        cmocka_unit_test_setup(test_journal_counts, begin),
	        cmocka_unit_test_setup(test_journal_segments, begin),
	        cmocka_unit_test_setup(test_super_journal, begin),
	        cmocka_unit_test_setup(test_journal_of_another_page_size, begin),
	        cmocka_unit_test_setup(test_journal_beside_nothing, begin),
	        cmocka_unit_test_setup(test_wal, begin),
	        cmocka_unit_test_setup(test_wal_of_another_count, begin),
	        cmocka_unit_test_setup(test_wal_begins_anew, begin),
	        cmocka_unit_test_setup(test_wal_with_wrong_sums, begin),
	        cmocka_unit_test_setup(test_wal_of_another_version, begin),
	        cmocka_unit_test_setup(test_journal_and_wal, begin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
