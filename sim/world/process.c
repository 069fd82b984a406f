/* sim/world/process.c: see process.h. First turns and hooks, then lives: how they begin, how they
 * end, and what is judged at a start. */
#define XXH_INLINE_ALL
#include "process.h"

#include "bound.h"
#include "coroutine.h"
#include "door.h"
#include "generator.h"
#include "inject.h"
#include "remains.h"
#include "sighting.h"

#include <assert.h>
#include <sqlite3.h>
#include <string.h>
#include <xxhash.h>

bool sim_process_is_dead(const struct sim_process *process) {
	return process->vfs != NULL && vfs_process_is_dead(process->vfs);
}

/* ---- turns ----------------------------------------------------------------------------------- */

void sim_process_yield(struct sim_process *process, enum sim_process_state state) {
	assert(process->coroutine != NULL);
	process->state = state;
	sim_coroutine_yield();
}

void sim_process_sleep(struct sim_process *process, int64_t duration_ns) {
	struct sim_world *world = process->world;
	if (process->coroutine == NULL) {
		world->now_ns += duration_ns;
		return;
	}
	if (duration_ns <= 0 || world->down || world->ended) {
		return;
	}
	process->wake_ns = world->now_ns + duration_ns;
	sim_process_yield(process, SIM_PROCESS_SLEEPS);
}

/* Who could go on, sleepers that are due among them. */
uint32_t sim_process_ready_mask(struct sim_world *world) {
	uint32_t mask = 0;
	for (uint32_t i = 0; i < world->process_count; i++) {
		struct sim_process *process = &world->processes[i];
		if (process->state == SIM_PROCESS_SLEEPS && process->wake_ns <= world->now_ns) {
			process->state = SIM_PROCESS_READY;
		}
		mask |= process->state == SIM_PROCESS_READY ? 1u << i : 0;
	}
	return mask;
}

/* A call of one of several: another one may go on here, and even the power may go, before this one
 * does. False when it must not go on itself: it has died meanwhile, or the run has ended. */
static bool sim_process_point(struct sim_process *process, const struct vfs_call *call) {
	struct sim_world *world = process->world;
	if (world->until_event != 0 && sim_trace_count(world->trace) >= world->until_event) {
		world->ended = true;
		world->result->stopped = true;
	}
	if (world->ended) {
		sim_coroutine_yield();
		return false;
	}
	const struct sim_schedule_point at = {.call = call, .begins_step = process->calls == 0};
	uint32_t next = sim_schedule_next(&world->schedule, process->number, sim_process_ready_mask(world), at);
	if (next != process->number) {
		world->turn = next;
		sim_coroutine_yield();
	}
	return !vfs_process_is_dead(process->vfs);
}

/* ---- hooks ----------------------------------------------------------------------------------- */

static void sim_process_reach_lock(void *context, const struct vfs_held_locks *held) {
	bool writes = held->level >= SQLITE_LOCK_RESERVED || held->shm_exclusive != 0;
	sim_world_reach_if(context, writes, SIM_PROBE_KILLED_WITH_LOCK);
}

static void sim_process_before(void *context, const struct vfs_call *call, struct vfs_answer *answer) {
	struct sim_process *process = context;
	struct sim_world *world = process->world;
	assert(call->process == process->vfs);
	process->portions = 0;
	process->call = *call;
	sim_sightings_calling(process, call);
	if (process->coroutine != NULL && !sim_process_point(process, call)) {
		return;
	}
	int64_t begun_ns = world->now_ns;
	if (world->branching != NULL) {
		world->branching->calling(process, call);
	}
	sim_inject_before(process, call, answer);
	if (world->branching != NULL && world->branching->answering != NULL) {
		world->branching->answering(process, call, answer);
	}
	process->is_struck = answer->effect != VFS_EFFECT_NONE;
	if (call->method == VFS_METHOD_WRITE) {
		sim_owed_note_writing(&world->owed, call);
	}
	if (process->coroutine == NULL) {
		return;
	}
	if (answer->die) {
		vfs_process_visit_locks(process->vfs, sim_process_reach_lock, world);
		return;
	}
	/* What takes long takes long for whoever makes the call: the others go on meanwhile. */
	int64_t late_ns = world->now_ns - begun_ns - sim_machine_call_ns(world);
	if (late_ns > 0) {
		world->now_ns -= late_ns;
		sim_process_sleep(process, late_ns);
	}
}

