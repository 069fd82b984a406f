/* sim/scenario/scenario_schema.c: the shape of a scenario file as a libcyaml schema. Names and
 * numbers are checked later, where the message can say what was expected; here a key is known or
 * not, and a value is a word, a whole number, a list or a mapping. */
#include "scenario_internal.h"

#include <cyaml/cyaml.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIM_SCHEMA_MESSAGE_SIZE 256

#define OPTIONAL_POINTER (CYAML_FLAG_OPTIONAL | CYAML_FLAG_POINTER)
#define OPTIONAL_WORD(key, type, member) CYAML_FIELD_STRING_PTR(key, OPTIONAL_POINTER, type, member, 0, CYAML_UNLIMITED)
#define REQUIRED_WORD(key, type, member)                                                                               \
	CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER, type, member, 0, CYAML_UNLIMITED)
#define OPTIONAL_NUMBER(key, type, member) CYAML_FIELD_UINT_PTR(key, OPTIONAL_POINTER, type, member)
#define OPTIONAL_RANGE(key, type, member) CYAML_FIELD_MAPPING_PTR(key, OPTIONAL_POINTER, type, member, sim_schema_range)
#define OPTIONAL_WORDS(key, type, member)                                                                              \
	CYAML_FIELD_SEQUENCE(key, OPTIONAL_POINTER, type, member, &sim_schema_word, 1, CYAML_UNLIMITED)
#define OPTIONAL_NUMBERS(key, type, member)                                                                            \
	CYAML_FIELD_SEQUENCE(key, OPTIONAL_POINTER, type, member, &sim_schema_number, 1, CYAML_UNLIMITED)

static const cyaml_schema_value_t sim_schema_word = {
        CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 0, CYAML_UNLIMITED)};
static const cyaml_schema_value_t sim_schema_number = {CYAML_VALUE_UINT(CYAML_FLAG_DEFAULT, uint64_t)};

static const cyaml_strval_t sim_schema_draw[] = {{"evenly", false}, {"heavy", true}};
#define DRAW(type) CYAML_FIELD_ENUM("draw", CYAML_FLAG_OPTIONAL, type, is_heavy, sim_schema_draw, 2)

static const cyaml_schema_field_t sim_schema_range[] = {
        CYAML_FIELD_UINT("min", CYAML_FLAG_DEFAULT, struct sim_range, min),
        CYAML_FIELD_UINT("max", CYAML_FLAG_DEFAULT, struct sim_range, max), DRAW(struct sim_range), CYAML_FIELD_END};

