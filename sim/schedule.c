/* sim/schedule.c: the strategies. Each is one function that names who should run; whether that is
 * possible, and what is recorded, is decided in one place for all of them. */
#include "schedule.h"

#include "trace.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIM_SCHEDULE_ELSEWHERE_PERCENT 2u
/* SQLITE_SHM_EXCLUSIVE; this folder does not know sqlite3.h. */
#define SIM_SCHEDULE_EXCLUSIVE 8u

static const char *const sim_schedule_strategies[SIM_STRATEGY_COUNT] = {
        "none",     "uniform", "priorities",    "round_robin", "run_to_completion",
        "targeted", "steps",   "partial_order", "recorded"};
static const char *const sim_schedule_targets[SIM_TARGET_COUNT] = {"none",   "checkpoint",    "wal_index",
                                                                   "commit", "database_lock", "open"};

static const char *sim_schedule_strategy_name(enum sim_strategy strategy) {
	return (unsigned)strategy < SIM_STRATEGY_COUNT ? sim_schedule_strategies[strategy] : "?";
}

static const char *sim_schedule_target_name(enum sim_schedule_target target) {
	return (unsigned)target < SIM_TARGET_COUNT ? sim_schedule_targets[target] : "?";
}

/* ---- beginning and end ----------------------------------------------------------------------- */

static int sim_schedule_compare_points(const void *a, const void *b) {
	uint64_t left = *(const uint64_t *)a;
	uint64_t right = *(const uint64_t *)b;
	return left < right ? -1 : left > right;
}

/* Priorities are a drawn order of the processes; a process that falls gets a number below all so
 * far. */
static void sim_schedule_draw_priorities(struct sim_schedule *schedule) {
	for (uint32_t i = 0; i < schedule->process_count; i++) {
		uint32_t other = sim_pcg32_below(&schedule->chance, i + 1);
		schedule->priorities[i] = schedule->priorities[other];
		schedule->priorities[other] = UINT32_MAX - i;
	}
	schedule->lowest = UINT32_MAX - schedule->process_count;
	for (uint32_t i = 0; i < schedule->rule.changes; i++) {
		schedule->change_points[i] = sim_pcg32_below(&schedule->chance, schedule->rule.points_guess);
	}
	qsort(schedule->change_points, schedule->rule.changes, sizeof schedule->change_points[0],
	      sim_schedule_compare_points);
}

static void sim_schedule_draw_priority(struct sim_schedule *schedule, uint32_t process) {
	schedule->priorities[process] = sim_pcg32_below(&schedule->chance, UINT32_MAX);
}

void sim_schedule_init(struct sim_schedule *schedule, const struct sim_schedule_rule *rule, uint32_t process_count,
                       uint64_t seed) {
	assert(process_count >= 1 && process_count <= SIM_SCHEDULE_PROCESSES_MAX);
	assert(rule->changes <= SIM_SCHEDULE_CHANGES_MAX);
	memset(schedule, 0, sizeof *schedule);
	schedule->rule = *rule;
	schedule->process_count = process_count;
	sim_pcg32_derive(&schedule->chance, seed, "schedule");
	if (rule->strategy == SIM_STRATEGY_PRIORITIES) {
		sim_schedule_draw_priorities(schedule);
	}
	for (uint32_t i = 0; rule->strategy == SIM_STRATEGY_PARTIAL_ORDER && i < process_count; i++) {
		sim_schedule_draw_priority(schedule, i);
	}
}

void sim_schedule_replay(struct sim_schedule *schedule, const struct sim_switch *recorded, size_t count) {
	schedule->recorded = recorded;
	schedule->recorded_count = count;
}

void sim_schedule_deinit(struct sim_schedule *schedule) {
	free(schedule->switches);
	schedule->switches = NULL;
	schedule->switch_count = schedule->switch_capacity = 0;
}

/* ---- who should run -------------------------------------------------------------------------- */

