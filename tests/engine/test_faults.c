/* Every storage call and every allocation fails once, in every way: no outcome may lie (E1, E2, E5,
 * E6, E9).
 *
 * What an outcome means is checked by killing the process (shared memory goes, files stay) and
 * opening again: applied must be there, later must not be there, in doubt may be either; then the
 * stream is delivered again and must end in the one state that it ends in without faults.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "check.h"
#include "memory_vfs.h"
#include "orders.h"
#include "protocol.h"

struct mode {
	const char *protocol;
	const char *journal_mode;
};

/* The last one of each protocol is WAL. */
static const struct mode modes[] = {
        {"persist_first", "delete"}, {"persist_first", "truncate"}, {"persist_first", "persist"},
        {"persist_first", "wal"},    {"rollback", "delete"},        {"rollback", "wal"},
        {"journal", "delete"},       {"journal", "truncate"},       {"journal", "wal"},
};
#define MODE_COUNT (sizeof modes / sizeof modes[0])

/* How many updates are in before the fault, and in the whole stream. */
#define UPDATES_BEFORE 9u
#define UPDATES_ALL 20u

/* ---- failing memory -------------------------------------------------------------------------- */

static sqlite3_mem_methods memory_methods;
static unsigned memory_calls_left; /* 0: no failure planned */
static bool memory_struck;

static bool memory_fails(void) {
	if (memory_calls_left == 0 || --memory_calls_left > 0) {
		return false;
	}
	memory_struck = true;
	return true;
}

static void *memory_malloc(int size) {
	return memory_fails() ? NULL : memory_methods.xMalloc(size);
}

static void *memory_realloc(void *old, int size) {
	return memory_fails() ? NULL : memory_methods.xRealloc(old, size);
}

static int set_up_memory(void **context) {
	sqlite3_mem_methods failing;
	(void)context;

	if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory_methods) != SQLITE_OK) {
		return -1;
	}
	failing = memory_methods;
	failing.xMalloc = memory_malloc;
	failing.xRealloc = memory_realloc;
	return sqlite3_config(SQLITE_CONFIG_MALLOC, &failing) == SQLITE_OK ? 0 : -1;
}

/* ---- one fault and what it must not do ------------------------------------------------------- */

struct fault {
	struct mode mode;
	enum memory_vfs_failure failure; /* NONE: an allocation fails */
	bool full;
	unsigned nth;
	bool fresh; /* in a handle that has nothing prepared and an empty cache */
};

/* What was seen over a loop, so that a loop that proves nothing fails. */
struct tally {
	unsigned applied;
	unsigned later;
	unsigned in_doubt;
	unsigned in_doubt_committed;
	unsigned stopped;
};

static void arm(const struct fault *fault) {
	if (fault->failure == MEMORY_VFS_NONE) {
		memory_calls_left = fault->nth;
		memory_struck = false;
	} else {
		memory_vfs_arm(fault->failure, fault->nth, fault->full);
	}
}

static bool disarm(const struct fault *fault) {
	memory_calls_left = 0;
	memory_vfs_disarm();
	return fault->failure == MEMORY_VFS_NONE ? memory_struck : memory_vfs_struck();
}

static struct engine_options options_of(const struct fault *fault) {
	struct engine_options options = orders_options(fault->mode.journal_mode);

	options.protocol = fault->mode.protocol;
	options.checkpoint_frames = 12;
	options.cache_pages = fault->nth % 2 == 0 ? 10 : 0; /* small enough to spill */
	return options;
}

static struct engine *open_or_fail(const struct fault *fault, const char *when) {
	struct engine_options options = options_of(fault);
	struct engine *engine;
	struct engine_error error;

	if (engine_open(&options, &engine, &error) != ENGINE_OPENED) {
		fail_msg("%s, %s, mode %s, failure %d%s, call %u: status %d, %s", when, fault->mode.protocol,
		         fault->mode.journal_mode, (int)fault->failure, fault->full ? " full" : "", fault->nth,
		         (int)error.status, error.reason);
	}
	engine_check_assert(&engine->state);
	return engine;
}

