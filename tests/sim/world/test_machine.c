/* tests/sim/world/test_machine.c: the machine is what the settings of the plan say. */
#include "machine.h"

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

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_disk_is_made_to_report_and_to_keep_what_the_settings_say),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
