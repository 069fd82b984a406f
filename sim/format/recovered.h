/* sim/format/recovered.h: what a database holds once its journal and its WAL have had their say. It
 * is computed from the files alone. Nothing is written. */
#ifndef AFTERSHOCK_SIM_RECOVERED_H
#define AFTERSHOCK_SIM_RECOVERED_H

#include "format.h"
#include "rollback.h"
#include "wal.h"

/* More pages than that are not looked at. */
#define SIM_RECOVERED_PAGES_MAX (1u << 20)

enum sim_recovered_kind {
	SIM_RECOVERED_PAGES = 0,      /* these pages; none of an empty database */
	SIM_RECOVERED_NOT_A_DATABASE, /* its header is none, or of a later version */
	SIM_RECOVERED_CUT_SHORT,      /* its header counts more pages than there are */
	SIM_RECOVERED_WAL_VERSION,    /* the WAL is of a later version */
	SIM_RECOVERED_TWO_SIZES,      /* the pages of the WAL have another size than those of the
	                               * database */
	SIM_RECOVERED_HUGE,           /* SIM_RECOVERED_PAGES_MAX */
	SIM_RECOVERED_KIND_COUNT
};

struct sim_recovered {
	const struct sim_format_image *image; /* borrowed */
	enum sim_recovered_kind kind;
	uint32_t page_size;
	uint32_t usable_bytes; /* of a page: without what is reserved at its end */
	uint32_t page_count;
	uint64_t file_bytes; /* of the database file after the rollback */
	uint64_t kept_bytes; /* of them the first so many are bytes of the database file as it is */
	struct sim_rollback rollback;
	struct sim_wal wal;
};

/* False when out of memory. To be freed in any case. */
bool sim_recovered_read(const struct sim_format_image *image, struct sim_recovered *recovered);
void sim_recovered_free(struct sim_recovered *recovered);

const char *sim_recovered_kind_name(enum sim_recovered_kind kind);
/* The content of a page from 1 to page_count. */
void sim_recovered_page(const struct sim_recovered *recovered, uint32_t number, unsigned char *page);
/* Where it is from: "the WAL", "the journal", "the database". */
const char *sim_recovered_source(const struct sim_recovered *recovered, uint32_t number);

#endif
