#include "report.h"

#include <assert.h>
#include <string.h>

#include <sqlite3.h>

/* ---- reasons --------------------------------------------------------------------------------- */

struct reader_report_reason {
	const char *name;
	const char *text;
};

static const struct reader_report_reason reader_report_reasons[] = {
        [READER_REASON_NONE] = {"none", ""},
        [READER_NOT_JSON] = {"not_json", "not one JSON object"},
        [READER_TOO_DEEP] = {"too_deep", "more nesting or members than such a message has"},
        [READER_TOO_LONG] = {"too_long", "too long"},
        [READER_NOT_FIX] = {"not_fix", "not a FIX message"},
        [READER_BEGIN_STRING] = {"begin_string", "no version of FIX that is read"},
        [READER_BODY_LENGTH] = {"body_length", "body length does not match"},
        [READER_CHECKSUM] = {"checksum", "checksum does not match"},
        [READER_OTHER_MESSAGE] = {"other_message", "says nothing about an order"},
        [READER_NO_EFFECT] = {"no_effect", "changes nothing"},
        [READER_CUMULATIVE_ONLY] = {"cumulative_only", "is missing: only the total is given"},
        [READER_NOT_EXPRESSIBLE] = {"not_expressible", "a kind of report that the engine does not take"},
        [READER_MISSING] = {"missing", "is missing"},
        [READER_EMPTY] = {"empty", "is empty"},
        [READER_TWICE] = {"twice", "is there twice"},
        [READER_UNKNOWN_FIELD] = {"unknown_field", "is no known field"},
        [READER_UNKNOWN_CODE] = {"unknown_code", "is no known code"},
        [READER_NO_DIRECTION] = {"no_direction", "is no side that buys or sells"},
        [READER_WRONG_TYPE] = {"wrong_type", "is of the wrong JSON type"},
        [READER_BAD_TEXT] = {"bad_text", "is not printable UTF-8"},
        [READER_BAD_TIME] = {"bad_time", "is not a time"},
        [READER_CONTRADICTION] = {"contradiction", "contradicts another field"},
        [READER_NOT_A_NUMBER] = {"not_a_number", "is not a decimal number"},
        [READER_EXPONENT] = {"exponent", "has an exponent"},
        [READER_OUT_OF_RANGE] = {"out_of_range", "is out of range"},
        [READER_TOO_MANY_DECIMALS] = {"too_many_decimals", "has more decimals than its unit"},
        [READER_WRONG_TICK] = {"wrong_tick", "is not a multiple of the tick"},
        [READER_WRONG_LOT] = {"wrong_lot", "is not a multiple of the lot"},
        [READER_WRONG_UNIT] = {"wrong_unit", "is not a multiple of the currency's unit"},
        [READER_UNKNOWN_SYMBOL] = {"unknown_symbol", "is not a defined instrument"},
        [READER_UNKNOWN_CURRENCY] = {"unknown_currency", "is not a defined currency"},
        [READER_NO_CURRENCY] = {"no_currency", "has no currency"},
        [READER_OTHER_CURRENCY] = {"other_currency", "is in another currency than the one before"},
};

const char *reader_reason_name(enum reader_reason reason) {
	return (size_t)reason < sizeof reader_report_reasons / sizeof reader_report_reasons[0]
	               ? reader_report_reasons[reason].name
	               : "none";
}

static void reader_report_explain(struct reader_verdict *verdict, enum reader_reason reason, const char *name,
                                  const char *value) {
	size_t used = strlen(verdict->text);

	sqlite3_snprintf((int)(sizeof verdict->text - used), verdict->text + used, "%s%s%s%.40s%s%s",
	                 used > 0 ? "; " : "", name, value != NULL ? " " : "", value != NULL ? value : "",
	                 name[0] != '\0' || value != NULL ? " " : "", reader_report_reasons[reason].text);
}

