/* engine/load.c: nothing is served that was not verified.
 *
 * The load verifies:
 *   - the application id and the schema version of the file
 *   - that `meta` has exactly one row
 *   - the type and range of every column
 *   - the strictly ascending order of keys: a table that reads well but cannot be searched would
 *     fail later
 *   - the checksum of every row
 *   - that the digest in `meta` is the sum over all rows, so a missing, doubled or older row shows
 *
 * A read that fails is never taken for an empty table, nor a lack of memory for a NULL.
 */
#include "load.h"

#include <assert.h>
#include <string.h>

#include "upgrade.h"
#include "journal.h"
#include "quick_check.h"

/* ---- one row --------------------------------------------------------------------------------- */

/* Reads the columns of the current row from left to right. After the first failure all calls do
 * nothing. */
struct engine_loader {
	struct engine_store *store;
	struct engine_error *error;
	sqlite3_stmt *statement;
	const char *table;
	const char *key; /* of the current row, for messages */
	int column;
	bool failed;
};

static void engine_load_fail_row(struct engine_loader *loader, const char *what) {
	if (loader->failed) {
		return;
	}
	loader->failed = true;
	(void)engine_store_fail(loader->error, ENGINE_OPEN_DAMAGED, 0, "%s '%s': %s", loader->table, loader->key, what);
}

static void engine_load_fail_memory(struct engine_loader *loader) {
	if (loader->failed) {
		return;
	}
	loader->failed = true;
	(void)engine_store_fail(loader->error, ENGINE_OPEN_LATER, SQLITE_NOMEM, "loading %s: out of memory",
	                        loader->table);
}

/* Takes the next column. This is one lookup, where sqlite3_column_*() would need one each for type,
 * value and size. The value is "unprotected", which matters only to other threads, and a handle has
 * none. */
static sqlite3_value *engine_load_next(struct engine_loader *loader) {
	return sqlite3_column_value(loader->statement, loader->column++);
}

/* "+flags" */
static void engine_load_fail_column(struct engine_loader *loader) {
	const char *name = sqlite3_column_name(loader->statement, loader->column - 1);

	engine_load_fail_row(loader, name != NULL ? name + 1 : "a column");
}

static int64_t engine_load_integer(struct engine_loader *loader, int64_t least, int64_t most) {
	if (loader->failed) {
		return 0;
	}
	sqlite3_value *value = engine_load_next(loader);
	int64_t number = sqlite3_value_int64(value);
	if (sqlite3_value_type(value) != SQLITE_INTEGER || number < least || number > most) {
		engine_load_fail_column(loader);
		return 0;
	}
	return number;
}

/* The field is padded with zeros already, as keys must be. */
static void engine_load_text(struct engine_loader *loader, char *field, size_t size) {
	if (loader->failed) {
		return;
	}
	sqlite3_value *value = engine_load_next(loader);
	if (sqlite3_value_type(value) != SQLITE_TEXT) {
		engine_load_fail_column(loader);
		return;
	}
	const unsigned char *text = sqlite3_value_text(value);
	if (text == NULL) { /* the type says it is there */
		engine_load_fail_memory(loader);
		return;
	}
	size_t length = (size_t)sqlite3_value_bytes(value);
	if (length >= size || memchr(text, '\0', length) != NULL) {
		engine_load_fail_column(loader);
		return;
	}
	memcpy(field, text, length);
}

static void engine_load_digest(struct engine_loader *loader, struct engine_digest *digest) {
	if (loader->failed) {
		return;
	}
	sqlite3_value *value = engine_load_next(loader);
	if (sqlite3_value_type(value) != SQLITE_BLOB || sqlite3_value_bytes(value) != ENGINE_DIGEST_SIZE) {
		engine_load_fail_column(loader);
		return;
	}
	const void *bytes = sqlite3_value_blob(value);
	if (bytes == NULL) {
		engine_load_fail_memory(loader);
		return;
	}
	engine_digest_decode(bytes, digest);
}

static void engine_load_check_checksum(struct engine_loader *loader, uint64_t checksum) {
	int64_t stored = engine_load_integer(loader, INT64_MIN, INT64_MAX);

	if (!loader->failed && checksum != (uint64_t)stored) {
		engine_load_fail_row(loader, "checksum does not match");
	}
}

