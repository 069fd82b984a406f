/* tests/bench.c: `make bench`. Speed as ratios to a floor measured in the same run
 * (docs/architecture.md section 7): a trivial in-memory VFS without locks, durability or hooks.
 * Everything is measured in slices of about a millisecond of processor time. Slices of what is
 * compared take turns, floors included, and the median of each counts: whoever else uses the
 * machine meets both alike. Only ratios mean anything beyond this machine.
 *
 * Commits are compared within one set-up of SQLite, that of the test bed. Below the line with trace
 * and hash stands what hashing the bytes of one commit costs alone, once each, on top of the
 * commit: nothing that hashes content can be below it. In DELETE mode each changed page is written
 * twice, which at this price is more than the target allows for the whole trace.
 *
 * For a restart the floor is SQLite in the test bed's set-up (one thread, no statistics, pools for
 * malloc), which opens, reads one row of a table of two columns, closes. A restart is one life:
 * open a database that a crash left, verify and load 21 updates, claim, show everything, and begin
 * an update that dies inside its commit: with a hot journal (delete), or before its first frame,
 * behind a log of one update. The two lines below it are bounds (bench_bound.h): the same life by
 * hand, without an engine, once on the engine's tables and once on rows packed into one column. The
 * first says that with tables that have a column for each fact the target is out of reach, for what
 * is above it is SQLite parsing a schema of 47 columns and preparing statements for them; the
 * second, what packed rows would bring. The engine keeps its columns, which people can read and ask
 * questions about in the sqlite3 shell. */
#include "bench_bound.h"
#include "bench_floor.h"
#include "run.h"
#include "subject_built_in.h"
#include "trace.h"
#include "trivial_vfs.h"
#include "vfs.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BENCH_ROUNDS 100
#define BENCH_COMMITS 300
#define BENCH_LIVES 10
#define BENCH_HASHES 1000
#define BENCH_UPDATES 20u
#define BENCH_WRITES_MAX 16
/* As the trivial VFS describes its device, and as every run does (sim/run/run.c): without it SQLite
 * pads journals and logs to whole sectors, which is another workload. */
#define BENCH_DISK                                                                                                     \
	{ .sector_size_bytes = 4096, .device_characteristics = SQLITE_IOCAP_POWERSAFE_OVERWRITE }

/* ---- hooks ----------------------------------------------------------------------------------- */

struct bench_hooks {
	struct sim_trace *trace; /* NULL: hooks that do nothing */
	int64_t now_ns;
	enum vfs_method kill_method; /* the next such call on such a file dies; NONE: none does */
	enum vfs_file_kind kill_kind;
	struct bench_writes *writes; /* NULL: not kept */
};

/* What a commit writes, for hashing it again. */
struct bench_writes {
	uint32_t count;
	size_t sizes[BENCH_WRITES_MAX];
	unsigned char bytes[BENCH_WRITES_MAX][4096];
};

static void bench_keep_write(struct bench_writes *writes, const struct vfs_call *call) {
	bench_must(writes->count < BENCH_WRITES_MAX && call->size <= sizeof writes->bytes[0], "keeping a write");
	memcpy(writes->bytes[writes->count], call->data, (size_t)call->size);
	writes->sizes[writes->count++] = (size_t)call->size;
}

