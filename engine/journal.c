/* engine/journal.c: records of updates, and what is left of them after a crash.
 *
 * A walk from the header finds the records that count (J2): they are intact, their epoch is the one
 * in force, and their versions follow the version of the database one by one. Records of older
 * versions are covered by a checkpoint whose truncation did not happen. Records of other epochs
 * were left by an owner that was replaced.
 *
 * What follows the walk must be something that a crash can leave (J3). Nothing that counts may lie
 * there, except pieces of the very batch that is broken.
 */
#include "journal.h"

#include <assert.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "apply.h"

#define ENGINE_JOURNAL_MAGIC 0x70556641u /* "AfUp" */
#define ENGINE_JOURNAL_RECORD_HEAD 56u
#define ENGINE_JOURNAL_RECORD_MAX 720u
#define ENGINE_JOURNAL_SECTOR_MAX 65536u /* as SQLite has it */
#define ENGINE_JOURNAL_READ_MAX (1 << 30)
#define ENGINE_JOURNAL_TEXTS 7
#define ENGINE_JOURNAL_INTEGERS 8
#define ENGINE_JOURNAL_SCOPE_TEXTS 3
#define ENGINE_JOURNAL_ADOPTS 0x80u /* beside ENGINE_IDS_* */

/* The lengths of texts take the room of their ends, and kinds have one byte instead of four. */
static_assert(ENGINE_JOURNAL_RECORD_MAX >= ENGINE_JOURNAL_RECORD_HEAD + sizeof(struct engine_update),
              "a record holds any update");

/* ---- one record ------------------------------------------------------------------------------ */

struct engine_journal_record {
	uint64_t epoch;
	uint64_t version;
	uint64_t batch;
	struct engine_digest digest;
	uint32_t length;
	const unsigned char *update;
};

/* The fields of an update, in the order of a record. */
struct engine_journal_fields {
	char *texts[ENGINE_JOURNAL_TEXTS];
	size_t sizes[ENGINE_JOURNAL_TEXTS];
	int64_t *integers[ENGINE_JOURNAL_INTEGERS];
};

static struct engine_journal_fields engine_journal_fields_of(struct engine_update *update) {
	return (struct engine_journal_fields){
	        {update->exec_id, update->order_id, update->cl_ord_id, update->orig_cl_ord_id, update->exec_ref_id,
	         update->symbol, update->comm_currency},
	        {sizeof update->exec_id, sizeof update->order_id, sizeof update->cl_ord_id,
	         sizeof update->orig_cl_ord_id, sizeof update->exec_ref_id, sizeof update->symbol,
	         sizeof update->comm_currency},
	        {&update->order_quantity_lots, &update->price_ticks, &update->last_quantity_lots,
	         &update->last_price_ticks, &update->cum_quantity_lots, &update->leaves_quantity_lots,
	         &update->commission_units, &update->transact_time_ns},
	};
}

static void engine_journal_scope_texts(struct engine_update *update, char *texts[ENGINE_JOURNAL_SCOPE_TEXTS],
                                       size_t sizes[ENGINE_JOURNAL_SCOPE_TEXTS]) {
	texts[0] = update->scope.venue;
	texts[1] = update->scope.account;
	texts[2] = update->scope.instrument;
	sizes[0] = sizeof update->scope.venue;
	sizes[1] = sizeof update->scope.account;
	sizes[2] = sizeof update->scope.instrument;
}

/* What a source may say about its ids. An update that says nothing of it is written without.
 * Returns the length. */
static uint32_t engine_journal_encode_scope(struct engine_update *update, unsigned char *bytes) {
	static const struct engine_scope none;
	char *texts[ENGINE_JOURNAL_SCOPE_TEXTS];
	size_t sizes[ENGINE_JOURNAL_SCOPE_TEXTS];
	uint32_t length = 0;

	if (memcmp(&update->scope, &none, sizeof none) == 0 && update->trading_day == 0 && update->ids_are_per == 0 &&
	    !update->adopts) {
		return 0;
	}
	engine_journal_scope_texts(update, texts, sizes);
	for (int i = 0; i < ENGINE_JOURNAL_SCOPE_TEXTS; i++) {
		size_t size = strnlen(texts[i], sizes[i]);
		bytes[length] = (unsigned char)size;
		memcpy(bytes + length + 1, texts[i], size);
		length += 1 + (uint32_t)size;
	}
	bytes[length++] = (unsigned char)update->scope.position_side;
	bytes[length++] = (unsigned char)(update->ids_are_per | (update->adopts ? ENGINE_JOURNAL_ADOPTS : 0));
	engine_row_store_integer(bytes + length, (uint64_t)(int64_t)update->trading_day);
	return length + 8;
}

