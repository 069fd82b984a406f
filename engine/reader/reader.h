/* engine/reader/reader.h: turns what a venue sends into what the engine takes.
 *
 * The bytes of one message go in. A struct engine_update comes out, or the reason why there is
 * none, with the byte where it was found. Each source has an adapter, and all adapters fill one
 * normal form. Nothing is rounded, guessed or filled in: a number that is no whole multiple of its
 * instrument's lot or tick is refused.
 *
 * The reader has no state, no standard streams, no clock and no floating point. README.md describes
 * the formats.
 */
#ifndef AFTERSHOCK_ENGINE_READER_H
#define AFTERSHOCK_ENGINE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine.h"

/* ---- numbers --------------------------------------------------------------------------------- */

#define READER_DECIMALS_MAX 18
#define READER_DECIMAL_TEXT_SIZE 64

/* The number digits / 10^scale. The scale is 0 to READER_DECIMALS_MAX, and as small as the value
 * allows: 1.50 is {15, 1}. */
struct reader_decimal {
	int64_t digits; /* at most 18 digits */
	uint32_t scale;
};

/* Why a message gives no update. */
enum ENGINE_MUST_CHECK reader_reason {
	READER_REASON_NONE = 0,
	/* the message */
	READER_NOT_JSON,        /* not one JSON object */
	READER_TOO_DEEP,        /* nested deeper, or with more members, than any such message is */
	READER_TOO_LONG,        /* longer than READER_MESSAGE_MAX, or a text longer than its
	                         * field */
	READER_NOT_FIX,         /* not tag=value fields that begin with 8=, 9= and 35= */
	READER_BEGIN_STRING,    /* no version of FIX that is read */
	READER_BODY_LENGTH,     /* tag 9 does not count the bytes that are there */
	READER_CHECKSUM,        /* tag 10 is not the sum of the bytes before it */
	READER_OTHER_MESSAGE,   /* well-formed, but says nothing about an order: a heartbeat, a
	                         * balance (skipped) */
	READER_NO_EFFECT,       /* about an order, but changes nothing: pending, status, reject of a
	                         * request (skipped) */
	READER_CUMULATIVE_ONLY, /* a fill that gives the total and not its own quantity, which would
	                         * have to be guessed */
	READER_NOT_EXPRESSIBLE, /* the engine has no update for this kind of report */
	/* a field */
	READER_MISSING,
	READER_EMPTY,
	READER_TWICE,         /* the field is there more than once */
	READER_UNKNOWN_FIELD, /* NDJSON only: a misspelt name must not lose a quantity */
	READER_UNKNOWN_CODE,  /* side, exec type or status is none that is known */
	READER_NO_DIRECTION,  /* a side that neither buys nor sells, such as a cross */
	READER_WRONG_TYPE,    /* a JSON value of a kind that this field cannot have */
	READER_BAD_TEXT,      /* not UTF-8, or control characters */
	READER_BAD_TIME,
	READER_CONTRADICTION, /* two fields of the message cannot both be right */
	/* a number */
	READER_NOT_A_NUMBER,
	READER_EXPONENT,
	READER_OUT_OF_RANGE,      /* more than 18 significant digits or decimals, beyond int64, or
	                           * negative where it cannot be */
	READER_TOO_MANY_DECIMALS, /* more decimals than lot, tick or currency unit have */
	READER_WRONG_TICK,        /* not a multiple of the tick */
	READER_WRONG_LOT,         /* not a multiple of the lot */
	READER_WRONG_UNIT,        /* not a multiple of the currency's unit */
	READER_UNKNOWN_SYMBOL,    /* no instrument defined */
	READER_UNKNOWN_CURRENCY,  /* a commission in a currency that is not defined */
	READER_NO_CURRENCY,       /* a commission in a currency that is not said */
	READER_OTHER_CURRENCY,    /* a second commission, in another currency than the first */
};

/* The word for a reason in outputs, such as "too_many_decimals". Static, never NULL. */
const char *reader_reason_name(enum reader_reason reason);

/* Parses [-]digits[.digits] of exactly `size` bytes. READER_REASON_NONE and *decimal, or the
 * reason. Zeros at the end of the decimals carry no value. */
enum reader_reason reader_decimal_parse(const char *text, size_t size, struct reader_decimal *decimal);

/* Prints what reader_decimal_parse reads, without zeros at the end. */
void reader_decimal_print(struct reader_decimal decimal, char text[READER_DECIMAL_TEXT_SIZE]);

/* Divides value by unit. READER_REASON_NONE and *count when that is a whole number in the range of
 * int64. Else TOO_MANY_DECIMALS, OUT_OF_RANGE, or `wrong` when it is no multiple. */
enum reader_reason reader_decimal_divide(struct reader_decimal value, struct reader_decimal unit,
                                         enum reader_reason wrong, int64_t *count);

/* Add and multiply exactly. READER_REASON_NONE and *result, or OUT_OF_RANGE. */
enum reader_reason reader_decimal_add(struct reader_decimal a, struct reader_decimal b, struct reader_decimal *result);
enum reader_reason reader_decimal_multiply(struct reader_decimal a, struct reader_decimal b,
                                           struct reader_decimal *result);

/* Prints count * unit * other_unit exactly. Pass {1, 0} for a unit that is not needed. Units are
 * those of a catalogue. */
