/* engine/reader/binance.c: order events of Binance user data streams (README.md, "Binance").
 *
 * Spot sends executionReport, bare or inside {"stream","data"} or {"subscriptionId","event"}.
 * Futures send ORDER_TRADE_UPDATE with the same keys inside "o". A fill is keyed by its trade id
 * and side: one fill comes on several channels, and some have no execution id. Both sides of a
 * trade with oneself share the trade id. Anything else is keyed by the execution id "I", or by its
 * content.
 */
#include <string.h>

#include <sqlite3.h>

#include "formats.h"
#include "json.h"

static const struct reader_json_field reader_binance_fields[] = {
        {"i", READER_REPORT_ORDER_ID},       {"c", READER_REPORT_CL_ORD_ID},      {"s", READER_REPORT_SYMBOL},
        {"S", READER_REPORT_SIDE},           {"x", READER_REPORT_EXEC_TYPE},      {"X", READER_REPORT_ORD_STATUS},
        {"q", READER_REPORT_ORDER_QUANTITY}, {"p", READER_REPORT_PRICE},          {"l", READER_REPORT_LAST_QUANTITY},
        {"L", READER_REPORT_LAST_PRICE},     {"z", READER_REPORT_CUM_QUANTITY},   {"n", READER_REPORT_COMMISSION},
        {"N", READER_REPORT_COMM_CURRENCY},  {"ps", READER_REPORT_POSITION_SIDE}, {NULL, READER_REPORT_FIELD_COUNT},
};

static const struct reader_report_code reader_binance_sides[] = {
        {"BUY", ENGINE_SIDE_BUY},
        {"SELL", ENGINE_SIDE_SELL},
        {NULL, 0},
};

/* CALCULATED: a fill by liquidation or auto-deleveraging. TRADE_PREVENTION: see
 * reader_binance_settle_prevention. */
static const struct reader_report_code reader_binance_exec_types[] = {
        {"NEW", ENGINE_EXEC_NEW},
        {"TRADE", ENGINE_EXEC_TRADE},
        {"CALCULATED", ENGINE_EXEC_TRADE},
        {"REJECTED", ENGINE_EXEC_REJECTED},
        {"EXPIRED", ENGINE_EXEC_EXPIRED},
        {"CANCELED", ENGINE_EXEC_CANCELED},
        {"TRADE_PREVENTION", ENGINE_EXEC_EXPIRED},
        {"REPLACED", ENGINE_EXEC_REPLACED},
        {"AMENDMENT", ENGINE_EXEC_REPLACED},
        {NULL, 0},
};

static const struct reader_report_code reader_binance_ord_statuses[] = {
        {"NEW", ENGINE_ORDER_NEW},
        {"NEW_ADL", ENGINE_ORDER_NEW},
        {"NEW_INSURANCE", ENGINE_ORDER_NEW},
        {"PENDING_NEW", ENGINE_ORDER_PENDING_NEW},
        {"PARTIALLY_FILLED", ENGINE_ORDER_PARTIALLY_FILLED},
        {"FILLED", ENGINE_ORDER_FILLED},
        {"CANCELED", ENGINE_ORDER_CANCELED},
        {"PENDING_CANCEL", ENGINE_ORDER_PENDING_CANCEL},
        {"REJECTED", ENGINE_ORDER_REJECTED},
        {"EXPIRED", ENGINE_ORDER_EXPIRED},
        {"EXPIRED_IN_MATCH", ENGINE_ORDER_EXPIRED},
        {NULL, 0},
};

/* Of futures. BOTH: the account nets. */
static const struct reader_report_code reader_binance_position_sides[] = {
        {"LONG", ENGINE_POSITION_SIDE_LONG},
        {"SHORT", ENGINE_POSITION_SIDE_SHORT},
        {"BOTH", ENGINE_POSITION_SIDE_NONE},
        {NULL, 0},
};

static const struct reader_report_codes reader_binance_codes = {
        reader_binance_sides, reader_binance_exec_types, reader_binance_ord_statuses, reader_binance_position_sides};

/* ---- which event ----------------------------------------------------------------------------- */

static bool reader_binance_fail(const struct reader_json_error *error, struct reader_verdict *verdict) {
	return reader_report_refuse(verdict, error->reason, NULL, error->position, NULL);
}