bool reader_report_refuse(struct reader_verdict *verdict, enum reader_reason reason, const char *field, size_t position,
                          const char *value) {
	const char *name = field != NULL ? field : "";
	bool is_skipped = reason == READER_OTHER_MESSAGE || reason == READER_NO_EFFECT;

	*verdict = (struct reader_verdict){
	        .outcome = is_skipped ? READER_SKIPPED : READER_REFUSED,
	        .reason = reason,
	        .position = position,
	};
	sqlite3_snprintf((int)sizeof verdict->field, verdict->field, "%s", name);
	reader_report_explain(verdict, reason, name, value);
	return false;
}

void reader_report_leave_out(struct reader_verdict *verdict, enum reader_reason reason, const char *field,
                             size_t position, const char *value) {
	if (verdict->reason == READER_REASON_NONE) {
		verdict->reason = reason;
		verdict->position = position;
		sqlite3_snprintf((int)sizeof verdict->field, verdict->field, "%s", field);
	}
	reader_report_explain(verdict, reason, field, value);
}

/* ---- text ------------------------------------------------------------------------------------ */

/* The length of one well-formed UTF-8 character (RFC 3629: no overlong forms, no surrogates). 0
 * when there is none. */
static size_t reader_report_character(const unsigned char *bytes, size_t size) {
	static const struct {
		unsigned char least, most, second_least, second_most, length;
	} forms[] = {
	        {0x20, 0x7e, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
	        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
	        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
	};

	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		size_t length = forms[i].length;
		if (bytes[0] < forms[i].least || bytes[0] > forms[i].most) {
			continue;
		}
		bool is_good = length <= size &&
		               (length < 2 || (bytes[1] >= forms[i].second_least && bytes[1] <= forms[i].second_most));
		is_good = is_good && (length < 3 || (bytes[2] & 0xc0) == 0x80);
		return is_good && (length < 4 || (bytes[3] & 0xc0) == 0x80) ? length : 0;
	}
	return 0;
}

bool reader_report_is_text(const char *bytes, size_t size) {
	size_t at = 0;

	while (at < size) {
		size_t length = reader_report_character((const unsigned char *)bytes + at, size - at);
		if (length == 0) {
			return false;
		}
		at += length;
	}
	return true;
}

/* Fields that tell neither what happened, to which order, nor how much. */
static bool reader_report_is_optional(enum reader_report_field field) {
	return field == READER_REPORT_CL_ORD_ID || field == READER_REPORT_ORIG_CL_ORD_ID ||
	       field == READER_REPORT_ORD_STATUS || field == READER_REPORT_COMMISSION ||
	       field == READER_REPORT_COMM_CURRENCY;
}

bool reader_report_reject(const struct reader_report_text *from, enum reader_reason reason,
                          struct reader_verdict *verdict) {
	if (!reader_report_is_optional(from->field)) {
		return reader_report_refuse(verdict, reason, from->name, from->position, NULL);
	}
	reader_report_leave_out(verdict, reason, from->name, from->position, NULL);
	return true;
}

bool reader_report_set(struct reader_report *report, const struct reader_report_text *from,
                       struct reader_verdict *verdict) {
	struct reader_report_value *value = &report->values[from->field];

	if (value->name != NULL) {
		return reader_report_refuse(verdict, READER_TWICE, from->name, from->position, NULL);
	}
	if (from->size >= sizeof value->text) {
		return reader_report_reject(from, READER_TOO_LONG, verdict);
	}
	if (!reader_report_is_text(from->text, from->size)) {
		return reader_report_reject(from, READER_BAD_TEXT, verdict);
	}
	value->name = from->name;
	value->position = from->position;
	value->size = from->size;
	memcpy(value->text, from->text, from->size);
	value->text[from->size] = '\0';
	return true;
}

/* Finds the value of a code. False when it is not in the list. */
static bool reader_report_find_code(const struct reader_report_code *codes, const char *text, int *value) {
	for (; codes->text != NULL; codes++) {
		if (strcmp(codes->text, text) == 0) {
			*value = codes->value;
			return true;
		}
	}
	return false;
}

bool reader_report_integer(const char *text, size_t size, int64_t factor, int64_t *value) {
	bool is_negative = size > 0 && text[0] == '-';
	int64_t number = 0;

	for (size_t i = is_negative; i < size; i++) {
		int digit = text[i] - '0';
		if (digit < 0 || digit > 9 || __builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, digit, &number)) {
			return false;
		}
	}
	*value = is_negative ? -number : number;
	return size > is_negative && !__builtin_mul_overflow(*value, factor, value);
}

