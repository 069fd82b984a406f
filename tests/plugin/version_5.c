/* tests/plugin/version_5.c: the ledger, built before a subject could show whole ledger rows and
 * say what is missing, and before it was held to its checkpoints: the bits for them meant
 * nothing. */
#include "around_ledger.h"

/* A caller who asked for a checkpoint could not expect one. */
static void version_5_step(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	const struct subject_step nothing = {.kind = SUBJECT_STEP_NONE};
	ledger_step(instance, step->kind == SUBJECT_STEP_CHECKPOINT ? &nothing : step, reply);
}

const struct aftershock_subject *aftershock_subject(void) {
	static const struct aftershock_subject subject = {.interface_version = 5,
	                                                  .name = "version_5",
	                                                  .start = ledger_start,
	                                                  .step = version_5_step,
	                                                  .observe = ledger_observe,
	                                                  .stop = ledger_stop,
	                                                  .takes = SUBJECT_TAKES_UPDATES | SUBJECT_TAKES_LEDGER |
	                                                           SUBJECT_TAKES_GAPS | SUBJECT_TAKES_CHECKPOINTS};
	return &subject;
}
