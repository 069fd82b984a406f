/* sim/world/strike.c: faults meet calls. Every VFS call of the subject passes sim_strike_before() and sim_strike_after().
 *
 * The order at a call: virtual time moves, lasting faults whose time is over end, then the armed faults are asked in the
 * order of the plan. Every matching fault counts the call; the first that is due decides what happens to it. */
#include "memory.h"
#include "world.h"

#include <sqlite3.h>
#include <string.h>

static void sim_strike_report(struct sim_world *world, const struct sim_fault *fault) {
	char text[SIM_FAULT_TEXT_SIZE];
	world->result->faults++;
	world->result->struck[fault->kind]++;
	bool printed = sim_trace_is_printed(world->trace) != 0;
	if (printed) {
		sim_fault_print(fault, text);
	}
	sim_world_note(world, SIM_EVENT_FAULT, (uint32_t)fault->kind, (uint64_t)fault->effect, printed ? text : NULL);
}

static void sim_strike_arm_one(struct sim_world *world, uint32_t number) {
	const struct sim_fault *fault = &world->plan->faults[number];
	struct sim_strike *strike = &world->strikes[number];
	strike->state = SIM_STRIKE_ARMED;
	strike->to_go = fault->operation;
	strike->times_left = fault->times;
	if (sim_fault_row(fault->kind)->place == SIM_PLACE_ALLOCATION) {
		world->armed_allocations[world->armed_allocation_count++] = number;
		return;
	}
	world->armed[world->armed_count++] = number;
	if (fault->kind == SIM_FAULT_STALE_READ && world->past == NULL) {
		world->past = vfs_disk_snapshot(world->disk);
	}
}

void sim_strike_arm(struct sim_world *world, enum sim_moment moment, uint32_t number) {
	for (uint32_t i = 0; i < world->plan->fault_count; i++) {
		const struct sim_fault *fault = &world->plan->faults[i];
		struct sim_strike *strike = &world->strikes[i];
		bool due =
		        strike->state == SIM_STRIKE_IDLE && fault->moment == moment && fault->moment_number == number;
		if (due && sim_fault_row(fault->kind)->place != SIM_PLACE_START) {
			sim_strike_arm_one(world, i);
		}
	}
}

static void sim_strike_disarm_done(struct sim_world *world) {
	uint32_t kept = 0;
	for (uint32_t i = 0; i < world->armed_count; i++) {
		if (world->strikes[world->armed[i]].state != SIM_STRIKE_DONE) {
			world->armed[kept++] = world->armed[i];
		}
	}
	world->armed_count = kept;
}

static void sim_strike_release(struct sim_world *world) {
	if (world->hold != NULL) {
		vfs_process_release(world->hold);
		world->hold = NULL;
		sim_world_note(world, SIM_EVENT_FAULT, SIM_FAULT_LOCK_HELD, 0, "the lock is released");
	}
}

static void sim_strike_restore_capacity(struct sim_world *world) {
	if (world->capacity_until_ns != 0) {
		world->capacity_until_ns = 0;
		vfs_disk_set_capacity(world->disk, world->plan->settings.capacity_bytes);
		sim_world_note(world, SIM_EVENT_FAULT, SIM_FAULT_CAPACITY, 0, "there is space again");
	}
}

void sim_strike_end_lasting(struct sim_world *world) {
	sim_strike_release(world);
	sim_strike_restore_capacity(world);
}

void sim_strike_end_due(struct sim_world *world) {
	if (world->hold != NULL && world->now_ns >= world->hold_until_ns) {
		sim_strike_release(world);
	}
	if (world->capacity_until_ns != 0 && world->now_ns >= world->capacity_until_ns) {
		sim_strike_restore_capacity(world);
	}
}

/* False when the lock cannot be had at this moment: the fault stays due and tries at the next call. */
static bool sim_strike_hold(struct sim_world *world, const struct sim_fault *fault) {
	bool wal = world->plan->settings.journal_mode == SIM_JOURNAL_WAL;
	if (world->hold != NULL || world->other == NULL) {
		return false;
	}
	if (vfs_process_hold(world->other, SIM_WORLD_PATH, SQLITE_LOCK_EXCLUSIVE, wal, &world->hold) != SQLITE_OK) {
		return false;
	}
	world->hold_until_ns = world->now_ns + (int64_t)fault->duration_ns;
	return true;
}

