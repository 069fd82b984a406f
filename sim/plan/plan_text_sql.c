/* sim/plan/plan_text_sql.c: the lines of a plan that are about SQL: what was drawn, and each
 * transaction. */
#include "plan_text_sections.h"
#include "sql_value.h"

#include <inttypes.h>
#include <string.h>

/* ---- printing -------------------------------------------------------------------------------- */

static void sim_plan_print_value(const struct sim_sql_parameter *parameter, const struct sim_sql_value *value,
                                 FILE *out) {
	char word[SIM_SQL_WORD_SIZE];
	if (value->is_null) {
		fprintf(out, " %s null", parameter->name);
	} else if (parameter->kind == SIM_SQL_TEXT || parameter->kind == SIM_SQL_BLOB) {
		fprintf(out, " %s %u bytes from %" PRIu64, parameter->name, value->size_bytes, value->number);
	} else {
		sim_sql_print_value(parameter, value, word);
		fprintf(out, " %s %s", parameter->name, word);
	}
}

static void sim_plan_print_transaction(const struct sim_sql_transaction *transaction, const struct sim_sql *sql,
                                       FILE *out) {
	const struct sim_sql_template *template = &sql->templates[transaction->template_number];
	fprintf(out, " %s%s", template->name, transaction->looks ? " look" : "");
	for (uint32_t i = 0; i < sql->parameter_count; i++) {
		const struct sim_sql_parameter *parameter = &sql->parameters[i];
		const struct sim_sql_value *value = &transaction->values[i];
		if ((template->parameters & (1u << i)) == 0) {
			continue;
		}
		sim_plan_print_value(parameter, value, out);
	}
	fputc('\n', out);
}

void sim_plan_text_print_sql(const struct sim_plan *plan, FILE *out) {
	const struct sim_sql_plan *sql = &plan->sql;
	fprintf(out, "sql after_doubt %s", sim_sql_after_doubt_name(sql->after_doubt));
	for (uint32_t i = 0; i < plan->sql_scenario->pragma_count; i++) {
		if (plan->sql_scenario->pragma_values[i].count > 1) {
			fprintf(out, " pragma %s", sql->pragmas.texts[i] + strlen("PRAGMA "));
		}
	}
	fprintf(out, "%s\n", plan->sql_scenario->alone == plan->sql_scenario ? " attached none" : "");
	fprintf(out, "sql templates_on");
	for (uint32_t i = 0; i < plan->sql_scenario->template_count; i += 64) {
		fprintf(out, " 0x%016" PRIx64, sql->templates_on.words[i / 64]);
	}
	fputc('\n', out);
	fprintf(out, "sql checked_starts 0x%016" PRIx64 "\n", sql->checked_starts);
	for (uint32_t i = 0; i < sql->transaction_count; i++) {
		fprintf(out, "transaction %u", i);
		sim_plan_print_transaction(&sql->transactions[i], plan->sql_scenario, out);
	}
}

/* ---- reading --------------------------------------------------------------------------------- */

static bool sim_plan_read_mask(struct sim_plan_text_reader *reader, const char *name, uint64_t *mask) {
	return sim_plan_text_next_line(reader) && sim_plan_text_expect(reader, "sql") &&
	       sim_plan_text_expect(reader, name) && sim_plan_text_hex(reader, name, 16, mask) &&
	       sim_plan_text_expect_end(reader);
}

/* A pragma that the scenario has one value for is not in the plan. */
static bool sim_plan_read_pragma(struct sim_plan_text_reader *reader, uint32_t number) {
	const struct sim_sql *sql = reader->plan->sql_scenario;
	const struct sim_sql_pragma *pragma = &sql->pragma_values[number];
	const char **text = &reader->plan->sql.pragmas.texts[number];
	*text = sql->pragmas.texts[pragma->first];
	if (pragma->count == 1) {
		return true;
	}
	if (!sim_plan_text_expect(reader, "pragma")) {
		return false;
	}
	const char *word = sim_plan_text_word(reader);
	for (uint32_t value = 0; value < pragma->count; value++) {
		*text = sql->pragmas.texts[pragma->first + value];
		if (strcmp(*text + strlen("PRAGMA "), word) == 0) {
			return true;
		}
	}
	return sim_plan_text_refuse(reader, "pragma %.60s, expected one of the scenario, such as %s",
	                            sim_plan_text_shown(word), *text + strlen("PRAGMA "));
}

/* What the seed has drawn of the scenario's SQL. */
static bool sim_plan_read_variants(struct sim_plan_text_reader *reader) {
	struct sim_plan *plan = reader->plan;
	plan->sql.pragmas.count = plan->sql_scenario->pragma_count;
	for (uint32_t i = 0; i < plan->sql.pragmas.count; i++) {
		if (!sim_plan_read_pragma(reader, i)) {
			return false;
		}
	}
	if (reader->next == NULL || plan->sql_scenario->alone == NULL) {
		return sim_plan_text_expect_end(reader);
	}
	plan->sql_scenario = plan->sql_scenario->alone;
	return sim_plan_text_expect(reader, "attached") && sim_plan_text_expect(reader, "none") &&
	       sim_plan_text_expect_end(reader);
}

