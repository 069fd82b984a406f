/* sim/world/branches.c: what is known of the crash states of a run: how each is called, whether it
 * came already, and what was found. See branch.h. */
#include "branch_inside.h"

#include "generator.h"
#include "inject.h"
#include "recovery.h"

#include <assert.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define SIM_BRANCH_SAMPLE_ASKS_ONE_IN 8u

/* ---- sets ------------------------------------------------------------------------------------ */

bool sim_branch_add(struct sim_branches *branches, struct sim_branch_set *set, uint64_t hash) {
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

void sim_branch_forget(struct sim_branch_level *level) {
	for (size_t i = 0; i < level->point_count; i++) {
		vfs_disk_destroy(level->points[i].disk);
	}
	level->point_count = 0;
}

void sim_branch_destroy(struct sim_branches *branches) {
	if (branches == NULL) {
		return;
	}
	if (branches->beside.report != NULL) {
		munmap(branches->beside.report, sizeof *branches->beside.report);
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
		branches->levels[i].at.name[0] = '\0';
	}
	memset(branches->beside.moments, 0, sizeof branches->beside.moments);
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

static void sim_branch_point_name(const struct sim_branch_moment *moment, const struct sim_branch_point *point,
                                  char name[SIM_BRANCH_PATH_SIZE]) {
	if (point->ordinal == 0) {
		snprintf(name, SIM_BRANCH_PATH_SIZE, "%s.begin", moment->name);
	} else {
		snprintf(name, SIM_BRANCH_PATH_SIZE, "%s.%s.%u", moment->name, vfs_phase_name(point->phase),
		         point->ordinal);
	}
}

void sim_branch_path(const struct sim_branch_moment *moment, const struct sim_branch_point *point,
                     const struct sim_crash_state *state, char path[SIM_BRANCH_PATH_SIZE]) {
	char name[SIM_BRANCH_PATH_SIZE];
	char of_state[SIM_CRASH_STATE_NAME_SIZE];
	sim_branch_point_name(moment, point, name);
	sim_crash_state_print(state, of_state);
	int written = snprintf(path, SIM_BRANCH_PATH_SIZE, "%s%s%.60s/%s", moment->path,
	                       moment->path[0] != '\0' ? "/" : "", name, of_state);
	assert(written < SIM_BRANCH_PATH_SIZE);
	(void)written;
}

bool sim_branch_asks_for(const struct sim_branches *branches, const struct sim_branch_moment *moment,
                         const struct sim_branch_point *point, struct sim_crash_state *state) {
	char name[SIM_BRANCH_PATH_SIZE];
	const char *asked = branches->options.only;
	size_t above = strlen(moment->path);
	sim_branch_point_name(moment, point, name);
	if (above > 0 && (strncmp(asked, moment->path, above) != 0 || asked[above] != '/')) {
		return false;
	}
	asked += above + (above > 0 ? 1 : 0);
	size_t length = strlen(name);
	bool is_here = strncmp(asked, name, length) == 0 && asked[length] == '/';
	return is_here && sim_crash_state_parse(asked + length + 1, strcspn(asked + length + 1, "/"), state);
}

void sim_branch_tell_point(const struct sim_branches *branches, const struct sim_world *world,
                           const struct sim_branch_moment *moment, const struct sim_branch_point *point,
                           const struct sim_crash_state *state) {
	const struct sim_branch_teller *teller = branches->teller;
	const struct vfs_call call = {.method = point->method, .file_kind = point->file_kind};
	const enum sim_crash crash = sim_crash_state_is_kill(state) ? SIM_CRASH_KILL : SIM_CRASH_POWER_LOSS;
	char name[SIM_BRANCH_PATH_SIZE] = "the beginning of it";
	char text[SIM_BRANCH_PATH_SIZE + 200];
	struct sim_owed owed = point->owed;
	if (point->ordinal > 0) {
		sim_inject_name_call(&call, point->phase, name);
	}
	snprintf(text, sizeof text, "in %s, behind %s%s%s", moment->name, name, point->path[0] != '\0' ? ": " : "",
	         point->path);
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

void sim_branch_moment_begin(struct sim_branch_moment *moment, const char *kind, uint32_t number, bool is_anew) {
	char name[sizeof moment->name];
	snprintf(name, sizeof name, "%s%u", kind, number);
	if (is_anew || strcmp(name, moment->name) != 0) {
		memset(moment->ordinals, 0, sizeof moment->ordinals);
	}
	memcpy(moment->name, name, sizeof name);
}

void sim_branch_point_note(struct sim_branch_point *point, const struct vfs_call *call) {
	point->method = call->method;
	point->file_kind = call->file_kind;
	point->offset = call->offset;
	point->size = call->size;
	if (call->path != NULL && strlen(call->path) < sizeof point->path) {
		snprintf(point->path, sizeof point->path, "%s", call->path);
	}
}

/* ---- states ---------------------------------------------------------------------------------- */

void sim_branch_apply(const struct sim_branches *branches, const struct sim_world *world,
                      const struct sim_crash_state *state, const struct sim_branch_teller *teller,
                      struct vfs_disk *disk) {
	struct sim_pcg32 chance;
	sim_pcg32_seed(&chance, world->plan->seed ^ state->number, branches->moment);
	sim_crash_state_apply(disk, state, chance, teller != NULL ? teller->say : NULL,
	                      teller != NULL ? teller->context : NULL);
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
bool sim_branch_is_new(struct sim_branches *branches, struct sim_world *world, const struct sim_branch_point *point,
                       enum sim_crash crash, bool writes_more) {
	const struct sim_settings *settings = &world->plan->settings;
	struct sim_machine_files files = {0};
	sim_machine_hash_files(world, true, &files);
	const uint64_t about[3] = {files.hash, branches->depth, writes_more};
	bool is_first = sim_branch_add(branches, &branches->images, files.hash);
	branches->image = files.hash;
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

bool sim_branch_is_new_content(struct sim_branches *branches, struct sim_world *world,
                               const struct sim_branch_point *point, const struct sim_crash_state *state,
                               uint64_t content) {
	/* Not an image, and no depth. */
	const uint64_t about[3] = {content, SIM_BRANCH_DEPTH_MAX, state->writes_more};
	enum sim_crash crash = sim_crash_state_is_kill(state) ? SIM_CRASH_KILL : SIM_CRASH_POWER_LOSS;
	return sim_branch_add(branches, &branches->judged, sim_branch_key(branches, world, point->owed, about, crash));
}

bool sim_branch_goes_on(struct sim_branches *branches, const char *path) {
	const struct sim_branch_options *options = &branches->options;
	bool stops = (options->stops && branches->totals.violations > branches->totals.excused) ||
	             (options->goes_on != NULL && !options->goes_on(options->context, path));
	branches->totals.is_partial |= stops;
	return !stops;
}

/* What is pending at a point. False when out of memory. */
bool sim_branch_pending(struct sim_branches *branches, const struct vfs_disk *disk,
                        struct sim_crash_state_pending *pending) {
	struct vfs_disk *copy = vfs_disk_snapshot(disk);
	if (copy == NULL) {
		branches->totals.out_of_memory = true;
		return false;
	}
	*pending = sim_crash_state_count(copy);
	vfs_disk_destroy(copy);
	return true;
}

/* How many states the rules list. */
uint64_t sim_branch_count(struct sim_branches *branches, const struct sim_branch_point *point,
                          const struct vfs_disk *disk) {
	uint64_t kills = point->ordinal > 0 && point->method == VFS_METHOD_WRITE && point->size > 1 ? 2 : 1;
	struct sim_crash_state_pending pending;
	if (!sim_branch_pending(branches, disk, &pending)) {
		return kills;
	}
	return kills + sim_crash_state_total(&pending, &branches->options.bounds);
}

void sim_branch_keep_generator(void) {
	sim_generator_keep();
}

void sim_branch_put_generator_back(const struct sim_world *world) {
	sim_generator_put_back(world->sqlite_seed);
}

/* ---- what is found --------------------------------------------------------------------------- */

void sim_branch_ask(struct sim_branches *branches, struct sim_world *world, struct sim_branch_asked *asked) {
	*asked = (struct sim_branch_asked){0};
	struct sim_recovery recovery = {
	        .chance = branches->asks,
	        .second = {.second = branches->options.second, .may_be_damaged = world->owed.ever_damaged}};
	if (branches->asks == 0) {
		return;
	}
	sim_recovery_compare(world, &recovery);
	const char *second = recovery.second.text;
	asked->out_of_memory = recovery.out_of_memory;
	asked->image = branches->asks;
	asked->seen = recovery.seen;
	asked->content = recovery.content;
	asked->is_compared = recovery.is_compared;
	/* Where only one has noticed damage, and more is owed later, it is asked again. */
	asked->disagreed = recovery.text[0] != '\0' || second[0] != '\0' || recovery.second.one_noticed;
	if (recovery.text[0] != '\0') {
		asked->violated = "recovery_equals_reader";
		memcpy(asked->text, recovery.text, sizeof asked->text);
	} else if (second[0] != '\0') {
		asked->violated = "recovery_equals_second";
		memcpy(asked->text, second, sizeof asked->text);
	}
	branches->asks = 0;
}

void sim_branch_take_asked(struct sim_branches *branches, const struct sim_branch_asked *asked) {
	branches->totals.out_of_memory |= asked->out_of_memory;
	if (asked->is_compared) {
		sim_branch_add(branches, &branches->compared,
		               (asked->image & ~(uint64_t)SIM_RECOVERY_SEEN_MASK) | asked->seen);
	}
	if (asked->disagreed) {
		sim_branch_add(branches, &branches->disagreed, asked->image);
	}
}

void sim_branch_take_found(struct sim_branches *branches, const struct sim_branch_point *point, const char *path) {
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
