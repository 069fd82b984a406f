/* What a report is about: accounts, instruments, days, and ids that come again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "apply.h"
#include "check.h"
#include "orders.h"

static int set_up(void **context) {
	struct engine_state *state = malloc(sizeof *state);

	engine_state_init(state);
	*context = state;
	return 0;
}

static int tear_down(void **context) {
	struct engine_state *state = *context;

	engine_check_assert(state);
	engine_state_deinit(state);
	free(state);
	return 0;
}

/* ---- form ------------------------------------------------------------------------------------ */

static enum engine_rule rule_of(const struct engine_state *state, const struct engine_update *update) {
	struct engine_change change;

	engine_apply_draft(state, update, &change);
	return change.rule;
}

static void instrument_is_a_list_of_attributes(void **context) {
	static const struct {
		const char *text;
		enum engine_rule rule;
	} cases[] = {
	        {"", ENGINE_RULE_NONE},
	        {"maturity=202403", ENGINE_RULE_NONE},
	        {"id=8:ESH4 maturity=202403 type=FUT", ENGINE_RULE_NONE},
	        {"a=1 ab=1", ENGINE_RULE_NONE},
	        {"maturity", ENGINE_RULE_SCOPE},
	        {"maturity=", ENGINE_RULE_SCOPE},
	        {"=202403", ENGINE_RULE_SCOPE},
	        {" maturity=202403", ENGINE_RULE_SCOPE},
	        {"maturity=202403 ", ENGINE_RULE_SCOPE},
	        {"maturity=202403  type=FUT", ENGINE_RULE_SCOPE},
	        {"type=FUT maturity=202403", ENGINE_RULE_SCOPE},
	        {"type=FUT type=FUT", ENGINE_RULE_SCOPE},
	        {"type=FUT\n", ENGINE_RULE_TEXT},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct engine_update update = orders_report("e1", "o1", ENGINE_EXEC_NEW);
		strcpy(update.scope.instrument, cases[i].text);
		assert_int_equal(rule_of(*context, &update), cases[i].rule);
	}
}

static void day_is_a_date_or_nothing(void **context) {
	static const struct {
		int32_t day;
		enum engine_rule rule;
	} cases[] = {
	        {0, ENGINE_RULE_NONE},         {20240102, ENGINE_RULE_NONE},  {1, ENGINE_RULE_SCOPE},
	        {20241301, ENGINE_RULE_SCOPE}, {20240100, ENGINE_RULE_SCOPE}, {20240132, ENGINE_RULE_SCOPE},
	        {-1, ENGINE_RULE_SCOPE},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct engine_update update = orders_report("e1", "o1", ENGINE_EXEC_NEW);
		update.trading_day = cases[i].day;
		assert_int_equal(rule_of(*context, &update), cases[i].rule);
	}
}

static void unknown_side_or_uniqueness_is_refused(void **context) {
	struct engine_update side = orders_report("e1", "o1", ENGINE_EXEC_NEW);
	struct engine_update ids = side;

	side.scope.position_side = (enum engine_position_side)3;
	assert_int_equal(rule_of(*context, &side), ENGINE_RULE_SCOPE);
	ids.ids_are_per = 2;
	assert_int_equal(rule_of(*context, &ids), ENGINE_RULE_SCOPE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
	const struct CMUnitTest tests[] = {
	        TEST(instrument_is_a_list_of_attributes),
	        TEST(day_is_a_date_or_nothing),
	        TEST(unknown_side_or_uniqueness_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
