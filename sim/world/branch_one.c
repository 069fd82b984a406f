/* sim/world/branch_one.c: the crash states of one process: points; the life of a state; then what
 * process.c calls. See branch.h. */
#include "branch_inside.h"

#include "inject.h"
#include "process.h"

#include <assert.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

/* Starts that are tried on one state. Nothing fails there, so the first one succeeds, or is
 * refused. */
#define SIM_BRANCH_STARTS 3u
#define SIM_BRANCH_REDRAWS 3u
#define SIM_BRANCH_WRITES_MORE_PERCENT 50u
/* Of the detail of a violation, beside the name of the state. */
#define SIM_BRANCH_SAID 239

/* ---- points ---------------------------------------------------------------------------------- */

/* Of a sample there is one point for each phase: an earlier one gives its place up. */
static struct sim_branch_point *sim_branch_replace_point(struct sim_branch_level *level, enum vfs_phase phase) {
	for (size_t i = 0; i < level->point_count; i++) {
		if (level->points[i].phase == phase) {
			vfs_disk_destroy(level->points[i].disk);
			level->points[i].disk = NULL;
			return &level->points[i];
		}
	}
	return NULL;
}

/* NULL when out of memory. */
static struct sim_branch_point *sim_branch_add_point(struct sim_branches *branches) {
	struct sim_branch_level *level = &branches->levels[branches->depth];
	if (level->point_count == level->point_room) {
		size_t room = level->point_room == 0 ? 64 : level->point_room * 2;
		struct sim_branch_point *points = realloc(level->points, room * sizeof points[0]);
		if (points == NULL) {
			branches->totals.out_of_memory = true;
			return NULL;
		}
		level->points = points;
		level->point_room = room;
	}
	return &level->points[level->point_count++];
}

/* The world as it is now. NULL when out of memory. */
static struct sim_branch_point *sim_branch_take_point(struct sim_branches *branches, const struct sim_world *world,
                                                      enum vfs_phase phase) {
	struct sim_branch_level *level = &branches->levels[branches->depth];
	struct sim_branch_point *point = branches->options.sample > 0 ? sim_branch_replace_point(level, phase) : NULL;
	struct vfs_disk *disk = vfs_disk_snapshot(world->disk);
	point = point == NULL && disk != NULL ? sim_branch_add_point(branches) : point;
	if (point == NULL || disk == NULL) {
		branches->totals.out_of_memory = true;
		vfs_disk_destroy(disk);
		sim_branch_forget(level);
		return NULL;
	}
	*point = (struct sim_branch_point){.disk = disk, .owed = world->owed, .phase = phase};
	return point;
}

/* ---- the life of a state --------------------------------------------------------------------- */

/* The world as it is when nobody lives and nothing strikes any more. */
static void sim_branch_enter(struct sim_branches *branches, struct sim_world *world, struct vfs_disk *disk,
                             const struct sim_branch_point *point, enum sim_crash crash) {
	struct sim_process *process = &world->processes[0];
	*world = branches->levels[branches->depth].kept;
	world->disk = disk;
	world->other = NULL;
	world->hold = NULL;
	world->capacity_until_ns = 0;
	world->past = NULL;
	world->just_died = SIM_CRASH_NONE;
	world->down = world->ended = world->injection_paused = false;
	world->faults_over = true;
	world->doors = (struct sim_doors){0};
	world->until_event = 0;
	world->armed_count = world->armed_allocation_count = 0;
	world->violation = &branches->violation;
	world->result = &branches->result;
	world->trace = branches->trace;
	world->crash_while_starting = process->starting;
	*process = (struct sim_process){
	        .world = world, .number = process->number, .name = process->name, .branch = branches->depth + 1};
	branches->violation = (struct sim_violation){0};
	branches->result.verdict = SIM_VERDICT_NONE;
	vfs_disk_set_capacity(disk, 0);
	world->owed = point->owed;
	world->work->branch_next(world, branches->depth);
	sim_owed_note_crash(&world->owed, &world->plan->settings, crash);
}

