/* tests/engine/orders.h: order updates and handles in one line. */
#ifndef TESTS_ENGINE_ORDERS_H
#define TESTS_ENGINE_ORDERS_H

#include "engine.h"
#include "state.h"

#define ORDERS_PATH "/engine.db"

/* A report for symbol "AAA", a buy of 100 lots at 50 ticks, without a fill. */
struct engine_update orders_report(const char *exec_id, const char *order_id, enum engine_exec_type type);

/* A fill of such an order at 50 ticks. */
struct engine_update orders_fill(const char *exec_id, const char *order_id, int64_t last, int64_t cum);

/* Number `i` of an endless stream that is valid in order: orders with four fills, some cancelled,
 * both sides, three symbols. */
struct engine_update orders_stream(unsigned i);

/* From number `first` on, the updates of the stream say a trading day and an account. */
void orders_say_scopes_from(unsigned first);

/* For cmocka: an empty state as the context; and its end, when everything must fit together. */
int orders_set_up_state(void **context);
int orders_tear_down_state(void **context);

/* Drafts and publishes when it applies; the draft's outcome. */
enum engine_outcome orders_apply(struct engine_state *state, const struct engine_update *update);

/* The protocol of all handles opened from now on; NULL: the default. */
void orders_set_protocol(const char *protocol);

/* Options for ORDERS_PATH on the memory VFS: journal mode, synchronous full, protocol as set. */
struct engine_options orders_options(const char *journal_mode);

/* Opens and asserts that it is open. */
struct engine *orders_open(const char *journal_mode);

/* Submits; the outcome. */
enum engine_outcome orders_submit(struct engine *engine, const struct engine_update *update);

/* Submits updates `from` to `to - 1` of the stream, each of which must apply; then everything must
 * fit together. */
void orders_submit_stream(struct engine *engine, unsigned from, unsigned to);

/* Leaves a closed database with the first `count` updates of the stream; its fingerprint. */
uint64_t orders_make_database(const char *journal_mode, unsigned count);

/* Runs SQL on the database past the engine; an SQLite result code and the number of rows changed
 * (may be NULL). */
int orders_try_sql(const char *sql, int *changes);
void orders_run_sql(const char *sql); /* asserts success */

/* A digest over everything the readers show, epoch excepted, to compare states with. */
uint64_t orders_fingerprint(struct engine *engine);

#endif
