/* sim/recording/exploration_one.c: an exploration by one process (exploration.h). */
#include "exploration_inside.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct sim_exploration *sim_exploration_create(const struct sim_recording *recording, const struct sim_commits *commits,
                                               struct sim_content_reader *reader,
                                               const struct sim_exploration_options *options) {
	struct sim_exploration *exploration = calloc(1, sizeof *exploration);
	if (exploration == NULL) {
		return NULL;
	}
	exploration->recording = recording;
	exploration->commits = commits;
	exploration->reader = reader;
	exploration->options = *options;
	exploration->images.has_values = true;
	if (options->check != NULL && !sim_check_command_init(&exploration->check, options->check)) {
		free(exploration);
		return NULL;
	}
	return exploration;
}

void sim_exploration_destroy(struct sim_exploration *exploration) {
	if (exploration == NULL) {
		return;
	}
	if (exploration->options.check != NULL) {
		sim_check_command_deinit(&exploration->check);
	}
	sim_branch_set_deinit(&exploration->judged);
	sim_branch_set_deinit(&exploration->images);
	free(exploration->contents);
	free(exploration);
}

const struct sim_exploration_totals *sim_exploration_totals(const struct sim_exploration *exploration) {
	return &exploration->totals;
}

uint64_t *sim_exploration_images(const struct sim_exploration *exploration) {
	return sim_branch_set_sorted(&exploration->images);
}

/* ---- contents -------------------------------------------------------------------------------- */

static bool sim_exploration_same(const struct sim_exploration *exploration, const struct sim_exploration_contents *left,
                                 const struct sim_exploration_contents *right) {
	for (uint32_t i = 0; i < exploration->commits->count; i++) {
		if (!sim_content_equals(&left->databases[i], &right->databases[i])) {
			return false;
		}
	}
	return true;
}

/* The first database that was opened is what the command gets. */
static bool sim_exploration_run_check(struct sim_exploration *exploration, struct vfs_disk *disk,
                                      struct sim_exploration_contents *contents) {
	exploration->totals.checks++;
	return sim_check_command_run(&exploration->check, disk, exploration->commits->databases[0].path,
	                             &contents->check_status, contents->said);
}

/* Recovers and reads all databases; the disk is spent. Returns the number of what is read. */
static uint32_t sim_exploration_read(struct sim_exploration *exploration, uint64_t order, struct vfs_disk *disk) {
	static struct sim_exploration_contents contents;
	memset(&contents, 0, sizeof contents);
	for (uint32_t i = 0; i < exploration->commits->count; i++) {
		const struct sim_commits_database *database = &exploration->commits->databases[i];
		contents.databases[i].is_read = true; /* one that is not seen yet is empty */
		exploration->failed |=
		        order >= database->first &&
		        !sim_content_read(exploration->reader, disk, database->path, &contents.databases[i]);
	}
	for (uint32_t i = exploration->contents_count; i > 0; i--) {
		if (sim_exploration_same(exploration, &exploration->contents[i - 1], &contents)) {
			return i - 1;
		}
	}
	if (exploration->contents_count == exploration->contents_room) {
		uint32_t room = exploration->contents_room * 2 + 64;
		struct sim_exploration_contents *more = realloc(exploration->contents, room * sizeof more[0]);
		exploration->failed |= more == NULL;
		if (more == NULL) {
			return 0;
		}
		exploration->contents = more;
		exploration->contents_room = room;
	}
	if (exploration->options.check != NULL && !exploration->failed) {
		exploration->failed |= !sim_exploration_run_check(exploration, disk, &contents);
	}
	exploration->contents[exploration->contents_count] = contents;
	exploration->totals.contents++;
	return exploration->contents_count++;
}

/* ---- the judge ------------------------------------------------------------------------------- */

enum sim_contract sim_exploration_demanded(const struct sim_exploration_options *options,
                                           const struct sim_commits_database *database, enum sim_crash crash) {
	enum sim_contract said = options->demanded[crash];
	enum sim_contract seen = database->contract[crash];
	if (said != SIM_CONTRACT_NONE) {
		return said;
	}
	/* A mixture is no content, whatever was promised: who can live with one says so. */
	return seen > SIM_CONTRACT_PREFIX  ? SIM_CONTRACT_PREFIX
	       : seen == SIM_CONTRACT_NONE ? SIM_CONTRACT_DURABLE
	                                   : seen;
}

