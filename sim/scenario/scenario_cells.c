/* sim/scenario/scenario_cells.c: the axes of a scenario, and the cells they span.
 *
 * An axis is a list of settings or disk that is not drawn from but gone through, or the variants
 * that name it. A cell takes one entry of each axis. It is made before anything is checked: a copy
 * of the raw scenario, with one entry in each list that is an axis, and what its variants say in
 * place of, or added to, what the scenario says. So every check that a scenario without axes passes
 * is passed by every cell, and no other part of the program knows of axes. */
#include "scenario_internal.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define SIM_CELLS_WORD_SIZE 32

struct sim_cells_axis {
	const char *name; /* without "settings." */
	bool of_variants;
	uint32_t row; /* of sim/setting_row.h; not of variants */
	uint32_t count;
	uint32_t variants[SIM_AXIS_ENTRIES_MAX]; /* their place in the file's list */
	char words[SIM_AXIS_ENTRIES_MAX][SIM_CELLS_WORD_SIZE];
};

struct sim_cells {
	struct sim_scenario_source *source;
	const struct sim_raw_scenario *raw;
	uint32_t axis_count;
	struct sim_cells_axis axes[SIM_AXES_MAX];
	uint32_t total;
	char names[SIM_CELL_SIZE];
};

/* ---- the axes -------------------------------------------------------------------------------- */

static bool sim_cells_refuse_axis(struct sim_cells *cells, uint32_t number, const char *what, const char *expected) {
	char place[SIM_SCENARIO_PLACE_SIZE];
	snprintf(place, sizeof place, "axes[%u]", number);
	return sim_scenario_refuse(cells->source, place, "axis %.80s %s, expected %s", cells->raw->axes[number], what,
	                           expected);
}

static bool sim_cells_is_word(const char *word) {
	return word[0] != '\0' && strlen(word) < SIM_CELLS_WORD_SIZE &&
	       strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_-") == strlen(word);
}

/* What one entry of a list is called. */
static void sim_cells_word(uint32_t row, const char *entry, char word[SIM_CELLS_WORD_SIZE]) {
	const char *text = NULL;
	uint64_t number = 0;
	if (sim_setting_row(row)->name != NULL) {
		memcpy(&text, entry, sizeof text);
		snprintf(word, SIM_CELLS_WORD_SIZE, "%s", text);
	} else {
		memcpy(&number, entry, sizeof number);
		snprintf(word, SIM_CELLS_WORD_SIZE, "%llu", (unsigned long long)number);
	}
}

/* The words of a list; they are the file's own, and are checked when a cell is. */
static bool sim_cells_take_list(struct sim_cells *cells, struct sim_cells_axis *axis, uint32_t number) {
	const struct sim_raw_setting *list = &cells->raw->settings.rows[axis->row];
	axis->count = list->count;
	if (list->entries == NULL || axis->count == 0 || axis->count > SIM_CHOICES_MAX) {
		return sim_cells_refuse_axis(cells, number,
		                             list->entries == NULL ? "is not in the file" : "is too long",
		                             "a list of 1 to 8 entries under that key");
	}
	for (uint32_t i = 0; i < axis->count; i++) {
		const char *entry = (const char *)list->entries + i * sim_scenario_schema_entry_size(axis->row);
		sim_cells_word(axis->row, entry, axis->words[i]);
	}
	return true;
}

static bool sim_cells_take_variant(struct sim_cells *cells, struct sim_cells_axis *axis, uint32_t number) {
	assert(number < cells->raw->variants_count);
	const struct sim_raw_variant *variant = &cells->raw->variants[number];
	char place[SIM_SCENARIO_PLACE_SIZE];
	snprintf(place, sizeof place, "variants[%u].name", number);
	if (!sim_cells_is_word(variant->name)) {
		return sim_scenario_refuse(cells->source, place,
		                           "variant %.80s, expected lower-case letters, digits, - and _, at most %d",
		                           variant->name, SIM_CELLS_WORD_SIZE - 1);
	}
	if (axis->count == SIM_AXIS_ENTRIES_MAX) {
		return sim_scenario_refuse(cells->source, place, "too many variants of %s, expected at most %d",
		                           axis->name, SIM_AXIS_ENTRIES_MAX);
	}
	axis->variants[axis->count] = number;
	snprintf(axis->words[axis->count++], SIM_CELLS_WORD_SIZE, "%s", variant->name);
	return true;
}