/* Ends a row: verifies its checksum and its place, and keeps it. */
static void engine_load_keep(struct engine_loader *loader, struct engine_hash_table *table, const void *row,
                             const struct engine_seal *seal, struct engine_digest *digest) {
	engine_load_check_checksum(loader, seal->checksum);
	if (loader->failed) {
		return;
	}
	if (table->count > 0 && memcmp(engine_hash_table_at(table, table->count - 1), row, table->key_size) >= 0) {
		engine_load_fail_row(loader, "keys are out of order");
		return;
	}
	/* every stored column was read */
	assert(loader->column == sqlite3_column_count(loader->statement));
	if (!engine_hash_table_reserve(table)) {
		engine_load_fail_memory(loader);
		return;
	}
	engine_hash_table_put(table, row);
	engine_digest_add(digest, &seal->part);
}

/* ---- the tables ------------------------------------------------------------------------------ */

/* What only format 3 has of a row. In format 2 it says nothing. */
static void engine_load_scope(struct engine_loader *loader, struct engine_scope *scope) {
	engine_load_text(loader, scope->venue, sizeof scope->venue);
	engine_load_text(loader, scope->account, sizeof scope->account);
	engine_load_text(loader, scope->instrument, sizeof scope->instrument);
	scope->position_side = (enum engine_position_side)engine_load_integer(loader, ENGINE_POSITION_SIDE_NONE,
	                                                                      ENGINE_POSITION_SIDE_SHORT);
}

static void engine_load_number(struct engine_loader *loader, uint8_t again[4]) {
	engine_row_set_number(again, (uint32_t)engine_load_integer(loader, 0, UINT32_MAX));
}

static int32_t engine_load_day(struct engine_loader *loader) {
	return (int32_t)engine_load_integer(loader, 0, 99991231);
}

static void engine_load_position(struct engine_loader *loader, struct engine_state *state,
                                 struct engine_digest *digest) {
	struct engine_position position = {0};

	engine_load_text(loader, position.symbol, sizeof position.symbol);
	loader->key = position.symbol;
	position.quantity_lots = engine_load_integer(loader, -INT64_MAX, INT64_MAX);
	position.cost_tick_lots = engine_load_integer(loader, -INT64_MAX, INT64_MAX);
	position.realised_tick_lots = engine_load_integer(loader, -INT64_MAX, INT64_MAX);
	if (loader->store->is_scoped) {
		engine_load_scope(loader, &position.scope);
		state->has_instruments = state->has_instruments || position.scope.instrument[0] != '\0';
	}
	struct engine_seal seal = engine_row_seal_position(&position);
	engine_load_keep(loader, &state->positions, &position, &seal, digest);
}

static void engine_load_order(struct engine_loader *loader, struct engine_state *state, struct engine_digest *digest) {
	struct engine_order order = {0};

	engine_load_text(loader, order.order_id, sizeof order.order_id);
	loader->key = order.order_id;
	engine_load_text(loader, order.cl_ord_id, sizeof order.cl_ord_id);
	engine_load_text(loader, order.symbol, sizeof order.symbol);
	order.side = (enum engine_side)engine_load_integer(loader, ENGINE_SIDE_BUY, ENGINE_SIDE_SELL);
	order.status =
	        (enum engine_order_status)engine_load_integer(loader, ENGINE_ORDER_NEW, ENGINE_ORDER_PENDING_REPLACE);
	order.closed_by = (enum engine_exec_type)engine_load_integer(loader, ENGINE_EXEC_NONE, ENGINE_EXEC_CANCELED);
	order.flags = (uint32_t)engine_load_integer(loader, 0, UINT32_MAX);
	order.order_quantity_lots = engine_load_integer(loader, 0, INT64_MAX);
	order.price_ticks = engine_load_integer(loader, INT64_MIN, INT64_MAX);
	order.cum_quantity_lots = engine_load_integer(loader, 0, INT64_MAX);
	order.leaves_quantity_lots = engine_load_integer(loader, 0, INT64_MAX);
	order.filled_tick_lots = engine_load_integer(loader, -INT64_MAX, INT64_MAX);
	order.terms_time_ns = engine_load_integer(loader, INT64_MIN, INT64_MAX);
	order.pending_cancels = (uint32_t)engine_load_integer(loader, 0, UINT32_MAX);
	order.pending_replaces = (uint32_t)engine_load_integer(loader, 0, UINT32_MAX);
	if (loader->store->is_scoped) {
		engine_load_number(loader, order.again);
		engine_load_scope(loader, &order.scope);
		order.first_day = engine_load_day(loader);
		order.last_day = engine_load_day(loader);
	}
	struct engine_seal seal = engine_row_seal_order(&order);
	engine_load_keep(loader, &state->orders, &order, &seal, digest);
}