bool sim_process_is_write_lock(const struct vfs_call *call) {
	const uint32_t exclusive = SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE;
	if (call->path == NULL || strcmp(call->path, SIM_WORLD_PATH) != 0) {
		return false;
	}
	return (call->method == VFS_METHOD_LOCK && call->size == SQLITE_LOCK_RESERVED) ||
	       (call->method == VFS_METHOD_SHM_LOCK && (call->flags & exclusive) == exclusive &&
	        call->offset == VFS_SHM_SLOT_WRITE);
}

/* The call changes what others read: files, or, with the lock that orders the writers of a WAL,
 * what its index says. */
static bool sim_process_changes_files(const struct vfs_call *call) {
	const uint32_t exclusive = SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE;
	bool is_index = call->method == VFS_METHOD_SHM_LOCK && (call->flags & exclusive) == exclusive &&
	                call->offset == VFS_SHM_SLOT_WRITE;
	return is_index || call->method == VFS_METHOD_WRITE || call->method == VFS_METHOD_TRUNCATE ||
	       call->method == VFS_METHOD_DELETE;
}

/* A journal that is looked at is hot, or may be: who opened for reading only does not play it
 * back. */
static bool sim_process_is_kept_out(const struct sim_process *process, const struct vfs_call *call) {
	const struct sim_plan *plan = process->world->plan;
	return process->number < plan->processes.count &&
	       plan->processes.members[process->number].access == SUBJECT_ACCESS_READ_ONLY &&
	       call->method == VFS_METHOD_READ && call->file_kind == VFS_FILE_JOURNAL;
}

/* Not a failure: the end of a file, an operation on files that is not known, a file that is not
 * there to be opened or deleted. */
static void sim_process_count_failure(struct sim_process *process, const struct vfs_call *call, int result) {
	bool is_answer = result == SQLITE_OK || result == SQLITE_IOERR_SHORT_READ ||
	                 result == SQLITE_IOERR_DELETE_NOENT || (result & 0xff) == SQLITE_CANTOPEN ||
	                 (call->method == VFS_METHOD_FILE_CONTROL && result == SQLITE_NOTFOUND);
	bool is_busy = (result & 0xff) == SQLITE_BUSY;
	process->busies += is_busy || sim_process_is_kept_out(process, call);
	process->failures += !is_answer && !is_busy;
}

enum sim_disturbance sim_process_disturbance(const struct sim_process *process) {
	const struct sim_owed *owed = &process->world->owed;
	if (process->impaired || owed->rollback_lost || owed->ever_damaged || owed->lied || owed->took_back ||
	    process->failures > 0) {
		return SIM_DISTURBED;
	}
	return process->busies > 0 || process->overtaken ? SIM_DISTURBED_BY_LOCK : SIM_UNDISTURBED;
}

enum sim_disturbance sim_process_disturbance_of_life(const struct sim_process *process) {
	enum sim_disturbance now = sim_process_disturbance(process);
	if (process->life_failures > 0) {
		return SIM_DISTURBED;
	}
	return now == SIM_UNDISTURBED && process->life_busies > 0 ? SIM_DISTURBED_BY_LOCK : now;
}

/* What the others have read is no longer what is there: whoever goes on to write is told so, and no
 * lock was refused (SQLITE_BUSY_SNAPSHOT). */
static void sim_process_overtake(const struct sim_process *process) {
	struct sim_world *world = process->world;
	for (uint32_t i = 0; i < world->process_count; i++) {
		world->processes[i].overtaken = world->processes[i].overtaken || i != process->number;
	}
}

/* Attached files and copies have journals of their own. */
static void sim_process_note_journal(struct sim_world *world, const struct vfs_call *call, bool succeeded) {
	bool is_ours = call->path != NULL &&
	               (strcmp(call->path, SIM_WORLD_PATH) == 0 || strcmp(call->path, SIM_WORLD_PATH "-journal") == 0);
	if (is_ours) {
		sim_owed_note_journal(&world->owed, world->disk, call, succeeded);
	}
}

