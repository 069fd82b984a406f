/* Reading trade tapes exactly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tape.h"

#define HEADER "time,price,volume,side\n"

static char path[] = "/tmp/aftershock-tape-XXXXXX";
static char why[512];

static int make_file(void **context) {
	(void)context;
	int file = mkstemp(path);
	return file < 0 ? -1 : close(file);
}

static int remove_file(void **context) {
	(void)context;
	return unlink(path);
}

static bool read_bytes(struct sim_tape *tape, const char *text, size_t size) {
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
	why[0] = '\0';
	return sim_tape_init(tape, path, why, sizeof why);
}

static bool read_text(struct sim_tape *tape, const char *text) {
	return read_bytes(tape, text, strlen(text));
}

static void decimals_that_no_row_needs_are_dropped(void **context) {
	(void)context;
	struct sim_tape tape;
	assert_true(read_text(&tape, HEADER "1.5,100.10000,0.00250,b\n2,99,2.50000,s\r\n"));
	assert_int_equal(tape.count, 2);
	assert_int_equal(tape.price_decimals, 1);
	assert_int_equal(tape.quantity_decimals, 4);
	assert_int_equal(tape.trades[0].price_ticks, 1001);
	assert_int_equal(tape.trades[0].quantity_lots, 25);
	assert_true(tape.trades[0].buy);
	assert_int_equal(tape.trades[1].price_ticks, 990);
	assert_int_equal(tape.trades[1].quantity_lots, 25000);
	assert_false(tape.trades[1].buy);
	sim_tape_deinit(&tape);
}

static void one_row_that_needs_a_decimal_keeps_it_for_all(void **context) {
	(void)context;
	struct sim_tape tape;
	assert_true(read_text(&tape, HEADER "1,100.10000,1,b\n2,99.00001,1,s"));
	assert_int_equal(tape.price_decimals, 5);
	assert_int_equal(tape.quantity_decimals, 0);
	assert_int_equal(tape.trades[0].price_ticks, 10010000);
	assert_int_equal(tape.trades[1].price_ticks, 9900001);
	sim_tape_deinit(&tape);
}

static void expect_refused(const char *text, unsigned line, const char *fragment) {
	struct sim_tape tape;
	char place[64];
	assert_false(read_text(&tape, text));
	assert_null(tape.trades);
	snprintf(place, sizeof place, "%s:%u: ", path, line);
	if (strncmp(why, place, strlen(place)) != 0 || strstr(why, fragment) == NULL) {
		fail_msg("expected %s%s, got %s", place, fragment, why);
	}
}

static void bad_rows_are_refused_at_their_line(void **context) {
	(void)context;
	static const struct {
		const char *text;
		unsigned line;
		const char *fragment;
	} rows[] = {
	        {"", 1, "another first line"},
	        {"price,volume\n", 1, "another first line"},
	        {HEADER, 1, "no trades"},
	        {HEADER "1,1,1,b\n1,1,1\n", 3, "not four fields"},
	        {HEADER "1,1,1,b,x\n", 2, "not four fields"},
	        {HEADER "\n", 2, "not four fields"},
	        {HEADER "x,1,1,b\n", 2, "the time"},
	        {HEADER "1,0.000,1,b\n", 2, "the price"},
	        {HEADER "1,-1,1,b\n", 2, "the price"},
	        {HEADER "1,1e5,1,b\n", 2, "the price"},
	        {HEADER "1,1.,1,b\n", 2, "the price"},
	        {HEADER "1,.5,1,b\n", 2, "the price"},
	        {HEADER "1,1.2.3,1,b\n", 2, "the price"},
	        {HEADER "1,9223372036854775808,1,b\n", 2, "the price"},
	        {HEADER "1,1,0,b\n", 2, "the volume"},
	        {HEADER "1,1, 1,b\n", 2, "the volume"},
	        {HEADER "1,1,1,buy\n", 2, "unknown side"},
	        {HEADER "1,9223372036854775807,1,b\n2,0.1,1,b\n", 2, "too large"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		expect_refused(rows[i].text, rows[i].line, rows[i].fragment);
	}
}

/* Wherever it stands, also at the very end, where nothing else would show it. */
static void a_nul_byte_is_refused_at_its_line(void **context) {
	static const char text[] = HEADER "1,1,1,b\n2,1,1,s";
	char bytes[sizeof text];
	struct sim_tape tape;
	(void)context;
	for (size_t at = sizeof HEADER - 1; at < sizeof text; at++) {
		memcpy(bytes, text, at);
		bytes[at] = '\0';
		memcpy(bytes + at + 1, text + at, sizeof text - 1 - at);
		assert_false(read_bytes(&tape, bytes, sizeof bytes));
		assert_non_null(strstr(why, "the line has a NUL byte, expected time,price,volume,side"));
		assert_non_null(strstr(why, at < sizeof HEADER + 7 ? ":2: " : ":3: "));
	}
}