static void engine_load_execution(struct engine_loader *loader, struct engine_state *state,
                                  struct engine_digest *digest) {
	struct engine_execution execution = {0};

	engine_load_text(loader, execution.symbol, sizeof execution.symbol);
	engine_load_text(loader, execution.exec_id, sizeof execution.exec_id);
	loader->key = execution.exec_id;
	engine_load_text(loader, execution.order_id, sizeof execution.order_id);
	execution.version = (uint64_t)engine_load_integer(loader, 1, INT64_MAX);
	execution.exec_type =
	        (enum engine_exec_type)engine_load_integer(loader, ENGINE_EXEC_NEW, ENGINE_EXEC_MULTILEG_TRADE);
	execution.side = (enum engine_side)engine_load_integer(loader, ENGINE_SIDE_NONE, ENGINE_SIDE_SELL);
	execution.order_quantity_lots = engine_load_integer(loader, 0, INT64_MAX);
	execution.price_ticks = engine_load_integer(loader, INT64_MIN, INT64_MAX);
	execution.last_quantity_lots = engine_load_integer(loader, 0, INT64_MAX);
	execution.last_price_ticks = engine_load_integer(loader, INT64_MIN, INT64_MAX);
	execution.cum_quantity_lots = engine_load_integer(loader, 0, INT64_MAX);
	execution.commission_units = engine_load_integer(loader, INT64_MIN, INT64_MAX);
	engine_load_text(loader, execution.comm_currency, sizeof execution.comm_currency);
	execution.transact_time_ns = engine_load_integer(loader, INT64_MIN, INT64_MAX);
	engine_load_text(loader, execution.exec_ref_id, sizeof execution.exec_ref_id);
	execution.superseded_by = (uint64_t)engine_load_integer(loader, 0, INT64_MAX);
	execution.moved_lots = engine_load_integer(loader, INT64_MIN, INT64_MAX);
	if (loader->store->is_scoped) {
		engine_load_number(loader, execution.again);
		engine_load_number(loader, execution.order_again);
		engine_load_scope(loader, &execution.scope);
		execution.trading_day = engine_load_day(loader);
	}
	struct engine_seal seal = engine_row_seal_execution(&execution);
	engine_load_keep(loader, &state->executions, &execution, &seal, digest);
	if (execution.superseded_by != 0) {
		seal = engine_row_seal_history(&execution);
	}
	engine_digest_add(&state->meta.history, &seal.part);
	if (!loader->failed && !engine_state_count_commission(state, &execution)) {
		engine_load_fail_memory(loader);
	}
}

typedef void (*engine_load_row_function)(struct engine_loader *loader, struct engine_state *state,
                                         struct engine_digest *digest);

struct engine_load_table {
	const char *name;
	const char *sql;
	const char *scoped_sql; /* in format 3 */
	engine_load_row_function load_row;
};

/* The columns are selected by name. A damaged schema that swaps two integer columns must not go
 * unnoticed. The `+` makes each column an expression. For an expression SQLite does not look up and
 * copy the names of column, table, database and type, which was a third of the cost of preparing
 * (SQLite 3.40.1 with SQLITE_ENABLE_COLUMN_METADATA, as Debian builds it). */