static void sim_process_after(void *context, const struct vfs_call *call, int result, uint64_t value) {
	struct sim_process *process = context;
	struct sim_world *world = process->world;
	sim_inject_after(process, call, result, value);
	sim_process_count_failure(process, call, result);
	sim_machine_note_lost_journal(world, call);
	if (sim_process_changes_files(call)) {
		sim_process_overtake(process);
	}
	process->own_lock_hid |= call->method == VFS_METHOD_CHECK_RESERVED_LOCK && result == SQLITE_OK && value != 0 &&
	                         world->hold == NULL && sim_process_count_alive(world) == 1;
	sim_owed_note_call(&world->owed, &world->plan->settings, call, result);
	sim_process_note_journal(world, call, result == SQLITE_OK);
	if (call->file_kind == VFS_FILE_WAL && result == SQLITE_OK) {
		sim_owed_note_wal(&world->owed, call);
	}
	sim_doors_note(process, call, result, value);
	sim_bounds_note_call(process, call, result);
	sim_sightings_called(process, call, result);
	if (world->work->called != NULL) {
		world->work->called(process, call, result, value);
	}
	if (result == SQLITE_OK && sim_process_is_write_lock(call)) {
		world->stalled_ns = 0;
	}
	if (world->branching != NULL) {
		world->branching->called(process, call, result);
	}
}

uint32_t sim_process_count_alive(const struct sim_world *world) {
	uint32_t alive = 0;
	for (uint32_t i = 0; i < SIM_PROCESSES_MAX; i++) {
		const struct vfs_process *vfs = world->processes[i].vfs;
		alive += vfs != NULL && !vfs_process_is_dead(vfs) ? 1 : 0;
	}
	return alive;
}

/* In which call the process died, and what SQLite was doing there. */
static void sim_process_note_crash(const struct sim_process *process) {
	struct sim_world *world = process->world;
	char where[SIM_INJECT_CALL_SIZE];
	char text[SIM_INJECT_CALL_SIZE + 4];
	sim_inject_name_call(&process->call, process->phase, where);
	snprintf(text, sizeof text, "in %s", where);
	sim_world_note(world, SIM_EVENT_CRASH, (uint32_t)world->just_died, process->starting, text);
}

/* When the power goes, it goes for all. */
static void sim_process_died(void *context, struct vfs_process *vfs) {
	struct sim_process *process = context;
	struct sim_world *world = process->world;
	(void)vfs;
	sim_process_note_crash(process);
	sim_doors_note_death(process);
	sim_sightings_note_death(process);
	sim_process_overtake(process);
	sim_process_note_journal(world, &process->call, false);
	if (world->just_died != SIM_CRASH_POWER_LOSS) {
		sim_world_reach_if(world, sim_process_count_alive(world) > 0, SIM_PROBE_KILLED_BESIDE_OTHERS);
		return;
	}
	world->down = true;
	for (uint32_t i = 0; i < SIM_PROCESSES_MAX; i++) {
		if (world->processes[i].vfs != NULL) {
			vfs_process_kill(world->processes[i].vfs);
			sim_doors_note_death(&world->processes[i]);
		}
	}
}

void sim_process_die(struct sim_process *process, enum sim_crash crash) {
	process->world->just_died = crash;
	vfs_process_kill(process->vfs);
	sim_process_died(process, process->vfs);
}

static int64_t sim_process_now(void *context) {
	const struct sim_process *process = context;
	return process->instant.stands ? process->instant.now_ns : process->world->now_ns;
}

static void sim_process_sleep_hook(void *context, int64_t duration_ns) {
	sim_process_sleep(context, duration_ns);
}

static void sim_process_random(void *context, void *buffer, size_t size_bytes) {
	struct sim_process *process = context;
	sim_pcg32_fill(process->instant.stands ? &process->instant.chance : &process->world->system_chance, buffer,
	               size_bytes);
}

static uint64_t sim_process_choose(void *context, enum vfs_choice choice, uint64_t count) {
	return sim_machine_choose(((struct sim_process *)context)->world, choice, count);
}

/* ---- beginning and end of a life ------------------------------------------------------------- */

