/* Kinds of operation: which texts are some, and what is drawn from them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "operation.h"

#define DRAWS 2000u

static char why[SIM_OPERATION_WHY_SIZE];
static char text[SUBJECT_OPERATION_SIZE];

static void takes(const char *kind) {
	if (!sim_operation_check(kind, why)) {
		fail_msg("%s: %s", kind, why);
	}
}

static void refuses(const char *kind) {
	why[0] = '\0';
	if (sim_operation_check(kind, why)) {
		fail_msg("%s: taken", kind);
	}
	assert_non_null(strstr(why, "expected"));
}

static void good_kinds_are_taken(void **context) {
	static const char *const kinds[] = {
	        "put {1-20} {letters 0-30}", "{a|b|}x", "{a|bb}", "{-5--1}", "{{not a gap}", "take",
	        "{0-9223372036854775807}"};
	(void)context;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		takes(kinds[i]);
	}
}

static void bad_kinds_are_refused(void **context) {
	static const char *const kinds[] = {"",
	                                    "{",
	                                    "{}",
	                                    "{20-1}",
	                                    "{1}",
	                                    "{1-}",
	                                    "{ 1-2}",
	                                    "{1- 2}",
	                                    "{letters}",
	                                    "{letters -1-2}",
	                                    "{letters 0-300}",
	                                    "{a|{b}",
	                                    "two\nlines",
	                                    "{two|lines\n}",
	                                    "{letters 0-3}{a|}",
	                                    "{|}",
	                                    "{0-9223372036854775808}",
	                                    "{letters 0-200} {letters 0-200}"};
	(void)context;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		refuses(kinds[i]);
	}
}

static void a_list_is_checked_as_a_whole(void **context) {
	const struct subject_operation good[] = {{"take", 0}, {"put {1-2}", 5}, {NULL, 0}};
	const struct subject_operation bad[] = {{"take", 1}, {"put {1}", 1}, {NULL, 0}};
	const struct subject_operation heavy[] = {{"take", SIM_OPERATION_WEIGHT_MAX + 1}, {NULL, 0}};
	const struct subject_operation none[] = {{NULL, 0}};
	(void)context;
	assert_true(sim_operations_check(NULL, why));
	assert_true(sim_operations_check(good, why));
	assert_false(sim_operations_check(bad, why));
	assert_non_null(strstr(why, "operation 1: {1}, expected a gap"));
	assert_false(sim_operations_check(heavy, why));
	assert_false(sim_operations_check(none, why));
}

/* S1: a function of the list and the number. */
static void what_is_drawn_is_a_function_of_the_number(void **context) {
	const struct subject_operation list[] = {{"put {1-20} {letters 0-30}", 3}, {"{red|green|} {{x}", 1}, {NULL, 0}};
	char again[SUBJECT_OPERATION_SIZE];
	(void)context;
	for (uint64_t number = 0; number < DRAWS; number++) {
		memset(again, 1, sizeof again);
		sim_operation_draw(list, UINT32_MAX, number, text);
		sim_operation_draw(list, UINT32_MAX, number, again);
		assert_memory_equal(text, again, sizeof text);
	}
}

static void gaps_are_filled_within_their_ends(void **context) {
	const struct subject_operation list[] = {{"{-3-4}", 1}, {NULL, 0}};
	uint32_t seen = 0;
	(void)context;
	for (uint64_t number = 0; number < DRAWS; number++) {
		sim_operation_draw(list, 0, number, text);
		long drawn = strtol(text, NULL, 10);
		assert_in_range(drawn + 3, 0, 7);
		seen |= 1u << (drawn + 3);
	}
	assert_int_equal(seen, 0xff);
}

static void words_and_letters_are_all_drawn(void **context) {
	const struct subject_operation list[] = {{"{red|green|}{letters 2-3}", 1}, {NULL, 0}};
	uint32_t words[3] = {0};
	(void)context;
	for (uint64_t number = 0; number < DRAWS; number++) {
		sim_operation_draw(list, UINT32_MAX, number, text);
		size_t word = strncmp(text, "red", 3) == 0 && strlen(text) >= 5     ? 0
		              : strncmp(text, "green", 5) == 0 && strlen(text) >= 7 ? 1
		                                                                    : 2;
		words[word]++;
		assert_int_equal(strspn(text, "abcdefghijklmnopqrstuvwxyz"), strlen(text));
	}
	for (size_t i = 0; i < 3; i++) {
		assert_in_range(words[i], DRAWS / 4, DRAWS / 2);
	}
}

static void weights_and_the_mask_count(void **context) {
	const struct subject_operation list[] = {{"often", 9}, {"seldom", 1}, {NULL, 0}};
	uint32_t often = 0;
	(void)context;
	for (uint64_t number = 0; number < DRAWS; number++) {
		sim_operation_draw(list, UINT32_MAX, number, text);
		often += text[0] == 'o';
		sim_operation_draw(list, 1u << 1, number, text);
		assert_string_equal(text, "seldom");
	}
	assert_in_range(often, DRAWS * 85 / 100, DRAWS * 95 / 100);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(good_kinds_are_taken),
	        cmocka_unit_test(bad_kinds_are_refused),
	        cmocka_unit_test(a_list_is_checked_as_a_whole),
	        cmocka_unit_test(what_is_drawn_is_a_function_of_the_number),
	        cmocka_unit_test(gaps_are_filled_within_their_ends),
	        cmocka_unit_test(words_and_letters_are_all_drawn),
	        cmocka_unit_test(weights_and_the_mask_count),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
