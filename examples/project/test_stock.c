/* test_stock.c: the shop's stock on a disk that fails. */
#include "stock.h"

#include <aftershock.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

/* The static library cannot look for its scenarios beside itself. */
#ifndef STOCK_SCENARIOS
#define STOCK_SCENARIOS NULL
#endif

static enum subject_start_status start(const struct subject_config *config, void **instance,
                                       char reason[SUBJECT_REASON_SIZE]) {
	sqlite3 *db = NULL;
	int code = stock_open(config->path, config->vfs_name, &db);
	*instance = code == SQLITE_OK ? db : NULL;
	if (code != SQLITE_OK) {
		snprintf(reason, SUBJECT_REASON_SIZE, "%s", sqlite3_errmsg(db));
		sqlite3_close(db);
	}
	return code == SQLITE_OK ? SUBJECT_STARTED : SUBJECT_START_LATER;
}

static void step(void *instance, const struct subject_step *asked, struct subject_reply *reply) {
	int item = 0;
	int count = 0;
	int code = SQLITE_MISUSE;
	if (sscanf(asked->operation, "move %d %d", &item, &count) == 2) {
		code = stock_move(instance, item, count);
	}
	/* What failed may be stored all the same. A program that is started again knows. */
	reply->outcome = code == SQLITE_OK ? SUBJECT_ACKNOWLEDGED : SUBJECT_IN_DOUBT;
	reply->must_restart = code != SQLITE_OK;
	reply->sqlite_code = code;
}

static int show(void *context, int columns, char **values, char **names) {
	const struct subject_sink *sink = context;
	(void)columns;
	(void)names;
	sink->line(sink->context, values[0]);
	return 0;
}

static void observe(void *instance, const struct subject_sink *sink) {
	struct subject_sink copy = *sink;
	int code = sqlite3_exec(instance,
	                        "SELECT id || ': ' || count || ', moved ' ||"
	                        "  (SELECT sum(count) FROM move WHERE item = id) FROM item ORDER BY id",
	                        show, &copy, NULL);
	if (code != SQLITE_OK) {
		sink->unavailable(sink->context, code, sqlite3_errmsg(instance));
	}
}

static void stop(void *instance) {
	sqlite3_close(instance);
}

static const struct subject_operation operations[] = {{"move {1-9} {1-50}", 3}, {"move {1-9} -{1-50}", 2}, {NULL, 0}};
static const struct aftershock_subject stock = {.interface_version = SUBJECT_INTERFACE_VERSION,
                                                .name = "stock",
                                                .start = start,
                                                .step = step,
                                                .observe = observe,
                                                .stop = stop,
                                                .takes = SUBJECT_TAKES_OPERATIONS,
                                                .operations = operations};

static void holds_on(const char *scenario) {
	const struct aftershock_options options = {.scenario = scenario, .seeds = 50, .library = STOCK_SCENARIOS};
	static struct aftershock_result result;
	aftershock_run(&stock, &options, &result);
	if (result.outcome != AFTERSHOCK_HELD) {
		fail_msg("%s\n%s", result.message, result.replay);
	}
	print_message("%s\n", result.message);
}

static void a_killed_shop_knows_its_stock(void **state) {
	(void)state;
	holds_on("program-kill");
}

static void a_shop_without_power_knows_its_stock(void **state) {
	(void)state;
	holds_on("program-power-loss");
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_killed_shop_knows_its_stock),
	        cmocka_unit_test(a_shop_without_power_knows_its_stock),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