static void the_largest_tape_is_read_and_one_more_trade_is_refused(void **context) {
	(void)context;
	static char text[64 * 1024];
	struct sim_tape tape;
	strcpy(text, HEADER);
	size_t used = strlen(text);
	for (int i = 0; i < SIM_TAPE_TRADES_MAX; i++) {
		memcpy(text + used, "1,1,1,b\n", 9);
		used += 8;
	}
	assert_true(read_text(&tape, text));
	assert_int_equal(tape.count, SIM_TAPE_TRADES_MAX);
	sim_tape_deinit(&tape);
	memcpy(text + used, "1,1,1,b\n", 9);
	assert_false(read_text(&tape, text));
	assert_non_null(strstr(why, ":4098: too many trades"));
}

static void a_missing_file_or_a_directory_is_refused(void **context) {
	(void)context;
	struct sim_tape tape;
	assert_false(sim_tape_init(&tape, "/nonexistent.csv", why, sizeof why));
	assert_non_null(strstr(why, "No such file"));
	assert_false(sim_tape_init(&tape, "/tmp", why, sizeof why));
	assert_non_null(strstr(why, "not a regular file"));
}

/* The facts that the tape's own description states, as sums over what was read: volumes in 10^-8,
 * notional in 10^-9. */
static void the_recorded_tape_adds_up_to_its_published_facts(void **context) {
	(void)context;
	static const char kraken[] = AFTERSHOCK_SOURCE_DIR "/../shared/data/tape/kraken-xbtusdt-trades.csv";
	struct sim_tape tape;
	int64_t lots[2] = {0, 0};
	int64_t notional[2] = {0, 0};
	int count[2] = {0, 0};
	if (access(kraken, R_OK) != 0) {
		print_message("skipped: %s is not there\n", kraken);
		skip();
	}
	if (!sim_tape_init(&tape, kraken, why, sizeof why)) {
		fail_msg("%s", why);
	}
	assert_int_equal(tape.count, 1000);
	assert_int_equal(tape.price_decimals, 1);
	assert_int_equal(tape.quantity_decimals, 8);
	for (uint32_t i = 0; i < tape.count; i++) {
		count[tape.trades[i].buy]++;
		lots[tape.trades[i].buy] += tape.trades[i].quantity_lots;
		notional[tape.trades[i].buy] += tape.trades[i].quantity_lots * tape.trades[i].price_ticks;
	}
	assert_int_equal(count[true], 578);
	assert_int_equal(count[false], 422);
	assert_int_equal(lots[true], 8438067746);
	assert_int_equal(lots[false], 872113991);
	assert_int_equal(notional[true], 8946830530859704);
	assert_int_equal(notional[false], 922857235191953);
	sim_tape_deinit(&tape);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(decimals_that_no_row_needs_are_dropped),
	        cmocka_unit_test(one_row_that_needs_a_decimal_keeps_it_for_all),
	        cmocka_unit_test(bad_rows_are_refused_at_their_line),
	        cmocka_unit_test(a_nul_byte_is_refused_at_its_line),
	        cmocka_unit_test(the_largest_tape_is_read_and_one_more_trade_is_refused),
	        cmocka_unit_test(a_missing_file_or_a_directory_is_refused),
	        cmocka_unit_test(the_recorded_tape_adds_up_to_its_published_facts),
	};
	return cmocka_run_group_tests(tests, make_file, remove_file);
}