static const struct engine_load_table engine_load_tables[] = {
        {"positions", "SELECT +symbol,+quantity_lots,+cost_tick_lots,+realised_tick_lots,+checksum FROM positions",
         "SELECT +symbol,+quantity_lots,+cost_tick_lots,+realised_tick_lots,+venue,+account,+instrument,"
         "+position_side,+checksum FROM positions",
         engine_load_position},
        {"orders",
         "SELECT +order_id,+cl_ord_id,+symbol,+side,+status,+closed_by,+flags,+order_quantity_lots,+price_ticks,"
         "+cum_quantity_lots,+leaves_quantity_lots,+filled_tick_lots,+terms_time_ns,+pending_cancels,"
         "+pending_replaces,+checksum FROM orders",
         "SELECT +order_id,+cl_ord_id,+symbol,+side,+status,+closed_by,+flags,+order_quantity_lots,+price_ticks,"
         "+cum_quantity_lots,+leaves_quantity_lots,+filled_tick_lots,+terms_time_ns,+pending_cancels,"
         "+pending_replaces,+again,+venue,+account,+instrument,+position_side,+first_day,+last_day,+checksum"
         " FROM orders",
         engine_load_order},
        {"executions",
         "SELECT +symbol,+exec_id,+order_id,+version,+exec_type,+side,+order_quantity_lots,+price_ticks,"
         "+last_quantity_lots,+last_price_ticks,+cum_quantity_lots,+commission_units,+comm_currency,+transact_time_ns,"
         "+exec_ref_id,+superseded_by,+moved_lots,+checksum FROM executions",
         "SELECT +symbol,+exec_id,+order_id,+version,+exec_type,+side,+order_quantity_lots,+price_ticks,"
         "+last_quantity_lots,+last_price_ticks,+cum_quantity_lots,+commission_units,+comm_currency,+transact_time_ns,"
         "+exec_ref_id,+superseded_by,+moved_lots,+again,+order_again,+venue,+account,+instrument,+position_side,"
         "+trading_day,+checksum FROM executions",
         engine_load_execution},
};

static bool engine_load_table_rows(struct engine_store *store, const struct engine_load_table *table,
                                   struct engine_state *state, struct engine_digest *digest,
                                   struct engine_error *error) {
	struct engine_loader loader = {.store = store, .error = error, .table = table->name, .key = ""};
	const char *sql = store->is_scoped ? table->scoped_sql : table->sql;
	int code = sqlite3_prepare_v2(store->db, sql, -1, &loader.statement, NULL);

	if (code == SQLITE_OK) {
		code = sqlite3_step(loader.statement);
	}
	while (code == SQLITE_ROW && !loader.failed) {
		loader.key = "";
		loader.column = 0;
		table->load_row(&loader, state, digest);
		code = loader.failed ? code : sqlite3_step(loader.statement);
	}
	if (!loader.failed && code != SQLITE_DONE) {
		loader.failed = true;
		(void)engine_store_classify(store, code, table->name, error);
	}
	sqlite3_finalize(loader.statement);
	return !loader.failed;
}

/* ---- meta and the whole ---------------------------------------------------------------------- */

static void engine_load_meta_row(struct engine_loader *loader, struct engine_meta *meta) {
	loader->key = "1";
	engine_load_integer(loader, 1, 1);
	meta->version = (uint64_t)engine_load_integer(loader, 0, INT64_MAX);
	meta->epoch = (uint64_t)engine_load_integer(loader, 0, INT64_MAX - 1);
	meta->halt = (enum engine_halt)engine_load_integer(loader, ENGINE_HALT_NONE, ENGINE_HALT_OPEN_ORDERS);
	meta->limits.position_lots = engine_load_integer(loader, 0, INT64_MAX);
	meta->limits.order_notional_tick_lots = engine_load_integer(loader, 0, INT64_MAX);
	meta->limits.open_orders = engine_load_integer(loader, 0, INT64_MAX);
	engine_load_digest(loader, &meta->digest);
	engine_load_check_checksum(loader, engine_row_checksum_meta(meta));
}

static bool engine_load_all_tables(struct engine_store *store, struct engine_state *state, struct engine_error *error) {
	struct engine_digest digest = {0, 0};

	for (size_t i = 0; i < sizeof engine_load_tables / sizeof engine_load_tables[0]; i++) {
		if (!engine_load_table_rows(store, &engine_load_tables[i], state, &digest, error)) {
			return false;
		}
	}
	if (!engine_digest_is_equal(&digest, &state->meta.digest)) {
		return engine_store_fail(error, ENGINE_OPEN_DAMAGED, 0, "meta: digest is not that of the rows");
	}
	return true;
}

/* SQLite also says "no such table" when it has an old idea of the schema and cannot look whether it
 * still holds, because the file is locked (prepare.c, schemaIsValid(), 3.40.1). The old idea here
 * is a database without a page. A statement that runs must look. */