static const char *sim_exploration_base(const char *path) {
	const char *slash = strrchr(path, '/');
	return slash != NULL ? slash + 1 : path;
}

void sim_exploration_count(struct sim_exploration_totals *totals, const struct sim_exploration_found *found) {
	uint32_t i = 0;
	totals->violations++;
	/* The first words of the detail are the database and what is wrong with it. */
	while (i < totals->found_count &&
	       (totals->found[i].invariant != found->invariant ||
	        strncmp(totals->found[i].detail, found->detail, strcspn(found->detail, ":;")) != 0)) {
		i++;
	}
	if (i < totals->found_count) {
		totals->found[i].count++;
	} else if (i < SIM_EXPLORATION_FOUND_MAX) {
		totals->found[totals->found_count++] = *found;
	}
}

static void sim_exploration_find(struct sim_exploration *exploration, const struct sim_exploration_case *about,
                                 const char *invariant, const char *detail) {
	struct sim_exploration_found found = {.invariant = invariant, .count = 1};
	exploration->ended |= exploration->options.stops;
	sim_redo_say(&exploration->redo, about->point->record, found.where, sizeof found.where);
	snprintf(found.path, sizeof found.path, "%s", about->path);
	snprintf(found.detail, sizeof found.detail, "%s", detail);
	sim_exploration_count(&exploration->totals, &found);
	if (exploration->tell != NULL) {
		exploration->failed |= !exploration->tell(exploration, about, &found);
	}
}

/* The newest version up to `current` that has this content; UINT32_MAX: there is none. */
static uint32_t sim_exploration_version(const struct sim_commits_database *database, uint32_t current,
                                        const struct sim_content *content) {
	for (uint32_t i = current + 1; i > 0; i--) {
		if (sim_content_equals(&database->versions[i - 1].content, content)) {
			return i - 1;
		}
	}
	return UINT32_MAX;
}

/* The oldest version that may be there. Where the last commit may roll back, that depends on how it
 * was made. */
static uint32_t sim_exploration_oldest(const struct sim_exploration *exploration,
                                       const struct sim_commits_database *database, enum sim_contract contract,
                                       uint32_t required) {
	bool is_said = exploration->options.demanded[SIM_CRASH_POWER_LOSS] != SIM_CONTRACT_NONE;
	bool was_durable =
	        !is_said && required < database->count && database->versions[required].contract == SIM_CONTRACT_DURABLE;
	return was_durable && contract == SIM_CONTRACT_LAST_MAY_ROLL_BACK
	               ? required
	               : sim_contract_lowest(contract, SIM_CRASH_POWER_LOSS, required, required);
}

/* Its number; UINT32_MAX when it is none. */
static uint32_t sim_exploration_judge_database(struct sim_exploration *exploration,
                                               const struct sim_exploration_case *about, uint32_t number) {
	char detail[SIM_EXPLORATION_DETAIL_SIZE];
	const struct sim_commits_database *database = &exploration->commits->databases[number];
	const struct sim_content *content = &about->contents->databases[number];
	const char *name = sim_exploration_base(database->path);
	enum sim_contract contract = sim_exploration_demanded(&exploration->options, database, about->crash);
	uint32_t version = sim_exploration_version(database, about->point->current[number], content);
	uint32_t required = about->point->required[number];
	if (contract >= SIM_CONTRACT_DETECT || about->point->order < database->first) {
		return version;
	}
	if (version == UINT32_MAX && content->text[0] != '\0') {
		snprintf(detail, sizeof detail, "%.200s is damaged: %s", name, content->text);
		sim_exploration_find(exploration, about, "integrity", detail);
	} else if (version == UINT32_MAX) {
		snprintf(detail, sizeof detail, "%.200s is a mixture: it holds what it held behind no commit", name);
		sim_exploration_find(exploration, about, "content_is_committed", detail);
	} else if (version < sim_exploration_oldest(exploration, database, contract, required)) {
		snprintf(detail, sizeof detail,
		         "%.200s lost what was acknowledged: it holds commit %" PRIu32 ", and commit %" PRIu32
		         " was acknowledged%s; %s is demanded",
		         name, version, required, required > about->point->current[number] ? " before it was made" : "",
		         sim_contract_name(contract));
		sim_exploration_find(exploration, about, "acknowledged_is_durable", detail);
	}
	return version;
}