/* ---- finish ---------------------------------------------------------------------------------- */

struct reader_report_work {
	const struct reader_report *report;
	const struct reader_report_codes *codes;
	const struct reader_catalogue *catalogue;
	const struct reader_instrument *instrument;
	struct engine_update *update;
	struct reader_verdict *verdict;
};

static bool reader_report_refuse_value(const struct reader_report_work *work, enum reader_report_field field,
                                       enum reader_reason reason) {
	const struct reader_report_value *value = &work->report->values[field];

	return reader_report_refuse(work->verdict, reason, value->name, value->position, value->text);
}

/* What a field is called when the message does not have it. */
static const char *const reader_report_names[READER_REPORT_FIELD_COUNT] = {
        "exec_id",  "exec_ref_id",   "order_id",    "cl_ord_id",   "orig_cl_ord_id", "symbol",
        "side",     "exec_type",     "ord_status",  "order_qty",   "price",          "last_qty",
        "last_px",  "cum_qty",       "leaves_qty",  "commission",  "comm_currency",  "venue",
        "account",  "position_side", "trading_day", "exchange",    "security_id",    "security_id_source",
        "maturity", "maturity_date", "strike",      "put_or_call", "security_type",
};

static bool reader_report_require(const struct reader_report_work *work, enum reader_report_field field,
                                  enum reader_reason reason) {
	const struct reader_report_value *value = &work->report->values[field];

	if (value->name == NULL) {
		return reader_report_refuse(work->verdict, reason, reader_report_names[field], 0, NULL);
	}
	return value->size > 0 || reader_report_refuse(work->verdict, READER_EMPTY, value->name, value->position, NULL);
}

/* A field that no report needs is left out; false only for the others. */
static bool reader_report_decline(const struct reader_report_work *work, enum reader_report_field field, bool is_needed,
                                  enum reader_reason reason) {
	const struct reader_report_value *value = &work->report->values[field];

	if (is_needed) {
		return reader_report_refuse_value(work, field, reason);
	}
	reader_report_leave_out(work->verdict, reason, value->name, value->position, value->text);
	return true;
}

/* ---- kinds ----------------------------------------------------------------------------------- */

/* The refusal of a request may say nothing about the order but its id. */
static bool reader_report_is_refusal(enum engine_exec_type type) {
	return type == ENGINE_EXEC_CANCEL_REJECTED || type == ENGINE_EXEC_REPLACE_REJECTED;
}

/* Answers to a request are told apart by its client id (docs/order-updates.md, R5). */
static bool reader_report_answers_request(enum engine_exec_type type) {
	return reader_report_is_refusal(type) || type == ENGINE_EXEC_REPLACED || type == ENGINE_EXEC_PENDING_CANCEL ||
	       type == ENGINE_EXEC_PENDING_REPLACE;
}

static bool reader_report_has_reference(enum engine_exec_type type) {
	return type == ENGINE_EXEC_CORRECT || type == ENGINE_EXEC_BUST;
}

/* Kinds with a last quantity of their own. In all others it is that of the last fill, once
 * more. */
static bool reader_report_has_last(enum engine_exec_type type) {
	return type == ENGINE_EXEC_TRADE || type == ENGINE_EXEC_MULTILEG_TRADE || type == ENGINE_EXEC_STOPPED ||
	       type == ENGINE_EXEC_ORDER_STATUS || reader_report_has_reference(type);
}

/* Whether nothing is left of the order behind such a report, so that leaves says nothing about its
 * quantity. */
static bool reader_report_is_end(const struct engine_update *update) {
	return update->exec_type == ENGINE_EXEC_REJECTED || update->exec_type == ENGINE_EXEC_EXPIRED ||
	       update->exec_type == ENGINE_EXEC_CANCELED || update->exec_type == ENGINE_EXEC_DONE_FOR_DAY ||
	       update->ord_status == ENGINE_ORDER_REJECTED || update->ord_status == ENGINE_ORDER_EXPIRED ||
	       update->ord_status == ENGINE_ORDER_CANCELED || update->ord_status == ENGINE_ORDER_DONE_FOR_DAY;
}

