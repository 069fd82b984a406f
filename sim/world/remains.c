/* sim/world/remains.c: see remains.h. */
#include "remains.h"

#include "given.h"
#include "memory.h"
#include "subject_memory.h"
#include "subject_vfs.h"

#include <assert.h>
#include <sqlite3.h>

/* Static data of who looks beside the processes. */
#define SIM_REMAINS_LOOK (SIM_PROCESSES_MAX + SIM_BRANCH_DEPTH_MAX)

static_assert(SIM_REMAINS_LOOK < SUBJECT_MEMORY_PROCESSES_MAX,
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

static void sim_remains_go_to(struct sim_world *world, uint32_t slot) {
	bool goes_on = slot == subject_vfs_process();
	if (!goes_on) {
		subject_vfs_leave();
	}
	if (!subject_memory_is_in_place(slot)) {
		sim_remains_judge_static_vfs(world);
		subject_memory_enter(slot);
	}
	if (!goes_on) {
		subject_vfs_arrive(slot);
	}
}

void sim_remains_enter(const struct sim_process *process) {
	sim_remains_go_to(process->world, sim_remains_slot(process));
}

bool sim_remains_begin(const struct sim_process *process) {
	struct sim_world *world = process->world;
	bool alone = !sim_machine_has_processes(world);
	bool done = !alone || sim_given_keep_alone() == SQLITE_OK;
	if (alone) {
		sim_remains_note_file_systems(world);
		world->memory_blocks = sim_memory_blocks();
	}
	sim_remains_enter(process);
	subject_vfs_take(sim_remains_slot(process));
	subject_memory_begin(sim_remains_slot(process));
	return done;
}

/* ---- a VFS of somebody's own ----------------------------------------------------------------- */

static bool sim_remains_put(struct sim_world *world, const char *below) {
	char why[SUBJECT_EXTENSION_WHY_SIZE] = "";
	bool is_put = subject_vfs_put(world->own_vfs, below, why, sizeof why);
	return is_put || sim_world_violated(world, "interface_kept", "the VFS of its own %.140s", why);
}

bool sim_remains_put_vfs(const struct sim_process *process) {
	struct sim_world *world = process->world;
	return world->own_vfs == NULL || sim_remains_put(world, vfs_process_name(process->vfs));
}

const char *sim_remains_vfs_name(const struct sim_process *process) {
	const char *name = subject_vfs_name(sim_remains_slot(process));
	if (name != NULL) {
		sim_remains_enter(process);
	}
	return name != NULL ? name : vfs_process_name(process->vfs);
}

void sim_remains_end(const struct sim_process *process) {
	subject_vfs_take(sim_remains_slot(process));
}

const char *sim_remains_begin_look(struct sim_world *world, const struct vfs_process *vfs) {
	if (world->own_vfs == NULL) {
		return vfs_process_name(vfs);
	}
	world->looked_from = subject_vfs_process();
	sim_remains_go_to(world, SIM_REMAINS_LOOK);
	subject_memory_begin(SIM_REMAINS_LOOK);
	bool is_put = sim_remains_put(world, vfs_process_name(vfs));
	return is_put ? subject_vfs_name(SIM_REMAINS_LOOK) : vfs_process_name(vfs);
}

void sim_remains_end_look(struct sim_world *world) {
	if (world->own_vfs != NULL) {
		subject_vfs_take(SIM_REMAINS_LOOK);
		sim_remains_go_to(world, world->looked_from);
	}
}

/* ---- what is left ---------------------------------------------------------------------------- */

/* Memory belongs to nobody by name: it is looked at when nobody is left. What is loaded into new
 * connections takes some. */
static void sim_remains_judge_memory(struct sim_world *world) {
	bool alone = sim_given_keep_alone() == SQLITE_OK;
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
