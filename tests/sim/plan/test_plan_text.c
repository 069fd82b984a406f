/* The text form of plans: what is printed is read back as it was, what is read is printed as it
 * was, a plan that was read runs like the one it was printed from, and what is no plan is refused
 * in one line that names file and line. S34: parse(print(x)) equals x. S35: what was read is
 * checked as a whole (sim_plan_assert). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "pcg.h"
#include "plan.h"
#include "plan_make.h"
#include "plan_text.h"
#include "run.h"
#include "scenario_load.h"
#include "subject_built_in.h"

#include <glob.h>

#define SEEDS 200u
#define EDITS 20000u
/* Under sanitizers, where a run takes ten times as long, .ci/run runs the library beside this. */
#ifdef __SANITIZE_ADDRESS__
#define RUN_SEEDS 1u
#else
#define RUN_SEEDS 5u
#endif

/* `test_plan_text N` tries N random plans instead. */
static uint32_t random_plans = 3000;

static struct sim_plan plan;
static struct sim_plan parsed;
static struct sim_scenario *scenarios[256];
static const struct sim_sql *whole_sql; /* of the plan, if it is one of SQL */
static size_t scenario_count;
static char why[1536];

static int load_library(void **context) {
	glob_t files;
	(void)context;
	if (!sim_run_init() || glob(TESTS_SOURCE_DIR "/scenarios/*.yaml", 0, NULL, &files) != 0) {
		return -1;
	}
	for (size_t i = 0; i < files.gl_pathc && i < sizeof scenarios / sizeof scenarios[0]; i++) {
		scenarios[i] = sim_scenario_load(files.gl_pathv[i], why, sizeof why);
		scenario_count += scenarios[i] != NULL;
	}
	size_t found = files.gl_pathc;
	globfree(&files);
	return scenario_count == found ? 0 : -1;
}

static int forget_library(void **context) {
	(void)context;
	for (size_t i = 0; i < scenario_count; i++) {
		sim_scenario_destroy(scenarios[i]);
	}
	return 0;
}

