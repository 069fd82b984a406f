/* The contract table equals docs/contracts.md section 1, row by row. A documented chance of
 * corruption is may_corrupt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "contract.h"
#include "scenario_promise.h"

#include <sqlite3.h>

/* From OFF to EXTRA. */
struct row {
	enum sim_journal_mode mode;
	const char *kill[4];
	const char *power_loss[4];
};

#define D "durable"
#define L "last_may_roll_back"
#define P "prefix"
#define C "may_corrupt"

static const struct row rows[] = {
        {SIM_JOURNAL_DELETE, {D, D, D, D}, {C, C, L, D}},  {SIM_JOURNAL_TRUNCATE, {D, D, D, D}, {C, C, D, D}},
        {SIM_JOURNAL_PERSIST, {D, D, D, D}, {C, C, D, D}}, {SIM_JOURNAL_MEMORY, {C, C, C, C}, {C, C, C, C}},
        {SIM_JOURNAL_OFF, {C, C, C, C}, {C, C, C, C}},     {SIM_JOURNAL_WAL, {D, D, D, D}, {C, P, D, D}},
};

static void every_cell_is_what_the_table_says(void **context) {
	(void)context;
	assert_int_equal(sizeof rows / sizeof rows[0], SIM_JOURNAL_COUNT - 1);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		for (int j = 0; j < 4; j++) {
			enum sim_synchronous synchronous = (enum sim_synchronous)(SIM_SYNCHRONOUS_OFF + j);
			assert_string_equal(
			        sim_contract_name(sim_contract_of(rows[i].mode, synchronous, SIM_CRASH_KILL)),
			        rows[i].kill[j]);
			assert_string_equal(
			        sim_contract_name(sim_contract_of(rows[i].mode, synchronous, SIM_CRASH_POWER_LOSS)),
			        rows[i].power_loss[j]);
		}
	}
}

static void without_a_crash_everything_is_durable(void **context) {
	(void)context;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(sim_contract_of(rows[i].mode, SIM_SYNCHRONOUS_OFF, SIM_CRASH_NONE),
		                 SIM_CONTRACT_DURABLE);
	}
}

/* docs/contracts.md section 3, "A WAL whose sync failed": NORMAL alone, and only where the disk
 * keeps no page dirty. */
static void a_failed_sync_of_the_wal_takes_what_its_file_system_says(void **context) {
	static const struct {
		enum vfs_sync_model model;
		struct sim_contract_gap gap;
		const char *kill;
		const char *power_loss;
	} failures[] = {
	        {VFS_SYNC_STILL_DIRTY, {.dropped = true, .copied = true, .goes_on = true}, "none", "none"},
	        {VFS_SYNC_EXT4, {0}, "none", P},
	        {VFS_SYNC_EXT4, {.goes_on = true}, "none", P},
	        {VFS_SYNC_EXT4, {.dropped = true}, P, P},
	        {VFS_SYNC_EXT4, {.copied = true}, "none", "detect"},
	        {VFS_SYNC_EXT4_DATA, {.dropped = true, .copied = true}, "detect", "detect"},
	        {VFS_SYNC_BTRFS, {.copied = true}, P, P},
	        {VFS_SYNC_BTRFS, {.goes_on = true}, "detect", "detect"},
	};
	struct sim_settings settings = {.journal_mode = SIM_JOURNAL_WAL, .synchronous = SIM_SYNCHRONOUS_NORMAL};
	struct sim_contract_gap worst = {.dropped = true, .copied = true, .goes_on = true};
	(void)context;
	for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
		settings.sync_model = failures[i].model;
		enum sim_contract kill = sim_contract_of_gap(&settings, SIM_CRASH_KILL, &failures[i].gap);
		enum sim_contract power_loss = sim_contract_of_gap(&settings, SIM_CRASH_POWER_LOSS, &failures[i].gap);
		assert_string_equal(sim_contract_name(kill), failures[i].kill);
		assert_string_equal(sim_contract_name(power_loss), failures[i].power_loss);
	}
	settings.synchronous = SIM_SYNCHRONOUS_FULL;
	assert_int_equal(sim_contract_of_gap(&settings, SIM_CRASH_POWER_LOSS, &worst), SIM_CONTRACT_NONE);
	settings.synchronous = SIM_SYNCHRONOUS_NORMAL;
	settings.journal_mode = SIM_JOURNAL_DELETE;
	assert_int_equal(sim_contract_of_gap(&settings, SIM_CRASH_POWER_LOSS, &worst), SIM_CONTRACT_NONE);
}

