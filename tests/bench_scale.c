/* tests/bench_scale.c: `make bench`, second part: what one update costs the engine, against the
 * size of its state and against a plain SQLite loop. Times are processor time, for a busy machine
 * disturbs it less. Everything runs on the trivial in-memory VFS, where a sync costs nothing: on a
 * real disk the syncs, which are counted here, drown the rest and pull every ratio towards that of
 * the syncs.
 *
 * The state has N symbols with a position and an open order each. One update is a fill of an order
 * drawn evenly: it writes its ledger entry, order, position and the row of `meta`. The plain loop
 * opens the same database and writes rows of the same columns and sizes with prepared statements,
 * one transaction each, without drafting, guards or hashes. WAL, synchronous=FULL, a checkpoint
 * every 1000 frames (journal: every 1000 updates, in the times; it is left out of its counts per
 * update).
 */
#include "engine.h"
#include "trivial_vfs.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SCALE_PATH "/scale.db"
#define SCALE_VFS "scale-counting"
#define SCALE_ROUNDS 5
#define SCALE_UPDATES (63u * SCALE_BATCH)
#define SCALE_BATCH ENGINE_BATCH_MAX
#define SCALE_CACHE_KIB (-262144)

static double scale_now_us(void) {
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return 1e6 * (double)time.tv_sec + 1e-3 * (double)time.tv_nsec;
}

static void scale_must(int condition, const char *what) {
	if (!condition) {
		fprintf(stderr, "bench_scale: %s failed\n", what);
		exit(3);
	}
}

/* ---- counting -------------------------------------------------------------------------------- */

static struct {
	uint64_t statements;
	uint64_t bytes;
	uint64_t syncs;
} scale_counts;

static sqlite3_vfs scale_vfs;
static sqlite3_vfs *scale_base;
static sqlite3_io_methods scale_methods;
static const sqlite3_io_methods *scale_base_methods;

static int scale_write(sqlite3_file *file, const void *data, int amount, sqlite3_int64 offset) {
	scale_counts.bytes += (uint64_t)amount;
	return scale_base_methods->xWrite(file, data, amount, offset);
}

static int scale_sync(sqlite3_file *file, int flags) {
	scale_counts.syncs++;
	return scale_base_methods->xSync(file, flags);
}

/* All files of the VFS below share one table of methods; theirs is replaced by a copy with two
 * entries changed. */
static int scale_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags) {
	(void)vfs;
	int code = scale_base->xOpen(scale_base, name, file, flags, out_flags);

	if (code == SQLITE_OK) {
		scale_base_methods = file->pMethods;
		scale_methods = *scale_base_methods;
		scale_methods.xWrite = scale_write;
		scale_methods.xSync = scale_sync;
		file->pMethods = &scale_methods;
	}
	return code;
}

static int scale_count_statement(unsigned kind, void *context, void *statement, void *text) {
	(void)kind;
	(void)context;
	(void)statement;
	(void)text;
	scale_counts.statements++;
	return 0;
}

static int scale_watch(sqlite3 *db, char **message, const struct sqlite3_api_routines *routines) {
	(void)message;
	(void)routines;
	return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, scale_count_statement, NULL);
}

static void scale_register(void) {
	scale_must(trivial_vfs_register("scale-trivial") == SQLITE_OK, "the trivial VFS");
	scale_base = sqlite3_vfs_find("scale-trivial");
	scale_vfs = *scale_base;
	scale_vfs.pNext = NULL;
	scale_vfs.zName = SCALE_VFS;
	scale_vfs.xOpen = scale_open;
	scale_must(sqlite3_vfs_register(&scale_vfs, 0) == SQLITE_OK, "the counting VFS");
}

/* ---- the engine ------------------------------------------------------------------------------ */

static struct engine *scale_engine_open(const char *protocol) {
	struct engine_options options = {.vfs_name = SCALE_VFS,
	                                 .path = SCALE_PATH,
	                                 .protocol = protocol,
	                                 .cache_pages = SCALE_CACHE_KIB,
	                                 .checkpoint_frames = 1000};
	struct engine *engine;
	struct engine_error error;

	scale_must(engine_open(&options, &engine, &error) == ENGINE_OPENED, error.reason);
	return engine;
}

