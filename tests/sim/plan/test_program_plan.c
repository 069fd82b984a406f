/* Plans of programs: a function of scenario and seed, with one text that can be read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "plan.h"
#include "plan_make.h"
#include "plan_text.h"
#include "scenario_load.h"

#include <glob.h>

#define SEEDS 100u

static struct sim_plan plan;
static struct sim_plan other;
static char why[1536];
static char printed[1u << 20];

static struct sim_scenario *load(const char *path) {
	struct sim_scenario *scenario = sim_scenario_load(path, why, sizeof why);
	if (scenario == NULL) {
		fail_msg("%s", why);
	}
	return scenario;
}

static void print(const struct sim_plan *of) {
	FILE *out = fmemopen(printed, sizeof printed, "w");
	assert_non_null(out);
	sim_plan_text_print(of, out);
	fclose(out);
}

/* S1 */
static void check_same(const struct sim_scenario *scenario, uint64_t seed) {
	memset(&plan, 0, sizeof plan);
	memset(&other, 0, sizeof other);
	sim_plan_make(&plan, scenario, seed);
	sim_plan_make(&other, scenario, seed);
	assert_memory_equal(&plan, &other, sizeof plan);
	assert_true(plan.program.is_one);
}

/* S34 */
static void check_text(void) {
	print(&plan);
	other.sql_scenario = NULL;
	if (!sim_plan_text_parse(&other, printed, "plan", why, sizeof why)) {
		fail_msg("%s", why);
	}
	assert_memory_equal(&plan.program, &other.program, sizeof plan.program);
	assert_memory_equal(plan.steps, other.steps, sizeof plan.steps);
	assert_memory_equal(plan.faults, other.faults, sizeof plan.faults);
}

static void check(const struct sim_scenario *scenario) {
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		check_same(scenario, seed);
		check_text();
	}
}

static void a_plan_is_a_function_of_scenario_and_seed_and_can_be_read_back(void **context) {
	glob_t files;
	(void)context;
	assert_int_equal(glob(TESTS_SOURCE_DIR "/scenarios/program/*.yaml", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		struct sim_scenario *scenario = load(files.gl_pathv[i]);
		check(scenario);
		assert_int_equal(plan.program.operations[0].text[0], '\0');
		sim_scenario_destroy(scenario);
	}
	globfree(&files);
}

static void a_scenario_with_operations_has_their_texts(void **context) {
	char folder[] = "/tmp/operations-XXXXXX";
	char path[64];
	(void)context;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/mine.yaml", folder);
	FILE *out = fopen(path, "w");
	assert_non_null(out);
	fputs("name: mine\nabout: x\nsubject: program\noperations:\n"
	      "  - {text: 'put {1-9}  {letters 0-3}', weight: 2}\n  - text: take\n",
	      out);
	fclose(out);
	struct sim_scenario *scenario = load(path);
	unlink(path);
	rmdir(folder);
	check(scenario);
	assert_int_not_equal(plan.program.operations[0].text[0], '\0');
	sim_scenario_destroy(scenario);
}

/* What was there before must not show through. */
static void a_used_plan_leaves_no_traces(void **context) {
	struct sim_scenario *program = load(TESTS_SOURCE_DIR "/scenarios/program/program-kill.yaml");
	struct sim_scenario *engine = load(TESTS_SOURCE_DIR "/scenarios/kill-anywhere.yaml");
	(void)context;
	memset(&plan, 0, sizeof plan);
	memset(&other, 0, sizeof other);
	sim_plan_make(&plan, program, 5);
	sim_plan_make(&plan, engine, 6);
	sim_plan_make(&other, engine, 6);
	assert_memory_equal(&plan.program, &other.program, sizeof plan.program);
	sim_scenario_destroy(program);
	sim_scenario_destroy(engine);
}

static void refuses(const char *from, const char *to, const char *expected) {
	static char changed[sizeof printed];
	char *at = strstr(printed, from);
	assert_non_null(at);
	snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - printed), printed, to, at + strlen(from));
	other.sql_scenario = NULL;
	why[0] = '\0';
	if (sim_plan_text_parse(&other, changed, "plan", why, sizeof why)) {
		fail_msg("taken: %s", to);
	}
	if (strstr(why, expected) == NULL) {
		fail_msg("\"%s\" does not say \"%s\"", why, expected);
	}
}

static void a_text_that_is_wrong_is_refused(void **context) {
	struct sim_scenario *scenario = load(TESTS_SOURCE_DIR "/scenarios/program/program-kill.yaml");
	(void)context;
	memset(&plan, 0, sizeof plan);
	sim_plan_make(&plan, scenario, 3);
	snprintf(plan.program.operations[0].text, sizeof plan.program.operations[0].text, "put 1  two words");
	plan.program.operations[0].number = 0;
	print(&plan);
	refuses("operation 0 text put", "operation 0 word put", "word");
	refuses("operation 0 text put 1  two words", "operation 0 text ", "expected one line of 1 to 255");
	refuses("operation 1 drawn 0x", "operation 1 drawn 0X", "expected 0x and 16");
	refuses("operation 1 drawn", "operation 2 drawn", "operation");
	refuses("program made ", "program made never", "never");
	refuses("step 0 operation 0", "step 0 operation 4000", "4000");
	refuses("step 0 operation 0", "step 0 checkpoint", "checkpoint");
	sim_scenario_destroy(scenario);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_plan_is_a_function_of_scenario_and_seed_and_can_be_read_back),
	        cmocka_unit_test(a_scenario_with_operations_has_their_texts),
	        cmocka_unit_test(a_used_plan_leaves_no_traces),
	        cmocka_unit_test(a_text_that_is_wrong_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
