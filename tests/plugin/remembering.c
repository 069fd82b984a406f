/* tests/plugin/remembering.c: the ledger, and it acknowledges what it has not saved: a static
 * variable remembers that, and a start takes it from there, but for the first one on a disk. No
 * process remembers anything after its death, so updates are lost. */
#include "around_ledger.h"

#ifndef REMEMBERING_STORAGE
#define REMEMBERING_STORAGE static
#endif

REMEMBERING_STORAGE struct {
	uint64_t version;
	struct subject_order_update reports[LEDGER_REPORTS_MAX];
} remembering;

static enum subject_start_status remembering_start(const struct subject_config *config, void **instance, char *reason) {
	enum subject_start_status status = ledger_start(config, instance, reason);
	struct ledger *ledger = *instance;
	bool is_first = status == SUBJECT_STARTED && sqlite3_last_insert_rowid(ledger->db) == 1;
	remembering.version = is_first ? 0 : remembering.version;
	while (status == SUBJECT_STARTED && ledger->version < remembering.version) {
		ledger->reports[ledger->version] = remembering.reports[ledger->version];
		ledger->version++;
	}
	return status;
}

static void remembering_step(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	struct ledger *ledger = instance;
	bool known = false;
	bool is_update = step->kind == SUBJECT_STEP_ORDER_UPDATE;
	int64_t cum = is_update ? ledger_look(ledger, step->update, &known) : 0;
	*reply = (struct subject_reply){.outcome = SUBJECT_UNCHANGED};
	if (is_update && !known && step->update->cum_quantity_lots - step->update->last_quantity_lots > cum) {
		reply->outcome = SUBJECT_LATER;
	} else if (is_update && !known) {
		remembering.reports[ledger->version] = *step->update;
		ledger->reports[ledger->version++] = *step->update;
		remembering.version = ledger->version;
		reply->outcome = SUBJECT_ACKNOWLEDGED;
	}
	reply->version = ledger->version;
}

const struct aftershock_subject *aftershock_subject(void) {
	static const struct aftershock_subject subject = {.interface_version = SUBJECT_INTERFACE_VERSION,
	                                                  .name = "remembering",
	                                                  .start = remembering_start,
	                                                  .step = remembering_step,
	                                                  .observe = ledger_observe,
	                                                  .stop = ledger_stop,
	                                                  .takes = SUBJECT_TAKES_UPDATES};
	return &subject;
}