static bool sim_branch_start(struct sim_world *world) {
	bool started = sim_process_start(&world->processes[0], SIM_BRANCH_STARTS);
	bool is_stuck = !started && !world->ended;
	/* Of a sector that cannot be read nobody gets what is in it. Who refuses what is damaged
	 * has to say so, and others may fail in any way. */
	if (is_stuck && world->work->keeps_refused && !world->owed.unreadable) {
		sim_world_violated(world, "progress_after_faults", "no start succeeds on what is left");
	} else if (is_stuck) {
		sim_world_corrupt(world, "progress_after_faults", "no start succeeds on what is left");
	}
	return started;
}

/* Starts the subject on the disk of the world, and lets the work judge what it shows. */
static void sim_branch_live(struct sim_branches *branches, struct sim_world *world, bool writes_more) {
	struct sim_process *process = &world->processes[0];
	struct sim_machine_files files = {0};
	struct sim_branch_asked asked;
	sim_branch_ask(branches, world, &asked);
	sim_branch_take_asked(branches, &asked);
	if (asked.violated != NULL) {
		sim_world_violated(world, asked.violated, "%s", asked.text);
	}
	if (world->ended) {
		return;
	}
	bool started = sim_branch_start(world);
	branches->totals.loaded += started ? 1 : 0;
	branches->totals.refused += !started && branches->violation.invariant[0] == '\0' ? 1 : 0;
	if (started && writes_more && world->work->branch_go_on != NULL) {
		world->work->branch_go_on(process);
		sim_process_stop(process);
		started = !world->ended && sim_branch_start(world);
	}
	if (started) {
		sim_process_stop(process);
	}
	sim_machine_hash_files(world, true, &files);
	bool is_new = started && !world->ended && sim_branch_add(branches, &branches->recovered, files.hash);
	/* A database that is not sound is so in every state that leads to it. */
	is_new |= started && !world->ended && sim_branch_set_has(&branches->disagreed, files.hash);
	if (is_new && !world->owed.ever_damaged) {
		sim_process_check_database(process);
	}
	if (is_new && branches->violation.invariant[0] != '\0') {
		sim_branch_add(branches, &branches->disagreed, files.hash);
	}
	sim_process_abandon(process);
}

/* One state of a point. The disk is given away. */
static void sim_branch_judge(struct sim_branches *branches, struct sim_world *world,
                             const struct sim_branch_point *point, const struct sim_crash_state *state,
                             struct vfs_disk *disk) {
	struct sim_branch_totals *totals = &branches->totals;
	struct sim_branch_level *below =
	        branches->depth + 1 < branches->options.depth ? &branches->levels[branches->depth + 1] : NULL;
	enum sim_crash crash = sim_crash_state_is_kill(state) ? SIM_CRASH_KILL : SIM_CRASH_POWER_LOSS;
	bool is_alone = branches->options.only != NULL;
	char path[SIM_BRANCH_PATH_SIZE] = "";
	world->disk = disk;
	bool is_new = sim_branch_is_new(branches, world, point, crash, state->writes_more);
	if (is_alone || is_new) {
		sim_branch_path(&branches->levels[branches->depth].at, point, state, path);
	}
	bool is_whole = !is_alone || strcmp(path, branches->options.only) == 0;
	totals->states++;
	totals->duplicates += is_new ? 0 : 1;
	if ((is_alone || is_new) && sim_branch_goes_on(branches, path)) {
		totals->judged += is_whole ? 1 : 0;
		totals->nested += branches->depth > 0 ? 1 : 0;
		totals->kills += crash == SIM_CRASH_KILL ? 1 : 0;
		sim_trace_begin(branches->trace, is_alone && is_whole ? branches->out : NULL);
		if (is_whole && branches->teller != NULL) {
			sim_trace_listen(branches->trace, branches->teller->event, branches->teller->context);
		}
		if (below != NULL) {
			memcpy(below->at.path, path, sizeof path);
			below->admissible = below[-1].admissible * 2 + (crash == SIM_CRASH_KILL);
		}
		sim_branch_enter(branches, world, disk, point, crash);
		branches->asks = is_whole ? branches->asks : 0;
		branches->depth++;
		sim_branch_live(branches, world, state->writes_more);
		branches->depth--;
		if (branches->violation.invariant[0] != '\0' && is_whole) {
			sim_branch_take_found(branches, point, path);
		}
	}
	vfs_disk_destroy(disk);
}

