/* sim/sql/client.h: the work on SQL with one client: transactions one after the other, each tried
 * once, judged as a chain of contents (sql_judge.h). Private to this room, but for the table of
 * hooks.
 */
#ifndef AFTERSHOCK_SIM_CLIENT_H
#define AFTERSHOCK_SIM_CLIENT_H

#include "sql_judge.h"
#include "super_names.h"
#include "tuned.h"
#include "wal_checksums.h"
#include "world.h"
#include "sql_call.h"

/* What is kept while crash states are judged beside the run (sim/world/branch.h). */
struct sim_client_kept {
	uint32_t attempts[SIM_SQL_FILES_MAX]; /* of each group */
	struct sim_super_names super_names;
	struct sim_wal_checksums wal_checksums;
	struct sim_sql_view view;
	const struct sim_sql_call *in_hand;
	struct sim_tuned tuned;
};

struct sim_client {
	struct subject_schema schema;
	struct sim_sql_judge judge;
	struct sim_tuned tuned; /* of the connection */
	struct sim_super_names super_names;
	struct sim_wal_checksums wal_checksums;
	struct sim_sql_view view; /* what the connection showed last */
	/* the last restart: everything is checked */
	bool finishing;
	/* tried, and said not to be applied */
	bool later[SIM_SQL_TRANSACTIONS_MAX];
	struct sim_instant instants[SIM_SQL_TRANSACTIONS_MAX]; /* at which each was tried last */
	uint32_t attempts;
	/* The transaction that has no answer yet, if its end can commit something; else NULL */
	const struct sim_sql_call *in_hand;
	struct sim_client_kept kept[SIM_BRANCH_DEPTH_MAX]; /* by depth */
};

/* Whether a transaction with that answer has undone something of its own: it was refused, it rolls
 * back, or it has come to its ROLLBACK TO. One that was busy or never tried has not. What has died
 * may have (SUBJECT_OUTCOME_NONE). */
bool sim_client_undid(const struct sim_sql_template *template, enum subject_outcome outcome);

extern const struct sim_work sim_client_work;

#endif
