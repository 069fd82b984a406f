/* sim/hunt/intake.c: see intake.h. */
#include "intake.h"

#include "fit.h"
#include "plan_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The bytes of a file; NULL with one line in `why`. To be freed. */
static char *sim_intake_load(const char *path, char why[SIM_CORPUS_WHY_SIZE]) {
	char *text = calloc(1, SIM_PLAN_FILE_BYTES_MAX + 2u);
	FILE *file = fopen(path, "rb");
	size_t size = 0;
	if (text != NULL && file != NULL) {
		size = fread(text, 1, SIM_PLAN_FILE_BYTES_MAX + 1u, file);
	}
	bool good = file != NULL && text != NULL && !ferror(file) && size <= SIM_PLAN_FILE_BYTES_MAX &&
	            strlen(text) == size;
	if (!good) {
		snprintf(why, SIM_CORPUS_WHY_SIZE, "%.400s:1: %s, expected a plan", path,
		         file == NULL   ? strerror(errno)
		         : text == NULL ? "out of memory"
		                        : "not a text, or too long");
		free(text);
		text = NULL;
	}
	if (file != NULL) {
		fclose(file);
	}
	return text;
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

/* The text in its one form, without comments; NULL with one line in `why`. */
static char *sim_intake_form(const struct sim_sweep_options *sweep, uint32_t scenario, const char *path,
                             const char *text, char why[SIM_CORPUS_WHY_SIZE]) {
	static struct sim_plan plan;
	char asked[SIM_FIT_TEXT_SIZE];
	char *form = NULL;
	size_t size = 0;
	memset(&plan, 0, sizeof plan);
	plan.sql_scenario = sweep->scenarios[scenario]->sql;
	bool parsed = sim_plan_text_parse(&plan, text, path, why, SIM_CORPUS_WHY_SIZE);
	uint32_t too_much = parsed ? sim_fit_of_plan(&plan) & ~sweep->takes : 0;
	if (too_much != 0) {
		sim_fit_text(too_much, sweep->takes, 0, asked);
		snprintf(why, SIM_CORPUS_WHY_SIZE, "%.300s:1: asks for %s, which the subject does not take", path,
		         asked);
	}
	FILE *out = parsed && too_much == 0 ? open_memstream(&form, &size) : NULL;
	if (out != NULL) {
		sim_plan_text_print(&plan, out);
		fclose(out);
	}
	sim_plan_deinit(&plan);
	return form;
}

static bool sim_intake_add(struct sim_intake *intake, uint32_t scenario, char *text) {
	struct sim_intake_plan *grown = realloc(intake->plans, (intake->count + 1u) * sizeof *grown);
	if (grown == NULL) {
		return false;
	}
	intake->plans = grown;
	intake->plans[intake->count++] = (struct sim_intake_plan){.scenario = scenario, .text = text};
	return true;
}

static void sim_intake_set_aside(struct sim_intake *intake, bool own, const char *path, const char *why) {
	char aside[SIM_CORPUS_PATH_SIZE + 8];
	intake->stale++;
	snprintf(aside, sizeof aside, "%s.stale", path);
	bool renamed = own && rename(path, aside) == 0;
	fprintf(intake->said, "aftershock: %s; %s\n", why, renamed ? "it is set aside as .stale" : "it is not taken");
}

static bool sim_intake_take(struct sim_intake *intake, const char *folder, const char *name,
                            char why[SIM_CORPUS_WHY_SIZE]) {
	char path[SIM_CORPUS_PATH_SIZE];
	bool own = strcmp(folder, intake->own) == 0;
	bool good = true;
	snprintf(path, sizeof path, "%.700s/%.255s", folder, name);
	char *text = sim_intake_load(path, why);
	uint32_t scenario = text != NULL ? sim_intake_scenario(intake->sweep, text) : UINT32_MAX;
	bool is_plan = text != NULL && strstr(text, "plan ") != NULL && strstr(text, " scenario ") != NULL;
	if (is_plan && scenario == UINT32_MAX) {
		intake->foreign++;
		good = own || sim_corpus_write(intake->own, name, text, why);
	} else {
		if (text != NULL && !is_plan) {
			snprintf(why, SIM_CORPUS_WHY_SIZE, "%.400s:1: not a plan, expected `plan`", path);
		}
		char *form = is_plan ? sim_intake_form(intake->sweep, scenario, path, text, why) : NULL;
		if (form == NULL) {
			sim_intake_set_aside(intake, own, path, why);
		} else {
			good = sim_intake_add(intake, scenario, form);
		}
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
	}
	free(intake->plans);
	intake->plans = NULL;
	intake->count = 0;
}
