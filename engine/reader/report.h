/* engine/reader/report.h: the normal form in front of the engine, and the one place that turns it
 * into an update.
 *
 * Every adapter fills a report, still as text. An adapter knows the names and codes of its source.
 * What a number, a name or a missing field means is decided here for all of them.
 */
#ifndef AFTERSHOCK_ENGINE_REPORT_H
#define AFTERSHOCK_ENGINE_REPORT_H

#include "reader.h"

enum reader_report_field {
	READER_REPORT_EXEC_ID,
	READER_REPORT_EXEC_REF_ID,
	READER_REPORT_ORDER_ID,
	READER_REPORT_CL_ORD_ID,
	READER_REPORT_ORIG_CL_ORD_ID,
	READER_REPORT_SYMBOL,
	READER_REPORT_SIDE,
	READER_REPORT_EXEC_TYPE,
	READER_REPORT_ORD_STATUS,
	READER_REPORT_ORDER_QUANTITY,
	READER_REPORT_PRICE,
	READER_REPORT_LAST_QUANTITY,
	READER_REPORT_LAST_PRICE,
	READER_REPORT_CUM_QUANTITY,
	READER_REPORT_LEAVES_QUANTITY,
	READER_REPORT_COMMISSION,
	READER_REPORT_COMM_CURRENCY,
	/* Whose it is, of which instrument, and of which day (docs/order-updates.md,
	 * "Identity"). */
	READER_REPORT_VENUE,
	READER_REPORT_ACCOUNT,
	READER_REPORT_POSITION_SIDE,
	READER_REPORT_TRADING_DAY, /* YYYYMMDD */
	/* What else tells the instrument. */
	READER_REPORT_EXCHANGE,
	READER_REPORT_SECURITY_ID,
	READER_REPORT_ID_SOURCE,
	READER_REPORT_MATURITY,
	READER_REPORT_MATURITY_DATE, /* counts where there is no other maturity */
	READER_REPORT_STRIKE,
	READER_REPORT_PUT_OR_CALL, /* "P" or "C" */
	READER_REPORT_SECURITY_TYPE,
	READER_REPORT_FIELD_COUNT
};

#define READER_REPORT_TEXT_SIZE 80

/* One field of a message, decoded. With name NULL it is absent. */
struct reader_report_value {
	const char *name; /* what the source calls it; static text */
	size_t position;  /* byte of the message */
	size_t size;
	char text[READER_REPORT_TEXT_SIZE]; /* terminated; the adapter refuses text that does not
	                                     * fit */
};

/* The word of a source for a side, a kind or a status. Lists end with the text NULL. */
struct reader_report_code {
	const char *text;
	int value; /* of the engine's enum; negative: minus the enum reader_reason why such a report
	            * is not taken */
};

struct reader_report_codes {
	const struct reader_report_code *sides;
	const struct reader_report_code *exec_types;
	const struct reader_report_code *ord_statuses;
	const struct reader_report_code *position_sides; /* NULL: the source has none */
};

struct reader_report {
	struct reader_report_value values[READER_REPORT_FIELD_COUNT];
	enum engine_exec_type exec_type; /* of the message, whatever the field says;
	                                  * ENGINE_EXEC_NONE: the field says it */
	bool has_time;
	int64_t transact_time_ns;
	const char *time_name; /* what the source calls it; static text */
	size_t time_position;
	bool time_has_day;    /* the source's day is that of its times, unless it says another */
	uint32_t ids_are_per; /* ENGINE_IDS_* */
	bool is_multileg;     /* a fill in it is one of a whole spread */
	bool is_answer;       /* a status in it answers a question about the order */
};

/* Notes that a field is not taken, and goes on. The text is made as that of a refusal. */
void reader_report_leave_out(struct reader_verdict *verdict, enum reader_reason reason, const char *field,
                             size_t position, const char *value);

/* Fills the verdict. OTHER_MESSAGE and NO_EFFECT mean skipped, all other reasons refused. The text
 * is made from the reason, the field and the offending value, which may be NULL. Returns false. */
bool reader_report_refuse(struct reader_verdict *verdict, enum reader_reason reason, const char *field, size_t position,
                          const char *value);

/* Text of a message, on its way to a field. */
struct reader_report_text {
	enum reader_report_field field;
	const char *name; /* of the field in the message */
	size_t position;  /* of the text in it */
	const char *text;
	size_t size;
};

/* Copies text of the message into a field. False, with the verdict, when the field has text already
 * or it does not fit. A field that no report needs is left out instead. */
bool reader_report_set(struct reader_report *report, const struct reader_report_text *from,
                       struct reader_verdict *verdict);

/* Leaves a field out that no report needs, and returns true. Else refuses, and returns false. */
bool reader_report_reject(const struct reader_report_text *from, enum reader_reason reason,
                          struct reader_verdict *verdict);

/* Turns a report into an update, with the units of a catalogue. Fills the update, and completes a
 * verdict that was zero before the first field. */
void reader_report_finish(const struct reader_report *report, const struct reader_report_codes *codes,
                          const struct reader_catalogue *catalogue, struct engine_update *update,
                          struct reader_verdict *verdict);

/* Parses a whole number and multiplies it by `factor`, for times. False when it is none or leaves
 * int64. */
bool reader_report_integer(const char *text, size_t size, int64_t factor, int64_t *value);

/* Whether the bytes are UTF-8 without control characters. */
bool reader_report_is_text(const char *bytes, size_t size);

#endif
