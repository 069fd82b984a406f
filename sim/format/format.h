/* sim/format/format.h: the words of this room: files as they lie on a disk, and numbers in them.
 * README.md has the model, and says which section of SQLite's documents each rule is from. */
#ifndef AFTERSHOCK_SIM_FORMAT_H
#define AFTERSHOCK_SIM_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_FORMAT_PAGE_MIN 512u
#define SIM_FORMAT_PAGE_MAX 65536u
/* No page begins here: locks are taken on this byte. */
#define SIM_FORMAT_LOCK_BYTE (UINT64_C(1) << 30)

/* A file. All zero: there is none. */
struct sim_format_file {
	uint64_t size_bytes;
	/* Gives the bytes that there are, and says how many. */
	size_t (*read)(void *context, uint64_t offset, void *buffer, size_t size_bytes);
	void *context;
};

/* A database with what lies beside it. An empty journal or WAL is the same as none. */
struct sim_format_image {
	struct sim_format_file database;
	struct sim_format_file journal;
	struct sim_format_file wal;
	/* Whether a file of that name is there, and is not empty. */
	bool (*exists)(void *context, const char *name);
	void *context;
	uint32_t name_bytes_max; /* a longer name of a super-journal is none */
};

/* A copy of a page of the database in a journal or a WAL. */
struct sim_format_copy {
	uint32_t page;
	uint64_t offset; /* of its content in that file */
};

struct sim_format_copies {
	struct sim_format_copy *items;
	size_t count;
	size_t room;
};

static inline uint32_t sim_format_u16(const unsigned char *bytes) {
	return (uint32_t)bytes[0] << 8 | bytes[1];
}

static inline uint32_t sim_format_u32(const unsigned char *bytes) {
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static inline bool sim_format_is_power_of_two(uint32_t number) {
	return number != 0 && (number & (number - 1)) == 0;
}

static inline bool sim_format_is_page_size(uint32_t size_bytes) {
	return sim_format_is_power_of_two(size_bytes) && size_bytes >= SIM_FORMAT_PAGE_MIN &&
	       size_bytes <= SIM_FORMAT_PAGE_MAX;
}

static inline uint32_t sim_format_lock_page(uint32_t page_size) {
	return (uint32_t)(SIM_FORMAT_LOCK_BYTE / page_size) + 1;
}

/* All bytes; behind the end of the file they are zeros. False when some lie behind it. */
bool sim_format_read(const struct sim_format_file *file, uint64_t offset, void *buffer, size_t size_bytes);

/* False when out of memory. */
bool sim_format_add(struct sim_format_copies *copies, uint32_t page, uint64_t offset);
/* By page; of several copies of one page the last in the file stays. */
void sim_format_settle(struct sim_format_copies *copies);
/* Among settled copies. NULL: it has none. */
const struct sim_format_copy *sim_format_find(const struct sim_format_copies *copies, uint32_t page);

#endif
