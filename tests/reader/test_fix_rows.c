/* The published FIX order state changes as FIX messages (../shared/data/fix; skipped and said so
 * when they are not there): every row is written as the message it describes and read back, field
 * by field; in the envelopes of FIX 4.4 and of 5.0 SP2 over FIXT 1.1, and the rows of FIX 4.2 in
 * its own, with ExecTransType and the exec types of that time. What the engine makes of them is
 * tests/engine/test_matrices.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "reading.h"

#define EXIT_SKIPPED 77
#define ROWS_FILE TESTS_SOURCE_DIR "/../shared/data/fix/order-state-changes.csv"

enum column {
	MATRIX,
	ROW,
	MESSAGE,
	CL_ORD_ID,
	ORIG_CL_ORD_ID,
	EXEC_TYPE,
	ORD_STATUS,
	ORDER_QTY,
	CUM_QTY,
	LEAVES_QTY,
	AVG_PX,
	LAST_QTY,
	LAST_PX,
	EXEC_ID,
	EXEC_REF_ID,
	COLUMN_COUNT
};

struct word {
	const char *name;
	const char *code;
	int value;
};

static const struct word exec_types[] = {
        {"New", "0", ENGINE_EXEC_NEW},
        {"DoneForDay", "3", ENGINE_EXEC_DONE_FOR_DAY},
        {"Canceled", "4", ENGINE_EXEC_CANCELED},
        {"Replaced", "5", ENGINE_EXEC_REPLACED},
        {"PendingCancel", "6", ENGINE_EXEC_PENDING_CANCEL},
        {"Stopped", "7", ENGINE_EXEC_STOPPED},
        {"Rejected", "8", ENGINE_EXEC_REJECTED},
        {"PendingNew", "A", ENGINE_EXEC_PENDING_NEW},
        {"Restated", "D", ENGINE_EXEC_RESTATED},
        {"PendingReplace", "E", ENGINE_EXEC_PENDING_REPLACE},
        {"Trade", "F", ENGINE_EXEC_TRADE},
        {"TradeCorrect", "G", ENGINE_EXEC_CORRECT},
        {"TradeCancel", "H", ENGINE_EXEC_BUST},
        {"OrderStatus", "I", ENGINE_EXEC_ORDER_STATUS},
        {"TriggeredOrActivatedBySystem", "L", ENGINE_EXEC_TRIGGERED},
        {NULL, NULL, 0},
};

static const struct word ord_statuses[] = {
        {"New", "0", ENGINE_ORDER_NEW},
        {"PartiallyFilled", "1", ENGINE_ORDER_PARTIALLY_FILLED},
        {"Filled", "2", ENGINE_ORDER_FILLED},
        {"DoneForDay", "3", ENGINE_ORDER_DONE_FOR_DAY},
        {"Canceled", "4", ENGINE_ORDER_CANCELED},
        {"PendingCancel", "6", ENGINE_ORDER_PENDING_CANCEL},
        {"Stopped", "7", ENGINE_ORDER_STOPPED},
        {"Rejected", "8", ENGINE_ORDER_REJECTED},
        {"PendingNew", "A", ENGINE_ORDER_PENDING_NEW},
        {"PendingReplace", "E", ENGINE_ORDER_PENDING_REPLACE},
        {NULL, NULL, 0},
};

static const struct word message_types[] = {
        {"NewOrder", "D", READER_OTHER_MESSAGE},
        {"ReplaceRequest", "G", READER_OTHER_MESSAGE},
        {"CancelRequest", "F", READER_OTHER_MESSAGE},
        {"StatusRequest", "H", READER_OTHER_MESSAGE},
        {NULL, NULL, 0},
};

static const struct word *find_word(const struct word *words, const char *name) {
	while (words->name != NULL && strcmp(words->name, name) != 0) {
		words++;
	}
	assert_non_null(words->name);
	return words;
}

/* Empty fields stay empty: no column is quoted. */
static void split(char *line, const char *columns[COLUMN_COUNT]) {
	line[strcspn(line, "\r\n")] = '\0';
	for (int i = 0; i < COLUMN_COUNT; i++) {
		size_t length = strcspn(line, ",");
		bool is_last = line[length] == '\0';
		assert_true(is_last == (i == COLUMN_COUNT - 1));
		columns[i] = line;
		line[length] = '\0';
		line += length + !is_last;
	}
}

