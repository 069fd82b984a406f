/* tests/sim/sql/test_super_names.c: who goes by the name of a super-journal that an earlier
 * transaction left in a journal, and who does not. */
#include "machine.h"
#include "super_names.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define JOURNAL SIM_WORLD_PATH "-journal"
#define SUPER SIM_WORLD_PATH "-mj012345678"
#define NAME_SIZE (sizeof SUPER - 1)
/* The number of the page that is locked, the name, its length, its checksum, the magic. */
#define TAIL_SIZE (4 + NAME_SIZE + 16)
#define OLD_BYTES 2048u

static struct vfs_disk *disk;
static struct vfs_process *process;
static sqlite3_file *journal;
static struct sim_super_names names;
static uint32_t caller; /* the number of the process that calls */

/* ---- a process, and its calls ---------------------------------------------------------------- */

static void before(void *context, const struct vfs_call *call, struct vfs_answer *answer) {
	(void)context;
	(void)call;
	(void)answer;
}

static void after(void *context, const struct vfs_call *call, int result, uint64_t value) {
	(void)context;
	sim_super_names_note(&names, caller, call, result, value);
}

static int64_t now_ns(void *context) {
	(void)context;
	return 0;
}

static void died(void *context, struct vfs_process *dead) {
	(void)context;
	(void)dead;
}

static void sleep_ns(void *context, int64_t duration_ns) {
	(void)context;
	(void)duration_ns;
}

static void draw(void *context, void *buffer, size_t size_bytes) {
	(void)context;
	memset(buffer, 0, size_bytes);
}

static uint64_t choose(void *context, enum vfs_choice choice, uint64_t count) {
	(void)context;
	(void)choice;
	(void)count;
	return 0;
}

static sqlite3_vfs *vfs(void) {
	return sqlite3_vfs_find(vfs_process_name(process));
}

static void open_file(const char *path, int flags, sqlite3_file **file) {
	*file = calloc(1, (size_t)vfs()->szOsFile);
	assert_non_null(*file);
	assert_int_equal(vfs()->xOpen(vfs(), path, *file, flags | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL),
	                 SQLITE_OK);
}

static void close_file(sqlite3_file *file) {
	assert_int_equal(file->pMethods->xClose(file), SQLITE_OK);
	free(file);
}

static void write_bytes(const void *bytes, int size, int64_t offset) {
	assert_int_equal(journal->pMethods->xWrite(journal, bytes, size, offset), SQLITE_OK);
}

/* What an earlier transaction has left: records, and the name of its super-journal behind them. */
static void leave_name(void) {
	static const unsigned char magic[8] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};
	unsigned char bytes[OLD_BYTES + TAIL_SIZE] = {0};
	unsigned char *tail = bytes + OLD_BYTES;
	tail[1] = 0x20; /* page 2097153 of 512 bytes */
	tail[3] = 0x01;
	memcpy(tail + 4, SUPER, NAME_SIZE);
	tail[4 + NAME_SIZE + 3] = (unsigned char)NAME_SIZE;
	memcpy(tail + 4 + NAME_SIZE + 8, magic, sizeof magic);
	write_bytes(bytes, (int)sizeof bytes, 0);
	names = (struct sim_super_names){0};
}

/* The next transaction begins its journal over the beginning of the file. */
static void begin_journal(void) {
	const unsigned char header[512] = {0};
	write_bytes(header, (int)sizeof header, 0);
}

static void read_as(uint32_t number) {
	unsigned char bytes[8];
	caller = number;
	(void)journal->pMethods->xRead(journal, bytes, (int)sizeof bytes, 0);
}

static void look_for(uint32_t number, const char *path) {
	int exists = 0;
	caller = number;
	assert_int_equal(vfs()->xAccess(vfs(), path, SQLITE_ACCESS_EXISTS, &exists), SQLITE_OK);
}

static int begin(void **context) {
	static const struct vfs_hooks hooks = {.before = before,
	                                       .after = after,
	                                       .died = died,
	                                       .now_ns = now_ns,
	                                       .sleep = sleep_ns,
	                                       .random = draw,
	                                       .chooser = choose};
	const struct vfs_disk_options options = {.sector_size_bytes = 512};
	sqlite3_file *database = NULL;
	(void)context;
	names = (struct sim_super_names){0};
	caller = 0;
	disk = vfs_disk_create(&options);
	process = disk != NULL ? vfs_process_create(disk, "names", &hooks) : NULL;
	if (process == NULL) {
		return -1;
	}
	open_file(SIM_WORLD_PATH, SQLITE_OPEN_MAIN_DB, &database);
	close_file(database);
	open_file(JOURNAL, SQLITE_OPEN_MAIN_JOURNAL, &journal);
	leave_name();
	return 0;
}

