/* sim/scenario/scenario_check.c: the head of a scenario, its workload and its probes: turns words
 * and numbers into values, and says what was expected where they make no sense. */
#include "scenario_internal.h"

#include <stdio.h>
#include <string.h>

/* The name of the file without directories and .yaml. */
static size_t sim_check_file_name(const char *path, const char **name) {
	const char *slash = strrchr(path, '/');
	*name = slash != NULL ? slash + 1 : path;
	size_t size = strlen(*name);
	return size > 5 && strcmp(*name + size - 5, ".yaml") == 0 ? size - 5 : size;
}

static bool sim_check_name(struct sim_scenario_source *source, const char *name, struct sim_scenario *scenario) {
	const char *file = NULL;
	size_t size = sim_check_file_name(source->path, &file);
	if (name[0] == '\0' || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(name) ||
	    strlen(name) >= sizeof scenario->name) {
		return sim_scenario_refuse(source, "name",
		                           "name is \"%.80s\", expected lower-case letters, digits and -, at most %zu",
		                           name, sizeof scenario->name - 1);
	}
	if (strlen(name) != size || strncmp(name, file, size) != 0) {
		return sim_scenario_refuse(source, "name", "name is \"%s\", expected the file's name, \"%.*s\"", name,
		                           (int)(size < 80 ? size : 80), file);
	}
	snprintf(scenario->name, sizeof scenario->name, "%s", name);
	return true;
}

static bool sim_check_head(struct sim_scenario_source *source, const struct sim_raw_scenario *raw,
                           struct sim_scenario *scenario) {
	if (!sim_check_name(source, raw->name, scenario)) {
		return false;
	}
	if (raw->about[0] == '\0' || strlen(raw->about) >= sizeof scenario->about) {
		return sim_scenario_refuse(source, "about", "about has %zu bytes, expected 1 to %zu",
		                           strlen(raw->about), sizeof scenario->about - 1);
	}
	snprintf(scenario->about, sizeof scenario->about, "%s", raw->about);
	/* Others are given on the command line: a path to a shared object has no place in a
	 * scenario. */
	bool sql = strcmp(raw->subject, "sql") == 0;
	bool program = strcmp(raw->subject, "program") == 0;
	if (!sql && !program && strcmp(raw->subject, "engine") != 0) {
		return sim_scenario_refuse(
		        source, "subject",
		        "subject is \"%.80s\", expected engine, sql or program (which one: --subject FILE.so)",
		        raw->subject);
	}
	if (sql != (raw->sql != NULL)) {
		return sim_scenario_refuse(source, sql ? "subject" : "sql",
		                           "subject %s, expected a mapping `sql` with subject sql, and with no other",
		                           sql       ? "sql without `sql`"
		                           : program ? "program with `sql`"
		                                     : "engine with `sql`");
	}
	snprintf(scenario->subject, sizeof scenario->subject, "%s", raw->subject);
	return true;
}

static bool sim_check_criteria(struct sim_scenario_source *source, const struct sim_raw_scenario *raw,
                               struct sim_scenario *scenario) {
	char place[SIM_SCENARIO_PLACE_SIZE];
	for (uint32_t i = 0; i < raw->criteria_count; i++) {
		const char *word = raw->criteria[i];
		if (strlen(word) != 3 || strncmp(word, "AC", 2) != 0 || word[2] < '1' ||
		    word[2] > '0' + SIM_CRITERIA_COUNT) {
			snprintf(place, sizeof place, "criteria[%u]", i);
			return sim_scenario_refuse(source, place, "unknown criterion %.80s, expected AC1 to AC%d", word,
			                           SIM_CRITERIA_COUNT);
		}
		scenario->criteria |= 1u << (word[2] - '0');
	}
	return true;
}

static bool sim_check_probes(struct sim_scenario_source *source, const struct sim_raw_scenario *raw,
                             struct sim_scenario *scenario) {
	char place[SIM_SCENARIO_PLACE_SIZE];
	for (uint32_t i = 0; i < raw->probes_count; i++) {
		enum sim_probe probe = sim_probe_of(raw->probes[i]);
		if (probe == SIM_PROBE_NONE) {
			snprintf(place, sizeof place, "probes[%u]", i);
			return sim_scenario_refuse(source, place,
			                           "unknown probe %.80s, expected one of `aftershock list probes`",
			                           raw->probes[i]);
		}
		scenario->probes[probe] = true;
	}
	if (raw->probe_seeds != NULL && (*raw->probe_seeds == 0 || *raw->probe_seeds > UINT32_MAX)) {
		return sim_scenario_refuse(source, "probe_seeds", "probe_seeds is %llu, expected 1 to %u",
		                           (unsigned long long)*raw->probe_seeds, UINT32_MAX);
	}
	scenario->probe_seeds = raw->probe_seeds != NULL ? (uint32_t)*raw->probe_seeds : scenario->probe_seeds;
	return true;
}

