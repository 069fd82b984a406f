/* sim/strike.c: faults meet calls. Every VFS call of the subject passes sim_strike_before() and sim_strike_after().
 *
 * The order at a call: virtual time moves, lasting faults whose time is over end, then the armed faults are asked in the
 * order of the plan. Every matching fault counts the call; the first that is due decides what happens to it. */
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

void sim_strike_arm(struct sim_world *world, enum sim_moment moment, uint32_t number) {
	for (uint32_t i = 0; i < world->plan->fault_count; i++) {
		const struct sim_fault *fault = &world->plan->faults[i];
		struct sim_strike *strike = &world->strikes[i];
		bool at_call = sim_fault_row(fault->kind)->methods != 0;
		if (at_call && strike->state == SIM_STRIKE_IDLE && fault->moment == moment &&
		    fault->moment_number == number) {
			strike->state = SIM_STRIKE_ARMED;
			strike->to_go = fault->operation;
			strike->times_left = fault->times;
			world->armed[world->armed_count++] = i;
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

static bool sim_strike_matches(const struct sim_fault *fault, const struct vfs_call *call) {
	const struct sim_fault_row *row = sim_fault_row(fault->kind);
	if ((row->methods & (1u << call->method)) == 0) {
		return false;
	}
	/* Giving a lock back is never "busy". */
	if (fault->kind == SIM_FAULT_BUSY && call->method == VFS_METHOD_SHM_LOCK &&
	    (call->flags & SQLITE_SHM_LOCK) == 0) {
		return false;
	}
	return (fault->method == VFS_METHOD_NONE || fault->method == call->method) &&
	       (fault->file_kind == VFS_FILE_NONE || fault->file_kind == call->file_kind);
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

static enum vfs_effect sim_strike_effect(const struct sim_fault *fault, const struct vfs_call *call) {
	bool cannot_fail = call->method == VFS_METHOD_CLOSE || call->method == VFS_METHOD_SLEEP ||
	                   call->method == VFS_METHOD_SHM_BARRIER;
	if (cannot_fail) {
		return VFS_EFFECT_NONE;
	}
	return sim_fault_effect_fits(fault->kind, call->method, fault->effect) ? fault->effect : VFS_EFFECT_BEFORE;
}

static void sim_strike_reach_torn(struct sim_world *world, const struct vfs_call *call) {
	sim_world_reach(world, SIM_PROBE_KILL_IN_WRITE);
	if (call->file_kind == VFS_FILE_WAL) {
		sim_world_reach(world, SIM_PROBE_TORN_WAL);
	}
}

static void sim_strike_answer(struct sim_world *world, const struct sim_fault *fault, const struct vfs_call *call,
                              struct vfs_answer *answer) {
	answer->effect = sim_strike_effect(fault, call);
	answer->result = sim_fault_code(fault->kind, call->method);
	answer->die = fault->kind == SIM_FAULT_KILL || fault->kind == SIM_FAULT_POWER_LOSS;
	bool torn = answer->effect == VFS_EFFECT_PARTIAL && call->method == VFS_METHOD_WRITE;
	if (torn) {
		answer->partial_bytes = (uint32_t)(call->size * fault->bytes / 65536);
	}
	if (answer->die) {
		sim_strike_crash(world, fault, call);
	}
	if (answer->die && torn) {
		sim_strike_reach_torn(world, call);
	}
	if (fault->kind == SIM_FAULT_IO_ERROR) {
		sim_world_reach(world, SIM_PROBE_IO_ERROR);
	} else if (fault->kind == SIM_FAULT_BUSY) {
		sim_world_reach(world, SIM_PROBE_BUSY);
	}
}

/* Does what a due fault does. False when it could not strike now. */
static bool sim_strike_do(struct sim_world *world, const struct sim_fault *fault, const struct vfs_call *call,
                          struct vfs_answer *answer) {
	if (fault->kind == SIM_FAULT_LOCK_HELD && !sim_strike_hold(world, fault)) {
		return false;
	}
	sim_strike_report(world, fault);
	if (fault->kind == SIM_FAULT_CAPACITY) {
		vfs_disk_set_capacity(world->disk, vfs_disk_used_bytes(world->disk) + fault->bytes + 1);
		world->capacity_until_ns = world->now_ns + (int64_t)fault->duration_ns;
	} else if (fault->kind == SIM_FAULT_LATENCY) {
		world->now_ns += (int64_t)fault->duration_ns;
		sim_world_reach(world, SIM_PROBE_LATENCY);
	} else if (fault->kind != SIM_FAULT_LOCK_HELD) {
		sim_strike_answer(world, fault, call, answer);
	}
	return true;
}

static void sim_strike_ask(struct sim_world *world, const struct vfs_call *call, struct vfs_answer *answer) {
	bool done = false;
	for (uint32_t i = 0; i < world->armed_count; i++) {
		const struct sim_fault *fault = &world->plan->faults[world->armed[i]];
		struct sim_strike *strike = &world->strikes[world->armed[i]];
		if (!sim_strike_matches(fault, call)) {
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
	if (world->armed_count > 0 && !world->faults_over) {
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

struct sim_strike_size {
	const char *path;
	const struct sim_fault *fault;
	uint64_t size_bytes; /* 0: nothing to damage */
	uint64_t offset;
};

static void sim_strike_measure(void *context, const char *path, const struct vfs_inode *inode) {
	struct sim_strike_size *size = context;
	if (strcmp(path, size->path) == 0) {
		size->size_bytes = vfs_disk_size(inode);
		size->offset = size->size_bytes * size->fault->bytes / 65536;
		if (size->fault->aim == SIM_AIM_ROWS &&
		    !sim_damage_aim_at_rows(inode, size->fault->bytes, &size->offset)) {
			size->size_bytes = 0;
		}
	}
}

static const char *sim_strike_path(enum vfs_file_kind kind) {
	return kind == VFS_FILE_WAL       ? SIM_WORLD_PATH "-wal"
	       : kind == VFS_FILE_JOURNAL ? SIM_WORLD_PATH "-journal"
	                                  : SIM_WORLD_PATH;
}

/* False when there is nothing to damage yet: the fault stays due. */
static bool sim_strike_damage_file(struct sim_world *world, const struct sim_fault *fault) {
	struct sim_strike_size size = {.path = sim_strike_path(fault->file_kind), .fault = fault};
	vfs_disk_visit(world->disk, sim_strike_measure, &size);
	if (size.size_bytes == 0) {
		return false;
	}
	uint64_t offset = size.offset;
	uint32_t sector = world->plan->settings.sector_size_bytes;
	if (fault->kind == SIM_FAULT_BIT_FLIP) {
		vfs_disk_flip(world->disk, size.path, offset, (uint8_t)fault->mask);
	} else if (fault->kind == SIM_FAULT_ZERO) {
		vfs_disk_zero(world->disk, size.path, offset / sector * sector, sector);
	} else {
		/* An empty database file is a new one, and nothing in it can tell. SQLite's unix VFS reports a file of one byte as
		 * empty, too (os_unix.c 3.40, unixFileSize). */
		vfs_disk_cut(world->disk, size.path, offset < 2 ? 2 : offset);
	}
	world->damaged = true;
	world->ever_damaged = true;
	world->damaged_log |= fault->file_kind != VFS_FILE_DB;
	sim_strike_report(world, fault);
	return true;
}

void sim_strike_damage(struct sim_world *world, uint32_t number) {
	for (uint32_t i = 0; i < world->plan->fault_count && !world->faults_over; i++) {
		const struct sim_fault *fault = &world->plan->faults[i];
		bool due = sim_fault_row(fault->kind)->methods == 0 && fault->moment_number <= number;
		if (due && world->strikes[i].state == SIM_STRIKE_IDLE && sim_strike_damage_file(world, fault)) {
			world->strikes[i].state = SIM_STRIKE_DONE;
		}
	}
}
