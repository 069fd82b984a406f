/* Schedules: each strategy does what its name says, the same seed gives the same turns, and a
 * recording gives them again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "schedule.h"

#define POINTS 2000u

static const struct vfs_call plain_call = {.method = VFS_METHOD_ACCESS, .file_kind = VFS_FILE_TEMP};
static const struct vfs_call commit_call = {.method = VFS_METHOD_DELETE, .file_kind = VFS_FILE_OTHER};

struct turns {
	uint32_t process[POINTS];
};

/* `count` processes that can always run; every tenth call is a commit. */
static void take_turns(struct sim_schedule *schedule, uint32_t count, struct turns *turns) {
	uint32_t running = 0;
	for (uint32_t i = 0; i < POINTS; i++) {
		const struct sim_schedule_point at = {.call = i % 10 == 9 ? &commit_call : &plain_call,
		                                      .begins_step = i % 25 == 0};
		running = sim_schedule_next(schedule, running, (1u << count) - 1, at);
		turns->process[i] = running;
	}
}

static void begin(struct sim_schedule *schedule, const char *text, uint32_t count, uint64_t seed) {
	struct sim_schedule_rule rule;
	char why[200] = "";
	if (!sim_schedule_parse(text, &rule, why, sizeof why)) {
		fail_msg("%s", why);
	}
	sim_schedule_init(schedule, &rule, count, seed);
}

static const char *const all[] = {"uniform percent 20",
                                  "priorities changes 4 points 1000",
                                  "round_robin quantum 4",
                                  "run_to_completion",
                                  "targeted commit percent 50",
                                  "steps percent 50 interrupted 50 rest 16",
                                  "partial_order",
                                  NULL};

/* S24: the turn changes at calls of the schedule and nowhere else. */
static void the_same_seed_gives_the_same_turns(void **state) {
	(void)state;
	for (int i = 0; all[i] != NULL; i++) {
		struct sim_schedule schedule;
		struct turns one;
		struct turns two;
		begin(&schedule, all[i], 4, 7);
		take_turns(&schedule, 4, &one);
		sim_schedule_deinit(&schedule);
		begin(&schedule, all[i], 4, 7);
		take_turns(&schedule, 4, &two);
		sim_schedule_deinit(&schedule);
		assert_memory_equal(&one, &two, sizeof one);
	}
}

static void another_seed_gives_other_turns(void **state) {
	(void)state;
	struct sim_schedule schedule;
	struct turns one;
	struct turns two;
	begin(&schedule, "uniform percent 20", 4, 7);
	take_turns(&schedule, 4, &one);
	sim_schedule_deinit(&schedule);
	begin(&schedule, "uniform percent 20", 4, 8);
	take_turns(&schedule, 4, &two);
	sim_schedule_deinit(&schedule);
	assert_memory_not_equal(&one, &two, sizeof one);
}

static void a_recording_gives_the_same_turns_without_the_strategy(void **state) {
	(void)state;
	for (int i = 0; all[i] != NULL; i++) {
		struct sim_schedule schedule;
		struct sim_schedule replayed;
		struct turns one;
		struct turns two;
		begin(&schedule, all[i], 4, 7);
		take_turns(&schedule, 4, &one);
		begin(&replayed, "recorded", 4, 99);
		sim_schedule_replay(&replayed, schedule.switches, schedule.switch_count);
		take_turns(&replayed, 4, &two);
		assert_memory_equal(&one, &two, sizeof one);
		assert_int_equal(replayed.switch_count, schedule.switch_count);
		sim_schedule_deinit(&schedule);
		sim_schedule_deinit(&replayed);
	}
}

static void a_recording_with_a_switch_taken_out_still_runs(void **state) {
	(void)state;
	struct sim_schedule schedule;
	const struct sim_switch list[] = {{5, 3}, {9, 2}};
	begin(&schedule, "recorded", 4, 1);
	sim_schedule_replay(&schedule, list, 2);
	uint32_t running = 0;
	for (uint32_t i = 0; i < 12; i++) {
		/* Process 3 cannot run: its switch is passed over. */
		running = sim_schedule_next(&schedule, running, 0x7, (struct sim_schedule_point){.call = &plain_call});
		assert_int_equal(running, i < 9 ? 0 : 2);
	}
	/* Who runs cannot go on: the next that can. */
	assert_int_equal(sim_schedule_next(&schedule, 2, 0x1, (struct sim_schedule_point){0}), 0);
	sim_schedule_deinit(&schedule);
}

