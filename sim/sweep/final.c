/* sim/sweep/final.c: see final.h. */
#include "final.h"

#include "cell.h"
#include "trace.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- one run --------------------------------------------------------------------------------------------------------- */

/* Numbers, mixed one after the other. */
static void sim_final_mix(uint64_t *hash, const int64_t *numbers, size_t count) {
	*hash = (*hash ^ sim_trace_hash_bytes(numbers, count * sizeof numbers[0])) * 0x9e3779b97f4a7c15u;
}

uint64_t sim_final_hash(const struct sim_view *view) {
	const int64_t head[] = {(int64_t)view->version, view->halt, view->limits.position_lots,
	                        view->limits.order_notional_tick_lots, view->limits.open_orders};
	uint64_t hash = 0;
	sim_final_mix(&hash, head, 5);
	for (uint32_t symbol = 0; symbol < SIM_PLAN_SYMBOLS_MAX; symbol++) {
		const struct subject_position *position = &view->positions[symbol];
		const int64_t numbers[] = {symbol, position->quantity_lots,
		                           position->realised_tick_lots - position->cost_tick_lots};
		sim_final_mix(&hash, numbers, view->position_seen[symbol] ? 3 : 1);
	}
	for (uint32_t order = 0; order < SIM_PLAN_REPORTS_MAX; order++) {
		const struct subject_order *shown = &view->orders[order];
		const int64_t numbers[] = {order,
		                           shown->side,
		                           shown->status,
		                           shown->order_quantity_lots,
		                           shown->price_ticks,
		                           shown->cum_quantity_lots,
		                           shown->leaves_quantity_lots};
		sim_final_mix(&hash, numbers, view->order_seen[order] ? 7 : 1);
	}
	for (uint32_t report = 0; report < SIM_PLAN_REPORTS_MAX; report++) {
		const int64_t numbers[] = {report, view->seen[report]};
		sim_final_mix(&hash, numbers, 2);
	}
	return hash | 1;
}

/* ---- the cells of a seed ----------------------------------------------------------------------------------------------- */

struct sim_final_first {
	uint64_t hash; /* 0: none yet */
	uint32_t scenario;
};

struct sim_final {
	const struct sim_sweep_options *options;
	uint64_t seed_count;
	uint64_t compared;
	uint32_t groups[SIM_SWEEP_SCENARIOS_MAX]; /* by scenario: 1 + number of the group that must agree; 0: none */
	struct sim_final_first *firsts;           /* seed_count for each group */
};

struct sim_final *sim_final_create(const struct sim_sweep_options *options, uint64_t seed_count) {
	uint32_t group_count = 0;
	struct sim_final *final = calloc(1, sizeof *final);
	if (final == NULL) {
		return NULL;
	}
	final->options = options;
	final->seed_count = seed_count;
	for (uint32_t first = 0; first < options->scenario_count; first = sim_cell_group_end(options, first)) {
		group_count += options->scenarios[first]->must_agree ? 1 : 0;
		for (uint32_t i = first; i < sim_cell_group_end(options, first); i++) {
			final->groups[i] = options->scenarios[i]->must_agree ? group_count : 0;
		}
	}
	final->firsts = calloc(group_count * seed_count + 1, sizeof *final->firsts);
	if (final->firsts == NULL) {
		free(final);
		return NULL;
	}
	return final;
}

void sim_final_destroy(struct sim_final *final) {
	if (final != NULL) {
		free(final->firsts);
		free(final);
	}
}

bool sim_final_compare(struct sim_final *final, uint32_t scenario, uint64_t place, const struct sim_run_result *run,
                       char detail[SIM_VERDICT_DETAIL_SIZE]) {
	uint32_t group = final->groups[scenario];
	if (group == 0 || run->state_hash == 0) {
		return true;
	}
	struct sim_final_first *first = &final->firsts[(group - 1) * final->seed_count + place];
	if (first->hash == 0) {
		*first = (struct sim_final_first){.hash = run->state_hash, .scenario = scenario};
		return true;
	}
	final->compared++;
	snprintf(detail, SIM_VERDICT_DETAIL_SIZE,
	         "ends in state %016" PRIx64 ", cell %s of the same seed in %016" PRIx64, run->state_hash,
	         final->options->scenarios[first->scenario]->cell, first->hash);
	return first->hash == run->state_hash;
}

uint64_t sim_final_compared(const struct sim_final *final) {
	return final->compared;
}
