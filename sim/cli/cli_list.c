/* sim/cli/cli_list.c: what there is: scenarios, settings, steps, faults, invariants, probes,
 * bugs. */
#include "cli_list.h"

#include "cli_bugs.h"
#include "cli_scenarios.h"
#include "suggest.h"
#include "feature.h"
#include "plan_step.h"
#include "sweep_json.h"

#include <inttypes.h>
#include <string.h>

/* One entry of a list: a line for people, or an object with `more` in it, which may be NULL and is
 * given away. */
static void sim_cli_print_entry(const struct sim_cli *cli, const char *type, const char *name, const char *about,
                                json_t *more) {
	if (cli->json) {
		json_t *object = json_pack("{s:s,s:s,s:s}", "type", type, "name", name, "about", about);
		json_object_update(object, more);
		sim_sweep_json_print(object, stdout);
	} else {
		printf("%-26s %s\n", name, about);
	}
	json_decref(more);
}

/* ---- scenarios ------------------------------------------------------------------------------- */

static json_t *sim_cli_criteria(uint32_t mask) {
	json_t *criteria = json_array();
	for (uint32_t n = 1; n <= SIM_CRITERIA_COUNT; n++) {
		if ((mask & (1u << n)) != 0) {
			json_array_append_new(criteria, json_sprintf("AC%u", n));
		}
	}
	return criteria;
}

static uint32_t sim_cli_list_scenarios(const struct sim_cli *cli) {
	uint32_t count = 0;
	for (uint32_t i = 0; i < cli->sweep.scenario_count; i = sim_sweep_group_end(&cli->sweep, i)) {
		count++;
		const struct sim_scenario *scenario = cli->sweep.scenarios[i];
		json_t *criteria = sim_cli_criteria(scenario->criteria);
		char about[SIM_SCENARIO_TEXT_SIZE + 64];
		size_t used = (size_t)snprintf(about, sizeof about, "%s", scenario->about);
		for (size_t n = 0; n < json_array_size(criteria) && !cli->json && used < sizeof about; n++) {
			used += (size_t)snprintf(about + used, sizeof about - used, "%s%s%s", n == 0 ? " [" : " ",
			                         json_string_value(json_array_get(criteria, n)),
			                         n + 1 == json_array_size(criteria) ? "]" : "");
		}
		sim_cli_print_entry(cli, "scenario", scenario->name, about,
		                    json_pack("{s:o,s:s}", "criteria", criteria, "path", scenario->path));
	}
	return count;
}

/* ---- settings -------------------------------------------------------------------------------- */

static void sim_cli_setting_usual(const struct sim_setting_row *row, char text[32]) {
	if (row->name != NULL) {
		snprintf(text, 32, "%s", row->name((uint32_t)row->usual));
	} else {
		snprintf(text, 32, "%" PRIu64, row->usual);
	}
}

static uint32_t sim_cli_list_settings(const struct sim_cli *cli) {
	uint32_t count = 0;
	for (uint32_t i = 0; i < sim_setting_row_count(); i++) {
		const struct sim_setting_row *row = sim_setting_row(i);
		char name[SIM_SCENARIO_NAME_SIZE];
		char usual[32];
		char expected[SIM_SETTING_EXPECTED_SIZE];
		if (row->section == NULL) {
			continue;
		}
		count++;
		snprintf(name, sizeof name, "%s.%s", row->section, row->key);
		sim_cli_setting_usual(row, usual);
		sim_setting_row_expected(row, expected);
		if (cli->json) {
			sim_cli_print_entry(cli, "setting", name, row->about,
			                    json_pack("{s:s,s:s,s:b}", "usual", usual, "expected", expected, "list",
			                              (int)!row->single));
		} else {
			printf("%-26s %s\n%-26s %s: %s; usually %s\n", name, row->about, "",
			       !row->single        ? "list"
			       : row->name != NULL ? "one word"
			                           : "one number",
			       expected, usual);
		}
	}
	return count;
}

/* ---- steps ----------------------------------------------------------------------------------- */