static char *printed(const struct sim_plan *subject) {
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	assert_non_null(out);
	sim_plan_text_print(subject, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void assert_same_fault(const struct sim_fault *a, const struct sim_fault *b) {
	assert_true(a->kind == b->kind && a->method == b->method && a->file_kind == b->file_kind &&
	            a->effect == b->effect && a->moment == b->moment);
	assert_true(a->moment_number == b->moment_number && a->operation == b->operation && a->times == b->times);
	assert_true(a->bytes == b->bytes && a->duration_ns == b->duration_ns && a->mask == b->mask && a->aim == b->aim);
}

static void assert_same_plan(const struct sim_plan *a, const struct sim_plan *b) {
	assert_string_equal(a->scenario, b->scenario);
	assert_true(a->seed == b->seed && a->tape_used == b->tape_used && a->held_updates == b->held_updates);
	assert_memory_equal(&a->settings, &b->settings, sizeof a->settings);
	assert_true(a->symbol_count == b->symbol_count && a->order_count == b->order_count);
	assert_true(a->report_count == b->report_count && a->step_count == b->step_count);
	assert_int_equal(a->fault_count, b->fault_count);
	assert_memory_equal(a->reports, b->reports, a->report_count * sizeof a->reports[0]);
	assert_int_equal(a->sql.transaction_count, b->sql.transaction_count);
	assert_memory_equal(&a->sql.templates_on, &b->sql.templates_on, sizeof a->sql.templates_on);
	assert_true(a->sql.after_doubt == b->sql.after_doubt && a->sql.checked_starts == b->sql.checked_starts &&
	            a->sql_scenario == b->sql_scenario);
	assert_int_equal(a->sql.pragmas.count, b->sql.pragmas.count);
	for (uint32_t i = 0; i < a->sql.pragmas.count; i++) {
		assert_string_equal(a->sql.pragmas.texts[i], b->sql.pragmas.texts[i]);
	}
	assert_memory_equal(a->sql.transactions, b->sql.transactions,
	                    a->sql.transaction_count * sizeof a->sql.transactions[0]);
	assert_memory_equal(a->steps, b->steps, a->step_count * sizeof a->steps[0]);
	for (uint32_t i = 0; i < a->fault_count; i++) {
		assert_same_fault(&a->faults[i], &b->faults[i]);
	}
}

/* parse(print(x)) is x, and print(parse(text)) is the text. */
static void expect_round_trip(void) {
	char *text = printed(&plan);
	/* The reader finds out by itself whether files are attached. */
	parsed.sql_scenario = plan.sql_scenario != NULL ? whole_sql : NULL;
	if (!sim_plan_text_parse(&parsed, text, "plan", why, sizeof why)) {
		fail_msg("%s seed 0x%llx: %s", plan.scenario, (unsigned long long)plan.seed, why);
	}
	assert_same_plan(&plan, &parsed);
	char *again = printed(&parsed);
	assert_string_equal(text, again);
	free(text);
	free(again);
}

static void make(const struct sim_scenario *scenario, uint64_t seed) {
	memset(&plan, 0, sizeof plan);
	sim_plan_make(&plan, scenario, seed);
	whole_sql = scenario->sql;
}

static void every_plan_of_the_library_is_read_back_as_it_was(void **context) {
	(void)context;
	for (size_t i = 0; i < scenario_count; i++) {
		for (uint64_t seed = 0; seed < SEEDS; seed++) {
			make(scenarios[i], seed);
			expect_round_trip();
		}
	}
}

/* ---- random plans ---------------------------------------------------------------------------- */

static uint32_t draw(struct sim_pcg32 *chance, uint32_t count) {
	return sim_pcg32_below(chance, count);
}

static struct sim_range draw_range(struct sim_pcg32 *chance, uint32_t most) {
	uint64_t low = 1 + draw(chance, most);
	return (struct sim_range){.min = low, .max = low + draw(chance, most + 1 - (uint32_t)low)};
}

static struct sim_fault draw_fault(struct sim_pcg32 *chance) {
	struct sim_fault fault = {.kind = (enum sim_fault_kind)(1 + draw(chance, SIM_FAULT_KIND_COUNT - 1))};
	const struct sim_fault_row *row = sim_fault_row(fault.kind);
	fault.method = (enum vfs_method)(row->methods == 0 ? 0 : draw(chance, VFS_METHOD_COUNT));
	fault.file_kind = (enum vfs_file_kind)draw(chance, VFS_FILE_COUNT);
	fault.effect = (enum vfs_effect)(row->effects == 0 ? 0 : draw(chance, VFS_EFFECT_COUNT));
	fault.code = draw(chance, 10) == 0 ? SQLITE_NOMEM : 0;
	fault.moment = (enum sim_moment)draw(chance, SIM_MOMENT_COUNT);
	fault.moment_number = draw(chance, plan.step_count);
	fault.operation = 1 + draw(chance, 1000000);
	fault.times = !row->uses_times ? 1 : draw(chance, 10) == 0 ? SIM_FAULT_FOR_EVER : 1 + draw(chance, 1000000);
	fault.bytes = row->uses_bytes ? draw(chance, 65537) : 0;
	fault.duration_ns = row->uses_duration ? (uint64_t)draw(chance, 3600001) * 1000000 : 0;
	fault.mask = row->uses_mask ? draw(chance, 256) : 0;
	fault.aim = draw(chance, 4) == 0 ? SIM_AIM_ROWS : SIM_AIM_ANYWHERE;
	return fault;
}

static void draw_settings(struct sim_pcg32 *chance) {
	struct sim_settings *settings = &plan.settings;
	settings->protocol = (enum sim_protocol)(1 + draw(chance, SIM_PROTOCOL_COUNT - 1));
	settings->journal_mode = (enum sim_journal_mode)(1 + draw(chance, SIM_JOURNAL_COUNT - 1));
	settings->synchronous = (enum sim_synchronous)(1 + draw(chance, SIM_SYNCHRONOUS_COUNT - 1));
	settings->page_size_bytes = 512u << draw(chance, 8);
	settings->cache_pages = 1 + draw(chance, 1000000);
	settings->checkpoint_frames = draw(chance, 1000001);
	settings->busy_timeout_ms = draw(chance, 1000001);
	settings->sector_size_bytes = draw(chance, 2) == 0 ? 512 : 4096;
	settings->capacity_bytes = (uint64_t)draw(chance, 1u << 31) << draw(chance, 10);
	settings->names_free = draw(chance, 2) == 0;
	settings->truncate_free = draw(chance, 2) == 0;
	settings->sync_model = (enum vfs_sync_model)draw(chance, VFS_SYNC_MODEL_COUNT);
	settings->garbage = draw(chance, 2) == 0;
	settings->psow = (enum sim_capability)(1 + draw(chance, SIM_CAPABILITY_COUNT - 1));
	settings->sequential = (enum sim_capability)(1 + draw(chance, SIM_CAPABILITY_COUNT - 1));
	settings->safe_append = (enum sim_capability)(1 + draw(chance, SIM_CAPABILITY_COUNT - 1));
	settings->lies_percent = draw(chance, 101);
	settings->demanded[SIM_CRASH_KILL] = (enum sim_contract)draw(chance, SIM_CONTRACT_COUNT);
	settings->demanded[SIM_CRASH_POWER_LOSS] = (enum sim_contract)draw(chance, SIM_CONTRACT_COUNT);
	settings->demands_files_together = draw(chance, 2) == 1;
	settings->locks = (enum sim_locks)draw(chance, SIM_LOCKS_COUNT);
	settings->own_wal_index = draw(chance, 2) == 1;
	settings->demands_locks = draw(chance, 2) == 1;
	for (int bound = 0; bound < SIM_BOUND_COUNT; bound++) {
		settings->bounds[bound] = draw(chance, 2) * draw(chance, 1u << 31);
	}
}

static void draw_plan(struct sim_pcg32 *chance) {
	struct sim_scenario scenario = *scenarios[draw(chance, (uint32_t)scenario_count)];
	struct sim_workload *workload = &scenario.workload;
	workload->updates = draw_range(chance, SIM_PLAN_REPORTS_MAX);
	workload->symbols = draw_range(chance, SIM_PLAN_SYMBOLS_MAX);
	workload->open_orders = draw_range(chance, 16);
	workload->duplicates_percent = draw(chance, 101);
	workload->reorders_percent = draw(chance, 101);
	workload->restarts_percent = draw(chance, 101);
	workload->rejects_percent = draw(chance, 101);
	workload->cancels_percent = draw(chance, 51);
	workload->expires_percent = draw(chance, 51);
	for (int rare = 0; rare < SIM_RARE_COUNT; rare++) {
		bool event = rare < SIM_RARE_EVENT_COUNT;
		workload->rare_percent[rare] = draw(chance, 3) == 0 ? 0 : draw(chance, event ? 8 : 101);
	}
	workload->held_updates = draw(chance, 65);
	make(&scenario, (uint64_t)sim_pcg32_next(chance) << 32 | sim_pcg32_next(chance));
	draw_settings(chance);
	plan.fault_count = 0;
	for (uint32_t count = draw(chance, 600); count > 0 && plan.fault_count < SIM_PLAN_FAULTS_MAX; count--) {
		struct sim_fault fault = draw_fault(chance);
		plan.settings.vouches |= fault.kind == SIM_FAULT_OTHER_BOOK;
		plan.faults[plan.fault_count] = fault;
		plan.fault_count += sim_fault_check(&fault, why, sizeof why);
	}
	if (draw(chance, 2) == 0) {
		plan.steps[draw(chance, plan.step_count)] = (struct sim_step){.kind = SIM_STEP_NONE};
	}
}

static void random_plans_are_read_back_as_they_were(void **context) {
	struct sim_pcg32 chance;
	uint64_t faults = 0;
	(void)context;
	sim_pcg32_seed(&chance, 3, 1);
	for (uint32_t i = 0; i < random_plans; i++) {
		draw_plan(&chance);
		expect_round_trip();
		faults += plan.fault_count;
	}
	assert_true(faults > random_plans * 10);
}

/* ---- runs ------------------------------------------------------------------------------------ */

static void a_plan_that_was_read_runs_like_the_one_that_was_printed(void **context) {
	static struct sim_run_result expected;
	static struct sim_run_result got;
	(void)context;
	for (size_t i = 0; i < scenario_count; i++) {
		for (uint64_t seed = 1; seed <= RUN_SEEDS; seed++) {
			make(scenarios[i], seed);
			expect_round_trip();
			const struct sim_run_options options = {.plan = &parsed};
			sim_run(scenarios[i], seed, NULL, NULL, &expected);
			sim_run(scenarios[i], seed, NULL, &options, &got);
			assert_memory_equal(&expected, &got, sizeof got);
		}
	}
}

/* One plan is made over the other in a sweep. */
static void a_plan_says_nothing_of_the_plan_that_it_is_made_over(void **context) {
	(void)context;
	for (uint64_t seed = 1; seed <= 5; seed++) {
		for (size_t i = 0; i < scenario_count; i++) {
			make(scenarios[i], seed);
			sim_plan_make(&parsed, scenarios[i], seed);
			char *text = printed(&plan);
			char *again = printed(&parsed);
			assert_string_equal(text, again);
			free(text);
			free(again);
			assert_true(plan.accounts == parsed.accounts && plan.has_days == parsed.has_days &&
			            plan.reuses_orders == parsed.reuses_orders);
		}
	}
}

static void an_edited_plan_runs_as_it_was_edited(void **context) {
	static struct sim_run_result whole;
	static struct sim_run_result less;
	const struct sim_run_options options = {.plan = &plan};
	(void)context;
	for (size_t i = 0; i < scenario_count; i++) {
		make(scenarios[i], 1);
		sim_run(scenarios[i], 1, NULL, &options, &whole);
		plan.fault_count = 0;
		plan.steps[plan.step_count - 1] = (struct sim_step){.kind = SIM_STEP_NONE};
		expect_round_trip();
		sim_run(scenarios[i], 1, NULL, &options, &less);
		assert_int_equal(less.verdict, SIM_HELD);
		assert_int_equal(less.faults, 0);
		assert_memory_not_equal(whole.trace_hash, less.trace_hash, sizeof less.trace_hash);
	}
}

/* ---- what is no plan ------------------------------------------------------------------------- */

/* Puts `new` where `old` first is in the text of a plan of kill-anywhere. */
static char *edited(const char *old, const char *new) {
	size_t i = 0;
	while (strcmp(scenarios[i]->name, "kill-anywhere") != 0) {
		i++;
	}
	make(scenarios[i], 3);
	char *text = printed(&plan);
	char *at = strstr(text, old);
	assert_non_null(at);
	char *result = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&result, &size);
	assert_non_null(out);
	fprintf(out, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
	assert_int_equal(fclose(out), 0);
	free(text);
	return result;
}

/* Puts `new` where `old` first is behind `after` in a plan of life-cycle. */

/* What no exchange says: each is refused though its words are right. */
static const struct {
	const char *after;
	const char *old;
	const char *new;
	const char *why;
} dishonest[] = {
        {" bust order", " about E", " original C1 about X", "about X"},
        {" bust order", " about E", " abaut E", "expected the end of the line"},
        {" bust order", " cum ", " cum 7", "the fills of O"},
        {" correct order", " cum ", " cum 7", "the fills of O"},
        {" correct order", " last ", " last 9", "the fills of O"},
        {" replaced order", " cum ", " cum 7", "the fills of O"},
        {" stopped order", " cum ", " cum 7", "the fills of O"},
        {" new order", " ns", " ns about E0", "`about`, expected it in a bust or correction only"},
        {" limits position", " position ", " position -", "position -"},
        {" limits position", " lots", " tick_lots", "tick_lots, expected lots"},
        {" halt time", " ns", " ms", "ms, expected ns"},
        {" batch ", " count ", " count 9", "count 9"},
        {" tape no", " holds 8", " holds 65", "holds 65, expected a number from 1 to 64"},
        {" nameless", " nameless", " nameless as E0", "as E0, expected the end of the line"},
        {" clientless", " clientless", " clientless C1", "C1, expected symbol"},
};

/* The same of far-from-usual. */
static const struct {
	const char *after;
	const char *old;
	const char *new;
	const char *why;
} far_fetched[] = {
        {" ids 39", " ids 39", " ids 40", "ids 40, expected a number from 2 to 39"},
        {" ids 39", " ids 39", " ids 1", "ids 1, expected a number from 2 to 39"},
        {" broken leaves", " broken leaves", " broken heart", "what is broken heart, expected one of: leaves, side"},
        {" new order", " ns", " ns broken side", "a broken report, expected a trade that refers to nothing"},
        {" id E", " id E", " id F", "id F"},
        {" symbol S0", " ns", " ns id E0", "id E0, expected"},
};

static const struct {
	const char *old;
	const char *new;
	const char *why;
} wrong[] = {
        {"plan 3", "plan 4", "file:1: version of the text form 4, expected a number from 3 to 3"},
        {"plan 3", "plane 3", "file:1: plane, expected plan"},
        {"seed 0x", "seed ", "file:1: seed 0000000000000003, expected 0x and 16"},
        {"persist_first", "persist_last", "file:2: protocol persist_last, expected one of: persist_first"},
        {"setting journal_mode", "setting synchronous", "file:3: synchronous, expected journal_mode"},
        {"page_size 4096", "page_size 4097", "file:5: page_size 4097, expected a power of two"},
        {"page_size 4096", "page_size 04096", "file:5: page_size 04096, expected a number from 512 to 65536"},
        {"page_size 4096 bytes", "page_size 4096 pages", "file:5: pages, expected bytes"},
        {"page_size 4096 bytes", "page_size 4096", "file:5: nothing, expected bytes"},
        {"sector_size 4096", "sector_size 1024", "file:9: sector_size 1024, expected 512 or 4096"},
        {"names ordered", "names sorted", "file:11: names sorted, expected ordered or free"},
        {"fsync still_dirty", "fsync ext5", "file:13: fsync ext5, expected one of: still_dirty, ext4"},
        {"psow kept", "psow none", "file:15: psow none, expected one of: absent, kept, false"},
        {"lies 0 percent", "lies 101 percent", "file:18: lies 101, expected a number from 0 to 100"},
        {"demand_after_kill promised", "demand_after_kill all",
         "file:19: demand_after_kill all, expected one of: promised, durable, last_may_roll_back"},
        {"demand_of_files promised", "demand_of_files apart",
         "file:21: demand_of_files apart, expected one of: promised, together"},
        {"demand_of_files promised", "demand_of_files promised\nsetting call 1 us",
         "file:22: call as it is without this line, expected another value"},
        {"demand_of_files promised", "demand_of_files promised\nsetting call 0 us",
         "file:22: call 0, expected a number from 1 to 10000"},
        {"symbols 1", "symbols 9", "file:22: symbols 9, expected a number from 1 to 8"},
        {"symbol S0", "symbol S1", "file:23: symbol 1, expected a number from 0 to 0"},
        {"report 1 ", "report 2 ", "file:24: report 2, expected a number from 1 to 1"},
        {"new order", "old order", "file:23: kind of report old, expected one of: new, trade"},
        {"order O0", "order 0", "file:23: order 0, expected O and a number"},
        {"quantity 38 lots", "quantity -38 lots", "file:23: quantity -38, expected a number from 0 to"},
        {"quantity 38 lots", "quantity 38  lots", "file:23: nothing, expected lots"},
        {"quantity 38 lots", "quantity 1e2 lots", "file:23: quantity 1e2, expected a number"},
        {"leaves 38", "leaves 37", "file:23: leaves 37, expected 38"},
        {"cum 283", "cum 282", "file:25: cum 282, expected 283, the fills of O1"},
        {"last 283 lots", "last 0 lots", "file:25: last 0 lots, expected lots in a trade"},
        {"report 2 trade order O1 client C1 symbol S0 side sell",
         "report 2 trade order O1 client C1 symbol S0 side buy",
         "file:25: another symbol, side, quantity or price for O1, expected those of report 1"},
        {" ns\n", " ns more\n", "file:23: more, expected the end of the line"},
        {"step 1 ", "stop 1 ", "entry stop, expected one of: report, process, schedule, step, fault, switch"},
        {"step 0 deliver", "step 0 defer", "kind of step defer, expected one of: none, deliver"},
        {"step 0 deliver 0", "step 0 look 1", "step look by one engine, expected one of: none, deliver"},
        {"step 0 deliver 0", "step 0 transaction 0", "step transaction by one engine, expected one of: none"},
        {"step 0 deliver 0", "step 0 deliver 256", "report 256, expected a number from 0 to"},
        {"fault kill any any at step 24", "fault kill any any at step 99", "at step 99, expected a step from 0 to"},
        {"phase journal_record 5", "phase journal_recrod 5", "[phase PHASE N] operation N` in"},
        {"phase journal_record 5", "phase journal_record 0", "phase number 0 in kill"},
        {"fault kill", "fault other_book any db at restart 1 operation 1\nfault kill",
         "other_book where nobody vouches, expected the"},
        {"fault kill", "fault kil", "expected a fault such as"},
        {"fault kill", "fault  kill", "another form of a fault, expected kill any any"},
        {"fault kill any any at step 24", "step 36 restart\nfault kill any any at step 24",
         "a step behind a fault, expected reports, then steps, then faults"},
        {"workload", "workload\r", "a carriage return"},
};

static void expect_refused(const char *text, const char *expected) {
	if (sim_plan_text_parse(&parsed, text, "file", why, sizeof why)) {
		fail_msg("accepted, expected '%s'", expected);
	}
	if (strstr(why, expected) == NULL) {
		fail_msg("'%s', expected '%s'", why, expected);
	}
}

/* Prints plans of a scenario until one has `after`. */
static char *print_until(const char *name, const char *after, char **at) {
	size_t i = 0;
	while (strcmp(scenarios[i]->name, name) != 0) {
		i++;
	}
	char *text = NULL;
	*at = NULL;
	for (uint64_t seed = 0; *at == NULL && seed < SEEDS; seed++) {
		free(text);
		make(scenarios[i], seed);
		text = printed(&plan);
		*at = strstr(text, after);
	}
	assert_non_null(*at);
	return text;
}

static void expect_edit_refused(const char *name, const char *after, const char *words[2], const char *expected) {
	char *at = NULL;
	char *text = print_until(name, after, &at);
	at = strstr(at, words[0]);
	char *result = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&result, &size);
	assert_non_null(out);
	fprintf(out, "%.*s%s%s", (int)(at - text), text, words[1], at + strlen(words[0]));
	assert_int_equal(fclose(out), 0);
	free(text);
	expect_refused(result, expected);
	free(result);
}

static void what_no_exchange_says_is_refused(void **context) {
	(void)context;
	for (size_t i = 0; i < sizeof dishonest / sizeof dishonest[0]; i++) {
		const char *words[] = {dishonest[i].old, dishonest[i].new};
		expect_edit_refused("life-cycle", dishonest[i].after, words, dishonest[i].why);
	}
	for (size_t i = 0; i < sizeof far_fetched / sizeof far_fetched[0]; i++) {
		const char *words[] = {far_fetched[i].old, far_fetched[i].new};
		expect_edit_refused("far-from-usual", far_fetched[i].after, words, far_fetched[i].why);
	}
	/* Another proportion is a restatement with fills that are missing. */
	const char *disproportion[] = {" cum ", " cum 7"};
	expect_edit_refused("splits", " restated order", disproportion, "or both quantities of O");
}

static void what_is_no_plan_is_refused_with_file_and_line(void **context) {
	(void)context;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		char *text = edited(wrong[i].old, wrong[i].new);
		expect_refused(text, wrong[i].why);
		free(text);
	}
}