static bool sim_schedule_can(uint32_t can_run, uint32_t process) {
	return (can_run & (1u << process)) != 0;
}

static uint32_t sim_schedule_any(struct sim_schedule *schedule, uint32_t can_run) {
	uint32_t skip = sim_pcg32_below(&schedule->chance, (uint32_t)__builtin_popcount(can_run));
	uint32_t process = 0;
	while (!sim_schedule_can(can_run, process) || skip-- > 0) {
		process++;
	}
	return process;
}

static uint32_t sim_schedule_following(const struct sim_schedule *schedule, uint32_t running, uint32_t can_run) {
	uint32_t process = running;
	do {
		process = (process + 1) % schedule->process_count;
	} while (!sim_schedule_can(can_run, process));
	return process;
}

static uint32_t sim_schedule_highest(const struct sim_schedule *schedule, uint32_t can_run) {
	uint32_t best = SIM_SCHEDULE_PROCESSES_MAX;
	for (uint32_t i = 0; i < schedule->process_count; i++) {
		bool better =
		        best == SIM_SCHEDULE_PROCESSES_MAX || schedule->priorities[i] > schedule->priorities[best];
		best = sim_schedule_can(can_run, i) && better ? i : best;
	}
	return best;
}

static uint32_t sim_schedule_by_priority(struct sim_schedule *schedule, uint32_t running, uint32_t can_run) {
	while (schedule->changes_done < schedule->rule.changes &&
	       schedule->change_points[schedule->changes_done] <= schedule->point) {
		schedule->changes_done++;
		schedule->priorities[running] = schedule->lowest--;
	}
	return sim_schedule_highest(schedule, can_run);
}

static bool sim_schedule_is_target(enum sim_schedule_target target, const struct vfs_call *call) {
	bool locks = call->method == VFS_METHOD_LOCK || call->method == VFS_METHOD_UNLOCK ||
	             call->method == VFS_METHOD_CHECK_RESERVED_LOCK;
	bool changes = call->method == VFS_METHOD_WRITE || call->method == VFS_METHOD_SYNC ||
	               call->method == VFS_METHOD_TRUNCATE || call->method == VFS_METHOD_DELETE;
	bool index = call->method == VFS_METHOD_SHM_LOCK || call->method == VFS_METHOD_SHM_MAP ||
	             call->method == VFS_METHOD_SHM_BARRIER || call->method == VFS_METHOD_SHM_UNMAP;
	switch (target) {
	case SIM_TARGET_CHECKPOINT:
		return (changes && call->file_kind == VFS_FILE_DB) || call->method == VFS_METHOD_SHM_LOCK;
	case SIM_TARGET_WAL_INDEX:
		return index;
	case SIM_TARGET_COMMIT:
		return changes && call->file_kind != VFS_FILE_DB && call->file_kind != VFS_FILE_TEMP;
	case SIM_TARGET_DATABASE_LOCK:
		return locks;
	case SIM_TARGET_OPEN:
		return call->method == VFS_METHOD_OPEN || call->method == VFS_METHOD_CLOSE ||
		       call->method == VFS_METHOD_DELETE || call->method == VFS_METHOD_ACCESS;
	case SIM_TARGET_NONE:
	case SIM_TARGET_COUNT:
		break;
	}
	return false;
}

/* One of the places of the step before, and the n-th time there, heavy-tailed: so what comes once
 * is met as often as what comes all the time. */
static void sim_schedule_draw_place(struct sim_schedule *schedule, struct sim_schedule_step *step) {
	bool by_phase = sim_pcg32_percent(&schedule->chance, 50);
	uint32_t first = by_phase ? VFS_METHOD_COUNT : 0;
	uint32_t end = by_phase ? SIM_SCHEDULE_PLACES : VFS_METHOD_COUNT;
	uint32_t count = 0;
	for (uint32_t place = first; place < end; place++) {
		count += step->before[place] > 0;
	}
	uint32_t skip = sim_pcg32_below(&schedule->chance, count);
	for (uint32_t place = first; place < end; place++) {
		if (step->before[place] > 0 && skip-- == 0) {
			step->place = place;
			step->occurrence = (uint32_t)sim_pcg32_heavy(&schedule->chance, 1, step->before[place]);
			return;
		}
	}
}

