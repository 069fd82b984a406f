/* tests/plugin/remembering_by_constructor.c: the ledger, and its constructor allocates what a
 * static variable points at. No copy of its data would bring that back to what it was, so it is
 * refused. */
#include "around_ledger.h"

static uint64_t *remembering_starts;

__attribute__((constructor)) static void remembering_construct(void) {
	remembering_starts = calloc(1, sizeof *remembering_starts);
}

static enum subject_start_status remembering_start(const struct subject_config *config, void **instance, char *reason) {
	(*remembering_starts)++;
	return ledger_start(config, instance, reason);
}

const struct aftershock_subject *aftershock_subject(void) {
	static const struct aftershock_subject subject = {.interface_version = SUBJECT_INTERFACE_VERSION,
	                                                  .name = "remembering",
	                                                  .start = remembering_start,
	                                                  .step = ledger_step,
	                                                  .observe = ledger_observe,
	                                                  .stop = ledger_stop,
	                                                  .takes = SUBJECT_TAKES_UPDATES};
	return &subject;
}