const struct aftershock_subject *sim_process_enter(const struct sim_process *process) {
	sim_remains_enter(process);
	return process->world->subject;
}

void sim_process_watch(struct sim_process *process, bool on) {
	process->watched = on;
	if (on) {
		process->life_failures += process->failures;
		process->life_busies += process->busies + process->overtaken;
		process->calls = process->portions = process->failures = process->busies = 0;
		process->overtaken = false;
	}
	sim_inject_watch_memory(process, on);
}

/* A start, a step or a stop: its crash states may be asked for. */
static void sim_process_begin_moment(struct sim_process *process, const char *kind, uint32_t number) {
	if (process->world->branching != NULL) {
		process->world->branching->begin(process, kind, number);
	}
	sim_process_watch(process, true);
}

static void sim_process_end_moment(struct sim_process *process) {
	sim_process_watch(process, false);
	if (process->world->branching != NULL) {
		process->world->branching->explore(process);
	}
}

/* A constant of its own for each life: WAL salts and journal nonces must not repeat
 * (docs/architecture.md section 4). */
static void sim_process_seed_sqlite(struct sim_world *world) {
	uint64_t mixed = XXH3_64bits_withSeed(&world->incarnation, sizeof world->incarnation, world->plan->seed);
	world->sqlite_seed = (int)(mixed & 0x7fffffff) | 1;
	sim_generator_seed(world->sqlite_seed);
}

/* A name for each life, so that SQLite never confuses two. */
static bool sim_process_create(struct sim_process *process) {
	struct sim_world *world = process->world;
	const struct vfs_hooks hooks = {.context = process,
	                                .before = sim_process_before,
	                                .after = sim_process_after,
	                                .died = sim_process_died,
	                                .now_ns = sim_process_now,
	                                .sleep = sim_process_sleep_hook,
	                                .random = sim_process_random,
	                                .chooser = sim_process_choose};
	char name[SIM_PROCESS_NAME_SIZE + 16];
	bool begun = sim_remains_begin(process);
	snprintf(name, sizeof name, "%s%s%u", process->name != NULL ? process->name : "life",
	         process->name != NULL ? "/" : "-", world->incarnation);
	process->vfs = sim_machine_begin_process(world, process->number, name, &hooks);
	sim_process_seed_sqlite(world);
	if (!begun || process->vfs == NULL) {
		return sim_world_harness_failed(world, "out of memory for a process");
	}
	return sim_remains_put_vfs(process);
}

bool sim_process_begin(struct sim_process *process) {
	struct sim_world *world = process->world;
	if (process->vfs != NULL) {
		return true;
	}
	sim_inject_damage(world, world->incarnation);
	sim_inject_arm(world, SIM_MOMENT_RESTART, world->incarnation);
	process->doubted = 0;
	process->misread = 0;
	process->miswrote = false;
	process->impaired = process->own_lock_hid = false;
	process->failures = process->busies = process->life_failures = process->life_busies = 0;
	if (world->work->beginning != NULL) {
		world->work->beginning(process);
	}
	if (!sim_process_create(process)) {
		return false;
	}
	world->incarnation++;
	return true;
}

/* What a subject's open files point at, for as long as the operating system's process lives. It is
 * kept here, so that a leak checker names the subject and not the test bed. */
#define SIM_PROCESS_ABANDONED_MAX 64u
static struct vfs_process *sim_process_abandoned[SIM_PROCESS_ABANDONED_MAX];
static uint32_t sim_process_abandoned_count;

/* The last call of a life may itself be the one that dies: the process object goes only after
 * everything is closed. What a subject leaves open keeps pointing at it: then it stays. */
static void sim_process_end(struct sim_process *process) {
	struct sim_world *world = process->world;
	size_t open_files = vfs_process_open_files(process->vfs);
	sim_remains_end(process);
	if (open_files == 0) {
		vfs_process_destroy(process->vfs);
	} else {
		sim_world_violated(world, "interface_kept", "%zu files are open after stop, expected none", open_files);
		vfs_process_abandon(process->vfs);
		sim_process_abandoned[sim_process_abandoned_count++ % SIM_PROCESS_ABANDONED_MAX] = process->vfs;
	}
	process->vfs = NULL;
	sim_doors_note_end(process);
	sim_sightings_note_end(process);
	sim_remains_judge(world);
}