static void sim_schedule_begin_step(struct sim_schedule *schedule, struct sim_schedule_step *step) {
	memcpy(step->before, step->now, sizeof step->before);
	memset(step->now, 0, sizeof step->now);
	step->place = SIM_SCHEDULE_PLACES;
	if (sim_pcg32_percent(&schedule->chance, schedule->rule.interrupted)) {
		sim_schedule_draw_place(schedule, step);
	}
}

/* The step is to be interrupted here. */
static bool sim_schedule_comes_to_place(struct sim_schedule_step *step, const struct vfs_call *call) {
	uint32_t method = call->method;
	uint32_t phase = VFS_METHOD_COUNT + (uint32_t)vfs_phase_of(call);
	step->now[method]++;
	step->now[phase]++;
	return (step->place == method || step->place == phase) && step->now[step->place] == step->occurrence;
}

/* Between two steps the turn changes often, and within one hardly ever, but then for long: so the
 * others finish whole steps meanwhile. */
static uint32_t sim_schedule_by_step(struct sim_schedule *schedule, uint32_t running, uint32_t can_run,
                                     struct sim_schedule_point at) {
	struct sim_schedule_step *step = &schedule->steps[running];
	uint32_t others = can_run & ~(1u << running);
	if (at.begins_step) {
		sim_schedule_begin_step(schedule, step);
	}
	bool changes = at.begins_step && sim_pcg32_percent(&schedule->chance, schedule->rule.percent);
	bool is_place = sim_schedule_comes_to_place(step, at.call);
	if (others == 0 || (!changes && !is_place)) {
		return running;
	}
	if (is_place) {
		step->rests_until = schedule->point + sim_pcg32_heavy(&schedule->chance, 1, schedule->rule.rest);
	}
	return sim_schedule_any(schedule, others);
}

static enum sim_schedule_thing sim_schedule_thing_of(const struct vfs_call *call) {
	bool locks = call->method == VFS_METHOD_LOCK || call->method == VFS_METHOD_UNLOCK ||
	             call->method == VFS_METHOD_CHECK_RESERVED_LOCK;
	bool index = call->method == VFS_METHOD_SHM_LOCK || call->method == VFS_METHOD_SHM_MAP ||
	             call->method == VFS_METHOD_SHM_BARRIER;
	return locks ? SIM_SCHEDULE_LOCK : index ? SIM_SCHEDULE_INDEX : SIM_SCHEDULE_FILE;
}

/* The memory of the WAL index is written without a call, and the barrier is what comes before. */
static bool sim_schedule_changes(const struct vfs_call *call) {
	return call->method == VFS_METHOD_WRITE || call->method == VFS_METHOD_TRUNCATE ||
	       call->method == VFS_METHOD_DELETE || call->method == VFS_METHOD_LOCK ||
	       call->method == VFS_METHOD_UNLOCK || call->method == VFS_METHOD_SHM_BARRIER ||
	       call->method == VFS_METHOD_SHM_MAP ||
	       (call->method == VFS_METHOD_SHM_LOCK && (call->flags & SIM_SCHEDULE_EXCLUSIVE) != 0);
}

static void sim_schedule_await(struct sim_schedule *schedule, uint32_t process, const struct vfs_call *call) {
	bool is_slot = call->method == VFS_METHOD_SHM_LOCK;
	schedule->pending[process] = (struct sim_schedule_pending){
	        .thing = sim_schedule_thing_of(call),
	        .file = call->path != NULL ? sim_trace_hash_bytes(call->path, strlen(call->path)) | 1 : 0,
	        .first = is_slot ? (uint32_t)call->offset : 0,
	        .count = is_slot ? (uint32_t)call->size : VFS_SHM_SLOT_COUNT,
	        .changes = sim_schedule_changes(call)};
	sim_schedule_draw_priority(schedule, process);
}