/* What a life has left unsynced, the next one may lose in its own mode. */
static void of_two_protocols_the_weaker_one_counts(void **context) {
	struct sim_settings settings = {
	        .journal_mode = SIM_JOURNAL_WAL, .synchronous = SIM_SYNCHRONOUS_FULL, .psow = SIM_CAPABILITY_KEPT};
	(void)context;
	assert_int_equal(sim_contract_of_settings(&settings, SIM_CRASH_POWER_LOSS), SIM_CONTRACT_DURABLE);
	settings.other_journal_mode = SIM_JOURNAL_DELETE;
	assert_int_equal(sim_contract_of_settings(&settings, SIM_CRASH_POWER_LOSS), SIM_CONTRACT_LAST_MAY_ROLL_BACK);
	settings.other_synchronous = SIM_SYNCHRONOUS_EXTRA;
	assert_int_equal(sim_contract_of_settings(&settings, SIM_CRASH_POWER_LOSS), SIM_CONTRACT_DURABLE);
	settings.synchronous = SIM_SYNCHRONOUS_NORMAL;
	assert_int_equal(sim_contract_of_settings(&settings, SIM_CRASH_POWER_LOSS), SIM_CONTRACT_PREFIX);
	assert_int_equal(sim_settings_journal_mode_of(&settings, 1), SIM_JOURNAL_WAL);
	assert_int_equal(sim_settings_journal_mode_of(&settings, 2), SIM_JOURNAL_DELETE);
	assert_int_equal(sim_settings_journal_mode_of(&settings, 3), SIM_JOURNAL_WAL);
	assert_int_equal(sim_settings_synchronous_of(&settings, 4), SIM_SYNCHRONOUS_EXTRA);
}

static void a_name_gives_its_contract_back(void **context) {
	(void)context;
	for (int i = SIM_CONTRACT_NONE + 1; i < SIM_CONTRACT_COUNT; i++) {
		assert_int_equal(sim_contract_named(sim_contract_name((enum sim_contract)i)), i);
	}
	assert_int_equal(sim_contract_named("none"), SIM_CONTRACT_NONE);
	assert_int_equal(sim_contract_named("DURABLE"), SIM_CONTRACT_NONE);
}

/* S19: whether several files commit together follows from mode and synchronous. */
static void rollback_modes_that_sync_are_atomic_across_files_and_no_others(void **context) {
	(void)context;
	assert_true(sim_contract_is_atomic_across_files(SIM_JOURNAL_DELETE, SIM_SYNCHRONOUS_NORMAL));
	assert_true(sim_contract_is_atomic_across_files(SIM_JOURNAL_PERSIST, SIM_SYNCHRONOUS_FULL));
	assert_false(sim_contract_is_atomic_across_files(SIM_JOURNAL_DELETE, SIM_SYNCHRONOUS_OFF));
	assert_false(sim_contract_is_atomic_across_files(SIM_JOURNAL_WAL, SIM_SYNCHRONOUS_FULL));
	assert_false(sim_contract_is_atomic_across_files(SIM_JOURNAL_MEMORY, SIM_SYNCHRONOUS_EXTRA));
}

