/* sim/orders/model.h: the judge's own idea of what order updates and commands do to a position keeper. It shares no code with the
 * engine: it is written from docs/order-updates.md alone, addresses rows by the plan's numbers,
 * keeps the ledger, and computes in 128 bits. A value without pointers; copy it freely.
 *
 * Not modelled, because the exchange does not do it: splits (R8), messages without symbol or side, and texts, kinds or numbers
 * that are malformed by themselves (R1 to R4). */
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
	bool is_external;                 /* no NEW was seen */
	bool is_accepted;                 /* something was seen that says that the exchange has the order */
	bool is_day_done;                 /* done for the day */
	bool is_day_over;                 /* and with nothing left */
	bool is_stopped;                  /* a price was guaranteed */
	bool has_reused_id;               /* another order with its client id was rejected */
	enum subject_exec_type closed_by; /* the strongest end that was reported */
	int64_t quantity_lots;
	int64_t price_ticks;
	int64_t cum_quantity_lots;
	int64_t taken_back_lots; /* by busts and corrections, together */
	int64_t filled_tick_lots;
	int64_t terms_time_ns; /* of the replace or restatement in force */
	uint32_t pending_cancels;
	uint32_t pending_replaces;
	uint32_t client_report;  /* the client id in force is this report's, */
	bool client_is_original; /* namely its original one */
};

/* One applied report or command, in the order of versions: entry n made version n + 1. */
struct sim_model_entry {
	uint32_t report;
	uint32_t superseded_by; /* 1 + number of the entry that stands in its place; 0: it stands */
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

enum sim_model_answer {
	SIM_MODEL_NONE = 0,
	SIM_MODEL_APPLIES,
	SIM_MODEL_UNCHANGED, /* a duplicate, or stale */
	SIM_MODEL_GAP,       /* something before it is missing */
	SIM_MODEL_REFUSED,   /* contradicts what is known: never to be applied */
};

/* What the report or command has to do to a keeper in this state. */
enum sim_model_answer sim_model_predict(const struct sim_model *model, const struct sim_plan *plan, uint32_t report);
/* Applies one of which sim_model_predict() says SIM_MODEL_APPLIES. */
void sim_model_apply(struct sim_model *model, const struct sim_plan *plan, uint32_t report);
/* Whether two reports say the same, apart from what channels differ in (R5). */
bool sim_model_same_content(const struct sim_report *a, const struct sim_report *b);
/* Whether the report is in the ledger: itself, or one that is equal to it (same id, same content). */
bool sim_model_holds(const struct sim_model *model, const struct sim_plan *plan, uint32_t report);

enum subject_order_status sim_model_status(const struct sim_model_order *order);
int64_t sim_model_leaves(const struct sim_model_order *order);
bool sim_model_is_overfilled(const struct sim_model_order *order);
/* The client id in force. */
const char *sim_model_client_id(const struct sim_model_order *order, const struct sim_plan *plan);
/* What a currency has cost. */
int64_t sim_model_commission(const struct sim_model *model, const struct sim_plan *plan, const char *currency);

/* sim/orders/model_order.c: what a report does to its order besides moving the sums (R8). */
void sim_model_order_react(struct sim_model_order *order, const struct sim_plan *plan, uint32_t number);
/* sim/orders/model_position.c: one fill of average cost (R9). `lots` are positive. True when the position was turned round. */
bool sim_model_position_fill(struct sim_model_position *position, const struct subject_order_update *update);

#endif
