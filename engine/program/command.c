/* engine/program/command.c: commands of a person: halt, resume, limits. The ledger records each
 * under its id, so giving a command twice does it once. */
#include <time.h>

#include "program.h"

static enum engine_exec_type program_command_kind(enum program_verb verb) {
	if (verb == PROGRAM_LIMITS) {
		return ENGINE_EXEC_SET_LIMITS;
	}
	return verb == PROGRAM_HALT ? ENGINE_EXEC_HALT : ENGINE_EXEC_RESUME;
}

static int program_command_status(enum engine_outcome outcome) {
	switch (outcome) {
	case ENGINE_APPLIED:
	case ENGINE_DUPLICATE:
	case ENGINE_STALE:
		return PROGRAM_OK;
	case ENGINE_IN_DOUBT:
		return PROGRAM_IN_DOUBT;
	case ENGINE_LATER:
	case ENGINE_STOPPED:
		return PROGRAM_STORAGE;
	case ENGINE_CONFLICT:
	case ENGINE_MALFORMED:
	case ENGINE_GAP:
	case ENGINE_OUTCOME_NONE:
		break;
	}
	return PROGRAM_REFUSED;
}

static void program_command_answer(struct program_output *output, const struct program_options *options,
                                   const struct engine_receipt *receipt) {
	const char *name = program_ingest_outcome_name(receipt->outcome);

	if (!options->is_json) {
		program_output_print(output, "%s version %llu%s%s\n", name, (unsigned long long)receipt->version,
		                     receipt->reason[0] != '\0' ? ": " : "", receipt->reason);
		return;
	}
	program_output_print(output, "{\"outcome\":\"%s\",\"version\":%llu,\"reason\":", name,
	                     (unsigned long long)receipt->version);
	program_output_json(output, receipt->reason);
	program_output_print(output, "}\n");
}

int program_command(const struct program_options *options) {
	static struct program_output output; /* large, and there is one */
	struct program_database database;
	struct engine_command command = {.kind = program_command_kind(options->verb), .limits = options->limits};
	struct engine_receipt receipt;
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_REALTIME, &now);
	command.time_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	for (size_t i = 0; i < sizeof command.command_id - 1 && options->command_id[i] != '\0'; i++) {
		command.command_id[i] = options->command_id[i];
	}
	int status = program_database_open(&database, options);
	if (status == PROGRAM_OK) {
		engine_command(database.engine, &command, &receipt);
		program_vouch_note(&database, options);
		program_command_answer(&output, options, &receipt);
		status = program_output_finish(&output, program_command_status(receipt.outcome));
	}
	program_database_close(&database);
	return status;
}