static void sim_strike_crash(struct sim_world *world, const struct sim_fault *fault, const struct vfs_call *call) {
	bool kill = fault->kind == SIM_FAULT_KILL;
	world->just_died = kill ? SIM_CRASH_KILL : SIM_CRASH_POWER_LOSS;
	sim_world_reach(world, kill ? SIM_PROBE_KILL : SIM_PROBE_POWER_LOSS);
	if (world->starting) {
		sim_world_reach(world, SIM_PROBE_CRASH_IN_RECOVERY);
		if (world->crash_while_starting) {
			sim_world_reach(world, SIM_PROBE_NESTED_CRASH);
		}
		world->crash_while_starting = true;
	} else {
		world->crash_while_starting = false;
	}
	bool wal = world->plan->settings.journal_mode == SIM_JOURNAL_WAL;
	if (wal && !world->starting && call->file_kind == VFS_FILE_DB &&
	    (call->method == VFS_METHOD_WRITE || call->method == VFS_METHOD_SYNC)) {
		sim_world_reach(world, SIM_PROBE_CRASH_IN_CHECKPOINT);
	}
}

/* What files hold, by path; of files that are there. */
struct sim_strike_size {
	const char *path;
	uint64_t size_bytes;
};

static void sim_strike_measure(void *context, const char *path, const struct vfs_inode *inode) {
	struct sim_strike_size *size = context;
	if (strcmp(path, size->path) == 0) {
		size->size_bytes = vfs_disk_size(inode);
	}
}

static uint64_t sim_strike_file_size(const struct sim_world *world, const char *path) {
	struct sim_strike_size size = {.path = path};
	vfs_disk_visit(world->disk, sim_strike_measure, &size);
	return size.size_bytes;
}

static const char *sim_strike_path(enum vfs_file_kind kind) {
	/* SQLite has no super-journal with one database; the engine's own journal is opened as one. */
	return kind == VFS_FILE_WAL             ? SIM_WORLD_PATH "-wal"
	       : kind == VFS_FILE_JOURNAL       ? SIM_WORLD_PATH "-journal"
	       : kind == VFS_FILE_SUPER_JOURNAL ? SIM_WORLD_PATH "-updates"
	                                        : SIM_WORLD_PATH;
}

/* A write that goes astray lands in the sector that the fault names, as part of the file as it is now. */
static uint64_t sim_strike_astray(const struct sim_world *world, const struct sim_fault *fault,
                                  const struct vfs_call *call) {
	uint64_t sector = world->plan->settings.sector_size_bytes;
	uint64_t sectors = sim_strike_file_size(world, call->path) / sector + 1;
	return sectors * fault->bytes / 65536 * sector;
}

/* What the fault wants of this call, but for offsets. False when no operating system could do that to it: a lie that is none
 * here, an error that this very call cannot have. An effect that the call cannot have becomes the failure before it (S8). */
static bool sim_strike_shape(const struct sim_fault *fault, const struct vfs_call *call, struct vfs_answer *answer) {
	*answer = (struct vfs_answer){.effect = fault->effect,
	                              .result = sim_fault_code(fault, call->method),
	                              .mask = (uint8_t)fault->mask,
	                              .die = fault->kind == SIM_FAULT_KILL || fault->kind == SIM_FAULT_POWER_LOSS};
	if (call->method == VFS_METHOD_WRITE && fault->effect == VFS_EFFECT_PARTIAL) {
		answer->partial_bytes = (uint32_t)(call->size * fault->bytes / 65536);
	}
	if (sim_fault_effect_fits(fault->kind, call->method, fault->effect) && vfs_answer_is_legal(call, answer)) {
		return true;
	}
	if (answer->die) {
		/* Death needs no failure: at a call that has neither before nor after, the process just dies. */
		answer->effect = vfs_effect_row(call->method)->dying != 0 ? VFS_EFFECT_BEFORE : VFS_EFFECT_NONE;
		return true;
	}
	answer->effect = VFS_EFFECT_BEFORE;
	return sim_fault_effect_fits(fault->kind, call->method, VFS_EFFECT_BEFORE) && vfs_answer_is_legal(call, answer);
}

/* Whether the kind says how a call ends; otherwise it changes the world around it. */
static bool sim_strike_is_answer(enum sim_fault_kind kind) {
	return sim_fault_row(kind)->effects != 0;
}