/* Delivers the stream until everything is settled; the state must be the one without faults. */
static void deliver_all(struct engine *engine, unsigned applied, uint64_t expected) {
	for (unsigned i = 0; i < UPDATES_ALL; i++) {
		struct engine_update update = orders_stream(i);
		assert_int_equal(orders_submit(engine, &update), i < applied ? ENGINE_DUPLICATE : ENGINE_APPLIED);
	}
	engine_check_assert(&engine->state);
	assert_true(orders_fingerprint(engine) == expected);
}

static void judge_receipt(struct engine *engine, const struct engine_receipt *receipt, uint64_t before,
                          struct tally *tally) {
	uint64_t version = engine_read_head(engine).version;

	engine_check_assert(&engine->state);
	assert_true(receipt->must_reopen == engine_is_stopped(engine));
	assert_true(receipt->outcome == ENGINE_APPLIED || orders_fingerprint(engine) == before);
	assert_int_equal(version, receipt->outcome == ENGINE_APPLIED ? UPDATES_BEFORE + 1 : UPDATES_BEFORE);
	assert_true(receipt->outcome == ENGINE_APPLIED || receipt->sqlite_code != 0);
	/* Whatever fails, the engine asks SQLite for nothing that cannot be. */
	assert_int_not_equal(receipt->sqlite_code, SQLITE_MISUSE);
	tally->applied += receipt->outcome == ENGINE_APPLIED;
	tally->later += receipt->outcome == ENGINE_LATER;
	tally->in_doubt += receipt->outcome == ENGINE_IN_DOUBT;
	tally->stopped += engine_is_stopped(engine);
	assert_true(receipt->outcome != ENGINE_IN_DOUBT || engine_is_stopped(engine));
}

/* Kills the process where it stands and opens again. */
static void judge_after_kill(const struct fault *fault, struct engine *engine, enum engine_outcome outcome,
                             uint64_t expected, struct tally *tally) {
	memory_vfs_arm(MEMORY_VFS_KILL, 1, false);
	engine_close(engine);
	memory_vfs_revive();
	engine = open_or_fail(fault, "after a kill");
	uint64_t version = engine_read_head(engine).version;
	if (outcome == ENGINE_IN_DOUBT) {
		assert_true(version == UPDATES_BEFORE || version == UPDATES_BEFORE + 1);
		tally->in_doubt_committed += version == UPDATES_BEFORE + 1;
	} else {
		assert_int_equal(version, outcome == ENGINE_APPLIED ? UPDATES_BEFORE + 1 : UPDATES_BEFORE);
	}
	deliver_all(engine, (unsigned)version, expected);
	engine_close(engine);
}

/* The fault strikes in one update. False when there are fewer calls than that. */
static bool strike_update(const struct fault *fault, uint64_t expected, struct tally *tally) {
	struct engine_receipt receipt;

	memory_vfs_reset();
	struct engine *engine = open_or_fail(fault, "before");
	for (unsigned i = 0; i < UPDATES_BEFORE; i++) {
		struct engine_update update = orders_stream(i);
		assert_int_equal(orders_submit(engine, &update), ENGINE_APPLIED);
	}
	if (fault->fresh) {
		engine_close(engine);
		engine = open_or_fail(fault, "again");
	}
	uint64_t before = orders_fingerprint(engine);
	struct engine_update update = orders_stream(UPDATES_BEFORE);
	arm(fault);
	engine_submit(engine, &update, &receipt);
	bool struck = disarm(fault);
	judge_receipt(engine, &receipt, before, tally);
	if (fault->failure == MEMORY_VFS_KILL && struck && receipt.outcome != ENGINE_APPLIED) {
		receipt.outcome = ENGINE_IN_DOUBT; /* nobody heard what the dead said */
	}
	if (!engine_is_stopped(engine) && fault->failure != MEMORY_VFS_KILL && fault->nth % 3 == 0) {
		/* Lives on: the same update again, on the same handle. */
		enum engine_outcome again = orders_submit(engine, &update);
		assert_int_equal(again, receipt.outcome == ENGINE_APPLIED ? ENGINE_DUPLICATE : ENGINE_APPLIED);
		receipt.outcome = ENGINE_APPLIED;
	}
	judge_after_kill(fault, engine, receipt.outcome, expected, tally);
	return struck;
}

