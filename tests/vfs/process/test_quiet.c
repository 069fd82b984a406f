/* tests/vfs/process/test_quiet.c: a process whose hooks nobody gives. */
#include "fixture.h"

#include <stdlib.h>

static int set_up(void **state) {
	struct fixture *fixture = calloc(1, sizeof *fixture);
	fixture_init(fixture, &fixture_options, 7);
	*state = fixture;
	return 0;
}

static int tear_down(void **state) {
	fixture_deinit(*state);
	free(*state);
	return 0;
}

/* Whoever only reads a disk gives none. */
static void hook_that_nobody_gives_does_nothing(void **state) {
	struct fixture *fixture = *state;
	const struct vfs_hooks none = {.context = NULL};
	struct vfs_process *reader = vfs_process_create(fixture->disk, "reader", &none);
	sqlite3 *connection = NULL;
	sqlite3_int64 time_ms = 0;
	char bytes[2] = {0};
	assert_non_null(reader);
	sqlite3_vfs *vfs = sqlite3_vfs_find("reader");
	assert_int_equal(vfs->xCurrentTimeInt64(vfs, &time_ms), SQLITE_OK);
	assert_int_equal(time_ms, INT64_C(210866760000000));
	assert_int_equal(vfs->xRandomness(vfs, 2, bytes), 2);
	assert_int_equal(bytes[0], bytes[1]);
	assert_int_equal(vfs->xSleep(vfs, 5), 5);
	assert_int_equal(sqlite3_open_v2("/none.db", &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "reader"),
	                 SQLITE_OK);
	assert_int_equal(sqlite3_exec(connection, "CREATE TABLE t(a); INSERT INTO t VALUES(1)", NULL, NULL, NULL),
	                 SQLITE_OK);
	sqlite3_close(connection);
	vfs_process_destroy(reader);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(hook_that_nobody_gives_does_nothing, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
