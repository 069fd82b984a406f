/* engine/check.h: every invariant of a state in one function. */
#ifndef AFTERSHOCK_ENGINE_CHECK_H
#define AFTERSHOCK_ENGINE_CHECK_H

#include "state.h"

/* Aborts unless all of these hold:
 *   - the digest is that of the rows (E4), and the ledger has one row per version (E8);
 *   - each order agrees with its own fields;
 *   - positions and cumulative quantities are what the ledger folds to (E11);
 *   - the sums that publishing keeps up to date equal sums made anew.
 * Builds the index of versions if it is not there yet, which aborts when out of memory. For tests: costs a pass over
 * everything, and one over the ledger per position. No drafts may be pending. */
void engine_check_assert(struct engine_state *state);

#endif