static int end(void **context) {
	(void)context;
	close_file(journal);
	vfs_process_destroy(process);
	vfs_disk_destroy(disk);
	return 0;
}

/* ---- what is believed ------------------------------------------------------------------------ */

static void an_old_name_is_believed_by_who_reads_it_and_finds_nothing(void **context) {
	(void)context;
	begin_journal();
	read_as(0);
	assert_string_equal(sim_super_names_text(&names), "");
	look_for(0, SUPER);
	assert_string_equal(sim_super_names_text(&names), ", the name of an old super-journal was believed");
}

static void an_empty_name_is_believed(void **context) {
	(void)context;
	look_for(0, "");
	assert_string_equal(sim_super_names_text(&names), ", an empty name of a super-journal was believed");
}

/* ---- the twins ------------------------------------------------------------------------------- */

static void expect_nothing_believed(void) {
	look_for(0, SUPER);
	assert_string_equal(sim_super_names_text(&names), "");
}

static void who_has_not_read_that_journal_believes_nothing(void **context) {
	(void)context;
	begin_journal();
	read_as(1);
	expect_nothing_believed();
}

static void a_name_that_was_not_begun_over_is_no_old_one(void **context) {
	(void)context;
	read_as(0);
	expect_nothing_believed();
}

static void a_super_journal_that_is_there_is_not_believed_gone(void **context) {
	sqlite3_file *super = NULL;
	(void)context;
	begin_journal();
	read_as(0);
	open_file(SUPER, SQLITE_OPEN_SUPER_JOURNAL, &super);
	assert_int_equal(super->pMethods->xWrite(super, "x", 1, 0), SQLITE_OK);
	expect_nothing_believed();
	close_file(super);
}

static void a_journal_that_was_emptied_has_no_old_name(void **context) {
	(void)context;
	begin_journal();
	assert_int_equal(journal->pMethods->xTruncate(journal, 0), SQLITE_OK);
	begin_journal();
	read_as(0);
	expect_nothing_believed();
}

static void a_journal_that_was_deleted_has_no_old_name(void **context) {
	(void)context;
	begin_journal();
	read_as(0);
	assert_int_equal(vfs()->xDelete(vfs(), JOURNAL, 0), SQLITE_OK);
	expect_nothing_believed();
}

/* A transaction that ends its journal with a name of its own may be looked for by it. */
static void a_name_of_its_own_takes_the_place_of_the_old_one(void **context) {
	static const unsigned char magic[8] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};
	(void)context;
	begin_journal();
	write_bytes(magic, (int)sizeof magic, 1024);
	read_as(0);
	expect_nothing_believed();
}

/* What a process reads of another journal is not that one. */
static void who_has_read_another_journal_since_believes_nothing(void **context) {
	sqlite3_file *database = NULL;
	sqlite3_file *other = NULL;
	unsigned char byte = 0;
	(void)context;
	begin_journal();
	read_as(0);
	open_file("/other.db", SQLITE_OPEN_MAIN_DB, &database);
	open_file("/other.db-journal", SQLITE_OPEN_MAIN_JOURNAL, &other);
	assert_int_equal(other->pMethods->xRead(other, &byte, 1, 0), SQLITE_IOERR_SHORT_READ);
	expect_nothing_believed();
	close_file(other);
	close_file(database);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
	const struct CMUnitTest tests[] = {
	        TEST(an_old_name_is_believed_by_who_reads_it_and_finds_nothing),
	        TEST(an_empty_name_is_believed),
	        TEST(who_has_not_read_that_journal_believes_nothing),
	        TEST(a_name_that_was_not_begun_over_is_no_old_one),
	        TEST(a_super_journal_that_is_there_is_not_believed_gone),
	        TEST(a_journal_that_was_emptied_has_no_old_name),
	        TEST(a_journal_that_was_deleted_has_no_old_name),
	        TEST(a_name_of_its_own_takes_the_place_of_the_old_one),
	        TEST(who_has_read_another_journal_since_believes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
