/* sim/scenario/sql_variants.c: see sql_variants.h. */
#include "sql_variants.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- values of a pragma ---------------------------------------------------------------------- */

static bool sim_sql_add_pragma_text(struct sim_sql *sql, const char *name, size_t name_size, const char *value,
                                    size_t value_size) {
	struct sim_sql_texts *texts = &sql->pragmas;
	if (texts->count == SIM_SQL_PRAGMAS_MAX * SIM_SQL_PRAGMA_VALUES_MAX) {
		return false;
	}
	char **longer = realloc(texts->texts, (texts->count + 1) * sizeof *longer);
	size_t size = sizeof "PRAGMA " + name_size + 1 + value_size;
	char *text = malloc(size);
	if (longer != NULL) {
		texts->texts = longer;
	}
	if (longer == NULL || text == NULL) {
		free(text);
		return false;
	}
	snprintf(text, size, "PRAGMA %.*s%s%.*s", (int)name_size, name, value_size > 0 ? "=" : "", (int)value_size,
	         value);
	texts->texts[texts->count++] = text;
	return true;
}

/* A word without the spaces around it. */
static size_t sim_sql_trim(const char **word, size_t size) {
	size_t spaces = strspn(*word, " ");
	spaces = spaces < size ? spaces : size;
	*word += spaces;
	size -= spaces;
	while (size > 0 && (*word)[size - 1] == ' ') {
		size--;
	}
	return size;
}

bool sim_sql_add_pragma(struct sim_sql *sql, const char *text) {
	struct sim_sql_pragma *pragma = &sql->pragma_values[sql->pragma_count++];
	const char *sign = strchr(text, '=');
	*pragma = (struct sim_sql_pragma){.first = sql->pragmas.count};
	if (sign == NULL || strchr(sign, '|') == NULL) {
		pragma->count = 1;
		return sim_sql_add_pragma_text(sql, text, strlen(text), "", 0);
	}
	const char *name = text;
	size_t name_size = sim_sql_trim(&name, (size_t)(sign - text));
	for (const char *next = sign + 1; next != NULL;) {
		const char *value = next;
		const char *end = strchr(value, '|');
		next = end != NULL ? end + 1 : NULL;
		size_t size = sim_sql_trim(&value, end != NULL ? (size_t)(end - value) : strlen(value));
		if (++pragma->count > SIM_SQL_PRAGMA_VALUES_MAX ||
		    !sim_sql_add_pragma_text(sql, name, name_size, value, size)) {
			return false;
		}
	}
	return true;
}

/* ---- without attached files ------------------------------------------------------------------ */

bool sim_sql_changes(const struct sim_sql *sql) {
	bool changes = false;
	for (uint32_t i = 0; i < sql->template_count; i++) {
		changes |= !sql->templates[i].maintains && !sql->templates[i].rolls_back;
	}
	return changes;
}

bool sim_sql_make_alone(struct sim_sql *sql, const struct sim_sql_reach *reach) {
	struct sim_sql *alone = malloc(sizeof *alone);
	sql->alone = alone;
	if (alone == NULL) {
		return false;
	}
	*alone = *sql;
	alone->alone = alone;
	alone->file_count = 1;
	alone->setup = (struct sim_sql_texts){.texts = calloc(sql->setup.count + 1u, sizeof(char *))};
	alone->queries = (struct sim_sql_texts){.texts = calloc(sql->queries.count + 1u, sizeof(char *))};
	if (alone->setup.texts == NULL || alone->queries.texts == NULL) {
		return false;
	}
	for (uint32_t i = 0; i < sql->setup.count; i++) {
		if (!reach->setup[i]) {
			alone->setup.texts[alone->setup.count++] = sql->setup.texts[i];
		}
	}
	for (uint32_t i = 0; i < sql->queries.count; i++) {
		if ((reach->queries & (1u << i)) == 0) {
			alone->queries.texts[alone->queries.count++] = sql->queries.texts[i];
		}
	}
	alone->template_count = 0;
	for (uint32_t i = 0; i < sql->template_count; i++) {
		if (!sim_sql_set_has(&reach->templates, i)) {
			alone->templates[alone->template_count++] = sql->templates[i];
		}
	}
	return true;
}
