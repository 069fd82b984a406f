/* sim/orders/end_state.c: see end_state.h. */
#include "end_state.h"

#include "trace.h"

/* Numbers, mixed one after the other. */
static void sim_end_state_mix(uint64_t *hash, const int64_t *numbers, size_t count) {
	*hash = (*hash ^ sim_trace_hash_bytes(numbers, count * sizeof numbers[0])) * 0x9e3779b97f4a7c15u;
}

uint64_t sim_end_state_hash(const struct sim_view *view) {
	const int64_t head[] = {(int64_t)view->version, view->halt, view->limits.position_lots,
	                        view->limits.order_notional_tick_lots, view->limits.open_orders};
	uint64_t hash = 0;
	sim_end_state_mix(&hash, head, 5);
	for (uint32_t symbol = 0; symbol < SIM_PLAN_SYMBOLS_MAX; symbol++) {
		const struct subject_position *position = &view->positions[symbol];
		const int64_t numbers[] = {symbol, position->quantity_lots,
		                           position->realised_tick_lots - position->cost_tick_lots};
		sim_end_state_mix(&hash, numbers, view->position_seen[symbol] ? 3 : 1);
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
		sim_end_state_mix(&hash, numbers, view->order_seen[order] ? 7 : 1);
	}
	for (uint32_t report = 0; report < SIM_PLAN_REPORTS_MAX; report++) {
		const int64_t numbers[] = {report, view->seen[report]};
		sim_end_state_mix(&hash, numbers, 2);
	}
	return hash | 1;
}