/* Who does such a step. */
static json_t *sim_cli_step_owners(const struct sim_step_row *row) {
	static const char *const owners[] = {"engine", "engines", "readers", "client", "clients"};
	json_t *names = json_array();
	for (size_t i = 0; i < sizeof owners / sizeof owners[0]; i++) {
		if ((row->owners & (1u << i)) != 0) {
			json_array_append_new(names, json_string(owners[i]));
		}
	}
	return names;
}

static void sim_cli_print_step(const struct sim_step_row *row, const json_t *names) {
	printf("%-26s %s\n%-26s by:", row->name, row->about, "");
	for (size_t i = 0; i < json_array_size(names); i++) {
		printf(" %s", json_string_value(json_array_get(names, i)));
	}
	printf("\n");
}

static uint32_t sim_cli_list_steps(const struct sim_cli *cli) {
	for (int kind = 0; kind < SIM_STEP_KIND_COUNT; kind++) {
		const struct sim_step_row *row = sim_plan_step_row((enum sim_step_kind)kind);
		json_t *names = sim_cli_step_owners(row);
		if (cli->json) {
			sim_cli_print_entry(cli, "step", row->name, row->about, json_pack("{s:o}", "by", names));
		} else {
			sim_cli_print_step(row, names);
			json_decref(names);
		}
	}
	return SIM_STEP_KIND_COUNT;
}

/* ---- faults ---------------------------------------------------------------------------------- */

/* The names of the bits of a mask; bit 0 is never set. */
typedef const char *(*sim_cli_namer)(int number);

static const char *sim_cli_method_name(int number) {
	return vfs_method_name((enum vfs_method)number);
}

static const char *sim_cli_file_name(int number) {
	return vfs_file_kind_name((enum vfs_file_kind)number);
}

static const char *sim_cli_effect_name(int number) {
	return vfs_effect_name((enum vfs_effect)number);
}

static json_t *sim_cli_names(uint32_t mask, sim_cli_namer name_of) {
	json_t *names = json_array();
	for (int number = 1; number < 32; number++) {
		if ((mask & (1u << number)) != 0) {
			json_array_append_new(names, json_string(name_of(number)));
		}
	}
	return names;
}

static const char *sim_cli_place(enum sim_fault_place place) {
	return place == SIM_PLACE_START  ? "files, before a start"
	       : place == SIM_PLACE_COPY ? "files, before the n-th start after its moment"
	       : place == SIM_PLACE_CALL ? "calls"
	                                 : "allocations of SQLite";
}

static void sim_cli_print_names(const char *what, uint32_t mask, sim_cli_namer name_of) {
	if (mask == 0) {
		return;
	}
	printf("%-18s %s", "", what);
	for (int number = 1; number < 32; number++) {
		if ((mask & (1u << number)) != 0) {
			printf(" %s", name_of(number));
		}
	}
	printf("\n");
}

/* The usual code first. */
static void sim_cli_print_codes(enum vfs_method method) {
	const struct vfs_effect_row *row = vfs_effect_row(method);
	printf("%-18s codes of %s:", "", vfs_method_name(method));
	for (size_t i = 0; i < sizeof row->codes / sizeof row->codes[0] && row->codes[i] != 0; i++) {
		const char *name = sim_fault_code_name(row->codes[i]);
		printf("%s%s", name != NULL ? " " : "", name != NULL ? name : "");
	}
	printf("\n");
}

static void sim_cli_print_fault(enum sim_fault_kind kind) {
	const struct sim_fault_row *row = sim_fault_row(kind);
	printf("%-18s %s%s\n", row->name, row->about, row->within_assumptions ? "" : " (outside SQLite's assumptions)");
	printf("%-18s strikes %s%s%s%s\n", "", sim_cli_place(row->place),
	       row->uses_times ? "; times: so many in a row" : "", row->uses_duration ? "; duration_ms" : "",
	       sim_fault_can_aim(kind) ? "; aim: anywhere, rows" : "");
	sim_cli_print_names("methods:", row->methods, sim_cli_method_name);
	sim_cli_print_names("files:", row->files, sim_cli_file_name);
	sim_cli_print_names("effects:", row->effects, sim_cli_effect_name);
	for (int method = 1; row->uses_code && method < VFS_METHOD_COUNT; method++) {
		if ((row->methods & (1u << method)) != 0) {
			sim_cli_print_codes((enum vfs_method)method);
		}
	}
}