/* A record without a scope ends with zeros up to its length, if with anything. They read as none.
 * False when the bytes do not fit together. */
static bool engine_journal_decode_scope(const unsigned char *bytes, const unsigned char *end,
                                        struct engine_update *update) {
	char *texts[ENGINE_JOURNAL_SCOPE_TEXTS];
	size_t sizes[ENGINE_JOURNAL_SCOPE_TEXTS];

	engine_journal_scope_texts(update, texts, sizes);
	if (end - bytes < ENGINE_JOURNAL_SCOPE_TEXTS + 2 + 8) {
		return true;
	}
	for (int i = 0; i < ENGINE_JOURNAL_SCOPE_TEXTS; i++) {
		if (bytes >= end || *bytes >= sizes[i] || end - bytes <= *bytes) {
			return false;
		}
		memcpy(texts[i], bytes + 1, *bytes);
		bytes += 1 + *bytes;
	}
	if (end - bytes < 2 + 8) {
		return false;
	}
	update->scope.position_side = (enum engine_position_side)bytes[0];
	update->ids_are_per = bytes[1] & ~ENGINE_JOURNAL_ADOPTS;
	update->adopts = (bytes[1] & ENGINE_JOURNAL_ADOPTS) != 0;
	update->trading_day = (int32_t)(int64_t)engine_row_load_integer(bytes + 2);
	return true;
}

/* Writes a record without its length and checksum. Returns the length. */
static uint32_t engine_journal_encode(const struct engine_update *update, const struct engine_change *change,
                                      uint64_t batch, unsigned char *bytes) {
	struct engine_update copy = *update;
	struct engine_journal_fields fields = engine_journal_fields_of(&copy);
	uint32_t length = ENGINE_JOURNAL_RECORD_HEAD;

	for (int i = 0; i < ENGINE_JOURNAL_TEXTS; i++) {
		size_t size = strnlen(fields.texts[i], fields.sizes[i]);
		bytes[length] = (unsigned char)size;
		memcpy(bytes + length + 1, fields.texts[i], size);
		length += 1 + (uint32_t)size;
	}
	bytes[length++] = (unsigned char)update->exec_type;
	bytes[length++] = (unsigned char)update->ord_status;
	bytes[length++] = (unsigned char)update->side;
	for (int i = 0; i < ENGINE_JOURNAL_INTEGERS; i++) {
		engine_row_store_integer(bytes + length, (uint64_t)*fields.integers[i]);
		length += 8;
	}
	length += engine_journal_encode_scope(&copy, bytes + length);
	memset(bytes + length, 0, 7);
	length = (length + 7) & ~7u;
	assert(length <= ENGINE_JOURNAL_RECORD_MAX);
	engine_row_store_integer(bytes + 16, change->after.epoch);
	engine_row_store_integer(bytes + 24, change->after.version);
	engine_row_store_integer(bytes + 32, batch);
	engine_digest_encode(&change->after.digest, bytes + 40);
	return length;
}

/* Ends a record with its length and the checksum of all of it. */
static void engine_journal_seal(unsigned char *bytes, uint32_t length) {
	assert(length > ENGINE_JOURNAL_RECORD_HEAD && length % 8 == 0);
	engine_row_store_integer(bytes + 8, (uint64_t)ENGINE_JOURNAL_MAGIC << 32 | length);
	engine_row_store_integer(bytes, XXH3_64bits(bytes + 8, length - 8));
}

/* Takes an intact record apart. False when there is none at the start of `bytes`. */
static bool engine_journal_decode(const unsigned char *bytes, uint64_t available,
                                  struct engine_journal_record *record) {
	if (available < ENGINE_JOURNAL_RECORD_HEAD) {
		return false;
	}
	uint64_t word = engine_row_load_integer(bytes + 8);
	record->length = (uint32_t)word;
	if (word >> 32 != ENGINE_JOURNAL_MAGIC || record->length > available ||
	    record->length > ENGINE_JOURNAL_RECORD_MAX + ENGINE_JOURNAL_SECTOR_MAX ||
	    record->length <= ENGINE_JOURNAL_RECORD_HEAD || record->length % 8 != 0 ||
	    XXH3_64bits(bytes + 8, record->length - 8) != engine_row_load_integer(bytes)) {
		return false;
	}
	record->epoch = engine_row_load_integer(bytes + 16);
	record->version = engine_row_load_integer(bytes + 24);
	record->batch = engine_row_load_integer(bytes + 32);
	engine_digest_decode(bytes + 40, &record->digest);
	record->update = bytes + ENGINE_JOURNAL_RECORD_HEAD;
	return true;
}