static bool sim_strike_matches(const struct sim_fault *fault, const struct vfs_call *call) {
	const struct sim_fault_row *row = sim_fault_row(fault->kind);
	struct vfs_answer answer;
	if ((row->methods & (1u << call->method)) == 0 ||
	    (fault->method != VFS_METHOD_NONE && fault->method != call->method)) {
		return false;
	}
	if (fault->file_kind != VFS_FILE_NONE && fault->file_kind != call->file_kind) {
		return false;
	}
	return !sim_strike_is_answer(fault->kind) || sim_strike_shape(fault, call, &answer);
}

/* Of several processes, only one may be meant. */
static bool sim_strike_is_aimed(const struct sim_world *world, const struct sim_fault *fault) {
	return fault->process[0] == '\0' ||
	       (world->process_name != NULL && strcmp(world->process_name, fault->process) == 0);
}

static void sim_strike_reach_torn(struct sim_world *world, const struct vfs_call *call) {
	sim_world_reach(world, SIM_PROBE_KILL_IN_WRITE);
	if (call->file_kind == VFS_FILE_WAL) {
		sim_world_reach(world, SIM_PROBE_TORN_WAL);
	}
}

/* What the world has to know of a lie: from now on what is stored may be wrong, and the subject must notice (docs/contracts.md section 3). */
static void sim_strike_lied(struct sim_world *world, const struct sim_fault *fault) {
	static const enum sim_probe probes[SIM_FAULT_KIND_COUNT] = {
	        [SIM_FAULT_LYING_SYNC] = SIM_PROBE_SYNC_LIED,
	        [SIM_FAULT_LOST_WRITE] = SIM_PROBE_WRITE_DROPPED,
	        [SIM_FAULT_MISDIRECTED_WRITE] = SIM_PROBE_WRITE_MISDIRECTED,
	        [SIM_FAULT_FLIPPED_READ] = SIM_PROBE_READ_FLIPPED,
	        [SIM_FAULT_STALE_READ] = SIM_PROBE_READ_STALE,
	};
	sim_world_reach(world, probes[fault->kind]);
	world->lied_sync |= fault->kind == SIM_FAULT_LYING_SYNC;
	world->lied |= fault->kind != SIM_FAULT_LYING_SYNC;
	world->ever_damaged |= fault->kind != SIM_FAULT_LYING_SYNC;
}

/* With ext4_data a sync that failed says so only to the next one: until then it has lied. */
static void sim_strike_failed(struct sim_world *world, const struct vfs_call *call) {
	if (call->method == VFS_METHOD_SYNC) {
		sim_world_reach(world, SIM_PROBE_SYNC_FAILED);
		world->lied_sync |= world->plan->settings.sync_model == VFS_SYNC_EXT4_DATA;
	}
}

static void sim_strike_reach_answer(struct sim_world *world, const struct sim_fault *fault, const struct vfs_call *call,
                                    const struct vfs_answer *answer) {
	bool torn = answer->effect == VFS_EFFECT_PARTIAL && call->method == VFS_METHOD_WRITE;
	if (answer->die) {
		sim_strike_crash(world, fault, call);
	}
	if (answer->die && torn) {
		sim_strike_reach_torn(world, call);
	}
	if (fault->kind == SIM_FAULT_IO_ERROR) {
		sim_world_reach(world, SIM_PROBE_IO_ERROR);
		sim_strike_failed(world, call);
	} else if (fault->kind == SIM_FAULT_BUSY) {
		sim_world_reach(world, SIM_PROBE_BUSY);
	} else if (fault->kind == SIM_FAULT_READ_ONLY) {
		sim_world_reach(world, SIM_PROBE_OPENED_READ_ONLY);
	} else if (!sim_fault_row(fault->kind)->within_assumptions) {
		sim_strike_lied(world, fault);
	}
}

/* What a process has read once it may not read again: outside SQLite's assumptions, as a stale read is. False when the file has
 * nothing in memory that is not on the medium: then a kernel may drop it at any time, and nobody can tell. */
static bool sim_strike_evict_open(struct sim_world *world, const struct vfs_call *call) {
	if (!vfs_disk_can_evict(world->disk, call->path) || vfs_disk_evict(world->disk, call->path) != VFS_OK) {
		return false;
	}
	world->lied = true;
	world->ever_damaged = true;
	sim_world_reach(world, SIM_PROBE_PAGES_EVICTED);
	return true;
}