static void comments_and_empty_lines_say_nothing(void **context) {
	(void)context;
	char *text = edited("workload", "# what the exchange does\n\nworkload");
	if (!sim_plan_text_parse(&parsed, text, "file", why, sizeof why)) {
		fail_msg("%s", why);
	}
	assert_same_plan(&plan, &parsed);
	free(text);
}

/* A setting that is silent: plans without its line were written before there was such a setting. */
static void a_silent_setting_has_a_line_when_it_is_not_the_usual_one(void **context) {
	(void)context;
	char *text = edited("demand_of_files promised\n", "demand_of_files promised\nsetting call 250 us\n");
	assert_int_equal(plan.settings.call_us, 1);
	if (!sim_plan_text_parse(&parsed, text, "file", why, sizeof why)) {
		fail_msg("%s", why);
	}
	assert_int_equal(parsed.settings.call_us, 250);
	char *again = printed(&parsed);
	assert_string_equal(again, text);
	free(again);
	free(text);
}

/* Whatever is done to the text, it is refused in one line, or it is a plan whose text it is. */
static void check_edit(const char *text) {
	why[0] = '\0';
	if (!sim_plan_text_parse(&parsed, text, "file", why, sizeof why)) {
		assert_memory_equal(why, "file:", 5);
		assert_non_null(strstr(why, ", expected"));
		assert_null(strchr(why, '\n'));
		return;
	}
	char *again = printed(&parsed);
	if (strchr(text, '#') == NULL && strstr(text, "\n\n") == NULL && text[0] != '\n') {
		assert_string_equal(text, again);
	}
	free(again);
}

