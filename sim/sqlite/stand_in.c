/* sim/sqlite/stand_in.c: see stand_in.h. */
#define XXH_INLINE_ALL
#include "stand_in.h"

#include "given.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

/* ---- words ----------------------------------------------------------------------------------- */

static const char *const sim_stand_in_kinds[SIM_STAND_IN_KIND_COUNT] = {"", "collation", "function", "tokenizer"};

static const struct sim_stand_in_row {
	enum sim_stand_in_kind kind;
	const char *word;
} sim_stand_in_rows[SIM_STAND_IN_WAY_COUNT] = {
        [SIM_STAND_IN_AS_NONE] = {SIM_STAND_IN_NONE, ""},
        [SIM_STAND_IN_AS_BINARY] = {SIM_STAND_IN_COLLATION, "binary"},
        [SIM_STAND_IN_AS_NOCASE] = {SIM_STAND_IN_COLLATION, "nocase"},
        [SIM_STAND_IN_AS_RTRIM] = {SIM_STAND_IN_COLLATION, "rtrim"},
        [SIM_STAND_IN_AS_FIRST] = {SIM_STAND_IN_FUNCTION, "first"},
        [SIM_STAND_IN_AS_HASH] = {SIM_STAND_IN_FUNCTION, "hash"},
        [SIM_STAND_IN_AS_UNIQUE] = {SIM_STAND_IN_FUNCTION, "unique"},
        [SIM_STAND_IN_AS_ZERO] = {SIM_STAND_IN_FUNCTION, "zero"},
        [SIM_STAND_IN_AS_ONE] = {SIM_STAND_IN_FUNCTION, "one"},
        [SIM_STAND_IN_AS_NULL] = {SIM_STAND_IN_FUNCTION, "null"},
        [SIM_STAND_IN_AS_UNICODE61] = {SIM_STAND_IN_TOKENIZER, "unicode61"},
        [SIM_STAND_IN_AS_ASCII] = {SIM_STAND_IN_TOKENIZER, "ascii"},
        [SIM_STAND_IN_AS_PORTER] = {SIM_STAND_IN_TOKENIZER, "porter"},
        [SIM_STAND_IN_AS_TRIGRAM] = {SIM_STAND_IN_TOKENIZER, "trigram"},
};

/* "binary, nocase, rtrim" */
static void sim_stand_in_expected(enum sim_stand_in_kind kind, char *text, size_t size) {
	size_t used = 0;
	text[0] = '\0';
	for (uint32_t i = 0; i < SIM_STAND_IN_WAY_COUNT; i++) {
		if (sim_stand_in_rows[i].kind == kind && used < size) {
			used += (size_t)snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "",
			                         sim_stand_in_rows[i].word);
		}
	}
}

static bool sim_stand_in_take_words(struct sim_stand_in *item, const char *kind, const char *way,
                                    char why[SIM_STAND_IN_WHY_SIZE]) {
	char expected[96];
	uint32_t number = SIM_STAND_IN_KIND_COUNT - 1;
	while (number > 0 && strcmp(sim_stand_in_kinds[number], kind) != 0) {
		number--;
	}
	if (number == 0) {
		snprintf(why, SIM_STAND_IN_WHY_SIZE, "unknown word %.40s, expected collation, function or tokenizer",
		         kind);
		return false;
	}
	item->kind = (enum sim_stand_in_kind)number;
	uint32_t found = SIM_STAND_IN_WAY_COUNT - 1;
	while (found > 0 &&
	       (sim_stand_in_rows[found].kind != item->kind || strcmp(sim_stand_in_rows[found].word, way) != 0)) {
		found--;
	}
	item->way = (enum sim_stand_in_way)found;
	if (found == 0) {
		sim_stand_in_expected(item->kind, expected, sizeof expected);
		snprintf(why, SIM_STAND_IN_WHY_SIZE, "a %s as %.40s, expected one of: %s", kind, way, expected);
	}
	return found > 0;
}

