/* tests/sim/format/bytes.h: files in memory, written byte by byte: databases, journals and WALs
 * made by hand. */
#ifndef AFTERSHOCK_TESTS_BYTES_H
#define AFTERSHOCK_TESTS_BYTES_H

#include "format.h"

#define BYTES_PAGE 512u
#define BYTES_SECTOR 512u

struct bytes {
	unsigned char data[1 << 16];
	uint64_t size;
};

void bytes_u32(struct bytes *bytes, uint64_t at, uint32_t number);
/* So many bytes of one value, from there on. */
void bytes_fill(struct bytes *bytes, uint64_t at, size_t size, unsigned char value);
struct sim_format_file bytes_file(struct bytes *bytes);

/* A database of pages of 512 bytes: the first one has a header that counts them, and page N is full
 * of the byte N * 16 + 1. */
void bytes_database(struct bytes *bytes, uint32_t pages);

/* The header of a segment of a journal, with its sector. Returns where its records begin. */
uint64_t bytes_segment(struct bytes *bytes, uint64_t at, uint32_t records, uint32_t nonce, uint32_t pages);
/* A record: a page full of that byte. Returns where the next one is. */
uint64_t bytes_record(struct bytes *bytes, uint64_t at, uint32_t page, unsigned char value, uint32_t nonce);
/* The name of a super-journal at the end. */
void bytes_name(struct bytes *bytes, const char *name);

/* A WAL that is written frame by frame. */
struct bytes_wal {
	struct bytes *bytes;
	uint32_t first;
	uint32_t second;
	uint32_t salt;
	bool big_endian;
};
void bytes_wal_begin(struct bytes_wal *wal, uint32_t salt, bool big_endian);
/* Of another version, with the right sum. */
void bytes_wal_begin_version(struct bytes_wal *wal, uint32_t salt, bool big_endian, uint32_t version);
void bytes_wal_frame(struct bytes_wal *wal, uint32_t page, unsigned char value, uint32_t commit);

#endif