/* A mask for every 64 templates. */
static bool sim_plan_read_templates(struct sim_plan_text_reader *reader, struct sim_sql_set *on) {
	const uint32_t count = reader->plan->sql_scenario->template_count;
	bool fine = sim_plan_text_next_line(reader) && sim_plan_text_expect(reader, "sql") &&
	            sim_plan_text_expect(reader, "templates_on");
	for (uint32_t i = 0; fine && i < count; i += 64) {
		uint64_t *word = &on->words[i / 64];
		fine = sim_plan_text_hex(reader, "templates_on", 16, word) &&
		       (count - i >= 64 || *word < (uint64_t)1 << (count - i) ||
		        sim_plan_text_refuse(
		                reader, "templates_on with a template that the scenario does not have, expected %u",
		                count));
	}
	return fine && sim_plan_text_expect_end(reader);
}

bool sim_plan_text_read_sql(struct sim_plan_text_reader *reader) {
	static const char *const doubts[] = {"none", "reopen", "continue", NULL};
	struct sim_sql_plan *sql = &reader->plan->sql;
	int doubt = 0;
	if (!sim_plan_text_next_line(reader) || !sim_plan_text_expect(reader, "sql") ||
	    !sim_plan_text_expect(reader, "after_doubt") ||
	    !sim_plan_text_choice(reader, "after_doubt", doubts, 1, &doubt) || !sim_plan_read_variants(reader) ||
	    !sim_plan_read_templates(reader, &sql->templates_on) ||
	    !sim_plan_read_mask(reader, "checked_starts", &sql->checked_starts)) {
		return false;
	}
	sql->after_doubt = (enum sim_sql_after_doubt)doubt;
	return true;
}

static bool sim_plan_read_value(struct sim_plan_text_reader *reader, const struct sim_sql_parameter *parameter,
                                struct sim_sql_value *value) {
	if (!sim_plan_text_expect(reader, parameter->name)) {
		return false;
	}
	if (reader->next != NULL && strncmp(reader->next, "null", 4) == 0) {
		value->is_null = true;
		return sim_plan_text_expect(reader, "null");
	}
	if (parameter->kind != SIM_SQL_TEXT && parameter->kind != SIM_SQL_BLOB) {
		const char *word = sim_plan_text_word(reader);
		return sim_sql_read_value(parameter, word, value) ||
		       sim_plan_text_refuse(reader, "%s %.60s, expected a value of its kind", parameter->name,
		                            sim_plan_text_shown(word));
	}
	return sim_plan_text_small(reader, parameter->name, 0, SIM_SQL_VALUE_BYTES_MAX, &value->size_bytes) &&
	       sim_plan_text_expect(reader, "bytes") && sim_plan_text_expect(reader, "from") &&
	       sim_plan_text_number(reader, "from", 0, INT64_MAX, &value->number);
}

static bool sim_plan_read_template(struct sim_plan_text_reader *reader, uint32_t *number) {
	const struct sim_sql *sql = reader->plan->sql_scenario;
	const char *name = sim_plan_text_word(reader);
	for (*number = 0; *number < sql->template_count; ++*number) {
		if (strcmp(sql->templates[*number].name, name) == 0) {
			return true;
		}
	}
	return sim_plan_text_refuse(reader, "transaction %.60s, expected one of the scenario",
	                            sim_plan_text_shown(name));
}

bool sim_plan_text_read_transaction(struct sim_plan_text_reader *reader) {
	const struct sim_sql *sql = reader->plan->sql_scenario;
	struct sim_sql_plan *plan = &reader->plan->sql;
	uint32_t number = 0;
	if (plan->transaction_count == SIM_SQL_TRANSACTIONS_MAX) {
		return sim_plan_text_refuse(reader, "one more transaction, expected at most %u",
		                            SIM_SQL_TRANSACTIONS_MAX);
	}
	struct sim_sql_transaction *transaction = &plan->transactions[plan->transaction_count];
	if (!sim_plan_text_small(reader, "transaction", plan->transaction_count, plan->transaction_count, &number) ||
	    !sim_plan_read_template(reader, &transaction->template_number)) {
		return false;
	}
	transaction->looks = reader->next != NULL && strncmp(reader->next, "look", 4) == 0;
	if (transaction->looks && !sim_plan_text_expect(reader, "look")) {
		return false;
	}
	for (uint32_t i = 0; i < sql->parameter_count; i++) {
		bool used = (sql->templates[transaction->template_number].parameters & (1u << i)) != 0;
		if (used && !sim_plan_read_value(reader, &sql->parameters[i], &transaction->values[i])) {
			return false;
		}
	}
	plan->transaction_count++;
	return sim_plan_text_expect_end(reader);
}