/* ---- texts and codes ------------------------------------------------------------------------- */

/* An absent field leaves zeros. */
static bool reader_report_copy(const struct reader_report_work *work, enum reader_report_field field, bool is_needed,
                               char *target, size_t size) {
	const struct reader_report_value *value = &work->report->values[field];

	if (value->size >= size) {
		return reader_report_decline(work, field, is_needed, READER_TOO_LONG);
	}
	memcpy(target, value->text, value->size);
	return true;
}

static bool reader_report_copy_texts(const struct reader_report_work *work) {
	struct engine_update *update = work->update;
	bool is_answer = reader_report_answers_request(update->exec_type);
	bool has_reference = reader_report_has_reference(update->exec_type);

	return reader_report_copy(work, READER_REPORT_EXEC_ID, true, update->exec_id, sizeof update->exec_id) &&
	       reader_report_copy(work, READER_REPORT_ORDER_ID, true, update->order_id, sizeof update->order_id) &&
	       reader_report_copy(work, READER_REPORT_CL_ORD_ID, is_answer, update->cl_ord_id,
	                          sizeof update->cl_ord_id) &&
	       reader_report_copy(work, READER_REPORT_ORIG_CL_ORD_ID, false, update->orig_cl_ord_id,
	                          sizeof update->orig_cl_ord_id) &&
	       reader_report_copy(work, READER_REPORT_EXEC_REF_ID, has_reference, update->exec_ref_id,
	                          sizeof update->exec_ref_id) &&
	       reader_report_copy(work, READER_REPORT_SYMBOL, true, update->symbol, sizeof update->symbol);
}

static bool reader_report_copy_code(const struct reader_report_work *work, enum reader_report_field field,
                                    const struct reader_report_code *codes, int *value) {
	*value = 0;
	if (work->report->values[field].name == NULL) {
		return true;
	}
	bool is_needed = field != READER_REPORT_ORD_STATUS;
	if (!reader_report_find_code(codes, work->report->values[field].text, value)) {
		return reader_report_decline(work, field, is_needed, READER_UNKNOWN_CODE);
	}
	return *value >= 0 || reader_report_refuse_value(work, field, (enum reader_reason) - *value);
}

static bool reader_report_copy_exec_type(const struct reader_report_work *work) {
	int exec_type = (int)work->report->exec_type;

	if (exec_type == ENGINE_EXEC_NONE &&
	    (!reader_report_require(work, READER_REPORT_EXEC_TYPE, READER_MISSING) ||
	     !reader_report_copy_code(work, READER_REPORT_EXEC_TYPE, work->codes->exec_types, &exec_type))) {
		return false;
	}
	work->update->exec_type = (enum engine_exec_type)exec_type;
	return true;
}

static bool reader_report_copy_codes(const struct reader_report_work *work) {
	int ord_status;
	int side;

	if (!reader_report_copy_code(work, READER_REPORT_ORD_STATUS, work->codes->ord_statuses, &ord_status) ||
	    !reader_report_copy_code(work, READER_REPORT_SIDE, work->codes->sides, &side)) {
		return false;
	}
	work->update->ord_status = (enum engine_order_status)ord_status;
	work->update->side = (enum engine_side)side;
	return true;
}

/* ---- numbers --------------------------------------------------------------------------------- */

/* Reads a number in units of `unit`. An absent field is 0. */
static bool reader_report_count(const struct reader_report_work *work, enum reader_report_field field,
                                struct reader_decimal unit, enum reader_reason wrong, int64_t *count) {
	const struct reader_report_value *value = &work->report->values[field];
	struct reader_decimal decimal;

	*count = 0;
	if (value->name == NULL) {
		return true;
	}
	enum reader_reason reason = reader_decimal_parse(value->text, value->size, &decimal);
	if (reason == READER_REASON_NONE) {
		reason = reader_decimal_divide(decimal, unit, wrong, count);
	}
	if (reason == READER_REASON_NONE && wrong == READER_WRONG_LOT && *count < 0) {
		reason = READER_OUT_OF_RANGE;
	}
	return reason == READER_REASON_NONE || reader_report_refuse_value(work, field, reason);
}

