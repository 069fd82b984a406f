/* tests/bench.c: `make bench`. Speed as ratios to a floor measured in the same run (DESIGN.md section 8): a trivial in-memory VFS
 * without locks, durability or hooks. Times are medians of several rounds; only ratios mean anything beyond this machine.
 *
 * Commits are compared within one set-up of SQLite, that of the test bed. For a restart the floor is what DESIGN.md says: SQLite
 * as it comes, which opens, reads one row of a table of two columns, closes. The third line of the second part shows what the
 * test bed's set-up (one thread, no statistics, pools for malloc) does to the floor itself; divide by it for the same set-up.
 * A restart is one life: open a database that a crash left, verify and load 21 updates, claim, show everything, and begin an
 * update that dies inside its commit: with a hot journal (delete), or before its first frame, behind a log of one update.
 *
 * Where a restart's time goes, each part alone on the trivial VFS, with malloc and the test bed's other settings, where the floor
 * is 20.7 us, of which opening and closing take 6.9 (SQLite 3.40.1): parsing the schema of four tables instead of one 11.2 us;
 * preparing and stepping the SELECTs on empty tables 22.6 (meta 3.7, positions 3.8, orders 6.8, executions 8.3); preparing
 * what the claim and the killed update write 15.1 (meta 3.4, execution 3.3, order 5.2, position 3.2). With the floor that is
 * 69.6 us, 3.4 floors, before a row is verified or committed: two floors ask for fewer tables and columns. */
#include "run.h"
#include "trace.h"
#include "trivial_vfs.h"
#include "vfs.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BENCH_ROUNDS 9
#define BENCH_COMMITS 4000
#define BENCH_OPENS 2000
#define BENCH_CRASHES 1500
#define BENCH_UPDATES 20u
/* As the trivial VFS describes its device, and as every run does (sim/run.c): without it SQLite pads journals and logs to whole
 * sectors, which is another workload. */
#define BENCH_DISK                                                                                                     \
	{ .sector_size_bytes = 4096, .device_characteristics = SQLITE_IOCAP_POWERSAFE_OVERWRITE }

static double bench_now_us(void) {
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return 1e6 * (double)time.tv_sec + 1e-3 * (double)time.tv_nsec;
}

static int bench_compare(const void *left, const void *right) {
	double a = *(const double *)left;
	double b = *(const double *)right;
	return a < b ? -1 : a > b;
}

static double bench_median(double times[BENCH_ROUNDS]) {
	qsort(times, BENCH_ROUNDS, sizeof times[0], bench_compare);
	return times[BENCH_ROUNDS / 2];
}

static void bench_must(int condition, const char *what) {
	if (!condition) {
		fprintf(stderr, "bench: %s failed\n", what);
		exit(3);
	}
}

/* ---- hooks ----------------------------------------------------------------------------------------------------------- */

struct bench_hooks {
	struct sim_trace *trace; /* NULL: hooks that do nothing */
	int64_t now_ns;
	enum vfs_method kill_method; /* the next such call on such a file dies; NONE: none does */
	enum vfs_file_kind kill_kind;
};

static void bench_before(void *context, const struct vfs_call *call, struct vfs_answer *answer) {
	struct bench_hooks *hooks = context;
	if (hooks->kill_method == call->method && hooks->kill_kind == call->file_kind) {
		hooks->kill_method = VFS_METHOD_NONE;
		answer->effect = VFS_EFFECT_BEFORE;
		answer->result = SQLITE_IOERR;
		answer->die = true;
	}
}

static void bench_after(void *context, const struct vfs_call *call, int result, uint64_t value) {
	struct bench_hooks *hooks = context;
	if (hooks->trace != NULL) {
		struct sim_event event = {.kind = SIM_EVENT_CALL, .code = (uint32_t)call->method};
		event.numbers[1] = call->offset;
		event.numbers[2] = call->size;
		event.numbers[4] = (uint64_t)(unsigned)result;
		event.numbers[5] = call->data != NULL ? sim_trace_hash_bytes(call->data, (size_t)call->size) : value;
		sim_trace_add(hooks->trace, &event, NULL);
	}
}

static void bench_died(void *context, struct vfs_process *process) {
	(void)context;
	(void)process;
}

static int64_t bench_now(void *context) {
	return ((struct bench_hooks *)context)->now_ns++;
}

static void bench_sleep(void *context, int64_t duration_ns) {
	((struct bench_hooks *)context)->now_ns += duration_ns;
}

static void bench_random(void *context, void *buffer, size_t size_bytes) {
	(void)context;
	memset(buffer, 7, size_bytes);
}

static uint64_t bench_choose(void *context, enum vfs_choice choice, uint64_t count) {
	(void)context;
	(void)choice;
	return count - 1;
}

static struct vfs_process *bench_process(struct vfs_disk *disk, const char *name, struct bench_hooks *context) {
	const struct vfs_hooks hooks = {context,   bench_before, bench_after,  bench_died,
	                                bench_now, bench_sleep,  bench_random, bench_choose};
	struct vfs_process *process = vfs_process_create(disk, name, &hooks);
	bench_must(process != NULL, "a process");
	return process;
}

