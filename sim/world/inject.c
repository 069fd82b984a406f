/* sim/world/inject.c: see inject.h. The order at a call: virtual time moves, lasting faults whose
 * time is over end, then the armed faults are asked in the order of the plan. Every matching fault
 * counts the call; the first that is due decides what happens to it. */
#include "inject.h"

#include "damage.h"
#include "memory.h"
#include "outside.h"

#include <sqlite3.h>
#include <string.h>

void sim_inject_name_call(const struct vfs_call *call, enum vfs_phase phase, char text[SIM_INJECT_CALL_SIZE]) {
	if (call->file_kind == VFS_FILE_NONE) {
		snprintf(text, SIM_INJECT_CALL_SIZE, "%s, %s", vfs_method_name(call->method), vfs_phase_name(phase));
	} else {
		snprintf(text, SIM_INJECT_CALL_SIZE, "%s of the %s, %s", vfs_method_name(call->method),
		         vfs_file_kind_name(call->file_kind), vfs_phase_name(phase));
	}
}

/* The sentence of a fault, and where it struck. */
static void sim_inject_print(const struct sim_fault *fault, const struct sim_process *process,
                             const struct vfs_call *call, char *text, size_t size) {
	char where[SIM_INJECT_CALL_SIZE];
	sim_fault_print(fault, text);
	if (process != NULL && call != NULL) {
		size_t used = strlen(text);
		sim_inject_name_call(call, process->phase, where);
		snprintf(text + used, size - used, " (%s)", where);
	}
}

/* What struck in which phase: deaths apart from everything else. */
static void sim_inject_count_phase(struct sim_process *process, const struct sim_fault *fault,
                                   const struct vfs_call *call) {
	struct sim_run_result *result = process->world->result;
	process->phase = vfs_phase_of(call);
	if (fault->kind == SIM_FAULT_KILL || fault->kind == SIM_FAULT_POWER_LOSS) {
		result->phases.crashes[process->phase]++;
		result->phases.crashes_in_starts += process->starting ? 1 : 0;
	} else {
		result->phases.faults[process->phase]++;
	}
}

/* `process` and `call`: where it struck; NULL for what strikes at no call. */
static void sim_inject_report(struct sim_world *world, const struct sim_fault *fault, struct sim_process *process,
                              const struct vfs_call *call) {
	char text[SIM_FAULT_TEXT_SIZE + SIM_INJECT_CALL_SIZE + 4];
	if (process != NULL && call != NULL) {
		sim_inject_count_phase(process, fault, call);
	}
	world->result->faults++;
	world->result->struck[fault->kind]++;
	bool printed = sim_trace_is_printed(world->trace) != 0;
	if (printed) {
		sim_inject_print(fault, process, call, text, sizeof text);
	}
	sim_world_note(world, SIM_EVENT_FAULT, (uint32_t)fault->kind, (uint64_t)fault->effect, printed ? text : NULL);
}

static void sim_inject_arm_one(struct sim_world *world, uint32_t number) {
	const struct sim_fault *fault = &world->plan->faults[number];
	struct sim_injection *injection = &world->injections[number];
	injection->state = SIM_INJECTION_ARMED;
	bool by_phase = fault->phase != VFS_PHASE_NONE;
	injection->patience = by_phase ? SIM_FAULT_PATIENCE_CALLS : 0;
	injection->to_go = by_phase ? fault->occurrence : fault->operation;
	injection->times_left = fault->times;
	if (sim_fault_row(fault->kind)->place == SIM_PLACE_ALLOCATION) {
		world->armed_allocations[world->armed_allocation_count++] = number;
		return;
	}
	world->armed[world->armed_count++] = number;
	if (fault->kind == SIM_FAULT_STALE_READ && world->past == NULL) {
		world->past = vfs_disk_snapshot(world->disk);
	}
	if (fault->kind == SIM_FAULT_REPLACE) {
		sim_outside_copy_for(world, number);
	}
}

