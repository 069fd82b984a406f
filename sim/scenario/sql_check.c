/* sim/scenario/sql_check.c: see sql_check.h. */
#include "sql_check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool sim_sql_refuse_at(struct sim_sql_check *check, const char *place, const char *format, ...) {
	va_list arguments;
	char text[512];
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	return check->file != NULL ? sim_scenario_refuse_file(check->source, check->file, check->line, "%s", text)
	                           : sim_scenario_refuse(check->source, place, "%s: %s", place, text);
}

bool sim_sql_take_texts(struct sim_sql_texts *texts, char *const *raw, uint32_t count) {
	texts->texts = calloc(count + 1u, sizeof *texts->texts);
	for (uint32_t i = 0; texts->texts != NULL && i < count; i++) {
		texts->texts[i] = strdup(raw[i]);
		if (texts->texts[i] == NULL) {
			return false;
		}
		texts->count = i + 1;
	}
	return texts->texts != NULL;
}

/* A list with a most. */
bool sim_sql_check_count(struct sim_sql_check *check, const char *place, uint32_t count, uint32_t most) {
	return count <= most ||
	       sim_scenario_refuse(check->source, place, "%s has %u entries, expected at most %u", place, count, most);
}

bool sim_sql_check_word(struct sim_sql_check *check, const char *place, const char *word) {
	return (word[0] != '\0' && strlen(word) < SIM_SQL_NAME_SIZE - 1 &&
	        strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_-") == strlen(word)) ||
	       sim_sql_refuse_at(check, place, "\"%.40s\", expected lower-case letters, digits, _ and -, at most %d",
	                         word, SIM_SQL_NAME_SIZE - 2);
}