/* The path may have spaces: it is the rest of its line. */
static void a_vfs_has_a_line_and_its_whole_path(void **context) {
	(void)context;
	char *text = edited("setting lies", "setting lies");
	char *behind = strstr(text, "workload ");
	char *copy = calloc(1, strlen(text) + 100);
	assert_non_null(behind);
	assert_non_null(copy);
	assert_null(strstr(text, "\nvfs "));
	sprintf(copy, "%.*svfs /my own/shim.so\n%s", (int)(behind - text), text, behind);
	assert_true(sim_plan_text_parse(&parsed, copy, "plan", why, sizeof why));
	assert_string_equal(parsed.vfs_path, "/my own/shim.so");
	char *again = printed(&parsed);
	assert_string_equal(again, copy);
	free(again);
	sprintf(copy, "%.*svfs shim.so\n%s", (int)(behind - text), text, behind);
	assert_false(sim_plan_text_parse(&parsed, copy, "plan", why, sizeof why));
	assert_non_null(strstr(why, "vfs shim.so, expected the whole path of a shared object"));
	free(copy);
	free(text);
}

static void any_edit_is_refused_or_read_as_it_stands(void **context) {
	struct sim_pcg32 chance;
	(void)context;
	sim_pcg32_seed(&chance, 4, 1);
	char *text = edited("plan", "plan");
	uint32_t size = (uint32_t)strlen(text);
	char *copy = calloc(1, size + 1);
	assert_non_null(copy);
	for (uint32_t i = 0; i < EDITS; i++) {
		uint32_t at = draw(&chance, size);
		memcpy(copy, text, size + 1);
		if (i % 3 == 0) {
			copy[at] = (char)(1 + draw(&chance, 255));
		} else if (i % 3 == 1) {
			memmove(copy + at, copy + at + 1, size - at);
		} else {
			copy[at] = '\0';
		}
		check_edit(copy);
	}
	free(copy);
	free(text);
}

