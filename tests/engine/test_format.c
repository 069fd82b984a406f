/* Databases of format 2 that earlier builds have written still open (E5): one of each protocol, one
 * with a WAL, one with a hot rollback journal, one with a journal of updates. They lie in
 * tests/engine/format/. Whoever changes the format on purpose raises ENGINE_SCHEMA_VERSION, and
 * writes new ones with `test_format --write`. Then a number in this file changes, too. */
#include "engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "orders.h"

#define UPDATES 12u
#define FOLDER TESTS_SOURCE_DIR "/tests/engine/format"

struct book {
	const char *name;
	const char *protocol;
	const char *journal_mode;
	const char *beside; /* what lies beside the database */
	bool is_killed;
};

static const struct book books[] = {
        {"persist_first", "persist_first", "delete", "", false}, {"rollback", "rollback", "delete", "", false},
        {"journal", "journal", "delete", "-updates", true},      {"wal", "persist_first", "wal", "-wal", true},
        {"hot", "persist_first", "delete", "-journal", true},
};
#define BOOK_COUNT (sizeof books / sizeof books[0])

static struct engine_options options_of(const struct book *book, const char *path) {
	return (struct engine_options){
	        .path = path, .protocol = book->protocol, .journal_mode = book->journal_mode, .page_size_bytes = 512};
}

/* ---- writing --------------------------------------------------------------------------------- */

/* Leaves a rollback journal that must be played back: a transaction whose pages have reached the
 * file. */
static void leave_hot(const char *path) {
	sqlite3 *db = NULL;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
	                              "PRAGMA cache_size=1;PRAGMA cache_spill=1;BEGIN;UPDATE executions SET checksum=0;"
	                              "UPDATE orders SET checksum=0;UPDATE positions SET checksum=0",
	                              NULL, NULL, NULL),
	                 SQLITE_OK);
	assert_int_equal(sqlite3_db_cacheflush(db), SQLITE_OK);
	_exit(0);
}

static void write_book(const struct book *book) {
	char path[300];
	struct engine *engine;
	struct engine_error error;
	(void)snprintf(path, sizeof path, FOLDER "/%s.db", book->name);
	struct engine_options options = options_of(book, path);
	assert_int_equal(engine_open(&options, &engine, &error), ENGINE_OPENED);
	for (unsigned i = 0; i < UPDATES; i++) {
		struct engine_update update = orders_stream(i);
		struct engine_receipt receipt;
		engine_submit(engine, &update, &receipt);
		assert_int_equal(receipt.outcome, ENGINE_APPLIED);
	}
	if (book->is_killed && strcmp(book->name, "hot") != 0) {
		_exit(0);
	}
	engine_close(engine);
	if (book->is_killed) {
		leave_hot(path);
	}
	_exit(0);
}

/* Each in a process of its own, which ends without closing anything. */
static int write_all(void) {
	for (size_t i = 0; i < BOOK_COUNT; i++) {
		int status = 0;
		pid_t child = fork();
		if (child == 0) {
			write_book(&books[i]);
		}
		if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
			return 1;
		}
	}
	return 0;
}

/* ---- reading --------------------------------------------------------------------------------- */

static size_t copy_file(const char *from, const char *to) {
	static char bytes[1 << 20];
	FILE *in = fopen(from, "rb");
	if (in == NULL) {
		return 0;
	}
	size_t size = fread(bytes, 1, sizeof bytes, in);
	(void)fclose(in);
	FILE *out = fopen(to, "wb");
	assert_non_null(out);
	assert_int_equal(fwrite(bytes, 1, size, out), size);
	assert_int_equal(fclose(out), 0);
	return size;
}

/* A copy of the book, which opening changes. */
static void copy_book(const struct book *book, const char *folder, char path[300]) {
	static const char *const suffixes[] = {"", "-wal", "-journal", "-updates"};
	for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
		char from[300];
		(void)snprintf(from, sizeof from, FOLDER "/%s.db%s", book->name, suffixes[i]);
		(void)snprintf(path, 300, "%s/%s.db%s", folder, book->name, suffixes[i]);
		size_t size = copy_file(from, path);
		bool is_wanted = suffixes[i][0] == '\0' || strcmp(suffixes[i], book->beside) == 0;
		assert_true(is_wanted ? size > 16 : size == 0);
	}
	(void)snprintf(path, 300, "%s/%s.db", folder, book->name);
}

static void remove_book(const char *path) {
	static const char *const suffixes[] = {"", "-wal", "-shm", "-journal", "-updates"};
	for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
		char name[320];
		(void)snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
		(void)unlink(name);
	}
}

static uint64_t fingerprint_now(void) {
	struct engine_options options = {.path = ":memory:", .journal_mode = "memory"};
	struct engine *engine;
	struct engine_error error;
	assert_int_equal(engine_open(&options, &engine, &error), ENGINE_OPENED);
	for (unsigned i = 0; i < UPDATES; i++) {
		struct engine_update update = orders_stream(i);
		assert_int_equal(orders_submit(engine, &update), ENGINE_APPLIED);
	}
	uint64_t fingerprint = orders_fingerprint(engine);
	engine_close(engine);
	return fingerprint;
}

static void books_of_format_2_still_open(void **context) {
	char folder[] = "/tmp/aftershock-format-XXXXXX";
	(void)context;
	assert_int_equal(ENGINE_SCHEMA_VERSION, 2);
	assert_non_null(mkdtemp(folder));
	for (size_t i = 0; i < BOOK_COUNT; i++) {
		char path[300];
		struct engine *engine;
		struct engine_error error;
		copy_book(&books[i], folder, path);
		struct engine_options options = options_of(&books[i], path);
		enum engine_open_status status = engine_open(&options, &engine, &error);
		assert_string_equal(error.reason, "");
		assert_int_equal(status, ENGINE_OPENED);
		assert_int_equal(engine_read_head(engine).version, UPDATES);
		assert_true(orders_fingerprint(engine) == fingerprint_now());
		engine_close(engine);
		remove_book(path);
	}
	assert_int_equal(rmdir(folder), 0);
}

/* The twin: what lies beside a book belongs to it. */
static void a_book_without_what_lies_beside_it_is_not_the_same(void **context) {
	char folder[] = "/tmp/aftershock-format-XXXXXX";
	(void)context;
	assert_non_null(mkdtemp(folder));
	for (size_t i = 2; i < BOOK_COUNT; i++) {
		char path[300];
		char beside[320];
		struct engine *engine = NULL;
		struct engine_error error;
		copy_book(&books[i], folder, path);
		(void)snprintf(beside, sizeof beside, "%s%s", path, books[i].beside);
		assert_int_equal(unlink(beside), 0);
		struct engine_options options = options_of(&books[i], path);
		bool is_open = engine_open(&options, &engine, &error) == ENGINE_OPENED;
		assert_true(!is_open || engine_read_head(engine).version < UPDATES);
		engine_close(engine);
		remove_book(path);
	}
	assert_int_equal(rmdir(folder), 0);
}

int main(int count, char **arguments) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(books_of_format_2_still_open),
	        cmocka_unit_test(a_book_without_what_lies_beside_it_is_not_the_same),
	};
	if (count == 2 && strcmp(arguments[1], "--write") == 0) {
		return write_all();
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