/* Which of them comes first makes a difference. */
static bool sim_schedule_races(const struct sim_schedule_pending *a, const struct sim_schedule_pending *b) {
	bool overlaps = a->first < b->first + b->count && b->first < a->first + a->count;
	return a->file != 0 && a->file == b->file && a->thing == b->thing && (a->changes || b->changes) && overlaps;
}

static uint32_t sim_schedule_by_order(struct sim_schedule *schedule, uint32_t can_run) {
	uint32_t next = sim_schedule_highest(schedule, can_run);
	for (uint32_t i = 0; i < schedule->process_count; i++) {
		if (i != next && sim_schedule_races(&schedule->pending[i], &schedule->pending[next])) {
			sim_schedule_draw_priority(schedule, i);
		}
	}
	return next;
}

/* Those that rest are left out, unless nobody else can go on. */
static uint32_t sim_schedule_awake(const struct sim_schedule *schedule, uint32_t can_run) {
	uint32_t awake = 0;
	for (uint32_t i = 0; i < schedule->process_count; i++) {
		awake |= schedule->steps[i].rests_until <= schedule->point ? can_run & (1u << i) : 0;
	}
	return awake != 0 ? awake : can_run;
}

static uint32_t sim_schedule_percent(const struct sim_schedule *schedule, const struct vfs_call *call) {
	if (schedule->rule.strategy == SIM_STRATEGY_UNIFORM || sim_schedule_is_target(schedule->rule.target, call)) {
		return schedule->rule.percent;
	}
	return SIM_SCHEDULE_ELSEWHERE_PERCENT;
}

/* The recorded switch of this point, if there is one. A list that was made smaller may name a
 * process that cannot run now. */
static uint32_t sim_schedule_by_recording(struct sim_schedule *schedule, uint32_t running, uint32_t can_run) {
	uint32_t process = running;
	while (schedule->recorded_next < schedule->recorded_count &&
	       schedule->recorded[schedule->recorded_next].point <= schedule->point) {
		process = schedule->recorded[schedule->recorded_next++].process;
	}
	if (process < schedule->process_count && sim_schedule_can(can_run, process)) {
		return process;
	}
	return sim_schedule_can(can_run, running) ? running : sim_schedule_following(schedule, running, can_run);
}

/* The call is there: the running process can go on. */
static uint32_t sim_schedule_wish(struct sim_schedule *schedule, uint32_t running, uint32_t can_run,
                                  struct sim_schedule_point at) {
	switch (schedule->rule.strategy) {
	case SIM_STRATEGY_UNIFORM:
	case SIM_STRATEGY_TARGETED:
		return sim_pcg32_percent(&schedule->chance, sim_schedule_percent(schedule, at.call))
		               ? sim_schedule_any(schedule, can_run)
		               : running;
	case SIM_STRATEGY_ROUND_ROBIN:
		if (++schedule->used < schedule->rule.quantum) {
			return running;
		}
		schedule->used = 0;
		return sim_schedule_following(schedule, running, can_run);
	case SIM_STRATEGY_PRIORITIES:
		return sim_schedule_by_priority(schedule, running, can_run);
	case SIM_STRATEGY_STEPS:
		return sim_schedule_by_step(schedule, running, can_run, at);
	case SIM_STRATEGY_PARTIAL_ORDER:
		sim_schedule_await(schedule, running, at.call);
		return sim_schedule_by_order(schedule, can_run);
	case SIM_STRATEGY_RECORDED:
		return sim_schedule_by_recording(schedule, running, can_run);
	case SIM_STRATEGY_RUN_TO_COMPLETION:
	case SIM_STRATEGY_NONE:
	case SIM_STRATEGY_COUNT:
		break;
	}
	return running;
}