/* What a state leaves of the disk at a point. NULL when it has no such state, or when out of
 * memory. */
static struct vfs_disk *sim_branch_leave(struct sim_branches *branches, const struct sim_world *world,
                                         const struct sim_branch_point *before, const struct sim_branch_point *point,
                                         const struct sim_crash_state *state) {
	if (state->kind == SIM_CRASH_STATE_KILL_HALF) {
		const struct sim_crash_write write = {point->path, point->offset, point->size};
		bool is_write = before != NULL && point->method == VFS_METHOD_WRITE && point->path[0] != '\0';
		return is_write ? sim_crash_state_half(before->disk, point->disk, &write) : NULL;
	}
	if (state->kind == SIM_CRASH_STATE_KILL_ALL) {
		return NULL;
	}
	struct vfs_disk *disk = vfs_disk_snapshot(point->disk);
	branches->totals.out_of_memory |= disk == NULL;
	if (disk != NULL && state->kind != SIM_CRASH_STATE_KILL) {
		sim_branch_apply(branches, world, state, branches->teller, disk);
	}
	return disk;
}

static void sim_branch_judge_one(struct sim_branches *branches, struct sim_world *world,
                                 const struct sim_branch_point *before, const struct sim_branch_point *point,
                                 const struct sim_crash_state *state) {
	if (branches->teller != NULL) {
		sim_branch_tell_point(branches, world, &branches->levels[branches->depth].at, point, state);
	}
	struct vfs_disk *disk = sim_branch_leave(branches, world, before, point, state);
	if (disk != NULL) {
		sim_branch_judge(branches, world, point, state, disk);
	}
}

/* One state by chance. What was judged already is drawn anew, a few times. */
static void sim_branch_judge_sample(struct sim_branches *branches, struct sim_world *world,
                                    const struct sim_branch_point *point) {
	struct sim_crash_state_pending pending;
	uint64_t judged = branches->totals.judged;
	if (!sim_branch_pending(branches, point->disk, &pending)) {
		return;
	}
	for (uint32_t i = 0; i < SIM_BRANCH_REDRAWS && branches->totals.judged == judged; i++) {
		struct sim_crash_state state;
		sim_crash_state_sample(&pending, &branches->options.bounds, &branches->sample.chance, &state);
		state.writes_more = world->work->branch_go_on != NULL &&
		                    sim_pcg32_percent(&branches->sample.chance, SIM_BRANCH_WRITES_MORE_PERCENT);
		sim_branch_judge_one(branches, world, NULL, point, &state);
	}
}

/* With its second life, where states have two. */
static void sim_branch_judge_both(struct sim_branches *branches, struct sim_world *world,
                                  const struct sim_branch_point *before, const struct sim_branch_point *point,
                                  const struct sim_crash_state *state) {
	sim_branch_judge_one(branches, world, before, point, state);
	if (branches->options.also_writes_more && world->work->branch_go_on != NULL) {
		struct sim_crash_state more = *state;
		more.writes_more = true;
		sim_branch_judge_one(branches, world, before, point, &more);
	}
}

