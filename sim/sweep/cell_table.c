/* sim/sweep/cell_table.c: see cell_table.h. */
#include "cell_table.h"

#include "cell.h"
#include "contract.h"
#include "scenario_promise.h"
#include "sql.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <string.h>

/* Nobody shall take them for the real ones. */
static void sim_cell_print_stand_ins(const struct sim_scenario *scenario, FILE *out) {
	for (uint32_t i = 0; scenario->sql != NULL && i < scenario->sql->extension_count; i++) {
		fprintf(out, "%-26s extension: %s\n", "", subject_extension_path(scenario->sql->extensions[i]));
	}
	const struct sim_stand_ins *stand_ins = scenario->sql != NULL ? &scenario->sql->stand_ins : NULL;
	char text[SIM_STAND_IN_TEXT_SIZE];
	for (uint32_t i = 0; stand_ins != NULL && i < stand_ins->count; i++) {
		sim_stand_in_print(&stand_ins->items[i], text);
		fprintf(out, "%-26s stand-in: %s\n", "", text);
	}
}

void sim_cell_print_contracts(const struct sim_sweep_options *options, FILE *out) {
	char contract[SIM_CONTRACT_TEXT_SIZE];
	for (uint32_t i = 0; i < options->scenario_count; i = sim_sweep_group_end(options, i)) {
		const struct sim_scenario *scenario = options->scenarios[i];
		if (scenario->cell[0] != '\0') {
			fprintf(out, "%-26s contract: by cell, %u cells of %s\n", scenario->name,
			        sim_sweep_group_end(options, i) - i, scenario->axes);
		} else {
			sim_scenario_promise_print(scenario, contract);
			fprintf(out, "%-26s contract: %s\n", scenario->name, contract);
		}
		sim_cell_print_stand_ins(scenario, out);
	}
	fputc('\n', out);
}

/* ---- the table ------------------------------------------------------------------------------- */

/* Of the two columns of words. */
struct sim_cell_widths {
	int name;
	int contract;
};

static const char *sim_cell_row_name(const struct sim_scenario *scenario) {
	return scenario->cell[0] != '\0' ? scenario->cell : scenario->name;
}

static struct sim_cell_widths sim_cell_measure(const struct sim_sweep_options *options, uint32_t first) {
	struct sim_cell_widths widths = {36, 36};
	for (uint32_t i = first; i < sim_sweep_group_end(options, first); i++) {
		char contract[SIM_CONTRACT_TEXT_SIZE];
		sim_scenario_promise_print(options->scenarios[i], contract);
		int name = (int)strlen(sim_cell_row_name(options->scenarios[i]));
		widths.name = name > widths.name ? name : widths.name;
		widths.contract = (int)strlen(contract) > widths.contract ? (int)strlen(contract) : widths.contract;
	}
	return widths;
}

static void sim_cell_print_row(const struct sim_sweep_options *options, const struct sim_sweep_result *result,
                               uint32_t number, const struct sim_cell_widths *widths, FILE *out) {
	const struct sim_scenario *scenario = options->scenarios[number];
	const struct sim_sweep_totals *totals = &result->scenarios[number];
	char contract[SIM_CONTRACT_TEXT_SIZE];
	char line[SIM_SWEEP_REPLAY_SIZE] = "";
	const char *verdict = sim_cell_verdict_name(sim_cell_judge(scenario, totals));
	sim_scenario_promise_print(scenario, contract);
	sim_sweep_weak_line(options, result, number, line, sizeof line);
	/* The words before the scenario's name are the same in every row. */
	const char *replay = strncmp(line, "aftershock replay ", 18) == 0 ? line + 18 : line;
	fprintf(out, "%-*s %-*s %8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %6" PRIu64 " %8" PRIu64 "  %s%*s%s\n",
	        widths->name, sim_cell_row_name(scenario), widths->contract, contract, totals->runs,
	        totals->crash_states, totals->lost, totals->lost_most, totals->corrupt, verdict,
	        replay[0] != '\0' ? 10 - (int)strlen(verdict) : 0, "", replay);
}

