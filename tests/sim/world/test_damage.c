/* Damage that is aimed at rows: every byte it chooses is part of a row of a table, the schema is
 * spared, small tables are hit as often as large ones, and what is no database is left alone. The
 * databases are SQLite's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "damage.h"
#include "world.h"

#include <sqlite3.h>

#define PARTS 256u

static struct vfs_disk *disk;
static struct vfs_inode *inode;
static unsigned char *image;
static sqlite3_int64 image_bytes;

static int begin(void **context) {
	const struct vfs_disk_options options = {.sector_size_bytes = 512};
	bool created = false;
	(void)context;
	disk = vfs_disk_create(&options);
	return disk == NULL || vfs_disk_open(disk, "/db", true, &created, &inode) != VFS_OK ? -1 : 0;
}

static int end(void **context) {
	(void)context;
	vfs_disk_close(disk, inode);
	vfs_disk_destroy(disk);
	sqlite3_free(image);
	image = NULL;
	return 0;
}

/* Two tables, one of them a hundred times as large and without rowid, as a file on the disk. */
static void build(const char *page_size, int rows) {
	sqlite3 *db = NULL;
	char *sql =
	        sqlite3_mprintf("PRAGMA page_size=%s;CREATE TABLE small(id INTEGER PRIMARY KEY,text);"
	                        "CREATE TABLE large(key TEXT PRIMARY KEY,number,text)WITHOUT ROWID;"
	                        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<%d)"
	                        "INSERT INTO large SELECT 'key'||i,i*1000003,hex(zeroblob(i%%90)) FROM n WHERE %d>0;"
	                        "INSERT INTO small SELECT 1,'one' WHERE %d>0",
	                        page_size, rows, rows, rows);
	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	image = sqlite3_serialize(db, "main", &image_bytes, 0);
	assert_non_null(image);
	assert_int_equal(vfs_disk_write(disk, inode, 0, image, (size_t)image_bytes), VFS_OK);
	sqlite3_free(sql);
	sqlite3_close(db);
}

static int append(void *context, int columns, char **values, char **names) {
	sqlite3_str *text = context;
	(void)names;
	for (int i = 0; i < columns; i++) {
		sqlite3_str_appendf(text, "%Q,", values[i]);
	}
	return 0;
}

/* All rows as text with their types, or the error that reading them gives. */
static char *content(unsigned char *bytes, const char *table) {
	sqlite3 *db = NULL;
	char *sql = sqlite3_mprintf("SELECT quote(%s),quote(text) FROM %s",
	                            strcmp(table, "small") == 0 ? "id" : "key),quote(number", table);
	sqlite3_str *text = sqlite3_str_new(NULL);
	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	assert_int_equal(sqlite3_deserialize(db, "main", bytes, image_bytes, image_bytes, SQLITE_DESERIALIZE_READONLY),
	                 SQLITE_OK);
	int code = sqlite3_exec(db, sql, append, text, NULL);
	sqlite3_str_appendf(text, "code %d", code);
	/* The schema was read: what is wrong is in the rows. */
	assert_int_equal(sqlite3_table_column_metadata(db, NULL, table, "text", NULL, NULL, NULL, NULL, NULL),
	                 SQLITE_OK);
	sqlite3_free(sql);
	sqlite3_close(db);
	return sqlite3_str_finish(text);
}

/* Whether a flip at this offset changes what is read of a table. */
static bool changes(uint64_t offset, const char *table, const char *before) {
	image[offset] ^= 1;
	char *after = content(image, table);
	image[offset] ^= 1;
	bool changed = strcmp(before, after) != 0;
	sqlite3_free(after);
	return changed;
}

/* Whether it is the small table that is hit; one of the two must be. */
static bool hits_small(uint32_t part, const char *small, const char *large) {
	uint64_t offset = 0;
	assert_true(sim_damage_aim_at_rows(inode, part, &offset));
	assert_true(offset < (uint64_t)image_bytes);
	bool hit = changes(offset, "small", small);
	if (!hit && !changes(offset, "large", large)) {
		fail_msg("part %u: offset %llu is in no row", part, (unsigned long long)offset);
	}
	return hit;
}

static void aim_everywhere(uint32_t *small_hits) {
	char *small = content(image, "small");
	char *large = content(image, "large");
	*small_hits = 0;
	for (uint32_t i = 0; i < PARTS; i++) {
		*small_hits += hits_small(i * (65537 / PARTS), small, large);
	}
	sqlite3_free(small);
	sqlite3_free(large);
}

static void every_byte_aimed_at_is_part_of_a_row(void **context) {
	static const char *const page_sizes[] = {"512", "1024", "4096", "65536"};
	uint32_t small_hits = 0;
	for (size_t i = 0; i < sizeof page_sizes / sizeof page_sizes[0]; i++) {
		build(page_sizes[i], 100);
		aim_everywhere(&small_hits);
		assert_true(small_hits > 0);
		end(context);
		begin(context);
	}
}

static void a_small_table_is_hit_as_often_as_a_large_one_of_one_page(void **context) {
	uint32_t small_hits = 0;
	(void)context;
	build("65536", 100);
	aim_everywhere(&small_hits);
	assert_in_range(small_hits, PARTS / 2 - 2, PARTS / 2 + 2);
}

static void without_rows_there_is_nothing_to_aim_at(void **context) {
	uint64_t offset = 0;
	(void)context;
	build("4096", 0);
	assert_false(sim_damage_aim_at_rows(inode, 32768, &offset));
}

static void what_is_no_database_is_left_alone(void **context) {
	static unsigned char noise[20000];
	uint64_t offset = 0;
	struct sim_pcg32 chance;
	(void)context;
	assert_false(sim_damage_aim_at_rows(inode, 0, &offset));
	sim_pcg32_seed(&chance, 5, 1);
	for (int i = 0; i < 2000; i++) {
		sim_pcg32_fill(&chance, noise, sizeof noise);
		/* A header that could be one, and pages that could be leaves. */
		memcpy(noise + 16, i % 2 == 0 ? "\x10\x00" : "\x02\x00", 2);
		noise[20] = 0;
		noise[100] = i % 3 == 0 ? 5 : 13;
		for (size_t page = 512; page < sizeof noise; page += 512) {
			noise[page] = page % 3 == 0 ? 10 : 13;
		}
		assert_int_equal(vfs_disk_write(disk, inode, 0, noise, sizeof noise), VFS_OK);
		if (sim_damage_aim_at_rows(inode, (uint64_t)i * 32, &offset)) {
			assert_true(offset < sizeof noise);
		}
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(every_byte_aimed_at_is_part_of_a_row, begin, end),
	        cmocka_unit_test_setup_teardown(a_small_table_is_hit_as_often_as_a_large_one_of_one_page, begin, end),
	        cmocka_unit_test_setup_teardown(without_rows_there_is_nothing_to_aim_at, begin, end),
	        cmocka_unit_test_setup_teardown(what_is_no_database_is_left_alone, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