static void bench_before(void *context, const struct vfs_call *call, struct vfs_answer *answer) {
	struct bench_hooks *hooks = context;
	if (hooks->kill_method == VFS_METHOD_NONE) {
		return;
	}
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
		if (hooks->writes != NULL && call->data != NULL) {
			bench_keep_write(hooks->writes, call);
		}
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

/* ---- commits and opens on any VFS ------------------------------------------------------------ */

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

/* A connection with a statement that updates one row. */
struct bench_committer {
	sqlite3 *connection;
	sqlite3_stmt *update;
	int value;
};

static void bench_committer_init(struct bench_committer *committer, const char *vfs, const char *journal_mode) {
	bench_set_up(vfs, journal_mode);
	committer->connection = bench_open(vfs);
	committer->value = 0;
	sqlite3_exec(committer->connection, "PRAGMA synchronous=FULL", NULL, NULL, NULL);
	int code =
	        sqlite3_prepare_v2(committer->connection, "UPDATE t SET v=? WHERE k=1", -1, &committer->update, NULL);
	bench_must(code == SQLITE_OK, "prepare");
}

static void bench_committer_deinit(struct bench_committer *committer) {
	sqlite3_finalize(committer->update);
	sqlite3_close(committer->connection);
}

/* Microseconds per commit. */
static double bench_commits(struct bench_committer *committer, int count) {
	double begin = bench_processor_us();
	for (int i = 0; i < count; i++) {
		sqlite3_bind_int(committer->update, 1, committer->value++);
		bench_must(sqlite3_step(committer->update) == SQLITE_DONE, "commit");
		sqlite3_reset(committer->update);
	}
	return (bench_processor_us() - begin) / count;
}

/* Microseconds for the hashes of one commit's writes. */
static double bench_hashes(const struct bench_writes *writes) {
	uint64_t sum = 0;
	double begin = bench_processor_us();
	for (int i = 0; i < BENCH_HASHES; i++) {
		for (uint32_t n = 0; n < writes->count; n++) {
			sum += sim_trace_hash_bytes(writes->bytes[n], writes->sizes[n]);
		}
	}
	double time = (bench_processor_us() - begin) / BENCH_HASHES;
	bench_must(sum != 0, "hashing");
	return time;
}

/* ---- crash, restart, full check -------------------------------------------------------------- */

static void bench_head(void *context, const struct subject_head *head) {
	*(uint64_t *)context = head->version;
}
static void bench_position(void *context, const struct subject_position *position) {
	(void)context;
	(void)position;
}
static void bench_order(void *context, const struct subject_order *order) {
	(void)context;
	(void)order;
}
static void bench_execution(void *context, const struct subject_execution *execution) {
	(void)context;
	(void)execution;
}
static void bench_commission(void *context, const struct subject_commission *commission) {
	(void)context;
	(void)commission;
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

/* What a life is measured of. */
enum bench_liver { BENCH_ENGINE, BENCH_COLUMNS, BENCH_PACKED, BENCH_LIVER_COUNT };

struct bench_death {
	struct bench_hooks *hooks;
	bool is_wal;
};

/* The next commit dies. */
static void bench_doom(void *context) {
	const struct bench_death *death = context;
	death->hooks->kill_method = death->is_wal ? VFS_METHOD_WRITE : VFS_METHOD_SYNC;
	death->hooks->kill_kind = death->is_wal ? VFS_FILE_WAL : VFS_FILE_DB;
}

static void bench_engine_live(const char *journal_mode, bool is_first, struct bench_death *death) {
	const struct aftershock_subject *subject = sim_subject_engine();
	const struct subject_sink sink = {.context = &(uint64_t){0},
	                                  .head = bench_head,
	                                  .position = bench_position,
	                                  .order = bench_order,
	                                  .execution = bench_execution,
	                                  .commission = bench_commission};
	const struct subject_step checkpoint = {.kind = SUBJECT_STEP_CHECKPOINT};
	const struct subject_config config = {.vfs_name = "bench-engine",
	                                      .path = "/engine.db",
	                                      .protocol = "persist_first",
	                                      .journal_mode = journal_mode,
	                                      .synchronous = "full",
	                                      .page_size_bytes = 4096,
	                                      .cache_pages = 100,
	                                      .checkpoint_frames = 50};
	struct subject_reply reply = {0};
	char reason[SUBJECT_REASON_SIZE];
	void *instance = NULL;
	bench_must(subject->start(&config, &instance, reason) == SUBJECT_STARTED, reason);
	subject->observe(instance, &sink);
	for (uint32_t n = 0; is_first && n <= BENCH_UPDATES; n++) {
		if (n == BENCH_UPDATES) {
			subject->step(instance, &checkpoint, &reply);
		}
		bench_submit(instance, n);
	}
	bench_doom(death);
	bench_submit(instance, BENCH_UPDATES + 1);
	subject->stop(instance);
}

/* One life on a crashed or new disk, to its death inside a commit. Microseconds. `is_first` makes
 * the state. */
static double bench_life(struct vfs_disk *disk, const char *journal_mode, enum bench_liver liver, bool is_first) {
	struct bench_hooks hooks = {0};
	struct bench_death death = {&hooks, strcmp(journal_mode, "wal") == 0};
	double begin = bench_processor_us();
	struct vfs_process *process = bench_process(disk, "bench-engine", &hooks);
	if (is_first && liver == BENCH_PACKED) {
		bench_bound_make("bench-engine", journal_mode, BENCH_UPDATES + 3);
	}
	if (liver == BENCH_ENGINE) {
		bench_engine_live(journal_mode, is_first, &death);
	} else {
		enum bench_bound bound = liver == BENCH_PACKED ? BENCH_BOUND_PACKED : BENCH_BOUND_COLUMNS;
		(void)bench_bound_live("bench-engine", bound, bench_doom, &death);
	}
	bench_must(vfs_process_is_dead(process), "the kill");
	vfs_process_destroy(process);
	return bench_processor_us() - begin;
}

/* Microseconds per life, each on the same crashed disk: the killed update never becomes part of the
 * state. */
static double bench_lives(const struct vfs_disk *crashed, const char *journal_mode, enum bench_liver liver) {
	double total = 0;
	for (int i = 0; i < BENCH_LIVES; i++) {
		struct vfs_disk *disk = vfs_disk_snapshot(crashed);
		total += bench_life(disk, journal_mode, liver, false);
		vfs_disk_destroy(disk);
	}
	return total / BENCH_LIVES;
}

/* ---- the table ------------------------------------------------------------------------------- */

static void bench_row(const char *what, double floor_us, double time_us, const char *target) {
	printf("%-46s %9.2f us %9.2f us %7.2f   %s\n", what, floor_us, time_us, time_us / floor_us, target);
}

enum bench_way { BENCH_TRIVIAL, BENCH_PLAIN, BENCH_TRACED, BENCH_WAY_COUNT };

static void bench_print_commits(const char *journal_mode, struct bench_samples samples[BENCH_WAY_COUNT],
                                double hash_us) {
	char what[60];
	double median_us[BENCH_WAY_COUNT];
	for (int way = 0; way < BENCH_WAY_COUNT; way++) {
		median_us[way] = bench_median(&samples[way]);
	}
	snprintf(what, sizeof what, "one commit, %s, simulated VFS", journal_mode);
	bench_row(what, median_us[BENCH_TRIVIAL], median_us[BENCH_PLAIN], "at most 1.5");
	bench_row("  with trace and hash, over without", median_us[BENCH_PLAIN], median_us[BENCH_TRACED],
	          "at most 1.1");
	bench_row("  with nothing but the hash of its bytes", median_us[BENCH_PLAIN], median_us[BENCH_PLAIN] + hash_us,
	          "bound of the line above");
}

static void bench_commit_rows(const char *journal_mode) {
	static const char *const names[BENCH_WAY_COUNT] = {BENCH_FLOOR_VFS, "bench-plain", "bench-traced"};
	const struct vfs_disk_options options = BENCH_DISK;
	struct bench_writes *writes = calloc(1, sizeof *writes);
	struct bench_hooks plain = {0};
	struct bench_hooks traced = {.trace = sim_trace_create()};
	struct bench_committer committers[BENCH_WAY_COUNT];
	struct bench_samples samples[BENCH_WAY_COUNT] = {0};
	struct bench_samples hash_us = {0};
	struct vfs_disk *disk = vfs_disk_create(&options);
	struct vfs_disk *traced_disk = vfs_disk_create(&options);
	struct vfs_process *silent = bench_process(disk, names[BENCH_PLAIN], &plain);
	struct vfs_process *noted = bench_process(traced_disk, names[BENCH_TRACED], &traced);
	trivial_vfs_reset();
	for (int way = 0; way < BENCH_WAY_COUNT; way++) {
		bench_committer_init(&committers[way], names[way], journal_mode);
		(void)bench_commits(&committers[way], BENCH_COMMITS);
	}
	traced.writes = writes;
	(void)bench_commits(&committers[BENCH_TRACED], 1);
	traced.writes = NULL;
	for (int round = 0; round < BENCH_ROUNDS; round++) {
		for (int way = 0; way < BENCH_WAY_COUNT; way++) {
			bench_add(&samples[way], bench_commits(&committers[way], BENCH_COMMITS));
		}
		bench_add(&hash_us, bench_hashes(writes));
	}
	bench_print_commits(journal_mode, samples, bench_median(&hash_us));
	for (int way = 0; way < BENCH_WAY_COUNT; way++) {
		bench_committer_deinit(&committers[way]);
	}
	vfs_process_destroy(silent);
	vfs_process_destroy(noted);
	vfs_disk_destroy(disk);
	vfs_disk_destroy(traced_disk);
	sim_trace_destroy(traced.trace);
	free(writes);
}

static void bench_restart_rows(const char *journal_mode) {
	static const char *const bounds[BENCH_LIVER_COUNT] = {"", "  by hand, on the engine's tables",
	                                                      "  by hand, on rows packed into one column"};
	const struct vfs_disk_options options = BENCH_DISK;
	struct bench_samples samples[BENCH_LIVER_COUNT] = {0};
	struct bench_samples floor = {0};
	char what[60];
	struct vfs_disk *disk = vfs_disk_create(&options);
	struct vfs_disk *packed = vfs_disk_create(&options);
	(void)bench_life(disk, journal_mode, BENCH_ENGINE, true);
	(void)bench_life(packed, journal_mode, BENCH_PACKED, true);
	for (int round = 0; round < BENCH_ROUNDS; round++) {
		bench_add(&floor, bench_floor_opening_us());
		for (enum bench_liver liver = 0; liver < BENCH_LIVER_COUNT; liver++) {
			const struct vfs_disk *crashed = liver == BENCH_PACKED ? packed : disk;
			bench_add(&samples[liver], bench_lives(crashed, journal_mode, liver));
		}
	}
	vfs_disk_destroy(disk);
	vfs_disk_destroy(packed);
	double floor_us = bench_median(&floor);
	double engine_us = bench_median(&samples[BENCH_ENGINE]);
	snprintf(what, sizeof what, "crash, restart, full check, %s (%.0f/s)", journal_mode, 1e6 / engine_us);
	bench_row(what, floor_us, engine_us, "at most 2");
	for (enum bench_liver liver = BENCH_COLUMNS; liver < BENCH_LIVER_COUNT; liver++) {
		bench_row(bounds[liver], floor_us, bench_median(&samples[liver]), "bound");
	}
}

int main(void) {
	bench_floor_init();
	printf("SQLite %s; floor: trivial in-memory VFS, slices in turn with what is compared\n", sqlite3_libversion());
	printf("%-46s %12s %12s %7s   %s\n", "what", "floor", "measured", "ratio", "target");
	/* Commits begin with no files, the floor's included. */
	bench_restart_rows("wal");
	bench_restart_rows("delete");
	bench_commit_rows("delete");
	bench_commit_rows("wal");
	return 0;
}
