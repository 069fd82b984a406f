/* engine/reader/fix_report.c: ExecutionReport (35=8) and OrderCancelReject (35=9), as FIX is spoken
 * from 4.1 to 5.0 SP2 (README.md, "FIX"; FIX 4.2, and 4.4 with Errata 20030618, volume 4).
 *
 * Habits go by the tags that are there, not by the version: ExecTransType and the exec types 1 and
 * 2 of FIX 4.2 also come in 4.4 envelopes.
 */
#include <string.h>

#include "fix.h"
#include "formats.h"

#define READER_FIX_REPORT_FEES_MAX 16

/* ---- tags ------------------------------------------------------------------------------------ */

struct reader_fix_report_tag {
	int64_t tag;
	const char *name;
	enum reader_report_field field;
};

/* What goes into the report as it is. */
static const struct reader_fix_report_tag reader_fix_report_tags[] = {
        {17, "17", READER_REPORT_EXEC_ID},
        {19, "19", READER_REPORT_EXEC_REF_ID},
        {37, "37", READER_REPORT_ORDER_ID},
        {11, "11", READER_REPORT_CL_ORD_ID},
        {41, "41", READER_REPORT_ORIG_CL_ORD_ID},
        {55, "55", READER_REPORT_SYMBOL},
        {54, "54", READER_REPORT_SIDE},
        {150, "150", READER_REPORT_EXEC_TYPE},
        {39, "39", READER_REPORT_ORD_STATUS},
        {38, "38", READER_REPORT_ORDER_QUANTITY},
        {44, "44", READER_REPORT_PRICE},
        {32, "32", READER_REPORT_LAST_QUANTITY},
        {31, "31", READER_REPORT_LAST_PRICE},
        {14, "14", READER_REPORT_CUM_QUANTITY},
        {151, "151", READER_REPORT_LEAVES_QUANTITY},
        {1, "1", READER_REPORT_ACCOUNT},
        {75, "75", READER_REPORT_TRADING_DAY},
        {207, "207", READER_REPORT_EXCHANGE},
        {48, "48", READER_REPORT_SECURITY_ID},
        {22, "22", READER_REPORT_ID_SOURCE},
        {200, "200", READER_REPORT_MATURITY},
        {541, "541", READER_REPORT_MATURITY_DATE},
        {202, "202", READER_REPORT_STRIKE},
        {201, "201", READER_REPORT_PUT_OR_CALL},
        {167, "167", READER_REPORT_SECURITY_TYPE},
};

/* What is looked at when all of the message is known. */
enum reader_fix_report_item {
	READER_FIX_REPORT_COMMISSION,
	READER_FIX_REPORT_COMM_TYPE,
	READER_FIX_REPORT_CURRENCY,
	READER_FIX_REPORT_TRANS_TYPE,
	READER_FIX_REPORT_SEQUENCE,
	READER_FIX_REPORT_TIME,
	READER_FIX_REPORT_RESPONSE_TO,
	READER_FIX_REPORT_COMM_CURRENCY,
	READER_FIX_REPORT_VERSION,
	READER_FIX_REPORT_MULTILEG,
	READER_FIX_REPORT_ITEM_COUNT
};

static const struct {
	int64_t tag;
	const char *name;
	bool decides; /* what the report is: if it is there twice, nobody knows */
} reader_fix_report_items[READER_FIX_REPORT_ITEM_COUNT] = {
        [READER_FIX_REPORT_COMMISSION] = {12, "12", false},   [READER_FIX_REPORT_COMM_TYPE] = {13, "13", false},
        [READER_FIX_REPORT_CURRENCY] = {15, "15", false},     [READER_FIX_REPORT_TRANS_TYPE] = {20, "20", true},
        [READER_FIX_REPORT_SEQUENCE] = {34, "34", false},     [READER_FIX_REPORT_TIME] = {60, "60", false},
        [READER_FIX_REPORT_RESPONSE_TO] = {434, "434", true}, [READER_FIX_REPORT_COMM_CURRENCY] = {479, "479", false},
        [READER_FIX_REPORT_VERSION] = {1128, "1128", true},   [READER_FIX_REPORT_MULTILEG] = {442, "442", true},
};