static const cyaml_schema_field_t sim_schema_workload[] = {
        OPTIONAL_WORD("draw", struct sim_raw_workload, draw),
        OPTIONAL_RANGE("updates", struct sim_raw_workload, updates),
        OPTIONAL_RANGE("symbols", struct sim_raw_workload, symbols),
        OPTIONAL_RANGE("open_orders", struct sim_raw_workload, open_orders),
        OPTIONAL_NUMBER("duplicates", struct sim_raw_workload, duplicates),
        OPTIONAL_NUMBER("reorders", struct sim_raw_workload, reorders),
        OPTIONAL_NUMBER("restarts", struct sim_raw_workload, restarts),
        OPTIONAL_NUMBER("checkpoints", struct sim_raw_workload, checkpoints),
        OPTIONAL_NUMBER("tunings", struct sim_raw_workload, tunings),
        OPTIONAL_NUMBER("kills", struct sim_raw_workload, kills),
        OPTIONAL_NUMBER("power_losses", struct sim_raw_workload, power_losses),
        OPTIONAL_NUMBER("takeovers", struct sim_raw_workload, takeovers),
        OPTIONAL_NUMBER("wakes", struct sim_raw_workload, wakes),
        OPTIONAL_NUMBER("retires", struct sim_raw_workload, retires),
        OPTIONAL_WORD("trader", struct sim_raw_workload, trader),
        OPTIONAL_RANGE("limit", struct sim_raw_workload, limit),
        OPTIONAL_NUMBER("query_failures", struct sim_raw_workload, query_failures),
        OPTIONAL_NUMBER("rejects", struct sim_raw_workload, rejects),
        OPTIONAL_NUMBER("cancels", struct sim_raw_workload, cancels),
        OPTIONAL_NUMBER("expires", struct sim_raw_workload, expires),
        OPTIONAL_NUMBER("replaces", struct sim_raw_workload, rare[SIM_RARE_REPLACES]),
        OPTIONAL_NUMBER("busts", struct sim_raw_workload, rare[SIM_RARE_BUSTS]),
        OPTIONAL_NUMBER("corrects", struct sim_raw_workload, rare[SIM_RARE_CORRECTS]),
        OPTIONAL_NUMBER("restatements", struct sim_raw_workload, rare[SIM_RARE_RESTATEMENTS]),
        OPTIONAL_NUMBER("done_for_day", struct sim_raw_workload, rare[SIM_RARE_DONE_FOR_DAY]),
        OPTIONAL_NUMBER("pendings", struct sim_raw_workload, rare[SIM_RARE_PENDINGS]),
        OPTIONAL_NUMBER("stops", struct sim_raw_workload, rare[SIM_RARE_STOPS]),
        OPTIONAL_NUMBER("late_fills", struct sim_raw_workload, rare[SIM_RARE_LATE_FILLS]),
        OPTIONAL_NUMBER("overfills", struct sim_raw_workload, rare[SIM_RARE_OVERFILLS]),
        OPTIONAL_NUMBER("reused_ids", struct sim_raw_workload, rare[SIM_RARE_REUSED_IDS]),
        OPTIONAL_NUMBER("conflicts", struct sim_raw_workload, rare[SIM_RARE_CONFLICTS]),
        OPTIONAL_NUMBER("second_channel", struct sim_raw_workload, rare[SIM_RARE_SECOND_CHANNEL]),
        OPTIONAL_NUMBER("limits", struct sim_raw_workload, rare[SIM_RARE_LIMITS]),
        OPTIONAL_NUMBER("halts", struct sim_raw_workload, rare[SIM_RARE_HALTS]),
        OPTIONAL_NUMBER("broken", struct sim_raw_workload, rare[SIM_RARE_BROKEN]),
        OPTIONAL_NUMBER("splits", struct sim_raw_workload, rare[SIM_RARE_SPLITS]),
        OPTIONAL_NUMBER("unknown_orders", struct sim_raw_workload, rare[SIM_RARE_UNKNOWN_ORDERS]),
        OPTIONAL_NUMBER("status_lies", struct sim_raw_workload, rare[SIM_RARE_STATUS_LIES]),
        OPTIONAL_NUMBER("nameless", struct sim_raw_workload, rare[SIM_RARE_NAMELESS]),
        OPTIONAL_NUMBER("early", struct sim_raw_workload, rare[SIM_RARE_EARLY]),
        OPTIONAL_NUMBER("batches", struct sim_raw_workload, rare[SIM_RARE_BATCHES]),
        OPTIONAL_NUMBER("long_ids", struct sim_raw_workload, rare[SIM_RARE_LONG_IDS]),
        OPTIONAL_NUMBER("shared_ids", struct sim_raw_workload, rare[SIM_RARE_SHARED_IDS]),
        OPTIONAL_NUMBER("odd_times", struct sim_raw_workload, rare[SIM_RARE_ODD_TIMES]),
        OPTIONAL_NUMBER("vast_numbers", struct sim_raw_workload, rare[SIM_RARE_VAST_NUMBERS]),
        OPTIONAL_NUMBER("malformed", struct sim_raw_workload, rare[SIM_RARE_MALFORMED]),
        OPTIONAL_NUMBER("clientless", struct sim_raw_workload, rare[SIM_RARE_CLIENTLESS]),
        OPTIONAL_NUMBER("accounts", struct sim_raw_workload, rare[SIM_RARE_ACCOUNTS]),
        OPTIONAL_NUMBER("reused_orders", struct sim_raw_workload, rare[SIM_RARE_REUSED_ORDERS]),
        OPTIONAL_NUMBER("begun_days", struct sim_raw_workload, rare[SIM_RARE_BEGUN_DAYS]),
        OPTIONAL_NUMBER("unsaid_quantities", struct sim_raw_workload, rare[SIM_RARE_UNSAID_QUANTITIES]),
        OPTIONAL_NUMBER("holds", struct sim_raw_workload, holds),
        OPTIONAL_NUMBER("enumerate", struct sim_raw_workload, enumerate),
        OPTIONAL_WORD("tape", struct sim_raw_workload, tape),
        CYAML_FIELD_END};

