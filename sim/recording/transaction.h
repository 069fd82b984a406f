/* sim/recording/transaction.h: what the calls on one database say of its transactions: its journal
 * mode, what is synced, and where one may end. */
#ifndef AFTERSHOCK_SIM_TRANSACTION_H
#define AFTERSHOCK_SIM_TRANSACTION_H

#include "redo.h"
#include "settings.h"

/* Of one database. All zero: nothing was seen. */
struct sim_transaction {
	bool has_journal; /* with a header */
	bool has_wal;     /* with frames */
	bool is_bare;     /* the database was written without either, since the last candidate */
	bool is_written;  /* the database, in this transaction */
	bool wal_is_dirty;
	bool commits_wal; /* the last frame of a commit was written, the lock is still there */
	uint32_t journal_syncs;
	uint32_t database_syncs;
	enum sim_journal_mode ended_mode; /* a transaction has ended so, and has not returned */
	enum sim_synchronous ended_synchronous;
	uint32_t writer; /* the process that has the lock for writing; 0: nobody */
	/* Of the last call: */
	bool is_candidate;
	bool has_returned;                  /* the lock was given back */
	enum sim_journal_mode journal_mode; /* it has shown itself; NONE: it has not */
	enum sim_synchronous synchronous;
};

/* Behind the call, which is about that file; NULL: a sync of its directory, or of everything. */
void sim_transaction_note(struct sim_transaction *transaction, const struct sim_redo_file *file,
                          const struct sim_record *record);

#endif
