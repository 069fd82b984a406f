/* sim/format/rollback.h: what a rollback journal demands of its database. */
#ifndef AFTERSHOCK_SIM_ROLLBACK_H
#define AFTERSHOCK_SIM_ROLLBACK_H

#include "format.h"

struct sim_rollback {
	bool is_hot;         /* it is there, and may be played back */
	bool is_settled;     /* its super-journal is gone: the transaction was committed */
	bool is_played;      /* it has a valid header, so it cuts the database and restores pages */
	uint32_t page_size;  /* of the pages that it holds */
	uint32_t page_count; /* of the database before the transaction */
	struct sim_format_copies pages;
};

/* False when out of memory. */
bool sim_rollback_read(const struct sim_format_image *image, struct sim_rollback *rollback);

#endif