/* From the last steps on nobody waits for a phase any more: there would be no calls left to go by
 * number. */
static void sim_inject_give_up_waiting(struct sim_world *world) {
	for (uint32_t i = 0; i < world->armed_count; i++) {
		const struct sim_fault *fault = &world->plan->faults[world->armed[i]];
		struct sim_injection *injection = &world->injections[world->armed[i]];
		if (injection->patience > 0 && injection->state == SIM_INJECTION_ARMED && fault->operation > 0) {
			injection->patience = 0;
			injection->to_go = fault->operation;
		}
	}
}

void sim_inject_arm(struct sim_world *world, enum sim_moment moment, uint32_t number) {
	for (uint32_t i = 0; i < world->plan->fault_count; i++) {
		const struct sim_fault *fault = &world->plan->faults[i];
		struct sim_injection *injection = &world->injections[i];
		bool due = injection->state == SIM_INJECTION_IDLE && fault->moment == moment &&
		           fault->moment_number == number;
		enum sim_fault_place place = sim_fault_row(fault->kind)->place;
		if (due && place != SIM_PLACE_START && place != SIM_PLACE_COPY) {
			sim_inject_arm_one(world, i);
		}
	}
	sim_outside_copy(world, moment, number);
	if (moment == SIM_MOMENT_STEP && number + SIM_FAULT_LAST_STEPS >= world->plan->step_count) {
		sim_inject_give_up_waiting(world);
	}
}

static void sim_inject_disarm_done(struct sim_world *world) {
	uint32_t kept = 0;
	for (uint32_t i = 0; i < world->armed_count; i++) {
		if (world->injections[world->armed[i]].state != SIM_INJECTION_DONE) {
			world->armed[kept++] = world->armed[i];
		}
	}
	world->armed_count = kept;
}

static void sim_inject_crash(struct sim_process *process, const struct sim_fault *fault, const struct vfs_call *call) {
	struct sim_world *world = process->world;
	bool kill = fault->kind == SIM_FAULT_KILL;
	world->just_died = kill ? SIM_CRASH_KILL : SIM_CRASH_POWER_LOSS;
	sim_world_reach(world, kill ? SIM_PROBE_KILL : SIM_PROBE_POWER_LOSS);
	sim_world_reach_if(world, process->starting, SIM_PROBE_CRASH_IN_RECOVERY);
	sim_world_reach_if(world, process->starting && world->crash_while_starting, SIM_PROBE_NESTED_CRASH);
	world->crash_while_starting = process->starting;
	bool wal = sim_machine_journal_mode(world) == SIM_JOURNAL_WAL;
	if (wal && !process->starting && call->file_kind == VFS_FILE_DB &&
	    (call->method == VFS_METHOD_WRITE || call->method == VFS_METHOD_SYNC)) {
		sim_world_reach(world, SIM_PROBE_CRASH_IN_CHECKPOINT);
	}
}

/* What files hold, by path; of files that are there. */
struct sim_inject_size {
	const char *path;
	uint64_t size_bytes;
};

static void sim_inject_measure(void *context, const char *path, const struct vfs_inode *inode) {
	struct sim_inject_size *size = context;
	if (strcmp(path, size->path) == 0) {
		size->size_bytes = vfs_disk_size(inode);
	}
}

static uint64_t sim_inject_file_size(const struct sim_world *world, const char *path) {
	struct sim_inject_size size = {.path = path};
	vfs_disk_visit(world->disk, sim_inject_measure, &size);
	return size.size_bytes;
}

static const char *sim_inject_path(enum vfs_file_kind kind) {
	/* SQLite has no super-journal with one database; the engine's own journal is opened as
	 * one. */
	return kind == VFS_FILE_WAL             ? SIM_WORLD_PATH "-wal"
	       : kind == VFS_FILE_JOURNAL       ? SIM_WORLD_PATH "-journal"
	       : kind == VFS_FILE_SUPER_JOURNAL ? SIM_WORLD_PATH "-updates"
	                                        : SIM_WORLD_PATH;
}