/* The mappings `settings`, `disk` and `bound`: made from the rows of sim/setting_row.h when the
 * first file is loaded. */
static cyaml_schema_field_t sim_schema_settings[SIM_SETTINGS_MAX + 1];
static cyaml_schema_field_t sim_schema_disk[SIM_SETTINGS_MAX + 1];
static cyaml_schema_field_t sim_schema_bound[SIM_SETTINGS_MAX + 1];

/* The three forms that a setting has in a file. */
struct sim_schema_forms {
	char **words;
	uint32_t words_count;
	uint64_t *numbers;
	uint32_t numbers_count;
	char *word;
};

static const cyaml_schema_field_t sim_schema_fault_fields[] = {
        REQUIRED_WORD("kind", struct sim_raw_fault, kind),
        OPTIONAL_WORDS("methods", struct sim_raw_fault, methods),
        OPTIONAL_WORDS("files", struct sim_raw_fault, files),
        OPTIONAL_WORDS("effects", struct sim_raw_fault, effects),
        OPTIONAL_WORDS("codes", struct sim_raw_fault, codes),
        OPTIONAL_WORDS("during", struct sim_raw_fault, during),
        OPTIONAL_NUMBER("chance", struct sim_raw_fault, chance),
        OPTIONAL_RANGE("count", struct sim_raw_fault, count),
        OPTIONAL_RANGE("operations", struct sim_raw_fault, operations),
        OPTIONAL_RANGE("times", struct sim_raw_fault, times),
        OPTIONAL_RANGE("duration_ms", struct sim_raw_fault, duration_ms),
        OPTIONAL_RANGE("bytes", struct sim_raw_fault, bytes),
        OPTIONAL_WORD("phase", struct sim_raw_fault, phase),
        OPTIONAL_RANGE("occurrences", struct sim_raw_fault, occurrences),
        OPTIONAL_WORD("aim", struct sim_raw_fault, aim),
        OPTIONAL_WORD("process", struct sim_raw_fault, process),
        CYAML_FIELD_END};

static const cyaml_schema_value_t sim_schema_fault = {
        CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct sim_raw_fault, sim_schema_fault_fields)};

static const cyaml_schema_field_t sim_schema_variant_fields[] = {
        REQUIRED_WORD("axis", struct sim_raw_variant, axis),
        REQUIRED_WORD("name", struct sim_raw_variant, name),
        CYAML_FIELD_MAPPING("settings", CYAML_FLAG_OPTIONAL, struct sim_raw_variant, settings, sim_schema_settings),
        CYAML_FIELD_MAPPING("disk", CYAML_FLAG_OPTIONAL, struct sim_raw_variant, settings, sim_schema_disk),
        CYAML_FIELD_MAPPING("bound", CYAML_FLAG_OPTIONAL, struct sim_raw_variant, settings, sim_schema_bound),
        CYAML_FIELD_SEQUENCE("faults", OPTIONAL_POINTER, struct sim_raw_variant, faults, &sim_schema_fault, 0,
                             CYAML_UNLIMITED),
        CYAML_FIELD_END};

static const cyaml_schema_value_t sim_schema_variant = {
        CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct sim_raw_variant, sim_schema_variant_fields)};

static const cyaml_schema_field_t sim_schema_contract[] = {
        OPTIONAL_WORD("kill", struct sim_raw_contract, kill),
        OPTIONAL_WORD("power_loss", struct sim_raw_contract, power_loss),
        OPTIONAL_WORD("files", struct sim_raw_contract, files), OPTIONAL_WORD("locks", struct sim_raw_contract, locks),
        CYAML_FIELD_END};

static const cyaml_schema_field_t sim_schema_cells_fields[] = {
        REQUIRED_WORD("where", struct sim_raw_cells, where),
        CYAML_FIELD_MAPPING("contract", CYAML_FLAG_OPTIONAL, struct sim_raw_cells, contract, sim_schema_contract),
        OPTIONAL_NUMBER("must_violate", struct sim_raw_cells, must_violate), CYAML_FIELD_END};