#define BATCH_UPDATES 5u

/* The fault strikes in a batch, of which all is in or nothing, whatever fails (R13). */
static bool strike_batch(const struct fault *fault, uint64_t expected, struct tally *tally) {
	struct engine_update updates[BATCH_UPDATES];
	struct engine_receipt receipts[BATCH_UPDATES];

	memory_vfs_reset();
	struct engine *engine = open_or_fail(fault, "before");
	for (unsigned i = 0; i < UPDATES_BEFORE + BATCH_UPDATES; i++) {
		struct engine_update update = orders_stream(i);
		updates[i < UPDATES_BEFORE ? 0 : i - UPDATES_BEFORE] = update;
		assert_true(i >= UPDATES_BEFORE || orders_submit(engine, &update) == ENGINE_APPLIED);
	}
	uint64_t before = orders_fingerprint(engine);
	arm(fault);
	engine_submit_batch(engine, updates, BATCH_UPDATES, receipts);
	bool struck = disarm(fault);
	bool applied = receipts[0].outcome == ENGINE_APPLIED;
	uint64_t version = UPDATES_BEFORE + (applied ? BATCH_UPDATES : 0);
	engine_check_assert(&engine->state);
	assert_true(applied || orders_fingerprint(engine) == before);
	for (unsigned i = 0; i < BATCH_UPDATES; i++) {
		assert_int_equal(receipts[i].outcome, receipts[0].outcome);
		assert_int_equal(receipts[i].version, version);
		assert_true(receipts[i].must_reopen == engine_is_stopped(engine));
	}
	tally->applied += applied;
	tally->later += receipts[0].outcome == ENGINE_LATER;
	memory_vfs_arm(MEMORY_VFS_KILL, 1, false);
	engine_close(engine);
	memory_vfs_revive();
	engine = open_or_fail(fault, "after a batch");
	assert_true(receipts[0].outcome == ENGINE_IN_DOUBT || engine_read_head(engine).version == version);
	deliver_all(engine, (unsigned)engine_read_head(engine).version, expected);
	engine_close(engine);
	return struck;
}

/* The fault strikes in a checkpoint. Whatever it answers, nothing that was acknowledged before it
 * may go. */
static bool strike_checkpoint(const struct fault *fault, uint64_t expected, struct tally *tally) {
	int code;

	memory_vfs_reset();
	struct engine *engine = open_or_fail(fault, "before");
	for (unsigned i = 0; i < UPDATES_BEFORE; i++) {
		struct engine_update update = orders_stream(i);
		assert_int_equal(orders_submit(engine, &update), ENGINE_APPLIED);
	}
	uint64_t before = orders_fingerprint(engine);
	arm(fault);
	enum engine_checkpoint_status status = engine_checkpoint(engine, &code);
	bool struck = disarm(fault);
	assert_true(orders_fingerprint(engine) == before);
	assert_true((status == ENGINE_CHECKPOINT_STOPPED) == engine_is_stopped(engine));
	assert_true(struck || status == ENGINE_CHECKPOINTED);
	tally->applied += status == ENGINE_CHECKPOINTED;
	tally->later += status == ENGINE_CHECKPOINT_LATER;
	tally->stopped += status == ENGINE_CHECKPOINT_STOPPED;
	if (status != ENGINE_CHECKPOINT_STOPPED && fault->failure != MEMORY_VFS_KILL && fault->nth % 2 == 0) {
		/* lives on, and checkpoints once more */
		deliver_all(engine, UPDATES_BEFORE, expected);
	}
	uint64_t version = engine_read_head(engine).version;
	memory_vfs_arm(MEMORY_VFS_KILL, 1, false);
	engine_close(engine);
	memory_vfs_revive();
	engine = open_or_fail(fault, "after a checkpoint");
	assert_int_equal(engine_read_head(engine).version, version);
	deliver_all(engine, (unsigned)version, expected);
	engine_close(engine);
	return struck;
}