/* A kind that changes the world and lets the call be. False when it could not now. */
static bool sim_strike_change(struct sim_world *world, const struct sim_fault *fault, const struct vfs_call *call) {
	if (fault->kind == SIM_FAULT_EVICT_AT_READ && !sim_strike_evict_open(world, call)) {
		return false;
	}
	if (fault->kind == SIM_FAULT_LOCK_HELD && !sim_strike_hold(world, fault)) {
		return false;
	}
	sim_strike_report(world, fault);
	if (fault->kind == SIM_FAULT_CAPACITY) {
		vfs_disk_set_capacity(world->disk, vfs_disk_used_bytes(world->disk) + fault->bytes + 1);
		world->capacity_until_ns = world->now_ns + (int64_t)fault->duration_ns;
	} else if (fault->kind == SIM_FAULT_LATENCY || fault->kind == SIM_FAULT_PAUSE) {
		world->now_ns += (int64_t)fault->duration_ns;
		sim_world_reach(world, fault->kind == SIM_FAULT_PAUSE ? SIM_PROBE_PAUSED : SIM_PROBE_LATENCY);
	}
	return true;
}

/* Does what a due fault does. False when it could not strike now. */
static bool sim_strike_do(struct sim_world *world, const struct sim_fault *fault, const struct vfs_call *call,
                          struct vfs_answer *answer) {
	if (!sim_strike_is_answer(fault->kind)) {
		return sim_strike_change(world, fault, call);
	}
	sim_strike_report(world, fault);
	sim_strike_shape(fault, call, answer);
	answer->past = world->past;
	if (answer->effect == VFS_EFFECT_MISDIRECTED) {
		answer->offset = sim_strike_astray(world, fault, call);
	} else if (answer->effect == VFS_EFFECT_FLIPPED) {
		answer->offset = call->size * fault->bytes / 65536;
	}
	sim_strike_reach_answer(world, fault, call, answer);
	return true;
}

static void sim_strike_ask(struct sim_world *world, const struct vfs_call *call, struct vfs_answer *answer) {
	bool done = false;
	for (uint32_t i = 0; i < world->armed_count; i++) {
		const struct sim_fault *fault = &world->plan->faults[world->armed[i]];
		struct sim_strike *strike = &world->strikes[world->armed[i]];
		if (!sim_strike_matches(fault, call) || !sim_strike_is_aimed(world, fault)) {
			continue;
		}
		if (strike->to_go > 1) {
			strike->to_go--;
			continue;
		}
		strike->to_go = 1;
		if (answer->effect != VFS_EFFECT_NONE || answer->die || !sim_strike_do(world, fault, call, answer)) {
			continue;
		}
		strike->state = SIM_STRIKE_STRIKING;
		if (strike->times_left != SIM_FAULT_FOR_EVER && --strike->times_left == 0) {
			strike->state = SIM_STRIKE_DONE;
			done = true;
		}
	}
	if (done) {
		sim_strike_disarm_done(world);
	}
}

/* A disk whose syncs lie does so whatever the plan's faults do, and until the end. */
static void sim_strike_lie(struct sim_world *world, const struct vfs_call *call, struct vfs_answer *answer) {
	uint32_t percent = world->plan->settings.lies_percent;
	bool sync = call->method == VFS_METHOD_SYNC || (call->method == VFS_METHOD_DELETE && (call->flags & 1) != 0);
	if (percent == 0 || !sync || answer->effect != VFS_EFFECT_NONE || answer->die ||
	    !sim_pcg32_percent(&world->lie_chance, percent)) {
		return;
	}
	answer->effect = VFS_EFFECT_LIE;
	answer->result = SQLITE_OK;
	sim_world_reach(world, SIM_PROBE_SYNC_LIED);
	sim_world_note(world, SIM_EVENT_FAULT, SIM_FAULT_NONE, VFS_EFFECT_LIE, "a sync that lies: nothing is stored");
}

static void sim_strike_before(void *context, const struct vfs_call *call, struct vfs_answer *answer) {
	struct sim_world *world = context;
	world->now_ns += SIM_WORLD_CALL_NS;
	if (call->process != world->process) {
		return;
	}
	if (world->hold != NULL || world->capacity_until_ns != 0) {
		sim_strike_end_due(world);
	}
	if (++world->calls > SIM_WORLD_CALLS_MAX) {
		world->livelock = true;
		answer->die = true;
		return;
	}
	if (world->armed_count > 0 && !world->faults_over && !world->quiet) {
		sim_strike_ask(world, call, answer);
	}
	sim_strike_lie(world, call, answer);
}

