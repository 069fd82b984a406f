/* sim/sweep/phase_table.c: see phase_table.h. */
#include "phase_table.h"

#include <inttypes.h>

static bool sim_phase_table_sweep_ended(void *context, const struct sim_sweep_result *result, char *why) {
	FILE *out = context;
	const struct sim_phase_counts *counts = &result->all.phases;
	uint64_t crashes = 0;
	(void)why;
	fprintf(out, "\n%-26s %12s %12s\n", "struck in phase", "crashes", "other faults");
	for (int phase = VFS_PHASE_NONE + 1; phase < VFS_PHASE_COUNT; phase++) {
		fprintf(out, "%-26s %12" PRIu64 " %12" PRIu64 "\n", vfs_phase_name((enum vfs_phase)phase),
		        counts->crashes[phase], counts->faults[phase]);
		crashes += counts->crashes[phase];
	}
	double share = crashes > 0 ? 100.0 * (double)counts->crashes_in_starts / (double)crashes : 0;
	fprintf(out, "%" PRIu64 " of %" PRIu64 " crashes, %.1f %%, fell into starts\n", counts->crashes_in_starts,
	        crashes, share);
	return true;
}

struct sim_sweep_listener sim_phase_table_listener(FILE *out) {
	return (struct sim_sweep_listener){.context = out, .sweep_ended = sim_phase_table_sweep_ended};
}
