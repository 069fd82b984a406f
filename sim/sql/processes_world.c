/* sim/sql/processes_world.c: whose turn it is, time, power losses, and the end. See processes_world.h. */
#include "processes_world.h"

#include "plan_promise.h"
#include "plan_text.h"

#define XXH_INLINE_ALL
#include <assert.h>
#include <endian.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <string.h>
#include <xxhash.h>

void sim_processes_violated(struct sim_processes_world *all, const char *invariant, const char *format, ...) {
	char detail[SIM_VERDICT_DETAIL_SIZE];
	struct sim_world *world = all->world;
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(detail, sizeof detail, format, arguments);
	va_end(arguments);
	if (world->ended) {
		return;
	}
	world->ended = true;
	/* Once the contract allows it, it is measured, and the end of the run. */
	if (world->ever_damaged) {
		world->result->corrupt++;
		sim_world_note(world, SIM_EVENT_OUTCOME, 0, 0, detail);
		sim_world_reach(world, SIM_PROBE_CORRUPTION_MEASURED);
		return;
	}
	sim_verdict_violated(&world->judge->violation, invariant, "%.150s%s%s%s", detail,
	                     all->wal_reset_at_checkpoint ? "; the WAL began anew beside a checkpoint" : "",
	                     all->recovery_could_not_read ? "; a recovery could not read the WAL" : "",
	                     all->left_wal_beside_others ? "; WAL mode was left beside others" : "");
}

static void sim_processes_harness(struct sim_processes_world *all, const char *what) {
	all->world->result->verdict = SIM_HARNESS_FAILED;
	snprintf(all->world->judge->violation.detail, sizeof all->world->judge->violation.detail, "%s", what);
	all->world->ended = true;
}

void sim_processes_settle(struct sim_processes_world *all) {
	if (all->world->ended || sim_history_settle(&all->history)) {
		return;
	}
	if (all->history.failed) {
		sim_processes_harness(all, "the history of several processes: out of memory, or of room");
	} else {
		sim_processes_violated(all, all->history.violation.invariant, "%s", all->history.violation.detail);
	}
}

/* ---- turns ----------------------------------------------------------------------------------------------------------------- */

static bool sim_processes_unwinds(const struct sim_processes_world *all) {
	return all->down || all->world->ended;
}

/* Who could go on, sleepers that are due among them. */
static uint32_t sim_processes_ready(struct sim_processes_world *all) {
	uint32_t mask = 0;
	for (uint32_t i = 0; i < all->world->plan->processes.count; i++) {
		struct sim_process *process = &all->processes[i];
		if (process->state == SIM_PROCESS_SLEEPS && process->wake_ns <= all->world->now_ns) {
			process->state = SIM_PROCESS_READY;
		}
		mask |= process->state == SIM_PROCESS_READY ? 1u << i : 0;
	}
	return mask;
}

static void sim_processes_stop_at(struct sim_processes_world *all) {
	const struct sim_run_options *options = all->world->options;
	if (options != NULL && options->until_event != 0 &&
	    sim_trace_count(all->world->trace) >= options->until_event) {
		all->world->ended = true;
		all->world->result->stopped = true;
	}
}

void sim_process_yield(struct sim_process *process, enum sim_process_state state) {
	process->state = state;
	sim_coroutine_yield();
}

void sim_process_sleep(struct sim_process *process, int64_t duration_ns) {
	struct sim_processes_world *all = process->all;
	if (duration_ns <= 0 || sim_processes_unwinds(all)) {
		return;
	}
	process->wake_ns = all->world->now_ns + duration_ns;
	sim_process_yield(process, SIM_PROCESS_SLEEPS);
}

/* ---- hooks ----------------------------------------------------------------------------------------------------------------- */

static struct sim_process *sim_processes_running(struct sim_processes_world *all) {
	return &all->processes[all->turn];
}