/* A write that goes astray lands in the sector that the fault names, as part of the file as it is
 * now. */
static uint64_t sim_inject_astray(const struct sim_world *world, const struct sim_fault *fault,
                                  const struct vfs_call *call) {
	uint64_t sector = world->plan->settings.sector_size_bytes;
	uint64_t sectors = sim_inject_file_size(world, call->path) / sector + 1;
	return sectors * fault->bytes / 65536 * sector;
}

/* What the fault wants of this call, but for offsets. False when no operating system could do that
 * to it: a lie that is none here, an error that this very call cannot have. An effect that the call
 * cannot have becomes the failure before it (S8). */
static bool sim_inject_shape(const struct sim_fault *fault, const struct vfs_call *call, struct vfs_answer *answer) {
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
		/* Death needs no failure: at a call that has neither before nor after, the process
		 * just dies. */
		answer->effect = vfs_effect_row(call->method)->dying != 0 ? VFS_EFFECT_BEFORE : VFS_EFFECT_NONE;
		return true;
	}
	answer->effect = VFS_EFFECT_BEFORE;
	return sim_fault_effect_fits(fault->kind, call->method, VFS_EFFECT_BEFORE) && vfs_answer_is_legal(call, answer);
}

/* Whether the kind says how a call ends; otherwise it changes the world around it. */
static bool sim_inject_is_answer(enum sim_fault_kind kind) {
	return sim_fault_row(kind)->effects != 0;
}

static bool sim_inject_matches(const struct sim_fault *fault, const struct vfs_call *call) {
	const struct sim_fault_row *row = sim_fault_row(fault->kind);
	struct vfs_answer answer;
	if ((row->methods & (1u << call->method)) == 0 ||
	    (fault->method != VFS_METHOD_NONE && fault->method != call->method)) {
		return false;
	}
	if (fault->file_kind != VFS_FILE_NONE && fault->file_kind != call->file_kind) {
		return false;
	}
	return !sim_inject_is_answer(fault->kind) || sim_inject_shape(fault, call, &answer);
}

/* Of several processes, only one may be meant. */
static bool sim_inject_is_aimed(const struct sim_process *process, const struct sim_fault *fault) {
	return fault->process[0] == '\0' || (process->name != NULL && strcmp(process->name, fault->process) == 0);
}

static void sim_inject_reach_torn(struct sim_world *world, const struct vfs_call *call) {
	sim_world_reach(world, SIM_PROBE_KILL_IN_WRITE);
	if (call->file_kind == VFS_FILE_WAL) {
		sim_world_reach(world, SIM_PROBE_TORN_WAL);
	}
}

/* Which files the life may have read something old of, and not only something broken. A flipped bit
 * ends a log early, and on page 1 of a database it may hide the WAL. */
static void sim_inject_doubt(struct sim_process *process, const struct sim_fault *fault, const struct vfs_call *call) {
	bool is_page = call->file_kind == VFS_FILE_DB && call->offset > 0;
	bool is_misread = fault->kind == SIM_FAULT_STALE_READ || fault->kind == SIM_FAULT_FLIPPED_READ;
	process->misread |= is_misread ? 1u << call->file_kind : 0;
	if (fault->kind == SIM_FAULT_STALE_READ || fault->kind == SIM_FAULT_EVICT_AT_READ) {
		process->doubted = UINT32_MAX;
	} else if (fault->kind == SIM_FAULT_FLIPPED_READ && !is_page) {
		process->doubted |= 1u << call->file_kind;
	}
}

/* What the world has to know of a lie: from now on what is stored may be wrong, and the subject
 * must notice (docs/contracts.md section 3). */
