/* Statements that stay prepared: to who uses them they are as new. */
#include "statements.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <stdio.h>

static sqlite3 *connection;
static struct sim_statements statements;

static int open_it(void **state) {
	(void)state;
	assert_int_equal(sqlite3_open(":memory:", &connection), SQLITE_OK);
	assert_int_equal(
	        sqlite3_exec(connection, "CREATE TABLE t(a UNIQUE); INSERT INTO t VALUES(1)", NULL, NULL, NULL),
	        SQLITE_OK);
	sim_statements_init(&statements, connection);
	return 0;
}

/* A statement that was left prepared would keep the connection open. */
static int close_it(void **state) {
	(void)state;
	sim_statements_deinit(&statements);
	return sqlite3_close(connection) == SQLITE_OK ? 0 : -1;
}

static sqlite3_stmt *begun(const char *text) {
	sqlite3_stmt *statement = NULL;
	assert_int_equal(sim_statements_begin(&statements, text, &statement), SQLITE_OK);
	assert_non_null(statement);
	return statement;
}

static void a_text_is_prepared_once(void **state) {
	char text[] = "SELECT a FROM t";
	(void)state;
	sqlite3_stmt *first = begun("SELECT a FROM t");
	assert_int_equal(sim_statements_end(first), SQLITE_OK);
	assert_ptr_equal(begun(text), first);
	assert_int_equal(sim_statements_end(first), SQLITE_OK);
	assert_ptr_not_equal(begun("SELECT a FROM t "), first);
}

static void a_used_one_is_as_new(void **state) {
	const char *text = "SELECT a FROM t WHERE ?1 IS NULL";
	(void)state;
	sqlite3_stmt *statement = begun(text);
	assert_int_equal(sqlite3_bind_int(statement, 1, 7), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
	assert_int_equal(sim_statements_end(statement), SQLITE_OK);
	assert_int_equal(sqlite3_stmt_busy(begun(text)), 0);
	assert_int_equal(sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 0), 0);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
}

static void what_fails_says_so_at_its_end_and_can_be_used_again(void **state) {
	const char *text = "INSERT INTO t VALUES(?1)";
	(void)state;
	sqlite3_stmt *statement = begun(text);
	sqlite3_bind_int(statement, 1, 1);
	assert_int_equal(sqlite3_step(statement), SQLITE_CONSTRAINT);
	assert_int_equal(sim_statements_end(statement), SQLITE_CONSTRAINT);
	sqlite3_bind_int(begun(text), 1, 2);
	assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
}

static void a_new_schema_shows(void **state) {
	const char *text = "SELECT * FROM t";
	(void)state;
	assert_int_equal(sim_statements_end(begun(text)), SQLITE_OK);
	assert_int_equal(sqlite3_exec(connection, "ALTER TABLE t ADD COLUMN b", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_stmt *statement = begun(text);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	assert_int_equal(sqlite3_column_count(statement), 2);
}

static void what_does_not_prepare_is_not_kept(void **state) {
	sqlite3_stmt *statement = NULL;
	(void)state;
	assert_int_equal(sim_statements_begin(&statements, "SELECT a FROM u", &statement), SQLITE_ERROR);
	assert_null(statement);
	assert_int_equal(sim_statements_end(statement), SQLITE_OK);
	assert_int_equal(statements.count, 0);
}

/* The one in use stays. */
static void there_is_room_for_more_than_are_kept(void **state) {
	char text[64];
	(void)state;
	sqlite3_stmt *used = begun("SELECT a FROM t");
	assert_int_equal(sqlite3_step(used), SQLITE_ROW);
	for (unsigned i = 0; i < 3 * SIM_STATEMENTS_MAX; i++) {
		snprintf(text, sizeof text, "SELECT %u", i);
		assert_int_equal(sim_statements_end(begun(text)), SQLITE_OK);
		assert_int_equal(sqlite3_column_int(used, 0), 1);
	}
	assert_int_equal(statements.count, SIM_STATEMENTS_MAX);
	assert_int_equal(sqlite3_step(used), SQLITE_DONE);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(a_text_is_prepared_once, open_it, close_it),
	        cmocka_unit_test_setup_teardown(a_used_one_is_as_new, open_it, close_it),
	        cmocka_unit_test_setup_teardown(what_fails_says_so_at_its_end_and_can_be_used_again, open_it, close_it),
	        cmocka_unit_test_setup_teardown(a_new_schema_shows, open_it, close_it),
	        cmocka_unit_test_setup_teardown(what_does_not_prepare_is_not_kept, open_it, close_it),
	        cmocka_unit_test_setup_teardown(there_is_room_for_more_than_are_kept, open_it, close_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
