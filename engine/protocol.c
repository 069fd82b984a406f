/* engine/protocol.c: the commit protocols (docs/problem.md, section 2).
 *
 *   drafts ─┬─ persist_first ─ database ─ memory
 *           ├─ rollback ────── memory ─── database ─ on failure memory back from the undo records
 *           └─ journal ─────── journal ── memory ···· checkpoint: database, then the journal is cut
 */
#include "protocol.h"

#include <assert.h>
#include <string.h>

#include "upgrade.h"
#include "quick_check.h"

static struct engine_store_result engine_protocol_no_memory(void) {
	return (struct engine_store_result){
	        .outcome = ENGINE_STORE_NOT_APPLIED, .sqlite_code = SQLITE_NOMEM, .where = "reserve"};
}

/* Saves, then publishes (E1, E2). It reserves the memory for publishing first. Nothing may fail
 * after COMMIT, because the database has moved on. */
static struct engine_store_result engine_protocol_commit_persist_first(struct engine *engine,
                                                                       const struct engine_update *const *updates,
                                                                       const struct engine_change *changes,
                                                                       uint32_t count) {
	(void)updates;
	assert(count > 0);
	if (!engine_state_reserve(&engine->state, count)) {
		return engine_protocol_no_memory();
	}

	struct engine_store_result result = engine_store_save(&engine->store, changes, count);
	for (uint32_t i = 0; i < count && result.outcome == ENGINE_STORE_SAVED; i++) {
		engine_state_publish(&engine->state, &changes[i]);
	}
	return result;
}

/* Publishes with an undo record, saves, and takes the changes back unless the save succeeded (E2).
 * Nobody reads in between, because the handle is busy. */
static struct engine_store_result engine_protocol_commit_rollback(struct engine *engine,
                                                                  const struct engine_update *const *updates,
                                                                  const struct engine_change *changes, uint32_t count) {
	(void)updates;
	assert(count > 0);
	struct engine_undo *undo = sqlite3_malloc64(count * sizeof *undo);
	if (undo == NULL || !engine_state_reserve(&engine->state, count)) {
		sqlite3_free(undo);
		return engine_protocol_no_memory();
	}

	for (uint32_t i = 0; i < count; i++) {
		engine_state_publish_with_undo(&engine->state, &changes[i], &undo[i]);
	}
	struct engine_store_result result = engine_store_save(&engine->store, changes, count);
	for (uint32_t i = count; i > 0 && result.outcome != ENGINE_STORE_SAVED; i--) {
		engine_state_take_back(&engine->state, &changes[i - 1], &undo[i - 1]);
	}
	sqlite3_free(undo);
	return result;
}

/* Appends and syncs under the write lock of the database (J4). Whoever claims the database
 * meanwhile waits for the lock, and then finds the batch in the journal. If somebody claimed it
 * before, that is found out before a byte is written. */
static struct engine_store_result engine_protocol_commit_journal(struct engine *engine,
                                                                 const struct engine_update *const *updates,
                                                                 const struct engine_change *changes, uint32_t count) {
	assert(count > 0);
	if (!engine_state_reserve(&engine->state, count) || !engine_journal_reserve(&engine->journal, count)) {
		return engine_protocol_no_memory();
	}

	struct engine_store_result result = engine_store_lock(&engine->store, &engine->journal.stored);
	if (result.outcome != ENGINE_STORE_SAVED) {
		return result;
	}
	result = engine_journal_append(&engine->journal, updates, changes, count);
	for (uint32_t i = 0; i < count && result.outcome == ENGINE_STORE_SAVED; i++) {
		engine_state_publish(&engine->state, &changes[i]);
	}
	return engine_store_unlock(&engine->store, result);
}

const struct engine_protocol *engine_protocol_find(const char *name) {
	static const struct engine_protocol protocols[] = {
	        {.name = "persist_first", .commit = engine_protocol_commit_persist_first},
	        {.name = "rollback", .commit = engine_protocol_commit_rollback},
	        {.name = "journal", .has_journal = true, .commit = engine_protocol_commit_journal},
	};

	for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++) {
		if (strcmp(protocols[i].name, name) == 0) {
			return &protocols[i];
		}
	}
	return NULL;
}

/* Before the first byte of the changes, because a journal's records must not be newer than what the
 * database can hold. A COMMIT that fails leaves the format in doubt, and not the changes. */
struct engine_store_result engine_protocol_make_room(struct engine *engine, const struct engine_change *changes,
                                                     uint32_t count) {
	struct engine_store_result result = {.outcome = ENGINE_STORE_SAVED, .where = "upgrade"};
	const struct engine_meta *stored =
	        engine->protocol->has_journal ? &engine->journal.stored : &engine->state.meta;

	if (!engine->store.is_scoped && engine_upgrade_is_needed(changes, count)) {
		result = engine_store_move(&engine->store, stored);
	}
	if (result.outcome == ENGINE_STORE_IN_DOUBT && engine->store.can_roll_back) {
		result.outcome = ENGINE_STORE_NOT_APPLIED;
	}
	return result;
}