static void sim_inject_lied(struct sim_process *process, const struct sim_fault *fault, const struct vfs_call *call) {
	struct sim_world *world = process->world;
	static const enum sim_probe probes[SIM_FAULT_KIND_COUNT] = {
	        [SIM_FAULT_LYING_SYNC] = SIM_PROBE_SYNC_LIED,
	        [SIM_FAULT_LOST_WRITE] = SIM_PROBE_WRITE_DROPPED,
	        [SIM_FAULT_MISDIRECTED_WRITE] = SIM_PROBE_WRITE_MISDIRECTED,
	        [SIM_FAULT_FLIPPED_READ] = SIM_PROBE_READ_FLIPPED,
	        [SIM_FAULT_STALE_READ] = SIM_PROBE_READ_STALE,
	};
	sim_world_reach(world, probes[fault->kind]);
	sim_inject_doubt(process, fault, call);
	process->miswrote |= fault->kind == SIM_FAULT_LOST_WRITE || fault->kind == SIM_FAULT_MISDIRECTED_WRITE;
	world->owed.lied_sync |= fault->kind == SIM_FAULT_LYING_SYNC;
	world->owed.lied |= fault->kind != SIM_FAULT_LYING_SYNC;
	world->owed.ever_damaged |= fault->kind != SIM_FAULT_LYING_SYNC;
}

static void sim_inject_failed(struct sim_world *world, const struct vfs_call *call) {
	if (call->method == VFS_METHOD_SYNC) {
		sim_world_reach(world, SIM_PROBE_SYNC_FAILED);
		sim_owed_note_failed_sync(&world->owed, &world->plan->settings, call);
	}
}

static void sim_inject_reach_answer(struct sim_process *process, const struct sim_fault *fault,
                                    const struct vfs_call *call, const struct vfs_answer *answer) {
	struct sim_world *world = process->world;
	bool torn = answer->effect == VFS_EFFECT_PARTIAL && call->method == VFS_METHOD_WRITE;
	if (answer->die) {
		sim_inject_crash(process, fault, call);
	}
	process->failures += fault->kind != SIM_FAULT_BUSY;
	if (answer->die && torn) {
		sim_inject_reach_torn(world, call);
	}
	if (fault->kind == SIM_FAULT_IO_ERROR) {
		sim_world_reach(world, SIM_PROBE_IO_ERROR);
		sim_inject_failed(world, call);
	} else if (fault->kind == SIM_FAULT_BUSY) {
		sim_world_reach(world, SIM_PROBE_BUSY);
	} else if (fault->kind == SIM_FAULT_READ_ONLY) {
		process->impaired = true;
		sim_world_reach(world, SIM_PROBE_OPENED_READ_ONLY);
	} else if (!sim_fault_row(fault->kind)->within_assumptions) {
		sim_inject_lied(process, fault, call);
	}
}

/* What a process has read once it may not read again: outside SQLite's assumptions, as a stale read
 * is. False when the file has nothing in memory that is not on the medium: then a kernel may drop
 * it at any time, and nobody can tell. */
static bool sim_inject_evict_open(struct sim_world *world, const struct vfs_call *call) {
	if (!vfs_disk_can_evict(world->disk, call->path) || vfs_disk_evict(world->disk, call->path) != VFS_OK) {
		return false;
	}
	world->owed.lied = true;
	world->owed.ever_damaged = true;
	sim_world_reach(world, SIM_PROBE_PAGES_EVICTED);
	return true;
}

/* What close(2) of a file does to the locks of a process on it; or, on all files, fork(2). False
 * when it has none now. */
static bool sim_inject_take_locks(struct sim_process *process, const struct sim_fault *fault,
                                  const struct vfs_call *call) {
	struct sim_world *world = process->world;
	bool forks = fault->kind == SIM_FAULT_FORK;
	if (!vfs_process_drop_locks(process->vfs, forks ? NULL : call->path, forks ? VFS_FILE_NONE : call->file_kind)) {
		return false;
	}
	if (sim_settings_lock_style(world->plan->settings.locks, process->number) == VFS_LOCKS_POSIX) {
		sim_owed_note_unlocked(&world->owed, &world->plan->settings);
	}
	sim_world_reach(world, forks ? SIM_PROBE_FORKED : SIM_PROBE_LOCKS_DROPPED);
	return true;
}

