/* sim/hunt/intake.c: see intake.h. */
#include "intake.h"

#include "fit.h"
#include "plan_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What became of a file. */
enum sim_intake_state {
	SIM_INTAKE_GOOD = 0,
	SIM_INTAKE_STALE,  /* no plan, or none that is taken here */
	SIM_INTAKE_UNREAD, /* nothing is known of it */
};

/* The bytes of a file, to be freed; else NULL with one line in `why`. */
static enum sim_intake_state sim_intake_load(const char *path, char **text, char why[SIM_CORPUS_WHY_SIZE]) {
	FILE *file = fopen(path, "rb");
	int error = file == NULL ? errno : 0;
	size_t size = 0;
	*text = calloc(1, SIM_PLAN_FILE_BYTES_MAX + 2u);
	error = *text == NULL ? ENOMEM : error;
	if (error == 0) {
		errno = EIO; /* should the library not say */
		size = fread(*text, 1, SIM_PLAN_FILE_BYTES_MAX + 1u, file);
		error = ferror(file) ? errno : 0;
	}
	if (file != NULL) {
		fclose(file);
	}
	if (error == 0 && size <= SIM_PLAN_FILE_BYTES_MAX && strlen(*text) == size) {
		return SIM_INTAKE_GOOD;
	}
	free(*text);
	*text = NULL;
	if (error != 0) {
		snprintf(why, SIM_CORPUS_WHY_SIZE, "%.460s: cannot be read: %s", path, strerror(error));
		return SIM_INTAKE_UNREAD;
	}
	snprintf(why, SIM_CORPUS_WHY_SIZE, "%.460s:1: not a text, or too long, expected a plan", path);
	return SIM_INTAKE_STALE;
}

/* "plan 3 scenario NAME seed 0x...": the number of that scenario; UINT32_MAX: it is not hunted. */
static uint32_t sim_intake_scenario(const struct sim_sweep_options *sweep, const char *text) {
	char wanted[SIM_SWEEP_NAME_SIZE];
	char name[SIM_SWEEP_NAME_SIZE];
	static const char word[] = " scenario ";
	while (*text == '#' || *text == '\n') {
		text += strcspn(text, "\n") + (*text == '#');
	}
	const char *begin = strstr(text, word);
	size_t size = begin != NULL ? strcspn(begin + sizeof word - 1, " \n") : 0;
	if (begin == NULL || size >= sizeof wanted) {
		return UINT32_MAX;
	}
	snprintf(wanted, sizeof wanted, "%.*s", (int)size, begin + sizeof word - 1);
	for (uint32_t i = 0; i < sweep->scenario_count; i++) {
		sim_sweep_name(sweep->scenarios[i], name);
		if (strcmp(name, wanted) == 0) {
			return i;
		}
	}
	return UINT32_MAX;
}

/* The text in its one form, without comments, to be freed; else NULL with one line in `why`. */
static enum sim_intake_state sim_intake_form(const struct sim_sweep_options *sweep, const char *path, const char *text,
                                             struct sim_intake_plan *taken, char why[SIM_CORPUS_WHY_SIZE]) {
	static struct sim_plan plan;
	char asked[SIM_FIT_TEXT_SIZE];
	size_t size = 0;
	memset(&plan, 0, sizeof plan);
	plan.sql_scenario = sweep->scenarios[taken->scenario]->sql;
	bool parsed = sim_plan_text_parse(&plan, text, path, why, SIM_CORPUS_WHY_SIZE);
	uint32_t too_much = parsed ? sim_fit_of_plan(&plan) & ~sweep->takes : 0;
	if (too_much != 0) {
		sim_fit_text(too_much, sweep->takes, 0, asked);
		snprintf(why, SIM_CORPUS_WHY_SIZE, "%.200s:1: asks for %.300s, which the subject does not take", path,
		         asked);
	}
	bool taken_here = parsed && too_much == 0;
	FILE *out = taken_here ? open_memstream(&taken->text, &size) : NULL;
	if (out != NULL) {
		sim_plan_text_print(&plan, out);
		fclose(out);
	}
	sim_plan_deinit(&plan);
	if (taken_here && taken->text == NULL) {
		snprintf(why, SIM_CORPUS_WHY_SIZE, "%.460s: cannot be read: out of memory", path);
	}
	return taken->text != NULL ? SIM_INTAKE_GOOD : taken_here ? SIM_INTAKE_UNREAD : SIM_INTAKE_STALE;
}