/* ---- commits and opens on any VFS ------------------------------------------------------------------------------------- */

static sqlite3 *bench_open(const char *vfs) {
	sqlite3 *connection = NULL;
	int code = sqlite3_open_v2("/bench.db", &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs);
	bench_must(code == SQLITE_OK, "open");
	return connection;
}

static void bench_set_up(const char *vfs, const char *journal_mode) {
	char sql[200];
	sqlite3 *connection = bench_open(vfs);
	snprintf(
	        sql, sizeof sql,
	        "PRAGMA journal_mode=%s; CREATE TABLE t(k INTEGER PRIMARY KEY, v INTEGER); INSERT INTO t VALUES(1, 0);",
	        journal_mode);
	bench_must(sqlite3_exec(connection, sql, NULL, NULL, NULL) == SQLITE_OK, "set-up");
	sqlite3_close(connection);
}

/* Microseconds per commit that updates one row. */
static double bench_commits(const char *vfs) {
	sqlite3 *connection = bench_open(vfs);
	sqlite3_stmt *update = NULL;
	sqlite3_exec(connection, "PRAGMA synchronous=FULL", NULL, NULL, NULL);
	bench_must(sqlite3_prepare_v2(connection, "UPDATE t SET v=? WHERE k=1", -1, &update, NULL) == SQLITE_OK,
	           "prepare");
	double begin = bench_now_us();
	for (int i = 0; i < BENCH_COMMITS; i++) {
		sqlite3_bind_int(update, 1, i);
		bench_must(sqlite3_step(update) == SQLITE_DONE, "commit");
		sqlite3_reset(update);
	}
	double time = (bench_now_us() - begin) / BENCH_COMMITS;
	sqlite3_finalize(update);
	sqlite3_close(connection);
	return time;
}

/* Microseconds per open, read of one row, close. */
static double bench_opens(const char *vfs) {
	double begin = bench_now_us();
	for (int i = 0; i < BENCH_OPENS; i++) {
		sqlite3 *connection = bench_open(vfs);
		sqlite3_stmt *select = NULL;
		bench_must(sqlite3_prepare_v2(connection, "SELECT v FROM t WHERE k=1", -1, &select, NULL) == SQLITE_OK,
		           "prepare");
		bench_must(sqlite3_step(select) == SQLITE_ROW, "row");
		sqlite3_finalize(select);
		sqlite3_close(connection);
	}
	return (bench_now_us() - begin) / BENCH_OPENS;
}

/* ---- crash, restart, full check ---------------------------------------------------------------------------------------- */

static void bench_head(void *context, uint64_t version, uint64_t epoch, bool halted) {
	(void)epoch;
	(void)halted;
	*(uint64_t *)context = version;
}
static void bench_position(void *context, const struct subject_position *position) {
	(void)context;
	(void)position;
}
static void bench_order(void *context, const struct subject_order *order) {
	(void)context;
	(void)order;
}
static void bench_execution(void *context, const char *symbol, const char *exec_id) {
	(void)context;
	(void)symbol;
	(void)exec_id;
}

static void bench_submit(void *instance, uint32_t number) {
	struct subject_order_update update = {.exec_type = SUBJECT_EXEC_TRADE,
	                                      .ord_status = SUBJECT_ORDER_PARTIALLY_FILLED,
	                                      .side = SUBJECT_SIDE_BUY,
	                                      .order_quantity_lots = 1000000,
	                                      .price_ticks = 100,
	                                      .last_quantity_lots = 1,
	                                      .last_price_ticks = 100,
	                                      .cum_quantity_lots = (int64_t)number + 1};
	snprintf(update.exec_id, sizeof update.exec_id, "E%u", number);
	snprintf(update.order_id, sizeof update.order_id, "O1");
	snprintf(update.symbol, sizeof update.symbol, "S1");
	const struct subject_step step = {.kind = SUBJECT_STEP_ORDER_UPDATE, .update = &update};
	struct subject_reply reply = {0};
	sim_subject_engine()->step(instance, &step, &reply);
}

/* One life on a crashed or new disk, to its death inside a commit. Microseconds. `is_first` makes the state. */
static double bench_life(struct vfs_disk *disk, const char *journal_mode, bool is_first) {
	struct bench_hooks context = {0};
	const struct aftershock_subject *subject = sim_subject_engine();
	const struct subject_sink sink = {.context = &(uint64_t){0},
	                                  .head = bench_head,
	                                  .position = bench_position,
	                                  .order = bench_order,
	                                  .execution = bench_execution};
	const struct subject_step checkpoint = {.kind = SUBJECT_STEP_CHECKPOINT};
	struct subject_reply reply = {0};
	char reason[SUBJECT_REASON_SIZE];
	void *instance = NULL;
	bool is_wal = strcmp(journal_mode, "wal") == 0;
	double begin = bench_now_us();
	struct vfs_process *process = bench_process(disk, "bench-engine", &context);
	const struct subject_config config = {
	        "bench-engine", "/engine.db", "persist_first", journal_mode, "full", 4096, 100, 50, 0, NULL};
	bench_must(subject->start(&config, &instance, reason) == SUBJECT_STARTED, reason);
	subject->observe(instance, &sink);
	for (uint32_t n = 0; is_first && n <= BENCH_UPDATES; n++) {
		if (n == BENCH_UPDATES) {
			subject->step(instance, &checkpoint, &reply);
		}
		bench_submit(instance, n);
	}
	context.kill_method = is_wal ? VFS_METHOD_WRITE : VFS_METHOD_SYNC;
	context.kill_kind = is_wal ? VFS_FILE_WAL : VFS_FILE_DB;
	bench_submit(instance, BENCH_UPDATES + 1);
	bench_must(vfs_process_is_dead(process), "the kill");
	subject->stop(instance);
	vfs_process_destroy(process);
	return bench_now_us() - begin;
}

