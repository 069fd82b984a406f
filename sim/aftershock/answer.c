/* sim/aftershock/answer.c: see answer.h. */
#include "answer.h"

#include "demand.h"
#include "exit_status.h"
#include "number.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AFTERSHOCK_HELD_WORD "held"

/* ---- one violation --------------------------------------------------------------------------- */

static void aftershock_hash_text(const uint64_t hash[2], char text[33]) {
	text[0] = '\0';
	if ((hash[0] | hash[1]) != 0) {
		snprintf(text, 33, "%016" PRIx64 "%016" PRIx64, hash[0], hash[1]);
	}
}

/* Names the run, and how it is run again. */
static void aftershock_answer_failure(const struct sim_sweep_options *options, const struct sim_sweep_failure *failure,
                                      struct aftershock_result *result) {
	char name[SIM_SWEEP_NAME_SIZE];
	char line[SIM_SWEEP_REPLAY_SIZE];
	sim_sweep_name(options->scenarios[failure->scenario], name);
	snprintf(result->scenario, sizeof result->scenario, "%.*s", (int)sizeof result->scenario - 1, name);
	result->seed = failure->seed;
	memcpy(result->invariant, failure->invariant, sizeof result->invariant);
	memcpy(result->detail, failure->detail, sizeof result->detail);
	aftershock_hash_text(failure->trace_hash, result->trace_hash);
	sim_sweep_failure_line(options, failure, line, sizeof line);
	snprintf(result->replay, sizeof result->replay, "%.*s", (int)sizeof result->replay - 1, line);
}

/* ---- a sweep --------------------------------------------------------------------------------- */

/* What was not shown, and is due only with more seeds. */
static void aftershock_answer_too_few(const struct sim_sweep_options *options, const struct sim_sweep_result *sweep,
                                      struct aftershock_result *result) {
	static struct sim_demands demands;
	char text[SIM_DEMAND_TEXT_SIZE];
	if (sweep->out_of_time) {
		snprintf(result->message, sizeof result->message, "out of time after %" PRIu64 " runs, which held",
		         result->runs);
		return;
	}
	for (uint32_t i = 0; i < options->scenario_count; i = sim_sweep_group_end(options, i)) {
		sim_demands_judge(options, sweep, i, &demands);
		if (sim_demands_text(&demands, SIM_DEMAND_TOO_FEW, text) > 0) {
			snprintf(result->message, sizeof result->message,
			         "%s: %" PRIu64 " runs held, which is too few seeds to tell: never reached: %s",
			         options->scenarios[i]->name, demands.runs, text);
			return;
		}
	}
}

static bool aftershock_is_unshown(const char *invariant) {
	return strcmp(invariant, SIM_SWEEP_FAULT_UNSTRUCK) == 0 || strcmp(invariant, SIM_SWEEP_PROBE_MISSED) == 0;
}

/* What was not shown stands before a difference between cells, and hides no violation. */
static const struct sim_sweep_failure *aftershock_first_failure(const struct sim_sweep_result *sweep) {
	uint32_t i = 0;
	while (i < sweep->failure_count && aftershock_is_unshown(sweep->failures[i].invariant)) {
		i++;
	}
	return &sweep->failures[i < sweep->failure_count ? i : 0];
}

static void aftershock_answer_violated(const struct sim_sweep_options *options, const struct sim_sweep_result *sweep,
                                       struct aftershock_result *result) {
	const struct sim_sweep_failure *first = aftershock_first_failure(sweep);
	const char *scenario = options->scenarios[first->scenario]->name;
	if (aftershock_is_unshown(first->invariant)) {
		result->outcome = AFTERSHOCK_UNDECIDED;
		snprintf(result->message, sizeof result->message, "%s: %s in %" PRIu64 " runs", scenario, first->detail,
		         sweep->scenarios[first->scenario].runs);
		return;
	}
	aftershock_answer_failure(options, first, result);
	result->outcome = AFTERSHOCK_VIOLATED;
	snprintf(result->message, sizeof result->message,
	         "%s@0x%" PRIx64 ": violated %s in %" PRIu64 " of %" PRIu64 " runs: %s", result->scenario, result->seed,
	         result->invariant, first->count, sweep->scenarios[first->scenario].runs, result->detail);
}

static void aftershock_answer_counts(const struct sim_sweep_totals *all, struct aftershock_result *result) {
	result->runs = all->runs;
	result->held = all->held;
	result->violated = all->violated;
	result->restarts = all->restarts;
	result->crash_states = all->crash_states;
	result->faults = all->faults;
	result->steps = all->updates;
}

void aftershock_answer_sweep(const struct sim_sweep_options *options, const struct sim_sweep_result *sweep,
                             struct aftershock_result *result) {
	aftershock_answer_counts(&sweep->all, result);
	switch ((enum sim_exit_status)sweep->exit_status) {
	case SIM_EXIT_HELD:
		result->outcome = AFTERSHOCK_HELD;
		snprintf(result->message, sizeof result->message,
		         "%" PRIu64 " runs held: %" PRIu64 " faults, %" PRIu64 " crash states", result->runs,
		         result->faults, result->crash_states);
		break;
	case SIM_EXIT_VIOLATED:
		aftershock_answer_violated(options, sweep, result);
		break;
	case SIM_EXIT_UNDECIDED:
	case SIM_EXIT_NOTHING:
		result->outcome = AFTERSHOCK_UNDECIDED;
		aftershock_answer_too_few(options, sweep, result);
		break;
	case SIM_EXIT_USAGE:
	case SIM_EXIT_HARNESS:
	case SIM_EXIT_INTERRUPTED:
		result->outcome = AFTERSHOCK_FAILED;
		snprintf(result->message, sizeof result->message, "%s", sweep->broken);
		break;
	}
}

