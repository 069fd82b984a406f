/* sim/draft/transactions.h: transactions for each table, each of which was tried. */
#ifndef AFTERSHOCK_SIM_DRAFT_TRANSACTIONS_H
#define AFTERSHOCK_SIM_DRAFT_TRANSACTIONS_H

#include "draft.h"
#include "table.h"

/* Fills `transactions` of the draft. False when out of memory. */
bool sim_draft_propose(struct sim_draft *draft, struct sim_draft_table *tables, uint32_t count) SIM_MUST_CHECK;

#endif
