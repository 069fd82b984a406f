/* S63: a changed plan is a plan. It can be printed and read again (S34, S35), is a function of its
 * chance, and each way to change one changes some. */
#include "mutate.h"

#include "library.h"
#include "plan_make.h"
#include "plan_text.h"
#include "run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SEEDS 150u

static struct sim_plan plan;
static struct sim_plan donor;
static struct sim_plan again;

static char *text_of(const struct sim_plan *printed) {
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	assert_non_null(out);
	sim_plan_text_print(printed, out);
	fclose(out);
	return text;
}

static struct sim_mutation begin(const struct sim_scenario *scenario, uint64_t seed, uint64_t chance) {
	struct sim_mutation mutation = {.plan = &plan, .scenario = scenario, .donor = &donor};
	sim_plan_make(&plan, scenario, seed);
	sim_plan_make(&donor, scenario, seed + 1000);
	sim_pcg32_derive(&mutation.chance, chance, "test");
	return mutation;
}

static void read_back(const struct sim_scenario *scenario, const char *text, uint64_t seed) {
	char why[600] = "";
	memset(&again, 0, sizeof again);
	again.sql_scenario = scenario->sql;
	if (!sim_plan_text_parse(&again, text, scenario->name, why, sizeof why)) {
		fail_msg("seed %llu: %s\n%s", (unsigned long long)seed, why, text);
	}
	char *form = text_of(&again);
	assert_string_equal(form, text);
	free(form);
	sim_plan_deinit(&again);
}

static void check_scenario(const char *name) {
	struct sim_scenario *scenario = library_load(name);
	uint32_t changed = 0;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		char *texts[3];
		for (int i = 0; i < 3; i++) {
			struct sim_mutation mutation = begin(scenario, seed, i < 2 ? seed : seed + 1);
			sim_mutate(&mutation);
			texts[i] = text_of(&plan);
		}
		read_back(scenario, texts[0], seed);
		assert_string_equal(texts[0], texts[1]);
		changed += strcmp(texts[0], texts[2]) != 0;
		for (int i = 0; i < 3; i++) {
			free(texts[i]);
		}
	}
	assert_in_range(changed, SEEDS / 2, SEEDS);
	sim_scenario_destroy(scenario);
}

static void a_changed_plan_can_be_read_again(void **context) {
	(void)context;
	assert_true(sim_run_init());
	check_scenario("sql-swarm");
	check_scenario("processes/wal-kill");
	check_scenario("processes/engine-rivals");
	check_scenario("swarm");
	check_scenario("outside-other-book");
	check_scenario("old-engine-wakes");
}

/* Whether the way changes some of the plans of a scenario. */
static bool changes(const char *name, const char *way) {
	struct sim_scenario *scenario = library_load(name);
	bool changed = false;
	for (uint64_t seed = 1; seed <= SEEDS && !changed; seed++) {
		struct sim_mutation mutation = begin(scenario, seed, seed);
		char *before = text_of(&plan);
		bool said = sim_mutate_in_way(&mutation, way);
		char *after = text_of(&plan);
		changed = said && strcmp(before, after) != 0;
		free(before);
		free(after);
	}
	sim_scenario_destroy(scenario);
	return changed;
}

static void each_way_changes_some_plan(void **context) {
	(void)context;
	for (const char *const *way = sim_mutate_names(); *way != NULL; way++) {
		bool changed = changes("processes/wal-kill", *way) || changes("sql-swarm", *way);
		assert_string_equal(changed ? "" : *way, "");
	}
	assert_false(changes("swarm", "schedule"));
	assert_false(changes("swarm", "transaction"));
	assert_false(changes("swarm", "no-such-way"));
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_changed_plan_can_be_read_again),
	        cmocka_unit_test(each_way_changes_some_plan),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
