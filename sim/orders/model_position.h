/* sim/orders/model_position.h: what the model knows of a position, by average cost (R9). */
#ifndef AFTERSHOCK_SIM_MODEL_POSITION_H
#define AFTERSHOCK_SIM_MODEL_POSITION_H

#include "plan.h"

struct sim_model_position {
	bool exists;
	int64_t quantity_lots;
	int64_t cost_tick_lots;
	int64_t realised_tick_lots;
};

/* One fill. `lots` are positive. True when the position was turned round. */
bool sim_model_position_fill(struct sim_model_position *position, const struct subject_order_update *update);

/* A split by so many lots, of an order of that side. The cost stays. False, and nothing changes,
 * when the position is flat, on the other side, or would be (R8). */
bool sim_model_position_split(struct sim_model_position *position, enum subject_side side, int64_t lots);

#endif
