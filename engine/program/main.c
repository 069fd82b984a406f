/* engine/program/main.c: the program `engine`. */
#include <stdio.h>
#include <string.h>

#include "program.h"

int main(int count, char **arguments) {
	struct program_options options;

	if (!program_options_parse(count, arguments, &options)) {
		return PROGRAM_USAGE;
	}
	if (!program_database_resolve(&options)) {
		return PROGRAM_USAGE;
	}
	program_signals_install();
	switch (options.verb) {
	case PROGRAM_INGEST:
		return program_ingest(&options);
	case PROGRAM_POSITIONS:
	case PROGRAM_ORDERS:
	case PROGRAM_COMMISSIONS:
		return program_show(&options);
	case PROGRAM_VERIFY:
		return program_verify(&options);
	case PROGRAM_HALT:
	case PROGRAM_RESUME:
	case PROGRAM_LIMITS:
		return program_command(&options);
	case PROGRAM_VERSION:
		(void)puts("engine " PROGRAM_VERSION_TEXT);
		break;
	case PROGRAM_HELP:
	case PROGRAM_VERB_NONE:
		program_options_help();
		break;
	}
	return fflush(stdout) == 0 ? PROGRAM_OK : PROGRAM_OUTPUT;
}
