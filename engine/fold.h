/* engine/fold.h: folds the ledger to positions (docs/order-updates.md, R9 and R10). */
#ifndef AFTERSHOCK_ENGINE_FOLD_H
#define AFTERSHOCK_ENGINE_FOLD_H

#include "state.h"

/* Folds the position with the key of `of` from all entries of the ledger, in the order of versions.
 * A bust or correction counts in the place of the fill that it supersedes. `change` adds one more
 * entry and the one that it supersedes; NULL: none. False when a result leaves its range. The index
 * by version must exist. Costs a pass over the ledger. */
bool engine_fold_position(const struct engine_state *state, const struct engine_position *of,
                          const struct engine_change *change, struct engine_position *position);

/* Applies one entry that stands to a position. False when a result leaves its range, or a split is
 * not possible. */
bool engine_fold_execution(const struct engine_execution *execution, struct engine_position *position);

#endif