/* An amount that somebody takes for the fill: tag 12, or an entry of the group 136. */
struct reader_fix_report_fee {
	const char *name;
	struct reader_fix_field amount;
	struct reader_fix_field currency; /* tag 0: not said */
	struct reader_fix_field basis;    /* 13 or 891; tag 0: an absolute amount */
};

struct reader_fix_report_work {
	struct reader_fix_message *message;
	struct reader_report report;
	struct reader_fix_field items[READER_FIX_REPORT_ITEM_COUNT]; /* tag 0: absent */
	struct reader_fix_report_fee fees[READER_FIX_REPORT_FEES_MAX];
	size_t fee_count;
	bool is_reject; /* OrderCancelReject */
};

/* ---- codes ----------------------------------------------------------------------------------- */

/* FIX 5.0 SP2. Cross, as defined, opposite, subscribe, lend and their like have no direction that
 * would move a position. */
static const struct reader_report_code reader_fix_report_sides[] = {
        {"1", ENGINE_SIDE_BUY},      {"2", ENGINE_SIDE_SELL},     {"3", ENGINE_SIDE_BUY},
        {"4", ENGINE_SIDE_SELL},     {"5", ENGINE_SIDE_SELL},     {"6", ENGINE_SIDE_SELL},
        {"H", ENGINE_SIDE_SELL},     {"7", -READER_NO_DIRECTION}, {"8", -READER_NO_DIRECTION},
        {"9", -READER_NO_DIRECTION}, {"A", -READER_NO_DIRECTION}, {"B", -READER_NO_DIRECTION},
        {"C", -READER_NO_DIRECTION}, {"D", -READER_NO_DIRECTION}, {"E", -READER_NO_DIRECTION},
        {"F", -READER_NO_DIRECTION}, {"G", -READER_NO_DIRECTION}, {NULL, 0},
};

/* 1 and 2: a fill before FIX 4.3. Suspended, calculated, locked and released move no quantity, but
 * say how much is filled, as a status does. */
static const struct reader_report_code reader_fix_report_exec_types[] = {
        {"0", ENGINE_EXEC_NEW},
        {"1", ENGINE_EXEC_TRADE},
        {"2", ENGINE_EXEC_TRADE},
        {"F", ENGINE_EXEC_TRADE},
        {"8", ENGINE_EXEC_REJECTED},
        {"C", ENGINE_EXEC_EXPIRED},
        {"4", ENGINE_EXEC_CANCELED},
        {"3", ENGINE_EXEC_DONE_FOR_DAY},
        {"5", ENGINE_EXEC_REPLACED},
        {"6", ENGINE_EXEC_PENDING_CANCEL},
        {"7", ENGINE_EXEC_STOPPED},
        {"A", ENGINE_EXEC_PENDING_NEW},
        {"D", ENGINE_EXEC_RESTATED},
        {"E", ENGINE_EXEC_PENDING_REPLACE},
        {"G", ENGINE_EXEC_CORRECT},
        {"H", ENGINE_EXEC_BUST},
        {"I", ENGINE_EXEC_ORDER_STATUS},
        {"L", ENGINE_EXEC_TRIGGERED},
        {"9", ENGINE_EXEC_ORDER_STATUS},
        {"B", ENGINE_EXEC_ORDER_STATUS},
        {"M", ENGINE_EXEC_ORDER_STATUS},
        {"N", ENGINE_EXEC_ORDER_STATUS},
        {"J", -READER_NOT_EXPRESSIBLE},
        {"K", -READER_NOT_EXPRESSIBLE},
        {NULL, 0},
};

