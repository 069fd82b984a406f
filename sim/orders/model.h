/* sim/orders/model.h: the judge's own idea of what order updates and commands do to a position
 * keeper. It shares no code with the engine: it is written from docs/order-updates.md alone,
 * addresses rows by the plan's numbers, keeps the ledger, and computes in 128 bits. A value without
 * pointers; copy it freely.
 *
 * Not modelled, because the exchange does not do it: messages without symbol or side. What is
 * malformed by itself (R1 to R4) the exchange knows: it broke it. */
#ifndef AFTERSHOCK_SIM_MODEL_H
#define AFTERSHOCK_SIM_MODEL_H

#include "model_order.h"
#include "model_position.h"
#include "must_check.h"
#include "plan.h"
#include "wide.h"

/* One applied report or command, in the order of versions: entry n made version n + 1. */
struct sim_model_entry {
	uint32_t report;
	uint32_t superseded_by; /* 1 + number of the entry that stands in its place; 0: it stands */
	int64_t split_lots;     /* of a split: what it moved the position by, without its sign */
};

struct sim_model {
	uint64_t version; /* number of entries */
	struct sim_model_entry ledger[SIM_PLAN_REPORTS_MAX];
	struct sim_model_position positions[SIM_PLAN_SYMBOLS_MAX];
	struct sim_model_order orders[SIM_PLAN_REPORTS_MAX];
	bool seen[SIM_PLAN_REPORTS_MAX]; /* by sim_plan_key() of what has one */
	enum subject_halt halt;
	struct subject_limits limits;
	bool flipped; /* a fill turned a position round */
};

enum SIM_MUST_CHECK sim_model_answer {
	SIM_MODEL_NONE = 0,
	SIM_MODEL_APPLIES,
	SIM_MODEL_UNCHANGED, /* a duplicate, or stale */
	SIM_MODEL_GAP,       /* something before it is missing */
	SIM_MODEL_REFUSED,   /* contradicts what is known: never to be applied */
};

/* What the report or command has to do to a keeper in this state. */
enum sim_model_answer sim_model_predict(const struct sim_model *model, const struct sim_plan *plan, uint32_t report);
/* Of one of which sim_model_predict() says SIM_MODEL_GAP: the cumulative quantity of its order, and
 * the one that it needs (R7). Nothing where the fill that it refers to is missing. */
struct subject_gap sim_model_gap(const struct sim_model *model, const struct sim_plan *plan, uint32_t report);
/* Applies one of which sim_model_predict() says SIM_MODEL_APPLIES. */
void sim_model_apply(struct sim_model *model, const struct sim_plan *plan, uint32_t report);
/* Whether two reports say the same, apart from what channels differ in (R5). */
bool sim_model_same_content(const struct sim_report *a, const struct sim_report *b);
/* Whether the report is in the ledger: itself, or one that is equal to it (same id, same
 * content). */
bool sim_model_holds(const struct sim_model *model, const struct sim_plan *plan, uint32_t report);

/* What a currency has cost. */
int64_t sim_model_commission(const struct sim_model *model, const struct sim_plan *plan, const char *currency);

#endif
