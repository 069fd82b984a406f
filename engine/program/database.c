/* engine/program/database.c: the engine's database, and one more table in it: what a lot, a tick
 * and a unit are.
 *
 * The engine counts lots and ticks, and does not know how much one is. If every start told it anew,
 * a changed file of instruments would turn 100 into 1000 without a trace. So every definition is
 * stored durably before the first update that is counted in it. A file that says something else is
 * refused. The table has a connection of its own, which is closed before that of the engine.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <sqlite3.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "program.h"

#define PROGRAM_DATABASE_INSTRUMENTS_SIZE_MAX 16777216u
#define PROGRAM_DATABASE_LINE_SIZE 160
#define PROGRAM_DATABASE_ID_AT 68 /* application_id: SQLite file format, section 1.3 */

/* ---- one program at a time ------------------------------------------------------------------- */

bool program_database_resolve(struct program_options *options) {
	struct stat status;

	if (options->database == NULL || lstat(options->database, &status) != 0 || !S_ISLNK(status.st_mode)) {
		return true;
	}
	char *path = realpath(options->database, NULL);
	if (path == NULL) {
		program_message("%s: a symbolic link: %s", options->database, strerror(errno));
		return false;
	}
	options->database = path; /* as long as the program */
	return true;
}

static bool program_database_exists(const char *path, const char *suffix) {
	struct stat status;
	char *name = sqlite3_mprintf("%s%s", path, suffix);
	bool exists = name != NULL && stat(name, &status) == 0;

	sqlite3_free(name);
	return exists;
}

/* Opening takes the database away from whoever has it (engine.h, epoch). Well-behaved programs
 * should not do that to each other, least of all for a look at the positions. The kernel drops this
 * lock with the process, however that dies. */
static int program_database_lock(struct program_database *database, const char *path) {
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char *name = sqlite3_mprintf("%s-lock", path);

	if (name == NULL) {
		program_message("out of memory");
		return PROGRAM_STORAGE;
	}
	int status = PROGRAM_OK;
	database->lock_descriptor = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (database->lock_descriptor < 0) {
		program_message("%s: %s", name, strerror(errno));
		status = PROGRAM_STORAGE;
	} else if (fcntl(database->lock_descriptor, F_SETLK, &lock) != 0) {
		bool is_held = errno == EAGAIN || errno == EACCES;
		program_message("%s: %s", path, is_held ? "in use by another engine program" : strerror(errno));
		status = PROGRAM_STORAGE;
	}
	sqlite3_free(name);
	return status;
}

/* ---- stored definitions ---------------------------------------------------------------------- */

