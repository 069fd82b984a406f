/* engine/hash_table.h: rows in memory, found by key in constant time, visited in the order of their keys.
 *
 * A row is a plain structure whose first key_size bytes are its key, padded with zeros; keys are compared bytewise. Rows are
 * added and replaced, and never removed but for the newest one. The index is a hash table with open addressing that holds row numbers; its order
 * depends on hashes and is visible to nobody. Row numbers are in order of insertion and stay valid for ever; pointers to
 * rows until the next engine_hash_table_reserve().
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
	uint32_t ordered_count; /* leading entries of `ordered` that are in the order of keys and complete */
	unsigned char *rows;
	uint32_t *slots;   /* row number plus one; 0: empty */
	uint32_t *ordered; /* row numbers */
};

/* Makes an empty table; allocates nothing. */
void engine_hash_table_init(struct engine_hash_table *table, size_t row_size, size_t key_size);
void engine_hash_table_deinit(struct engine_hash_table *table);

/* Makes room for one more row. False when out of memory; the table is then as it was. */
bool engine_hash_table_reserve(struct engine_hash_table *table);

/* As engine_hash_table_reserve, for `count` more rows. */
bool engine_hash_table_reserve_rows(struct engine_hash_table *table, uint32_t count);

/* The row with this key (key_size bytes), or NULL. */
const void *engine_hash_table_find(const struct engine_hash_table *table, const void *key);

/* A row by its number, which is its place in the order of insertion; and back. */
const void *engine_hash_table_row(const struct engine_hash_table *table, uint32_t number);
uint32_t engine_hash_table_number(const struct engine_hash_table *table, const void *row);

/* Replaces the row with the key of `row`, or adds it; room for it must have been reserved. Cannot fail. */
void engine_hash_table_put(struct engine_hash_table *table, const void *row);

/* Takes back the newest row, as if it had never been put. Nothing may have been put or visited since it was added. */
void engine_hash_table_drop_last(struct engine_hash_table *table);

/* The row at a place in the order of keys, below table->count. */
const void *engine_hash_table_at(struct engine_hash_table *table, uint32_t place);

#endif