/* The fault strikes while opening. Whatever happens, it is never called damage, and nothing is lost
 * by it. */
static bool strike_open(const struct fault *fault, uint64_t expected, unsigned updates, bool clean,
                        struct tally *tally) {
	struct engine_options options = options_of(fault);
	struct engine *engine;
	struct engine_error error;

	memory_vfs_reset();
	if (updates > 0) {
		engine = open_or_fail(fault, "before");
		for (unsigned i = 0; i < updates; i++) {
			struct engine_update update = orders_stream(i);
			assert_int_equal(orders_submit(engine, &update), ENGINE_APPLIED);
		}
		memory_vfs_arm(clean ? MEMORY_VFS_NONE : MEMORY_VFS_KILL, 1, false);
		engine_close(engine);
		memory_vfs_revive();
	}
	arm(fault);
	enum engine_open_status status = engine_open(&options, &engine, &error);
	bool struck = disarm(fault);
	if (status != ENGINE_OPENED && status != ENGINE_OPEN_LATER) {
		fail_msg("%s, mode %s, failure %d%s, call %u: status %d, %s", fault->mode.protocol,
		         fault->mode.journal_mode, (int)fault->failure, fault->full ? " full" : "", fault->nth,
		         (int)status, error.reason);
	}
	assert_true(struck || status == ENGINE_OPENED);
	tally->applied += status == ENGINE_OPENED;
	tally->later += status == ENGINE_OPEN_LATER;
	if (status == ENGINE_OPENED) {
		memory_vfs_arm(MEMORY_VFS_KILL, 1, false);
		engine_close(engine);
	}
	memory_vfs_revive();
	engine = open_or_fail(fault, "after a failed open");
	assert_int_equal(engine_read_head(engine).version, updates);
	deliver_all(engine, updates, expected);
	engine_close(engine);
	return struck;
}

static uint64_t expected_fingerprint(void) {
	memory_vfs_reset();
	struct engine *engine = orders_open("delete");

	for (unsigned i = 0; i < UPDATES_ALL; i++) {
		struct engine_update update = orders_stream(i);
		assert_int_equal(orders_submit(engine, &update), ENGINE_APPLIED);
	}
	uint64_t fingerprint = orders_fingerprint(engine);
	engine_close(engine);
	return fingerprint;
}

/* ---- the loops ------------------------------------------------------------------------------- */

/* `kind`: 0 to 5, see the table below. The rounds differ in cache by `nth`, so the end of the loop
 * is where four in a row did not strike. */
static struct fault fault_of(unsigned kind, size_t mode, unsigned nth) {
	static const struct {
		enum memory_vfs_failure failure;
		bool full;
	} kinds[] = {{MEMORY_VFS_BEFORE, false}, {MEMORY_VFS_BEFORE, true}, {MEMORY_VFS_AFTER, false},
	             {MEMORY_VFS_PARTIAL, true}, {MEMORY_VFS_KILL, false},  {MEMORY_VFS_NONE, false}};

	return (struct fault){modes[mode], kinds[kind].failure, kinds[kind].full, nth, false};
}

