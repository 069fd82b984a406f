/* sim/world/damage.c: where damage lands that is aimed at rows. Most bytes of a small database are
 * empty space and page headers: damage at any byte of the file is found by SQLite itself or by
 * nobody, and what a subject verifies of its rows is hardly tried. So a leaf page that holds rows
 * is chosen first, and then a byte of the payload of its cells: a large table must not hide the
 * small ones. Read with SQLite's "Database File Format", sections 1.3 to 1.6: leaves are b-tree
 * pages of type 13, and of type 10 for tables without rowid. The schema, page 1 and the pages below
 * it, is left out. */
#include "damage.h"

#define SIM_DAMAGE_PAGE_BYTES_MAX 65536u
#define SIM_DAMAGE_SCHEMA_PAGES_MAX 64u

struct sim_damage_walk {
	const struct vfs_inode *inode;
	uint8_t page[SIM_DAMAGE_PAGE_BYTES_MAX];
	uint32_t page_bytes;
	uint32_t usable_bytes;
	uint32_t schema_count;
	uint32_t schema[SIM_DAMAGE_SCHEMA_PAGES_MAX]; /* numbers of pages, from 1 */
	uint32_t payload_bytes;                       /* of the page */
	uint32_t wanted;                              /* the byte of the page's payload that is
	                                               * looked for */
	uint32_t offset;                              /* of it in the page */
};

static uint32_t sim_damage_big_endian(const uint8_t *bytes) {
	return (uint32_t)bytes[0] << 8 | bytes[1];
}

/* A variable-length integer of at most nine bytes; the position behind it. */
static uint32_t sim_damage_varint(const struct sim_damage_walk *walk, uint32_t at, uint64_t *number) {
	*number = 0;
	for (uint32_t i = 0; i < 8 && at < walk->usable_bytes; i++) {
		uint8_t byte = walk->page[at++];
		*number = *number << 7 | (byte & 0x7f);
		if (byte < 0x80) {
			return at;
		}
	}
	return at + 1;
}

/* How much of a payload is in its page; the rest is in overflow pages. */
static uint64_t sim_damage_local(const struct sim_damage_walk *walk, uint64_t payload_bytes, bool rowid) {
	uint64_t usable = walk->usable_bytes;
	uint64_t most = rowid ? usable - 35 : (usable - 12) * 64 / 255 - 23;
	uint64_t least = (usable - 12) * 32 / 255 - 23;
	if (payload_bytes <= most) {
		return payload_bytes;
	}
	uint64_t local = least + (payload_bytes - least) % (usable - 4);
	return local <= most ? local : least;
}

static void sim_damage_walk_cell(struct sim_damage_walk *walk, uint32_t at, bool rowid) {
	uint64_t size = 0;
	uint64_t number = 0;
	at = sim_damage_varint(walk, at, &size);
	at = rowid ? sim_damage_varint(walk, at, &number) : at;
	uint64_t local = sim_damage_local(walk, size, rowid);
	if (at >= walk->usable_bytes || local > walk->usable_bytes - at) {
		return; /* damaged before */
	}
	if (walk->wanted >= walk->payload_bytes && walk->wanted < walk->payload_bytes + local) {
		walk->offset = at + (walk->wanted - walk->payload_bytes);
	}
	walk->payload_bytes += (uint32_t)local;
}

/* Adds up the payload of the page, and finds the wanted byte on the way. */
static void sim_damage_walk_page(struct sim_damage_walk *walk) {
	uint8_t type = walk->page[0];
	uint32_t cells = sim_damage_big_endian(walk->page + 3);
	walk->payload_bytes = 0;
	for (uint32_t i = 0; (type == 10 || type == 13) && i < cells && 8 + 2 * i + 2 <= walk->usable_bytes; i++) {
		sim_damage_walk_cell(walk, sim_damage_big_endian(walk->page + 8 + (size_t)2 * i), type == 13);
	}
}

static bool sim_damage_is_schema(const struct sim_damage_walk *walk, uint32_t number) {
	for (uint32_t i = 0; i < walk->schema_count; i++) {
		if (walk->schema[i] == number) {
			return true;
		}
	}
	return false;
}

/* Reads a page; false at the end of the file. */
static bool sim_damage_read(struct sim_damage_walk *walk, uint32_t number) {
	size_t got = 0;
	vfs_disk_read(walk->inode, (uint64_t)(number - 1) * walk->page_bytes, walk->page, walk->page_bytes, &got);
	return got == walk->page_bytes;
}

/* Reads page 1: sizes, and what is below it when it has grown out of a leaf. False when it is not
 * that of a database. */
static bool sim_damage_begin(struct sim_damage_walk *walk) {
	size_t got = 0;
	vfs_disk_read(walk->inode, 0, walk->page, 100, &got);
	walk->page_bytes = sim_damage_big_endian(walk->page + 16);
	walk->page_bytes = walk->page_bytes == 1 ? SIM_DAMAGE_PAGE_BYTES_MAX : walk->page_bytes;
	bool sane = walk->page_bytes >= 512 && (walk->page_bytes & (walk->page_bytes - 1)) == 0;
	if (got < 100 || !sane || walk->page_bytes - walk->page[20] < 480 || !sim_damage_read(walk, 1)) {
		return false;
	}
	walk->usable_bytes = walk->page_bytes - walk->page[20];
	walk->schema_count = 0;
	walk->schema[walk->schema_count++] = 1;
	if (walk->page[100] != 5) {
		return true;
	}
	walk->schema[walk->schema_count++] = sim_damage_big_endian(walk->page + 110);
	for (uint32_t i = 0; i < sim_damage_big_endian(walk->page + 103) && 112 + 2 * i + 2 <= walk->usable_bytes;
	     i++) {
		uint32_t at = sim_damage_big_endian(walk->page + 112 + (size_t)2 * i);
		if (at + 4 <= walk->usable_bytes && walk->schema_count < SIM_DAMAGE_SCHEMA_PAGES_MAX) {
			walk->schema[walk->schema_count++] = sim_damage_big_endian(walk->page + at + 2);
		}
	}
	return true;
}

/* The number of the n-th page with rows, read and walked; 0 when there are not so many. `n` is what
 * is left to count. */
static uint32_t sim_damage_find_page(struct sim_damage_walk *walk, uint32_t *n) {
	for (uint32_t number = 2; sim_damage_read(walk, number); number++) {
		sim_damage_walk_page(walk);
		bool has_rows = walk->payload_bytes > 0 && !sim_damage_is_schema(walk, number);
		if (has_rows && (*n)-- == 0) {
			return number;
		}
	}
	return 0;
}

bool sim_damage_aim_at_rows(const struct vfs_inode *inode, uint64_t part, uint64_t *offset) {
	static struct sim_damage_walk walk;
	uint32_t left = UINT32_MAX;
	walk.inode = inode;
	walk.wanted = UINT32_MAX;
	if (!sim_damage_begin(&walk) || sim_damage_find_page(&walk, &left) != 0 || left == UINT32_MAX) {
		return false; /* no rows, or damaged before */
	}
	uint64_t pages = UINT32_MAX - left;
	uint64_t scaled = (part < 65536 ? part : 65535) * pages;
	uint32_t n = (uint32_t)(scaled / 65536);
	uint32_t number = sim_damage_find_page(&walk, &n);
	walk.wanted = (uint32_t)(scaled % 65536 * walk.payload_bytes / 65536);
	sim_damage_walk_page(&walk);
	*offset = (uint64_t)(number - 1) * walk.page_bytes + walk.offset;
	return true;
}