static bool reader_report_lots(const struct reader_report_work *work, enum reader_report_field field, int64_t *lots) {
	return reader_report_count(work, field, work->instrument->lot, READER_WRONG_LOT, lots);
}

static bool reader_report_ticks(const struct reader_report_work *work, enum reader_report_field field, int64_t *ticks) {
	return reader_report_count(work, field, work->instrument->tick, READER_WRONG_TICK, ticks);
}

/* Why a commission cannot be taken, and which field is to blame. One of zero needs no currency,
 * because venues then send none. */
static enum reader_reason reader_report_count_commission(const struct reader_report_work *work,
                                                         enum reader_report_field *field) {
	const struct reader_report_value *value = &work->report->values[READER_REPORT_COMMISSION];
	const struct reader_report_value *name = &work->report->values[READER_REPORT_COMM_CURRENCY];
	struct reader_decimal amount;
	enum reader_reason reason = reader_decimal_parse(value->text, value->size, &amount);

	*field = READER_REPORT_COMMISSION;
	if (reason != READER_REASON_NONE || amount.digits == 0) {
		return reason;
	}
	const struct reader_currency *currency = reader_catalogue_find_currency(work->catalogue, name->text);
	if (currency != NULL) {
		return reader_decimal_divide(amount, currency->unit, READER_WRONG_UNIT,
		                             &work->update->commission_units);
	}
	if (name->name == NULL) {
		return READER_NO_CURRENCY;
	}
	*field = READER_REPORT_COMM_CURRENCY;
	return READER_UNKNOWN_CURRENCY;
}

/* A commission is neither quantity nor price: one that cannot be taken refuses no fill. */
static void reader_report_commission(const struct reader_report_work *work) {
	struct engine_update *update = work->update;
	enum reader_report_field field;

	if (work->report->values[READER_REPORT_COMMISSION].name != NULL) {
		enum reader_reason reason = reader_report_count_commission(work, &field);
		if (reason != READER_REASON_NONE) {
			(void)reader_report_decline(work, field, false, reason);
			return;
		}
	}
	(void)reader_report_copy(work, READER_REPORT_COMM_CURRENCY, false, update->comm_currency,
	                         sizeof update->comm_currency);
}

/* Without one, the order quantity is what is filled and what is left (FIX 4.4, volume 4, tag 38).
 * Where nothing is left it stays 0, which says nothing. */
static bool reader_report_complete_quantity(const struct reader_report_work *work) {
	struct engine_update *update = work->update;

	if (update->order_quantity_lots > 0 || reader_report_is_end(update) ||
	    work->report->values[READER_REPORT_LEAVES_QUANTITY].name == NULL) {
		return true;
	}
	return !__builtin_add_overflow(update->cum_quantity_lots, update->leaves_quantity_lots,
	                               &update->order_quantity_lots) ||
	       reader_report_refuse_value(work, READER_REPORT_LEAVES_QUANTITY, READER_OUT_OF_RANGE);
}

static bool reader_report_copy_numbers(const struct reader_report_work *work) {
	struct engine_update *update = work->update;

	if (work->instrument == NULL) {
		return true;
	}
	if (!reader_report_lots(work, READER_REPORT_ORDER_QUANTITY, &update->order_quantity_lots)) {
		return false;
	}
	if (reader_report_has_last(update->exec_type) &&
	    !(reader_report_lots(work, READER_REPORT_LAST_QUANTITY, &update->last_quantity_lots) &&
	      reader_report_ticks(work, READER_REPORT_LAST_PRICE, &update->last_price_ticks))) {
		return false;
	}
	return reader_report_ticks(work, READER_REPORT_PRICE, &update->price_ticks) &&
	       reader_report_lots(work, READER_REPORT_CUM_QUANTITY, &update->cum_quantity_lots) &&
	       reader_report_lots(work, READER_REPORT_LEAVES_QUANTITY, &update->leaves_quantity_lots) &&
	       reader_report_complete_quantity(work);
}

