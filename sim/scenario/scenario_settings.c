/* sim/scenario/scenario_settings.c: the mappings `settings`, `disk` and `bound`, each key checked
 * by its row (sim/setting_row.h). */
#include "scenario_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One setting on its way. */
struct sim_settings_at {
	struct sim_scenario_source *source;
	const struct sim_setting_row *row;
	const struct sim_raw_setting *raw;
	struct sim_choices *choices;
	char place[SIM_SCENARIO_PLACE_SIZE];
};

static bool sim_settings_refuse(struct sim_settings_at *at, uint32_t entry, const char *what) {
	char place[SIM_SCENARIO_PLACE_SIZE + 16];
	char expected[SIM_SETTING_EXPECTED_SIZE];
	snprintf(place, sizeof place, at->row->single ? "%s" : "%s[%u]", at->place, entry);
	sim_setting_row_expected(at->row, expected);
	return sim_scenario_refuse(at->source, place, "%s, expected %s%s", what,
	                           at->row->name != NULL && !at->row->single ? "one of: " : "", expected);
}

static bool sim_settings_take_word(struct sim_settings_at *at, uint32_t entry, const char *word) {
	char what[256];
	if (sim_setting_row_named(at->row, word, &at->choices->values[entry])) {
		return true;
	}
	snprintf(what, sizeof what, "unknown word %.80s in %s", word, at->place);
	return sim_settings_refuse(at, entry, what);
}

static bool sim_settings_take_number(struct sim_settings_at *at, uint32_t entry, uint64_t number) {
	char what[256];
	if (sim_setting_row_fits(at->row, number)) {
		at->choices->values[entry] = number;
		return true;
	}
	snprintf(what, sizeof what, "%s is %" PRIu64, at->place, number);
	return sim_settings_refuse(at, entry, what);
}

/* A number that stands alone is read as a word. */
static bool sim_settings_take_alone(struct sim_settings_at *at, const char *word) {
	char what[256];
	errno = 0;
	unsigned long long number = strtoull(word, NULL, 10);
	if (errno == 0 && word[0] != '\0' && strspn(word, "0123456789") == strlen(word)) {
		return sim_settings_take_number(at, 0, number);
	}
	snprintf(what, sizeof what, "%s is %.80s", at->place, word);
	return sim_settings_refuse(at, 0, what);
}

static bool sim_settings_take(struct sim_settings_at *at) {
	const void *entries = at->raw->entries;
	if (at->row->single) {
		return at->row->name != NULL ? sim_settings_take_word(at, 0, entries)
		                             : sim_settings_take_alone(at, entries);
	}
	if (at->raw->count > SIM_CHOICES_MAX) {
		return sim_scenario_refuse(at->source, at->place, "%s has %u entries, expected at most %d", at->place,
		                           at->raw->count, SIM_CHOICES_MAX);
	}
	at->choices->count = at->raw->count;
	for (uint32_t i = 0; i < at->raw->count; i++) {
		bool taken = at->row->name != NULL ? sim_settings_take_word(at, i, ((char *const *)entries)[i])
		                                   : sim_settings_take_number(at, i, ((const uint64_t *)entries)[i]);
		if (!taken) {
			return false;
		}
	}
	return true;
}

bool sim_scenario_check_settings(struct sim_scenario_source *source, const struct sim_raw_settings *raw,
                                 struct sim_scenario *scenario) {
	for (uint32_t i = 0; i < sim_setting_row_count(); i++) {
		struct sim_settings_at at = {.source = source,
		                             .row = sim_setting_row(i),
		                             .raw = &raw->rows[i],
		                             .choices = &scenario->settings[i]};
		if (at.raw->entries == NULL) {
			continue;
		}
		snprintf(at.place, sizeof at.place, "%s.%s", at.row->section, at.row->key);
		if (!sim_settings_take(&at)) {
			return false;
		}
	}
	return true;
}

static bool sim_settings_has(const struct sim_choices *choices, uint64_t value) {
	bool has = false;
	for (uint32_t i = 0; i < choices->count; i++) {
		has = has || choices->values[i] == value;
	}
	return has;
}

static bool sim_settings_is_usual(const struct sim_choices *choices) {
	return choices->count == 1 && choices->values[0] == 0;
}

bool sim_scenario_check_lives(struct sim_scenario_source *source, const struct sim_scenario *scenario) {
	const struct sim_choices *modes = &scenario->settings[SIM_SETTING(other_journal_mode)];
	const struct sim_choices *synchronous = &scenario->settings[SIM_SETTING(other_synchronous)];
	if (sim_settings_is_usual(modes) && sim_settings_is_usual(synchronous)) {
		return true;
	}
	const char *place = sim_settings_is_usual(modes) ? "settings.other_synchronous" : "settings.other_journal_mode";
	bool is_beside = scenario->processes != NULL || scenario->workload.takeovers_percent > 0;
	if (scenario->sql != NULL || is_beside) {
		return sim_scenario_refuse(source, place, "%s with %s, expected one engine at a time", place,
		                           scenario->sql != NULL         ? "subject sql"
		                           : scenario->processes != NULL ? "processes"
		                                                         : "workload.takeovers");
	}
	if (sim_settings_has(modes, SIM_JOURNAL_MEMORY) || sim_settings_has(modes, SIM_JOURNAL_OFF)) {
		return sim_scenario_refuse(source, place,
		                           "memory or off in %s, expected one of: same, delete, truncate, persist, wal",
		                           place);
	}
	return true;
}
