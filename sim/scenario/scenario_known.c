/* sim/scenario/scenario_known.c: the findings in SQLite that show in a scenario. `versions` are
 * words such as 3.40.1, 3.40.1..3.49.2, or 3.37.0.. for what nobody has fixed yet: a fix is often
 * ported back, so what is concerned is a set of intervals. */
#include "scenario_internal.h"
#include "verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIM_KNOWN_ONE_IN_MAX 1000000u

static bool sim_known_is_invariant(const char *name, size_t length) {
	const struct sim_invariant *invariant = sim_verdict_invariants();
	while (invariant->name != NULL &&
	       (strlen(invariant->name) != length || memcmp(invariant->name, name, length) != 0)) {
		invariant++;
	}
	return invariant->name != NULL;
}

/* "snapshot_isolation+database_intact": each of them is one. */
static bool sim_known_are_invariants(const char *names) {
	bool are = true;
	for (const char *at = names; are; at++) {
		size_t length = strcspn(at, "+");
		are = sim_known_is_invariant(at, length);
		at += length;
		if (*at == '\0') {
			break;
		}
	}
	return are;
}

bool sim_scenario_known_shows_as(const struct sim_known *known, const char *invariant) {
	size_t length = strlen(invariant);
	const char *at = known->invariant;
	while (strncmp(at, invariant, length) != 0 || (at[length] != '+' && at[length] != '\0')) {
		at += strcspn(at, "+");
		if (*at++ == '\0') {
			return false;
		}
	}
	return true;
}

static bool sim_known_check_words(struct sim_scenario_source *source, uint32_t number,
                                  const struct sim_raw_known *raw) {
	const struct sim_known *known = NULL;
	const struct {
		const char *key;
		const char *word; /* NULL: it is not there */
		size_t size;
	} rows[] = {{"id", raw->id, sizeof known->id},
	            {"invariant", raw->invariant, sizeof known->invariant},
	            {"detail", raw->detail, sizeof known->detail},
	            {"link", raw->link, sizeof known->link},
	            {"fix", raw->fix, sizeof known->fix},
	            {"recorded", raw->recorded, sizeof known->recorded}};
	char place[SIM_SCENARIO_PLACE_SIZE];
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		snprintf(place, sizeof place, "known[%u].%s", number, rows[i].key);
		if (rows[i].word != NULL && (rows[i].word[0] == '\0' || strlen(rows[i].word) >= rows[i].size)) {
			return sim_scenario_refuse(source, place, "%s has %zu bytes, expected 1 to %zu", rows[i].key,
			                           strlen(rows[i].word), rows[i].size - 1);
		}
	}
	snprintf(place, sizeof place, "known[%u].invariant", number);
	return sim_known_are_invariants(raw->invariant) ||
	       sim_scenario_refuse(source, place,
	                           "unknown invariant %.80s, expected one of `aftershock list invariants`",
	                           raw->invariant);
}

/* "1/N". */
static bool sim_known_check_rate(struct sim_scenario_source *source, uint32_t number, const char *rate,
                                 struct sim_known *known) {
	char place[SIM_SCENARIO_PLACE_SIZE];
	char *end = NULL;
	snprintf(place, sizeof place, "known[%u].at_most", number);
	unsigned long one_in =
	        strncmp(rate, "1/", 2) == 0 && rate[2] >= '1' && rate[2] <= '9' ? strtoul(rate + 2, &end, 10) : 0;
	known->one_in = (uint32_t)one_in;
	return (one_in >= 2 && one_in <= SIM_KNOWN_ONE_IN_MAX && *end == '\0') ||
	       sim_scenario_refuse(source, place, "at_most %.40s, expected 1/N with N from 2 to %u", rate,
	                           SIM_KNOWN_ONE_IN_MAX);
}

/* What shows it: a plan, a seed, or both. */
static bool sim_known_check_evidence(struct sim_scenario_source *source, uint32_t number,
                                     const struct sim_raw_known *raw) {
	char place[SIM_SCENARIO_PLACE_SIZE];
	snprintf(place, sizeof place, "known[%u].id", number);
	return raw->plan != NULL || (raw->seed != NULL && *raw->seed != 0) ||
	       sim_scenario_refuse(source, place, "nothing shows %.80s, expected a plan or a seed from 1 on", raw->id);
}

/* ---- versions -------------------------------------------------------------------------------- */

/* "3.40.1" as 3040001; 0 when it is none. */
static uint64_t sim_known_version(const char *text, const char **end) {
	unsigned long parts[3];
	*end = text;
	for (int i = 0; i < 3; i++) {
		char *after = NULL;
		if (**end < '0' || **end > '9') {
			return 0;
		}
		parts[i] = strtoul(*end, &after, 10);
		*end = after;
		if (parts[i] > 999 || (i < 2 && *(*end)++ != '.')) {
			return 0;
		}
	}
	return parts[0] * 1000000 + parts[1] * 1000 + parts[2];
}

