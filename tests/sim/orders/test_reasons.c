/* The judge against answers and loads that have no reason to be worse than they could be: what
 * fails must have met a failure (S42), and an older state is not older than the files prove
 * (S41). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "judge.h"
#include "proof.h"
#include "run.h"

#define REPORTS 6u

static struct sim_plan plan;
static struct sim_judge judge;
static struct sim_view view;
static struct sim_proof proof;

/* Three orders of two fills of one lot each: reports 2n and 2n + 1. */
static int begin(void **context) {
	(void)context;
	memset(&plan, 0, sizeof plan);
	plan.report_count = REPORTS;
	plan.order_count = REPORTS / 2;
	plan.symbol_count = 1;
	for (uint32_t i = 0; i < REPORTS; i++) {
		struct subject_order_update *update = &plan.reports[i].update;
		plan.reports[i].order = i / 2;
		snprintf(update->exec_id, sizeof update->exec_id, "E%u", i);
		update->exec_type = SUBJECT_EXEC_TRADE;
		update->side = SUBJECT_SIDE_BUY;
		update->order_quantity_lots = 2;
		update->last_quantity_lots = 1;
		update->cum_quantity_lots = 1 + i % 2;
		update->price_ticks = update->last_price_ticks = 10;
	}
	sim_judge_begin(&judge, &plan);
	proof.write_count = 0;
	return 0;
}

/* The view of an honest subject that applied the first `count` reports, in their order. */
static void show(uint32_t count) {
	memset(&view, 0, sizeof view);
	for (uint32_t i = 0; i < count; i++) {
		struct subject_order *order = &view.orders[i / 2];
		view.ledger[view.version++] = (struct sim_view_entry){true, i, 0, 0};
		view.execution_count++;
		view.seen[i] = view.order_seen[i / 2] = view.position_seen[0] = true;
		memcpy(order->symbol, "S0", 3);
		order->side = SUBJECT_SIDE_BUY;
		order->order_quantity_lots = 2;
		order->price_ticks = 10;
		order->cum_quantity_lots++;
		order->leaves_quantity_lots = 2 - order->cum_quantity_lots;
		order->filled_tick_lots += 10;
		order->is_external = true;
		order->status = order->cum_quantity_lots == 2 ? SUBJECT_ORDER_FILLED : SUBJECT_ORDER_PARTIALLY_FILLED;
		view.positions[0].quantity_lots++;
		view.positions[0].cost_tick_lots += 10;
	}
}

static bool answer(uint32_t report, struct subject_reply reply, enum sim_disturbance disturbance) {
	judge.disturbance = disturbance;
	return sim_judge_answered(&judge, &report, &reply, 1);
}

static void acknowledge(uint32_t count) {
	for (uint32_t i = 0; i < count; i++) {
		assert_true(answer(i, (struct subject_reply){.outcome = SUBJECT_ACKNOWLEDGED, .version = i + 1},
		                   SIM_UNDISTURBED));
	}
}

static void expect_violated(bool held, const char *invariant) {
	assert_false(held);
	assert_string_equal(judge.violation.invariant, invariant);
}

static void expect_held(bool held, bool wanted, const char *else_violated) {
	if (wanted) {
		assert_true(held);
	} else {
		expect_violated(held, else_violated);
	}
}

/* ---- reasons (S42) --------------------------------------------------------------------------- */

/* What each answer needs. */
static void an_answer_that_fails_needs_a_failure(void **context) {
	static const struct {
		struct subject_reply reply;
		enum sim_disturbance needed;
	} rows[] = {
	        {{.outcome = SUBJECT_ACKNOWLEDGED, .version = 1}, SIM_UNDISTURBED},
	        {{.outcome = SUBJECT_LATER}, SIM_DISTURBED_BY_LOCK},
	        {{.outcome = SUBJECT_IN_DOUBT, .must_restart = true}, SIM_DISTURBED},
	        {{.outcome = SUBJECT_STOPPED, .must_restart = true}, SIM_DISTURBED},
	        {{.outcome = SUBJECT_LATER, .must_restart = true}, SIM_DISTURBED},
	        {{.outcome = SUBJECT_ACKNOWLEDGED, .version = 1, .must_restart = true}, SIM_DISTURBED},
	        {{.outcome = SUBJECT_LATER, .must_restart = true, .sqlite_code = SQLITE_PROTOCOL},
	         SIM_DISTURBED_BY_LOCK},
	};
	const size_t row_count = sizeof rows / sizeof rows[0];
	const size_t levels = SIM_DISTURBED + 1;
	for (size_t i = 0; i < row_count * levels; i++) {
		enum sim_disturbance had = (enum sim_disturbance)(i % levels);
		begin(context);
		bool held = answer(0, rows[i / levels].reply, had);
		expect_held(held, had >= rows[i / levels].needed, "no_needless_failure");
	}
}