/* The running process sleeps or has ended: somebody else must run. */
static uint32_t sim_schedule_successor(struct sim_schedule *schedule, uint32_t running, uint32_t can_run) {
	schedule->used = 0;
	switch (schedule->rule.strategy) {
	case SIM_STRATEGY_ROUND_ROBIN:
		return sim_schedule_following(schedule, running, can_run);
	case SIM_STRATEGY_PRIORITIES:
		return sim_schedule_by_priority(schedule, running, can_run);
	case SIM_STRATEGY_PARTIAL_ORDER:
		schedule->pending[running] = (struct sim_schedule_pending){0};
		sim_schedule_draw_priority(schedule, running);
		return sim_schedule_by_order(schedule, can_run);
	case SIM_STRATEGY_RECORDED:
		return sim_schedule_by_recording(schedule, running, can_run);
	case SIM_STRATEGY_UNIFORM:
	case SIM_STRATEGY_TARGETED:
	case SIM_STRATEGY_STEPS:
	case SIM_STRATEGY_RUN_TO_COMPLETION:
	case SIM_STRATEGY_NONE:
	case SIM_STRATEGY_COUNT:
		break;
	}
	return sim_schedule_any(schedule, can_run);
}

static void sim_schedule_record(struct sim_schedule *schedule, uint32_t process) {
	if (schedule->switch_count == schedule->switch_capacity) {
		size_t capacity = schedule->switch_capacity == 0 ? 64 : schedule->switch_capacity * 2;
		struct sim_switch *grown = realloc(schedule->switches, capacity * sizeof *grown);
		if (grown == NULL) {
			schedule->out_of_memory = true;
			return;
		}
		schedule->switches = grown;
		schedule->switch_capacity = capacity;
	}
	schedule->switches[schedule->switch_count++] = (struct sim_switch){schedule->point, process};
}

uint32_t sim_schedule_next(struct sim_schedule *schedule, uint32_t running, uint32_t can_run,
                           struct sim_schedule_point at) {
	assert(can_run != 0 && schedule->process_count > 0 && running < schedule->process_count);
	can_run = sim_schedule_awake(schedule, can_run);
	bool goes_on = at.call != NULL && sim_schedule_can(can_run, running);
	uint32_t process = goes_on ? sim_schedule_wish(schedule, running, can_run, at)
	                           : sim_schedule_successor(schedule, running, can_run);
	assert(sim_schedule_can(can_run, process));
	if (process != running) {
		sim_schedule_record(schedule, process);
	}
	schedule->point++;
	return process;
}

/* ---- drawing, printing, parsing -------------------------------------------------------------- */

static void sim_schedule_draw_numbers(struct sim_schedule_rule *rule, struct sim_pcg32 *chance) {
	static const uint32_t percents[] = {1, 5, 20, 50, 100};
	switch (rule->strategy) {
	case SIM_STRATEGY_TARGETED:
		rule->target = (enum sim_schedule_target)(1 + sim_pcg32_below(chance, SIM_TARGET_COUNT - 1));
		rule->percent = percents[2 + sim_pcg32_below(chance, 3)];
		break;
	case SIM_STRATEGY_STEPS:
		rule->percent = percents[2 + sim_pcg32_below(chance, 3)];
		rule->interrupted = percents[1 + sim_pcg32_below(chance, 4)];
		rule->rest = 16u << sim_pcg32_below(chance, 8);
		break;
	case SIM_STRATEGY_UNIFORM:
		rule->percent = percents[sim_pcg32_below(chance, 5)];
		break;
	case SIM_STRATEGY_ROUND_ROBIN:
		rule->quantum = 1 + sim_pcg32_below(chance, 16);
		break;
	case SIM_STRATEGY_PRIORITIES:
		rule->changes = sim_pcg32_below(chance, SIM_SCHEDULE_CHANGES_MAX + 1);
		rule->points_guess = 200u << sim_pcg32_below(chance, 5);
		break;
	case SIM_STRATEGY_RUN_TO_COMPLETION:
	case SIM_STRATEGY_PARTIAL_ORDER:
	case SIM_STRATEGY_RECORDED:
	case SIM_STRATEGY_NONE:
	case SIM_STRATEGY_COUNT:
		break;
	}
}

