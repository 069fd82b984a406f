/* sim/sweep/sweep_table.c: see sweep_table.h. */
#include "sweep_table.h"

#include "cell_table.h"
#include "demand.h"
#include "fit.h"

#include <assert.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <string.h>

static void sim_sweep_table_row(const char *name, const struct sim_sweep_totals *totals, const char *struck,
                                FILE *out) {
	fprintf(out,
	        "%-26s %9" PRIu64 " %9" PRIu64 " %8" PRIu64 " %10" PRIu64 " %12" PRIu64 " %10" PRIu64 " %10" PRIu64,
	        name, totals->runs, totals->held, totals->violated, totals->restarts, totals->crash_states,
	        totals->faults, totals->updates);
	if (totals->excused > 0) {
		fprintf(out, "  and %" PRIu64 " excused", totals->excused);
	}
	if (struck[0] != '\0') {
		fprintf(out, "  %s", struck);
	}
	fputc('\n', out);
}

static void sim_sweep_table_rates(const struct sim_sweep_options *options, const struct sim_sweep_result *result,
                                  FILE *out) {
	double wall_s = result->wall_s > 0 ? result->wall_s : 1e-9;
	const struct sim_sweep_totals *all = &result->all;
	fprintf(out,
	        "\n%.1f s with %u jobs: %.0f runs/s, %.0f restarts/s, %.0f faults/s; worker memory %" PRIu64
	        " KiB at first, %" PRIu64 " KiB at last; %" PRIu64 " run twice; SQLite %s\n",
	        wall_s, options->jobs, (double)all->runs / wall_s, (double)all->restarts / wall_s,
	        (double)all->faults / wall_s, result->rss_first_kib, result->rss_last_kib, result->twice,
	        sqlite3_libversion());
}

/* What struck, in how many runs, and how many of the probes were reached:
 * "kill 98, io_error 3; 6 of 7 probes". */
static void sim_sweep_table_struck(const struct sim_demands *demands, char text[SIM_DEMAND_TEXT_SIZE]) {
	uint32_t probes = 0;
	uint32_t reached = 0;
	for (uint32_t i = 0; i < demands->count; i++) {
		const struct sim_demand *demand = &demands->all[i];
		probes += demand->of_fault ? 0 : 1;
		reached += !demand->of_fault && demand->state == SIM_DEMAND_REACHED ? 1 : 0;
	}
	sim_demands_struck(demands, text);
	size_t used = strlen(text);
	if (probes > 0 && used < SIM_DEMAND_TEXT_SIZE) {
		snprintf(text + used, SIM_DEMAND_TEXT_SIZE - used, "%s%u of %u probes", used > 0 ? "; " : "", reached,
		         probes);
	}
}

/* One row for all cells of a file. */
static void sim_sweep_table_group(const struct sim_sweep_options *options, const struct sim_sweep_result *result,
                                  uint32_t first, FILE *out) {
	static struct sim_demands demands;
	char struck[SIM_DEMAND_TEXT_SIZE];
	struct sim_sweep_totals sum = {0};
	assert(first < options->scenario_count);
	for (uint32_t i = first; i < sim_sweep_group_end(options, first); i++) {
		const struct sim_sweep_totals *totals = &result->scenarios[i];
		sum.runs += totals->runs;
		sum.held += totals->held;
		sum.violated += totals->violated;
		sum.excused += totals->excused;
		sum.restarts += totals->restarts;
		sum.crash_states += totals->crash_states;
		sum.faults += totals->faults;
		sum.updates += totals->updates;
	}
	sim_demands_judge(options, result, first, &demands);
	sim_sweep_table_struck(&demands, struck);
	sim_sweep_table_row(options->scenarios[first]->name, &sum, struck, out);
}

