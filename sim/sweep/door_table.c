/* sim/sweep/door_table.c: see door_table.h. */
#include "door_table.h"

static bool sim_door_table_sweep_ended(void *context, const struct sim_sweep_result *result, char *why) {
	FILE *out = context;
	const struct sim_sweep_totals *all = &result->all;
	double thousands = all->runs > 0 ? (double)all->runs / 1000 : 1;
	(void)why;
	fprintf(out, "\n%-34s %10s %10s  of 1,000 runs\n", "door", "times", "runs");
	for (int probe = SIM_PROBE_DOORS; probe < SIM_PROBE_COUNT; probe++) {
		fprintf(out, "%-34s %10.1f %10.1f  %s\n", sim_probe_name((enum sim_probe)probe),
		        (double)all->probe_times[probe] / thousands, (double)all->probe_runs[probe] / thousands,
		        sim_probe_about((enum sim_probe)probe));
	}
	return true;
}

struct sim_sweep_listener sim_door_table_listener(FILE *out) {
	return (struct sim_sweep_listener){.context = out, .sweep_ended = sim_door_table_sweep_ended};
}
