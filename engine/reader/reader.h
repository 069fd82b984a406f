/* engine/reader/reader.h: from what a venue sends to what the engine takes.
 *
 * One adapter per source in front of one normal form: the bytes of one message go in, a struct engine_update comes out, or the
 * reason why there is none, with the byte it was found at. Nothing is rounded, guessed or filled in: a number that is not a
 * whole multiple of its instrument's lot or tick is refused. The reader has no state, no stdio, no clock and no floating
 * point; formats and their traps are described in README.md.
 */
#ifndef AFTERSHOCK_ENGINE_READER_H
#define AFTERSHOCK_ENGINE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine.h"

/* ---- numbers ------------------------------------------------------------------------------------------------------- */

#define READER_DECIMALS_MAX 18
#define READER_DECIMAL_TEXT_SIZE 64

/* digits / 10^scale, scale 0 to READER_DECIMALS_MAX and as small as the value allows: 1.50 is {15, 1}. */
struct reader_decimal {
	int64_t digits; /* at most 18 of them */
	uint32_t scale;
};

enum reader_reason {
	READER_REASON_NONE = 0,
	/* the message */
	READER_NOT_JSON,      /* not one JSON object */
	READER_TOO_DEEP,      /* nested deeper, or with more members, than any such message is */
	READER_TOO_LONG,      /* longer than READER_MESSAGE_MAX, or a text longer than its field */
	READER_NOT_FIX,       /* not tag=value fields that begin with 8=, 9= and 35= */
	READER_BEGIN_STRING,  /* not FIX.4.4 */
	READER_BODY_LENGTH,   /* tag 9 does not count the bytes that are there */
	READER_CHECKSUM,      /* tag 10 is not the sum of the bytes before it */
	READER_OTHER_MESSAGE, /* well-formed, but says nothing about an order: a heartbeat, a balance (skipped) */
	READER_NO_EFFECT,     /* about an order, but changes nothing: pending, status, reject of a request (skipped) */
	READER_CUMULATIVE_ONLY, /* a fill that gives the total but not its own quantity: would have to be guessed */
	READER_NOT_EXPRESSIBLE, /* the engine has no update for this kind of report */
	/* a field */
	READER_MISSING,
	READER_EMPTY,
	READER_TWICE,         /* the field is there more than once */
	READER_UNKNOWN_FIELD, /* NDJSON only: a misspelt name must not lose a quantity */
	READER_UNKNOWN_CODE,  /* side, exec type or status is none that is known */
	READER_WRONG_TYPE,    /* a JSON value of a kind that this field cannot have */
	READER_BAD_TEXT,      /* not UTF-8, or control characters */
	READER_BAD_TIME,
	READER_CONTRADICTION, /* two fields of the message cannot both be right */
	/* a number */
	READER_NOT_A_NUMBER,
	READER_EXPONENT,
	READER_OUT_OF_RANGE, /* more than 18 significant digits or decimals, beyond int64, or negative where it cannot be */
	READER_TOO_MANY_DECIMALS, /* more decimals than lot, tick or currency unit have */
	READER_WRONG_TICK,        /* not a multiple of the tick */
	READER_WRONG_LOT,         /* not a multiple of the lot */
	READER_WRONG_UNIT,        /* not a multiple of the currency's unit */
	READER_UNKNOWN_SYMBOL,    /* no instrument defined */
	READER_UNKNOWN_CURRENCY,  /* a commission in a currency that is not defined */
};

/* The word for a reason in outputs, e.g. "too_many_decimals". Never NULL. */
const char *reader_reason_name(enum reader_reason reason);

/* [-]digits[.digits]: READER_REASON_NONE and *decimal, or why not. Zeros at the end of the decimals carry no value. */
enum reader_reason reader_decimal_parse(const char *text, size_t size, struct reader_decimal *decimal);

/* The inverse, without zeros at the end. */
void reader_decimal_print(struct reader_decimal decimal, char text[READER_DECIMAL_TEXT_SIZE]);

/* value / unit when that is a whole number in the range of int64; else TOO_MANY_DECIMALS, `wrong` or OUT_OF_RANGE. */
enum reader_reason reader_decimal_divide(struct reader_decimal value, struct reader_decimal unit,
                                         enum reader_reason wrong, int64_t *count);