static void sim_branch_judge_all(struct sim_branches *branches, struct sim_world *world,
                                 const struct sim_branch_point *before, const struct sim_branch_point *point) {
	bool writes_more = branches->options.writes_more;
	const struct sim_crash_state kill = {.kind = SIM_CRASH_STATE_KILL, .writes_more = writes_more};
	const struct sim_crash_state half = {.kind = SIM_CRASH_STATE_KILL_HALF, .writes_more = writes_more};
	struct sim_crash_state state = {.kind = SIM_CRASH_STATE_NONE, .writes_more = writes_more};
	struct sim_crash_state_pending pending;
	if (!sim_branch_pending(branches, point->disk, &pending)) {
		return;
	}
	sim_branch_judge_both(branches, world, before, point, &kill);
	sim_branch_judge_both(branches, world, before, point, &half);
	do {
		sim_branch_judge_both(branches, world, before, point, &state);
	} while (!branches->totals.is_partial && sim_crash_state_next(&pending, &branches->options.bounds, &state));
}

/* ---- moments --------------------------------------------------------------------------------- */

/* Of the one process, and not of another engine beside it. */
static struct sim_branches *sim_branch_of(const struct sim_process *process) {
	const struct sim_world *world = process->world;
	bool is_one = world->branches != NULL && process == &world->processes[0];
	return is_one && world->branches->depth < world->branches->options.depth ? world->branches : NULL;
}

static void sim_branch_begin(struct sim_process *process, const char *kind, uint32_t number) {
	struct sim_branches *branches = sim_branch_of(process);
	if (branches == NULL) {
		return;
	}
	struct sim_branch_level *level = &branches->levels[branches->depth];
	bool is_start = strcmp(kind, "start") == 0;
	assert(level->point_count == 0);
	level->at.collects = !process->world->ended && (is_start || branches->depth == 0);
	if (!level->at.collects || (branches->depth == 0 && !sim_branch_goes_on(branches, ""))) {
		level->at.collects = false;
		return;
	}
	/* A step may come to the subject more than once: its points are counted on. */
	sim_branch_moment_begin(&level->at, kind, number, branches->depth > 0);
	if (is_start && branches->depth == 0) {
		sim_order_begin(&branches->order);
	}
	if (branches->options.sample > 0) {
		sim_branch_sample_begin_moment(&branches->sample, is_start);
	} else {
		sim_branch_take_point(branches, process->world, VFS_PHASE_NONE);
	}
}

static void sim_branch_calling(struct sim_process *process, const struct vfs_call *call) {
	struct sim_branches *branches = sim_branch_of(process);
	if (branches != NULL && branches->levels[branches->depth].at.collects) {
		branches->levels[branches->depth].at.phase = vfs_phase_of(call);
	}
}

static void sim_branch_called(struct sim_process *process, const struct vfs_call *call, int result) {
	struct sim_branches *branches = sim_branch_of(process);
	bool collects = branches != NULL && branches->levels[branches->depth].at.collects;
	if (branches != NULL && branches->depth == 0 && branches->options.sample == 0) {
		sim_order_called(&branches->order, call, branches->levels[0].at.phase, result);
		branches->totals.order = branches->order.counts;
	}
	if (!collects || vfs_process_is_dead(process->vfs) || !sim_crash_state_changes_disk(call, result)) {
		return;
	}
	struct sim_branch_level *level = &branches->levels[branches->depth];
	uint32_t ordinal = ++level->at.ordinals[level->at.phase];
	bool takes = branches->options.sample == 0 || sim_branch_sample_takes(&branches->sample, level->at.phase);
	struct sim_branch_point *point =
	        takes ? sim_branch_take_point(branches, process->world, level->at.phase) : NULL;
	if (point == NULL) {
		return;
	}
	point->ordinal = ordinal;
	sim_branch_point_note(point, call);
}

static void sim_branch_explore_point(struct sim_branches *branches, struct sim_world *world, size_t number) {
	const struct sim_branch_level *level = &branches->levels[branches->depth];
	const struct sim_branch_point *point = &level->points[number];
	branches->totals.nested_points += branches->depth > 0 ? 1 : 0;
	branches->totals.points[point->phase] += branches->depth == 0 ? 1 : 0;
	if (branches->options.counts) {
		branches->totals.states += sim_branch_count(branches, point, point->disk);
		return;
	}
	const struct sim_branch_point *before = number > 0 ? point - 1 : NULL;
	struct sim_crash_state state;
	if (branches->options.sample > 0) {
		sim_branch_judge_sample(branches, world, point);
	} else if (branches->options.only == NULL) {
		sim_branch_judge_all(branches, world, before, point);
	} else if (sim_branch_asks_for(branches, &level->at, point, &state)) {
		sim_branch_judge_one(branches, world, before, point, &state);
	}
}