/* ---- one run --------------------------------------------------------------------------------- */

void aftershock_answer_run(const struct sim_sweep_options *options, const struct sim_sweep_key *key,
                           const struct sim_run_result *run, struct aftershock_result *result) {
	bool violated = run->verdict == SIM_VIOLATED;
	result->runs = 1;
	result->held = run->verdict == SIM_HELD;
	result->violated = violated;
	result->restarts = run->restarts;
	result->crash_states = run->crash_states;
	result->faults = run->faults;
	result->steps = run->updates;
	if (run->verdict != SIM_HELD && !violated) {
		result->outcome = AFTERSHOCK_FAILED;
		snprintf(result->message, sizeof result->message, "%s", run->detail);
		return;
	}
	struct sim_sweep_failure failure = {.scenario = key->scenario, .seed = key->seed, .count = 1};
	memcpy(failure.trace_hash, run->trace_hash, sizeof failure.trace_hash);
	memcpy(failure.invariant, run->invariant, sizeof failure.invariant);
	memcpy(failure.detail, run->detail, sizeof failure.detail);
	if (!violated) {
		snprintf(failure.invariant, sizeof failure.invariant, AFTERSHOCK_HELD_WORD);
	}
	aftershock_answer_failure(options, &failure, result);
	result->outcome = violated ? AFTERSHOCK_VIOLATED : AFTERSHOCK_HELD;
	snprintf(result->message, sizeof result->message, "%s@0x%" PRIx64 ": %s%s%s%s", result->scenario, key->seed,
	         violated ? "violated " : "", result->invariant, violated ? ": " : "", result->detail);
	if (!violated) {
		result->invariant[0] = '\0';
	}
}

/* ---- what the environment asks for ----------------------------------------------------------- */

/* ",VERDICT,HASH". */
static bool aftershock_wish_read_expected(const char *text, struct aftershock_wish *wish) {
	const char *comma = strchr(text, ',');
	if (comma == NULL || comma - text >= (ptrdiff_t)sizeof wish->verdict ||
	    strspn(comma + 1, "0123456789abcdef") != 32 || comma[33] != '\0') {
		return false;
	}
	snprintf(wish->verdict, sizeof wish->verdict, "%.*s", (int)(comma - text), text);
	snprintf(wish->trace_hash, sizeof wish->trace_hash, "%s", comma + 1);
	wish->expects = true;
	return true;
}

bool aftershock_wish_read(struct aftershock_wish *wish) {
	const char *text = getenv("AFTERSHOCK_REPLAY");
	const char *at = text != NULL ? strrchr(text, '@') : NULL;
	char seed[24];
	memset(wish, 0, sizeof *wish);
	if (text == NULL) {
		return true;
	}
	if (at == NULL || at == text || (size_t)(at - text) >= sizeof wish->scenario) {
		return false;
	}
	snprintf(wish->scenario, sizeof wish->scenario, "%.*s", (int)(at - text), text);
	size_t digits = strcspn(at + 1, ",");
	const char *rest = at + 1 + digits;
	snprintf(seed, sizeof seed, "%.*s", (int)digits, at + 1);
	wish->is_one = digits < sizeof seed && sim_number_parse(seed, UINT64_MAX, &wish->seed) &&
	               (*rest == '\0' || aftershock_wish_read_expected(rest + 1, wish));
	return wish->is_one;
}

bool aftershock_wish_find(const struct aftershock_wish *wish, const struct sim_sweep_options *options,
                          uint32_t *scenario) {
	char word[SIM_SWEEP_WORD_SIZE];
	for (uint32_t i = 0; i < options->scenario_count && wish->is_one; i++) {
		sim_sweep_word(options, i, word);
		if (strcmp(word, wish->scenario) == 0) {
			*scenario = i;
			return true;
		}
	}
	return false;
}

void aftershock_wish_pass_over(const struct aftershock_wish *wish, struct aftershock_result *result) {
	result->outcome = AFTERSHOCK_UNDECIDED;
	snprintf(result->message, sizeof result->message,
	         "nothing was run: %.*s is not among the scenarios of this call", (int)sizeof wish->scenario - 1,
	         wish->scenario);
}

void aftershock_wish_compare(const struct aftershock_wish *wish, struct aftershock_result *result) {
	char told[AFTERSHOCK_TEXT_SIZE];
	const char *verdict = result->invariant[0] != '\0' ? result->invariant : AFTERSHOCK_HELD_WORD;
	if (!wish->expects || result->outcome == AFTERSHOCK_FAILED || result->outcome == AFTERSHOCK_REFUSED) {
		return;
	}
	bool same_verdict = strcmp(verdict, wish->verdict) == 0;
	bool same_run = strcmp(result->trace_hash, wish->trace_hash) == 0 || result->trace_hash[0] == '\0';
	memcpy(told, result->message, sizeof told);
	snprintf(result->message, sizeof result->message, "%s: %.*s",
	         same_verdict && same_run             ? "reproduced"
	         : same_verdict                       ? "no longer reproduced: the hash differs"
	         : result->outcome == AFTERSHOCK_HELD ? "no longer reproduced: it held"
	                                              : "no longer reproduced: another violation",
	         AFTERSHOCK_TEXT_SIZE - 50, told);
}
