/* sim/sweep/junit.c: see junit.h. */
#include "junit.h"

#include "demand.h"
#include "fit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What can stand in an attribute; control characters cannot stand in XML at all. */
static void sim_junit_text(const char *text, FILE *out) {
	for (const char *byte = text; *byte != '\0'; byte++) {
		switch (*byte) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			fputc((unsigned char)*byte < ' ' ? ' ' : *byte, out);
		}
	}
}

/* <KIND type="TYPE" message="MESSAGE">LINE</KIND> */
static void sim_junit_element(const char *kind, const char *type, const char *message, const char *line, FILE *out) {
	fprintf(out, "    <%s type=\"%s\" message=\"", kind, type);
	sim_junit_text(message, out);
	fputs("\">", out);
	sim_junit_text(line, out);
	fprintf(out, "</%s>\n", kind);
}

static void sim_junit_begin_case(const struct sim_scenario *scenario, FILE *out) {
	char name[SIM_SWEEP_NAME_SIZE];
	sim_sweep_name(scenario, name);
	fputs("  <testcase classname=\"aftershock\" name=\"", out);
	sim_junit_text(name, out);
	fputs("\" file=\"", out);
	sim_junit_text(scenario->path, out);
	fputs("\">\n", out);
}

static uint32_t sim_junit_failures(const struct sim_junit *junit, const struct sim_sweep_result *result,
                                   uint32_t scenario, FILE *out) {
	uint32_t count = 0;
	for (uint32_t i = 0; i < result->failure_count; i++) {
		const struct sim_sweep_failure *failure = &result->failures[i];
		char replay[SIM_SWEEP_REPLAY_SIZE];
		if (failure->scenario != scenario) {
			continue;
		}
		if (out != NULL) {
			sim_sweep_failure_line(junit->options, failure, replay, sizeof replay);
			sim_junit_element("failure", failure->invariant, failure->detail, replay, out);
		}
		count++;
	}
	return count;
}

/* Of the first cell of a file, for its batch. */
static uint32_t sim_junit_too_few(const struct sim_junit *junit, const struct sim_sweep_result *result,
                                  uint32_t scenario, FILE *out) {
	static struct sim_demands demands;
	char text[SIM_DEMAND_TEXT_SIZE];
	char message[SIM_DEMAND_TEXT_SIZE + 64];
	bool first = scenario == 0 || sim_sweep_group_end(junit->options, scenario - 1) == scenario;
	if (!first) {
		return 0;
	}
	sim_demands_judge(junit->options, result, scenario, &demands);
	uint32_t count = sim_demands_text(&demands, SIM_DEMAND_TOO_FEW, text);
	if (count > 0 && out != NULL) {
		snprintf(message, sizeof message, "too few seeds to tell (%s), %" PRIu64 " runs", text, demands.runs);
		sim_junit_element("error", "too_few_seeds", message, "", out);
	}
	return count > 0 ? 1 : 0;
}

static void sim_junit_skipped(const struct sim_junit *junit, FILE *out) {
	const struct sim_sweep_options *options = junit->options;
	for (uint32_t i = 0; i < options->skipped_count; i++) {
		char text[SIM_SWEEP_SKIPPED_SIZE];
		sim_sweep_skipped_text(options, i, text);
		sim_junit_begin_case(options->skipped[i].scenario, out);
		sim_junit_element("skipped", "not_taken", text, "", out);
		fputs("  </testcase>\n", out);
	}
}

static void sim_junit_write(const struct sim_junit *junit, const struct sim_sweep_result *result, FILE *out) {
	const struct sim_sweep_options *options = junit->options;
	uint32_t failures = 0;
	uint32_t errors = 0;
	for (uint32_t i = 0; i < options->scenario_count; i++) {
		failures += sim_junit_failures(junit, result, i, NULL) > 0 ? 1 : 0;
		errors += sim_junit_too_few(junit, result, i, NULL);
	}
	fprintf(out,
	        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	        "<testsuite name=\"aftershock run\" tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"%u\" "
	        "time=\"%.3f\">\n",
	        options->scenario_count + options->skipped_count, failures, errors, options->skipped_count,
	        result->wall_s);
	for (uint32_t i = 0; i < options->scenario_count; i++) {
		sim_junit_begin_case(options->scenarios[i], out);
		sim_junit_failures(junit, result, i, out);
		sim_junit_too_few(junit, result, i, out);
		fputs("  </testcase>\n", out);
	}
	sim_junit_skipped(junit, out);
	fputs("</testsuite>\n", out);
}

static bool sim_junit_sweep_ended(void *context, const struct sim_sweep_result *result, char *why) {
	const struct sim_junit *junit = context;
	FILE *out = fopen(junit->path, "w");
	bool written = out != NULL;
	if (written) {
		sim_junit_write(junit, result, out);
		written = ferror(out) == 0;
		written = fclose(out) == 0 && written;
	}
	if (!written) {
		snprintf(why, SIM_SWEEP_WHY_SIZE, "%.300s: %s", junit->path, strerror(errno));
	}
	return written;
}

struct sim_sweep_listener sim_junit_listener(struct sim_junit *junit) {
	return (struct sim_sweep_listener){.context = junit, .sweep_ended = sim_junit_sweep_ended};
}