/* Another one may go on here, and even the power may go, before this one does. */
static void sim_processes_point(struct sim_processes_world *all, struct sim_process *process,
                                const struct vfs_call *call) {
	uint32_t next = sim_schedule_next(&all->schedule, process->number, sim_processes_ready(all), call);
	if (next != process->number) {
		all->turn = next;
		sim_coroutine_yield();
	}
}

/* Of a process that is about to die. */
static void sim_processes_note_lock(void *context, const struct vfs_held_locks *held) {
	bool writes = held->level >= SQLITE_LOCK_RESERVED || held->shm_exclusive != 0;
	sim_world_reach(context, writes ? SIM_PROBE_KILLED_WITH_LOCK : SIM_PROBE_NONE);
}

static void sim_processes_before(void *context, const struct vfs_call *call, struct vfs_answer *answer) {
	struct sim_processes_world *all = context;
	struct sim_world *world = all->world;
	struct sim_process *process = sim_processes_running(all);
	assert(call->process == process->vfs);
	process->portions = 0;
	process->call = *call;
	if (++process->calls > SIM_PROCESS_CALLS_MAX) {
		sim_processes_violated(all, "progress_after_faults",
		                       "more than %u VFS calls of %s in one try of step %u", SIM_PROCESS_CALLS_MAX,
		                       process->name, process->step);
	}
	sim_processes_stop_at(all);
	if (world->ended) {
		sim_coroutine_yield();
		return;
	}
	sim_processes_point(all, process, call);
	if (vfs_process_is_dead(process->vfs)) {
		return;
	}
	world->process = process->vfs;
	world->process_name = process->name;
	world->starting = process->starting;
	world->calls = 0;
	int64_t begun_ns = world->now_ns;
	all->below.before(all->below.context, call, answer);
	if (answer->die) {
		vfs_process_visit_locks(process->vfs, sim_processes_note_lock, world);
		return;
	}
	/* What takes long takes long for whoever makes the call: the others go on meanwhile. */
	int64_t late_ns = world->now_ns - begun_ns - SIM_WORLD_CALL_NS;
	if (late_ns > 0) {
		world->now_ns -= late_ns;
		sim_process_sleep(process, late_ns);
	}
}

/* Whoever gets the write lock of the database is the next writer. */
static bool sim_processes_is_write_lock(const struct vfs_call *call) {
	if (call->path == NULL || strcmp(call->path, SIM_WORLD_PATH) != 0) {
		return false;
	}
	const uint32_t exclusive = SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE;
	return (call->method == VFS_METHOD_LOCK && call->size == SQLITE_LOCK_RESERVED) ||
	       (call->method == VFS_METHOD_SHM_LOCK && (call->flags & exclusive) == exclusive &&
	        call->offset == VFS_SHM_SLOT_WRITE);
}

/* Follows two locks of the WAL index: who holds one, and what happens meanwhile. */
static void sim_processes_follow(struct sim_processes_world *all, uint32_t process, const struct vfs_call *call,
                                 int result) {
	bool unlock = (call->flags & SQLITE_SHM_UNLOCK) != 0;
	if (call->method == VFS_METHOD_SHM_LOCK && result == SQLITE_OK && (call->flags & SQLITE_SHM_EXCLUSIVE) != 0) {
		uint32_t holder = unlock ? SIM_PROCESSES_MAX : process;
		bool checkpoint =
		        call->offset <= VFS_SHM_SLOT_CHECKPOINT && call->offset + call->size > VFS_SHM_SLOT_CHECKPOINT;
		bool recover = call->offset <= VFS_SHM_SLOT_RECOVER && call->offset + call->size > VFS_SHM_SLOT_RECOVER;
		all->checkpointer = checkpoint ? holder : all->checkpointer;
		all->recoverer = recover ? holder : all->recoverer;
	} else if (call->method == VFS_METHOD_WRITE && call->file_kind == VFS_FILE_WAL && call->offset == 0) {
		all->wal_reset_at_checkpoint |= all->checkpointer != SIM_PROCESSES_MAX && all->checkpointer != process;
	} else if (call->method == VFS_METHOD_READ && call->file_kind == VFS_FILE_WAL && all->recoverer == process) {
		all->recovery_could_not_read |= result != SQLITE_OK && result != SQLITE_IOERR_SHORT_READ;
	}
}

