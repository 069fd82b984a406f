/* sim/world/bound.c: see bound.h. What is exceeded is said at once, with what exceeded it. */
#include "bound.h"

#include <inttypes.h>
#include <sqlite3.h>

static uint64_t sim_bounds_of(const struct sim_world *world, enum sim_bound bound) {
	return world->plan->settings.bounds[bound];
}

void sim_bounds_note_call(struct sim_process *process, const struct vfs_call *call, int result) {
	static const enum sim_bound bounds[VFS_FILE_COUNT] = {[VFS_FILE_NONE] = SIM_BOUND_COUNT,
	                                                      [VFS_FILE_DB] = SIM_BOUND_COUNT,
	                                                      [VFS_FILE_JOURNAL] = SIM_BOUND_JOURNAL_BYTES,
	                                                      [VFS_FILE_WAL] = SIM_BOUND_WAL_BYTES,
	                                                      [VFS_FILE_SUPER_JOURNAL] = SIM_BOUND_OWN_JOURNAL_BYTES,
	                                                      [VFS_FILE_SHM] = SIM_BOUND_COUNT,
	                                                      [VFS_FILE_TEMP] = SIM_BOUND_TEMP_BYTES,
	                                                      [VFS_FILE_OTHER] = SIM_BOUND_OWN_JOURNAL_BYTES};
	enum sim_bound bound = bounds[call->file_kind];
	if (call->method != VFS_METHOD_WRITE || result != SQLITE_OK || bound == SIM_BOUND_COUNT) {
		return;
	}
	uint64_t most = sim_bounds_of(process->world, bound);
	uint64_t size = call->offset + call->size;
	if (most != 0 && size > most) {
		sim_world_corrupt(process->world, "bound_kept", "%s%sthe %s has %" PRIu64 " bytes, at most %" PRIu64,
		                  process->name != NULL ? process->name : "", process->name != NULL ? ": " : "",
		                  vfs_file_kind_name(call->file_kind), size, most);
	}
}

void sim_bounds_note_answer(struct sim_process *process, const struct subject_step *step,
                            const struct subject_reply *reply) {
	struct sim_world *world = process->world;
	uint64_t most = sim_bounds_of(world, SIM_BOUND_REFUSALS);
	uint32_t later = reply->outcome == SUBJECT_LATER ? 1 : 0;
	for (uint32_t i = 0; i < step->update_count; i++) {
		later += step->replies[i].outcome == SUBJECT_LATER ? 1 : 0;
	}
	world->refusals += later;
	if (most != 0 && world->refusals > most) {
		sim_world_corrupt(world, "bound_kept", "%" PRIu64 " steps were put off, at most %" PRIu64,
		                  world->refusals, most);
	}
}

void sim_bounds_note_healed(struct sim_world *world) {
	uint64_t most = sim_bounds_of(world, SIM_BOUND_HEAL_US);
	uint64_t took = (uint64_t)(world->now_ns - world->faults_ended_ns) / 1000;
	if (most != 0 && world->faults_over && took > most) {
		sim_world_corrupt(world, "bound_kept", "healed in %" PRIu64 " us, at most %" PRIu64, took, most);
	}
}