static struct engine_update scale_report(uint32_t order, enum engine_exec_type type) {
	struct engine_update update = {
	        .exec_type = type, .side = ENGINE_SIDE_BUY, .order_quantity_lots = 1000000000, .price_ticks = 100};

	snprintf(update.order_id, sizeof update.order_id, "order-%08u", order);
	snprintf(update.cl_ord_id, sizeof update.cl_ord_id, "client-%08u", order);
	snprintf(update.symbol, sizeof update.symbol, "S%08u", order);
	return update;
}

/* The next fill of an order. `cum` has what is filled of each. */
static struct engine_update scale_fill(uint32_t order, int64_t *cum, uint64_t number) {
	struct engine_update update = scale_report(order, ENGINE_EXEC_TRADE);

	snprintf(update.exec_id, sizeof update.exec_id, "fill-%016llx",
	         (unsigned long long)number * 0x9e3779b97f4a7c15u);
	update.last_quantity_lots = 7;
	update.last_price_ticks = 101;
	cum[order] += 7;
	update.cum_quantity_lots = cum[order];
	update.transact_time_ns = 1700000000000000000 + (int64_t)number;
	return update;
}

/* One state of the random walk over orders: the same for all that is compared. */
static uint32_t scale_draw(uint64_t *chance, uint32_t count) {
	*chance = *chance * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((*chance >> 33) % count);
}

struct scale_run {
	uint32_t count; /* orders and positions */
	int64_t *cum;
	uint64_t number; /* of fills so far */
	uint64_t chance;
};

static void scale_submit(struct engine *engine, struct scale_run *run, uint32_t updates, uint32_t batch) {
	static struct engine_update pending[SCALE_BATCH];
	static struct engine_receipt receipts[SCALE_BATCH];

	for (uint32_t done = 0; done < updates; done += batch) {
		for (uint32_t i = 0; i < batch; i++) {
			pending[i] = scale_fill(scale_draw(&run->chance, run->count), run->cum, run->number++);
		}
		engine_submit_batch(engine, pending, batch, receipts);
		scale_must(receipts[0].outcome == ENGINE_APPLIED && receipts[batch - 1].outcome == ENGINE_APPLIED,
		           receipts[0].reason);
	}
}

/* N orders, each acknowledged and filled once. */
static void scale_populate(struct scale_run *run, uint32_t count) {
	trivial_vfs_reset();
	*run = (struct scale_run){.count = count, .cum = calloc(count, sizeof *run->cum), .chance = 1};
	scale_must(run->cum != NULL, "memory");
	struct engine *engine = scale_engine_open("persist_first");
	struct engine_update *updates = calloc(2 * (size_t)count, sizeof *updates);
	struct engine_receipt *receipts = calloc(2 * (size_t)count, sizeof *receipts);
	scale_must(updates != NULL && receipts != NULL, "memory");
	for (uint32_t order = 0; order < count; order++) {
		updates[2 * order] = scale_report(order, ENGINE_EXEC_NEW);
		updates[2 * order + 1] = scale_fill(order, run->cum, run->number++);
	}
	engine_submit_batch(engine, updates, 2 * count, receipts);
	scale_must(receipts[2 * count - 1].outcome == ENGINE_APPLIED, "populating");
	engine_close(engine);
	free(updates);
	free(receipts);
}

/* ---- the plain loop -------------------------------------------------------------------------- */

#define SCALE_STATEMENTS 6

static const char *const scale_sql[SCALE_STATEMENTS] = {
        "BEGIN IMMEDIATE",
        "UPDATE meta SET version=?1,digest=?2,checksum=?3 WHERE id=1",
        "INSERT INTO executions VALUES(?1,?2,?3,?4,2,1,1000000000,100,7,101,?5,0,'',?6,'',0,7,?7)",
        ("UPDATE orders SET cum_quantity_lots=?2,leaves_quantity_lots=?3,filled_tick_lots=?4,checksum=?5 "
         "WHERE order_id=?1"),
        "UPDATE positions SET quantity_lots=?2,cost_tick_lots=?3,checksum=?4 WHERE symbol=?1",
        "COMMIT",
};

static void scale_step(sqlite3_stmt *statement) {
	scale_must(sqlite3_step(statement) == SQLITE_DONE, sqlite3_errmsg(sqlite3_db_handle(statement)));
	sqlite3_reset(statement);
}