static void a_file_that_cannot_be_a_plan_is_refused(void **context) {
	static const char nul[] = "plan 3\0";
	char path[] = "/tmp/aftershock-plan-XXXXXX";
	(void)context;
	assert_false(sim_plan_text_load(&parsed, "/nowhere/plan", why, sizeof why));
	assert_string_equal(why, "/nowhere/plan:1: No such file or directory, expected a plan");
	assert_false(sim_plan_text_load(&parsed, "/", why, sizeof why));
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(nul, 1, sizeof nul, file), sizeof nul);
	assert_int_equal(fclose(file), 0);
	assert_false(sim_plan_text_load(&parsed, path, why, sizeof why));
	assert_non_null(strstr(why, ":1: a file with a NUL byte, expected text"));
	assert_int_equal(remove(path), 0);
}

int main(int argument_count, char **arguments) {
	if (argument_count > 1) {
		random_plans = (uint32_t)strtoul(arguments[1], NULL, 10);
	}
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_plan_of_the_library_is_read_back_as_it_was),
	        cmocka_unit_test(random_plans_are_read_back_as_they_were),
	        cmocka_unit_test(a_plan_that_was_read_runs_like_the_one_that_was_printed),
	        cmocka_unit_test(a_plan_says_nothing_of_the_plan_that_it_is_made_over),
	        cmocka_unit_test(an_edited_plan_runs_as_it_was_edited),
	        cmocka_unit_test(what_no_exchange_says_is_refused),
	        cmocka_unit_test(what_is_no_plan_is_refused_with_file_and_line),
	        cmocka_unit_test(comments_and_empty_lines_say_nothing),
	        cmocka_unit_test(a_silent_setting_has_a_line_when_it_is_not_the_usual_one),
	        cmocka_unit_test(a_vfs_has_a_line_and_its_whole_path),
	        cmocka_unit_test(any_edit_is_refused_or_read_as_it_stands),
	        cmocka_unit_test(a_file_that_cannot_be_a_plan_is_refused),
	};
	return cmocka_run_group_tests(tests, load_library, forget_library);
}
