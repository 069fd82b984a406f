/* sim/sql/tuned.c: see tuned.h. */
#include "tuned.h"

#include "contract.h"
#include "plan_promise.h"
#include "sql.h"

void sim_tuned_begin(struct sim_tuned *tuned, const struct sim_world *world) {
	*tuned = (struct sim_tuned){.synchronous =
	                                    sim_settings_synchronous_of(&world->plan->settings, world->incarnation)};
}

void sim_tuned_note(struct sim_tuned *tuned, struct sim_world *world, uint32_t number) {
	const struct sim_sql_tuning *tuning = &world->plan->sql_scenario->tuning_values[number];
	bool sets = tuning->synchronous != SIM_SYNCHRONOUS_NONE;
	sim_world_reach(world, SIM_PROBE_TUNED);
	sim_world_reach_if(world, sets && tuning->synchronous != tuned->synchronous, SIM_PROBE_SYNCHRONOUS_CHANGED);
	sim_owed_note_synchronous(&world->owed, tuning->synchronous);
	tuned->synchronous = sets ? tuning->synchronous : tuned->synchronous;
	tuned->keeps_locks |= tuning->keeps_locks;
	tuned->is_tuned = true;
}

/* An unqualified PRAGMA synchronous is about the main file. */
bool sim_tuned_is_durable(const struct sim_world *world, enum sim_synchronous synchronous) {
	uint32_t modes = sim_plan_promise_modes(world->plan);
	struct sim_settings settings = world->plan->settings;
	bool one_mode = (modes & (modes - 1)) == 0;
	if (world->plan->sql_scenario->tunings.count == 0 || !one_mode || world->plan->sql_scenario->file_count > 1) {
		return false;
	}
	settings.synchronous = synchronous;
	settings.other_synchronous = SIM_SYNCHRONOUS_NONE;
	return sim_contract_of_settings(&settings, SIM_CRASH_POWER_LOSS) == SIM_CONTRACT_DURABLE;
}