/* ---- the journal and the database ------------------------------------------------------------ */

/* Drops the records, because the checkpoint is durable. It needs the write lock: by now the file
 * may belong to an engine that claimed the database after the checkpoint (J4). */
static struct engine_store_result engine_protocol_reset_journal(struct engine *engine, bool remove) {
	bool must_stop = false;
	struct engine_store_result result = engine_store_lock(&engine->store, &engine->journal.stored);

	if (result.outcome != ENGINE_STORE_SAVED) {
		return result;
	}
	result.sqlite_code = engine_journal_reset(&engine->journal, remove, &must_stop);
	result.must_stop = must_stop;
	result.where = "journal reset";
	return engine_store_unlock(&engine->store, result);
}

struct engine_store_result engine_protocol_checkpoint(struct engine *engine, bool remove) {
	struct engine_journal *journal = &engine->journal;
	struct engine_store_result result = {.outcome = ENGINE_STORE_SAVED, .where = "checkpoint"};

	if (journal->file == NULL) {
		return result;
	}
	if (journal->count > 0) {
		result = engine_store_save(&engine->store, journal->changes, journal->count);
		if (result.outcome != ENGINE_STORE_SAVED) {
			return result;
		}
		journal->stored = journal->changes[journal->count - 1].after;
		journal->count = 0;
	}
	if (!remove && journal->size_bytes <= ENGINE_JOURNAL_HEADER_SIZE) {
		return result;
	}
	return engine_protocol_reset_journal(engine, remove);
}

static bool engine_protocol_fail(const struct engine_journal *journal, struct engine_error *error, int code) {
	return engine_store_fail(error, ENGINE_OPEN_LATER, code, "%s: %s", journal->path, sqlite3_errstr(code));
}

/* The journal does not go with what was loaded. Either it is damaged, or it goes with what another
 * engine has stored since, because its file is read without the lock. Records come after the commit
 * that they rely on (J1, J5). So if there was such a commit, the database shows it by now. */
static bool engine_protocol_blame(struct engine *engine, const struct engine_meta *loaded, struct engine_error *error) {
	bool has_moved = false;

	if (error->status != ENGINE_OPEN_DAMAGED) {
		return false;
	}
	int code = engine_store_has_moved(&engine->store, loaded, &has_moved);
	if (code != SQLITE_OK) {
		return engine_store_classify(&engine->store, code, "meta", error);
	}
	if (has_moved) {
		(void)engine_store_fail(error, ENGINE_OPEN_LATER, 0,
		                        "load: another engine opened the database meanwhile");
	}
	return false;
}

/* The first look: without the lock, and without writing a byte (E5). The claim checkpoints a WAL
 * before it gets to the journal, and inserts rows. So more of the database must be sound than what
 * loading reads. */
static bool engine_protocol_verify_journal(struct engine *engine, const struct engine_meta *loaded,
                                           struct engine_error *error) {
	int code = engine_journal_open(&engine->journal);

	if (code != SQLITE_OK) {
		return engine_protocol_fail(&engine->journal, error, code);
	}
	bool is_sound = engine_journal_replay(&engine->journal, &engine->state, error);
	engine_journal_close_file(&engine->journal);
	if (!is_sound) {
		return engine_protocol_blame(engine, loaded, error);
	}
	return engine->journal.count == 0 || engine_quick_check(&engine->store, error);
}

/* Claims the database. The write lock is held from the second look into the journal to the commit
 * of the claim, because an older engine may be alive. If that one appended before the look, this
 * open comes to nothing. After the claim it can append nothing (J4). The file is looked for and
 * opened anew: an engine that claimed and closed meanwhile may have removed the name. Where there
 * is none, the first append makes it, so a claim that fails leaves nothing behind. */
static bool engine_protocol_claim_with_journal(struct engine *engine, const struct engine_options *options,
                                               const struct engine_meta *loaded, struct engine_error *error) {
	struct engine_journal *journal = &engine->journal;
	bool is_unchanged = false;
	bool exists = false;

	if (!engine_store_claim_begin(&engine->store, options->journal_mode, error)) {
		return false;
	}
	int code = engine_journal_find(journal, &engine->store, options->vfs_name, &exists);
	if (code == SQLITE_OK && exists) {
		code = engine_journal_open(journal);
	}
	if (code == SQLITE_OK) {
		code = engine_journal_compare(journal, &is_unchanged);
	}
	if (code != SQLITE_OK) {
		return engine_protocol_fail(journal, error, code);
	}
	if (!is_unchanged) {
		return engine_store_fail(error, ENGINE_OPEN_LATER, 0, "claim: another engine writes to the journal");
	}
	const struct engine_store_replay replay = {*loaded, journal->changes, journal->count};
	if (!engine_store_claim_end(&engine->store, &replay, &engine->state.meta, error)) {
		return false;
	}
	journal->stored = engine->state.meta;
	journal->count = 0;
	return true;
}

