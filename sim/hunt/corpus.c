/* sim/hunt/corpus.c: see corpus.h. First files, then plans. */
#define XXH_INLINE_ALL
#include "corpus.h"

#include "build.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#define SIM_CORPUS_HEADER "corpus"
#define SIM_CORPUS_HEADER_SIZE 256

/* ---- files ----------------------------------------------------------------------------------- */

static void sim_corpus_header(char text[SIM_CORPUS_HEADER_SIZE]) {
	char build[SIM_BUILD_SIZE];
	sim_build_name(build);
	snprintf(text, SIM_CORPUS_HEADER_SIZE, "corpus 1\naftershock %s\nsqlite %s\n", AFTERSHOCK_VERSION, build);
}

static bool sim_corpus_path(char path[SIM_CORPUS_PATH_SIZE], const char *folder, const char *name) {
	int size = snprintf(path, SIM_CORPUS_PATH_SIZE, "%s/%s", folder, name);
	return size > 0 && (size_t)size < SIM_CORPUS_PATH_SIZE;
}

bool sim_corpus_write(const char *folder, const char *name, const char *text, char why[SIM_CORPUS_WHY_SIZE]) {
	char path[SIM_CORPUS_PATH_SIZE];
	char begun[SIM_CORPUS_PATH_SIZE];
	FILE *file = NULL;
	errno = ENAMETOOLONG;
	if (sim_corpus_path(path, folder, name) && sim_corpus_path(begun, folder, ".begun")) {
		file = fopen(begun, "w");
	}
	bool good = file != NULL && fputs(text, file) >= 0;
	good = file != NULL && fclose(file) == 0 && good && rename(begun, path) == 0;
	if (!good) {
		snprintf(why, SIM_CORPUS_WHY_SIZE, "%.460s/%.100s: cannot be written: %s", folder, name,
		         strerror(errno));
	}
	return good;
}

