/* sim/orders/model_order.h: what the model knows of one order, and what a report does to it besides
 * moving the sums (R8). */
#ifndef AFTERSHOCK_SIM_MODEL_ORDER_H
#define AFTERSHOCK_SIM_MODEL_ORDER_H

#include "plan.h"

struct sim_model_order {
	bool exists;
	bool is_external;                 /* no NEW was seen */
	bool is_accepted;                 /* something was seen that says that the exchange has the
	                                   * order */
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

void sim_model_order_react(struct sim_model_order *order, const struct sim_plan *plan, uint32_t number);
enum subject_order_status sim_model_status(const struct sim_model_order *order);
int64_t sim_model_leaves(const struct sim_model_order *order);
bool sim_model_is_overfilled(const struct sim_model_order *order);
/* The client id in force. */
const char *sim_model_client_id(const struct sim_model_order *order, const struct sim_plan *plan);

#endif