/* sqlite3PagerCloseWal() asks whether there is a WAL before it leaves the mode, and xAccess says no of an empty file. */
static void sim_processes_follow_switch(struct sim_processes_world *all, const struct sim_process *process,
                                        const struct vfs_call *call, uint64_t value) {
	bool asks = call->method == VFS_METHOD_ACCESS && call->file_kind == VFS_FILE_WAL && value == 0;
	if (asks && all->world->plan->steps[process->step].kind == SIM_STEP_SWITCH) {
		all->left_wal_beside_others |= vfs_disk_exists(all->world->disk, call->path);
	}
}

static void sim_processes_called(struct sim_process *process, const struct vfs_call *call, int result) {
	struct sim_processes_world *all = process->all;
	if (call->method == VFS_METHOD_WRITE &&
	    (call->file_kind == VFS_FILE_WAL || call->file_kind == VFS_FILE_JOURNAL)) {
		sim_history_write_writes(&all->history, process->number);
	}
	sim_processes_follow(all, process->number, call, result);
	if (result == SQLITE_OK && sim_processes_is_write_lock(call)) {
		sim_history_write_locked(&all->history, process->number);
	}
}

static void sim_processes_after(void *context, const struct vfs_call *call, int result, uint64_t value) {
	struct sim_processes_world *all = context;
	struct sim_process *process = sim_processes_running(all);
	all->world->process = process->vfs;
	all->below.after(all->below.context, call, result, value);
	sim_processes_follow_switch(all, process, call, value);
	if (all->work->called != NULL) {
		all->work->called(process, call, result);
	}
	if (result == SQLITE_OK && sim_processes_is_write_lock(call)) {
		all->stalled_ns = 0;
	}
}

static uint32_t sim_processes_count_alive(const struct sim_processes_world *all) {
	uint32_t alive = 0;
	for (uint32_t i = 0; i < all->world->plan->processes.count; i++) {
		const struct vfs_process *vfs = all->processes[i].vfs;
		alive += vfs != NULL && !vfs_process_is_dead(vfs) ? 1 : 0;
	}
	return alive;
}

/* When the power goes, it goes for all. */
static void sim_processes_died(void *context, struct vfs_process *vfs) {
	struct sim_processes_world *all = context;
	struct sim_world *world = all->world;
	all->below.died(all->below.context, vfs);
	all->checkpointer = all->checkpointer == all->turn ? SIM_PROCESSES_MAX : all->checkpointer;
	all->recoverer = all->recoverer == all->turn ? SIM_PROCESSES_MAX : all->recoverer;
	if (world->just_died != SIM_CRASH_POWER_LOSS) {
		sim_world_reach(world,
		                sim_processes_count_alive(all) > 0 ? SIM_PROBE_KILLED_BESIDE_OTHERS : SIM_PROBE_NONE);
		return;
	}
	all->down = true;
	for (uint32_t i = 0; i < world->plan->processes.count; i++) {
		if (all->processes[i].vfs != NULL) {
			vfs_process_kill(all->processes[i].vfs);
		}
	}
}

static int64_t sim_processes_now(void *context) {
	return ((struct sim_processes_world *)context)->world->now_ns;
}

static void sim_processes_sleep(void *context, int64_t duration_ns) {
	struct sim_processes_world *all = context;
	sim_process_sleep(sim_processes_running(all), duration_ns);
}

static void sim_processes_random(void *context, void *buffer, size_t size_bytes) {
	struct sim_processes_world *all = context;
	all->below.random(all->below.context, buffer, size_bytes);
}

static uint64_t sim_processes_chooser(void *context, enum vfs_choice choice, uint64_t count) {
	struct sim_processes_world *all = context;
	return sim_strike_choose(all->world, choice, count);
}

