/* sim/orders/view.h: what a subject shows of its state, collected through subject_sink, and whether
 * it is the state of a model. */
#ifndef AFTERSHOCK_SIM_VIEW_H
#define AFTERSHOCK_SIM_VIEW_H

#include "model.h"

#define SIM_VIEW_CURRENCIES_MAX 16u
#define SIM_VIEW_WHY_SIZE 160

/* An entry of the seen set: the number in its id; SIM_PLAN_NO_KEY for an id that is none of the
 * exchange's. */
struct sim_view_entry {
	bool exists;
	uint32_t key;
	uint32_t symbol; /* UINT32_MAX: a command */
	int32_t day;
};

enum sim_view_table {
	SIM_VIEW_POSITIONS = 0,
	SIM_VIEW_ORDERS,
	SIM_VIEW_EXECUTIONS,
	SIM_VIEW_COMMISSIONS,
	SIM_VIEW_TABLE_COUNT
};

/* The last row of a table that was shown. */
struct sim_view_key {
	const char *first; /* in what the view keeps of it; NULL: no row was shown */
	const char *second;
};

struct sim_view {
	const struct sim_plan *plan; /* by which names are read */
	uint64_t version;
	uint64_t epoch;
	enum subject_halt halt;
	struct subject_limits limits;
	uint64_t history[2]; /* of a subject that shows it */
	bool has_history;
	uint32_t position_count;
	uint32_t order_count;
	uint32_t execution_count;
	uint32_t commission_count;
	bool whole_ledger;          /* the subject shows all of each ledger row */
	struct subject_scope scope; /* of the row that comes next */
	bool in_order;              /* the subject shows rows by key */
	bool disordered;            /* and it did not */
	struct sim_view_key last_keys[SIM_VIEW_TABLE_COUNT];
	bool overflow; /* more rows than any run can have, or a row of no known name */
	bool seen[SIM_PLAN_REPORTS_MAX];
	struct sim_view_entry ledger[SIM_PLAN_REPORTS_MAX]; /* by version - 1 */
	/* The same with all that is kept of each; means something where an entry exists, and
	 * `whole_ledger` */
	struct subject_execution rows[SIM_PLAN_REPORTS_MAX];
	struct subject_position positions[SIM_PLAN_SYMBOLS_MAX];
	struct subject_order orders[SIM_PLAN_REPORTS_MAX];
	uint32_t order_symbols[SIM_PLAN_REPORTS_MAX]; /* with their accounts */
	struct subject_commission commissions[SIM_VIEW_CURRENCIES_MAX];
	bool position_seen[SIM_PLAN_SYMBOLS_MAX];
	bool order_seen[SIM_PLAN_REPORTS_MAX];
};

/* Before anything is collected. */
void sim_view_begin(struct sim_view *view, const struct sim_plan *plan);
/* Collects what the instance shows in memory. */
void sim_view_take(struct sim_view *view, const struct aftershock_subject *subject, void *instance);
/* Whether the entry at this version is that report or command, with all that is shown of it. */
bool sim_view_has(const struct sim_view *view, const struct sim_plan *plan, uint64_t version, uint32_t report);
/* Whether it bears its key, whatever else is shown of it. */
bool sim_view_has_key(const struct sim_view *view, const struct sim_plan *plan, uint64_t version, uint32_t report);
/* Whether the view is exactly the model's state; if not, the first difference goes into `why`. */
bool sim_view_equals(const struct sim_view *view, const struct sim_model *model, const struct sim_plan *plan,
                     char why[SIM_VIEW_WHY_SIZE]);

#endif
