/* The life of orders, batches and limits over whole runs: the engine holds, and a subject that
 * cheats about any of it goes red. */
#include "delivery.h"
#include "judge.h"
#include "library.h"
#include "run.h"
#include "subject_built_in.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define TEST_SEEDS 60u

static int set_up(void **context) {
	(void)context;
	return sim_run_init() ? 0 : -1;
}

static void must_go_red(const char *name, const struct aftershock_subject *subject, const char *invariant,
                        const char *detail) {
	struct sim_run_result sum = library_run(name, subject, TEST_SEEDS);
	assert_int_equal(sum.verdict, SIM_VIOLATED);
	if (strcmp(sum.invariant, invariant) != 0 || strstr(sum.detail, detail) == NULL) {
		fail_msg("%s: %s: %s, expected %s: %s", name, sum.invariant, sum.detail, invariant, detail);
	}
}

static void must_hold(const char *name) {
	struct sim_run_result sum = library_run(name, sim_subject_engine(), TEST_SEEDS);
	if (sum.verdict != SIM_HELD) {
		fail_msg("%s: %s: %s", name, sum.invariant, sum.detail);
	}
}

static void the_engine_holds_whatever_happens_to_orders(void **context) {
	(void)context;
	must_hold("life-cycle");
	must_hold("batches");
	must_hold("bust-and-correct");
	must_hold("limits-and-halt");
	must_hold("external-and-overfilled");
}

static void must_not_reach(const char *name, enum sim_probe exempt) {
	struct sim_run_result sum = library_run(name, sim_subject_engine(), TEST_SEEDS);
	for (int probe = SIM_PROBE_ORDER_REPLACED; probe <= SIM_PROBE_HALT_LIFTED; probe++) {
		bool reached = sum.probes[probe] > 0 && probe != (int)exempt;
		assert_string_equal(reached ? sim_probe_name((enum sim_probe)probe) : "", "");
	}
}

/* A kill may take the acknowledgement of an order, and its first fill may come before that is sent
 * again: until then nobody has acknowledged the order. */
static void what_a_scenario_does_not_ask_for_does_not_happen(void **context) {
	(void)context;
	must_not_reach("steady-trading", SIM_PROBE_NONE);
	must_not_reach("kill-anywhere", SIM_PROBE_ORDER_EXTERNAL);
}

/* ---- order ----------------------------------------------------------------------------------- */

static struct sim_plan plan;
static struct sim_orders orders;

static void say(enum subject_exec_type type, int64_t quantity, int64_t cum) {
	struct subject_order_update *update = &plan.reports[plan.report_count++].update;
	update->exec_type = type;
	update->order_quantity_lots = quantity;
	update->cum_quantity_lots = cum;
}

/* A fill of 150 is busted, and the order replaced to 100; a fill of 50 follows. */
static void begin_order(void) {
	memset(&plan, 0, sizeof plan);
	memset(&orders, 0, sizeof orders);
	orders.plan = &plan;
	say(SUBJECT_EXEC_TRADE, 200, 150);
	say(SUBJECT_EXEC_BUST, 200, 0);
	say(SUBJECT_EXEC_REPLACED, 100, 0);
	say(SUBJECT_EXEC_TRADE, 100, 50);
	orders.acknowledged[0] = true;
}

/* Before the bust it would leave 150, and nobody could tell a split of 100 for two. */
static void a_replacement_keeps_its_place_where_its_order_is_split(void **context) {
	(void)context;
	begin_order();
	say(SUBJECT_EXEC_RESTATED, 200, 100);
	assert_false(sim_delivery_may_send(&orders, 2));
	orders.acknowledged[1] = true;
	assert_true(sim_delivery_may_send(&orders, 2));
	assert_false(sim_delivery_may_send(&orders, 3));
	orders.acknowledged[2] = true;
	assert_true(sim_delivery_may_send(&orders, 3));
}

static void else_it_may_overtake(void **context) {
	(void)context;
	begin_order();
	say(SUBJECT_EXEC_RESTATED, 200, 50); /* the same filled: no split */
	assert_true(sim_delivery_may_send(&orders, 2));
	begin_order();
	say(SUBJECT_EXEC_RESTATED, 200, 100);
	plan.reports[4].order = 1; /* of another order */
	assert_true(sim_delivery_may_send(&orders, 2));
}

/* ---- cheats ---------------------------------------------------------------------------------- */

/* The sink that a cheat shows something else to than the engine does. */
static const struct subject_sink *honest;

static void tell_no_halt(void *context, const struct subject_head *head) {
	struct subject_head told = *head;
	told.halt = SUBJECT_HALT_NONE;
	honest->head(context, &told);
}

static void tell_no_limits(void *context, const struct subject_head *head) {
	struct subject_head told = *head;
	memset(&told.limits, 0, sizeof told.limits);
	honest->head(context, &told);
}

static void tell_no_overfill(void *context, const struct subject_order *order) {
	struct subject_order told = *order;
	told.is_overfilled = false;
	honest->order(context, &told);
}

