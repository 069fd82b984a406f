/* sim/scenario/sql.c: see sql.h. */
#include "sql.h"

#include "pcg.h"

#include <stdlib.h>

static void sim_sql_free_texts(struct sim_sql_texts *texts) {
	for (uint32_t i = 0; i < texts->count; i++) {
		free(texts->texts[i]);
	}
	free(texts->texts);
}

void sim_sql_destroy(struct sim_sql *sql) {
	if (sql == NULL) {
		return;
	}
	if (sql->alone != NULL) {
		free(sql->alone->setup.texts);
		free(sql->alone->queries.texts);
		free(sql->alone);
	}
	sim_sql_free_texts(&sql->pragmas);
	sim_sql_free_texts(&sql->setup);
	sim_sql_free_texts(&sql->queries);
	for (uint32_t i = 0; i < sql->template_count; i++) {
		sim_sql_free_texts(&sql->templates[i].statements);
	}
	free(sql);
}

const char *sim_sql_after_doubt_name(enum sim_sql_after_doubt after) {
	static const char *const names[SIM_SQL_DOUBT_COUNT] = {"none", "reopen", "continue"};
	return after < SIM_SQL_DOUBT_COUNT ? names[after] : "none";
}

/* Text is ASCII without quotes, so that a person can read it in a dump. */
static void sim_sql_fill(const struct sim_sql_value *value, bool text, unsigned char *bytes) {
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.";
	struct sim_pcg32 chance;
	sim_pcg32_derive(&chance, value->number, text ? "sql/text" : "sql/blob");
	sim_pcg32_fill(&chance, bytes, value->size_bytes);
	for (uint32_t i = 0; text && i < value->size_bytes; i++) {
		bytes[i] = (unsigned char)letters[bytes[i] % (sizeof letters - 1)];
	}
}

bool sim_sql_call_init(struct sim_sql_call *call, const struct sim_sql *sql,
                       const struct sim_sql_transaction *transaction) {
	const struct sim_sql_template *template = &sql->templates[transaction->template_number];
	size_t size = 1;
	for (uint32_t i = 0; i < sql->parameter_count; i++) {
		size += transaction->values[i].size_bytes;
	}
	call->bytes = malloc(size);
	if (call->bytes == NULL) {
		return false;
	}
	unsigned char *next = call->bytes;
	uint32_t count = 0;
	for (uint32_t i = 0; i < sql->parameter_count; i++) {
		const struct sim_sql_parameter *parameter = &sql->parameters[i];
		const struct sim_sql_value *value = &transaction->values[i];
		if ((template->parameters & (1u << i)) == 0) {
			continue;
		}
		sim_sql_fill(value, parameter->kind == SUBJECT_VALUE_TEXT, next);
		call->values[count++] = (struct subject_value){.name = parameter->name,
		                                               .kind = parameter->kind,
		                                               .integer = (int64_t)value->number,
		                                               .bytes = next,
		                                               .size_bytes = value->size_bytes};
		next += value->size_bytes;
	}
	call->transaction = (struct subject_transaction){.name = template->name,
	                                                 .begin = template->begin,
	                                                 .rolls_back = template->rolls_back,
	                                                 .statement_count = template->statements.count,
	                                                 .statements = (const char *const *)template->statements.texts,
	                                                 .value_count = count,
	                                                 .values = call->values};
	call->instant = SIM_INSTANT_OF_SETUP;
	return true;
}

void sim_sql_call_deinit(struct sim_sql_call *call) {
	free(call->bytes);
	call->bytes = NULL;
}