/* Microseconds per life, each on the same crashed disk: the killed update never becomes part of the state. */
static double bench_crashes(const char *journal_mode) {
	const struct vfs_disk_options options = BENCH_DISK;
	double total = 0;
	struct vfs_disk *clean = vfs_disk_create(&options);
	(void)bench_life(clean, journal_mode, true);
	for (int i = 0; i < BENCH_CRASHES; i++) {
		struct vfs_disk *disk = vfs_disk_snapshot(clean);
		total += bench_life(disk, journal_mode, false);
		vfs_disk_destroy(disk);
	}
	vfs_disk_destroy(clean);
	return total / BENCH_CRASHES;
}

/* ---- the table ------------------------------------------------------------------------------------------------------- */

static void bench_row(const char *what, double floor_us, double time_us, const char *target) {
	printf("%-44s %9.2f us %9.2f us %7.2f   %s\n", what, floor_us, time_us, time_us / floor_us, target);
}

static void bench_commit_row(const char *journal_mode) {
	double floor_times[BENCH_ROUNDS];
	double plain_times[BENCH_ROUNDS];
	double traced_times[BENCH_ROUNDS];
	char what[60];
	const struct vfs_disk_options options = BENCH_DISK;
	struct bench_hooks plain = {0};
	struct bench_hooks traced = {.trace = sim_trace_create()};
	struct vfs_disk *disk = vfs_disk_create(&options);
	struct vfs_process *silent = bench_process(disk, "bench-plain", &plain);
	struct vfs_process *noted = bench_process(disk, "bench-traced", &traced);
	trivial_vfs_reset();
	bench_set_up("bench-trivial", journal_mode);
	bench_set_up("bench-plain", journal_mode);
	for (int round = 0; round < BENCH_ROUNDS; round++) {
		floor_times[round] = bench_commits("bench-trivial");
		plain_times[round] = bench_commits("bench-plain");
		traced_times[round] = bench_commits("bench-traced");
	}
	snprintf(what, sizeof what, "one commit, %s, simulated VFS", journal_mode);
	bench_row(what, bench_median(floor_times), bench_median(plain_times), "at most 1.5");
	snprintf(what, sizeof what, "the same with trace and hash, over without");
	bench_row(what, bench_median(plain_times), bench_median(traced_times), "at most 1.1");
	vfs_process_destroy(silent);
	vfs_process_destroy(noted);
	vfs_disk_destroy(disk);
	sim_trace_destroy(traced.trace);
}

static void bench_restart_row(const char *journal_mode, double floor_us) {
	double times[BENCH_ROUNDS];
	char what[60];
	for (int round = 0; round < BENCH_ROUNDS; round++) {
		times[round] = bench_crashes(journal_mode);
	}
	double time = bench_median(times);
	snprintf(what, sizeof what, "crash, restart, full check, %s (%.0f/s)", journal_mode, 1e6 / time);
	bench_row(what, floor_us, time, "at most 2");
}

static double bench_floor(void) {
	double times[BENCH_ROUNDS];
	trivial_vfs_reset();
	bench_set_up("bench-trivial", "delete");
	for (int round = 0; round < BENCH_ROUNDS; round++) {
		times[round] = bench_opens("bench-trivial");
	}
	return bench_median(times);
}

int main(void) {
	bench_must(trivial_vfs_register("bench-trivial") == SQLITE_OK, "the trivial VFS");
	double floor_us = bench_floor(); /* before anything is configured */
	bench_must(sqlite3_shutdown() == SQLITE_OK && sim_run_init(), "SQLite's set-up");
	bench_must(trivial_vfs_register("bench-trivial") == SQLITE_OK, "the trivial VFS");
	printf("SQLite %s; floor: trivial in-memory VFS, same run\n", sqlite3_libversion());
	printf("%-44s %12s %12s %7s   %s\n", "what", "floor", "measured", "ratio", "target");
	bench_commit_row("delete");
	bench_commit_row("wal");
	bench_restart_row("wal", floor_us);
	bench_restart_row("delete", floor_us);
	bench_row("the floor in the test bed's set-up", floor_us, bench_floor(), "");
	return 0;
}
