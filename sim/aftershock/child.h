/* sim/aftershock/child.h: a call of the library, in the fork that does it. */
#ifndef AFTERSHOCK_CHILD_H
#define AFTERSHOCK_CHILD_H

#include "aftershock.h"

#include <stdbool.h>

struct aftershock_call {
	const struct aftershock_subject *subject;
	const struct aftershock_options *options;
	bool replays; /* one seed: */
	uint64_t seed;
	const char *trace_path; /* NULL: no trace */
};

/* Whether this process is such a fork, or a fork of it. */
bool aftershock_child_is_one(void);
/* Does the call, and writes results to the pipe: one without an outcome when SQLite is set up, and
 * then the one that counts. Never returns. */
_Noreturn void aftershock_child_main(const struct aftershock_call *call, int fd);

#endif