bool sim_stand_in_parse(struct sim_stand_in *item, const char *text, char why[SIM_STAND_IN_WHY_SIZE]) {
	char kind[32];
	char as[4];
	char way[32];
	int end = 0;
	*item = (struct sim_stand_in){SIM_STAND_IN_NONE, SIM_STAND_IN_AS_NONE, ""};
	if (sscanf(text, " %31s %63s %3s %31s %n", kind, item->name, as, way, &end) != 4 || text[end] != '\0' ||
	    strcmp(as, "as") != 0) {
		snprintf(why, SIM_STAND_IN_WHY_SIZE, "%.60s, expected such as: collation NAME as nocase", text);
		return false;
	}
	return sim_stand_in_take_words(item, kind, way, why);
}

void sim_stand_in_print(const struct sim_stand_in *item, char text[SIM_STAND_IN_TEXT_SIZE]) {
	snprintf(text, SIM_STAND_IN_TEXT_SIZE, "%s %s as %s", sim_stand_in_kinds[item->kind], item->name,
	         sim_stand_in_rows[item->way].word);
}

/* ---- collations ------------------------------------------------------------------------------ */

static int sim_stand_in_order(const unsigned char *left, size_t left_size, const unsigned char *right,
                              size_t right_size) {
	size_t both = left_size < right_size ? left_size : right_size;
	int order = both > 0 ? memcmp(left, right, both) : 0;
	return order != 0 ? order : (left_size > right_size) - (left_size < right_size);
}

static size_t sim_stand_in_trim(const unsigned char *text, size_t size) {
	while (size > 0 && text[size - 1] == ' ') {
		size--;
	}
	return size;
}

static int sim_stand_in_compare(void *context, int left_size, const void *left, int right_size, const void *right) {
	const struct sim_stand_in *item = context;
	size_t left_length = (size_t)left_size;
	size_t right_length = (size_t)right_size;
	if (item->way == SIM_STAND_IN_AS_NOCASE) {
		int both = left_size < right_size ? left_size : right_size;
		int order = sqlite3_strnicmp(left, right, both);
		return order != 0 ? order : left_size - right_size;
	}
	if (item->way == SIM_STAND_IN_AS_RTRIM) {
		left_length = sim_stand_in_trim(left, left_length);
		right_length = sim_stand_in_trim(right, right_length);
	}
	return sim_stand_in_order(left, left_length, right, right_length);
}

/* ---- functions ------------------------------------------------------------------------------- */

/* From the VFS of the connection, as random() is (instant.h). */
static void sim_stand_in_unique(sqlite3_context *context) {
	sqlite3_vfs *vfs = NULL;
	unsigned char bytes[16];
	char text[2 * sizeof bytes + 1];
	sqlite3 *connection = sqlite3_context_db_handle(context);
	if (sqlite3_file_control(connection, "main", SQLITE_FCNTL_VFS_POINTER, &vfs) != SQLITE_OK || vfs == NULL) {
		sqlite3_result_error_code(context, SQLITE_ERROR);
		return;
	}
	vfs->xRandomness(vfs, (int)sizeof bytes, (char *)bytes);
	for (size_t i = 0; i < sizeof bytes; i++) {
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	}
	sqlite3_result_text(context, text, (int)sizeof text - 1, SQLITE_TRANSIENT);
}

static uint64_t sim_stand_in_hash(int count, sqlite3_value **values) {
	uint64_t hash = (uint64_t)count;
	for (int i = 0; i < count; i++) {
		int type = sqlite3_value_type(values[i]);
		const void *bytes = type == SQLITE_BLOB ? sqlite3_value_blob(values[i])
		                                        : (const void *)sqlite3_value_text(values[i]);
		size_t size = bytes != NULL ? (size_t)sqlite3_value_bytes(values[i]) : 0;
		hash = XXH3_64bits_withSeed(size > 0 ? bytes : "", size, hash + (uint64_t)type);
	}
	return hash;
}

