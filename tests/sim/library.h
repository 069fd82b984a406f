/* tests/sim/library.h: scenarios of the library, and many seeds of one, for the tests of sim/. A
 * scenario that cannot be read fails the test with the reader's own message. */
#ifndef AFTERSHOCK_TESTS_SIM_LIBRARY_H
#define AFTERSHOCK_TESTS_SIM_LIBRARY_H

#include "run.h"
#include "scenario.h"

/* By its name, or FOLDER/NAME. Give it to sim_scenario_destroy(). */
struct sim_scenario *library_load(const char *name);

/* Seeds 1 to `seeds`, or up to the first that is violated: its verdict, invariant and detail;
 * probes and updates are sums. */
struct sim_run_result library_run(const char *name, const struct aftershock_subject *subject, uint64_t seeds);

#endif