static void a_scenario_spans_what_its_settings_give(void **context) {
	(void)context;
	char text[SIM_CONTRACT_TEXT_SIZE];
	struct sim_scenario scenario = {
	        .fault_group_count = 1,
	        .fault_groups = {{.kind = SIM_FAULT_POWER_LOSS, .chance_percent = 1, .count = {.min = 0, .max = 1}}}};
	struct sim_choices *modes = &scenario.settings[SIM_SETTING(journal_mode)];
	struct sim_choices *levels = &scenario.settings[SIM_SETTING(synchronous)];
	*modes = (struct sim_choices){2, {SIM_JOURNAL_WAL, SIM_JOURNAL_DELETE}};
	*levels = (struct sim_choices){2, {SIM_SYNCHRONOUS_NORMAL, SIM_SYNCHRONOUS_EXTRA}};
	struct sim_contract_span span = sim_scenario_promise_after(&scenario, SIM_CRASH_POWER_LOSS);
	assert_int_equal(span.strongest, SIM_CONTRACT_DURABLE);
	assert_int_equal(span.weakest, SIM_CONTRACT_MAY_CORRUPT);
	assert_int_equal(sim_scenario_promise_after(&scenario, SIM_CRASH_KILL).weakest, SIM_CONTRACT_NONE);
	sim_scenario_promise_print(&scenario, text);
	assert_string_equal(text, "durable to may_corrupt after power loss");
	scenario.settings[SIM_SETTING(journal_mode)].count = scenario.settings[SIM_SETTING(synchronous)].count = 1;
	scenario.fault_groups[1] =
	        (struct sim_fault_group){.kind = SIM_FAULT_KILL, .chance_percent = 100, .count = {.min = 1, .max = 1}};
	scenario.fault_groups[2] = (struct sim_fault_group){.kind = SIM_FAULT_BIT_FLIP, .chance_percent = 9};
	scenario.fault_group_count = 3;
	sim_scenario_promise_print(&scenario, text);
	assert_string_equal(text, "durable after kill, prefix after power loss, detect after damage");
	scenario.demanded[SIM_CRASH_POWER_LOSS] = SIM_CONTRACT_DURABLE;
	scenario.fault_group_count = 1;
	sim_scenario_promise_print(&scenario, text);
	assert_string_equal(text, "durable demanded after power loss");
	scenario.fault_groups[0].chance_percent = 0;
	sim_scenario_promise_print(&scenario, text);
	assert_string_equal(text, "durable");
}

static void a_disk_that_lies_may_corrupt_at_power_loss_and_not_at_a_kill(void **context) {
	(void)context;
	static const struct sim_settings lies[] = {
	        {.lies_percent = 1},
	        {.sequential = SIM_CAPABILITY_FALSE},
	        {.safe_append = SIM_CAPABILITY_FALSE},
	        {.psow = SIM_CAPABILITY_FALSE, .garbage = true},
	};
	for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
		struct sim_settings settings = lies[i];
		settings.journal_mode = SIM_JOURNAL_WAL;
		settings.synchronous = SIM_SYNCHRONOUS_FULL;
		assert_true(sim_settings_disk_lies(&settings));
		assert_int_equal(sim_contract_of_settings(&settings, SIM_CRASH_POWER_LOSS), SIM_CONTRACT_MAY_CORRUPT);
		assert_int_equal(sim_contract_of_settings(&settings, SIM_CRASH_KILL), SIM_CONTRACT_DURABLE);
	}
}

static void a_disk_that_keeps_its_word_has_the_contract_of_the_table(void **context) {
	(void)context;
	static const struct sim_settings honest[] = {
	        {0},
	        {.psow = SIM_CAPABILITY_ABSENT, .garbage = true},
	        {.psow = SIM_CAPABILITY_FALSE}, /* without garbage overwriting is safe anyhow */
	        {.sequential = SIM_CAPABILITY_KEPT},
	        {.safe_append = SIM_CAPABILITY_KEPT, .garbage = true},
	};
	for (size_t i = 0; i < sizeof honest / sizeof honest[0]; i++) {
		struct sim_settings settings = honest[i];
		settings.journal_mode = SIM_JOURNAL_WAL;
		settings.synchronous = SIM_SYNCHRONOUS_FULL;
		assert_false(sim_settings_disk_lies(&settings));
		assert_int_equal(sim_contract_of_settings(&settings, SIM_CRASH_POWER_LOSS), SIM_CONTRACT_DURABLE);
	}
}