void sim_processes_hooks(struct sim_processes_world *all, struct vfs_hooks *hooks) {
	*hooks = (struct vfs_hooks){.context = all,
	                            .before = sim_processes_before,
	                            .after = sim_processes_after,
	                            .died = sim_processes_died,
	                            .now_ns = sim_processes_now,
	                            .sleep = sim_processes_sleep,
	                            .random = sim_processes_random,
	                            .chooser = sim_processes_chooser};
}

/* ---- the judge's look ------------------------------------------------------------------------------------------------------ */

static void sim_processes_look_before(void *context, const struct vfs_call *call, struct vfs_answer *answer) {
	(void)context;
	(void)call;
	(void)answer;
}

static void sim_processes_look_after(void *context, const struct vfs_call *call, int result, uint64_t value) {
	(void)context;
	(void)call;
	(void)result;
	(void)value;
}

static void sim_processes_look_died(void *context, struct vfs_process *process) {
	(void)context;
	(void)process;
}

static void sim_processes_look_sleep(void *context, int64_t duration_ns) {
	(void)context;
	(void)duration_ns;
}

/* Nobody's secrets, and no stream of the run's is moved on. */
static void sim_processes_look_random(void *context, void *buffer, size_t size_bytes) {
	const struct sim_processes_world *all = context;
	memset(buffer, (int)(all->looks & 0xff), size_bytes);
}

static int sim_processes_look_at(struct sim_processes_world *all, struct vfs_disk *disk, uint64_t digest[2]) {
	const struct vfs_hooks hooks = {.context = all,
	                                .before = sim_processes_look_before,
	                                .after = sim_processes_look_after,
	                                .died = sim_processes_look_died,
	                                .now_ns = sim_processes_now,
	                                .sleep = sim_processes_look_sleep,
	                                .random = sim_processes_look_random,
	                                .chooser = sim_processes_chooser};
	sqlite3 *connection = NULL;
	char name[32];
	snprintf(name, sizeof name, "judge-%u", ++all->looks);
	struct vfs_process *vfs = vfs_process_create(disk, name, &hooks);
	if (vfs == NULL) {
		return SQLITE_NOMEM;
	}
	int code = sqlite3_open_v2(SIM_WORLD_PATH, &connection, SQLITE_OPEN_READWRITE, name);
	code = code == SQLITE_OK ? sim_process_inspect(all, connection, digest) : code;
	sqlite3_close(connection);
	vfs_process_destroy(vfs);
	return code;
}

bool sim_processes_look(struct sim_processes_world *all, uint64_t digest[2]) {
	struct vfs_disk *copy = vfs_disk_snapshot(all->world->disk);
	if (copy == NULL) {
		sim_processes_harness(all, "out of memory for a copy of the disk");
		return false;
	}
	vfs_disk_set_capacity(copy, 0);
	int code = sim_processes_look_at(all, copy, digest);
	vfs_disk_destroy(copy);
	sim_world_note(all->world, SIM_EVENT_LOADED, (uint32_t)code, code == SQLITE_OK ? digest[1] : 0,
	               "the judge's look");
	if (code != SQLITE_OK) {
		sim_processes_violated(all, "loaded_equals_committed", "the judge cannot read the database: %s (%d)",
		                       sqlite3_errstr(code), code);
	}
	sim_world_reach(all->world, SIM_PROBE_INTEGRITY_CHECKED);
	return !all->world->ended;
}

/* ---- power loss ------------------------------------------------------------------------------------------------------------ */

static void sim_processes_resume(struct sim_processes_world *all, struct sim_process *process) {
	struct sim_world *world = all->world;
	bool switched = world->process_name != process->name;
	all->turn = process->number;
	world->process_name = process->name;
	if (switched) {
		struct sim_event event = {.kind = SIM_EVENT_SWITCH,
		                          .code = process->number,
		                          .time_ns = (uint64_t)world->now_ns,
		                          .numbers = {all->schedule.point}};
		sim_trace_label(world->trace, process->name);
		sim_trace_add(world->trace, &event, NULL);
		sim_world_reach(world, SIM_PROBE_PROCESS_SWITCHED);
	}
	sim_strike_watch_memory(world, process->watched);
	sim_coroutine_resume(process->coroutine);
	sim_strike_watch_memory(world, false);
}