/* In which of its databases the transaction is: bits. `asked`: those that are asked about. */
static uint32_t sim_exploration_has(const struct sim_exploration *exploration, const uint32_t *versions,
                                    const struct sim_commits_together *together, uint32_t *asked) {
	uint32_t has = 0;
	*asked = 0;
	for (uint32_t i = 0; i < exploration->commits->count; i++) {
		const struct sim_commits_database *database = &exploration->commits->databases[i];
		bool is_one = (together->databases >> i & 1) != 0 && versions[i] != UINT32_MAX;
		*asked |= is_one ? 1u << i : 0;
		has |= is_one && database->versions[versions[i]].order >= together->order ? 1u << i : 0;
	}
	return has;
}

/* A transaction over several files is in all of them, or in none. A database that holds no version
 * was found already, or is not asked about. */
static void sim_exploration_judge_together(struct sim_exploration *exploration,
                                           const struct sim_exploration_case *about, const uint32_t *versions) {
	char detail[SIM_EXPLORATION_DETAIL_SIZE];
	const struct sim_commits *commits = exploration->commits;
	for (uint32_t i = 0; i < commits->together_count; i++) {
		uint32_t asked = 0;
		uint32_t has = sim_exploration_has(exploration, versions, &commits->together[i], &asked);
		if (has != 0 && has != asked) {
			snprintf(detail, sizeof detail,
			         "the databases are torn apart: the transaction of call %" PRIu64
			         " is in some and not in others",
			         commits->together[i].order);
			sim_exploration_find(exploration, about, "files_together", detail);
			return;
		}
	}
}

static void sim_exploration_judge(struct sim_exploration *exploration, const struct sim_exploration_case *about) {
	char detail[SIM_EXPLORATION_DETAIL_SIZE];
	uint32_t versions[SIM_COMMITS_DATABASES_MAX];
	const struct sim_exploration_contents *contents = about->contents;
	uint64_t before = exploration->totals.violations;
	for (uint32_t i = 0; i < exploration->commits->count; i++) {
		versions[i] = sim_exploration_judge_database(exploration, about, i);
	}
	if (exploration->totals.violations == before) {
		sim_exploration_judge_together(exploration, about, versions);
	}
	if (contents->check_status != 0) {
		snprintf(detail, sizeof detail, "the check fails with status %d: %.200s (commit %" PRIu32 " of %.100s)",
		         contents->check_status, contents->said[0] != '\0' ? contents->said : "it prints nothing",
		         versions[0], sim_exploration_base(exploration->commits->databases[0].path));
		sim_exploration_find(exploration, about, "check", detail);
	}
}

/* ---- states ---------------------------------------------------------------------------------- */

static uint64_t sim_exploration_key(const struct sim_exploration *exploration, const struct sim_exploration_case *about,
                                    uint64_t hash) {
	uint64_t key = hash * 2 + (about->crash == SIM_CRASH_KILL ? 1 : 0);
	for (uint32_t i = 0; i < exploration->commits->count; i++) {
		uint64_t word = (uint64_t)about->point->current[i] << 32 | about->point->required[i];
		key = (key ^ word) * UINT64_C(0x9e3779b97f4a7c15) + (key >> 31);
	}
	return key;
}

/* What SQLite reads of the image; the disk is spent. NULL when out of memory. */
static const struct sim_exploration_contents *sim_exploration_contents_of(struct sim_exploration *exploration,
                                                                          uint64_t order, uint64_t hash,
                                                                          struct vfs_disk *disk) {
	enum sim_branch_added added = sim_branch_set_add(&exploration->images, hash);
	if (added == SIM_BRANCH_IS_NEW) {
		*sim_branch_set_value(&exploration->images, hash) = sim_exploration_read(exploration, order, disk);
		exploration->totals.images++;
	}
	exploration->failed |= added == SIM_BRANCH_NO_ROOM;
	return exploration->failed ? NULL : &exploration->contents[*sim_branch_set_value(&exploration->images, hash)];
}

