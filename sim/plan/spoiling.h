/* sim/plan/spoiling.h: reports and commands that are refused for what they say (R1 to R6 and R11 of
 * docs/order-updates.md): one row for each way to spoil one that is sound.
 *
 * A subject refuses what is malformed, whatever it knows. What contradicts a known order, or a
 * report that was applied, is refused by who knows that order or report. To add a way, add an entry
 * and a row in spoiling.c. */
#ifndef AFTERSHOCK_SIM_SPOILING_H
#define AFTERSHOCK_SIM_SPOILING_H

#include "must_check.h"
#include "pcg.h"
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
	SIM_SPOILING_ORDER_QUANTITY_LEAST,
	SIM_SPOILING_LEAVES_NEGATIVE,
	SIM_SPOILING_LAST_QUANTITY_WRONG,
	SIM_SPOILING_CUMULATIVE_TOO_SMALL,
	SIM_SPOILING_COMMAND_ID_EMPTY,
	SIM_SPOILING_COMMAND_ID_CONTROL,
	SIM_SPOILING_LIMIT_NEGATIVE,
	SIM_SPOILING_OTHER_SYMBOL,
	SIM_SPOILING_OTHER_SIDE,
	SIM_SPOILING_OTHER_ORDER,
	SIM_SPOILING_OTHER_EXEC_TYPE,
	SIM_SPOILING_OTHER_ORDER_QUANTITY,
	SIM_SPOILING_OTHER_PRICE,
	SIM_SPOILING_OTHER_LAST_QUANTITY,
	SIM_SPOILING_OTHER_LAST_PRICE,
	SIM_SPOILING_OTHER_CUMULATIVE,
	SIM_SPOILING_OTHER_COMMISSION,
	SIM_SPOILING_OTHER_CURRENCY,
	SIM_SPOILING_OTHER_REFERENCE,
	SIM_SPOILING_COUNT
};

/* What a subject must know to refuse what is spoiled so. */
enum sim_spoiling_needs { SIM_SPOILING_NEEDS_NOTHING = 0, SIM_SPOILING_NEEDS_ORDER, SIM_SPOILING_NEEDS_REPORT };

/* "order_id_empty", as the text of a plan has it; NULL beyond the last. */
const char *sim_spoiling_name(enum sim_spoiling spoiling);
/* All of them, with NULL behind the last. */
const char *const *sim_spoiling_names(void);
enum sim_spoiling_needs sim_spoiling_needs(enum sim_spoiling spoiling);
/* Spoils the report. False, with the report as it was, when it cannot be spoiled so: a report has
 * no command id. */
bool sim_spoiling_spoil(enum sim_spoiling spoiling, struct sim_report *report) SIM_MUST_CHECK;
/* One of the ways in which the report can be spoiled. */
enum sim_spoiling sim_spoiling_draw(struct sim_pcg32 *chance, const struct sim_report *report);

#endif