static const cyaml_schema_value_t sim_schema_cells = {
        CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct sim_raw_cells, sim_schema_cells_fields)};

static const cyaml_schema_field_t sim_schema_known_fields[] = {
        REQUIRED_WORD("id", struct sim_raw_known, id),
        REQUIRED_WORD("invariant", struct sim_raw_known, invariant),
        REQUIRED_WORD("detail", struct sim_raw_known, detail),
        OPTIONAL_NUMBER("seed", struct sim_raw_known, seed),
        OPTIONAL_WORD("at_most", struct sim_raw_known, at_most),
        CYAML_FIELD_SEQUENCE("versions", CYAML_FLAG_POINTER, struct sim_raw_known, versions, &sim_schema_word, 1,
                             CYAML_UNLIMITED),
        OPTIONAL_WORD("recorded", struct sim_raw_known, recorded),
        OPTIONAL_WORD("plan", struct sim_raw_known, plan),
        OPTIONAL_WORD("fix", struct sim_raw_known, fix),
        REQUIRED_WORD("link", struct sim_raw_known, link),
        OPTIONAL_WORD("cell", struct sim_raw_known, cell),
        CYAML_FIELD_END};

static const cyaml_schema_value_t sim_schema_known = {
        CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct sim_raw_known, sim_schema_known_fields)};

static const cyaml_schema_field_t sim_schema_parameter_fields[] = {
        REQUIRED_WORD("name", struct sim_raw_parameter, name),
        REQUIRED_WORD("kind", struct sim_raw_parameter, kind),
        OPTIONAL_WORD("min", struct sim_raw_parameter, min),
        OPTIONAL_WORD("max", struct sim_raw_parameter, max),
        DRAW(struct sim_raw_parameter),
        OPTIONAL_NUMBER("nulls", struct sim_raw_parameter, nulls),
        OPTIONAL_WORD("letters", struct sim_raw_parameter, letters),
        OPTIONAL_WORDS("values", struct sim_raw_parameter, values),
        CYAML_FIELD_END};

static const cyaml_schema_value_t sim_schema_parameter = {
        CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct sim_raw_parameter, sim_schema_parameter_fields)};

static const cyaml_schema_field_t sim_schema_transaction_fields[] = {
        REQUIRED_WORD("name", struct sim_raw_transaction, name),
        OPTIONAL_NUMBER("weight", struct sim_raw_transaction, weight),
        OPTIONAL_WORD("begin", struct sim_raw_transaction, begin),
        OPTIONAL_WORD("end", struct sim_raw_transaction, end),
        OPTIONAL_WORDS("values", struct sim_raw_transaction, values),
        CYAML_FIELD_SEQUENCE("statements", CYAML_FLAG_POINTER, struct sim_raw_transaction, statements, &sim_schema_word,
                             1, CYAML_UNLIMITED),
        CYAML_FIELD_END};

static const cyaml_schema_value_t sim_schema_transaction = {
        CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct sim_raw_transaction, sim_schema_transaction_fields)};

static const cyaml_schema_field_t sim_schema_sql[] = {
        OPTIONAL_WORDS("attached", struct sim_raw_sql, attached),
        OPTIONAL_NUMBER("attached_chance", struct sim_raw_sql, attached_chance),
        OPTIONAL_WORDS("pragmas", struct sim_raw_sql, pragmas),
        OPTIONAL_WORDS("tunings", struct sim_raw_sql, tunings),
        OPTIONAL_WORDS("extensions", struct sim_raw_sql, extensions),
        OPTIONAL_WORDS("stand_ins", struct sim_raw_sql, stand_ins),
        OPTIONAL_WORDS("after_doubt", struct sim_raw_sql, after_doubt),
        CYAML_FIELD_SEQUENCE("parameters", OPTIONAL_POINTER, struct sim_raw_sql, parameters, &sim_schema_parameter, 0,
                             CYAML_UNLIMITED),
        OPTIONAL_WORD("setup_file", struct sim_raw_sql, setup_file),
        OPTIONAL_WORDS("setup", struct sim_raw_sql, setup),
        OPTIONAL_WORD("transactions_file", struct sim_raw_sql, transactions_file),
        CYAML_FIELD_SEQUENCE("transactions", OPTIONAL_POINTER, struct sim_raw_sql, transactions,
                             &sim_schema_transaction, 1, CYAML_UNLIMITED),
        OPTIONAL_WORDS("invariants", struct sim_raw_sql, invariants),
        CYAML_FIELD_END};