static void sim_process_close(struct sim_process *process) {
	const struct sim_work *work = process->world->work;
	if (process->instance != NULL) {
		sim_process_enter(process)->stop(process->instance);
		process->instance = NULL;
	}
	if (work->close != NULL) {
		work->close(process);
	}
}

static void sim_process_bury(struct sim_process *process) {
	struct sim_world *world = process->world;
	sim_process_watch(process, false);
	sim_process_close(process);
	process->starting = process->waits_for_lock = false;
	sim_process_end(process);
	if (process->livelocked) {
		process->livelocked = false;
		sim_world_violated(world, "progress_after_faults", "more than %u VFS calls in one step or start%s%s",
		                   SIM_WORLD_CALLS_MAX, process->name != NULL ? " of " : "",
		                   process->name != NULL ? process->name : "");
	}
	if (world->work->died != NULL) {
		world->work->died(process);
	}
}

/* With one body, whoever dies of a power loss buries all others at once; with several, the world
 * resumes each (world.c). */
static void sim_process_lose_power(struct sim_world *world) {
	for (uint32_t i = 0; i < SIM_PROCESSES_MAX; i++) {
		if (world->processes[i].vfs != NULL) {
			sim_process_bury(&world->processes[i]);
		}
	}
	sim_machine_lose_power(world);
	world->down = false;
}

void sim_process_reap(struct sim_process *process) {
	struct sim_world *world = process->world;
	enum sim_crash crash = world->just_died;
	sim_process_bury(process);
	if (process->coroutine != NULL && world->down) {
		sim_process_yield(process, SIM_PROCESS_DOWN);
		return;
	}
	world->just_died = SIM_CRASH_NONE;
	if (crash == SIM_CRASH_POWER_LOSS) {
		sim_process_lose_power(world);
	}
	sim_owed_note_crash(&world->owed, &world->plan->settings, crash);
}

void sim_process_crash(struct sim_process *process, enum sim_crash crash) {
	struct sim_world *world = process->world;
	if (process->vfs == NULL) {
		return;
	}
	sim_world_reach(world, crash == SIM_CRASH_KILL ? SIM_PROBE_KILL : SIM_PROBE_POWER_LOSS);
	sim_world_note(world, SIM_EVENT_CRASH, (uint32_t)crash, false, "between two calls");
	world->just_died = crash;
	world->crash_while_starting = false;
	vfs_process_kill(process->vfs);
	sim_doors_note_death(process);
	sim_sightings_note_death(process);
	sim_process_reap(process);
}

void sim_process_stop_as(struct sim_process *process, const char *who) {
	struct sim_world *world = process->world;
	if (process->vfs == NULL) {
		return;
	}
	sim_process_begin_moment(process, "stop", world->incarnation);
	sim_process_close(process);
	sim_process_end_moment(process);
	sim_world_note(world, SIM_EVENT_STOP, 0, process->number, who);
	if (sim_process_is_dead(process)) {
		sim_process_reap(process);
	} else {
		sim_process_end(process);
	}
}

void sim_process_stop(struct sim_process *process) {
	sim_process_stop_as(process, process->name);
}

void sim_process_abandon(struct sim_process *process) {
	if (process->vfs != NULL) {
		vfs_process_kill(process->vfs);
		sim_process_close(process);
		sim_process_end(process);
	}
}

/* ---- what is made before the run begins ------------------------------------------------------ */

/* A life of no number: the plan's first start is still to come. Nothing is injected, and there is
 * room. */
static bool sim_process_begin_making(struct sim_process *process, uint32_t number) {
	struct sim_world *world = process->world;
	world->incarnation = number;
	vfs_disk_set_capacity(world->disk, 0);
	world->injection_paused = true;
	return sim_process_create(process);
}

/* What it has made is durable, and the run is about to begin. */
static void sim_process_end_making(struct sim_process *process) {
	struct sim_world *world = process->world;
	sim_process_close(process);
	sim_process_end(process);
	sim_machine_settle(world);
	vfs_disk_set_capacity(world->disk, world->plan->settings.capacity_bytes);
	world->incarnation = 0;
	world->injection_paused = false;
}