/* Takes the update out of a record. False when the bytes do not fit together, though their checksum
 * does. */
static bool engine_journal_decode_update(const struct engine_journal_record *record, struct engine_update *update) {
	struct engine_journal_fields fields = engine_journal_fields_of(update);
	const unsigned char *bytes = record->update;
	const unsigned char *end = bytes + record->length - ENGINE_JOURNAL_RECORD_HEAD;

	assert(record->length > ENGINE_JOURNAL_RECORD_HEAD); /* decoded before */
	memset(update, 0, sizeof *update);
	for (int i = 0; i < ENGINE_JOURNAL_TEXTS; i++) {
		if (bytes >= end || *bytes >= fields.sizes[i] || end - bytes <= *bytes) {
			return false;
		}
		memcpy(fields.texts[i], bytes + 1, *bytes);
		bytes += 1 + *bytes;
	}
	if (end - bytes < 3 + 8 * ENGINE_JOURNAL_INTEGERS) {
		return false;
	}
	update->exec_type = (enum engine_exec_type)bytes[0];
	update->ord_status = (enum engine_order_status)bytes[1];
	update->side = (enum engine_side)bytes[2];
	for (int i = 0; i < ENGINE_JOURNAL_INTEGERS; i++) {
		*fields.integers[i] = (int64_t)engine_row_load_integer(bytes + 3 + 8 * i);
	}
	return engine_journal_decode_scope(bytes + 3 + 8 * ENGINE_JOURNAL_INTEGERS, end, update);
}

/* ---- the file -------------------------------------------------------------------------------- */

int engine_journal_find(struct engine_journal *journal, const struct engine_store *store, const char *vfs_name,
                        bool *exists) {
	int answer = 0;

	*exists = false;
	journal->size_bytes = 0;
	journal->vfs = sqlite3_vfs_find(vfs_name);
	assert(journal->vfs != NULL); /* the database is open on it */
	sqlite3_free(journal->path);
	journal->path = sqlite3_mprintf("%s" ENGINE_JOURNAL_SUFFIX, sqlite3_db_filename(store->db, "main"));
	if (journal->path == NULL) {
		return SQLITE_NOMEM;
	}
	int code = journal->vfs->xAccess(journal->vfs, journal->path, SQLITE_ACCESS_EXISTS, &answer);
	*exists = answer != 0;
	return code;
}

static uint32_t engine_journal_sector(sqlite3_file *file) {
	const sqlite3_io_methods *methods = file->pMethods;
	int says = methods->xDeviceCharacteristics != NULL ? methods->xDeviceCharacteristics(file) : 0;
	int size = methods->xSectorSize != NULL ? methods->xSectorSize(file) : 4096;
	bool is_sector = size > 8 && size <= (int)ENGINE_JOURNAL_SECTOR_MAX && (size & (size - 1)) == 0;

	return (says & SQLITE_IOCAP_POWERSAFE_OVERWRITE) == 0 && is_sector ? (uint32_t)size : 8;
}

int engine_journal_open(struct engine_journal *journal) {
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_SUPER_JOURNAL;
	sqlite3_int64 size = 0;

	assert(journal->file == NULL);
	sqlite3_file *file = sqlite3_malloc(journal->vfs->szOsFile);
	if (file == NULL) {
		return SQLITE_NOMEM;
	}
	memset(file, 0, (size_t)journal->vfs->szOsFile);
	int code = journal->vfs->xOpen(journal->vfs, journal->path, file, flags, NULL);
	if (file->pMethods == NULL) {
		sqlite3_free(file);
		return code == SQLITE_OK ? SQLITE_CANTOPEN : code;
	}
	journal->file = file;
	journal->sector_bytes = engine_journal_sector(file);
	if (code == SQLITE_OK) {
		code = file->pMethods->xFileSize(file, &size);
	}
	journal->size_bytes = (uint64_t)size;
	if (code != SQLITE_OK) {
		engine_journal_close_file(journal);
	}
	return code;
}

void engine_journal_close_file(struct engine_journal *journal) {
	if (journal->file != NULL) {
		(void)journal->file->pMethods->xClose(journal->file);
		sqlite3_free(journal->file);
		journal->file = NULL;
	}
}

