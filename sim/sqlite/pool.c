/* sim/sqlite/pool.c: see pool.h. Sizes: steps of 16 bytes up to 1 KiB, then four steps to the
 * doubling up to 32 KiB; what is larger is the C library's: it comes seldom and in any size. Each
 * block begins with a head that names its size. */
#include "pool.h"

#include <assert.h>
#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define SIM_POOL_USED false
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SIM_POOL_USED false
#endif
#endif
#ifndef SIM_POOL_USED
#define SIM_POOL_USED true
#endif

#define SIM_POOL_STEP_BYTES 16u
#define SIM_POOL_FINE_BYTES 1024u
#define SIM_POOL_FINE_COUNT (SIM_POOL_FINE_BYTES / SIM_POOL_STEP_BYTES)
#define SIM_POOL_LARGEST_BYTES (32u * 1024u)
/* Four to each of the five doublings from 1 KiB to 32 KiB. */
#define SIM_POOL_CLASS_COUNT (SIM_POOL_FINE_COUNT + 1u + 20u)
#define SIM_POOL_CLASS_LARGE UINT32_MAX
#define SIM_POOL_CHUNK_BYTES (256u * 1024u)

/* Tells a block in use from one that was given back: freeing twice aborts instead of handing it out
 * twice. */
#define SIM_POOL_TAKEN UINT32_C(0x7a6b656e)
#define SIM_POOL_FREE UINT32_C(0x66726565)

struct sim_pool_block {
	uint32_t class;
	uint32_t state;
	uint64_t size_bytes;         /* what the caller may use */
	struct sim_pool_block *next; /* free blocks only: part of what the caller uses */
};

#define SIM_POOL_HEAD_BYTES offsetof(struct sim_pool_block, next)
static_assert(SIM_POOL_HEAD_BYTES == 16, "what the caller uses is aligned as malloc() would align it");

/* Of blocks above 1 KiB this much of each size is kept when it is free; more goes back to the C
 * library. A large database has thousands of pages in memory, and no run after it may need as many
 * of that size. */
#define SIM_POOL_KEPT_BYTES (256u * 1024u)

static struct sim_pool_block *sim_pool_free_blocks[SIM_POOL_CLASS_COUNT];
static uint32_t sim_pool_free_counts[SIM_POOL_CLASS_COUNT]; /* of sizes above 1 KiB */
static unsigned char *sim_pool_chunk;
static size_t sim_pool_chunk_left_bytes;

static uint32_t sim_pool_class(uint32_t size_bytes) {
	if (size_bytes <= SIM_POOL_FINE_BYTES) {
		return (size_bytes + SIM_POOL_STEP_BYTES - 1) / SIM_POOL_STEP_BYTES;
	}
	if (size_bytes > SIM_POOL_LARGEST_BYTES) {
		return SIM_POOL_CLASS_LARGE;
	}
	uint32_t doubling = 31u - (uint32_t)__builtin_clz(size_bytes - 1);
	return SIM_POOL_FINE_COUNT + 1 + (doubling - 10) * 4 + ((size_bytes - 1) >> (doubling - 2) & 3);
}

static uint32_t sim_pool_class_bytes(uint32_t class) {
	if (class <= SIM_POOL_FINE_COUNT) {
		return class * SIM_POOL_STEP_BYTES;
	}
	uint32_t coarse = class - SIM_POOL_FINE_COUNT - 1;
	return (coarse % 4 + 5) << (coarse / 4 + 8);
}

/* Blocks above 1 KiB are the C library's own, one by one. */
static bool sim_pool_is_single(uint32_t class) {
	return class > SIM_POOL_FINE_COUNT;
}

/* New memory for a small block. The rest of a chunk that is too small is left: at most one block in
 * 256 KiB. */
