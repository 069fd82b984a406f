/* sim/world/world.c: whose turn it is, time, power losses of several processes, and the end. See
 * world.h. */
#include "world.h"

#include "bound.h"
#include "coroutine.h"
#include "inject.h"

#include <sqlite3.h>
#include <stdarg.h>
#include <string.h>

/* ---- steps ----------------------------------------------------------------------------------- */

static void sim_world_step(struct sim_process *process, uint32_t number) {
	struct sim_world *world = process->world;
	const struct sim_step *step = &world->plan->steps[number];
	if (world->several) {
		sim_process_sleep(process, (int64_t)step->pause_ms * 1000000);
		if (sim_process_is_dead(process)) {
			sim_process_reap(process);
		}
	}
	if (world->ended) {
		return;
	}
	process->step = number;
	sim_inject_arm(world, SIM_MOMENT_STEP, number);
	sim_world_note(world, SIM_EVENT_STEP, (uint32_t)step->kind, number,
	               step->kind == SIM_STEP_OPERATION ? world->plan->program.operations[step->operation].text
	                                                : process->name);
	world->result->steps++;
	if (step->kind != SIM_STEP_NONE) {
		world->work->step(process, step);
	}
}

/* With one process a run stops between two steps. */
static void sim_world_stop_at(struct sim_world *world) {
	if (!world->several && !world->ended && world->until_event != 0 &&
	    sim_trace_count(world->trace) >= world->until_event) {
		world->ended = true;
		world->result->stopped = true;
	}
}

/* The power may go meanwhile. */
static void sim_world_wait_for_all(struct sim_process *process) {
	const struct sim_world *world = process->world;
	while (world->several && !world->finishing && !world->ended) {
		sim_process_yield(process, SIM_PROCESS_WAITS);
		if (sim_process_is_dead(process)) {
			sim_process_reap(process);
		}
	}
}

/* What a process does from its first step to its last. */
static void sim_world_body(void *context) {
	struct sim_process *process = context;
	struct sim_world *world = process->world;
	if (!world->several) {
		sim_process_start(process, 2);
	}
	for (uint32_t i = 0; i < world->plan->step_count && !world->ended && !world->steps_over; i++) {
		if (!world->several || world->plan->steps[i].process == process->number) {
			sim_world_step(process, i);
			sim_world_stop_at(world);
		}
	}
	sim_world_wait_for_all(process);
	if (!world->ended) {
		world->work->finish(process);
	}
	if (world->several) {
		sim_process_stop(process);
	}
	process->state = SIM_PROCESS_ENDED;
}

void sim_world_end_faults(struct sim_world *world) {
	world->faults_over = true;
	world->faults_ended_ns = world->now_ns;
	sim_machine_end_lasting(world);
}

/* ---- turns of several ------------------------------------------------------------------------ */

static void sim_world_resume(struct sim_world *world, struct sim_process *process) {
	bool switched = world->running != process;
	world->turn = process->number;
	world->running = process;
	if (switched) {
		struct sim_event event = {.kind = SIM_EVENT_SWITCH,
		                          .code = process->number,
		                          .time_ns = (uint64_t)world->now_ns,
		                          .numbers = {world->schedule.point}};
		sim_trace_label(world->trace, process->name);
		sim_trace_add(world->trace, &event, NULL);
		sim_world_reach(world, SIM_PROBE_PROCESS_SWITCHED);
	}
	sim_inject_watch_memory(process, process->watched);
	sim_process_enter(process);
	sim_coroutine_resume(process->coroutine);
	sim_inject_watch_memory(process, false);
}

/* All are dead: each is resumed until it has closed what it had; then the power goes, and comes
 * back. */
static void sim_world_lose_power(struct sim_world *world) {
	enum sim_crash crash = SIM_CRASH_POWER_LOSS;
	for (uint32_t i = 0; i < world->process_count; i++) {
		while (world->processes[i].vfs != NULL) {
			sim_world_resume(world, &world->processes[i]);
		}
	}
	if (world->branching == NULL || !world->branching->all_dead(world, &crash)) {
		sim_machine_lose_power(world);
	}
	sim_owed_note_crash(&world->owed, &world->plan->settings, crash);
	if (world->work->power_lost != NULL) {
		world->work->power_lost(world, sim_owed_now(&world->owed, &world->plan->settings));
	}
	world->just_died = SIM_CRASH_NONE;
	world->down = false;
	for (uint32_t i = 0; i < world->process_count; i++) {
		struct sim_process *process = &world->processes[i];
		process->state = process->state == SIM_PROCESS_DOWN ? SIM_PROCESS_READY : process->state;
	}
}