/* The engine derives the status. A status for which it has no number is left out. */
static const struct reader_report_code reader_fix_report_ord_statuses[] = {
        {"0", ENGINE_ORDER_NEW},
        {"1", ENGINE_ORDER_PARTIALLY_FILLED},
        {"2", ENGINE_ORDER_FILLED},
        {"3", ENGINE_ORDER_DONE_FOR_DAY},
        {"4", ENGINE_ORDER_CANCELED},
        {"6", ENGINE_ORDER_PENDING_CANCEL},
        {"7", ENGINE_ORDER_STOPPED},
        {"8", ENGINE_ORDER_REJECTED},
        {"A", ENGINE_ORDER_PENDING_NEW},
        {"C", ENGINE_ORDER_EXPIRED},
        {"E", ENGINE_ORDER_PENDING_REPLACE},
        {"5", ENGINE_ORDER_NONE},
        {"9", ENGINE_ORDER_NONE},
        {"B", ENGINE_ORDER_NONE},
        {"D", ENGINE_ORDER_NONE},
        {NULL, 0},
};

static const struct reader_report_codes reader_fix_report_codes = {
        reader_fix_report_sides, reader_fix_report_exec_types, reader_fix_report_ord_statuses, NULL};

/* ---- fields ---------------------------------------------------------------------------------- */

static bool reader_fix_report_refuse(const struct reader_fix_report_work *work, enum reader_reason reason,
                                     const char *name, const struct reader_fix_field *field) {
	return reader_report_refuse(work->message->verdict, reason, name, field->position, NULL);
}

static void reader_fix_report_leave_out(const struct reader_fix_report_work *work, enum reader_reason reason,
                                        const char *name, const struct reader_fix_field *field) {
	reader_report_leave_out(work->message->verdict, reason, name, field->position, NULL);
}

static bool reader_fix_report_is_same(const struct reader_fix_report_work *work, const struct reader_fix_field *a,
                                      const struct reader_fix_field *b) {
	return a->size == b->size &&
	       memcmp(work->message->bytes + a->position, work->message->bytes + b->position, a->size) == 0;
}

/* Keeps a field for later. The same once more says nothing new. */
static bool reader_fix_report_keep(struct reader_fix_report_work *work, size_t i,
                                   const struct reader_fix_field *field) {
	struct reader_fix_field *kept = &work->items[i];

	if (field->size == 0) {
		return true;
	}
	if (kept->tag == 0) {
		*kept = *field;
		return true;
	}
	if (reader_fix_report_is_same(work, kept, field)) {
		return true;
	}
	if (reader_fix_report_items[i].decides) {
		return reader_fix_report_refuse(work, READER_TWICE, reader_fix_report_items[i].name, field);
	}
	reader_fix_report_leave_out(work, READER_TWICE, reader_fix_report_items[i].name, field);
	kept->size = 0;
	return true;
}

/* Adds what the group 136 says: 137 begins an entry, 138 and 891 belong to the one before. */
static void reader_fix_report_keep_fee(struct reader_fix_report_work *work, const struct reader_fix_field *field) {
	if (field->tag == 137) {
		if (work->fee_count == READER_FIX_REPORT_FEES_MAX) {
			reader_fix_report_leave_out(work, READER_TOO_DEEP, "137", field);
			return;
		}
		work->fees[work->fee_count++] = (struct reader_fix_report_fee){.name = "137", .amount = *field};
		return;
	}
	if (work->fee_count == 0 || field->size == 0) {
		return;
	}
	struct reader_fix_report_fee *fee = &work->fees[work->fee_count - 1];
	*(field->tag == 138 ? &fee->currency : &fee->basis) = *field;
}

static bool reader_fix_report_is_number(enum reader_report_field field) {
	return (field >= READER_REPORT_ORDER_QUANTITY && field <= READER_REPORT_LEAVES_QUANTITY) ||
	       field == READER_REPORT_STRIKE;
}

/* A FIX float may leave out digits on one side of its point (volume 1, "float"). Writes the number
 * as reader_decimal_parse wants it. Returns its size; other text stays as it is. */