static void sim_strike_after(void *context, const struct vfs_call *call, int result, uint64_t value) {
	struct sim_world *world = context;
	if (call->process != world->process) {
		return;
	}
	struct sim_event event = {
	        .kind = SIM_EVENT_CALL, .code = (uint32_t)call->method, .time_ns = (uint64_t)world->now_ns};
	event.numbers[0] = (uint64_t)call->file_kind;
	event.numbers[1] = call->offset;
	event.numbers[2] = call->size;
	event.numbers[3] = call->flags;
	event.numbers[4] = (uint64_t)(unsigned)result;
	event.numbers[5] = call->data != NULL ? sim_trace_hash_bytes(call->data, (size_t)call->size) : value;
	sim_trace_add(world->trace, &event, NULL);
	if (result == SQLITE_BUSY && world->hold != NULL) {
		world->waited_for_lock = true;
		sim_world_reach(world, SIM_PROBE_BUSY);
	}
	if (result == SQLITE_FULL) {
		world->disk_was_full = true;
		sim_world_reach(world, SIM_PROBE_DISK_FULL);
	}
}

static void sim_strike_died(void *context, struct vfs_process *process) {
	struct sim_world *world = context;
	if (process == world->process) {
		sim_world_note(world, SIM_EVENT_CRASH, (uint32_t)world->just_died, world->starting, NULL);
	}
}

static int64_t sim_strike_now(void *context) {
	return ((struct sim_world *)context)->now_ns;
}

static void sim_strike_sleep(void *context, int64_t duration_ns) {
	((struct sim_world *)context)->now_ns += duration_ns;
}

static void sim_strike_random(void *context, void *buffer, size_t size_bytes) {
	sim_pcg32_fill(&((struct sim_world *)context)->system_chance, buffer, size_bytes);
}

static void sim_strike_reach_choice(struct sim_world *world, enum vfs_choice choice, uint64_t count, uint64_t pick) {
	if ((choice == VFS_CHOICE_NAMES && pick + 1 < count) || (choice == VFS_CHOICE_NAME && pick == 0)) {
		sim_world_reach(world, SIM_PROBE_NAME_LOST);
	} else if ((choice == VFS_CHOICE_FILE || choice == VFS_CHOICE_WRITE) && pick == 0) {
		sim_world_reach(world, SIM_PROBE_WRITE_LOST);
	} else if (choice == VFS_CHOICE_WRITE) {
		sim_world_reach(world, pick == 2   ? SIM_PROBE_TORN_WRITE
		                       : pick == 3 ? SIM_PROBE_SIZE_ONLY
		                                   : SIM_PROBE_NONE);
	} else if (choice == VFS_CHOICE_SECTOR && pick == 2) {
		sim_world_reach(world, SIM_PROBE_TORN_SECTOR);
	} else if (choice == VFS_CHOICE_GARBAGE) {
		sim_world_reach(world, SIM_PROBE_GARBAGE);
	}
}

/* Whole outcomes are as likely as mixtures: uniform choices would almost never lose or keep everything. */
uint64_t sim_strike_choose(void *context, enum vfs_choice choice, uint64_t count) {
	struct sim_world *world = context;
	uint64_t pick = sim_pcg32_below(&world->disk_chance, (uint32_t)count);
	if (choice == VFS_CHOICE_NAMES && sim_pcg32_percent(&world->disk_chance, 40)) {
		pick = count - 1;
	}
	sim_strike_reach_choice(world, choice, count, pick);
	struct sim_event event = {
	        .kind = SIM_EVENT_CHOICE, .code = (uint32_t)choice, .time_ns = (uint64_t)world->now_ns};
	event.numbers[0] = count;
	event.numbers[1] = pick;
	sim_trace_add(world->trace, &event, NULL);
	return pick;
}

void sim_strike_hooks(struct sim_world *world, struct vfs_hooks *hooks) {
	*hooks = (struct vfs_hooks){.context = world,
	                            .before = sim_strike_before,
	                            .after = sim_strike_after,
	                            .died = sim_strike_died,
	                            .now_ns = sim_strike_now,
	                            .sleep = sim_strike_sleep,
	                            .random = sim_strike_random,
	                            .chooser = sim_strike_choose};
}

/* ---- damage ---------------------------------------------------------------------------------------------------------- */

struct sim_strike_target {
	const char *path;
	const struct sim_fault *fault;
	bool found;
	uint64_t offset;
};

