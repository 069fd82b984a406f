/* sim/world/branch.c: see branch.h. Points; the life of a state; then what process.c calls. */
#include "branch.h"

#include "branch_sample.h"
#include "branch_set.h"
#include "inject.h"
#include "process.h"
#include "recovery.h"

#include <assert.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

/* Starts that are tried on one state. Nothing fails there, so the first one succeeds, or is
 * refused. */
#define SIM_BRANCH_STARTS 3u
#define SIM_BRANCH_REDRAWS 3u
#define SIM_BRANCH_SAMPLE_ASKS_ONE_IN 8u
#define SIM_BRANCH_WRITES_MORE_PERCENT 50u
/* Of the detail of a violation, beside the name of the state. */
#define SIM_BRANCH_SAID 239

struct sim_branch_point {
	struct vfs_disk *disk; /* behind the call */
	struct sim_owed owed;
	enum vfs_phase phase;
	uint32_t ordinal; /* of its phase in the moment, from 1; 0: where the moment begins */
	enum vfs_method method;
	enum vfs_file_kind file_kind;
	uint64_t offset;
	uint64_t size;
	char path[SIM_OWED_PATH_SIZE]; /* of the file that the call was about */
};

/* One depth: the moment that is going on there. */
struct sim_branch_level {
	bool collects;
	char moment[24];      /* "step3" */
	enum vfs_phase phase; /* of the call that is going on */
	uint64_t admissible;  /* what may be loaded is the same as in all moments of that number */
	uint32_t ordinals[VFS_PHASE_COUNT];
	struct sim_branch_point *points;
	size_t point_count;
	size_t point_room;
	struct sim_world kept;
	char path[SIM_BRANCH_PATH_SIZE]; /* of the state whose life this is; "" in the run */
};

struct sim_branches {
	struct sim_branch_options options;
	struct sim_branch_totals totals;
	struct sim_branch_sample sample;
	struct sim_branch_level levels[SIM_BRANCH_DEPTH_MAX];
	struct sim_order order;
	uint32_t depth;  /* of the life that goes on: 0 in the run itself */
	uint64_t run;    /* which one it is, of several */
	uint64_t moment; /* of the run, from 1 */
	struct sim_branch_set images;
	struct sim_branch_set judged; /* image and what is admissible */
	struct sim_branch_set recovered;
	struct sim_branch_set moments; /* of all runs, with all that went before */
	/* Images without their last bits, which are what the reader has seen; images in whose
	 * recovery it and SQLite disagree, and what is not sound after one; the image that it is to
	 * be asked about, 0 for none. */
	struct sim_branch_set compared;
	struct sim_branch_set disagreed;
	uint64_t asks;
	struct sim_trace *trace;                /* of the lives of states */
	FILE *out;                              /* it is printed there; NULL: it is not */
	const struct sim_branch_teller *teller; /* of the one state; NULL: nobody tells */
	struct sim_run_result result;
	struct sim_violation violation;
};

/* ---- sets ------------------------------------------------------------------------------------ */

/* True when it is new. */
static bool sim_branch_add(struct sim_branches *branches, struct sim_branch_set *set, uint64_t hash) {
	enum sim_branch_added added = sim_branch_set_add(set, hash);
	branches->totals.out_of_memory |= added == SIM_BRANCH_NO_ROOM;
	branches->totals.images = branches->images.count;
	branches->totals.recovered = branches->recovered.count;
	branches->totals.compared = branches->compared.count;
	return added != SIM_BRANCH_WAS_THERE;
}

uint64_t *sim_branch_images(const struct sim_branches *branches) {
	return sim_branch_set_sorted(&branches->images);
}

uint64_t *sim_branch_recovered(const struct sim_branches *branches) {
	return sim_branch_set_sorted(&branches->recovered);
}

uint64_t *sim_branch_compared(const struct sim_branches *branches) {
	return sim_branch_set_sorted(&branches->compared);
}

