/* sim/world/mutex.c: see mutex.h. A recursive mutex of POSIX would not do: coroutines share their
 * thread, and it would let both in. */
#include "mutex.h"

#include "coroutine.h"

#include <assert.h>
#include <sqlite3.h>
#include <stddef.h>
#include <stdlib.h>

/* SQLite names the type and leaves what it is to whoever provides mutexes. */
struct sqlite3_mutex {
	const struct sim_coroutine *owner; /* NULL: whoever runs outside of all coroutines */
	unsigned depth;
};

/* Numbers of static mutexes begin behind SQLITE_MUTEX_RECURSIVE; later versions of SQLite may have
 * more of them. */
#define SIM_MUTEX_STATICS 32
static struct sqlite3_mutex sim_mutex_statics[SIM_MUTEX_STATICS];

static int sim_mutex_begin(void) {
	return SQLITE_OK;
}

static sqlite3_mutex *sim_mutex_alloc(int kind) {
	if (kind == SQLITE_MUTEX_FAST || kind == SQLITE_MUTEX_RECURSIVE) {
		return calloc(1, sizeof(struct sqlite3_mutex));
	}
	return kind < SIM_MUTEX_STATICS ? &sim_mutex_statics[kind] : NULL;
}

static void sim_mutex_free(sqlite3_mutex *mutex) {
	assert(mutex->depth == 0);
	free(mutex);
}

static void sim_mutex_enter(sqlite3_mutex *mutex) {
	const struct sim_coroutine *running = sim_coroutine_running();
	assert((mutex->depth == 0 || mutex->owner == running) && "a mutex of a coroutine that lost its turn");
	mutex->owner = running;
	mutex->depth++;
}

static int sim_mutex_try(sqlite3_mutex *mutex) {
	sim_mutex_enter(mutex);
	return SQLITE_OK;
}

static void sim_mutex_leave(sqlite3_mutex *mutex) {
	assert(mutex->depth > 0 && mutex->owner == sim_coroutine_running());
	mutex->depth--;
}

static int sim_mutex_held(sqlite3_mutex *mutex) {
	return mutex->depth > 0 && mutex->owner == sim_coroutine_running();
}

static int sim_mutex_not_held(sqlite3_mutex *mutex) {
	return !sim_mutex_held(mutex);
}

int sim_mutex_init(void) {
	const sqlite3_mutex_methods methods = {.xMutexInit = sim_mutex_begin,
	                                       .xMutexEnd = sim_mutex_begin,
	                                       .xMutexAlloc = sim_mutex_alloc,
	                                       .xMutexFree = sim_mutex_free,
	                                       .xMutexEnter = sim_mutex_enter,
	                                       .xMutexTry = sim_mutex_try,
	                                       .xMutexLeave = sim_mutex_leave,
	                                       .xMutexHeld = sim_mutex_held,
	                                       .xMutexNotheld = sim_mutex_not_held};
	/* A library without any has none to replace (AFTERSHOCK_SQLITE_LEAN). */
	if (sqlite3_threadsafe() == 0) {
		return SQLITE_OK;
	}
	/* Connections need none: no two coroutines are in one. */
	int code = sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
	return code == SQLITE_OK ? sqlite3_config(SQLITE_CONFIG_MUTEX, &methods) : code;
}