static void a_gap_is_reason_enough(void **context) {
	(void)context;
	assert_true(answer(1, (struct subject_reply){.outcome = SUBJECT_LATER}, SIM_UNDISTURBED));
}

/* A batch with the later fill first: by its end nothing is missing any more. */
static void a_gap_that_the_same_batch_closes_is_one(void **context) {
	const uint32_t reports[] = {1, 0};
	const struct subject_reply replies[] = {{.outcome = SUBJECT_LATER, .version = 1},
	                                        {.outcome = SUBJECT_ACKNOWLEDGED, .version = 1}};
	(void)context;
	assert_true(sim_judge_answered(&judge, reports, replies, 2));
}

/* ---- what is held ---------------------------------------------------------------------------- */

/* The second fill came first and is held; then the first comes, and memory shows this. */
static bool close_the_gap(uint32_t shown, enum sim_disturbance disturbance) {
	assert_true(answer(1, (struct subject_reply){.outcome = SUBJECT_LATER, .held = true}, SIM_UNDISTURBED));
	show(shown);
	sim_judge_show(&judge, &view);
	return answer(0, (struct subject_reply){.outcome = SUBJECT_ACKNOWLEDGED, .version = shown}, disturbance);
}

static void what_is_held_is_applied_by_what_lets_it_in(void **context) {
	(void)context;
	assert_true(close_the_gap(2, SIM_UNDISTURBED));
	assert_true(sim_judge_memory(&judge, &view));
}

static void what_is_held_and_thrown_away_is_violated(void **context) {
	(void)context;
	expect_violated(close_the_gap(1, SIM_UNDISTURBED), "held_is_applied");
}

static void what_is_held_may_wait_when_something_failed(void **context) {
	(void)context;
	assert_true(close_the_gap(1, SIM_DISTURBED));
}

/* ---- proof (S41) ----------------------------------------------------------------------------- */

static void a_load_is_not_older_than_the_files_prove(void **context) {
	for (uint32_t i = 0; i < 3 * 5; i++) {
		enum sim_contract contract = (enum sim_contract)(SIM_CONTRACT_PREFIX + i / 5);
		const char *invariant =
		        contract == SIM_CONTRACT_PREFIX ? "acknowledged_is_durable" : "corruption_detected";
		uint32_t shown = i % 5;
		begin(context);
		acknowledge(4);
		show(shown);
		judge.proved = 2;
		expect_held(sim_judge_loaded(&judge, &view, contract, contract != SIM_CONTRACT_PREFIX), shown >= 2,
		            invariant);
	}
}

static void what_was_read_wrong_proves_nothing(void **context) {
	const struct sim_proved proved = {.database = 5, .journal = 9};
	(void)context;
	assert_int_equal(sim_proof_lowest(&proved, 0), 9);
	assert_int_equal(sim_proof_lowest(&proved, 1u << VFS_FILE_SUPER_JOURNAL), 5);
	assert_int_equal(sim_proof_lowest(&proved, 1u << VFS_FILE_WAL), 9);
	assert_int_equal(sim_proof_lowest(&proved, 1u << VFS_FILE_JOURNAL), 9);
	assert_int_equal(sim_proof_lowest(&proved, UINT32_MAX), 0);
}

/* ---- a checkpoint ---------------------------------------------------------------------------- */

static void a_checkpoint_is_a_floor_for_who_has_not_read_the_database_wrong(void **context) {
	const struct sim_proved proved = {.checkpointed = 4};
	const struct sim_proved newer = {.checkpointed = 4, .database = 6};
	(void)context;
	assert_int_equal(sim_proof_lowest(&proved, 0), 4);
	assert_int_equal(sim_proof_lowest(&proved, 1u << VFS_FILE_WAL), 4);
	assert_int_equal(sim_proof_lowest(&proved, 1u << VFS_FILE_DB), 0);
	assert_int_equal(sim_proof_lowest(&newer, 0), 6);
	/* A hot journal that was misread is not played back. */
	assert_int_equal(sim_proof_lowest(&newer, 1u << VFS_FILE_JOURNAL), 4);
}

