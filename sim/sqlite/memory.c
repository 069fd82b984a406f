/* sim/sqlite/memory.c: see memory.h. */
#include "memory.h"

#include <sqlite3.h>
#include <stddef.h>

static sqlite3_mem_methods sim_memory_below;
static sim_memory_watcher sim_memory_asked;
static void *sim_memory_context;

static size_t sim_memory_count;

static void *sim_memory_allocate(int size_bytes) {
	if (sim_memory_asked != NULL && sim_memory_asked(sim_memory_context)) {
		return NULL;
	}
	void *memory = sim_memory_below.xMalloc(size_bytes);
	sim_memory_count += memory != NULL;
	return memory;
}

static void sim_memory_give_back(void *memory) {
	sim_memory_count -= memory != NULL;
	sim_memory_below.xFree(memory);
}

static void *sim_memory_reallocate(void *memory, int size_bytes) {
	if (sim_memory_asked != NULL && sim_memory_asked(sim_memory_context)) {
		return NULL;
	}
	return sim_memory_below.xRealloc(memory, size_bytes);
}

int sim_memory_init(void) {
	int code = sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sim_memory_below);
	if (code != SQLITE_OK) {
		return code;
	}
	sqlite3_mem_methods methods = sim_memory_below;
	methods.xMalloc = sim_memory_allocate;
	methods.xFree = sim_memory_give_back;
	methods.xRealloc = sim_memory_reallocate;
	return sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
}

void sim_memory_watch(sim_memory_watcher watcher, void *context) {
	sim_memory_asked = watcher;
	sim_memory_context = context;
}

size_t sim_memory_blocks(void) {
	return sim_memory_count;
}

void sim_memory_forget(size_t blocks) {
	sim_memory_count -= blocks;
}
