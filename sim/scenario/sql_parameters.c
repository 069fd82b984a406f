/* sim/scenario/sql_parameters.c: the parameters of SQL: from what a file says of them to what a
 * seed draws from. */
#include "sql_check.h"
#include "sql_value.h"

#include <stdio.h>
#include <string.h>

/* What a kind is called, and what its `min` and `max` are. */
static const struct sim_sql_kind_row {
	const char *name;
	const char *limits; /* NULL: it has none */
	int64_t min;
	int64_t max;
} sim_sql_kinds[SIM_SQL_KIND_COUNT] = {
        [SIM_SQL_INTEGER] = {"integer", "a whole number", INT64_MIN, INT64_MAX},
        [SIM_SQL_REAL] = {"real", "a number with at most three digits behind the point", -SIM_SQL_REAL_MAX,
                          SIM_SQL_REAL_MAX},
        [SIM_SQL_TEXT] = {"text", "a size in bytes, at most 100000", 0, SIM_SQL_VALUE_BYTES_MAX},
        [SIM_SQL_BLOB] = {"blob", "a size in bytes, at most 100000", 0, SIM_SQL_VALUE_BYTES_MAX},
        [SIM_SQL_DATE] = {"date", "a date such as 2024-02-29", INT64_MIN, INT64_MAX},
        [SIM_SQL_DATETIME] = {"datetime", "a date such as 2024-02-29", INT64_MIN, INT64_MAX},
        [SIM_SQL_CHOICE] = {"choice", NULL, 0, 0},
};

/* One limit as the number that is drawn. A `datetime` ends with the last second of its last day. */
static bool sim_sql_read_limit(enum sim_sql_kind kind, const char *word, bool is_max, int64_t *number) {
	const struct sim_sql_kind_row *row = &sim_sql_kinds[kind];
	bool read = false;
	if (kind == SIM_SQL_REAL) {
		read = sim_sql_read_thousandths(word, number);
	} else if (kind == SIM_SQL_DATE || kind == SIM_SQL_DATETIME) {
		read = sim_sql_read_day(word, number);
		*number = kind == SIM_SQL_DATE ? *number : *number * 86400 + (is_max ? 86399 : 0);
	} else {
		read = sim_sql_read_whole(word, number);
	}
	return read && *number >= row->min && *number <= row->max;
}

/* `min` and `max`. What is not negative is drawn as it is. */
static bool sim_sql_take_limits(struct sim_sql_check *check, const struct sim_raw_parameter *raw, uint32_t number,
                                struct sim_sql_parameter *parameter) {
	const struct sim_sql_kind_row *row = &sim_sql_kinds[parameter->kind];
	const char *const words[] = {raw->min, raw->max};
	int64_t limits[] = {0, 0};
	char place[SIM_SCENARIO_PLACE_SIZE];
	for (int i = 0; i < 2; i++) {
		snprintf(place, sizeof place, "sql.parameters[%u].%s", number, i == 0 ? "min" : "max");
		if (words[i] == NULL ? row->limits != NULL : row->limits == NULL) {
			return sim_sql_refuse_at(check, place, "a %s %s it, expected %s", row->name,
			                         words[i] == NULL ? "without" : "with",
			                         row->limits != NULL ? row->limits : "`values` only");
		}
		if (row->limits != NULL && !sim_sql_read_limit(parameter->kind, words[i], i == 1, &limits[i])) {
			return sim_sql_refuse_at(check, place, "%.40s, expected %s", words[i], row->limits);
		}
	}
	if (limits[0] > limits[1]) {
		return sim_sql_refuse_at(check, place, "min %.40s above max %.40s, expected min at most max", raw->min,
		                         raw->max);
	}
	parameter->least = limits[0] < 0 ? limits[0] : 0;
	parameter->range = (struct sim_range){.min = (uint64_t)limits[0] - (uint64_t)parameter->least,
	                                      .max = (uint64_t)limits[1] - (uint64_t)parameter->least,
	                                      .is_heavy = raw->is_heavy};
	return true;
}

