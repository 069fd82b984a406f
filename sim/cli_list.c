/* sim/cli_list.c: what there is (scenarios, faults, invariants, probes, bugs), and whether it works here. */
#include "cli.h"
#include "worker.h"

#include <dirent.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void sim_cli_print_criteria(uint32_t criteria) {
	const char *space = "";
	for (uint32_t n = 1; n <= SIM_CRITERIA_COUNT; n++) {
		if ((criteria & (1u << n)) != 0) {
			printf("%sAC%u", space, n);
			space = " ";
		}
	}
}

static void sim_cli_list_scenarios(const struct sim_cli *cli) {
	for (uint32_t i = 0; i < cli->sweep.scenario_count; i++) {
		const struct sim_scenario *scenario = cli->sweep.scenarios[i];
		printf("%-26s %s [", scenario->name, scenario->about);
		sim_cli_print_criteria(scenario->criteria);
		printf("]\n");
	}
}

static void sim_cli_print_methods(uint32_t methods) {
	for (int method = 1; method < VFS_METHOD_COUNT; method++) {
		if ((methods & (1u << method)) != 0) {
			printf(" %s", vfs_method_name((enum vfs_method)method));
		}
	}
	printf("%s\n", methods == 0 ? " files, between two lives" : "");
}

static void sim_cli_list_faults(void) {
	for (int kind = SIM_FAULT_NONE + 1; kind < SIM_FAULT_KIND_COUNT; kind++) {
		const struct sim_fault_row *row = sim_fault_row((enum sim_fault_kind)kind);
		printf("%-12s %s%s\n", row->name, row->about,
		       row->within_assumptions ? "" : " (outside SQLite's assumptions)");
		printf("%-12s strikes at:", "");
		sim_cli_print_methods(row->methods);
		if (sim_fault_can_aim((enum sim_fault_kind)kind)) {
			printf("%-12s aims at: anywhere, rows\n", "");
		}
	}
}

static void sim_cli_list_invariants(void) {
	for (const struct sim_invariant *invariant = sim_run_invariants(); invariant->name != NULL; invariant++) {
		printf("%-26s %s\n", invariant->name, invariant->about);
	}
}

static void sim_cli_list_probes(void) {
	for (int probe = SIM_PROBE_NONE + 1; probe < SIM_PROBE_COUNT; probe++) {
		printf("%-26s %s\n", sim_probe_name((enum sim_probe)probe), sim_probe_about((enum sim_probe)probe));
	}
}

static int sim_cli_is_plugin(const struct dirent *entry) {
	size_t size = strlen(entry->d_name);
	return size > 3 && strcmp(entry->d_name + size - 3, ".so") == 0;
}

static int sim_cli_by_bytes(const struct dirent **left, const struct dirent **right) {
	return strcmp((*left)->d_name, (*right)->d_name);
}

static void sim_cli_list_bugs(void) {
	char path[SIM_SCENARIO_PATH_SIZE] = "";
	ssize_t size = readlink("/proc/self/exe", path, sizeof path - 8);
	char *slash = strrchr(path, '/');
	struct dirent **entries = NULL;
	if (size > 0 && slash != NULL) {
		memcpy(slash, "/bugs", sizeof "/bugs");
	}
	int count = scandir(path, &entries, sim_cli_is_plugin, sim_cli_by_bytes);
	for (int i = 0; i < count; i++) {
		printf("%.*s\n", (int)strlen(entries[i]->d_name) - 3, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}

int sim_cli_list(struct sim_cli *cli) {
	static const char *const whats[] = {"scenarios", "faults", "invariants", "probes", "bugs", NULL};
	const char *what = cli->name_count > 0 ? cli->names[0] : whats[0];
	cli->name_count = 0;
	if (strcmp(what, "faults") == 0) {
		sim_cli_list_faults();
	} else if (strcmp(what, "invariants") == 0) {
		sim_cli_list_invariants();
	} else if (strcmp(what, "probes") == 0) {
		sim_cli_list_probes();
	} else if (strcmp(what, "bugs") == 0) {
		sim_cli_list_bugs();
	} else if (strcmp(what, "scenarios") == 0) {
		if (!sim_cli_load_scenarios(cli)) {
			return SIM_CLI_USAGE;
		}
		sim_cli_list_scenarios(cli);
	} else {
		fprintf(stderr, "aftershock: list %s: no such list; did you mean %s?\n", what,
		        sim_cli_nearest(what, whats));
		return SIM_CLI_USAGE;
	}
	return SIM_CLI_OK;
}

/* The library, a sweep of one seed of each scenario in worker processes, and the same again: equal hashes or not. */
static int sim_cli_check_runs(struct sim_cli *cli) {
	static struct sim_sweep_result result;
	char *text[2] = {NULL, NULL};
	size_t size[2] = {0, 0};
	int status = SIM_CLI_OK;
	cli->sweep.seed_count = 1;
	cli->sweep.json = true;
	for (int i = 0; i < 2; i++) {
		FILE *out = open_memstream(&text[i], &size[i]);
		if (out == NULL) {
			free(text[0]);
			return SIM_CLI_HARNESS;
		}
		sim_sweep_run(&cli->sweep, out, &result);
		fclose(out);
		status = result.exit_status > status ? result.exit_status : status;
	}
	bool same = size[0] == size[1] && memcmp(text[0], text[1], size[0]) == 0;
	printf("workers        %s\n", status == SIM_CLI_HARNESS ? "do not work" : "work");
	printf("determinism    %s\n",
	       same ? "one seed of each scenario twice: equal hashes" : "BROKEN: one seed, two hashes");
	free(text[0]);
	free(text[1]);
	return same ? status : SIM_CLI_HARNESS;
}

int sim_cli_doctor(struct sim_cli *cli) {
	printf("aftershock     %s\n", AFTERSHOCK_VERSION);
	printf("compiler       %s\n", AFTERSHOCK_COMPILER);
	printf("SQLite         %s, %s\n", sqlite3_libversion(), sqlite3_sourceid());
	printf("SQLite options");
	for (int i = 0; sqlite3_compileoption_get(i) != NULL; i++) {
		printf(" %s", sqlite3_compileoption_get(i));
	}
	printf("\ncores          %ld\n", sysconf(_SC_NPROCESSORS_ONLN));
	printf("library        %s\n", sim_cli_library(cli));
	if (!sim_cli_load_scenarios(cli)) {
		return SIM_CLI_USAGE;
	}
	printf("scenarios      %u\n", cli->sweep.scenario_count);
	return sim_cli_check_runs(cli);
}
