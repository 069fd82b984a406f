#include "fold.h"

#include <assert.h>
#include <string.h>

#include "money.h"

bool engine_fold_execution(const struct engine_execution *execution, struct engine_position *position) {
	if (execution->exec_type == ENGINE_EXEC_TRADE || execution->exec_type == ENGINE_EXEC_CORRECT) {
		return engine_money_fill(position, execution->side, execution->last_quantity_lots,
		                         execution->last_price_ticks);
	}
	if (execution->exec_type == ENGINE_EXEC_RESTATED && execution->moved_lots != 0) {
		return engine_money_split(position, execution->side, execution->moved_lots);
	}
	return true;
}

/* The entry that stands in the place of another one: the end of its chain of corrections. */
static const struct engine_execution *engine_fold_standing(const struct engine_state *state,
                                                           const struct engine_execution *execution,
                                                           const struct engine_change *change) {
	while (true) {
		if (change != NULL && execution->version == change->superseded.version) {
			return &change->execution;
		}
		if (execution->superseded_by == 0) {
			return execution;
		}
		/* later news, so the chain ends */
		assert(execution->superseded_by > execution->version);
		execution = engine_state_execution_of(state, execution->superseded_by);
	}
}

static bool engine_fold_counts(const struct engine_execution *execution, const struct engine_position *position) {
	return (execution->exec_type == ENGINE_EXEC_TRADE || execution->exec_type == ENGINE_EXEC_RESTATED) &&
	       strcmp(execution->symbol, position->symbol) == 0 &&
	       memcmp(&execution->scope, &position->scope, sizeof position->scope) == 0;
}

bool engine_fold_position(const struct engine_state *state, const struct engine_position *of,
                          const struct engine_change *change, struct engine_position *position) {
	struct engine_position key = *of;

	memset(position, 0, sizeof *position);
	memcpy(position->symbol, key.symbol, sizeof key.symbol);
	position->scope = key.scope;
	for (uint64_t version = 1; version <= state->meta.version; version++) {
		const struct engine_execution *execution = engine_state_execution_of(state, version);
		if (engine_fold_counts(execution, position) &&
		    !engine_fold_execution(engine_fold_standing(state, execution, change), position)) {
			return false;
		}
	}
	return true;
}
