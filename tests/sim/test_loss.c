/* What was lost legally, by class: the same class is one entry, and what does not fit is of
 * several. */
#include "loss.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct sim_loss of(enum sim_fault_kind kind, enum vfs_file_kind file, uint64_t updates) {
	return (struct sim_loss){
	        .cause = SIM_LOSS_BY_FAULT, .kind = kind, .file = file, .loads = 1, .updates = updates};
}

static void losses_of_one_class_are_one_entry(void **context) {
	struct sim_loss losses[3] = {0};
	const struct sim_loss added[] = {of(SIM_FAULT_REMOVE, VFS_FILE_WAL, 4), of(SIM_FAULT_REMOVE, VFS_FILE_WAL, 2),
	                                 of(SIM_FAULT_REMOVE, VFS_FILE_DB, 9)};
	char name[SIM_LOSS_TEXT_SIZE];
	(void)context;
	for (size_t i = 0; i < 3; i++) {
		sim_loss_add(losses, 3, &added[i]);
	}
	assert_int_equal(losses[0].loads, 2);
	assert_int_equal(losses[0].updates, 6);
	assert_int_equal(losses[1].updates, 9);
	assert_int_equal(losses[2].cause, SIM_LOSS_NONE);
	sim_loss_name(&losses[0], name);
	assert_string_equal(name, "remove wal");
}

/* Nothing is dropped, and nothing is said to be of a class that it is not of. */
static void what_does_not_fit_is_of_several(void **context) {
	struct sim_loss losses[2] = {0};
	const struct sim_loss settings = {.cause = SIM_LOSS_BY_SETTINGS, .loads = 1, .updates = 1};
	const struct sim_loss added[] = {of(SIM_FAULT_CUT, VFS_FILE_WAL, 2), settings,
	                                 of(SIM_FAULT_EMPTY, VFS_FILE_DB, 5)};
	char name[SIM_LOSS_TEXT_SIZE];
	(void)context;
	for (size_t i = 0; i < 3; i++) {
		sim_loss_add(losses, 2, &added[i]);
	}
	assert_int_equal(losses[0].updates, 2);
	assert_int_equal(losses[1].updates, 6);
	sim_loss_name(&losses[1], name);
	assert_string_equal(name, "several faults");
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(losses_of_one_class_are_one_entry),
	        cmocka_unit_test(what_does_not_fit_is_of_several),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
