/* sim/subject/subject_sql_outcome.c: see subject_sql_outcome.h. */
#include "subject_sql_outcome.h"

#include <assert.h>
#include <sqlite3.h>

bool subject_sql_is_busy(int code) {
	return (code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED;
}

bool subject_sql_is_damage(int code) {
	return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
}

bool subject_sql_is_failed_sync(int code) {
	return code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC;
}

bool subject_sql_is_stuck(int code, bool open) {
	return code == SQLITE_PROTOCOL || (code & 0xff) == SQLITE_READONLY || open;
}

/* The transaction is refused for what it says. */
static bool subject_sql_is_refusal(int code) {
	int primary = code & 0xff;
	return primary == SQLITE_CONSTRAINT || primary == SQLITE_ERROR || primary == SQLITE_MISMATCH ||
	       primary == SQLITE_TOOBIG || primary == SQLITE_SCHEMA;
}

enum subject_outcome subject_sql_outcome(enum subject_sql_stage stage, int code, bool rolls_back, bool open) {
	assert(stage != SUBJECT_SQL_NOWHERE);
	if (code == SQLITE_OK) {
		return rolls_back ? SUBJECT_UNCHANGED : SUBJECT_ACKNOWLEDGED;
	}
	if (subject_sql_is_busy(code)) {
		return SUBJECT_LATER;
	}
	if (subject_sql_is_refusal(code) && (stage != SUBJECT_SQL_AT_COMMIT || open)) {
		return SUBJECT_REFUSED;
	}
	return stage == SUBJECT_SQL_INSIDE ? SUBJECT_LATER : SUBJECT_IN_DOUBT;
}