void engine_journal_close(struct engine_journal *journal) {
	engine_journal_close_file(journal);
	sqlite3_free(journal->path);
	sqlite3_free(journal->changes);
	sqlite3_free(journal->batch);
	memset(journal, 0, sizeof *journal);
}

int engine_journal_find_orphan(sqlite3_vfs *vfs, const char *full_path, bool *is_orphan) {
	struct engine_journal journal = {.vfs = vfs};
	int answer = 0;

	*is_orphan = false;
	journal.path = sqlite3_mprintf("%s" ENGINE_JOURNAL_SUFFIX, full_path);
	int code = journal.path == NULL ? SQLITE_NOMEM : vfs->xAccess(vfs, journal.path, SQLITE_ACCESS_EXISTS, &answer);
	if (code == SQLITE_OK && answer != 0) {
		code = engine_journal_open(&journal);
		*is_orphan = code == SQLITE_OK && journal.size_bytes > ENGINE_JOURNAL_HEADER_SIZE;
	}
	engine_journal_close(&journal);
	return code;
}

/* ---- replay ---------------------------------------------------------------------------------- */

static int engine_journal_read_all(struct engine_journal *journal, unsigned char **bytes) {
	int code = SQLITE_OK;

	assert(journal->file != NULL);
	*bytes = sqlite3_malloc64(journal->size_bytes + 1);
	if (*bytes == NULL) {
		return SQLITE_NOMEM;
	}
	for (uint64_t at = 0; at < journal->size_bytes && code == SQLITE_OK;) {
		uint64_t left = journal->size_bytes - at;
		int amount = left > ENGINE_JOURNAL_READ_MAX ? ENGINE_JOURNAL_READ_MAX : (int)left;
		code = journal->file->pMethods->xRead(journal->file, *bytes + at, amount, (sqlite3_int64)at);
		at += (uint64_t)amount;
	}
	/* nobody else may have cut it */
	return code == SQLITE_IOERR_SHORT_READ ? SQLITE_IOERR_READ : code;
}

static bool engine_journal_refuse(struct engine_journal *journal, struct engine_error *error, uint64_t version,
                                  const char *what) {
	return engine_store_fail(error, ENGINE_OPEN_DAMAGED, 0, "%s: update %llu: %s", journal->path,
	                         (sqlite3_uint64)version, what);
}

/* Applies a record that follows the state. */
static bool engine_journal_apply(struct engine_journal *journal, const struct engine_journal_record *record,
                                 struct engine_state *state, struct engine_error *error) {
	struct engine_update update;
	struct engine_change change;

	if (!engine_journal_decode_update(record, &update)) {
		return engine_journal_refuse(journal, error, record->version, "does not decode");
	}
	if (!engine_state_prepare(state, &update) || !engine_journal_reserve(journal, 1) ||
	    !engine_state_reserve(state, 1)) {
		return engine_store_fail(error, ENGINE_OPEN_LATER, SQLITE_NOMEM, "replay: out of memory");
	}
	engine_apply_draft(state, &update, &change);
	if (change.outcome != ENGINE_APPLIED || change.after.version != record->version ||
	    !engine_digest_is_equal(&change.after.digest, &record->digest)) {
		return engine_journal_refuse(journal, error, record->version, "does not follow from the database");
	}
	engine_state_publish(state, &change);
	assert(journal->count < journal->capacity);
	journal->changes[journal->count++] = change;
	return true;
}

/* Checks what lies beyond the end of the walk (J3). The record that should be there is broken or
 * was never written. It would open a batch, or belong to the batch of the last applied one. So a
 * record of a later batch, or an intact copy of the missing one, shows that more was synced. Of
 * older epochs, only pieces of a batch whose beginning was broken may be left: a claim replays
 * whatever it finds whole. So a later batch, or a whole beginning, belongs to another database,
 * or to another moment of this one. */
static bool engine_journal_check_rest(struct engine_journal *journal, const unsigned char *bytes, uint64_t from,
                                      const struct engine_meta *meta, struct engine_error *error) {
	uint64_t missing = meta->version + 1;

	for (uint64_t at = (from + 7) & ~(uint64_t)7; at + ENGINE_JOURNAL_RECORD_HEAD <= journal->size_bytes; at += 8) {
		struct engine_journal_record record;
		if (!engine_journal_decode(bytes + at, journal->size_bytes - at, &record) || record.version < missing) {
			continue;
		}
		if (record.epoch > meta->epoch) {
			return engine_journal_refuse(journal, error, record.version, "is newer than the database");
		}
		bool begins = record.version == missing && record.batch == missing;
		bool is_own = record.epoch == meta->epoch && record.version == missing;
		if (record.batch > missing || begins || is_own) {
			return engine_journal_refuse(journal, error, missing,
			                             "is damaged or missing, later bytes are there");
		}
	}
	return true;
}

