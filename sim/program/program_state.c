/* sim/program/program_state.c: see program_state.h. */
#define XXH_INLINE_ALL
#include "program_state.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define SIM_PROGRAM_SHOWN_SIZE 70

bool sim_program_hash_equal(const uint64_t left[2], const uint64_t right[2]) {
	return left[0] == right[0] && left[1] == right[1];
}

void sim_program_state_deinit(struct sim_program_state *state) {
	free(state->text);
	*state = (struct sim_program_state){0};
}

static bool sim_program_state_make_room(struct sim_program_state *state, size_t size) {
	if (state->size + size <= state->room) {
		return true;
	}
	size_t room = state->room < 1024 ? 4096 : state->room * 2;
	room = room < state->size + size ? state->size + size : room;
	char *text = realloc(state->text, room);
	if (text == NULL) {
		state->out_of_memory = true;
		return false;
	}
	state->text = text;
	state->room = room;
	return true;
}

/* The hash of a line depends on the hash of those before it. */
static void sim_program_state_line(void *context, const char *text) {
	struct sim_program_state *state = context;
	size_t size = strlen(text);
	XXH128_hash_t hash = XXH3_128bits_withSeed(text, size, state->hash[0] ^ (state->hash[1] << 1) ^ ++state->lines);
	state->hash[0] = hash.high64;
	state->hash[1] = hash.low64;
	if (state->size + size + 1 > SIM_PROGRAM_TEXT_MAX || !sim_program_state_make_room(state, size + 1)) {
		return;
	}
	memcpy(state->text + state->size, text, size);
	state->text[state->size + size] = '\n';
	state->size += size + 1;
}

static void sim_program_state_unavailable(void *context, int code, const char *reason) {
	struct sim_program_state *state = context;
	state->unavailable = true;
	state->code = code;
	snprintf(state->reason, sizeof state->reason, "%s (%d)", reason, code);
}

bool sim_program_state_take(struct sim_program_state *state, const struct aftershock_subject *subject, void *instance) {
	const struct subject_sink sink = {
	        .context = state, .line = sim_program_state_line, .unavailable = sim_program_state_unavailable};
	char *text = state->text;
	size_t room = state->room;
	*state = (struct sim_program_state){.text = text, .room = room};
	subject->observe(instance, &sink);
	return !state->out_of_memory;
}

/* ---- for people ------------------------------------------------------------------------------ */

/* The line at `at`, and what comes behind it. */
static size_t sim_program_line_size(const struct sim_program_state *state, size_t at) {
	const char *end = at < state->size ? memchr(state->text + at, '\n', state->size - at) : NULL;
	return end != NULL ? (size_t)(end - (state->text + at)) : 0;
}

static void sim_program_print_line(const struct sim_program_state *state, size_t at,
                                   char text[SIM_PROGRAM_SHOWN_SIZE]) {
	size_t size = sim_program_line_size(state, at);
	if (at >= state->size) {
		snprintf(text, SIM_PROGRAM_SHOWN_SIZE, "nothing more");
	} else {
		bool cut = size > SIM_PROGRAM_SHOWN_SIZE - 10;
		snprintf(text, SIM_PROGRAM_SHOWN_SIZE, "\"%.*s%s\"", cut ? SIM_PROGRAM_SHOWN_SIZE - 10 : (int)size,
		         state->text + at, cut ? "..." : "");
	}
}

void sim_program_state_difference(const struct sim_program_state *shown, const struct sim_program_state *expected,
                                  char text[SIM_PROGRAM_DIFFERENCE_SIZE]) {
	char one[SIM_PROGRAM_SHOWN_SIZE];
	char two[SIM_PROGRAM_SHOWN_SIZE];
	size_t at = 0;
	while (at < shown->size && at < expected->size) {
		size_t size = sim_program_line_size(shown, at);
		if (size != sim_program_line_size(expected, at) ||
		    memcmp(shown->text + at, expected->text + at, size) != 0) {
			break;
		}
		at += size + 1;
	}
	sim_program_print_line(shown, at, one);
	sim_program_print_line(expected, at, two);
	snprintf(text, SIM_PROGRAM_DIFFERENCE_SIZE, "shows %s, expected %s", one, two);
}
