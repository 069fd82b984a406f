/* What each byte of a database file is for, after https://www.sqlite.org/fileformat2.html. Written
 * for sound files, with a reader of its own: what says where damage goes shares no code with what
 * must find it. */
#include "damage.h"

#include <assert.h>
#include <string.h>

#define DATABASE_PAYLOAD_MAX 4096u
#define DATABASE_TREES_MAX 8u
#define DATABASE_HEADER_SIZE 100u

struct database {
	const unsigned char *bytes;
	unsigned char *classes;
	size_t size;
	size_t page_size;
	/* The trees that the schema names. */
	size_t roots[DATABASE_TREES_MAX];
	char tables[DATABASE_TREES_MAX][16];
	unsigned tree_count;
};

/* Where the bytes of one payload are in the file; they go on in overflow pages. */
struct database_payload {
	size_t offsets[DATABASE_PAYLOAD_MAX];
	size_t size;
};

static uint32_t database_get(const struct database *database, size_t at, unsigned size) {
	uint32_t value = 0;

	assert(at + size <= database->size);
	for (unsigned i = 0; i < size; i++) {
		value = value << 8 | database->bytes[at + i];
	}
	return value;
}

static void database_mark(struct database *database, size_t at, size_t size, enum damage_class class) {
	assert(at + size <= database->size);
	memset(database->classes + at, (int)class, size);
}

/* ---- payloads and records -------------------------------------------------------------------- */

static uint64_t database_varint(const struct database *database, size_t *at) {
	uint64_t value = 0;

	for (int i = 0; i < 9; i++) {
		unsigned char byte = database->bytes[(*at)++];
		if (i == 8) {
			return value << 8 | byte;
		}
		value = value << 7 | (byte & 0x7f);
		if ((byte & 0x80) == 0) {
			break;
		}
	}
	return value;
}

/* Section 1.6: how much of a payload is in the page of the cell. */
static size_t database_local_size(const struct database *database, size_t size, bool is_table_leaf) {
	size_t usable = database->page_size;
	size_t most = is_table_leaf ? usable - 35 : (usable - 12) * 64 / 255 - 23;
	size_t least = (usable - 12) * 32 / 255 - 23;

	if (size <= most) {
		return size;
	}
	size_t local = least + (size - least) % (usable - 4);
	return local <= most ? local : least;
}

static void database_find_payload(struct database *database, size_t at, bool is_table_leaf,
                                  struct database_payload *payload) {
	size_t local = database_local_size(database, payload->size, is_table_leaf);
	size_t done = 0;

	assert(payload->size <= DATABASE_PAYLOAD_MAX);
	for (; done < local; done++) {
		payload->offsets[done] = at + done;
	}
	size_t pointer = at + local;
	while (done < payload->size) {
		size_t page = (database_get(database, pointer, 4) - 1) * database->page_size;
		database_mark(database, pointer, 4, DAMAGE_OVERFLOW_POINTER);
		database_mark(database, page, database->page_size, DAMAGE_UNALLOCATED);
		pointer = page;
		for (size_t i = 4; i < database->page_size && done < payload->size; i++) {
			payload->offsets[done++] = page + i;
		}
		database_mark(database, pointer, 4, DAMAGE_OVERFLOW_POINTER);
	}
}

static size_t database_column_size(uint64_t type) {
	static const size_t sizes[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0};

	return type >= 12 ? (size_t)(type - 12) / 2 : type < 10 ? sizes[type] : 0;
}

/* The columns of one record. */
struct database_record {
	size_t starts[32]; /* in the payload; the last is its end */
	unsigned count;
	size_t header_size;
};

/* Headers are shorter than a page's smallest local payload. */
static struct database_record database_read_record(const struct database *database,
                                                   const struct database_payload *payload) {
	struct database_record record = {0};
	size_t at = payload->offsets[0];
	size_t start = at;

	record.header_size = (size_t)database_varint(database, &at);
	record.starts[0] = record.header_size;
	while (at - start < record.header_size) {
		size_t size = database_column_size(database_varint(database, &at));
		assert(record.count + 1 < sizeof record.starts / sizeof record.starts[0]);
		record.starts[record.count + 1] = record.starts[record.count] + size;
		record.count++;
	}
	assert(record.starts[record.count] == payload->size);
	return record;
}

static void database_mark_payload(struct database *database, const struct database_payload *payload,
                                  enum damage_class content) {
	struct database_record record = database_read_record(database, payload);
	size_t checksum = content == DAMAGE_ROW_CONTENT ? record.starts[record.count - 1] : payload->size;

	for (size_t i = 0; i < payload->size; i++) {
		enum damage_class class = i < record.header_size ? DAMAGE_CELL_HEADER
		                          : i < checksum         ? content
		                                                 : DAMAGE_ROW_CHECKSUM;
		database->classes[payload->offsets[i]] = (unsigned char)class;
	}
}