/* From 1990 on there is electronic trading. Whatever is outside has another unit, or is a default
 * such as 1970. */
#define READER_REPORT_TIME_FIRST_NS INT64_C(631152000000000000) /* 1990-01-01 */
#define READER_REPORT_TIME_LAST_NS INT64_C(4102444800000000000) /* 2100-01-01 */

static void reader_report_copy_time(const struct reader_report_work *work) {
	int64_t time_ns = work->report->transact_time_ns;
	bool is_inside = time_ns >= READER_REPORT_TIME_FIRST_NS && time_ns < READER_REPORT_TIME_LAST_NS;

	if (work->report->has_time && !is_inside) {
		reader_report_leave_out(work->verdict, READER_BAD_TIME, work->report->time_name,
		                        work->report->time_position, NULL);
		return;
	}
	work->update->transact_time_ns = time_ns;
}

/* ---- what a kind needs ----------------------------------------------------------------------- */

/* The fields that a kind needs. A fill without its own quantity is never made from two totals. */
struct reader_report_need {
	enum engine_exec_type exec_type;
	enum reader_report_field field;
	enum reader_reason reason;
};

static const struct reader_report_need reader_report_needs[] = {
        {ENGINE_EXEC_TRADE, READER_REPORT_LAST_QUANTITY, READER_CUMULATIVE_ONLY},
        {ENGINE_EXEC_TRADE, READER_REPORT_LAST_PRICE, READER_MISSING},
        {ENGINE_EXEC_MULTILEG_TRADE, READER_REPORT_LAST_QUANTITY, READER_CUMULATIVE_ONLY},
        {ENGINE_EXEC_MULTILEG_TRADE, READER_REPORT_LAST_PRICE, READER_MISSING},
        {ENGINE_EXEC_CORRECT, READER_REPORT_LAST_QUANTITY, READER_CUMULATIVE_ONLY},
        {ENGINE_EXEC_CORRECT, READER_REPORT_LAST_PRICE, READER_MISSING},
        {ENGINE_EXEC_CORRECT, READER_REPORT_EXEC_REF_ID, READER_MISSING},
        {ENGINE_EXEC_BUST, READER_REPORT_EXEC_REF_ID, READER_MISSING},
        /* 0 ends the order, more does not. */
        {ENGINE_EXEC_DONE_FOR_DAY, READER_REPORT_LEAVES_QUANTITY, READER_MISSING},
};

static bool reader_report_require_fields(const struct reader_report_work *work) {
	return reader_report_is_refusal(work->update->exec_type) ||
	       (reader_report_require(work, READER_REPORT_SYMBOL, READER_MISSING) &&
	        reader_report_require(work, READER_REPORT_SIDE, READER_MISSING));
}

static bool reader_report_require_quantities(const struct reader_report_work *work) {
	enum engine_exec_type type = work->update->exec_type;

	if (reader_report_is_refusal(type)) {
		return true;
	}
	for (size_t i = 0; i < sizeof reader_report_needs / sizeof reader_report_needs[0]; i++) {
		const struct reader_report_need *need = &reader_report_needs[i];
		if (need->exec_type == type && !reader_report_require(work, need->field, need->reason)) {
			return false;
		}
	}
	return reader_report_require(work, READER_REPORT_CUM_QUANTITY, READER_MISSING);
}

/* A refusal with neither symbol nor side is about those of its order. */
static bool reader_report_find_instrument(struct reader_report_work *work) {
	if (reader_report_is_refusal(work->update->exec_type) &&
	    (work->update->symbol[0] == '\0' || work->update->side == ENGINE_SIDE_NONE)) {
		memset(work->update->symbol, 0, sizeof work->update->symbol);
		work->update->side = ENGINE_SIDE_NONE;
		return true;
	}
	work->instrument = reader_catalogue_find_instrument(work->catalogue, work->update->symbol);
	return work->instrument != NULL ||
	       reader_report_refuse_value(work, READER_REPORT_SYMBOL, READER_UNKNOWN_SYMBOL);
}