/* S12, S66: seven states, of which the fifth was the last to be acknowledged; or the last one
 * was. */
static void the_lowest_state_of_a_load_follows_from_the_contract(void **context) {
	(void)context;
	assert_int_equal(sim_contract_lowest(SIM_CONTRACT_DURABLE, SIM_CRASH_KILL, 5, 7), 7);
	assert_int_equal(sim_contract_lowest(SIM_CONTRACT_DURABLE, SIM_CRASH_POWER_LOSS, 5, 7), 5);
	assert_int_equal(sim_contract_lowest(SIM_CONTRACT_LAST_MAY_ROLL_BACK, SIM_CRASH_POWER_LOSS, 5, 7), 5);
	assert_int_equal(sim_contract_lowest(SIM_CONTRACT_LAST_MAY_ROLL_BACK, SIM_CRASH_POWER_LOSS, 7, 7), 6);
	assert_int_equal(sim_contract_lowest(SIM_CONTRACT_LAST_MAY_ROLL_BACK, SIM_CRASH_POWER_LOSS, 0, 0), 0);
	assert_int_equal(sim_contract_lowest(SIM_CONTRACT_PREFIX, SIM_CRASH_POWER_LOSS, 7, 7), 0);
	assert_int_equal(sim_contract_lowest(SIM_CONTRACT_MAY_CORRUPT, SIM_CRASH_KILL, 7, 7), 0);
	assert_true(sim_contract_read_settles(SIM_CONTRACT_DURABLE, SIM_CRASH_KILL, true));
	assert_false(sim_contract_read_settles(SIM_CONTRACT_DURABLE, SIM_CRASH_KILL, false));
	assert_false(sim_contract_read_settles(SIM_CONTRACT_DURABLE, SIM_CRASH_POWER_LOSS, true));
	assert_false(sim_contract_read_settles(SIM_CONTRACT_PREFIX, SIM_CRASH_KILL, true));
}

static void the_weaker_contract_is_the_greater_number(void **context) {
	(void)context;
	assert_true(SIM_CONTRACT_DURABLE < SIM_CONTRACT_LAST_MAY_ROLL_BACK);
	assert_true(SIM_CONTRACT_LAST_MAY_ROLL_BACK < SIM_CONTRACT_PREFIX);
	assert_true(SIM_CONTRACT_PREFIX < SIM_CONTRACT_DETECT);
	assert_true(SIM_CONTRACT_DETECT < SIM_CONTRACT_MAY_CORRUPT);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_cell_is_what_the_table_says),
	        cmocka_unit_test(without_a_crash_everything_is_durable),
	        cmocka_unit_test(a_failed_sync_of_the_wal_takes_what_its_file_system_says),
	        cmocka_unit_test(of_two_protocols_the_weaker_one_counts),
	        cmocka_unit_test(a_name_gives_its_contract_back),
	        cmocka_unit_test(rollback_modes_that_sync_are_atomic_across_files_and_no_others),
	        cmocka_unit_test(a_scenario_spans_what_its_settings_give),
	        cmocka_unit_test(a_disk_that_lies_may_corrupt_at_power_loss_and_not_at_a_kill),
	        cmocka_unit_test(a_disk_that_keeps_its_word_has_the_contract_of_the_table),
	        cmocka_unit_test(the_lowest_state_of_a_load_follows_from_the_contract),
	        cmocka_unit_test(the_weaker_contract_is_the_greater_number),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