static bool engine_journal_walk(struct engine_journal *journal, const unsigned char *bytes, struct engine_state *state,
                                struct engine_error *error) {
	uint64_t at = ENGINE_JOURNAL_HEADER_SIZE;
	struct engine_journal_record record;

	while (at < journal->size_bytes && engine_journal_decode(bytes + at, journal->size_bytes - at, &record)) {
		bool is_covered = record.version <= state->meta.version;
		bool is_next = record.version == state->meta.version + 1 && record.epoch == state->meta.epoch;
		if (!is_covered && !is_next) {
			break; /* the check of the rest says what it is */
		}
		if (is_next && !engine_journal_apply(journal, &record, state, error)) {
			return false;
		}
		at += record.length;
	}
	journal->sound_bytes = at;
	return engine_journal_check_rest(journal, bytes, at, &state->meta, error);
}

/* Never 0. */
static uint64_t engine_journal_hash(const struct engine_journal *journal, const unsigned char *bytes) {
	assert(journal->size_bytes > ENGINE_JOURNAL_HEADER_SIZE);
	return XXH3_64bits(bytes, journal->size_bytes) | 1;
}

bool engine_journal_replay(struct engine_journal *journal, struct engine_state *state, struct engine_error *error) {
	unsigned char *bytes = NULL;
	bool is_sound = false;

	if (journal->size_bytes <= ENGINE_JOURNAL_HEADER_SIZE) {
		return true;
	}
	int code = engine_journal_read_all(journal, &bytes);
	if (code == SQLITE_OK) {
		journal->replayed_hash = engine_journal_hash(journal, bytes);
		is_sound = engine_journal_walk(journal, bytes, state, error);
	} else {
		(void)engine_store_fail(error, ENGINE_OPEN_LATER, code, "reading %s: %s", journal->path,
		                        sqlite3_errstr(code));
	}
	sqlite3_free(bytes);
	return is_sound;
}

int engine_journal_compare(struct engine_journal *journal, bool *is_unchanged) {
	unsigned char *bytes = NULL;

	if (journal->size_bytes <= ENGINE_JOURNAL_HEADER_SIZE) {
		*is_unchanged = journal->replayed_hash == 0;
		return SQLITE_OK;
	}
	int code = engine_journal_read_all(journal, &bytes);
	*is_unchanged = code == SQLITE_OK && engine_journal_hash(journal, bytes) == journal->replayed_hash;
	sqlite3_free(bytes);
	return code;
}

/* ---- writing --------------------------------------------------------------------------------- */

bool engine_journal_reserve(struct engine_journal *journal, uint32_t count) {
	if (journal->count + count > journal->capacity) {
		uint32_t capacity = journal->capacity * 2 + count;
		void *changes = sqlite3_realloc64(journal->changes, capacity * sizeof *journal->changes);
		if (changes == NULL) {
			return false;
		}
		journal->changes = changes;
		journal->capacity = capacity;
	}
	size_t batch_capacity =
	        ENGINE_JOURNAL_HEADER_SIZE + (size_t)count * ENGINE_JOURNAL_RECORD_MAX + ENGINE_JOURNAL_SECTOR_MAX;
	if (batch_capacity > journal->batch_capacity) {
		void *batch = sqlite3_realloc64(journal->batch, batch_capacity);
		if (batch == NULL) {
			return false;
		}
		journal->batch = batch;
		journal->batch_capacity = batch_capacity;
	}
	assert(journal->changes != NULL && journal->batch != NULL);
	return true;
}

static int engine_journal_sync(struct engine_journal *journal) {
	return journal->does_sync ? journal->file->pMethods->xSync(journal->file, SQLITE_SYNC_NORMAL) : SQLITE_OK;
}

/* A write failed, and nobody knows how much of it happened. Once the file is durably as long as
 * before, the batch is certainly not applied. If that fails too, the next open decides
 * (docs/contracts.md, section 2). */
static struct engine_store_result engine_journal_take_back(struct engine_journal *journal, int code) {
	int undo_code = journal->file->pMethods->xTruncate(journal->file, (sqlite3_int64)journal->size_bytes);