static void append(char *body, size_t capacity, const char *tag, const char *text) {
	size_t length = strlen(body);

	if (text[0] != '\0') {
		(void)snprintf(body + length, capacity - length, "%s=%s|", tag, text);
	}
}

static struct reader_catalogue catalogue;

enum envelope {
	FIX_44,
	FIX_50,
	FIX_42,
};

static const char *envelop(enum envelope envelope, const char *body) {
	char versioned[500];

	if (envelope == FIX_42) {
		return reading_fix_of("FIX.4.2", body);
	}
	if (envelope == FIX_44) {
		return reading_fix(body);
	}
	(void)snprintf(versioned, sizeof versioned, "35=8|1128=9|%s", body + strlen("35=8|"));
	return reading_fix_of("FIXT.1.1", versioned);
}

/* Before FIX 4.3 a fill had two types, and a bust was the cancel of a transaction. */
static void append_exec_type(enum envelope envelope, const char *const *columns, char *body, size_t capacity) {
	const struct word *type = find_word(exec_types, columns[EXEC_TYPE]);
	const struct word *status = find_word(ord_statuses, columns[ORD_STATUS]);
	bool is_bust = type->value == ENGINE_EXEC_BUST;

	if (envelope != FIX_42) {
		append(body, capacity, "150", type->code);
		return;
	}
	append(body, capacity, "20", is_bust ? "1" : "0");
	if (type->value == ENGINE_EXEC_TRADE) {
		append(body, capacity, "150", status->value == ENGINE_ORDER_FILLED ? "2" : "1");
	} else {
		append(body, capacity, "150", is_bust ? status->code : type->code);
	}
}

/* With a name of the row where the matrix gives no execution id. */
static struct engine_update read_execution(enum envelope envelope, const char *const *columns, const char *exec_id) {
	char body[400] = "35=8|37=o1|55=FIX|54=1|";
	struct engine_update update;
	struct reader_verdict verdict;

	append(body, sizeof body, "11", columns[CL_ORD_ID]);
	append(body, sizeof body, "41", columns[ORIG_CL_ORD_ID]);
	append_exec_type(envelope, columns, body, sizeof body);
	append(body, sizeof body, "39", find_word(ord_statuses, columns[ORD_STATUS])->code);
	append(body, sizeof body, "38", columns[ORDER_QTY]);
	append(body, sizeof body, "14", columns[CUM_QTY]);
	append(body, sizeof body, "151", columns[LEAVES_QTY]);
	append(body, sizeof body, "6", columns[AVG_PX]);
	append(body, sizeof body, "32", columns[LAST_QTY]);
	append(body, sizeof body, "31", columns[LAST_PX]);
	append(body, sizeof body, "17", exec_id);
	append(body, sizeof body, "19", columns[EXEC_REF_ID]);
	/* Most matrices give no prices, and those of FIX 4.2 no reference for a bust; a report
	 * must. */
	if (columns[LAST_PX][0] == '\0') {
		append(body, sizeof body, "31", "50");
	}
	const char *message = envelop(envelope, body);
	reader_format_find("fix")->read(&catalogue, message, strlen(message), &update, &verdict);
	if (verdict.outcome != READER_UPDATE) {
		fail_msg("%s %s: %s", columns[MATRIX], columns[ROW], verdict.text);
	}
	return update;
}

static void expect_number(const char *column, int64_t unit, int64_t found) {
	char *end = NULL;
	int64_t expected = strtoll(column, &end, 10) * unit;

	if (*end == '.') {
		assert_int_equal(unit, 100);
		assert_int_equal(strlen(end), 3);
		expected += strtoll(end + 1, NULL, 10);
	}
	assert_int_equal(found, expected);
}

/* Kinds with no fill of their own repeat the last one, if anything. */
static bool has_last(enum engine_exec_type type) {
	return type == ENGINE_EXEC_TRADE || type == ENGINE_EXEC_CORRECT || type == ENGINE_EXEC_BUST ||
	       type == ENGINE_EXEC_STOPPED || type == ENGINE_EXEC_ORDER_STATUS;
}