static void sim_stand_in_call(sqlite3_context *context, int count, sqlite3_value **values) {
	const struct sim_stand_in *item = sqlite3_user_data(context);
	bool is_unique = item->way == SIM_STAND_IN_AS_UNIQUE || (item->way == SIM_STAND_IN_AS_FIRST && count == 0);
	if (is_unique) {
		sim_stand_in_unique(context);
	} else if (item->way == SIM_STAND_IN_AS_FIRST) {
		sqlite3_result_value(context, values[0]);
	} else if (item->way == SIM_STAND_IN_AS_HASH) {
		sqlite3_result_int64(context, (sqlite3_int64)(sim_stand_in_hash(count, values) & INT64_MAX));
	} else if (item->way == SIM_STAND_IN_AS_NULL) {
		sqlite3_result_null(context);
	} else {
		sqlite3_result_int(context, item->way == SIM_STAND_IN_AS_ONE);
	}
}

/* Once without arguments, which is a chance of its own, and once with any number of them. */
static int sim_stand_in_add_function(sqlite3 *connection, const struct sim_stand_in *item) {
	void *context = (void *)(uintptr_t)item;
	const int flags = SQLITE_UTF8 | SQLITE_INNOCUOUS;
	bool draws = item->way == SIM_STAND_IN_AS_UNIQUE;
	int code = sqlite3_create_function_v2(connection, item->name, -1, draws ? flags : flags | SQLITE_DETERMINISTIC,
	                                      context, sim_stand_in_call, NULL, NULL, NULL);
	return code == SQLITE_OK && item->way == SIM_STAND_IN_AS_FIRST
	               ? sqlite3_create_function_v2(connection, item->name, 0, flags, context, sim_stand_in_call, NULL,
	                                            NULL, NULL)
	               : code;
}

/* ---- tokenizers ------------------------------------------------------------------------------ */

/* The tokenizer that does the work: the arguments of the real one mean nothing to it. */
struct sim_stand_in_tokenizer {
	fts5_tokenizer real;
	void *context;
};

static int sim_stand_in_create_tokenizer(void *context, const char **words, int count, Fts5Tokenizer **tokenizer) {
	const struct sim_stand_in_tokenizer *own = context;
	(void)words;
	(void)count;
	return own->real.xCreate(own->context, NULL, 0, tokenizer);
}

/* https://sqlite.org/fts5.html, section 7. NULL: this SQLite has no FTS5. */
static fts5_api *sim_stand_in_fts5(sqlite3 *connection) {
	fts5_api *api = NULL;
	sqlite3_stmt *statement = NULL;
	if (sqlite3_prepare_v2(connection, "SELECT fts5(?1)", -1, &statement, NULL) == SQLITE_OK) {
		sqlite3_bind_pointer(statement, 1, (void *)&api, "fts5_api_ptr", NULL);
		sqlite3_step(statement);
	}
	sqlite3_finalize(statement);
	return api;
}

static int sim_stand_in_add_to_fts5(sqlite3 *connection, const struct sim_stand_in *item) {
	fts5_api *api = sim_stand_in_fts5(connection);
	if (api == NULL) {
		return SQLITE_OK;
	}
	struct sim_stand_in_tokenizer *own = sqlite3_malloc((int)sizeof *own);
	if (own == NULL) {
		return SQLITE_NOMEM;
	}
	int code = api->xFindTokenizer(api, sim_stand_in_rows[item->way].word, &own->context, &own->real);
	if (code != SQLITE_OK) {
		sqlite3_free(own);
		return code;
	}
	fts5_tokenizer tokenizer = {sim_stand_in_create_tokenizer, own->real.xDelete, own->real.xTokenize};
	return api->xCreateTokenizer(api, item->name, own, &tokenizer, sqlite3_free);
}

/* https://sqlite.org/fts3.html, section 8.1: a tokenizer of FTS3 and FTS4 is a pointer in a blob,
 * which can be asked for by one name and given by another. */