static size_t reader_fix_report_complete(const char *text, size_t size, char completed[READER_REPORT_TEXT_SIZE]) {
	size_t sign = size > 0 && text[0] == '-';
	size_t at = 0;

	if (size + 2 > READER_REPORT_TEXT_SIZE || size < sign + 2) {
		return 0;
	}
	for (size_t i = 0; i < size; i++) {
		if (i == sign && text[i] == '.') {
			completed[at++] = '0';
		}
		completed[at++] = text[i];
	}
	return text[size - 1] == '.' ? at - 1 : at;
}

/* An empty field is as good as none, unless the report cannot do without. */
static bool reader_fix_report_set(struct reader_fix_report_work *work, const struct reader_fix_report_tag *tag,
                                  const struct reader_fix_field *field) {
	const struct reader_report_value *known = &work->report.values[tag->field];
	struct reader_report_text from = {tag->field, tag->name, field->position,
	                                  work->message->bytes + field->position, field->size};
	bool is_needed = tag->field == READER_REPORT_ORDER_ID || tag->field == READER_REPORT_SYMBOL ||
	                 tag->field == READER_REPORT_SIDE || tag->field == READER_REPORT_EXEC_TYPE;
	char completed[READER_REPORT_TEXT_SIZE];

	if (field->size == 0 && !is_needed) {
		return true;
	}
	if (reader_fix_report_is_number(tag->field)) {
		size_t size = reader_fix_report_complete(from.text, from.size, completed);
		from.text = size > 0 ? completed : from.text;
		from.size = size > 0 ? size : from.size;
	}
	if (known->name != NULL && known->size == from.size && memcmp(known->text, from.text, from.size) == 0) {
		return true;
	}
	bool is_note = tag->field == READER_REPORT_CL_ORD_ID || tag->field == READER_REPORT_ORIG_CL_ORD_ID ||
	               tag->field == READER_REPORT_ORD_STATUS;
	if (known->name != NULL && is_note) {
		reader_fix_report_leave_out(work, READER_TWICE, tag->name, field);
		work->report.values[tag->field] = (struct reader_report_value){.name = tag->name};
		return true;
	}
	return reader_report_set(&work->report, &from, work->message->verdict);
}

static bool reader_fix_report_take(struct reader_fix_report_work *work, const struct reader_fix_field *field) {
	for (size_t i = 0; i < sizeof reader_fix_report_tags / sizeof reader_fix_report_tags[0]; i++) {
		if (reader_fix_report_tags[i].tag == field->tag) {
			return reader_fix_report_set(work, &reader_fix_report_tags[i], field);
		}
	}
	for (size_t i = 0; i < READER_FIX_REPORT_ITEM_COUNT; i++) {
		if (reader_fix_report_items[i].tag == field->tag) {
			return reader_fix_report_keep(work, i, field);
		}
	}
	if (field->tag == 137 || field->tag == 138 || field->tag == 891) {
		reader_fix_report_keep_fee(work, field);
	}
	return true;
}

/* ---- what the tags say together -------------------------------------------------------------- */

static bool reader_fix_report_has(const struct reader_fix_report_work *work, enum reader_fix_report_item item) {
	return work->items[item].tag != 0 && work->items[item].size > 0;
}

static bool reader_fix_report_item_is(const struct reader_fix_report_work *work, enum reader_fix_report_item item,
                                      const char *text) {
	return reader_fix_is(work->message, &work->items[item], reader_fix_report_items[item].tag, text);
}

/* Over FIXT.1.1 a message may say its version: 3 is FIX 4.1. */
static bool reader_fix_report_check_version(const struct reader_fix_report_work *work) {
	const struct reader_fix_field *field = &work->items[READER_FIX_REPORT_VERSION];
	bool is_older = reader_fix_report_item_is(work, READER_FIX_REPORT_VERSION, "0") ||
	                reader_fix_report_item_is(work, READER_FIX_REPORT_VERSION, "1") ||
	                reader_fix_report_item_is(work, READER_FIX_REPORT_VERSION, "2");

	return !is_older || reader_fix_report_refuse(work, READER_BEGIN_STRING, "1128", field);
}

