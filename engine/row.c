#include "row.h"

#include <assert.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* The first byte of an encoding. Every checksum contains it: never renumber. */
enum engine_row_table {
	ROW_CONTENT = 0, /* the logical content of a report, for engine_row_make_exec_id */
	ROW_META = 1,
	ROW_POSITION = 2,
	ROW_ORDER = 3,
	ROW_EXECUTION = 4,
};

/* The longest row is an execution: a byte for the table, its texts, and 16 integers. */
#define ENGINE_ROW_BYTES_MAX 560

struct engine_row_encoder {
	size_t size;
	unsigned char bytes[ENGINE_ROW_BYTES_MAX];
};

static void engine_row_begin(struct engine_row_encoder *encoder, enum engine_row_table table) {
	encoder->bytes[0] = (unsigned char)table;
	encoder->size = 1;
}

static void engine_row_put_text(struct engine_row_encoder *encoder, const char *text) {
	size_t length = strlen(text);

	assert(encoder->size + 1 + length <= sizeof encoder->bytes);
	encoder->bytes[encoder->size] = (unsigned char)length;
	memcpy(encoder->bytes + encoder->size + 1, text, length);
	encoder->size += 1 + length;
}

static void engine_row_put_integer(struct engine_row_encoder *encoder, int64_t value) {
	assert(encoder->size + 8 <= sizeof encoder->bytes);
	engine_row_store_integer(encoder->bytes + encoder->size, (uint64_t)value);
	encoder->size += 8;
}

static void engine_row_put_scope(struct engine_row_encoder *encoder, const struct engine_scope *scope) {
	engine_row_put_text(encoder, scope->venue);
	engine_row_put_text(encoder, scope->account);
	engine_row_put_text(encoder, scope->instrument);
	engine_row_put_integer(encoder, scope->position_side);
}

static struct engine_seal engine_row_seal(const struct engine_row_encoder *encoder) {
	XXH128_hash_t part = XXH3_128bits(encoder->bytes, encoder->size);

	return (struct engine_seal){
	        .checksum = XXH3_64bits(encoder->bytes, encoder->size),
	        .part = {.low = part.low64, .high = part.high64},
	};
}

struct engine_seal engine_row_seal_position(const struct engine_position *position) {
	struct engine_row_encoder encoder;

	engine_row_begin(&encoder, ROW_POSITION);
	engine_row_put_text(&encoder, position->symbol);
	engine_row_put_integer(&encoder, position->quantity_lots);
	engine_row_put_integer(&encoder, position->cost_tick_lots);
	engine_row_put_integer(&encoder, position->realised_tick_lots);
	if (!engine_row_is_plain(&position->scope)) {
		engine_row_put_scope(&encoder, &position->scope);
	}
	return engine_row_seal(&encoder);
}

struct engine_seal engine_row_seal_order(const struct engine_order *order) {
	struct engine_row_encoder encoder;

	engine_row_begin(&encoder, ROW_ORDER);
	engine_row_put_text(&encoder, order->order_id);
	engine_row_put_text(&encoder, order->cl_ord_id);
	engine_row_put_text(&encoder, order->symbol);
	engine_row_put_integer(&encoder, order->side);
	engine_row_put_integer(&encoder, order->status);
	engine_row_put_integer(&encoder, order->closed_by);
	engine_row_put_integer(&encoder, order->flags);
	engine_row_put_integer(&encoder, order->order_quantity_lots);
	engine_row_put_integer(&encoder, order->price_ticks);
	engine_row_put_integer(&encoder, order->cum_quantity_lots);
	engine_row_put_integer(&encoder, order->leaves_quantity_lots);
	engine_row_put_integer(&encoder, order->filled_tick_lots);
	engine_row_put_integer(&encoder, order->terms_time_ns);
	engine_row_put_integer(&encoder, order->pending_cancels);
	engine_row_put_integer(&encoder, order->pending_replaces);
	if (engine_row_number(order->again) > 0 || !engine_row_is_plain(&order->scope) || order->first_day != 0) {
		engine_row_put_integer(&encoder, engine_row_number(order->again));
		engine_row_put_scope(&encoder, &order->scope);
		engine_row_put_integer(&encoder, order->first_day);
		engine_row_put_integer(&encoder, order->last_day);
	}
	return engine_row_seal(&encoder);
}

/* What two reports of one event have in common on every channel: no time, no annotation, no client
 * id. */
