/* tests/plugin/clumsy.c: the ledger with a mistake that its file's name says: a copy of it that is
 * called clumsy-1.so makes the first one, and so on. Each is a violation in plain words, and never
 * an assertion of the test bed. */
/* NOLINTNEXTLINE(cert-dcl37-c,bugprone-reserved-identifier,readability-identifier-naming) */
#define _GNU_SOURCE
#include "around_ledger.h"

#include <dlfcn.h>
#include <limits.h>

static long clumsy_mistake(void) {
	static const char here = 0;
	Dl_info info;
	if (dladdr(&here, &info) == 0) {
		return 0;
	}
	const char *dash = strrchr(info.dli_fname, '-');
	return dash != NULL ? strtol(dash + 1, NULL, 10) : 0;
}

static void clumsy_forget(void **instance) {
	if (*instance != NULL) {
		ledger_stop(*instance);
	}
	*instance = NULL;
}

static enum subject_start_status clumsy_start(const struct subject_config *config, void **instance, char *reason) {
	static sqlite3 *left;
	enum subject_start_status status = ledger_start(config, instance, reason);
	switch (clumsy_mistake()) {
	case 1: /* a connection that nobody closes */
		sqlite3_open_v2(config->path, &left, SQLITE_OPEN_READWRITE, config->vfs_name);
		sqlite3_exec(left, "SELECT count(*) FROM life", NULL, NULL, NULL);
		break;
	case 2: /* a reason without an end */
		clumsy_forget(instance);
		memset(reason, 'x', SUBJECT_REASON_SIZE);
		return SUBJECT_START_LATER;
	case 3: /* no status at all */
		clumsy_forget(instance);
		return (enum subject_start_status)77;
	case 4: /* started, and there is nothing */
		clumsy_forget(instance);
		return SUBJECT_STARTED;
	case 14: /* not started, and there is something */
		return SUBJECT_START_LATER;
	default:
		break;
	}
	return status;
}

static void clumsy_step(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	ledger_step(instance, step, reply);
	switch (clumsy_mistake()) {
	case 5: /* an outcome that there is not */
		reply->outcome = (enum subject_outcome)77;
		break;
	case 6: /* another reason without an end */
		memset(reply->reason, 'x', SUBJECT_REASON_SIZE);
		break;
	case 7: /* held, though it was acknowledged */
		reply->held = true;
		break;
	case 8: /* everything is later, and held */
		reply->outcome = SUBJECT_LATER;
		reply->held = true;
		break;
	case 9: /* a version from nowhere */
		reply->version = UINT64_MAX;
		break;
	default:
		break;
	}
}

static void clumsy_observe(void *instance, const struct subject_sink *sink) {
	struct subject_head head = {.version = ((const struct ledger *)instance)->version};
	struct subject_order order = {0};
	struct subject_position position = {0};
	ledger_observe(instance, sink);
	memset(order.order_id, 'O', sizeof order.order_id);
	memset(position.symbol, 'S', sizeof position.symbol);
	switch (clumsy_mistake()) {
	case 10: /* a halt that there is not */
		head.halt = (enum subject_halt)77;
		sink->head(sink->context, &head);
		break;
	case 11: /* a name without an end */
		sink->order(sink->context, &order);
		sink->position(sink->context, &position);
		break;
	case 12: /* more than there can be */
		for (uint64_t i = 0; i < 100000; i++) {
			const struct subject_execution execution = {.version = i, .exec_id = "E1", .symbol = "S0"};
			sink->execution(sink->context, &execution);
		}
		break;
	case 13: /* an order of a status that there is not */
		memcpy(order.order_id, "O0", 3);
		memcpy(order.symbol, "S0", 3);
		order.status = (enum subject_order_status)77;
		order.side = (enum subject_side)77;
		sink->order(sink->context, &order);
		break;
	default:
		break;
	}
}

const struct aftershock_subject *aftershock_subject(void) {
	static const struct aftershock_subject subject = {.interface_version = SUBJECT_INTERFACE_VERSION,
	                                                  .name = "clumsy",
	                                                  .start = clumsy_start,
	                                                  .step = clumsy_step,
	                                                  .observe = clumsy_observe,
	                                                  .stop = ledger_stop,
	                                                  .takes = SUBJECT_TAKES_UPDATES};
	return &subject;
}