/* ---- whose it is ----------------------------------------------------------------------------- */

/* Appends NAME=VALUE to the instrument. A value has no spaces. */
static bool reader_report_append(const struct reader_report_work *work, enum reader_report_field field,
                                 const char *name, const char *text) {
	char *instrument = work->update->scope.instrument;
	size_t used = strlen(instrument);
	size_t room = sizeof work->update->scope.instrument - used;

	if (text[0] == '\0') {
		return true;
	}
	if (strlen(name) + strlen(text) + 3 > room) {
		return reader_report_refuse_value(work, field, READER_TOO_LONG);
	}
	sqlite3_snprintf((int)room, instrument + used, "%s%s=%s", used > 0 ? " " : "", name, text);
	for (char *c = instrument + used + (used > 0); *c != '\0'; c++) {
		*c = (char)(*c == ' ' ? '_' : *c);
	}
	return true;
}

#define READER_REPORT_ATTRIBUTE_SIZE (2 * READER_REPORT_TEXT_SIZE)

/* A strike is a number: 5000.00 and 5000 are one. */
static bool reader_report_append_strike(const struct reader_report_work *work) {
	const struct reader_report_value *strike = &work->report->values[READER_REPORT_STRIKE];
	const char *right = work->report->values[READER_REPORT_PUT_OR_CALL].text;
	char text[READER_REPORT_ATTRIBUTE_SIZE];
	struct reader_decimal decimal;

	if (strike->size == 0) {
		return reader_report_append(work, READER_REPORT_PUT_OR_CALL, "right", right);
	}
	enum reader_reason reason = reader_decimal_parse(strike->text, strike->size, &decimal);
	if (reason != READER_REASON_NONE) {
		return reader_report_refuse_value(work, READER_REPORT_STRIKE, reason);
	}
	char number[READER_DECIMAL_TEXT_SIZE];
	reader_decimal_print(decimal, number);
	sqlite3_snprintf((int)sizeof text, text, "%s%s", number, right);
	return reader_report_append(work, READER_REPORT_STRIKE, "strike", text);
}

/* In the order of the names, as the engine wants them. */
static bool reader_report_copy_instrument(const struct reader_report_work *work) {
	const struct reader_report_value *values = work->report->values;
	const char *source = values[READER_REPORT_ID_SOURCE].text;
	const char *id = values[READER_REPORT_SECURITY_ID].text;
	bool has_month = values[READER_REPORT_MATURITY].size > 0;
	enum reader_report_field maturity = has_month ? READER_REPORT_MATURITY : READER_REPORT_MATURITY_DATE;
	char text[READER_REPORT_ATTRIBUTE_SIZE] = "";

	if (id[0] != '\0') {
		sqlite3_snprintf((int)sizeof text, text, "%s%s%s", source, source[0] != '\0' ? ":" : "", id);
	}
	return reader_report_append(work, READER_REPORT_EXCHANGE, "exchange", values[READER_REPORT_EXCHANGE].text) &&
	       reader_report_append(work, READER_REPORT_SECURITY_ID, "id", text) &&
	       reader_report_append(work, maturity, has_month ? "maturity" : "maturity_date", values[maturity].text) &&
	       reader_report_append_strike(work) &&
	       reader_report_append(work, READER_REPORT_SECURITY_TYPE, "type",
	                            values[READER_REPORT_SECURITY_TYPE].text);
}

static bool reader_report_is_day(const struct reader_report_value *value, int32_t *day) {
	int64_t number = 0;

	if (value->size != 8 || !reader_report_integer(value->text, value->size, 1, &number) || number < 19900101 ||
	    number > 20991231) {
		return false;
	}
	*day = (int32_t)number;
	return *day / 100 % 100 >= 1 && *day / 100 % 100 <= 12 && *day % 100 >= 1 && *day % 100 <= 31;
}

