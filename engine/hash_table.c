#include "hash_table.h"

#include <assert.h>
#include <string.h>

#include <sqlite3.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* Small, because most databases under test are small. Doubling reaches a million rows in 16
 * steps. */
#define ENGINE_HASH_TABLE_FIRST_CAPACITY 16u

/* So many new keys are inserted one by one. More are sorted together with the rest. */
#define ENGINE_HASH_TABLE_INSERT_LIMIT 64u

void engine_hash_table_init(struct engine_hash_table *table, size_t row_size, size_t key_size) {
	*table = (struct engine_hash_table){.row_size = row_size, .key_size = key_size};
}

void engine_hash_table_deinit(struct engine_hash_table *table) {
	sqlite3_free(table->rows);
	sqlite3_free(table->slots);
	sqlite3_free(table->ordered);
	engine_hash_table_init(table, table->row_size, table->key_size);
}

static const unsigned char *engine_hash_table_row_bytes(const struct engine_hash_table *table, uint32_t number) {
	return table->rows + (size_t)number * table->row_size;
}

/* Finds the slot that holds the key, or the empty one where it belongs. This ends, because at least
 * half of the slots are empty. */
static uint32_t engine_hash_table_slot(const struct engine_hash_table *table, const void *key) {
	uint32_t mask = table->slot_count - 1;
	uint32_t slot = (uint32_t)XXH3_64bits(key, table->key_size) & mask;

	while (table->slots[slot] != 0 &&
	       memcmp(engine_hash_table_row_bytes(table, table->slots[slot] - 1), key, table->key_size) != 0) {
		slot = (slot + 1) & mask;
	}
	return slot;
}

static void engine_hash_table_rebuild_slots(struct engine_hash_table *table, uint32_t *slots, uint32_t slot_count) {
	sqlite3_free(table->slots);
	memset(slots, 0, slot_count * sizeof *slots);
	table->slots = slots;
	table->slot_count = slot_count;
	for (uint32_t number = 0; number < table->count; number++) {
		slots[engine_hash_table_slot(table, engine_hash_table_row_bytes(table, number))] = number + 1;
	}
}

/* Each array is replaced on its own, and an array that is too large is harmless. So a failure half
 * way leaves a sound table. */
static bool engine_hash_table_grow(struct engine_hash_table *table, uint32_t capacity) {
	unsigned char *rows = sqlite3_realloc64(table->rows, (sqlite3_uint64)capacity * table->row_size);
	if (rows == NULL) {
		return false;
	}
	table->rows = rows;

	uint32_t *ordered = sqlite3_realloc64(table->ordered, (sqlite3_uint64)capacity * sizeof *ordered);
	if (ordered == NULL) {
		return false;
	}
	table->ordered = ordered;

	uint32_t slot_count = capacity * 2;
	uint32_t *slots = sqlite3_malloc64((sqlite3_uint64)slot_count * sizeof *slots);
	if (slots == NULL) {
		return false;
	}
	engine_hash_table_rebuild_slots(table, slots, slot_count);
	table->capacity = capacity;
	return true;
}

bool engine_hash_table_reserve(struct engine_hash_table *table) {
	if (table->count < table->capacity) {
		return true;
	}
	if (table->capacity > UINT32_MAX / 4) {
		return false;
	}
	return engine_hash_table_grow(table,
	                              table->capacity == 0 ? ENGINE_HASH_TABLE_FIRST_CAPACITY : table->capacity * 2);
}

bool engine_hash_table_reserve_rows(struct engine_hash_table *table, uint32_t count) {
	uint32_t capacity = table->capacity == 0 ? ENGINE_HASH_TABLE_FIRST_CAPACITY : table->capacity;

	if (table->count + (uint64_t)count > UINT32_MAX / 4) {
		return false;
	}
	while (capacity < table->count + count) {
		capacity *= 2;
	}
	return capacity == table->capacity || engine_hash_table_grow(table, capacity);
}

const void *engine_hash_table_find(const struct engine_hash_table *table, const void *key) {
	if (table->count == 0) {
		return NULL;
	}
	uint32_t entry = table->slots[engine_hash_table_slot(table, key)];
	return entry == 0 ? NULL : engine_hash_table_row_bytes(table, entry - 1);
}

