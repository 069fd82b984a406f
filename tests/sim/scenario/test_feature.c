/* What scenarios have, and which pairs of it one scenario has together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "feature.h"
#include "sql.h"

static struct sim_features features;

static uint32_t named(const char *name) {
	for (uint32_t i = 0; i < features.count; i++) {
		if (strcmp(features.items[i].name, name) == 0) {
			return i;
		}
	}
	fail_msg("there is no feature %s", name);
	return 0;
}

static uint32_t together(const char *one, const char *other) {
	uint32_t count = features.together[named(one)][named(other)];
	assert_int_equal(features.together[named(other)][named(one)], count);
	return count;
}

static void choose(struct sim_scenario *scenario, uint32_t row, uint64_t value) {
	struct sim_choices *choices = &scenario->settings[row];
	choices->values[choices->count++] = value;
}

/* One with WAL, a kill and busts; one with DELETE and a cut; one of SQL with both modes. */
static void count_three(void) {
	static struct sim_scenario first;
	static struct sim_scenario second;
	static struct sim_scenario third;
	static struct sim_sql sql;
	struct sim_scenario *const scenarios[] = {&first, &second, &third};
	memset(&first, 0, sizeof first);
	memset(&second, 0, sizeof second);
	memset(&third, 0, sizeof third);
	choose(&first, SIM_SETTING(journal_mode), SIM_JOURNAL_WAL);
	choose(&first, SIM_SETTING(cache_pages), 7);
	first.fault_groups[first.fault_group_count++].kind = SIM_FAULT_KILL;
	first.workload.rare_percent[SIM_RARE_BUSTS] = 1;
	choose(&second, SIM_SETTING(journal_mode), SIM_JOURNAL_DELETE);
	second.fault_groups[second.fault_group_count++].kind = SIM_FAULT_CUT;
	third.sql = &sql;
	choose(&third, SIM_SETTING(journal_mode), SIM_JOURNAL_WAL);
	choose(&third, SIM_SETTING(journal_mode), SIM_JOURNAL_DELETE);
	choose(&third, SIM_SETTING(protocol), SIM_PROTOCOL_JOURNAL);
	sim_features_count(&features, scenarios, 3);
}

static void a_feature_counts_the_scenarios_that_have_it(void **state) {
	(void)state;
	count_three();
	assert_int_equal(together("journal_mode=wal", "journal_mode=wal"), 2);
	assert_int_equal(together("journal_mode=truncate", "journal_mode=truncate"), 0);
	assert_int_equal(together("cache_pages=7", "cache_pages=7"), 1);
	assert_int_equal(together("kill", "kill"), 1);
	/* SQL has no protocol, whatever its settings say. */
	assert_int_equal(together("protocol=journal", "protocol=journal"), 0);
}

static void a_pair_is_there_when_one_scenario_has_both(void **state) {
	(void)state;
	count_three();
	assert_int_equal(together("journal_mode=wal", "kill"), 1);
	assert_int_equal(together("journal_mode=delete", "cut"), 1);
	assert_int_equal(together("journal_mode=wal", "cut"), 0);
	assert_int_equal(together("busts", "kill"), 1);
	assert_int_equal(together("busts", "cut"), 0);
}

static void what_excludes_each_other_is_no_gap(void **state) {
	(void)state;
	count_three();
	assert_true(sim_features_can_meet(&features, named("journal_mode=wal"), named("cut")));
	assert_true(sim_features_can_meet(&features, named("cut"), named("kill")));
	assert_false(sim_features_can_meet(&features, named("kill"), named("kill")));
	assert_false(sim_features_can_meet(&features, named("journal_mode=wal"), named("journal_mode=off")));
	/* No scenario is of order updates and of SQL. */
	assert_false(sim_features_can_meet(&features, named("busts"), named("writer")));
	assert_true(sim_features_can_meet(&features, named("busts"), named("engine")));
	assert_true(sim_features_can_meet(&features, named("checkpoints"), named("writer")));
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_feature_counts_the_scenarios_that_have_it),
	        cmocka_unit_test(a_pair_is_there_when_one_scenario_has_both),
	        cmocka_unit_test(what_excludes_each_other_is_no_gap),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