static int engine_load_prepare_meta(struct engine_store *store, sqlite3_stmt **statement) {
	static const char sql[] = "SELECT +id,+version,+epoch,+halt,+position_limit_lots,"
	                          "+order_notional_limit_tick_lots,+open_order_limit,+digest,+checksum FROM meta";
	int code = sqlite3_prepare_v2(store->db, sql, -1, statement, NULL);

	if ((code & 0xff) != SQLITE_ERROR) {
		return code;
	}
	code = sqlite3_exec(store->db, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
	return code == SQLITE_OK ? sqlite3_prepare_v2(store->db, sql, -1, statement, NULL) : code;
}

/* The statement on `meta` stays open around the others. As long as it is, all of them read one
 * snapshot, without the cost of BEGIN and COMMIT. */
static bool engine_load_snapshot(struct engine_store *store, struct engine_state *state, struct engine_error *error) {
	struct engine_loader loader = {.store = store, .error = error, .table = "meta", .key = "1"};
	int code = engine_load_prepare_meta(store, &loader.statement);

	if (code == SQLITE_OK) {
		code = sqlite3_step(loader.statement);
	}
	if (code == SQLITE_ROW) {
		engine_load_meta_row(&loader, &state->meta);
		loader.failed = loader.failed || !engine_load_all_tables(store, state, error);
		code = loader.failed ? code : sqlite3_step(loader.statement);
	} else if (code == SQLITE_DONE) {
		engine_load_fail_row(&loader, "row is missing");
	}
	if (!loader.failed && code == SQLITE_ROW) {
		engine_load_fail_row(&loader, "more than one row");
	}
	if (!loader.failed && code != SQLITE_DONE) {
		loader.failed = true;
		(void)engine_store_classify(store, code, "meta", error);
	}
	sqlite3_finalize(loader.statement);
	return !loader.failed;
}

/* ---- before the file is opened --------------------------------------------------------------- */

static int engine_load_access(sqlite3_vfs *vfs, const char *full_path, const char *suffix, bool *exists) {
	char *name = sqlite3_mprintf("%s%s", full_path, suffix);
	int answer = 0;
	int code = name == NULL ? SQLITE_NOMEM : vfs->xAccess(vfs, name, SQLITE_ACCESS_EXISTS, &answer);

	sqlite3_free(name);
	*exists = answer != 0;
	return code;
}

/* What a rollback journal begins with (SQLite file format, section 3). */
#define ENGINE_LOAD_HEADER_SIZE 28

static uint32_t engine_load_word(const unsigned char *bytes) {
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static bool engine_load_is_size(uint32_t bytes, uint32_t least) {
	return bytes >= least && bytes <= 65536 && (bytes & (bytes - 1)) == 0;
}

/* Whether it says that the database had pages when its transaction began. SQLite writes magic and
 * count last, so a journal that a crash left unfinished has zeros there. One that was finished has
 * zeros everywhere. That of a first transaction says: no page. */
static bool engine_load_had_pages(const unsigned char header[ENGINE_LOAD_HEADER_SIZE]) {
	static const unsigned char magic[8] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};
	static const unsigned char unfinished[12] = {0};
	bool is_journal =
	        memcmp(header, magic, sizeof magic) == 0 || memcmp(header, unfinished, sizeof unfinished) == 0;

	return is_journal && engine_load_word(header + 16) > 0 &&
	       engine_load_is_size(engine_load_word(header + 20), 32) &&
	       engine_load_is_size(engine_load_word(header + 24), 512);
}

/* It is opened as a super-journal is, which needs no database: SQLite's unix VFS opens nothing else
 * beside one that is missing. What is shorter than a header reads as zeros. */
static int engine_load_read_header(sqlite3_vfs *vfs, const char *name, unsigned char header[ENGINE_LOAD_HEADER_SIZE]) {
	int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_SUPER_JOURNAL;
	sqlite3_file *file = sqlite3_malloc(vfs->szOsFile);

	if (file == NULL) {
		return SQLITE_NOMEM;
	}
	memset(file, 0, (size_t)vfs->szOsFile);
	int code = vfs->xOpen(vfs, name, file, flags, NULL);
	if (code == SQLITE_OK) {
		code = file->pMethods->xRead(file, header, ENGINE_LOAD_HEADER_SIZE, 0);
	}
	if (file->pMethods != NULL) {
		(void)file->pMethods->xClose(file);
	}
	sqlite3_free(file);
	if (code == SQLITE_IOERR_SHORT_READ) {
		memset(header, 0, ENGINE_LOAD_HEADER_SIZE);
		code = SQLITE_OK;
	}
	return code;
}

/* SQLite takes any rollback journal beside a database without a page for a remnant, and deletes it.
 * So it is read before SQLite looks. */
static int engine_load_find_rollback(sqlite3_vfs *vfs, const char *full_path, bool *is_orphan) {
	unsigned char header[ENGINE_LOAD_HEADER_SIZE];
	int answer = 0;
	char *name = sqlite3_mprintf("%s-journal", full_path);
	int code = name == NULL ? SQLITE_NOMEM : vfs->xAccess(vfs, name, SQLITE_ACCESS_EXISTS, &answer);

	if (code == SQLITE_OK && answer != 0) {
		code = engine_load_read_header(vfs, name, header);
		*is_orphan = code == SQLITE_OK && engine_load_had_pages(header);
	}
	sqlite3_free(name);
	return code;
}

/* Whether there is a WAL or a journal beside a database that is missing or empty. xAccess calls
 * both absent. */
static int engine_load_find_orphan(sqlite3_vfs *vfs, const char *path, bool *is_absent, bool *is_orphan) {
	bool exists = false;
	char *full_path = sqlite3_malloc(vfs->mxPathname + 1);
	int code = full_path == NULL ? SQLITE_NOMEM : vfs->xFullPathname(vfs, path, vfs->mxPathname + 1, full_path);

	*is_orphan = false;
	if ((code & 0xff) == SQLITE_OK) { /* SQLITE_OK_SYMLINK among them */
		code = engine_load_access(vfs, full_path, "", &exists);
	}
	if (code == SQLITE_OK && !exists) {
		code = engine_load_access(vfs, full_path, "-wal", is_orphan);
	}
	if (code == SQLITE_OK && !exists && !*is_orphan) {
		code = engine_journal_find_orphan(vfs, full_path, is_orphan);
	}
	if (code == SQLITE_OK && !exists && !*is_orphan) {
		code = engine_load_find_rollback(vfs, full_path, is_orphan);
	}
	/* Another engine may have made all files since the first look. It makes the database before
	 * the others. */
	if (code == SQLITE_OK && *is_orphan) {
		code = engine_load_access(vfs, full_path, "", &exists);
		*is_orphan = !exists;
	}
	*is_absent = !exists;
	sqlite3_free(full_path);
	return code;
}

/* SQLite deletes a WAL whose database is missing or empty, without a word. Such a WAL is damage and
 * not a fresh start: a database is made and synced before it ever gets a WAL (E5). */
bool engine_load_check_orphan(const struct engine_options *options, struct engine_error *error) {
	sqlite3_vfs *vfs = sqlite3_vfs_find(options->vfs_name);
	bool is_absent;
	bool is_orphan;

	assert(options->path != NULL && options->path[0] != '\0');
	if (vfs == NULL) {
		return engine_store_fail(error, ENGINE_OPEN_MISCONFIGURED, 0, "no VFS named %s", options->vfs_name);
	}
	int code = engine_load_find_orphan(vfs, options->path, &is_absent, &is_orphan);
	if (code != SQLITE_OK) {
		return engine_store_fail(error, ENGINE_OPEN_LATER, code, "looking for %s: %s", options->path,
		                         sqlite3_errstr(code));
	}
	if (is_orphan) {
		return engine_store_fail(error, ENGINE_OPEN_DAMAGED, 0,
		                         "%s is missing or empty but its WAL or journal is there", options->path);
	}
	if (is_absent && (options->least_version > 0 || options->least_epoch > 0)) {
		return engine_store_fail(error, ENGINE_OPEN_DAMAGED, 0, "%s is missing or empty, it held version %llu",
		                         options->path, (sqlite3_uint64)options->least_version);
	}
	return true;
}

/* ---- whose file is it ------------------------------------------------------------------------ */

static bool engine_load_pragma(struct engine_store *store, const char *sql, int64_t *value,
                               struct engine_error *error) {
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL);

	if (code == SQLITE_OK) {
		code = sqlite3_step(statement);
	}
	if (code == SQLITE_ROW) {
		*value = sqlite3_column_int64(statement, 0);
	} else {
		(void)engine_store_classify(store, code == SQLITE_DONE ? SQLITE_ERROR : code, sql, error);
	}
	sqlite3_finalize(statement);
	return code == SQLITE_ROW;
}

