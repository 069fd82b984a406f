/* sim/model.h: the judge's own idea of what order updates do to a position keeper. It shares no code with the engine: it
 * is written from DOMAIN.md and engine/README.md alone, addresses rows by the plan's numbers, and keeps money as a list of
 * sums in 128 bits. A value without pointers; copy it freely. */
#ifndef AFTERSHOCK_SIM_MODEL_H
#define AFTERSHOCK_SIM_MODEL_H

#include "plan.h"

struct sim_model_position {
	bool exists;
	int64_t quantity_lots;
	int64_t cost_tick_lots;
	int64_t realised_tick_lots;
};

struct sim_model_order {
	bool exists;
	enum subject_exec_type closed_by; /* the strongest end that was reported */
	int64_t quantity_lots;
	int64_t price_ticks;
	int64_t cum_quantity_lots;
};

struct sim_model {
	uint64_t version;
	struct sim_model_position positions[SIM_PLAN_SYMBOLS_MAX];
	struct sim_model_order orders[SIM_PLAN_REPORTS_MAX];
	bool seen[SIM_PLAN_REPORTS_MAX]; /* by report */
	bool flipped;                    /* a fill turned a position round */
};

enum sim_model_answer { SIM_MODEL_NONE = 0, SIM_MODEL_APPLIES, SIM_MODEL_UNCHANGED, SIM_MODEL_GAP };

/* What the update has to do to a keeper in this state. */
enum sim_model_answer sim_model_predict(const struct sim_model *model, const struct sim_plan *plan, uint32_t report);
/* Applies a report of which sim_model_predict() says SIM_MODEL_APPLIES. */
void sim_model_apply(struct sim_model *model, const struct sim_plan *plan, uint32_t report);

enum subject_order_status sim_model_status(const struct sim_model_order *order);
int64_t sim_model_leaves(const struct sim_model_order *order);

#endif
