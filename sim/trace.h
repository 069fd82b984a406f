/* sim/trace.h: the ordered events of a run, their 128-bit hash, and their text. The hash identifies
 * the run: it is XXH3-128 over a fixed little-endian encoding of every event, so that it does not
 * depend on the machine. */
#ifndef AFTERSHOCK_SIM_TRACE_H
#define AFTERSHOCK_SIM_TRACE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum sim_event_kind {
	SIM_EVENT_NONE = 0,
	SIM_EVENT_CALL,    /* a VFS call and its result */
	SIM_EVENT_FAULT,   /* a fault struck */
	SIM_EVENT_STEP,    /* a step of the plan begins */
	SIM_EVENT_OUTCOME, /* what the subject answered */
	SIM_EVENT_START,   /* a start was tried, and its status */
	SIM_EVENT_LOADED,  /* what was loaded */
	SIM_EVENT_STOP,    /* the subject was stopped in the ordinary way */
	SIM_EVENT_CRASH,   /* a process died */
	SIM_EVENT_CHOICE,  /* what survived a power loss: one answer */
	SIM_EVENT_VERDICT,
	SIM_EVENT_SWITCH, /* of several processes: whose events follow */
	SIM_EVENT_ORDER,  /* an order reached the exchange */
};

/* Plain numbers; what they mean depends on the kind (sim/trace.c prints them). */
struct sim_event {
	enum sim_event_kind kind;
	uint32_t code; /* method, fault kind, outcome, choice ... */
	uint64_t time_ns;
	uint64_t numbers[6];
};

#define SIM_TRACE_BUFFER_BYTES 8192u
#define SIM_TRACE_EVENT_BYTES 64u

struct sim_trace; /* owns a hash state; make one and reuse it for many runs */

/* NULL when out of memory. */
struct sim_trace *sim_trace_create(void);
void sim_trace_destroy(struct sim_trace *trace);
/* Begins a new run. `text` may be NULL: events are hashed only. */
void sim_trace_begin(struct sim_trace *trace, FILE *text);
/* Adds one event and returns its number, from 1. `note` is printed with it, not hashed; may be
 * NULL. */
uint64_t sim_trace_add(struct sim_trace *trace, const struct sim_event *event, const char *note);
/* Printed with every event from here on, not hashed: whose it is. NULL: nobody's. Borrowed. */
void sim_trace_label(struct sim_trace *trace, const char *label);
/* Number of events so far. */
uint64_t sim_trace_count(const struct sim_trace *trace);
/* The hash of all events so far: high word, low word. */
void sim_trace_hash(struct sim_trace *trace, uint64_t hash[2]);
/* XXH3-64, as the traces use it for written content. */
uint64_t sim_trace_hash_bytes(const void *data, size_t size_bytes);
/* From now until the next begin, `listener` is told every event as well. `label`: whose it is, as
 * below. */
typedef void (*sim_trace_listener)(void *context, uint64_t number, const struct sim_event *event, const char *label,
                                   const char *note);
void sim_trace_listen(struct sim_trace *trace, sim_trace_listener listener, void *context);
/* Whether texts are wanted: saves the caller from making notes that nobody reads. */
int sim_trace_is_printed(const struct sim_trace *trace);

#endif