static const cyaml_schema_field_t sim_schema_operation_fields[] = {
        REQUIRED_WORD("text", struct sim_raw_operation, text),
        OPTIONAL_NUMBER("weight", struct sim_raw_operation, weight), CYAML_FIELD_END};

static const cyaml_schema_value_t sim_schema_operation = {
        CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct sim_raw_operation, sim_schema_operation_fields)};

static const cyaml_schema_field_t sim_schema_process_fields[] = {
        REQUIRED_WORD("name", struct sim_raw_process, name),
        REQUIRED_WORD("role", struct sim_raw_process, role),
        OPTIONAL_NUMBER("chance", struct sim_raw_process, chance),
        OPTIONAL_WORD("draw", struct sim_raw_process, draw),
        OPTIONAL_WORD("opens", struct sim_raw_process, opens),
        OPTIONAL_RANGE("count", struct sim_raw_process, count),
        OPTIONAL_RANGE("steps", struct sim_raw_process, steps),
        OPTIONAL_RANGE("pause_ms", struct sim_raw_process, pause_ms),
        OPTIONAL_RANGE("hold_ms", struct sim_raw_process, hold_ms),
        OPTIONAL_RANGE("looks", struct sim_raw_process, looks),
        OPTIONAL_RANGE("pages", struct sim_raw_process, pages),
        OPTIONAL_WORDS("modes", struct sim_raw_process, modes),
        CYAML_FIELD_END};

static const cyaml_schema_value_t sim_schema_process = {
        CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct sim_raw_process, sim_schema_process_fields)};

static const cyaml_schema_field_t sim_schema_scenario_fields[] = {
        REQUIRED_WORD("name", struct sim_raw_scenario, name),
        REQUIRED_WORD("about", struct sim_raw_scenario, about),
        OPTIONAL_WORDS("criteria", struct sim_raw_scenario, criteria),
        REQUIRED_WORD("subject", struct sim_raw_scenario, subject),
        OPTIONAL_WORD("vfs", struct sim_raw_scenario, vfs),
        CYAML_FIELD_MAPPING_PTR("sql", OPTIONAL_POINTER, struct sim_raw_scenario, sql, sim_schema_sql),
        CYAML_FIELD_SEQUENCE("operations", OPTIONAL_POINTER, struct sim_raw_scenario, operations, &sim_schema_operation,
                             1, CYAML_UNLIMITED),
        CYAML_FIELD_SEQUENCE("processes", OPTIONAL_POINTER, struct sim_raw_scenario, processes, &sim_schema_process, 1,
                             CYAML_UNLIMITED),
        OPTIONAL_WORDS("schedule", struct sim_raw_scenario, schedule),
        CYAML_FIELD_MAPPING("workload", CYAML_FLAG_OPTIONAL, struct sim_raw_scenario, workload, sim_schema_workload),
        CYAML_FIELD_MAPPING("settings", CYAML_FLAG_OPTIONAL, struct sim_raw_scenario, settings, sim_schema_settings),
        CYAML_FIELD_MAPPING("disk", CYAML_FLAG_OPTIONAL, struct sim_raw_scenario, settings, sim_schema_disk),
        CYAML_FIELD_MAPPING("bound", CYAML_FLAG_OPTIONAL, struct sim_raw_scenario, settings, sim_schema_bound),
        CYAML_FIELD_SEQUENCE("faults", OPTIONAL_POINTER, struct sim_raw_scenario, faults, &sim_schema_fault, 0,
                             CYAML_UNLIMITED),
        OPTIONAL_WORDS("probes", struct sim_raw_scenario, probes),
        OPTIONAL_NUMBER("probe_seeds", struct sim_raw_scenario, probe_seeds),
        OPTIONAL_WORDS("rates", struct sim_raw_scenario, rates),
        OPTIONAL_WORDS("axes", struct sim_raw_scenario, axes),
        CYAML_FIELD_SEQUENCE("variants", OPTIONAL_POINTER, struct sim_raw_scenario, variants, &sim_schema_variant, 1,
                             CYAML_UNLIMITED),
        OPTIONAL_WORDS("exclude", struct sim_raw_scenario, exclude),
        CYAML_FIELD_MAPPING("contract", CYAML_FLAG_OPTIONAL, struct sim_raw_scenario, contract, sim_schema_contract),
        OPTIONAL_NUMBER("must_violate", struct sim_raw_scenario, must_violate),
        OPTIONAL_WORD("must_show", struct sim_raw_scenario, must_show),
        OPTIONAL_WORD("judged_by", struct sim_raw_scenario, judged_by),
        OPTIONAL_WORD("sqlite", struct sim_raw_scenario, sqlite),
        OPTIONAL_WORD("must_agree", struct sim_raw_scenario, must_agree),
        CYAML_FIELD_SEQUENCE("cells", OPTIONAL_POINTER, struct sim_raw_scenario, cells, &sim_schema_cells, 1,
                             CYAML_UNLIMITED),
        CYAML_FIELD_SEQUENCE("known", OPTIONAL_POINTER, struct sim_raw_scenario, known, &sim_schema_known, 1,
                             CYAML_UNLIMITED),
        CYAML_FIELD_END};

