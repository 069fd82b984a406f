/* sim/trace.c: events are encoded into a buffer that is hashed when it is full; printing is apart
 * from hashing. */
#include "trace.h"

#include "vfs.h"

#include <assert.h>
#include <endian.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Where the library can, it picks the widest vectors of the machine; the values are the same
 * everywhere (xxhash 0.8). */
#if defined(__x86_64__) && __has_include(<xxh_x86dispatch.h>)
#include <xxh_x86dispatch.h>
#else
#define XXH_INLINE_ALL
#include <xxhash.h>
#endif

struct sim_trace {
	XXH3_state_t *state;
	FILE *text;
	sim_trace_listener listener;
	void *listener_context;
	const char *label;
	uint64_t count;
	size_t used_bytes;
	unsigned char buffer[SIM_TRACE_BUFFER_BYTES];
};

struct sim_trace *sim_trace_create(void) {
	struct sim_trace *trace = calloc(1, sizeof *trace);
	if (trace == NULL) {
		return NULL;
	}
	trace->state = XXH3_createState();
	if (trace->state == NULL) {
		free(trace);
		return NULL;
	}
	sim_trace_begin(trace, NULL);
	return trace;
}

void sim_trace_destroy(struct sim_trace *trace) {
	if (trace == NULL) {
		return;
	}
	XXH3_freeState(trace->state);
	free(trace);
}

void sim_trace_begin(struct sim_trace *trace, FILE *text) {
	XXH3_128bits_reset(trace->state);
	trace->text = text;
	trace->listener = NULL;
	trace->label = NULL;
	trace->count = 0;
	trace->used_bytes = 0;
}

/* An event is its own encoding where the machine is little-endian; elsewhere its words are turned
 * round. */
static_assert(sizeof(struct sim_event) == SIM_TRACE_EVENT_BYTES, "an event is its encoding");
static_assert(sizeof(enum sim_event_kind) == 4 && offsetof(struct sim_event, code) == 4, "kind and code are one word");

static inline void sim_trace_put(unsigned char *at, const struct sim_event *event) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	memcpy(at, event, sizeof *event);
#else
	uint64_t words[SIM_TRACE_EVENT_BYTES / 8] = {(uint64_t)event->kind | (uint64_t)event->code << 32,
	                                             event->time_ns};
	memcpy(words + 2, event->numbers, sizeof event->numbers);
	for (size_t i = 0; i < SIM_TRACE_EVENT_BYTES / 8; i++) {
		words[i] = htole64(words[i]);
	}
	memcpy(at, words, sizeof words);
#endif
}

static void sim_trace_flush(struct sim_trace *trace) {
	XXH3_128bits_update(trace->state, trace->buffer, trace->used_bytes);
	trace->used_bytes = 0;
}

static const char *sim_trace_kind_name(enum sim_event_kind kind) {
	static const char *const names[] = {"?",    "call",  "fault",  "step",    "outcome", "start", "loaded",
	                                    "stop", "crash", "choice", "verdict", "switch",  "order"};
	return kind < sizeof names / sizeof names[0] ? names[kind] : "?";
}

static void sim_trace_print(const struct sim_trace *trace, const struct sim_event *event, const char *note) {
	fprintf(trace->text, "%6" PRIu64 " %12" PRIu64 " ns  ", trace->count, event->time_ns);
	if (trace->label != NULL) {
		fprintf(trace->text, "%-16s ", trace->label);
	}
	fprintf(trace->text, "%-8s", sim_trace_kind_name(event->kind));
	if (event->kind == SIM_EVENT_CALL) {
		fprintf(trace->text,
		        "%-20s %-8s offset %" PRIu64 " size %" PRIu64 " flags 0x%" PRIx64 " -> %" PRIu64
		        " value %" PRIx64,
		        vfs_method_name((enum vfs_method)event->code),
		        vfs_file_kind_name((enum vfs_file_kind)event->numbers[0]), event->numbers[1], event->numbers[2],
		        event->numbers[3], event->numbers[4], event->numbers[5]);
	} else {
		/* All that is hashed is printed: two runs that differ show where. */
		fprintf(trace->text, "code %" PRIu32 " value %" PRIu64, event->code, event->numbers[0]);
	}
	fprintf(trace->text, "%s%s\n", note != NULL ? " " : "", note != NULL ? note : "");
}

uint64_t sim_trace_add(struct sim_trace *trace, const struct sim_event *event, const char *note) {
	trace->count++;
	if (trace->used_bytes + SIM_TRACE_EVENT_BYTES > sizeof trace->buffer) {
		sim_trace_flush(trace);
	}
	sim_trace_put(trace->buffer + trace->used_bytes, event);
	trace->used_bytes += SIM_TRACE_EVENT_BYTES;
	if (trace->text != NULL) {
		sim_trace_print(trace, event, note);
	}
	if (trace->listener != NULL) {
		trace->listener(trace->listener_context, trace->count, event, trace->label, note);
	}
	return trace->count;
}

void sim_trace_listen(struct sim_trace *trace, sim_trace_listener listener, void *context) {
	trace->listener = listener;
	trace->listener_context = context;
}

void sim_trace_label(struct sim_trace *trace, const char *label) {
	trace->label = label;
}

uint64_t sim_trace_count(const struct sim_trace *trace) {
	return trace->count;
}

void sim_trace_hash(struct sim_trace *trace, uint64_t hash[2]) {
	sim_trace_flush(trace);
	XXH128_hash_t digest = XXH3_128bits_digest(trace->state);
	hash[0] = digest.high64;
	hash[1] = digest.low64;
}

int sim_trace_is_printed(const struct sim_trace *trace) {
	return trace->text != NULL || trace->listener != NULL;
}

uint64_t sim_trace_hash_bytes(const void *data, size_t size_bytes) {
	return XXH3_64bits(data, size_bytes);
}