static bool sim_check_rare(struct sim_scenario_source *source, const struct sim_raw_workload *raw,
                           struct sim_workload *workload) {
	char place[SIM_SCENARIO_PLACE_SIZE];
	const char *last = "";
	uint32_t events = 0;
	for (int rare = 0; rare < SIM_RARE_COUNT; rare++) {
		uint32_t *percent = &workload->rare_percent[rare];
		snprintf(place, sizeof place, "workload.%s", sim_scenario_rare_name((enum sim_rare)rare));
		if (!sim_scenario_value_percent(source, place, raw->rare[rare], percent)) {
			return false;
		}
		events += rare < SIM_RARE_EVENT_COUNT ? *percent : 0;
		last = rare<SIM_RARE_EVENT_COUNT && * percent> 0 ? sim_scenario_rare_name((enum sim_rare)rare) : last;
	}
	snprintf(place, sizeof place, "workload.%s", last);
	return events <= 100 ||
	       sim_scenario_refuse(source, place, "%s to %s are %u percent together, expected at most 100",
	                           sim_scenario_rare_name(SIM_RARE_REPLACES), sim_scenario_rare_name(SIM_RARE_SPLITS),
	                           events);
}

static bool sim_check_workload(struct sim_scenario_source *source, const struct sim_raw_workload *raw,
                               struct sim_workload *workload) {
	const struct {
		const char *place;
		const uint64_t *raw;
		uint32_t *percent;
	} percents[] = {{"workload.duplicates", raw->duplicates, &workload->duplicates_percent},
	                {"workload.reorders", raw->reorders, &workload->reorders_percent},
	                {"workload.restarts", raw->restarts, &workload->restarts_percent},
	                {"workload.checkpoints", raw->checkpoints, &workload->checkpoints_percent},
	                {"workload.kills", raw->kills, &workload->crashes_percent[SIM_CRASH_KILL]},
	                {"workload.power_losses", raw->power_losses, &workload->crashes_percent[SIM_CRASH_POWER_LOSS]},
	                {"workload.takeovers", raw->takeovers, &workload->takeovers_percent},
	                {"workload.wakes", raw->wakes, &workload->wakes_percent},
	                {"workload.retires", raw->retires, &workload->retires_percent},
	                {"workload.query_failures", raw->query_failures, &workload->query_failures_percent},
	                {"workload.rejects", raw->rejects, &workload->rejects_percent},
	                {"workload.cancels", raw->cancels, &workload->cancels_percent},
	                {"workload.expires", raw->expires, &workload->expires_percent}};
	const struct sim_scenario_limits updates = {1, 256};
	const struct sim_scenario_limits symbols = {1, 8};
	const struct sim_scenario_limits orders = {1, 16};
	bool is_heavy = false;
	if (!sim_scenario_value_draw(source, "workload.draw", raw->draw, &is_heavy) ||
	    !sim_scenario_value_range(source, "workload.updates", raw->updates, &updates, &workload->updates) ||
	    !sim_scenario_value_range(source, "workload.symbols", raw->symbols, &symbols, &workload->symbols) ||
	    !sim_scenario_value_range(source, "workload.open_orders", raw->open_orders, &orders,
	                              &workload->open_orders)) {
		return false;
	}
	workload->updates.is_heavy |= is_heavy;
	for (size_t i = 0; i < sizeof percents / sizeof percents[0]; i++) {
		if (!sim_scenario_value_percent(source, percents[i].place, percents[i].raw, percents[i].percent)) {
			return false;
		}
	}
	if (!sim_check_rare(source, raw, workload)) {
		return false;
	}
	if (raw->holds != NULL && *raw->holds > 64) {
		return sim_scenario_refuse(source, "workload.holds", "holds is %llu, expected 0 to 64",
		                           (unsigned long long)*raw->holds);
	}
	workload->held_updates = raw->holds != NULL ? (uint32_t)*raw->holds : 0;
	uint32_t ends = workload->cancels_percent + workload->expires_percent;
	return ends <= 100 ||
	       sim_scenario_refuse(source, raw->expires != NULL ? "workload.expires" : "workload.cancels",
	                           "cancels and expires are %u percent together, expected at most 100", ends);
}

