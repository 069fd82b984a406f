/* tests/sim/test_verdict.c: what a violation says can be printed and stored. */
#include "verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void expect_detail(const char *text, const char *detail) {
	struct sim_violation violation;
	memset(&violation, 0, sizeof violation);
	assert_false(sim_verdict_violated(&violation, "corruption_detected", "loaded %s", text));
	assert_string_equal(violation.detail, detail);
}

static void a_detail_is_one_line_of_utf8(void **state) {
	(void)state;
	expect_detail("S0 \xe2\x82\xac \xc3\xa4 \xf0\x9f\x98\x80", "loaded S0 \xe2\x82\xac \xc3\xa4 \xf0\x9f\x98\x80");
	expect_detail("S\xff", "loaded S?");
	expect_detail("S\n\t\x7f\x01", "loaded S????");
	expect_detail("\xe2\x82", "loaded ??");
	expect_detail("\xc0\xaf \xe0\x80\xaf \xed\xa0\x80 \xf4\x90\x80\x80", "loaded ?? ??? ??? ????");
}

/* Nor does it end in half a character. */
static void what_is_cut_is_cut_behind_a_character(void **state) {
	char text[2 * SIM_VERDICT_DETAIL_SIZE + 1] = "";
	struct sim_violation violation;
	(void)state;
	for (size_t i = 0; i + 2 < sizeof text; i += 2) {
		memcpy(text + i, "\xc3\xa4", 3);
	}
	memset(&violation, 0, sizeof violation);
	assert_false(sim_verdict_violated(&violation, "corruption_detected", "%s", text));
	assert_int_equal(strlen(violation.detail), SIM_VERDICT_DETAIL_SIZE - 1);
	assert_int_equal(violation.detail[SIM_VERDICT_DETAIL_SIZE - 2], '?');
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_detail_is_one_line_of_utf8),
	        cmocka_unit_test(what_is_cut_is_cut_behind_a_character),
	};
	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
