/* sim/format/rollback.c: see rollback.h. First whether the journal is hot, then its segments. */
#include "rollback.h"

#include <string.h>

#define SIM_ROLLBACK_HEADER_BYTES 28u
#define SIM_ROLLBACK_SECTOR_MIN 32u
#define SIM_ROLLBACK_END_BYTES 16u /* behind the name of a super-journal */
#define SIM_ROLLBACK_NAME_ROOM 1024u
#define SIM_ROLLBACK_RECORD_EXTRA 8u /* the number of the page, and its checksum */
#define SIM_ROLLBACK_ALL 0xffffffffu /* as many records as there are */
#define SIM_ROLLBACK_PAGE_SIZE 4096u /* where neither journal nor database has one */

static const unsigned char sim_rollback_magic[8] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};

/* ---- hot or not ------------------------------------------------------------------------------ */

/* The name of the super-journal at the end of the journal. False when there is none. */
static bool sim_rollback_read_name(const struct sim_format_image *image, char name[SIM_ROLLBACK_NAME_ROOM]) {
	const struct sim_format_file *journal = &image->journal;
	unsigned char end[SIM_ROLLBACK_END_BYTES];
	if (journal->size_bytes < sizeof end) {
		return false;
	}
	uint64_t at = journal->size_bytes - sizeof end;
	sim_format_read(journal, at, end, sizeof end);
	uint32_t length = sim_format_u32(end);
	uint32_t sum = sim_format_u32(end + 4);
	bool fits = length > 0 && length <= at && length <= image->name_bytes_max && length < SIM_ROLLBACK_NAME_ROOM;
	if (!fits || memcmp(end + 8, sim_rollback_magic, sizeof sim_rollback_magic) != 0) {
		return false;
	}
	sim_format_read(journal, at - length, name, length);
	name[length] = '\0';
	for (uint32_t i = 0; i < length; i++) {
		sum -= (unsigned char)name[i];
	}
	return sum == 0 && name[0] != '\0';
}

static bool sim_rollback_is_hot(const struct sim_format_image *image) {
	unsigned char first = 0;
	if (image->journal.size_bytes == 0 || image->database.size_bytes == 0) {
		return false;
	}
	sim_format_read(&image->journal, 0, &first, 1);
	return first != 0;
}

/* ---- segments -------------------------------------------------------------------------------- */

struct sim_rollback_segment {
	uint32_t records;
	uint32_t nonce;
	uint32_t page_count;
};

static uint32_t sim_rollback_page_size(const struct sim_format_image *image, const unsigned char *header) {
	unsigned char of_database[2];
	uint32_t size = sim_format_u32(header + 24);
	if (size != 0) {
		return size;
	}
	sim_format_read(&image->database, 16, of_database, sizeof of_database);
	size = sim_format_u16(of_database) == 1 ? SIM_FORMAT_PAGE_MAX : sim_format_u16(of_database);
	return sim_format_is_page_size(size) ? size : SIM_ROLLBACK_PAGE_SIZE;
}

/* A header at that place. Sector and page size are those of the first. False when it is none. */
static bool sim_rollback_read_header(const struct sim_format_image *image, struct sim_rollback *rollback, uint64_t at,
                                     uint32_t *sector, struct sim_rollback_segment *segment) {
	unsigned char header[SIM_ROLLBACK_HEADER_BYTES];
	bool is_read = sim_format_read(&image->journal, at, header, sizeof header);
	if (!is_read || memcmp(header, sim_rollback_magic, sizeof sim_rollback_magic) != 0) {
		return false;
	}
	segment->records = sim_format_u32(header + 8);
	segment->nonce = sim_format_u32(header + 12);
	segment->page_count = sim_format_u32(header + 16);
	if (at == 0) {
		*sector = sim_format_u32(header + 20);
		rollback->page_size = sim_rollback_page_size(image, header);
	}
	bool is_sector = sim_format_is_power_of_two(*sector) && *sector >= SIM_ROLLBACK_SECTOR_MIN &&
	                 *sector <= SIM_FORMAT_PAGE_MAX;
	return is_sector && sim_format_is_page_size(rollback->page_size) && at + *sector <= image->journal.size_bytes;
}

/* Every 200th byte from the end, and the nonce. */
static uint32_t sim_rollback_sum(const struct sim_format_file *journal, uint64_t at, uint32_t size, uint32_t nonce) {
	unsigned char page[SIM_FORMAT_PAGE_MAX];
	uint32_t sum = nonce;
	sim_format_read(journal, at, page, size);
	for (uint32_t left = size; left > 200; left -= 200) {
		sum += page[left - 200];
	}
	return sum;
}

/* One record. False when it is none: then the journal ends. Sets *good to false when out of
 * memory. */
static bool sim_rollback_read_record(const struct sim_format_file *journal, struct sim_rollback *rollback, uint64_t at,
                                     uint32_t nonce, bool *good) {
	unsigned char number[4];
	unsigned char sum[4];
	uint32_t size = rollback->page_size;
	sim_format_read(journal, at, number, sizeof number);
	bool is_whole = sim_format_read(journal, at + 4 + size, sum, sizeof sum);
	uint32_t page = sim_format_u32(number);
	if (!is_whole || page == 0 || page == sim_format_lock_page(size)) {
		return false;
	}
	/* A page that the database did not have is passed over, whatever its checksum. */
	if (page > rollback->page_count) {
		return true;
	}
	if (sim_rollback_sum(journal, at + 4, size, nonce) != sim_format_u32(sum)) {
		return false;
	}
	*good = sim_format_add(&rollback->pages, page, at + 4);
	return *good;
}

/* Where the segment ends; 0: the journal ends in it. */
static uint64_t sim_rollback_read_segment(const struct sim_format_file *journal, struct sim_rollback *rollback,
                                          uint64_t at, const struct sim_rollback_segment *segment, bool *good) {
	uint64_t record = rollback->page_size + SIM_ROLLBACK_RECORD_EXTRA;
	uint64_t count = segment->records;
	if (segment->records == SIM_ROLLBACK_ALL) {
		count = (journal->size_bytes - at) / record;
	}
	for (uint64_t i = 0; i < count; i++, at += record) {
		if (!sim_rollback_read_record(journal, rollback, at, segment->nonce, good)) {
			return 0;
		}
	}
	return at;
}

bool sim_rollback_read(const struct sim_format_image *image, struct sim_rollback *rollback) {
	char name[SIM_ROLLBACK_NAME_ROOM];
	struct sim_rollback_segment segment = {0};
	uint32_t sector = 0;
	uint64_t at = 0;
	bool good = true;
	*rollback = (struct sim_rollback){.is_hot = sim_rollback_is_hot(image)};
	if (rollback->is_hot && sim_rollback_read_name(image, name)) {
		rollback->is_settled = !image->exists(image->context, name);
	}
	bool goes_on = rollback->is_hot && !rollback->is_settled;
	while (goes_on && good && sim_rollback_read_header(image, rollback, at, &sector, &segment)) {
		rollback->page_count = at == 0 ? segment.page_count : rollback->page_count;
		rollback->is_played = true;
		at = sim_rollback_read_segment(&image->journal, rollback, at + sector, &segment, &good);
		goes_on = at > 0;
		at = (at + sector - 1) / sector * sector;
	}
	sim_format_settle(&rollback->pages);
	return good;
}
