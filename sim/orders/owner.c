/* sim/orders/owner.c: two engines on one database. A second process takes over while the first is alive and idle; later the former
 * one wakes up and is given an update, or is stopped in the ordinary way.
 *
 *   runs ──takeover──▶ former ──wake──▶ answers: must be fenced, and show what it showed (S16)
 *                        │ └───retire──▶ closes: no file of the owner's may change
 *                        └─ no start succeeded since ──wake──▶ runs again: nobody has taken its place
 *
 * While the former one is awake it stands in the place of the process, so that the faults of that step strike it. Whatever the
 * crash, the machine is one: a power loss ends both, a kill only the one that it strikes. */
#include "owner.h"

#include <string.h>

/* ---- the former one in the place of the process ------------------------------------------------------------------------ */

static void sim_owner_swap(struct sim_world *world) {
	struct vfs_process *process = world->process;
	void *instance = world->instance;
	world->process = world->former.process;
	world->instance = world->former.instance;
	world->former.process = process;
	world->former.instance = instance;
}

/* Closes and frees it, whatever its process can still do. */
static void sim_owner_forget(struct sim_world *world) {
	if (world->former.instance != NULL) {
		world->subject->stop(world->former.instance);
	}
	vfs_process_destroy(world->former.process);
	world->former = (struct sim_former){0};
}

void sim_owner_end(struct sim_world *world) {
	if (world->former.process != NULL) {
		vfs_process_kill(world->former.process);
		sim_owner_forget(world);
	}
}

/* It died in its own step. The world is as before the swap. */
static void sim_owner_died(struct sim_world *world) {
	if (world->just_died != SIM_CRASH_POWER_LOSS) {
		world->just_died = SIM_CRASH_NONE;
		sim_owner_forget(world);
		if (world->livelock) {
			sim_verdict_violated(&world->judge->violation, "progress_after_faults",
			                     "more than %u VFS calls in one step of the former engine",
			                     SIM_WORLD_CALLS_MAX);
			world->ended = true;
		}
		return;
	}
	if (world->process == NULL) {
		sim_owner_swap(world);
		world->former = (struct sim_former){0};
	} else {
		vfs_process_kill(world->process);
	}
	sim_life_bury(world);
}

/* ---- what it may not do ------------------------------------------------------------------------------------------------ */

/* What all files hold. */
struct sim_owner_files {
	uint64_t hash;
	bool hot_journal;
};

static void sim_owner_hash_file(void *context, const char *path, const struct vfs_inode *inode) {
	struct sim_owner_files *files = context;
	unsigned char buffer[4096];
	uint64_t size = vfs_disk_size(inode);
	size_t got = 0;
	files->hash = (files->hash ^ sim_trace_hash_bytes(path, strlen(path)) ^ size) * 0x9e3779b97f4a7c15u;
	for (uint64_t offset = 0; offset < size; offset += sizeof buffer) {
		vfs_disk_read(inode, offset, buffer, sizeof buffer, &got);
		files->hash = (files->hash ^ sim_trace_hash_bytes(buffer, got)) * 0x9e3779b97f4a7c15u;
		/* A journal that was played back or committed is gone, cut, or begins with zeros. */
		files->hot_journal |= offset == 0 && strstr(path, "-journal") != NULL && buffer[0] != 0;
	}
}

/* The files of an owner that is running are nobody else's, but for a hot journal, which is there for whoever comes first. False when
 * nothing can be demanded. */
static bool sim_owner_look(const struct sim_world *world, struct sim_owner_files *files) {
	*files = (struct sim_owner_files){0};
	if (!world->former.replaced || world->instance == NULL || world->undefined) {
		return false;
	}
	vfs_disk_visit(world->disk, sim_owner_hash_file, files);
	return !files->hot_journal;
}

static void sim_owner_judge_files(struct sim_world *world, const struct sim_owner_files *before, const char *when) {
	struct sim_owner_files after;
	if (!world->ended && sim_owner_look(world, &after) && after.hash != before->hash) {
		sim_verdict_violated(&world->judge->violation, "one_owner",
		                     "the former engine changed files when it was %s", when);
		world->ended = true;
	}
}

