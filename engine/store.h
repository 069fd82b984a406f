/* engine/store.h: the database, with one connection and one writer.
 *
 * Call order: connect, load (load.h), claim; then save and checkpoint as often as wanted; then
 * close. Functions report SQLite's extended result codes. Two of them decide what a code means:
 * engine_store_classify while a database is being opened, and engine_store_save for a transaction.
 * SQL computes nothing: every value is computed, checked and bound.
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
	/* prepared at first use, then kept */
	sqlite3_stmt *statements[ENGINE_STORE_STATEMENT_COUNT];
	uint32_t data_version; /* SQLite's, at the last look at `meta`; see engine_store_lock */
	uint32_t wal_frames;   /* length of the WAL after the last commit, from the WAL hook */
	bool is_wal;
	/* WAL with synchronous normal: what comes before the WAL is synced in full (E14) */
	bool lowers_synchronous;
	bool can_roll_back;    /* false in journal modes memory and off, where nothing survives to
	                        * roll back from */
	bool is_scoped;        /* the tables are those of format 3 */
	bool opened_read_only; /* the VFS gave a read-only file */
};

enum ENGINE_MUST_CHECK engine_store_outcome {
	ENGINE_STORE_NONE = 0,
	ENGINE_STORE_SAVED,       /* COMMIT succeeded */
	ENGINE_STORE_NOT_APPLIED, /* certainly not committed, now and for ever */
	ENGINE_STORE_IN_DOUBT,    /* COMMIT failed: committed wholly or not at all */
	ENGINE_STORE_FENCED,      /* not committed: another handle has taken the database over */
};

struct engine_store_result {
	enum engine_store_outcome outcome;
	bool must_stop;    /* the connection can no longer be trusted */
	int sqlite_code;   /* extended; 0 when saved or fenced */
	const char *where; /* the operation that failed, for people; static text */
};

/* Opens the connection, and sets what must be set before the first read. On failure fills `error`.
 * Close the store in any case. */
bool engine_store_connect(struct engine_store *store, const struct engine_options *options, struct engine_error *error);

/* Claims the database after a verified load (E6). Sets the journal mode, and checkpoints a WAL that
 * an earlier process left (E7). On success *meta has the new epoch. On failure fills `error`. */
bool engine_store_claim(struct engine_store *store, const char *journal_mode, struct engine_meta *meta,
                        struct engine_error *error);

/* The changes of a journal that a claim writes into the database. */
struct engine_store_replay {
	struct engine_meta loaded;
	const struct engine_change *changes;
	uint32_t count;
};

/* engine_store_claim in two steps, for a database that may have a journal: it must be read under
 * the write lock, and becomes a part of the claim. `begin` takes the lock. `end` writes the changes
 * that lead to *meta, and commits. After a failure close the store, which rolls back. */
bool engine_store_claim_begin(struct engine_store *store, const char *journal_mode, struct engine_error *error);
bool engine_store_claim_end(struct engine_store *store, const struct engine_store_replay *replay,
                            struct engine_meta *meta, struct engine_error *error);

/* Sets PRAGMA synchronous. Returns an SQLite result code. */
int engine_store_set_synchronous(struct engine_store *store, const char *level);

/* Moves the database to format 3 in a transaction of its own, if it still has the expected version
 * and epoch. SAVED: it is in it. When the COMMIT fails, it is in one of the two formats, with the
 * same content. */
struct engine_store_result engine_store_move(struct engine_store *store, const struct engine_meta *stored);

/* Writes changes in one transaction, if the database still has the expected version, epoch and rows
 * (E8). */
struct engine_store_result engine_store_save(struct engine_store *store, const struct engine_change *changes,
                                             uint32_t count);

/* Says whether the database has another version or epoch than `stored` by now. Returns an SQLite
 * result code. */
int engine_store_has_moved(struct engine_store *store, const struct engine_meta *stored, bool *has_moved);

/* Takes the write lock of the database, so that nobody can claim it, and verifies that nobody has:
 * version and epoch are those of `stored`. SAVED: the lock is held. Else it is not. */
struct engine_store_result engine_store_lock(struct engine_store *store, const struct engine_meta *stored);

/* Gives the write lock back. Returns `result`, what happened under the lock; if giving back fails,
 * with must_stop. */
struct engine_store_result engine_store_unlock(struct engine_store *store, struct engine_store_result result);

/* Checkpoints the WAL without waiting for anybody. Returns an extended result code; SQLITE_OK when
 * there is no WAL. */
int engine_store_checkpoint(struct engine_store *store);

/* Closes the connection. With `may_checkpoint`, SQLite checkpoints and removes the WAL if this is
 * the last connection. Without it, no file changes. */
void engine_store_close(struct engine_store *store, bool may_checkpoint);

/* Whether a failure may pass and leaves the connection sound: busy, full, out of memory, and I/O
 * errors except those of syncs. Everything else stops a handle. */
bool engine_store_is_transient(int code);

/* Fills `error` for a failure while opening: DAMAGED for what SQLite calls damage, else LATER.
 * Returns false. */
bool engine_store_classify(struct engine_store *store, int code, const char *where, struct engine_error *error);

/* Fills `error`, formatted as by sqlite3_snprintf. Returns false. */
bool engine_store_fail(struct engine_error *error, enum engine_open_status status, int code, const char *format, ...);

#endif