static void engine_row_put_content(struct engine_row_encoder *encoder, const struct engine_execution *execution) {
	engine_row_put_text(encoder, execution->order_id);
	engine_row_put_text(encoder, execution->comm_currency);
	engine_row_put_integer(encoder, execution->exec_type);
	engine_row_put_integer(encoder, execution->side);
	engine_row_put_integer(encoder, execution->order_quantity_lots);
	engine_row_put_integer(encoder, execution->price_ticks);
	engine_row_put_integer(encoder, execution->last_quantity_lots);
	engine_row_put_integer(encoder, execution->last_price_ticks);
	engine_row_put_integer(encoder, execution->cum_quantity_lots);
	engine_row_put_integer(encoder, execution->commission_units);
	engine_row_put_text(encoder, execution->exec_ref_id);
}

struct engine_seal engine_row_seal_execution(const struct engine_execution *execution) {
	struct engine_row_encoder encoder;

	engine_row_begin(&encoder, ROW_EXECUTION);
	engine_row_put_text(&encoder, execution->symbol);
	engine_row_put_text(&encoder, execution->exec_id);
	engine_row_put_content(&encoder, execution);
	engine_row_put_integer(&encoder, (int64_t)execution->version);
	engine_row_put_integer(&encoder, execution->transact_time_ns);
	engine_row_put_integer(&encoder, (int64_t)execution->superseded_by);
	engine_row_put_integer(&encoder, execution->moved_lots);
	if (engine_row_number(execution->again) > 0 || engine_row_number(execution->order_again) > 0 ||
	    !engine_row_is_plain(&execution->scope) || execution->trading_day != 0) {
		engine_row_put_integer(&encoder, engine_row_number(execution->again));
		engine_row_put_integer(&encoder, engine_row_number(execution->order_again));
		engine_row_put_scope(&encoder, &execution->scope);
		engine_row_put_integer(&encoder, execution->trading_day);
	}
	return engine_row_seal(&encoder);
}

struct engine_seal engine_row_seal_history(const struct engine_execution *execution) {
	struct engine_execution first = *execution;

	first.superseded_by = 0;
	return engine_row_seal_execution(&first);
}

uint64_t engine_row_checksum_meta(const struct engine_meta *meta) {
	struct engine_row_encoder encoder;

	engine_row_begin(&encoder, ROW_META);
	engine_row_put_integer(&encoder, (int64_t)meta->version);
	engine_row_put_integer(&encoder, (int64_t)meta->epoch);
	engine_row_put_integer(&encoder, meta->halt);
	engine_row_put_integer(&encoder, meta->limits.position_lots);
	engine_row_put_integer(&encoder, meta->limits.order_notional_tick_lots);
	engine_row_put_integer(&encoder, meta->limits.open_orders);
	engine_row_put_integer(&encoder, (int64_t)meta->digest.low);
	engine_row_put_integer(&encoder, (int64_t)meta->digest.high);
	return engine_row_seal(&encoder).checksum;
}

void engine_row_make_exec_id(const struct engine_execution *execution, const char *request_id,
                             char exec_id[ENGINE_ID_SIZE]) {
	static const char digits[] = "0123456789abcdef";
	struct engine_row_encoder encoder;

	engine_row_begin(&encoder, ROW_CONTENT);
	engine_row_put_text(&encoder, execution->symbol);
	engine_row_put_content(&encoder, execution);
	engine_row_put_text(&encoder, request_id);
	struct engine_digest hash = engine_row_seal(&encoder).part;

	memset(exec_id, 0, ENGINE_ID_SIZE);
	exec_id[0] = '~';
	for (int i = 0; i < 30; i++) {
		uint64_t half = i < 16 ? hash.high : hash.low;
		exec_id[1 + i] = digits[half >> (60 - 4 * (i % 16)) & 15];
	}
}

void engine_digest_add(struct engine_digest *digest, const struct engine_digest *part) {
	digest->low += part->low;
	digest->high += part->high + (digest->low < part->low);
}

void engine_digest_subtract(struct engine_digest *digest, const struct engine_digest *part) {
	uint64_t borrow = digest->low < part->low;

	digest->low -= part->low;
	digest->high -= part->high + borrow;
}

bool engine_digest_is_equal(const struct engine_digest *a, const struct engine_digest *b) {
	return a->low == b->low && a->high == b->high;
}

void engine_digest_encode(const struct engine_digest *digest, unsigned char bytes[ENGINE_DIGEST_SIZE]) {
	engine_row_store_integer(bytes, digest->low);
	engine_row_store_integer(bytes + 8, digest->high);
}

void engine_digest_decode(const unsigned char bytes[ENGINE_DIGEST_SIZE], struct engine_digest *digest) {
	digest->low = engine_row_load_integer(bytes);
	digest->high = engine_row_load_integer(bytes + 8);
}