/* What is left is judged at once, on a copy: so nobody's recovery is disturbed. */
static void sim_processes_judge_power_loss(struct sim_processes_world *all, enum sim_contract contract) {
	struct sim_world *world = all->world;
	struct sim_history *history = &all->history;
	uint64_t digest[2];
	if (!sim_processes_look(all, digest)) {
		return;
	}
	bool fine = sim_history_power_lost(history, contract, digest);
	world->result->lost += history->lost;
	world->result->lost_most = history->lost > world->result->lost_most ? history->lost : world->result->lost_most;
	if (!fine) {
		sim_processes_settle(all);
		return;
	}
	sim_world_reach_loaded(world, history->open_found, history->open_lost, history->lost);
}

static void sim_processes_lose_power(struct sim_processes_world *all) {
	struct sim_world *world = all->world;
	uint32_t count = world->plan->processes.count;
	for (uint32_t i = 0; i < count; i++) {
		while (all->processes[i].vfs != NULL) {
			sim_processes_resume(all, &all->processes[i]);
		}
	}
	world->process = NULL;
	sim_life_lose_power(world);
	enum sim_contract contract = sim_life_contract_after(world, SIM_CRASH_POWER_LOSS);
	world->ever_damaged |= contract >= SIM_CONTRACT_DETECT;
	world->result->crash_states++;
	all->work->power_lost(all, contract);
	world->just_died = SIM_CRASH_NONE;
	all->down = false;
	for (uint32_t i = 0; i < count; i++) {
		struct sim_process *process = &all->processes[i];
		process->state = process->state == SIM_PROCESS_DOWN ? SIM_PROCESS_READY : process->state;
	}
}

/* ---- time ------------------------------------------------------------------------------------------------------------------ */

/* "writer-1 waits for xLock and holds ..." of one process. */
struct sim_processes_story {
	char *text;
	size_t size;
	size_t used;
};