static const cyaml_schema_value_t sim_schema_scenario = {
        CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct sim_raw_scenario, sim_schema_scenario_fields)};

/* ---- settings -------------------------------------------------------------------------------- */

static void sim_schema_make_field(const struct sim_setting_row *row, uint32_t number, cyaml_schema_field_t *field) {
	static const cyaml_schema_field_t words = OPTIONAL_WORDS("words", struct sim_schema_forms, words);
	static const cyaml_schema_field_t numbers = OPTIONAL_NUMBERS("numbers", struct sim_schema_forms, numbers);
	static const cyaml_schema_field_t word = OPTIONAL_WORD("word", struct sim_schema_forms, word);
	*field = row->single ? word : row->name != NULL ? words : numbers;
	field->key = row->key;
	field->data_offset = (uint32_t)offsetof(struct sim_raw_settings, rows[number].entries);
	field->count_offset = (uint32_t)offsetof(struct sim_raw_settings, rows[number].count);
}

static void sim_schema_make_settings(void) {
	cyaml_schema_field_t *settings = sim_schema_settings;
	cyaml_schema_field_t *disk = sim_schema_disk;
	cyaml_schema_field_t *bound = sim_schema_bound;
	if (settings->key != NULL) {
		return;
	}
	for (uint32_t i = 0; i < sim_setting_row_count(); i++) {
		const struct sim_setting_row *row = sim_setting_row(i);
		if (row->section != NULL) {
			sim_schema_make_field(row, i,
			                      strcmp(row->section, "disk") == 0    ? disk++
			                      : strcmp(row->section, "bound") == 0 ? bound++
			                                                           : settings++);
		}
	}
}

/* ---- shape ----------------------------------------------------------------------------------- */

/* libcyaml names the place where it was when it gave up, often the line before, and takes -1 and
 * 0x10 for whole numbers. So the document is compared with the same schema first: what is wrong is
 * said at its own line, and libcyaml then loads it. */

static bool sim_schema_check(struct sim_scenario_source *source, const cyaml_schema_value_t *schema,
                             const yaml_node_t *node, const char *key);

static bool sim_schema_refuse_key(struct sim_scenario_source *source, const cyaml_schema_field_t *fields,
                                  const yaml_node_t *key) {
	char expected[320];
	size_t used = 0;
	for (const cyaml_schema_field_t *field = fields; field->key != NULL && used < sizeof expected; field++) {
		used += (size_t)snprintf(expected + used, sizeof expected - used, "%s%s", field == fields ? "" : ", ",
		                         field->key);
	}
	return sim_scenario_refuse_line(source, key->start_mark.line + 1, "unknown key %.80s, expected one of: %s",
	                                key->type == YAML_SCALAR_NODE ? (const char *)key->data.scalar.value : "",
	                                expected);
}

