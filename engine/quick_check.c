#include "quick_check.h"

#include <string.h>

/* SQLite reports a page that it could not read as it reports any other finding, and only some
 * findings name the error (btree.c, checkTreePage(), 3.40). SQLITE_OK: this one names none. */
static int engine_quick_check_code(const char *finding) {
	static const char before[] = "error code=";
	const char *at = strstr(finding, before);
	int code = SQLITE_OK;

	for (at = at != NULL ? at + sizeof before - 1 : ""; *at >= '0' && *at <= '9' && code < 100000; at++) {
		code = code * 10 + (*at - '0');
	}
	return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB ? SQLITE_OK : code;
}

/* Looks once. `finding` gets one line. *code is an error that came instead of a finding. */
static bool engine_quick_check_look(struct engine_store *store, char finding[ENGINE_REASON_SIZE], int *code) {
	sqlite3_stmt *statement = NULL;

	*code = sqlite3_prepare_v2(store->db, "PRAGMA quick_check(1)", -1, &statement, NULL);
	if (*code == SQLITE_OK) {
		*code = sqlite3_step(statement);
	}
	const char *answer = *code == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
	const char *headline = answer != NULL ? strchr(answer, '\n') : NULL;
	answer = headline != NULL ? headline + 1 : answer;
	if (answer == NULL) {
		*code = *code == SQLITE_ROW ? SQLITE_NOMEM : *code == SQLITE_DONE ? SQLITE_ERROR : *code;
		sqlite3_snprintf(ENGINE_REASON_SIZE, finding, "%s", sqlite3_errmsg(store->db));
	} else {
		*code = engine_quick_check_code(answer);
		sqlite3_snprintf(ENGINE_REASON_SIZE, finding, "%s", answer);
	}
	bool is_sound = strcmp(finding, "ok") == 0;
	sqlite3_finalize(statement);
	return is_sound;
}

/* A finding that names no error may still be one. Damage is there at the second look, too. */
bool engine_quick_check(struct engine_store *store, struct engine_error *error) {
	char finding[ENGINE_REASON_SIZE] = "";
	bool is_sound = false;
	int code = SQLITE_OK;

	for (int look = 0; look < 2 && !is_sound && code == SQLITE_OK; look++) {
		is_sound = engine_quick_check_look(store, finding, &code);
	}
	if (is_sound) {
		return true;
	}
	if (code == SQLITE_OK) {
		return engine_store_fail(error, ENGINE_OPEN_DAMAGED, 0, "quick_check: %s", finding);
	}
	(void)engine_store_classify(store, code, "quick_check", error);
	return engine_store_fail(error, error->status, code, "quick_check: %s", finding);
}