static bool sim_intake_add(struct sim_intake *intake, const struct sim_intake_plan *plan) {
	struct sim_intake_plan *grown = realloc(intake->plans, (intake->count + 1u) * sizeof *grown);
	if (grown == NULL) {
		return false;
	}
	intake->plans = grown;
	intake->plans[intake->count++] = *plan;
	return true;
}

static void sim_intake_set_aside(struct sim_intake *intake, bool own, const char *path, const char *why) {
	char aside[SIM_CORPUS_PATH_SIZE + 8];
	intake->stale++;
	snprintf(aside, sizeof aside, "%s.stale", path);
	bool renamed = own && rename(path, aside) == 0;
	fprintf(intake->said, "aftershock: %s; %s\n", why, renamed ? "it is set aside as .stale" : "it is not taken");
}

/* Which scenario's plan it is; false with one line in `why` when it is none. */
static bool sim_intake_is_plan(const struct sim_intake *intake, const char *path, const char *text,
                               struct sim_intake_plan *plan, char why[SIM_CORPUS_WHY_SIZE]) {
	bool is_plan = strstr(text, "plan ") != NULL && strstr(text, " scenario ") != NULL;
	plan->scenario = sim_intake_scenario(intake->sweep, text);
	if (!is_plan) {
		snprintf(why, SIM_CORPUS_WHY_SIZE, "%.460s:1: not a plan, expected `plan`", path);
	}
	return is_plan;
}

static bool sim_intake_take(struct sim_intake *intake, const char *folder, const char *name,
                            char why[SIM_CORPUS_WHY_SIZE]) {
	char path[SIM_CORPUS_PATH_SIZE];
	struct sim_intake_plan plan = {0};
	char *text = NULL;
	bool own = strcmp(folder, intake->own) == 0;
	bool good = true;
	snprintf(path, sizeof path, "%.700s/%.255s", folder, name);
	enum sim_intake_state state = sim_intake_load(path, &text, why);
	if (state == SIM_INTAKE_GOOD && !sim_intake_is_plan(intake, path, text, &plan, why)) {
		state = SIM_INTAKE_STALE;
	}
	bool foreign = state == SIM_INTAKE_GOOD && plan.scenario == UINT32_MAX;
	if (state == SIM_INTAKE_GOOD && !foreign) {
		state = sim_intake_form(intake->sweep, path, text, &plan, why);
	}
	if (foreign) {
		intake->foreign++;
		good = own || sim_corpus_write(intake->own, name, text, why);
	} else if (state == SIM_INTAKE_GOOD) {
		plan.path = own ? strdup(path) : NULL;
		good = sim_intake_add(intake, &plan);
	} else if (state == SIM_INTAKE_STALE) {
		sim_intake_set_aside(intake, own, path, why);
	} else {
		intake->unread++;
		fprintf(intake->said, "aftershock: %s; it is left as it is\n", why);
	}
	free(text);
	return good;
}

bool sim_intake_read(struct sim_intake *intake, const char *folder, char why[SIM_CORPUS_WHY_SIZE]) {
	uint32_t count = 0;
	bool good = true;
	char **names = sim_corpus_names(folder, &count);
	if (names == NULL) {
		snprintf(why, SIM_CORPUS_WHY_SIZE, "%.400s: cannot be read", folder);
		return false;
	}
	for (uint32_t i = 0; i < count; i++) {
		good = good && sim_intake_take(intake, folder, names[i], why);
		free(names[i]);
	}
	free(names);
	if (good) {
		why[0] = '\0';
	}
	return good;
}

void sim_intake_clear(struct sim_intake *intake) {
	for (uint32_t i = 0; i < intake->count; i++) {
		free(intake->plans[i].text);
		free(intake->plans[i].path);
	}
	free(intake->plans);
	intake->plans = NULL;
	intake->count = 0;
}
