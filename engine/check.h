/* engine/check.h: checks every invariant of a state. */
#ifndef AFTERSHOCK_ENGINE_CHECK_H
#define AFTERSHOCK_ENGINE_CHECK_H

#include "state.h"

/* Aborts unless all of these hold:
 *   - the digest is that of the rows (E4), and the ledger has one row per version (E8);
 *   - each order agrees with its own fields;
 *   - positions and cumulative quantities are what the ledger folds to (E11);
 *   - the sums that publishing keeps up to date equal sums made anew.
 * No drafts may be pending. Builds the index by version if there is none, and aborts when out of
 * memory. For tests: costs a pass over everything, and one over the ledger for each position. */
void engine_check_assert(struct engine_state *state);

#endif