/* A kind that changes the world and lets the call be. False when it could not now. */
static bool sim_inject_change(struct sim_process *process, const struct sim_fault *fault, const struct vfs_call *call) {
	struct sim_world *world = process->world;
	if (fault->kind == SIM_FAULT_EVICT_AT_READ && !sim_inject_evict_open(world, call)) {
		return false;
	}
	if (sim_fault_is_from_outside(fault->kind) &&
	    !sim_outside_strike_open(process, (uint32_t)(fault - world->plan->faults), call)) {
		return false;
	}
	if (sim_fault_takes_locks(fault->kind) && !sim_inject_take_locks(process, fault, call)) {
		return false;
	}
	if (fault->kind == SIM_FAULT_LOCK_HELD && !sim_machine_hold_lock(world, (int64_t)fault->duration_ns)) {
		return false;
	}
	sim_inject_report(world, fault, process, call);
	sim_inject_doubt(process, fault, call);
	if (fault->kind == SIM_FAULT_CAPACITY) {
		vfs_disk_set_capacity(world->disk, vfs_disk_used_bytes(world->disk) + fault->bytes + 1);
		world->capacity_until_ns = world->now_ns + (int64_t)fault->duration_ns;
	} else if (fault->kind == SIM_FAULT_LATENCY || fault->kind == SIM_FAULT_PAUSE) {
		world->now_ns += (int64_t)fault->duration_ns;
		sim_world_reach(world, fault->kind == SIM_FAULT_PAUSE ? SIM_PROBE_PAUSED : SIM_PROBE_LATENCY);
	}
	return true;
}

/* Does what a due fault does. False when it could not be injected now. */
static bool sim_inject_do(struct sim_process *process, const struct sim_fault *fault, const struct vfs_call *call,
                          struct vfs_answer *answer) {
	struct sim_world *world = process->world;
	if (!sim_inject_is_answer(fault->kind)) {
		return sim_inject_change(process, fault, call);
	}
	sim_inject_report(world, fault, process, call);
	sim_inject_shape(fault, call, answer);
	answer->past = world->past;
	if (answer->effect == VFS_EFFECT_MISDIRECTED) {
		answer->offset = sim_inject_astray(world, fault, call);
	} else if (answer->effect == VFS_EFFECT_FLIPPED) {
		answer->offset = call->size * fault->bytes / 65536;
	}
	sim_inject_reach_answer(process, fault, call, answer);
	return true;
}

/* Whether a call that matches is the one that the fault waits for. A fault that has waited too long
 * for its phase goes by its operation, counted from here. `phase` is that of the call once somebody
 * has asked. */
static bool sim_inject_is_due(const struct sim_fault *fault, struct sim_injection *injection,
                              const struct vfs_call *call, enum vfs_phase *phase) {
	bool by_phase = injection->patience > 0;
	if (by_phase && *phase == VFS_PHASE_NONE) {
		*phase = vfs_phase_of(call);
	}
	bool counts = !by_phase || *phase == fault->phase;
	if (counts && injection->to_go > 1) {
		injection->to_go--;
		counts = false;
	} else if (counts) {
		injection->to_go = 1;
	}
	bool waits = by_phase && !counts && injection->state == SIM_INJECTION_ARMED && fault->operation > 0;
	if (waits && --injection->patience == 0) {
		injection->to_go = fault->operation;
	}
	return counts;
}