/* What a start is told: the settings of the plan, the VFS, and what the work adds. */
static void sim_process_configure(struct sim_process *process, struct subject_config *config) {
	sim_machine_settings(process->world, config);
	config->vfs_name = sim_remains_vfs_name(process);
	if (process->world->work->configure != NULL) {
		process->world->work->configure(process, config);
	}
}

bool sim_process_make_database(struct sim_process *process) {
	struct sim_world *world = process->world;
	char reason[SUBJECT_REASON_SIZE] = "";
	struct subject_config config;
	if (!sim_process_begin_making(process, UINT32_MAX)) {
		return false;
	}
	sim_process_configure(process, &config);
	enum subject_start_status status = sim_process_enter(process)->start(&config, &process->instance, reason);
	sim_world_note(world, SIM_EVENT_START, (uint32_t)status, 0, reason);
	sim_process_end_making(process);
	world->ever_started = status == SUBJECT_STARTED;
	return status == SUBJECT_STARTED;
}

bool sim_process_switch_to_wal(struct sim_process *process) {
	sqlite3 *connection = NULL;
	if (!sim_process_begin_making(process, UINT32_MAX - 1)) {
		return false;
	}
	int code = sqlite3_open_v2(SIM_WORLD_PATH, &connection, SQLITE_OPEN_READWRITE, sim_remains_vfs_name(process));
	code = code == SQLITE_OK ? sqlite3_exec(connection, "PRAGMA journal_mode=wal", NULL, NULL, NULL) : code;
	sqlite3_close(connection);
	sim_process_end_making(process);
	return code == SQLITE_OK;
}

/* ---- starts ---------------------------------------------------------------------------------- */

static void sim_process_judge_loaded(struct sim_process *process) {
	struct sim_world *world = process->world;
	world->ever_started = true;
	if (world->work->started == NULL) {
		return;
	}
	world->result->crash_states += world->owed.crash != SIM_CRASH_NONE;
	const struct sim_settings *settings = &world->plan->settings;
	if (world->work->started(process, sim_owed_now(&world->owed, settings))) {
		uint32_t life = world->incarnation;
		bool switched = life > 1 && sim_settings_journal_mode_of(settings, life) !=
		                                    sim_settings_journal_mode_of(settings, life - 1);
		sim_world_reach_if(world, switched, SIM_PROBE_JOURNAL_MODE_SWITCHED);
		sim_owed_note_load(&world->owed, sim_process_count_alive(world) == 1);
		world->in_flight = world->in_doubt = false;
		world->crash_while_starting = false;
	}
}

/* What has happened in the run by which a finding in SQLite is told from others. */
static const char *sim_process_circumstance(const struct sim_world *world, bool of_pages) {
	const struct sim_work *work = world->work;
	const char *of_work = work->circumstance != NULL ? work->circumstance(world) : "";
	return of_work[0] == '\0' ? sim_owed_power_text(&world->owed, of_pages) : of_work;
}

static void sim_process_refused_without_cause(struct sim_world *world, const char *reason) {
	sim_world_violated(world, "loaded_equals_committed",
	                   "refused as damaged, and nothing damaged it: %.120s; %s%s%s, journal mode %s%s", reason,
	                   world->ever_started ? "served before" : "never served",
	                   world->journal_lost && !world->ever_started ? ", its journal was deleted too early" : "",
	                   sim_owed_has_forgotten_wal(&world->owed) ? ", a WAL whose sync had failed" : "",
	                   sim_settings_journal_mode_name(sim_machine_journal_mode(world)),
	                   sim_process_circumstance(world, false));
}

/* What the files held before a start, when nobody else could change them meanwhile. */
struct sim_process_before {
	bool compared;
	uint32_t incarnation;
	uint64_t evictions; /* of files that are open: what programs see changes, and nobody
	                     * wrote */
	struct sim_machine_files files;
	bool was_lied_to; /* not before: in this start, so that it could not leave files alone */
};

