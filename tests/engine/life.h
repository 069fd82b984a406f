/* tests/engine/life.h: an engine, and order "o1" of symbol "AAA" in it, whose reports are judged
 * one by one: outcome, rule, and what is to be seen behind each. For tests of rules. */
#ifndef TESTS_ENGINE_LIFE_H
#define TESTS_ENGINE_LIFE_H

#include <stdint.h>

#include "engine.h"

extern struct engine *life_engine; /* of the test that runs */

/* For cmocka: an empty database; and its end, when a new start must load what memory showed. */
int life_set_up(void **context);
int life_tear_down(void **context);

/* Submits. Only what is applied may change anything, and everything must fit together. */
void life_expect(enum engine_outcome outcome, enum engine_rule rule, struct engine_update update);
void life_expect_applied(struct engine_update update);

/* An order that must be there. */
struct engine_order life_order(const char *order_id);
void life_expect_order(const char *order_id, enum engine_order_status status, int64_t cum, int64_t leaves);

/* Of symbol "AAA". */
void life_expect_position(int64_t quantity, int64_t cost, int64_t realised);

/* A fill of order "o1". */
struct engine_update life_fill(const char *exec_id, int64_t last, int64_t cum, int64_t price);

/* News of order "o1" about the execution `ref`. */
struct engine_update life_late(const char *exec_id, enum engine_exec_type type, const char *ref, int64_t cum);

#endif