static void sim_sweep_table_failure(const struct sim_sweep_options *options, const struct sim_sweep_failure *failure,
                                    FILE *out) {
	char replay[SIM_SWEEP_REPLAY_SIZE];
	char name[SIM_SWEEP_NAME_SIZE];
	sim_sweep_failure_line(options, failure, replay, sizeof replay);
	sim_sweep_name(options->scenarios[failure->scenario], name);
	fprintf(out, "\n%s violated %s in %" PRIu64 " runs\n  %s\n  %s\n", name, failure->invariant, failure->count,
	        failure->detail, replay);
	const struct sim_sweep_case alone = {.scenario = failure->scenario,
	                                     .seed = failure->seed,
	                                     .plan = failure->plan,
	                                     .state = failure->state[0] != '\0' ? failure->state : NULL};
	if (alone.state != NULL) {
		sim_sweep_replay_line(options, &alone, replay, sizeof replay);
		fprintf(out, "  %s\n", replay);
	}
	/* A process that is gone left no word of its own. */
	if (strcmp(failure->invariant, "subject_crashed") == 0) {
		fprintf(out, "  which step that was: the last lines of `explain`, or of this line with --trace\n");
	}
}

static void sim_sweep_table_skipped(const struct sim_sweep_options *options, FILE *out) {
	char subject[SIM_SCENARIO_PATH_SIZE + 32];
	assert(options->skipped_count <= SIM_SWEEP_SPECS_MAX);
	sim_sweep_subject_name(options, subject, sizeof subject);
	fprintf(out, "\n%u scenarios were skipped, for %s does not take:\n", options->skipped_count, subject);
	for (uint32_t i = 0; i < options->skipped_count; i++) {
		char text[SIM_SWEEP_SKIPPED_SIZE];
		sim_sweep_skipped_text(options, i, text);
		fprintf(out, "  %-24s %s\n", options->skipped[i].scenario->name, text);
	}
}

static void sim_sweep_table_too_few(const struct sim_sweep_options *options, const struct sim_sweep_result *result,
                                    FILE *out) {
	static struct sim_demands demands;
	char text[SIM_DEMAND_TEXT_SIZE];
	fprintf(out, "\ntoo few seeds to tell, for none of them reached:\n");
	for (uint32_t i = 0; i < options->scenario_count; i = sim_sweep_group_end(options, i)) {
		sim_demands_judge(options, result, i, &demands);
		if (sim_demands_text(&demands, SIM_DEMAND_TOO_FEW, text) > 0) {
			fprintf(out, "  %-24s %s\n", options->scenarios[i]->name, text);
		}
	}
}

static void sim_sweep_table_print(const struct sim_sweep_options *options, const struct sim_sweep_result *result,
                                  FILE *out) {
	fprintf(out, "%-26s %9s %9s %8s %10s %12s %10s %10s  %s\n", "scenario", "runs", "held", "violated", "restarts",
	        "crash states", "faults", "updates", "struck, in how many runs");
	for (uint32_t i = 0; i < options->scenario_count; i = sim_sweep_group_end(options, i)) {
		sim_sweep_table_group(options, result, i, out);
	}
	sim_sweep_table_row("all", &result->all, "", out);
	sim_cell_print(options, result, out);
	if (result->compared > 0) {
		fprintf(out,
		        "\n%" PRIu64
		        " runs were held against another cell's of their seed, which must end in the same state\n",
		        result->compared);
	}
	if (options->skipped_count > 0) {
		sim_sweep_table_skipped(options, out);
	}
	sim_sweep_table_rates(options, result, out);
	for (uint32_t i = 0; i < result->failure_count; i++) {
		sim_sweep_table_failure(options, &result->failures[i], out);
	}
	if (result->too_few > 0) {
		sim_sweep_table_too_few(options, result, out);
	}
	if (result->interrupted || result->out_of_time) {
		fprintf(out, "\n%s: what is above is what was finished\n",
		        result->interrupted ? "interrupted" : "out of time");
	}
}

static bool sim_sweep_table_sweep_ended(void *context, const struct sim_sweep_result *result, char *why) {
	const struct sim_sweep_table *table = context;
	(void)why;
	/* Where nothing could even begin, a table of zeros would hide the one line that says
	 * why. */
	if (result->broken[0] == '\0' || result->all.runs > 0) {
		sim_sweep_table_print(table->options, result, table->out);
	}
	return true;
}

struct sim_sweep_listener sim_sweep_table_listener(struct sim_sweep_table *table) {
	return (struct sim_sweep_listener){.context = table, .sweep_ended = sim_sweep_table_sweep_ended};
}