static void nothing_is_proved_by_a_database_that_is_missing_beside_its_wal(void **context) {
	const struct sim_proved proved = {.orphans = 1u << VFS_FILE_WAL};
	(void)context;
	assert_true(sim_proof_lowest(&proved, 0) == UINT64_MAX);
	acknowledge(2);
	show(2);
	judge.proved = UINT64_MAX;
	expect_held(sim_judge_loaded(&judge, &view, SIM_CONTRACT_DETECT, true), false, "corruption_detected");
}

/* ---- a journal of the subject's own ---------------------------------------------------------- */

#define JOURNAL SIM_WORLD_PATH "-updates"

static struct sim_world world;
static struct sim_run_result run_result;
static struct sim_process process = {.world = &world};
static uint64_t acknowledged; /* by the subject, last */

static int begin_disk(void **context) {
	static struct aftershock_subject subject;
	const struct vfs_disk_options options = {.sector_size_bytes = 512};
	struct vfs_inode *inode = NULL;
	bool created = false;
	begin(context);
	memset(&world, 0, sizeof world);
	memset(&proof, 0, offsetof(struct sim_proof, writes));
	acknowledged = 0;
	plan.settings.protocol = SIM_PROTOCOL_PERSIST_FIRST;
	plan.settings.journal_mode = SIM_JOURNAL_WAL;
	plan.settings.synchronous = SIM_SYNCHRONOUS_FULL;
	plan.settings.psow = SIM_CAPABILITY_KEPT;
	world.plan = &plan;
	world.result = &run_result;
	world.subject = &subject;
	world.disk = vfs_disk_create(&options);
	if (world.disk == NULL || vfs_disk_open(world.disk, JOURNAL, true, &created, &inode) != VFS_OK) {
		return -1;
	}
	vfs_disk_close(world.disk, inode);
	return 0;
}

static int end_disk(void **context) {
	(void)context;
	vfs_disk_destroy(world.disk);
	return 0;
}

static void call(enum vfs_method method, uint64_t offset, const char *bytes, int result) {
	const struct vfs_call made = {.method = method,
	                              .file_kind = VFS_FILE_SUPER_JOURNAL,
	                              .path = JOURNAL,
	                              .offset = offset,
	                              .size = bytes != NULL ? strlen(bytes) : offset,
	                              .data = bytes};
	sim_proof_called(&proof, &process, &made, result, acknowledged);
}

/* A write that happens, and is acknowledged as this version; 0: is not. */
static void append(uint64_t offset, const char *bytes, uint64_t version) {
	struct vfs_inode *inode = NULL;
	bool created = false;
	assert_int_equal(vfs_disk_open(world.disk, JOURNAL, false, &created, &inode), VFS_OK);
	assert_int_equal(vfs_disk_write(world.disk, inode, offset, bytes, strlen(bytes)), VFS_OK);
	vfs_disk_close(world.disk, inode);
	call(VFS_METHOD_WRITE, offset, bytes, SQLITE_OK);
	if (version != 0) {
		sim_proof_answered(&proof, version);
	}
}

/* The process begins the WAL anew, when this version was acknowledged. */
static void begin_wal(uint64_t version, int result) {
	const struct vfs_call made = {
	        .method = VFS_METHOD_WRITE, .file_kind = VFS_FILE_WAL, .path = SIM_WORLD_PATH "-wal", .size = 32};
	sim_proof_called(&proof, &process, &made, result, version);
}

static uint64_t checkpointed(void) {
	sim_proof_begin_life(&proof, &world);
	return proof.checkpointed;
}

static uint64_t vouched(void) {
	return sim_proof_look(&proof, &world).journal;
}

static void three_records(void) {
	append(0, "first.", 1);
	append(6, "second", 2);
	append(12, "third.", 3);
}

static void the_last_intact_record_vouches(void **context) {
	(void)context;
	assert_int_equal(vouched(), 0);
	three_records();
	assert_int_equal(vouched(), 3);
}

static void damage_at_the_end_excuses_the_end(void **context) {
	(void)context;
	three_records();
	assert_int_equal(vfs_disk_flip(world.disk, JOURNAL, 13, 1), VFS_OK);
	assert_int_equal(vouched(), 2);
	assert_int_equal(vfs_disk_cut(world.disk, JOURNAL, 8), VFS_OK);
	assert_int_equal(vouched(), 1);
}

static void damage_before_intact_records_excuses_nothing(void **context) {
	(void)context;
	three_records();
	assert_int_equal(vfs_disk_flip(world.disk, JOURNAL, 7, 1), VFS_OK);
	assert_int_equal(vfs_disk_zero(world.disk, JOURNAL, 0, 6), VFS_OK);
	assert_int_equal(vouched(), 3);
}

