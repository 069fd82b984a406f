/* tests/sim/format/bytes.c: see bytes.h. */
#include "bytes.h"

#include <string.h>

static size_t bytes_read(void *context, uint64_t offset, void *buffer, size_t size_bytes) {
	const struct bytes *bytes = context;
	uint64_t left = offset < bytes->size ? bytes->size - offset : 0;
	size_t part = left < size_bytes ? (size_t)left : size_bytes;
	memcpy(buffer, bytes->data + offset, part);
	return part;
}

struct sim_format_file bytes_file(struct bytes *bytes) {
	return (struct sim_format_file){.size_bytes = bytes->size, .read = bytes_read, .context = bytes};
}

void bytes_fill(struct bytes *bytes, uint64_t at, size_t size, unsigned char value) {
	memset(bytes->data + at, value, size);
	bytes->size = at + size > bytes->size ? at + size : bytes->size;
}

void bytes_u32(struct bytes *bytes, uint64_t at, uint32_t number) {
	for (uint64_t i = 0; i < 4; i++) {
		bytes_fill(bytes, at + i, 1, (unsigned char)(number >> (24 - 8 * i)));
	}
}

void bytes_database(struct bytes *bytes, uint32_t pages) {
	bytes->size = 0;
	for (uint32_t page = 1; page <= pages; page++) {
		bytes_fill(bytes, (page - 1) * BYTES_PAGE, BYTES_PAGE, (unsigned char)(page * 16 + 1));
	}
	memcpy(bytes->data, "SQLite format 3", 16);
	bytes_u32(bytes, 16, BYTES_PAGE << 16 | 1u << 8 | 1u);
	bytes_u32(bytes, 20, 0u << 24 | 64u << 16 | 32u << 8 | 32u);
	bytes_u32(bytes, 24, 7);
	bytes_u32(bytes, 28, pages);
	bytes_u32(bytes, 92, 7);
}

/* ---- journals -------------------------------------------------------------------------------- */

static const unsigned char bytes_magic[8] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};

uint64_t bytes_segment(struct bytes *bytes, uint64_t at, uint32_t records, uint32_t nonce, uint32_t pages) {
	bytes_fill(bytes, at, BYTES_SECTOR, 0);
	memcpy(bytes->data + at, bytes_magic, sizeof bytes_magic);
	bytes_u32(bytes, at + 8, records);
	bytes_u32(bytes, at + 12, nonce);
	bytes_u32(bytes, at + 16, pages);
	bytes_u32(bytes, at + 20, BYTES_SECTOR);
	bytes_u32(bytes, at + 24, BYTES_PAGE);
	return at + BYTES_SECTOR;
}

uint64_t bytes_record(struct bytes *bytes, uint64_t at, uint32_t page, unsigned char value, uint32_t nonce) {
	bytes_u32(bytes, at, page);
	bytes_fill(bytes, at + 4, BYTES_PAGE, value);
	/* Of 512 bytes those at 312 and 112. */
	bytes_u32(bytes, at + 4 + BYTES_PAGE, nonce + 2u * value);
	return at + 8 + BYTES_PAGE;
}

void bytes_name(struct bytes *bytes, const char *name) {
	uint32_t length = (uint32_t)strlen(name);
	uint32_t sum = 0;
	uint64_t at = bytes->size + 4;
	bytes_u32(bytes, at - 4, 0x00200001);
	for (uint32_t i = 0; i < length; i++) {
		bytes_fill(bytes, at + i, 1, (unsigned char)name[i]);
		sum += (unsigned char)name[i];
	}
	bytes_u32(bytes, at + length, length);
	bytes_u32(bytes, at + length + 4, sum);
	bytes_fill(bytes, at + length + 8, sizeof bytes_magic, 0);
	memcpy(bytes->data + at + length + 8, bytes_magic, sizeof bytes_magic);
}

/* ---- WALs ------------------------------------------------------------------------------------ */

static void bytes_wal_sum(struct bytes_wal *wal, uint64_t at, size_t size) {
	for (const unsigned char *word = wal->bytes->data + at; size > 0; word += 8, size -= 8) {
		uint32_t pair[2];
		for (int i = 0; i < 2; i++) {
			const unsigned char *b = word + i * 4;
			pair[i] = wal->big_endian
			                  ? (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3]
			                  : (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0];
		}
		wal->first = wal->first + pair[0] + wal->second;
		wal->second = wal->second + pair[1] + wal->first;
	}
}

void bytes_wal_begin(struct bytes_wal *wal, uint32_t salt, bool big_endian) {
	bytes_wal_begin_version(wal, salt, big_endian, 3007000);
}

void bytes_wal_begin_version(struct bytes_wal *wal, uint32_t salt, bool big_endian, uint32_t version) {
	wal->first = wal->second = 0;
	wal->salt = salt;
	wal->big_endian = big_endian;
	bytes_u32(wal->bytes, 0, 0x377f0682u | (big_endian ? 1 : 0));
	bytes_u32(wal->bytes, 4, version);
	bytes_u32(wal->bytes, 8, BYTES_PAGE);
	bytes_u32(wal->bytes, 12, 1);
	bytes_u32(wal->bytes, 16, salt);
	bytes_u32(wal->bytes, 20, ~salt);
	bytes_wal_sum(wal, 0, 24);
	bytes_u32(wal->bytes, 24, wal->first);
	bytes_u32(wal->bytes, 28, wal->second);
}

void bytes_wal_frame(struct bytes_wal *wal, uint32_t page, unsigned char value, uint32_t commit) {
	uint64_t at = wal->bytes->size;
	bytes_u32(wal->bytes, at, page);
	bytes_u32(wal->bytes, at + 4, commit);
	bytes_u32(wal->bytes, at + 8, wal->salt);
	bytes_u32(wal->bytes, at + 12, ~wal->salt);
	bytes_fill(wal->bytes, at + 24, BYTES_PAGE, value);
	bytes_wal_sum(wal, at, 8);
	bytes_wal_sum(wal, at + 24, BYTES_PAGE);
	bytes_u32(wal->bytes, at + 16, wal->first);
	bytes_u32(wal->bytes, at + 20, wal->second);
}