static void expect_row(enum envelope envelope, const char *const *columns) {
	char exec_id[32];

	(void)snprintf(exec_id, sizeof exec_id, "%s", columns[EXEC_ID]);
	if (exec_id[0] == '\0') {
		(void)snprintf(exec_id, sizeof exec_id, "%s-%s", columns[MATRIX], columns[ROW]);
	}
	struct engine_update update = read_execution(envelope, columns, exec_id);
	assert_string_equal(update.exec_id, exec_id);
	assert_string_equal(update.exec_ref_id, columns[EXEC_REF_ID]);
	assert_string_equal(update.cl_ord_id, columns[CL_ORD_ID]);
	assert_string_equal(update.orig_cl_ord_id, columns[ORIG_CL_ORD_ID]);
	assert_int_equal(update.exec_type, find_word(exec_types, columns[EXEC_TYPE])->value);
	assert_int_equal(update.ord_status, find_word(ord_statuses, columns[ORD_STATUS])->value);
	expect_number(columns[ORDER_QTY], 1, update.order_quantity_lots);
	expect_number(columns[CUM_QTY], 1, update.cum_quantity_lots);
	expect_number(columns[LEAVES_QTY], 1, update.leaves_quantity_lots);
	expect_number(columns[LAST_QTY], 1, update.last_quantity_lots);
	const char *price = columns[LAST_PX][0] != '\0' ? columns[LAST_PX] : "50";
	expect_number(has_last(update.exec_type) ? price : "0", 100, update.last_price_ticks);
}

/* OrderCancelReject has neither symbol nor side. */
static void expect_reject(const char *const *columns) {
	char body[200] = "35=9|37=o1|434=1|102=0|";

	append(body, sizeof body, "11", columns[CL_ORD_ID]);
	append(body, sizeof body, "41", columns[ORIG_CL_ORD_ID]);
	append(body, sizeof body, "39", find_word(ord_statuses, columns[ORD_STATUS])->code);
	struct engine_update update = reading_update("fix", reading_fix(body));
	assert_string_equal(update.order_id, "o1");
	assert_string_equal(update.cl_ord_id, columns[CL_ORD_ID]);
	assert_string_equal(update.orig_cl_ord_id, columns[ORIG_CL_ORD_ID]);
	assert_int_equal(update.exec_type, ENGINE_EXEC_CANCEL_REJECTED);
	assert_int_equal(update.ord_status, find_word(ord_statuses, columns[ORD_STATUS])->value);
}

/* A message that is no report is skipped, for the reason its type has. */
static void expect_skipped(const char *const *columns) {
	const struct word *type = find_word(message_types, columns[MESSAGE]);
	char body[100] = "";

	append(body, sizeof body, "35", type->code);
	append(body, sizeof body, "11", columns[CL_ORD_ID]);
	append(body, sizeof body, "41", columns[ORIG_CL_ORD_ID]);
	(void)reading_refusal("fix", reading_fix_soh(body), (enum reader_reason)type->value);
}

static void every_published_row_is_read_as_it_was_printed(void **context) {
	static const char unit[] = "instrument FIX 0.01 1";
	struct reader_catalogue_error error;
	unsigned executions = 0;
	unsigned rejects = 0;
	unsigned others = 0;
	char line[300];
	FILE *file = fopen(ROWS_FILE, "r");
	(void)context;

	assert_non_null(file);
	assert_true(reader_catalogue_parse(unit, sizeof unit - 1, &catalogue, &error));
	assert_non_null(fgets(line, sizeof line, file)); /* names of the columns */
	while (fgets(line, sizeof line, file) != NULL) {
		const char *columns[COLUMN_COUNT];
		split(line, columns);
		bool is_execution = strcmp(columns[MESSAGE], "Execution") == 0;
		bool is_reject = strcmp(columns[MESSAGE], "CancelReject") == 0;
		if (is_execution) {
			expect_row(FIX_44, columns);
			expect_row(FIX_50, columns);
		}
		if (is_execution && strncmp(columns[MATRIX], "42.", 3) == 0) {
			expect_row(FIX_42, columns);
		}
		if (is_reject) {
			expect_reject(columns);
		}
		if (!is_execution && !is_reject) {
			expect_skipped(columns);
		}
		executions += is_execution;
		rejects += is_reject;
		others += !is_execution && !is_reject;
	}
	(void)fclose(file);
	reader_catalogue_deinit(&catalogue);
	printf("%u execution reports and %u cancel rejects read as printed, %u other messages skipped\n", executions,
	       rejects, others);
	assert_int_equal(executions, 195);
	assert_int_equal(rejects, 15);
	assert_int_equal(others, 69);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_published_row_is_read_as_it_was_printed),
	};
	FILE *file = fopen(ROWS_FILE, "r");

	if (file == NULL) {
		printf("skipped: %s is not there\n", ROWS_FILE);
		return EXIT_SKIPPED;
	}
	(void)fclose(file);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