static void what_nobody_acknowledged_vouches_for_nothing(void **context) {
	(void)context;
	three_records();
	append(18, "fourth", 0);
	sim_proof_forget_open(&proof);
	assert_int_equal(vouched(), 3);
	append(18, "again.", 0);
	append(24, "behind", 5); /* two writes of one step: only the last one made the version */
	assert_int_equal(vouched(), 5);
	assert_int_equal(vfs_disk_flip(world.disk, JOURNAL, 25, 1), VFS_OK);
	assert_int_equal(vouched(), 3);
}

static void what_was_cut_or_deleted_vouches_for_nothing(void **context) {
	(void)context;
	three_records();
	call(VFS_METHOD_TRUNCATE, 6, NULL, SQLITE_IOERR_TRUNCATE); /* nobody knows whether it was */
	assert_int_equal(vouched(), 1);
	call(VFS_METHOD_DELETE, 0, NULL, SQLITE_OK);
	assert_int_equal(vouched(), 0);
}

static void a_write_that_failed_takes_what_it_was_written_over_along(void **context) {
	(void)context;
	three_records();
	call(VFS_METHOD_WRITE, 12, "other.", SQLITE_IOERR_WRITE);
	assert_int_equal(vouched(), 2);
}

static void what_was_gone_and_is_put_back_vouches_for_nothing(void **context) {
	(void)context;
	three_records();
	assert_int_equal(vfs_disk_flip(world.disk, JOURNAL, 13, 1), VFS_OK);
	assert_int_equal(vouched(), 2);
	assert_int_equal(vfs_disk_flip(world.disk, JOURNAL, 13, 1), VFS_OK);
	assert_int_equal(vouched(), 2); /* a life may have claimed the database without it */
}

static void a_wal_begun_anew_shows_what_the_database_has(void **context) {
	(void)context;
	begin_wal(4, SQLITE_IOERR_WRITE);
	assert_int_equal(checkpointed(), 0);
	begin_wal(4, SQLITE_OK);
	assert_int_equal(checkpointed(), 4);
	sim_proof_loaded(&proof, &plan.settings, 3); /* an older state was legal */
	assert_int_equal(checkpointed(), 3);
}

/* Only the load shows what a start has found there. */
static void a_wal_begun_by_a_start_counts_when_its_load_is_judged(void **context) {
	(void)context;
	process.starting = true;
	begin_wal(4, SQLITE_OK);
	process.starting = false;
	assert_int_equal(checkpointed(), 0); /* it died */
	process.starting = true;
	begin_wal(4, SQLITE_OK);
	process.starting = false;
	sim_proof_loaded(&proof, &plan.settings, 5);
	assert_int_equal(checkpointed(), 5);
}

/* The database gets an update when the journal gives it up, and not when it is acknowledged. */
static void with_a_journal_a_checkpoint_has_what_the_journal_gave_up(void **context) {
	(void)context;
	plan.settings.protocol = SIM_PROTOCOL_JOURNAL;
	begin_wal(7, SQLITE_OK);
	assert_int_equal(checkpointed(), 0);
	acknowledged = 7;
	call(VFS_METHOD_TRUNCATE, 16, NULL, SQLITE_OK);
	begin_wal(9, SQLITE_OK);
	assert_int_equal(checkpointed(), 7);
}

static void what_happens_to_the_database_takes_the_floor_away(void **context) {
	struct sim_owed *owed = &world.owed;
	(void)context;
	begin_wal(4, SQLITE_OK);
	owed->damaged_files = 1u << VFS_FILE_WAL;
	assert_int_equal(checkpointed(), 4);
	owed->damaged_files = 1u << VFS_FILE_DB;
	assert_int_equal(checkpointed(), 0);
	owed->damaged_files = 0;
	assert_int_equal(checkpointed(), 0);
	begin_wal(4, SQLITE_OK);
	owed->was_put_back = true;
	assert_int_equal(checkpointed(), 0);
	owed->was_put_back = false;
	begin_wal(4, SQLITE_OK);
	plan.settings.synchronous = SIM_SYNCHRONOUS_OFF;
	assert_int_equal(checkpointed(), 0);
}

/* What a rollback journal begins with: magic, count, nonce, pages, sector size, page size. */
static const unsigned char begun[28] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7, 0, 0, 0, 2, 7, 7,
                                        7,    7,    0,    0,    0,    9,    0,    0,    2, 0, 0, 0, 4, 0};

