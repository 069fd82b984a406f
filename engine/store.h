/* engine/store.h: the database: one connection, one writer.
 *
 * connect -> load -> claim, then save and checkpoint as often as wanted, then close. Everything here reports SQLite's
 * extended result codes; what they mean is decided in one place each: engine_store_classify for a database being opened,
 * engine_store_save for a transaction. No arithmetic happens in SQL: every value is computed, checked and bound.
 */
#ifndef AFTERSHOCK_ENGINE_STORE_H
#define AFTERSHOCK_ENGINE_STORE_H

#include <sqlite3.h>

#include "engine.h"
#include "state.h"

enum engine_store_statement {
	ENGINE_STORE_BEGIN,
	ENGINE_STORE_COMMIT,
	ENGINE_STORE_ROLLBACK,
	ENGINE_STORE_SELECT_META,
	ENGINE_STORE_UPDATE_META,
	ENGINE_STORE_INSERT_POSITION,
	ENGINE_STORE_UPDATE_POSITION,
	ENGINE_STORE_INSERT_ORDER,
	ENGINE_STORE_UPDATE_ORDER,
	ENGINE_STORE_INSERT_EXECUTION,
	ENGINE_STORE_SUPERSEDE_EXECUTION,
	ENGINE_STORE_STATEMENT_COUNT
};

struct engine_store {
	sqlite3 *db;
	sqlite3_stmt *statements[ENGINE_STORE_STATEMENT_COUNT]; /* prepared at first use, then kept */
	uint32_t data_version; /* SQLite's, at the last look at `meta`; see engine_store_hold */
	uint32_t wal_frames;   /* length of the WAL after the last commit, as the WAL hook was told */
	bool is_wal;
	bool can_roll_back;    /* false in journal modes memory and off: nothing survives to roll back from */
	bool opened_read_only; /* the VFS gave a read-only file */
};

enum engine_store_outcome {
	ENGINE_STORE_NONE = 0,
	ENGINE_STORE_SAVED,       /* COMMIT succeeded */
	ENGINE_STORE_NOT_APPLIED, /* certainly not committed, and never will be */
	ENGINE_STORE_IN_DOUBT,    /* COMMIT failed: committed or not, wholly */
	ENGINE_STORE_FENCED,      /* not committed: the database has moved on under another handle */
};

struct engine_store_result {
	enum engine_store_outcome outcome;
	bool must_stop;    /* the connection is not to be trusted any more */
	int sqlite_code;   /* extended; 0 when saved or fenced */
	const char *where; /* the operation that failed, for people; static */
};

/* Opens the connection and sets what has to be set before the first read. On failure fills `error`; the store is to be
 * closed in any case. */
bool engine_store_connect(struct engine_store *store, const struct engine_options *options, struct engine_error *error);

/* After a verified load: journal mode, the checkpoint of what an earlier process left, and the claim (E6). On success
 * *meta has the new epoch. */
bool engine_store_claim(struct engine_store *store, const char *journal_mode, struct engine_meta *meta,
                        struct engine_error *error);

/* What leads from what the database holds to what a claim makes of it. */
struct engine_store_replay {
	struct engine_meta loaded;
	const struct engine_change *changes;
	uint32_t count;
};

/* Whether SQLite finds nothing wrong with the pages, those included that loading does not read. Writes nothing. */
bool engine_store_check(struct engine_store *store, struct engine_error *error);

/* The same in two steps, for when there may be a journal: what is in it must be read with the write lock held, and becomes
 * part of the claim. The end writes the changes that lead to *meta, and commits. After a
 * failure the store is to be closed, which rolls back. */
bool engine_store_claim_begin(struct engine_store *store, const char *journal_mode, struct engine_error *error);
bool engine_store_claim_end(struct engine_store *store, const struct engine_store_replay *replay,
                            struct engine_meta *meta, struct engine_error *error);

/* As PRAGMA synchronous. An SQLite result code. */
int engine_store_set_synchronous(struct engine_store *store, const char *level);

/* Writes changes in one transaction, conditional on the stored version and epoch and on the rows they replace. */
struct engine_store_result engine_store_save(struct engine_store *store, const struct engine_change *changes,
                                             uint32_t count);

/* Whether the database has another version or epoch by now than `stored`. An SQLite result code. */
int engine_store_has_moved(struct engine_store *store, const struct engine_meta *stored, bool *has_moved);

/* Takes the write lock of the database, so that nobody can claim it, and verifies that nobody has: version and epoch are
 * those of `stored`. SAVED when so; else the lock is not held. */
struct engine_store_result engine_store_hold(struct engine_store *store, const struct engine_meta *stored);

/* Gives the lock back; what happened under it is `result`, which is returned. After a failure it says to stop. */
struct engine_store_result engine_store_let_go(struct engine_store *store, struct engine_store_result result);

/* A passive checkpoint. Extended result code; SQLITE_OK at once without a WAL. */
int engine_store_checkpoint(struct engine_store *store);

/* Closes. With `may_checkpoint` SQLite checkpoints and removes the WAL when this is the last connection; else no file is
 * touched. */
void engine_store_close(struct engine_store *store, bool may_checkpoint);

/* Whether a failure with this code may pass and leaves the connection sound: busy, full, out of memory, I/O but for
 * syncs. Everything else stops a handle. */
bool engine_store_is_transient(int code);

/* Fills `error` for a failure while opening: DAMAGED for what SQLite or a check calls damage, else LATER. False. */
bool engine_store_classify(struct engine_store *store, int code, const char *where, struct engine_error *error);

/* Fills `error`, formatted as by sqlite3_snprintf. False, to be returned. */
bool engine_store_fail(struct engine_error *error, enum engine_open_status status, int code, const char *format, ...);

#endif
