#include "row.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* First byte of an encoding. Stored in every checksum: never renumber. */
enum row_table {
	ROW_CONTENT = 0, /* the logical content of a report, for engine_row_make_exec_id */
	ROW_META = 1,
	ROW_POSITION = 2,
	ROW_ORDER = 3,
	ROW_EXECUTION = 4,
};

/* The longest row is an execution: 1 + 16 + 32 + 32 + 32 + 8 bytes of table and texts, 12 integers. */
#define ROW_BYTES_MAX 256

struct row_encoder {
	size_t size;
	unsigned char bytes[ROW_BYTES_MAX];
};

static void row_begin(struct row_encoder *encoder, enum row_table table) {
	encoder->bytes[0] = (unsigned char)table;
	encoder->size = 1;
}

static void row_put_text(struct row_encoder *encoder, const char *text) {
	size_t length = strlen(text);

	assert(encoder->size + 1 + length <= sizeof encoder->bytes);
	encoder->bytes[encoder->size] = (unsigned char)length;
	memcpy(encoder->bytes + encoder->size + 1, text, length);
	encoder->size += 1 + length;
}

static void row_store_integer(unsigned char *bytes, uint64_t value) {
	uint64_t little = htole64(value);

	memcpy(bytes, &little, sizeof little);
}

static uint64_t row_load_integer(const unsigned char *bytes) {
	uint64_t little;

	memcpy(&little, bytes, sizeof little);
	return le64toh(little);
}

static void row_put_integer(struct row_encoder *encoder, int64_t value) {
	assert(encoder->size + 8 <= sizeof encoder->bytes);
	row_store_integer(encoder->bytes + encoder->size, (uint64_t)value);
	encoder->size += 8;
}

static struct engine_seal row_seal(const struct row_encoder *encoder) {
	XXH128_hash_t part = XXH3_128bits(encoder->bytes, encoder->size);

	return (struct engine_seal){
	        .checksum = XXH3_64bits(encoder->bytes, encoder->size),
	        .part = {.low = part.low64, .high = part.high64},
	};
}

struct engine_seal engine_row_seal_position(const struct engine_position *position) {
	struct row_encoder encoder;

	row_begin(&encoder, ROW_POSITION);
	row_put_text(&encoder, position->symbol);
	row_put_integer(&encoder, position->quantity_lots);
	row_put_integer(&encoder, position->cost_tick_lots);
	row_put_integer(&encoder, position->realised_tick_lots);
	return row_seal(&encoder);
}

struct engine_seal engine_row_seal_order(const struct engine_order *order) {
	struct row_encoder encoder;

	row_begin(&encoder, ROW_ORDER);
	row_put_text(&encoder, order->order_id);
	row_put_text(&encoder, order->cl_ord_id);
	row_put_text(&encoder, order->symbol);
	row_put_integer(&encoder, order->side);
	row_put_integer(&encoder, order->status);
	row_put_integer(&encoder, order->closed_by);
	row_put_integer(&encoder, order->flags);
	row_put_integer(&encoder, order->order_quantity_lots);
	row_put_integer(&encoder, order->price_ticks);
	row_put_integer(&encoder, order->cum_quantity_lots);
	row_put_integer(&encoder, order->leaves_quantity_lots);
	row_put_integer(&encoder, order->filled_tick_lots);
	row_put_integer(&encoder, order->terms_time_ns);
	row_put_integer(&encoder, order->pending_cancels);
	row_put_integer(&encoder, order->pending_replaces);
	return row_seal(&encoder);
}

/* What two reports of one event have in common on every channel: no time, no annotation, no client id. */
static void row_put_content(struct row_encoder *encoder, const struct engine_execution *execution) {
	row_put_text(encoder, execution->order_id);
	row_put_text(encoder, execution->comm_currency);
	row_put_integer(encoder, execution->exec_type);
	row_put_integer(encoder, execution->side);
	row_put_integer(encoder, execution->order_quantity_lots);
	row_put_integer(encoder, execution->price_ticks);
	row_put_integer(encoder, execution->last_quantity_lots);
	row_put_integer(encoder, execution->last_price_ticks);
	row_put_integer(encoder, execution->cum_quantity_lots);
	row_put_integer(encoder, execution->commission_units);
	row_put_text(encoder, execution->exec_ref_id);
}

struct engine_seal engine_row_seal_execution(const struct engine_execution *execution) {
	struct row_encoder encoder;

	row_begin(&encoder, ROW_EXECUTION);
	row_put_text(&encoder, execution->symbol);
	row_put_text(&encoder, execution->exec_id);
	row_put_content(&encoder, execution);
	row_put_integer(&encoder, (int64_t)execution->version);
	row_put_integer(&encoder, execution->transact_time_ns);
	row_put_integer(&encoder, (int64_t)execution->superseded_by);
	row_put_integer(&encoder, execution->moved_lots);
	return row_seal(&encoder);
}

uint64_t engine_row_checksum_meta(const struct engine_meta *meta) {
	struct row_encoder encoder;

	row_begin(&encoder, ROW_META);
	row_put_integer(&encoder, (int64_t)meta->version);
	row_put_integer(&encoder, (int64_t)meta->epoch);
	row_put_integer(&encoder, meta->halt);
	row_put_integer(&encoder, meta->limits.position_lots);
	row_put_integer(&encoder, meta->limits.order_notional_tick_lots);
	row_put_integer(&encoder, meta->limits.open_orders);
	row_put_integer(&encoder, (int64_t)meta->digest.low);
	row_put_integer(&encoder, (int64_t)meta->digest.high);
	return row_seal(&encoder).checksum;
}

void engine_row_make_exec_id(const struct engine_execution *execution, const char *request_id,
                             char exec_id[ENGINE_ID_SIZE]) {
	static const char digits[] = "0123456789abcdef";
	struct row_encoder encoder;

	row_begin(&encoder, ROW_CONTENT);
	row_put_text(&encoder, execution->symbol);
	row_put_content(&encoder, execution);
	row_put_text(&encoder, request_id);
	struct engine_digest hash = row_seal(&encoder).part;

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
	row_store_integer(bytes, digest->low);
	row_store_integer(bytes + 8, digest->high);
}

void engine_digest_decode(const unsigned char bytes[ENGINE_DIGEST_SIZE], struct engine_digest *digest) {
	digest->low = row_load_integer(bytes);
	digest->high = row_load_integer(bytes + 8);
}