/* count * unit * other_unit as text, exactly; pass {1, 0} for a unit that is not needed. Units as a catalogue has them. */
void reader_decimal_print_product(int64_t count, struct reader_decimal unit, struct reader_decimal other_unit,
                                  char text[READER_DECIMAL_TEXT_SIZE]);

/* amount / count * unit, rounded half to even to 8 decimals more than the unit has; "0" for a count of 0. For display only. */
void reader_decimal_print_ratio(int64_t amount, int64_t count, struct reader_decimal unit,
                                char text[READER_DECIMAL_TEXT_SIZE]);

/* ---- instruments --------------------------------------------------------------------------------------------------- */

struct reader_instrument {
	char symbol[ENGINE_SYMBOL_SIZE];
	struct reader_decimal tick; /* one price step */
	struct reader_decimal lot;  /* one quantity step */
};

struct reader_currency {
	char name[ENGINE_CURRENCY_SIZE];
	struct reader_decimal unit; /* the smallest amount of a commission */
};

/* What the numbers of messages are counted in. Both arrays are ascending by name. */
struct reader_catalogue {
	struct reader_instrument *instruments;
	size_t instrument_count;
	struct reader_currency *currencies;
	size_t currency_count;
};

struct reader_catalogue_error {
	size_t line; /* from 1; 0: no line in particular */
	char text[ENGINE_REASON_SIZE];
};

/* Reads lines `instrument SYMBOL TICK LOT` and `currency NAME UNIT`; `#` begins a comment. Ticks, lots and units are positive
 * and have at most 9 significant digits, so that no amount of money leaves 128 bits. On failure the catalogue is empty. Ends
 * with reader_catalogue_deinit in any case. */
bool reader_catalogue_parse(const char *text, size_t size, struct reader_catalogue *catalogue,
                            struct reader_catalogue_error *error);
void reader_catalogue_deinit(struct reader_catalogue *catalogue); /* frees the arrays; a zeroed catalogue is allowed */

/* By name; NULL when not defined. */
const struct reader_instrument *reader_catalogue_find_instrument(const struct reader_catalogue *catalogue,
                                                                 const char *symbol);
/* As reader_catalogue_find_instrument. */
const struct reader_currency *reader_catalogue_find_currency(const struct reader_catalogue *catalogue,
                                                             const char *name);

/* ---- messages ------------------------------------------------------------------------------------------------------ */

#define READER_MESSAGE_MAX 1048576
#define READER_NAME_SIZE 24

enum reader_outcome {
	READER_NONE = 0,
	READER_UPDATE,  /* *update is what the message says */
	READER_SKIPPED, /* a good message that changes no order: reason OTHER_MESSAGE or NO_EFFECT */
	READER_REFUSED, /* cannot be taken, for the reason given */
};

struct reader_verdict {
	enum reader_outcome outcome;
	enum reader_reason reason;
	size_t position;               /* byte of the message, from 0 */
	char field[READER_NAME_SIZE];  /* as the source names it; empty: the message as a whole */
	char text[ENGINE_REASON_SIZE]; /* one line for people; empty for an update */
};

/* Reads one message: exactly `size` bytes. Fills the whole verdict, and *update (else zeroed) when it is one. */
typedef void (*reader_function)(const struct reader_catalogue *catalogue, const char *bytes, size_t size,
                                struct engine_update *update, struct reader_verdict *verdict);

/* Finds where the first message in `bytes` ends. Returns its size, the bytes to leave out before and behind it included;
 * 0 when more bytes are needed (never when `is_end` and size > 0). *from and *to enclose the message proper; equal: nothing but
 * white space. A message that cannot be delimited ends at the end of its line, so that the next can be read. */
typedef size_t (*reader_frame_function)(const char *bytes, size_t size, bool is_end, size_t *from, size_t *to);

struct reader_format {
	const char *name; /* "ndjson", "fix", "fix-pipe", "binance" */
	const char *summary;
	reader_function read;
	reader_frame_function frame;
};

/* By name; NULL when there is none. */
const struct reader_format *reader_format_find(const char *name);

/* Number `i` of all formats; NULL behind the last. */
const struct reader_format *reader_format_at(size_t i);

#endif
