/* sim/sweep/junit.h: a listener that writes the end of a sweep as a JUnit report, for build
 * servers. A test case is a scenario, or one of its cells. A violation is a `failure`. A batch that
 * is too small to tell is an `error` of type `too_few_seeds`, and what the subject does not take is
 * `skipped`. */
#ifndef AFTERSHOCK_SIM_JUNIT_H
#define AFTERSHOCK_SIM_JUNIT_H

#include "listener.h"

/* Path and options must outlive the sweep. */
struct sim_junit {
	const struct sim_sweep_options *options;
	const char *path;
};

struct sim_sweep_listener sim_junit_listener(struct sim_junit *junit);

#endif
