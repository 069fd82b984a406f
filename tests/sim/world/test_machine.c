/* tests/sim/world/test_machine.c: the machine is what the settings of the plan say. */
#include "inspection.h"
#include "machine.h"
#include "world.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void a_disk_is_made_to_report_and_to_keep_what_the_settings_say(void **context) {
	(void)context;
	struct vfs_disk_options options;
	const struct sim_settings settings = {.psow = SIM_CAPABILITY_KEPT,
	                                      .sequential = SIM_CAPABILITY_FALSE,
	                                      .safe_append = SIM_CAPABILITY_ABSENT,
	                                      .sync_model = VFS_SYNC_BTRFS,
	                                      .sector_size_bytes = 512,
	                                      .garbage = true};
	sim_machine_disk_options(&settings, &options);
	assert_int_equal(options.device_characteristics, SQLITE_IOCAP_POWERSAFE_OVERWRITE | SQLITE_IOCAP_SEQUENTIAL);
	assert_int_equal(options.kept_characteristics, SQLITE_IOCAP_POWERSAFE_OVERWRITE);
	assert_int_equal(options.sync_model, VFS_SYNC_BTRFS);
	assert_int_equal(options.sector_size_bytes, 512);
	assert_true(options.garbage);
}

/* ---- a look ---------------------------------------------------------------------------------- */

static int look_code;

static void look_and_spoil(void *context, const char *vfs_name) {
	(void)context;
	sqlite3 *connection = NULL;
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	look_code = sqlite3_open_v2(SIM_WORLD_PATH, &connection, flags, vfs_name);
	if (look_code == SQLITE_OK) {
		look_code = sqlite3_exec(connection,
		                         "PRAGMA journal_mode=wal; CREATE TABLE spoilt(x);"
		                         "INSERT INTO spoilt VALUES(randomblob(100))",
		                         NULL, NULL, NULL);
	}
	sqlite3_close(connection);
}

/* S26: whoever looks works on a copy. It may even write, and the run is as if nobody had. */
static void a_look_changes_nothing_of_the_run(void **context) {
	(void)context;
	static struct sim_world world;
	const struct vfs_disk_options options = {.sector_size_bytes = 512};
	const char text[] = "what lies there";
	struct sim_machine_files before;
	struct sim_machine_files after;
	struct vfs_inode *inode = NULL;
	bool created = false;
	world.disk = vfs_disk_create(&options);
	world.now_ns = 77;
	assert_non_null(world.disk);
	assert_int_equal(vfs_disk_open(world.disk, "/other", true, &created, &inode), VFS_OK);
	assert_int_equal(vfs_disk_write(world.disk, inode, 0, text, sizeof text), VFS_OK);
	sim_machine_hash_files(&world, true, &before);
	sim_inspect(&world, look_and_spoil, NULL);
	assert_int_equal(look_code, SQLITE_OK);
	sim_machine_hash_files(&world, true, &after);
	assert_true(before.hash == after.hash);
	assert_int_equal(world.now_ns, 77);
	vfs_disk_close(world.disk, inode);
	vfs_disk_destroy(world.disk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_look_changes_nothing_of_the_run),
	        cmocka_unit_test(a_disk_is_made_to_report_and_to_keep_what_the_settings_say),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