/* Replaces the object by its member `key`, if that is there and an object. */
static bool reader_binance_enter(struct reader_json_object *object, const char *key, struct reader_verdict *verdict) {
	const struct reader_json_slice *inner = reader_json_find(object, key);
	struct reader_json_error error;

	if (inner == NULL || inner->kind != READER_JSON_OBJECT) {
		return true;
	}
	struct reader_json_slice place = *inner;
	return reader_json_parse(object->bytes, place.from, place.to, object, &error) ||
	       reader_binance_fail(&error, verdict);
}

/* Enters the object that has the keys of an order, or refuses or skips the message. */
static bool reader_binance_find_event(struct reader_json_object *object, struct reader_verdict *verdict) {
	if (!reader_binance_enter(object, "data", verdict) || !reader_binance_enter(object, "event", verdict)) {
		return false;
	}
	const struct reader_json_slice *event = reader_json_find(object, "e");
	if (event == NULL || event->kind != READER_JSON_STRING) {
		return reader_report_refuse(verdict, READER_MISSING, "e", 0, NULL);
	}
	if (reader_json_is(object, event, "executionReport")) {
		return true;
	}
	if (reader_json_is(object, event, "ORDER_TRADE_UPDATE")) {
		const struct reader_json_slice *order = reader_json_find(object, "o");
		if (order == NULL || order->kind != READER_JSON_OBJECT) {
			return reader_report_refuse(verdict, READER_MISSING, "o", 0, NULL);
		}
		return reader_binance_enter(object, "o", verdict);
	}
	/* TRADE_LITE: the same fill comes as an ORDER_TRADE_UPDATE as well. This one has no
	 * cumulative quantity that would place it. */
	if (reader_json_is(object, event, "TRADE_LITE")) {
		return reader_report_refuse(verdict, READER_NO_EFFECT, "e", event->from, "TRADE_LITE");
	}
	return reader_report_refuse(verdict, READER_OTHER_MESSAGE, "e", event->from, NULL);
}

/* ---- traps ----------------------------------------------------------------------------------- */

static bool reader_binance_is(const struct reader_report *report, enum reader_report_field field, const char *text) {
	return report->values[field].name != NULL && strcmp(report->values[field].text, text) == 0;
}

static void reader_binance_clear(struct reader_report *report, enum reader_report_field field) {
	report->values[field] = (struct reader_report_value){0};
}

/* A prevented match reports the quantity and price that it would have had. It is no fill. It ends
 * the order if the status says so. An order that only shrinks would need a report of its new
 * quantity. */
static bool reader_binance_settle_prevention(struct reader_report *report, struct reader_verdict *verdict) {
	const struct reader_report_value *type = &report->values[READER_REPORT_EXEC_TYPE];

	if (!reader_binance_is(report, READER_REPORT_EXEC_TYPE, "TRADE_PREVENTION")) {
		return true;
	}
	if (!reader_binance_is(report, READER_REPORT_ORD_STATUS, "EXPIRED_IN_MATCH")) {
		return reader_report_refuse(verdict, READER_NOT_EXPRESSIBLE, type->name, type->position, type->text);
	}
	reader_binance_clear(report, READER_REPORT_LAST_QUANTITY);
	reader_binance_clear(report, READER_REPORT_LAST_PRICE);
	return true;
}

static bool reader_binance_is_trade(const struct reader_report *report) {
	return reader_binance_is(report, READER_REPORT_EXEC_TYPE, "TRADE") ||
	       reader_binance_is(report, READER_REPORT_EXEC_TYPE, "CALCULATED");
}

/* A price of zero is a fact if the amount of money is zero, too. */
static bool reader_binance_check_price(const struct reader_json_object *object, const struct reader_report *report,
                                       struct reader_verdict *verdict) {
	static const struct reader_json_field amount_field = {"Y", READER_REPORT_LAST_PRICE};
	const struct reader_json_slice *slice = reader_json_find(object, amount_field.key);
	const struct reader_report_value *price = &report->values[READER_REPORT_LAST_PRICE];
	struct reader_report amount = {0};
	struct reader_decimal parsed[2];

	if (slice == NULL || price->name == NULL || !reader_binance_is_trade(report)) {
		return true;
	}
	if (!reader_json_set(object, slice, &amount, &amount_field, verdict)) {
		return false;
	}
	const struct reader_report_value *value = &amount.values[READER_REPORT_LAST_PRICE];
	bool are_numbers = reader_decimal_parse(price->text, price->size, &parsed[0]) == READER_REASON_NONE &&
	                   reader_decimal_parse(value->text, value->size, &parsed[1]) == READER_REASON_NONE;
	if (are_numbers && (parsed[0].digits == 0) != (parsed[1].digits == 0)) {
		return reader_report_refuse(verdict, READER_CONTRADICTION, price->name, price->position, price->text);
	}
	return true;
}