/* ---- beginning and end ----------------------------------------------------------------------- */

struct sim_branches *sim_branch_create(const struct sim_branch_options *options) {
	assert(options->depth >= 1 && options->depth <= SIM_BRANCH_DEPTH_MAX);
	assert(options->parts >= 1 && options->part < options->parts);
	struct sim_branches *branches = calloc(1, sizeof *branches);
	if (branches == NULL) {
		return NULL;
	}
	branches->options = *options;
	branches->trace = sim_trace_create();
	if (branches->trace == NULL) {
		free(branches);
		return NULL;
	}
	return branches;
}

static void sim_branch_forget(struct sim_branch_level *level) {
	for (size_t i = 0; i < level->point_count; i++) {
		vfs_disk_destroy(level->points[i].disk);
	}
	level->point_count = 0;
}

void sim_branch_destroy(struct sim_branches *branches) {
	if (branches == NULL) {
		return;
	}
	for (uint32_t i = 0; i < SIM_BRANCH_DEPTH_MAX; i++) {
		sim_branch_forget(&branches->levels[i]);
		free(branches->levels[i].points);
	}
	sim_branch_set_deinit(&branches->images);
	sim_branch_set_deinit(&branches->judged);
	sim_branch_set_deinit(&branches->moments);
	sim_branch_set_deinit(&branches->recovered);
	sim_branch_set_deinit(&branches->compared);
	sim_branch_set_deinit(&branches->disagreed);
	sim_trace_destroy(branches->trace);
	free(branches);
}

void sim_branch_next_run(struct sim_branches *branches, uint64_t run) {
	branches->run = run;
	branches->moment = 0;
	branches->depth = 0;
	sim_order_begin(&branches->order);
	for (uint32_t i = 0; i < SIM_BRANCH_DEPTH_MAX; i++) {
		sim_branch_forget(&branches->levels[i]);
		branches->levels[i].moment[0] = '\0';
	}
	sim_branch_set_clear(&branches->judged);
}

void sim_branch_reset(struct sim_branches *branches, const struct sim_branch_options *options) {
	branches->options = *options;
	branches->totals = (struct sim_branch_totals){0};
	branches->order = (struct sim_order){0};
	sim_branch_next_run(branches, 0);
	sim_branch_set_clear(&branches->images);
	sim_branch_set_clear(&branches->recovered);
	sim_branch_set_clear(&branches->moments);
	sim_branch_set_clear(&branches->compared);
	sim_branch_set_clear(&branches->disagreed);
}

void sim_branch_trace_to(struct sim_branches *branches, FILE *out) {
	branches->out = out;
}

void sim_branch_tell_to(struct sim_branches *branches, const struct sim_branch_teller *teller) {
	branches->teller = teller;
}

const struct sim_branch_totals *sim_branch_totals(const struct sim_branches *branches) {
	return &branches->totals;
}

/* ---- names ----------------------------------------------------------------------------------- */

static void sim_branch_point_name(const struct sim_branch_level *level, const struct sim_branch_point *point,
                                  char name[SIM_BRANCH_PATH_SIZE]) {
	if (point->ordinal == 0) {
		snprintf(name, SIM_BRANCH_PATH_SIZE, "%s.begin", level->moment);
	} else {
		snprintf(name, SIM_BRANCH_PATH_SIZE, "%s.%s.%u", level->moment, vfs_phase_name(point->phase),
		         point->ordinal);
	}
}

static void sim_branch_path(const struct sim_branch_level *level, const struct sim_branch_point *point,
                            const struct sim_crash_state *state, char path[SIM_BRANCH_PATH_SIZE]) {
	char name[SIM_BRANCH_PATH_SIZE];
	char of_state[SIM_CRASH_STATE_NAME_SIZE];
	sim_branch_point_name(level, point, name);
	sim_crash_state_print(state, of_state);
	int written = snprintf(path, SIM_BRANCH_PATH_SIZE, "%s%s%.60s/%s", level->path,
	                       level->path[0] != '\0' ? "/" : "", name, of_state);
	assert(written < SIM_BRANCH_PATH_SIZE);
	(void)written;
}