static void sim_processes_tell(struct sim_processes_story *story, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

static void sim_processes_tell(struct sim_processes_story *story, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	int wrote = vsnprintf(story->text + story->used, story->size - story->used, format, arguments);
	va_end(arguments);
	size_t room = story->size - story->used - 1;
	story->used += wrote < 0 ? 0 : (size_t)wrote < room ? (size_t)wrote : room;
}

static void sim_processes_tell_lock(void *context, const struct vfs_held_locks *held) {
	struct sim_processes_story *story = context;
	sim_processes_tell(story, " %s", vfs_lock_level_name(held->level));
	for (int slot = 0; slot < VFS_SHM_SLOT_COUNT; slot++) {
		bool exclusive = (held->shm_exclusive & (1u << slot)) != 0;
		if (exclusive || (held->shm_shared & (1u << slot)) != 0) {
			sim_processes_tell(story, " %s%s", vfs_shm_slot_name((enum vfs_shm_slot)slot),
			                   exclusive ? "!" : "");
		}
	}
}

static void sim_processes_tell_all(struct sim_processes_world *all, char *text, size_t size) {
	struct sim_processes_story story = {text, size, 0};
	text[0] = '\0';
	for (uint32_t i = 0; i < all->world->plan->processes.count; i++) {
		const struct sim_process *process = &all->processes[i];
		if (process->vfs == NULL) {
			continue;
		}
		sim_processes_tell(&story, "%s%s %s; holds", story.used > 0 ? "; " : "", process->name,
		                   process->waits_for_lock ? "waits for a lock" : "is not waiting");
		vfs_process_visit_locks(process->vfs, sim_processes_tell_lock, &story);
	}
}

/* All who live wait for locks, and no lasting fault explains it. */
static bool sim_processes_all_wait(const struct sim_processes_world *all) {
	bool all_wait = all->world->hold == NULL;
	for (uint32_t i = 0; i < all->world->plan->processes.count; i++) {
		const struct sim_process *process = &all->processes[i];
		all_wait = all_wait && (process->waits_for_lock || process->state != SIM_PROCESS_SLEEPS);
	}
	return all_wait;
}

/* Nobody can go on: time jumps to the first who wakes. False when nobody sleeps. */
static bool sim_processes_jump(struct sim_processes_world *all) {
	int64_t wake_ns = INT64_MAX;
	for (uint32_t i = 0; i < all->world->plan->processes.count; i++) {
		const struct sim_process *process = &all->processes[i];
		bool earlier = process->state == SIM_PROCESS_SLEEPS && process->wake_ns < wake_ns;
		wake_ns = earlier ? process->wake_ns : wake_ns;
	}
	if (wake_ns == INT64_MAX) {
		return false;
	}
	all->stalled_ns = sim_processes_all_wait(all) ? all->stalled_ns + wake_ns - all->world->now_ns : 0;
	all->world->now_ns = wake_ns;
	if (all->stalled_ns > SIM_PROCESSES_STALL_NS) {
		char story[SIM_VERDICT_DETAIL_SIZE];
		sim_processes_tell_all(all, story, sizeof story);
		sim_processes_violated(all, "no_deadlock", "%s", story);
	}
	return true;
}

/* Everybody has done his steps: faults end, and each must now get something through. False when that is done, too. */
static bool sim_processes_finish_all(struct sim_processes_world *all) {
	if (all->finishing) {
		return false;
	}
	all->finishing = true;
	all->world->faults_over = true;
	sim_strike_end_lasting(all->world);
	for (uint32_t i = 0; i < all->world->plan->processes.count; i++) {
		struct sim_process *process = &all->processes[i];
		process->state = process->state == SIM_PROCESS_WAITS ? SIM_PROCESS_READY : process->state;
	}
	return true;
}

/* Somebody has gone to sleep, ended, or died: who goes on? False at the end of all. */
static bool sim_processes_pick(struct sim_processes_world *all) {
	uint32_t ready = sim_processes_ready(all);
	while (ready == 0) {
		if (!sim_processes_jump(all) && !sim_processes_finish_all(all)) {
			return false;
		}
		ready = sim_processes_ready(all);
	}
	all->turn = sim_schedule_next(&all->schedule, all->turn, ready, NULL);
	return true;
}

/* ---- the run --------------------------------------------------------------------------------------------------------------- */

/* The run is over: everybody unwinds. */
static void sim_processes_abort(struct sim_processes_world *all) {
	all->down = true;
	for (uint32_t i = 0; i < all->world->plan->processes.count; i++) {
		struct sim_process *process = &all->processes[i];
		if (process->vfs != NULL) {
			vfs_process_kill(process->vfs);
		}
	}
	for (uint32_t i = 0; i < all->world->plan->processes.count; i++) {
		struct sim_process *process = &all->processes[i];
		while (sim_coroutine_has_begun(process->coroutine) && !sim_coroutine_has_returned(process->coroutine)) {
			all->turn = i;
			sim_coroutine_resume(process->coroutine);
		}
	}
}

static void sim_processes_loop(struct sim_processes_world *all) {
	while (!all->world->ended && sim_processes_pick(all)) {
		uint32_t resumed = SIM_PROCESSES_MAX;
		/* A process that is switched away from has named its successor. */
		while (!all->world->ended && !all->down && resumed != all->turn) {
			resumed = all->turn;
			sim_processes_resume(all, &all->processes[resumed]);
		}
		if (all->down && !all->world->ended) {
			sim_processes_lose_power(all);
		}
	}
	sim_trace_label(all->world->trace, NULL);
	all->world->process = NULL;
	all->world->process_name = NULL;
	if (all->world->ended) {
		sim_processes_abort(all);
	}
}

/* Nobody is left: the last word is that of the judge. */
static void sim_processes_conclude(struct sim_processes_world *all) {
	struct sim_history_window window;
	uint64_t digest[2];
	sim_history_read_begins(&all->history, &window);
	if (sim_processes_look(all, digest)) {
		sim_history_read_ended(&all->history, SIM_HISTORY_OF_PROCESS, SIM_PROCESSES_MAX, &window, digest);
		sim_processes_settle(all);
	}
}

static void sim_processes_note_schedule(struct sim_processes_world *all) {
	struct sim_run_result *result = all->world->result;
	XXH64_hash_t hash = 0;
	for (size_t i = 0; i < all->schedule.switch_count; i++) {
		const uint64_t words[2] = {htole64(all->schedule.switches[i].point),
		                           htole64(all->schedule.switches[i].process)};
		hash = XXH3_64bits_withSeed(words, sizeof words, hash);
	}
	result->processes = all->world->plan->processes.count;
	result->switches = all->schedule.switch_count;
	result->schedule_hash = hash;
}

/* A database in WAL mode is so before the processes come. */
static bool sim_processes_make_database(struct sim_processes_world *all) {
	struct sim_world *world = all->world;
	world->journal_modes = sim_plan_promise_modes(world->plan);
	return sim_sql_world_make_database(world) &&
	       (world->plan->settings.journal_mode != SIM_JOURNAL_WAL || sim_life_switch_to_wal(world));
}

/* The plan, with a schedule that replays this very run. */
static void sim_processes_print_schedule(struct sim_processes_world *all) {
	struct sim_plan *plan = all->world->plan;
	const struct sim_processes_plan kept = plan->processes;
	plan->processes.schedule = (struct sim_schedule_rule){.strategy = SIM_STRATEGY_RECORDED};
	plan->processes.switches = all->schedule.switches;
	plan->processes.switch_count = all->schedule.switch_count;
	sim_plan_text_print(plan, all->world->options->schedule);
	plan->processes = kept;
}

static bool sim_processes_begin(struct sim_processes_world *all) {
	const struct sim_processes_plan *plan = &all->world->plan->processes;
	bool begun = true;
	sim_strike_hooks(all->world, &all->below);
	sim_schedule_init(&all->schedule, &plan->schedule, plan->count, all->world->plan->seed);
	sim_schedule_replay(&all->schedule, plan->switches, plan->switch_count);
	for (uint32_t i = 0; i < plan->count; i++) {
		struct sim_process *process = &all->processes[i];
		process->all = all;
		process->number = i;
		process->name = plan->members[i].name;
		process->coroutine = sim_coroutine_create(all->work->main, process);
		begun = begun && process->coroutine != NULL;
	}
	return begun && all->work->begin(all);
}

static bool sim_processes_begin_sql(struct sim_processes_world *all) {
	return sim_history_init(&all->history, all->world->plan) && sim_processes_make_database(all);
}

static void sim_processes_end_sql(struct sim_processes_world *all) {
	sim_history_deinit(&all->history);
}

const struct sim_processes_work sim_processes_sql_work = {.begin = sim_processes_begin_sql,
                                                          .main = sim_process_main,
                                                          .called = sim_processes_called,
                                                          .power_lost = sim_processes_judge_power_loss,
                                                          .conclude = sim_processes_conclude,
                                                          .end = sim_processes_end_sql};

void sim_processes_run(struct sim_world *world, struct sim_processes_world *all) {
	memset(all, 0, sizeof *all);
	all->world = world;
	world->processes = all;
	all->work = world->plan->sql_scenario != NULL ? &sim_processes_sql_work : &sim_rivals_work;
	all->checkpointer = all->recoverer = SIM_PROCESSES_MAX;
	if (!sim_processes_begin(all)) {
		sim_processes_harness(all, "the processes cannot begin: out of memory?");
	} else {
		sim_processes_loop(all);
	}
	if (!world->ended) {
		all->work->conclude(all);
	}
	sim_processes_note_schedule(all);
	if (world->options != NULL && world->options->schedule != NULL) {
		sim_processes_print_schedule(all);
	}
	for (uint32_t i = 0; i < world->plan->processes.count; i++) {
		sim_coroutine_destroy(all->processes[i].coroutine);
	}
	all->work->end(all);
	sim_schedule_deinit(&all->schedule);
}