/* `stride`: only every so many calls are struck, in each mode others. */
static void loop_updates_by(unsigned stride, unsigned kind, struct tally tallies[MODE_COUNT]) {
	uint64_t expected = expected_fingerprint();

	for (size_t mode = 0; mode < MODE_COUNT; mode++) {
		unsigned missed = 0;
		for (unsigned nth = 1 + (unsigned)mode % stride; missed < 4; nth += stride) {
			struct fault fault = fault_of(kind, mode, nth);
			bool struck = strike_update(&fault, expected, &tallies[mode]);
			fault.fresh = true;
			struck |= strike_update(&fault, expected, &tallies[mode]);
			missed = struck ? 0 : missed + 1;
		}
		assert_true(tallies[mode].later > 0);
	}
}

static void loop_updates(unsigned kind, struct tally tallies[MODE_COUNT]) {
	loop_updates_by(1, kind, tallies);
}

static void loop_checkpoints(unsigned kind) {
	uint64_t expected = expected_fingerprint();

	for (size_t mode = 0; mode < MODE_COUNT; mode++) {
		struct tally tally = {0};
		unsigned missed = 0;
		for (unsigned nth = 1; missed < 4; nth++) {
			struct fault fault = fault_of(kind, mode, nth);
			missed = strike_checkpoint(&fault, expected, &tally) ? 0 : missed + 1;
		}
		bool has_journal = strcmp(modes[mode].protocol, "journal") == 0;
		/* Copying a WAL needs hardly any memory. */
		bool has_work = has_journal || (kind != 5 && strcmp(modes[mode].journal_mode, "wal") == 0);
		assert_true(tally.applied >= 4 && (!has_work || tally.later + tally.stopped > 3));
	}
}

/* `variant` 0: an empty database; 1: closed cleanly before; 2: killed before. */
static void loop_opens_of(unsigned kind, size_t mode, unsigned variant, unsigned stride, uint64_t expected) {
	struct tally tally = {0};
	unsigned missed = 0;

	for (unsigned nth = 1 + (unsigned)mode % stride; missed < 4; nth += stride) {
		struct fault fault = fault_of(kind, mode, nth);
		bool struck = strike_open(&fault, expected, variant == 0 ? 0 : UPDATES_BEFORE, variant == 1, &tally);
		missed = struck ? 0 : missed + 1;
	}
	assert_true(tally.later > 3 && tally.applied >= 4);
}

/* `stride`: every call is struck in some of the twelve variants; with 1, in each. */
static void loop_opens(unsigned kind, unsigned stride) {
	uint64_t expected = expected_fingerprint();

	for (size_t mode = 0; mode < MODE_COUNT; mode++) {
		for (unsigned variant = 0; variant < 3; variant++) {
			loop_opens_of(kind, mode, variant, stride, expected);
		}
	}
}

static void update_survives_an_error_of_any_call(void **context) {
	struct tally tallies[MODE_COUNT] = {0};
	(void)context;

	loop_updates(0, tallies);
	for (size_t mode = 0; mode < MODE_COUNT; mode++) {
		assert_true(tallies[mode].in_doubt > 0 && tallies[mode].stopped >= tallies[mode].in_doubt);
	}
	for (size_t mode = 0; mode < MODE_COUNT; mode++) {
		/* The WAL or the journal that was written and not synced. */
		bool has_log =
		        strcmp(modes[mode].journal_mode, "wal") == 0 || strcmp(modes[mode].protocol, "journal") == 0;
		assert_true(!has_log || tallies[mode].in_doubt_committed > 0);
	}
}

static void update_survives_a_full_disk_and_busy_locks_at_any_call(void **context) {
	struct tally tallies[MODE_COUNT] = {0};
	(void)context;

	loop_updates(1, tallies);
}

static void update_survives_an_error_after_the_effect_of_any_call(void **context) {
	struct tally tallies[MODE_COUNT] = {0};
	(void)context;

	loop_updates(2, tallies);
	for (size_t mode = 0; mode < MODE_COUNT; mode++) {
		assert_true(tallies[mode].in_doubt_committed >
		            0); /* deleted, truncated, zeroed, written: and yet an error */
	}
}