/* ExecTransType: what a report is about is a fill that never was, one that was different, or
 * nothing new. 0 is as good as none. */
static bool reader_fix_report_settle_trans_type(struct reader_fix_report_work *work) {
	static const struct {
		const char *text;
		enum engine_exec_type exec_type;
	} types[] = {{"0", ENGINE_EXEC_NONE},
	             {"1", ENGINE_EXEC_BUST},
	             {"2", ENGINE_EXEC_CORRECT},
	             {"3", ENGINE_EXEC_ORDER_STATUS}};

	if (!reader_fix_report_has(work, READER_FIX_REPORT_TRANS_TYPE)) {
		return true;
	}
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		if (reader_fix_report_item_is(work, READER_FIX_REPORT_TRANS_TYPE, types[i].text)) {
			work->report.exec_type = types[i].exec_type;
			return true;
		}
	}
	return reader_fix_report_refuse(work, READER_UNKNOWN_CODE, "20", &work->items[READER_FIX_REPORT_TRANS_TYPE]);
}

/* CxlRejResponseTo tells which request was refused. The OrderID of an order that the venue does not
 * know is NONE (FIX 4.4, volume 4, OrderCancelReject). */
static bool reader_fix_report_settle_reject(struct reader_fix_report_work *work) {
	const struct reader_fix_field *field = &work->items[READER_FIX_REPORT_RESPONSE_TO];
	const struct reader_report_value *order_id = &work->report.values[READER_REPORT_ORDER_ID];

	if (strcmp(order_id->text, "NONE") == 0) {
		return reader_report_refuse(work->message->verdict, READER_NOT_EXPRESSIBLE, "37", order_id->position,
		                            order_id->text);
	}

	if (!reader_fix_report_has(work, READER_FIX_REPORT_RESPONSE_TO)) {
		return reader_fix_report_refuse(work, READER_MISSING, "434", field);
	}
	if (reader_fix_report_item_is(work, READER_FIX_REPORT_RESPONSE_TO, "1")) {
		work->report.exec_type = ENGINE_EXEC_CANCEL_REJECTED;
		return true;
	}
	work->report.exec_type = ENGINE_EXEC_REPLACE_REJECTED;
	return reader_fix_report_item_is(work, READER_FIX_REPORT_RESPONSE_TO, "2") ||
	       reader_fix_report_refuse(work, READER_UNKNOWN_CODE, "434", field);
}

/* PutOrCall as a letter. A message without symbol names its instrument by the security id. */
static bool reader_fix_report_settle_instrument(struct reader_fix_report_work *work) {
	struct reader_report_value *right = &work->report.values[READER_REPORT_PUT_OR_CALL];
	struct reader_report_value *symbol = &work->report.values[READER_REPORT_SYMBOL];
	const struct reader_report_value *id = &work->report.values[READER_REPORT_SECURITY_ID];

	if (right->size > 0 && strcmp(right->text, "0") != 0 && strcmp(right->text, "1") != 0) {
		return reader_report_refuse(work->message->verdict, READER_UNKNOWN_CODE, "201", right->position,
		                            right->text);
	}
	if (right->size > 0) {
		right->text[0] = right->text[0] == '0' ? 'P' : 'C';
	}
	if (symbol->name == NULL && !work->is_reject) {
		*symbol = *id;
	}
	return true;
}

/* MultiLegReportingType. The fill of a leg bears the id of the order, but another symbol, side and
 * sum. So a leg is an order of its own: ORDER/SYMBOL. */
