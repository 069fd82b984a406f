/* sim/scenario/tape.h: reads a recorded trade tape: CSV with the header `time,price,volume,side`,
 * oldest trade first, prices and volumes as decimal text, side `b` (the taker bought) or `s`. */
#ifndef AFTERSHOCK_SIM_TAPE_H
#define AFTERSHOCK_SIM_TAPE_H

#include "scenario.h"

/* Reads the whole file, exactly: a price of 105433.60000 becomes a whole number of ticks, without
 * any floating point. A tick is the smallest decimal that any price of the file needs: decimals
 * that are zero in every row are dropped, so that products of price and volume stay far from the
 * ends of 64 bits; the same for volumes and lots. Returns false with one line "file:line: what is
 * wrong, what was expected" in `why` and an empty tape when the file cannot be read, has no trade
 * or more than SIM_TAPE_TRADES_MAX, or has a row that is none: prices and volumes must be above
 * zero. Give the tape to sim_tape_deinit in any case. */
bool sim_tape_init(struct sim_tape *tape, const char *path, char *why, size_t why_size);
/* Frees the trades and empties the tape; an empty tape is fine. */
void sim_tape_deinit(struct sim_tape *tape);

#endif