static size_t count_switches(const char *text, uint64_t seed) {
	struct sim_schedule schedule;
	struct turns turns;
	begin(&schedule, text, 4, seed);
	take_turns(&schedule, 4, &turns);
	size_t count = schedule.switch_count;
	sim_schedule_deinit(&schedule);
	return count;
}

static void strategies_switch_as_often_as_they_say(void **state) {
	(void)state;
	assert_int_equal(count_switches("run_to_completion", 1), 0);
	assert_int_equal(count_switches("round_robin quantum 4", 1), POINTS / 4);
	/* Of four processes one in four draws is the one that runs already. */
	assert_in_range(count_switches("uniform percent 100", 1), POINTS * 70 / 100, POINTS * 80 / 100);
	assert_in_range(count_switches("uniform percent 20", 1), POINTS * 12 / 100, POINTS * 18 / 100);
	/* At most one switch at the beginning, and one for each change. */
	for (uint64_t seed = 0; seed < 50; seed++) {
		assert_in_range(count_switches("priorities changes 3 points 1000", seed), 0, 4);
	}
}

static void a_targeted_schedule_switches_around_its_operations(void **state) {
	(void)state;
	struct sim_schedule schedule;
	begin(&schedule, "targeted commit percent 100", 4, 1);
	uint32_t running = 0;
	uint32_t at_commits = 0;
	uint32_t elsewhere = 0;
	for (uint32_t i = 0; i < POINTS; i++) {
		bool commit = i % 2 == 0;
		const struct sim_schedule_point at = {.call = commit ? &commit_call : &plain_call};
		uint32_t next = sim_schedule_next(&schedule, running, 0xf, at);
		at_commits += commit && next != running;
		elsewhere += !commit && next != running;
		running = next;
	}
	assert_in_range(at_commits, POINTS / 2 * 70 / 100, POINTS / 2 * 80 / 100);
	assert_in_range(elsewhere, 1, POINTS / 2 * 4 / 100);
	sim_schedule_deinit(&schedule);
}

/* Steps of 20 calls, of which one is a commit: how often each is interrupted there, and how often
 * between two steps. */
struct interruptions {
	uint32_t at_commits;
	uint32_t at_plain;
	uint32_t between;
	uint32_t in_one_step; /* at most */
};

static void take_steps(const char *text, struct interruptions *counts) {
	struct sim_schedule schedule;
	uint32_t calls[2] = {0, 0};
	uint32_t here[2] = {0, 0};
	uint32_t running = 0;
	memset(counts, 0, sizeof *counts);
	begin(&schedule, text, 2, 1);
	for (uint32_t i = 0; i < 40000; i++) {
		uint32_t call = calls[running]++ % 20;
		const struct sim_schedule_point at = {.call = call == 10 ? &commit_call : &plain_call,
		                                      .begins_step = call == 0};
		here[running] = call == 0 ? 0 : here[running];
		uint32_t next = sim_schedule_next(&schedule, running, 0x3, at);
		bool inside = next != running && call != 0;
		counts->between += next != running && call == 0;
		counts->at_commits += inside && call == 10;
		counts->at_plain += inside && call != 10;
		here[running] += inside;
		counts->in_one_step = here[running] > counts->in_one_step ? here[running] : counts->in_one_step;
		running = next;
	}
	sim_schedule_deinit(&schedule);
}

/* A call that comes once is met as often as one that comes nineteen times, by its method or by its
 * phase. What was drawn for the first call of a step lies between two steps. */
static void a_step_is_interrupted_once_where_a_method_or_phase_was_drawn(void **state) {
	(void)state;
	struct interruptions counts;
	take_steps("steps percent 50 interrupted 100 rest 4", &counts);
	assert_in_range(counts.at_commits, counts.at_plain, counts.at_plain * 16 / 10);
	assert_in_range(counts.at_commits + counts.at_plain, 1200, 2100);
	assert_in_range(counts.between, 600, 1400);
	assert_int_equal(counts.in_one_step, 1);
	take_steps("steps percent 50 interrupted 0 rest 4", &counts);
	assert_int_equal(counts.at_commits + counts.at_plain, 0);
	assert_in_range(counts.between, 800, 1200);
	take_steps("steps percent 100 interrupted 0 rest 4", &counts);
	assert_in_range(counts.between, 1999, 2001);
}