static bool reader_fix_report_settle_multileg(struct reader_fix_report_work *work) {
	struct reader_report_value *order_id = &work->report.values[READER_REPORT_ORDER_ID];
	const struct reader_report_value *symbol = &work->report.values[READER_REPORT_SYMBOL];

	work->report.is_multileg = reader_fix_report_item_is(work, READER_FIX_REPORT_MULTILEG, "3");
	if (!reader_fix_report_has(work, READER_FIX_REPORT_MULTILEG) || work->report.is_multileg ||
	    reader_fix_report_item_is(work, READER_FIX_REPORT_MULTILEG, "1")) {
		return true;
	}
	if (!reader_fix_report_item_is(work, READER_FIX_REPORT_MULTILEG, "2")) {
		return reader_fix_report_refuse(work, READER_UNKNOWN_CODE, "442",
		                                &work->items[READER_FIX_REPORT_MULTILEG]);
	}
	if (order_id->size == 0 || symbol->size == 0) {
		return true; /* refused for this */
	}
	if (order_id->size + 1 + symbol->size >= ENGINE_ID_SIZE) {
		return reader_report_refuse(work->message->verdict, READER_TOO_LONG, "37", order_id->position,
		                            order_id->text);
	}
	order_id->text[order_id->size] = '/';
	memcpy(order_id->text + order_id->size + 1, symbol->text, symbol->size + 1);
	order_id->size += 1 + symbol->size;
	return true;
}

/* A status has no execution of its own: its ExecID is 0 (FIX 4.4, tag 17; FIX 4.2, tag 20). */
static void reader_fix_report_settle_exec_id(struct reader_fix_report_work *work) {
	struct reader_report_value *exec_id = &work->report.values[READER_REPORT_EXEC_ID];
	bool is_status = work->report.exec_type == ENGINE_EXEC_ORDER_STATUS ||
	                 (work->report.exec_type == ENGINE_EXEC_NONE &&
	                  strcmp(work->report.values[READER_REPORT_EXEC_TYPE].text, "I") == 0);

	work->report.is_answer = is_status;
	if (is_status && strcmp(exec_id->text, "0") == 0) {
		*exec_id = (struct reader_report_value){0};
	}
}

static void reader_fix_report_settle_time(struct reader_fix_report_work *work) {
	const struct reader_fix_field *field = &work->items[READER_FIX_REPORT_TIME];

	work->report.time_name = "60";
	work->report.time_position = field->position;
	if (!reader_fix_report_has(work, READER_FIX_REPORT_TIME)) {
		return;
	}
	work->report.has_time = reader_fix_parse_time(work->message->bytes + field->position, field->size,
	                                              &work->report.transact_time_ns);
	if (!work->report.has_time) {
		reader_fix_report_leave_out(work, READER_BAD_TIME, "60", field);
	}
}

/* ---- fees ------------------------------------------------------------------------------------ */

static enum reader_reason reader_fix_report_parse(const struct reader_fix_report_work *work,
                                                  const struct reader_fix_field *field,
                                                  struct reader_decimal *decimal) {
	char completed[READER_REPORT_TEXT_SIZE];
	const char *text = work->message->bytes + field->position;
	size_t size = reader_fix_report_complete(text, field->size, completed);

	return size > 0 ? reader_decimal_parse(completed, size, decimal)
	                : reader_decimal_parse(text, field->size, decimal);
}

/* The amount of a fee. One per unit is multiplied with the quantity of the fill. One in per cent,
 * in points or waived is not computed here: what it is a part of depends on the venue. */
static enum reader_reason reader_fix_report_count_fee(const struct reader_fix_report_work *work,
                                                      const struct reader_fix_report_fee *fee,
                                                      struct reader_decimal *amount) {
	const struct reader_report_value *quantity = &work->report.values[READER_REPORT_LAST_QUANTITY];
	enum reader_reason reason = reader_fix_report_parse(work, &fee->amount, amount);
	bool is_absolute = fee->basis.tag == 0 || reader_fix_is(work->message, &fee->basis, 13, "3") ||
	                   reader_fix_is(work->message, &fee->basis, 891, "0");
	bool is_per_unit = reader_fix_is(work->message, &fee->basis, 13, "1") ||
	                   reader_fix_is(work->message, &fee->basis, 891, "1");
	struct reader_decimal units;

	if (reason != READER_REASON_NONE || amount->digits == 0 || is_absolute) {
		return reason;
	}
	if (!is_per_unit || quantity->name == NULL) {
		return READER_NOT_EXPRESSIBLE;
	}
	reason = reader_decimal_parse(quantity->text, quantity->size, &units);
	return reason == READER_REASON_NONE ? reader_decimal_multiply(*amount, units, amount) : reason;
}