static int sim_corpus_compare(const void *a, const void *b) {
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool sim_corpus_is_plan(const char *name) {
	size_t size = strlen(name);
	return size > 5 && name[0] != '.' && strcmp(name + size - 5, ".plan") == 0;
}

/* False: no memory. */
static bool sim_corpus_add_name(char ***names, uint32_t *count, const char *name) {
	char *copy = strdup(name);
	char **grown = copy != NULL ? realloc(*names, (*count + 1u) * sizeof *grown) : NULL;
	if (grown == NULL) {
		free(copy);
		return false;
	}
	*names = grown;
	grown[(*count)++] = copy;
	return true;
}

char **sim_corpus_names(const char *folder, uint32_t *count) {
	DIR *directory = opendir(folder);
	char **names = calloc(1, sizeof *names);
	bool good = directory != NULL && names != NULL;
	*count = 0;
	for (struct dirent *entry = NULL; good && (entry = readdir(directory)) != NULL;) {
		good = !sim_corpus_is_plan(entry->d_name) || sim_corpus_add_name(&names, count, entry->d_name);
	}
	if (directory != NULL) {
		closedir(directory);
	}
	if (!good) {
		for (uint32_t i = 0; i < *count; i++) {
			free(names[i]);
		}
		free(names);
		return NULL;
	}
	/* The order of a directory is no order. */
	qsort(names, *count, sizeof *names, sim_corpus_compare);
	return names;
}

static bool sim_corpus_is_empty(const char *folder) {
	DIR *directory = opendir(folder);
	bool empty = directory != NULL;
	for (struct dirent *entry = NULL; empty && (entry = readdir(directory)) != NULL;) {
		empty = entry->d_name[0] == '.';
	}
	if (directory != NULL) {
		closedir(directory);
	}
	return empty;
}

/* Lines become words of one line. */
static void sim_corpus_flatten(char *text) {
	for (char *at = text; *at != '\0'; at++) {
		*at = *at == '\n' ? (at[1] == '\0' ? '\0' : ',') : *at < ' ' || *at > '~' ? '?' : *at;
	}
}

/* What the file `corpus` says; empty when there is none. */
static void sim_corpus_read_header(const char *folder, char text[SIM_CORPUS_HEADER_SIZE]) {
	char path[SIM_CORPUS_PATH_SIZE];
	FILE *file = sim_corpus_path(path, folder, SIM_CORPUS_HEADER) ? fopen(path, "r") : NULL;
	size_t size = file != NULL ? fread(text, 1, SIM_CORPUS_HEADER_SIZE - 1, file) : 0;
	text[size] = '\0';
	if (file != NULL) {
		fclose(file);
	}
}

/* Whether all files of the folder can be named. */
static bool sim_corpus_fits(const char *folder, char why[SIM_CORPUS_WHY_SIZE]) {
	bool fits = strlen(folder) <= SIM_CORPUS_FOLDER_BYTES_MAX;
	if (!fits) {
		snprintf(why, SIM_CORPUS_WHY_SIZE, "%.60s...: the path has %zu bytes, expected at most %u for a corpus",
		         folder, strlen(folder), SIM_CORPUS_FOLDER_BYTES_MAX);
	}
	return fits;
}

bool sim_corpus_check(const char *folder, char other[SIM_CORPUS_WHY_SIZE], char why[SIM_CORPUS_WHY_SIZE]) {
	char found[SIM_CORPUS_HEADER_SIZE];
	char own[SIM_CORPUS_HEADER_SIZE];
	struct stat status;
	other[0] = '\0';
	if (!sim_corpus_fits(folder, why)) {
		return false;
	}
	if (stat(folder, &status) != 0 || !S_ISDIR(status.st_mode)) {
		snprintf(why, SIM_CORPUS_WHY_SIZE, "%.460s: expected a corpus, which is a folder", folder);
		return false;
	}
	sim_corpus_read_header(folder, found);
	sim_corpus_header(own);
	if (strncmp(found, "corpus 1\n", 9) != 0) {
		sim_corpus_flatten(found);
		snprintf(why, SIM_CORPUS_WHY_SIZE, "%.460s/" SIM_CORPUS_HEADER ":1: \"%.60s\", expected \"corpus 1\"",
		         folder, found);
		return false;
	}
	if (strcmp(found, own) != 0) {
		sim_corpus_flatten(found);
		sim_corpus_flatten(own);
		snprintf(other, SIM_CORPUS_WHY_SIZE, "%.200s: was written by %.150s, this is %.150s", folder, found + 9,
		         own + 9);
	}
	return true;
}

bool sim_corpus_open(struct sim_corpus *corpus, const char *folder, char other[SIM_CORPUS_WHY_SIZE],
                     char why[SIM_CORPUS_WHY_SIZE]) {
	char own[SIM_CORPUS_HEADER_SIZE];
	char findings[SIM_CORPUS_PATH_SIZE];
	memset(corpus, 0, sizeof *corpus);
	other[0] = '\0';
	if (!sim_corpus_fits(folder, why)) {
		return false;
	}
	snprintf(corpus->folder, sizeof corpus->folder, "%s", folder);
	bool is_new = mkdir(folder, 0777) == 0 || sim_corpus_is_empty(folder);
	if (!is_new && !sim_corpus_check(folder, other, why)) {
		return false;
	}
	sim_corpus_header(own);
	if (!sim_corpus_path(findings, folder, "findings") || (mkdir(findings, 0777) != 0 && errno != EEXIST)) {
		snprintf(why, SIM_CORPUS_WHY_SIZE, "%.460s/findings: %s", folder, strerror(errno));
		return false;
	}
	return sim_corpus_write(folder, SIM_CORPUS_HEADER, own, why);
}

/* ---- plans ----------------------------------------------------------------------------------- */

void sim_corpus_name(const char *text, char name[SIM_CORPUS_NAME_SIZE]) {
	snprintf(name, SIM_CORPUS_NAME_SIZE, "%016" PRIx64 ".plan", (uint64_t)XXH3_64bits(text, strlen(text)));
}

static void sim_corpus_forget(struct sim_corpus_plan *plan) {
	free(plan->text);
	free(plan->species);
	*plan = (struct sim_corpus_plan){0};
}

/* Takes it out of the folder, too. */
static void sim_corpus_drop(struct sim_corpus *corpus, struct sim_corpus_plan *plan) {
	char name[SIM_CORPUS_NAME_SIZE];
	char path[SIM_CORPUS_PATH_SIZE];
	sim_corpus_name(plan->text, name);
	if (sim_corpus_path(path, corpus->folder, name)) {
		unlink(path);
	}
	sim_corpus_forget(plan);
}

uint32_t sim_corpus_note(struct sim_corpus *corpus, const uint32_t *species, uint32_t count) {
	uint32_t fresh = 0;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t *runs = &corpus->runs[species[i]];
		if (*runs == 0) {
			corpus->reached[corpus->reached_count++] = species[i];
			fresh++;
		}
		*runs += *runs < UINT32_MAX;
	}
	return fresh;
}