/* Whoever is interrupted rests while another one can go on, and no longer. */
static void who_rests_lets_the_others_go_on(void **state) {
	(void)state;
	struct sim_schedule schedule;
	const struct sim_schedule_point first = {.call = &plain_call, .begins_step = true};
	const struct sim_schedule_point later = {.call = &plain_call};
	uint32_t longest = 0;
	begin(&schedule, "steps percent 1 interrupted 100 rest 4000", 2, 3);
	for (uint32_t turn = 0; turn < 200; turn++) {
		uint32_t running = sim_schedule_next(&schedule, 0, 0x3, first);
		running = running == 0 ? sim_schedule_next(&schedule, 0, 0x3, later) : running;
		uint32_t rest = 0;
		/* Were it alone, it would go on. */
		assert_int_equal(sim_schedule_next(&schedule, running, 0x1, later), 0);
		while (running == 1 && sim_schedule_next(&schedule, 1, 0x3, later) == 1 && rest < 5000) {
			rest++;
		}
		longest = rest > longest ? rest : longest;
	}
	assert_in_range(longest, 1000, 5000);
	sim_schedule_deinit(&schedule);
}

static void expect_read_back(const struct sim_schedule_rule *rule) {
	struct sim_schedule_rule parsed;
	char text[SIM_SCHEDULE_TEXT_SIZE];
	char why[200] = "";
	sim_schedule_print(rule, text);
	if (!sim_schedule_parse(text, &parsed, why, sizeof why)) {
		fail_msg("%s", why);
	}
	assert_memory_equal(rule, &parsed, sizeof parsed);
}

/* A scenario may name a strategy alone: its numbers are drawn, and what is drawn has a text. */
static void a_strategy_alone_has_its_numbers_drawn(void **state) {
	(void)state;
	struct sim_schedule_rule rule;
	struct sim_pcg32 chance;
	char why[300] = "";
	bool seen[101] = {false};
	sim_pcg32_derive(&chance, 5, "test");
	for (int i = 0; i < 500; i++) {
		assert_true(sim_schedule_parse_open("steps", &rule, why, sizeof why));
		sim_schedule_close(&rule, &chance);
		expect_read_back(&rule);
		seen[rule.interrupted] = true;
	}
	assert_true(seen[5] && seen[20] && seen[50] && seen[100]);
	/* One with numbers keeps them; a word that is no strategy is refused. */
	assert_true(sim_schedule_parse_open("steps percent 7 interrupted 3 rest 9", &rule, why, sizeof why));
	sim_schedule_close(&rule, &chance);
	assert_true(rule.percent == 7 && rule.interrupted == 3 && rule.rest == 9);
	assert_false(sim_schedule_parse_open("step", &rule, why, sizeof why));
	assert_false(sim_schedule_parse_open("none", &rule, why, sizeof why));
}

static void who_cannot_run_does_not(void **state) {
	(void)state;
	for (int i = 0; all[i] != NULL; i++) {
		struct sim_schedule schedule;
		struct sim_pcg32 chance;
		uint32_t running = 0;
		sim_pcg32_derive(&chance, 3, "test");
		begin(&schedule, all[i], 5, 3);
		for (uint32_t point = 0; point < POINTS; point++) {
			uint32_t can_run = 1 + sim_pcg32_below(&chance, 31);
			bool ended = sim_pcg32_percent(&chance, 10);
			const struct sim_schedule_point at = {.call = ended ? NULL : &plain_call,
			                                      .begins_step = point % 20 == 0};
			running = sim_schedule_next(&schedule, running, can_run, at);
			assert_true((can_run & (1u << running)) != 0);
		}
		assert_int_equal(schedule.point, POINTS);
		sim_schedule_deinit(&schedule);
	}
}

static void parse_is_the_inverse_of_print(void **state) {
	(void)state;
	struct sim_pcg32 chance;
	bool seen[SIM_STRATEGY_COUNT] = {false};
	sim_pcg32_derive(&chance, 5, "test");
	for (int i = 0; i < 20000; i++) {
		struct sim_schedule_rule rule;
		sim_schedule_draw(&rule, &chance);
		seen[rule.strategy] = true;
		expect_read_back(&rule);
	}
	for (int i = SIM_STRATEGY_UNIFORM; i < SIM_STRATEGY_STEPS; i++) {
		assert_true(seen[i]);
	}
}

