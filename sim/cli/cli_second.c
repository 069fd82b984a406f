/* sim/cli/cli_second.c: see cli_second.h. */
#include "cli_second.h"

#include "second.h"

#include <errno.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool sim_cli_refuse_second(const char *path, const char *why) {
	fprintf(stderr, "aftershock: --second-sqlite: %s%s%s\n", path, path[0] != '\0' ? ": " : "", why);
	return false;
}

bool sim_cli_load_second(struct sim_cli *cli) {
	char path[PATH_MAX];
	char why[SIM_SECOND_WHY_SIZE];
	const char *given = cli->sweep.second_path;
	if (given == NULL || cli->second != NULL) {
		return true;
	}
	if (realpath(given, path) == NULL) {
		return sim_cli_refuse_second(given, strerror(errno));
	}
	/* The life of a state may take hang_seconds in all. */
	cli->second = sim_second_create(path, cli->sweep.hang_seconds * 500);
	if (cli->second == NULL) {
		return sim_cli_refuse_second("", "out of memory");
	}
	if (!sim_second_identify(cli->second, why)) {
		return sim_cli_refuse_second("", why);
	}
	const struct sim_second_identity *identity = sim_second_identity(cli->second);
	if (strcmp(identity->source, sqlite3_sourceid()) == 0) {
		snprintf(why, sizeof why, "is SQLite %s, which is under test itself, expected another release",
		         identity->version);
		return sim_cli_refuse_second(given, why);
	}
	return true;
}
