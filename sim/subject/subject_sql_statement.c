/* sim/subject/subject_sql_statement.c: see subject_sql_statement.h. */
#include "subject_sql_statement.h"

#include "statements.h"

#include <sqlite3.h>
#include <stdarg.h>
#include <string.h>

static int subject_sql_statement_bind(sqlite3_stmt *statement, int number, const struct subject_value *value) {
	double real = 0;
	switch (value->kind) {
	case SUBJECT_VALUE_REAL:
		memcpy(&real, value->bytes, sizeof real);
		return sqlite3_bind_double(statement, number, real);
	case SUBJECT_VALUE_INTEGER:
		return sqlite3_bind_int64(statement, number, value->integer);
	case SUBJECT_VALUE_TEXT:
		return sqlite3_bind_text(statement, number, value->bytes, (int)value->size_bytes, SQLITE_STATIC);
	case SUBJECT_VALUE_BLOB:
		return sqlite3_bind_blob(statement, number, value->bytes, (int)value->size_bytes, SQLITE_STATIC);
	case SUBJECT_VALUE_NONE:
		break;
	}
	return SQLITE_OK;
}

static int subject_sql_statement_bind_named(sqlite3_stmt *statement, int number,
                                            const struct subject_transaction *transaction) {
	const char *name = sqlite3_bind_parameter_name(statement, number);
	for (uint32_t i = 0; name != NULL && i < transaction->value_count; i++) {
		if (strcmp(name, transaction->values[i].name) == 0) {
			return subject_sql_statement_bind(statement, number, &transaction->values[i]);
		}
	}
	return SQLITE_OK;
}

static int subject_sql_statement_bind_all(sqlite3_stmt *statement, const struct subject_transaction *transaction) {
	int code = SQLITE_OK;
	for (int number = 1; code == SQLITE_OK && number <= sqlite3_bind_parameter_count(statement); number++) {
		code = subject_sql_statement_bind_named(statement, number, transaction);
	}
	return code;
}

/* To its end. The code is that of the step that ended it. */
static int subject_sql_statement_step(sqlite3_stmt *statement, const struct subject_transaction *transaction) {
	int code = transaction != NULL ? subject_sql_statement_bind_all(statement, transaction) : SQLITE_OK;
	while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		code = SQLITE_OK;
	}
	return code;
}

int subject_sql_statement_run(struct sqlite3 *connection, const char *text,
                              const struct subject_transaction *transaction) {
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(connection, text, -1, &statement, NULL);
	code = code == SQLITE_OK ? subject_sql_statement_step(statement, transaction) : code;
	int final = sqlite3_finalize(statement);
	return code == SQLITE_DONE ? final : code;
}

int subject_sql_statement_repeat(struct sim_statements *statements, const char *text,
                                 const struct subject_transaction *transaction) {
	sqlite3_stmt *statement = NULL;
	int code = sim_statements_begin(statements, text, &statement);
	code = code == SQLITE_OK ? subject_sql_statement_step(statement, transaction) : code;
	int final = sim_statements_end(statement);
	return code == SQLITE_DONE ? final : code;
}

int subject_sql_statement_format(struct sqlite3 *connection, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	char *text = sqlite3_vmprintf(format, arguments);
	va_end(arguments);
	int code = text == NULL ? SQLITE_NOMEM : subject_sql_statement_run(connection, text, NULL);
	sqlite3_free(text);
	return code;
}