void reader_decimal_print_product(int64_t count, struct reader_decimal unit, struct reader_decimal other_unit,
                                  char text[READER_DECIMAL_TEXT_SIZE]);

/* Prints amount / count * unit, rounded half to even to 8 decimals more than the unit has. Prints
 * "0" for a count of 0. For display only. */
void reader_decimal_print_ratio(int64_t amount, int64_t count, struct reader_decimal unit,
                                char text[READER_DECIMAL_TEXT_SIZE]);

/* ---- instruments ----------------------------------------------------------------------------- */

/* What the numbers of a symbol are multiples of. */
struct reader_instrument {
	char symbol[ENGINE_SYMBOL_SIZE];
	struct reader_decimal tick;       /* one price step */
	struct reader_decimal lot;        /* one quantity step */
	struct reader_decimal multiplier; /* of quantity times price, what it is in money */
	struct reader_decimal value;      /* of one tick of one whole: tick times multiplier */
	bool has_no_legs;                 /* its legs are not reported: it has a position */
};

/* What the commissions of a currency are multiples of. */
struct reader_currency {
	char name[ENGINE_CURRENCY_SIZE];
	struct reader_decimal unit; /* the smallest amount of a commission */
};

/* The instruments and currencies that are defined. Both arrays are ascending by name. */
struct reader_catalogue {
	struct reader_instrument *instruments;
	size_t instrument_count;
	struct reader_currency *currencies;
	size_t currency_count;
};

/* Why a catalogue was refused. */
struct reader_catalogue_error {
	size_t line; /* from 1; 0: no line in particular */
	char text[ENGINE_REASON_SIZE];
};

/* Reads lines `instrument SYMBOL TICK LOT [multiplier NUMBER] [no-legs]` and `currency NAME UNIT`;
 * `#` begins a comment. Ticks, lots, units and multipliers are positive. They have at most 9
 * significant digits, and so has tick times multiplier. So no amount of money leaves 128 bits. On
 * failure fills `error`, and the catalogue is empty. Call reader_catalogue_deinit in any case. */
bool reader_catalogue_parse(const char *text, size_t size, struct reader_catalogue *catalogue,
                            struct reader_catalogue_error *error);
/* Frees the arrays. A zeroed catalogue is allowed. */
void reader_catalogue_deinit(struct reader_catalogue *catalogue);

/* Find by name. NULL when not defined. Valid as long as the catalogue. */
const struct reader_instrument *reader_catalogue_find_instrument(const struct reader_catalogue *catalogue,
                                                                 const char *symbol);
const struct reader_currency *reader_catalogue_find_currency(const struct reader_catalogue *catalogue,
                                                             const char *name);

/* ---- messages -------------------------------------------------------------------------------- */

#define READER_MESSAGE_MAX 1048576
#define READER_NAME_SIZE 24

/* How a message ended. */
enum ENGINE_MUST_CHECK reader_outcome {
	READER_NONE = 0,
	READER_UPDATE,  /* *update says what the message says */
	READER_SKIPPED, /* a good message that changes no order: reason OTHER_MESSAGE or
	                 * NO_EFFECT */
	READER_REFUSED, /* the reason says why it cannot be taken */
};

/* What became of a message. An update has a reason if a field was left out that is neither quantity
 * nor price: a commission, a time. It is the first such field that is named; the text names all. */
struct reader_verdict {
	enum reader_outcome outcome;
	enum reader_reason reason;
	size_t position;               /* byte of the message, counted from 0 */
	char field[READER_NAME_SIZE];  /* as the source names it; empty: the message as a whole */
	char text[ENGINE_REASON_SIZE]; /* one line for people; empty for an update with every
	                                * field */
	char order_id[ENGINE_ID_SIZE]; /* as far as it is known; empty: not */
	uint64_t sequence;             /* number of the message in its session (FIX 34); 0: none */
	enum engine_exec_type end;     /* the message says as well that this is how the order ended:
	                                * reader_make_end; ENGINE_EXEC_NONE: it does not */
};

/* Makes the second update of a message whose verdict has an end. Submit it behind the first. It has
 * no execution id. */
void reader_make_end(const struct engine_update *fill, enum engine_exec_type end, struct engine_update *update);

/* Reads one message of exactly `size` bytes. Fills the whole verdict. *update is complete with
 * READER_UPDATE, else all zero. */
typedef void (*reader_function)(const struct reader_catalogue *catalogue, const char *bytes, size_t size,
                                struct engine_update *update, struct reader_verdict *verdict);

/* Finds where the first message in `bytes` ends. Returns its size, including the bytes to leave out
 * before and behind it. Returns 0 when more bytes are needed, but never with `is_end` and size > 0.
 * *from and *to enclose the message itself; they are equal when there is only white space. A
 * message that cannot be delimited ends with its line, so that the next one can be read. */
typedef size_t (*reader_frame_function)(const char *bytes, size_t size, bool is_end, size_t *from, size_t *to);

/* A format of messages. */
struct reader_format {
	const char *name; /* "ndjson", "fix", "fix-pipe", "binance" */
	const char *summary;
	reader_function read;
	reader_frame_function frame;
	bool has_lines; /* every message is one line, so its line says which it is */
};

/* Finds a format by name. NULL when there is none. */
const struct reader_format *reader_format_find(const char *name);

/* The format number `i`, counted from 0. NULL behind the last. */
const struct reader_format *reader_format_at(size_t i);

#endif