static bool sim_known_parse_range(const char *word, struct sim_range *range) {
	const char *end = word;
	range->min = range->max = sim_known_version(word, &end);
	if (range->min == 0 || *end == '\0') {
		return range->min != 0;
	}
	if (strncmp(end, "..", 2) != 0) {
		return false;
	}
	end += 2;
	range->max = *end == '\0' ? UINT64_MAX : sim_known_version(end, &end);
	return *end == '\0' && range->max >= range->min;
}

static bool sim_known_check_versions(struct sim_scenario_source *source, uint32_t number,
                                     const struct sim_raw_known *raw, struct sim_known *known) {
	char place[SIM_SCENARIO_PLACE_SIZE];
	known->version_count = 0;
	for (uint32_t i = 0; i < raw->versions_count; i++) {
		snprintf(place, sizeof place, "known[%u].versions[%u]", number, i);
		if (i == SIM_KNOWN_VERSIONS_MAX ||
		    !sim_known_parse_range(raw->versions[i], &known->versions[known->version_count])) {
			return sim_scenario_refuse(source, place,
			                           "%.80s, expected at most %d of 3.40.1, 3.40.1..3.49.2 or 3.37.0.. "
			                           "for what is not fixed",
			                           raw->versions[i], SIM_KNOWN_VERSIONS_MAX);
		}
		known->version_count++;
	}
	return true;
}

/* ---- the finding ----------------------------------------------------------------------------- */

/* The plan's path is relative to the scenario's directory. */
static bool sim_known_find_plan(struct sim_scenario_source *source, uint32_t number, const char *plan,
                                struct sim_known *known) {
	char place[SIM_SCENARIO_PLACE_SIZE];
	bool fits = sim_scenario_source_beside(source, plan, known->plan, sizeof known->plan);
	FILE *file = fits ? fopen(known->plan, "r") : NULL;
	if (file == NULL) {
		snprintf(place, sizeof place, "known[%u].plan", number);
		return sim_scenario_refuse(source, place, "%.200s cannot be read, expected a plan", plan);
	}
	fclose(file);
	return true;
}

/* `sqlite: 3.45.0`: what the SQL of the scenario needs. */
static bool sim_known_check_sqlite(struct sim_scenario_source *source, const char *word,
                                   struct sim_scenario *scenario) {
	const char *end = word;
	uint64_t version = word != NULL ? sim_known_version(word, &end) : 0;
	scenario->sqlite_lowest = (uint32_t)version;
	return word == NULL || (version > 0 && *end == '\0') ||
	       sim_scenario_refuse(source, "sqlite", "sqlite is %.40s, expected a release such as 3.45.0", word);
}

bool sim_scenario_check_known(struct sim_scenario_source *source, const struct sim_raw_scenario *raw,
                              struct sim_scenario *scenario) {
	if (!sim_known_check_sqlite(source, raw->sqlite, scenario)) {
		return false;
	}
	if (raw->known_count > SIM_KNOWN_MAX) {
		return sim_scenario_refuse(source, "known", "%u known findings, expected at most %d", raw->known_count,
		                           SIM_KNOWN_MAX);
	}
	for (uint32_t i = 0; i < raw->known_count; i++) {
		const struct sim_raw_known *from = &raw->known[i];
		struct sim_known *known = &scenario->known[scenario->known_count];
		if (!sim_known_check_words(source, i, from) || !sim_known_check_versions(source, i, from, known) ||
		    !sim_known_check_evidence(source, i, from) ||
		    (from->at_most != NULL && !sim_known_check_rate(source, i, from->at_most, known)) ||
		    (from->plan != NULL && !sim_known_find_plan(source, i, from->plan, known))) {
			return false;
		}
		if (from->cell != NULL && !sim_scenario_cell_matches(from->cell, scenario->cell)) {
			memset(known, 0, sizeof *known);
			continue;
		}
		snprintf(known->id, sizeof known->id, "%s", from->id);
		snprintf(known->invariant, sizeof known->invariant, "%s", from->invariant);
		snprintf(known->detail, sizeof known->detail, "%s", from->detail);
		snprintf(known->link, sizeof known->link, "%s", from->link);
		snprintf(known->fix, sizeof known->fix, "%s", from->fix != NULL ? from->fix : "");
		snprintf(known->recorded, sizeof known->recorded, "%s", from->recorded != NULL ? from->recorded : "");
		known->seed = from->seed != NULL ? *from->seed : 0;
		scenario->known_count++;
	}
	return true;
}
