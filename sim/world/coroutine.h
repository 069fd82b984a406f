/* sim/world/coroutine.h: functions that run on stacks of their own, one at a time, on one thread.
 * Each simulated process of a run with several is one. A coroutine runs until it yields or returns;
 * whoever resumed it goes on then. Who runs next is decided elsewhere (sim/schedule.h).
 *
 * Not nested: a coroutine does not resume another. Stacks have a page below them that must not be
 * touched, so that an overflow ends the program instead of corrupting it, and are used again: a
 * program has as many as ever ran at once.
 */
#ifndef AFTERSHOCK_SIM_COROUTINE_H
#define AFTERSHOCK_SIM_COROUTINE_H

#include <stdbool.h>
#include <stddef.h>

struct sim_coroutine;

typedef void (*sim_coroutine_body)(void *context);

/* Makes a coroutine that will run body(context) when it is resumed for the first time. NULL when
 * out of memory. */
struct sim_coroutine *sim_coroutine_create(sim_coroutine_body body, void *context);
/* NULL-safe. One that has begun must have returned: what its stack holds could not be freed
 * otherwise (asserted). */
void sim_coroutine_destroy(struct sim_coroutine *coroutine);

/* Runs it until it yields or returns. It must not have returned yet, and no coroutine may be
 * running. */
void sim_coroutine_resume(struct sim_coroutine *coroutine);
/* Goes back to whoever resumed the running coroutine; returns when that one is resumed again. */
void sim_coroutine_yield(void);

bool sim_coroutine_has_begun(const struct sim_coroutine *coroutine);
bool sim_coroutine_has_returned(const struct sim_coroutine *coroutine);
/* The one that is running; NULL outside of all. */
struct sim_coroutine *sim_coroutine_running(void);

/* Size of each stack, and the most bytes that any coroutine of this program has ever used of
 * one. */
size_t sim_coroutine_stack_bytes(void);
size_t sim_coroutine_stack_used_bytes(void);
/* Gives the stacks that nobody uses back to the operating system. */
void sim_coroutine_release_stacks(void);

#endif