static int sim_stand_in_add_to_fts3(sqlite3 *connection, const struct sim_stand_in *item) {
	sqlite3_stmt *statement = NULL;
	bool is_simple = item->way == SIM_STAND_IN_AS_ASCII || item->way == SIM_STAND_IN_AS_TRIGRAM;
	int was = 0;
	sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, -1, &was);
	sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 1, NULL);
	int code = SQLITE_OK;
	if (sqlite3_prepare_v2(connection, "SELECT fts3_tokenizer(?1, fts3_tokenizer(?2))", -1, &statement, NULL) ==
	    SQLITE_OK) {
		sqlite3_bind_text(statement, 1, item->name, -1, SQLITE_STATIC);
		sqlite3_bind_text(statement, 2, is_simple ? "simple" : sim_stand_in_rows[item->way].word, -1,
		                  SQLITE_STATIC);
		sqlite3_step(statement);
		code = sqlite3_reset(statement);
	}
	sqlite3_finalize(statement);
	sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, was, NULL);
	return code;
}

/* ---- connections ----------------------------------------------------------------------------- */

static bool sim_stand_in_has_row(sqlite3 *connection, const char *query, const char *name) {
	sqlite3_stmt *statement = NULL;
	bool has = sqlite3_prepare_v2(connection, query, -1, &statement, NULL) == SQLITE_OK &&
	           sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC) == SQLITE_OK &&
	           sqlite3_step(statement) == SQLITE_ROW;
	sqlite3_finalize(statement);
	return has;
}

bool sim_stand_in_is_there(sqlite3 *connection, const struct sim_stand_in *item) {
	if (item->kind == SIM_STAND_IN_COLLATION) {
		return sim_stand_in_has_row(
		        connection, "SELECT 1 FROM pragma_collation_list WHERE name = ?1 COLLATE nocase", item->name);
	}
	if (item->kind == SIM_STAND_IN_FUNCTION) {
		return sim_stand_in_has_row(
		        connection, "SELECT 1 FROM pragma_function_list WHERE name = ?1 COLLATE nocase", item->name);
	}
	fts5_api *api = sim_stand_in_fts5(connection);
	fts5_tokenizer tokenizer;
	void *context = NULL;
	return api != NULL && api->xFindTokenizer(api, item->name, &context, &tokenizer) == SQLITE_OK;
}

int sim_stand_in_add(sqlite3 *connection, const struct sim_stand_in *item) {
	if (item->kind == SIM_STAND_IN_COLLATION) {
		return sqlite3_create_collation_v2(connection, item->name, SQLITE_UTF8, (void *)(uintptr_t)item,
		                                   sim_stand_in_compare, NULL);
	}
	if (item->kind == SIM_STAND_IN_FUNCTION) {
		return sim_stand_in_add_function(connection, item);
	}
	int code = sim_stand_in_add_to_fts5(connection, item);
	return code == SQLITE_OK ? sim_stand_in_add_to_fts3(connection, item) : code;
}

/* ---- every connection ------------------------------------------------------------------------ */

static const struct sim_stand_ins *sim_stand_ins_installed;

/* An extension, which every new connection loads. */
static int sim_stand_ins_extend(sqlite3 *connection, char **error, const void *routines) {
	int code = SQLITE_OK;
	(void)error;
	(void)routines;
	for (uint32_t i = 0; code == SQLITE_OK && i < sim_stand_ins_installed->count; i++) {
		code = sim_stand_in_add(connection, &sim_stand_ins_installed->items[i]);
	}
	return code;
}

int sim_stand_ins_install(const struct sim_stand_ins *stand_ins) {
	sim_stand_ins_installed = stand_ins;
	return stand_ins->count > 0 ? sim_given_install(sim_stand_ins_extend) : SQLITE_OK;
}

void sim_stand_ins_uninstall(void) {
	sim_given_uninstall(sim_stand_ins_extend);
	sim_stand_ins_installed = NULL;
}
