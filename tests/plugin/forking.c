/* tests/plugin/forking.c: the ledger, and its first start leaves two processes behind: one of its
 * group, one of a session of its own. They would live for minutes, and keep every pipe open. Its
 * runs are the ledger's. */
#include "around_ledger.h"

#include <unistd.h>

static void forking_leave(bool alone) {
	if (fork() == 0) {
		if (alone) {
			setsid();
		}
		alarm(300);
		for (;;) {
			pause();
		}
	}
}

static enum subject_start_status forking_start(const struct subject_config *config, void **instance, char *reason) {
	static bool left;
	if (!left) {
		left = true;
		forking_leave(false);
		forking_leave(true);
	}
	return ledger_start(config, instance, reason);
}

const struct aftershock_subject *aftershock_subject(void) {
	static const struct aftershock_subject subject = {.interface_version = SUBJECT_INTERFACE_VERSION,
	                                                  .name = "forking",
	                                                  .start = forking_start,
	                                                  .step = ledger_step,
	                                                  .observe = ledger_observe,
	                                                  .stop = ledger_stop,
	                                                  .takes = SUBJECT_TAKES_UPDATES};
	return &subject;
}