static void sim_strike_aim(void *context, const char *path, const struct vfs_inode *inode) {
	struct sim_strike_target *target = context;
	uint64_t size_bytes = vfs_disk_size(inode);
	if (strcmp(path, target->path) == 0 && size_bytes > 0) {
		target->offset = size_bytes * target->fault->bytes / 65536;
		target->found = target->fault->aim != SIM_AIM_ROWS ||
		                sim_damage_aim_at_rows(inode, target->fault->bytes, &target->offset);
	}
}

static void sim_strike_damage_at(struct sim_world *world, const struct sim_fault *fault, uint64_t offset) {
	const char *path = sim_strike_path(fault->file_kind);
	uint32_t sector = world->plan->settings.sector_size_bytes;
	if (fault->kind == SIM_FAULT_BIT_FLIP) {
		vfs_disk_flip(world->disk, path, offset, (uint8_t)fault->mask);
	} else if (fault->kind == SIM_FAULT_ZERO) {
		vfs_disk_zero(world->disk, path, offset / sector * sector, sector);
	} else if (fault->kind == SIM_FAULT_UNREADABLE) {
		vfs_disk_break(world->disk, path, offset, 1);
		world->unreadable = true;
		sim_world_reach(world, SIM_PROBE_SECTOR_UNREADABLE);
	} else {
		/* An empty database file is a new one, and nothing in it can tell. SQLite's unix VFS reports a file of one byte as
		 * empty, too (os_unix.c 3.40, unixFileSize). */
		vfs_disk_cut(world->disk, path, offset < 2 ? 2 : offset);
	}
}

/* Within what may happen to a file that nobody has open. */
static bool sim_strike_evict(struct sim_world *world, const struct sim_fault *fault) {
	if (vfs_disk_evict(world->disk, sim_strike_path(fault->file_kind)) != VFS_OK) {
		return false;
	}
	/* As at a power loss, what a lying sync kept back is gone. */
	world->lied |= world->lied_sync;
	world->ever_damaged |= world->lied_sync;
	sim_world_reach(world, SIM_PROBE_PAGES_EVICTED);
	sim_strike_report(world, fault);
	return true;
}

/* False when there is nothing to damage yet: the fault stays due. */
static bool sim_strike_damage_file(struct sim_world *world, const struct sim_fault *fault) {
	struct sim_strike_target target = {.path = sim_strike_path(fault->file_kind), .fault = fault};
	vfs_disk_visit(world->disk, sim_strike_aim, &target);
	if (!target.found || fault->kind == SIM_FAULT_EVICT) {
		return target.found && sim_strike_evict(world, fault);
	}
	sim_strike_damage_at(world, fault, target.offset);
	world->damaged = true;
	world->ever_damaged = true;
	world->damaged_log |= fault->file_kind != VFS_FILE_DB;
	sim_strike_report(world, fault);
	return true;
}

void sim_strike_damage(struct sim_world *world, uint32_t number) {
	for (uint32_t i = 0; i < world->plan->fault_count && !world->faults_over; i++) {
		const struct sim_fault *fault = &world->plan->faults[i];
		bool due = sim_fault_row(fault->kind)->place == SIM_PLACE_START && fault->moment_number <= number;
		if (due && world->strikes[i].state == SIM_STRIKE_IDLE && sim_strike_damage_file(world, fault)) {
			world->strikes[i].state = SIM_STRIKE_DONE;
		}
	}
}

/* ---- allocations ----------------------------------------------------------------------------------------------------- */

static bool sim_strike_allocation(void *context) {
	struct sim_world *world = context;
	bool fails = false;
	for (uint32_t i = 0; i < world->armed_allocation_count && !world->faults_over; i++) {
		uint32_t number = world->armed_allocations[i];
		struct sim_strike *strike = &world->strikes[number];
		bool aimed = sim_strike_is_aimed(world, &world->plan->faults[number]);
		if (!aimed || strike->state == SIM_STRIKE_DONE || strike->to_go-- > 1) {
			continue;
		}
		strike->to_go = 1;
		fails = true;
		sim_strike_report(world, &world->plan->faults[number]);
		sim_world_reach(world, SIM_PROBE_OUT_OF_MEMORY);
		strike->state = --strike->times_left == 0 ? SIM_STRIKE_DONE : SIM_STRIKE_STRIKING;
	}
	return fails;
}

void sim_strike_watch_memory(struct sim_world *world, bool on) {
	bool asked = on && world->armed_allocation_count > 0 && !world->faults_over;
	sim_memory_watch(asked ? sim_strike_allocation : NULL, world);
}