/* A row of sqlite_schema: type, name, tbl_name, rootpage, sql. */
static void database_note_tree(struct database *database, const struct database_payload *payload) {
	struct database_record record = database_read_record(database, payload);
	char *name = database->tables[database->tree_count];
	size_t root = 0;

	if (record.starts[2] - record.starts[1] >= sizeof database->tables[0]) {
		return;
	}
	assert(database->tree_count < DATABASE_TREES_MAX && record.count == 5);
	for (size_t i = record.starts[1]; i < record.starts[2]; i++) {
		*name++ = (char)database->bytes[payload->offsets[i]];
	}
	for (size_t i = record.starts[3]; i < record.starts[4]; i++) {
		root = root << 8 | database->bytes[payload->offsets[i]];
	}
	database->roots[database->tree_count++] = root;
}

/* ---- pages ----------------------------------------------------------------------------------- */

static void database_walk(struct database *database, size_t page, enum damage_class content);

static void database_mark_cell(struct database *database, size_t at, unsigned type, enum damage_class content) {
	struct database_payload payload;
	size_t start = at;
	bool is_leaf = type >= 10;
	bool is_table = type == 5 || type == 13;

	if (!is_leaf) {
		size_t child = database_get(database, at, 4);
		at += 4;
		database_walk(database, child, content);
	}
	uint64_t first = database_varint(database, &at);
	payload.size = (size_t)first;
	if (is_table && is_leaf) {
		(void)database_varint(database, &at);
	}
	database_mark(database, start, at - start, DAMAGE_CELL_HEADER);
	if (is_table && !is_leaf) {
		return;
	}
	database_find_payload(database, at, is_table, &payload);
	if (content == DAMAGE_SCHEMA_ROW) {
		database_note_tree(database, &payload);
	}
	database_mark_payload(database, &payload, content);
}

static void database_walk(struct database *database, size_t page, enum damage_class content) {
	size_t start = (page - 1) * database->page_size;
	size_t header = start + (page == 1 ? DATABASE_HEADER_SIZE : 0);
	unsigned type = database->bytes[header];
	unsigned header_size = type >= 10 ? 8 : 12;
	unsigned count = database_get(database, header + 3, 2);
	size_t pointers = header + header_size;
	size_t cells =
	        start + (database_get(database, header + 5, 2) == 0 ? 65536 : database_get(database, header + 5, 2));

	assert(type == 2 || type == 5 || type == 10 || type == 13);
	database_mark(database, header, header_size, DAMAGE_PAGE_HEADER);
	database_mark(database, pointers, 2 * (size_t)count, DAMAGE_CELL_POINTER);
	database_mark(database, pointers + 2 * (size_t)count, cells - pointers - 2 * (size_t)count, DAMAGE_UNALLOCATED);
	database_mark(database, cells, start + database->page_size - cells, DAMAGE_FREE_BLOCK);
	for (unsigned i = 0; i < count; i++) {
		size_t cell = start + database_get(database, pointers + 2 * (size_t)i, 2);
		database_mark_cell(database, cell, type, content);
	}
	if (type < 10) {
		database_walk(database, database_get(database, header + 8, 4), content);
	}
}

static void database_mark_freelist(struct database *database) {
	size_t trunk = database_get(database, 32, 4);

	while (trunk != 0) {
		size_t start = (trunk - 1) * database->page_size;
		uint32_t leaves = database_get(database, start + 4, 4);
		database_mark(database, start, database->page_size, DAMAGE_FREELIST_LEAF);
		database_mark(database, start, 8 + 4 * (size_t)leaves, DAMAGE_FREELIST_TRUNK);
		for (uint32_t i = 0; i < leaves; i++) {
			size_t leaf = database_get(database, start + 8 + 4 * (size_t)i, 4);
			database_mark(database, (leaf - 1) * database->page_size, database->page_size,
			              DAMAGE_FREELIST_LEAF);
		}
		trunk = database_get(database, start, 4);
	}
}

void damage_classify_database(const struct damage_content *content, unsigned char *classes) {
	static struct database database;

	memset(&database, 0, sizeof database);
	database.bytes = content->bytes;
	database.classes = classes;
	database.size = content->size;
	database.page_size = database_get(&database, 16, 2);
	memset(classes, DAMAGE_NONE, content->size);
	database_mark(&database, 0, DATABASE_HEADER_SIZE, DAMAGE_FILE_HEADER);
	database_walk(&database, 1, DAMAGE_SCHEMA_ROW);
	for (unsigned i = 0; i < database.tree_count; i++) {
		bool is_meta = strcmp(database.tables[i], "meta") == 0;
		database_walk(&database, database.roots[i], is_meta ? DAMAGE_META_ROW : DAMAGE_ROW_CONTENT);
	}
	database_mark_freelist(&database);
}
