#include "reading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct reader_catalogue reading_catalogue(void) {
	static const char text[] = "# four of them\n"
	                           "instrument AAA 0.01 0.001\n"
	                           "instrument BBB 0.25 5\t# in fives\n"
	                           "\n"
	                           "currency USDT 0.00000001\n"
	                           "currency EUR 0.01\n";
	struct reader_catalogue catalogue;
	struct reader_catalogue_error error;

	if (!reader_catalogue_parse(text, sizeof text - 1, &catalogue, &error)) {
		fail_msg("line %zu: %s", error.line, error.text);
	}
	return catalogue;
}

static struct reader_verdict reading_read(const char *format, const char *message, struct engine_update *update) {
	struct reader_catalogue catalogue = reading_catalogue();
	struct reader_verdict verdict;

	memset(&verdict, 0xff, sizeof verdict);
	reader_format_find(format)->read(&catalogue, message, strlen(message), update, &verdict);
	reader_catalogue_deinit(&catalogue);
	return verdict;
}

struct engine_update reading_update(const char *format, const char *message) {
	struct engine_update update;
	struct reader_verdict verdict = reading_read(format, message, &update);

	if (verdict.outcome != READER_UPDATE) {
		fail_msg("%s: %s at %zu: %s", message, reader_reason_name(verdict.reason), verdict.position,
		         verdict.text);
	}
	assert_int_equal(verdict.reason, READER_REASON_NONE);
	return update;
}

struct reader_verdict reading_refusal(const char *format, const char *message, enum reader_reason reason) {
	static const struct engine_update nothing;
	struct engine_update update;
	struct reader_verdict verdict = reading_read(format, message, &update);

	if (verdict.outcome == READER_UPDATE || verdict.reason != reason) {
		fail_msg("%s: %s (%s) instead of %s", message, reader_reason_name(verdict.reason), verdict.text,
		         reader_reason_name(reason));
	}
	assert_true(verdict.position <= strlen(message));
	assert_true(verdict.text[0] != '\0');
	assert_memory_equal(&update, &nothing, sizeof update);
	return verdict;
}

struct engine_update reading_left_out(const char *format, const char *message, const char *field,
                                      enum reader_reason reason) {
	struct engine_update update;
	struct reader_verdict verdict = reading_read(format, message, &update);

	if (verdict.outcome != READER_UPDATE || verdict.reason != reason) {
		fail_msg("%s: %s (%s) instead of %s", message, reader_reason_name(verdict.reason), verdict.text,
		         reader_reason_name(reason));
	}
	assert_string_equal(verdict.field, field);
	assert_true(verdict.position <= strlen(message));
	assert_true(verdict.text[0] != '\0');
	return update;
}

const char *reading_fix(const char *body) {
	return reading_fix_of("FIX.4.4", body);
}

const char *reading_fix_of(const char *version, const char *body) {
	static char message[4096];
	unsigned sum = 0;

	int length = snprintf(message, sizeof message, "8=%s|9=%zu|%s", version, strlen(body), body);
	assert_true(length > 0 && (size_t)length < sizeof message - 8);
	for (int i = 0; i < length; i++) {
		sum += (unsigned char)(message[i] == '|' ? 1 : message[i]);
	}
	(void)snprintf(message + length, sizeof message - (size_t)length, "10=%03u|", sum % 256);
	return message;
}

const char *reading_fix_soh(const char *body) {
	static char message[4096];

	(void)snprintf(message, sizeof message, "%s", reading_fix(body));
	for (char *c = message; *c != '\0'; c++) {
		*c = (char)(*c == '|' ? 1 : *c);
	}
	return message;
}