void sim_schedule_close(struct sim_schedule_rule *rule, struct sim_pcg32 *chance) {
	if (rule->percent == 0 && rule->quantum == 0 && rule->points_guess == 0) {
		sim_schedule_draw_numbers(rule, chance);
	}
}

/* Two in seven get `steps`: it is what finds races of whole steps (docs/power.md). */
void sim_schedule_draw(struct sim_schedule_rule *rule, struct sim_pcg32 *chance) {
	uint32_t strategy = 1 + sim_pcg32_below(chance, SIM_STRATEGY_STEPS + 1);
	*rule = (struct sim_schedule_rule){.strategy = strategy < SIM_STRATEGY_STEPS ? (enum sim_strategy)strategy
	                                                                             : SIM_STRATEGY_STEPS};
	sim_schedule_draw_numbers(rule, chance);
}

void sim_schedule_print(const struct sim_schedule_rule *rule, char text[SIM_SCHEDULE_TEXT_SIZE]) {
	const char *name = sim_schedule_strategy_name(rule->strategy);
	switch (rule->strategy) {
	case SIM_STRATEGY_UNIFORM:
		snprintf(text, SIM_SCHEDULE_TEXT_SIZE, "%s percent %u", name, rule->percent);
		break;
	case SIM_STRATEGY_TARGETED:
		snprintf(text, SIM_SCHEDULE_TEXT_SIZE, "%s %s percent %u", name, sim_schedule_target_name(rule->target),
		         rule->percent);
		break;
	case SIM_STRATEGY_STEPS:
		snprintf(text, SIM_SCHEDULE_TEXT_SIZE, "%s percent %u interrupted %u rest %u", name, rule->percent,
		         rule->interrupted, rule->rest);
		break;
	case SIM_STRATEGY_ROUND_ROBIN:
		snprintf(text, SIM_SCHEDULE_TEXT_SIZE, "%s quantum %u", name, rule->quantum);
		break;
	case SIM_STRATEGY_PRIORITIES:
		snprintf(text, SIM_SCHEDULE_TEXT_SIZE, "%s changes %u points %u", name, rule->changes,
		         rule->points_guess);
		break;
	case SIM_STRATEGY_RUN_TO_COMPLETION:
	case SIM_STRATEGY_PARTIAL_ORDER:
	case SIM_STRATEGY_RECORDED:
	case SIM_STRATEGY_NONE:
	case SIM_STRATEGY_COUNT:
		snprintf(text, SIM_SCHEDULE_TEXT_SIZE, "%s", name);
		break;
	}
}

/* Takes the next word of `*text`, which ends at a space or the end. False when there is none, or
 * one too long for any. */
static bool sim_schedule_word(const char **text, char word[32]) {
	size_t length = strcspn(*text, " ");
	if (length == 0 || length >= 32) {
		return false;
	}
	memcpy(word, *text, length);
	word[length] = '\0';
	*text += length + ((*text)[length] == ' ');
	return true;
}

/* "KEY NUMBER" with min <= NUMBER <= max. */
static bool sim_schedule_number(const char **text, const char *key, const uint32_t limits[2], uint32_t *number) {
	char word[32];
	char *end = NULL;
	if (!sim_schedule_word(text, word) || strcmp(word, key) != 0 || !sim_schedule_word(text, word) ||
	    word[0] < '0' || word[0] > '9') {
		return false;
	}
	unsigned long long value = strtoull(word, &end, 10);
	*number = (uint32_t)value;
	return *end == '\0' && value >= limits[0] && value <= limits[1];
}

