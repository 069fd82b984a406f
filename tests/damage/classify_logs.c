/* What each byte of a WAL, of a rollback journal (https://www.sqlite.org/fileformat2.html, sections
 * 4 and 3) and of the engine's own journal (engine/journal.h) is for. Sound files only. */
#include "damage.h"

#include <assert.h>
#include <string.h>

#define LOG_WAL_HEADER_SIZE 32u
#define LOG_FRAME_HEADER_SIZE 24u
#define LOG_UPDATES_HEADER_SIZE 16u
#define LOG_UPDATE_HEAD_SIZE 56u

/* Consecutive fields. */
struct log_field {
	size_t size;
	enum damage_class class;
};

static uint32_t log_get(const struct damage_content *content, size_t at) {
	assert(at + 4 <= content->size);
	return (uint32_t)content->bytes[at] << 24 | (uint32_t)content->bytes[at + 1] << 16 |
	       (uint32_t)content->bytes[at + 2] << 8 | content->bytes[at + 3];
}

static void log_mark(unsigned char *classes, const struct log_field *fields, size_t count) {
	for (size_t i = 0; i < count; i++) {
		memset(classes, (int)fields[i].class, fields[i].size);
		classes += fields[i].size;
	}
}

void damage_classify_wal(const struct damage_content *content, unsigned char *classes) {
	static const struct log_field header[] = {
	        {16, DAMAGE_WAL_HEADER}, {8, DAMAGE_WAL_SALT}, {8, DAMAGE_WAL_CHECKSUM}};
	size_t page_size = log_get(content, 8);
	const struct log_field frame[] = {{4, DAMAGE_FRAME_PAGE_NUMBER},
	                                  {4, DAMAGE_FRAME_COMMIT_SIZE},
	                                  {8, DAMAGE_FRAME_SALT},
	                                  {8, DAMAGE_FRAME_CHECKSUM},
	                                  {page_size, DAMAGE_FRAME_PAGE}};
	size_t at = LOG_WAL_HEADER_SIZE;

	memset(classes, DAMAGE_WAL_LEFTOVER, content->size);
	log_mark(classes, header, sizeof header / sizeof header[0]);
	/* Frames of this round have the header's salts. */
	while (at + LOG_FRAME_HEADER_SIZE + page_size <= content->size &&
	       memcmp(content->bytes + at + 8, content->bytes + 16, 8) == 0) {
		log_mark(classes + at, frame, sizeof frame / sizeof frame[0]);
		at += LOG_FRAME_HEADER_SIZE + page_size;
	}
}

void damage_classify_journal(const struct damage_content *content, unsigned char *classes) {
	static const struct log_field header[] = {{8, DAMAGE_JOURNAL_MAGIC},
	                                          {4, DAMAGE_JOURNAL_RECORD_COUNT},
	                                          {4, DAMAGE_JOURNAL_NONCE},
	                                          {4, DAMAGE_JOURNAL_INITIAL_SIZE},
	                                          {8, DAMAGE_JOURNAL_SIZES}};
	size_t sector_size = 512;

	memset(classes, DAMAGE_JOURNAL_LEFTOVER, content->size);
	log_mark(classes, header, sizeof header / sizeof header[0]);
	if (log_get(content, 0) != 0xd9d505f9) {
		return; /* not hot: what is behind the header means nothing */
	}
	sector_size = log_get(content, 20);
	size_t page_size = log_get(content, 24);
	const struct log_field record[] = {
	        {4, DAMAGE_RECORD_PAGE_NUMBER}, {page_size, DAMAGE_RECORD_PAGE}, {4, DAMAGE_RECORD_CHECKSUM}};
	memset(classes + 28, DAMAGE_JOURNAL_PADDING, sector_size - 28);
	size_t at = sector_size;
	for (uint32_t i = 0; i < log_get(content, 8); i++) {
		assert(at + page_size + 8 <= content->size);
		log_mark(classes + at, record, sizeof record / sizeof record[0]);
		at += page_size + 8;
	}
}

void damage_classify_updates(const struct damage_content *content, unsigned char *classes) {
	size_t at = LOG_UPDATES_HEADER_SIZE;

	memset(classes, DAMAGE_UPDATES_HEADER, LOG_UPDATES_HEADER_SIZE);
	while (at < content->size) {
		uint32_t length = content->bytes[at + 8] | (uint32_t)content->bytes[at + 9] << 8;
		const struct log_field record[] = {
		        {8, DAMAGE_UPDATE_CHECKSUM}, {4, DAMAGE_UPDATE_LENGTH},
		        {4, DAMAGE_UPDATE_MAGIC},    {8, DAMAGE_UPDATE_EPOCH},
		        {8, DAMAGE_UPDATE_VERSION},  {8, DAMAGE_UPDATE_BATCH},
		        {16, DAMAGE_UPDATE_DIGEST},  {length - LOG_UPDATE_HEAD_SIZE, DAMAGE_UPDATE_PAYLOAD}};
		assert(length > LOG_UPDATE_HEAD_SIZE && at + length <= content->size);
		log_mark(classes + at, record, sizeof record / sizeof record[0]);
		at += length;
	}
}