static bool sim_cells_take_variants(struct sim_cells *cells, struct sim_cells_axis *axis, uint32_t number) {
	axis->of_variants = true;
	for (uint32_t i = 0; i < cells->raw->variants_count; i++) {
		if (strcmp(cells->raw->variants[i].axis, axis->name) == 0 && !sim_cells_take_variant(cells, axis, i)) {
			return false;
		}
	}
	return axis->count > 0 ||
	       sim_cells_refuse_axis(
	               cells, number, "is unknown",
	               "a list such as settings.journal_mode or disk.sector_size, or the axis of a variant");
}

/* Among the first `count` entries. */
static bool sim_cells_has_word(const struct sim_cells_axis *axis, uint32_t count, const char *word) {
	assert(count <= axis->count);
	bool has = false;
	for (uint32_t i = 0; i < count; i++) {
		has = has || strcmp(axis->words[i], word) == 0;
	}
	return has;
}

static bool sim_cells_take_axis(struct sim_cells *cells, uint32_t number) {
	assert(number < SIM_AXES_MAX);
	struct sim_cells_axis *axis = &cells->axes[number];
	const char *place = cells->raw->axes[number];
	const char *dot = strchr(place, '.');
	axis->name = dot != NULL ? dot + 1 : place;
	if (dot != NULL && !sim_scenario_schema_find_list(place, &axis->row)) {
		return sim_cells_refuse_axis(cells, number, "is unknown",
		                             "a list such as settings.journal_mode or disk.sector_size");
	}
	if (!(dot != NULL ? sim_cells_take_list(cells, axis, number) : sim_cells_take_variants(cells, axis, number))) {
		return false;
	}
	for (uint32_t i = 0; i < number; i++) {
		if (strcmp(cells->axes[i].name, axis->name) == 0) {
			return sim_cells_refuse_axis(cells, number, "is there twice", "each axis once");
		}
	}
	for (uint32_t i = 1; i < axis->count; i++) {
		if (sim_cells_has_word(axis, i, axis->words[i])) {
			return sim_cells_refuse_axis(cells, number, "has an entry twice", "each entry once");
		}
	}
	cells->total *= axis->count;
	return true;
}

/* A variant's axis must be one; it must not say what is an axis of its own. */
static bool sim_cells_check_variant(struct sim_cells *cells, uint32_t number) {
	const struct sim_raw_variant *variant = &cells->raw->variants[number];
	char place[SIM_SCENARIO_PLACE_SIZE];
	bool known = false;
	snprintf(place, sizeof place, "variants[%u].axis", number);
	for (uint32_t i = 0; i < cells->axis_count; i++) {
		const struct sim_cells_axis *axis = &cells->axes[i];
		known = known || (axis->of_variants && strcmp(axis->name, variant->axis) == 0);
		if (axis->of_variants) {
			continue;
		}
		if (variant->settings.rows[axis->row].entries != NULL) {
			return sim_scenario_refuse(
			        cells->source, place,
			        "variant %s gives %s, which is an axis itself, expected one of the two", variant->name,
			        cells->raw->axes[i]);
		}
	}
	return known ||
	       sim_scenario_refuse(cells->source, place, "axis %.80s is not in axes, expected it there", variant->axis);
}