static bool sim_schema_check_pair(struct sim_scenario_source *source, const cyaml_schema_field_t *fields,
                                  const yaml_node_pair_t *pair) {
	const yaml_node_t *key = yaml_document_get_node(&source->document, pair->key);
	const yaml_node_t *value = yaml_document_get_node(&source->document, pair->value);
	for (const cyaml_schema_field_t *field = fields; field->key != NULL; field++) {
		if (key->type == YAML_SCALAR_NODE && strcmp(field->key, (const char *)key->data.scalar.value) == 0) {
			return sim_schema_check(source, &field->value, value, field->key);
		}
	}
	return sim_schema_refuse_key(source, fields, key);
}

static bool sim_schema_check_mapping(struct sim_scenario_source *source, const cyaml_schema_field_t *fields,
                                     const yaml_node_t *node) {
	const yaml_node_pair_t *begin = node->data.mapping.pairs.start;
	const yaml_node_pair_t *end = node->data.mapping.pairs.top;
	for (const yaml_node_pair_t *pair = begin; pair < end; pair++) {
		if (!sim_schema_check_pair(source, fields, pair)) {
			return false;
		}
	}
	for (const cyaml_schema_field_t *field = fields; field->key != NULL; field++) {
		bool found = (field->value.flags & CYAML_FLAG_OPTIONAL) != 0;
		for (const yaml_node_pair_t *pair = begin; !found && pair < end; pair++) {
			const yaml_node_t *key = yaml_document_get_node(&source->document, pair->key);
			found = strcmp(field->key, (const char *)key->data.scalar.value) == 0;
		}
		if (!found) {
			return sim_scenario_refuse_line(source, node->start_mark.line + 1, "no key %s, expected one",
			                                field->key);
		}
	}
	return true;
}

static bool sim_schema_check_list(struct sim_scenario_source *source, const cyaml_schema_value_t *schema,
                                  const yaml_node_t *node, const char *key) {
	const yaml_node_item_t *begin = node->data.sequence.items.start;
	const yaml_node_item_t *end = node->data.sequence.items.top;
	if (end - begin < (ptrdiff_t)schema->sequence.min) {
		return sim_scenario_refuse_line(source, node->start_mark.line + 1,
		                                "%s is empty, expected at least one entry", key);
	}
	for (const yaml_node_item_t *item = begin; item < end; item++) {
		const yaml_node_t *entry = yaml_document_get_node(&source->document, *item);
		if (!sim_schema_check(source, schema->sequence.entry, entry, key)) {
			return false;
		}
	}
	return true;
}

static bool sim_schema_check_number(struct sim_scenario_source *source, const yaml_node_t *node, const char *key) {
	const char *word = (const char *)node->data.scalar.value;
	size_t size = strlen(word);
	/* 19 digits always fit 64 bits; more are nobody's setting. */
	if (size == 0 || size > 19 || strspn(word, "0123456789") != size || (word[0] == '0' && size > 1)) {
		return sim_scenario_refuse_line(source, node->start_mark.line + 1,
		                                "%s is %.80s, expected a whole number", key,
		                                size == 0 ? "empty" : word);
	}
	return true;
}

static bool sim_schema_check_word(struct sim_scenario_source *source, const cyaml_schema_value_t *schema,
                                  const yaml_node_t *node, const char *key) {
	const char *word = (const char *)node->data.scalar.value;
	for (uint32_t i = 0; i < schema->enumeration.count; i++) {
		if (strcmp(word, schema->enumeration.strings[i].str) == 0) {
			return true;
		}
	}
	return sim_scenario_refuse_line(source, node->start_mark.line + 1, "%s is %.80s, expected %s or %s", key, word,
	                                schema->enumeration.strings[0].str, schema->enumeration.strings[1].str);
}

/* Recursion is bounded by the depth of the schema. */
static bool sim_schema_check(struct sim_scenario_source *source, const cyaml_schema_value_t *schema,
                             const yaml_node_t *node, const char *key) {
	bool mapping = schema->type == CYAML_MAPPING;
	bool list = schema->type == CYAML_SEQUENCE;
	yaml_node_type_t wanted = mapping ? YAML_MAPPING_NODE : list ? YAML_SEQUENCE_NODE : YAML_SCALAR_NODE;
	if (node->type != wanted) {
		return sim_scenario_refuse_line(source, node->start_mark.line + 1, "%s is something else, expected %s",
		                                key,
		                                mapping ? "a mapping such as {min: 1, max: 2}"
		                                : list  ? "a list such as [a, b]"
		                                        : "one value");
	}
	if (mapping) {
		return sim_schema_check_mapping(source, schema->mapping.fields, node);
	}
	if (list) {
		return sim_schema_check_list(source, schema, node, key);
	}
	if (schema->type == CYAML_ENUM) {
		return sim_schema_check_word(source, schema, node, key);
	}
	return schema->type != CYAML_UINT || sim_schema_check_number(source, node, key);
}

