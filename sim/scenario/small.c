/* sim/scenario/small.c: see small.h. */
#include "small.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const char *const sim_small_orders_names[SIM_SMALL_ORDERS_COUNT] = {
        [SIM_SMALL_DELIVER] = "deliver",       [SIM_SMALL_TWICE] = "twice",     [SIM_SMALL_BATCH] = "batch",
        [SIM_SMALL_CHECKPOINT] = "checkpoint", [SIM_SMALL_RESTART] = "restart",
};

uint32_t sim_small_template_count(const struct sim_scenario *scenario) {
	return scenario->sql != NULL ? scenario->sql->template_count : SIM_SMALL_ORDERS_COUNT;
}

static const char *sim_small_template_name(const struct sim_scenario *scenario, uint32_t number) {
	assert(number < sim_small_template_count(scenario));
	return scenario->sql != NULL ? scenario->sql->templates[number].name : sim_small_orders_names[number];
}

/* ---- counting -------------------------------------------------------------------------------- */

/* No further than is too many. */
static uint64_t sim_small_times(uint64_t count, uint64_t factor) {
	uint64_t product = count * factor;
	return product > SIM_SMALL_WORKLOADS_MAX ? SIM_SMALL_WORKLOADS_MAX + 1 : product;
}

/* Sequences of one to so many templates. */
static uint64_t sim_small_sequences(const struct sim_scenario *scenario) {
	uint64_t of_length = 1;
	uint64_t sum = 0;
	for (uint32_t length = 1; length <= scenario->workload.enumerate; length++) {
		of_length = sim_small_times(of_length, sim_small_template_count(scenario));
		sum += of_length;
	}
	return sum;
}

static uint64_t sim_small_combinations(const struct sim_sql *sql) {
	uint64_t combinations = 1;
	for (uint32_t i = 0; sql != NULL && i < sql->pragma_count; i++) {
		combinations = sim_small_times(combinations, sql->pragma_values[i].count);
	}
	return combinations;
}

uint64_t sim_small_count(const struct sim_scenario *scenario) {
	uint64_t sequences = sim_small_sequences(scenario);
	return sequences > SIM_SMALL_WORKLOADS_MAX ? sequences
	                                           : sim_small_times(sequences, sim_small_combinations(scenario->sql));
}

/* ---- one of them ----------------------------------------------------------------------------- */

struct sim_small sim_small_of_seed(const struct sim_scenario *scenario, uint64_t seed) {
	uint64_t count = sim_small_count(scenario);
	uint64_t sequences = sim_small_sequences(scenario);
	uint64_t templates = sim_small_template_count(scenario);
	struct sim_small small = {.length = 1};
	assert(count >= 1 && count <= SIM_SMALL_WORKLOADS_MAX);
	uint64_t number = (seed % count + count - 1) % count;
	small.pragmas = (uint32_t)(number / sequences);
	number %= sequences;
	for (uint64_t of_length = templates; number >= of_length; of_length *= templates) {
		number -= of_length;
		small.length++;
	}
	for (uint32_t i = small.length; i > 0; i--) {
		small.templates[i - 1] = (uint32_t)(number % templates);
		number /= templates;
	}
	assert(small.length <= scenario->workload.enumerate && number == 0);
	return small;
}

uint64_t sim_small_chance(const struct sim_scenario *scenario, uint64_t seed) {
	return seed == 0 ? UINT64_MAX : (seed - 1) / sim_small_count(scenario) + 1;
}

uint32_t sim_small_pragma(const struct sim_sql *sql, uint32_t combination, uint32_t number) {
	assert(number < sql->pragma_count);
	for (uint32_t i = 0; i < number; i++) {
		combination /= sql->pragma_values[i].count;
	}
	return sql->pragma_values[number].first + combination % sql->pragma_values[number].count;
}

void sim_small_print(const struct sim_scenario *scenario, const struct sim_small *small,
                     char text[SIM_SMALL_TEXT_SIZE]) {
	const struct sim_sql *sql = scenario->sql;
	size_t used = 0;
	text[0] = '\0';
	for (uint32_t i = 0; i < small->length; i++) {
		used = strlen(text);
		snprintf(text + used, SIM_SMALL_TEXT_SIZE - used, "%s%s", i > 0 ? ", " : "",
		         sim_small_template_name(scenario, small->templates[i]));
	}
	for (uint32_t i = 0; sql != NULL && i < sql->pragma_count; i++) {
		used = strlen(text);
		if (sql->pragma_values[i].count > 1) {
			snprintf(text + used, SIM_SMALL_TEXT_SIZE - used, "; %s",
			         sql->pragmas.texts[sim_small_pragma(sql, small->pragmas, i)] + strlen("PRAGMA "));
		}
	}
}
