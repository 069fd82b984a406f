/* sim/plan/plan_text_settings.c: the settings of a plan as text: a line for each row of
 * sim/setting_row.h, in its order. A row that is silent has a line only when it is not the usual
 * one. */
#include "plan_text_sections.h"
#include "setting_row.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void sim_plan_text_print_settings(const struct sim_plan *plan, FILE *out) {
	for (uint32_t i = 0; i < sim_setting_row_count(); i++) {
		const struct sim_setting_row *row = sim_setting_row(i);
		uint64_t value = sim_setting_row_get(row, &plan->settings);
		if (row->silent && value == row->usual) {
			continue;
		}
		if (row->name != NULL) {
			fprintf(out, "setting %s %s\n", row->word, row->name((uint32_t)value));
		} else {
			fprintf(out, "setting %s %" PRIu64 "%s%s\n", row->word, value, row->unit != NULL ? " " : "",
			        row->unit != NULL ? row->unit : "");
		}
	}
}

static bool sim_plan_read_word(struct sim_plan_text_reader *reader, const struct sim_setting_row *row,
                               uint64_t *value) {
	char expected[SIM_SETTING_EXPECTED_SIZE];
	const char *word = sim_plan_text_word(reader);
	if (sim_setting_row_named(row, word, value)) {
		return true;
	}
	sim_setting_row_expected(row, expected);
	return sim_plan_text_refuse(reader, "%s %.60s, expected %s%s", row->word, sim_plan_text_shown(word),
	                            row->single ? "" : "one of: ", expected);
}

static bool sim_plan_read_number(struct sim_plan_text_reader *reader, const struct sim_setting_row *row,
                                 uint64_t *value) {
	char expected[SIM_SETTING_EXPECTED_SIZE];
	if (!sim_plan_text_number(reader, row->word, (uint32_t)row->min, row->max, value) ||
	    (row->unit != NULL && !sim_plan_text_expect(reader, row->unit))) {
		return false;
	}
	if (!sim_setting_row_fits(row, *value)) {
		sim_setting_row_expected(row, expected);
		return sim_plan_text_refuse(reader, "%s %" PRIu64 ", expected %s", row->word, *value, expected);
	}
	return true;
}

/* Where the next line begins that says something. */
static const char *sim_plan_next_text(const struct sim_plan_text_reader *reader) {
	const char *text = reader->text;
	while (*text == '\n' || *text == '#') {
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return text;
}

/* Whether the next line is that of a setting which may be left out. */
static bool sim_plan_has_line(const struct sim_plan_text_reader *reader, const struct sim_setting_row *row) {
	const char *text = sim_plan_next_text(reader);
	size_t size = strlen(row->word);
	return strncmp(text, "setting ", 8) == 0 && strncmp(text + 8, row->word, size) == 0 && text[8 + size] == ' ';
}

static bool sim_plan_read_setting(struct sim_plan_text_reader *reader, const struct sim_setting_row *row) {
	uint64_t value = row->usual;
	if (row->silent && !sim_plan_has_line(reader, row)) {
		sim_setting_row_set(row, &reader->plan->settings, value);
		return true;
	}
	bool read = sim_plan_text_next_line(reader) && sim_plan_text_expect(reader, "setting") &&
	            sim_plan_text_expect(reader, row->word) &&
	            (row->name != NULL ? sim_plan_read_word(reader, row, &value)
	                               : sim_plan_read_number(reader, row, &value)) &&
	            sim_plan_text_expect_end(reader);
	if (read && row->silent && value == row->usual) {
		return sim_plan_text_refuse(reader, "%s as it is without this line, expected another value", row->word);
	}
	sim_setting_row_set(row, &reader->plan->settings, read ? value : row->usual);
	return read;
}

bool sim_plan_text_read_settings(struct sim_plan_text_reader *reader) {
	bool read = true;
	for (uint32_t i = 0; i < sim_setting_row_count() && read; i++) {
		read = sim_plan_read_setting(reader, sim_setting_row(i));
	}
	return read;
}

void sim_plan_text_print_vfs(const struct sim_plan *plan, FILE *out) {
	if (plan->vfs_path[0] != '\0') {
		fprintf(out, "vfs %s\n", plan->vfs_path);
	}
}

/* All that is left of the line is the path. */
bool sim_plan_text_read_vfs(struct sim_plan_text_reader *reader) {
	char *path = reader->plan->vfs_path;
	if (strncmp(sim_plan_next_text(reader), "vfs ", 4) != 0) {
		return true;
	}
	if (!sim_plan_text_next_line(reader) || !sim_plan_text_expect(reader, "vfs")) {
		return false;
	}
	snprintf(path, sizeof reader->plan->vfs_path, "%s", reader->next != NULL ? reader->next : "");
	reader->next = NULL;
	return path[0] == '/' || sim_plan_text_refuse(reader, "vfs %.60s, expected the whole path of a shared object",
	                                              sim_plan_text_shown(path));
}
