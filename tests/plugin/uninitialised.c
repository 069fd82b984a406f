/* tests/plugin/uninitialised.c: the ledger, but for one mistake: what it has not written yet
 * decides whether a step reads a table first. */
#include "around_ledger.h"

static bool uninitialised_decides(void) {
	/* The compiler must not know whose memory it is, for it would warn. */
	static void *(*volatile take)(size_t) = malloc;
	unsigned char *memory = take(24000);
	/* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult) */
	bool decided = memory != NULL && memory[12000] != 0;
	free(memory);
	return decided;
}

static void uninitialised_step(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	const struct ledger *ledger = instance;
	if (uninitialised_decides()) {
		sqlite3_exec(ledger->db, "SELECT count(*) FROM life", NULL, NULL, NULL);
	}
	ledger_step(instance, step, reply);
}

const struct aftershock_subject *aftershock_subject(void) {
	static const struct aftershock_subject subject = {.interface_version = SUBJECT_INTERFACE_VERSION,
	                                                  .name = "uninitialised",
	                                                  .start = ledger_start,
	                                                  .step = uninitialised_step,
	                                                  .observe = ledger_observe,
	                                                  .stop = ledger_stop,
	                                                  .takes = SUBJECT_TAKES_UPDATES};
	return &subject;
}