static bool sim_cells_init(struct sim_cells *cells) {
	const struct sim_raw_scenario *raw = cells->raw;
	size_t used = 0;
	if (raw->axes_count > SIM_AXES_MAX) {
		return sim_scenario_refuse(cells->source, "axes", "%u axes, expected at most %d", raw->axes_count,
		                           SIM_AXES_MAX);
	}
	cells->axis_count = raw->axes_count;
	cells->total = 1;
	for (uint32_t i = 0; i < raw->axes_count; i++) {
		if (!sim_cells_take_axis(cells, i)) {
			return false;
		}
		used += (size_t)snprintf(cells->names + used, sizeof cells->names - used, "%s%s", i > 0 ? "," : "",
		                         cells->axes[i].name);
		if (used >= sizeof cells->names) {
			return sim_cells_refuse_axis(cells, i, "makes the names of the axes too long", "shorter ones");
		}
	}
	for (uint32_t i = 0; i < raw->variants_count; i++) {
		if (!sim_cells_check_variant(cells, i)) {
			return false;
		}
	}
	return cells->total <= SIM_CELLS_MAX ||
	       sim_scenario_refuse(cells->source, "axes", "the axes make %u cells, expected at most %d", cells->total,
	                           SIM_CELLS_MAX);
}

/* ---- cells ----------------------------------------------------------------------------------- */

/* The entry that cell `number` takes of an axis; the last axis is the fastest. */
static uint32_t sim_cells_entry(const struct sim_cells *cells, uint32_t number, uint32_t axis) {
	assert(axis < cells->axis_count);
	for (uint32_t i = cells->axis_count; i > axis + 1; i--) {
		number /= cells->axes[i - 1].count;
	}
	return number % cells->axes[axis].count;
}

static bool sim_cells_name(const struct sim_cells *cells, uint32_t number, char name[SIM_CELL_SIZE]) {
	size_t used = 0;
	name[0] = '\0';
	for (uint32_t i = 0; i < cells->axis_count && used < SIM_CELL_SIZE; i++) {
		used += (size_t)snprintf(name + used, SIM_CELL_SIZE - used, "%s%s", i > 0 ? "," : "",
		                         cells->axes[i].words[sim_cells_entry(cells, number, i)]);
	}
	return used < SIM_CELL_SIZE ||
	       sim_scenario_refuse(cells->source, "axes", "the name of a cell is too long: %s", name);
}

static bool sim_cells_is_excluded(const struct sim_cells *cells, const char *name) {
	bool excluded = false;
	for (uint32_t i = 0; i < cells->raw->exclude_count; i++) {
		excluded = excluded || sim_scenario_cell_matches(cells->raw->exclude[i], name);
	}
	return excluded;
}

static void sim_cells_narrow(const struct sim_cells_axis *axis, uint32_t entry, struct sim_raw_scenario *raw) {
	struct sim_raw_setting *list = &raw->settings.rows[axis->row];
	list->entries = (char *)list->entries + entry * sim_scenario_schema_entry_size(axis->row);
	list->count = 1;
}

/* The faults of the scenario and then those of the variants; one more than a scenario may have is
 * enough to be refused. */
static void sim_cells_add_faults(struct sim_raw_fault *faults, struct sim_raw_scenario *raw,
                                 const struct sim_raw_fault *more, uint32_t count) {
	for (uint32_t i = 0; i < count && raw->faults_count <= SIM_FAULT_GROUPS_MAX; i++) {
		faults[raw->faults_count++] = more[i];
	}
	raw->faults = faults;
}

static bool sim_cells_build(struct sim_cells *cells, uint32_t number, const char *name, sim_scenario_builder build,
                            void *context) {
	struct sim_scenario_source *source = cells->source;
	struct sim_raw_fault faults[SIM_FAULT_GROUPS_MAX + 1];
	struct sim_raw_scenario raw = *cells->raw;
	raw.faults_count = 0;
	sim_cells_add_faults(faults, &raw, cells->raw->faults, cells->raw->faults_count);
	source->base_fault_count = raw.faults_count;
	source->variant_count = 0;
	for (uint32_t i = 0; i < cells->axis_count; i++) {
		const struct sim_cells_axis *axis = &cells->axes[i];
		uint32_t entry = sim_cells_entry(cells, number, i);
		if (!axis->of_variants) {
			sim_cells_narrow(axis, entry, &raw);
			continue;
		}
		const struct sim_raw_variant *variant = &cells->raw->variants[axis->variants[entry]];
		source->variants[source->variant_count] = axis->variants[entry];
		source->fault_counts[source->variant_count++] = variant->faults_count;
		sim_scenario_schema_overlay(&raw, variant);
		sim_cells_add_faults(faults, &raw, variant->faults, variant->faults_count);
	}
	bool built = build(context, &raw, cells->names, name);
	source->variant_count = 0;
	return built;
}