static void tell_no_external(void *context, const struct subject_order *order) {
	struct subject_order told = *order;
	told.is_external = false;
	honest->order(context, &told);
}

static void tell_no_commission(void *context, const struct subject_commission *commission) {
	struct subject_commission told = *commission;
	told.total_units = 0;
	honest->commission(context, &told);
}

static void tell_no_execution_without_id(void *context, const struct subject_execution *execution) {
	if (execution->exec_id[0] == 'E') {
		honest->execution(context, execution);
	}
}

static struct subject_sink cheating;

static void observe_cheating(void *instance, const struct subject_sink *sink) {
	struct subject_sink told = *sink;
	honest = sink;
	told.head = cheating.head != NULL ? cheating.head : told.head;
	told.order = cheating.order != NULL ? cheating.order : told.order;
	told.commission = cheating.commission != NULL ? cheating.commission : told.commission;
	told.execution = cheating.execution != NULL ? cheating.execution : told.execution;
	sim_subject_engine()->observe(instance, &told);
}

static void what_is_kept_silent_goes_red(void **context) {
	static const struct {
		const char *name;
		struct subject_sink sink;
		const char *detail;
	} rows[] = {
	        {"limits-and-halt", {.head = tell_no_halt}, "halt is none"},
	        {"limits-and-halt", {.head = tell_no_limits}, "limits are 0 lots"},
	        {"external-and-overfilled", {.order = tell_no_overfill}, "overfilled 0"},
	        {"external-and-overfilled", {.order = tell_no_external}, "external 0"},
	        {"external-and-overfilled", {.execution = tell_no_execution_without_id}, "the execution of version"},
	        {"life-cycle", {.commission = tell_no_commission}, "commissions in"},
	};
	struct aftershock_subject subject = *sim_subject_engine();
	(void)context;
	subject.observe = observe_cheating;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		cheating = rows[i].sink;
		must_go_red(rows[i].name, &subject, "memory_equals_committed", rows[i].detail);
	}
}

/* A batch that failed is acknowledged, wholly or but for its first update. */
static void step_acknowledges_failed_batches(void *instance, const struct subject_step *step,
                                             struct subject_reply *reply) {
	sim_subject_engine()->step(instance, step, reply);
	for (uint32_t i = 1; step->kind == SUBJECT_STEP_BATCH && i < step->update_count; i++) {
		bool failed = step->replies[i].outcome == SUBJECT_LATER && step->replies[i].sqlite_code != 0;
		step->replies[i].outcome = failed ? SUBJECT_ACKNOWLEDGED : step->replies[i].outcome;
	}
}

static void a_batch_that_is_acknowledged_though_it_failed_goes_red(void **context) {
	struct aftershock_subject subject = *sim_subject_engine();
	(void)context;
	subject.step = step_acknowledges_failed_batches;
	must_go_red("batches", &subject, "memory_equals_committed", "version is");
}

/* A command is acknowledged and not done. */
static void step_ignores_commands(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	static const struct subject_step nothing = {.kind = SUBJECT_STEP_CHECKPOINT};
	bool is_command = step->kind == SUBJECT_STEP_COMMAND;
	sim_subject_engine()->step(instance, is_command ? &nothing : step, reply);
	if (is_command) {
		reply->outcome = SUBJECT_ACKNOWLEDGED;
		reply->version++;
	}
}

static void a_command_that_is_not_done_goes_red(void **context) {
	struct aftershock_subject subject = *sim_subject_engine();
	(void)context;
	subject.step = step_ignores_commands;
	must_go_red("limits-and-halt", &subject, "memory_equals_committed", "version is");
}

/* Updates without id are told apart by nothing: each is said to be new. */
static void step_says_applied_for_unchanged(void *instance, const struct subject_step *step,
                                            struct subject_reply *reply) {
	sim_subject_engine()->step(instance, step, reply);
	bool nameless = step->kind == SUBJECT_STEP_ORDER_UPDATE && step->update->exec_id[0] == '\0';
	reply->outcome = nameless && reply->outcome == SUBJECT_UNCHANGED ? SUBJECT_ACKNOWLEDGED : reply->outcome;
}

static void a_report_without_id_that_counts_twice_goes_red(void **context) {
	struct aftershock_subject subject = *sim_subject_engine();
	(void)context;
	subject.step = step_says_applied_for_unchanged;
	must_go_red("external-and-overfilled", &subject, "exactly_once", "was applied again");
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_engine_holds_whatever_happens_to_orders),
	        cmocka_unit_test(what_a_scenario_does_not_ask_for_does_not_happen),
	        cmocka_unit_test(a_replacement_keeps_its_place_where_its_order_is_split),
	        cmocka_unit_test(else_it_may_overtake),
	        cmocka_unit_test(what_is_kept_silent_goes_red),
	        cmocka_unit_test(a_batch_that_is_acknowledged_though_it_failed_goes_red),
	        cmocka_unit_test(a_command_that_is_not_done_goes_red),
	        cmocka_unit_test(a_report_without_id_that_counts_twice_goes_red),
	};
	return cmocka_run_group_tests_name("delivery", tests, set_up, NULL);
}
