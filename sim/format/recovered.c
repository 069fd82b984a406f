/* sim/format/recovered.c: see recovered.h. The database file is seen through its journal, and that
 * through the WAL. */
#include "recovered.h"

#include <stdlib.h>
#include <string.h>

#define SIM_RECOVERED_HEADER_BYTES 100u
#define SIM_RECOVERED_USABLE_MIN 480u

static const char *const sim_recovered_names[SIM_RECOVERED_KIND_COUNT] = {
        "pages",
        "a file that is no database",
        "a database with fewer pages than its header counts",
        "a WAL of another version",
        "a WAL with pages of another size",
        "too many pages",
};

const char *sim_recovered_kind_name(enum sim_recovered_kind kind) {
	return sim_recovered_names[kind];
}

/* ---- the file after the rollback ------------------------------------------------------------- */

/* The journal cuts the file, or fills it up with zeros where a whole page or more is missing. */
static void sim_recovered_measure(struct sim_recovered *recovered) {
	const struct sim_rollback *rollback = &recovered->rollback;
	uint64_t size = recovered->image->database.size_bytes;
	recovered->file_bytes = recovered->kept_bytes = size;
	if (!rollback->is_played) {
		return;
	}
	uint64_t before = (uint64_t)rollback->page_count * rollback->page_size;
	bool fills = size + rollback->page_size <= before;
	recovered->file_bytes = before < size || fills ? before : size;
	recovered->kept_bytes = before < size ? before : size;
	if (rollback->pages.count > 0) {
		const struct sim_format_copy *last = &rollback->pages.items[rollback->pages.count - 1];
		uint64_t end = (uint64_t)last->page * rollback->page_size;
		recovered->file_bytes = end > recovered->file_bytes ? end : recovered->file_bytes;
	}
}

/* Of the database file itself: what was cut off reads as zeros. */
static void sim_recovered_read_kept(const struct sim_recovered *recovered, uint64_t offset, unsigned char *buffer,
                                    size_t size) {
	uint64_t left = offset < recovered->kept_bytes ? recovered->kept_bytes - offset : 0;
	size_t kept = left < size ? (size_t)left : size;
	sim_format_read(&recovered->image->database, offset, buffer, kept);
	memset(buffer + kept, 0, size - kept);
}

/* The journal may have pages of another size than the database has now. */
static void sim_recovered_read_file(const struct sim_recovered *recovered, uint64_t offset, unsigned char *buffer,
                                    size_t size) {
	const struct sim_rollback *rollback = &recovered->rollback;
	while (size > 0) {
		uint64_t unit = rollback->is_played ? rollback->page_size : SIM_FORMAT_PAGE_MAX;
		size_t part = (size_t)(unit - offset % unit);
		part = part < size ? part : size;
		const struct sim_format_copy *copy = sim_format_find(&rollback->pages, (uint32_t)(offset / unit) + 1);
		if (copy != NULL) {
			sim_format_read(&recovered->image->journal, copy->offset + offset % unit, buffer, part);
		} else {
			sim_recovered_read_kept(recovered, offset, buffer, part);
		}
		offset += part;
		buffer += part;
		size -= part;
	}
}

/* ---- pages ----------------------------------------------------------------------------------- */

static void sim_recovered_read_page(const struct sim_recovered *recovered, uint32_t number, unsigned char *page,
                                    size_t size) {
	const struct sim_format_copy *copy = sim_format_find(&recovered->wal.pages, number);
	if (copy != NULL) {
		sim_format_read(&recovered->image->wal, copy->offset, page, size);
	} else {
		sim_recovered_read_file(recovered, (uint64_t)(number - 1) * recovered->page_size, page, size);
	}
}

void sim_recovered_page(const struct sim_recovered *recovered, uint32_t number, unsigned char *page) {
	sim_recovered_read_page(recovered, number, page, recovered->page_size);
}

const char *sim_recovered_source(const struct sim_recovered *recovered, uint32_t number) {
	if (sim_format_find(&recovered->wal.pages, number) != NULL) {
		return "the WAL";
	}
	bool is_same = recovered->rollback.page_size == recovered->page_size;
	bool is_copy = is_same && sim_format_find(&recovered->rollback.pages, number) != NULL;
	return is_copy ? "the journal" : "the database";
}

/* ---- the header ------------------------------------------------------------------------------ */

static bool sim_recovered_is_header(struct sim_recovered *recovered, const unsigned char *header) {
	uint32_t size = sim_format_u16(header + 16);
	recovered->page_size = size == 1 ? SIM_FORMAT_PAGE_MAX : size;
	recovered->usable_bytes = recovered->page_size - header[20];
	bool is_known = memcmp(header, "SQLite format 3", 16) == 0 && header[19] <= 2;
	return is_known && header[21] == 64 && header[22] == 32 && header[23] == 32 &&
	       sim_format_is_page_size(recovered->page_size) && recovered->usable_bytes >= SIM_RECOVERED_USABLE_MIN;
}

/* The count of the header holds only if the last writer knew of it. */
static enum sim_recovered_kind sim_recovered_count(struct sim_recovered *recovered, const unsigned char *header) {
	uint64_t there = recovered->wal.page_count;
	uint32_t counted = sim_format_u32(header + 28);
	if (recovered->wal.frames == 0) {
		there = (recovered->file_bytes + recovered->page_size - 1) / recovered->page_size;
	} else if (recovered->wal.page_size != recovered->page_size) {
		return SIM_RECOVERED_TWO_SIZES;
	}
	if (there > SIM_RECOVERED_PAGES_MAX) {
		return SIM_RECOVERED_HUGE;
	}
	bool is_valid = counted != 0 && memcmp(header + 24, header + 92, 4) == 0;
	recovered->page_count = is_valid ? counted : (uint32_t)there;
	return recovered->page_count > there ? SIM_RECOVERED_CUT_SHORT : SIM_RECOVERED_PAGES;
}

bool sim_recovered_read(const struct sim_format_image *image, struct sim_recovered *recovered) {
	unsigned char header[SIM_RECOVERED_HEADER_BYTES];
	*recovered = (struct sim_recovered){.image = image};
	if (!sim_rollback_read(image, &recovered->rollback)) {
		return false;
	}
	sim_recovered_measure(recovered);
	/* A WAL beside an empty database is left over from another one. */
	if (recovered->file_bytes == 0) {
		return true;
	}
	if (!sim_wal_read(&image->wal, &recovered->wal)) {
		return false;
	}
	if (recovered->wal.is_refused) {
		recovered->kind = SIM_RECOVERED_WAL_VERSION;
		return true;
	}
	sim_recovered_read_page(recovered, 1, header, sizeof header);
	bool is_header = sim_recovered_is_header(recovered, header);
	recovered->kind = is_header ? sim_recovered_count(recovered, header) : SIM_RECOVERED_NOT_A_DATABASE;
	return true;
}

void sim_recovered_free(struct sim_recovered *recovered) {
	free(recovered->rollback.pages.items);
	free(recovered->wal.pages.items);
	recovered->rollback.pages = recovered->wal.pages = (struct sim_format_copies){0};
}
