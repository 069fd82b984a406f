/* sim/sql/sql_reason.h: what a client of SQL says to have failed has a reason (S42): in its life a
 * call, an allocation or a lock has failed, or another process has changed what it read. */
#ifndef AFTERSHOCK_SIM_SQL_REASON_H
#define AFTERSHOCK_SIM_SQL_REASON_H

#include "must_check.h"
#include "process.h"

/* It has answered; `what`: a transaction, or a kind of step. False when `no_needless_failure` is
 * violated, which ends the run. */
bool sim_sql_reason_of_answer(struct sim_process *process, const char *what,
                              const struct subject_reply *reply) SIM_MUST_CHECK;

#endif