/* ---- patterns that name nothing -------------------------------------------------------------- */

static uint32_t sim_cells_count_matches(const struct sim_cells *cells, const char *pattern, bool with_excluded) {
	char name[SIM_CELL_SIZE];
	uint32_t count = 0;
	for (uint32_t number = 0; number < cells->total; number++) {
		bool counts = sim_cells_name(cells, number, name) && sim_scenario_cell_matches(pattern, name) &&
		              (with_excluded || !sim_cells_is_excluded(cells, name));
		count += counts ? 1 : 0;
	}
	return count;
}

static bool sim_cells_refuse_pattern(const struct sim_cells *cells, const char *place, const char *pattern,
                                     const char *expected) {
	bool has_axes = cells->axis_count > 0;
	return sim_scenario_refuse(cells->source, place, "\"%.80s\" names no cell, expected %s%s", pattern,
	                           has_axes ? expected : "", has_axes ? cells->names : "a scenario with axes");
}

static bool sim_cells_check_patterns(struct sim_cells *cells) {
	const struct sim_raw_scenario *raw = cells->raw;
	char place[SIM_SCENARIO_PLACE_SIZE];
	for (uint32_t i = 0; i < raw->exclude_count; i++) {
		snprintf(place, sizeof place, "exclude[%u]", i);
		if (sim_cells_count_matches(cells, raw->exclude[i], true) == 0) {
			return sim_cells_refuse_pattern(cells, place, raw->exclude[i], "a word for each of ");
		}
	}
	for (uint32_t i = 0; i < raw->cells_count; i++) {
		snprintf(place, sizeof place, "cells[%u].where", i);
		if (sim_cells_count_matches(cells, raw->cells[i].where, false) == 0) {
			return sim_cells_refuse_pattern(cells, place, raw->cells[i].where, "a word for each of ");
		}
	}
	for (uint32_t i = 0; i < raw->known_count; i++) {
		const char *pattern = raw->known[i].cell;
		snprintf(place, sizeof place, "known[%u].cell", i);
		/* Without one it is all cells. */
		if (pattern != NULL && sim_cells_count_matches(cells, pattern, false) != 1) {
			return sim_scenario_refuse(cells->source, place,
			                           "\"%.80s\" is not exactly one cell, expected a word for each of %s",
			                           pattern,
			                           cells->axis_count > 0 ? cells->names : "no axes: no key cell");
		}
	}
	return true;
}

bool sim_scenario_expand(struct sim_scenario_source *source, const struct sim_raw_scenario *raw, const char *pattern,
                         sim_scenario_builder build, void *context) {
	struct sim_cells cells = {.source = source, .raw = raw};
	char name[SIM_CELL_SIZE];
	uint32_t built = 0;
	if (!sim_cells_init(&cells) || !sim_cells_check_patterns(&cells)) {
		return false;
	}
	for (uint32_t number = 0; number < cells.total; number++) {
		if (!sim_cells_name(&cells, number, name)) {
			return false;
		}
		if (sim_cells_is_excluded(&cells, name) || !sim_scenario_cell_matches(pattern, name)) {
			continue;
		}
		if (!sim_cells_build(&cells, number, name, build, context)) {
			return false;
		}
		built++;
	}
	if (built == 0) {
		return *pattern == '\0'
		               ? sim_scenario_refuse(source, "exclude", "all cells are excluded, expected some left")
		               : sim_cells_refuse_pattern(&cells, "axes", pattern, "a word for each of ");
	}
	return true;
}
