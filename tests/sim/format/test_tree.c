/* tests/sim/format/test_tree.c: databases that SQLite has made are sound to the reader, and each
 * damage to their structure is named (S53). */
#include "tree.h"

#include "bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

struct image {
	unsigned char *data;
	sqlite3_int64 size;
	uint32_t page_size;
};

static size_t read_image(void *context, uint64_t offset, void *buffer, size_t size_bytes) {
	const struct image *image = context;
	uint64_t left = offset < (uint64_t)image->size ? (uint64_t)image->size - offset : 0;
	size_t part = left < size_bytes ? (size_t)left : size_bytes;
	memcpy(buffer, image->data + offset, part);
	return part;
}

/* A database in memory: tables with rows that need pages of their own, indexes, a tree without
 * rowids, deep trees, and a free list. */
static void make(struct image *image, uint32_t page_size, int auto_vacuum) {
	char pragmas[100];
	sqlite3 *connection = NULL;
	assert_int_equal(sqlite3_open(":memory:", &connection), SQLITE_OK);
	snprintf(pragmas, sizeof pragmas, "PRAGMA page_size=%u; PRAGMA auto_vacuum=%d;", page_size, auto_vacuum);
	assert_int_equal(sqlite3_exec(connection, pragmas, NULL, NULL, NULL), SQLITE_OK);
	const char *statements =
	        "CREATE TABLE a (id INTEGER PRIMARY KEY, t TEXT, b BLOB);"
	        "CREATE INDEX a_t ON a (t);"
	        "CREATE TABLE w (k TEXT PRIMARY KEY, v) WITHOUT ROWID;"
	        "CREATE TABLE gone (b BLOB);"
	        "CREATE VIEW v AS SELECT t FROM a;"
	        "CREATE TABLE "
	        "a_table_whose_name_is_so_long_that_in_a_page_of_512_bytes_its_root_is_not_there_but_behind_it_"
	        "because_a_row_of_the_schema_has_its_name_twice_and_this_is_longer_than_what_fits (x);"
	        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)"
	        " INSERT INTO a SELECT i, 'text ' || i * 7919 % 1000 || hex(zeroblob(i % 90)), zeroblob(i * 13 % 3000) "
	        "FROM n;"
	        "INSERT INTO w SELECT t || id, zeroblob(id % 700) FROM a;"
	        "INSERT INTO gone SELECT zeroblob(900) FROM a;"
	        "DELETE FROM gone; DELETE FROM a WHERE id % 5 = 0;";
	assert_int_equal(sqlite3_exec(connection, statements, NULL, NULL, NULL), SQLITE_OK);
	image->page_size = page_size;
	image->data = sqlite3_serialize(connection, "main", &image->size, 0);
	assert_non_null(image->data);
	sqlite3_close(connection);
}

static bool exists(void *context, const char *name) {
	(void)context;
	(void)name;
	return false;
}

static const char *check(struct image *image) {
	static char text[SIM_TREE_TEXT_SIZE];
	struct sim_recovered recovered;
	const struct sim_format_image files = {
	        .database = {.size_bytes = (uint64_t)image->size, .read = read_image, .context = image},
	        .exists = exists};
	assert_true(sim_recovered_read(&files, &recovered));
	assert_int_equal(recovered.kind, SIM_RECOVERED_PAGES);
	assert_int_equal(recovered.page_size, image->page_size);
	assert_int_equal(recovered.page_count, image->size / image->page_size);
	assert_true(sim_tree_check(&recovered, text));
	sim_recovered_free(&recovered);
	return text;
}

static unsigned char *page_of(struct image *image, uint32_t number) {
	return image->data + (size_t)(number - 1) * image->page_size;
}

static void test_what_sqlite_makes(void **state) {
	(void)state;
	const uint32_t sizes[] = {512, 1024, 4096, 65536};
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		for (int auto_vacuum = 0; auto_vacuum < 3; auto_vacuum++) {
			struct image image;
			make(&image, sizes[i], auto_vacuum);
			assert_string_equal(check(&image), "");
			sqlite3_free(image.data);
		}
	}
}

static void test_free_list(void **state) {
	(void)state;
	struct image image;
	make(&image, 512, 0);
	uint32_t trunk = sim_format_u32(image.data + 32);
	unsigned char *page = page_of(&image, trunk);
	assert_true(trunk > 1 && sim_format_u32(page + 4) > 1);
	image.data[39]++;
	assert_non_null(strstr(check(&image), "the free list has"));
	image.data[39]--;
	unsigned char kept[12];
	memcpy(kept, page, sizeof kept);
	memcpy(page + 8, page + 12, 4);
	assert_non_null(strstr(check(&image), "an entry of the free list of page"));
	memcpy(page, kept, sizeof kept);
	page[4] = 1;
	assert_non_null(strstr(check(&image), "entries"));
	memcpy(page, kept, sizeof kept);
	assert_string_equal(check(&image), "");
	/* A page less in the list is one that nobody points to. */
	page[7]--;
	uint32_t counted = sim_format_u32(image.data + 36) - 1;
	for (int i = 0; i < 4; i++) {
		image.data[36 + i] = (unsigned char)(counted >> (24 - 8 * i));
	}
	assert_non_null(strstr(check(&image), "nobody points to page"));
	sqlite3_free(image.data);
}

/* The first page of that kind. */
static unsigned char *find_kind(struct image *image, unsigned char kind) {
	for (uint32_t number = 2; number <= image->size / image->page_size; number++) {
		if (page_of(image, number)[0] == kind && sim_format_u16(page_of(image, number) + 3) > 2) {
			return page_of(image, number);
		}
	}
	fail_msg("no page of kind %d", kind);
	return NULL;
}

static void test_trees(void **state) {
	(void)state;
	struct image image;
	make(&image, 512, 0);
	unsigned char *inner = find_kind(&image, 5);
	unsigned char *cell = inner + sim_format_u16(inner + 12);
	unsigned char kept[4];
	memcpy(kept, cell, 4);
	memcpy(cell, inner + 8, 4);
	assert_non_null(strstr(check(&image), "which is in use"));
	memset(cell, 0xff, 4);
	assert_non_null(strstr(check(&image), "which is none"));
	memcpy(cell, kept, 4);
	unsigned char *leaf = find_kind(&image, 10);
	leaf[0] = 13;
	assert_true(strstr(check(&image), "is of kind") != NULL || strstr(check(&image), "leaves it") != NULL);
	leaf[0] = 10;
	unsigned char high = leaf[8];
	leaf[8] = 0xff;
	assert_non_null(strstr(check(&image), "leaves it"));
	leaf[8] = high;
	leaf[3] = 0xff;
	assert_non_null(strstr(check(&image), "counts"));
	leaf[3] = 0;
	assert_string_equal(check(&image), "");
	sqlite3_free(image.data);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_what_sqlite_makes),
	        cmocka_unit_test(test_free_list),
	        cmocka_unit_test(test_trees),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