/* The currency of a fee is its own, or that of the prices. */
static const struct reader_fix_field *reader_fix_report_find_currency(const struct reader_fix_report_work *work,
                                                                      const struct reader_fix_report_fee *fee) {
	return fee->currency.tag != 0 && fee->currency.size > 0 ? &fee->currency
	                                                        : &work->items[READER_FIX_REPORT_CURRENCY];
}

static void reader_fix_report_add_commission(struct reader_fix_report_work *work) {
	struct reader_fix_report_fee fee = {
	        .name = "12",
	        .amount = work->items[READER_FIX_REPORT_COMMISSION],
	        .currency = work->items[READER_FIX_REPORT_COMM_CURRENCY],
	        .basis = work->items[READER_FIX_REPORT_COMM_TYPE],
	};

	if (!reader_fix_report_has(work, READER_FIX_REPORT_COMMISSION)) {
		return;
	}
	memmove(&work->fees[1], &work->fees[0], (READER_FIX_REPORT_FEES_MAX - 1) * sizeof fee);
	work->fees[0] = fee;
	work->fee_count += work->fee_count < READER_FIX_REPORT_FEES_MAX;
}

/* Sums the fees of one currency. The engine has one commission for an update: what is in another
 * currency is left out, and named. */
static const struct reader_fix_report_fee *reader_fix_report_sum(const struct reader_fix_report_work *work,
                                                                 struct reader_decimal *sum) {
	const struct reader_fix_report_fee *first = NULL;

	*sum = (struct reader_decimal){0, 0};
	for (size_t i = 0; i < work->fee_count; i++) {
		const struct reader_fix_report_fee *fee = &work->fees[i];
		struct reader_decimal amount;
		enum reader_reason reason = reader_fix_report_count_fee(work, fee, &amount);
		if (reason == READER_REASON_NONE && amount.digits == 0) {
			continue;
		}
		if (reason == READER_REASON_NONE && first != NULL &&
		    !reader_fix_report_is_same(work, reader_fix_report_find_currency(work, first),
		                               reader_fix_report_find_currency(work, fee))) {
			reason = READER_OTHER_CURRENCY;
		}
		if (reason == READER_REASON_NONE) {
			reason = reader_decimal_add(*sum, amount, sum);
		}
		if (reason != READER_REASON_NONE) {
			reader_fix_report_leave_out(work, reason, fee->name, &fee->amount);
		} else if (first == NULL) {
			first = fee;
		}
	}
	return first;
}

static bool reader_fix_report_settle_fees(struct reader_fix_report_work *work) {
	struct reader_decimal sum;
	char text[READER_DECIMAL_TEXT_SIZE];

	reader_fix_report_add_commission(work);
	const struct reader_fix_report_fee *first = reader_fix_report_sum(work, &sum);
	if (first == NULL) {
		return true;
	}
	reader_decimal_print(sum, text);
	const struct reader_report_text amount = {READER_REPORT_COMMISSION, first->name, first->amount.position, text,
	                                          strlen(text)};
	if (!reader_report_set(&work->report, &amount, work->message->verdict)) {
		return false;
	}
	const struct reader_fix_field *field = reader_fix_report_find_currency(work, first);
	const struct reader_report_text currency = {READER_REPORT_COMM_CURRENCY,
	                                            field->tag == 479   ? "479"
	                                            : field->tag == 138 ? "138"
	                                                                : "15",
	                                            field->position, work->message->bytes + field->position,
	                                            field->size};
	return field->tag == 0 || field->size == 0 ||
	       reader_report_set(&work->report, &currency, work->message->verdict);
}

