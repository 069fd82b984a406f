/* tests/reader/reading.h: a catalogue, and readers in one line. */
#ifndef TESTS_READER_READING_H
#define TESTS_READER_READING_H

#include "reader.h"

/* AAA (tick 0.01, lot 0.001), BBB (tick 0.25, lot 5), EUR (0.01), USDT (0.00000001). Fails the test
 * unless it parses. */
struct reader_catalogue reading_catalogue(void);

/* Reads a message that must be an update. */
struct engine_update reading_update(const char *format, const char *message);

/* Reads a message that must not be one, for this reason, at a position that is inside it. */
struct reader_verdict reading_refusal(const char *format, const char *message, enum reader_reason reason);

/* Reads a message that must be an update, with this field left out for this reason. */
struct engine_update reading_left_out(const char *format, const char *message, const char *field,
                                      enum reader_reason reason);

/* A FIX message with '|' from its body (35= and what follows, each field ended by '|'): length and
 * sum are right. Valid until the next call. */
const char *reading_fix(const char *body);

/* The same with another BeginString. */
const char *reading_fix_of(const char *version, const char *body);

/* The same as reading_fix with SOH instead of '|'. */
const char *reading_fix_soh(const char *body);

#endif