static int program_database_classify(sqlite3 *db, int code, const char *path) {
	bool is_damaged = (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;

	program_message("%s: instruments: %s", path, db != NULL ? sqlite3_errmsg(db) : sqlite3_errstr(code));
	return is_damaged ? PROGRAM_DAMAGED : PROGRAM_STORAGE;
}

static int program_database_connect(const struct program_options *options, sqlite3 **db) {
	int code = sqlite3_open_v2(options->database, db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, NULL);

	if (code == SQLITE_OK) {
		code = sqlite3_busy_timeout(*db, (int)options->busy_timeout_ms);
	}
	return code == SQLITE_OK ? PROGRAM_OK : program_database_classify(*db, code, options->database);
}

static sqlite3_int64 program_database_checksum(const char *line) {
	return (sqlite3_int64)XXH3_64bits(line, strlen(line));
}

/* Joins the stored lines, each of which is like one in a file of instruments. The caller frees
 * *text with sqlite3_free. */
static int program_database_read_lines(sqlite3 *db, const char *path, char **text) {
	sqlite3_stmt *statement = NULL;
	sqlite3_str *lines = sqlite3_str_new(db);
	int status = PROGRAM_OK;
	int code = sqlite3_prepare_v2(db, "SELECT line,checksum FROM program_units", -1, &statement, NULL);

	while (code == SQLITE_OK && status == PROGRAM_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		const char *line = (const char *)sqlite3_column_text(statement, 0);
		if (line == NULL || program_database_checksum(line) != sqlite3_column_int64(statement, 1)) {
			program_message("%s: instruments '%s': checksum does not match", path,
			                line != NULL ? line : "");
			status = PROGRAM_DAMAGED;
		} else {
			sqlite3_str_appendf(lines, "%s\n", line);
		}
		code = SQLITE_OK;
	}
	if (status == PROGRAM_OK && code != SQLITE_OK && code != SQLITE_DONE) {
		status = program_database_classify(db, code, path);
	}
	sqlite3_finalize(statement);
	*text = sqlite3_str_finish(lines);
	return status;
}

static bool program_database_has_units(sqlite3 *db, int *code) {
	sqlite3_stmt *statement = NULL;

	*code = sqlite3_prepare_v2(db, "SELECT 1 FROM sqlite_schema WHERE name='program_units'", -1, &statement, NULL);
	if (*code == SQLITE_OK) {
		*code = sqlite3_step(statement);
	}
	bool has_row = *code == SQLITE_ROW;
	*code = *code == SQLITE_ROW || *code == SQLITE_DONE ? SQLITE_OK : *code;
	sqlite3_finalize(statement);
	return has_row;
}

static int program_database_load(sqlite3 *db, const char *path, struct reader_catalogue *catalogue) {
	struct reader_catalogue_error error;
	char *text = NULL;
	int code;

	if (!program_database_has_units(db, &code)) {
		return code == SQLITE_OK ? PROGRAM_OK : program_database_classify(db, code, path);
	}
	int status = program_database_read_lines(db, path, &text);
	if (status == PROGRAM_OK && text != NULL && !reader_catalogue_parse(text, strlen(text), catalogue, &error)) {
		program_message("%s: instruments: %s", path, error.text);
		status = PROGRAM_DAMAGED;
	}
	sqlite3_free(text);
	return status;
}

/* ---- new definitions ------------------------------------------------------------------------- */

static bool program_database_is_equal(struct reader_decimal a, struct reader_decimal b) {
	return a.digits == b.digits && a.scale == b.scale;
}

/* Appends the line of an instrument. One that has only tick and lot is as it always was. */
static void program_database_append(sqlite3_str *lines, const struct reader_instrument *row) {
	char tick[READER_DECIMAL_TEXT_SIZE];
	char lot[READER_DECIMAL_TEXT_SIZE];
	char multiplier[READER_DECIMAL_TEXT_SIZE];

	reader_decimal_print(row->tick, tick);
	reader_decimal_print(row->lot, lot);
	reader_decimal_print(row->multiplier, multiplier);
	sqlite3_str_appendf(lines, "instrument %s %s %s", row->symbol, tick, lot);
	if (row->multiplier.digits != 1 || row->multiplier.scale != 0) {
		sqlite3_str_appendf(lines, " multiplier %s", multiplier);
	}
	sqlite3_str_appendf(lines, "%s\n", row->has_no_legs ? " no-legs" : "");
}

/* Whether the database counts in the units of the file; says what differs. */
static bool program_database_agrees(const struct reader_instrument *known, const struct reader_instrument *row) {
	char tick[READER_DECIMAL_TEXT_SIZE];
	char lot[READER_DECIMAL_TEXT_SIZE];
	char multiplier[READER_DECIMAL_TEXT_SIZE];

	if (!program_database_is_equal(known->tick, row->tick) || !program_database_is_equal(known->lot, row->lot)) {
		reader_decimal_print(row->tick, tick);
		reader_decimal_print(row->lot, lot);
		program_message("instrument %s: tick %s and lot %s are not those that the database counts in",
		                row->symbol, tick, lot);
		return false;
	}
	if (!program_database_is_equal(known->multiplier, row->multiplier)) {
		reader_decimal_print(known->multiplier, multiplier);
		program_message("instrument %s: the database counts with multiplier %s", row->symbol, multiplier);
		return false;
	}
	if (known->has_no_legs != row->has_no_legs) {
		program_message("instrument %s: the database has it with%s no-legs", row->symbol,
		                known->has_no_legs ? "" : "out");
		return false;
	}
	return true;
}

/* Appends the definitions of the file that are not stored yet to `lines`, one per line. */
static int program_database_compare(const struct reader_catalogue *stored, const struct reader_catalogue *wanted,
                                    sqlite3_str *lines) {
	char unit[READER_DECIMAL_TEXT_SIZE];

	for (size_t i = 0; i < wanted->instrument_count; i++) {
		const struct reader_instrument *row = &wanted->instruments[i];
		const struct reader_instrument *known = reader_catalogue_find_instrument(stored, row->symbol);
		if (known == NULL) {
			program_database_append(lines, row);
		} else if (!program_database_agrees(known, row)) {
			return PROGRAM_USAGE;
		}
	}
	for (size_t i = 0; i < wanted->currency_count; i++) {
		const struct reader_currency *row = &wanted->currencies[i];
		const struct reader_currency *known = reader_catalogue_find_currency(stored, row->name);
		reader_decimal_print(row->unit, unit);
		if (known == NULL) {
			sqlite3_str_appendf(lines, "currency %s %s\n", row->name, unit);
		} else if (!program_database_is_equal(known->unit, row->unit)) {
			program_message("currency %s: unit %s is not the one that the database counts in", row->name,
			                unit);
			return PROGRAM_USAGE;
		}
	}
	return PROGRAM_OK;
}

static int program_database_insert(sqlite3 *db, const char *lines) {
	sqlite3_stmt *statement = NULL;
	char line[PROGRAM_DATABASE_LINE_SIZE];
	int code = sqlite3_prepare_v2(db, "INSERT INTO program_units VALUES(?1,?2)", -1, &statement, NULL);

	while (code == SQLITE_OK && *lines != '\0') {
		size_t length = strcspn(lines, "\n");
		(void)snprintf(line, sizeof line, "%.*s", (int)length, lines);
		sqlite3_bind_text(statement, 1, line, -1, SQLITE_STATIC);
		sqlite3_bind_int64(statement, 2, program_database_checksum(line));
		(void)sqlite3_step(statement);
		code = sqlite3_reset(statement);
		lines += length + 1;
	}
	sqlite3_finalize(statement);
	return code;
}

static int program_database_store(sqlite3 *db, const char *path, const char *lines) {
	int code = sqlite3_exec(db,
	                        "BEGIN IMMEDIATE;CREATE TABLE IF NOT EXISTS program_units"
	                        "(line TEXT PRIMARY KEY,checksum INTEGER)WITHOUT ROWID",
	                        NULL, NULL, NULL);

	if (code == SQLITE_OK) {
		code = program_database_insert(db, lines);
	}
	if (code == SQLITE_OK) {
		code = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	}
	return code == SQLITE_OK ? PROGRAM_OK : program_database_classify(db, code, path);
}

/* Writes only what is new. A second run writes nothing. */
static int program_database_define(sqlite3 *db, const struct program_options *options,
                                   const struct reader_catalogue *wanted, struct reader_catalogue *stored) {
	sqlite3_str *builder = sqlite3_str_new(db);
	int status = program_database_compare(stored, wanted, builder);
	char *lines = sqlite3_str_finish(builder);

	if (status == PROGRAM_OK && lines != NULL) {
		status = program_database_store(db, options->database, lines);
		reader_catalogue_deinit(stored);
		status = status == PROGRAM_OK ? program_database_load(db, options->database, stored) : status;
	}
	sqlite3_free(lines);
	return status;
}

/* ---- opening --------------------------------------------------------------------------------- */

static int program_database_read_instruments(const char *path, struct reader_catalogue *catalogue) {
	struct reader_catalogue_error error;
	size_t size;

	*catalogue = (struct reader_catalogue){0};
	if (path == NULL) {
		return PROGRAM_OK;
	}
	char *text = program_input_read_file(path, PROGRAM_DATABASE_INSTRUMENTS_SIZE_MAX, &size);
	if (text == NULL) {
		return PROGRAM_USAGE;
	}
	bool is_good = reader_catalogue_parse(text, size, catalogue, &error);
	if (!is_good) {
		program_message("%s:%zu: %s", path, error.line, error.text);
	}
	free(text);
	return is_good ? PROGRAM_OK : PROGRAM_USAGE;
}

/* Whether the file says that it is something else. One that is known to be a book is damaged. */
static bool program_database_is_foreign(const struct program_database *database, const char *path) {
	static const char magic[16] = "SQLite format 3";
	unsigned char header[PROGRAM_DATABASE_ID_AT + 4];
	int descriptor = database->vouched.epoch == 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;

	if (descriptor < 0) {
		return false;
	}
	ssize_t size = pread(descriptor, header, sizeof header, 0);
	(void)close(descriptor);
	if (size < (ssize_t)sizeof header || memcmp(header, magic, sizeof magic) != 0) {
		return size > 0;
	}
	const unsigned char *id = header + PROGRAM_DATABASE_ID_AT; /* big-endian */
	return ((uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 | (uint32_t)id[2] << 8 | id[3]) != ENGINE_APPLICATION_ID;
}

/* SQLite calls a disk without room an I/O error where it needs some for shared memory. */
static bool program_database_is_full(int code, const char *path) {
	struct statvfs room;

	return (code & 0xff) == SQLITE_FULL || (((code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN) &&
	                                        statvfs(path, &room) == 0 && room.f_bavail == 0);
}

/* Says why there is no engine. Returns the status to exit with. */
static int program_database_explain(const struct program_database *database, const char *path,
                                    enum engine_open_status status, const struct engine_error *error) {
	if (status == ENGINE_OPEN_DAMAGED && program_database_is_foreign(database, path)) {
		program_message("%s: not a database of this program, left as it is: %s", path, error->reason);
		return PROGRAM_DAMAGED;
	}
	if (status == ENGINE_OPEN_DAMAGED) {
		program_message("%s: damaged, left as it is: %s", path, error->reason);
		return PROGRAM_DAMAGED;
	}
	const char *why = (error->sqlite_code & 0xff) == SQLITE_BUSY           ? "locked by another program: "
	                  : program_database_is_full(error->sqlite_code, path) ? "the disk is full: "
	                                                                       : "";
	program_message("%s: not opened: %s%s", path, why, error->reason);
	return status == ENGINE_OPEN_MISCONFIGURED ? PROGRAM_USAGE : PROGRAM_STORAGE;
}

static int program_database_open_engine(struct program_database *database, const struct program_options *options) {
	struct engine_options engine_options = {
	        .path = options->database,
	        .protocol = options->protocol,
	        .journal_mode = options->journal_mode,
	        .synchronous = options->synchronous,
	        .checkpoint_frames = options->checkpoint_frames,
	        .busy_timeout_ms = options->busy_timeout_ms,
	        .least_version = database->vouched.version,
	        .least_epoch = database->vouched.epoch,
	};
	struct engine_known known[2];
	struct engine_error error;

	engine_options.known = known;
	if (options->expect_version > engine_options.least_version) {
		engine_options.least_version = options->expect_version;
	}
	if (database->vouched.has_history) {
		known[engine_options.known_count++] =
		        (struct engine_known){database->vouched.version, database->vouched.history};
	}
	if (options->expects_history) {
		known[engine_options.known_count++] =
		        (struct engine_known){options->expect_version, options->expect_history};
	}

	enum engine_open_status status = engine_open(&engine_options, &database->engine, &error);
	if (status == ENGINE_OPENED) {
		program_vouch_note(database, options);
		return PROGRAM_OK;
	}
	return program_database_explain(database, options->database, status, &error);
}

static int program_database_join_units(struct program_database *database, const struct program_options *options,
                                       const struct reader_catalogue *wanted) {
	sqlite3 *db = NULL;
	int status = program_database_connect(options, &db);

	if (status == PROGRAM_OK) {
		status = program_database_load(db, options->database, &database->catalogue);
	}
	if (status == PROGRAM_OK && (wanted->instrument_count > 0 || wanted->currency_count > 0)) {
		status = program_database_define(db, options, wanted, &database->catalogue);
	}
	(void)sqlite3_close(db);
	return status;
}

static int program_database_is_absent(const struct program_options *options) {
	program_message("%s: no such database", options->database);
	return PROGRAM_USAGE;
}

int program_database_open(struct program_database *database, const struct program_options *options) {
	struct reader_catalogue wanted;

	*database = (struct program_database){.lock_descriptor = -1};
	bool has_files = program_database_exists(options->database, "") ||
	                 program_database_exists(options->database, "-wal") ||
	                 program_database_exists(options->database, "-updates");
	if (options->verb != PROGRAM_INGEST && !has_files && !program_database_exists(options->database, "-lock")) {
		return program_database_is_absent(options);
	}
	int status = program_database_read_instruments(options->instruments, &wanted);
	if (status == PROGRAM_OK) {
		status = program_database_lock(database, options->database);
	}
	if (status == PROGRAM_OK) {
		database->vouched = program_vouch_read(database->lock_descriptor);
	}
	if (status == PROGRAM_OK && options->verb != PROGRAM_INGEST && !has_files && database->vouched.epoch == 0) {
		status = program_database_is_absent(options);
	}
	if (status == PROGRAM_OK) {
		status = program_database_open_engine(database, options);
	}
	if (status == PROGRAM_OK) {
		status = program_database_join_units(database, options, &wanted);
	}
	reader_catalogue_deinit(&wanted);
	return status;
}

void program_database_close(struct program_database *database) {
	engine_close(database->engine);
	reader_catalogue_deinit(&database->catalogue);
	if (database->lock_descriptor >= 0) {
		(void)close(database->lock_descriptor);
	}
	*database = (struct program_database){.lock_descriptor = -1};
}

/* ---- checking -------------------------------------------------------------------------------- */

int program_database_check(const struct program_database *database, const struct program_options *options) {
	sqlite3 *db = NULL;
	sqlite3_stmt *statement = NULL;
	int status = program_database_connect(options, &db);

	(void)database;
	if (status != PROGRAM_OK) {
		(void)sqlite3_close(db);
		return status;
	}
	int code = sqlite3_prepare_v2(db, "PRAGMA integrity_check(1)", -1, &statement, NULL);
	code = code == SQLITE_OK ? sqlite3_step(statement) : code;
	const char *answer = code == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
	if (code != SQLITE_ROW) {
		status = program_database_classify(db, code, options->database);
	} else if (answer == NULL || strcmp(answer, "ok") != 0) {
		program_message("%s: damaged: %s", options->database, answer != NULL ? answer : "no answer");
		status = PROGRAM_DAMAGED;
	}
	sqlite3_finalize(statement);
	(void)sqlite3_close(db);
	return status;
}