/* ---- messages -------------------------------------------------------------------------------- */

/* The third field must be the type. Other messages are not read further. */
static bool reader_fix_report_begin(struct reader_fix_report_work *work) {
	struct reader_fix_field field;

	if (!reader_fix_next(work->message, &field)) {
		return false;
	}
	if (field.tag != 35) {
		return reader_fix_report_refuse(work, READER_NOT_FIX, "35", &field);
	}
	work->is_reject = reader_fix_is(work->message, &field, 35, "9");
	return work->is_reject || reader_fix_is(work->message, &field, 35, "8") ||
	       reader_fix_report_refuse(work, READER_OTHER_MESSAGE, "35", &field);
}

static bool reader_fix_report_read(struct reader_fix_report_work *work) {
	struct reader_fix_field field;

	if (!reader_fix_report_begin(work)) {
		return false;
	}
	while (work->message->at < work->message->size) {
		if (!reader_fix_next(work->message, &field) || !reader_fix_report_take(work, &field)) {
			return false;
		}
	}
	if (!reader_fix_report_check_version(work) || !reader_fix_report_settle_instrument(work)) {
		return false;
	}
	if (work->is_reject) {
		reader_fix_report_settle_time(work);
		return reader_fix_report_settle_reject(work);
	}
	if (!reader_fix_report_settle_trans_type(work) || !reader_fix_report_settle_multileg(work)) {
		return false;
	}
	reader_fix_report_settle_exec_id(work);
	reader_fix_report_settle_time(work);
	return reader_fix_report_settle_fees(work);
}

/* Names the message and the order, also of one that is refused. */
static void reader_fix_report_name(struct reader_fix_message message, struct reader_verdict *verdict) {
	struct reader_verdict nobody;
	struct reader_fix_field field;

	message.verdict = &nobody;
	while (message.at < message.size && reader_fix_next(&message, &field)) {
		const char *text = message.bytes + field.position;
		int64_t sequence;
		if (field.tag == 34 && reader_report_integer(text, field.size, 1, &sequence) && sequence > 0) {
			verdict->sequence = (uint64_t)sequence;
		}
		if (field.tag == 37 && field.size < sizeof verdict->order_id &&
		    reader_report_is_text(text, field.size)) {
			memcpy(verdict->order_id, text, field.size);
			return;
		}
	}
}

/* A fill that says in its status how the order ended says two things at once. */
static enum engine_exec_type reader_fix_report_end(const struct engine_update *update) {
	if (update->exec_type != ENGINE_EXEC_TRADE && update->exec_type != ENGINE_EXEC_MULTILEG_TRADE) {
		return ENGINE_EXEC_NONE;
	}
	return update->ord_status == ENGINE_ORDER_CANCELED  ? ENGINE_EXEC_CANCELED
	       : update->ord_status == ENGINE_ORDER_EXPIRED ? ENGINE_EXEC_EXPIRED
	                                                    : ENGINE_EXEC_NONE;
}

void reader_fix_read(const struct reader_catalogue *catalogue, const char *bytes, size_t size,
                     struct engine_update *update, struct reader_verdict *verdict) {
	struct reader_fix_message message = {.bytes = bytes, .size = size, .verdict = verdict};
	struct reader_fix_report_work work = {.message = &message, .report.time_has_day = true};

	memset(update, 0, sizeof *update);
	*verdict = (struct reader_verdict){0};
	if (!reader_fix_open(&message)) {
		return;
	}
	const struct reader_fix_message opened = message;
	if (reader_fix_report_read(&work)) {
		reader_report_finish(&work.report, &reader_fix_report_codes, catalogue, update, verdict);
	}
	reader_fix_report_name(opened, verdict);
	verdict->end = reader_fix_report_end(update);
}
