/* sim/world/branch_beside.c: the crash states of several processes. See branch.h.
 *
 * Where one process dies and others live on, the state is not on the disk alone: it is in their
 * memory, too. So each state is played by an operating-system process of its own. At the point the
 * run forks. The child suffers the crash, goes on without faults and further steps of the plan to
 * the end of the run, with the judge of the run, and reports. The run itself waits for it, and does
 * not notice. */
#include "branch_inside.h"

#include "ended.h"
#include "inject.h"
#include "process.h"
#include "world.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static enum sim_crash sim_beside_crash(const struct sim_crash_state *state) {
	return sim_crash_state_is_kill(state) ? SIM_CRASH_KILL : SIM_CRASH_POWER_LOSS;
}

/* Only the process that makes the call dies. */
static bool sim_beside_is_alone(const struct sim_crash_state *state) {
	return state->kind == SIM_CRASH_STATE_KILL || state->kind == SIM_CRASH_STATE_KILL_HALF;
}

/* NULL: nobody looks at this process now. */
static struct sim_branches *sim_beside_of(const struct sim_process *process) {
	struct sim_branches *branches = process->world->branches;
	return process->coroutine != NULL && !branches->beside.is_life ? branches : NULL;
}

static bool sim_beside_collects(const struct sim_process *process) {
	const struct sim_branches *branches = sim_beside_of(process);
	return branches != NULL && branches->beside.moments[process->number].collects &&
	       !vfs_process_is_dead(process->vfs);
}

/* This part explores the moment of the process. */
static bool sim_beside_is_ours(const struct sim_process *process) {
	const struct sim_branches *branches = process->world->branches;
	return branches->beside.numbers[process->number] % branches->options.parts == branches->options.part;
}

/* ---- the life of a state --------------------------------------------------------------------- */

/* In the child: nothing strikes any more, and nobody begins a further step. */
static void sim_beside_enter(struct sim_branches *branches, struct sim_world *world,
                             const struct sim_crash_state *state) {
	const struct sim_branch_teller *teller = branches->teller;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	branches->beside.is_life = true;
	branches->beside.state = *state;
	branches->beside.restarts = world->result->restarts;
	branches->violation = (struct sim_violation){0};
	world->violation = &branches->violation;
	world->until_event = 0;
	world->steps_over = !state->writes_more;
	sim_world_end_faults(world);
	sim_trace_begin(world->trace, branches->options.only != NULL ? branches->out : NULL);
	sim_trace_label(world->trace, world->running != NULL ? world->running->name : NULL);
	if (teller != NULL) {
		sim_trace_listen(world->trace, teller->event, teller->context);
	}
}

static void sim_beside_leave(void *context, struct vfs_disk *disk) {
	struct sim_world *world = context;
	const struct sim_branches *branches = world->branches;
	const struct sim_crash_state all = {.kind = SIM_CRASH_STATE_ALL};
	bool is_kill = branches->beside.state.kind == SIM_CRASH_STATE_KILL_ALL;
	sim_branch_apply(branches, world, is_kill ? &all : &branches->beside.state, is_kill ? NULL : branches->teller,
	                 disk);
}

static bool sim_beside_all_dead(struct sim_world *world, enum sim_crash *crash) {
	struct sim_branches *branches = world->branches;
	if (!branches->beside.is_life || sim_beside_is_alone(&branches->beside.state)) {
		return false;
	}
	*crash = sim_beside_crash(&branches->beside.state);
	sim_machine_lose_power_by(world, sim_beside_leave, world);
	return true;
}

/* In the child: it says what became of the state, and ends. */
static void sim_beside_ended(struct sim_world *world) {
	struct sim_branches *branches = world->branches;
	struct sim_branch_report *report = branches->beside.report;
	if (!branches->beside.is_life) {
		return;
	}
	report->violation = branches->violation;
	report->loaded = world->result->restarts > branches->beside.restarts;
	report->failed = world->result->verdict == SIM_HARNESS_FAILED;
	if (report->failed) {
		memcpy(report->violation.detail, world->result->detail, sizeof report->violation.detail);
	}
	report->is_whole = true;
	if (branches->options.only != NULL) {
		fflush(NULL);
	}
	_exit(0);
}

/* ---- the run, which waits for it ------------------------------------------------------------- */

/* Of its number, whatever signals come. */
static int sim_beside_wait(pid_t pid) {
	int status = 0;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
	}
	return status;
}

