/* sim/cli/cli_doctor.c: see cli_doctor.h. */
#include "cli_doctor.h"

#include "build.h"
#include "cli_listeners.h"
#include "cli_scenarios.h"
#include "sweep.h"
#include "sweep_json.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is wrong with this place, if anything. */
struct sim_cli_health {
	bool compared; /* both tries ran to their end; else nobody knows whether they are the
	                * same */
	bool same;
	int worst; /* exit status of a try */
};

/* One seed of each scenario in worker processes, printed to `out`. The exit status. */
static int sim_cli_try_runs(const struct sim_sweep_options *options, FILE *out) {
	static struct sim_sweep_result result;
	struct sim_sweep_listeners listeners = {0};
	struct sim_sweep_json json = {.options = options, .out = out};
	char why[SIM_SWEEP_WHY_SIZE];
	if (!sim_cli_join_judges(options, &result, &listeners, why)) {
		fprintf(stderr, "aftershock: %s\n", why);
		return SIM_CLI_HARNESS;
	}
	/* The summary says how long it took, which is never the same twice. */
	struct sim_sweep_listener runs = sim_sweep_json_listener(&json);
	runs.sweep_ended = NULL;
	sim_cli_add_listener(&listeners, runs);
	sim_sweep_run(options, &listeners, &result);
	sim_cli_part();
	if (result.broken[0] != '\0') {
		fprintf(stderr, "aftershock: %s\n", result.broken);
	}
	return result.exit_status;
}

/* The same twice: equal hashes or not. Workers that do not work say nothing about it. */
static struct sim_cli_health sim_cli_check_runs(const struct sim_cli *cli) {
	char *text[2] = {NULL, NULL};
	size_t size[2] = {0, 0};
	struct sim_cli_health health = {.compared = true};
	struct sim_sweep_options options = cli->sweep;
	assert(options.partition == 1 && options.partitions == 1);
	options.seed_count = 1;
	for (int i = 0; i < 2 && health.compared; i++) {
		FILE *out = open_memstream(&text[i], &size[i]);
		int status = out != NULL ? sim_cli_try_runs(&options, out) : SIM_CLI_HARNESS;
		if (out != NULL) {
			fclose(out);
		}
		health.worst = status > health.worst ? status : health.worst;
		health.compared = status != SIM_CLI_HARNESS;
	}
	health.same = health.compared && size[0] == size[1] && memcmp(text[0], text[1], size[0]) == 0;
	free(text[0]);
	free(text[1]);
	return health;
}

static int sim_cli_health_status(const struct sim_cli_health *health) {
	return health->same ? health->worst : SIM_CLI_HARNESS;
}

static const char *sim_cli_determinism(const struct sim_cli_health *health) {
	if (!health->compared) {
		return "not tried: the workers do not work";
	}
	return health->same ? "one seed of each scenario twice: equal hashes" : "BROKEN: one seed, two hashes";
}

static void sim_cli_print_versions(const struct sim_cli *cli) {
	printf("aftershock     %s\n", AFTERSHOCK_VERSION);
	printf("compiler       %s\n", AFTERSHOCK_COMPILER);
	char build[SIM_BUILD_SIZE];
	sim_build_name(build);
	printf("SQLite         %s, %s%s\n", sqlite3_libversion(), sqlite3_sourceid(), sim_build_kind());
	printf("SQLite build   %s\n", build);
	printf("SQLite options");
	for (int i = 0; sqlite3_compileoption_get(i) != NULL; i++) {
		printf(" %s", sqlite3_compileoption_get(i));
	}
	printf("\ncores          %ld\n", sysconf(_SC_NPROCESSORS_ONLN));
	printf("library        %s\n", sim_cli_library(cli));
	printf("scenarios      %u\n", cli->sweep.scenario_count);
}

static void sim_cli_print_versions_json(const struct sim_cli *cli) {
	char build[SIM_BUILD_SIZE];
	sim_build_name(build);
	sim_sweep_json_print(json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:o,s:I,s:s,s:I}", "type", "versions", "aftershock",
	                               AFTERSHOCK_VERSION, "compiler", AFTERSHOCK_COMPILER, "sqlite_version",
	                               sqlite3_libversion(), "sqlite_source_id", sqlite3_sourceid(), "sqlite_build",
	                               build, "sqlite_options", sim_sweep_json_sqlite_options(), "cores",
	                               (json_int_t)sysconf(_SC_NPROCESSORS_ONLN), "library", sim_cli_library(cli),
	                               "scenarios", (json_int_t)cli->sweep.scenario_count),
	                     stdout);
}

static void sim_cli_print_health_json(const struct sim_cli_health *health) {
	json_t *same = health->compared ? json_boolean(health->same) : json_null();
	sim_sweep_json_print(json_pack("{s:s,s:b,s:o,s:i}", "type", "summary", "workers_work", (int)health->compared,
	                               "deterministic", same, "exit_status", sim_cli_health_status(health)),
	                     stdout);
}

int sim_cli_doctor(struct sim_cli *cli) {
	if (cli->name_count > 0) {
		fprintf(stderr, "aftershock: doctor %s: expected nothing behind doctor\n", cli->names[0]);
		return SIM_CLI_USAGE;
	}
	if (sqlite3_libversion_number() < SIM_BUILD_LOWEST) {
		fprintf(stderr, "aftershock: SQLite %s, expected " SIM_BUILD_LOWEST_TEXT " or newer\n",
		        sqlite3_libversion());
		return SIM_CLI_USAGE;
	}
	if (!sim_cli_load_scenarios(cli)) {
		return SIM_CLI_USAGE;
	}
	if (cli->json) {
		sim_cli_print_versions_json(cli);
	} else {
		sim_cli_print_versions(cli);
	}
	const struct sim_cli_health health = sim_cli_check_runs(cli);
	if (cli->json) {
		sim_cli_print_health_json(&health);
	} else {
		printf("workers        %s\n", health.compared ? "work" : "do not work");
		printf("determinism    %s\n", sim_cli_determinism(&health));
	}
	return sim_cli_health_status(&health);
}