static json_t *sim_cli_fault_object(enum sim_fault_kind kind) {
	const struct sim_fault_row *row = sim_fault_row(kind);
	return json_pack("{s:s,s:o,s:o,s:o,s:b,s:b}", "strikes", sim_cli_place(row->place), "methods",
	                 sim_cli_names(row->methods, sim_cli_method_name), "files",
	                 sim_cli_names(row->files, sim_cli_file_name), "effects",
	                 sim_cli_names(row->effects, sim_cli_effect_name), "within_assumptions",
	                 (int)row->within_assumptions, "can_aim_at_rows", (int)sim_fault_can_aim(kind));
}

static uint32_t sim_cli_list_faults(const struct sim_cli *cli) {
	for (int kind = SIM_FAULT_NONE + 1; kind < SIM_FAULT_KIND_COUNT; kind++) {
		const struct sim_fault_row *row = sim_fault_row((enum sim_fault_kind)kind);
		if (cli->json) {
			sim_cli_print_entry(cli, "fault", row->name, row->about,
			                    sim_cli_fault_object((enum sim_fault_kind)kind));
		} else {
			sim_cli_print_fault((enum sim_fault_kind)kind);
		}
	}
	return SIM_FAULT_KIND_COUNT - 1;
}

/* ---- phases ---------------------------------------------------------------------------------- */

static uint32_t sim_cli_list_phases(const struct sim_cli *cli) {
	for (int phase = VFS_PHASE_NONE + 1; phase < VFS_PHASE_COUNT; phase++) {
		const struct vfs_phase_row *row = vfs_phase_row((enum vfs_phase)phase);
		json_t *more =
		        cli->json ? json_pack("{s:o,s:o}", "methods", sim_cli_names(row->methods, sim_cli_method_name),
		                              "files", sim_cli_names(row->files, sim_cli_file_name))
		                  : NULL;
		sim_cli_print_entry(cli, "phase", row->name, row->about, more);
	}
	return VFS_PHASE_COUNT - 1;
}

/* ---- invariants, probes, bugs ---------------------------------------------------------------- */

static uint32_t sim_cli_list_invariants(const struct sim_cli *cli) {
	uint32_t count = 0;
	for (const struct sim_invariant *invariant = sim_verdict_invariants(); invariant->name != NULL; invariant++) {
		sim_cli_print_entry(cli, "invariant", invariant->name, invariant->about, NULL);
		count++;
	}
	return count;
}

static uint32_t sim_cli_list_probes(const struct sim_cli *cli) {
	for (int probe = SIM_PROBE_NONE + 1; probe < SIM_PROBE_COUNT; probe++) {
		sim_cli_print_entry(cli, "probe", sim_probe_name((enum sim_probe)probe),
		                    sim_probe_about((enum sim_probe)probe), NULL);
	}
	return SIM_PROBE_COUNT - 1;
}

static uint32_t sim_cli_list_bugs(const struct sim_cli *cli) {
	char names[SIM_CLI_BUGS_MAX][SIM_CLI_BUG_SIZE];
	uint32_t count = sim_cli_bugs(names);
	for (uint32_t i = 0; i < count; i++) {
		if (cli->json) {
			sim_sweep_json_print(json_pack("{s:s,s:s}", "type", "bug", "name", names[i]), stdout);
		} else {
			printf("%s\n", names[i]);
		}
	}
	return count;
}

/* ---- pairs ----------------------------------------------------------------------------------- */

/* A feature with the names of those that it could meet and does not, one line. */
static void sim_cli_print_missing(const struct sim_cli *cli, const struct sim_features *features, uint32_t one) {
	const struct sim_feature *feature = &features->items[one];
	json_t *missing = json_array();
	for (uint32_t other = 0; other < features->count; other++) {
		/* What nobody has is said once, in its own line. */
		bool had = features->together[one][one] > 0 && features->together[other][other] > 0;
		if (had && sim_features_can_meet(features, one, other) && features->together[one][other] == 0) {
			json_array_append_new(missing, json_string(features->items[other].name));
		}
	}
	if (cli->json) {
		sim_sweep_json_print(json_pack("{s:s,s:s,s:s,s:I,s:o}", "type", "pairs", "kind",
		                               sim_feature_kind_name(feature->kind), "name", feature->name, "scenarios",
		                               (json_int_t)features->together[one][one], "never_with", missing),
		                     stdout);
		return;
	}
	printf("%-8s %-30s %5u scenarios", sim_feature_kind_name(feature->kind), feature->name,
	       features->together[one][one]);
	for (size_t i = 0; i < json_array_size(missing); i++) {
		printf("%s%s", i == 0 ? ", never with " : " ", json_string_value(json_array_get(missing, i)));
	}
	printf("\n");
	json_decref(missing);
}