static void sim_process_judge_damaged(struct sim_world *world, const struct sim_process_before *before,
                                      const char *reason) {
	enum sim_contract contract = sim_owed_now(&world->owed, &world->plan->settings);
	struct sim_machine_files after = {0};
	world->result->crash_states++;
	world->result->corrupt++;
	/* Whoever starts beside others goes by their index of a WAL that a failed sync has taken
	 * back. */
	bool misled = world->owed.took_back && sim_process_count_alive(world) > 0;
	bool has_cause = world->owed.ever_damaged || world->owed.damaged || misled || contract >= SIM_CONTRACT_DETECT;
	if (!has_cause) {
		sim_process_refused_without_cause(world, reason);
		return;
	}
	sim_world_reach(world, SIM_PROBE_DAMAGE_DETECTED);
	sim_machine_hash_files(world, false, &after);
	/* A hot journal must be played back before anything can be read, so files may change
	 * then. A journal is hot whose first byte reads as anything but zero, also when it does so
	 * wrongly. And a write that goes astray may break what was verified before it. */
	bool alone = before->compared && before->incarnation == world->incarnation &&
	             before->evictions == world->result->struck[SIM_FAULT_EVICT_AT_READ];
	bool may_change = !world->work->keeps_refused || before->files.hot_journal || before->was_lied_to;
	bool kept = may_change || after.hash == before->files.hash;
	if (alone && !kept) {
		sim_world_violated(world, "corruption_detected", "files changed though the start was refused: %.120s",
		                   reason);
	}
	world->ended = true;
}

/* An instance belongs to a start that succeeded, and to no other. */
static bool sim_process_gave_instance(struct sim_process *process, enum subject_start_status status) {
	bool started = status == SUBJECT_STARTED;
	if (started == (process->instance != NULL)) {
		return true;
	}
	process->instance = NULL;
	sim_world_violated(process->world, "interface_kept", "a start %s and gave %s", started ? "succeeded" : "failed",
	                   started ? "no instance" : "an instance all the same");
	return false;
}

/* It lives, and has said how it started. */
static enum sim_process_started sim_process_take_status(struct sim_process *process, enum subject_start_status status,
                                                        const struct sim_process_before *before, const char *reason) {
	struct sim_world *world = process->world;
	enum sim_disturbance disturbance = sim_process_disturbance(process);
	bool gave = sim_process_gave_instance(process, status);
	if (gave && status == SUBJECT_STARTED) {
		sim_process_judge_loaded(process);
		return SIM_PROCESS_RUNS;
	}
	sim_process_close(process);
	sim_process_end(process);
	if (!gave) {
		return SIM_PROCESS_RUNS;
	}
	if (status == SUBJECT_START_DAMAGED && world->work->refused != NULL) {
		world->work->refused(process, reason);
		return SIM_PROCESS_RUNS;
	}
	if (status == SUBJECT_START_DAMAGED) {
		sim_process_judge_damaged(world, before, reason);
		return SIM_PROCESS_RUNS;
	}
	sim_world_reach(world, SIM_PROBE_START_FAILED);
	if (status == SUBJECT_START_LATER && world->work->judges_reasons && disturbance == SIM_UNDISTURBED) {
		sim_world_violated(world, "no_needless_failure", "the start says later, and nothing failed: %.120s",
		                   reason);
	}
	if (status != SUBJECT_START_LATER) {
		sim_world_violated(world, "progress_after_faults", "start says %d: %.160s", (int)status, reason);
	}
	return SIM_PROCESS_LATER;
}

enum sim_process_started sim_process_try(struct sim_process *process) {
	struct sim_world *world = process->world;
	char reason[SUBJECT_REASON_SIZE] = "";
	struct subject_config config;
	struct sim_process_before before = {0};
	if (!sim_process_begin(process)) {
		return SIM_PROCESS_LATER;
	}
	before.compared = world->owed.damaged && sim_process_count_alive(world) == 1;
	before.incarnation = world->incarnation;
	before.evictions = world->result->struck[SIM_FAULT_EVICT_AT_READ];
	if (before.compared) {
		sim_machine_hash_files(world, false, &before.files);
	}
	process->starting = true;
	sim_process_configure(process, &config);
	sim_process_begin_moment(process, "start", world->incarnation);
	enum subject_start_status status = sim_process_enter(process)->start(&config, &process->instance, reason);
	sim_process_end_moment(process);
	process->starting = false;
	reason[SUBJECT_REASON_SIZE - 1] = '\0';
	before.was_lied_to = (process->misread & 1u << VFS_FILE_JOURNAL) != 0 || process->miswrote;
	world->result->restarts++;
	sim_world_note(world, SIM_EVENT_START, (uint32_t)status, world->incarnation, reason);
	if (sim_process_is_dead(process)) {
		sim_process_reap(process);
		return SIM_PROCESS_DIED;
	}
	return sim_process_take_status(process, status, &before, reason);
}