/* ---- loading --------------------------------------------------------------------------------- */

/* What libcyaml said: the first message, and the first place of the backtrace that follows it (the
 * innermost one). */
struct sim_schema_complaint {
	char message[SIM_SCHEMA_MESSAGE_SIZE];
	size_t line;
};

static void sim_schema_listen(cyaml_log_t level, void *context, const char *format, va_list arguments) {
	struct sim_schema_complaint *complaint = context;
	char text[SIM_SCHEMA_MESSAGE_SIZE];
	if (level < CYAML_LOG_WARNING) {
		return;
	}
	vsnprintf(text, sizeof text, format, arguments);
	text[strcspn(text, "\n")] = '\0';
	const char *place = strstr(text, "(line: ");
	if (place != NULL && complaint->line == 0) {
		complaint->line = strtoul(place + strlen("(line: "), NULL, 10);
	}
	if (complaint->message[0] == '\0' && place == NULL) {
		const char *after = strncmp(text, "Load: ", 6) == 0 ? text + 6 : text;
		snprintf(complaint->message, sizeof complaint->message, "%s", after);
	}
}

static cyaml_config_t sim_schema_config(struct sim_schema_complaint *complaint) {
	return (cyaml_config_t){.log_fn = sim_schema_listen,
	                        .log_ctx = complaint,
	                        .mem_fn = cyaml_mem,
	                        .log_level = CYAML_LOG_WARNING,
	                        .flags = CYAML_CFG_NO_ALIAS};
}

struct sim_raw_scenario *sim_scenario_schema_load(struct sim_scenario_source *source) {
	struct sim_schema_complaint complaint = {{0}, 0};
	cyaml_config_t config = sim_schema_config(&complaint);
	struct sim_raw_scenario *raw = NULL;
	sim_schema_make_settings();
	if (!sim_schema_check(source, &sim_schema_scenario, yaml_document_get_root_node(&source->document),
	                      "scenario")) {
		return NULL;
	}
	cyaml_err_t status =
	        cyaml_load_data(source->text, source->size, &config, &sim_schema_scenario, (cyaml_data_t **)&raw, NULL);
	if (status != CYAML_OK) {
		sim_scenario_refuse_line(source, complaint.line == 0 ? 1 : complaint.line,
		                         "%s, expected what scenarios/README.md lists",
		                         complaint.message[0] != '\0' ? complaint.message : cyaml_strerror(status));
		return NULL;
	}
	return raw;
}

/* ---- lists as axes, variants ----------------------------------------------------------------- */

bool sim_scenario_schema_find_list(const char *place, uint32_t *row) {
	char known[SIM_SCENARIO_PLACE_SIZE];
	for (*row = 0; *row < sim_setting_row_count(); ++*row) {
		const struct sim_setting_row *setting = sim_setting_row(*row);
		snprintf(known, sizeof known, "%s.%s", setting->section != NULL ? setting->section : "",
		         setting->key != NULL ? setting->key : "");
		if (!setting->single && strcmp(known, place) == 0) {
			return true;
		}
	}
	return false;
}

size_t sim_scenario_schema_entry_size(uint32_t row) {
	return sim_setting_row(row)->name != NULL ? sizeof(char *) : sizeof(uint64_t);
}

void sim_scenario_schema_overlay(struct sim_raw_scenario *raw, const struct sim_raw_variant *over) {
	for (uint32_t i = 0; i < sim_setting_row_count(); i++) {
		if (over->settings.rows[i].entries != NULL) {
			raw->settings.rows[i] = over->settings.rows[i];
		}
	}
}

void sim_scenario_schema_free(struct sim_raw_scenario *raw) {
	struct sim_schema_complaint complaint = {{0}, 0};
	cyaml_config_t config = sim_schema_config(&complaint);
	if (raw != NULL) {
		cyaml_free(&config, &sim_schema_scenario, raw, 0);
	}
}
