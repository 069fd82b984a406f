/* sim/scenario/sql_call.c: see sql_call.h. */
#include "sql_call.h"

#include "sql_value.h"

#include <stdlib.h>

bool sim_sql_call_init(struct sim_sql_call *call, const struct sim_sql *sql,
                       const struct sim_sql_transaction *transaction) {
	const struct sim_sql_template *template = &sql->templates[transaction->template_number];
	size_t size = 1;
	for (uint32_t i = 0; i < sql->parameter_count; i++) {
		bool used = (template->parameters & (1u << i)) != 0;
		size += used ? sim_sql_value_size(&sql->parameters[i], &transaction->values[i]) : 0;
	}
	call->bytes = malloc(size);
	if (call->bytes == NULL) {
		return false;
	}
	unsigned char *next = call->bytes;
	uint32_t count = 0;
	for (uint32_t i = 0; i < sql->parameter_count; i++) {
		const struct sim_sql_parameter *parameter = &sql->parameters[i];
		if ((template->parameters & (1u << i)) != 0) {
			call->values[count++] = sim_sql_value_make(parameter, &transaction->values[i], next);
			next += sim_sql_value_size(parameter, &transaction->values[i]);
		}
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