bool sim_process_start(struct sim_process *process, uint32_t tries) {
	struct sim_world *world = process->world;
	uint32_t crashes = 0;
	while (process->instance == NULL && !world->ended && tries > 0) {
		enum sim_process_started started = sim_process_try(process);
		if (started == SIM_PROCESS_RUNS || world->ended) {
			break;
		}
		/* A crash does not use up a try: the plan has only so many of them. */
		bool crashed = started == SIM_PROCESS_DIED && crashes++ < SIM_PLAN_FAULTS_MAX;
		tries -= crashed ? 0 : 1;
		if (started == SIM_PROCESS_LATER) {
			sim_process_sleep(process, SIM_WORLD_RETRY_NS);
			sim_machine_end_due(world);
		}
	}
	return process->instance != NULL && !world->ended;
}

void sim_process_restart(struct sim_process *process) {
	if (process->instance != NULL) {
		sim_world_reach(process->world, SIM_PROBE_CLEAN_RESTART);
		sim_process_stop(process);
	}
	sim_process_start(process, 1);
}

/* ---- steps ----------------------------------------------------------------------------------- */

bool sim_process_step(struct sim_process *process, const struct subject_step *step, struct subject_reply *reply) {
	struct sim_world *world = process->world;
	world->waited_for_lock = false;
	sim_process_begin_moment(process, "step", process->step);
	sim_process_enter(process)->step(process->instance, step, reply);
	sim_process_end_moment(process);
	/* What the subject has written ends where its place ends. */
	reply->reason[SUBJECT_REASON_SIZE - 1] = '\0';
	for (uint32_t i = 0; i < step->update_count; i++) {
		step->replies[i].reason[SUBJECT_REASON_SIZE - 1] = '\0';
	}
	if (!sim_process_is_dead(process)) {
		sim_bounds_note_answer(process, step, reply);
		return true;
	}
	sim_process_reap(process);
	return false;
}

/* ---- the judge's own look -------------------------------------------------------------------- */

static int sim_process_first_line(void *context, int columns, char **values, char **names) {
	char *line = context;
	(void)names;
	if (line[0] == '\0' && columns > 0 && values[0] != NULL) {
		snprintf(line, 100, "%s", values[0]);
		for (char *end = strchr(line, '\n'); end != NULL; end = strchr(end, '\n')) {
			*end = ' ';
		}
	}
	return 0;
}

void sim_process_check_database(struct sim_process *process) {
	struct sim_world *world = process->world;
	char line[100] = "";
	sqlite3 *connection = NULL;
	world->incarnation++;
	process->calls = 0;
	if (!sim_process_create(process)) {
		return;
	}
	int code = sqlite3_open_v2(SIM_WORLD_PATH, &connection, SQLITE_OPEN_READWRITE, sim_remains_vfs_name(process));
	static const char sql[] = "PRAGMA integrity_check(1)";
	code = code == SQLITE_OK ? sqlite3_exec(connection, sql, sim_process_first_line, line, NULL) : code;
	sqlite3_close(connection);
	sim_process_end(process);
	if (code != SQLITE_OK || strcmp(line, "ok") != 0) {
		world->result->corrupt++;
		sim_world_violated(world, "database_intact", "integrity check: code %d, %s; journal mode %s%s", code,
		                   code == SQLITE_CANTOPEN ? SIM_PROCESS_NO_DATABASE : line,
		                   sim_settings_journal_mode_name(sim_machine_journal_mode(world)),
		                   sim_process_circumstance(world, true));
	}
}
