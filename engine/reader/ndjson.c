/* engine/reader/ndjson.c: the form of our own, one JSON object per line (README.md, "NDJSON"). */
#include <string.h>

#include "formats.h"
#include "json.h"

static const struct reader_json_field reader_ndjson_fields[] = {
        {"exec_id", READER_REPORT_EXEC_ID},
        {"exec_ref_id", READER_REPORT_EXEC_REF_ID},
        {"order_id", READER_REPORT_ORDER_ID},
        {"cl_ord_id", READER_REPORT_CL_ORD_ID},
        {"orig_cl_ord_id", READER_REPORT_ORIG_CL_ORD_ID},
        {"symbol", READER_REPORT_SYMBOL},
        {"side", READER_REPORT_SIDE},
        {"exec_type", READER_REPORT_EXEC_TYPE},
        {"ord_status", READER_REPORT_ORD_STATUS},
        {"order_qty", READER_REPORT_ORDER_QUANTITY},
        {"price", READER_REPORT_PRICE},
        {"last_qty", READER_REPORT_LAST_QUANTITY},
        {"last_px", READER_REPORT_LAST_PRICE},
        {"cum_qty", READER_REPORT_CUM_QUANTITY},
        {"leaves_qty", READER_REPORT_LEAVES_QUANTITY},
        {"commission", READER_REPORT_COMMISSION},
        {"comm_currency", READER_REPORT_COMM_CURRENCY},
        {"venue", READER_REPORT_VENUE},
        {"account", READER_REPORT_ACCOUNT},
        {"position_side", READER_REPORT_POSITION_SIDE},
        {"trading_day", READER_REPORT_TRADING_DAY},
        {"exchange", READER_REPORT_EXCHANGE},
        {"security_id", READER_REPORT_SECURITY_ID},
        {"security_id_source", READER_REPORT_ID_SOURCE},
        {"maturity", READER_REPORT_MATURITY},
        {"strike", READER_REPORT_STRIKE},
        {"put_or_call", READER_REPORT_PUT_OR_CALL},
        {"security_type", READER_REPORT_SECURITY_TYPE},
        {NULL, READER_REPORT_FIELD_COUNT},
};

static const struct reader_report_code reader_ndjson_sides[] = {
        {"buy", ENGINE_SIDE_BUY},
        {"sell", ENGINE_SIDE_SELL},
        {NULL, 0},
};

static const struct reader_report_code reader_ndjson_exec_types[] = {
        {"new", ENGINE_EXEC_NEW},
        {"trade", ENGINE_EXEC_TRADE},
        {"multileg_trade", ENGINE_EXEC_MULTILEG_TRADE},
        {"rejected", ENGINE_EXEC_REJECTED},
        {"expired", ENGINE_EXEC_EXPIRED},
        {"canceled", ENGINE_EXEC_CANCELED},
        {"done_for_day", ENGINE_EXEC_DONE_FOR_DAY},
        {"replaced", ENGINE_EXEC_REPLACED},
        {"pending_cancel", ENGINE_EXEC_PENDING_CANCEL},
        {"stopped", ENGINE_EXEC_STOPPED},
        {"pending_new", ENGINE_EXEC_PENDING_NEW},
        {"restated", ENGINE_EXEC_RESTATED},
        {"pending_replace", ENGINE_EXEC_PENDING_REPLACE},
        {"correct", ENGINE_EXEC_CORRECT},
        {"bust", ENGINE_EXEC_BUST},
        {"order_status", ENGINE_EXEC_ORDER_STATUS},
        {"triggered", ENGINE_EXEC_TRIGGERED},
        {"cancel_rejected", ENGINE_EXEC_CANCEL_REJECTED},
        {"replace_rejected", ENGINE_EXEC_REPLACE_REJECTED},
        {NULL, 0},
};

static const struct reader_report_code reader_ndjson_ord_statuses[] = {
        {"new", ENGINE_ORDER_NEW},
        {"partially_filled", ENGINE_ORDER_PARTIALLY_FILLED},
        {"filled", ENGINE_ORDER_FILLED},
        {"canceled", ENGINE_ORDER_CANCELED},
        {"rejected", ENGINE_ORDER_REJECTED},
        {"expired", ENGINE_ORDER_EXPIRED},
        {"done_for_day", ENGINE_ORDER_DONE_FOR_DAY},
        {"pending_cancel", ENGINE_ORDER_PENDING_CANCEL},
        {"stopped", ENGINE_ORDER_STOPPED},
        {"pending_new", ENGINE_ORDER_PENDING_NEW},
        {"pending_replace", ENGINE_ORDER_PENDING_REPLACE},
        {NULL, 0},
};

static const struct reader_report_code reader_ndjson_position_sides[] = {
        {"long", ENGINE_POSITION_SIDE_LONG},
        {"short", ENGINE_POSITION_SIDE_SHORT},
        {NULL, 0},
};

static const struct reader_report_codes reader_ndjson_codes = {
        reader_ndjson_sides, reader_ndjson_exec_types, reader_ndjson_ord_statuses, reader_ndjson_position_sides};

#define READER_NDJSON_TIME "transact_time"

static void reader_ndjson_set_time(const struct reader_json_object *object, const struct reader_json_slice *slice,
                                   struct reader_report *report, struct reader_verdict *verdict) {
	char text[READER_REPORT_TEXT_SIZE];
	size_t size;

	report->time_name = READER_NDJSON_TIME;
	report->time_position = slice->from;
	if (slice->kind == READER_JSON_NULL) {
		return;
	}
	bool is_scalar = slice->kind == READER_JSON_NUMBER || slice->kind == READER_JSON_STRING;
	report->has_time = is_scalar && reader_json_text(object, slice, text, sizeof text, &size) &&
	                   reader_report_integer(text, size, 1, &report->transact_time_ns);
	if (!report->has_time) {
		report->transact_time_ns = 0;
		reader_report_leave_out(verdict, READER_BAD_TIME, READER_NDJSON_TIME, slice->from, NULL);
	}
}

static bool reader_ndjson_set_member(const struct reader_json_object *object, const struct reader_json_member *member,
                                     struct reader_report *report, struct reader_verdict *verdict) {
	if (reader_json_is(object, &member->key, READER_NDJSON_TIME)) {
		reader_ndjson_set_time(object, &member->value, report, verdict);
		return true;
	}
	const struct reader_json_field *field = reader_json_find_field(object, &member->key, reader_ndjson_fields);
	if (field != NULL) {
		return reader_json_set(object, &member->value, report, field, verdict);
	}
	char name[READER_NAME_SIZE] = "";
	size_t size = member->key.to - member->key.from;
	memcpy(name, object->bytes + member->key.from, size < sizeof name ? size : sizeof name - 1);
	return reader_report_refuse(verdict, READER_UNKNOWN_FIELD, name, member->key.from, NULL);
}

void reader_ndjson_read(const struct reader_catalogue *catalogue, const char *bytes, size_t size,
                        struct engine_update *update, struct reader_verdict *verdict) {
	struct reader_json_object object;
	struct reader_json_error error;
	struct reader_report report = {.is_answer = true};

	memset(update, 0, sizeof *update);
	*verdict = (struct reader_verdict){0};
	if (!reader_json_parse(bytes, 0, size, &object, &error)) {
		(void)reader_report_refuse(verdict, error.reason, NULL, error.position, NULL);
		return;
	}
	for (size_t i = 0; i < object.count; i++) {
		if (!reader_ndjson_set_member(&object, &object.members[i], &report, verdict)) {
			return;
		}
	}
	reader_report_finish(&report, &reader_ndjson_codes, catalogue, update, verdict);
}
