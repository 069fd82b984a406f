/* tests/plugin/registering.c: the ledger, and while it runs a VFS of its own is registered. No
 * other process can go on beside it, for SQLite's list leads through its static data. A copy of it
 * that is called registering-kept.so leaves the VFS there: then it would outlive its process. */
/* NOLINTNEXTLINE(cert-dcl37-c,bugprone-reserved-identifier,readability-identifier-naming) */
#define _GNU_SOURCE
#include "around_ledger.h"

#include <dlfcn.h>

static sqlite3_vfs registering_vfs;

static bool registering_keeps(void) {
	static const char here = 0;
	Dl_info info;
	return dladdr(&here, &info) != 0 && strstr(info.dli_fname, "-kept") != NULL;
}

static enum subject_start_status registering_start(const struct subject_config *config, void **instance, char *reason) {
	enum subject_start_status status = ledger_start(config, instance, reason);
	if (status == SUBJECT_STARTED) {
		registering_vfs = *sqlite3_vfs_find(NULL);
		registering_vfs.pNext = NULL;
		registering_vfs.zName = "registering";
		sqlite3_vfs_register(&registering_vfs, 0);
	}
	return status;
}

static void registering_stop(void *instance) {
	ledger_stop(instance);
	if (!registering_keeps()) {
		sqlite3_vfs_unregister(&registering_vfs);
	}
}

const struct aftershock_subject *aftershock_subject(void) {
	static const struct aftershock_subject subject = {.interface_version = SUBJECT_INTERFACE_VERSION,
	                                                  .name = "registering",
	                                                  .start = registering_start,
	                                                  .step = ledger_step,
	                                                  .observe = ledger_observe,
	                                                  .stop = registering_stop,
	                                                  .takes = SUBJECT_TAKES_UPDATES | SUBJECT_TAKES_OWNERS};
	return &subject;
}
