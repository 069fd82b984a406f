/* tests/sim/subject/test_subject_sql_outcome.c: what a failed transaction means, row by row of the
 * table in docs/contracts.md. */
#include "subject_sql_outcome.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct row {
	enum subject_sql_stage stage;
	int code;
	bool open;
	enum subject_outcome outcome;
};

static void a_failure_means_what_its_place_says(void **state) {
	static const struct row rows[] = {
	        {SUBJECT_SQL_INSIDE, SQLITE_CONSTRAINT_CHECK, true, SUBJECT_REFUSED},
	        {SUBJECT_SQL_INSIDE, SQLITE_ERROR, false, SUBJECT_REFUSED},
	        {SUBJECT_SQL_INSIDE, SQLITE_IOERR_WRITE, true, SUBJECT_LATER},
	        {SUBJECT_SQL_INSIDE, SQLITE_BUSY_SNAPSHOT, true, SUBJECT_LATER},
	        {SUBJECT_SQL_AT_COMMIT, SQLITE_BUSY, true, SUBJECT_LATER},
	        {SUBJECT_SQL_AT_COMMIT, SQLITE_CONSTRAINT_FOREIGNKEY, true, SUBJECT_REFUSED},
	        {SUBJECT_SQL_AT_COMMIT, SQLITE_CONSTRAINT_FOREIGNKEY, false, SUBJECT_IN_DOUBT},
	        {SUBJECT_SQL_AT_COMMIT, SQLITE_IOERR_FSYNC, false, SUBJECT_IN_DOUBT},
	        {SUBJECT_SQL_AT_COMMIT, SQLITE_FULL, false, SUBJECT_IN_DOUBT},
	        {SUBJECT_SQL_ALONE, SQLITE_LOCKED, false, SUBJECT_LATER},
	        {SUBJECT_SQL_ALONE, SQLITE_CONSTRAINT_UNIQUE, false, SUBJECT_REFUSED},
	        {SUBJECT_SQL_ALONE, SQLITE_IOERR_WRITE, false, SUBJECT_IN_DOUBT},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *row = &rows[i];
		assert_int_equal(subject_sql_outcome(row->stage, row->code, false, row->open), row->outcome);
	}
}

static void success_is_acknowledged_or_rolled_back_as_asked(void **state) {
	(void)state;
	assert_int_equal(subject_sql_outcome(SUBJECT_SQL_AT_COMMIT, SQLITE_OK, false, false), SUBJECT_ACKNOWLEDGED);
	assert_int_equal(subject_sql_outcome(SUBJECT_SQL_INSIDE, SQLITE_OK, true, false), SUBJECT_UNCHANGED);
}

static void a_connection_is_stuck_when_its_transaction_does_not_end(void **state) {
	(void)state;
	assert_true(subject_sql_is_stuck(SQLITE_PROTOCOL, false));
	assert_true(subject_sql_is_stuck(SQLITE_IOERR_WRITE, true));
	assert_true(subject_sql_is_stuck(SQLITE_READONLY, false));
	assert_true(subject_sql_is_stuck(SQLITE_READONLY_CANTINIT, false));
	assert_false(subject_sql_is_stuck(SQLITE_IOERR_WRITE, false));
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_failure_means_what_its_place_says),
	        cmocka_unit_test(success_is_acknowledged_or_rolled_back_as_asked),
	        cmocka_unit_test(a_connection_is_stuck_when_its_transaction_does_not_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