/* One image; the disk is spent. */
static void sim_exploration_try(struct sim_exploration *exploration, const struct sim_exploration_point *point,
                                const struct sim_crash_state *state, struct vfs_disk *disk) {
	char name[SIM_CRASH_STATE_NAME_SIZE];
	struct sim_exploration_case about = {
	        .point = point, .crash = sim_crash_state_is_kill(state) ? SIM_CRASH_KILL : SIM_CRASH_POWER_LOSS};
	uint64_t hash = sim_content_hash(disk);
	about.contents = sim_exploration_contents_of(exploration, point->order, hash, disk);
	exploration->totals.states++;
	if (about.contents == NULL) {
		return;
	}
	about.key = sim_exploration_key(exploration, &about, hash);
	enum sim_branch_added added = sim_branch_set_add(&exploration->judged, about.key);
	exploration->failed |= added == SIM_BRANCH_NO_ROOM;
	if (added != SIM_BRANCH_IS_NEW || exploration->failed) {
		exploration->totals.duplicates += added == SIM_BRANCH_WAS_THERE ? 1 : 0;
		return;
	}
	sim_crash_state_print(state, name);
	snprintf(about.path, sizeof about.path, "%" PRIu64 "/%s", point->order, name);
	exploration->totals.judged++;
	exploration->totals.kills += about.crash == SIM_CRASH_KILL ? 1 : 0;
	if (exploration->tell != NULL) {
		exploration->failed |= !exploration->tell(exploration, &about, NULL);
	}
	sim_exploration_judge(exploration, &about);
	if (exploration->totals.states >= exploration->options.states_max) {
		exploration->ended = exploration->totals.is_partial = true;
	}
}

/* Whether this one is asked for. */
static bool sim_exploration_wants(const struct sim_exploration *exploration, const struct sim_exploration_point *point,
                                  const struct sim_crash_state *state) {
	char name[SIM_CRASH_STATE_NAME_SIZE];
	char path[SIM_EXPLORATION_PATH_SIZE];
	if (exploration->options.only == NULL) {
		return true;
	}
	sim_crash_state_print(state, name);
	snprintf(path, sizeof path, "%" PRIu64 "/%s", point->order, name);
	return strcmp(path, exploration->options.only) == 0;
}

static void sim_exploration_try_state(struct sim_exploration *exploration, const struct sim_exploration_point *point,
                                      const struct sim_crash_state *state) {
	struct sim_pcg32 chance;
	if (exploration->ended || exploration->failed || !sim_exploration_wants(exploration, point, state)) {
		return;
	}
	struct vfs_disk *disk = vfs_disk_snapshot(exploration->redo.disk);
	exploration->failed |= disk == NULL;
	if (disk == NULL) {
		return;
	}
	if (!sim_crash_state_is_kill(state)) {
		sim_pcg32_seed(&chance, point->order, state->number);
		sim_crash_state_apply(disk, state, chance, exploration->options.teller, exploration->options.context);
	}
	sim_exploration_try(exploration, point, state, disk);
	vfs_disk_destroy(disk);
}

/* The death in the middle of a write. */
static void sim_exploration_try_half(struct sim_exploration *exploration, const struct sim_exploration_point *point,
                                     const struct vfs_disk *before) {
	const struct sim_crash_state state = {.kind = SIM_CRASH_STATE_KILL_HALF};
	const struct sim_redo_file *file = sim_redo_file(&exploration->redo, point->record);
	if (before == NULL || file == NULL || exploration->ended ||
	    !sim_exploration_wants(exploration, point, &state)) {
		return;
	}
	const struct sim_crash_write write = {
	        .path = file->path, .offset = point->record->head->offset, .size = point->record->bytes};
	struct vfs_disk *disk = sim_crash_state_half(before, exploration->redo.disk, &write);
	if (disk != NULL) {
		sim_exploration_try(exploration, point, &state, disk);
		vfs_disk_destroy(disk);
	}
}

