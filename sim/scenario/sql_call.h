/* sim/scenario/sql_call.h: a drawn transaction as a subject gets it. */
#ifndef AFTERSHOCK_SIM_SQL_CALL_H
#define AFTERSHOCK_SIM_SQL_CALL_H

#include "instant.h"
#include "must_check.h"
#include "sql.h"
#include "subject.h"

/* One transaction with its bytes made, as a subject gets it. */
struct sim_sql_call {
	struct subject_transaction transaction;
	struct sim_instant instant; /* at which it is tried: what its time and chance are */
	struct subject_value values[SIM_SQL_PARAMETERS_MAX];
	unsigned char *bytes; /* owned; texts and blobs, one behind the other */
};

/* False when out of memory. Give the call to _deinit. */
bool sim_sql_call_init(struct sim_sql_call *call, const struct sim_sql *sql,
                       const struct sim_sql_transaction *transaction) SIM_MUST_CHECK;
void sim_sql_call_deinit(struct sim_sql_call *call);

#endif