/* ---- keys ------------------------------------------------------------------------------------ */

static bool reader_binance_set_key(const struct reader_json_object *object, struct reader_report *report,
                                   struct reader_verdict *verdict) {
	static const struct reader_json_field trade_field = {"t", READER_REPORT_EXEC_ID};
	static const struct reader_json_field execution_field = {"I", READER_REPORT_EXEC_ID};
	const struct reader_json_field *field = reader_binance_is_trade(report) ? &trade_field : &execution_field;
	const struct reader_json_slice *slice = reader_json_find(object, field->key);
	struct reader_report_value *key = &report->values[READER_REPORT_EXEC_ID];
	char id[READER_REPORT_TEXT_SIZE];

	if (slice == NULL) {
		return field == &execution_field || reader_report_refuse(verdict, READER_MISSING, "t", 0, NULL);
	}
	if (!reader_json_set(object, slice, report, field, verdict)) {
		return false;
	}
	if (field == &execution_field && key->size > 0) {
		sqlite3_snprintf((int)sizeof id, id, "I%s", key->text);
	} else if (field == &trade_field && key->size > 0 && key->text[0] != '-') {
		sqlite3_snprintf((int)sizeof id, id, "t%s%.1s", key->text, report->values[READER_REPORT_SIDE].text);
	} else {
		return field == &execution_field ||
		       reader_report_refuse(verdict, READER_CONTRADICTION, "t", slice->from, key->text);
	}
	reader_binance_clear(report, READER_REPORT_EXEC_ID);
	const struct reader_report_text text = {READER_REPORT_EXEC_ID, field->key, slice->from, id, strlen(id)};
	return reader_report_set(report, &text, verdict);
}

/* "T": milliseconds. */
static void reader_binance_set_time(const struct reader_json_object *object, struct reader_report *report,
                                    struct reader_verdict *verdict) {
	const struct reader_json_slice *slice = reader_json_find(object, "T");

	if (slice == NULL) {
		return;
	}
	report->time_name = "T";
	report->time_position = slice->from;
	report->has_time = slice->kind == READER_JSON_NUMBER &&
	                   reader_report_integer(object->bytes + slice->from, slice->to - slice->from, 1000000,
	                                         &report->transact_time_ns);
	if (!report->has_time) {
		report->transact_time_ns = 0;
		reader_report_leave_out(verdict, READER_BAD_TIME, "T", slice->from, NULL);
	}
}

static bool reader_binance_set_fields(const struct reader_json_object *object, struct reader_report *report,
                                      struct reader_verdict *verdict) {
	for (size_t i = 0; i < object->count; i++) {
		const struct reader_json_member *member = &object->members[i];
		const struct reader_json_field *field =
		        reader_json_find_field(object, &member->key, reader_binance_fields);
		if (field != NULL && !reader_json_set(object, &member->value, report, field, verdict)) {
			return false;
		}
	}
	reader_binance_set_time(object, report, verdict);
	return reader_binance_set_key(object, report, verdict);
}

void reader_binance_read(const struct reader_catalogue *catalogue, const char *bytes, size_t size,
                         struct engine_update *update, struct reader_verdict *verdict) {
	struct reader_json_object object;
	struct reader_json_error error;
	struct reader_report report = {.ids_are_per = ENGINE_IDS_PER_SYMBOL};

	memset(update, 0, sizeof *update);
	*verdict = (struct reader_verdict){0};
	if (!reader_json_parse(bytes, 0, size, &object, &error)) {
		(void)reader_binance_fail(&error, verdict);
		return;
	}
	if (!reader_binance_find_event(&object, verdict) || !reader_binance_set_fields(&object, &report, verdict) ||
	    !reader_binance_check_price(&object, &report, verdict) ||
	    !reader_binance_settle_prevention(&report, verdict)) {
		return;
	}
	reader_report_finish(&report, &reader_binance_codes, catalogue, update, verdict);
}