/* Only one client of SQL, or a program, is idle between two steps. */
static bool sim_check_crashes(struct sim_scenario_source *source, const struct sim_raw_scenario *raw) {
	if (raw->workload.tunings != NULL && raw->sql == NULL) {
		return sim_scenario_refuse(source, "workload.tunings", "tunings without SQL, expected none");
	}
	bool has = raw->workload.kills != NULL || raw->workload.power_losses != NULL;
	bool is_program = strcmp(raw->subject, "program") == 0;
	return !has || is_program || (raw->sql != NULL && raw->processes_count == 0) ||
	       sim_scenario_refuse(source, raw->workload.kills != NULL ? "workload.kills" : "workload.power_losses",
	                           "kills and power_losses are for one process of SQL or a program, expected none");
}

/* The day of a trader has halts, fills that come too early and malformed reports, and nothing else
 * that is rare. What is not drawn is refused. */
static bool sim_check_trader_rare(struct sim_scenario_source *source, const struct sim_workload *workload) {
	char place[40];
	for (int rare = 0; rare < SIM_RARE_COUNT; rare++) {
		bool is_drawn = rare == SIM_RARE_HALTS || rare == SIM_RARE_EARLY || rare == SIM_RARE_MALFORMED;
		if (workload->rare_percent[rare] > 0 && !is_drawn) {
			const char *name = sim_scenario_rare_name((enum sim_rare)rare);
			snprintf(place, sizeof place, "workload.%s", name);
			return sim_scenario_refuse(source, place, "workload.%s with a trader, expected none", name);
		}
	}
	return true;
}

static bool sim_check_trader(struct sim_scenario_source *source, const struct sim_raw_scenario *raw,
                             struct sim_scenario *scenario) {
	static const char *const words[SIM_TRADER_COUNT] = {"none", "trusting", "agreeing"};
	const struct sim_scenario_limits limits = {20, 1000000};
	const char *word = raw->workload.trader;
	int kind = 0;
	while (word != NULL && kind < SIM_TRADER_COUNT && strcmp(word, words[kind]) != 0) {
		kind++;
	}
	if (kind == SIM_TRADER_COUNT) {
		return sim_scenario_refuse(source, "workload.trader",
		                           "workload.trader is %.80s, expected one of: none, trusting, agreeing", word);
	}
	scenario->workload.trader = (enum sim_trader_kind)kind;
	scenario->exchange_judges = raw->judged_by != NULL && strcmp(raw->judged_by, "exchange") == 0;
	if (raw->judged_by != NULL && !scenario->exchange_judges && strcmp(raw->judged_by, "model") != 0) {
		return sim_scenario_refuse(source, "judged_by", "judged_by is %.80s, expected model or exchange",
		                           raw->judged_by);
	}
	if (scenario->exchange_judges && kind == SIM_TRADER_NONE) {
		return sim_scenario_refuse(source, "judged_by", "judged_by exchange, expected a workload.trader");
	}
	if (kind != SIM_TRADER_NONE && scenario->workload.updates.min < 4) {
		return sim_scenario_refuse(source, "workload.updates",
		                           "workload.updates from %llu, expected at least 4 with a trader",
		                           (unsigned long long)scenario->workload.updates.min);
	}
	if (kind != SIM_TRADER_NONE && !sim_check_trader_rare(source, &scenario->workload)) {
		return false;
	}
	return sim_scenario_value_range(source, "workload.limit", raw->workload.limit, &limits,
	                                &scenario->workload.limit_lots);
}

bool sim_scenario_check(struct sim_scenario_source *source, const struct sim_raw_scenario *raw,
                        struct sim_scenario *scenario) {
	return sim_check_head(source, raw, scenario) && sim_check_criteria(source, raw, scenario) &&
	       sim_check_workload(source, &raw->workload, &scenario->workload) && sim_check_crashes(source, raw) &&
	       sim_check_trader(source, raw, scenario) && sim_check_probes(source, raw, scenario);
}
