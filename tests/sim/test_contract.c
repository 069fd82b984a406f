/* The contract table equals FAULTS.md section 5, row by row. A documented chance of corruption is may_corrupt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "contract.h"

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

static void the_weaker_contract_is_the_greater_number(void **context) {
	(void)context;
	assert_true(SIM_CONTRACT_DURABLE < SIM_CONTRACT_LAST_MAY_ROLL_BACK);
	assert_true(SIM_CONTRACT_LAST_MAY_ROLL_BACK < SIM_CONTRACT_PREFIX);
	assert_true(SIM_CONTRACT_PREFIX < SIM_CONTRACT_MAY_CORRUPT);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_cell_is_what_the_table_says),
	        cmocka_unit_test(without_a_crash_everything_is_durable),
	        cmocka_unit_test(the_weaker_contract_is_the_greater_number),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
