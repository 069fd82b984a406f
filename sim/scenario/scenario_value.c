/* sim/scenario/scenario_value.c: takes one number or range of the file, if it is there and within
 * its limits. */
#include "scenario_internal.h"

#include <assert.h>
#include <string.h>

bool sim_scenario_value_range(struct sim_scenario_source *source, const char *place, const struct sim_range *raw,
                              const struct sim_scenario_limits *limits, struct sim_range *range) {
	assert(limits->min <= limits->max);
	if (raw == NULL) {
		return true;
	}
	if (raw->min > raw->max) {
		return sim_scenario_refuse(source, place, "%s has min %llu above max %llu, expected min at most max",
		                           place, (unsigned long long)raw->min, (unsigned long long)raw->max);
	}
	if (raw->min < limits->min || raw->max > limits->max) {
		return sim_scenario_refuse(source, place, "%s is %llu to %llu, expected within %llu to %llu", place,
		                           (unsigned long long)raw->min, (unsigned long long)raw->max,
		                           (unsigned long long)limits->min, (unsigned long long)limits->max);
	}
	*range = *raw;
	return true;
}

bool sim_scenario_value_percent(struct sim_scenario_source *source, const char *place, const uint64_t *raw,
                                uint32_t *percent) {
	if (raw == NULL) {
		return true;
	}
	if (*raw > 100) {
		return sim_scenario_refuse(source, place, "%s is %llu percent, expected 0 to 100", place,
		                           (unsigned long long)*raw);
	}
	*percent = (uint32_t)*raw;
	return true;
}

bool sim_scenario_value_draw(struct sim_scenario_source *source, const char *place, const char *raw, bool *is_heavy) {
	*is_heavy = raw != NULL && strcmp(raw, "heavy") == 0;
	return raw == NULL || *is_heavy || strcmp(raw, "evenly") == 0 ||
	       sim_scenario_refuse(source, place, "unknown word %.40s in %s, expected one of: evenly, heavy", raw,
	                           place);
}