/* Makes the tables in one transaction. So a crash leaves a database without pages, or a complete
 * one. The journal mode is still SQLite's default, because a WAL must never be older than its
 * database (engine_load_check_orphan). */
static bool engine_load_create(struct engine_store *store, const struct engine_options *options,
                               struct engine_error *error) {
	struct engine_meta meta = {0};
	char page_size[40] = "";

	if (options->page_size_bytes != 0) {
		sqlite3_snprintf((int)sizeof page_size, page_size, "PRAGMA page_size=%u;", options->page_size_bytes);
	}
	char *sql = sqlite3_mprintf(
	        "%s%sINSERT INTO meta VALUES(1,0,0,0,0,0,0,zeroblob(%d),%lld);PRAGMA application_id=%d;"
	        "PRAGMA user_version=%d;COMMIT",
	        page_size, engine_upgrade_schema, ENGINE_DIGEST_SIZE, (sqlite3_int64)engine_row_checksum_meta(&meta),
	        ENGINE_APPLICATION_ID, ENGINE_SCHEMA_VERSION);
	int code = sql == NULL ? SQLITE_NOMEM : sqlite3_exec(store->db, sql, NULL, NULL, NULL);
	sqlite3_free(sql);
	if (code == SQLITE_ERROR) { /* the tables are there: another engine was faster */
		return engine_store_fail(error, ENGINE_OPEN_LATER, code, "creating: %s", sqlite3_errmsg(store->db));
	}
	return code == SQLITE_OK || engine_store_classify(store, code, "creating", error);
}