static void sim_owner_reach(struct sim_world *world, const struct subject_reply *reply) {
	switch (reply->outcome) {
	case SUBJECT_STOPPED:
		sim_world_reach(world, SIM_PROBE_FORMER_FENCED);
		break;
	case SUBJECT_UNCHANGED:
	case SUBJECT_LATER:
		sim_world_reach(world, SIM_PROBE_FORMER_DECLINED);
		break;
	case SUBJECT_OUTCOME_NONE:
	case SUBJECT_ACKNOWLEDGED:
	case SUBJECT_REFUSED:
	case SUBJECT_IN_DOUBT:
		break;
	}
}

/* The former one is in the place of the process and has answered. */
static void sim_owner_judge_answer(struct sim_world *world, uint32_t report, const struct subject_reply *reply) {
	const struct sim_judge_former former = {
	        .length = world->former.length,
	        .undone_count = world->former.undone_count,
	        .may_doubt = world->undefined,
	};
	sim_world_note(world, SIM_EVENT_OUTCOME, (uint32_t)reply->outcome, reply->version, reply->reason);
	sim_view_take(world->view, world->subject, world->instance);
	world->ended = !sim_judge_former_answered(world->judge, &former, report, reply) ||
	               !sim_judge_former_memory(world->judge, &former, world->view);
	if (!world->ended) {
		sim_owner_reach(world, reply);
	}
}

/* ---- steps ------------------------------------------------------------------------------------------------------------- */

void sim_owner_started(struct sim_world *world) {
	world->former.replaced = world->former.process != NULL;
}

void sim_owner_retire(struct sim_world *world) {
	if (world->former.process == NULL) {
		return;
	}
	struct sim_owner_files files;
	bool compared = sim_owner_look(world, &files);
	world->calls = 0;
	sim_owner_swap(world);
	sim_strike_watch_memory(world, true);
	world->subject->stop(world->instance);
	sim_strike_watch_memory(world, false);
	world->instance = NULL;
	sim_world_note(world, SIM_EVENT_STOP, 1, 0, "the former engine");
	bool died = vfs_process_is_dead(world->process);
	sim_owner_swap(world);
	if (died) {
		sim_owner_died(world);
		return;
	}
	sim_world_reach(world, world->former.replaced ? SIM_PROBE_FORMER_RETIRED : SIM_PROBE_NONE);
	if (compared) {
		sim_owner_judge_files(world, &files, "stopped");
	}
	sim_owner_forget(world);
}

void sim_owner_take_over(struct sim_world *world) {
	sim_owner_retire(world);
	if (world->ended || !sim_life_start(world, 2)) {
		return;
	}
	world->former =
	        (struct sim_former){.length = world->judge->chain_length, .undone_count = world->judge->undone_count};
	sim_owner_swap(world);
	if (sim_life_start(world, 2) && world->former.process != NULL) {
		sim_world_reach(world, SIM_PROBE_TAKEOVER);
	}
}

void sim_owner_wake(struct sim_world *world, uint32_t report) {
	const struct subject_step step = sim_delivery_step(&world->plan->reports[report]);
	struct subject_reply reply = {0};
	if (world->former.process == NULL) {
		return;
	}
	if (!world->former.replaced) {
		/* No start of the second engine succeeded: the first one is the owner still, and may serve. */
		sim_owner_swap(world);
		world->former = (struct sim_former){0};
		sim_world_reach(world, SIM_PROBE_FORMER_IS_OWNER);
		if (sim_delivery_may_send(world, report)) {
			sim_world_send(world, report);
		}
		return;
	}
	struct sim_owner_files files;
	bool compared = sim_owner_look(world, &files);
	world->calls = 0;
	sim_owner_swap(world);
	sim_strike_watch_memory(world, true);
	world->subject->step(world->instance, &step, &reply);
	sim_strike_watch_memory(world, false);
	bool died = vfs_process_is_dead(world->process);
	if (!died) {
		sim_owner_judge_answer(world, report, &reply);
	}
	sim_owner_swap(world);
	if (died) {
		sim_owner_died(world);
		return;
	}
	if (compared) {
		sim_owner_judge_files(world, &files, "given an update");
	}
}
