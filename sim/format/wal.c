/* sim/format/wal.c: see wal.h. */
#include "wal.h"

#include <string.h>

#define SIM_WAL_HEADER_BYTES 32u
#define SIM_WAL_FRAME_HEADER_BYTES 24u
#define SIM_WAL_MAGIC 0x377f0682u /* the last bit: checksums are of big-endian words */
#define SIM_WAL_VERSION 3007000u

/* The checksum so far. It goes through the header and all frames. */
struct sim_wal_sum {
	uint32_t first;
	uint32_t second;
	bool big_endian;
	unsigned char salts[8]; /* of the header, and of all frames that belong to it */
};

static uint32_t sim_wal_word(const struct sim_wal_sum *sum, const unsigned char *bytes) {
	uint32_t word = sim_format_u32(bytes);
	return sum->big_endian ? word : __builtin_bswap32(word);
}

/* Pairs of words. */
static void sim_wal_add(struct sim_wal_sum *sum, const unsigned char *bytes, size_t size_bytes) {
	for (size_t i = 0; i < size_bytes; i += 8) {
		sum->first += sim_wal_word(sum, bytes + i) + sum->second;
		sum->second += sim_wal_word(sum, bytes + i + 4) + sum->first;
	}
}

static bool sim_wal_is_sum(const struct sim_wal_sum *sum, const unsigned char *bytes) {
	return sum->first == sim_format_u32(bytes) && sum->second == sim_format_u32(bytes + 4);
}

/* False when nothing in the file counts. */
static bool sim_wal_read_header(const struct sim_format_file *file, struct sim_wal *wal, struct sim_wal_sum *sum) {
	unsigned char header[SIM_WAL_HEADER_BYTES];
	if (!sim_format_read(file, 0, header, SIM_WAL_HEADER_BYTES)) {
		return false;
	}
	uint32_t magic = sim_format_u32(header);
	uint32_t page_size = sim_format_u32(header + 8);
	*sum = (struct sim_wal_sum){.big_endian = (magic & 1) != 0};
	sim_wal_add(sum, header, 24);
	if ((magic & ~1u) != SIM_WAL_MAGIC || !sim_format_is_page_size(page_size) ||
	    !sim_wal_is_sum(sum, header + 24)) {
		return false;
	}
	memcpy(sum->salts, header + 16, sizeof sum->salts);
	wal->page_size = page_size;
	wal->is_refused = sim_format_u32(header + 4) != SIM_WAL_VERSION;
	return !wal->is_refused;
}

/* Whether the frame at that place belongs to what lies before it. */
static bool sim_wal_is_frame(const struct sim_format_file *file, const struct sim_wal *wal, uint64_t at,
                             struct sim_wal_sum *sum, unsigned char frame[SIM_WAL_FRAME_HEADER_BYTES]) {
	unsigned char page[SIM_FORMAT_PAGE_MAX];
	bool is_whole = sim_format_read(file, at, frame, SIM_WAL_FRAME_HEADER_BYTES) &&
	                at + SIM_WAL_FRAME_HEADER_BYTES + wal->page_size <= file->size_bytes;
	if (!is_whole || memcmp(frame + 8, sum->salts, 8) != 0 || sim_format_u32(frame) == 0) {
		return false;
	}
	sim_format_read(file, at + SIM_WAL_FRAME_HEADER_BYTES, page, wal->page_size);
	sim_wal_add(sum, frame, 8);
	sim_wal_add(sum, page, wal->page_size);
	return sim_wal_is_sum(sum, frame + 16);
}

bool sim_wal_read(const struct sim_format_file *file, struct sim_wal *wal) {
	unsigned char frame[SIM_WAL_FRAME_HEADER_BYTES];
	struct sim_wal_sum sum;
	uint64_t at = SIM_WAL_HEADER_BYTES;
	uint32_t frames = 0;
	size_t committed = 0;
	*wal = (struct sim_wal){0};
	if (!sim_wal_read_header(file, wal, &sum)) {
		return true;
	}
	while (sim_wal_is_frame(file, wal, at, &sum, frame)) {
		if (!sim_format_add(&wal->pages, sim_format_u32(frame), at + SIM_WAL_FRAME_HEADER_BYTES)) {
			return false;
		}
		frames++;
		if (sim_format_u32(frame + 4) != 0) {
			wal->frames = frames;
			wal->page_count = sim_format_u32(frame + 4);
			committed = wal->pages.count;
		}
		at += SIM_WAL_FRAME_HEADER_BYTES + wal->page_size;
	}
	wal->pages.count = committed;
	sim_format_settle(&wal->pages);
	return true;
}
