/* sim/orders/trader.h: who sends orders, and on what grounds. Private to sim/.
 *
 * Without a trader the exchange reports on orders that nobody decided on. With one, each order of
 * the plan is decided in the run: from the position that the subject shows to a target, so that the
 * quantity is the plan's exactly when the subject shows what the exchange holds. Orders come one
 * after the other, each is filled, and the exchange reports on those only that it was sent.
 *
 *   trade ─▶ all reports acknowledged? ─▶ [agreement? ─▶ permission?] ─▶ intent stored?
 *         ─▶ the exchange has it ─▶ reports
 *
 * A trader that is `trusting` believes that what it acknowledged it has; one that is `agreeing`
 * asks the exchange for a statement and the subject for permission (the part in brackets). The
 * trader lives in the subject's process: across a restart it remembers nothing but what the subject
 * shows. An order whose intent is shown is sent again, and the exchange takes an order once. */
#ifndef AFTERSHOCK_SIM_TRADER_H
#define AFTERSHOCK_SIM_TRADER_H

#include "orders.h"

/* A step of a plan that has a trader. False when it is one like any other. */
bool sim_trader_step(struct sim_orders *orders, const struct sim_step *step);
/* The exchange sends what is not acknowledged, and the trader the orders that it has not got, up to
 * report `last`. */
void sim_trader_catch_up(struct sim_orders *orders, uint32_t last, uint32_t tries);
/* A start has succeeded: the hand-shake of an agreeing trader. */
void sim_trader_loaded(struct sim_orders *orders);
/* A gap or a conflict was found: an agreement has ended, and nothing is permitted (R12). */
void sim_trader_disagreed(struct sim_orders *orders);
/* At the end, when nothing but the exchange judges: the subject shows the exchange's positions. */
bool sim_trader_converged(struct sim_orders *orders);

#endif