/* The date of a time, as YYYYMMDD (reader_fix_days, the other way round). */
static int32_t reader_report_day_of(int64_t time_ns) {
	int64_t days = time_ns / 86400000000000 + 719468;
	int64_t era = days / 146097;
	int64_t day_of_era = days - era * 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t month_from_march = (5 * day_of_year + 2) / 153;
	int64_t day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
	int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;

	return (int32_t)((year_of_era + era * 400 + (month <= 2)) * 10000 + month * 100 + day);
}

/* A day that is none is left out, as a time is. */
static void reader_report_copy_day(const struct reader_report_work *work) {
	const struct reader_report_value *value = &work->report->values[READER_REPORT_TRADING_DAY];
	struct engine_update *update = work->update;

	if (value->size > 0 && reader_report_is_day(value, &update->trading_day)) {
		return;
	}
	update->trading_day = 0;
	if (value->name != NULL) {
		reader_report_leave_out(work->verdict, READER_BAD_TIME, value->name, value->position, value->text);
	}
	if (work->report->time_has_day && update->transact_time_ns != 0) {
		update->trading_day = reader_report_day_of(update->transact_time_ns);
	}
}

/* Who is meant is never guessed: what does not fit refuses the report. */
static bool reader_report_copy_scope(const struct reader_report_work *work) {
	struct engine_scope *scope = &work->update->scope;
	int position_side = ENGINE_POSITION_SIDE_NONE;

	if (!reader_report_copy(work, READER_REPORT_VENUE, true, scope->venue, sizeof scope->venue) ||
	    !reader_report_copy(work, READER_REPORT_ACCOUNT, true, scope->account, sizeof scope->account)) {
		return false;
	}
	if (work->codes->position_sides != NULL &&
	    !reader_report_copy_code(work, READER_REPORT_POSITION_SIDE, work->codes->position_sides, &position_side)) {
		return false;
	}
	scope->position_side = (enum engine_position_side)position_side;
	work->update->ids_are_per = work->report->ids_are_per;
	return reader_report_copy_instrument(work);
}

void reader_report_finish(const struct reader_report *report, const struct reader_report_codes *codes,
                          const struct reader_catalogue *catalogue, struct engine_update *update,
                          struct reader_verdict *verdict) {
	struct reader_report_work work = {
	        .report = report,
	        .codes = codes,
	        .catalogue = catalogue,
	        .update = update,
	        .verdict = verdict,
	};

	memset(update, 0, sizeof *update);
	if (reader_report_require(&work, READER_REPORT_ORDER_ID, READER_MISSING) &&
	    reader_report_copy_exec_type(&work) && reader_report_require_fields(&work) &&
	    reader_report_copy_codes(&work) && reader_report_require_quantities(&work) &&
	    reader_report_copy_texts(&work) && reader_report_find_instrument(&work) &&
	    reader_report_copy_scope(&work) && reader_report_copy_numbers(&work)) {
		reader_report_commission(&work);
		reader_report_copy_time(&work);
		reader_report_copy_day(&work);
		if (report->is_multileg && update->exec_type == ENGINE_EXEC_TRADE && !work.instrument->has_no_legs) {
			update->exec_type = ENGINE_EXEC_MULTILEG_TRADE;
		}
		update->adopts = report->is_answer && update->exec_type == ENGINE_EXEC_ORDER_STATUS;
		verdict->outcome = READER_UPDATE;
		memcpy(verdict->order_id, update->order_id, sizeof verdict->order_id);
		return;
	}
	assert(verdict->outcome != READER_UPDATE && verdict->outcome != READER_NONE);
	const struct reader_report_value *order_id = &report->values[READER_REPORT_ORDER_ID];
	if (order_id->size < sizeof verdict->order_id) {
		memcpy(verdict->order_id, order_id->text, order_id->size);
	}
	memset(update, 0, sizeof *update);
}

void reader_make_end(const struct engine_update *fill, enum engine_exec_type end, struct engine_update *update) {
	*update = *fill;
	memset(update->exec_id, 0, sizeof update->exec_id);
	update->exec_type = end;
	update->last_quantity_lots = 0;
	update->last_price_ticks = 0;
	update->leaves_quantity_lots = 0;
	update->commission_units = 0;
	memset(update->comm_currency, 0, sizeof update->comm_currency);
}