/* Of one state alone: whether it is a state of this point, or lies in the life of one. */
static bool sim_branch_asks_for(const struct sim_branches *branches, const struct sim_branch_point *point,
                                struct sim_crash_state *state) {
	const struct sim_branch_level *level = &branches->levels[branches->depth];
	char name[SIM_BRANCH_PATH_SIZE];
	const char *asked = branches->options.only;
	size_t above = strlen(level->path);
	sim_branch_point_name(level, point, name);
	if (above > 0 && (strncmp(asked, level->path, above) != 0 || asked[above] != '/')) {
		return false;
	}
	asked += above + (above > 0 ? 1 : 0);
	size_t length = strlen(name);
	bool is_here = strncmp(asked, name, length) == 0 && asked[length] == '/';
	return is_here && sim_crash_state_parse(asked + length + 1, strcspn(asked + length + 1, "/"), state);
}

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

static void sim_branch_take_found(struct sim_branches *branches, const struct sim_branch_point *point,
                                  const char *path) {
	struct sim_branch_totals *totals = &branches->totals;
	const struct sim_branch_options *options = &branches->options;
	const struct sim_violation *violation = &branches->violation;
	const struct vfs_call call = {.method = point->method, .file_kind = point->file_kind};
	struct sim_branch_found found = {.count = 1,
	                                 .run = branches->run,
	                                 .order = branches->moment << 32 | totals->judged,
	                                 .where = "the beginning of a moment"};
	if (point->ordinal > 0) {
		sim_inject_name_call(&call, point->phase, found.where);
	}
	snprintf(found.path, sizeof found.path, "%s", path);
	memcpy(found.invariant, violation->invariant, sizeof found.invariant);
	memcpy(found.detail, violation->detail, sizeof found.detail);
	if (options->excuse != NULL) {
		snprintf(found.finding, sizeof found.finding, "%s",
		         options->excuse(options->context, found.invariant, found.detail));
	}
	totals->violations++;
	totals->excused += found.finding[0] != '\0' ? 1 : 0;
	sim_branch_note(totals, &found);
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

/* The reader and SQLite recover the image. An image in which they disagree is one in every state
 * that is judged. */
static void sim_branch_ask(struct sim_branches *branches, struct sim_world *world) {
	struct sim_recovery recovery = {
	        .chance = branches->asks,
	        .second = {.second = branches->options.second, .may_be_damaged = world->owed.ever_damaged}};
	if (branches->asks == 0) {
		return;
	}
	sim_recovery_compare(world, &recovery);
	branches->totals.out_of_memory |= recovery.out_of_memory;
	if (recovery.is_compared) {
		sim_branch_add(branches, &branches->compared,
		               (branches->asks & ~(uint64_t)SIM_RECOVERY_SEEN_MASK) | recovery.seen);
	}
	const char *second = recovery.second.text;
	/* Where only one has noticed damage, and more is owed later, it is asked again. */
	if (recovery.text[0] != '\0' || second[0] != '\0' || recovery.second.one_noticed) {
		sim_branch_add(branches, &branches->disagreed, branches->asks);
	}
	if (recovery.text[0] != '\0') {
		sim_world_violated(world, "recovery_equals_reader", "%s", recovery.text);
	} else if (second[0] != '\0') {
		sim_world_violated(world, "recovery_equals_second", "%s", second);
	}
	branches->asks = 0;
}

/* Starts the subject on the disk of the world, and lets the work judge what it shows. */
static void sim_branch_live(struct sim_branches *branches, struct sim_world *world, bool writes_more) {
	struct sim_process *process = &world->processes[0];
	struct sim_machine_files files = {0};
	sim_branch_ask(branches, world);
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

/* An image, and what may be shown of it behind a crash. */
static uint64_t sim_branch_key(const struct sim_branches *branches, const struct sim_world *world, struct sim_owed owed,
                               const uint64_t about[3], enum sim_crash crash) {
	sim_owed_note_crash(&owed, &world->plan->settings, crash);
	const uint64_t key[] = {about[0],
	                        branches->levels[branches->depth].admissible,
	                        (uint64_t)sim_owed_now(&owed, &world->plan->settings),
	                        (uint64_t)owed.crash,
	                        owed.ever_damaged,
	                        owed.damaged,
	                        about[1],
	                        about[2]};
	return sim_trace_hash_bytes(key, sizeof key);
}

/* Whether the image was not judged yet, with the same admissible states. What may be shown after a
 * death may be shown after a power loss too, if that owes no more. Where no crash follows, what is
 * pending makes no difference. */
static bool sim_branch_is_new(struct sim_branches *branches, struct sim_world *world,
                              const struct sim_branch_point *point, enum sim_crash crash, bool writes_more) {
	const struct sim_settings *settings = &world->plan->settings;
	struct sim_machine_files files = {0};
	sim_machine_hash_files(world, true, &files);
	const uint64_t about[3] = {files.hash, branches->depth, writes_more};
	bool is_first = sim_branch_add(branches, &branches->images, files.hash);
	/* Where crash states are sampled beside a run, one image of several is asked about. */
	bool asks = (is_first || sim_branch_set_has(&branches->disagreed, files.hash)) &&
	            (branches->options.sample == 0 || files.hash % SIM_BRANCH_SAMPLE_ASKS_ONE_IN == 0);
	branches->asks = asks ? files.hash : 0;
	bool is_last = branches->options.sample == 0 && branches->depth + 1 == branches->options.depth;
	bool owes_no_more = is_last && crash == SIM_CRASH_POWER_LOSS && sim_owed_no_more(&point->owed, settings);
	if (owes_no_more && sim_branch_set_has(&branches->judged,
	                                       sim_branch_key(branches, world, point->owed, about, SIM_CRASH_KILL))) {
		return false;
	}
	return sim_branch_add(branches, &branches->judged, sim_branch_key(branches, world, point->owed, about, crash));
}

/* False when nothing more is to be judged. */
static bool sim_branch_goes_on(struct sim_branches *branches, const char *path) {
	const struct sim_branch_options *options = &branches->options;
	bool stops = (options->stops && branches->totals.violations > branches->totals.excused) ||
	             (options->goes_on != NULL && !options->goes_on(options->context, path));
	branches->totals.is_partial |= stops;
	return !stops;
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
		sim_branch_path(&branches->levels[branches->depth], point, state, path);
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
			memcpy(below->path, path, sizeof path);
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
	struct vfs_disk *disk = vfs_disk_snapshot(point->disk);
	struct sim_pcg32 chance;
	branches->totals.out_of_memory |= disk == NULL;
	if (disk != NULL && state->kind != SIM_CRASH_STATE_KILL) {
		sim_pcg32_seed(&chance, world->plan->seed ^ state->number, branches->moment);
		const struct sim_branch_teller *teller = branches->teller;
		sim_crash_state_apply(disk, state, chance, teller != NULL ? teller->say : NULL,
		                      teller != NULL ? teller->context : NULL);
	}
	return disk;
}

/* Which call it is behind, what dies there, and what is owed then. */
static void sim_branch_tell_point(const struct sim_branches *branches, const struct sim_world *world,
                                  const struct sim_branch_point *point, const struct sim_crash_state *state) {
	const struct sim_branch_teller *teller = branches->teller;
	const struct vfs_call call = {.method = point->method, .file_kind = point->file_kind};
	const enum sim_crash crash = sim_crash_state_is_kill(state) ? SIM_CRASH_KILL : SIM_CRASH_POWER_LOSS;
	char name[SIM_BRANCH_PATH_SIZE] = "the beginning of it";
	char text[SIM_BRANCH_PATH_SIZE + 200];
	struct sim_owed owed = point->owed;
	if (point->ordinal > 0) {
		sim_inject_name_call(&call, point->phase, name);
	}
	snprintf(text, sizeof text, "in %s, behind %s%s%s", branches->levels[branches->depth].moment, name,
	         point->path[0] != '\0' ? ": " : "", point->path);
	if (point->ordinal > 0 && point->method == VFS_METHOD_WRITE) {
		size_t used = strlen(text);
		snprintf(text + used, sizeof text - used, ", %" PRIu64 " bytes at %" PRIu64, point->size,
		         point->offset);
	}
	teller->say(teller->context, text);
	sim_owed_note_crash(&owed, &world->plan->settings, crash);
	snprintf(text, sizeof text, "%s; owed is then: %s",
	         state->kind == SIM_CRASH_STATE_KILL_HALF ? "the process dies in the middle of that write"
	         : crash == SIM_CRASH_KILL                ? "the process dies, and what it wrote stays"
	                                                  : "the power fails",
	         sim_contract_name(sim_owed_now(&owed, &world->plan->settings)));
	teller->say(teller->context, text);
}

static void sim_branch_judge_one(struct sim_branches *branches, struct sim_world *world,
                                 const struct sim_branch_point *before, const struct sim_branch_point *point,
                                 const struct sim_crash_state *state) {
	if (branches->teller != NULL) {
		sim_branch_tell_point(branches, world, point, state);
	}
	struct vfs_disk *disk = sim_branch_leave(branches, world, before, point, state);
	if (disk != NULL) {
		sim_branch_judge(branches, world, point, state, disk);
	}
}

/* What is pending at a point. False when out of memory. */
static bool sim_branch_pending(struct sim_branches *branches, const struct sim_branch_point *point,
                               struct sim_crash_state_pending *pending) {
	struct vfs_disk *copy = vfs_disk_snapshot(point->disk);
	if (copy == NULL) {
		branches->totals.out_of_memory = true;
		return false;
	}
	*pending = sim_crash_state_count(copy);
	vfs_disk_destroy(copy);
	return true;
}

/* One state by chance. What was judged already is drawn anew, a few times. */
static void sim_branch_judge_sample(struct sim_branches *branches, struct sim_world *world,
                                    const struct sim_branch_point *point) {
	struct sim_crash_state_pending pending;
	uint64_t judged = branches->totals.judged;
	if (!sim_branch_pending(branches, point, &pending)) {
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
	if (!sim_branch_pending(branches, point, &pending)) {
		return;
	}
	sim_branch_judge_both(branches, world, before, point, &kill);
	sim_branch_judge_both(branches, world, before, point, &half);
	do {
		sim_branch_judge_both(branches, world, before, point, &state);
	} while (!branches->totals.is_partial && sim_crash_state_next(&pending, &branches->options.bounds, &state));
}

/* ---- moments --------------------------------------------------------------------------------- */

/* Of one process, and no other beside it. */
static struct sim_branches *sim_branch_of(const struct sim_process *process) {
	const struct sim_world *world = process->world;
	bool is_one = world->branches != NULL && !world->several && process == &world->processes[0];
	return is_one && world->branches->depth < world->branches->options.depth ? world->branches : NULL;
}

static void sim_branch_begin(struct sim_process *process, const char *kind, uint32_t number) {
	struct sim_branches *branches = sim_branch_of(process);
	if (branches == NULL) {
		return;
	}
	struct sim_branch_level *level = &branches->levels[branches->depth];
	char moment[sizeof level->moment];
	bool is_start = strcmp(kind, "start") == 0;
	assert(level->point_count == 0);
	level->collects = !process->world->ended && (is_start || branches->depth == 0);
	if (!level->collects || (branches->depth == 0 && !sim_branch_goes_on(branches, ""))) {
		level->collects = false;
		return;
	}
	snprintf(moment, sizeof moment, "%s%u", kind, number);
	/* A step may come to the subject more than once: its points are counted on. */
	if (strcmp(moment, level->moment) != 0 || branches->depth > 0) {
		memset(level->ordinals, 0, sizeof level->ordinals);
	}
	memcpy(level->moment, moment, sizeof moment);
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
	if (branches != NULL && branches->levels[branches->depth].collects) {
		branches->levels[branches->depth].phase = vfs_phase_of(call);
	}
}

static void sim_branch_called(struct sim_process *process, const struct vfs_call *call, int result) {
	struct sim_branches *branches = sim_branch_of(process);
	bool collects = branches != NULL && branches->levels[branches->depth].collects;
	if (branches != NULL && branches->depth == 0 && branches->options.sample == 0) {
		sim_order_called(&branches->order, call, branches->levels[0].phase, result);
		branches->totals.order = branches->order.counts;
	}
	if (!collects || vfs_process_is_dead(process->vfs) || !sim_crash_state_changes_disk(call, result)) {
		return;
	}
	struct sim_branch_level *level = &branches->levels[branches->depth];
	uint32_t ordinal = ++level->ordinals[level->phase];
	bool takes = branches->options.sample == 0 || sim_branch_sample_takes(&branches->sample, level->phase);
	struct sim_branch_point *point = takes ? sim_branch_take_point(branches, process->world, level->phase) : NULL;
	if (point == NULL) {
		return;
	}
	point->ordinal = ordinal;
	point->method = call->method;
	point->file_kind = call->file_kind;
	point->offset = call->offset;
	point->size = call->size;
	if (call->path != NULL && strlen(call->path) < sizeof point->path) {
		snprintf(point->path, sizeof point->path, "%s", call->path);
	}
}

/* How many states the rules list. */
static uint64_t sim_branch_count(struct sim_branches *branches, const struct sim_branch_point *point, bool is_call) {
	uint64_t kills = is_call && point->method == VFS_METHOD_WRITE && point->size > 1 ? 2 : 1;
	struct sim_crash_state_pending pending;
	if (!sim_branch_pending(branches, point, &pending)) {
		return kills;
	}
	return kills + sim_crash_state_total(&pending, &branches->options.bounds);
}

static void sim_branch_explore_point(struct sim_branches *branches, struct sim_world *world, size_t number) {
	const struct sim_branch_level *level = &branches->levels[branches->depth];
	const struct sim_branch_point *point = &level->points[number];
	branches->totals.nested_points += branches->depth > 0 ? 1 : 0;
	branches->totals.points[point->phase] += branches->depth == 0 ? 1 : 0;
	if (branches->options.counts) {
		branches->totals.states += sim_branch_count(branches, point, number > 0);
		return;
	}
	const struct sim_branch_point *before = number > 0 ? point - 1 : NULL;
	struct sim_crash_state state;
	if (branches->options.sample > 0) {
		sim_branch_judge_sample(branches, world, point);
	} else if (branches->options.only == NULL) {
		sim_branch_judge_all(branches, world, before, point);
	} else if (sim_branch_asks_for(branches, point, &state)) {
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
	if (level == NULL || !level->collects) {
		return;
	}
	level->collects = false;
	if (branches->depth == 0) {
		branches->totals.moments++;
		level->admissible = ++branches->moment << SIM_BRANCH_DEPTH_MAX;
	}
	bool is_ours = branches->depth > 0 || branches->moment % branches->options.parts == branches->options.part;
	is_ours = is_ours && level->point_count > 0;
	is_ours = is_ours && !(branches->depth == 0 && sim_branch_was_explored(branches, world));
	if (is_ours && branches->depth == 0) {
		sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SAVE);
		sim_branch_explore_moment(branches, world);
		/* A generator that was seeded and not used yet takes its seed at first use. */
		sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, world->sqlite_seed, NULL);
		sqlite3_test_control(SQLITE_TESTCTRL_PRNG_RESTORE);
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
	world->branching = branches != NULL ? &branching : NULL;
}
