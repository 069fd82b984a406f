/* tests/plugin/promising.c: the ledger, which promises to show whole ledger rows and does not. */
#include "around_ledger.h"

const struct aftershock_subject *aftershock_subject(void) {
	static const struct aftershock_subject subject = {.interface_version = SUBJECT_INTERFACE_VERSION,
	                                                  .name = "promising",
	                                                  .start = ledger_start,
	                                                  .step = ledger_step,
	                                                  .observe = ledger_observe,
	                                                  .stop = ledger_stop,
	                                                  .takes = SUBJECT_TAKES_UPDATES | SUBJECT_TAKES_LEDGER};
	return &subject;
}
