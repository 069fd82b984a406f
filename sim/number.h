/* sim/number.h: a whole number as a person types it, and as one is told it. */
#ifndef AFTERSHOCK_SIM_NUMBER_H
#define AFTERSHOCK_SIM_NUMBER_H

#include "must_check.h"

#include <stdbool.h>
#include <stdint.h>

/* Decimal, or hexadecimal behind 0x, and nothing around it. False when the text is no such number,
 * or one above `max`. */
bool sim_number_parse(const char *text, uint64_t max, uint64_t *number) SIM_MUST_CHECK;

/* What follows a noun that is counted: "s", or nothing for one. */
const char *sim_number_plural(uint64_t count);

/* What follows its verb: the other way round, "it writes" and "they write". */
const char *sim_number_singular(uint64_t count);

#endif