static bool sim_sql_take_choices(struct sim_sql_check *check, const struct sim_raw_parameter *raw, uint32_t number,
                                 struct sim_sql_parameter *parameter) {
	char place[SIM_SCENARIO_PLACE_SIZE];
	snprintf(place, sizeof place, "sql.parameters[%u].values", number);
	bool chooses = parameter->kind == SIM_SQL_CHOICE;
	if (chooses != (raw->values_count > 0)) {
		return sim_sql_refuse_at(check, place, "a %s %s values, expected them for a choice only",
		                         sim_sql_kinds[parameter->kind].name, chooses ? "without" : "with");
	}
	if (!sim_sql_check_count(check, place, raw->values_count, SIM_SQL_CHOICES_MAX)) {
		return false;
	}
	if (!sim_sql_take_texts(&parameter->choices, raw->values, raw->values_count)) {
		return sim_scenario_refuse_line(check->source, 0, "cannot be read: out of memory");
	}
	if (chooses) {
		parameter->range = (struct sim_range){.max = raw->values_count - 1u, .is_heavy = raw->is_heavy};
	}
	return true;
}

static bool sim_sql_take_letters(struct sim_sql_check *check, const struct sim_raw_parameter *raw, uint32_t number,
                                 struct sim_sql_parameter *parameter) {
	char place[SIM_SCENARIO_PLACE_SIZE];
	snprintf(place, sizeof place, "sql.parameters[%u].letters", number);
	parameter->is_utf8 = raw->letters != NULL && strcmp(raw->letters, "utf8") == 0;
	if (raw->letters != NULL && !parameter->is_utf8 && strcmp(raw->letters, "ascii") != 0) {
		return sim_sql_refuse_at(check, place, "unknown word %.40s, expected ascii or utf8", raw->letters);
	}
	if (parameter->is_utf8 && parameter->kind != SIM_SQL_TEXT) {
		return sim_sql_refuse_at(check, place, "of a %s, expected a text", sim_sql_kinds[parameter->kind].name);
	}
	snprintf(place, sizeof place, "sql.parameters[%u].nulls", number);
	return sim_scenario_value_percent(check->source, place, raw->nulls, &parameter->nulls_percent);
}

static bool sim_sql_take_parameter(struct sim_sql_check *check, const struct sim_raw_parameter *raw, uint32_t number) {
	struct sim_sql_parameter *parameter = &check->sql->parameters[number];
	char place[SIM_SCENARIO_PLACE_SIZE];
	snprintf(place, sizeof place, "sql.parameters[%u].name", number);
	if (!sim_sql_check_word(check, place, raw->name)) {
		return false;
	}
	snprintf(parameter->name, sizeof parameter->name, ":%.*s", SIM_SQL_NAME_SIZE - 2, raw->name);
	int kind = SIM_SQL_KIND_COUNT - 1;
	while (kind > SIM_SQL_KIND_NONE && strcmp(sim_sql_kinds[kind].name, raw->kind) != 0) {
		kind--;
	}
	parameter->kind = (enum sim_sql_kind)kind;
	if (kind == SIM_SQL_KIND_NONE) {
		snprintf(place, sizeof place, "sql.parameters[%u].kind", number);
		return sim_sql_refuse_at(
		        check, place,
		        "unknown kind %.40s, expected integer, real, text, blob, date, datetime or choice", raw->kind);
	}
	return sim_sql_take_limits(check, raw, number, parameter) &&
	       sim_sql_take_choices(check, raw, number, parameter) &&
	       sim_sql_take_letters(check, raw, number, parameter);
}

bool sim_sql_take_parameters(struct sim_sql_check *check, const struct sim_raw_sql *raw) {
	if (!sim_sql_check_count(check, "sql.parameters", raw->parameters_count, SIM_SQL_PARAMETERS_MAX)) {
		return false;
	}
	check->sql->parameter_count = raw->parameters_count;
	for (uint32_t i = 0; i < raw->parameters_count; i++) {
		if (!sim_sql_take_parameter(check, &raw->parameters[i], i)) {
			return false;
		}
	}
	return true;
}