static bool engine_protocol_settle_journal(struct engine *engine, const struct engine_options *options,
                                           struct engine_error *error) {
	struct engine_store_result result = {.outcome = ENGINE_STORE_SAVED};
	bool is_leftover = !engine->protocol->has_journal;

	if (is_leftover || engine->journal.size_bytes > ENGINE_JOURNAL_HEADER_SIZE) {
		result = engine_protocol_reset_journal(engine, is_leftover);
	}
	/* Records that could not be dropped are covered, and do no harm. A torn record at the end
	 * does: a replay would not find the next batch behind it (J6). */
	const struct engine_journal *journal = &engine->journal;
	bool is_torn = journal->size_bytes > ENGINE_JOURNAL_HEADER_SIZE && journal->size_bytes != journal->sound_bytes;
	if (result.must_stop || result.outcome == ENGINE_STORE_FENCED || (is_torn && !is_leftover)) {
		return engine_store_fail(error, ENGINE_OPEN_LATER, result.sqlite_code, "%s after the claim: %s",
		                         result.where, sqlite3_errstr(result.sqlite_code));
	}
	int code = SQLITE_OK;
	if (is_leftover) {
		engine_journal_close(&engine->journal);
	}
	if (is_leftover || !engine->journal.does_sync) {
		code = engine_store_set_synchronous(&engine->store, options->synchronous);
	}
	return code == SQLITE_OK || engine_store_classify(&engine->store, code, "synchronous", error);
}

/* E13. An entry of the ledger never changes, but for the mark of what takes its place. So whatever
 * the book holds by now, its history up to an older version is what it was. */
static bool engine_protocol_check_known(const struct engine_state *state, const struct engine_options *options,
                                        struct engine_error *error) {
	for (uint32_t i = 0; i < options->known_count; i++) {
		const struct engine_known *known = &options->known[i];
		struct engine_digest history = engine_state_history(state, known->version);
		if (state->meta.version < known->version || !engine_digest_is_equal(&history, &known->history)) {
			return engine_store_fail(error, ENGINE_OPEN_DAMAGED, 0,
			                         "another book: it has not come to version %llu as this one did",
			                         (sqlite3_uint64)known->version);
		}
	}
	return true;
}

/* Whether everything is there that the caller knows of. */
static bool engine_protocol_check_least(const struct engine_state *state, const struct engine_options *options,
                                        struct engine_error *error) {
	const struct engine_meta *held = &state->meta;

	if (held->version >= options->least_version && held->epoch >= options->least_epoch) {
		return engine_protocol_check_known(state, options, error);
	}
	return engine_store_fail(error, ENGINE_OPEN_DAMAGED, 0,
	                         "version %llu of epoch %llu is older than version %llu of epoch %llu, which it held",
	                         (sqlite3_uint64)held->version, (sqlite3_uint64)held->epoch,
	                         (sqlite3_uint64)options->least_version, (sqlite3_uint64)options->least_epoch);
}

/* The same. Another engine may have taken the journal into the database since that was loaded: then
 * nothing is missing. */
static bool engine_protocol_check_vouched(struct engine *engine, const struct engine_options *options,
                                          const struct engine_meta *loaded, struct engine_error *error) {
	return engine_protocol_check_least(&engine->state, options, error) ||
	       engine_protocol_blame(engine, loaded, error);
}

bool engine_protocol_claim(struct engine *engine, const struct engine_options *options, struct engine_error *error) {
	struct engine_meta loaded = engine->state.meta;
	bool exists;
	int code = engine_journal_find(&engine->journal, &engine->store, options->vfs_name, &exists);

	if (code != SQLITE_OK) {
		return engine_store_fail(error, ENGINE_OPEN_LATER, code, "looking for a journal: %s",
		                         sqlite3_errstr(code));
	}
	engine->journal.does_sync = strcmp(options->synchronous, "off") != 0;
	if (!exists && !engine->protocol->has_journal) {
		return engine_protocol_check_vouched(engine, options, &loaded, error) &&
		       engine_store_claim(&engine->store, options->journal_mode, &engine->state.meta, error);
	}
	return (!exists || engine_protocol_verify_journal(engine, &loaded, error)) &&
	       engine_protocol_check_vouched(engine, options, &loaded, error) &&
	       engine_protocol_claim_with_journal(engine, options, &loaded, error) &&
	       engine_protocol_settle_journal(engine, options, error);
}