static void sim_inject_ask(struct sim_process *process, const struct vfs_call *call, struct vfs_answer *answer) {
	struct sim_world *world = process->world;
	enum vfs_phase phase = VFS_PHASE_NONE;
	bool done = false;
	for (uint32_t i = 0; i < world->armed_count; i++) {
		const struct sim_fault *fault = &world->plan->faults[world->armed[i]];
		struct sim_injection *injection = &world->injections[world->armed[i]];
		if (!sim_inject_matches(fault, call) || !sim_inject_is_aimed(process, fault) ||
		    !sim_inject_is_due(fault, injection, call, &phase)) {
			continue;
		}
		if (answer->effect != VFS_EFFECT_NONE || answer->die || !sim_inject_do(process, fault, call, answer)) {
			continue;
		}
		injection->state = SIM_INJECTION_INJECTING;
		if (injection->times_left != SIM_FAULT_FOR_EVER && --injection->times_left == 0) {
			injection->state = SIM_INJECTION_DONE;
			done = true;
		}
	}
	if (done) {
		sim_inject_disarm_done(world);
	}
}

/* A disk whose syncs lie does so whatever the plan's faults do, and until the end. */
static void sim_inject_lie(struct sim_world *world, const struct vfs_call *call, struct vfs_answer *answer) {
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

void sim_inject_before(struct sim_process *process, const struct vfs_call *call, struct vfs_answer *answer) {
	struct sim_world *world = process->world;
	world->now_ns += sim_machine_call_ns(world);
	if (world->hold != NULL || world->capacity_until_ns != 0) {
		sim_machine_end_due(world);
	}
	if (++process->calls > SIM_WORLD_CALLS_MAX) {
		process->livelocked = true;
		answer->die = true;
		return;
	}
	if (world->armed_count > 0 && !world->faults_over && !world->injection_paused) {
		sim_inject_ask(process, call, answer);
	}
	sim_inject_lie(world, call, answer);
}

void sim_inject_after(struct sim_process *process, const struct vfs_call *call, int result, uint64_t value) {
	struct sim_world *world = process->world;
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

/* ---- damage ---------------------------------------------------------------------------------- */

struct sim_inject_target {
	const char *path;
	const struct sim_fault *fault;
	bool found;
	uint64_t offset;
};

static void sim_inject_aim(void *context, const char *path, const struct vfs_inode *inode) {
	struct sim_inject_target *target = context;
	uint64_t size_bytes = vfs_disk_size(inode);
	if (strcmp(path, target->path) == 0 && size_bytes > 0) {
		target->offset = size_bytes * target->fault->bytes / 65536;
		target->found = target->fault->aim != SIM_AIM_ROWS ||
		                sim_damage_aim_at_rows(inode, target->fault->bytes, &target->offset);
	}
}

static enum vfs_status sim_inject_damage_at(struct sim_world *world, const struct sim_fault *fault, uint64_t offset) {
	const char *path = sim_inject_path(fault->file_kind);
	uint32_t sector = world->plan->settings.sector_size_bytes;
	if (fault->kind == SIM_FAULT_BIT_FLIP) {
		return vfs_disk_flip(world->disk, path, offset, (uint8_t)fault->mask);
	}
	if (fault->kind == SIM_FAULT_ZERO) {
		return vfs_disk_zero(world->disk, path, offset / sector * sector, sector);
	}
	if (fault->kind == SIM_FAULT_UNREADABLE) {
		world->owed.unreadable = true;
		sim_world_reach(world, SIM_PROBE_SECTOR_UNREADABLE);
		return vfs_disk_break(world->disk, path, offset, 1);
	}
	/* An empty database file is a new one, and nothing in it can tell. SQLite's unix VFS
	 * reports a file of one byte as empty, too (os_unix.c 3.40, unixFileSize). */
	return vfs_disk_cut(world->disk, path, offset < 2 ? 2 : offset);
}

/* Within what may happen to a file that nobody has open. */
static bool sim_inject_evict(struct sim_world *world, const struct sim_fault *fault) {
	if (vfs_disk_evict(world->disk, sim_inject_path(fault->file_kind)) != VFS_OK) {
		return false;
	}
	sim_owed_note_eviction(&world->owed, &world->plan->settings, fault->file_kind);
	sim_world_reach(world, SIM_PROBE_PAGES_EVICTED);
	sim_inject_report(world, fault, NULL, NULL);
	return true;
}

/* False when there is nothing to damage yet: the fault stays due. */
static bool sim_inject_damage_file(struct sim_world *world, const struct sim_fault *fault) {
	struct sim_inject_target target = {.path = sim_inject_path(fault->file_kind), .fault = fault};
	vfs_disk_visit(world->disk, sim_inject_aim, &target);
	if (!target.found || fault->kind == SIM_FAULT_EVICT) {
		return target.found && sim_inject_evict(world, fault);
	}
	if (sim_inject_damage_at(world, fault, target.offset) != VFS_OK) {
		/* The file is there and has bytes: only memory can be missing, and then nothing may
		 * be said of the run. */
		(void)sim_world_harness_failed(world, "out of memory for damage");
		return false;
	}
	sim_owed_note_damage(&world->owed, fault);
	world->owed.ever_damaged = true;
	world->owed.damaged_files |= 1u << fault->file_kind;
	/* A rollback journal takes back what was not committed: without it there is a mixture, and
	 * never an older state. */
	world->owed.damaged_log |= fault->file_kind == VFS_FILE_WAL || fault->file_kind == VFS_FILE_SUPER_JOURNAL;
	sim_inject_report(world, fault, NULL, NULL);
	return true;
}

static bool sim_inject_from_outside(struct sim_world *world, uint32_t fault_number) {
	if (!sim_outside_strike(world, fault_number)) {
		return false;
	}
	sim_inject_report(world, &world->plan->faults[fault_number], NULL, NULL);
	return true;
}

/* Whether a fault that strikes files between two lives is due before start `number`. */
static bool sim_inject_is_due_at_start(struct sim_world *world, uint32_t fault_number, uint32_t number) {
	const struct sim_fault *fault = &world->plan->faults[fault_number];
	if (sim_fault_row(fault->kind)->place == SIM_PLACE_COPY) {
		return sim_outside_is_due(world, fault_number);
	}
	return sim_fault_row(fault->kind)->place == SIM_PLACE_START && fault->moment_number <= number &&
	       world->injections[fault_number].state == SIM_INJECTION_IDLE;
}

void sim_inject_damage(struct sim_world *world, uint32_t number) {
	for (uint32_t i = 0; i < world->plan->fault_count && !world->faults_over; i++) {
		const struct sim_fault *fault = &world->plan->faults[i];
		bool due = sim_inject_is_due_at_start(world, i, number);
		if (due && (sim_fault_is_from_outside(fault->kind) ? sim_inject_from_outside(world, i)
		                                                   : sim_inject_damage_file(world, fault))) {
			world->injections[i].state = SIM_INJECTION_DONE;
		}
	}
}

/* ---- allocations ----------------------------------------------------------------------------- */

static bool sim_inject_allocation(void *context) {
	struct sim_process *process = context;
	struct sim_world *world = process->world;
	bool fails = false;
	for (uint32_t i = 0; i < world->armed_allocation_count && !world->faults_over; i++) {
		uint32_t number = world->armed_allocations[i];
		struct sim_injection *injection = &world->injections[number];
		bool aimed = sim_inject_is_aimed(process, &world->plan->faults[number]);
		if (!aimed || injection->state == SIM_INJECTION_DONE || injection->to_go-- > 1) {
			continue;
		}
		injection->to_go = 1;
		fails = true;
		process->failures++;
		sim_inject_report(world, &world->plan->faults[number], NULL, NULL);
		sim_world_reach(world, SIM_PROBE_OUT_OF_MEMORY);
		injection->state = --injection->times_left == 0 ? SIM_INJECTION_DONE : SIM_INJECTION_INJECTING;
	}
	return fails;
}

void sim_inject_watch_memory(struct sim_process *process, bool on) {
	const struct sim_world *world = process->world;
	bool asked = on && world->armed_allocation_count > 0 && !world->faults_over;
	sim_memory_watch(asked ? sim_inject_allocation : NULL, process);
}
