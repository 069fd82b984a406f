/* sim/sweep/library.c: see library.h.
 *
 * A name is NAME (a scenario of the library or of one of its folders), FOLDER (all scenarios of
 * that folder), or a path. A pattern behind a colon selects cells: NAME:wal,full. */
#include "library.h"

#include "fit.h"
#include "scenario_load.h"
#include "sql.h"
#include "suggest.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIM_LIBRARY_FILES_MAX 1024u

/* The library: its own files, and then those of its folders, each by bytes, not by locale. */
struct sim_library_files {
	uint32_t count;
	uint32_t top_count; /* of the library's own */
	char *paths[SIM_LIBRARY_FILES_MAX];
};

/* Scenarios that are being loaded. */
struct sim_library {
	struct sim_sweep_options *sweep;
	struct sim_library_files files;
	char *why; /* SIM_LIBRARY_WHY_SIZE bytes */
};

static bool sim_library_complain_about(const struct sim_library *library, const char *name, const char *what) {
	snprintf(library->why, SIM_LIBRARY_WHY_SIZE, "%s: %s", name, what);
	return false;
}

/* ---- the library ----------------------------------------------------------------------------- */

static int sim_library_is_visible(const struct dirent *entry) {
	return entry->d_name[0] != '.';
}

static int sim_library_by_name(const struct dirent **left, const struct dirent **right) {
	return strcmp((*left)->d_name, (*right)->d_name);
}

