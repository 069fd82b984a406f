/* engine/hash_table.h: rows in memory, found by key in constant time, visited in the order of their
 * keys.
 *
 * A row is a plain structure. Its first key_size bytes are its key, padded with zeros and compared
 * bytewise. Rows are added and replaced. Only the newest one can be removed. The index is a hash
 * table with open addressing that holds row numbers. Its order depends on hashes, and nobody sees
 * it (E12). Row numbers count in the order of insertion and stay valid. A pointer to a row is valid
 * until the next call that reserves.
 */
#ifndef AFTERSHOCK_ENGINE_HASH_TABLE_H
#define AFTERSHOCK_ENGINE_HASH_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct engine_hash_table {
	size_t row_size;
	size_t key_size;
	uint32_t count;
	uint32_t capacity;      /* rows that fit without allocation */
	uint32_t slot_count;    /* power of two, at least twice the capacity */
	uint32_t ordered_count; /* so many leading entries of `ordered` are in the order of keys */
	unsigned char *rows;
	uint32_t *slots;   /* row number plus one; 0: empty */
	uint32_t *ordered; /* row numbers */
};

/* Makes an empty table. Allocates nothing. */
void engine_hash_table_init(struct engine_hash_table *table, size_t row_size, size_t key_size);
/* Frees the rows. The table is then empty. */
void engine_hash_table_deinit(struct engine_hash_table *table);

/* Makes room for one more row. False when out of memory; then the table is as it was. */
bool engine_hash_table_reserve(struct engine_hash_table *table);

/* Makes room for `count` more rows, as engine_hash_table_reserve does. */
bool engine_hash_table_reserve_rows(struct engine_hash_table *table, uint32_t count);

/* Finds the row with a key of key_size bytes. NULL when there is none. */
const void *engine_hash_table_find(const struct engine_hash_table *table, const void *key);

/* A row by its number. */
const void *engine_hash_table_row(const struct engine_hash_table *table, uint32_t number);

/* Replaces the row with the key of `row`, or adds it. The caller has reserved the room. Cannot
 * fail. */
void engine_hash_table_put(struct engine_hash_table *table, const void *row);

/* Removes the newest row, as if it had never been added. Nothing may have been added or visited
 * since. */
void engine_hash_table_drop_last(struct engine_hash_table *table);

/* The row at a place in the order of keys. Requires place < table->count. Sorts rows that are new
 * since the last visit. */
const void *engine_hash_table_at(struct engine_hash_table *table, uint32_t place);

#endif
