/* tests/plugin/version_3.c: built before a subject could say what it takes: its structure ends with
 * two flags. */
#include "broken.h"

struct version_3 {
	uint32_t interface_version;
	const char *name;
	enum subject_start_status (*start)(const struct subject_config *, void **, char *);
	void (*step)(void *, const struct subject_step *, struct subject_reply *);
	void (*observe)(void *, const struct subject_sink *);
	void (*stop)(void *);
	bool runs_sql;
	bool asks_permission;
};

static void version_3_step(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	(void)instance;
	(void)step;
	*reply = (struct subject_reply){.outcome = SUBJECT_LATER};
}

const struct aftershock_subject *aftershock_subject(void) {
	static const struct version_3 subject = {.interface_version = 3,
	                                         .name = "version_3",
	                                         .start = broken_start,
	                                         .step = version_3_step,
	                                         .observe = broken_observe,
	                                         .stop = broken_stop,
	                                         .asks_permission = true};
	return (const void *)&subject;
}