static void sim_exploration_try_all(struct sim_exploration *exploration, const struct sim_exploration_point *point,
                                    const struct vfs_disk *before) {
	struct sim_crash_state state = {.kind = SIM_CRASH_STATE_KILL};
	exploration->totals.points++;
	sim_exploration_try_state(exploration, point, &state);
	sim_exploration_try_half(exploration, point, before);
	struct vfs_disk *copy = vfs_disk_snapshot(exploration->redo.disk);
	exploration->failed |= copy == NULL;
	if (copy == NULL) {
		return;
	}
	const struct sim_crash_state_pending pending = sim_crash_state_count(copy);
	vfs_disk_destroy(copy);
	state = (struct sim_crash_state){.kind = SIM_CRASH_STATE_NONE};
	do {
		sim_exploration_try_state(exploration, point, &state);
	} while (!exploration->ended && !exploration->failed &&
	         sim_crash_state_next(&pending, &exploration->options.bounds, &state));
}

/* ---- the run --------------------------------------------------------------------------------- */

/* What has come by then, and what is owed. True when more is owed than at the point before. */
static bool sim_exploration_set_point(const struct sim_exploration *exploration, struct sim_exploration_point *point,
                                      const struct sim_record *record) {
	bool is_more = false;
	point->order = record->head->order;
	point->record = record;
	for (uint32_t i = 0; i < exploration->commits->count; i++) {
		uint32_t required = sim_commits_required(exploration->commits, i, point->order);
		point->current[i] = sim_commits_current(&exploration->commits->databases[i], point->order);
		is_more |= required != point->required[i];
		point->required[i] = required;
	}
	return is_more;
}

/* Whether the next point is one of those that are asked for. */
static bool sim_exploration_is_of_part(struct sim_exploration *exploration) {
	const struct sim_exploration_options *options = &exploration->options;
	uint64_t number = exploration->points++;
	return options->parts == 0 || number % options->parts == options->part;
}

bool sim_exploration_run(struct sim_exploration *exploration) {
	struct sim_record record;
	struct sim_exploration_point point = {0};
	uint64_t position = 0;
	bool good = sim_redo_init(&exploration->redo);
	while (good && !exploration->ended && sim_recording_next(exploration->recording, &position, &record)) {
		bool is_write = record.head->kind == RECORD_WRITE && record.bytes > 1;
		struct vfs_disk *before = is_write ? vfs_disk_snapshot(exploration->redo.disk) : NULL;
		good = sim_redo_call(&exploration->redo, &record);
		bool is_point = sim_redo_changes(&record);
		is_point |= sim_exploration_set_point(exploration, &point, &record);
		if (good && is_point && sim_exploration_is_of_part(exploration)) {
			sim_exploration_try_all(exploration, &point, before);
		}
		vfs_disk_destroy(before);
		good = good && !exploration->failed;
	}
	sim_redo_deinit(&exploration->redo);
	return good;
}

bool sim_exploration_check_sound(struct sim_exploration *exploration, char why[SIM_COMMITS_WHY_SIZE]) {
	static struct sim_exploration_contents contents;
	struct sim_record record;
	uint64_t position = 0;
	bool good = sim_redo_init(&exploration->redo);
	memset(&contents, 0, sizeof contents);
	while (good && sim_recording_next(exploration->recording, &position, &record)) {
		good = sim_redo_call(&exploration->redo, &record);
	}
	for (uint32_t i = 0; good && i < exploration->commits->count; i++) {
		good = sim_content_read(exploration->reader, exploration->redo.disk,
		                        exploration->commits->databases[i].path, &contents.databases[i]);
	}
	good = good && sim_exploration_run_check(exploration, exploration->redo.disk, &contents);
	sim_redo_deinit(&exploration->redo);
	if (!good) {
		snprintf(why, SIM_COMMITS_WHY_SIZE, "%.300s: %s", exploration->options.check, strerror(errno));
	} else if (contents.check_status != 0) {
		snprintf(why, SIM_COMMITS_WHY_SIZE,
		         "%.250s: fails with status %d on the database as the program left it, so nothing was judged: "
		         "%.150s",
		         exploration->options.check, contents.check_status,
		         contents.said[0] != '\0' ? contents.said : "it prints nothing");
	}
	return good && contents.check_status == 0;
}
