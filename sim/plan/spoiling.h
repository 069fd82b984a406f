/* sim/plan/spoiling.h: reports and commands that are malformed (R1 to R4, R6 and R11 of
 * docs/order-updates.md): one row for each way to spoil one that is sound.
 *
 * A subject refuses what is spoiled, whatever it knows: only the last two, which contradict a known
 * order, need it to know that order. To add a way, add an entry and a row in spoiling.c. */
#ifndef AFTERSHOCK_SIM_SPOILING_H
#define AFTERSHOCK_SIM_SPOILING_H

#include "must_check.h"
#include "plan.h"

enum sim_spoiling {
	SIM_SPOILING_EXEC_ID_CONTROL = 0,
	SIM_SPOILING_CLIENT_ID_CONTROL,
	SIM_SPOILING_CURRENCY_CONTROL,
	SIM_SPOILING_ORDER_ID_EMPTY,
	SIM_SPOILING_ORDER_ID_ENDLESS,
	SIM_SPOILING_SYMBOL_EMPTY,
	SIM_SPOILING_EXEC_TYPE_UNKNOWN,
	SIM_SPOILING_STATUS_UNKNOWN,
	SIM_SPOILING_SIDE_UNKNOWN,
	SIM_SPOILING_ORDER_QUANTITY_NEGATIVE,
	SIM_SPOILING_ORDER_QUANTITY_ZERO,
	SIM_SPOILING_LEAVES_NEGATIVE,
	SIM_SPOILING_LAST_QUANTITY_WRONG,
	SIM_SPOILING_CUMULATIVE_TOO_SMALL,
	SIM_SPOILING_COMMAND_ID_EMPTY,
	SIM_SPOILING_COMMAND_ID_CONTROL,
	SIM_SPOILING_LIMIT_NEGATIVE,
	SIM_SPOILING_OTHER_SYMBOL,
	SIM_SPOILING_OTHER_SIDE,
	SIM_SPOILING_COUNT
};

/* "order_id_empty", as the text of a plan has it; NULL beyond the last. */
const char *sim_spoiling_name(enum sim_spoiling spoiling);
/* All of them, with NULL behind the last. */
const char *const *sim_spoiling_names(void);
/* Whether the report contradicts only an order that is known. */
bool sim_spoiling_needs_order(enum sim_spoiling spoiling);
/* Spoils the report. False, with the report as it was, when it cannot be spoiled so: a report has
 * no command id. */
bool sim_spoiling_spoil(enum sim_spoiling spoiling, struct sim_report *report) SIM_MUST_CHECK;

#endif
