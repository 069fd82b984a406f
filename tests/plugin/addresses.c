/* tests/plugin/addresses.c: the ledger, but for one mistake: where its code lies in memory decides
 * which steps read a table first. */
#include "around_ledger.h"

#include <stdint.h>

static void addresses_step(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	static uint64_t steps;
	const struct ledger *ledger = instance;
	uint64_t place = (uint64_t)(uintptr_t)&steps >> 12;
	if ((place >> (steps++ % 24) & 1) != 0) {
		sqlite3_exec(ledger->db, "SELECT count(*) FROM life", NULL, NULL, NULL);
	}
	ledger_step(instance, step, reply);
}

const struct aftershock_subject *aftershock_subject(void) {
	static const struct aftershock_subject subject = {.interface_version = SUBJECT_INTERFACE_VERSION,
	                                                  .name = "addresses",
	                                                  .start = ledger_start,
	                                                  .step = addresses_step,
	                                                  .observe = ledger_observe,
	                                                  .stop = ledger_stop,
	                                                  .takes = SUBJECT_TAKES_UPDATES};
	return &subject;
}