/* ---- time of several ------------------------------------------------------------------------- */

/* "writer-1 waits for a lock; holds ..." of each process. */
struct sim_world_story {
	char *text;
	size_t size;
	size_t used;
};

static void sim_world_tell(struct sim_world_story *story, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

static void sim_world_tell(struct sim_world_story *story, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	int wrote = vsnprintf(story->text + story->used, story->size - story->used, format, arguments);
	va_end(arguments);
	size_t room = story->size - story->used - 1;
	story->used += wrote < 0 ? 0 : (size_t)wrote < room ? (size_t)wrote : room;
}

static void sim_world_tell_lock(void *context, const struct vfs_held_locks *held) {
	struct sim_world_story *story = context;
	sim_world_tell(story, " %s", vfs_lock_level_name(held->level));
	for (int slot = 0; slot < VFS_SHM_SLOT_COUNT; slot++) {
		bool exclusive = (held->shm_exclusive & (1u << slot)) != 0;
		if (exclusive || (held->shm_shared & (1u << slot)) != 0) {
			sim_world_tell(story, " %s%s", vfs_shm_slot_name((enum vfs_shm_slot)slot),
			               exclusive ? "!" : "");
		}
	}
}

static void sim_world_tell_all(const struct sim_world *world, char *text, size_t size) {
	struct sim_world_story story = {text, size, 0};
	text[0] = '\0';
	for (uint32_t i = 0; i < world->process_count; i++) {
		const struct sim_process *process = &world->processes[i];
		if (process->vfs == NULL) {
			continue;
		}
		sim_world_tell(&story, "%s%s %s; holds", story.used > 0 ? "; " : "", process->name,
		               process->waits_for_lock ? "waits for a lock" : "is not waiting");
		vfs_process_visit_locks(process->vfs, sim_world_tell_lock, &story);
	}
}

/* All who live wait for locks, and no lasting fault explains it. */
static bool sim_world_all_wait(const struct sim_world *world) {
	bool all_wait = world->hold == NULL;
	for (uint32_t i = 0; i < world->process_count; i++) {
		const struct sim_process *process = &world->processes[i];
		all_wait = all_wait && (process->waits_for_lock || process->state != SIM_PROCESS_SLEEPS);
	}
	return all_wait;
}

/* Nobody can go on: time jumps to the first who wakes. False when nobody sleeps. */
static bool sim_world_jump(struct sim_world *world) {
	int64_t wake_ns = INT64_MAX;
	for (uint32_t i = 0; i < world->process_count; i++) {
		const struct sim_process *process = &world->processes[i];
		bool earlier = process->state == SIM_PROCESS_SLEEPS && process->wake_ns < wake_ns;
		wake_ns = earlier ? process->wake_ns : wake_ns;
	}
	if (wake_ns == INT64_MAX) {
		return false;
	}
	world->stalled_ns = sim_world_all_wait(world) ? world->stalled_ns + wake_ns - world->now_ns : 0;
	world->now_ns = wake_ns;
	if (world->stalled_ns > SIM_WORLD_STALL_NS) {
		char story[SIM_VERDICT_DETAIL_SIZE];
		sim_world_tell_all(world, story, sizeof story);
		sim_world_corrupt(world, "no_deadlock", "%s", story);
	}
	return true;
}

/* Everybody has done his steps: faults end, and each must now get something through. False when
 * that is done, too. */
static bool sim_world_finish_all(struct sim_world *world) {
	if (world->finishing) {
		return false;
	}
	world->finishing = true;
	sim_world_end_faults(world);
	for (uint32_t i = 0; i < world->process_count; i++) {
		struct sim_process *process = &world->processes[i];
		process->state = process->state == SIM_PROCESS_WAITS ? SIM_PROCESS_READY : process->state;
	}
	return true;
}

/* Somebody has gone to sleep, ended, or died: who goes on? False at the end of all. */
static bool sim_world_pick(struct sim_world *world) {
	uint32_t ready = sim_process_ready_mask(world);
	while (ready == 0) {
		if (!sim_world_jump(world) && !sim_world_finish_all(world)) {
			return false;
		}
		ready = sim_process_ready_mask(world);
	}
	world->turn = sim_schedule_next(&world->schedule, world->turn, ready, (struct sim_schedule_point){0});
	return true;
}

/* ---- the run --------------------------------------------------------------------------------- */

/* The run is over: everybody unwinds. */
static void sim_world_abort(struct sim_world *world) {
	world->down = true;
	for (uint32_t i = 0; i < world->process_count; i++) {
		if (world->processes[i].vfs != NULL) {
			vfs_process_kill(world->processes[i].vfs);
		}
	}
	for (uint32_t i = 0; i < world->process_count; i++) {
		struct sim_process *process = &world->processes[i];
		while (sim_coroutine_has_begun(process->coroutine) && !sim_coroutine_has_returned(process->coroutine)) {
			world->turn = i;
			sim_process_enter(process);
			sim_coroutine_resume(process->coroutine);
		}
	}
}

static void sim_world_take_turns(struct sim_world *world) {
	while (!world->ended && sim_world_pick(world)) {
		uint32_t resumed = SIM_PROCESSES_MAX;
		/* A process that is switched away from has named its successor. */
		while (!world->ended && !world->down && resumed != world->turn) {
			resumed = world->turn;
			sim_world_resume(world, &world->processes[resumed]);
		}
		if (world->down && !world->ended) {
			sim_world_lose_power(world);
		}
	}
	sim_trace_label(world->trace, NULL);
	world->running = NULL;
	if (world->ended) {
		sim_world_abort(world);
	}
}

static bool sim_world_begin_coroutines(struct sim_world *world) {
	const struct sim_processes_plan *plan = &world->plan->processes;
	bool begun = true;
	sim_schedule_init(&world->schedule, &plan->schedule, plan->count, world->plan->seed);
	sim_schedule_replay(&world->schedule, plan->switches, plan->switch_count);
	for (uint32_t i = 0; i < plan->count; i++) {
		struct sim_process *process = &world->processes[i];
		process->coroutine = sim_coroutine_create(sim_world_body, process);
		begun = begun && process->coroutine != NULL;
	}
	return begun || sim_world_harness_failed(world, "the processes cannot begin: out of memory?");
}

/* Whoever acts now acts alone, on the stack of the run. */
static void sim_world_end_coroutines(struct sim_world *world) {
	for (uint32_t i = 0; i < world->process_count; i++) {
		sim_coroutine_destroy(world->processes[i].coroutine);
		world->processes[i].coroutine = NULL;
	}
}

static void sim_world_run_bodies(struct sim_world *world) {
	if (!world->several) {
		sim_world_body(&world->processes[0]);
		return;
	}
	if (sim_world_begin_coroutines(world)) {
		sim_world_take_turns(world);
	}
	sim_world_end_coroutines(world);
}

static void sim_world_begin_processes(struct sim_world *world) {
	const struct sim_processes_plan *plan = &world->plan->processes;
	world->several = plan->count > 0;
	world->process_count = world->several ? plan->count : 1;
	for (uint32_t i = 0; i < SIM_PROCESSES_MAX; i++) {
		world->processes[i] = (struct sim_process){
		        .world = world, .number = i, .name = i < plan->count ? plan->members[i].name : NULL};
	}
}

void sim_world_run(struct sim_world *world) {
	world->owed.journal_modes = 1u << world->plan->settings.journal_mode;
	sim_world_begin_processes(world);
	if (!world->work->begin(world)) {
		sim_world_harness_failed(world, "the run cannot begin: out of memory, or its database cannot be made");
	} else {
		sim_world_run_bodies(world);
	}
	if (!world->ended) {
		sim_bounds_note_healed(world);
	}
	if (!world->ended && world->work->conclude != NULL) {
		world->work->conclude(world);
	}
	for (uint32_t i = 0; i < SIM_PROCESSES_MAX; i++) {
		sim_process_abandon(&world->processes[i]);
	}
	if (world->several && world->branching != NULL) {
		world->branching->ended(world);
	}
}