/* E5: only a database without a single page is a fresh start. The pages are counted before the
 * application id is read again. Another engine may be making the database at this moment, and it
 * appears all at once. */
static bool engine_load_check_stranger(struct engine_store *store, const struct engine_options *options, bool *is_empty,
                                       struct engine_error *error) {
	int64_t application_id = 0;
	int64_t page_count = 0;

	if (!engine_load_pragma(store, "PRAGMA page_count", &page_count, error)) {
		return false;
	}
	*is_empty = page_count == 0;
	if (*is_empty) {
		return true;
	}
	if (!engine_load_pragma(store, "PRAGMA application_id", &application_id, error)) {
		return false;
	}
	return application_id == ENGINE_APPLICATION_ID ||
	       engine_store_fail(error, ENGINE_OPEN_DAMAGED, 0, "%s: application_id is not ours", options->path);
}

/* The pages of the engine have no reserved bytes. A header that claims some still reads well,
 * because rows are found by their pointers. The claim would fail in it, and only after it has
 * checkpointed a WAL. The VFS of somebody else may reserve some in good faith, as that for
 * checksums does. Then all pages agree. */
static bool engine_load_check_reserve(struct engine_store *store, struct engine_error *error) {
	int reserved_bytes = -1; /* asks, and sets nothing */
	int code = sqlite3_file_control(store->db, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved_bytes);

	if (code != SQLITE_OK) {
		return engine_store_classify(store, code, "reserved bytes", error);
	}
	return reserved_bytes == 0 || engine_quick_check(store, error);
}

static bool engine_load_identify(struct engine_store *store, const struct engine_options *options,
                                 struct engine_error *error) {
	int64_t application_id = 0;
	int64_t schema_version = 0;
	bool is_empty = false;

	if (!engine_load_pragma(store, "PRAGMA application_id", &application_id, error)) {
		return false;
	}
	if (application_id != ENGINE_APPLICATION_ID && !engine_load_check_stranger(store, options, &is_empty, error)) {
		return false;
	}
	if (is_empty) {
		return engine_load_create(store, options, error);
	}
	if (!engine_load_pragma(store, "PRAGMA user_version", &schema_version, error)) {
		return false;
	}
	store->is_scoped = schema_version == ENGINE_SCHEMA_VERSION_SCOPED;
	if (schema_version != ENGINE_SCHEMA_VERSION && !store->is_scoped) {
		return engine_store_fail(error, ENGINE_OPEN_DAMAGED, 0, "%s: schema version %lld is not known",
		                         options->path, (sqlite3_int64)schema_version);
	}
	return engine_load_check_reserve(store, error);
}

bool engine_load(struct engine_store *store, const struct engine_options *options, struct engine_state *state,
                 struct engine_error *error) {
	assert(store->db != NULL && state->meta.epoch == 0); /* connected, and nothing loaded yet */
	if (!engine_load_identify(store, options, error) || !engine_load_snapshot(store, state, error)) {
		return false;
	}
	/* A header that asks for a newer write version makes SQLite read-only. Every write would
	 * fail for ever. */
	if (!store->opened_read_only && sqlite3_db_readonly(store->db, "main") == 1) {
		return engine_store_fail(error, ENGINE_OPEN_DAMAGED, 0, "%s: header forbids writing", options->path);
	}
	return true;
}
