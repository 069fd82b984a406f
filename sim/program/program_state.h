/* sim/program/program_state.h: what a program shows, as lines. */
#ifndef AFTERSHOCK_SIM_PROGRAM_STATE_H
#define AFTERSHOCK_SIM_PROGRAM_STATE_H

#include "must_check.h"
#include "subject.h"

#include <stddef.h>
#include <stdint.h>

/* More is not compared line by line for people; all of it is in the hash. */
#define SIM_PROGRAM_TEXT_MAX (1u << 20)
#define SIM_PROGRAM_DIFFERENCE_SIZE 200

/* All zero: nothing was shown. Give it to _deinit. */
struct sim_program_state {
	char *text; /* owned; lines with their ends */
	size_t size;
	size_t room;
	uint64_t hash[2]; /* of all lines */
	uint64_t lines;
	bool unavailable;
	int code;
	char reason[SUBJECT_REASON_SIZE];
	bool out_of_memory;
};

/* What the instance shows. False when out of memory. */
bool sim_program_state_take(struct sim_program_state *state, const struct aftershock_subject *subject,
                            void *instance) SIM_MUST_CHECK;
void sim_program_state_deinit(struct sim_program_state *state);
bool sim_program_hash_equal(const uint64_t left[2], const uint64_t right[2]);
/* The first line in which the two differ: `shows "a 1", expected "a 2"`. */
void sim_program_state_difference(const struct sim_program_state *shown, const struct sim_program_state *expected,
                                  char text[SIM_PROGRAM_DIFFERENCE_SIZE]);

#endif