static void update_survives_half_a_write_at_any_call(void **context) {
	struct tally tallies[MODE_COUNT] = {0};
	(void)context;

	loop_updates(3, tallies);
}

static void update_survives_a_kill_at_any_call(void **context) {
	struct tally tallies[MODE_COUNT] = {0};
	(void)context;

	loop_updates(4, tallies);
}

static void update_survives_the_want_of_memory_at_any_allocation(void **context) {
	struct tally tallies[MODE_COUNT] = {0};
	(void)context;

	loop_updates(5, tallies);
}

/* The update is the first one with a scope. Before it the book moves to format 3. */
static void move_to_format_3_survives(unsigned stride, unsigned kind) {
	struct tally tallies[MODE_COUNT] = {0};

	orders_say_scopes_from(UPDATES_BEFORE);
	loop_updates_by(stride, kind, tallies);
	orders_say_scopes_from(UINT_MAX);
}

static void move_to_format_3_survives_an_error_of_every_third_call(void **context) {
	(void)context;
	move_to_format_3_survives(3, 0);
}

static void move_to_format_3_survives_an_error_after_the_effect_of_every_third_call(void **context) {
	(void)context;
	move_to_format_3_survives(3, 2);
}

static void move_to_format_3_survives_a_kill_at_any_call(void **context) {
	(void)context;
	move_to_format_3_survives(1, 4);
}

static void move_to_format_3_survives_the_want_of_memory_at_every_31st_allocation(void **context) {
	(void)context;
	move_to_format_3_survives(31, 5);
}

static void batch_survives_the_want_of_memory_at_any_allocation(void **context) {
	uint64_t expected = expected_fingerprint();
	(void)context;

	for (size_t mode = 0; mode < MODE_COUNT; mode++) {
		struct tally tally = {0};
		unsigned missed = 0;
		for (unsigned nth = 1; missed < 4; nth++) {
			struct fault fault = fault_of(5, mode, nth);
			missed = strike_batch(&fault, expected, &tally) ? 0 : missed + 1;
		}
		assert_true(tally.later > 0 && tally.applied >= 4);
	}
}

static void checkpoint_survives_an_error_of_any_call(void **context) {
	(void)context;
	loop_checkpoints(0);
}

static void checkpoint_survives_a_full_disk_and_busy_locks_at_any_call(void **context) {
	(void)context;
	loop_checkpoints(1);
}

static void checkpoint_survives_an_error_after_the_effect_of_any_call(void **context) {
	(void)context;
	loop_checkpoints(2);
}

static void checkpoint_survives_half_a_write_at_any_call(void **context) {
	(void)context;
	loop_checkpoints(3);
}

static void checkpoint_survives_a_kill_at_any_call(void **context) {
	(void)context;
	loop_checkpoints(4);
}

static void checkpoint_survives_the_want_of_memory_at_any_allocation(void **context) {
	(void)context;
	loop_checkpoints(5);
}

static void open_survives_an_error_of_any_call(void **context) {
	(void)context;
	loop_opens(0, 1);
}

static void open_survives_a_full_disk_and_busy_locks_at_any_call(void **context) {
	(void)context;
	loop_opens(1, 1);
}

static void open_survives_an_error_after_the_effect_of_any_call(void **context) {
	(void)context;
	loop_opens(2, 1);
}

static void open_survives_half_a_write_at_any_call(void **context) {
	(void)context;
	loop_opens(3, 1);
}

static void open_survives_a_kill_at_any_call(void **context) {
	(void)context;
	loop_opens(4, 1);
}

static void open_survives_the_want_of_memory_at_any_allocation(void **context) {
	(void)context;
	loop_opens(5, 3);
}

#define OPEN_ORDERS 30u

static struct engine_update open_order(unsigned number) {
	char name[8];
	snprintf(name, sizeof name, "o%u", number);
	struct engine_update update = orders_report(name, name, ENGINE_EXEC_NEW);
	engine_state_set_text(update.symbol, sizeof update.symbol, name);
	return update;
}

