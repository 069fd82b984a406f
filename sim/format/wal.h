/* sim/format/wal.h: what of a write-ahead log is committed. */
#ifndef AFTERSHOCK_SIM_WAL_H
#define AFTERSHOCK_SIM_WAL_H

#include "format.h"

struct sim_wal {
	bool is_refused;     /* it is of a version that nobody knows */
	uint32_t page_size;  /* 0: it has no valid header */
	uint32_t frames;     /* up to and with the last commit; 0: nothing is committed in it */
	uint32_t page_count; /* of the database after that commit */
	struct sim_format_copies pages;
};

/* False when out of memory. */
bool sim_wal_read(const struct sim_format_file *file, struct sim_wal *wal);

#endif