const void *engine_hash_table_row(const struct engine_hash_table *table, uint32_t number) {
	assert(number < table->count);
	return engine_hash_table_row_bytes(table, number);
}

void engine_hash_table_put(struct engine_hash_table *table, const void *row) {
	assert(table->slot_count > 0);
	uint32_t slot = engine_hash_table_slot(table, row);

	if (table->slots[slot] == 0) {
		assert(table->count < table->capacity);
		table->ordered[table->count] = table->count;
		table->slots[slot] = ++table->count;
	}
	memcpy(table->rows + (size_t)(table->slots[slot] - 1) * table->row_size, row, table->row_size);
}

/* No probe sequence was laid around the newest row. So its slot can simply be emptied. */
void engine_hash_table_drop_last(struct engine_hash_table *table) {
	assert(table->count > 0 && table->ordered_count < table->count);
	table->slots[engine_hash_table_slot(table, engine_hash_table_row_bytes(table, table->count - 1))] = 0;
	table->count--;
}

static bool engine_hash_table_is_less(const struct engine_hash_table *table, uint32_t a, uint32_t b) {
	return memcmp(engine_hash_table_row_bytes(table, a), engine_hash_table_row_bytes(table, b), table->key_size) <
	       0;
}

/* Heap sort. It needs no memory, so a reader cannot fail, and its worst case is as its usual
 * case. */
static void engine_hash_table_sift_down(struct engine_hash_table *table, uint32_t root, uint32_t count) {
	uint32_t *ordered = table->ordered;

	for (uint32_t child = 2 * root + 1; child < count; child = 2 * root + 1) {
		if (child + 1 < count && engine_hash_table_is_less(table, ordered[child], ordered[child + 1])) {
			child++;
		}
		if (!engine_hash_table_is_less(table, ordered[root], ordered[child])) {
			return;
		}
		uint32_t swap = ordered[root];
		ordered[root] = ordered[child];
		ordered[child] = swap;
		root = child;
	}
}

static void engine_hash_table_sort_all(struct engine_hash_table *table) {
	for (uint32_t root = table->count / 2; root > 0; root--) {
		engine_hash_table_sift_down(table, root - 1, table->count);
	}
	for (uint32_t last = table->count - 1; last > 0; last--) {
		uint32_t swap = table->ordered[0];
		table->ordered[0] = table->ordered[last];
		table->ordered[last] = swap;
		engine_hash_table_sift_down(table, 0, last);
	}
}

static void engine_hash_table_insert_ordered(struct engine_hash_table *table, uint32_t place) {
	uint32_t number = table->ordered[place];
	uint32_t low = 0;
	uint32_t high = place;

	/* A database gives rows in the order of their keys. They belong at the end. */
	if (place == 0 || engine_hash_table_is_less(table, table->ordered[place - 1], number)) {
		return;
	}
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (engine_hash_table_is_less(table, table->ordered[middle], number)) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	memmove(&table->ordered[low + 1], &table->ordered[low], (place - low) * sizeof *table->ordered);
	table->ordered[low] = number;
}

static void engine_hash_table_order(struct engine_hash_table *table) {
	/* A prefix that is sorted already, as after a load, costs one comparison a row. */
	while (table->ordered_count < table->count &&
	       (table->ordered_count == 0 || engine_hash_table_is_less(table, table->ordered[table->ordered_count - 1],
	                                                               table->ordered[table->ordered_count]))) {
		table->ordered_count++;
	}
	if (table->count - table->ordered_count > ENGINE_HASH_TABLE_INSERT_LIMIT) {
		engine_hash_table_sort_all(table);
	} else {
		for (uint32_t place = table->ordered_count; place < table->count; place++) {
			engine_hash_table_insert_ordered(table, place);
		}
	}
	table->ordered_count = table->count;
}

const void *engine_hash_table_at(struct engine_hash_table *table, uint32_t place) {
	assert(place < table->count);
	if (table->ordered_count < table->count) {
		engine_hash_table_order(table);
	}
	return engine_hash_table_row_bytes(table, table->ordered[place]);
}