/* An allocation fails while what is open is counted anew for the limits. */
static bool strike_exposures(unsigned nth, unsigned *later) {
	struct engine_command limits = {.command_id = "c1", .kind = ENGINE_EXEC_SET_LIMITS, .limits.open_orders = 40};
	struct engine_update last = open_order(OPEN_ORDERS);
	struct engine_receipt receipt;

	memory_vfs_reset();
	struct engine *engine = orders_open("delete");
	engine_command(engine, &limits, &receipt);
	for (unsigned i = 0; i < OPEN_ORDERS; i++) {
		struct engine_update update = open_order(i);
		assert_int_equal(orders_submit(engine, &update), ENGINE_APPLIED);
	}
	engine_close(engine);
	engine = orders_open("delete");
	memory_calls_left = nth;
	memory_struck = false;
	enum engine_outcome outcome = orders_submit(engine, &last);
	memory_calls_left = 0;
	*later += outcome == ENGINE_LATER;
	if (outcome == ENGINE_LATER && !engine_is_stopped(engine)) {
		assert_int_equal(orders_submit(engine, &last), ENGINE_APPLIED);
		assert_int_equal(engine_read_head(engine).halt, ENGINE_HALT_NONE);
	}
	engine_close(engine);
	return memory_struck;
}

/* R11: a count that was broken off is not begun on top of itself. */
static void open_orders_are_counted_once_though_memory_fails(void **context) {
	unsigned later = 0;
	unsigned nth = 1;
	(void)context;
	while (strike_exposures(nth, &later)) {
		nth++;
	}
	assert_true(later > 5);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(update_survives_an_error_of_any_call),
	        cmocka_unit_test(update_survives_a_full_disk_and_busy_locks_at_any_call),
	        cmocka_unit_test(update_survives_an_error_after_the_effect_of_any_call),
	        cmocka_unit_test(update_survives_half_a_write_at_any_call),
	        cmocka_unit_test(update_survives_a_kill_at_any_call),
	        cmocka_unit_test(update_survives_the_want_of_memory_at_any_allocation),
	        cmocka_unit_test(open_orders_are_counted_once_though_memory_fails),
	        cmocka_unit_test(move_to_format_3_survives_an_error_of_every_third_call),
	        cmocka_unit_test(move_to_format_3_survives_an_error_after_the_effect_of_every_third_call),
	        cmocka_unit_test(move_to_format_3_survives_a_kill_at_any_call),
	        cmocka_unit_test(move_to_format_3_survives_the_want_of_memory_at_every_31st_allocation),
	        cmocka_unit_test(batch_survives_the_want_of_memory_at_any_allocation),
	        cmocka_unit_test(checkpoint_survives_an_error_of_any_call),
	        cmocka_unit_test(checkpoint_survives_a_full_disk_and_busy_locks_at_any_call),
	        cmocka_unit_test(checkpoint_survives_an_error_after_the_effect_of_any_call),
	        cmocka_unit_test(checkpoint_survives_half_a_write_at_any_call),
	        cmocka_unit_test(checkpoint_survives_a_kill_at_any_call),
	        cmocka_unit_test(checkpoint_survives_the_want_of_memory_at_any_allocation),
	        cmocka_unit_test(open_survives_an_error_of_any_call),
	        cmocka_unit_test(open_survives_a_full_disk_and_busy_locks_at_any_call),
	        cmocka_unit_test(open_survives_an_error_after_the_effect_of_any_call),
	        cmocka_unit_test(open_survives_half_a_write_at_any_call),
	        cmocka_unit_test(open_survives_a_kill_at_any_call),
	        cmocka_unit_test(open_survives_the_want_of_memory_at_any_allocation),
	};

	return cmocka_run_group_tests(tests, set_up_memory, NULL);
}