const struct sim_corpus_plan *sim_corpus_champion(const struct sim_corpus *corpus, uint32_t species) {
	uint32_t place = corpus->champions[species];
	return place == 0 ? NULL : &corpus->plans[place - 1];
}

static bool sim_corpus_is_better(const struct sim_corpus *corpus, uint32_t species, uint64_t calls) {
	const struct sim_corpus_plan *champion = sim_corpus_champion(corpus, species);
	return champion == NULL || calls * 2 <= champion->calls;
}

bool sim_corpus_wants(const struct sim_corpus *corpus, const uint32_t *species, uint32_t count, uint64_t calls) {
	for (uint32_t i = 0; i < count; i++) {
		if (sim_corpus_is_better(corpus, species[i], calls)) {
			return true;
		}
	}
	return false;
}

/* An empty place for a plan; NULL: no memory. */
static struct sim_corpus_plan *sim_corpus_place(struct sim_corpus *corpus) {
	for (uint32_t i = 0; i < corpus->count; i++) {
		if (corpus->plans[i].text == NULL) {
			return &corpus->plans[i];
		}
	}
	if (corpus->count == corpus->capacity) {
		uint32_t capacity = corpus->capacity == 0 ? 64 : corpus->capacity * 2;
		struct sim_corpus_plan *grown = realloc(corpus->plans, capacity * sizeof *grown);
		if (grown == NULL) {
			return NULL;
		}
		corpus->plans = grown;
		corpus->capacity = capacity;
	}
	corpus->plans[corpus->count] = (struct sim_corpus_plan){0};
	return &corpus->plans[corpus->count++];
}

/* It becomes the champion of what it is better at. */
static void sim_corpus_crown(struct sim_corpus *corpus, struct sim_corpus_plan *plan) {
	uint32_t place = (uint32_t)(plan - corpus->plans) + 1;
	for (uint32_t i = 0; i < plan->count; i++) {
		uint32_t *champion = &corpus->champions[plan->species[i]];
		if (!sim_corpus_is_better(corpus, plan->species[i], plan->calls)) {
			continue;
		}
		if (*champion != 0 && --corpus->plans[*champion - 1].leads == 0) {
			sim_corpus_drop(corpus, &corpus->plans[*champion - 1]);
		}
		*champion = place;
		plan->leads++;
	}
}

bool sim_corpus_has(const struct sim_corpus *corpus, const char *text) {
	bool has = false;
	for (uint32_t i = 0; i < corpus->count && !has; i++) {
		has = corpus->plans[i].text != NULL && strcmp(corpus->plans[i].text, text) == 0;
	}
	return has;
}

