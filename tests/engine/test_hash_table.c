/* Rows in memory: found by key, visited in the order of keys (E12), whole when memory runs out
 * (E1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "row.h"
#include "hash_table.h"

struct row {
	unsigned char key[8];
	int64_t value;
};

static struct row row_of(uint64_t key, int64_t value) {
	struct row row = {.value = value};

	for (int i = 0; i < 8; i++) {
		/* bytewise order is numeric order */
		row.key[i] = (unsigned char)(key >> (56 - 8 * i));
	}
	return row;
}

static void put(struct engine_hash_table *table, uint64_t key, int64_t value) {
	struct row row = row_of(key, value);

	assert_true(engine_hash_table_reserve(table));
	engine_hash_table_put(table, &row);
}

static void expect(const struct engine_hash_table *table, uint64_t key, int64_t value) {
	struct row row = row_of(key, 0);
	const struct row *found = engine_hash_table_find(table, row.key);

	assert_non_null(found);
	assert_int_equal(found->value, value);
}

static void row_is_found_by_its_key_only(void **context) {
	struct engine_hash_table table;
	struct row missing = row_of(1000, 0);
	(void)context;

	engine_hash_table_init(&table, sizeof(struct row), 8);
	assert_null(engine_hash_table_find(&table, missing.key));
	for (uint64_t key = 0; key < 1000; key++) {
		put(&table, key * 7 % 1000, (int64_t)key);
	}
	assert_int_equal(table.count, 1000);
	for (uint64_t key = 0; key < 1000; key++) {
		expect(&table, key * 7 % 1000, (int64_t)key);
	}
	assert_null(engine_hash_table_find(&table, missing.key));
	engine_hash_table_deinit(&table);
}

static void putting_a_known_key_replaces_the_row(void **context) {
	struct engine_hash_table table;
	(void)context;

	engine_hash_table_init(&table, sizeof(struct row), 8);
	put(&table, 5, 1);
	put(&table, 6, 2);
	put(&table, 5, 3);
	assert_int_equal(table.count, 2);
	expect(&table, 5, 3);
	expect(&table, 6, 2);
	engine_hash_table_deinit(&table);
}

/* `visit_every`: how many rows are added between visits, so that both ways of sorting are taken. */
static void check_order(uint64_t step, uint32_t visit_every) {
	struct engine_hash_table table;

	engine_hash_table_init(&table, sizeof(struct row), 8);
	for (uint64_t i = 0; i < 1009; i++) {
		put(&table, i * step % 1009, 0);
		for (uint32_t place = 1; table.count % visit_every == 0 && place < table.count; place++) {
			assert_true(memcmp(engine_hash_table_at(&table, place - 1), engine_hash_table_at(&table, place),
			                   8) < 0);
		}
	}
	for (uint32_t place = 0; place < table.count; place++) {
		struct row row = row_of(place, 0);
		assert_memory_equal(engine_hash_table_at(&table, place), row.key, 8);
	}
	engine_hash_table_deinit(&table);
}

static void rows_are_visited_in_the_order_of_keys_however_they_came(void **context) {
	(void)context;
	check_order(1, 2000);
	check_order(1008, 2000);
	check_order(1008, 3);
	check_order(500, 50);
	check_order(631, 100);
}

static void digest_does_not_depend_on_order_and_subtracting_undoes_adding(void **context) {
	struct engine_digest parts[] = {{UINT64_MAX, 1}, {2, UINT64_MAX}, {UINT64_MAX, UINT64_MAX}, {7, 0}};
	struct engine_digest forwards = {0, 0};
	struct engine_digest backwards = {0, 0};
	struct engine_digest decoded;
	unsigned char bytes[ENGINE_DIGEST_SIZE];
	(void)context;

	for (int i = 0; i < 4; i++) {
		engine_digest_add(&forwards, &parts[i]);
		engine_digest_add(&backwards, &parts[3 - i]);
	}
	assert_true(engine_digest_is_equal(&forwards, &backwards));
	assert_int_equal(forwards.low, 7); /* 2^64-1 + 2 + 2^64-1 + 7 = 2 * 2^64 + 7 */
	assert_int_equal(forwards.high, 1);
	engine_digest_encode(&forwards, bytes);
	engine_digest_decode(bytes, &decoded);
	assert_true(engine_digest_is_equal(&forwards, &decoded));
	for (int i = 0; i < 4; i++) {
		engine_digest_subtract(&forwards, &parts[(i + 2) % 4]);
	}
	assert_true(forwards.low == 0 && forwards.high == 0);
	assert_false(engine_digest_is_equal(&forwards, &backwards));
}

static void seal_depends_on_table_and_on_where_a_text_ends(void **context) {
	struct engine_order a = {.order_id = "ab", .cl_ord_id = "c"};
	struct engine_order b = {.order_id = "a", .cl_ord_id = "bc"};
	struct engine_seal seal_a = engine_row_seal_order(&a);
	struct engine_seal seal_b = engine_row_seal_order(&b);
	struct engine_seal again = engine_row_seal_order(&a);
	(void)context;

	assert_true(seal_a.checksum == again.checksum && engine_digest_is_equal(&seal_a.part, &again.part));
	assert_true(seal_a.checksum != seal_b.checksum);
	assert_false(engine_digest_is_equal(&seal_a.part, &seal_b.part));
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(row_is_found_by_its_key_only),
	        cmocka_unit_test(putting_a_known_key_replaces_the_row),
	        cmocka_unit_test(rows_are_visited_in_the_order_of_keys_however_they_came),
	        cmocka_unit_test(digest_does_not_depend_on_order_and_subtracting_undoes_adding),
	        cmocka_unit_test(seal_depends_on_table_and_on_where_a_text_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
