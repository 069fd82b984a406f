/* sim/sweep/loss_table.c: see loss_table.h. */
#include "loss_table.h"

#include <inttypes.h>

static bool sim_loss_table_run_ended(void *context, const struct sim_sweep_key *key, const struct sim_run_result *run,
                                     char *why) {
	struct sim_loss_table *table = context;
	(void)why;
	for (uint32_t i = 0; i < SIM_LOSSES_MAX && run->losses[i].cause != SIM_LOSS_NONE; i++) {
		sim_loss_add(table->losses[key->scenario], SIM_LOSS_TABLE_CLASSES_MAX, &run->losses[i]);
	}
	return true;
}

static bool sim_loss_table_sweep_ended(void *context, const struct sim_sweep_result *result, char *why) {
	const struct sim_loss_table *table = context;
	(void)result;
	(void)why;
	fprintf(table->out, "\n%-26s %-26s %10s %10s\n", "legally lost", "by", "loads", "updates");
	for (uint32_t scenario = 0; scenario < table->options->scenario_count; scenario++) {
		const struct sim_loss *losses = table->losses[scenario];
		for (uint32_t i = 0; i < SIM_LOSS_TABLE_CLASSES_MAX && losses[i].cause != SIM_LOSS_NONE; i++) {
			char name[SIM_LOSS_TEXT_SIZE];
			sim_loss_name(&losses[i], name);
			fprintf(table->out, "%-26s %-26s %10" PRIu64 " %10" PRIu64 "\n",
			        table->options->scenarios[scenario]->name, name, losses[i].loads, losses[i].updates);
		}
	}
	return true;
}

struct sim_sweep_listener sim_loss_table_listener(struct sim_loss_table *table) {
	return (struct sim_sweep_listener){
	        .context = table, .run_ended = sim_loss_table_run_ended, .sweep_ended = sim_loss_table_sweep_ended};
}