bool sim_corpus_keep(struct sim_corpus *corpus, const struct sim_corpus_plan *plan, char why[SIM_CORPUS_WHY_SIZE]) {
	char name[SIM_CORPUS_NAME_SIZE];
	if (sim_corpus_has(corpus, plan->text)) {
		return true;
	}
	struct sim_corpus_plan *kept = sim_corpus_place(corpus);
	char *text = strdup(plan->text);
	uint32_t *species = malloc((plan->count + 1u) * sizeof *species);
	if (kept == NULL || text == NULL || species == NULL) {
		free(text);
		free(species);
		snprintf(why, SIM_CORPUS_WHY_SIZE, "out of memory for a corpus");
		return false;
	}
	memcpy(species, plan->species, plan->count * sizeof *species);
	*kept = *plan;
	kept->text = text;
	kept->species = species;
	kept->leads = 0;
	sim_corpus_name(text, name);
	/* First the new one is there, then the old ones go. */
	bool good = sim_corpus_write(corpus->folder, name, text, why);
	sim_corpus_crown(corpus, kept);
	if (kept->leads == 0) {
		sim_corpus_drop(corpus, kept);
	}
	return good;
}

/* How many species of the plan nobody who was chosen reaches. */
static uint32_t sim_corpus_adds(const struct sim_corpus_plan *plan, const struct sim_species *reached) {
	uint32_t adds = 0;
	for (uint32_t i = 0; i < plan->count; i++) {
		adds += !sim_species_has(reached, plan->species[i]);
	}
	return adds;
}

/* The plan that adds most; of equals the cheaper, then the first. UINT32_MAX: none adds any. */
static uint32_t sim_corpus_next(const struct sim_corpus *corpus, const struct sim_species *reached) {
	uint32_t best = UINT32_MAX;
	uint32_t most = 0;
	for (uint32_t i = 0; i < corpus->count; i++) {
		const struct sim_corpus_plan *plan = &corpus->plans[i];
		uint32_t adds = plan->text == NULL ? 0 : sim_corpus_adds(plan, reached);
		bool better = adds > most || (adds == most && adds > 0 && plan->calls < corpus->plans[best].calls);
		best = better ? i : best;
		most = better ? adds : most;
	}
	return best;
}

/* It becomes the champion of what nobody who was chosen before reaches. */
static void sim_corpus_choose(struct sim_corpus *corpus, uint32_t place, struct sim_species *reached) {
	struct sim_corpus_plan *plan = &corpus->plans[place];
	plan->leads = 0;
	for (uint32_t i = 0; i < plan->count; i++) {
		if (!sim_species_has(reached, plan->species[i])) {
			sim_species_add(reached, plan->species[i]);
			corpus->champions[plan->species[i]] = place + 1;
			plan->leads++;
		}
	}
}

bool sim_corpus_minimise(struct sim_corpus *corpus, char why[SIM_CORPUS_WHY_SIZE]) {
	struct sim_species *reached = calloc(1, sizeof *reached);
	bool *chosen = calloc(corpus->count + 1u, sizeof *chosen);
	bool good = reached != NULL && chosen != NULL;
	for (uint32_t next = 0; good && (next = sim_corpus_next(corpus, reached)) != UINT32_MAX;) {
		sim_corpus_choose(corpus, next, reached);
		chosen[next] = true;
	}
	for (uint32_t i = 0; good && i < corpus->count; i++) {
		if (corpus->plans[i].text != NULL && !chosen[i]) {
			sim_corpus_drop(corpus, &corpus->plans[i]);
		}
	}
	free(reached);
	free(chosen);
	if (!good) {
		snprintf(why, SIM_CORPUS_WHY_SIZE, "out of memory for a corpus");
	}
	return good;
}

uint32_t sim_corpus_size(const struct sim_corpus *corpus) {
	uint32_t size = 0;
	for (uint32_t i = 0; i < corpus->count; i++) {
		size += corpus->plans[i].text != NULL;
	}
	return size;
}

void sim_corpus_close(struct sim_corpus *corpus) {
	for (uint32_t i = 0; i < corpus->count; i++) {
		sim_corpus_forget(&corpus->plans[i]);
	}
	free(corpus->plans);
	memset(corpus, 0, sizeof *corpus);
}