/* How many pairs of two kinds there can be, and how many there are. */
static void sim_cli_print_kinds(const struct sim_features *features, int first, int second) {
	uint32_t possible = 0;
	uint32_t covered = 0;
	for (uint32_t one = 0; one < features->count; one++) {
		for (uint32_t other = 0; other < one; other++) {
			int kind = (int)features->items[other].kind;
			bool asked = kind == first && (int)features->items[one].kind == second;
			bool can = asked && sim_features_can_meet(features, one, other);
			possible += can;
			covered += can && features->together[one][other] > 0;
		}
	}
	printf("%-8s with %-8s %5u of %5u pairs\n", sim_feature_kind_name((enum sim_feature_kind)first),
	       sim_feature_kind_name((enum sim_feature_kind)second), covered, possible);
}

static uint32_t sim_cli_list_pairs(const struct sim_cli *cli) {
	static struct sim_features features;
	sim_features_count(&features, cli->sweep.scenarios, cli->sweep.scenario_count);
	for (uint32_t one = 0; one < features.count; one++) {
		sim_cli_print_missing(cli, &features, one);
	}
	for (int first = 0; first < SIM_FEATURE_KIND_COUNT && !cli->json; first++) {
		for (int second = first; second < SIM_FEATURE_KIND_COUNT; second++) {
			sim_cli_print_kinds(&features, first, second);
		}
	}
	return features.count;
}

/* ---- the verb -------------------------------------------------------------------------------- */

struct sim_cli_list_row {
	const char *name;
	uint32_t (*print)(const struct sim_cli *cli); /* gives the number of entries */
	bool loads;                                   /* the scenarios first */
	bool names;                                   /* may be followed by names of scenarios */
};

int sim_cli_list(struct sim_cli *cli) {
	static const struct sim_cli_list_row rows[] = {
	        {"scenarios", sim_cli_list_scenarios, true, false},
	        {"settings", sim_cli_list_settings, false, false},
	        {"steps", sim_cli_list_steps, false, false},
	        {"faults", sim_cli_list_faults, false, false},
	        {"phases", sim_cli_list_phases, false, false},
	        {"invariants", sim_cli_list_invariants, false, false},
	        {"probes", sim_cli_list_probes, false, false},
	        {"bugs", sim_cli_list_bugs, false, false},
	        {"pairs", sim_cli_list_pairs, true, true},
	};
	const char *whats[sizeof rows / sizeof rows[0] + 1] = {NULL};
	const char *what = cli->name_count > 0 ? cli->names[0] : rows[0].name;
	const struct sim_cli_list_row *row = NULL;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		whats[i] = rows[i].name;
		row = strcmp(rows[i].name, what) == 0 ? &rows[i] : row;
	}
	if (row == NULL) {
		fprintf(stderr, "aftershock: list %s: no such list; %s\n", what, sim_suggest(what, whats));
		return SIM_CLI_USAGE;
	}
	if (cli->name_count > 1 && !row->names) {
		fprintf(stderr, "aftershock: list %s: expected nothing behind it\n", what);
		return SIM_CLI_USAGE;
	}
	cli->names += cli->name_count > 0;
	cli->name_count -= cli->name_count > 0;
	if (row->loads && !sim_cli_load_scenarios(cli)) {
		return SIM_CLI_USAGE;
	}
	uint32_t count = row->print(cli);
	if (cli->json) {
		sim_sweep_json_print(
		        json_pack("{s:s,s:s,s:I}", "type", "summary", "list", what, "count", (json_int_t)count),
		        stdout);
	}
	return SIM_CLI_OK;
}