static void scale_bind(sqlite3_stmt *statement, int first, const int64_t *values, int count) {
	for (int i = 0; i < count; i++) {
		sqlite3_bind_int64(statement, first + i, values[i]);
	}
}

/* Numbers of the size that the engine writes. */
static void scale_plain_update(sqlite3_stmt **statements, const struct engine_update *update, uint64_t number) {
	int64_t noise = (int64_t)(number * 0xd1342543de82ef95u);
	char digest[16];

	memcpy(digest, &noise, sizeof noise);
	memcpy(digest + 8, &noise, sizeof noise);
	scale_step(statements[0]);
	scale_bind(statements[1], 1, (int64_t[]){(int64_t)number}, 1);
	sqlite3_bind_blob(statements[1], 2, digest, sizeof digest, SQLITE_STATIC);
	scale_bind(statements[1], 3, &noise, 1);
	scale_step(statements[1]);
	sqlite3_bind_text(statements[2], 1, update->symbol, -1, SQLITE_STATIC);
	sqlite3_bind_text(statements[2], 2, update->exec_id, -1, SQLITE_STATIC);
	sqlite3_bind_text(statements[2], 3, update->order_id, -1, SQLITE_STATIC);
	scale_bind(statements[2], 4,
	           (int64_t[]){(int64_t)number, update->cum_quantity_lots, update->transact_time_ns, noise}, 4);
	scale_step(statements[2]);
	sqlite3_bind_text(statements[3], 1, update->order_id, -1, SQLITE_STATIC);
	scale_bind(statements[3], 2,
	           (int64_t[]){update->cum_quantity_lots, 1000000000 - update->cum_quantity_lots,
	                       101 * update->cum_quantity_lots, noise},
	           4);
	scale_step(statements[3]);
	sqlite3_bind_text(statements[4], 1, update->symbol, -1, SQLITE_STATIC);
	scale_bind(statements[4], 2, (int64_t[]){update->cum_quantity_lots, 101 * update->cum_quantity_lots, noise}, 3);
	scale_step(statements[4]);
	scale_step(statements[5]);
}

static sqlite3 *scale_plain_open(sqlite3_stmt **statements) {
	sqlite3 *db = NULL;
	char sql[80];

	scale_must(sqlite3_open_v2(SCALE_PATH, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, SCALE_VFS) ==
	                   SQLITE_OK,
	           "plain open");
	snprintf(sql, sizeof sql, "PRAGMA synchronous=FULL;PRAGMA cache_size=%d", SCALE_CACHE_KIB);
	scale_must(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "plain pragmas");
	for (int i = 0; i < SCALE_STATEMENTS; i++) {
		scale_must(sqlite3_prepare_v2(db, scale_sql[i], -1, &statements[i], NULL) == SQLITE_OK,
		           sqlite3_errmsg(db));
	}
	return db;
}

static double scale_time_plain(struct scale_run *run, uint32_t updates) {
	sqlite3_stmt *statements[SCALE_STATEMENTS];
	sqlite3 *db = scale_plain_open(statements);

	double begin = scale_now_us();
	for (uint32_t i = 0; i < updates; i++) {
		struct engine_update update = scale_fill(scale_draw(&run->chance, run->count), run->cum, run->number++);
		scale_plain_update(statements, &update, run->number);
	}
	double time = (scale_now_us() - begin) / updates;
	for (int i = 0; i < SCALE_STATEMENTS; i++) {
		sqlite3_finalize(statements[i]);
	}
	sqlite3_close(db);
	return time;
}

/* ---- measuring ------------------------------------------------------------------------------- */

static int scale_compare(const void *left, const void *right) {
	double a = *(const double *)left;
	double b = *(const double *)right;

	return a < b ? -1 : a > b;
}

static double scale_median(double times[SCALE_ROUNDS]) {
	qsort(times, SCALE_ROUNDS, sizeof times[0], scale_compare);
	return times[SCALE_ROUNDS / 2];
}

/* Microseconds per update on an open handle, median of the rounds; the first round warms up. */
static double scale_time_engine(const char *protocol, struct scale_run *run, uint32_t batch) {
	double times[SCALE_ROUNDS] = {0};
	struct engine *engine = scale_engine_open(protocol);

	for (int round = -1; round < SCALE_ROUNDS; round++) {
		double begin = scale_now_us();
		scale_submit(engine, run, SCALE_UPDATES, batch);
		if (round >= 0) {
			times[round] = (scale_now_us() - begin) / (SCALE_UPDATES);
		}
	}
	engine_close(engine);
	return scale_median(times);
}

