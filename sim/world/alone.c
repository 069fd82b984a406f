/* sim/world/alone.c: see alone.h. */
#include "alone.h"

#include "subject_sql_outcome.h"
#include "world.h"

bool sim_alone_step(struct sim_process *process, enum sim_step_kind kind) {
	if (kind == SIM_STEP_RESTART) {
		sim_process_restart(process);
	} else if (kind == SIM_STEP_KILL) {
		sim_process_crash(process, SIM_CRASH_KILL);
	} else if (kind == SIM_STEP_POWER_LOSS) {
		sim_process_crash(process, SIM_CRASH_POWER_LOSS);
	} else {
		return false;
	}
	return true;
}

void sim_alone_reach_answer(struct sim_world *world, enum subject_outcome outcome) {
	switch (outcome) {
	case SUBJECT_ACKNOWLEDGED:
		world->result->updates++;
		sim_world_reach(world, SIM_PROBE_UPDATE_ACKNOWLEDGED);
		sim_world_reach_if(world, world->disk_was_full, SIM_PROBE_SAVE_AFTER_DISK_FULL);
		sim_world_reach_if(world, world->waited_for_lock, SIM_PROBE_BUSY_WAITED_OUT);
		break;
	case SUBJECT_REFUSED:
		sim_world_reach(world, SIM_PROBE_CONSTRAINT_REFUSED);
		break;
	case SUBJECT_LATER:
		sim_world_reach(world, SIM_PROBE_SAVE_FAILED);
		sim_world_reach(world, SIM_PROBE_SAVE_HINDERED);
		break;
	case SUBJECT_IN_DOUBT:
		sim_world_reach(world, SIM_PROBE_IN_DOUBT);
		sim_world_reach(world, SIM_PROBE_SAVE_HINDERED);
		break;
	case SUBJECT_UNCHANGED:
	case SUBJECT_OUTCOME_NONE:
	case SUBJECT_STOPPED:
		break;
	}
}

void sim_alone_take_reply(struct sim_process *process, const struct subject_reply *reply) {
	struct sim_world *world = process->world;
	if (reply->must_restart) {
		sim_world_reach(world, SIM_PROBE_HANDLE_STOPPED);
		sim_process_stop(process);
	} else if (subject_sql_is_failed_sync(reply->sqlite_code)) {
		sim_owed_note_going_on(&world->owed, &world->plan->settings);
	} else {
		sim_owed_note_untold(&world->owed, &world->plan->settings);
	}
}

bool sim_alone_heal(struct sim_process *process, bool (*tries)(struct sim_world *world)) {
	struct sim_world *world = process->world;
	bool healed = false;
	sim_world_end_faults(world);
	for (uint32_t round = 0; round < SIM_WORLD_HEAL_ROUNDS && !healed && !world->ended; round++) {
		healed = sim_process_start(process, SIM_WORLD_HEAL_ROUNDS) && tries(world);
	}
	return healed && !world->ended;
}

void sim_alone_finish(struct sim_process *process) {
	struct sim_world *world = process->world;
	sim_process_restart(process);
	if (!world->ended) {
		sim_process_stop(process);
	}
	if (!world->ended && !world->owed.ever_damaged) {
		sim_process_check_database(process);
	}
}