/* Process 1 is about to write, and process 0 goes on before it with this call: whether the priority
 * of process 1 is another one then. False in `met` when process 0 did not go on. */
static bool is_drawn_anew(uint64_t seed, const struct vfs_call *call, bool *met) {
	static const struct vfs_call write = {.method = VFS_METHOD_WRITE, .file_kind = VFS_FILE_DB, .path = "/a"};
	struct sim_schedule schedule;
	begin(&schedule, "partial_order", 2, seed);
	bool waits = sim_schedule_next(&schedule, 1, 3, (struct sim_schedule_point){.call = &write}) == 0;
	uint32_t before = schedule.priorities[1];
	*met = waits && sim_schedule_next(&schedule, 0, 3, (struct sim_schedule_point){.call = call}) == 0;
	bool anew = schedule.priorities[1] != before;
	sim_schedule_deinit(&schedule);
	return anew;
}

static void only_what_races_is_drawn_anew(void **state) {
	static const struct {
		struct vfs_call call;
		bool races;
	} rows[] = {
	        {{.method = VFS_METHOD_READ, .file_kind = VFS_FILE_DB, .path = "/a"}, true},
	        {{.method = VFS_METHOD_WRITE, .file_kind = VFS_FILE_DB, .path = "/a"}, true},
	        {{.method = VFS_METHOD_READ, .file_kind = VFS_FILE_DB, .path = "/b"}, false},
	        {{.method = VFS_METHOD_LOCK, .file_kind = VFS_FILE_DB, .path = "/a"}, false},
	        {{.method = VFS_METHOD_SHM_LOCK, .file_kind = VFS_FILE_SHM, .path = "/a", .size = 1, .flags = 8},
	         false},
	        {{.method = VFS_METHOD_SLEEP}, false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint32_t times = 0;
		for (uint64_t seed = 0; seed < 100; seed++) {
			bool met = false;
			bool anew = is_drawn_anew(seed, &rows[i].call, &met);
			assert_true(!met || anew == rows[i].races);
			times += met;
		}
		assert_true(times > 10);
	}
}

static void what_is_no_schedule_is_refused(void **state) {
	(void)state;
	static const char *const bad[] = {"",
	                                  "unifrom percent 20",
	                                  "uniform",
	                                  "uniform percent 0",
	                                  "uniform percent 101",
	                                  "uniform percent 20 ",
	                                  "uniform percent 20 x",
	                                  "uniform  percent 20",
	                                  "uniform percent -1",
	                                  "uniform percent 4294967300",
	                                  "round_robin quantum 0",
	                                  "priorities changes 9 points 10",
	                                  "priorities changes 1 points 0",
	                                  "targeted percent 10",
	                                  "targeted nothing percent 10",
	                                  "run_to_completion 1",
	                                  "steps",
	                                  "steps percent 0 interrupted 5 rest 5",
	                                  "steps percent 5 interrupted 101 rest 5",
	                                  "steps percent 5 interrupted 5 rest 0",
	                                  "partial_order percent 5",
	                                  "none",
	                                  NULL};
	for (int i = 0; bad[i] != NULL; i++) {
		struct sim_schedule_rule rule;
		char why[300] = "";
		assert_false(sim_schedule_parse(bad[i], &rule, why, sizeof why));
		assert_true(strstr(why, "expected") != NULL);
		assert_null(strchr(why, '\n'));
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_same_seed_gives_the_same_turns),
	        cmocka_unit_test(another_seed_gives_other_turns),
	        cmocka_unit_test(a_recording_gives_the_same_turns_without_the_strategy),
	        cmocka_unit_test(a_recording_with_a_switch_taken_out_still_runs),
	        cmocka_unit_test(strategies_switch_as_often_as_they_say),
	        cmocka_unit_test(a_targeted_schedule_switches_around_its_operations),
	        cmocka_unit_test(a_step_is_interrupted_once_where_a_method_or_phase_was_drawn),
	        cmocka_unit_test(who_rests_lets_the_others_go_on),
	        cmocka_unit_test(a_strategy_alone_has_its_numbers_drawn),
	        cmocka_unit_test(who_cannot_run_does_not),
	        cmocka_unit_test(parse_is_the_inverse_of_print),
	        cmocka_unit_test(only_what_races_is_drawn_anew),
	        cmocka_unit_test(what_is_no_schedule_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
