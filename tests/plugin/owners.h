/* tests/plugin/owners.h: the ledger as one of several owners of a database. The one that started
 * last is the owner; the row that its start has written says who that is. A plug-in that includes
 * this says by what an instance knows it. */
#ifndef AFTERSHOCK_TESTS_OWNERS_H
#define AFTERSHOCK_TESTS_OWNERS_H

#include "around_ledger.h"

struct owners {
	struct ledger *ledger;
	int64_t claim; /* the row of its start */
};

/* The last start, as the plug-in knows it; false when it cannot know. */
static bool owners_last(const struct owners *owners, int64_t *claim);
/* This start was successful. */
static void owners_claimed(int64_t claim);

static enum subject_start_status owners_start(const struct subject_config *config, void **instance, char *reason) {
	void *ledger = NULL;
	struct owners *owners = calloc(1, sizeof *owners);
	*instance = NULL;
	enum subject_start_status status = owners != NULL ? ledger_start(config, &ledger, reason) : SUBJECT_START_LATER;
	if (status != SUBJECT_STARTED) {
		free(owners);
		return status;
	}
	owners->ledger = ledger;
	owners->claim = sqlite3_last_insert_rowid(owners->ledger->db);
	owners_claimed(owners->claim);
	*instance = owners;
	return status;
}

static void owners_step(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	struct owners *owners = instance;
	int64_t last = 0;
	if (!owners_last(owners, &last)) {
		*reply = (struct subject_reply){.outcome = SUBJECT_LATER, .version = owners->ledger->version};
		return;
	}
	owners->ledger->stopped = owners->ledger->stopped || last != owners->claim;
	ledger_step(owners->ledger, step, reply);
}

static void owners_observe(void *instance, const struct subject_sink *sink) {
	ledger_observe(((const struct owners *)instance)->ledger, sink);
}

static void owners_stop(void *instance) {
	struct owners *owners = instance;
	ledger_stop(owners->ledger);
	free(owners);
}

const struct aftershock_subject *aftershock_subject(void) {
	static const struct aftershock_subject subject = {.interface_version = SUBJECT_INTERFACE_VERSION,
	                                                  .name = "owners",
	                                                  .start = owners_start,
	                                                  .step = owners_step,
	                                                  .observe = owners_observe,
	                                                  .stop = owners_stop,
	                                                  .takes = SUBJECT_TAKES_UPDATES | SUBJECT_TAKES_OWNERS};
	return &subject;
}

#endif
