/* record/checksum.h: of a record. Who writes one, and who reads it, compute the same. */
#ifndef AFTERSHOCK_RECORD_CHECKSUM_H
#define AFTERSHOCK_RECORD_CHECKSUM_H

#include "record.h"

#include <stddef.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

static inline uint64_t record_checksum(const struct record_head *head) {
	uint64_t seed = (uint64_t)head->size << 32 | (uint64_t)head->kind << 16 | head->flags;
	return XXH3_64bits_withSeed(&head->order, head->size - offsetof(struct record_head, order), seed);
}

#endif