static struct sim_pool_block *sim_pool_cut(uint32_t size_bytes) {
	size_t need_bytes = SIM_POOL_HEAD_BYTES + size_bytes;
	if (need_bytes > sim_pool_chunk_left_bytes) {
		unsigned char *chunk = malloc(SIM_POOL_CHUNK_BYTES);
		if (chunk == NULL) {
			return NULL;
		}
		sim_pool_chunk = chunk;
		sim_pool_chunk_left_bytes = SIM_POOL_CHUNK_BYTES;
	}
	struct sim_pool_block *block = (struct sim_pool_block *)(void *)sim_pool_chunk;
	sim_pool_chunk += need_bytes;
	sim_pool_chunk_left_bytes -= need_bytes;
	return block;
}

static struct sim_pool_block *sim_pool_block_of(void *memory) {
	struct sim_pool_block *block = (void *)((unsigned char *)memory - SIM_POOL_HEAD_BYTES);
	assert(block->state == SIM_POOL_TAKEN);
	return block;
}

static void *sim_pool_take(int size_bytes) {
	uint32_t class = sim_pool_class((uint32_t)size_bytes);
	bool is_large = class == SIM_POOL_CLASS_LARGE;
	bool is_single = sim_pool_is_single(class);
	struct sim_pool_block *block = is_large ? NULL : sim_pool_free_blocks[class];
	if (block != NULL) {
		sim_pool_free_blocks[class] = block->next;
		sim_pool_free_counts[class] -= is_single;
	} else {
		uint32_t usable_bytes = is_large ? (uint32_t)size_bytes : sim_pool_class_bytes(class);
		block = is_single ? malloc(SIM_POOL_HEAD_BYTES + usable_bytes) : sim_pool_cut(usable_bytes);
		if (block == NULL) {
			return NULL;
		}
		block->class = class;
		block->size_bytes = usable_bytes;
	}
	block->state = SIM_POOL_TAKEN;
	return &block->next;
}

static void sim_pool_give_back(void *memory) {
	struct sim_pool_block *block = sim_pool_block_of(memory);
	block->state = SIM_POOL_FREE;
	uint32_t class = block->class;
	bool is_single = sim_pool_is_single(class);
	if (class == SIM_POOL_CLASS_LARGE ||
	    (is_single && sim_pool_free_counts[class] * block->size_bytes >= SIM_POOL_KEPT_BYTES)) {
		free(block);
		return;
	}
	sim_pool_free_counts[class] += is_single;
	block->next = sim_pool_free_blocks[class];
	sim_pool_free_blocks[class] = block;
}

static int sim_pool_size(void *memory) {
	return memory != NULL ? (int)sim_pool_block_of(memory)->size_bytes : 0;
}

static void *sim_pool_resize(void *memory, int size_bytes) {
	const struct sim_pool_block *block = sim_pool_block_of(memory);
	if (block->class != SIM_POOL_CLASS_LARGE && block->class == sim_pool_class((uint32_t)size_bytes)) {
		return memory;
	}
	void *moved = sim_pool_take(size_bytes);
	if (moved != NULL) {
		size_t kept_bytes = block->size_bytes;
		memcpy(moved, memory, kept_bytes < (size_t)size_bytes ? kept_bytes : (size_t)size_bytes);
		sim_pool_give_back(memory);
	}
	return moved;
}

static int sim_pool_round_up(int size_bytes) {
	uint32_t class = sim_pool_class((uint32_t)size_bytes);
	return class == SIM_POOL_CLASS_LARGE ? (size_bytes + 7) & ~7 : (int)sim_pool_class_bytes(class);
}

static int sim_pool_init(void *context) {
	(void)context;
	return SQLITE_OK;
}

static void sim_pool_shut_down(void *context) {
	(void)context;
}

bool sim_pool_install(void) {
	static const sqlite3_mem_methods methods = {.xMalloc = sim_pool_take,
	                                            .xFree = sim_pool_give_back,
	                                            .xRealloc = sim_pool_resize,
	                                            .xSize = sim_pool_size,
	                                            .xRoundup = sim_pool_round_up,
	                                            .xInit = sim_pool_init,
	                                            .xShutdown = sim_pool_shut_down};
	return !SIM_POOL_USED || sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) == SQLITE_OK;
}