static bool sim_library_is_folder(const char *path) {
	struct stat status;
	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool sim_library_is_yaml(const char *name) {
	size_t size = strlen(name);
	return size > 5 && strcmp(name + size - 5, ".yaml") == 0;
}

static void sim_library_take_entry(struct sim_library_files *files, const char *folder, const char *name) {
	char path[SIM_SCENARIO_PATH_SIZE];
	bool fits = (size_t)snprintf(path, sizeof path, "%s/%s", folder, name) < sizeof path;
	if (fits && sim_library_is_yaml(name) && files->count < SIM_LIBRARY_FILES_MAX) {
		files->paths[files->count] = strdup(path);
		files->count += files->paths[files->count] != NULL ? 1 : 0;
	}
}

/* Adds the scenarios of one folder; false when it cannot be read. */
static bool sim_library_scan(struct sim_library_files *files, const char *folder) {
	struct dirent **entries = NULL;
	int count = scandir(folder, &entries, sim_library_is_visible, sim_library_by_name);
	for (int i = 0; i < count; i++) {
		sim_library_take_entry(files, folder, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return count >= 0;
}

static bool sim_library_scan_all(struct sim_library_files *files, const char *library) {
	char path[SIM_SCENARIO_PATH_SIZE];
	struct dirent **entries = NULL;
	bool scanned = sim_library_scan(files, library);
	files->top_count = files->count;
	int count = scandir(library, &entries, sim_library_is_visible, sim_library_by_name);
	for (int i = 0; i < count; i++) {
		bool fits = (size_t)snprintf(path, sizeof path, "%s/%s", library, entries[i]->d_name) < sizeof path;
		if (fits && sim_library_is_folder(path)) {
			sim_library_scan(files, path);
		}
		free(entries[i]);
	}
	free(entries);
	return scanned;
}

static void sim_library_free_files(struct sim_library_files *files) {
	for (uint32_t i = 0; i < files->count; i++) {
		free(files->paths[i]);
	}
}

/* Whether PATH is .../NAME.yaml. */
static bool sim_library_is_named(const char *path, const char *name) {
	assert(strchr(path, '/') != NULL);
	const char *base = strrchr(path, '/') + 1;
	size_t size = strlen(name);
	return strncmp(base, name, size) == 0 && strcmp(base + size, ".yaml") == 0;
}

/* What may be named: scenarios, and the folders of those that are in one. Valid until the next
 * call. */
static const char *const *sim_library_names(const struct sim_library_files *files) {
	static char words[2 * SIM_LIBRARY_FILES_MAX][SIM_SCENARIO_NAME_SIZE];
	static const char *names[2 * SIM_LIBRARY_FILES_MAX + 1];
	uint32_t count = 0;
	for (uint32_t i = 0; i < files->count; i++) {
		const char *base = strrchr(files->paths[i], '/') + 1;
		snprintf(words[count], sizeof words[count], "%.*s", (int)strlen(base) - 5, base);
		names[count] = words[count];
		count++;
	}
	const char *last = "";
	for (uint32_t i = files->top_count; i < files->count; i++) {
		const char *end = strrchr(files->paths[i], '/');
		const char *folder = end;
		while (folder > files->paths[i] && folder[-1] != '/') {
			folder--;
		}
		snprintf(words[count], sizeof words[count], "%.*s", (int)(end - folder), folder);
		names[count] = words[count];
		count += strcmp(last, words[count]) != 0 ? 1 : 0;
		last = names[count - 1];
	}
	assert(count < sizeof names / sizeof names[0]);
	names[count] = NULL;
	return names;
}

/* A file of the current folder that is called so, but for its end. */
static bool sim_library_find_file(const char *name, char *path, size_t size) {
	size_t stem = strlen(name);
	stem -= stem > 4 && strcmp(name + stem - 4, ".yml") == 0 ? 4 : 0;
	bool fits = (size_t)snprintf(path, size, "%.*s.yaml", (int)stem, name) < size;
	return fits && access(path, R_OK) == 0;
}

static bool sim_library_complain_about_name(const struct sim_library *library, const char *name) {
	char path[SIM_SCENARIO_PATH_SIZE];
	if (strchr(name, '@') != NULL && library->sweep->home != NULL) {
		return sim_library_complain_about(
		        library, name, "one seed is run by a replay, and by $AFTERSHOCK_REPLAY, expected a scenario");
	}
	if (strchr(name, '@') != NULL) {
		snprintf(library->why, SIM_LIBRARY_WHY_SIZE,
		         "%s: one seed of a scenario is run by `aftershock replay %s`", name, name);
	} else if (sim_library_find_file(name, path, sizeof path)) {
		snprintf(library->why, SIM_LIBRARY_WHY_SIZE, "%s: no such scenario; did you mean %s?", name, path);
	} else if (library->files.count == 0) {
		snprintf(library->why, SIM_LIBRARY_WHY_SIZE, "%s: no such scenario; %s has none", name,
		         library->sweep->library);
	} else {
		const char *hint = sim_suggest(name, sim_library_names(&library->files));
		snprintf(library->why, SIM_LIBRARY_WHY_SIZE, "%s: no such scenario; %s", name, hint);
	}
	return false;
}

/* ---- adding ---------------------------------------------------------------------------------- */

static bool sim_library_take_cell(void *context, struct sim_scenario *cell) {
	struct sim_sweep_options *sweep = context;
	if (sweep->scenario_count == SIM_SWEEP_SCENARIOS_MAX) {
		sim_scenario_destroy(cell);
		return false;
	}
	if (sweep->branches_given) {
		sim_scenario_set_branches(cell, sweep->branches);
	}
	if (sweep->vfs_path != NULL) {
		sim_scenario_set_vfs(cell, sweep->vfs_path);
	}
	sweep->scenarios[sweep->scenario_count++] = cell;
	return true;
}

static bool sim_library_is_named_twice(const struct sim_sweep_options *sweep, uint32_t first) {
	uint32_t i = 0;
	while (i < first && strcmp(sweep->scenarios[i]->name, sweep->scenarios[first]->name) != 0) {
		i++;
	}
	return i < first;
}

static bool sim_library_refuse_subject(const struct sim_library *library, const struct sim_scenario *scenario,
                                       uint32_t asked) {
	const struct sim_sweep_options *sweep = library->sweep;
	char subject[SIM_SCENARIO_PATH_SIZE + 32];
	char text[SIM_FIT_TEXT_SIZE];
	sim_sweep_subject_name(sweep, subject, sizeof subject);
	sim_fit_text(asked, sweep->takes, scenario->sqlite_lowest, text);
	snprintf(library->why, SIM_LIBRARY_WHY_SIZE, "%s: %s does not take %s", scenario->name, subject, text);
	return false;
}

/* The scenarios from `first` on are the cells of one file. Those that the subject does not take go:
 * the workers do not load them, either. The first of them is left in `skipped`. */
static void sim_library_drop_cells(struct sim_sweep_options *sweep, uint32_t first, struct sim_sweep_skipped *skipped) {
	uint32_t kept = first;
	*skipped = (struct sim_sweep_skipped){.of_cells = sweep->scenario_count - first};
	for (uint32_t i = first; i < sweep->scenario_count; i++) {
		uint32_t asked = sim_fit_of_scenario(sweep->scenarios[i]);
		if ((asked & ~sweep->takes) == 0) {
			sweep->scenarios[kept++] = sweep->scenarios[i];
			continue;
		}
		skipped->asked |= asked;
		skipped->cells++;
		if (skipped->scenario == NULL) {
			skipped->scenario = sweep->scenarios[i];
		} else {
			sim_scenario_destroy(sweep->scenarios[i]);
		}
	}
	sweep->scenario_count = kept;
}

/* When the subject takes no cell of a file, the file is refused if it was named, and skipped if its
 * folder or the library was. */
static bool sim_library_fit(const struct sim_library *library, uint32_t first, bool is_named) {
	struct sim_sweep_options *sweep = library->sweep;
	struct sim_sweep_skipped skipped;
	assert(first < sweep->scenario_count);
	sim_library_drop_cells(sweep, first, &skipped);
	if (skipped.cells == 0) {
		return true;
	}
	sweep->skipped[sweep->skipped_count++] = skipped;
	if (sweep->scenario_count > first) {
		return true;
	}
	if (is_named) {
		return sim_library_refuse_subject(library, skipped.scenario, skipped.asked);
	}
	free(sweep->specs[--sweep->spec_count]);
	return true;
}

/* Remembers how the cells were named, so that a worker can load the same ones. */
static bool sim_library_add(const struct sim_library *library, const char *path, const char *pattern, bool is_named) {
	struct sim_scenario_why where = {library->why, SIM_LIBRARY_WHY_SIZE};
	struct sim_sweep_options *sweep = library->sweep;
	size_t size = strlen(path) + strlen(pattern) + 2;
	bool has_room = sweep->spec_count < SIM_SWEEP_SPECS_MAX && sweep->skipped_count < SIM_SWEEP_SPECS_MAX;
	char *spec = has_room ? malloc(size) : NULL;
	if (spec == NULL) {
		return sim_library_complain_about(library, path, "more scenarios than a sweep can have");
	}
	snprintf(spec, size, "%s:%s", path, pattern);
	assert(strlen(spec) + 1 == size);
	sweep->specs[sweep->spec_count++] = spec;
	uint32_t first = sweep->scenario_count;
	assert(first <= SIM_SWEEP_SCENARIOS_MAX);
	if (!sim_scenario_load_cells(path, pattern, sim_library_take_cell, sweep, &where)) {
		return false;
	}
	if (sim_library_is_named_twice(sweep, first)) {
		return sim_library_complain_about(library, sweep->scenarios[first]->name,
		                                  "this scenario is named twice, expected once");
	}
	return sim_library_fit(library, first, is_named);
}

static bool sim_library_add_folder(const struct sim_library *library, const char *folder, const char *pattern) {
	struct sim_library_files files = {0};
	bool added = sim_library_scan(&files, folder);
	for (uint32_t i = 0; i < files.count && added; i++) {
		added = sim_library_add(library, files.paths[i], pattern, false);
	}
	sim_library_free_files(&files);
	return added;
}

static bool sim_library_add_named(const struct sim_library *library, const char *name, const char *pattern) {
	const struct sim_library_files *files = &library->files;
	char folder[SIM_SCENARIO_PATH_SIZE];
	if (strstr(name, ".yaml@") != NULL && access(name, F_OK) != 0) {
		return sim_library_complain_about_name(library, name);
	}
	if (strchr(name, '/') != NULL || sim_library_is_yaml(name)) {
		return sim_library_add(library, name, pattern, true);
	}
	uint32_t i = 0;
	while (i < files->count && !sim_library_is_named(files->paths[i], name)) {
		i++;
	}
	if (i < files->count) {
		return sim_library_add(library, files->paths[i], pattern, true);
	}
	snprintf(folder, sizeof folder, "%s/%s", library->sweep->library, name);
	return name[0] != '\0' && sim_library_is_folder(folder) ? sim_library_add_folder(library, folder, pattern)
	                                                        : sim_library_complain_about_name(library, name);
}

/* Cuts the pattern off the name. A colon of a directory, or of a file's name, is none. */
static const char *sim_library_cut_pattern(char *name) {
	char *colon = strrchr(name, ':');
	if (colon == NULL || strchr(colon, '/') != NULL || sim_library_is_yaml(colon)) {
		return "";
	}
	*colon = '\0';
	return colon + 1;
}

bool sim_library_load(struct sim_sweep_options *sweep, int name_count, char **names, char why[SIM_LIBRARY_WHY_SIZE]) {
	struct sim_library library = {.sweep = sweep, .why = why};
	struct sim_library_files *files = &library.files;
	assert(sweep->library != NULL);
	sim_sql_set_patience(sweep->hang_seconds);
	bool loaded = sim_library_scan_all(files, sweep->library) || name_count > 0 ||
	              sim_library_complain_about(&library, sweep->library, strerror(errno));
	for (int i = 0; i < name_count && loaded; i++) {
		const char *pattern = sim_library_cut_pattern(names[i]);
		loaded = sim_library_add_named(&library, names[i], pattern);
	}
	for (uint32_t i = 0; name_count == 0 && i < files->top_count && loaded; i++) {
		loaded = sim_library_add(&library, files->paths[i], "", false);
	}
	assert(files->top_count <= files->count);
	sim_library_free_files(files);
	return loaded;
}

void sim_library_unload(struct sim_sweep_options *sweep) {
	for (uint32_t i = 0; i < sweep->scenario_count; i++) {
		sim_scenario_destroy(sweep->scenarios[i]);
	}
	for (uint32_t i = 0; i < sweep->skipped_count; i++) {
		sim_scenario_destroy(sweep->skipped[i].scenario);
	}
	for (uint32_t i = 0; i < sweep->spec_count; i++) {
		free(sweep->specs[i]);
	}
}