/* A child that has not come to its end: its subject has crashed it. */
static void sim_beside_note_crash(struct sim_branch_report *report, int status) {
	struct sim_violation *violation = &report->violation;
	char ended[SIM_ENDED_TEXT_SIZE];
	*violation = (struct sim_violation){0};
	(void)sim_verdict_violated(violation, "subject_crashed", "%s", sim_ended_text(status, ended));
}

static void sim_beside_take_report(struct sim_branches *branches, struct sim_world *world,
                                   const struct sim_branch_point *point, const char *path) {
	const struct sim_branch_report *report = branches->beside.report;
	if (report->failed) {
		sim_world_harness_failed(world, report->violation.detail);
		return;
	}
	branches->totals.loaded += report->loaded ? 1 : 0;
	branches->violation = report->violation;
	if (branches->violation.invariant[0] != '\0') {
		sim_branch_take_found(branches, point, path);
	}
}

static bool sim_beside_get_ready(struct sim_branches *branches) {
	struct sim_branch_beside *beside = &branches->beside;
	if (beside->report == NULL) {
		void *memory =
		        mmap(NULL, sizeof *beside->report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		beside->report = memory != MAP_FAILED ? memory : NULL;
		branches->totals.out_of_memory |= memory == MAP_FAILED;
	}
	return beside->report != NULL;
}

/* The reader and SQLite come to different pages: nobody has to live for that. */
static void sim_beside_disagree(struct sim_branches *branches, const struct sim_branch_point *point, const char *path) {
	const struct sim_branch_asked *asked = &branches->beside.asked;
	branches->violation = (struct sim_violation){0};
	(void)sim_verdict_violated(&branches->violation, asked->violated, "%s", asked->text);
	sim_branch_take_found(branches, point, path);
}

/* Plays the state: true in the child, which is to suffer the crash; false in the run, when it is
 * over. */
static bool sim_beside_play(struct sim_branches *branches, struct sim_world *world,
                            const struct sim_branch_point *point, const struct sim_crash_state *state,
                            const char *path) {
	struct sim_branch_totals *totals = &branches->totals;
	if (!sim_beside_get_ready(branches)) {
		return false;
	}
	memset(branches->beside.report, 0, sizeof *branches->beside.report);
	totals->beside += sim_beside_is_alone(state) && sim_process_count_alive(world) > 1 ? 1 : 0;
	if (branches->options.only != NULL) {
		fflush(NULL);
	}
	pid_t pid = fork();
	if (pid == 0) {
		sim_beside_enter(branches, world, state);
		return true;
	}
	if (pid < 0) {
		totals->out_of_memory = true;
		return false;
	}
	int status = sim_beside_wait(pid);
	if (!branches->beside.report->is_whole) {
		sim_beside_note_crash(branches->beside.report, status);
	}
	sim_beside_take_report(branches, world, point, path);
	return false;
}

/* ---- states of a point ----------------------------------------------------------------------- */

/* The reader and SQLite recover the image on the disk of the world. It is looked at again where
 * other states are admissible: that costs less than a life. */
static void sim_beside_ask(struct sim_branches *branches, struct sim_process *process) {
	struct sim_world *world = process->world;
	sim_branch_keep_generator();
	sim_inject_watch_memory(process, false);
	branches->asks = branches->image;
	sim_branch_ask(branches, world, &branches->beside.asked);
	sim_branch_take_asked(branches, &branches->beside.asked);
	sim_inject_watch_memory(process, process->watched);
	sim_branch_put_generator_back(world);
}

enum sim_beside_image {
	SIM_BESIDE_NEW = 0,
	SIM_BESIDE_DUPLICATE, /* it came already, and the same states were admissible */
	SIM_BESIDE_ALIKE,     /* what it is recovered to did */
};

/* The image that all find who start behind this crash. An engine's own journal is no part of what
 * is recovered, so images of engines are never alike. */
static enum sim_beside_image sim_beside_image(struct sim_process *process, const struct sim_branch_point *point,
                                              const struct sim_crash_state *state) {
	struct sim_world *world = process->world;
	struct sim_branches *branches = world->branches;
	enum sim_crash crash = sim_beside_crash(state);
	const struct sim_work *work = world->work;
	/* The last one keeps the moments of two parts apart: how many parts there are changes
	 * nothing. */
	const uint64_t known[] = {branches->moment, work->admits != NULL ? work->admits(world) : 0,
	                          branches->beside.numbers[process->number]};
	struct vfs_disk *kept = world->disk;
	struct vfs_disk *disk = vfs_disk_snapshot(kept);
	if (disk == NULL) {
		branches->totals.out_of_memory = true;
		return SIM_BESIDE_DUPLICATE;
	}
	if (!sim_crash_state_is_kill(state)) {
		sim_branch_apply(branches, world, state, NULL, disk);
	}
	world->disk = disk;
	branches->levels[0].admissible = sim_trace_hash_bytes(known, sizeof known);
	bool is_new = sim_branch_is_new(branches, world, point, crash, state->writes_more);
	if (is_new || branches->options.only != NULL) {
		sim_beside_ask(branches, process);
	}
	world->disk = kept;
	vfs_disk_destroy(disk);
	uint64_t content = world->plan->sql_scenario != NULL ? branches->beside.asked.content : 0;
	bool is_alike = is_new && content != 0 && !sim_branch_is_new_content(branches, world, point, state, content);
	return !is_new ? SIM_BESIDE_DUPLICATE : is_alike ? SIM_BESIDE_ALIKE : SIM_BESIDE_NEW;
}

/* True in the child. */
static bool sim_beside_judge(struct sim_process *process, const struct sim_branch_point *point,
                             const struct sim_crash_state *state) {
	struct sim_world *world = process->world;
	struct sim_branches *branches = world->branches;
	const struct sim_branch_moment *moment = &branches->beside.moments[process->number];
	char path[SIM_BRANCH_PATH_SIZE];
	branches->beside.asked = (struct sim_branch_asked){0};
	enum sim_beside_image image =
	        sim_beside_is_alone(state) ? SIM_BESIDE_NEW : sim_beside_image(process, point, state);
	branches->totals.states++;
	branches->totals.duplicates += image == SIM_BESIDE_DUPLICATE ? 1 : 0;
	if (image == SIM_BESIDE_DUPLICATE && branches->options.only == NULL) {
		return false;
	}
	sim_branch_path(moment, point, state, path);
	if (branches->teller != NULL) {
		sim_branch_tell_point(branches, world, moment, point, state);
	}
	if (!sim_branch_goes_on(branches, path)) {
		return false;
	}
	branches->totals.judged++;
	branches->totals.kills += sim_crash_state_is_kill(state) ? 1 : 0;
	branches->totals.alike += image == SIM_BESIDE_ALIKE ? 1 : 0;
	if (branches->beside.asked.violated != NULL) {
		sim_beside_disagree(branches, point, path);
		return false;
	}
	return image != SIM_BESIDE_ALIKE && sim_beside_play(branches, world, point, state, path);
}

/* The crash itself, in the child. */
static void sim_beside_suffer(struct sim_process *process, const struct sim_branch_point *point,
                              const struct sim_crash_state *state) {
	process->phase = point->phase;
	sim_process_die(process, sim_beside_is_alone(state) ? SIM_CRASH_KILL : SIM_CRASH_POWER_LOSS);
}

static bool sim_beside_try(struct sim_process *process, const struct sim_branch_point *point,
                           const struct sim_crash_state *state) {
	bool is_child = sim_beside_judge(process, point, state);
	if (is_child) {
		sim_beside_suffer(process, point, state);
	}
	return is_child;
}

static void sim_beside_try_all(struct sim_process *process, const struct sim_branch_point *point) {
	struct sim_branches *branches = process->world->branches;
	bool writes_more = branches->options.writes_more;
	const struct sim_crash_state kill = {.kind = SIM_CRASH_STATE_KILL, .writes_more = writes_more};
	const struct sim_crash_state kill_all = {.kind = SIM_CRASH_STATE_KILL_ALL, .writes_more = writes_more};
	struct sim_crash_state state = {.kind = SIM_CRASH_STATE_NONE, .writes_more = writes_more};
	struct sim_crash_state_pending pending;
	if (!sim_branch_pending(branches, process->world->disk, &pending) || sim_beside_try(process, point, &kill) ||
	    sim_beside_try(process, point, &kill_all)) {
		return;
	}
	do {
		if (sim_beside_try(process, point, &state)) {
			return;
		}
	} while (!branches->totals.is_partial && sim_crash_state_next(&pending, &branches->options.bounds, &state));
}

static void sim_beside_explore_point(struct sim_process *process, const struct sim_branch_point *point) {
	struct sim_world *world = process->world;
	struct sim_branches *branches = world->branches;
	const struct sim_branch_moment *moment = &branches->beside.moments[process->number];
	struct sim_crash_state state;
	if (branches->options.counts) {
		branches->totals.points[point->phase]++;
		/* And the death of all. */
		branches->totals.states += sim_branch_count(branches, point, world->disk) + 1;
	} else if (!sim_beside_is_ours(process)) {
		return;
	} else if (branches->options.only == NULL) {
		branches->totals.points[point->phase]++;
		sim_beside_try_all(process, point);
	} else if (sim_branch_asks_for(branches, moment, point, &state) && state.kind != SIM_CRASH_STATE_KILL_HALF) {
		(void)sim_beside_try(process, point, &state);
	}
}

/* ---- moments --------------------------------------------------------------------------------- */

static void sim_beside_begin(struct sim_process *process, const char *kind, uint32_t number) {
	struct sim_world *world = process->world;
	struct sim_branches *branches = sim_beside_of(process);
	if (branches == NULL) {
		return;
	}
	struct sim_branch_moment *moment = &branches->beside.moments[process->number];
	const struct sim_branch_point point = {.owed = world->owed};
	branches->moment++;
	branches->totals.moments++;
	branches->totals.is_of_several = true;
	branches->beside.numbers[process->number] = branches->moment;
	moment->collects = !world->ended && sim_branch_goes_on(branches, "");
	sim_branch_moment_begin(moment, kind, number, false);
	if (sim_beside_collects(process)) {
		sim_beside_explore_point(process, &point);
	}
}

static void sim_beside_calling(struct sim_process *process, const struct vfs_call *call) {
	if (sim_beside_collects(process)) {
		process->world->branches->beside.moments[process->number].phase = vfs_phase_of(call);
	}
}

/* The point behind this call, which is the next one in its phase. */
static struct sim_branch_point sim_beside_point(const struct sim_process *process, const struct vfs_call *call,
                                                uint32_t ordinal) {
	const struct sim_world *world = process->world;
	struct sim_branch_point point = {.owed = world->owed,
	                                 .phase = world->branches->beside.moments[process->number].phase,
	                                 .ordinal = ordinal};
	sim_branch_point_note(&point, call);
	return point;
}

/* The death in the middle of a write must be in time for it. */
static void sim_beside_answering(struct sim_process *process, const struct vfs_call *call, struct vfs_answer *answer) {
	struct sim_world *world = process->world;
	struct sim_branches *branches = world->branches;
	bool is_write = call->method == VFS_METHOD_WRITE && call->size > 1 && answer->effect == VFS_EFFECT_NONE;
	if (!is_write || answer->die || !sim_beside_collects(process) || branches->options.counts ||
	    !sim_beside_is_ours(process)) {
		return;
	}
	const struct sim_branch_moment *moment = &branches->beside.moments[process->number];
	const struct sim_branch_point point = sim_beside_point(process, call, moment->ordinals[moment->phase] + 1);
	struct sim_crash_state state = {.kind = SIM_CRASH_STATE_KILL_HALF,
	                                .writes_more = branches->options.writes_more};
	bool is_asked_for = branches->options.only == NULL || (sim_branch_asks_for(branches, moment, &point, &state) &&
	                                                       state.kind == SIM_CRASH_STATE_KILL_HALF);
	if (is_asked_for && sim_beside_judge(process, &point, &state)) {
		process->phase = point.phase;
		world->just_died = SIM_CRASH_KILL;
		*answer = (struct vfs_answer){
		        .effect = VFS_EFFECT_PARTIAL, .partial_bytes = (uint32_t)(call->size / 2), .die = true};
	}
}

static void sim_beside_called(struct sim_process *process, const struct vfs_call *call, int result) {
	if (!sim_beside_collects(process) || !sim_crash_state_changes_disk(call, result)) {
		return;
	}
	struct sim_branch_moment *moment = &process->world->branches->beside.moments[process->number];
	uint32_t ordinal = ++moment->ordinals[moment->phase];
	const struct sim_branch_point point = sim_beside_point(process, call, ordinal);
	sim_beside_explore_point(process, &point);
}

static void sim_beside_explore(struct sim_process *process) {
	struct sim_branches *branches = sim_beside_of(process);
	if (branches != NULL) {
		branches->beside.moments[process->number].collects = false;
	}
}

const struct sim_branching sim_branch_beside = {.begin = sim_beside_begin,
                                                .calling = sim_beside_calling,
                                                .called = sim_beside_called,
                                                .explore = sim_beside_explore,
                                                .answering = sim_beside_answering,
                                                .all_dead = sim_beside_all_dead,
                                                .ended = sim_beside_ended};
