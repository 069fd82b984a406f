/* sim/world/remains.c: see remains.h. */
#include "remains.h"

#include "memory.h"
#include "subject_memory.h"

#include <assert.h>
#include <sqlite3.h>

static_assert(SIM_PROCESSES_MAX + SIM_BRANCH_DEPTH_MAX <= SUBJECT_MEMORY_PROCESSES_MAX,
              "each process has static data of its own, and so has each life beside the run");

/* Whose static data it has. */
static uint32_t sim_remains_slot(const struct sim_process *process) {
	return process->branch == 0 ? process->number : SIM_PROCESSES_MAX + process->branch - 1;
}

/* SQLite's list of VFSes leads through them. One in static data of a process cannot stay in it when
 * that data is put aside. */
static void sim_remains_judge_static_vfs(struct sim_world *world) {
	sqlite3_vfs *next = NULL;
	for (sqlite3_vfs *vfs = sqlite3_vfs_find(NULL); vfs != NULL; vfs = next) {
		next = vfs->pNext;
		if (subject_memory_has(vfs)) {
			sim_world_violated(world, "interface_kept",
			                   "the VFS %.60s is registered while another process goes on, expected it "
			                   "in allocated memory",
			                   vfs->zName);
			sqlite3_vfs_unregister(vfs);
		}
	}
}

static void sim_remains_note_file_systems(struct sim_world *world) {
	world->file_system_count = 0;
	for (sqlite3_vfs *vfs = sqlite3_vfs_find(NULL); vfs != NULL; vfs = vfs->pNext) {
		assert(world->file_system_count < SIM_WORLD_FILE_SYSTEMS_MAX);
		world->file_systems[world->file_system_count++] = vfs;
	}
}

void sim_remains_enter(const struct sim_process *process) {
	if (!subject_memory_is_in_place(sim_remains_slot(process))) {
		sim_remains_judge_static_vfs(process->world);
		subject_memory_enter(sim_remains_slot(process));
	}
}

bool sim_remains_begin(const struct sim_process *process) {
	struct sim_world *world = process->world;
	bool alone = !sim_machine_has_processes(world);
	bool done = !alone || sim_instant_keep_alone() == SQLITE_OK;
	if (alone) {
		sim_remains_note_file_systems(world);
		world->memory_blocks = sim_memory_blocks();
	}
	sim_remains_enter(process);
	subject_memory_begin(sim_remains_slot(process));
	return done;
}

/* Memory belongs to nobody by name: it is looked at when nobody is left. What is loaded into new
 * connections takes some. */
static void sim_remains_judge_memory(struct sim_world *world) {
	bool alone = sim_instant_keep_alone() == SQLITE_OK;
	size_t blocks = sim_memory_blocks();
	if (alone && world->work->owns_memory && blocks != world->memory_blocks) {
		sim_world_violated(world, "nothing_left_open", "%zu allocations of SQLite are left behind",
		                   blocks - world->memory_blocks);
	}
}

/* A VFS of its own outlives no process. */
static void sim_remains_judge_vfs(struct sim_world *world) {
	sqlite3_vfs *next = NULL;
	for (sqlite3_vfs *vfs = sqlite3_vfs_find(NULL); vfs != NULL; vfs = next) {
		bool is_known = false;
		next = vfs->pNext;
		for (uint32_t i = 0; i < world->file_system_count; i++) {
			is_known = is_known || world->file_systems[i] == vfs;
		}
		if (!is_known) {
			sim_world_violated(world, "interface_kept",
			                   "the VFS %.60s is registered after stop, expected it to be gone",
			                   vfs->zName);
			sqlite3_vfs_unregister(vfs);
		}
	}
}

void sim_remains_judge(struct sim_world *world) {
	if (!sim_machine_has_processes(world)) {
		sim_remains_judge_memory(world);
		sim_remains_judge_vfs(world);
	}
}
