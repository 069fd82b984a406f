/* sim/world/medium.c: see medium.h. */
#include "medium.h"

#include <sqlite3.h>

struct sim_medium_flag {
	uint32_t bit; /* SQLITE_IOCAP_* */
	enum sim_capability capability;
};

void sim_medium_options(const struct sim_settings *settings, struct vfs_disk_options *options) {
	const struct sim_medium_flag flags[] = {{SQLITE_IOCAP_POWERSAFE_OVERWRITE, settings->psow},
	                                        {SQLITE_IOCAP_SEQUENTIAL, settings->sequential},
	                                        {SQLITE_IOCAP_SAFE_APPEND, settings->safe_append}};
	*options = (struct vfs_disk_options){.sector_size_bytes = settings->sector_size_bytes,
	                                     .capacity_bytes = settings->capacity_bytes,
	                                     .names_free = settings->names_free,
	                                     .truncate_free = settings->truncate_free,
	                                     .garbage = settings->garbage,
	                                     .sync_model = settings->sync_model};
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
		bool reported =
		        flags[i].capability == SIM_CAPABILITY_KEPT || flags[i].capability == SIM_CAPABILITY_FALSE;
		options->device_characteristics |= reported ? flags[i].bit : 0u;
		options->kept_characteristics |= flags[i].capability == SIM_CAPABILITY_KEPT ? flags[i].bit : 0u;
	}
}