static uint32_t orphans_beside(const char *path, const unsigned char *bytes, size_t size) {
	struct vfs_inode *inode = NULL;
	bool created = false;
	assert_int_equal(vfs_disk_open(world.disk, path, true, &created, &inode), VFS_OK);
	assert_int_equal(vfs_disk_truncate(world.disk, inode, 0), VFS_OK);
	assert_int_equal(vfs_disk_write(world.disk, inode, 0, bytes, size), VFS_OK);
	vfs_disk_close(world.disk, inode);
	return sim_proof_look(&proof, &world).orphans;
}

/* S41: the header of a rollback journal says how many pages the database had. */
static void a_rollback_journal_of_a_database_that_is_gone_proves_it(void **context) {
	const uint32_t journal = 1u << VFS_FILE_JOURNAL;
	unsigned char unfinished[28];
	(void)context;
	assert_int_equal(orphans_beside(SIM_WORLD_PATH "-journal", begun, 28), journal);
	memcpy(unfinished, begun, 28);
	memset(unfinished, 0, 12);
	assert_int_equal(orphans_beside(SIM_WORLD_PATH "-journal", unfinished, 28), journal);
	const struct sim_proved proved = {.orphans = journal};
	assert_true(sim_proof_lowest(&proved, 1u << VFS_FILE_DB) == UINT64_MAX);
	assert_int_equal(sim_proof_lowest(&proved, journal), 0); /* it was misread */
}

static void a_journal_without_pages_or_beside_its_database_proves_nothing(void **context) {
	static const size_t changed[] = {3, 19, 22, 26};
	(void)context;
	for (size_t i = 0; i < sizeof changed / sizeof changed[0]; i++) {
		unsigned char header[28];
		memcpy(header, begun, 28);
		header[changed[i]] = 0;
		assert_int_equal(orphans_beside(SIM_WORLD_PATH "-journal", header, 28), 0);
	}
	assert_int_equal(orphans_beside(SIM_WORLD_PATH "-journal", begun, 27), 0);
	assert_int_equal(orphans_beside(SIM_WORLD_PATH "-journal", begun, 28), 1u << VFS_FILE_JOURNAL);
	assert_int_equal(orphans_beside(SIM_WORLD_PATH, begun, 28), 0);
}

#define ON_DISK(test) cmocka_unit_test_setup_teardown(test, begin_disk, end_disk)

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(an_answer_that_fails_needs_a_failure, begin),
	        cmocka_unit_test_setup(a_gap_is_reason_enough, begin),
	        cmocka_unit_test_setup(a_gap_that_the_same_batch_closes_is_one, begin),
	        cmocka_unit_test_setup(what_is_held_is_applied_by_what_lets_it_in, begin),
	        cmocka_unit_test_setup(what_is_held_and_thrown_away_is_violated, begin),
	        cmocka_unit_test_setup(what_is_held_may_wait_when_something_failed, begin),
	        cmocka_unit_test_setup(a_load_is_not_older_than_the_files_prove, begin),
	        cmocka_unit_test_setup(what_was_read_wrong_proves_nothing, begin),
	        cmocka_unit_test_setup(a_checkpoint_is_a_floor_for_who_has_not_read_the_database_wrong, begin),
	        cmocka_unit_test_setup(nothing_is_proved_by_a_database_that_is_missing_beside_its_wal, begin),
	        ON_DISK(what_was_gone_and_is_put_back_vouches_for_nothing),
	        ON_DISK(a_wal_begun_anew_shows_what_the_database_has),
	        ON_DISK(a_wal_begun_by_a_start_counts_when_its_load_is_judged),
	        ON_DISK(with_a_journal_a_checkpoint_has_what_the_journal_gave_up),
	        ON_DISK(what_happens_to_the_database_takes_the_floor_away),
	        ON_DISK(a_rollback_journal_of_a_database_that_is_gone_proves_it),
	        ON_DISK(a_journal_without_pages_or_beside_its_database_proves_nothing),
	        cmocka_unit_test_setup_teardown(the_last_intact_record_vouches, begin_disk, end_disk),
	        cmocka_unit_test_setup_teardown(damage_at_the_end_excuses_the_end, begin_disk, end_disk),
	        cmocka_unit_test_setup_teardown(damage_before_intact_records_excuses_nothing, begin_disk, end_disk),
	        cmocka_unit_test_setup_teardown(what_nobody_acknowledged_vouches_for_nothing, begin_disk, end_disk),
	        cmocka_unit_test_setup_teardown(what_was_cut_or_deleted_vouches_for_nothing, begin_disk, end_disk),
	        cmocka_unit_test_setup_teardown(a_write_that_failed_takes_what_it_was_written_over_along, begin_disk,
	                                        end_disk),
	};
	if (!sim_run_init()) {
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
