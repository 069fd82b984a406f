/* sim/sqlite/memory.h: SQLite's allocations pass here, so that one of them can fail
 * (SQLITE_CONFIG_MALLOC; sqlite.org/malloc.html). Where memory comes from does not change. The
 * harness's own use of SQLite is not watched. */
#ifndef AFTERSHOCK_SIM_MEMORY_H
#define AFTERSHOCK_SIM_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* Asked before each allocation, and each one that grows: true makes it fail. */
typedef bool (*sim_memory_watcher)(void *context);

/* Before sqlite3_initialize(). Returns an SQLite result code. */
int sim_memory_init(void);
/* From here on allocations are asked for; NULL: no more. */
void sim_memory_watch(sim_memory_watcher watcher, void *context);
/* How many allocations are in use, whoever made them. */
size_t sim_memory_blocks(void);
/* So many of them are not counted from here on: nobody will give them back. */
void sim_memory_forget(size_t blocks);

#endif