static void scale_count_updates(const char *protocol, struct scale_run *run) {
	struct engine *engine = scale_engine_open(protocol);

	scale_submit(engine, run, 64, 1); /* what is prepared at first use */
	(void)engine_checkpoint(engine, NULL);
	memset(&scale_counts, 0, sizeof scale_counts);
	scale_submit(engine, run, 200, 1); /* below the first checkpoint */
	printf(" %10.1f %9.0f %6.2f", (double)scale_counts.statements / 200, (double)scale_counts.bytes / 200,
	       (double)scale_counts.syncs / 200);
	engine_close(engine);
}

static void scale_table(const char *protocol) {
	static const uint32_t counts[] = {10, 100, 1000, 10000, 100000};
	double first = 0;

	printf("\n%s, one update at a time\n", protocol);
	printf("%10s %10s %9s %6s %10s %7s %10s %14s\n", "state", "statements", "bytes", "syncs", "time", "ratio",
	       "over plain", "load per row");
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		struct scale_run run;
		scale_populate(&run, counts[i]);
		printf("%10u", counts[i]);
		scale_count_updates(protocol, &run);
		double time = scale_time_engine(protocol, &run, 1);
		first = i == 0 ? time : first;
		double begin = scale_now_us();
		struct engine *engine = scale_engine_open(protocol);
		double load = scale_now_us() - begin;
		double rows = 2.0 * counts[i] + (double)engine_read_head(engine).version;
		engine_close(engine);
		(void)scale_time_plain(&run, SCALE_UPDATES); /* warms up; it leaves nothing that an
		                                              * engine would open */
		double plain = scale_time_plain(&run, SCALE_UPDATES);
		printf(" %7.2f us %7.2f %10.2f %11.3f us\n", time, time / first, time / plain, load / rows);
		free(run.cum);
	}
}

static void scale_compare_row(const char *what, double time, double plain, const char *target) {
	printf("%-44s %9.2f us %9.0f/s %7.2f   %s\n", what, time, 1e6 / time, time / plain, target);
}

static void scale_compare_protocols(void) {
	static const char *const protocols[] = {"persist_first", "rollback", "journal"};
	double plain_times[SCALE_ROUNDS];
	struct scale_run run;
	char what[60];

	scale_populate(&run, 1000);
	for (int round = 0; round < SCALE_ROUNDS; round++) {
		plain_times[round] = scale_time_plain(&run, SCALE_UPDATES);
	}
	free(run.cum);
	double plain = scale_median(plain_times);
	memset(&scale_counts, 0, sizeof scale_counts);
	scale_populate(&run, 1000);
	(void)scale_time_plain(&run, 64);
	memset(&scale_counts, 0, sizeof scale_counts);
	(void)scale_time_plain(&run, 200);
	printf("\nplain loop, 1000 positions and open orders: %.0f bytes and %.2f syncs an update, those of closing "
	       "included\n",
	       (double)scale_counts.bytes / 200, (double)scale_counts.syncs / 200);
	free(run.cum);
	printf("\n%-44s %12s %11s %7s   %s\n", "1000 positions and open orders", "one update", "rate", "ratio",
	       "target");
	scale_compare_row("plain SQLite loop, the same rows and syncs", plain, plain, "");
	for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++) {
		scale_populate(&run, 1000);
		scale_compare_row(protocols[i], scale_time_engine(protocols[i], &run, 1), plain, "at most 1.5");
		snprintf(what, sizeof what, "%s, batches of %u", protocols[i], SCALE_BATCH);
		scale_compare_row(what, scale_time_engine(protocols[i], &run, SCALE_BATCH), plain, "");
		free(run.cum);
	}
}

int main(void) {
	scale_register();
	printf("SQLite %s, trivial in-memory VFS, WAL, synchronous=FULL\n", sqlite3_libversion());
	scale_compare_protocols();
	scale_must(sqlite3_auto_extension((void (*)(void))scale_watch) == SQLITE_OK, "statement counter");
	scale_table("persist_first");
	scale_table("rollback");
	scale_table("journal");
	return 0;
}
