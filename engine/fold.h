/* engine/fold.h: positions as what the ledger folds to (docs/order-updates.md, R9). */
#ifndef AFTERSHOCK_ENGINE_FOLD_H
#define AFTERSHOCK_ENGINE_FOLD_H

#include "state.h"

/* The position of a symbol from all entries of the ledger in the order of versions. A bust or a correction counts in the place
 * of the fill that it supersedes. `change` (or NULL) is one more entry with the one that it supersedes. False when a result
 * leaves its range. Costs a pass over the ledger; its index must have been built. */
bool engine_fold_position(const struct engine_state *state, const char *symbol, const struct engine_change *change,
                          struct engine_position *position);

/* What one entry that stands does to a position. False when a result leaves its range, or a split cannot be. */
bool engine_fold_execution(const struct engine_execution *execution, struct engine_position *position);

#endif
