/* engine/row.h: the canonical bytes of a row, its checksum, and its part in the digest of the
 * state.
 *
 * The encoding of a row is one byte that names the table, then every stored column except the
 * checksum, in the order of the schema. Text is one byte of length and the bytes. An integer is 8
 * bytes, little-endian two's complement. The digest is its 16 stored bytes. What only storage
 * format 3 has comes last, and all of it only if any of it says something: scope, numbers, days. So
 * a row that needs none of it has the checksum that it had in format 2.
 *
 * The checksum of a row is the XXH3-64 of its encoding (seed 0). Its part in the digest is the
 * XXH3-128. The digest of a state is the sum of the parts of all rows modulo 2^128 (E4). So it does
 * not depend on the order of rows, and replacing a row costs one subtraction and one addition. It
 * is stored as 16 bytes, little-endian.
 */
#ifndef AFTERSHOCK_ENGINE_ROW_H
#define AFTERSHOCK_ENGINE_ROW_H

#include <endian.h>
#include <string.h>

#include "engine.h"

#define ENGINE_DIGEST_SIZE 16

/* An integer as bytes, and back: 8 bytes, little-endian. */
static inline void engine_row_store_integer(unsigned char *bytes, uint64_t value) {
	uint64_t little = htole64(value);

	memcpy(bytes, &little, sizeof little);
}

static inline uint64_t engine_row_load_integer(const unsigned char *bytes) {
	uint64_t little;

	memcpy(&little, bytes, sizeof little);
	return le64toh(little);
}

/* The number of a key, which has its highest byte first, so that keys are in its order. */
static inline uint32_t engine_row_number(const uint8_t again[4]) {
	return (uint32_t)again[0] << 24 | (uint32_t)again[1] << 16 | (uint32_t)again[2] << 8 | again[3];
}

static inline void engine_row_set_number(uint8_t again[4], uint32_t number) {
	for (int i = 0; i < 4; i++) {
		again[i] = (uint8_t)(number >> (24 - 8 * i));
	}
}

/* Whether a scope says nothing. */
static inline bool engine_row_is_plain(const struct engine_scope *scope) {
	static const struct engine_scope none;

	return memcmp(scope, &none, sizeof none) == 0;
}

/* The one row of the table `meta`. */
struct engine_meta {
	uint64_t version;
	uint64_t epoch;
	enum engine_halt halt;
	struct engine_limits limits;
	struct engine_digest digest;
	/* Not stored, but summed anew from the ledger: see engine_row_seal_history. */
	struct engine_digest history;
};

/* What proves a row. */
struct engine_seal {
	uint64_t checksum;
	struct engine_digest part; /* of the digest of the state */
};

/* Compute the seal of a row, and the checksum of `meta`. */
struct engine_seal engine_row_seal_position(const struct engine_position *position);
struct engine_seal engine_row_seal_order(const struct engine_order *order);
struct engine_seal engine_row_seal_execution(const struct engine_execution *execution);
/* Of an entry of the ledger as it was when it was new, before anything took its place. The sum of
 * these parts over all entries up to a version is the history of that version. */
struct engine_seal engine_row_seal_history(const struct engine_execution *execution);
uint64_t engine_row_checksum_meta(const struct engine_meta *meta);

/* Makes the key of a report without exec id: '~' and 30 hexadecimal digits of a hash of its content
 * (R5). `request_id` is the client id of the request that it answers, or empty. */
void engine_row_make_exec_id(const struct engine_execution *execution, const char *request_id,
                             char exec_id[ENGINE_ID_SIZE]);

/* Arithmetic modulo 2^128. */
void engine_digest_add(struct engine_digest *digest, const struct engine_digest *part);
void engine_digest_subtract(struct engine_digest *digest, const struct engine_digest *part);
bool engine_digest_is_equal(const struct engine_digest *a, const struct engine_digest *b);
/* The stored form: 16 bytes, little-endian. */
void engine_digest_encode(const struct engine_digest *digest, unsigned char bytes[ENGINE_DIGEST_SIZE]);
void engine_digest_decode(const unsigned char bytes[ENGINE_DIGEST_SIZE], struct engine_digest *digest);

#endif