static void sim_cell_print_group(const struct sim_sweep_options *options, const struct sim_sweep_result *result,
                                 uint32_t first, FILE *out) {
	const struct sim_scenario *scenario = options->scenarios[first];
	if (!sim_cell_is_shown(scenario)) {
		return;
	}
	fprintf(out, "\n%s: promised and measured%s%s\n", scenario->name, scenario->axes[0] != '\0' ? ", by " : "",
	        scenario->axes);
	const struct sim_cell_widths widths = sim_cell_measure(options, first);
	fprintf(out, "%-*s %-*s %8s %8s %8s %6s %8s  %-9s %s\n", widths.name, "cell", widths.contract, "contract",
	        "runs", "crashes", "lost", "most", "corrupt", "verdict",
	        "seed that loses or corrupts (aftershock replay ...)");
	for (uint32_t i = first; i < sim_sweep_group_end(options, first); i++) {
		sim_cell_print_row(options, result, i, &widths, out);
	}
}

/* Whether the n-th finding that a scenario knows was run by a plan or a seed, or was seen. */
static bool sim_cell_has_looked_for(const struct sim_sweep_totals *totals, uint32_t n) {
	return totals->known_runs[n] > 0 || (totals->known_tried & 1u << n) != 0;
}

/* Scenarios that know the same finding share its plan: it is told of once, unless they have seen
 * it. */
static bool sim_cell_is_told_elsewhere(const struct sim_sweep_options *options, const struct sim_sweep_result *result,
                                       uint32_t scenario, uint32_t n) {
	const struct sim_known *known = &options->scenarios[scenario]->known[n];
	bool told = false;
	for (uint32_t i = 0; i < options->scenario_count && !sim_cell_has_looked_for(&result->scenarios[scenario], n);
	     i++) {
		const struct sim_scenario *other = options->scenarios[i];
		for (uint32_t k = 0; k < other->known_count && !told; k++) {
			told = strcmp(other->known[k].id, known->id) == 0 &&
			       sim_cell_has_looked_for(&result->scenarios[i], k);
		}
	}
	return told;
}

static void sim_cell_print_known(const struct sim_sweep_options *options, const struct sim_sweep_result *result,
                                 uint32_t scenario, FILE *out) {
	char line[SIM_SWEEP_REPLAY_SIZE];
	const struct sim_scenario *about = options->scenarios[scenario];
	/* What is known is known of the built-in subject. */
	for (uint32_t i = 0; i < about->known_count && sim_sweep_is_of_product(options); i++) {
		if (sim_cell_is_told_elsewhere(options, result, scenario, i)) {
			continue;
		}
		const struct sim_known *known = &about->known[i];
		const struct sim_sweep_totals *totals = &result->scenarios[scenario];
		char versions[SIM_CELL_VERSIONS_SIZE];
		sim_cell_versions_text(known, versions);
		sim_cell_known_line(options, scenario, i, line, sizeof line);
		fprintf(out,
		        "\nfinding %s, not ours: SQLite %s violates %s; %s with SQLite %s, in %" PRIu64
		        " runs\n  %s\n  %s\n",
		        known->id, versions, known->invariant, sim_cell_known_state(about, totals, i),
		        sqlite3_libversion(), totals->known_runs[i], known->link, line);
	}
}

void sim_cell_print(const struct sim_sweep_options *options, const struct sim_sweep_result *result, FILE *out) {
	for (uint32_t i = 0; i < options->scenario_count; i = sim_sweep_group_end(options, i)) {
		sim_cell_print_group(options, result, i, out);
	}
	for (uint32_t i = 0; i < options->scenario_count; i++) {
		sim_cell_print_known(options, result, i, out);
	}
}