	if (undo_code == SQLITE_OK) {
		undo_code = engine_journal_sync(journal);
	}
	bool is_undone = undo_code == SQLITE_OK;
	return (struct engine_store_result){
	        .outcome = is_undone ? ENGINE_STORE_NOT_APPLIED : ENGINE_STORE_IN_DOUBT,
	        .must_stop = !is_undone || !engine_store_is_transient(code),
	        .sqlite_code = code,
	        .where = "journal write",
	};
}

/* Encodes what is written at `from`: before the first batch the header, then the batch, then zeros
 * up to the end of the sector. */
static size_t engine_journal_encode_batch(struct engine_journal *journal, const struct engine_update *const *updates,
                                          const struct engine_change *changes, uint32_t count, uint64_t from) {
	static const unsigned char header[ENGINE_JOURNAL_HEADER_SIZE] = "AfSk updates 1\n";
	size_t size = 0;

	if (journal->size_bytes < ENGINE_JOURNAL_HEADER_SIZE) {
		memcpy(journal->batch, header, sizeof header);
		size = sizeof header;
	}
	for (uint32_t i = 0; i < count; i++) {
		unsigned char *record = journal->batch + size;
		uint32_t length = engine_journal_encode(updates[i], &changes[i], changes[0].after.version, record);
		uint64_t beyond = (from + size + length) % journal->sector_bytes;
		uint32_t rest = i + 1 == count && beyond > 0 ? journal->sector_bytes - (uint32_t)beyond : 0;
		memset(record + length, 0, rest);
		engine_journal_seal(record, length + rest);
		size += length + rest;
	}
	return size;
}

struct engine_store_result engine_journal_append(struct engine_journal *journal,
                                                 const struct engine_update *const *updates,
                                                 const struct engine_change *changes, uint32_t count) {
	int code = journal->file == NULL ? engine_journal_open(journal) : SQLITE_OK;

	if (code != SQLITE_OK) {
		return (struct engine_store_result){ENGINE_STORE_NOT_APPLIED, !engine_store_is_transient(code), code,
		                                    "journal open"};
	}
	assert(journal->count + count <= journal->capacity &&
	       count * ENGINE_JOURNAL_RECORD_MAX < journal->batch_capacity);
	uint64_t from = journal->size_bytes < ENGINE_JOURNAL_HEADER_SIZE ? 0 : journal->size_bytes;
	size_t size = engine_journal_encode_batch(journal, updates, changes, count, from);
	assert(size <= journal->batch_capacity);
	code = journal->file->pMethods->xWrite(journal->file, journal->batch, (int)size, (sqlite3_int64)from);
	if (code != SQLITE_OK) {
		return engine_journal_take_back(journal, code);
	}
	code = engine_journal_sync(journal);
	if (code != SQLITE_OK) {
		return (struct engine_store_result){ENGINE_STORE_IN_DOUBT, true, code, "journal sync"};
	}
	journal->size_bytes = from + size;
	memcpy(&journal->changes[journal->count], changes, count * sizeof *changes);
	journal->count += count;
	return (struct engine_store_result){.outcome = ENGINE_STORE_SAVED, .where = "journal"};
}

/* After a failed truncate the records may be there or not. Both are sound, as long as the next
 * batch goes to the end. */
static int engine_journal_find_end(struct engine_journal *journal, bool *must_stop) {
	sqlite3_int64 size = 0;
	int code = journal->file->pMethods->xFileSize(journal->file, &size);
	bool is_known =
	        code == SQLITE_OK && ((uint64_t)size == journal->size_bytes || size == ENGINE_JOURNAL_HEADER_SIZE);

	*must_stop = !is_known;
	if (is_known) {
		journal->size_bytes = (uint64_t)size;
	}
	return code;
}

int engine_journal_reset(struct engine_journal *journal, bool remove, bool *must_stop) {
	*must_stop = false;
	journal->count = 0;
	if (remove) {
		engine_journal_close_file(journal);
		return journal->vfs->xDelete(journal->vfs, journal->path, 0);
	}
	if (journal->size_bytes <= ENGINE_JOURNAL_HEADER_SIZE) {
		return SQLITE_OK;
	}
	int code = journal->file->pMethods->xTruncate(journal->file, ENGINE_JOURNAL_HEADER_SIZE);
	if (code == SQLITE_OK) {
		journal->size_bytes = ENGINE_JOURNAL_HEADER_SIZE;
		return SQLITE_OK;
	}
	int end_code = engine_journal_find_end(journal, must_stop);
	return end_code == SQLITE_OK ? code : end_code;
}
