/* sim/world/loaded.c: see loaded.h. */
#include "loaded.h"

static void sim_loaded_count_loss(struct sim_world *world, uint64_t updates) {
	const struct sim_owed *owed = &world->owed;
	bool is_one = owed->damaged && owed->damage_count == 1;
	bool has_lied = owed->lied || owed->lied_sync;
	const struct sim_loss loss = {.cause = is_one          ? SIM_LOSS_BY_FAULT
	                                       : owed->damaged ? SIM_LOSS_BY_SEVERAL
	                                       : has_lied      ? SIM_LOSS_BY_LIE
	                                                       : SIM_LOSS_BY_SETTINGS,
	                              .kind = is_one ? owed->damage_kind : SIM_FAULT_NONE,
	                              .file = is_one ? owed->damage_file : VFS_FILE_NONE,
	                              .loads = 1,
	                              .updates = updates};
	sim_loss_add(world->result->losses, SIM_LOSSES_MAX, &loss);
}

/* By which class of damage acknowledged updates were lost. */
static void sim_loaded_reach_loss(struct sim_world *world) {
	const struct sim_owed *owed = &world->owed;
	bool by_wal = (owed->damaged_files & 1u << VFS_FILE_WAL) != 0;
	bool by_journal = (owed->damaged_files & 1u << VFS_FILE_SUPER_JOURNAL) != 0;
	world->owed.was_lost = true;
	sim_world_reach(world, owed->damaged ? SIM_PROBE_DAMAGE_OLDER_STATE : SIM_PROBE_ACKNOWLEDGED_LOST_LEGALLY);
	bool by_bytes = !owed->changed_outside;
	sim_world_reach_if(world, by_bytes && by_wal, SIM_PROBE_LOST_TO_WAL_DAMAGE);
	sim_world_reach_if(world, by_bytes && by_journal, SIM_PROBE_LOST_TO_JOURNAL_DAMAGE);
	sim_world_reach_if(world, owed->changed_outside, SIM_PROBE_LOST_TO_OUTSIDE);
	sim_world_reach_if(world, !owed->damaged && (owed->lied || owed->lied_sync), SIM_PROBE_LOST_TO_LIES);
}

void sim_loaded_reach(struct sim_process *process, bool attempt_found, bool was_open, uint64_t lost) {
	struct sim_world *world = process->world;
	bool damaged = world->owed.damaged;
	if (attempt_found) {
		sim_world_reach(world, world->in_doubt ? SIM_PROBE_IN_DOUBT_COMMITTED : SIM_PROBE_CRASH_COMMITTED);
	} else if (was_open) {
		sim_world_reach(world, world->in_doubt ? SIM_PROBE_IN_DOUBT_LOST : SIM_PROBE_CRASH_LOST);
	}
	if (lost > 0) {
		sim_loaded_count_loss(world, lost);
		sim_loaded_reach_loss(world);
	} else {
		sim_world_reach_if(world, damaged, SIM_PROBE_DAMAGE_HARMLESS);
	}
}
