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
        [READER_BEGIN_STRING] = {"begin_string", "not FIX.4.4"},
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
};

const char *reader_reason_name(enum reader_reason reason) {
	return (size_t)reason < sizeof reader_report_reasons / sizeof reader_report_reasons[0]
	               ? reader_report_reasons[reason].name
	               : "none";
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
	sqlite3_snprintf((int)sizeof verdict->text, verdict->text, "%s%s%.40s%s%s", name, value != NULL ? " " : "",
	                 value != NULL ? value : "", name[0] != '\0' || value != NULL ? " " : "",
	                 reader_report_reasons[reason].text);
	return false;
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

bool reader_report_set(struct reader_report *report, const struct reader_report_text *from,
                       struct reader_verdict *verdict) {
	struct reader_report_value *value = &report->values[from->field];

	if (value->name != NULL) {
		return reader_report_refuse(verdict, READER_TWICE, from->name, from->position, NULL);
	}
	if (from->size >= sizeof value->text) {
		return reader_report_refuse(verdict, READER_TOO_LONG, from->name, from->position, NULL);
	}
	if (!reader_report_is_text(from->text, from->size)) {
		return reader_report_refuse(verdict, READER_BAD_TEXT, from->name, from->position, NULL);
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
        "exec_id", "exec_ref_id", "order_id",   "cl_ord_id",  "orig_cl_ord_id", "symbol",
        "side",    "exec_type",   "ord_status", "order_qty",  "price",          "last_qty",
        "last_px", "cum_qty",     "leaves_qty", "commission", "comm_currency",
};

static bool reader_report_require(const struct reader_report_work *work, enum reader_report_field field,
                                  enum reader_reason reason) {
	const struct reader_report_value *value = &work->report->values[field];

	if (value->name == NULL) {
		return reader_report_refuse(work->verdict, reason, reader_report_names[field], 0, NULL);
	}
	return value->size > 0 || reader_report_refuse(work->verdict, READER_EMPTY, value->name, value->position, NULL);
}

/* An absent field leaves zeros. */
static bool reader_report_copy(const struct reader_report_work *work, enum reader_report_field field, char *target,
                               size_t size) {
	const struct reader_report_value *value = &work->report->values[field];

	if (value->size >= size) {
		return reader_report_refuse_value(work, field, READER_TOO_LONG);
	}
	memcpy(target, value->text, value->size);
	return true;
}

static bool reader_report_copy_texts(const struct reader_report_work *work) {
	struct engine_update *update = work->update;

	return reader_report_copy(work, READER_REPORT_EXEC_ID, update->exec_id, sizeof update->exec_id) &&
	       reader_report_copy(work, READER_REPORT_ORDER_ID, update->order_id, sizeof update->order_id) &&
	       reader_report_copy(work, READER_REPORT_CL_ORD_ID, update->cl_ord_id, sizeof update->cl_ord_id) &&
	       reader_report_copy(work, READER_REPORT_ORIG_CL_ORD_ID, update->orig_cl_ord_id,
	                          sizeof update->orig_cl_ord_id) &&
	       reader_report_copy(work, READER_REPORT_EXEC_REF_ID, update->exec_ref_id, sizeof update->exec_ref_id) &&
	       reader_report_copy(work, READER_REPORT_SYMBOL, update->symbol, sizeof update->symbol) &&
	       reader_report_copy(work, READER_REPORT_COMM_CURRENCY, update->comm_currency,
	                          sizeof update->comm_currency);
}

static bool reader_report_copy_code(const struct reader_report_work *work, enum reader_report_field field,
                                    const struct reader_report_code *codes, int *value) {
	*value = 0;
	if (work->report->values[field].name == NULL) {
		return true;
	}
	if (!reader_report_find_code(codes, work->report->values[field].text, value)) {
		return reader_report_refuse_value(work, field, READER_UNKNOWN_CODE);
	}
	return *value >= 0 || reader_report_refuse_value(work, field, (enum reader_reason) - *value);
}

static bool reader_report_copy_codes(const struct reader_report_work *work) {
	int exec_type;
	int ord_status;
	int side;

	if (!reader_report_copy_code(work, READER_REPORT_EXEC_TYPE, work->codes->exec_types, &exec_type) ||
	    !reader_report_copy_code(work, READER_REPORT_ORD_STATUS, work->codes->ord_statuses, &ord_status) ||
	    !reader_report_copy_code(work, READER_REPORT_SIDE, work->codes->sides, &side)) {
		return false;
	}
	work->update->exec_type = (enum engine_exec_type)exec_type;
	work->update->ord_status = (enum engine_order_status)ord_status;
	work->update->side = (enum engine_side)side;
	return true;
}

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

/* A commission of zero needs no currency, because venues then send none. */
static bool reader_report_commission(const struct reader_report_work *work) {
	const struct reader_decimal one = {1, 0};
	const struct reader_currency *currency =
	        reader_catalogue_find_currency(work->catalogue, work->update->comm_currency);
	const struct reader_report_value *value = &work->report->values[READER_REPORT_COMMISSION];
	struct reader_decimal amount = {0, 0};

	if (value->name != NULL && reader_decimal_parse(value->text, value->size, &amount) == READER_REASON_NONE &&
	    amount.digits != 0 && currency == NULL) {
		return reader_report_require(work, READER_REPORT_COMM_CURRENCY, READER_MISSING) &&
		       reader_report_refuse_value(work, READER_REPORT_COMM_CURRENCY, READER_UNKNOWN_CURRENCY);
	}
	return reader_report_count(work, READER_REPORT_COMMISSION, currency != NULL ? currency->unit : one,
	                           READER_WRONG_UNIT, &work->update->commission_units);
}

static bool reader_report_copy_numbers(const struct reader_report_work *work) {
	struct engine_update *update = work->update;

	return reader_report_lots(work, READER_REPORT_ORDER_QUANTITY, &update->order_quantity_lots) &&
	       reader_report_ticks(work, READER_REPORT_PRICE, &update->price_ticks) &&
	       reader_report_lots(work, READER_REPORT_LAST_QUANTITY, &update->last_quantity_lots) &&
	       reader_report_ticks(work, READER_REPORT_LAST_PRICE, &update->last_price_ticks) &&
	       reader_report_lots(work, READER_REPORT_CUM_QUANTITY, &update->cum_quantity_lots) &&
	       reader_report_lots(work, READER_REPORT_LEAVES_QUANTITY, &update->leaves_quantity_lots) &&
	       reader_report_commission(work);
}

static bool reader_report_require_fields(const struct reader_report_work *work) {
	static const enum reader_report_field always[] = {READER_REPORT_ORDER_ID, READER_REPORT_SYMBOL,
	                                                  READER_REPORT_SIDE, READER_REPORT_EXEC_TYPE};

	for (size_t i = 0; i < sizeof always / sizeof always[0]; i++) {
		if (!reader_report_require(work, always[i], READER_MISSING)) {
			return false;
		}
	}
	return true;
}

/* The fields that a kind needs. A fill without its own quantity is never made from two totals. */
struct reader_report_need {
	enum engine_exec_type exec_type;
	enum reader_report_field field;
	enum reader_reason reason;
};

static const struct reader_report_need reader_report_needs[] = {
        {ENGINE_EXEC_TRADE, READER_REPORT_LAST_QUANTITY, READER_CUMULATIVE_ONLY},
        {ENGINE_EXEC_TRADE, READER_REPORT_LAST_PRICE, READER_MISSING},
        {ENGINE_EXEC_CORRECT, READER_REPORT_LAST_QUANTITY, READER_CUMULATIVE_ONLY},
        {ENGINE_EXEC_CORRECT, READER_REPORT_LAST_PRICE, READER_MISSING},
        {ENGINE_EXEC_CORRECT, READER_REPORT_EXEC_REF_ID, READER_MISSING},
        {ENGINE_EXEC_BUST, READER_REPORT_EXEC_REF_ID, READER_MISSING},
        /* 0 ends the order, more does not. */
        {ENGINE_EXEC_DONE_FOR_DAY, READER_REPORT_LEAVES_QUANTITY, READER_MISSING},
};

static bool reader_report_require_quantities(const struct reader_report_work *work) {
	enum engine_exec_type type = work->update->exec_type;

	for (size_t i = 0; i < sizeof reader_report_needs / sizeof reader_report_needs[0]; i++) {
		const struct reader_report_need *need = &reader_report_needs[i];
		if (need->exec_type == type && !reader_report_require(work, need->field, need->reason)) {
			return false;
		}
	}
	if (type == ENGINE_EXEC_CANCEL_REJECTED || type == ENGINE_EXEC_REPLACE_REJECTED) {
		return true;
	}
	return reader_report_require(work, READER_REPORT_CUM_QUANTITY, READER_MISSING) &&
	       reader_report_require(work, READER_REPORT_ORDER_QUANTITY, READER_MISSING);
}

static bool reader_report_find_instrument(struct reader_report_work *work) {
	work->instrument = reader_catalogue_find_instrument(work->catalogue, work->update->symbol);
	return work->instrument != NULL ||
	       reader_report_refuse_value(work, READER_REPORT_SYMBOL, READER_UNKNOWN_SYMBOL);
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
	update->transact_time_ns = report->transact_time_ns;
	if (reader_report_require_fields(&work) && reader_report_copy_codes(&work) &&
	    reader_report_require_quantities(&work) && reader_report_copy_texts(&work) &&
	    reader_report_find_instrument(&work) && reader_report_copy_numbers(&work)) {
		*verdict = (struct reader_verdict){.outcome = READER_UPDATE};
		return;
	}
	assert(verdict->outcome != READER_UPDATE && verdict->outcome != READER_NONE);
	memset(update, 0, sizeof *update);
}