static bool sim_schedule_parse_target(const char **text, enum sim_schedule_target *target) {
	char word[32];
	if (!sim_schedule_word(text, word)) {
		return false;
	}
	for (int i = SIM_TARGET_NONE + 1; i < SIM_TARGET_COUNT; i++) {
		if (strcmp(word, sim_schedule_targets[i]) == 0) {
			*target = (enum sim_schedule_target)i;
			return true;
		}
	}
	return false;
}

static enum sim_strategy sim_schedule_strategy_named(const char *name) {
	for (int i = SIM_STRATEGY_NONE + 1; i < SIM_STRATEGY_COUNT; i++) {
		if (strcmp(name, sim_schedule_strategies[i]) == 0) {
			return (enum sim_strategy)i;
		}
	}
	return SIM_STRATEGY_NONE;
}

static bool sim_schedule_parse_numbers(const char **text, struct sim_schedule_rule *rule) {
	static const uint32_t percent[2] = {1, 100};
	static const uint32_t share[2] = {0, 100};
	static const uint32_t from_one[2] = {1, UINT32_MAX};
	static const uint32_t changes[2] = {0, SIM_SCHEDULE_CHANGES_MAX};
	switch (rule->strategy) {
	case SIM_STRATEGY_TARGETED:
		return sim_schedule_parse_target(text, &rule->target) &&
		       sim_schedule_number(text, "percent", percent, &rule->percent);
	case SIM_STRATEGY_STEPS:
		return sim_schedule_number(text, "percent", percent, &rule->percent) &&
		       sim_schedule_number(text, "interrupted", share, &rule->interrupted) &&
		       sim_schedule_number(text, "rest", from_one, &rule->rest);
	case SIM_STRATEGY_UNIFORM:
		return sim_schedule_number(text, "percent", percent, &rule->percent);
	case SIM_STRATEGY_ROUND_ROBIN:
		return sim_schedule_number(text, "quantum", from_one, &rule->quantum);
	case SIM_STRATEGY_PRIORITIES:
		return sim_schedule_number(text, "changes", changes, &rule->changes) &&
		       sim_schedule_number(text, "points", from_one, &rule->points_guess);
	case SIM_STRATEGY_RUN_TO_COMPLETION:
	case SIM_STRATEGY_PARTIAL_ORDER:
	case SIM_STRATEGY_RECORDED:
		return true;
	case SIM_STRATEGY_NONE:
	case SIM_STRATEGY_COUNT:
		break;
	}
	return false;
}

bool sim_schedule_parse(const char *text, struct sim_schedule_rule *rule, char *why, size_t why_size) {
	char word[32] = "";
	const char *rest = text;
	*rule = (struct sim_schedule_rule){0};
	if (sim_schedule_word(&rest, word)) {
		rule->strategy = sim_schedule_strategy_named(word);
	}
	if (rule->strategy == SIM_STRATEGY_NONE) {
		snprintf(why, why_size,
		         "unknown strategy %s, expected one of: uniform, priorities, round_robin, run_to_completion, "
		         "targeted, steps, partial_order, recorded",
		         word);
		return false;
	}
	if (!sim_schedule_parse_numbers(&rest, rule) || *rest != '\0' || rest[-1] == ' ') {
		snprintf(why, why_size,
		         "bad schedule \"%.60s\", expected such as: uniform percent 20; priorities changes 3 points "
		         "1000; round_robin quantum 4; run_to_completion; targeted commit percent 50; steps "
		         "percent 50 interrupted 20 rest 64; partial_order",
		         text);
		return false;
	}
	return true;
}

bool sim_schedule_parse_open(const char *text, struct sim_schedule_rule *rule, char *why, size_t why_size) {
	*rule = (struct sim_schedule_rule){.strategy = sim_schedule_strategy_named(text)};
	return rule->strategy != SIM_STRATEGY_NONE || sim_schedule_parse(text, rule, why, why_size);
}