static void sim_branch_explore_moment(struct sim_branches *branches, struct sim_world *world) {
	struct sim_branch_level *level = &branches->levels[branches->depth];
	const struct sim_violation violation = branches->violation;
	bool counts = branches->options.counts;
	level->kept = *world;
	if (!counts && !world->work->branch_begin(world, branches->depth)) {
		branches->totals.passed_over++;
		return;
	}
	for (size_t i = 0; i < level->point_count && !branches->totals.is_partial; i++) {
		sim_branch_explore_point(branches, world, i);
	}
	*world = level->kept;
	branches->violation = violation;
	if (!counts) {
		world->work->branch_end(world, branches->depth);
	}
}

/* The first violation is one of the run. */
static void sim_branch_end_run(const struct sim_branches *branches, struct sim_world *world) {
	const struct sim_branch_found *found = &branches->totals.found[0];
	if (world->violation->invariant[0] == '\0') {
		snprintf(world->violation->state, sizeof world->violation->state, "%s", found->path);
	}
	sim_world_violated(world, found->invariant, "%.*s; in crash state %s", SIM_BRANCH_SAID, found->detail,
	                   found->path);
}

/* Whether an earlier run came to this moment in the same way. A run is a function of what it begins
 * with (S1), and its trace has all that has happened. */
static bool sim_branch_was_explored(struct sim_branches *branches, struct sim_world *world) {
	struct sim_machine_files files = {0};
	uint64_t about[3];
	if (!branches->options.shares) {
		return false;
	}
	sim_trace_hash(world->trace, about);
	sim_machine_hash_files(world, true, &files);
	about[2] = files.hash;
	bool was = !sim_branch_add(branches, &branches->moments, sim_trace_hash_bytes(about, sizeof about));
	branches->totals.shared += was ? 1 : 0;
	return was;
}

static void sim_branch_explore(struct sim_process *process) {
	struct sim_branches *branches = sim_branch_of(process);
	struct sim_world *world = process->world;
	struct sim_branch_level *level = branches != NULL ? &branches->levels[branches->depth] : NULL;
	if (level == NULL || !level->at.collects) {
		return;
	}
	level->at.collects = false;
	if (branches->depth == 0) {
		branches->totals.moments++;
		level->admissible = ++branches->moment << SIM_BRANCH_DEPTH_MAX;
	}
	bool is_ours = branches->depth > 0 || branches->moment % branches->options.parts == branches->options.part;
	is_ours = is_ours && level->point_count > 0;
	is_ours = is_ours && !(branches->depth == 0 && sim_branch_was_explored(branches, world));
	if (is_ours && branches->depth == 0) {
		sim_branch_keep_generator();
		sim_branch_explore_moment(branches, world);
		sim_branch_put_generator_back(world);
	} else if (is_ours) {
		sim_branch_explore_moment(branches, world);
	}
	sim_branch_forget(level);
	if (branches->options.ends_run && branches->totals.found_count > 0) {
		sim_branch_end_run(branches, world);
	}
}

void sim_branch_attach(struct sim_world *world, struct sim_branches *branches) {
	static const struct sim_branching branching = {.begin = sim_branch_begin,
	                                               .calling = sim_branch_calling,
	                                               .called = sim_branch_called,
	                                               .explore = sim_branch_explore};
	if (branches != NULL && branches->options.sample > 0) {
		const struct sim_plan *plan = world->plan;
		sim_branch_sample_begin(&branches->sample, plan->seed, branches->options.sample, plan->step_count + 2);
	}
	world->branches = branches;
	world->branching = branches == NULL ? NULL : world->plan->processes.count > 0 ? &sim_branch_beside : &branching;
}
