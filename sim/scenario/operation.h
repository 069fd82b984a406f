/* sim/scenario/operation.h: the kinds of operation of a program, as text with gaps that the seed
 * fills (struct subject_operation). A scenario has such a list, or the subject brings its own.
 */
#ifndef AFTERSHOCK_SIM_OPERATION_H
#define AFTERSHOCK_SIM_OPERATION_H

#include "must_check.h"
#include "subject.h"

#include <stddef.h>

#define SIM_OPERATION_WEIGHT_MAX 1000u
#define SIM_OPERATIONS_MAX 64u
#define SIM_OPERATION_WHY_SIZE 256

/* Whether the text is a kind of operation; else one line in `why`, without a place. */
bool sim_operation_check(const char *text, char why[SIM_OPERATION_WHY_SIZE]) SIM_MUST_CHECK;
/* The same of a whole list, which may be NULL. */
bool sim_operations_check(const struct subject_operation *operations, char why[SIM_OPERATION_WHY_SIZE]) SIM_MUST_CHECK;

/* One operation, a function of the list and the number. `on`: bit 1 << n % 32 for the kinds that
 * may be drawn; where that leaves none, all may. The list is checked, and has an entry. */
void sim_operation_draw(const struct subject_operation *operations, uint32_t on, uint64_t number,
                        char text[SUBJECT_OPERATION_SIZE]);

#endif
